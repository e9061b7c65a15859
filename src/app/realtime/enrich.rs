//! What handlers have to say about records and messages of streams.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};

use crate::app::{App, records};
use crate::base::error::Result;
use crate::ctx::Ctx;
use crate::events::{Event, Kind};
use crate::realtime::{Client, Filter, Shaper, Shown};
use crate::record::Rows;
use crate::schema::Entry;

/// Asks handlers how a record is shown to subscribers. For threads that may wait.
#[derive(Debug)]
pub(super) struct Enricher<'a>(&'a App);

impl<'a> Enricher<'a> {
    pub(super) const fn new(app: &'a App) -> Self {
        Self(app)
    }
}

impl Shaper for Enricher<'_> {
    fn wants(&self, entry: &Entry) -> bool {
        self.0.events().wants(Kind::RecordEnrich, Some(entry))
    }

    fn shape(&self, ctx: &Ctx, rows: Rows) -> Result<Rows> {
        let asking = records::enriched(self.0, ctx, rows, &[]);
        tokio::runtime::Handle::current().block_on(asking)
    }
}

/// Shows messages to handlers before they go out.
#[derive(Debug)]
pub(super) struct Messages {
    pub(super) app: App,
    pub(super) ctx: Ctx,
}

impl Filter for Messages {
    fn is_on(&self) -> bool {
        self.app.events().wants(Kind::RealtimeMessageSend, None)
    }

    fn pass(&self, client: &Arc<Client>, message: Shown) -> BoxFuture<'static, Option<Shown>> {
        let data = String::from_utf8_lossy(message.data()).into_owned();
        let value = serde_json::from_str(&data).unwrap_or(Json::String(data));
        let event = Event::new(Kind::RealtimeMessageSend, &self.ctx);
        event.members.set("client", shown(&self.app, client));
        event
            .members
            .set("message", json!({ "name": message.name(), "data": value }));
        let (app, members) = (self.app.clone(), event.members.clone());
        Box::pin(async move {
            // An error is a handler's way to keep a message back.
            if let Err(error) = app.events().around(event, async { Ok(()) }).await {
                tracing::debug!(%error, "a message of a stream is kept back");
                return None;
            }
            let left = members.get("message");
            Some(match left.get("data") {
                Some(data) if *data != value => match data {
                    Json::String(text) => message.with_data(text),
                    data => message.with_data(&data.to_string()),
                },
                _ => message,
            })
        })
    }
}

/// A stream as handlers see it.
pub(super) fn shown(app: &App, client: &Client) -> Json {
    json!({
        "id": client.id(),
        "subscriptions": app.realtime().subscriptions(client.id()),
        "auth": app.realtime().auth_of(client.id()),
        "ip": client.ip().map(|ip| ip.to_string()),
    })
}
