//! What listens to the app's events on behalf of the scripts, and replaces them when their files change.

mod jobs;
mod overview;
pub(super) mod replies;

use std::sync::{Arc, OnceLock, Weak};
use std::time::Instant;

use arc_swap::ArcSwap;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::app::App;
use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::events::{Action, Edit, Event, HttpRequest, Kind, KindSet, Listener, Reply, Route};
use crate::hooks::cancel::CancelOnDrop;
use crate::hooks::event::{ScriptAnswer, ScriptEvent};
use crate::hooks::fault::Report;
use crate::hooks::frames::{Entered, Label};
use crate::hooks::handover::handover;
use crate::hooks::limits::seconds;
use crate::hooks::options::Options;
use crate::hooks::registered::Guard;
use crate::hooks::set::Set;
use crate::hooks::stream::Streams;
use crate::hooks::thread::{self, Pool};
use crate::hooks::{definitions, editing, frames, loading, routes, trial, watch};
use crate::schema::Entry;
use crate::settings::Hooks as Limits;

/// The answer when all threads are taken and too many calls wait for one.
const BUSY: Error = Error::Unavailable {
    retry_after: std::time::Duration::from_secs(1),
};

/// The scripts of an app; clones share them.
#[derive(Clone, Debug)]
pub struct Hooks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    app: App,
    options: Options,
    set: ArcSwap<Set>,
    pool: Pool,
    streams: Streams,
    errors: ArcSwap<Vec<Report>>,
    /// The limits that the scripts were loaded with.
    limits: ArcSwap<Limits>,
    /// For what outlives the scripts, such as a job's run.
    myself: OnceLock<Weak<Self>>,
}

impl Hooks {
    /// Loads the scripts and listens to the app's events. What is wrong with scripts is returned and keeps all of them
    /// from running, but not the server.
    pub fn start(app: &App, options: Options) -> (Self, Vec<String>) {
        let hooks = Self(Arc::new(Inner {
            app: app.clone(),
            options,
            set: ArcSwap::from_pointee(Set::empty()),
            pool: Pool::new(Handle::current()),
            streams: Streams::new(Handle::current()),
            errors: ArcSwap::default(),
            limits: ArcSwap::default(),
            myself: OnceLock::new(),
        }));
        frames::set_dev(hooks.0.options.dev);
        frames::set_public(&hooks.0.options.public);
        frames::set_variables(&hooks.0.options.variables);
        hooks.0.myself.get_or_init(|| Arc::downgrade(&hooks.0));
        app.events().register(Some(Arc::new(hooks.clone())));
        let is_empty = watch::is_empty(&hooks.0.options.folder);
        let problems = if is_empty { Vec::new() } else { hooks.reload() };
        if hooks.0.options.watch {
            let (folder, inner) = (hooks.0.options.folder.clone(), Arc::downgrade(&hooks.0));
            if is_empty {
                // Without scripts there are neither interpreter nor threads.
                drop(tokio::spawn(watch::wait(folder, inner.into())));
            } else {
                watch::start(folder, inner.into(), watch::Begin::Loaded);
            }
        }
        (hooks, problems)
    }

    /// Ends streams and jobs, which have no end of their own; for a server that stops.
    pub fn end_streams(&self) {
        self.0.pool.cancel_all();
    }

    /// Ends the threads once they have nothing to do.
    pub fn stop(&self) {
        self.0.pool.cancel_all();
        self.0.pool.close();
        self.0.streams.close();
    }

    /// Loads all scripts again; if any fails, those that run stay.
    pub fn reload(&self) -> Vec<String> {
        let (reply, problems) = std::sync::mpsc::channel();
        let inner = Arc::clone(&self.0);
        // Scripts need the large stack of a script thread at their top level, too.
        let job = Box::new(move || drop(reply.send(inner.reload())));
        if self.0.pool.submit(job).is_err() {
            return vec!["there are no threads for scripts".to_owned()];
        }
        problems.recv().unwrap_or_default()
    }
}

impl Inner {
    fn reload(&self) -> Vec<String> {
        let began = Instant::now();
        let limits = self.app.settings().hooks.clone();
        self.pool.configure(&limits);
        match loading::load(&self.options.folder, &limits) {
            Ok(set) => {
                tracing::info!(
                    scripts = set.scripts.len(),
                    duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
                    "scripts loaded"
                );
                self.limits.store(Arc::new(limits));
                let old = self.set.swap(Arc::new(set));
                self.schedule(&old);
                self.errors.store(Arc::default());
                Vec::new()
            }
            Err(reports) => {
                for report in &reports {
                    tracing::error!(target: "stead::script", file = report.file, line = report.line, column = report.column, "{}", report.message);
                }
                let lines = reports.iter().map(ToString::to_string).collect();
                self.errors.store(Arc::new(reports));
                lines
            }
        }
    }
}

/// Loads scripts again on behalf of the watcher; `false` when there is nobody to load them for any more.
pub(super) fn reload_weak(inner: &WeakInner) -> bool {
    let Some(inner) = inner.0.upgrade() else {
        return false;
    };
    inner.reload();
    true
}

/// A reference that does not keep the scripts alive.
#[derive(Clone, Debug)]
pub(super) struct WeakInner(Weak<Inner>);

impl WeakInner {
    /// Says whether the scripts are still in use.
    pub(super) fn is_alive(&self) -> bool {
        self.0.strong_count() > 0
    }
}

impl From<Weak<Inner>> for WeakInner {
    fn from(inner: Weak<Inner>) -> Self {
        Self(inner)
    }
}

impl Hooks {
    /// Runs work on a script thread: this one if it is one.
    fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> BoxFuture<'static, Result<T>> {
        let pool = self.0.pool.clone();
        Box::pin(async move {
            if thread::is_script_thread() {
                return Ok(work());
            }
            let (reply, result) = oneshot::channel();
            pool.submit(Box::new(move || drop(reply.send(work()))))
                .map_err(|_| BUSY)?;
            result
                .await
                .map_err(|_| Error::internal("a script call was lost"))
        })
    }

    fn request_limit(&self) -> std::time::Duration {
        seconds(self.0.limits.load().deadline)
    }

    /// The app that scripts work on: in a trial that of its transaction.
    pub(super) fn app(&self) -> App {
        trial::current().map_or_else(|| self.0.app.clone(), |trial| trial.app.clone())
    }

    /// What the operator decided.
    pub(super) fn options(&self) -> &Options {
        &self.0.options
    }

    fn app_of(&self, event: &Event) -> App {
        match &event.transaction {
            Some(transaction) => self.0.app.within(transaction),
            None => self.app(),
        }
    }

    /// Runs the handlers of an event and what it is about.
    fn handle(&self, set: &Arc<Set>, event: Event, action: Action) -> Result<()> {
        let (event, _entered) = self.enter(set, event, action)?;
        event.run_from(0)
    }

    /// Runs the handlers of an event. What it is about comes back unless one of them waited for it.
    fn begin(&self, set: &Arc<Set>, event: Event, action: Action) -> Result<Option<Action>> {
        let (event, _entered) = self.enter(set, event, action)?;
        event.run_handlers()
    }

    fn enter(
        &self,
        set: &Arc<Set>,
        event: Event,
        action: Action,
    ) -> Result<(ScriptEvent, Entered)> {
        let handlers = set.handlers_of(event.kind, event.collection.as_deref());
        let label = Label::Event(event.kind, event.collection.clone());
        let is_nested = matches!(
            event.kind,
            Kind::RecordCreate | Kind::RecordUpdate | Kind::RecordDelete
        ) || event.kind.name().contains("_after_");
        let entered = frames::enter(self.app_of(&event), self.request_limit(), label, is_nested)?;
        let event = ScriptEvent::new(event, Arc::clone(set), handlers, action);
        Ok((event, entered))
    }
}

impl Listener for Hooks {
    fn kinds(&self, collection: Option<&Entry>) -> KindSet {
        match trial::current() {
            None => self.0.set.load().kinds(collection),
            Some(trial) if trial.goes_on() => trial.set.kinds(collection),
            Some(_) => KindSet::default(),
        }
    }

    fn all_kinds(&self) -> KindSet {
        match trial::current() {
            None => self.0.set.load().all_kinds(),
            Some(trial) if trial.goes_on() => trial.set.all_kinds(),
            Some(_) => KindSet::default(),
        }
    }

    fn run(&self, event: Event, action: Action) -> BoxFuture<'static, Result<()>> {
        let (hooks, set) = (self.clone(), self.0.set.load_full());
        Box::pin(async move {
            if thread::is_script_thread() {
                let set = trial::current().map_or(set, |trial| Arc::clone(&trial.set));
                return hooks.handle(&set, event, action);
            }
            let (giver, taker) = handover();
            let pool = hooks.0.pool.clone();
            let job = Box::new(move || giver.give(hooks.begin(&set, event, action)));
            // What it is about needs no thread of scripts while it waits for the database.
            taker.wait(|| pool.submit(job).map_err(|_| BUSY)).await
        })
    }

    fn host(&self, work: BoxFuture<'static, ()>) -> BoxFuture<'static, Result<()>> {
        self.on_thread(move || thread::block_on(work))
    }

    fn may_answer(&self, method: &str, path: &str) -> bool {
        self.0.set.load().table.may_fit(method, path)
    }

    fn route(&self, method: &str, path: &str) -> Option<Route> {
        let set = self.0.set.load();
        let (index, params) = set.table.find(method, path)?;
        let route = set.routes.get(index)?;
        Some(Route {
            index,
            params,
            body_limit: routes::body_limit(&route.guards),
            is_logged: !route.guards.contains(&Guard::Unlogged),
            set: Arc::clone(&*set) as Arc<dyn std::any::Any + Send + Sync>,
        })
    }

    fn configured(&self) {
        let is_new = self.0.app.settings().hooks != **self.0.limits.load();
        if is_new && !self.0.set.load().scripts.is_empty() {
            let inner = Arc::clone(&self.0);
            let job = Box::new(move || drop(inner.reload()));
            if self.0.pool.submit(job).is_err() {
                tracing::warn!("the limits of scripts stay as they were until the next change");
            }
        }
    }

    fn overview(&self) -> Json {
        self.0.overview()
    }

    fn edit(&self, edit: Edit) -> BoxFuture<'static, Result<Json>> {
        let hooks = self.clone();
        let work = self.on_thread(move || match edit {
            Edit::Reload => {
                hooks.0.reload();
                Ok(json!({ "problems": &**hooks.0.errors.load() }))
            }
            Edit::Symbols => Ok(definitions::symbols()),
            Edit::Try { members } => trial::run(&hooks, members),
            edit => editing::edit(&hooks.0.options, edit),
        });
        Box::pin(async move { work.await? })
    }

    fn has_middleware(&self) -> bool {
        !self.0.set.load().middleware.is_empty()
    }

    fn answer(
        &self,
        route: Route,
        ctx: Ctx,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<Reply>> {
        // Perf: going to another thread and back costs more than a brief call.
        if let Some(set) = replies::brief(&route, &request) {
            let reply = self.answer_here(&set, route, &ctx, request);
            return Box::pin(std::future::ready(reply));
        }
        let hooks = self.clone();
        let cancel = self.0.pool.cancel();
        // Whoever waits may leave; then the call ends.
        let (reply, result) = oneshot::channel();
        let inner = cancel.clone();
        let job = Box::new(move || hooks.reply(route, &ctx, request, &inner, reply));
        let submitted = self.0.pool.submit(job);
        Box::pin(async move {
            submitted.map_err(|_| BUSY)?;
            let guard = CancelOnDrop::new(cancel);
            let reply: Result<Reply> = result
                .await
                .map_err(|_| Error::internal("a script call was lost"))?;
            if reply.as_ref().is_ok_and(|reply| reply.rest.is_some()) {
                // A stream ends when nobody reads it any more.
                guard.disarm();
            }
            reply
        })
    }

    fn before(
        &self,
        ctx: Ctx,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<Vec<(String, String)>>> {
        let (hooks, set) = (self.clone(), self.0.set.load_full());
        let cancel = self.0.pool.cancel();
        let guard = CancelOnDrop::new(cancel.clone());
        let work = self.on_thread(move || {
            let request = Arc::new(request);
            let mut all = Vec::new();
            for handler in &set.middleware {
                let called = hooks.call_route(&set, handler, &ctx, &request, Some(&cancel));
                let refused = match called {
                    Err(error) => error,
                    Ok((value, headers)) => {
                        all.extend(headers);
                        match value.read_lock::<ScriptAnswer>() {
                            None => continue,
                            Some(answer) => Error::Answered(Box::new(answer.0.clone())),
                        }
                    }
                };
                replies::leave(&ctx, all);
                return Err(refused);
            }
            Ok(all)
        });
        Box::pin(async move {
            let _guard = guard;
            work.await?
        })
    }
}
