//! `stead serve`: open the data, listen, say where, and stop in order.

use std::net::SocketAddr;
use std::thread;

use tokio::runtime::{Builder, Runtime};

use crate::app::{App, Config, installer, jobs, orphans};
use crate::cli::args::{Serve, Shared};
use crate::cli::console::{self, Failure};
use crate::ctx::Ctx;
use crate::engine::held;
use crate::events::{Event, Kind};
use crate::hooks::{self, Hooks};
use crate::logs::Forward;
use crate::server::{self, Site, Stop};

const DEFAULT_ADDRESS: &str = "127.0.0.1:8090";

pub(super) fn run(shared: &Shared, options: Serve, events: &Forward) -> Result<(), Failure> {
    if options.https.is_some() || !options.domains.is_empty() {
        return Err(Failure::new(
            "TLS is not supported yet: start with --http alone and put a TLS proxy in front",
        ));
    }
    let runtime = runtime()?;
    let result = runtime.block_on(serve(shared, options, events));
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

async fn serve(shared: &Shared, options: Serve, events: &Forward) -> Result<(), Failure> {
    let config = Config {
        realtime: options.realtime(),
        ..shared.config()?
    };
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
    events.to(app.logs());
    let base_url = format!("http://{}", shown(address));
    let mut signals = Signals::new()
        .map_err(|error| Failure::new(format!("cannot listen to signals: {error}")))?;
    let (hooks, problems) = Hooks::start(
        &app,
        hooks::Options {
            folder: shared.hooks_dir(),
            watch: shared.hooks_watch,
            editable: shared.dev || shared.hooks_edit,
        },
    );
    for problem in problems {
        console::err(&format!("script error: {problem}"));
    }
    for kind in [Kind::Bootstrap, Kind::Serve] {
        app.events().tell(Event::new(kind, &Ctx::system())).await;
    }
    look_after_files(&app);
    announce(&app, &base_url).await?;

    let stop = Stop::default();
    let edge = server::edge(&app, &site);
    let orderly = async {
        // Streams have no end of their own, so stopping has to end them.
        let end_streams = async {
            stop.triggered().await;
            app.realtime().close();
        };
        tokio::join!(server::serve(listener, edge, &stop), end_streams);
        app.events()
            .tell(Event::new(Kind::Terminate, &Ctx::system()))
            .await;
        hooks.stop();
        app.close().await;
        orphans::end(&app);
    };
    let asked_twice = async {
        signals.next().await;
        stop.trigger();
        signals.next().await;
    };
    tokio::select! {
        () = orderly => {}
        () = asked_twice => {}
        () = jobs::run(&app) => {}
    }
    Ok(())
}

/// Begins to remove files that an interrupted run left without a record.
fn look_after_files(app: &App) {
    match orphans::begin(app) {
        Ok(Some(since)) => {
            let app = app.clone();
            drop(tokio::spawn(
                async move { orphans::sweep(&app, since).await },
            ));
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "left-over files will not be looked for"),
    }
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
