//! Asking handlers about requests of the auth endpoints, before what they are about is done.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::app::App;
use crate::app::auth::account::Account;
use crate::base::error::Result;
use crate::ctx::Ctx;
use crate::events::{Event, Kind, Members};
use crate::record::{self, SharedRecord};
use crate::schema::Entry;

/// Fires an event about an account, if anybody listens. An error is a handler's veto.
pub(super) async fn ask(
    app: &App,
    ctx: &Ctx,
    kind: Kind,
    account: &Account,
    members: &[(&str, Json)],
) -> Result<Members> {
    let id = account.record.id.clone();
    ask_about(app, ctx, kind, &account.entry, Some(id), members).await
}

/// The same where there may be no account.
pub(super) async fn ask_about(
    app: &App,
    ctx: &Ctx,
    kind: Kind,
    entry: &Arc<Entry>,
    id: Option<String>,
    members: &[(&str, Json)],
) -> Result<Members> {
    let shared = Members::default();
    if !app.events().wants(kind, Some(entry)) {
        return Ok(shared);
    }
    for (name, value) in members {
        shared.set(name, value.clone());
    }
    let mut event = Event::new(kind, ctx).of(entry).with(&shared);
    if let Some(id) = id {
        let wanted = Arc::clone(entry);
        let record = app
            .look(move |reader, _| record::load_record(reader, &wanted, &id))
            .await?;
        event.record = record.map(SharedRecord::new);
    }
    app.events().around(event, async { Ok(()) }).await?;
    Ok(shared)
}
