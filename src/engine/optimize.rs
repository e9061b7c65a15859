//! Upkeep that is worth doing once a day: the planner's statistics, and a write-ahead log that has grown.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::wal::CheckpointMode;

use super::error::Error;
use super::pragmas;
use super::tap::Tap;

/// How long emptying the log may keep the writer waiting for readers of an old state.
const TRUNCATE_WAIT: Duration = Duration::from_millis(100);

/// Does it on a connection of its own, so that writes go on between the steps.
pub(super) fn run(path: &Path, tap: Option<&Tap>) -> Result<(), Error> {
    let connection = pragmas::open_checkpointer(path)?;
    // All tables, but only a sample of each: what `PRAGMA optimize` does on a connection that ran every query.
    connection.execute_batch("PRAGMA optimize = 0x10002;")?;
    empty_log(&connection, tap)
}

/// Empties the log, unless somebody else is at it or reads an old state: then it is emptied another time.
fn empty_log(connection: &Connection, tap: Option<&Tap>) -> Result<(), Error> {
    match copy_log(connection, tap).map_err(Error::from) {
        Ok(()) | Err(Error::Busy) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Most is copied without holding anybody up; the rest is little.
fn copy_log(connection: &Connection, tap: Option<&Tap>) -> rusqlite::Result<()> {
    let copy = |mode| connection.wal_checkpoint_v2(Some(c"main"), mode).map(drop);
    tap.inspect(|tap| tap.capture());
    copy(CheckpointMode::PASSIVE)?;
    tap.inspect(|tap| tap.capture());
    connection.busy_timeout(TRUNCATE_WAIT)?;
    copy(CheckpointMode::TRUNCATE)
}

/// Rewrites the file without the space of deleted rows.
pub(super) fn vacuum(path: &Path, tap: Option<&Tap>) -> Result<(), Error> {
    let connection = pragmas::open_checkpointer(path)?;
    connection.execute_batch("PRAGMA wal_autocheckpoint = 0; VACUUM;")?;
    // Only that makes the file shorter.
    empty_log(&connection, tap)
}
