//! Signing in with a password, keeping signed in, and finding out who a token belongs to.

mod mfa;

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::app::answer::Shape;
use crate::app::auth::mfa::Verdict;
use crate::auth::tokens::{self, Claims};
use crate::base::error::{Error, FaultExt as _, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::ctx::{AuthRecord, Ctx, Principal, RequestContext};
use crate::engine::Reader;
use crate::record;
use crate::schema::{AuthOptions, CollectionKind, Entry, TokenConfig};
use crate::sql::{Ident, Sql};

/// Longest identity and password a sign-in form may carry, in bytes.
const MAX_FORM_TEXT: usize = 255;

/// An auth record with what is needed to check and sign its tokens.
#[derive(Debug)]
struct Account {
    entry: Arc<Entry>,
    record: AuthRecord,
    token_key: Secret<String>,
    password_hash: Secret<String>,
}

impl Account {
    fn key(&self, config: &TokenConfig) -> Secret<String> {
        Secret::new(format!(
            "{}{}",
            self.token_key.expose(),
            config.secret.expose()
        ))
    }
}

/// Finds out on whose behalf a request runs. Anything but a valid auth token means a guest.
pub fn authenticate(app: &App, token: &str, now: Timestamp) -> Result<Principal> {
    Ok(match account_of_token(app, token, tokens::AUTH, now)? {
        Some((account, _)) if account.entry.is_superusers() => Principal::Superuser(account.record),
        Some((account, _)) => Principal::User(account.record),
        None => Principal::Guest,
    })
}

/// Finds out whose protected files a file token opens.
pub fn authenticate_file_token(app: &App, token: &str, now: Timestamp) -> Result<Principal> {
    Ok(match account_of_token(app, token, tokens::FILE, now)? {
        Some((account, _)) if account.entry.is_superusers() => Principal::Superuser(account.record),
        Some((account, _)) => Principal::User(account.record),
        None => Principal::Guest,
    })
}

fn account_of_token(
    app: &App,
    token: &str,
    kind: &str,
    now: Timestamp,
) -> Result<Option<(Account, Claims)>> {
    let Some(claims) = tokens::peek(token, now).filter(|claims| claims.kind == kind) else {
        return Ok(None);
    };
    let account = app.read(|reader, snapshot| {
        let Some(entry) = snapshot
            .collection_by_id(&claims.collection_id)
            .filter(|entry| entry.is_auth())
        else {
            return Ok(None);
        };
        find_account(reader, entry, "id", &claims.id, false)
    })?;
    let Some(account) = account else {
        return Ok(None);
    };
    let Some(options) = account.entry.auth_options() else {
        return Ok(None);
    };
    let config = if kind == tokens::FILE {
        &options.file_token
    } else {
        &options.auth_token
    };
    let signed = tokens::is_signed_with(token, &account.key(config));
    Ok(signed.then_some((account, claims)))
}

/// The first auth record whose field has this value.
fn find_account(
    reader: &Reader,
    entry: &Arc<Entry>,
    field: &str,
    value: &str,
    ignore_case: bool,
) -> Result<Option<Account>> {
    let mut sql: Sql =
        Sql::from_text("SELECT id, email, emailVisibility, verified, tokenKey, password FROM ");
    sql.ident(&Ident::new(&entry.name))
        .text(" WHERE ")
        .ident(&Ident::new(field))
        .text(" = ")
        .bind(value);
    if ignore_case {
        sql.text(" COLLATE NOCASE");
    }
    sql.text(" LIMIT 1");
    Ok(reader.first(&sql, |row| Account {
        entry: Arc::clone(entry),
        record: AuthRecord {
            id: row.text(0).to_owned(),
            collection_id: entry.id.clone(),
            collection_name: entry.name.clone(),
            email: row.text(1).to_owned(),
            email_visibility: row.int(2) != 0,
            verified: row.int(3) != 0,
        },
        token_key: Secret::new(row.text(4).to_owned()),
        password_hash: Secret::new(row.text(5).to_owned()),
    })?)
}

/// What a sign-in leads to.
#[derive(Debug)]
pub enum SignIn {
    /// The record and its token.
    Complete(Vec<u8>),
    /// The session in which another method has to follow.
    NeedsSecondFactor(Vec<u8>),
}

/// Signs in with an identity (email, user name, …) and a password.
pub async fn with_password(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    form: &Map<String, Json>,
) -> Result<SignIn> {
    let entry = auth_collection(app, collection)?;
    let options = options_of(&entry)?;
    if !options.password_auth.enabled {
        return Err(Error::forbidden(
            "The collection is not configured to allow password authentication.",
        ));
    }
    let mut form = PasswordForm::read(form, &options.password_auth.identity_fields)?;
    if form.mfa_id.is_empty() {
        form.mfa_id = ctx
            .request
            .query_param("mfaId")
            .unwrap_or_default()
            .to_owned();
    }
    let candidates: Vec<String> = match &form.identity_field {
        Some(field) => vec![field.clone()],
        None => identity_order(&options.password_auth.identity_fields, &form.identity),
    };
    let identity = form.identity.clone();
    let account = {
        let entry = Arc::clone(&entry);
        app.read(move |reader, _| {
            for field in &candidates {
                let ignore_case = entry.is_unique_ignoring_case(field);
                if let Some(account) = find_account(reader, &entry, field, &identity, ignore_case)?
                {
                    return Ok(Some(account));
                }
            }
            Ok(None)
        })?
    };
    let failed = || Error::bad_request("Failed to authenticate.");
    let Some(account) = account else {
        app.hasher().verify_nobody(form.password).await?;
        return Err(failed());
    };
    if !app
        .hasher()
        .verify(form.password, account.password_hash.expose().clone())
        .await?
    {
        return Err(failed());
    }
    let ctx = ctx.within(RequestContext::Password);
    check_auth_rule(app, &ctx, &account).await?;
    match mfa::check(
        app,
        &ctx,
        &entry,
        options,
        &account.record,
        "password",
        &form.mfa_id,
    )
    .await?
    {
        Verdict::Complete => respond(app, &ctx, &account, None)
            .await
            .map(SignIn::Complete),
        Verdict::Session(id) => Ok(SignIn::NeedsSecondFactor(
            json!({ "mfaId": id }).to_string().into_bytes(),
        )),
    }
}

/// The identity fields in the order they are tried: email first, and only for what looks like one.
fn identity_order(fields: &[String], identity: &str) -> Vec<String> {
    let looks_like_email = identity.contains('@');
    let (email, others): (Vec<&String>, Vec<&String>) =
        fields.iter().partition(|field| *field == "email");
    email
        .into_iter()
        .filter(|_| looks_like_email)
        .chain(others)
        .cloned()
        .collect()
}

struct PasswordForm {
    identity: String,
    password: Secret<String>,
    identity_field: Option<String>,
    mfa_id: String,
}

impl PasswordForm {
    fn read(form: &Map<String, Json>, identity_fields: &[String]) -> Result<Self> {
        let member = |name: &str| -> Result<String> {
            let found = form
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value);
            match found {
                None | Some(Json::Null) => Ok(String::new()),
                Some(Json::String(text)) => Ok(text.clone()),
                Some(_) => Err(Error::bad_request(
                    "An error occurred while loading the submitted data.",
                )),
            }
        };
        let (identity, password, identity_field) = (
            member("identity")?,
            member("password")?,
            member("identityField")?,
        );
        let mut issues = Issues::new();
        for (name, value) in [("identity", &identity), ("password", &password)] {
            if value.is_empty() {
                issues.add(name, Issue::required());
            } else if value.chars().count() > MAX_FORM_TEXT {
                issues.add(
                    name,
                    Issue::new(
                        "validation_length_out_of_range",
                        "The length must be between 1 and 255.",
                    )
                    .with("min", 1)
                    .with("max", MAX_FORM_TEXT),
                );
            }
        }
        if !identity_field.is_empty() && !identity_fields.contains(&identity_field) {
            issues.add(
                "identityField",
                Issue::new("validation_in_invalid", "Must be a valid value."),
            );
        }
        issues.into_result().map_err(|issues| {
            Error::invalid(
                "An error occurred while validating the submitted data.",
                issues,
            )
        })?;
        Ok(Self {
            identity,
            password: Secret::new(password),
            identity_field: Some(identity_field).filter(|field| !field.is_empty()),
            mfa_id: member("mfaId")?,
        })
    }
}

/// Gives the caller a new token for the old one; a token that may not be refreshed comes back as it is.
pub async fn refresh(app: &App, ctx: &Ctx, collection: &str, token: &str) -> Result<Vec<u8>> {
    let entry = auth_collection(app, collection)?;
    let Some((account, claims)) = account_of_token(app, token, tokens::AUTH, ctx.now)? else {
        return Err(Error::unauthenticated(
            "The request requires valid record authorization token.",
        ));
    };
    if account.entry.id != entry.id {
        return Err(Error::forbidden(format!(
            "The request requires auth record from {} collection.",
            account.entry.name
        )));
    }
    check_auth_rule(app, ctx, &account).await?;
    let keep = (claims.refreshable != Some(true)).then(|| token.to_owned());
    respond(app, ctx, &account, keep).await
}

/// Makes a token for another record; it cannot be refreshed. Superusers only, which the route table says.
pub async fn impersonate(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    id: &str,
    form: &Map<String, Json>,
) -> Result<Vec<u8>> {
    let missing = || Error::not_found("Missing or invalid auth collection context.");
    let entry = auth_collection(app, collection).map_err(|_| missing())?;
    let id = id.to_owned();
    let Some(account) = app.read(|reader, _| find_account(reader, &entry, "id", &id, false))?
    else {
        return Err(Error::NotFound(None));
    };
    let duration = match form.get("duration") {
        None | Some(Json::Null) => 0,
        Some(value) => value.as_i64().ok_or_else(|| {
            Error::bad_request("An error occurred while loading the submitted data.")
        })?,
    };
    if duration < 0 {
        let issue = Issue::new(
            "validation_min_greater_equal_than_required",
            "Must be no less than 0.",
        )
        .with("threshold", 0);
        return Err(Error::invalid(
            "An error occurred while validating the submitted data.",
            Issues::one("duration", issue),
        ));
    }
    let token = auth_token(&account, ctx.now, false, duration)?;
    respond(app, ctx, &account, Some(token)).await
}

/// A token for reading protected files as the caller.
pub fn file_token(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let Some(auth) = ctx.auth() else {
        return Err(Error::unauthenticated(
            "The request requires valid record authorization token.",
        ));
    };
    let account = app.read(|reader, snapshot| {
        let entry = snapshot
            .collection_by_id(&auth.collection_id)
            .ok_or(Error::NotFound(None))?;
        find_account(reader, entry, "id", &auth.id, false)?.ok_or(Error::NotFound(None))
    })?;
    let config = &options_of(&account.entry)?.file_token;
    let claims = Claims {
        collection_id: account.entry.id.clone(),
        exp: ctx.now.unix_seconds().saturating_add(config.duration),
        id: account.record.id.clone(),
        refreshable: None,
        kind: tokens::FILE.to_owned(),
    };
    let token = tokens::sign(&claims, &account.key(config)).fault("while signing a file token")?;
    shape.apply(json!({ "token": token }).to_string().into_bytes())
}

/// Which ways of signing in a collection offers.
pub fn methods(app: &App, ctx: &Ctx, collection: &str) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let entry = auth_collection(app, collection)?;
    let options = options_of(&entry)?;
    let identity_fields: &[String] = if options.password_auth.enabled {
        &options.password_auth.identity_fields
    } else {
        &[]
    };
    let has = |name: &str| {
        options.password_auth.enabled && identity_fields.iter().any(|field| field == name)
    };
    let duration = |enabled: bool, seconds: i64| if enabled { seconds } else { 0 };
    let body = json!({
        "password": { "identityFields": identity_fields, "enabled": options.password_auth.enabled },
        "oauth2": { "providers": [], "enabled": options.oauth2.enabled },
        "mfa": { "enabled": options.mfa.enabled, "duration": duration(options.mfa.enabled, options.mfa.duration) },
        "otp": { "enabled": options.otp.enabled, "duration": duration(options.otp.enabled, options.otp.duration) },
        "authProviders": [],
        "usernamePassword": has("username"),
        "emailPassword": has("email"),
    });
    shape.apply(body.to_string().into_bytes())
}

/// Signs an auth token; `seconds` 0 means the collection's own duration.
fn auth_token(
    account: &Account,
    now: Timestamp,
    refreshable: bool,
    seconds: i64,
) -> Result<String> {
    let config = &options_of(&account.entry)?.auth_token;
    let duration = if seconds > 0 {
        seconds
    } else {
        config.duration
    };
    let claims = Claims {
        collection_id: account.entry.id.clone(),
        exp: now.unix_seconds().saturating_add(duration),
        id: account.record.id.clone(),
        refreshable: Some(refreshable),
        kind: tokens::AUTH.to_owned(),
    };
    tokens::sign(&claims, &account.key(config)).fault("while signing an auth token")
}

/// A token that makes its holder this superuser for half an hour, for the installer link.
pub(crate) fn installer_token(app: &App, id: &str, seconds: i64) -> Result<String> {
    let account = app.read(|reader, snapshot| {
        let entry = snapshot
            .collection_by_name(crate::schema::SUPERUSERS)
            .ok_or(Error::NotFound(None))?;
        find_account(reader, entry, "id", id, false)?.ok_or(Error::NotFound(None))
    })?;
    auth_token(&account, Timestamp::now(), false, seconds)
}

/// The answer to a successful sign-in.
async fn respond(
    app: &App,
    ctx: &Ctx,
    account: &Account,
    token: Option<String>,
) -> Result<Vec<u8>> {
    let token = match token {
        Some(token) => token,
        None => auth_token(account, ctx.now, true, 0)?,
    };
    let principal = if account.entry.is_superusers() {
        Principal::Superuser(account.record.clone())
    } else {
        Principal::User(account.record.clone())
    };
    let own = Ctx {
        principal,
        ..ctx.clone()
    };
    let (entry, id) = (Arc::clone(&account.entry), account.record.id.clone());
    let expand = ctx
        .request
        .query_param("expand")
        .unwrap_or_default()
        .to_owned();
    let shape = Shape::of(ctx)?;
    let body = app
        .read_pooled(move |reader, snapshot| {
            let entry = snapshot
                .collection_by_id(&entry.id)
                .ok_or(Error::NotFound(None))?;
            let rows = record::load_one(reader, snapshot, &own, entry, &id, &expand)?;
            let mut body = Vec::with_capacity(1024);
            body.extend_from_slice(b"{\"record\":");
            body.extend_from_slice(&record::render_one(&rows));
            body.extend_from_slice(b",\"token\":");
            crate::base::json::write_string(&mut body, &token);
            body.push(b'}');
            Ok(body)
        })
        .await?;
    shape.apply(body)
}

/// The collection's auth rule has the last word on who signs in.
async fn check_auth_rule(app: &App, ctx: &Ctx, account: &Account) -> Result<()> {
    let refused = || {
        Error::forbidden("The request doesn't satisfy the collection requirements to authenticate.")
    };
    let rule = match options_of(&account.entry)?.auth_rule.as_deref() {
        None => return Err(refused()),
        Some(rule) if rule.trim().is_empty() => return Ok(()),
        Some(rule) => rule.to_owned(),
    };
    let (ctx, entry_id, id) = (
        ctx.clone(),
        account.entry.id.clone(),
        account.record.id.clone(),
    );
    let passes = app
        .read_pooled(move |reader, snapshot| {
            let entry = snapshot
                .collection_by_id(&entry_id)
                .ok_or(Error::NotFound(None))?;
            record::satisfies(reader, snapshot, &ctx, entry, &rule, &id)
        })
        .await?;
    if passes { Ok(()) } else { Err(refused()) }
}

fn auth_collection(app: &App, collection: &str) -> Result<Arc<Entry>> {
    let snapshot = app.snapshot();
    let entry = snapshot
        .collection(collection)
        .ok_or_else(|| Error::not_found("Missing or invalid collection context."))?;
    if entry.kind() != CollectionKind::Auth {
        return Err(Error::not_found(
            "Missing or invalid auth collection context.",
        ));
    }
    Ok(Arc::clone(entry))
}

fn options_of(entry: &Entry) -> Result<&AuthOptions> {
    entry
        .auth_options()
        .ok_or_else(|| Error::not_found("Missing or invalid auth collection context."))
}
