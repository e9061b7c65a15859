//! Clients that close their side of a connection behind the request, and wait for the answer.
//!
//! HTTP's library takes the end of what a client sends for the end of the client, and drops the request it works on. So
//! the end is kept from it while an answer is owed. Who went away altogether looks the same; hence not for long.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::{Sleep, sleep};

/// Longest time from the end of what a client sends to the end of its answer.
const ANSWER_TIME: Duration = Duration::from_secs(2);

/// Where the end is kept back at a time. Few: when many go away at once, nobody works for them.
static PLACES: Semaphore = Semaphore::const_new(32);

/// Longest time until what has come of a body is taken; what is missing then never came.
const TAKE_TIME: Duration = Duration::from_millis(100);

/// There was no request yet.
const SILENT: u8 = 0;
/// There is no request any more.
const IDLE: u8 = 1;
/// There is a request, and perhaps more of it to come.
const BEGUN: u8 = 2;
/// All of it is there.
const OWED: u8 = 3;

/// Whether a connection owes its client an answer. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub(super) struct Answering(Arc<State>);

#[derive(Debug, Default)]
struct State {
    stage: AtomicU8,
    half_closed: Notify,
}

impl Answering {
    /// A request has come; what is returned is dropped when its answer is there, or nobody works on it any more.
    pub(super) fn begin(&self) -> Begun {
        self.0.stage.store(BEGUN, SeqCst);
        Begun(self.clone())
    }

    /// All of the request is there.
    pub(super) fn owe(&self) {
        self.0.stage.store(OWED, SeqCst);
    }

    /// Waits until the client closes its side while it is owed an answer: there will be no other request.
    pub(super) async fn half_closed(&self) {
        self.0.half_closed.notified().await;
    }

    /// Waits that long, and then for ever where the client has asked for something by then.
    pub(super) async fn silence(&self, patience: Duration) {
        sleep(patience).await;
        if self.0.stage.load(SeqCst) != SILENT {
            std::future::pending::<()>().await;
        }
    }
}

#[derive(Debug)]
pub(super) struct Begun(Answering);

impl Drop for Begun {
    fn drop(&mut self) {
        self.0.0.stage.store(IDLE, SeqCst);
    }
}

/// The end of what a client sends. It stays the end once it came.
#[derive(Debug)]
pub(super) struct End {
    answering: Answering,
    waiting: Option<Pin<Box<Sleep>>>,
    place: Option<SemaphorePermit<'static>>,
}

impl End {
    pub(super) const fn new(answering: Answering) -> Self {
        Self {
            answering,
            waiting: None,
            place: None,
        }
    }

    /// There is nothing to read any more.
    pub(super) const fn is_kept(&self) -> bool {
        self.waiting.is_some()
    }

    /// Passes the end on when nothing is owed, or it took too long.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let state = &self.answering.0;
        let stage = state.stage.load(SeqCst);
        if matches!(stage, SILENT | IDLE) && self.waiting.is_none() {
            return Poll::Ready(Ok(()));
        }
        if stage == OWED && self.place.is_none() {
            let Ok(place) = PLACES.try_acquire() else {
                return Poll::Ready(Ok(()));
            };
            self.place = Some(place);
            state.half_closed.notify_one();
            self.waiting = Some(Box::pin(sleep(ANSWER_TIME)));
        }
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(sleep(TAKE_TIME)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_who_never_asked_is_silent() {
        let (asked, silent) = (Answering::default(), Answering::default());
        drop(asked.begin());
        tokio::select! {
            biased;
            () = asked.silence(Duration::ZERO) => panic!("it has asked"),
            () = silent.silence(Duration::from_millis(50)) => {}
        }
    }
}
