//! Changes of an account that a token from a mail allows: each token works once, also when used in parallel.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::auth::account::Account;
use crate::app::records::{self, Prepared, RecordInput};
use crate::auth::tokens::Claims;
use crate::base::error::{Error, Result};
use crate::base::ids;
use crate::base::issues::Issue;
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::record::{self, Input};
use crate::schema::Entry;

/// Length of passwords that nobody knows.
const RANDOM_PASSWORD: usize = 30;

/// `validation_invalid_token`.
pub(super) fn invalid_token() -> Issue {
    Issue::new("validation_invalid_token", "Invalid or expired token.")
}

/// The account a token of this kind was signed for, if it is one of this collection; with the token's claims.
pub(super) fn account_of(
    app: &App,
    entry: &Entry,
    token: &str,
    kind: &str,
    now: Timestamp,
) -> Result<Result<(Account, Claims), Issue>> {
    let Some((account, claims)) = Account::of_token(app, token, kind, now)? else {
        return Ok(Err(invalid_token()));
    };
    if account.entry.id != entry.id {
        return Ok(Err(Issue::new(
            "validation_token_collection_mismatch",
            "The provided token is for different auth collection.",
        )));
    }
    Ok(Ok((account, claims)))
}

/// Gives the data of an account a password that nobody knows.
pub(super) fn put_random_password(data: &mut Map<String, Json>) {
    put_password(data, &ids::random_string(RANDOM_PASSWORD, ids::ALNUM));
}

pub(super) fn put_password(data: &mut Map<String, Json>, password: &str) {
    for name in ["password", "passwordConfirm"] {
        data.insert(name.to_owned(), password.into());
    }
}

/// Changes an account. `false` when its password, address or token key is another by now, so that whatever allowed the
/// change no longer does; the comparison and the change are one step.
pub(super) async fn apply(app: &App, account: &Account, data: Map<String, Json>) -> Result<bool> {
    let ctx = Ctx::system();
    let input = RecordInput {
        data,
        uploads: Vec::new(),
    };
    let (seen, id) = (account.clone(), account.record.id.clone());
    let Prepared { input, stored } =
        records::prepare(app, &ctx, &account.entry, Some(&id), input).await?;
    stored.keep();
    if records::is_watched(app, &account.entry) {
        return apply_watched(app, seen, input).await;
    }
    let job = app.clone();
    app.engine()
        .write(move |tx| {
            let snapshot = job.snapshot();
            let Some(entry) = snapshot.collection_by_id(&seen.entry.id) else {
                return Ok(false);
            };
            let present = Account::by_id(tx, entry, &id)?;
            if !present.is_some_and(|present| present.is_same_as(&seen)) {
                return Ok(false);
            }
            record::update(tx, &snapshot, &ctx, entry, &id, &input)?;
            Ok::<_, Error>(true)
        })
        .await
}

/// The same where handlers have a say in changes.
async fn apply_watched(app: &App, seen: Account, input: Input) -> Result<bool> {
    let app = app.clone();
    let events = app.clone();
    events
        .events()
        .host(async move {
            records::in_transaction(&app, async |inside, transaction| {
                let (job, entry, id) = (
                    inside.clone(),
                    Arc::clone(&seen.entry),
                    seen.record.id.clone(),
                );
                let wanted = id.clone();
                let is_same = transaction
                    .run(move |tx| {
                        let snapshot = job.snapshot();
                        let Some(entry) = snapshot.collection_by_id(&seen.entry.id) else {
                            return Ok(false);
                        };
                        let present = Account::by_id(tx, entry, &wanted)?;
                        Ok(present.is_some_and(|present| present.is_same_as(&seen)))
                    })
                    .await?;
                if is_same {
                    records::update_within(inside, &Ctx::system(), &entry, &id, input).await?;
                }
                Ok(is_same)
            })
            .await
        })
        .await
}

/// The error of a change in the words of its endpoint.
pub(super) fn failed(error: Error, message: &'static str) -> Error {
    match error.into_told() {
        Error::Invalid { issues, .. } => Error::invalid(message, *issues),
        Error::BadRequest(_) => Error::bad_request(message),
        other => other,
    }
}
