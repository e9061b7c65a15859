//! Work for the writer thread: a closure, its result and whoever waits for it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::error::Error;
use super::tx::Tx;

/// How what a job changed is taken back when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undo {
    /// By itself; costs a copy of every page the job changes.
    Alone,
    /// With everything else in its transaction: the job does not fail once it has changed something, unless the disk
    /// does.
    WithTransaction,
}

/// A unit of work that is kept or undone as a whole.
pub(super) trait Job: Send {
    /// How to take its changes back.
    fn undo(&self) -> Undo;
    /// Says that nobody waits for the result any more.
    fn is_abandoned(&self) -> bool;
    /// Runs the closure and says whether its changes are to be kept.
    fn run(&mut self, tx: &Tx) -> bool;
    /// Tells that the changes are committed, before anybody else learns of it.
    fn committed(&mut self);
    /// Sends the result, or why the transaction did not come about.
    fn answer(self: Box<Self>, outcome: Result<(), Error>);
}

/// The one implementation of [`Job`].
pub(super) struct Task<T, E, F, C> {
    work: Option<F>,
    committed: Option<C>,
    undo: Undo,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F, C> Task<T, E, F, C>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: FnOnce(&Tx) -> Result<T, E> + Send + 'static,
    C: FnOnce(&T) + Send + 'static,
{
    /// Boxes a closure; `committed` runs on the writer thread right after the commit.
    pub(super) fn boxed(
        work: F,
        committed: C,
        undo: Undo,
    ) -> (Box<dyn Job>, oneshot::Receiver<Result<T, E>>) {
        let (reply, receiver) = oneshot::channel();
        let task = Self {
            work: Some(work),
            committed: Some(committed),
            undo,
            result: None,
            reply,
        };
        (Box::new(task), receiver)
    }
}

impl<T, E, F, C> Job for Task<T, E, F, C>
where
    T: Send,
    E: From<Error> + Send,
    F: FnOnce(&Tx) -> Result<T, E> + Send,
    C: FnOnce(&T) + Send,
{
    fn undo(&self) -> Undo {
        self.undo
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, tx: &Tx) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        // The closure is gone afterwards and its changes are undone, so no broken state can be seen.
        let result = catch_unwind(AssertUnwindSafe(|| work(tx)))
            .unwrap_or_else(|panic| Err(Error::Panicked(panic_text(&*panic)).into()));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn committed(&mut self) {
        let (Some(committed), Some(Ok(value))) = (self.committed.take(), &self.result) else {
            return;
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| committed(value))) {
            tracing::error!(panic = panic_text(&*panic), "a commit callback panicked");
        }
    }

    fn answer(self: Box<Self>, outcome: Result<(), Error>) {
        let result = match (self.result, outcome) {
            // What failed by itself failed whatever became of the transaction.
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.into()),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(Error::RolledBack.into()),
        };
        // Nobody waiting any more is no error.
        drop(self.reply.send(result));
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}
