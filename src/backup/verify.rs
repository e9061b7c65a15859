//! Finding out whether an archive could be restored.

use std::path::Path;
use std::time::Duration;

use crate::backup::create::Work;
use crate::backup::error::{Error, Result};
use crate::backup::extract;
use crate::catalog;
use crate::engine::{Engine, Options};

/// Unpacks an archive into a working folder of a directory and checks everything that restoring would. Changes nothing.
pub fn verify(work_dir: &Path, archive: &Path) -> Result<()> {
    let work = Work::new(work_dir)?;
    extract::unpack(archive, &work.0)?;
    directory(&work.0)
}

/// Checks that a directory's databases are whole and of a layout that can be opened.
pub fn directory(dir: &Path) -> Result<()> {
    let path = dir.join("data.db");
    let unusable = |error: &dyn std::fmt::Display| Error::Unusable(error.to_string());
    let engine = Engine::open(&path, options()).map_err(|error| unusable(&error))?;
    let checked = check(&engine);
    engine.shutdown();
    checked?;
    let logs = dir.join("auxiliary.db");
    if logs.exists() {
        let engine = Engine::open(&logs, options()).map_err(|error| unusable(&error))?;
        let whole = engine.check_integrity();
        engine.shutdown();
        whole.map_err(|error| unusable(&error))?;
    }
    Ok(())
}

/// Checking a large database takes its time.
fn options() -> Options {
    Options {
        statement_limit: Duration::from_hours(1),
        ..Options::default()
    }
}

fn check(engine: &Engine) -> Result<()> {
    let unusable = |error: &dyn std::fmt::Display| Error::Unusable(error.to_string());
    engine.check_integrity().map_err(|error| unusable(&error))?;
    match engine
        .read(catalog::inspect)
        .map_err(|error| unusable(&error))?
    {
        catalog::DataFile::Fresh => Err(Error::Unusable("it is empty".to_owned())),
        catalog::DataFile::Current => engine
            .read(catalog::load)
            .map(drop)
            .map_err(|error| unusable(&error)),
    }
}
