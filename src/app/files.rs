//! Handing out stored files to those who may see them.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::app::{App, auth, limits};
use crate::base::error::{Error, Result};
use crate::ctx::{Ctx, Principal, RequestContext};
use crate::events::{Event, Kind};
use crate::files::{DEFAULT_SIZE, FileKey, Size, Store, StoredFile, Thumb, Thumbs};
use crate::record::{self, SharedRecord};
use crate::schema::fields::FileOptions;
use crate::schema::view_query;
use crate::schema::{Entry, FieldKind};

/// Opens a file of a record if the caller may have it, or the thumbnail of it that the caller asks for. Everything that
/// is wrong is a plain 404; instead of a thumbnail that cannot be made there is the file itself.
pub async fn open(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    id: &str,
    name: &str,
) -> Result<StoredFile> {
    let not_found = || Error::NotFound(None);
    let snapshot = app.snapshot();
    let entry = Arc::clone(
        snapshot
            .collection(collection)
            .ok_or_else(|| Error::not_found("Missing or invalid collection context."))?,
    );
    let position = app
        .read(|reader, _| record::file_field(reader, &entry, id, name))?
        .ok_or_else(not_found)?;
    let field = entry.fields.get(position).ok_or_else(not_found)?;
    if matches!(&field.kind, FieldKind::File(options) if options.protected) {
        may_read_protected(app, ctx, &entry, id).await?;
    }
    let key = if entry.is_view() {
        let (collection, id) = owner(app, &entry, &field.name, name)
            .await?
            .ok_or_else(not_found)?;
        FileKey::new(&collection, &id, name)?
    } else {
        FileKey::new(&entry.id, id, name)?
    };
    let options = match &field.kind {
        FieldKind::File(options) => Some(options),
        _ => None,
    };
    if !app.events().wants(Kind::FileDownloadRequest, Some(&entry)) {
        return open_now(app, ctx, options, &key).await;
    }
    let options = options.cloned();
    let event = download(app, ctx, &entry, id, (&field.name, name)).await?;
    let (inner, own, members) = (app.clone(), ctx.clone(), event.members.clone());
    app.events()
        .around(event, async move {
            let mut file = open_now(&inner, &own, options.as_ref(), &key).await?;
            if let Json::String(name) = members.get("served_name") {
                file.name = name;
            }
            Ok(file)
        })
        .await
}

async fn open_now(
    app: &App,
    ctx: &Ctx,
    options: Option<&FileOptions>,
    key: &FileKey,
) -> Result<StoredFile> {
    let storage = app.storage();
    let file = if wants_whole(ctx) {
        storage.open_whole(key).await?
    } else {
        storage.open(key).await?
    };
    if let Some(options) = options
        && let Some(thumb) = wanted_thumb(ctx, options, &file)
        && let Some(thumb) = app.thumbs().open(&storage, key, &file, &thumb).await?
    {
        return Ok(thumb);
    }
    Ok(file)
}

/// Says whether a request can only be for all of the file itself.
fn wants_whole(ctx: &Ctx) -> bool {
    let request = &ctx.request;
    let conditions = [
        "range",
        "if_match",
        "if_none_match",
        "if_modified_since",
        "if_unmodified_since",
    ];
    request.method == "GET"
        && request.query_param("thumb").is_none()
        && conditions.iter().all(|name| request.header(name).is_none())
}

/// The thumbnail a caller asks for, if the field allows its size and the file is a picture.
fn wanted_thumb(ctx: &Ctx, options: &FileOptions, file: &StoredFile) -> Option<Thumb> {
    let name = ctx.request.query_param("thumb")?;
    let is_allowed = name == DEFAULT_SIZE || options.thumbs.iter().any(|size| size == name);
    if !is_allowed || !Thumbs::makes(&file.content_type) {
        return None;
    }
    let wants_webp = ctx.request.query_param("format") == Some("webp");
    Some(Thumb {
        name: name.to_owned(),
        size: Size::parse(name)?,
        to_webp: wants_webp && file.content_type != "image/webp",
    })
}

/// What handlers of a download are told; `file` is the field and the name.
async fn download(
    app: &App,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    file: (&str, &str),
) -> Result<Event> {
    let (wanted, id) = (Arc::clone(entry), id.to_owned());
    let record = app
        .look(move |reader, _| record::load_record(reader, &wanted, &id))
        .await?;
    let mut event = Event::new(Kind::FileDownloadRequest, ctx).of(entry);
    event.record = record.map(SharedRecord::new);
    event.members.set("file_field", file.0.into());
    event.members.set("served_name", file.1.into());
    Ok(event)
}

/// Removes files nobody refers to any more, if not now then later.
pub(crate) async fn forget(app: &App, keys: Vec<FileKey>) {
    if keys.is_empty() {
        return;
    }
    if let Err(error) = app.storage().delete(keys.clone()).await {
        tracing::warn!(first = keys.first().map(FileKey::path), %error, "files stay behind for now");
        app.leftovers().add(keys);
    }
}

/// Removes folders of files nobody refers to any more, if not now then later.
pub(crate) async fn forget_folders(app: &App, folders: Vec<FileKey>) {
    if folders.is_empty() {
        return;
    }
    let storage = app.storage();
    let app = app.clone();
    promptly(&storage, async move {
        let storage = app.storage();
        for folder in folders {
            if let Err(error) = storage.delete_folder(folder.clone()).await {
                tracing::warn!(%folder, %error, "files of deleted records stay behind for now");
                app.leftovers().add([folder]);
            }
        }
    })
    .await;
}

/// Does work on stored files before the answer if that is quick, and behind it if other servers have to be asked.
pub(crate) async fn promptly(storage: &Store, work: impl Future<Output = ()> + Send + 'static) {
    match storage {
        Store::Local(_) => work.await,
        Store::S3(_) => drop(tokio::spawn(work)),
    }
}

/// Collection and record that own a file which a view shows.
async fn owner(
    app: &App,
    view: &Arc<Entry>,
    column: &str,
    name: &str,
) -> Result<Option<(String, String)>> {
    let (view, column, name) = (Arc::clone(view), column.to_owned(), name.to_owned());
    app.read_pooled(move |reader, snapshot| {
        let Some((collection, field)) = view_query::origin(snapshot, view.definition(), &column)
        else {
            return Ok(None);
        };
        let Some(field) = collection.field(&field) else {
            return Ok(None);
        };
        let id = record::file_owner(reader, collection, field, &name)?;
        Ok(id.map(|id| (collection.id.clone(), id)))
    })
    .await
}

/// A protected file is visible to whom the record is, going by the file token alone.
async fn may_read_protected(app: &App, ctx: &Ctx, entry: &Arc<Entry>, id: &str) -> Result<()> {
    let token = ctx.request.query_param("token").unwrap_or_default();
    let principal = if token.is_empty() {
        Principal::Guest
    } else {
        let principal = auth::authenticate_file_token(app, token, ctx.now)?;
        match limits::check_origin(app, &principal, ctx.request.ip) {
            Ok(()) => principal,
            Err(_) => Principal::Guest,
        }
    };
    let mut ctx = ctx.within(RequestContext::ProtectedFile);
    ctx.principal = principal;
    let (entry_id, id) = (entry.id.clone(), id.to_owned());
    let visible = app
        .read_pooled(move |reader, snapshot| {
            let entry = snapshot
                .collection_by_id(&entry_id)
                .ok_or(Error::NotFound(None))?;
            record::is_visible(reader, snapshot, &ctx, entry, &id)
        })
        .await?;
    if visible {
        Ok(())
    } else {
        Err(Error::NotFound(None))
    }
}
