//! What scripts were: the last texts of each that were saved over the API, and a text that waits because it does not
//! load.
//!
//! They lie in a hidden folder beside the scripts, which is never loaded, so that they stay with them when the folder
//! moves.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::base::error::{FaultExt as _, Result};
use crate::base::text;
use crate::base::time::Timestamp;

/// How many texts of a script are kept.
const KEPT: usize = 20;

/// The hidden folder.
const FOLDER: &str = ".revisions";

/// A text that was saved.
#[derive(Clone, Debug)]
pub(super) struct Revision {
    pub(super) number: u64,
    pub(super) saved: Timestamp,
    pub(super) size: u64,
    place: PathBuf,
}

impl Revision {
    pub(super) fn text(&self) -> Option<String> {
        fs::read_to_string(&self.place).ok()
    }
}

/// What is kept about one script.
#[derive(Debug)]
pub(super) struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// `path` must be that of a script: plain names only.
    pub(super) fn of(scripts: &Path, path: &str) -> Self {
        let folder = scripts.join(FOLDER).join(path);
        Self { folder }
    }

    /// The saved texts, oldest first.
    pub(super) fn list(&self) -> Vec<Revision> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut found: Vec<Revision> = entries
            .filter_map(|entry| {
                let name = entry.file_name();
                let (number, millis) = name.to_str()?.strip_suffix(".rhai")?.split_once('-')?;
                Some(Revision {
                    number: number.parse().ok()?,
                    saved: Timestamp::from_unix_ms(millis.parse().ok()?),
                    size: entry.metadata().ok()?.len(),
                    place: entry.path(),
                })
            })
            .collect();
        found.sort_by_key(|revision| revision.number);
        found
    }

    /// Keeps a text as the newest, unless it is that already. The oldest ones go.
    pub(super) fn keep(&self, text: &str) -> Result<()> {
        let list = self.list();
        let newest = list.last();
        if newest.and_then(Revision::text).as_deref() == Some(text) {
            return Ok(());
        }
        let number = newest.map_or(1, |revision| revision.number.saturating_add(1));
        let name = format!("{number:06}-{}.rhai", Timestamp::now().unix_ms());
        self.put(&name, text)?;
        for old in list.iter().take((list.len() + 1).saturating_sub(KEPT)) {
            fs::remove_file(&old.place).unwrap_or_default();
        }
        Ok(())
    }

    /// The text that waits until it loads.
    pub(super) fn pending(&self) -> Option<String> {
        fs::read_to_string(self.folder.join("pending")).ok()
    }

    pub(super) fn set_pending(&self, text: &str) -> Result<()> {
        self.put("pending", text)
    }

    /// Forgets the text that waits; `false` when none did.
    pub(super) fn drop_pending(&self) -> bool {
        fs::remove_file(self.folder.join("pending")).is_ok()
    }

    fn put(&self, name: &str, text: &str) -> Result<()> {
        let unfinished = self.folder.join(format!("{name}.new"));
        fs::create_dir_all(&self.folder)
            .and_then(|()| fs::write(&unfinished, text))
            .and_then(|()| fs::rename(&unfinished, self.folder.join(name)))
            .fault("while keeping a text of a script")
    }
}

/// Paths of scripts with a text that waits.
pub(super) fn pending(scripts: &Path) -> Vec<String> {
    let root = scripts.join(FOLDER);
    let mut found = Vec::new();
    let mut waiting = vec![(root.clone(), 0)];
    while let Some((current, depth)) = waiting.pop() {
        for entry in fs::read_dir(current).into_iter().flatten().flatten() {
            let place = entry.path();
            if place.is_dir() && depth < 8 {
                waiting.push((place, depth + 1));
            } else if entry.file_name() == "pending"
                && let Some(Ok(path)) = place.parent().map(|script| script.strip_prefix(&root))
            {
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort_unstable();
    found
}

/// Stands for what an editor saw: the text that runs and the one that waits.
pub(super) fn etag(running: Option<&str>, pending: Option<&str>) -> String {
    let mut hash = Sha256::new();
    for part in [running, pending] {
        hash.update([u8::from(part.is_some())]);
        hash.update(part.unwrap_or_default().len().to_le_bytes());
        hash.update(part.unwrap_or_default());
    }
    text::hex(hash.finalize().get(..16).unwrap_or_default())
}
