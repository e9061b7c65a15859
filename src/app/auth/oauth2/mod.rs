//! Signing in through another service: the form, the service's answer, the account it stands for, the common end.

mod account;
mod apple;
mod avatar;
mod form;
mod redirect;
mod sign_up;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use serde_json::{Map, Value as Json, json};
use tokio::sync::Semaphore;

use crate::app::App;
use crate::app::auth::account::{Account, auth_collection, options_of};
use crate::app::auth::events::{self, About};
use crate::app::auth::mfa::Factor;
use crate::app::auth::sign_in::{self, SignIn};
use crate::auth::oauth2::{Grant, Provider, RedirectNames, RemoteUser, Token};
use crate::base::error::{Error, Result};
use crate::ctx::{Ctx, RequestContext};
use crate::events::Kind;
use form::Form;
use sign_up::Arrival;

pub use apple::generate_client_secret;
pub use redirect::{Returned, hand_on};

/// Sign-ins that may wait for services at a time; each may hold an answer in memory.
const PARALLEL: usize = 256;

/// Names that came with redirects. They are found by a hash of the code, so all of the process may share them.
static NAMES: LazyLock<RedirectNames> = LazyLock::new(RedirectNames::default);

static SLOTS: Semaphore = Semaphore::const_new(PARALLEL);

/// Longest code that is taken to a service, in bytes.
const MAX_CODE: usize = 16 << 10;

/// Says that a collection does not offer this, before anything of the request is read.
pub(super) fn check_enabled(app: &App, collection: &str) -> Result<()> {
    let entry = auth_collection(app, collection)?;
    if options_of(&entry)?.oauth2.enabled && !entry.is_superusers() {
        Ok(())
    } else {
        Err(Error::forbidden(
            "The collection is not configured to allow OAuth2 authentication.",
        ))
    }
}

/// Signs in with the code that a service gave to its user.
pub async fn with_oauth2(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    form: Map<String, Json>,
) -> Result<SignIn> {
    check_enabled(app, collection)?;
    let entry = auth_collection(app, collection)?;
    let options = options_of(&entry)?;
    let form = Form::read(form, options)?;
    let config = options
        .oauth2
        .providers
        .iter()
        .find(|provider| provider.name == form.provider);
    let Some(provider) = config.and_then(Provider::of) else {
        return Err(Error::internal("a configured provider that is unknown"));
    };
    let (token, user) = ask(app, ctx, &provider, &form).await?;
    let mut arrival = Arrival {
        entry: Arc::clone(&entry),
        provider: provider.name(),
        user,
        create_data: form.create_data,
    };
    let found = app.read(|reader, _| account::locate(reader, ctx, &arrival))?;
    let kind = Kind::RecordAuthWithOAuth2Request;
    let about = About::maybe(kind, &entry, found.as_ref())
        .with("provider_name", arrival.provider)
        .with("oauth2_user", meta(&arrival.user, &token, found.is_none()))
        .with("is_new_record", found.is_none())
        .with("create_data", arrival.create_data.clone());
    let (inner, own) = (app.clone(), ctx.clone());
    events::around(app, ctx, about, move |left| async move {
        if let Json::Object(data) = left.members.get("create_data") {
            arrival.create_data = data;
        }
        settled(&inner, &own, arrival, &token).await
    })
    .await
}

/// Signs in as the account of an arrival.
async fn settled(app: &App, ctx: &Ctx, arrival: Arrival, token: &Token) -> Result<SignIn> {
    let arrival = Arc::new(arrival);
    let settled = account::settle(app, ctx, &arrival).await?;
    let account = app
        .read(|reader, _| Account::by_id(reader, &arrival.entry, &settled.id))?
        .ok_or_else(|| Error::bad_request("Failed to authenticate."))?;
    let ctx = ctx.within(RequestContext::OAuth2);
    let factor = Factor {
        method: "oauth2",
        mfa_id: sign_in::mfa_id(&ctx),
    };
    let meta = meta(&arrival.user, token, settled.is_new);
    sign_in::complete_with(app, &ctx, &account, factor, Some(meta)).await
}

/// Exchanges the code and asks the service whose it was. Reasons of a failure are for the operator.
async fn ask(
    app: &App,
    ctx: &Ctx,
    provider: &Provider<'_>,
    form: &Form,
) -> Result<(Token, RemoteUser)> {
    const NO_TOKEN: &str = "Failed to fetch OAuth2 token.";
    const NO_USER: &str = "Failed to fetch OAuth2 user.";
    if form.code.len() > MAX_CODE {
        return Err(Error::bad_request(NO_TOKEN));
    }
    let _slot = SLOTS.try_acquire().map_err(|_| Error::Unavailable {
        retry_after: Duration::from_secs(1),
    })?;
    let grant = Grant {
        code: &form.code,
        code_verifier: &form.code_verifier,
        redirect_url: &form.redirect_url,
    };
    let failed = |reason, message| {
        tracing::warn!(provider = provider.name(), %reason, "{message}");
        Error::bad_request(message)
    };
    let token = provider
        .exchange(app.fetch(), grant, ctx.now)
        .await
        .map_err(|reason| failed(reason, NO_TOKEN))?;
    let mut user = provider
        .user(app.fetch(), &token, ctx.now)
        .await
        .map_err(|reason| failed(reason, NO_USER))?;
    let name = NAMES.take(&form.code, ctx.now);
    if user.name.is_empty() {
        user.name = name;
    }
    Ok((token, user))
}

/// What the client learns of the service's answer.
fn meta(user: &RemoteUser, token: &Token, is_new: bool) -> Json {
    json!({
        "id": user.id,
        "name": user.name,
        "username": user.username,
        "email": user.email,
        "avatarURL": user.avatar_url,
        "avatarUrl": user.avatar_url,
        "accessToken": token.access.expose(),
        "refreshToken": token.refresh.expose(),
        "expiry": token.expiry.map(|expiry| expiry.to_string()).unwrap_or_default(),
        "rawUser": user.raw,
        "isNew": is_new,
    })
}
