//! Telling whether somebody works in a folder: what a process leaves that ended in the middle is told by its lock from
//! what another one is at.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

use crate::backup::error::{Error, Result};

/// The file in such a folder that is locked.
pub(super) const LOCK: &str = "lock";

/// Age below which a folder may not have its lock yet.
const NEW: Duration = Duration::from_secs(2);

/// Age at which a folder is removed where files cannot be locked.
pub(super) const STALE: Duration = Duration::from_hours(24);

/// Says that somebody works in a folder, for as long as the file is kept. Where files cannot be locked, age has to
/// tell.
pub(super) fn hold(folder: &Path) -> Result<Option<File>> {
    let place = folder.join(LOCK);
    let lock = File::create_new(&place).map_err(Error::at(&place))?;
    Ok(lock.try_lock().is_ok().then_some(lock))
}

/// Says whether nobody works in a folder any more.
pub(super) fn is_abandoned(folder: &Path) -> bool {
    let modified = fs::metadata(folder).and_then(|data| data.modified());
    let Some(age) = modified.ok().and_then(|time| time.elapsed().ok()) else {
        return false;
    };
    let lock = File::options().write(true).open(folder.join(LOCK));
    match lock.map(|lock| lock.try_lock()) {
        Ok(Ok(())) => age > NEW,
        Ok(Err(TryLockError::WouldBlock)) => false,
        Ok(Err(TryLockError::Error(_))) | Err(_) => age > STALE,
    }
}
