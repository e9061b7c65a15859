//! Password hashing on a small pool of its own, so that nobody's sign-in slows anybody's read.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::base::error::{Error, FaultExt as _, Result};
use crate::base::secret::Secret;

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

/// Runs bcrypt on at most so many threads at once; the rest waits in a bounded queue.
#[derive(Clone)]
pub struct Hasher {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher")
            .field("free", &self.running.available_permits())
            .finish_non_exhaustive()
    }
}

impl Hasher {
    /// A pool with this many hashes at once.
    pub fn new(workers: usize) -> Self {
        let workers = workers.max(1);
        Self {
            running: Arc::new(Semaphore::new(workers)),
            admitted: Arc::new(Semaphore::new(workers * (WAITING_PER_WORKER + 1))),
        }
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
        let full = || Error::Unavailable {
            retry_after: Duration::from_secs(1),
        };
        let _admitted = Arc::clone(&self.admitted)
            .try_acquire_owned()
            .map_err(|_| full())?;
        let running = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| full())?;
        // The permit goes with the work: a caller that gives up does not free a thread that is still busy.
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(running);
            result
        })
        .await
        .fault("while waiting for a password hash")
    }
}

#[cfg(test)]
mod tests {
    use super::Hasher;
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

    #[test]
    fn the_hash_of_nobody_is_one() {
        for cost in [4, 8, 10] {
            assert!(!bcrypt::verify("x", &super::nobodys_hash(cost)).unwrap());
        }
    }
}
