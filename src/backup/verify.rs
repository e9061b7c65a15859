//! Finding out whether an archive could be restored.

use std::path::Path;
use std::time::Duration;

use crate::backup::error::{Error, Result};
use crate::backup::extract;
use crate::backup::work::Work;
use crate::base::secret::Secret;
use crate::catalog;
use crate::engine::{Engine, Options};
use crate::settings::Settings;

/// The key of the settings, as far as it is known to whoever asks.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// What the data will be opened with.
    Known(Option<&'a Secret<String>>),
    /// The server may have one.
    Unknown,
}

impl<'a> Key<'a> {
    /// The key a command was given: a command may do without.
    pub fn given(key: Option<&'a Secret<String>>) -> Self {
        key.map_or(Self::Unknown, |key| Self::Known(Some(key)))
    }
}

/// Unpacks an archive into a working folder of a directory and checks everything that restoring would. Changes nothing.
/// Says whether opening it takes a key that is unknown.
pub fn verify(work_dir: &Path, archive: &Path, key: Key<'_>) -> Result<bool> {
    let work = Work::new(work_dir)?;
    extract::unpack(archive, work.path())?;
    directory(work.path(), key)
}

/// Checks that a directory's data can be opened, as far as a moment tells.
pub fn opens(dir: &Path, key: Key<'_>) -> Result<()> {
    let engine = open(&dir.join("data.db"))?;
    let checked = layout(&engine).and_then(|()| settings(&engine, key));
    engine.shutdown();
    checked.map(drop)
}

/// Checks that a directory's databases are whole and of a layout that can be opened, and that the key fits. Says
/// whether one is needed that is unknown.
pub fn directory(dir: &Path, key: Key<'_>) -> Result<bool> {
    let engine = open(&dir.join("data.db"))?;
    let checked = engine
        .check_integrity()
        .map_err(unusable)
        .and_then(|()| layout(&engine))
        .and_then(|()| settings(&engine, key));
    engine.shutdown();
    let needs_key = checked?;
    let logs = dir.join("auxiliary.db");
    if logs.exists() {
        let engine = open(&logs)?;
        let whole = engine.check_integrity();
        engine.shutdown();
        whole.map_err(unusable)?;
    }
    Ok(needs_key)
}

fn open(path: &Path) -> Result<Engine> {
    Engine::open(path, options()).map_err(unusable)
}

fn unusable(error: impl std::fmt::Display) -> Error {
    Error::Unusable(error.to_string())
}

/// Checking a large database takes its time.
fn options() -> Options {
    Options {
        statement_limit: Duration::from_hours(1),
        ..Options::default()
    }
}

fn layout(engine: &Engine) -> Result<()> {
    match engine.read(catalog::inspect).map_err(unusable)? {
        catalog::DataFile::Fresh => Err(unusable("it is empty")),
        catalog::DataFile::Current => engine.read(catalog::load).map(drop).map_err(unusable),
    }
}

fn settings(engine: &Engine, key: Key<'_>) -> Result<bool> {
    let stored = engine.read(catalog::stored_settings).map_err(unusable)?;
    let Some(stored) = stored else {
        return Ok(false);
    };
    match key {
        Key::Unknown if !Settings::is_clear(&stored) => Ok(true),
        Key::Unknown => Settings::from_storage(&stored, None).map(|_| false),
        Key::Known(key) => Settings::from_storage(&stored, key).map(|_| false),
    }
    .map_err(unusable)
}
