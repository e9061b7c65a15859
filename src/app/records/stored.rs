//! Files in storage beside the saves and deletes that decide whether they stay.

use std::collections::HashSet;

use crate::app::{App, files};
use crate::base::error::Result;
use crate::files::{ChildKind, Claim, FileKey, Store};
use crate::record;

/// Files stored for a save that is not committed yet. Call [`Self::keep`] or [`Self::remove`].
#[derive(Debug, Default)]
#[must_use = "uncommitted files must be kept or removed"]
pub(crate) struct StoredFiles {
    pub(super) collection_id: String,
    pub(super) record_id: String,
    pub(super) names: Vec<String>,
    pub(super) claims: Vec<Claim>,
}

impl StoredFiles {
    /// The save was committed; the files belong to the record now.
    pub(crate) fn keep(self) {
        for claim in self.claims {
            claim.used();
        }
    }

    /// The save failed; takes the files away again.
    pub(crate) async fn remove(self, app: &App) {
        remove_files(app, &self.collection_id, &self.record_id, &self.names).await;
    }
}

/// Removes files nobody refers to any more, if not now then later.
pub(super) async fn remove_files(app: &App, collection: &str, record: &str, names: &[String]) {
    let keys: Result<Vec<FileKey>, _> = names
        .iter()
        .map(|name| FileKey::new(collection, record, name))
        .collect();
    match keys {
        Ok(keys) => files::forget(app, keys).await,
        Err(error) => {
            tracing::warn!(collection.id = collection, record.id = record, %error, "files stay behind");
        }
    }
}

/// Removes files that a save took out of a record or did not take into it.
pub(crate) async fn forget_replaced(app: &App, written: &record::Written) {
    let names = &written.removed_files;
    if names.is_empty() {
        return;
    }
    let (app, written) = (app.clone(), written.clone());
    let storage = app.storage();
    let removing = files::promptly(&storage, async move {
        remove_files(
            &app,
            &written.collection_id,
            &written.record_id,
            &written.removed_files,
        )
        .await;
    });
    // Perf: boxed like everything rare and large, so that the futures of plain saves stay small.
    Box::pin(removing).await;
}

/// Removes the files of deleted records, if not now then later: the records are gone already.
pub(crate) async fn forget_files(app: &App, deleted: &record::Deleted) {
    if deleted.with_files.is_empty() {
        return;
    }
    let made_anew = match made_anew(app, deleted).await {
        Ok(made_anew) => made_anew,
        Err(error) => {
            tracing::warn!(error = ?error, "files of deleted records stay behind for now");
            let folders = deleted.with_files.iter();
            let folders =
                folders.filter_map(|(collection, id)| FileKey::of(&[collection, id]).ok());
            app.leftovers().add(folders);
            return;
        }
    };
    let mut folders = Vec::new();
    for ((collection, record), names) in deleted.with_files.iter().zip(made_anew) {
        let Ok(folder) = FileKey::of(&[collection, record]) else {
            continue;
        };
        match names {
            None => folders.push(folder),
            Some(names) => {
                let app = app.clone();
                let (collection, record) = (collection.clone(), record.clone());
                let storage = app.storage();
                let removing = files::promptly(&storage, async move {
                    let storage = app.storage();
                    match others_in(&storage, &folder, &names).await {
                        Ok(names) => remove_files(&app, &collection, &record, &names).await,
                        Err(error) => {
                            tracing::warn!(%folder, %error, "files stay behind for now");
                            app.leftovers().add([folder]);
                        }
                    }
                });
                Box::pin(removing).await;
            }
        }
    }
    files::forget_folders(app, folders).await;
}

/// What those of the deleted records hold that exist again: a batch may make a record anew that it has just deleted.
async fn made_anew(app: &App, deleted: &record::Deleted) -> Result<Vec<Option<Vec<String>>>> {
    let ids = deleted.with_files.clone();
    app.read_adaptive(move |reader, snapshot| {
        let names =
            |(collection, record): &(String, String)| match snapshot.collection_by_id(collection) {
                Some(entry) => record::file_names(reader, entry, record),
                None => Ok(None),
            };
        ids.iter().map(names).collect()
    })
    .await
}

/// The files in a folder but for those that stay.
async fn others_in(
    storage: &Store,
    folder: &FileKey,
    staying: &[String],
) -> Result<Vec<String>, crate::files::Error> {
    let staying: HashSet<&String> = staying.iter().collect();
    let children = storage.all_children(Some(folder)).await?;
    let files = children
        .into_iter()
        .filter(|child| matches!(child.kind, ChildKind::File { .. }))
        .map(|child| child.name);
    Ok(files.filter(|name| !staying.contains(name)).collect())
}
