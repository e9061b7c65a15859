//! Making folders durable: all that is in one, or the names alone.

#[cfg(not(target_os = "linux"))]
use std::fs;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::backup::error::{Error, Result};

/// A folder that is going to be filled and then made durable at once: a flush for each of a hundred thousand small
/// files takes longer than anybody waits.
#[derive(Debug)]
pub(super) struct Flush {
    folder: PathBuf,
    /// Open while the folder is filled, so that what the disk did not take meanwhile is reported.
    #[cfg(target_os = "linux")]
    file_system: File,
}

impl Flush {
    /// Has to be made before the folder is filled.
    pub(super) fn of(folder: &Path) -> Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            #[cfg(target_os = "linux")]
            file_system: File::open(folder).map_err(Error::at(folder))?,
        })
    }

    /// Waits until all that is in the folder is on the disk.
    #[cfg(target_os = "linux")]
    pub(super) fn everything(&self) -> Result<()> {
        rustix::fs::syncfs(&self.file_system).map_err(|error| Error::at(&self.folder)(error.into()))
    }

    /// Waits until all that is in the folder is on the disk.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn everything(&self) -> Result<()> {
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(Error::at(&folder))? {
                let path = entry.map_err(Error::at(&folder))?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let file = File::options().write(true).open(&path);
                    file.and_then(|file| file.sync_all())
                        .map_err(Error::at(&path))?;
                }
            }
            sync_folder(&folder)?;
        }
        Ok(())
    }
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(folder)
            .and_then(|file| file.sync_all())
            .map_err(Error::at(folder))?;
    }
    Ok(())
}
