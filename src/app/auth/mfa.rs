//! The second factor: a sign-in with one method opens a session that another method completes.

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::auth::account::{Account, options_of};
use crate::app::records::{self, RecordInput};
use crate::base::error::{Error, Result};
use crate::base::time;
use crate::ctx::{AuthRecord, Ctx};
use crate::record;
use crate::schema::{Entry, MFAS};
use crate::sql::Sql;

/// How someone proved to hold an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Factor<'a> {
    /// `password`, `otp` or `oauth2`.
    pub(super) method: &'static str,
    /// The session of a first factor that this one completes; `""` for none.
    pub(super) mfa_id: &'a str,
}

/// What a first or second factor leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The sign-in is complete.
    Complete,
    /// Another method has to follow within this session.
    Session(String),
}

/// Decides whether a successful sign-in with one factor is enough. A session is used up by the factor that completes
/// it; of several in parallel one succeeds.
pub(super) async fn check(
    app: &App,
    ctx: &Ctx,
    account: &Account,
    factor: Factor<'_>,
) -> Result<Verdict> {
    let Factor { method, mfa_id } = factor;
    let (entry, record) = (&account.entry, &account.record);
    let options = options_of(entry)?;
    if !options.mfa.enabled || !is_required(app, ctx, entry, &options.mfa.rule, &record.id).await? {
        return Ok(Verdict::Complete);
    }
    if mfa_id.is_empty() {
        return open_session(app, record, method)
            .await
            .map(Verdict::Session);
    }
    let session = find_session(app, mfa_id)?;
    let ends_ms = options.mfa.duration.saturating_mul(1000);
    let gone = || Error::bad_request("Invalid or expired MFA session.");
    let session = session.ok_or_else(gone)?;
    if session.created_ms.saturating_add(ends_ms) <= ctx.now.unix_ms() {
        // Somebody else may have removed it already.
        drop(records::delete(app, &Ctx::system(), MFAS, mfa_id).await);
        return Err(gone());
    }
    if session.record != record.id || session.collection != record.collection_id {
        return Err(Error::bad_request("Invalid MFA session."));
    }
    if session.method == method {
        return Err(Error::bad_request(
            "A different authentication method is required.",
        ));
    }
    records::delete(app, &Ctx::system(), MFAS, mfa_id)
        .await
        .map_err(|error| match error {
            Error::NotFound(_) => gone(),
            other => other,
        })?;
    Ok(Verdict::Complete)
}

/// A rule that cannot be evaluated asks for the second factor.
async fn is_required(app: &App, ctx: &Ctx, entry: &Entry, rule: &str, id: &str) -> Result<bool> {
    if rule.trim().is_empty() {
        return Ok(true);
    }
    let (ctx, entry_id, rule, id) = (
        ctx.clone(),
        entry.id.clone(),
        rule.to_owned(),
        id.to_owned(),
    );
    app.read_pooled(move |reader, snapshot| {
        let entry = snapshot
            .collection_by_id(&entry_id)
            .ok_or(Error::NotFound(None))?;
        let answer = record::asked(reader, snapshot, &ctx, entry, &rule, &id)?;
        Ok(answer.unwrap_or(true))
    })
    .await
}

async fn open_session(app: &App, record: &AuthRecord, method: &'static str) -> Result<String> {
    let mut data = Map::new();
    for (name, value) in [
        ("collectionRef", record.collection_id.as_str()),
        ("recordRef", record.id.as_str()),
        ("method", method),
    ] {
        data.insert(name.to_owned(), value.into());
    }
    let input = RecordInput {
        data,
        uploads: Vec::new(),
    };
    let body = records::create(app, &Ctx::system(), MFAS, input).await?;
    let session: Json =
        serde_json::from_slice(&body).map_err(|_| Error::internal("a session that is not JSON"))?;
    Ok(session["id"].as_str().unwrap_or_default().to_owned())
}

struct Session {
    collection: String,
    record: String,
    method: String,
    created_ms: i64,
}

fn find_session(app: &App, id: &str) -> Result<Option<Session>> {
    let mut sql: Sql =
        Sql::from_text("SELECT collectionRef, recordRef, method, created FROM _mfas WHERE id = ");
    sql.bind(id);
    app.read(|reader, _| {
        Ok(reader.first(&sql, |row| Session {
            collection: row.text(0).to_owned(),
            record: row.text(1).to_owned(),
            method: row.text(2).to_owned(),
            created_ms: time::parse(row.text(3)).map_or(0, time::Timestamp::unix_ms),
        })?)
    })
}
