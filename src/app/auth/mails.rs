//! Mails to the holders of accounts: which template, to whom, with what in it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::app::auth::account::{Account, Grant, options_of};
use crate::app::{App, letters};
use crate::base::error::{Error, Result};
use crate::base::secret::Secret;
use crate::base::text::escape_html;
use crate::base::time::Timestamp;
use crate::events::Kind;
use crate::mail::{self, Failure, Mail, Outgoing, Sender, Transport};
use crate::record::{self, FieldText};
use crate::schema::{AuthOptions, EmailTemplate};

/// A mail about an account.
#[derive(Debug)]
pub(super) enum Letter {
    Verification,
    PasswordReset,
    EmailChange {
        new_email: String,
    },
    Otp {
        id: String,
        password: Secret<String>,
    },
    AuthAlert {
        info: String,
    },
}

impl Letter {
    fn template(&self, options: &AuthOptions) -> EmailTemplate {
        let template = match self {
            Self::Verification => &options.verification_template,
            Self::PasswordReset => &options.reset_password_template,
            Self::EmailChange { .. } => &options.confirm_email_change_template,
            Self::Otp { .. } => &options.otp.email_template,
            Self::AuthAlert { .. } => &options.auth_alert.email_template,
        };
        template.clone()
    }

    /// How long the mail is of any use.
    fn useful_for(&self, options: &AuthOptions) -> Duration {
        let seconds = match self {
            Self::Verification => options.verification_token.duration,
            Self::PasswordReset => options.password_reset_token.duration,
            Self::EmailChange { .. } => options.email_change_token.duration,
            Self::Otp { .. } => options.otp.duration,
            Self::AuthAlert { .. } => 3600,
        };
        Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
    }

    const fn kind(&self) -> Kind {
        match self {
            Self::Verification => Kind::MailerRecordVerificationSend,
            Self::PasswordReset => Kind::MailerRecordPasswordResetSend,
            Self::EmailChange { .. } => Kind::MailerRecordEmailChangeSend,
            Self::Otp { .. } => Kind::MailerRecordOtpSend,
            Self::AuthAlert { .. } => Kind::MailerRecordAuthAlertSend,
        }
    }

    /// What handlers are told besides the message.
    fn meta(&self, token: Option<&str>) -> Json {
        match self {
            Self::Verification | Self::PasswordReset => json!({ "token": token }),
            Self::EmailChange { new_email } => json!({ "token": token, "new_email": new_email }),
            Self::Otp { id, password } => json!({ "otp_id": id, "password": password.expose() }),
            Self::AuthAlert { info } => json!({ "info": info }),
        }
    }

    fn token(&self, account: &Account, now: Timestamp) -> Result<Option<String>> {
        let grant = match self {
            Self::Verification => Grant::Verification,
            Self::PasswordReset => Grant::PasswordReset,
            Self::EmailChange { new_email } => Grant::EmailChange { new_email },
            Self::Otp { .. } | Self::AuthAlert { .. } => return Ok(None),
        };
        account.sign(grant, now).map(Some)
    }
}

/// A mail that is ready to go out, with what handlers are told of it.
#[derive(Debug)]
pub(super) struct Composed {
    pub(super) outgoing: Outgoing,
    pub(super) about: letters::About,
}

/// Fills a template for an account whose visible fields are given.
pub(super) fn compose(
    app: &App,
    account: &Account,
    letter: &Letter,
    fields: &[FieldText],
    now: Timestamp,
) -> Result<Composed> {
    let token = letter.token(account, now)?;
    let about = letters::About {
        kind: letter.kind(),
        entry: Arc::clone(&account.entry),
        id: account.record.id.clone(),
        meta: letter.meta(token.as_deref()),
    };
    let outgoing = fill(app, account, letter, fields, token.as_deref())?;
    Ok(Composed { outgoing, about })
}

fn fill(
    app: &App,
    account: &Account,
    letter: &Letter,
    fields: &[FieldText],
    token: Option<&str>,
) -> Result<Outgoing> {
    let (options, settings) = (options_of(&account.entry)?, app.settings());
    let value = |name: &str| -> Option<String> {
        if let Some(field) = name.strip_prefix("RECORD:") {
            let found = fields.iter().find(|text| text.name == field)?;
            return Some(if found.is_free {
                escape_html(&found.text)
            } else {
                found.text.clone()
            });
        }
        match (name, letter) {
            ("APP_NAME", _) => Some(settings.meta.app_name.clone()),
            ("APP_URL", _) => Some(settings.meta.app_url.trim_end_matches('/').to_owned()),
            ("TOKEN", _) => token.map(str::to_owned),
            ("OTP", Letter::Otp { password, .. }) => Some(password.expose().clone()),
            ("OTP_ID", Letter::Otp { id, .. }) => Some(escape_html(id)),
            ("ALERT_INFO", Letter::AuthAlert { info }) => Some(escape_html(info)),
            _ => None,
        }
    };
    let template = letter.template(options);
    let to = match letter {
        Letter::EmailChange { new_email } => new_email,
        _ => &account.record.email,
    };
    Ok(Outgoing {
        transport: Transport::of(&settings.smtp),
        sender: Sender {
            name: settings.meta.sender_name.clone(),
            address: settings.meta.sender_address.clone(),
        },
        mail: Mail {
            to: vec![to.clone()],
            subject: Secret::new(mail::fill(&template.subject, value)),
            html: Secret::new(mail::wrap(&mail::fill(&template.body, value))),
            ..Mail::default()
        },
        useful_for: letter.useful_for(options),
    })
}

/// Sends a mail in the background unless the same went out a moment ago. One that could not be sent does not count.
///
/// Where the account's holder chooses whom it goes to there is a limit for all of them together.
pub(super) fn send_once(app: &App, account: Account, letter: Letter, now: Timestamp) -> Result<()> {
    let about = about(&account, &letter);
    if !app.mail_pace().take(&about, Instant::now()) {
        return Ok(());
    }
    let is_to_anybody = matches!(letter, Letter::EmailChange { .. });
    if is_to_anybody && !may_cause(app, &account, "emailChange") {
        app.mail_pace().give_back(&about);
        return Err(Error::RateLimited(None));
    }
    let (own, later) = (app.clone(), about.clone());
    let is_queued = send(app, account, letter, now, async move |result| {
        if result.is_err() {
            own.mail_pace().give_back(&later);
        }
    });
    if !is_queued {
        app.mail_pace().give_back(&about);
    }
    Ok(())
}

/// Notes that a mail did its work: whoever wants another one does not have to wait.
pub(super) fn was_used(app: &App, account: &Account, letter: &Letter) {
    app.mail_pace().give_back(&about(account, letter));
}

/// What a mail is told from others of the account by.
fn about(account: &Account, letter: &Letter) -> String {
    let kind = match letter {
        Letter::EmailChange { new_email } => new_email,
        Letter::PasswordReset => "passwordReset",
        Letter::Verification | Letter::Otp { .. } | Letter::AuthAlert { .. } => "verification",
    };
    format!("{} {} {kind}", account.entry.id, account.record.id)
}

/// Tells the holder of an account about a sign-in, unless too many of these mails went out lately.
pub(super) fn alert(app: &App, account: &Account, info: String, now: Timestamp) {
    if !may_cause(app, account, "authAlert") {
        tracing::warn!(
            account = account.record.id,
            "too many sign-ins from new places, no mail is sent about this one"
        );
        return;
    }
    let letter = Letter::AuthAlert { info };
    send(app, account.clone(), letter, now, async |_| {});
}

/// Security: signing in or up is all that somebody needs to have mails sent.
fn may_cause(app: &App, account: &Account, kind: &str) -> bool {
    let account = format!("{} {} {kind}", account.entry.id, account.record.id);
    app.mail_pace().take_from(&account, Instant::now())
}

/// Sends a mail in the background; `finished` learns whether it was taken. A full queue drops it, which is logged, and
/// then the answer is `false`.
fn send<F: Future<Output = ()> + Send>(
    app: &App,
    account: Account,
    letter: Letter,
    now: Timestamp,
    finished: impl FnOnce(std::result::Result<(), Failure>) -> F + Send + 'static,
) -> bool {
    let own = app.clone();
    let work = async move { prepare(&own, &account, &letter, now).await };
    app.mailer()
        .enqueue(work, finished)
        .inspect_err(|full| tracing::error!(error = %full, "a mail is not sent"))
        .is_ok()
}

/// The mail for an account as it is now, as handlers left it; nothing when the account is gone or a handler objects.
pub(super) async fn prepare(
    app: &App,
    account: &Account,
    letter: &Letter,
    now: Timestamp,
) -> Option<Outgoing> {
    let composed = app
        .read(|reader, _| record::texts(reader, &account.entry, &account.record.id))
        .and_then(|fields| match fields {
            Some(fields) => compose(app, account, letter, &fields, now).map(Some),
            None => Ok(None),
        });
    let approved = match composed {
        Ok(Some(Composed { outgoing, about })) => letters::approve(app, about, outgoing).await,
        Ok(None) => return None,
        Err(error) => Err(error),
    };
    match approved {
        Ok(outgoing) => Some(outgoing),
        Err(error) => {
            tracing::error!(%error, "a mail is not sent");
            None
        }
    }
}
