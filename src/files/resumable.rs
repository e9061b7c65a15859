//! Uploads that survive broken connections and restarts: a file that grows, beside a note of what it is to be.
//!
//! They lie in a folder of their own per owner, and nobody else finds them. HTTP is `api`'s matter.

use std::collections::HashSet;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use md5::{Digest as _, Md5};
use tokio::fs;
use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout, timeout_at};

use crate::base::error;
use crate::base::ids::{self, LOWER_ALNUM};
use crate::files::error::{Error, Result};
use crate::files::key::FileKey;
use crate::files::sniff;
use crate::files::store::{create_dir_durable, sync_dir};
use crate::files::upload::{TempFile, Upload};

/// How long an upload is kept after its last byte arrived.
const KEPT: Duration = Duration::from_hours(24);

/// Unfinished uploads one owner may have.
const MAX_PER_OWNER: usize = 32;

/// Longest wait for the next bytes, and for all of one request.
const PIECE: Duration = Duration::from_mins(1);
const REQUEST: Duration = Duration::from_hours(1);

const ID_CHARS: usize = 24;
const NOTE_SUFFIX: &str = ".json";

/// What a client announced.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Note {
    /// In bytes.
    pub length: u64,
    pub file_name: String,
    /// As it was sent, to be given back.
    pub metadata: String,
}

/// How far an upload is.
#[derive(Clone, Debug)]
pub struct Progress {
    pub offset: u64,
    pub note: Note,
}

/// Why an upload cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("no such upload")]
    NotFound,
    #[error("the upload is at byte {0}")]
    Offset(u64),
    #[error("the upload is being written")]
    Busy,
    #[error("more bytes than announced")]
    TooLong,
    #[error("too many unfinished uploads")]
    TooMany,
    #[error("the upload is not complete")]
    Incomplete,
    #[error(transparent)]
    Storage(#[from] Error),
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::NotFound,
            _ => Self::Storage(Error::Io(error)),
        }
    }
}

impl From<Problem> for error::Error {
    fn from(problem: Problem) -> Self {
        let wire = |status, message: String| Self::Wire {
            status,
            message: message.into(),
            data: serde_json::json!({}),
        };
        match problem {
            Problem::NotFound => Self::NotFound(None),
            Problem::Offset(_) => wire(409, format!("{}.", capital(&problem))),
            Problem::Busy => wire(423, format!("{}.", capital(&problem))),
            Problem::TooLong => Self::TooLarge,
            Problem::TooMany | Problem::Incomplete => {
                Self::bad_request(format!("{}.", capital(&problem)))
            }
            Problem::Storage(error) => error.into(),
        }
    }
}

fn capital(problem: &Problem) -> String {
    let text = problem.to_string();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// The uploads of a data directory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Resumables(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    dir: PathBuf,
    temp: PathBuf,
    /// Those being written right now.
    busy: Mutex<HashSet<String>>,
    /// Who begins one counts those there are; nobody may begin another in between.
    beginning: Arc<tokio::sync::Mutex<()>>,
}

/// An upload that became a file; it is removed when the file is kept.
#[derive(Debug)]
pub struct Claim {
    data: PathBuf,
}

impl Claim {
    /// The file belongs to a record now.
    pub fn used(self) {
        drop(spawn_blocking(move || remove_files(&self.data)));
    }
}

/// Holds an upload against others until it is dropped.
struct Busy {
    uploads: Resumables,
    id: String,
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut busy = self
            .uploads
            .0
            .busy
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        busy.remove(&self.id);
    }
}

impl Resumables {
    /// Names the folder in `temp`; creates nothing.
    pub fn new(temp: &Path) -> Self {
        Self(Arc::new(Shared {
            dir: temp.join(super::RESUMABLE_DIR),
            temp: temp.to_owned(),
            busy: Mutex::default(),
            beginning: Arc::default(),
        }))
    }

    /// Begins an upload and gives its id.
    pub async fn create(&self, owner: &str, note: &Note) -> Result<String, Problem> {
        let folder = self.folder(owner)?;
        let note = serde_json::to_vec(note).map_err(std::io::Error::other)?;
        let waiting = Arc::clone(&self.0.beginning).lock_owned();
        let Ok(turn) = timeout(PIECE, waiting).await else {
            return Err(std::io::Error::from(ErrorKind::TimedOut).into());
        };
        let begun = spawn_blocking(move || {
            let id = begin_another(&folder, &note);
            drop(turn);
            id
        });
        begun.await.map_err(std::io::Error::other)?
    }

    /// How far an upload is.
    pub async fn progress(&self, owner: &str, id: &str) -> Result<Progress, Problem> {
        let data = self.data(owner, id)?;
        let note = fs::read(note_of(&data)).await?;
        let note = serde_json::from_slice(&note).map_err(|_| Problem::NotFound)?;
        let offset = fs::metadata(&data).await?.len();
        Ok(Progress { offset, note })
    }

    /// Takes more bytes in and gives where the upload is then. What arrived before a connection breaks stays.
    pub async fn append<E>(
        &self,
        owner: &str,
        id: &str,
        offset: u64,
        body: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<u64, Problem> {
        let _busy = self.busy(id)?;
        let progress = self.progress(owner, id).await?;
        if progress.offset != offset {
            return Err(Problem::Offset(progress.offset));
        }
        let data = self.data(owner, id)?;
        let mut file = fs::File::options().append(true).open(&data).await?;
        let mut body = std::pin::pin!(body);
        let deadline = Instant::now() + REQUEST;
        let mut size = offset;
        let mut is_too_long = false;
        while let Ok(Ok(Some(Ok(bytes)))) = timeout_at(deadline, timeout(PIECE, body.next())).await
        {
            let more = size.saturating_add(bytes.len() as u64);
            if more > progress.note.length {
                is_too_long = true;
                break;
            }
            file.write_all(&bytes).await?;
            size = more;
        }
        file.flush().await?;
        file.sync_data().await?;
        if is_too_long {
            return Err(Problem::TooLong);
        }
        Ok(size)
    }

    /// Gives an upload up.
    pub async fn remove(&self, owner: &str, id: &str) -> Result<(), Problem> {
        let _busy = self.busy(id)?;
        self.progress(owner, id).await?;
        let data = self.data(owner, id)?;
        let removed = spawn_blocking(move || remove_files(&data)).await;
        Ok(removed.map_err(std::io::Error::other)?)
    }

    /// Makes a file of a complete upload. The upload itself stays until the claim is used.
    pub async fn claim(
        &self,
        owner: &str,
        id: &str,
        key: &str,
    ) -> Result<(Upload, Claim), Problem> {
        let _busy = self.busy(id)?;
        let progress = self.progress(owner, id).await?;
        if progress.offset != progress.note.length {
            return Err(Problem::Incomplete);
        }
        let data = self.data(owner, id)?;
        let (temp, source) = (TempFile::new_in(&self.0.temp), data.clone());
        let linked = spawn_blocking(move || {
            // A second name is enough where the file system has them.
            if std::fs::hard_link(&source, temp.path()).is_err() {
                std::fs::copy(&source, temp.path())?;
            }
            let (head, md5) = inspect(temp.path())?;
            Ok::<_, std::io::Error>((temp, head, md5))
        });
        let (temp, head, md5) = linked.await.map_err(std::io::Error::other)??;
        let size = progress.note.length;
        let upload = Upload::from_temp(
            key.to_owned(),
            &progress.note.file_name,
            &head,
            size,
            md5,
            temp,
        );
        Ok((upload, Claim { data }))
    }

    fn busy(&self, id: &str) -> Result<Busy, Problem> {
        let mut busy = self.0.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if !busy.insert(id.to_owned()) {
            return Err(Problem::Busy);
        }
        Ok(Busy {
            uploads: self.clone(),
            id: id.to_owned(),
        })
    }

    fn folder(&self, owner: &str) -> Result<PathBuf, Problem> {
        let key = FileKey::of(&[owner])?;
        Ok(self.0.dir.join(key.path()))
    }

    fn data(&self, owner: &str, id: &str) -> Result<PathBuf, Problem> {
        let is_id = id.len() == ID_CHARS && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_id {
            return Err(Problem::NotFound);
        }
        Ok(self.folder(owner)?.join(id))
    }

    /// Removes uploads nobody went on with; gives how many are left.
    fn remove_old(folder: &Path) -> std::io::Result<usize> {
        let mut count = 0;
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let is_note = path.extension().is_some();
            let data = path.with_extension("");
            // A note without data is what a crash left: it goes by its own age.
            if is_note && data.exists() {
                continue;
            }
            let modified = path.metadata().and_then(|metadata| metadata.modified());
            let age = modified.map(|moment| SystemTime::now().duration_since(moment));
            if matches!(age, Ok(Ok(age)) if age > KEPT) {
                remove_files(&data);
            } else if !is_note {
                count += 1;
            }
        }
        Ok(count)
    }

    /// Removes what nobody went on with, of all owners.
    pub async fn clean(&self) {
        let uploads = self.clone();
        if let Err(error) = spawn_blocking(move || uploads.clean_now()).await {
            tracing::warn!(%error, "old uploads stay behind");
        }
    }

    fn clean_now(&self) {
        for folder in std::fs::read_dir(&self.0.dir)
            .into_iter()
            .flatten()
            .flatten()
        {
            if let Ok(0) = Self::remove_old(&folder.path()) {
                // Not empty is fine: somebody has just begun.
                drop(std::fs::remove_dir(folder.path()));
            }
        }
    }
}

/// Begins an upload unless its owner has too many.
fn begin_another(folder: &Path, note: &[u8]) -> Result<String, Problem> {
    create_dir_durable(folder)?;
    if Resumables::remove_old(folder)? >= MAX_PER_OWNER {
        return Err(Problem::TooMany);
    }
    let id = ids::random_string(ID_CHARS, LOWER_ALNUM);
    begin(&folder.join(&id), note)?;
    Ok(id)
}

/// Makes the files of an upload such that they survive a power cut.
fn begin(data: &Path, note: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::File::create_new(note_of(data))?;
    file.write_all(note)?;
    file.sync_all()?;
    std::fs::File::create_new(data)?.sync_all()?;
    data.parent().map_or(Ok(()), sync_dir)
}

fn remove_files(data: &Path) {
    for path in [data.to_owned(), note_of(data)] {
        if let Err(error) = std::fs::remove_file(&path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(path = %path.display(), %error, "an upload stays behind");
        }
    }
}

fn note_of(data: &Path) -> PathBuf {
    let mut note = data.as_os_str().to_owned();
    note.push(NOTE_SUFFIX);
    note.into()
}

/// The beginning of a file and the sum of all of it.
fn inspect(path: &Path) -> std::io::Result<(Vec<u8>, [u8; 16])> {
    let mut file = std::fs::File::open(path)?;
    let (mut head, mut sum) = (Vec::new(), Md5::new());
    let mut piece = vec![0; 1 << 20];
    loop {
        let length = file.read(&mut piece)?;
        let Some(read @ [_, ..]) = piece.get(..length) else {
            return Ok((head, sum.finalize().into()));
        };
        sum.update(read);
        let missing = sniff::HEAD_BYTES.saturating_sub(head.len());
        head.extend(read.iter().take(missing));
    }
}
