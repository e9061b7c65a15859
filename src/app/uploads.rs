//! Resumable uploads: begun and continued here, turned into files of records when a save names them.

use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use serde_json::{Map, Value as Json};
use tokio::time::sleep;

use crate::app::App;
use crate::app::records::to_the_end;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::ctx::Ctx;
use crate::files::{Claim, Note, Problem, Progress, Upload};
use crate::schema::FieldKind;

/// Time between two looks for uploads that nobody goes on with.
const LOOK_FOR_OLD: Duration = Duration::from_hours(1);

/// What stands before the id of an upload in a file field.
const PREFIX: &str = "stead-upload:";

/// Begins an upload and gives its id. Nobody may announce more than some field would take.
pub async fn create(app: &App, ctx: &Ctx, note: Note) -> Result<String> {
    let snapshot = app.snapshot();
    let largest = snapshot
        .collections()
        .flat_map(|entry| &entry.fields)
        .filter_map(|field| match &field.kind {
            FieldKind::File(options) => u64::try_from(options.max_bytes()).ok(),
            _ => None,
        })
        .max();
    if note.length > largest.unwrap_or(0) {
        return Err(Error::TooLarge);
    }
    Ok(app.uploads().create(&owner(ctx)?, &note).await?)
}

/// How far an upload is.
pub async fn progress(app: &App, ctx: &Ctx, id: &str) -> Result<Progress> {
    Ok(app.uploads().progress(&owner(ctx)?, id).await?)
}

/// Takes more bytes in and gives where the upload is then.
pub async fn append<E: Send + 'static>(
    app: &App,
    ctx: &Ctx,
    id: &str,
    offset: u64,
    body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
) -> Result<u64> {
    let (uploads, owner, id) = (app.uploads().clone(), owner(ctx)?, id.to_owned());
    // A write that has begun must end before the next one may begin.
    to_the_end(async move { Ok(uploads.append(&owner, &id, offset, body).await?) }).await
}

/// Gives an upload up.
pub async fn remove(app: &App, ctx: &Ctx, id: &str) -> Result<()> {
    Ok(app.uploads().remove(&owner(ctx)?, id).await?)
}

/// Removes uploads that nobody goes on with, until the future is dropped.
pub(crate) async fn expire(app: &App) {
    loop {
        app.uploads().clean().await;
        sleep(LOOK_FOR_OLD).await;
    }
}

/// Takes the names of uploads out of the members of file fields and makes files of them.
pub(crate) async fn claim(
    app: &App,
    ctx: &Ctx,
    data: &mut Map<String, Json>,
    is_file_field: impl Fn(&str) -> bool,
    failed: &'static str,
) -> Result<(Vec<Upload>, Vec<Claim>)> {
    let (mut uploads, mut claims) = (Vec::new(), Vec::new());
    let keys: Vec<String> = data
        .keys()
        .filter(|key| is_file_field(key))
        .cloned()
        .collect();
    for key in keys {
        for id in take_ids(data, &key) {
            match app.uploads().claim(&owner(ctx)?, &id, &key).await {
                Ok((upload, claim)) => {
                    uploads.push(upload);
                    claims.push(claim);
                }
                Err(Problem::Storage(error)) => return Err(error.into()),
                Err(problem) => {
                    let field = key.trim_start_matches('+').trim_end_matches(['+', '-']);
                    let issue = Issue::new("validation_invalid_upload", format!("{problem}."));
                    return Err(Error::invalid(failed, Issues::one(field, issue)));
                }
            }
        }
    }
    Ok((uploads, claims))
}

/// The ids of uploads a member names; what else it names stays.
fn take_ids(data: &mut Map<String, Json>, key: &str) -> Vec<String> {
    let id_of = |value: &Json| {
        let id = value.as_str()?.strip_prefix(PREFIX)?;
        Some(id.to_owned())
    };
    let mut ids = Vec::new();
    let is_used_up = match data.get_mut(key) {
        Some(Json::Array(items)) => {
            items.retain(|item| {
                let id = id_of(item);
                let stays = id.is_none();
                ids.extend(id);
                stays
            });
            items.is_empty()
        }
        Some(value) => {
            ids.extend(id_of(value));
            true
        }
        None => false,
    };
    if is_used_up && !ids.is_empty() {
        data.remove(key);
    }
    ids
}

/// Whose uploads are meant.
fn owner(ctx: &Ctx) -> Result<String> {
    let auth = ctx.auth().ok_or(Error::Unauthenticated(None))?;
    Ok(format!("{}_{}", auth.collection_id, auth.id))
}
