//! Notices changed scripts: by the system's notifications, and by looking now and then where those do not arrive.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, SystemTime};

use notify::{RecursiveMode, Watcher as _};
use tokio::runtime::Handle;

use crate::hooks::folder::is_for_editors;
use crate::hooks::listener::{WeakInner, reload_weak};

/// Quiet time after a change before scripts are loaded: editors write in several steps.
const DEBOUNCE: Duration = Duration::from_millis(100);

/// How often the folder is looked at without being told.
const POLL: Duration = Duration::from_secs(2);

/// Scripts are compiled and run at their top level on the watching thread.
const STACK: usize = 64 << 20;

/// Files looked at.
const MAX_FILES: usize = 20_000;

/// What tells whether files changed: path, length and time of each.
type Fingerprint = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// How often a folder without scripts is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// What watching begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// What is there now is loaded already.
    Loaded,
    /// What is there now is to be loaded.
    Unloaded,
}

/// Says whether there is no script in a folder, or no folder.
pub(super) fn is_empty(folder: &Path) -> bool {
    fingerprint(folder).is_empty()
}

/// Waits for the first script, and then watches.
pub(super) async fn wait(folder: PathBuf, inner: WeakInner) {
    while is_empty(&folder) {
        if !inner.is_alive() {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
    start(folder, inner, Begin::Unloaded);
}

/// Watches a folder until nobody is left to tell.
pub(super) fn start(folder: PathBuf, inner: WeakInner, begin: Begin) {
    let seen = match begin {
        Begin::Loaded => fingerprint(&folder),
        Begin::Unloaded => Fingerprint::new(),
    };
    // What scripts wait for at their top level is the runtime's.
    let runtime = Handle::current();
    let started = std::thread::Builder::new()
        .name("scripts".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            let _runtime = runtime.enter();
            watch(&folder, &inner, seen);
        });
    if let Err(error) = started {
        tracing::error!(%error, "scripts are not watched");
    }
}

fn watch(folder: &Path, inner: &WeakInner, mut seen: Fingerprint) {
    let (sender, changes) = mpsc::sync_channel(1);
    let mut watcher = notify::recommended_watcher(move |_| {
        // One waiting hint is enough.
        sender.try_send(()).unwrap_or_default();
    })
    .ok();
    let mut is_watching = false;
    if seen.is_empty() {
        // The first script was found just now; it may still be being written.
        seen = settled(folder);
        if !reload_weak(inner) {
            return;
        }
    }
    loop {
        if let Some(watcher) = watcher.as_mut()
            && !is_watching
        {
            is_watching = watcher.watch(folder, RecursiveMode::Recursive).is_ok();
        }
        match changes.recv_timeout(POLL) {
            Ok(()) => while changes.recv_timeout(DEBOUNCE).is_ok() {},
            Err(RecvTimeoutError::Timeout) => {}
            // Without a watcher there is only looking.
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(POLL),
        }
        let now = fingerprint(folder);
        if now == seen {
            if !inner.is_alive() {
                return;
            }
            continue;
        }
        // A folder that went away takes its notifications with it.
        is_watching = is_watching && folder.is_dir();
        seen = now;
        if !reload_weak(inner) {
            return;
        }
    }
}

/// What a folder holds once nothing has changed for a moment.
fn settled(folder: &Path) -> Fingerprint {
    let mut seen = fingerprint(folder);
    for _ in 0..50 {
        std::thread::sleep(DEBOUNCE);
        let now = fingerprint(folder);
        if now == seen {
            break;
        }
        seen = now;
    }
    seen
}

/// The scripts and modules below a folder as they are now.
fn fingerprint(folder: &Path) -> Fingerprint {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let Ok(entries) = fs::read_dir(&current) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_hidden = name.starts_with('.') || is_for_editors(&name);
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            if is_hidden || files.len() >= MAX_FILES {
                continue;
            }
            if metadata.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "rhai")
            {
                files.push((path, metadata.len(), metadata.modified().ok()));
            }
        }
    }
    files.sort();
    files
}
