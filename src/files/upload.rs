//! Uploads on their way in: small ones stay in memory, larger ones go to a temporary file.

use std::fmt;
use std::path::{Path, PathBuf};

use md5::{Digest as _, Md5};
use tokio::fs;
use tokio::io::AsyncWriteExt as _;
use tokio::task::yield_now;

use crate::base::ids::{self, LOWER_ALNUM};
use crate::files::error::{Error, Result};
use crate::files::names;
use crate::files::sniff::{self, ContentType};

/// How many bytes of one upload stay in memory.
pub const MEMORY_LIMIT: usize = 1024 * 1024;

/// Bytes an upload takes in before others have their turn.
const TURN: usize = 128 << 10;

/// A complete upload, not yet stored. Dropping it removes what it left on disk.
#[derive(Debug)]
pub struct Upload {
    /// The form key it came under, such as `documents` or `documents+`.
    pub key: String,
    /// What the client called it, without directories.
    pub file_name: String,
    /// What it will be called.
    pub stored_name: String,
    /// What it is, judged by its content.
    pub content_type: ContentType,
    /// How long it is.
    pub size: u64,
    pub(super) md5: [u8; 16],
    pub(super) content: Content,
}

/// Where an upload's bytes are.
pub(super) enum Content {
    Memory(Vec<u8>),
    Temp(TempFile),
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(bytes) => write!(f, "Memory({} bytes)", bytes.len()),
            Self::Temp(file) => write!(f, "Temp({})", file.path.display()),
        }
    }
}

/// A file that is removed when it is dropped.
#[derive(Debug)]
pub(super) struct TempFile {
    path: PathBuf,
}

impl TempFile {
    /// Names a new file in a directory, which has to exist.
    pub(super) fn new_in(dir: &Path) -> Self {
        Self {
            path: dir.join(format!("upload_{}", ids::random_string(20, LOWER_ALNUM))),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // It is gone already when it was moved to its place; left-overs are removed at the next start.
        if let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.path.display(), %error, "cannot remove a temporary file");
        }
    }
}

impl Upload {
    /// The content. Blocks while it is read from a temporary file.
    pub fn bytes(&self) -> std::io::Result<Vec<u8>> {
        match &self.content {
            Content::Memory(bytes) => Ok(bytes.clone()),
            Content::Temp(file) => std::fs::read(file.path()),
        }
    }

    /// An upload whose content is at hand.
    pub fn from_bytes(key: impl Into<String>, file_name: &str, bytes: Vec<u8>) -> Self {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let content_type = sniff::sniff(&bytes);
        let md5 = Md5::digest(&bytes).into();
        Self::new(
            key.into(),
            file_name,
            content_type,
            size,
            md5,
            Content::Memory(bytes),
        )
    }

    /// An upload that is in a temporary file already; `head` is its beginning.
    pub(super) fn from_temp(
        key: String,
        file_name: &str,
        head: &[u8],
        size: u64,
        md5: [u8; 16],
        file: TempFile,
    ) -> Self {
        let content_type = sniff::sniff(head);
        Self::new(key, file_name, content_type, size, md5, Content::Temp(file))
    }

    /// Writes the content to a path outside the storage. Blocks for as long as that takes.
    pub fn write_to(&self, path: &Path) -> std::io::Result<()> {
        match &self.content {
            Content::Memory(bytes) => std::fs::write(path, bytes),
            Content::Temp(file) => std::fs::rename(file.path(), path)
                .or_else(|_| std::fs::copy(file.path(), path).map(drop)),
        }
    }

    fn new(
        key: String,
        file_name: &str,
        content_type: ContentType,
        size: u64,
        md5: [u8; 16],
        content: Content,
    ) -> Self {
        Self {
            key,
            file_name: names::original_name(file_name).to_owned(),
            stored_name: names::stored_name(file_name, content_type.extension),
            content_type,
            size,
            md5,
            content,
        }
    }
}

/// Takes an upload in piece by piece.
#[derive(Debug)]
pub struct Spool {
    dir: PathBuf,
    /// What has come so far, or its start once there is a file.
    head: Vec<u8>,
    file: Option<(fs::File, TempFile)>,
    size: u64,
    md5: Md5,
    /// Bytes taken in since others had their turn.
    unbroken: usize,
}

impl Spool {
    /// Starts an upload; `dir` takes it when it grows large.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            head: Vec::new(),
            file: None,
            size: 0,
            md5: Md5::new(),
            unbroken: 0,
        }
    }

    /// Takes the next bytes.
    pub async fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.size = self
            .size
            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.md5.update(bytes);
        if self.file.is_none() && self.head.len() + bytes.len() <= MEMORY_LIMIT {
            self.head.extend_from_slice(bytes);
            return Ok(());
        }
        if self.file.is_none() {
            self.spill().await?;
        }
        if let Some((file, _)) = &mut self.file {
            file.write_all(bytes).await?;
        }
        self.unbroken += bytes.len();
        if self.unbroken >= TURN {
            // Others of this thread have their turn: data may come as fast as it is taken in.
            self.unbroken = 0;
            yield_now().await;
        }
        // A first piece larger than all that is kept in memory.
        let missing = sniff::HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(missing));
        Ok(())
    }

    /// Moves what has come so far to a file and keeps only what sniffing needs.
    async fn spill(&mut self) -> Result<()> {
        fs::create_dir_all(&self.dir).await?;
        let temp = TempFile::new_in(&self.dir);
        let mut file = fs::File::create_new(temp.path()).await?;
        file.write_all(&self.head).await?;
        self.head.truncate(sniff::HEAD_BYTES);
        self.head.shrink_to_fit();
        self.file = Some((file, temp));
        Ok(())
    }

    /// Ends the upload.
    pub async fn finish(self, key: impl Into<String>, file_name: &str) -> Result<Upload> {
        let content_type = sniff::sniff(&self.head);
        let content = match self.file {
            None => Content::Memory(self.head),
            Some((mut file, temp)) => {
                file.flush().await.map_err(Error::Io)?;
                Content::Temp(temp)
            }
        };
        let md5 = self.md5.finalize().into();
        Ok(Upload::new(
            key.into(),
            file_name,
            content_type,
            self.size,
            md5,
            content,
        ))
    }
}
