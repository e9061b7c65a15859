//! What listens to the app's events on behalf of the scripts, and replaces them when their files change.

use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Instant;

use arc_swap::ArcSwap;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::app::App;
use crate::base::error::{Answer, Error, Result};
use crate::ctx::Ctx;
use crate::events::{Action, Edit, Event, HttpRequest, Kind, KindSet, Listener, Reply, Route};
use crate::hooks::call::{self, Call};
use crate::hooks::engine::seconds;
use crate::hooks::event::{ScriptAnswer, ScriptEvent};
use crate::hooks::fault::Report;
use crate::hooks::frames::{Cancel, CancelOnDrop, Entered, Label};
use crate::hooks::handover::handover;
use crate::hooks::routes::Guard;
use crate::hooks::set::{RouteHandler, Set};
use crate::hooks::stream::{ScriptStream, Streams};
use crate::hooks::thread::{self, Pool};
use crate::hooks::{definitions, files, frames, revisions, routes, stream, trial, values, watch};
use crate::schema::Entry;
use crate::settings::Hooks as Limits;

/// The answer when all threads are taken and too many calls wait for one.
const BUSY: Error = Error::Unavailable {
    retry_after: std::time::Duration::from_secs(1),
};

/// Largest body that a brief handler gets, in bytes; it may turn all of it into an answer.
const MAX_BRIEF_BODY: usize = 64 << 10;

/// What the operator decided about scripts.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of scripts; it need not exist.
    pub folder: PathBuf,
    /// Loads scripts again when a file changes.
    pub watch: bool,
    /// Lets superusers change scripts over the API.
    pub editable: bool,
    /// The server runs with `--dev`.
    pub dev: bool,
    /// The folder of static files, for `e.file`.
    pub public: PathBuf,
    /// Names of environment variables that scripts may read.
    pub variables: Vec<String>,
}

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
        match Set::load(&self.options.folder, &limits) {
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

impl Inner {
    fn overview(&self) -> Json {
        let set = self.set.load();
        let scripts: Vec<Json> = set
            .scripts
            .iter()
            .enumerate()
            .map(|(index, script)| {
                let handlers = set.handlers.iter().filter(|h| h.script == index);
                let handlers: Vec<Json> = handlers
                    .map(|h| json!({"event": h.kind.name(), "collections": h.tags, "line": h.line}))
                    .collect();
                let routes = set.routes.iter().filter(|r| r.script == index);
                let routes: Vec<Json> = routes
                    .map(|r| json!({"method": r.method, "path": r.path, "line": r.line}))
                    .collect();
                let jobs = set.jobs.iter().filter(|j| j.script == index);
                let jobs: Vec<Json> = jobs
                    .map(|j| json!({"id": j.id, "expression": j.expression, "line": j.line}))
                    .collect();
                json!({
                    "path": script.name, "handlers": handlers, "routes": routes, "crons": jobs,
                    "middleware": set.middleware.iter().filter(|m| m.script == index).count(),
                    "calls": script.counts.calls.load(Relaxed),
                    "errors": script.counts.errors.load(Relaxed),
                    "micros": script.counts.micros.load(Relaxed),
                })
            })
            .collect();
        let editing = if self.options.editable {
            json!({"allowed": true})
        } else {
            let reason =
                "Scripts can be edited here when the server runs with --dev or --hooks-edit.";
            json!({"allowed": false, "reason": reason})
        };
        json!({
            "folder": self.options.folder.display().to_string(),
            "files": files::list(&self.options.folder), "pending": revisions::pending(&self.options.folder),
            "scripts": scripts, "problems": &**self.errors.load(), "editing": editing,
        })
    }

    /// Puts the jobs of a new set in the place of the old one's.
    fn schedule(&self, old: &Set) {
        let new = self.set.load_full();
        let jobs = self.app.jobs();
        for job in &old.jobs {
            if !new.jobs.iter().any(|other| other.id == job.id) {
                jobs.remove(&job.id);
            }
        }
        let Some(myself) = self.myself.get() else {
            return;
        };
        for job in &new.jobs {
            let (myself, id) = (Weak::clone(myself), job.id.clone());
            let run: crate::cron::Job = Arc::new(move || {
                let (myself, id) = (Weak::clone(&myself), id.clone());
                Box::pin(async move {
                    match myself.upgrade() {
                        Some(inner) => Hooks(inner).run_job(&id).await,
                        None => Ok(()),
                    }
                })
            });
            if let Err(error) = jobs.add(&job.id, &job.expression, run) {
                tracing::error!(job.id, %error, "a job of a script is left out");
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

    /// Runs the handler of a route, and lets what it streams be written elsewhere.
    fn reply(
        &self,
        route: Route,
        ctx: &Ctx,
        mut request: HttpRequest,
        cancel: &Cancel,
        reply: oneshot::Sender<Result<Reply>>,
    ) {
        let (set, index) = match route.set.downcast::<Set>() {
            Ok(set) => (set, route.index),
            Err(_) => return drop(reply.send(Err(Error::NotFound(None)))),
        };
        let Some(handler) = set.routes.get(index) else {
            return drop(reply.send(Err(Error::NotFound(None))));
        };
        request.params = route.params.into_iter().collect();
        let request = Arc::new(request);
        let outcome = self.answer_route(&set, handler, ctx, &request, Some(cancel));
        match outcome {
            Err(error) => drop(reply.send(Err(error))),
            Ok((answer, None)) => drop(reply.send(Ok(Reply { answer, rest: None }))),
            Ok((answer, Some(stream))) => {
                let (writer, rest) = stream::writer();
                let (hooks, cancel) = (self.clone(), cancel.clone());
                let (script, line) = (handler.script, handler.line);
                let label = format!("the stream of {} {}", request.method, request.path);
                let started = self.0.streams.start(move || {
                    let call = Call {
                        script,
                        line,
                        event: &"a stream",
                        is_validation: false,
                    };
                    let app = hooks.0.app.clone();
                    let entered = frames::enter(app, stream::LIMIT, label.into(), false);
                    let Ok(_entered) = entered else {
                        return writer.break_off();
                    };
                    frames::cancel_with(&cancel);
                    // Failures are logged; the client is not to take what it has for all of it.
                    let outcome = call::function(&set, &call, &stream.work, (writer.clone(),));
                    if outcome.is_err() {
                        writer.break_off();
                    }
                });
                let rest = Some(rest);
                drop(reply.send(match started {
                    Ok(()) => Ok(Reply { answer, rest }),
                    Err(_) => Err(BUSY),
                }));
            }
        }
    }

    /// The answer of a route's handler, and what it goes on with when that is on its way.
    fn answer_route(
        &self,
        set: &Arc<Set>,
        handler: &RouteHandler,
        ctx: &Ctx,
        request: &Arc<HttpRequest>,
        cancel: Option<&Cancel>,
    ) -> Result<(Answer, Option<ScriptStream>)> {
        let key = || format!("{} {} {}", request.real_ip, handler.method, handler.path);
        routes::check(&handler.guards, ctx, &request.params, key)?;
        let (value, headers) = self.call_route(set, handler, ctx, request, cancel)?;
        if let Some(stream) = value.read_lock::<ScriptStream>() {
            return Ok((stream.answer.clone(), Some(stream.clone())));
        }
        let mut answer = answer_of(ctx, &value, headers)?;
        routes::pack(&handler.guards, ctx, &mut answer);
        Ok((answer, None))
    }

    /// The answer of a handler that is over at once, on this thread.
    fn answer_here(
        &self,
        set: &Arc<Set>,
        route: Route,
        ctx: &Ctx,
        mut request: HttpRequest,
    ) -> Result<Reply> {
        let handler = set.routes.get(route.index).ok_or(Error::NotFound(None))?;
        request.params = route.params.into_iter().collect();
        let request = Arc::new(request);
        match thread::guarded(|| self.answer_route(set, handler, ctx, &request, None)) {
            Some(Ok((answer, None))) => Ok(Reply { answer, rest: None }),
            Some(Ok((_, Some(_)))) => Err(Error::internal("a stream that is no stream")),
            Some(Err(error)) => Err(error),
            None => Err(Error::internal("a script call was lost")),
        }
    }

    /// Calls the handler of a route or a middleware with its event.
    pub(super) fn call_route(
        &self,
        set: &Arc<Set>,
        handler: &RouteHandler,
        ctx: &Ctx,
        request: &Arc<HttpRequest>,
        cancel: Option<&Cancel>,
    ) -> Result<(rhai::Dynamic, Vec<(String, String)>)> {
        let label = Label::Request(Arc::clone(request));
        let _entered = frames::enter(self.app(), self.request_limit(), label.clone(), false)?;
        if let Some(cancel) = cancel {
            frames::cancel_with(cancel);
        }
        let mut event = Event::new(Kind::BatchRequest, ctx);
        event.request = Some(Arc::clone(request));
        let event = ScriptEvent::new(
            event,
            Arc::clone(set),
            Vec::new(),
            Box::pin(async { Ok(()) }),
        );
        let call = Call {
            script: handler.script,
            line: handler.line,
            event: &label,
            is_validation: false,
        };
        let outcome = call::function(set, &call, &handler.function, (event.clone(),));
        let headers = event.take_headers();
        match outcome {
            Ok(value) => Ok((value, headers)),
            Err(error) => {
                leave(ctx, headers);
                Err(error)
            }
        }
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
            edit => files::edit(&hooks.0.options, edit),
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
        if let Some(set) = brief(&route, &request) {
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
                leave(&ctx, all);
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

/// The scripts of a route if its handler is over at once with this request.
fn brief(route: &Route, request: &HttpRequest) -> Option<Arc<Set>> {
    let set = Arc::clone(&route.set).downcast::<Set>().ok()?;
    let is_brief = set.routes.get(route.index)?.is_brief;
    // What a form came as is not kept, so its size is not known.
    let is_form =
        !request.uploads.is_empty() || (request.raw.is_empty() && !request.body.is_null());
    let is_small = request.raw.len() <= MAX_BRIEF_BODY && !is_form;
    (is_brief && is_small).then_some(set)
}

/// Keeps the headers that handlers set before one of them refused the request. Those that describe a body were for another.
fn leave(ctx: &Ctx, headers: Vec<(String, String)>) {
    let Some(notes) = &ctx.request.notes else {
        return;
    };
    for (name, value) in headers {
        if !name.to_ascii_lowercase().starts_with("content-") {
            notes.push_header(&name, &value);
        }
    }
}

/// What a handler's value means as an answer.
pub(super) fn answer_of(
    ctx: &Ctx,
    value: &rhai::Dynamic,
    headers: Vec<(String, String)>,
) -> Result<Answer> {
    if let Some(answer) = value.read_lock::<ScriptAnswer>() {
        return Ok(answer.0.clone());
    }
    if value.is_unit() {
        return Ok(Answer {
            status: 204,
            headers,
            body: Vec::new(),
        });
    }
    let value = values::to_json(value);
    let mut answer = Answer {
        status: 200,
        headers,
        body: crate::app::data::shaped(ctx, &value)?,
    };
    answer
        .headers
        .push(("content-type".to_owned(), "application/json".to_owned()));
    Ok(answer)
}

impl Hooks {
    /// Runs a job of this id, if there still is one.
    async fn run_job(&self, id: &str) -> Result<()> {
        let (hooks, set, id) = (self.clone(), self.0.set.load_full(), id.to_owned());
        self.on_thread(move || {
            let Some(job) = set.jobs.iter().find(|job| job.id == id) else {
                return Ok(());
            };
            let label = format!("cron {id}");
            let limit = seconds(hooks.0.limits.load().cron_deadline);
            let _entered = frames::enter(hooks.0.app.clone(), limit, label.clone().into(), false)?;
            frames::cancel_with(&hooks.0.pool.cancel());
            let call = Call {
                script: job.script,
                line: job.line,
                event: &label,
                is_validation: false,
            };
            call::function(&set, &call, &job.function, ()).map(drop)
        })
        .await?
    }
}
