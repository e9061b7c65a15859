//! Tokens: whose they are, and new ones for those who may have them.

use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::app::answer::Shape;
use crate::app::auth::account::{Account, Grant, auth_collection};
use crate::app::auth::events::{self, About};
use crate::app::auth::sign_in;
use crate::auth::tokens;
use crate::base::error::{Error, Result};
use crate::base::issues::Issues;
use crate::base::time::Timestamp;
use crate::ctx::{Ctx, Principal};
use crate::events::Kind;
use crate::schema::{SUPERUSERS, codes};

/// Finds out on whose behalf a request runs. Anything but a valid auth token means a guest.
pub fn authenticate(app: &App, token: &str, now: Timestamp) -> Result<Principal> {
    principal_of(app, token, tokens::AUTH, now)
}

/// Finds out whose protected files a file token opens.
pub fn authenticate_file_token(app: &App, token: &str, now: Timestamp) -> Result<Principal> {
    principal_of(app, token, tokens::FILE, now)
}

fn principal_of(app: &App, token: &str, kind: &str, now: Timestamp) -> Result<Principal> {
    let account = Account::of_frequent_token(app, token, kind, now)?;
    Ok(account.map_or(Principal::Guest, |account| account.principal()))
}

/// Says whether the caller may ask this collection for a new token at all.
pub fn check_refreshable(app: &App, ctx: &Ctx, collection: &str) -> Result<()> {
    let entry = auth_collection(app, collection)?;
    let auth = ctx.auth().ok_or_else(nobody)?;
    if auth.collection_id == entry.id {
        return Ok(());
    }
    Err(Error::forbidden(format!(
        "The request requires auth record from {} collection.",
        auth.collection_name
    )))
}

/// Gives the caller a new token for the old one; a token that may not be refreshed comes back as it is.
pub async fn refresh(app: &App, ctx: &Ctx, collection: &str, token: &str) -> Result<Vec<u8>> {
    check_refreshable(app, ctx, collection)?;
    let found = Account::of_token(app, token, tokens::AUTH, ctx.now)?;
    let (account, claims) = found.ok_or_else(nobody)?;
    let keep = (claims.refreshable != Some(true)).then(|| token.to_owned());
    let about = About::account(Kind::RecordAuthRefreshRequest, &account);
    let (inner, own) = (app.clone(), ctx.clone());
    events::around(app, ctx, about, move |_| async move {
        sign_in::check_auth_rule(&inner, &own, &account).await?;
        sign_in::respond(&inner, &own, &account, keep).await
    })
    .await
}

/// Makes a token for another record; it cannot be refreshed. Superusers only, which the route table says.
pub async fn impersonate(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    id: &str,
    form: &Map<String, Json>,
) -> Result<Vec<u8>> {
    let account = impersonated(app, collection, id)?;
    let duration = match form.get("duration") {
        None | Some(Json::Null) => 0,
        Some(value) => value.as_i64().ok_or_else(|| {
            Error::bad_request("An error occurred while loading the submitted data.")
        })?,
    };
    if duration < 0 {
        return Err(Error::invalid(
            "An error occurred while validating the submitted data.",
            Issues::one("duration", codes::no_less_than("0", 0)),
        ));
    }
    let grant = Grant::Impersonation { seconds: duration };
    let token = account.sign(grant, ctx.now)?;
    sign_in::respond(app, ctx, &account, Some(token)).await
}

/// The account that is acted for.
pub(super) fn impersonated(app: &App, collection: &str, id: &str) -> Result<Account> {
    let missing = || Error::not_found("Missing or invalid auth collection context.");
    let entry = auth_collection(app, collection).map_err(|_| missing())?;
    let account = app.read(|reader, _| Account::by_id(reader, &entry, id))?;
    account.ok_or(Error::NotFound(None))
}

fn nobody() -> Error {
    Error::unauthenticated("The request requires valid record authorization token.")
}

/// A token for reading protected files as the caller.
pub async fn file_token(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let auth = ctx.auth().ok_or_else(nobody)?;
    let account = app.read(|reader, snapshot| {
        let entry = snapshot
            .collection_by_id(&auth.collection_id)
            .ok_or(Error::NotFound(None))?;
        Account::by_id(reader, entry, &auth.id)?.ok_or(Error::NotFound(None))
    })?;
    let token = account.sign(Grant::Files, ctx.now)?;
    let about = About::account(Kind::FileTokenRequest, &account).with("token", token.as_str());
    events::around(app, ctx, about, move |left| async move {
        let token = left.text("token", token);
        shape.apply(json!({ "token": token }).to_string().into_bytes())
    })
    .await
}

/// What a script may sign for a record.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Signing requests; 0 seconds for as long as the collection says.
    Auth {
        seconds: i64,
    },
    Files,
    Verification,
    PasswordReset,
    EmailChange {
        new_email: String,
    },
}

/// Signs a token for an auth record as it is stored.
pub async fn sign_for(app: &App, collection: &str, id: &str, wanted: Wanted) -> Result<String> {
    let entry = auth_collection(app, collection)?;
    let id = id.to_owned();
    let account = app
        .look(move |reader, _| Account::by_id(reader, &entry, &id))
        .await?
        .ok_or(Error::NotFound(None))?;
    let grant = match &wanted {
        Wanted::Auth { seconds: 0 } => Grant::Session,
        Wanted::Auth { seconds } => Grant::Impersonation { seconds: *seconds },
        Wanted::Files => Grant::Files,
        Wanted::Verification => Grant::Verification,
        Wanted::PasswordReset => Grant::PasswordReset,
        Wanted::EmailChange { new_email } => Grant::EmailChange { new_email },
    };
    account.sign(grant, Timestamp::now())
}

/// Finds out who a token of one of these types was signed for; of any type when none is given.
pub fn owner_of(app: &App, token: &str, types: &[String], now: Timestamp) -> Result<Principal> {
    let Some(claims) = tokens::peek(token, now) else {
        return Ok(Principal::Guest);
    };
    let fits = types.is_empty() || types.contains(&claims.kind);
    if fits {
        principal_of(app, token, &claims.kind, now)
    } else {
        Ok(Principal::Guest)
    }
}

/// A token that makes its holder this superuser for so many seconds, for the installer link.
pub(crate) fn installer_token(app: &App, id: &str, seconds: i64) -> Result<String> {
    let account = app.read(|reader, snapshot| {
        let entry = snapshot
            .collection_by_name(SUPERUSERS)
            .ok_or(Error::NotFound(None))?;
        Account::by_id(reader, entry, id)?.ok_or(Error::NotFound(None))
    })?;
    account.sign(Grant::Impersonation { seconds }, Timestamp::now())
}
