//! Laying an archive down beside the data whose place it is to take.

use std::fs;
use std::path::{Path, PathBuf};

use crate::backup::error::{Error, Result};
use crate::backup::extract::unpack;
use crate::backup::verify::{self, Key};
use crate::backup::{is_left_out, swap};

/// Unpacks and checks an archive so that it can take the data directory's place ([`swap::recover`]).
pub fn stage(data_dir: &Path, archive: &Path, key: Key<'_>) -> Result<()> {
    if let Some(link) = linked_folder(data_dir)? {
        return Err(Error::Unpackable(format!(
            "{} is a link to a folder, and restored data would take its place; mount the folder there instead",
            link.display()
        )));
    }
    let staged = swap::Staged::prepare(data_dir)?;
    unpack(archive, staged.path())?;
    verify::directory(staged.path(), key)?;
    staged.ready()
}

/// A member of a data directory that is a link to a folder: neither could its files be in an archive, nor could a restore move
/// them.
pub fn linked_folder(data_dir: &Path) -> Result<Option<PathBuf>> {
    for entry in fs::read_dir(data_dir).map_err(Error::at(data_dir))? {
        let entry = entry.map_err(Error::at(data_dir))?;
        let path = entry.path();
        if !is_left_out(&entry.file_name().to_string_lossy()) && path.is_symlink() && path.is_dir()
        {
            return Ok(Some(path));
        }
    }
    Ok(None)
}
