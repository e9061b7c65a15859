//! Proving that mail to an account's address reaches its holder.

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::auth::account::{Account, auth_collection, options_of};
use crate::app::auth::change;
use crate::app::auth::events::{self, About};
use crate::app::auth::forms::{self, Form};
use crate::app::auth::mails::{self, Letter};
use crate::auth::tokens;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::events::Kind;
use crate::schema::Entry;

/// Sends the mail for it, if there is an account with this address that has not been verified yet. The answer does not
/// tell.
pub async fn request_verification(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    members: &Map<String, Json>,
) -> Result<()> {
    let entry = verifiable(app, collection)?;
    let mut form = Form::new(members, Issues::new());
    let email = form.email("email");
    form.finish()?;
    let account = app.read(|reader, _| Account::by_identity(reader, &entry, "email", email))?;
    let Some(account) = account.filter(|account| !account.record.verified) else {
        return Ok(());
    };
    let about = About::account(Kind::RecordRequestVerificationRequest, &account);
    let (inner, now) = (app.clone(), ctx.now);
    events::around(app, ctx, about, move |_| async move {
        mails::send_once(&inner, account, Letter::Verification, now)
    })
    .await
}

/// Marks the account of a token as verified; once more for the same token changes nothing.
pub async fn confirm_verification(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    members: &Map<String, Json>,
) -> Result<()> {
    let entry = verifiable(app, collection)?;
    let mut form = Form::new(members, Issues::new());
    let token = form.required("token");
    form.finish()?;
    let account =
        account_of(app, &entry, token, ctx.now)?.map_err(|issue| forms::invalid("token", issue))?;
    if account.record.verified {
        return Ok(());
    }
    let about = About::account(Kind::RecordConfirmVerificationRequest, &account);
    let inner = app.clone();
    events::around(app, ctx, about, move |_| async move {
        verify(&inner, &account).await
    })
    .await
}

async fn verify(app: &App, account: &Account) -> Result<()> {
    let mut data = Map::new();
    data.insert("verified".to_owned(), true.into());
    // Whoever made the account may know its password; without passwords nobody needs one.
    if !options_of(&account.entry)?.password_auth.enabled {
        change::put_random_password(&mut data);
    }
    if change::apply(app, account, data).await? {
        mails::was_used(app, account, &Letter::Verification);
        Ok(())
    } else {
        Err(forms::invalid("token", change::invalid_token()))
    }
}

fn account_of(
    app: &App,
    entry: &Entry,
    token: &str,
    now: Timestamp,
) -> Result<Result<Account, Issue>> {
    let email = tokens::read(token).map(|claims| claims.email);
    if email.is_none_or(|email| email.is_empty()) {
        return Ok(Err(Issue::new(
            "validation_invalid_token_claims",
            "Missing email token claim.",
        )));
    }
    let found = change::account_of(app, entry, token, tokens::VERIFICATION, now)?;
    Ok(found.and_then(|(account, claims)| {
        if account.record.email == claims.email {
            Ok(account)
        } else {
            Err(Issue::new(
                "validation_token_email_mismatch",
                "The record email doesn't match with the requested token claims.",
            ))
        }
    }))
}

pub(super) fn verifiable(app: &App, collection: &str) -> Result<std::sync::Arc<Entry>> {
    let entry = auth_collection(app, collection)?;
    if entry.is_superusers() {
        return Err(Error::bad_request(
            "All superusers are verified by default.",
        ));
    }
    Ok(entry)
}
