//! Which account a service's user stands for: the linked one, the caller's own, the one with the proven address, or a
//! new one. Finding, changing and linking it are one transaction.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::app::auth::account::Account;
use crate::app::auth::change;
use crate::app::auth::oauth2::sign_up::{self, Arrival};
use crate::app::records::{self, Prepared, RecordInput, StoredFiles};
use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::engine::{Reader, Tx};
use crate::events::Transaction;
use crate::query::Snapshot;
use crate::record::{self, Input};
use crate::schema::{EXTERNAL_AUTHS, Entry};
use crate::sql::Sql;

const FAILED: &str = "Failed to authenticate.";

/// How often a sign-in starts over when the account changed while it was prepared.
const TRIES: usize = 3;

/// The account of an arrival.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) id: String,
    pub(super) is_new: bool,
}

/// What is slow and had to be done before the transaction.
#[derive(Default)]
struct Ready {
    /// A new record, if none was there.
    new: Option<Input>,
    /// A password nobody knows, if the account is one that somebody else may have made.
    password: Option<Input>,
}

/// Finds or makes the account and links it. What was begun is ended even if nobody waits for it any more.
pub(super) async fn settle(app: &App, ctx: &Ctx, arrival: &Arc<Arrival>) -> Result<Settled> {
    let (app, ctx, arrival) = (app.clone(), ctx.clone(), Arc::clone(arrival));
    records::to_the_end(async move {
        for _ in 0..TRIES {
            if let Some(settled) = try_settle(&app, &ctx, &arrival).await? {
                return Ok(settled);
            }
        }
        Err(Error::bad_request(FAILED))
    })
    .await
}

async fn try_settle(app: &App, ctx: &Ctx, arrival: &Arc<Arrival>) -> Result<Option<Settled>> {
    let found = app.read(|reader, _| locate(reader, ctx, arrival))?;
    let mut ready = Ready::default();
    let mut files = StoredFiles::default();
    match &found {
        None => {
            let prepared = sign_up::prepare(app, ctx, arrival).await?;
            ready.new = Some(prepared.input);
            files = prepared.stored;
        }
        Some(account) if is_untrusted(ctx, account) => {
            ready.password = Some(random_password(app, &arrival.entry, account).await?);
        }
        Some(_) => {}
    }
    let result = if records::is_watched(app, &arrival.entry) {
        settle_watched(app, ctx, arrival, ready).await
    } else {
        let (job, ctx, shared) = (app.clone(), ctx.clone(), Arc::clone(arrival));
        app.engine()
            .write(move |tx| settle_in(tx, &job.snapshot(), &ctx, &shared, ready))
            .await
    };
    match result {
        Ok(Some(settled)) if settled.is_new => {
            files.keep();
            Ok(Some(settled))
        }
        other => {
            files.remove(app).await;
            other
        }
    }
}

/// The same where handlers have a say in new records.
async fn settle_watched(
    app: &App,
    ctx: &Ctx,
    arrival: &Arc<Arrival>,
    ready: Ready,
) -> Result<Option<Settled>> {
    let (app, ctx, arrival) = (app.clone(), ctx.clone(), Arc::clone(arrival));
    let events = app.clone();
    events
        .events()
        .host(async move {
            records::in_transaction(&app, async |inside, transaction| {
                settle_within(inside, transaction, &ctx, &arrival, ready).await
            })
            .await
        })
        .await
}

async fn settle_within(
    app: &App,
    transaction: &Transaction,
    ctx: &Ctx,
    arrival: &Arc<Arrival>,
    mut ready: Ready,
) -> Result<Option<Settled>> {
    let (own, shared) = (ctx.clone(), Arc::clone(arrival));
    let found = transaction.run(move |tx| locate(tx, &own, &shared)).await?;
    let new = ready.new.take().filter(|_| found.is_none());
    let (job, own, shared) = (app.clone(), ctx.clone(), Arc::clone(arrival));
    let Some(input) = new else {
        return transaction
            .run(move |tx| settle_in(tx, &job.snapshot(), &own, &shared, ready))
            .await;
    };
    let create = sign_up::context(ctx);
    let id = records::create_within(app, &create, &arrival.entry, input).await?;
    transaction
        .run(move |tx| {
            let snapshot = job.snapshot();
            verify_new(tx, &snapshot, &shared.entry, &shared, &id)?;
            link(tx, &snapshot, &shared, &id)?;
            Ok(Some(Settled { id, is_new: true }))
        })
        .await
}

/// Whether somebody else may have made this account with the user's address, to take it over once the user comes.
fn is_untrusted(ctx: &Ctx, account: &Account) -> bool {
    !account.record.verified && !is_own(ctx, account)
}

fn is_own(ctx: &Ctx, account: &Account) -> bool {
    ctx.auth().is_some_and(|auth| {
        auth.id == account.record.id && auth.collection_id == account.record.collection_id
    })
}

/// The account a user stands for, if there is one.
pub(super) fn locate(reader: &Reader, ctx: &Ctx, arrival: &Arrival) -> Result<Option<Account>> {
    let (entry, user) = (&arrival.entry, &arrival.user);
    let mut sql: Sql =
        Sql::from_text("SELECT recordRef FROM _externalAuths WHERE collectionRef = ");
    sql.bind(entry.id.as_str()).text(" AND provider = ");
    sql.bind(arrival.provider).text(" AND providerId = ");
    sql.bind(user.id.as_str());
    if let Some(id) = reader.first(&sql, |row| row.text(0).to_owned())?
        && let Some(account) = Account::by_id(reader, entry, &id)?
    {
        return Ok(Some(account));
    }
    if let Some(auth) = ctx.auth()
        && auth.collection_id == entry.id
        && let Some(account) = Account::by_id(reader, entry, &auth.id)?
    {
        return Ok(Some(account));
    }
    if user.email.is_empty() {
        return Ok(None);
    }
    Account::by_identity(reader, entry, "email", &user.email)
}

/// `None` when the account is not as it was when the work was prepared.
fn settle_in(
    tx: &Tx,
    snapshot: &Snapshot,
    ctx: &Ctx,
    arrival: &Arrival,
    ready: Ready,
) -> Result<Option<Settled>> {
    let entry = snapshot
        .collection_by_id(&arrival.entry.id)
        .ok_or_else(|| Error::bad_request(FAILED))?;
    let settled = match (locate(tx, ctx, arrival)?, ready.new) {
        (Some(account), _) => {
            if is_untrusted(ctx, &account) && ready.password.is_none() {
                return Ok(None);
            }
            let password = ready.password.filter(|_| is_untrusted(ctx, &account));
            adopt(tx, snapshot, entry, arrival, &account, password)?;
            Settled {
                id: account.record.id,
                is_new: false,
            }
        }
        (None, Some(input)) => {
            let written = record::create(tx, snapshot, &sign_up::context(ctx), entry, &input)?;
            let id = written.record_id;
            verify_new(tx, snapshot, entry, arrival, &id)?;
            Settled { id, is_new: true }
        }
        (None, None) => return Ok(None),
    };
    link(tx, snapshot, arrival, &settled.id)?;
    Ok(Some(settled))
}

/// Takes an existing account over for the user: whoever made it unproven loses every way into it.
fn adopt(
    tx: &Tx,
    snapshot: &Snapshot,
    entry: &Arc<Entry>,
    arrival: &Arrival,
    account: &Account,
    password: Option<Input>,
) -> Result<()> {
    let record = &account.record;
    let mut input = password.unwrap_or_default();
    if !record.verified {
        unlink_all(tx, snapshot, entry, &record.id)?;
    }
    let mut email = record.email.as_str();
    if email.is_empty() && !arrival.user.email.is_empty() {
        email = &arrival.user.email;
        input.data.insert("email".to_owned(), email.into());
    }
    if !record.verified && email == arrival.user.email {
        input.data.insert("verified".to_owned(), true.into());
    }
    if input.data.is_empty() {
        return Ok(());
    }
    change(tx, snapshot, entry, &record.id, &input)
}

/// A new record is verified when it has the address the service vouches for.
fn verify_new(
    tx: &Tx,
    snapshot: &Snapshot,
    entry: &Arc<Entry>,
    arrival: &Arrival,
    id: &str,
) -> Result<()> {
    let account = Account::by_id(tx, entry, id)?;
    let is_proven = account.is_some_and(|account| {
        !account.record.verified && account.record.email == arrival.user.email
    });
    if !is_proven {
        return Ok(());
    }
    let mut input = Input::default();
    input.data.insert("verified".to_owned(), true.into());
    change(tx, snapshot, entry, id, &input)
}

fn change(tx: &Tx, snapshot: &Snapshot, entry: &Arc<Entry>, id: &str, input: &Input) -> Result<()> {
    record::update(tx, snapshot, &Ctx::system(), entry, id, input)
        .map(|_| ())
        .map_err(failed)
}

fn unlink_all(tx: &Tx, snapshot: &Snapshot, entry: &Entry, id: &str) -> Result<()> {
    let links = links(snapshot)?;
    let mut sql: Sql = Sql::from_text("SELECT id FROM _externalAuths WHERE collectionRef = ");
    sql.bind(entry.id.as_str())
        .text(" AND recordRef = ")
        .bind(id);
    let mut ids = Vec::new();
    tx.query::<Error>(sql.as_str(), sql.binds(), |row| {
        ids.push(row.text(0).to_owned());
        Ok(())
    })?;
    for id in ids {
        record::delete(tx, snapshot, &Ctx::system(), links, &id)?;
    }
    Ok(())
}

/// Remembers which user of the service the account belongs to.
fn link(tx: &Tx, snapshot: &Snapshot, arrival: &Arrival, id: &str) -> Result<()> {
    let mut sql: Sql = Sql::from_text("SELECT 1 FROM _externalAuths WHERE collectionRef = ");
    sql.bind(arrival.entry.id.as_str()).text(" AND provider = ");
    sql.bind(arrival.provider).text(" AND providerId = ");
    sql.bind(arrival.user.id.as_str())
        .text(" AND recordRef = ")
        .bind(id);
    if tx.first(&sql, |_| ())?.is_some() {
        return Ok(());
    }
    let Json::Object(data) = json!({
        "collectionRef": arrival.entry.id,
        "recordRef": id,
        "provider": arrival.provider,
        "providerId": arrival.user.id,
    }) else {
        return Err(Error::internal("an object that is none"));
    };
    let links = links(snapshot)?;
    let input = Input {
        reserved_id: record::reserve_id(links, &data),
        data,
        ..Input::default()
    };
    record::create(tx, snapshot, &Ctx::system(), links, &input)
        .map(|_| ())
        .map_err(failed)
}

fn links(snapshot: &Snapshot) -> Result<&Arc<Entry>> {
    snapshot
        .collection_by_name(EXTERNAL_AUTHS)
        .ok_or_else(|| Error::internal("a collection of links that is gone"))
}

/// The issues of a change stay, its sentence is the sign-in's.
fn failed(error: Error) -> Error {
    match error.into_told() {
        Error::Invalid { issues, .. } => Error::invalid(FAILED, *issues),
        Error::BadRequest(_) => Error::bad_request(FAILED),
        other => other,
    }
}

async fn random_password(app: &App, entry: &Arc<Entry>, account: &Account) -> Result<Input> {
    let mut data = Map::new();
    change::put_random_password(&mut data);
    let submitted = RecordInput {
        data,
        uploads: Vec::new(),
    };
    let id = Some(account.record.id.as_str());
    let Prepared { input, stored } =
        records::prepare(app, &Ctx::system(), entry, id, submitted).await?;
    stored.keep();
    Ok(input)
}
