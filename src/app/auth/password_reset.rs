//! Choosing a new password without knowing the old one.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::auth::account::{Account, auth_collection, options_of};
use crate::app::auth::change;
use crate::app::auth::events::{self, About};
use crate::app::auth::forms::{self, Form, MAX_TEXT};
use crate::app::auth::mails::{self, Letter};
use crate::auth::tokens;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::secret::constant_time_eq;
use crate::ctx::Ctx;
use crate::events::Kind;
use crate::schema::{Entry, FieldKind, codes};

/// Sends the mail for it, if there is an account with this address. The answer does not tell.
pub async fn request_password_reset(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    members: &Map<String, Json>,
) -> Result<()> {
    let entry = resettable(app, collection)?;
    let mut form = Form::new(members, Issues::new());
    let email = form.email("email");
    form.finish()?;
    let account = app.read(|reader, _| Account::by_identity(reader, &entry, "email", email))?;
    let Some(account) = account else {
        return Ok(());
    };
    let about = About::account(Kind::RecordRequestPasswordResetRequest, &account);
    let (inner, now) = (app.clone(), ctx.now);
    events::around(app, ctx, about, move |_| async move {
        mails::send_once(&inner, account, Letter::PasswordReset, now)
    })
    .await
}

/// Sets the password of a token's account. Every token of the account ends with it.
pub async fn confirm_password_reset(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    members: &Map<String, Json>,
) -> Result<()> {
    let entry = auth_collection(app, collection)?;
    let mut form = Form::new(members, Issues::new());
    let token = form.required("token");
    let password = form.bounded("password", shortest_password(&entry), MAX_TEXT);
    let confirm = form.required("passwordConfirm");
    if !confirm.is_empty() && !constant_time_eq(confirm, password) {
        form.issues.add("passwordConfirm", codes::values_mismatch());
    }
    let mut found = None;
    if !token.is_empty() {
        match change::account_of(app, &entry, token, tokens::PASSWORD_RESET, ctx.now)? {
            Ok(account) => found = Some(account),
            Err(issue) => form.issues.add("token", issue),
        }
    }
    form.finish()?;
    let Some((account, claims)) = found else {
        return Err(forms::invalid("token", Issue::required()));
    };
    let mut data = Map::new();
    change::put_password(&mut data, password);
    // The token came by mail, so mail to this address arrives.
    if !claims.email.is_empty() && claims.email == account.record.email {
        data.insert("verified".to_owned(), true.into());
    }
    let about = About::account(Kind::RecordConfirmPasswordResetRequest, &account);
    let inner = app.clone();
    events::around(app, ctx, about, move |_| async move {
        let changed = change::apply(&inner, &account, data)
            .await
            .map_err(|error| change::failed(error, "Failed to set new password."))?;
        if changed {
            mails::was_used(&inner, &account, &Letter::PasswordReset);
            Ok(())
        } else {
            Err(forms::invalid("token", change::invalid_token()))
        }
    })
    .await
}

fn shortest_password(entry: &Entry) -> i64 {
    match entry.field("password").map(|field| &field.kind) {
        Some(FieldKind::Password(options)) => options.min,
        _ => 0,
    }
}

/// A collection in which a new password would be of use.
pub(super) fn resettable(app: &App, collection: &str) -> Result<Arc<Entry>> {
    let entry = auth_collection(app, collection)?;
    if !options_of(&entry)?.password_auth.enabled {
        return Err(Error::bad_request(
            "The collection is not configured to allow password authentication.",
        ));
    }
    Ok(entry)
}
