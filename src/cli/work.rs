//! What commands need that do their work and end: a runtime, the database of a directory, the application over it.

use std::path::{Path, PathBuf};

use tokio::runtime::{Builder, Runtime};

use crate::app::{App, Config};
use crate::cli::console::Failure;

/// A runtime on the thread of the command.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    build(Builder::new_current_thread().enable_all())
}

/// A runtime with a thread beside that of the command, for scripts that wait for what happens there.
pub(super) fn runtime_for_scripts() -> Result<Runtime, Failure> {
    build(Builder::new_multi_thread().worker_threads(1).enable_all())
}

/// Builds a runtime.
pub(super) fn build(builder: &mut Builder) -> Result<Runtime, Failure> {
    builder
        .build()
        .map_err(|error| Failure::new(format!("cannot start threads: {error}")))
}

/// Where the database of a directory is. A command that only looks must not make one.
pub(super) fn database_in(dir: &Path) -> Result<PathBuf, Failure> {
    let database = dir.join("data.db");
    if database.is_file() {
        Ok(database)
    } else {
        Err(no_directory(dir))
    }
}

/// The failure when a directory is none of ours.
pub(super) fn no_directory(dir: &Path) -> Failure {
    Failure::new(format!("{} is no data directory", dir.display()))
}

/// Opens the application over a directory.
pub(super) async fn open(config: Config) -> Result<App, Failure> {
    App::open(config)
        .await
        .map_err(|error| Failure::new(error.to_string()))
}
