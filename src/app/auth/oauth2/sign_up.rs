//! The record of somebody who comes for the first time: what the client asked for, completed by what the service says.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::auth::account::Account;
use crate::app::auth::change;
use crate::app::auth::oauth2::avatar;
use crate::app::records::{self, Prepared, RecordInput};
use crate::auth::oauth2::RemoteUser;
use crate::base::cast;
use crate::base::error::Result;
use crate::ctx::{Ctx, RequestContext};
use crate::files::Upload;
use crate::query::{self, Action};
use crate::schema::fields::ValidateContext;
use crate::schema::{Entry, FieldKind, FieldValue, MappedFields};

/// Somebody a service vouches for, at the door of a collection.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) entry: Arc<Entry>,
    pub(super) provider: &'static str,
    pub(super) user: RemoteUser,
    /// What the client wants a new record to hold.
    pub(super) create_data: Map<String, Json>,
}

/// The request as the create rule sees it: a create of its own, without the parameters of the sign-in.
pub(super) fn context(ctx: &Ctx) -> Ctx {
    let mut ctx = ctx.within(RequestContext::OAuth2);
    ctx.request_mut().method = "POST".into();
    ctx.request_mut().query.clear();
    ctx
}

/// Everything slow that a new record needs.
pub(super) async fn prepare(app: &App, ctx: &Ctx, arrival: &Arrival) -> Result<Prepared> {
    let ctx = context(ctx);
    let entry = &arrival.entry;
    // Nothing is fetched or hashed for a record that nobody may make.
    query::rule_for(&ctx, entry, Action::Create)?;
    let mut data = arrival.create_data.clone();
    let is_blank = |data: &Map<String, Json>, name: &str| {
        data.get(name)
            .map(cast::to_text)
            .unwrap_or_default()
            .is_empty()
    };
    if is_blank(&data, "email") && !arrival.user.email.is_empty() {
        data.insert("email".to_owned(), arrival.user.email.as_str().into());
    }
    if is_blank(&data, "password") {
        change::put_random_password(&mut data);
    }
    let mapped = &super::options_of(entry)?.oauth2.mapped_fields;
    let uploads = complete(app, entry, mapped, &arrival.user, &mut data).await?;
    records::prepare(app, &ctx, entry, None, RecordInput { data, uploads }).await
}

/// What a value of a service's user needs besides its field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Other,
    /// Left out when it is invalid or taken.
    Username,
    /// Downloaded for a file field.
    Avatar,
}

/// Fills the mapped fields that the client left out.
async fn complete(
    app: &App,
    entry: &Arc<Entry>,
    mapped: &MappedFields,
    user: &RemoteUser,
    data: &mut Map<String, Json>,
) -> Result<Vec<Upload>> {
    let mut uploads = Vec::new();
    let values = [
        (Part::Other, &mapped.id, &user.id),
        (Part::Other, &mapped.name, &user.name),
        (Part::Username, &mapped.username, &user.username),
        (Part::Avatar, &mapped.avatar_url, &user.avatar_url),
    ];
    for (part, name, value) in values {
        let Some(field) = entry.field(name) else {
            continue;
        };
        let is_taken = uploads.iter().any(|upload: &Upload| upload.key == *name);
        if value.is_empty() || is_taken || data.contains_key(name) {
            continue;
        }
        if part == Part::Username && !is_free(app, entry, name, value)? {
            continue;
        }
        if !matches!(field.kind, FieldKind::File(_)) {
            data.insert(name.clone(), value.as_str().into());
        } else if part == Part::Avatar {
            uploads.extend(avatar::download(app, name, value).await);
        }
    }
    Ok(uploads)
}

/// Whether a user name is valid and nobody else's.
fn is_free(app: &App, entry: &Arc<Entry>, name: &str, username: &str) -> Result<bool> {
    let Some(field) = entry.field(name) else {
        return Ok(false);
    };
    let context = ValidateContext {
        is_new: true,
        new_files: &[],
    };
    let value = FieldValue::Text(username.to_owned());
    if matches!(field.kind, FieldKind::Text(_)) && field.validate(&value, None, context).is_err() {
        return Ok(false);
    }
    if !entry.is_unique(name) {
        return Ok(true);
    }
    let taken = app.read(|reader, _| Account::by_identity(reader, entry, name, username))?;
    Ok(taken.is_none())
}
