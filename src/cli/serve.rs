//! `stead serve`: open the data, listen, say where, and stop in order.

use std::net::SocketAddr;
use std::thread;

use tokio::runtime::{Builder, Runtime};

use crate::app::{App, installer};
use crate::cli::args::{Serve, Shared};
use crate::cli::console::{self, Failure};
use crate::engine::held;
use crate::server::{self, Site, Stop};

const DEFAULT_ADDRESS: &str = "127.0.0.1:8090";

pub(super) fn run(shared: &Shared, options: Serve) -> Result<(), Failure> {
    if options.https.is_some() || !options.domains.is_empty() {
        return Err(Failure::new(
            "TLS is not supported yet: start with --http alone and put a TLS proxy in front",
        ));
    }
    let runtime = runtime()?;
    let result = runtime.block_on(serve(shared, options));
    // Whatever still runs was given its time.
    runtime.shutdown_background();
    result
}

/// The threads that answer requests: one more than processors, because a thread that reads from the disk waits.
fn runtime() -> Result<Runtime, Failure> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread()
        .enable_all()
        .thread_name("stead")
        .worker_threads(processors + 1)
        .on_thread_park(held::rest)
        .on_thread_stop(held::rest)
        .build()
        .map_err(|error| Failure::new(format!("cannot start threads: {error}")))
}

async fn serve(shared: &Shared, options: Serve) -> Result<(), Failure> {
    let config = shared.config()?;
    let site = Site {
        origins: options.origins,
        public_dir: shared.public_dir(),
        index_fallback: shared.index_fallback,
        #[cfg(feature = "ui")]
        ui: Some(crate::ui::mount),
        #[cfg(not(feature = "ui"))]
        ui: None,
    };
    let requested = options.http.as_deref().unwrap_or(DEFAULT_ADDRESS);
    let listener = server::bind(requested)
        .await
        .map_err(|error| Failure::new(error.to_string()))?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::new(format!("cannot listen on {requested}: {error}")))?;
    let app = App::open(config)
        .await
        .map_err(|error| Failure::new(error.to_string()))?;
    let base_url = format!("http://{}", shown(address));
    let mut signals = Signals::new()
        .map_err(|error| Failure::new(format!("cannot listen to signals: {error}")))?;
    announce(&app, &base_url).await?;

    let stop = Stop::default();
    let edge = server::edge(&app, &site);
    let orderly = async {
        server::serve(listener, edge, &stop).await;
        app.close().await;
    };
    let asked_twice = async {
        signals.next().await;
        stop.trigger();
        signals.next().await;
    };
    tokio::select! {
        () = orderly => {}
        () = asked_twice => {}
    }
    Ok(())
}

/// Prints where the server is, and how to get in when there is no superuser yet.
async fn announce(app: &App, base_url: &str) -> Result<(), Failure> {
    let moment = console::moment();
    console::out(&format!(
        "{moment} Server started at {base_url}\n\
         ├─ REST API:  {base_url}/api/\n\
         └─ Dashboard: {base_url}/_/"
    ));
    let link = installer::link(app, base_url)
        .await
        .map_err(|error| Failure::of("failed to prepare the first sign-in", &error))?;
    if let Some(link) = link {
        console::out(&format!(
            "\nCreate the first superuser in a browser:\n{link}\n\n\
             or on the command line:\nstead superuser upsert EMAIL PASSWORD"
        ));
    }
    Ok(())
}

/// An address people can open: one that means all interfaces is shown as this machine.
fn shown(address: SocketAddr) -> String {
    if address.ip().is_unspecified() && address.is_ipv6() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}

/// Requests to end the process. All that arrive after this was made are seen.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Requests to end the process.
#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn shown_addresses_can_be_opened() {
        for (address, expect) in [
            ("127.0.0.1:8090", "127.0.0.1:8090"),
            ("[::]:8090", "localhost:8090"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(shown(address.parse().unwrap()), expect);
        }
    }
}
