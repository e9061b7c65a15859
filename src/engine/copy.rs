//! Copying a database that others are using.

use std::path::Path;

use super::error::Error;
use super::pragmas;

/// Writes a database, as it is at one moment, into a new file: compact and without a log. Nobody waits for it; the
/// write-ahead log only grows while it runs.
pub fn copy_database(source: &Path, target: &Path) -> Result<(), Error> {
    let connection = pragmas::open_checkpointer(source)?;
    let target = target
        .to_str()
        .ok_or_else(|| Error::CannotOpen(format!("{} is no text", target.display())))?;
    connection.execute("VACUUM INTO ?1", [target])?;
    Ok(())
}
