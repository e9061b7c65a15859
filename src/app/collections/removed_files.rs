//! Removing the files of collections and fields that are gone. In a transaction of a script they go when it is
//! committed.

use crate::app::{App, files};
use crate::catalog::RemovedFile;
use crate::events::End;
use crate::files::FileKey;

/// Removes the files of fields that are gone, if not now then later.
pub(super) async fn forget_removed_files(app: &App, removed_files: Vec<RemovedFile>) {
    let Some(transaction) = app.transaction() else {
        return forget_removed_files_now(app, removed_files).await;
    };
    let app = app.clone();
    transaction.after(move |end| {
        Box::pin(async move {
            if end == End::Committed {
                forget_removed_files_now(&app, removed_files).await;
            }
        })
    });
}

async fn forget_removed_files_now(app: &App, removed_files: Vec<RemovedFile>) {
    let keys: Vec<FileKey> = removed_files
        .iter()
        .filter_map(|file| FileKey::new(&file.collection_id, &file.record_id, &file.name).ok())
        .collect();
    if keys.is_empty() {
        return;
    }
    let (storage, app) = (app.storage(), app.clone());
    files::promptly(&storage, async move { files::forget(&app, keys).await }).await;
}

/// Removes the files of a deleted collection, if not now then later: its records are gone already.
pub(super) async fn forget_collection_files(app: &App, id: &str) {
    let Ok(folder) = FileKey::of(&[id]) else {
        return;
    };
    let Some(transaction) = app.transaction() else {
        return files::forget_folders(app, vec![folder]).await;
    };
    let app = app.clone();
    transaction.after(move |end| {
        Box::pin(async move {
            if end == End::Committed {
                files::forget_folders(&app, vec![folder]).await;
            }
        })
    });
}
