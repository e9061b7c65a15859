//! Writing a zip archive, file by file and in pieces.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Seek, SeekFrom, Write, copy};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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

pub(super) struct Writer {
    // Goes before the other, see there.
    ending: Ending,
    zip: ZipWriter<Quiet<BufWriter<File>>>,
}

impl Writer {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(Error::at(path))?;
        let ending = Ending::default();
        let quiet = Quiet {
            inner: BufWriter::with_capacity(256 << 10, file),
            is_over: Arc::clone(&ending.0),
            at: 0,
        };
        Ok(Self {
            ending,
            zip: ZipWriter::new(quiet),
        })
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
        self.zip.start_file(name, options).map_err(|error| {
            if name.contains(char::REPLACEMENT_CHARACTER) {
                let reason = format!(
                    "two files would be {name:?} in the archive: their names are not UTF-8"
                );
                Error::Unpackable(reason)
            } else {
                error.into()
            }
        })?;
        copy(
            &mut BufReader::with_capacity(256 << 10, file),
            &mut self.zip,
        )
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
        let Self { ending, zip } = self;
        let mut file = zip.finish()?;
        let is_whole = !file.is_over.load(Ordering::Relaxed);
        let flushed = file.flush();
        drop(ending);
        let lost = || io::Error::other("something could not be written");
        let flushed = flushed.and_then(|()| is_whole.then_some(()).ok_or_else(lost));
        flushed.map_err(|error| Error::Zip(error.into()))
    }
}

/// Lets the archive be given up when it goes: what is not finished by then is of no use.
#[derive(Default)]
struct Ending(Arc<AtomicBool>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Passes on what is written, up to the first failure or the end. After that everything seems to succeed: an archive
/// that is given up still tries to complete itself, and complains past the log if it cannot.
struct Quiet<W> {
    inner: W,
    is_over: Arc<AtomicBool>,
    at: u64,
}

impl<W: Write + Seek> Quiet<W> {
    /// Does something unless it is over; then gives what stands for success.
    fn attempt<T>(
        &mut self,
        instead: T,
        act: impl FnOnce(&mut W) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.is_over.load(Ordering::Relaxed) {
            return Ok(instead);
        }
        act(&mut self.inner).inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.is_over.store(true, Ordering::Relaxed);
            }
        })
    }
}

impl<W: Write + Seek> Write for Quiet<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.attempt(bytes.len(), |inner| inner.write(bytes))?;
        self.at = self.at.saturating_add(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt((), Write::flush)
    }
}

impl<W: Write + Seek> Seek for Quiet<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let supposed = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) | SeekFrom::End(by) => self.at.saturating_add_signed(by),
        };
        self.at = self.attempt(supposed, |inner| inner.seek(to))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, Seek, SeekFrom, Write};
    use std::sync::Arc;

    use super::{Ending, Quiet};

    /// A disk with little room.
    #[derive(Default)]
    struct Disk {
        content: Cursor<Vec<u8>>,
        attempts: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.attempts += 1;
            if self.content.position() + bytes.len() as u64 > 4 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.content.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Disk {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.content.seek(to)
        }
    }

    fn quiet(ending: &Ending) -> Quiet<Disk> {
        Quiet {
            inner: Disk::default(),
            is_over: Arc::clone(&ending.0),
            at: 0,
        }
    }

    #[test]
    fn what_failed_once_is_not_tried_again() {
        let ending = Ending::default();
        let mut quiet = quiet(&ending);
        quiet.write_all(b"abcd").unwrap();
        let full = quiet.write_all(b"e").unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        quiet.write_all(b"fgh").unwrap();
        assert_eq!(quiet.stream_position().unwrap(), 7);
        quiet.seek(SeekFrom::Start(0)).unwrap();
        quiet.write_all(b"xyz").unwrap();
        assert_eq!(quiet.stream_position().unwrap(), 3);
        assert_eq!(quiet.inner.attempts, 2);
        assert_eq!(quiet.inner.content.into_inner(), b"abcd");
    }

    #[test]
    fn nothing_is_written_after_the_end() {
        let ending = Ending::default();
        let mut quiet = quiet(&ending);
        quiet.write_all(b"a").unwrap();
        drop(ending);
        quiet.write_all(b"bcdef").unwrap();
        assert_eq!(quiet.inner.content.into_inner(), b"a");
    }
}
