//! The change log as pages, for clients that keep a copy of what they may see.

use std::sync::Arc;

use serde_json::json;

use crate::app::App;
use crate::app::realtime::enrich::Enricher;
use crate::app::realtime::history;
use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::engine::Reader;
use crate::query::Snapshot;
use crate::realtime::{Audience, Compiled, Deliverer};

/// Changes of the log that one page looks at unless the client asks for less.
const DEFAULT_LIMIT: u32 = 200;
const MAX_LIMIT: u32 = 1000;

/// Length from which on a page is full, in bytes.
const MAX_BYTES: usize = 16 << 20;

/// What is asked for.
#[derive(Clone, Debug)]
struct Question {
    /// The last change the client has seen; nothing to learn where the log ends.
    since: Option<i64>,
    limit: u32,
    /// Ids and names; empty for all.
    collections: Vec<String>,
}

impl Question {
    fn read(ctx: &Ctx) -> Result<Self> {
        let param = |name: &str| ctx.request.query_param(name).unwrap_or_default().trim();
        let number = |name: &str| -> Result<Option<i64>> {
            match param(name) {
                "" => Ok(None),
                text => text.parse().map(Some).map_err(|_| {
                    Error::bad_request(format!("The parameter {name} must be a whole number."))
                }),
            }
        };
        let limit = number("limit")?.map_or(DEFAULT_LIMIT, |limit| {
            u32::try_from(limit.clamp(1, MAX_LIMIT.into())).unwrap_or(MAX_LIMIT)
        });
        let collections = param("collections").split(',').map(str::trim);
        Ok(Self {
            since: number("since")?,
            limit,
            collections: collections
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }
}

/// A page of what happened after a change, as far as the caller may know: the same that a subscription would have got.
pub async fn list(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let question = Question::read(ctx)?;
    let (principal, request) = (ctx.principal.clone(), Arc::clone(&ctx.request));
    let own = app.clone();
    app.read_pooled(move |reader, snapshot| {
        let audience = Audience::of(
            principal.clone(),
            request.query.clone(),
            request.headers.clone(),
        );
        page(&own, reader, snapshot, &audience, &question)
    })
    .await
}

fn page(
    app: &App,
    reader: &Reader,
    snapshot: &Snapshot,
    audience: &Audience,
    question: &Question,
) -> Result<Vec<u8>> {
    let (oldest, newest) = reader.change_range()?;
    let empty = |resync: bool| {
        let page = json!({"items": [], "seq": newest, "hasMore": false, "resync": resync});
        Ok(page.to_string().into_bytes())
    };
    let Some(since) = question.since else {
        return empty(false);
    };
    if since > newest || since < oldest - 1 {
        return empty(true);
    }
    let changes = reader.changes_since(since, question.limit)?;
    let told = history::events(reader, snapshot, &changes)?;
    let mut last = told.last.unwrap_or(since);
    let mut compiled = Compiled::default();
    let shaper = Enricher::new(app);
    let mut deliverer = Deliverer {
        reader,
        before: None,
        snapshot,
        now: Timestamp::now(),
        compiled: &mut compiled,
        shaper: Some(&shaper),
    };
    let mut body = b"{\"items\":[".to_vec();
    let mut separator = "";
    for event in told.events {
        if body.len() >= MAX_BYTES {
            last = event.seq - 1;
            break;
        }
        let entry = &event.entry;
        let mut names = question.collections.iter();
        let is_wanted = question.collections.is_empty()
            || names.any(|name| *name == entry.name || *name == entry.id);
        if !is_wanted {
            continue;
        }
        if let Some(record) = deliverer.look(audience, &event)? {
            let (seq, action) = (event.seq, event.action.as_str());
            let head = format!("{separator}{{\"seq\":{seq},\"action\":\"{action}\",\"record\":");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(&record);
            body.push(b'}');
            separator = ",";
        }
    }
    let tail = format!(
        "],\"seq\":{last},\"hasMore\":{},\"resync\":false}}",
        last < newest
    );
    body.extend_from_slice(tail.as_bytes());
    Ok(body)
}
