//! Everything slow that a save needs before it may enter a write transaction: hashing passwords, storing files.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use crate::app::entries::writable_by_id;
use crate::app::records::{RecordInput, Save, StoredFiles};
use crate::app::{App, uploads};
use crate::auth::attempts::Target;
use crate::base::cast;
use crate::base::error::{Error, Result};
use crate::base::secret::Secret;
use crate::ctx::Ctx;
use crate::files::{FileKey, Store, Upload};
use crate::query::{self, Action};
use crate::record::{self, Input, NewUpload, OldPassword};
use crate::schema::fields::NewFile;
use crate::schema::{Entry, FieldKind};

/// A save that is ready for the writer.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    pub(crate) input: Input,
    pub(crate) stored: StoredFiles,
}

/// What is known about a save before it is prepared.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    /// What the caller must be allowed to do, asked before anything slow. Not where what comes before the save in its
    /// transaction may still decide that.
    pub(crate) asks_first: Option<Save>,
    /// The hash of the password that the record has by then, if that is not the stored one.
    pub(crate) password_hash: Option<Secret<String>>,
}

/// Hashes submitted passwords and stores submitted files; `id` is the record to change, `None` for a new one.
pub(crate) async fn prepare(
    app: &App,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: Option<&str>,
    submitted: RecordInput,
) -> Result<Prepared> {
    prepare_with(app, ctx, entry, id, submitted, Hints::default()).await
}

/// Prepares a save about which something is known.
pub(crate) async fn prepare_with(
    app: &App,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: Option<&str>,
    submitted: RecordInput,
    hints: Hints,
) -> Result<Prepared> {
    let RecordInput {
        mut data,
        mut uploads,
    } = submitted;
    let failed = match id {
        None => "Failed to create record.",
        Some(_) => "Failed to update record.",
    };
    let is_file = |key: &str| names_file_field(entry, key);
    let (resumed, claims) = if entry.has_files() {
        uploads::claim(app, ctx, &mut data, is_file, failed).await?
    } else {
        Default::default()
    };
    uploads.extend(resumed);
    let mut input = Input {
        data,
        ..Input::default()
    };
    let record_id = if let Some(id) = id {
        id.to_owned()
    } else {
        input.reserved_id = record::reserve_id(entry, &input.data);
        input.reserved_id.clone()
    };
    if record_id.is_empty() {
        // Without an id there will be no record either.
        uploads.clear();
    }
    announce(ctx, entry, &mut input, &mut uploads);
    if let Some(save) = hints.asks_first
        && (!uploads.is_empty() || submits_password(entry, &input))
    {
        Box::pin(ask(app, ctx, entry, save, &input)).await?;
    }
    if !uploads.is_empty() && id.is_none() && FileKey::of(&[&entry.id, &record_id]).is_err() {
        return Err(Box::pin(why_no_record(app, ctx, entry, input, failed)).await);
    }
    if let Some(id) = id {
        let newer = hints.password_hash;
        input.old_password = compare_old_password(app, ctx, entry, id, &input, newer).await?;
    }
    input.password_hashes = hash_passwords(app, entry, &input).await?;
    let mut stored = StoredFiles {
        collection_id: entry.id.clone(),
        record_id,
        names: Vec::new(),
        claims,
    };
    for upload in uploads {
        // Noted first: a failure may leave half of it.
        stored.names.push(upload.stored_name.clone());
        if let Err(error) = Box::pin(store(&app.storage(), &stored, upload)).await {
            Box::pin(stored.remove(app)).await;
            return Err(error);
        }
    }
    Ok(Prepared { input, stored })
}

/// Says what files there will be, and drops those that no field takes: nobody would ever remove them again.
fn announce(ctx: &Ctx, entry: &Arc<Entry>, input: &mut Input, uploads: &mut Vec<Upload>) {
    uploads.retain(|upload| names_file_field(entry, &upload.key));
    if uploads.is_empty() {
        return;
    }
    let new = uploads.iter().map(|upload| NewUpload {
        key: upload.key.clone(),
        file: NewFile {
            stored_name: upload.stored_name.clone(),
            original_name: upload.file_name.clone(),
            size: upload.size,
            mime_type: upload.content_type.mime.clone(),
        },
    });
    input.uploads = new.collect();
    record::drop_unused_uploads(ctx, entry, input);
    let names = input.uploads.iter().map(|upload| &upload.file.stored_name);
    let names: HashSet<&String> = names.collect();
    uploads.retain(|upload| names.contains(&upload.stored_name));
}

async fn store(storage: &Store, stored: &StoredFiles, upload: Upload) -> Result<()> {
    let key = FileKey::new(
        &stored.collection_id,
        &stored.record_id,
        &upload.stored_name,
    )?;
    Ok(storage.put(&key, upload).await?)
}

/// Refuses a save that its rule refuses or that has no record, so that nobody makes the server work or store for
/// nothing.
async fn ask(app: &App, ctx: &Ctx, entry: &Arc<Entry>, save: Save, input: &Input) -> Result<()> {
    if matches!(save, Save::Create) && query::rule_for(ctx, entry, Action::Create)?.is_none() {
        return Ok(());
    }
    let (ctx, entry_id, input) = (ctx.clone(), entry.id.clone(), input.clone());
    app.look(move |reader, snapshot| {
        let entry = writable_by_id(snapshot, &entry_id)?;
        let id = match &save {
            Save::Create => None,
            Save::Update(id) => Some(id.as_str()),
        };
        record::may_save(reader, snapshot, &ctx, &entry, id, &input)
    })
    .await
}

/// Why there will be no record under an id that cannot name a folder.
async fn why_no_record(
    app: &App,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    input: Input,
    failed: &'static str,
) -> Error {
    let (ctx, entry_id) = (ctx.clone(), entry.id.clone());
    let checked = app.look(move |reader, snapshot| {
        let entry = writable_by_id(snapshot, &entry_id)?;
        let record = record::draft_create(reader, snapshot, &ctx, &entry, &input)?;
        record::check_record(reader, snapshot, &record, &input)
    });
    match checked.await {
        // The collection allows ids that are too long for that.
        Ok(()) => Error::bad_request(failed),
        Err(error) => error,
    }
}

fn names_file_field(entry: &Entry, key: &str) -> bool {
    let name = key.trim_start_matches('+').trim_end_matches(['+', '-']);
    entry
        .field(name)
        .is_some_and(|field| matches!(field.kind, FieldKind::File(_)))
}

fn submits_password(entry: &Entry, input: &Input) -> bool {
    let submits = |name: &str| input.data.contains_key(name);
    (entry.is_auth() && submits("oldPassword"))
        || entry
            .fields
            .iter()
            .any(|field| matches!(field.kind, FieldKind::Password(_)) && submits(&field.name))
}

async fn hash_passwords(
    app: &App,
    entry: &Entry,
    input: &Input,
) -> Result<HashMap<String, Option<Secret<String>>>> {
    let mut hashes = HashMap::new();
    for field in &entry.fields {
        let FieldKind::Password(options) = &field.kind else {
            continue;
        };
        let Some(value) = input.data.get(&field.name) else {
            continue;
        };
        let plain = cast::to_text(value);
        if plain.is_empty() {
            continue;
        }
        let hash = app
            .hasher()
            .hash(Secret::new(plain), options.hash_cost())
            .await?;
        hashes.insert(field.name.clone(), hash.map(Secret::new));
    }
    Ok(hashes)
}

/// Compares the submitted old password with the stored hash, or with the one that takes its place before.
async fn compare_old_password(
    app: &App,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    input: &Input,
    newer: Option<Secret<String>>,
) -> Result<OldPassword> {
    let old = input
        .data
        .get("oldPassword")
        .map(cast::to_text)
        .unwrap_or_default();
    if !entry.is_auth() || old.is_empty() || ctx.is_superuser() {
        return Ok(OldPassword::NotCompared);
    }
    let hash = match newer {
        Some(hash) => Some(hash),
        None => app.read(|reader, _| record::password_hash(reader, entry, id))?,
    };
    let Some(hash) = hash else {
        return Ok(OldPassword::NotCompared);
    };
    // Who holds the account slows themselves. Others slow their address alone, or they could keep the holder out.
    let is_own = ctx
        .auth()
        .is_some_and(|auth| auth.collection_id == entry.id && auth.id == id);
    let account = is_own.then_some(Target::Account(&entry.id, id));
    let address = ctx.request.ip.map(Target::Address);
    let targets = || account.into_iter().chain(address);
    let now = Instant::now();
    if targets().any(|target| app.attempts().is_slowed(target, now)) {
        return Err(Error::RateLimited(None));
    }
    let matches = app
        .hasher()
        .verify(Secret::new(old), hash.expose().clone())
        .await?;
    Ok(if matches {
        OldPassword::Matches(hash)
    } else {
        for target in targets() {
            app.attempts().failed(target, now);
        }
        OldPassword::Wrong
    })
}
