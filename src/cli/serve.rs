//! `stead serve`: open the data, listen, say where, and stop in order.

use std::cell::Cell;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use axum::Router;
use futures_util::future::join_all;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsAcceptor;

use crate::api::{self, Cors, Edge};
use crate::app::{App, Config, installer, jobs, metrics, orphans, replica, schema_plan, settings};
use crate::base::turns::{self, Back};
use crate::cli::args::{Serve, Shared};
use crate::cli::console::{self, Failure};
use crate::cli::open;
use crate::cli::signals::Signals;
use crate::cli::tls::Tls;
use crate::ctx::Ctx;
use crate::engine::held;
use crate::events::{Event, Kind};
use crate::hooks::{self, Hooks};
use crate::logs::Forward;
use crate::server::tls as certificates;
use crate::server::{self, Site, Stop};

const DEFAULT_ADDRESS: &str = "127.0.0.1:8090";

pub(super) fn run(shared: &Shared, options: Serve, events: &Forward) -> Result<(), Failure> {
    server::allow_many_files();
    turns::take_turns();
    let runtime = runtime()?;
    let result = runtime.block_on(serve(shared, options, events));
    // Whatever still runs was given its time.
    runtime.shutdown_background();
    result
}

/// The threads that answer requests: one more than processors, because a thread that reads from the disk waits. All further
/// threads of the runtime do what takes long, and step back for them.
fn runtime() -> Result<Runtime, Failure> {
    let workers = thread::available_parallelism().map_or(1, usize::from) + 1;
    let started = AtomicUsize::new(0);
    Builder::new_multi_thread()
        .enable_all()
        .thread_name("stead")
        .worker_threads(workers)
        .on_thread_start(move || {
            // The workers are started first, with the runtime.
            if started.fetch_add(1, Relaxed) >= workers {
                turns::step_back(Back::Slow);
            }
        })
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
    metrics::start_clock();
    let kept_replica = options.replica()?;
    let tls = Tls::of(&options, &config.dir)?;
    let site = Site {
        origins: options.origins,
        public_dir: shared.public_dir(),
        index_fallback: shared.index_fallback,
        #[cfg(feature = "ui")]
        ui: Some(crate::ui::mount),
        #[cfg(not(feature = "ui"))]
        ui: None,
    };
    let requested = match &tls {
        Some(tls) => &tls.https,
        None => options.http.as_deref().unwrap_or(DEFAULT_ADDRESS),
    };
    let (socket, address) = listening(requested).await?;
    let base_url = base_url(address, tls.as_ref());
    let plain = match tls.as_ref().and_then(|tls| tls.http.as_ref()) {
        Some(address) => Some(listening(address).await?),
        None => None,
    };
    let (plain, plain_at) = plain.unzip();
    let mut signals = Signals::new()
        .map_err(|error| Failure::new(format!("cannot listen to signals: {error}")))?;
    let kept = Cell::new(Some(Sockets {
        site: socket,
        plain,
    }));
    let metrics_socket = match &options.metrics {
        Some(address) => Some(listening(address).await?),
        None => None,
    };
    let (metrics_socket, metrics_at) = metrics_socket.unzip();
    if let Some(tls) = &tls {
        tls.start();
    }
    if let Some(endpoint) = options.otlp.as_deref().filter(|text| !text.is_empty()) {
        api::traces::start(endpoint);
    }
    let mut is_first = true;
    loop {
        let opening = async {
            let (app, held) = open::open(&config).await?;
            events.to(app.logs());
            if let Some(variable) = shared.missing_key() {
                tracing::warn!(
                    variable,
                    "the settings are stored in clear: the variable that should have their key is not set"
                );
            }
            if let Err(error) = settings::encrypt_stored(&app).await {
                tracing::warn!(%error, "the settings that were stored before there was a key stay in clear");
            }
            schema_plan::recover(&app).await;
            migrate(&app, shared).await?;
            Ok((app, held))
        };
        let Some(opened) = signals.during(opening).await else {
            return Ok(());
        };
        let (app, held) = opened?;
        if signals.is_asked {
            app.close().await;
            return Ok(());
        }
        if let Some((place, options)) = kept_replica.clone() {
            replica::start(&app, place, options);
        }
        let Some(hooks) = signals.during(start_hooks(&app, shared)).await else {
            return Ok(());
        };
        let run = look_after_files(&app);
        if is_first && !signals.is_asked {
            let more = [
                ("Redirects", plain_at, ""),
                ("Metrics", metrics_at, "/metrics"),
            ];
            announce(&app, &base_url, more).await?;
            is_first = false;
        }
        let Some(sockets) = kept.take() else {
            return Ok(());
        };
        let mut sites = sockets.sites(server::edge(&app, &site), tls.as_ref())?;
        kept.set(Some(sockets));
        if let Some(socket) = &metrics_socket {
            sites.push((again(socket)?, api::metrics::edge(&app), None));
        }
        let is_in_order = round(&app, &hooks, sites, &mut signals, &kept).await;
        events.hold();
        if let Some(run) = run.filter(|_| is_in_order) {
            orphans::end(&app, run);
        }
        drop(held);
        let Some(sockets) = kept.take() else {
            return Ok(());
        };
        // Clients that connect meanwhile wait in the system's queue.
        kept.set(Some(sockets));
        tracing::info!("opening the data directory anew after a restore");
    }
}

/// What is answered on a socket.
type Served = (TcpListener, Edge, Option<TlsAcceptor>);

/// What clients connect to. The sockets stay open while the data directory is opened anew.
struct Sockets {
    site: StdListener,
    /// Where requests are only sent on to the encrypted address.
    plain: Option<StdListener>,
}

impl Sockets {
    fn sites(&self, edge: Edge, tls: Option<&Tls>) -> Result<Vec<Served>, Failure> {
        let Some(tls) = tls else {
            return Ok(vec![(again(&self.site)?, edge, None)]);
        };
        let port = self.site.local_addr();
        let port = port.map_err(|error| cannot_listen(&error))?.port();
        let edge = edge.with_divert(certificates::to_bare_name(tls.names.clone()));
        let mut sites = vec![(again(&self.site)?, edge, Some(tls.acceptor.clone()))];
        if let Some(plain) = &self.plain {
            let held = Arc::clone(&tls.certificates);
            let divert = certificates::to_https(tls.names.clone(), held, port);
            let edge = Edge::new(Router::new(), Cors::new(&[])).with_divert(divert);
            sites.push((again(plain)?, edge, None));
        }
        Ok(sites)
    }
}

/// A socket and where it is.
async fn listening(requested: &str) -> Result<(StdListener, SocketAddr), Failure> {
    let listener = server::bind(requested)
        .await
        .map_err(|error| Failure::new(error.to_string()))?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::new(format!("cannot listen on {requested}: {error}")))?;
    let socket = listener.into_std().map_err(|error| cannot_listen(&error))?;
    Ok((socket, address))
}

/// The address people open.
fn base_url(address: SocketAddr, tls: Option<&Tls>) -> String {
    let Some(tls) = tls else {
        return format!("http://{}", shown(address));
    };
    match (tls.names.own.first(), address.port()) {
        (Some(name), 443) => format!("https://{name}"),
        (Some(name), port) => format!("https://{name}:{port}"),
        (None, _) => format!("https://{}", shown(address)),
    }
}

/// Applies what is pending; nothing is served before.
async fn migrate(app: &App, shared: &Shared) -> Result<(), Failure> {
    let applied = hooks::migrations::up(app, &shared.migrations_dir()).await;
    match applied {
        Ok(files) => {
            for file in files {
                tracing::info!(file, "migration applied");
            }
            Ok(())
        }
        Err(error) => {
            app.close().await;
            Err(Failure::new(error.to_string()))
        }
    }
}

/// Loads the scripts and tells them that the server starts.
async fn start_hooks(app: &App, shared: &Shared) -> Hooks {
    let (hooks, problems) = Hooks::start(
        app,
        hooks::Options {
            folder: shared.hooks_dir(),
            watch: shared.hooks_watch,
            editable: shared.dev || shared.hooks_edit,
            dev: shared.dev,
            public: shared.public_dir(),
            variables: shared.hooks_env.clone(),
        },
    );
    for problem in problems {
        console::err(&format!("script error: {problem}"));
    }
    for kind in [Kind::Bootstrap, Kind::Serve] {
        app.events().tell(Event::new(kind, &Ctx::system())).await;
    }
    hooks
}

/// Serves until the process is to end or data was restored, then closes everything. The kept socket goes when the process
/// is to end, so that nobody connects any more. Says whether all came to its end.
async fn round(
    app: &App,
    hooks: &Hooks,
    sites: Vec<Served>,
    signals: &mut Signals,
    kept: &Cell<Option<Sockets>>,
) -> bool {
    let stop = Stop::default();
    let orderly = async {
        // Streams have no end of their own, so stopping has to end them.
        let end_streams = async {
            stop.triggered().await;
            app.realtime().close();
            hooks.end_streams();
        };
        let sites = sites
            .into_iter()
            .map(|(listener, edge, tls)| server::serve(listener, edge, tls, &stop));
        tokio::join!(join_all(sites), end_streams);
        app.events()
            .tell(Event::new(Kind::Terminate, &Ctx::system()))
            .await;
        hooks.stop();
        app.close().await;
    };
    let asked_twice = async {
        tokio::select! {
            () = signals.next() => drop(kept.take()),
            () = open::restored(&app.config().dir) => {}
        }
        stop.trigger();
        signals.next().await;
        drop(kept.take());
    };
    tokio::select! {
        () = orderly => true,
        () = asked_twice => false,
        () = jobs::run(app) => false,
    }
}

/// Another handle to a socket, for one opening of the data directory.
fn again(socket: &StdListener) -> Result<TcpListener, Failure> {
    socket
        .try_clone()
        .and_then(TcpListener::from_std)
        .map_err(|error| cannot_listen(&error))
}

fn cannot_listen(error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot go on listening: {error}"))
}

/// Begins to remove files that an interrupted run left without a record.
fn look_after_files(app: &App) -> Option<orphans::Run> {
    match orphans::begin(app) {
        Ok(run) => {
            let app = app.clone();
            drop(tokio::spawn(async move { orphans::sweep(&app, run).await }));
            Some(run)
        }
        Err(error) => {
            tracing::warn!(%error, "left-over files will not be looked for");
            None
        }
    }
}

/// Prints where the server is, and how to get in when there is no superuser yet.
async fn announce(
    app: &App,
    base_url: &str,
    more: [(&str, Option<SocketAddr>, &str); 2],
) -> Result<(), Failure> {
    let moment = console::moment();
    console::out(&format!(
        "{moment} Server started at {base_url}\n\
         ├─ REST API:  {base_url}/api/\n\
         └─ Dashboard: {base_url}/_/"
    ));
    for (what, address, path) in more {
        if let Some(address) = address {
            console::out(&format!("{what}: http://{}{path}", shown(address)));
        }
    }
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
