//! Events about requests of the auth endpoints, fired around what the requests are about.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::app::App;
use crate::app::auth::account::Account;
use crate::base::error::Result;
use crate::ctx::Ctx;
use crate::events::{Event, Kind, Members};
use crate::record::{self, SharedRecord};
use crate::schema::Entry;

/// What an event is about.
#[derive(Clone, Debug)]
pub(super) struct About {
    pub(super) kind: Kind,
    pub(super) entry: Arc<Entry>,
    /// The record, if there is one.
    pub(super) id: Option<String>,
    pub(super) members: Vec<(&'static str, Json)>,
}

impl About {
    /// About an account.
    pub(super) fn account(kind: Kind, account: &Account) -> Self {
        Self {
            kind,
            entry: Arc::clone(&account.entry),
            id: Some(account.record.id.clone()),
            members: Vec::new(),
        }
    }

    /// About a collection, and an account of it if there is one.
    pub(super) fn maybe(kind: Kind, entry: &Arc<Entry>, account: Option<&Account>) -> Self {
        Self {
            kind,
            entry: Arc::clone(entry),
            id: account.map(|account| account.record.id.clone()),
            members: Vec::new(),
        }
    }

    /// With a member.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Json>) -> Self {
        self.members.push((name, value.into()));
        self
    }
}

/// What handlers left for the action.
#[derive(Clone, Debug, Default)]
pub(super) struct Left {
    /// Empty when nobody listens.
    pub(super) members: Members,
    /// What handlers hold, with what they decided about how it is shown.
    pub(super) record: Option<SharedRecord>,
}

impl Left {
    /// A text that handlers may have replaced.
    pub(super) fn text(&self, name: &str, otherwise: String) -> String {
        match self.members.get(name) {
            Json::String(text) => text,
            _ => otherwise,
        }
    }
}

/// Fires an event around an action, or just does it when nobody listens.
pub(super) async fn around<T, F>(
    app: &App,
    ctx: &Ctx,
    about: About,
    action: impl FnOnce(Left) -> F,
) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    if !app.events().wants(about.kind, Some(&about.entry)) {
        return Box::pin(action(Left::default())).await;
    }
    let mut event = Event::new(about.kind, ctx).of(&about.entry);
    for (name, value) in about.members {
        event.members.set(name, value);
    }
    if let Some(id) = about.id {
        let wanted = Arc::clone(&about.entry);
        let record = app
            .look(move |reader, _| record::load_record(reader, &wanted, &id))
            .await?;
        event.record = record.map(SharedRecord::new);
    }
    let left = Left {
        members: event.members.clone(),
        record: event.record.clone(),
    };
    app.events().around(event, action(left)).await
}
