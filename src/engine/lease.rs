//! A transaction driven from outside the writer thread, for work that cannot be one closure: a script, or
//! a batch whose steps need something asynchronous between them.
//!
//! While a lease lives the writer serves nobody else, which is why it has a deadline.

use std::sync::mpsc;

use tokio::sync::oneshot;

use super::error::Error;
use super::job::{Job, Task, Undo};
use super::tx::Tx;

/// An open write transaction; dropping it rolls back.
#[derive(Debug)]
pub struct Lease {
    /// The writer receives; it goes away at the deadline. Dropping this end rolls back.
    commands: mpsc::Sender<Command>,
}

/// What the holder of a lease asks the writer for.
pub(super) enum Command {
    Run(Box<dyn Job>),
    Commit(oneshot::Sender<Result<(), Error>>),
}

impl Lease {
    pub(super) fn new() -> (Self, mpsc::Receiver<Command>) {
        let (commands, receiver) = mpsc::channel();
        (Self { commands }, receiver)
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
            .map_err(|_| Error::Timeout)?;
        result.await.map_err(|_| Error::Timeout)?
    }

    /// Commits; everything is undone if that fails.
    pub async fn commit(self) -> Result<(), Error> {
        let (reply, outcome) = oneshot::channel();
        self.commands
            .send(Command::Commit(reply))
            .map_err(|_| Error::Timeout)?;
        outcome.await.map_err(|_| Error::Timeout)?
    }
}
