//! Everything slow that a save needs before it may enter a write transaction: hashing passwords, storing files.

use std::collections::HashMap;
use std::sync::Arc;

use crate::app::records::RecordInput;
use crate::app::{App, uploads};
use crate::base::cast;
use crate::base::error::Result;
use crate::base::secret::Secret;
use crate::ctx::Ctx;
use crate::files::{Claim, FileKey, Store, Upload};
use crate::record::{self, Input, NewUpload, OldPassword};
use crate::schema::fields::NewFile;
use crate::schema::{Entry, FieldKind};

/// A save that is ready for the writer.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) input: Input,
    pub(crate) stored: StoredFiles,
}

/// Files stored for a save that is not committed yet. Call [`Self::keep`] or [`Self::remove`].
#[derive(Debug, Default)]
#[must_use = "uncommitted files must be kept or removed"]
pub(crate) struct StoredFiles {
    collection_id: String,
    record_id: String,
    names: Vec<String>,
    claims: Vec<Claim>,
}

impl StoredFiles {
    /// The save was committed; the files belong to the record now.
    pub(crate) fn keep(self) {
        for claim in self.claims {
            claim.used();
        }
    }

    /// The save failed; takes the files away again.
    pub(crate) async fn remove(self, storage: &Store) {
        remove_files(storage, &self.collection_id, &self.record_id, &self.names).await;
    }
}

/// Removes files nobody refers to any more; a failure is only logged.
pub(crate) async fn remove_files(
    storage: &Store,
    collection: &str,
    record: &str,
    names: &[String],
) {
    let keys: Result<Vec<FileKey>, _> = names
        .iter()
        .map(|name| FileKey::new(collection, record, name))
        .collect();
    let removed = match keys {
        Ok(keys) if keys.is_empty() => return,
        Ok(keys) => storage.delete(keys).await,
        Err(error) => Err(error),
    };
    if let Err(error) = removed {
        tracing::warn!(collection.id = collection, record.id = record, %error, "files stay behind");
    }
}

/// Hashes submitted passwords and stores submitted files; `id` is the record to change, `None` for a new one.
pub(crate) async fn prepare(
    app: &App,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: Option<&str>,
    submitted: RecordInput,
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
    input.password_hashes = hash_passwords(app, entry, &input).await?;
    if let Some(id) = id {
        input.old_password = compare_old_password(app, ctx, entry, id, &input).await?;
    }
    let record_id = if let Some(id) = id {
        id.to_owned()
    } else {
        input.reserved_id = record::reserve_id(entry, &input.data);
        input.reserved_id.clone()
    };
    let mut stored = StoredFiles {
        collection_id: entry.id.clone(),
        record_id: record_id.clone(),
        names: Vec::new(),
        claims,
    };
    for upload in uploads {
        // Without an id there will be no record either.
        if record_id.is_empty() || !names_file_field(entry, &upload.key) {
            continue;
        }
        match Box::pin(store(&app.storage(), &entry.id, &record_id, upload)).await {
            Ok(upload) => {
                stored.names.push(upload.file.stored_name.clone());
                input.uploads.push(upload);
            }
            Err(error) => {
                Box::pin(stored.remove(&app.storage())).await;
                return Err(error);
            }
        }
    }
    Ok(Prepared { input, stored })
}

async fn store(
    storage: &Store,
    collection: &str,
    record: &str,
    upload: Upload,
) -> Result<NewUpload> {
    let new = NewUpload {
        key: upload.key.clone(),
        file: NewFile {
            stored_name: upload.stored_name.clone(),
            original_name: upload.file_name.clone(),
            size: upload.size,
            mime_type: upload.content_type.mime.clone(),
        },
    };
    storage
        .put(
            &FileKey::new(collection, record, &upload.stored_name)?,
            upload,
        )
        .await?;
    Ok(new)
}

fn names_file_field(entry: &Entry, key: &str) -> bool {
    let name = key.trim_start_matches('+').trim_end_matches(['+', '-']);
    entry
        .field(name)
        .is_some_and(|field| matches!(field.kind, FieldKind::File(_)))
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

async fn compare_old_password(
    app: &App,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    input: &Input,
) -> Result<OldPassword> {
    let old = input
        .data
        .get("oldPassword")
        .map(cast::to_text)
        .unwrap_or_default();
    if !entry.is_auth() || old.is_empty() || ctx.is_superuser() {
        return Ok(OldPassword::NotCompared);
    }
    let Some(hash) = app.read(|reader, _| record::password_hash(reader, entry, id))? else {
        return Ok(OldPassword::NotCompared);
    };
    let matches = app
        .hasher()
        .verify(Secret::new(old), hash.expose().clone())
        .await?;
    Ok(if matches {
        OldPassword::Matches(hash)
    } else {
        OldPassword::Wrong
    })
}
