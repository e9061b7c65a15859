//! Files whose removal failed: tried again while the server runs, until they are gone.
//!
//! They are nobody's already, so nothing waits for that. What is not gone when the server ends is for the search of the
//! next start (`orphans`).

use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::app::{App, orphans};
use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::files::{ChildKind, FileKey, Store};

/// Time until the first new try; doubled after each that fails.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// Longest time between two tries.
const LONGEST_PAUSE: Duration = Duration::from_mins(10);

/// Most that is remembered; the rest stays until a start looks for it.
const MAX: usize = 10_000;

/// Tries of one round that may fail. The rest is for the next one: a bucket that does not answer takes its time for each.
const MAX_FAILURES: usize = 16;

/// The files and folders that could not be removed.
#[derive(Debug, Default)]
pub(crate) struct Leftovers {
    all: Mutex<HashMap<FileKey, State>>,
    added: Notify,
}

#[derive(Clone, Copy, Debug)]
struct State {
    /// When it was to be removed.
    since: Timestamp,
    /// New tries that failed.
    failures: u32,
}

impl Leftovers {
    /// Notes what could not be removed: files of records, or folders of records or collections.
    pub(crate) fn add(&self, keys: impl IntoIterator<Item = FileKey>) {
        let state = State {
            since: Timestamp::now(),
            failures: 0,
        };
        let mut all = self.all();
        for key in keys {
            if all.len() < MAX || all.contains_key(&key) {
                all.insert(key, state);
            }
        }
        drop(all);
        self.added.notify_one();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    async fn wait(&self) {
        while self.is_empty() {
            self.added.notified().await;
        }
    }

    /// What to try, beginning with what was tried least.
    fn to_try(&self) -> Vec<(FileKey, Timestamp)> {
        let all = self.all().clone();
        let mut all: Vec<(FileKey, State)> = all.into_iter().collect();
        all.sort_by_key(|(_, state)| state.failures);
        let keys = all.into_iter().map(|(key, state)| (key, state.since));
        keys.collect()
    }

    /// Notes what became of a try, unless it was to be removed once more meanwhile.
    fn tried(&self, key: &FileKey, since: Timestamp, is_gone: bool) {
        let mut all = self.all();
        let Some(state) = all.get_mut(key).filter(|state| state.since == since) else {
            return;
        };
        state.failures += 1;
        if is_gone {
            all.remove(key);
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<FileKey, State>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tries again to remove what could not be removed. When it is asked to stop it removes nothing afterwards.
pub async fn follow(app: &App, stopped: impl Future<Output = ()>) {
    let mut stopped = pin!(stopped);
    let mut pause = FIRST_PAUSE;
    loop {
        let wait = async {
            app.leftovers().wait().await;
            sleep(pause).await;
        };
        tokio::select! {
            () = stopped.as_mut() => return,
            () = wait => {}
        }
        let (mut removed, mut failed) = (0, 0);
        for (key, since) in app.leftovers().to_try() {
            // What has begun is waited for: it goes on without being waited for, too.
            let tried = remove(app, &key, since, &mut stopped).await;
            if stopped.as_mut().now_or_never().is_some() {
                return;
            }
            app.leftovers().tried(&key, since, tried.is_ok());
            match tried {
                Ok(()) => removed += 1,
                Err(error) => {
                    tracing::debug!(%key, %error, "files stay behind again");
                    failed += 1;
                }
            }
            if failed == MAX_FAILURES {
                break;
            }
        }
        if removed > 0 {
            tracing::info!(removed, "files that had stayed behind were removed");
        }
        pause = if app.leftovers().is_empty() {
            FIRST_PAUSE
        } else {
            LONGEST_PAUSE.min(pause * 2)
        };
    }
}

/// Removes a file, or what was in a folder at that time: a record of the same id may have been made since.
async fn remove(
    app: &App,
    key: &FileKey,
    since: Timestamp,
    stopped: &mut Pin<&mut impl Future<Output = ()>>,
) -> Result<()> {
    let storage = app.storage();
    let parts: Vec<&str> = key.path().split('/').collect();
    match *parts.as_slice() {
        [collection, record, name] => {
            if !orphans::is_known(app, collection, record, name)? {
                storage.delete(vec![key.clone()]).await?;
            }
            Ok(())
        }
        [collection, record] => remove_older(app, &storage, collection, record, since).await,
        [collection] if app.snapshot().collection_by_id(collection).is_none() => {
            Ok(storage.delete_folder(key.clone()).await?)
        }
        [collection] => {
            for child in storage.all_children(Some(key)).await? {
                if stopped.as_mut().now_or_never().is_some() {
                    return Ok(());
                }
                if child.kind == ChildKind::Folder {
                    remove_older(app, &storage, collection, &child.name, since).await?;
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Removes the files of a record that nobody refers to, but for those that came later.
async fn remove_older(
    app: &App,
    storage: &Store,
    collection: &str,
    record: &str,
    since: Timestamp,
) -> Result<()> {
    let folder = FileKey::of(&[collection, record])?;
    let mut keys = Vec::new();
    for (name, modified) in orphans::files_in(storage, &folder).await? {
        let is_older = modified.is_none_or(|modified| modified < since);
        if is_older && !orphans::is_known(app, collection, record, &name)? {
            keys.push(FileKey::new(collection, record, &name)?);
        }
    }
    Ok(storage.delete(keys).await?)
}
