//! Items of a batch before the writer takes them: what they mean, and everything slow about them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value as Json};

use crate::app::answer::Shape;
use crate::app::batch::{BatchRequest, FAILED, Operation, Plan};
use crate::app::records::{self, Hints, Prepared, RecordInput, Save};
use crate::app::{App, entries, limits as app_limits};
use crate::base::error::{Error, Result};
use crate::base::secret::Secret;
use crate::ctx::{Ctx, RequestContext, RequestInfo};
use crate::files::FileKey;
use crate::limits;
use crate::query::{self, Action};
use crate::record;
use crate::schema::Entry;
use crate::sql::{Ident, Sql};

/// Items ready for the writer, and the files that were stored for them.
#[derive(Default)]
pub(super) struct Planned {
    pub(super) plans: Vec<Result<Plan>>,
    pub(super) stored: Vec<records::StoredFiles>,
}

/// Hashes of the passwords that planned items give to records, by collection and record.
type Passwords = HashMap<(String, String), Secret<String>>;

/// Does what is slow about the items. It ends with the first one that cannot succeed: nothing behind it counts.
pub(super) async fn plan_all(
    app: &App,
    ctx: &Ctx,
    requests: Vec<BatchRequest>,
    deadline: Instant,
) -> Result<Planned> {
    let (mut planned, mut passwords) = (Planned::default(), Passwords::new());
    for request in requests {
        if Instant::now() > deadline {
            for files in planned.stored {
                files.remove(app).await;
            }
            return Err(Error::bad_request(FAILED));
        }
        let is_first = planned.plans.is_empty();
        match Box::pin(plan(app, ctx, request, is_first, &mut passwords)).await {
            Ok((plan, files)) => {
                planned.stored.push(files);
                planned.plans.push(Ok(plan));
            }
            // It only counts if all before it succeed, so the error waits for its turn.
            Err(error) => {
                planned.plans.push(Err(error));
                break;
            }
        }
    }
    Ok(planned)
}

/// Prepares one item. Before the first one nothing happens that could make it succeed, so that it may be refused at
/// once.
async fn plan(
    app: &App,
    outer: &Ctx,
    request: BatchRequest,
    is_first: bool,
    passwords: &mut Passwords,
) -> Result<(Plan, records::StoredFiles)> {
    let Target {
        path,
        query,
        collection,
        id,
    } = target(&request.url).ok_or_else(unsupported)?;
    let operation = match (request.method.as_str(), id.is_empty()) {
        ("POST", true) => Operation::Create,
        ("PUT", true) => Operation::Upsert,
        ("PATCH", false) => Operation::Update,
        ("DELETE", false) => Operation::Delete,
        _ => return Err(unsupported()),
    };
    let mut headers = request.headers;
    headers.append(&outer.request.headers);
    let mut ctx = Ctx {
        principal: outer.principal.clone(),
        now: outer.now,
        request: Arc::new(RequestInfo {
            ip: outer.request.ip,
            peer: outer.request.peer,
            notes: outer.request.notes.clone(),
            url: request.url.clone(),
            context: RequestContext::Batch,
            method: request.method.into(),
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers,
            // The other operations show what they are about to store.
            body: match operation {
                Operation::Delete => request.data.clone(),
                _ => Map::new(),
            },
            is_body_of_record: false,
        }),
    };
    let shape = Shape::of(&ctx)?;
    let snapshot = app.snapshot();
    let entry = entries::writable(&snapshot, collection)?;
    count(app, &ctx, &entry, operation, path, &request.data)?;
    let body_id = request
        .data
        .get("id")
        .map(crate::base::cast::to_text)
        .unwrap_or_default();
    let action = match operation {
        Operation::Create => Some(Action::Create),
        Operation::Update => Some(Action::Update),
        Operation::Delete => Some(Action::Delete),
        Operation::Upsert => None,
    };
    if let Some(action) = action {
        query::rule_for(&ctx, &entry, action)?;
    }
    let existing = match operation {
        Operation::Update => Some(id.as_str()),
        // What cannot name a folder names no record.
        Operation::Upsert if FileKey::of(&[&body_id]).is_ok() => Some(body_id.as_str()),
        _ => None,
    };
    if operation == Operation::Upsert {
        let is_known = exists(app, &entry, &body_id)?;
        ctx = ctx.with_method(if is_known { "PATCH" } else { "POST" });
    }
    let newer = |id: &str| passwords.get(&(entry.id.clone(), id.to_owned())).cloned();
    let hints = Hints {
        asks_first: match operation {
            _ if !is_first => None,
            Operation::Update => Some(Save::Update(id.clone())),
            Operation::Upsert if ctx.request.method == "PATCH" => {
                Some(Save::Update(body_id.clone()))
            }
            Operation::Create | Operation::Upsert => Some(Save::Create),
            Operation::Delete => {
                may_delete(app, &ctx, &entry, &id).await?;
                None
            }
        },
        password_hash: existing.and_then(newer),
    };
    let input = RecordInput {
        data: request.data,
        uploads: request.uploads,
    };
    let Prepared { mut input, stored } = match operation {
        // Nothing of what comes with it is stored: no record would have the files.
        Operation::Delete => Prepared::default(),
        _ => records::prepare_with(app, &ctx, &entry, existing, input, hints).await?,
    };
    if operation == Operation::Upsert && !body_id.is_empty() {
        input.reserved_id.clone_from(&body_id);
    }
    if let Some(Some(hash)) = input.password_hashes.get("password") {
        let record = existing.unwrap_or(&input.reserved_id).to_owned();
        passwords.insert((entry.id.clone(), record), hash.clone());
    }
    let id = if operation == Operation::Upsert {
        body_id
    } else {
        id
    };
    Ok((
        Plan {
            operation,
            entry,
            id,
            ctx,
            input,
            shape,
        },
        stored,
    ))
}

/// Refuses a delete that its rule refuses or that has no record.
async fn may_delete(app: &App, ctx: &Ctx, entry: &Entry, id: &str) -> Result<()> {
    let (ctx, entry_id, id) = (ctx.clone(), entry.id.clone(), id.to_owned());
    app.look(move |reader, snapshot| {
        let entry = entries::writable_by_id(snapshot, &entry_id)?;
        record::deletable(reader, snapshot, &ctx, &entry, &id).map(drop)
    })
    .await
}

/// Counts an item like the request it stands for, apart from those that come alone.
fn count(
    app: &App,
    ctx: &Ctx,
    entry: &Entry,
    operation: Operation,
    path: &str,
    data: &Map<String, Json>,
) -> Result<()> {
    if app.limits().is_idle() {
        return Ok(());
    }
    let tag = match operation {
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
        Operation::Upsert => match data.get("id").map(crate::base::cast::to_text) {
            Some(id) if exists(app, entry, &id)? => "update",
            _ => "create",
        },
    };
    let request = limits::Request {
        principal: &ctx.principal,
        ip: ctx.request.ip,
        method: &ctx.request.method,
        path,
        action: Some(limits::Action {
            collection_id: &entry.id,
            collection_name: &entry.name,
            route: "batch",
            tags: &[tag],
        }),
    };
    app_limits::count(app, &request)
}

fn exists(app: &App, entry: &Entry, id: &str) -> Result<bool> {
    let mut sql = Sql::from_text("SELECT 1 FROM ");
    sql.ident(&Ident::new(&entry.name))
        .text(" WHERE id = ")
        .bind(id);
    app.read(|reader, _| Ok(reader.exists(&sql)?))
}

/// What the URL of an item says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target<'a> {
    path: &'a str,
    query: &'a str,
    /// As it is written, like the limits of requests see it.
    pub(super) collection: &'a str,
    /// As it is written, too; empty without one.
    id: String,
}

/// Takes `/api/collections/{collection}/records[/{id}][?query]` apart.
pub(super) fn target(url: &str) -> Option<Target<'_>> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let query = query.split('#').next().unwrap_or_default();
    if !has_whole_escapes(path) || !has_whole_escapes(query) || query.contains(';') {
        return None;
    }
    let rest = path.strip_prefix("/api/collections/")?;
    let mut parts = rest.split('/');
    let (collection, records, id) = (parts.next()?, parts.next()?, parts.next());
    if collection.is_empty() || records != "records" || id == Some("") || parts.next().is_some() {
        return None;
    }
    Some(Target {
        path,
        query,
        collection,
        id: id.unwrap_or_default().to_owned(),
    })
}

/// Says whether two digits follow every `%`.
fn has_whole_escapes(url: &str) -> bool {
    let mut pieces = url.split('%').skip(1);
    pieces.all(|piece| {
        let digits = piece.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

fn unsupported() -> Error {
    Error::BadRequest(None)
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn only_record_paths_are_targets() {
        let check = |url: &str, expect: Option<(&str, &str, &str)>| {
            let found = target(url);
            let found = found
                .as_ref()
                .map(|target| (target.collection, target.id.as_str(), target.query));
            assert_eq!(found, expect, "{url}");
        };
        check("/api/collections/a/records", Some(("a", "", "")));
        check("/api/collections/a/records/a%20b", Some(("a", "a%20b", "")));
        check("/api/collections/a/records/b#c", Some(("a", "b#c", "")));
        check("/api/collections/a/records#c", None);
        check("/api/collections/a/records#c?d=e", None);
        check(
            "/api/collections/a/records?x=%2B#y",
            Some(("a", "", "x=%2B")),
        );
        check("/api/collections/%61/records/x", Some(("%61", "x", "")));
        check("/api/collections/a/records/", None);
        check("/api/collections/a/records/x/", None);
        check("/api/collections/a/records/x/y", None);
        check("/api/collections/a/records/%zz", None);
        check("/api/collections/a/records?%zz", None);
        check("/api/collections/a/records?x=%2", None);
        check("/api/collections/a/records?x=1;y=2", None);
        check("/api/collections//records", None);
        check("/api/collections/a", None);
        check("/other", None);
    }
}
