//! Password hashing on threads of its own, so that nobody's sign-in slows anybody's read.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::base::error::{Error, FaultExt as _, Result};
use crate::base::secret::Secret;
use crate::base::turns::{Back, step_back};

/// Longest password that can be hashed, in bytes.
pub const MAX_BYTES: usize = 72;
/// Hashes waiting for a place, per running one; more are refused.
const WAITING_PER_WORKER: usize = 64;

/// bcrypt's cost where nothing else is said.
pub const DEFAULT_COST: u32 = 10;

/// A valid hash of no password, compared against when the identity is unknown so that both answers take as long.
fn nobodys_hash(cost: u32) -> String {
    format!("$2a${cost:02}$7EqJtq98hPqEX7fNZaFWoOhi5B0Y0C9Y0fK6rY3aY2m3mJv1b5v0u")
}

type Work = Box<dyn FnOnce() + Send>;

/// Runs bcrypt on so many threads; the rest waits in a bounded queue.
///
/// There may be as many threads as processors: they step back for whatever else wants one.
#[derive(Clone)]
pub struct Hasher {
    queue: SyncSender<Work>,
    workers: usize,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher")
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}

impl Hasher {
    /// A pool with this many hashes at once.
    pub fn new(workers: usize) -> Self {
        let workers = workers.max(1);
        let (queue, work) = sync_channel(workers * WAITING_PER_WORKER);
        let work = Arc::new(Mutex::new(work));
        for _ in 0..workers {
            let work = Arc::clone(&work);
            let started = thread::Builder::new()
                .name("hash".to_owned())
                .spawn(move || run_all(&work));
            if let Err(error) = started {
                tracing::error!(%error, "a thread for hashing passwords cannot be started");
            }
        }
        Self { queue, workers }
    }

    /// Hashes a password; `None` when it is longer than [`MAX_BYTES`].
    pub async fn hash(&self, password: Secret<String>, cost: u32) -> Result<Option<String>> {
        if password.expose().len() > MAX_BYTES {
            return Ok(None);
        }
        let hash = self
            .run(move || {
                bcrypt::hash_with_result(password.expose().as_bytes(), cost)
                    .map(|parts| parts.format_for_version(bcrypt::Version::TwoA))
            })
            .await?
            .fault("while hashing a password")?;
        Ok(Some(hash))
    }

    /// Compares a password with a hash; an unreadable hash never matches.
    pub async fn verify(&self, password: Secret<String>, hash: String) -> Result<bool> {
        self.run(move || {
            let bytes = password.expose().as_bytes();
            bytes.len() <= MAX_BYTES
                && bcrypt::verify(bytes, &hash).unwrap_or_else(|_| {
                    // An account without a password answers no sooner than others.
                    drop(bcrypt::verify(bytes, &nobodys_hash(DEFAULT_COST)));
                    false
                })
        })
        .await
    }

    /// Takes as long as [`Self::verify`] with a hash of this cost, and never matches.
    pub async fn verify_nobody(&self, password: Secret<String>, cost: u32) -> Result<()> {
        self.verify(password, nobodys_hash(cost)).await.map(|_| ())
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (done, result) = oneshot::channel();
        let work = Box::new(move || {
            // Nobody waits any more for what a caller that has gone wanted to know.
            if !done.is_closed() {
                // The caller may go while the work is done, too.
                drop(done.send(work()));
            }
        });
        match self.queue.try_send(work) {
            Ok(()) => result.await.fault("while waiting for a password hash"),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(Error::Unavailable {
                retry_after: Duration::from_secs(1),
            }),
        }
    }
}

/// Works until nobody is left who could ask for more.
fn run_all(queue: &Mutex<Receiver<Work>>) {
    step_back(Back::Slow);
    loop {
        let work = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = work else {
            return;
        };
        // Whoever waited learns that nothing comes; the thread goes on.
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            tracing::error!("hashing a password failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::Hasher;
    use crate::base::error::Error;
    use crate::base::secret::Secret;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_hash_matches_its_password_only() {
        let hasher = Hasher::new(1);
        let hash = hasher
            .hash(secret("correct horse"), 4)
            .await
            .unwrap()
            .unwrap();
        assert!(hash.starts_with("$2a$04$"), "{hash}");
        assert!(
            hasher
                .verify(secret("correct horse"), hash.clone())
                .await
                .unwrap()
        );
        assert!(!hasher.verify(secret("wrong"), hash).await.unwrap());
        assert!(
            !hasher
                .verify(secret("x"), "no hash".to_owned())
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn what_bcrypt_would_cut_is_refused() {
        let hasher = Hasher::new(1);
        assert_eq!(hasher.hash(secret(&"x".repeat(73)), 4).await.unwrap(), None);
        hasher.verify_nobody(secret("x"), 4).await.unwrap();
    }

    #[tokio::test]
    async fn the_queue_is_bounded() {
        let hasher = Hasher::new(1);
        let (begun, has_begun) = oneshot::channel();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let busy = hasher.clone();
        let slow = tokio::spawn(async move {
            let work = move || {
                begun.send(()).unwrap();
                wait.recv().unwrap_err();
            };
            busy.run(work).await
        });
        has_begun.await.unwrap();
        while hasher.queue.try_send(Box::new(|| ())).is_ok() {}
        let refused = hasher.run(|| ()).await;
        assert!(matches!(refused, Err(Error::Unavailable { .. })));
        drop(go);
        slow.await.unwrap().unwrap();
        while hasher.run(|| ()).await.is_err() {}
    }

    #[tokio::test]
    async fn a_failure_ends_no_thread() {
        let hasher = Hasher::new(1);
        let fault = hasher.run(|| std::panic::panic_any(1)).await;
        assert!(fault.is_err());
        hasher.run(|| ()).await.unwrap();
    }

    #[test]
    fn the_hash_of_nobody_is_one() {
        for cost in [4, 8, 10] {
            assert!(!bcrypt::verify("x", &super::nobodys_hash(cost)).unwrap());
        }
    }
}
