//! Answers that are written piece by piece, and files as answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use rhai::{Blob, FnPtr, ImmutableString, Module};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Sender, channel};

use crate::app::App;
use crate::base::error::{Answer, Error, Result};
use crate::events::Rest;
use crate::files::FileKey;
use crate::hooks::define::function;
use crate::hooks::fault::{Failure, thrown};
use crate::hooks::frames;
use crate::hooks::thread::{Pool, Refused};

/// How long a stream may last.
pub(super) const LIMIT: Duration = Duration::from_mins(10);

/// Pieces that may wait for the client.
const WAITING: usize = 16;

/// Largest file that a script answers with.
const MAX_FILE: u64 = 64 << 20;

/// Streams that may be open at once, each with a thread of its own.
const MAX_STREAMS: usize = 200;

/// The threads of streams: apart from those that answer calls, which nobody would get otherwise while streams are open.
#[derive(Clone, Debug)]
pub(super) struct Streams {
    pool: Pool,
    places: Arc<Semaphore>,
}

impl Streams {
    pub(super) fn new(runtime: Handle) -> Self {
        Self {
            pool: Pool::of(runtime, MAX_STREAMS),
            places: Arc::new(Semaphore::new(MAX_STREAMS)),
        }
    }

    /// Begins to write a stream, if there is a place for one more.
    pub(super) fn start(&self, work: impl FnOnce() + Send + 'static) -> Result<(), Refused> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| Refused)?;
        self.pool.submit(Box::new(move || {
            let _place = place;
            work();
        }))
    }

    /// Refuses streams from now on.
    pub(super) fn close(&self) {
        self.pool.close();
    }
}

/// An answer whose body a closure writes.
#[derive(Clone, Debug)]
pub(super) struct ScriptStream {
    pub(super) answer: Answer,
    pub(super) work: FnPtr,
}

/// Where a stream is written to.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    pieces: Sender<Bytes>,
    is_whole: Arc<AtomicBool>,
}

/// Both ends of a stream's body.
pub(super) fn writer() -> (Writer, Rest) {
    let (pieces, receiver) = channel(WAITING);
    let is_whole = Arc::new(AtomicBool::new(false));
    let rest = Rest::new(receiver, Arc::clone(&is_whole));
    (Writer { pieces, is_whole }, rest)
}

impl Writer {
    /// Ends a stream that is complete. One that ends in any other way is cut off: the client sees its connection end.
    pub(super) fn finish(self) {
        self.is_whole.store(true, Ordering::Release);
    }

    /// Says whether nobody takes what is written any more.
    pub(super) fn is_in_vain(&self) -> bool {
        self.pieces.is_closed()
    }

    fn write(&self, bytes: Bytes) -> Result<(), Failure> {
        if bytes.is_empty() {
            return Ok(());
        }
        let sending = async {
            let gone = |_| Error::bad_request("The client has left.");
            self.pieces.send(bytes).await.map_err(gone)
        };
        frames::wait(sending).map_err(|error| thrown(&error))
    }
}

/// What a script does with a stream.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    module.set_custom_type::<ScriptStream>("Stream");
    module.set_custom_type::<Writer>("Writer");
    function!(
        module,
        "write(stream: Writer, text: string)",
        "Sends a text now. Waits while the client is slow, and throws when it has left.",
        |writer: &mut Writer, text: ImmutableString| {
            writer.write(Bytes::from(text.as_bytes().to_vec()))
        }
    );
    function!(
        module,
        "write(stream: Writer, bytes: blob)",
        "Sends bytes now.",
        |writer: &mut Writer, bytes: Blob| writer.write(Bytes::from(bytes))
    );
    function!(
        module,
        "sleep(milliseconds: int)",
        "Waits; it counts towards the time of the call.",
        |milliseconds: i64| {
            let pause = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0));
            frames::wait(async move {
                tokio::time::sleep(pause).await;
                Ok(())
            })
            .map_err(|error| thrown(&error))
        }
    );
    module
}

/// A file for an answer: below the static files, or one of a record as `storage/COLLECTION/RECORD/NAME`.
pub(super) async fn file(app: &App, path: &str) -> Result<(String, Vec<u8>)> {
    let missing = || Error::NotFound(None);
    if let Some(stored) = path.strip_prefix("storage/") {
        let mut parts = stored.split('/');
        let (Some(collection), Some(record), Some(name), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(missing());
        };
        let snapshot = app.snapshot();
        let entry = snapshot.collection(collection).ok_or_else(missing)?;
        let key = FileKey::new(&entry.id, record, name)?;
        let storage = app.storage();
        let opened = storage.open(&key).await?;
        return Ok((opened.content_type, storage.read(&key, MAX_FILE).await?));
    }
    let relative = path.strip_prefix("public/").unwrap_or(path);
    let root = frames::public().ok_or_else(missing)?.to_owned();
    let root = std::fs::canonicalize(root).map_err(|_| missing())?;
    let place = std::fs::canonicalize(root.join(relative)).map_err(|_| missing())?;
    let is_fine = place.starts_with(&root)
        && std::fs::metadata(&place).is_ok_and(|data| data.is_file() && data.len() <= MAX_FILE);
    if !is_fine {
        return Err(missing());
    }
    let kind = mime_guess::from_path(&place)
        .first_raw()
        .unwrap_or("application/octet-stream");
    let bytes = std::fs::read(&place).map_err(|_| missing())?;
    Ok((kind.to_owned(), bytes))
}
