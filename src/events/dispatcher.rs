//! Where operations ask whether anybody listens, and hand over what they are about to do.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json};

use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::events::event::Event;
use crate::events::kind::{Kind, KindSet};
use crate::events::request::{HttpRequest, Reply};
use crate::schema::Entry;

/// What an event is fired around: the thing itself, done at most once.
pub type Action = BoxFuture<'static, Result<()>>;

/// Who is asked about events. Handlers may take their time, but never on the calling thread if that serves others too.
pub trait Listener: Send + Sync + fmt::Debug {
    /// The kinds somebody listens to, in a collection or anywhere.
    fn kinds(&self, collection: Option<&Entry>) -> KindSet;

    /// The kinds somebody listens to in any collection at all.
    fn all_kinds(&self) -> KindSet;

    /// Runs the handlers of an event around an action. An action that is not done was vetoed, and the error says why.
    fn run(&self, event: Event, action: Action) -> BoxFuture<'static, Result<()>>;

    /// Runs work where handlers run, so that many events in it need not go there one by one.
    fn host(&self, work: BoxFuture<'static, ()>) -> BoxFuture<'static, Result<()>>;

    /// Says whether [`Self::route`] may find a route. Asked at every request, so it takes no time to speak of.
    fn may_answer(&self, method: &str, path: &str) -> bool;

    /// Values of the placeholders if a handler answers requests of this method and path.
    fn route(&self, method: &str, path: &str) -> Option<Route>;

    /// Learns that the settings are others now. For a thread that must not wait.
    fn configured(&self);

    /// What is loaded, for administrators.
    fn overview(&self) -> Json;

    /// Reads or changes what is loaded.
    fn edit(&self, edit: Edit) -> BoxFuture<'static, Result<Json>>;

    /// Says whether handlers want to see every request.
    fn has_middleware(&self) -> bool;

    /// Answers a request of a route.
    fn answer(
        &self,
        route: Route,
        ctx: Ctx,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<Reply>>;

    /// Shows a request to the middleware; headers come back that every answer gets.
    fn before(
        &self,
        ctx: Ctx,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<Vec<(String, String)>>>;
}

/// What an administrator does with a script.
#[derive(Clone, Debug)]
pub enum Edit {
    Read {
        path: String,
    },
    /// Says what is wrong with a text, without keeping it.
    Check {
        path: String,
        text: String,
    },
    Write {
        path: String,
        save: Save,
    },
    /// The texts of a script that are kept, or the one of a number.
    Revisions {
        path: String,
        number: Option<String>,
    },
    Delete {
        path: String,
    },
    /// Loads all scripts again and says what is wrong with them.
    Reload,
    /// Everything that scripts can call and listen to, for editors.
    Symbols,
    /// Tries an event or a route with a changed script, and undoes what it did.
    Try {
        members: Map<String, Json>,
    },
}

/// A text that is to be a script.
#[derive(Clone, Debug)]
pub struct Save {
    pub text: String,
    /// Stands for what was there when the text was begun; nothing is written over what somebody else saved since.
    pub etag: Option<String>,
    /// A text that does not load is kept beside the script instead of refused.
    pub may_wait: bool,
}

/// A route of a handler that fits a request.
#[derive(Clone, Debug)]
pub struct Route {
    /// Which of the routes it is; of use to the listener alone.
    pub index: usize,
    pub params: Vec<(String, String)>,
    /// How large the body may be.
    pub body_limit: Option<usize>,
    /// Requests that are served are logged.
    pub is_logged: bool,
    /// Keeps what `index` means while the listener changes.
    pub set: Arc<dyn std::any::Any + Send + Sync>,
}

/// The one place where events are fired.
#[derive(Debug, Default)]
pub struct Dispatcher {
    listener: ArcSwapOption<Registered>,
}

#[derive(Debug)]
struct Registered(Arc<dyn Listener>);

impl Dispatcher {
    /// Makes a listener the one that is asked, or nobody.
    pub fn register(&self, listener: Option<Arc<dyn Listener>>) {
        self.listener
            .store(listener.map(|listener| Arc::new(Registered(listener))));
    }

    /// The listener, if there is one.
    pub fn listener(&self) -> Option<Arc<dyn Listener>> {
        self.listener
            .load()
            .as_ref()
            .map(|registered| Arc::clone(&registered.0))
    }

    /// Says whether there is a listener at all.
    pub fn is_heard(&self) -> bool {
        self.listener.load().is_some()
    }

    /// Says whether anybody looks at, or may answer, a request.
    pub fn wants_request(&self, method: &str, path: &str) -> bool {
        self.listener.load().as_ref().is_some_and(|registered| {
            registered.0.has_middleware() || registered.0.may_answer(method, path)
        })
    }

    /// Says whether anybody listens to any of the kinds in a collection.
    pub fn wants_any(&self, kinds: KindSet, collection: &Entry) -> bool {
        self.listener
            .load()
            .as_ref()
            .is_some_and(|registered| registered.0.kinds(Some(collection)).meets(kinds))
    }

    /// Says whether anybody listens to a kind of event in any collection at all.
    pub fn wants_somewhere(&self, kind: Kind) -> bool {
        self.listener
            .load()
            .as_ref()
            .is_some_and(|registered| registered.0.all_kinds().contains(kind))
    }

    /// To how many of the kinds somebody listens in a collection.
    pub fn n_wanted(&self, kinds: KindSet, collection: &Entry) -> u32 {
        self.listener.load().as_ref().map_or(0, |registered| {
            registered.0.kinds(Some(collection)).n_common(kinds)
        })
    }

    /// Says whether anybody listens to any of the kinds, in a collection or anywhere.
    pub fn wants_some(&self, kinds: KindSet, collection: Option<&Entry>) -> bool {
        self.listener
            .load()
            .as_ref()
            .is_some_and(|registered| registered.0.kinds(collection).meets(kinds))
    }

    /// Says whether anybody listens to a kind of event.
    pub fn wants(&self, kind: Kind, collection: Option<&Entry>) -> bool {
        self.listener
            .load()
            .as_ref()
            .is_some_and(|registered| registered.0.kinds(collection).contains(kind))
    }

    /// Fires an event around what it is about and returns what that gave.
    pub fn around<T: Send + 'static>(
        &self,
        event: Event,
        action: impl Future<Output = Result<T>> + Send + 'static,
    ) -> BoxFuture<'static, Result<T>> {
        let listener = self.listener().filter(|listener| {
            listener
                .kinds(event.collection.as_deref())
                .contains(event.kind)
        });
        // Boxed here, so that operations within operations do not add up to futures of many kilobytes.
        let action: BoxFuture<'static, Result<T>> = Box::pin(action);
        match listener {
            Some(listener) => Box::pin(handled(listener, event, action)),
            None => action,
        }
    }

    /// Tells handlers of something that happened; their errors are logged and change nothing.
    pub async fn tell(&self, event: Event) {
        let kind = event.kind;
        if let Err(error) = self.around(event, async { Ok(()) }).await {
            tracing::error!(event = kind.name(), %error, "a handler failed after the fact");
        }
    }

    /// Does work with many events in it where handlers run.
    pub fn host<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> BoxFuture<'static, Result<T>> {
        let work: BoxFuture<'static, Result<T>> = Box::pin(work);
        let Some(listener) = self.listener() else {
            return work;
        };
        Box::pin(async move {
            let outcome = Arc::new(Mutex::new(None));
            let keep = Arc::clone(&outcome);
            let work = Box::pin(async move {
                let result = work.await;
                *keep.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            });
            listener.host(work).await?;
            let result = outcome
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            result.unwrap_or_else(|| Err(Error::internal("work among handlers was lost")))
        })
    }
}

async fn handled<T: Send + 'static>(
    listener: Arc<dyn Listener>,
    event: Event,
    action: BoxFuture<'static, Result<T>>,
) -> Result<T> {
    let kind = event.kind;
    let outcome = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&outcome);
    let action = Box::pin(async move {
        let (result, told) = match action.await {
            Ok(value) => (Ok(value), Ok(())),
            Err(error) => {
                let told = error.retold();
                (Err(error), Err(told))
            }
        };
        *keep.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        told
    });
    let handled = listener.run(event, action).await;
    let outcome = outcome
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match (handled, outcome) {
        // A handler that lets the action's own error through does not change it.
        (Err(told), Some(Err(error))) => Err(if told.is_retold(&error) { error } else { told }),
        (Err(error), _) => Err(error),
        (Ok(()), Some(result)) => result,
        (Ok(()), None) => Err(Error::bad_request(format!(
            "A handler of {} ended without doing what it is about.",
            kind.name()
        ))),
    }
}
