//! `stead serve`: open the data, listen, say where, and stop in order.

use std::cell::Cell;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};

use crate::api;
use crate::app::leftovers;
use crate::app::orphans::{self, Run};
use crate::app::{App, Config, installer, jobs, metrics, replica, schema_plan, settings};
use crate::backup::remove_abandoned;
use crate::base::turns::{self, Back};
use crate::cli::console::{self, Failure};
use crate::cli::open;
use crate::cli::presence::Presence;
use crate::cli::restore::ReplicaKeys;
use crate::cli::shared::Shared;
use crate::cli::signals::Signals;
use crate::cli::sockets::{Served, Sockets, again, base_url, listening, shown};
use crate::cli::tls::{Addresses, Tls};
use crate::cli::work;
use crate::ctx::Ctx;
use crate::engine::held;
use crate::events::{Event, Kind};
use crate::hooks::{self, Hooks};
use crate::logs::Forward;
use crate::realtime::Limits;
use crate::replica::{Options as ReplicaOptions, Place};
use crate::server::{self, Site, Stop};

const DEFAULT_ADDRESS: &str = "127.0.0.1:8090";

/// How long the start waits for somebody to take what it prints.
const ANNOUNCING: Duration = Duration::from_secs(2);

/// How long after the start it is looked for what backups have left. What was left just before can be told by then.
const TIDY_AFTER: Duration = Duration::from_secs(5);

/// How long removing a few left-over files may take to come to its end.
const SWEEPING: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    pub(super) addresses: Addresses,

    /// Origins that may call from browsers, separated by commas; * and ? are wildcards.
    #[arg(
        long,
        env = "STEAD_ORIGINS",
        value_delimiter = ',',
        default_value = "*",
        value_name = "LIST"
    )]
    pub(super) origins: Vec<String>,

    /// Seconds without an event after which a realtime stream gets a comment, so that proxies keep it.
    #[arg(long, env = "STEAD_REALTIME_HEARTBEAT", default_value_t = 25, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) realtime_heartbeat: u64,

    /// Seconds without an event after which a realtime stream ends; 0 for never.
    #[arg(long, env = "STEAD_REALTIME_IDLE", default_value_t = 0, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(..=31_536_000))]
    pub(super) realtime_idle: u64,

    /// Seconds after which a realtime stream ends; 0 for never.
    #[arg(long, env = "STEAD_REALTIME_LIFETIME", default_value_t = 0, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(..=31_536_000))]
    pub(super) realtime_lifetime: u64,

    /// Memory that bodies of requests, answers that wait for their clients and thumbnails may take, each, in MiB
    /// [default: a quarter of what the system allows, 512 at most].
    #[arg(long, env = "STEAD_REQUEST_MEMORY", value_name = "MIB",
          value_parser = clap::value_parser!(u32).range(8..=65_536))]
    pub(super) request_memory: Option<u32>,

    /// Address that answers /metrics for Prometheus, to everybody who can reach it; superusers find the same at
    /// /api/stead/metrics.
    #[arg(long, env = "STEAD_METRICS", value_name = "HOST:PORT")]
    pub(super) metrics: Option<String>,

    /// Address of a collector that gets a span per request (OTLP over HTTP), such as `http://127.0.0.1:4318`.
    #[arg(long, env = "STEAD_OTLP", value_name = "URL")]
    pub(super) otlp: Option<String>,

    /// Keep a replica of the database in a folder or a bucket: a path, or
    /// `s3://BUCKET/PREFIX?region=REGION&endpoint=URL`.
    #[arg(long, env = "STEAD_REPLICA", value_name = "PLACE")]
    pub(super) replica: Option<String>,

    /// Seconds between two parts of the replica.
    #[arg(long, env = "STEAD_REPLICA_EVERY", value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(super) replica_every: Duration,

    /// Hours between two images of the whole database in the replica.
    #[arg(long, env = "STEAD_REPLICA_IMAGE_HOURS", default_value_t = 24, value_name = "HOURS",
          value_parser = clap::value_parser!(u64).range(1..=8760))]
    pub(super) replica_image_hours: u64,

    /// How many hours back the replica can go.
    #[arg(long, env = "STEAD_REPLICA_KEEP_HOURS", default_value_t = 168, value_name = "HOURS",
          value_parser = clap::value_parser!(u64).range(1..=87_600))]
    pub(super) replica_keep_hours: u64,

    #[command(flatten)]
    pub(super) replica_keys: ReplicaKeys,
}

impl Serve {
    /// How long realtime streams may stay open.
    pub(super) fn realtime(&self) -> Limits {
        let limit = |seconds| (seconds > 0).then(|| Duration::from_secs(seconds));
        Limits {
            heartbeat: Duration::from_secs(self.realtime_heartbeat),
            idle: limit(self.realtime_idle),
            lifetime: limit(self.realtime_lifetime),
        }
    }

    /// Where and how a replica is kept, if one is wanted.
    pub(super) fn replica(&self) -> Result<Option<(Place, ReplicaOptions)>, Failure> {
        let Some(text) = self.replica.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let options = ReplicaOptions {
            every: self.replica_every,
            base_every: Duration::from_hours(self.replica_image_hours),
            keep: Duration::from_hours(self.replica_keep_hours),
        };
        Ok(Some((self.replica_keys.place(text)?, options)))
    }
}

/// Reads a time span, such as `0.5`.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.01..=3600.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("not between 0.01 and 3600".to_owned())
    }
}

pub(super) fn run(shared: &Shared, options: Serve, events: &Forward) -> Result<(), Failure> {
    server::allow_many_files();
    turns::take_turns();
    let runtime = runtime()?;
    let result = runtime.block_on(serve(shared, options, events));
    // Whatever still runs was given its time.
    runtime.shutdown_background();
    result
}

/// The threads that answer requests: one more than processors, because a thread that reads from the disk waits. All
/// further threads of the runtime do what takes long, and step back for them.
fn runtime() -> Result<Runtime, Failure> {
    let workers = thread::available_parallelism().map_or(1, usize::from) + 1;
    let started = AtomicUsize::new(0);
    let mut builder = Builder::new_multi_thread();
    builder
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
        .on_thread_stop(held::rest);
    work::build(&mut builder)
}

async fn serve(shared: &Shared, options: Serve, events: &Forward) -> Result<(), Failure> {
    let mut config = Config {
        realtime: options.realtime(),
        ..shared.config()?
    };
    if let Some(mib) = options.request_memory {
        config.allow_memory(u64::from(mib) << 20);
    }
    metrics::start_clock();
    let kept_replica = options.replica()?;
    let tls = Tls::of(&options.addresses, &config.dir)?;
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
        None => options.addresses.http.as_deref().unwrap_or(DEFAULT_ADDRESS),
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
    // What opening the directory has to say is for its log, too.
    events.hold();
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
        let presence = Presence::of(&config.dir);
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
        let run = begin_run(&app);
        tidy(&config.dir);
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
            sites.push((again(socket)?, server::metrics::edge(&app), None));
        }
        let is_in_order = round(&app, &hooks, &presence, run, sites, &mut signals, &kept).await;
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

/// Removes what backups have left that were ended in the middle, when nothing waits for the disk any more.
fn tidy(dir: &Path) {
    let dir = dir.to_owned();
    drop(tokio::spawn(async move {
        sleep(TIDY_AFTER).await;
        drop(tokio::task::spawn_blocking(move || remove_abandoned(&dir)).await);
    }));
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

/// Serves until the process is to end or data was restored, then closes everything. The kept socket goes when the
/// process is to end, so that nobody connects any more. Says whether all came to its end.
async fn round(
    app: &App,
    hooks: &Hooks,
    presence: &Presence,
    run: Option<Run>,
    sites: Vec<Served>,
    signals: &mut Signals,
    kept: &Cell<Option<Sockets>>,
) -> bool {
    let stop = Stop::default();
    let mut sweeping = tokio::spawn({
        let (app, stop) = (app.clone(), stop.clone());
        async move {
            if let Some(run) = run {
                orphans::sweep(&app, run, stop.triggered()).await;
            }
            leftovers::follow(&app, stop.triggered()).await;
        }
    });
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
        // It must not remove anything from a directory that has other data in it by then.
        if timeout(SWEEPING, &mut sweeping).await.is_err() {
            sweeping.abort();
        }
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
        () = presence.watch(app) => false,
    }
}

/// Notes that the server runs, so that files that an interrupted run leaves without a record can be told.
fn begin_run(app: &App) -> Option<Run> {
    orphans::begin(app)
        .inspect_err(|error| tracing::warn!(%error, "left-over files will not be looked for"))
        .ok()
}

/// Prints where the server is, and how to get in when there is no superuser yet.
async fn announce(
    app: &App,
    base_url: &str,
    more: [(&str, Option<SocketAddr>, &str); 2],
) -> Result<(), Failure> {
    let moment = console::moment();
    let mut text = vec![format!(
        "{moment} Server started at {base_url}\n\
         ├─ REST API:  {base_url}/api/\n\
         └─ Dashboard: {base_url}/_/"
    )];
    for (what, address, path) in more {
        if let Some(address) = address {
            text.push(format!("{what}: http://{}{path}", shown(address)));
        }
    }
    let link = installer::link(app, base_url)
        .await
        .map_err(|error| Failure::of("failed to prepare the first sign-in", &error))?;
    if let Some(link) = link {
        text.push(format!(
            "\nCreate the first superuser in a browser:\n{link}\n\n\
             or on the command line:\nstead superuser upsert EMAIL PASSWORD"
        ));
    }
    // Whoever should read it may not; that keeps nobody from being served.
    let printed = tokio::task::spawn_blocking(move || console::out(&text.join("\n")));
    drop(timeout(ANNOUNCING, printed).await);
    Ok(())
}
