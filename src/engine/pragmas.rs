//! Opening connections: flags, pragmas, limits.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::error::Error;
use super::functions;
use super::like;
use super::reader::Reader;
use super::watch::Watch;

/// Older versions can corrupt the database when a checkpoint meets a write at the wrong moment.
const OLDEST_SQLITE: (i32, &str) = (3_051_003, "3.51.3");

/// How long SQLite waits for another process.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

const STATEMENTS_PER_CONNECTION: usize = 256;

/// Refuses a SQLite that is too old to be trusted with a write-ahead log.
pub(super) fn check_version() -> Result<(), Error> {
    let (oldest, needed) = OLDEST_SQLITE;
    if rusqlite::version_number() < oldest {
        return Err(Error::Version {
            found: rusqlite::version().to_owned(),
            needed,
        });
    }
    Ok(())
}

/// Opens the one connection that writes, creating the file if it does not exist. `log_pages` is set to the
/// size of the write-ahead log with every commit.
pub(super) fn open_writer(
    path: &Path,
    limit: Duration,
    log_pages: Arc<AtomicU32>,
) -> Result<Reader, Error> {
    let mut connection = open(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )?;
    if connection.is_readonly(c"main")? {
        return Err(Error::ReadOnly(path.display().to_string()));
    }
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(Error::CannotOpen(format!(
            "{} is on a file system without write-ahead logging",
            path.display()
        )));
    }
    // `checkpoint_fullfsync` makes macOS write through the drive's cache; elsewhere it does nothing.
    // The checkpoint thread takes over from the automatic checkpoints, and `flush` from flushing at every commit:
    // with NORMAL, SQLite itself flushes the log before it copies from it, and nothing more.
    connection.execute_batch(
        "PRAGMA synchronous = NORMAL;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA journal_size_limit = 200000000;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA cache_size = -8000;",
    )?;
    connection.wal_hook(Some(move |_: &mut Wal, pages| {
        log_pages.store(u32::try_from(pages).unwrap_or(0), Relaxed);
        Ok(())
    }))?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    // A job is never stopped by closing: closing waits for what was accepted.
    let watch = watched(&mut connection, limit, Arc::new(AtomicBool::new(false)))?;
    Ok(Reader::new(connection, watch))
}

/// Opens a connection that cannot write.
pub(super) fn open_reader(
    path: &Path,
    limit: Duration,
    closing: Arc<AtomicBool>,
) -> Result<Reader, Error> {
    let mut connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.execute_batch(
        "PRAGMA query_only = ON;
         PRAGMA cache_size = -4000;",
    )?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    let watch = watched(&mut connection, limit, closing)?;
    Ok(Reader::read_only(connection, watch))
}

/// Opens an empty database that lives in memory and goes with its connection.
pub(super) fn open_scratch(limit: Duration) -> Result<Reader, Error> {
    let mut connection = open(
        Path::new(":memory:"),
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )?;
    let watch = watched(&mut connection, limit, Arc::new(AtomicBool::new(false)))?;
    Ok(Reader::new(connection, watch))
}

/// Watches a connection, and gives it what has to be watched by itself.
fn watched(
    connection: &mut Connection,
    limit: Duration,
    closing: Arc<AtomicBool>,
) -> Result<Arc<Watch>, Error> {
    let watch = Watch::install(connection, limit, closing)?;
    like::register(connection, Arc::clone(&watch))?;
    Ok(watch)
}

/// Opens a connection for checkpoints.
pub(super) fn open_checkpointer(path: &Path) -> Result<Connection, Error> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA journal_size_limit = 200000000;",
    )?;
    Ok(connection)
}

/// Opens a connection that does nothing but hold a state of the database.
pub(super) fn open_holder(path: &Path) -> Result<Connection, Error> {
    open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn open(path: &Path, access: OpenFlags) -> Result<Connection, Error> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_PER_CONNECTION);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Perf: without it a statement whose plan could depend on a bound value is parsed again at every run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;",
    )?;
    functions::register(&connection)?;
    Ok(connection)
}
