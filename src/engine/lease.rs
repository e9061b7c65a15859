//! A transaction driven from outside the writer thread, for work that cannot be one closure: a script, or
//! a batch whose steps need something asynchronous between them.
//!
//! While a lease lives the writer serves nobody else, which is why it has a deadline.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Acquire;
use std::sync::{Arc, mpsc};

use tokio::sync::oneshot;

use super::error::Error;
use super::job::{Job, Task, Undo};
use super::tx::Tx;

/// An open write transaction; dropping it rolls back.
#[derive(Debug)]
pub struct Lease {
    /// The writer receives; it goes away at the deadline. Dropping this end rolls back.
    commands: mpsc::Sender<Command>,
    /// A step has lost the transaction, as happens when the disk is full or a trigger says `ROLLBACK`.
    lost: Arc<AtomicBool>,
}

/// The writer's end of a lease.
pub(super) struct Leased {
    pub commands: mpsc::Receiver<Command>,
    pub lost: Arc<AtomicBool>,
}

/// What the holder of a lease asks the writer for.
pub(super) enum Command {
    Run(Box<dyn Job>),
    Commit(oneshot::Sender<Result<(), Error>>),
}

impl Lease {
    pub(super) fn new() -> (Self, Leased) {
        let (sender, commands) = mpsc::channel();
        let lost = Arc::<AtomicBool>::default();
        let leased = Leased {
            commands,
            lost: Arc::clone(&lost),
        };
        let lease = Self {
            commands: sender,
            lost,
        };
        (lease, leased)
    }

    /// Why the writer does not serve the lease any more.
    fn ended(&self) -> Error {
        if self.lost.load(Acquire) {
            Error::RolledBack
        } else {
            Error::Timeout
        }
    }

    /// Runs a step; a step that fails is undone alone and the transaction goes on.
    pub async fn run<T, E>(
        &mut self,
        f: impl FnOnce(&Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (job, result) = Task::boxed(f, |_: &T| (), Undo::Alone);
        self.commands
            .send(Command::Run(job))
            .map_err(|_| self.ended())?;
        result.await.map_err(|_| self.ended())?
    }

    /// Commits; everything is undone if that fails.
    pub async fn commit(self) -> Result<(), Error> {
        let (reply, outcome) = oneshot::channel();
        self.commands
            .send(Command::Commit(reply))
            .map_err(|_| self.ended())?;
        outcome.await.map_err(|_| self.ended())?
    }
}
