//! Signing in with an identity (email, user name, …) and a password.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::auth::account::{Account, auth_collection, options_of};
use crate::app::auth::events::{self, About};
use crate::app::auth::forms::MAX_TEXT;
use crate::app::auth::guard::Guess;
use crate::app::auth::mfa::Factor;
use crate::app::auth::sign_in::{self, SignIn};
use crate::auth::password::DEFAULT_COST;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::secret::Secret;
use crate::ctx::{Ctx, RequestContext};
use crate::events::Kind;
use crate::schema::{Entry, FieldKind, codes};

/// Signs in with an identity (email, user name, …) and a password.
pub async fn with_password(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    form: &Map<String, Json>,
) -> Result<SignIn> {
    let entry = accepting(app, collection)?;
    let options = options_of(&entry)?;
    let form = PasswordForm::read(form, &options.password_auth.identity_fields)?;
    let candidates: Vec<String> = match &form.identity_field {
        Some(field) => vec![field.clone()],
        None => identity_order(&options.password_auth.identity_fields, &form.identity),
    };
    let account = app.read(|reader, _| {
        for field in &candidates {
            let found = Account::by_identity(reader, &entry, field, &form.identity)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    })?;
    let kind = Kind::RecordAuthWithPasswordRequest;
    let about = About::maybe(kind, &entry, account.as_ref())
        .with("identity", form.identity.as_str())
        .with("identity_field", form.identity_field.clone())
        .with("password", form.password.expose().as_str());
    let (inner, own) = (app.clone(), ctx.clone());
    events::around(app, ctx, about, move |_| async move {
        verify(&inner, &own, &entry, form, account).await
    })
    .await
}

/// Checks the password of whoever was found.
async fn verify(
    app: &App,
    ctx: &Ctx,
    entry: &Entry,
    form: PasswordForm,
    account: Option<Account>,
) -> Result<SignIn> {
    let guess = Guess::at_name(app, ctx, &entry.id, &form.identity, account.as_ref())?;
    let failed = |why| Error::bad_request("Failed to authenticate.").because(why);
    let Some(account) = &account else {
        app.hasher()
            .verify_nobody(form.password, hash_cost(entry))
            .await?;
        guess.failed();
        return Err(failed("nobody has this identity"));
    };
    if !app
        .hasher()
        .verify(form.password, account.password_hash.expose().clone())
        .await?
    {
        guess.failed();
        return Err(failed("the password is wrong"));
    }
    let ctx = ctx.within(RequestContext::Password);
    let factor = Factor {
        method: "password",
        mfa_id: sign_in::mfa_id(&ctx),
    };
    sign_in::complete(app, &ctx, account, factor).await
}

/// What hashing a password of this collection costs.
fn hash_cost(entry: &Entry) -> u32 {
    match entry.field("password").map(|field| &field.kind) {
        Some(FieldKind::Password(options)) => options.hash_cost(),
        _ => DEFAULT_COST,
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
            } else if is_too_long(value) {
                issues.add(name, codes::length_out_of_range(1, MAX_TEXT));
            }
        }
        if is_too_long(&identity_field) {
            let issue = codes::length_out_of_range(1, MAX_TEXT);
            issues.add("identityField", issue);
        } else if !identity_field.is_empty() && !identity_fields.contains(&identity_field) {
            issues.add("identityField", codes::in_invalid());
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
        })
    }
}

/// Compat: bytes are counted.
fn is_too_long(text: &str) -> bool {
    i64::try_from(text.len()).unwrap_or(i64::MAX) > MAX_TEXT
}

/// A collection whose accounts have passwords to sign in with.
pub(super) fn accepting(app: &App, collection: &str) -> Result<Arc<Entry>> {
    let entry = auth_collection(app, collection)?;
    if !options_of(&entry)?.password_auth.enabled {
        return Err(Error::forbidden(
            "The collection is not configured to allow password authentication.",
        ));
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::hash_cost;
    use crate::schema::{Draft, Schema, scaffold};

    #[test]
    fn an_unknown_identity_costs_what_the_collection_says() {
        for (cost, expect) in [(json!(0), 10), (json!(12), 12), (json!(5), 5)] {
            let password = json!({"name": "password", "type": "password", "cost": cost});
            let body = json!({"name": "people", "type": "auth", "fields": [password]});
            let mut people = Draft::create(&body).unwrap().collection;
            scaffold::complete(&mut people);
            let schema = Schema::new(vec![people]);
            let entry = schema.collection_by_name("people").unwrap();
            assert_eq!(hash_cost(entry), expect);
        }
    }
}
