//! Unpacking an archive from who knows where.
//!
//! Security: names stay inside the target, nothing but plain files and folders is made, and sizes are what arrives
//! rather than what is announced.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;

use crate::backup::error::{Error, Result};
use crate::backup::members::is_left_out;

/// Most entries of an archive.
const MAX_ENTRIES: usize = 5_000_000;

/// Longest path of an entry, in bytes, and its deepest nesting.
const MAX_PATH: usize = 1_024;
const MAX_DEPTH: usize = 64;

/// Characters that no path of an entry has. Where they are no separators they are characters of names like others.
const REFUSED: &[char] = if cfg!(windows) {
    &['\0', '\\', ':']
} else {
    &['\0']
};

/// An archive may always unpack to this much; beyond, to so many times its own size.
const FREE_BYTES: u64 = 1 << 30;
const MAX_RATIO: u64 = 200;

/// Unpacks an archive into an empty folder.
pub(super) fn unpack(archive: &Path, target: &Path) -> Result<()> {
    let file = File::open(archive).map_err(Error::at(archive))?;
    let packed = file.metadata().map_err(Error::at(archive))?.len();
    let mut allowed = FREE_BYTES.max(packed.saturating_mul(MAX_RATIO));
    let mut archive = ZipArchive::new(io::BufReader::new(file))?;
    if archive.len() > MAX_ENTRIES {
        return Err(Error::refused("it has too many entries"));
    }
    let mut has_data = false;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        let Some(path) = confined(&name) else {
            return Err(Error::refused(format!("the path {name:?} leads elsewhere")));
        };
        if entry.unix_mode().is_some_and(is_special) {
            return Err(Error::refused(format!(
                "{name:?} is neither a file nor a folder"
            )));
        }
        let first = path
            .components()
            .next()
            .map(|part| part.as_os_str().to_string_lossy().into_owned());
        let Some(first) = first else {
            continue;
        };
        if is_left_out(&first) || first.ends_with(".db-shm") {
            continue;
        }
        let place = target.join(&path);
        if entry.is_dir() {
            fs::create_dir_all(&place).map_err(Error::at(&place))?;
            continue;
        }
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(Error::at(parent))?;
        }
        has_data |= path == Path::new("data.db");
        let written = write(&mut entry, &place, allowed)?;
        allowed = allowed.saturating_sub(written);
    }
    if has_data {
        Ok(())
    } else {
        Err(Error::refused("it has no data.db"))
    }
}

/// Writes an entry, at most so many bytes of it. It is durable when `swap::Staged::ready` says so.
fn write(entry: &mut impl Read, place: &Path, allowed: u64) -> Result<u64> {
    // Two entries of one name would be one too many to trust either.
    let mut file = File::create_new(place).map_err(Error::at(place))?;
    let written = io::copy(&mut entry.take(allowed.saturating_add(1)), &mut file)
        .map_err(Error::at(place))?;
    if written > allowed {
        return Err(Error::refused("it unpacks to far more than its size"));
    }
    file.flush().map_err(Error::at(place))?;
    Ok(written)
}

/// The path of an entry when it stays inside and is of a sensible size.
pub(super) fn confined(name: &str) -> Option<PathBuf> {
    if name.len() > MAX_PATH || name.contains(REFUSED) || name.starts_with('/') {
        return None;
    }
    let path = PathBuf::from(name);
    let mut depth = 0;
    for part in path.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (depth <= MAX_DEPTH).then_some(path)
}

/// Says whether a mode is that of a link, a device or the like.
const fn is_special(mode: u32) -> bool {
    !matches!(mode & 0o170_000, 0 | 0o040_000 | 0o100_000)
}

#[cfg(test)]
mod tests {
    use super::{confined, is_special, write};
    use crate::backup::Error;

    #[test]
    fn what_unpacks_to_too_much_is_refused() {
        let dir = tempfile::TempDir::new().unwrap();
        let content = [0; 100];
        let refused = write(&mut &content[..], &dir.path().join("a"), 99);
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
        let written = write(&mut &content[..], &dir.path().join("b"), 100);
        assert_eq!(written.ok(), Some(100));
        let again = write(&mut &content[..], &dir.path().join("b"), 100);
        assert!(matches!(again, Err(Error::File { .. })), "{again:?}");
    }

    #[test]
    fn paths_stay_inside() {
        for name in [
            "data.db",
            "storage/a/b/c.txt",
            "./data.db",
            "a//b",
            "storage/",
            &"a/".repeat(64),
        ] {
            assert!(confined(name).is_some(), "{name}");
        }
        for name in ["C:/x", "a:b.txt", "a\\..\\b", "back\\slash.txt"] {
            assert_eq!(confined(name).is_some(), cfg!(not(windows)), "{name}");
        }
        let deep = "a/".repeat(100);
        for name in ["../x", "a/../../x", "/etc/passwd", "a\0b", deep.as_str()] {
            assert_eq!(confined(name), None, "{name:?}");
        }
        assert!(is_special(0o120_777) && is_special(0o060_644));
        assert!(!is_special(0o100_644) && !is_special(0o040_755) && !is_special(0o644));
    }
}
