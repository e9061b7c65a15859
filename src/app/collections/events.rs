//! Changes of collections that somebody listens to: request, create/update/delete, validate and execute events around
//! each other, and what became of it once it is certain.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::base::error::Result;
use crate::ctx::Ctx;
use crate::events::{Event, Kind, KindSet, Members};
use crate::schema::Entry;

/// The kinds a change fires.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kinds {
    request: Kind,
    around: Kind,
    execute: Kind,
    success: Kind,
    error: Kind,
    has_validation: bool,
}

pub(super) const CREATE: Kinds = Kinds {
    request: Kind::CollectionCreateRequest,
    around: Kind::CollectionCreate,
    execute: Kind::CollectionCreateExecute,
    success: Kind::CollectionAfterCreateSuccess,
    error: Kind::CollectionAfterCreateError,
    has_validation: true,
};

pub(super) const UPDATE: Kinds = Kinds {
    request: Kind::CollectionUpdateRequest,
    around: Kind::CollectionUpdate,
    execute: Kind::CollectionUpdateExecute,
    success: Kind::CollectionAfterUpdateSuccess,
    error: Kind::CollectionAfterUpdateError,
    has_validation: true,
};

pub(super) const DELETE: Kinds = Kinds {
    request: Kind::CollectionDeleteRequest,
    around: Kind::CollectionDelete,
    execute: Kind::CollectionDeleteExecute,
    success: Kind::CollectionAfterDeleteSuccess,
    error: Kind::CollectionAfterDeleteError,
    has_validation: false,
};

impl Kinds {
    const fn all(self) -> KindSet {
        let mut all = KindSet::of(&[
            self.request,
            self.around,
            self.execute,
            self.success,
            self.error,
        ]);
        if self.has_validation {
            all.insert(Kind::CollectionValidate);
        }
        all
    }
}

/// Says whether anybody listens to a change.
pub(super) fn listens(app: &App, kinds: Kinds, entry: Option<&Entry>) -> bool {
    app.events().wants_some(kinds.all(), entry)
}

/// What does the change with the definition that handlers left.
pub(super) type Run =
    Box<dyn FnOnce(App, Ctx, Map<String, Json>) -> BoxFuture<'static, Result<Vec<u8>>> + Send>;

/// Runs a change step by step. `definition` is what was submitted, or for a delete what there is.
pub(super) async fn change(
    app: &App,
    ctx: &Ctx,
    kinds: Kinds,
    entry: Option<Arc<Entry>>,
    definition: Map<String, Json>,
    run: Run,
) -> Result<Vec<u8>> {
    let members = Members::default();
    members.set("collection", Json::Object(definition));
    let firing = Firing {
        app: app.clone(),
        ctx: ctx.clone(),
        entry,
        members,
    };
    app.events()
        .host(async move {
            // Scripts' own changes are no requests.
            if firing.ctx.auth().is_none() && firing.ctx.is_superuser() {
                return firing.model(kinds, run).await;
            }
            let (event, events) = (firing.event(kinds.request), firing.app.clone());
            events
                .events()
                .around(event, async move { firing.model(kinds, run).await })
                .await
        })
        .await
}

#[derive(Clone)]
struct Firing {
    app: App,
    ctx: Ctx,
    entry: Option<Arc<Entry>>,
    members: Members,
}

impl Firing {
    fn event(&self, kind: Kind) -> Event {
        let mut event = Event::new(kind, &self.ctx).with(&self.members);
        event.collection.clone_from(&self.entry);
        event
    }

    async fn model(&self, kinds: Kinds, run: Run) -> Result<Vec<u8>> {
        let inner = self.clone();
        let around = self.event(kinds.around);
        let result = self
            .app
            .events()
            .around(around, async move {
                if kinds.has_validation {
                    let validate = inner.event(Kind::CollectionValidate);
                    inner
                        .app
                        .events()
                        .around(validate, async { Ok(()) })
                        .await?;
                }
                let execute = inner.event(kinds.execute);
                let app = inner.app.clone();
                app.events()
                    .around(execute, async move {
                        let definition = match inner.members.get("collection") {
                            Json::Object(definition) => definition,
                            _ => Map::new(),
                        };
                        run(inner.app.clone(), inner.ctx.clone(), definition).await
                    })
                    .await
            })
            .await;
        match &result {
            Ok(_) => self.app.events().tell(self.event(kinds.success)).await,
            Err(error) => {
                self.members.set("error", error.to_wire().to_json());
                self.app.events().tell(self.event(kinds.error)).await;
            }
        }
        result
    }
}
