//! Laying an archive down beside the data whose place it is to take.

use std::fs;
use std::path::{Path, PathBuf};

use crate::backup::error::{Error, Result};
use crate::backup::extract::unpack;
use crate::backup::members::is_left_out;
use crate::backup::swap;
use crate::backup::verify::{self, Key};

/// Unpacks and checks an archive so that it can take the data directory's place ([`swap::recover`]).
pub fn stage(data_dir: &Path, archive: &Path, key: Key<'_>) -> Result<()> {
    if let Some(link) = linked_folder(data_dir)? {
        return Err(Error::Unpackable(format!(
            "{} is a link to a folder, and restored data would take its place; put the whole data directory there instead",
            link.display()
        )));
    }
    if let Some(mounted) = mounted_member(data_dir)? {
        return Err(Error::Unpackable(format!(
            "{} is mounted, and restored data could not take its place; mount the whole data directory instead",
            mounted.display()
        )));
    }
    let staged = swap::Staged::prepare(data_dir)?;
    unpack(archive, staged.path())?;
    verify::directory(staged.path(), key)?;
    staged.ready()
}

/// A member of a data directory that is a link to a folder: neither could its files be in an archive, nor could a
/// restore move them.
pub fn linked_folder(data_dir: &Path) -> Result<Option<PathBuf>> {
    member(data_dir, |path| path.is_symlink() && path.is_dir())
}

/// A member of a data directory that comes from elsewhere, so that a restore could not move it.
pub fn mounted_member(data_dir: &Path) -> Result<Option<PathBuf>> {
    member(data_dir, is_mounted)
}

fn member(data_dir: &Path, is_sought: impl Fn(&Path) -> bool) -> Result<Option<PathBuf>> {
    for entry in fs::read_dir(data_dir).map_err(Error::at(data_dir))? {
        let entry = entry.map_err(Error::at(data_dir))?;
        let path = entry.path();
        if !is_left_out(&entry.file_name().to_string_lossy()) && is_sought(&path) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

#[cfg(target_os = "linux")]
fn is_mounted(path: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    // Older systems do not tell; moving it fails then.
    statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE)
        .is_ok_and(|about| about.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
const fn is_mounted(_path: &Path) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::mounted_member;

    #[test]
    fn what_is_mounted_is_found() {
        let dir = tempfile::TempDir::new().unwrap();
        fs::create_dir(dir.path().join("storage")).unwrap();
        assert_eq!(mounted_member(dir.path()).unwrap(), None);
        // Of all that a system has mounted, there is always where processes are told of.
        assert!(mounted_member(Path::new("/")).unwrap().is_some());
    }
}
