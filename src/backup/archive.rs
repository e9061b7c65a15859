//! Writing a zip archive, file by file and in pieces.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write as _, copy};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::backup::error::{Error, Result};
use crate::backup::extract::confined;

/// Endings of files that do not get smaller.
const PACKED: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "webp", "avif", "mp3", "mp4", "webm", "mov", "zip", "gz", "zst",
    "7z", "pdf", "docx", "xlsx", "pptx",
];

/// Deflate's quick end: a backup is made often and rarely read.
const LEVEL: i64 = 3;

pub(super) struct Writer(ZipWriter<BufWriter<File>>);

impl Writer {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(Error::at(path))?;
        Ok(Self(ZipWriter::new(BufWriter::with_capacity(
            256 << 10,
            file,
        ))))
    }

    /// Adds a file under a name.
    pub(super) fn add(&mut self, name: &str, path: &Path) -> Result<()> {
        if confined(name).is_none() {
            return Err(Error::Unpackable(format!(
                "the path {name:?} is too long or too deep for an archive"
            )));
        }
        let file = File::open(path).map_err(Error::at(path))?;
        let ending = path
            .extension()
            .map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        let packed = ending.is_some_and(|ending| PACKED.contains(&ending.as_str()));
        let mut options = SimpleFileOptions::default()
            .large_file(true)
            .unix_permissions(0o644);
        options = if packed {
            options.compression_method(CompressionMethod::Stored)
        } else {
            options
                .compression_method(CompressionMethod::Deflated)
                .compression_level(Some(LEVEL))
        };
        self.0.start_file(name, options).map_err(|error| {
            if name.contains(char::REPLACEMENT_CHARACTER) {
                let reason = format!(
                    "two files would be {name:?} in the archive: their names are not UTF-8"
                );
                Error::Unpackable(reason)
            } else {
                error.into()
            }
        })?;
        copy(&mut BufReader::with_capacity(256 << 10, file), &mut self.0)
            .map_err(Error::at(path))?;
        Ok(())
    }

    /// Adds everything below a folder, with paths relative to it.
    pub(super) fn add_folder(&mut self, root: &Path) -> Result<()> {
        let mut folders = vec![(PathBuf::new(), String::new())];
        while let Some((relative, prefix)) = folders.pop() {
            let folder = root.join(&relative);
            for entry in fs::read_dir(&folder).map_err(Error::at(&folder))? {
                let entry = entry.map_err(Error::at(&folder))?;
                let kind = entry.file_type().map_err(Error::at(&folder))?;
                let file_name = entry.file_name();
                let name = format!("{prefix}{}", file_name.to_string_lossy());
                if kind.is_dir() {
                    folders.push((relative.join(&file_name), format!("{name}/")));
                } else {
                    self.add(&name, &entry.path())?;
                }
            }
        }
        Ok(())
    }

    /// Writes the table of contents.
    pub(super) fn finish(self) -> Result<()> {
        let mut file = self.0.finish()?;
        file.flush().map_err(|error| Error::Zip(error.into()))
    }
}
