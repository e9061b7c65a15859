//! One-time passwords: sent by mail, good for one sign-in within a short time.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value as Json, json};

use crate::app::answer::Shape;
use crate::app::auth::account::{Account, auth_collection, options_of};
use crate::app::auth::change;
use crate::app::auth::events::{self, About};
use crate::app::auth::forms::{Form, MAX_TEXT};
use crate::app::auth::guard;
use crate::app::auth::mails::{self, Letter};
use crate::app::auth::mfa::Factor;
use crate::app::auth::sign_in::{self, SignIn};
use crate::app::records::{self, Prepared, RecordInput};
use crate::app::{App, entries};
use crate::base::error::{Error, Result};
use crate::base::ids;
use crate::base::issues::Issues;
use crate::base::secret::Secret;
use crate::base::time::{self, Timestamp};
use crate::ctx::{Ctx, RequestContext};
use crate::engine::Reader;
use crate::events::Kind;
use crate::record::{self, Input};
use crate::schema::{AuthOptions, Entry, FieldKind, OTPS, SUPERUSERS};
use crate::sql::Sql;

/// Most one-time passwords of an account that have not ended; further requests get the latest of them.
const MAX_PENDING: usize = 10;

/// Longest one-time password a form may carry, in bytes.
const MAX_PASSWORD: i64 = 71;

fn refused() -> Error {
    Error::bad_request("Invalid or expired OTP.")
}

/// Sends a one-time password to an address and answers its id. Whether there is an account with this address makes no
/// difference, neither in the answer nor in how long it takes: the work is done behind it.
pub async fn request_otp(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    members: &Map<String, Json>,
) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let entry = accepting(app, collection)?;
    let options = options_of(&entry)?;
    let mut form = Form::new(members, Issues::new());
    let email = form.email("email");
    form.finish()?;
    let duration = options.otp.duration;
    let (account, pending) = app.read(|reader, _| {
        let account = Account::by_identity(reader, &entry, "email", email)?;
        let id = account.as_ref().map_or("", |account| &account.record.id);
        let pending = pending(reader, &entry, id, duration, ctx.now)?;
        Ok((account, pending))
    })?;
    let password = new_password(options);
    let about = About::maybe(Kind::RecordRequestOtpRequest, &entry, account.as_ref())
        .with("password", password.as_str());
    let (inner, now) = (app.clone(), ctx.now);
    events::around(app, ctx, about, move |left| async move {
        let password = left.text("password", password);
        let id = if let Some(latest) = pending {
            latest
        } else {
            let id = ids::random_string(15, ids::LOWER_ALNUM);
            if let Some(account) = account {
                send(&inner, account, id.clone(), password, now);
            }
            id
        };
        shape.apply(json!({ "otpId": id }).to_string().into_bytes())
    })
    .await
}

fn new_password(options: &AuthOptions) -> String {
    let length = usize::try_from(options.otp.length).unwrap_or_default();
    ids::random_string(length, b"0123456789")
}

/// Makes a one-time password and mails it, behind the request. One that cannot be sent is taken back.
fn send(app: &App, account: Account, id: String, password: String, now: Timestamp) {
    let (own, after, sent_id) = (app.clone(), app.clone(), id.clone());
    let prepare = async move {
        match create(&own, &account, &id, password, &account.record.email, now).await {
            Ok(Some(password)) => {
                let letter = Letter::Otp {
                    id: id.clone(),
                    password,
                };
                mails::prepare(&own, &account, &letter, now).await
            }
            Ok(None) => None,
            Err(error) => {
                tracing::error!(%error, "a one-time password could not be made");
                None
            }
        }
    };
    let finished = async move |sent: Result<(), crate::mail::Failure>| {
        if sent.is_err() {
            // It may have been used or ended meanwhile, or never been made.
            drop(records::delete(&after, &Ctx::system(), OTPS, &sent_id).await);
        }
    };
    if let Err(full) = app.mailer().enqueue(prepare, finished) {
        tracing::error!(error = %full, "a one-time password is not sent");
    }
}

/// Stores a new one-time password of an account and gives it; `None` when too many are pending by now.
async fn create(
    app: &App,
    account: &Account,
    id: &str,
    password: String,
    sent_to: &str,
    now: Timestamp,
) -> Result<Option<Secret<String>>> {
    let duration = options_of(&account.entry)?.otp.duration;
    let entry = otps(app)?;
    let mut data = Map::new();
    for (name, value) in [
        ("id", id),
        ("collectionRef", &account.entry.id),
        ("recordRef", &account.record.id),
        ("password", &password),
        ("sentTo", sent_to),
    ] {
        data.insert(name.to_owned(), value.into());
    }
    let input = RecordInput {
        data,
        uploads: Vec::new(),
    };
    let ctx = Ctx::system();
    let Prepared { input, stored } = records::prepare(app, &ctx, &entry, None, input).await?;
    stored.keep();
    let (job, owner, record) = (
        app.clone(),
        Arc::clone(&account.entry),
        account.record.id.clone(),
    );
    let created = app
        .engine()
        .write(move |tx| {
            if pending(tx, &owner, &record, duration, now)?.is_some() {
                return Ok(false);
            }
            let snapshot = job.snapshot();
            let entry = entries::writable(&snapshot, OTPS)?;
            record::create(tx, &snapshot, &ctx, &entry, &input)?;
            Ok::<_, Error>(true)
        })
        .await?;
    Ok(created.then(|| Secret::new(password)))
}

/// What the command line tells of a one-time password for a superuser.
#[derive(Debug)]
pub struct SuperuserOtp {
    pub id: String,
    pub password: Secret<String>,
    /// In seconds.
    pub valid_for: i64,
}

/// Makes a one-time password for the superuser with this id without sending it anywhere.
pub(crate) async fn superuser_otp(app: &App, id: &str) -> Result<SuperuserOtp> {
    let entry = accepting(app, SUPERUSERS)?;
    let options = options_of(&entry)?;
    let valid_for = options.otp.duration;
    let account = app.read(|reader, _| Account::by_id(reader, &entry, id))?;
    let account = account.ok_or(Error::NotFound(None))?;
    let id = ids::random_string(15, ids::LOWER_ALNUM);
    let password = new_password(options);
    let password = create(app, &account, &id, password, "", Timestamp::now()).await?;
    let password = password
        .ok_or_else(|| Error::bad_request("there are too many one-time passwords already"))?;
    Ok(SuperuserOtp {
        id,
        password,
        valid_for,
    })
}

/// Signs in with a one-time password, which is gone afterwards.
pub async fn with_otp(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    members: &Map<String, Json>,
) -> Result<SignIn> {
    let entry = accepting(app, collection)?;
    let options = options_of(&entry)?;
    let mut form = Form::new(members, Issues::new());
    let id = form.bounded("otpId", 1, MAX_TEXT);
    let password = form.bounded("password", 1, MAX_PASSWORD);
    form.finish()?;
    let password = Secret::new(password.to_owned());
    let Some((otp, account)) = find(app, &entry, id, options.otp.duration, ctx.now)? else {
        guard::check_address(app, ctx)?;
        app.hasher()
            .verify_nobody(password, otp_cost(&*otps(app)?))
            .await?;
        guard::failed_from(app, ctx);
        return Err(refused().because("there is no such one-time password, or it has expired"));
    };
    if !app
        .attempts()
        .try_code(&account.record.id, ctx.request.ip, Instant::now())
    {
        return Err(Error::RateLimited(Some(
            "Too many attempts, please try again later with a new OTP.".into(),
        )));
    }
    let guess = guard::Guess::at_account(app, ctx, &account)?;
    if !app
        .hasher()
        .verify(password, otp.hash.expose().clone())
        .await?
    {
        guess.failed();
        return Err(refused().because("the one-time password is wrong"));
    }
    let about = About::account(Kind::RecordAuthWithOtpRequest, &account)
        .with("otp", json!({ "id": otp.id, "sent_to": otp.sent_to }));
    let (inner, own, with_mfa) = (app.clone(), ctx.clone(), options.mfa.enabled);
    events::around(app, ctx, about, move |_| async move {
        let account = use_up(&inner, otp, account, with_mfa).await?;
        let ctx = own.within(RequestContext::Otp);
        let factor = Factor {
            method: "otp",
            mfa_id: sign_in::mfa_id(&ctx),
        };
        sign_in::complete(&inner, &ctx, &account, factor).await
    })
    .await
}

/// A stored one-time password.
struct Otp {
    id: String,
    hash: Secret<String>,
    sent_to: String,
}

fn find(
    app: &App,
    entry: &Arc<Entry>,
    id: &str,
    duration: i64,
    now: Timestamp,
) -> Result<Option<(Otp, Account)>> {
    let mut sql: Sql =
        Sql::from_text("SELECT recordRef, password, sentTo, created FROM _otps WHERE id = ");
    sql.bind(id)
        .text(" AND collectionRef = ")
        .bind(entry.id.as_str());
    app.read(|reader, _| {
        let found = reader.first(&sql, |row| {
            let otp = Otp {
                id: id.to_owned(),
                hash: Secret::new(row.text(1).to_owned()),
                sent_to: row.text(2).to_owned(),
            };
            (
                row.text(0).to_owned(),
                otp,
                ended(row.text(3), duration, now),
            )
        })?;
        let Some((record, otp, false)) = found else {
            return Ok(None);
        };
        let account = Account::by_id(reader, entry, &record)?;
        Ok(account.map(|account| (otp, account)))
    })
}

/// Takes a one-time password out of the world: of several parallel uses one succeeds. The account is verified by it if
/// it was mailed to its address, and then nobody keeps a password that was set before.
async fn use_up(app: &App, otp: Otp, account: Account, mfa_is_enabled: bool) -> Result<Account> {
    let ctx = Ctx::system();
    let verifies = !account.record.verified && otp.sent_to == account.record.email;
    let mut data = Map::new();
    if verifies {
        data.insert("verified".to_owned(), true.into());
        if !mfa_is_enabled {
            change::put_random_password(&mut data);
        }
    }
    let id = account.record.id.clone();
    let input = if verifies {
        let submitted = RecordInput {
            data,
            uploads: Vec::new(),
        };
        let Prepared { input, stored } =
            records::prepare(app, &ctx, &account.entry, Some(&id), submitted).await?;
        stored.keep();
        input
    } else {
        Input::default()
    };
    let job = app.clone();
    app.engine()
        .write(move |tx| {
            let snapshot = job.snapshot();
            let otps = entries::writable(&snapshot, OTPS)?;
            record::delete(tx, &snapshot, &ctx, &otps, &otp.id).map_err(gone)?;
            let entry = snapshot
                .collection_by_id(&account.entry.id)
                .ok_or_else(refused)?;
            let present = Account::by_id(tx, entry, &id)?.ok_or_else(refused)?;
            if !verifies || present.record.verified || present.record.email != otp.sent_to {
                return Ok(present);
            }
            record::update(tx, &snapshot, &ctx, entry, &id, &input)?;
            Account::by_id(tx, entry, &id)?.ok_or_else(refused)
        })
        .await
}

/// Somebody else was faster.
fn gone(error: Error) -> Error {
    match error.into_told() {
        Error::NotFound(_) => refused(),
        other => other,
    }
}

/// The latest one-time password of an account that has not ended, if there are as many as there may be.
fn pending(
    reader: &Reader,
    entry: &Entry,
    record: &str,
    duration: i64,
    now: Timestamp,
) -> Result<Option<String>> {
    let mut sql: Sql = Sql::from_text("SELECT id, created FROM _otps WHERE collectionRef = ");
    sql.bind(entry.id.as_str())
        .text(" AND recordRef = ")
        .bind(record);
    sql.text(" ORDER BY created DESC, rowid DESC LIMIT ")
        .integer(i64::try_from(MAX_PENDING).unwrap_or(i64::MAX));
    let live = reader.all(&sql, |row| {
        (!ended(row.text(1), duration, now)).then(|| row.text(0).to_owned())
    })?;
    let live: Vec<String> = live.into_iter().flatten().collect();
    Ok(if live.len() >= MAX_PENDING {
        live.into_iter().next()
    } else {
        None
    })
}

/// Says whether something made at a moment has ended after so many seconds.
fn ended(created: &str, seconds: i64, now: Timestamp) -> bool {
    let created = time::parse(created).map_or(0, Timestamp::unix_ms);
    created.saturating_add(seconds.saturating_mul(1000)) <= now.unix_ms()
}

fn otps(app: &App) -> Result<Arc<Entry>> {
    entries::writable(&app.snapshot(), OTPS)
}

fn otp_cost(otps: &Entry) -> u32 {
    match otps.field("password").map(|field| &field.kind) {
        Some(FieldKind::Password(options)) => options.hash_cost(),
        _ => 8,
    }
}

/// A collection whose accounts get one-time passwords.
pub(super) fn accepting(app: &App, collection: &str) -> Result<Arc<Entry>> {
    let entry = auth_collection(app, collection)?;
    if !options_of(&entry)?.otp.enabled {
        return Err(Error::forbidden(
            "The collection is not configured to allow OTP authentication.",
        ));
    }
    Ok(entry)
}
