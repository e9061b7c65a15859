//! Reading a file piece by piece as the pieces are taken.
//!
//! Perf: what the system has in memory is read by whoever sends it, for that takes less time than handing it to another
//! thread; only what has to come from the disk is waited for elsewhere. See `docs/decisions/0015-files-in-pieces.md`.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::{Stream, stream};

/// How much is read at a time: enough that the way to the socket does not count, and little enough to stay in the
/// processor's cache.
const PIECE: u64 = 256 << 10;

/// Reads `length` bytes from `start` on; ends with an error if there are not as many.
pub(super) fn stream(
    file: Arc<File>,
    start: u64,
    length: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static {
    let reading = Reading {
        file,
        at: start,
        left: length,
        is_begun: false,
        spare: Arc::default(),
    };
    stream::try_unfold(reading, Reading::next)
}

struct Reading {
    file: Arc<File>,
    at: u64,
    left: u64,
    is_begun: bool,
    spare: Arc<Spare>,
}

impl Reading {
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        if self.left == 0 {
            return Ok(None);
        }
        if self.is_begun {
            // A client may take pieces as fast as they are read; then nothing else would ever wait.
            tokio::task::yield_now().await;
        }
        self.is_begun = true;
        let size = usize::try_from(self.left.min(PIECE)).unwrap_or(usize::MAX);
        let mut piece = self.spare.take(size);
        let read = if let Some(read) = read_at_hand(&self.file, piece.room(size), self.at) {
            read
        } else {
            let (file, at) = (Arc::clone(&self.file), self.at);
            let reading = move || {
                let read = read_at(&file, piece.room(size), at);
                (piece, read)
            };
            let (read_into, read) = tokio::task::spawn_blocking(reading).await?;
            piece = read_into;
            read?
        };
        if read == 0 {
            // The file shrank: break off rather than pretend that this was all.
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.at += read as u64;
        self.left -= read as u64;
        piece.length = read;
        Ok(Some((Bytes::from_owner(piece), self)))
    }
}

/// The buffer of a piece that was sent, for the next one.
#[derive(Debug, Default)]
struct Spare(Mutex<Option<Vec<u8>>>);

impl Spare {
    fn take(self: &Arc<Self>, size: usize) -> Piece {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        Piece {
            bytes: kept
                .filter(|bytes| bytes.len() >= size)
                .unwrap_or_else(|| vec![0; size]),
            length: 0,
            spare: Arc::clone(self),
        }
    }
}

/// What was read at once; its buffer is used again when it is sent.
struct Piece {
    bytes: Vec<u8>,
    length: usize,
    spare: Arc<Spare>,
}

impl Piece {
    fn room(&mut self, size: usize) -> &mut [u8] {
        self.bytes.get_mut(..size).unwrap_or_default()
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        let mut spare = self.spare.0.lock().unwrap_or_else(PoisonError::into_inner);
        *spare = Some(bytes);
    }
}

/// Reads what the system has in memory; `None` when it would have to wait for the disk, or cannot say.
#[cfg(target_os = "linux")]
fn read_at_hand(file: &File, into: &mut [u8], at: u64) -> Option<usize> {
    use rustix::io::{ReadWriteFlags, preadv2};
    let mut parts = [io::IoSliceMut::new(into)];
    preadv2(file, &mut parts, at, ReadWriteFlags::NOWAIT).ok()
}

#[cfg(not(target_os = "linux"))]
fn read_at_hand(_: &File, _: &mut [u8], _: u64) -> Option<usize> {
    None
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    use std::os::unix::fs::FileExt as _;
    retried(|| file.read_at(into, at))
}

#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    use std::os::windows::fs::FileExt as _;
    retried(|| file.seek_read(into, at))
}

fn retried(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
