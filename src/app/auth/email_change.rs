//! Giving an account another address, which its holder proves to receive mail at.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::auth::account::{Account, auth_collection};
use crate::app::auth::change;
use crate::app::auth::events::{self, About};
use crate::app::auth::forms::{self, Form};
use crate::app::auth::guard::Guess;
use crate::app::auth::mails::{self, Letter};
use crate::auth::tokens::{self, Claims};
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::events::Kind;
use crate::schema::{Entry, codes};

/// Longest password the confirmation looks at, in bytes.
const MAX_PASSWORD: i64 = 100;

/// Sends the mail for it to the new address of the caller's account.
pub async fn request_email_change(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    members: &Map<String, Json>,
) -> Result<()> {
    let entry = changeable(app, collection)?;
    let Some(auth) = ctx.auth() else {
        return Err(Error::Unauthenticated(None));
    };
    let mut form = Form::new(members, Issues::new());
    let new_email = form.email("newEmail");
    if new_email == auth.email && !new_email.is_empty() {
        form.issues.add("newEmail", codes::not_in_invalid());
    } else if form.issues.is_empty() && is_taken(app, &entry, new_email)? {
        let issue = Issue::new("validation_invalid_new_email", "Invalid new email address.");
        form.issues.add("newEmail", issue);
    }
    form.finish()?;
    let account = app.read(|reader, _| Account::by_id(reader, &entry, &auth.id))?;
    let Some(account) = account else {
        return Ok(());
    };
    let about = About::account(Kind::RecordRequestEmailChangeRequest, &account)
        .with("new_email", new_email);
    let (inner, now, new_email) = (app.clone(), ctx.now, new_email.to_owned());
    events::around(app, ctx, about, move |_| async move {
        mails::send_once(&inner, account, Letter::EmailChange { new_email }, now)
    })
    .await
}

/// Gives a token's account its new address. Every token of the account ends with it.
pub async fn confirm_email_change(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    members: &Map<String, Json>,
) -> Result<()> {
    let entry = changeable(app, collection)?;
    let mut form = Form::new(members, Issues::new());
    let token = form.required("token");
    let password = form.bounded("password", 1, MAX_PASSWORD);
    let mut found = None;
    if !token.is_empty() {
        match account_of(app, &entry, token, ctx.now)? {
            Ok(account) => found = Some(account),
            Err(issue) => form.issues.add("token", issue),
        }
    }
    let is_readable = !password.is_empty() && !form.issues.has("password");
    if is_readable && !has_password(app, ctx, found.as_ref(), password).await? {
        form.issues.add("password", wrong_password());
    }
    form.finish()?;
    let Some((account, claims)) = found else {
        return Err(forms::invalid("token", Issue::required()));
    };
    let about = About::account(Kind::RecordConfirmEmailChangeRequest, &account)
        .with("new_email", claims.new_email.as_str());
    let inner = app.clone();
    events::around(app, ctx, about, move |_| async move {
        let mut data = Map::new();
        data.insert("email".to_owned(), claims.new_email.into());
        data.insert("verified".to_owned(), true.into());
        let changed = change::apply(&inner, &account, data)
            .await
            .map_err(|error| change::failed(error, "Failed to confirm email change."))?;
        if changed {
            return Ok(());
        }
        let nothing = Map::new();
        let mut form = Form::new(&nothing, Issues::new());
        form.issues.add("token", change::invalid_token());
        form.issues.add("password", wrong_password());
        form.finish()
    })
    .await
}

async fn has_password(
    app: &App,
    ctx: &Ctx,
    found: Option<&(Account, Claims)>,
    password: &str,
) -> Result<bool> {
    let Some((account, _)) = found else {
        return Ok(false);
    };
    let guess = Guess::at_account(app, ctx, account)?;
    let hash = account.password_hash.expose().clone();
    let matches = app
        .hasher()
        .verify(Secret::new(password.to_owned()), hash)
        .await?;
    if !matches {
        guess.failed();
    }
    Ok(matches)
}

fn wrong_password() -> Issue {
    Issue::new(
        "validation_invalid_password",
        "Missing or invalid auth record password.",
    )
}

fn account_of(
    app: &App,
    entry: &Arc<Entry>,
    token: &str,
    now: Timestamp,
) -> Result<Result<(Account, Claims), Issue>> {
    let new_email = tokens::read(token).map(|claims| claims.new_email);
    if new_email.is_none_or(|email| email.is_empty()) {
        return Ok(Err(Issue::new(
            "validation_invalid_token_payload",
            "Invalid token payload - newEmail must be set.",
        )));
    }
    let found = change::account_of(app, entry, token, tokens::EMAIL_CHANGE, now)?;
    let Ok((account, claims)) = found else {
        return Ok(found);
    };
    if is_taken(app, entry, &claims.new_email)? {
        return Ok(Err(Issue::new(
            "validation_invalid_token_email",
            "The new email address is invalid.",
        )));
    }
    Ok(Ok((account, claims)))
}

fn is_taken(app: &App, entry: &Arc<Entry>, email: &str) -> Result<bool> {
    let holder = app.read(|reader, _| Account::by_identity(reader, entry, "email", email))?;
    Ok(holder.is_some())
}

pub(super) fn changeable(app: &App, collection: &str) -> Result<Arc<Entry>> {
    let entry = auth_collection(app, collection)?;
    if entry.is_superusers() {
        return Err(Error::bad_request(
            "All superusers can change their emails directly.",
        ));
    }
    Ok(entry)
}
