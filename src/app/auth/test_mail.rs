//! Trying out the mail settings with one of the mails of a collection. Superusers only, which the route table says.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::app::auth::account::Account;
use crate::app::auth::forms::Form;
use crate::app::auth::mails::{self, Letter};
use crate::app::{App, letters};
use crate::base::error::{Error, Result};
use crate::base::ids;
use crate::base::issues::{Issue, Issues};
use crate::base::secret::Secret;
use crate::ctx::Ctx;
use crate::record;
use crate::schema::{SUPERUSERS, codes};

const NOT_SENT: &str = "Failed to send the test email.";

/// Sends a mail of a template to an address and waits for what the mail server says.
pub async fn send_test_mail(app: &App, ctx: &Ctx, members: &Map<String, Json>) -> Result<()> {
    let mut form = Form::new(members, Issues::new());
    let email = form.email("email").to_owned();
    let name = form.required("template");
    let letter = letter(name, &email, ctx);
    if letter.is_none() && !name.is_empty() {
        form.issues.add("template", codes::in_invalid());
    }
    let collection = Some(form.text("collection")).filter(|name| !name.is_empty());
    let snapshot = app.snapshot();
    let entry = snapshot
        .collection(collection.unwrap_or(SUPERUSERS))
        .filter(|entry| entry.is_auth());
    if entry.is_none() {
        let issue = Issue::new(
            "validation_invalid_auth_collection",
            "Must be a valid auth collection id or name.",
        );
        form.issues.add("collection", issue);
    }
    form.finish_with(NOT_SENT)?;
    let (Some(letter), Some(entry)) = (letter, entry) else {
        return Err(Error::bad_request(NOT_SENT));
    };
    let account = Account::for_test(&Arc::clone(entry), &email);
    let mut fields = record::sample_texts(entry);
    for field in fields.iter_mut().filter(|field| field.name == "email") {
        field.text.clone_from(&email);
    }
    let mail = mails::compose(app, &account, &letter, &fields, ctx.now)?;
    let outgoing = letters::approve(app, mail.about, mail.outgoing).await?;
    app.mailer()
        .send(&outgoing)
        .await
        .map_err(|failure| Error::bad_request(format!("{NOT_SENT} Raw error: \n{failure}")))
}

fn letter(name: &str, email: &str, ctx: &Ctx) -> Option<Letter> {
    Some(match name {
        "verification" => Letter::Verification,
        "password-reset" => Letter::PasswordReset,
        "email-change" => Letter::EmailChange {
            new_email: email.to_owned(),
        },
        "otp" => Letter::Otp {
            id: ids::random_string(15, ids::LOWER_ALNUM),
            password: Secret::new("123456".to_owned()),
        },
        "login-alert" => Letter::AuthAlert {
            info: format!("{} - 192.0.2.1 (a test)", ctx.now),
        },
        _ => return None,
    })
}
