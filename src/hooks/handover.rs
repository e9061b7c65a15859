//! An event whose handlers run on a script thread, and what it is about, which goes on wherever that is waited for.
//!
//! Perf: the script thread takes the first step of what the event is about, up to where it waits for the database, and
//! whoever waits for the event is woken when that has answered. To wake it in between, just to take that step, costs
//! more than a small handler does.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::runtime::Handle;

use crate::base::error::{Error, Result};
use crate::events::Action;
use crate::hooks::thread;

/// Both sides of a handover.
pub(super) fn handover() -> (Giver, Taker) {
    let shared = Arc::new(Shared(Mutex::new(State {
        stage: Stage::Handlers,
        waker: None,
        n_polls: 0,
    })));
    let taker = Taker {
        shared: Arc::clone(&shared),
        action: None,
    };
    (Giver(Some(shared)), taker)
}

struct Shared(Mutex<State>);

struct State {
    stage: Stage,
    /// Who waits.
    waker: Option<Waker>,
    /// How often it was asked in vain.
    n_polls: u64,
}

enum Stage {
    Handlers,
    /// It was begun and waits.
    Begun(Action),
    Done(Result<()>),
    /// Nobody waits any more.
    Left,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how it ended.
    fn end(&self, result: Result<()>) {
        let mut state = self.lock();
        state.stage = Stage::Done(result);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The script thread's side. Dropped without a word, it says that the call was lost.
pub(super) struct Giver(Option<Arc<Shared>>);

impl Giver {
    /// Tells what handlers made of the event. What it is about comes along unless one of them waited for it.
    pub(super) fn give(mut self, begun: Result<Option<Action>>) {
        let Some(shared) = self.0.take() else {
            return;
        };
        match begun {
            Ok(Some(action)) => begin(&shared, action),
            Ok(None) => shared.end(Ok(())),
            Err(error) => shared.end(Err(error)),
        }
    }
}

impl Drop for Giver {
    fn drop(&mut self) {
        if let Some(shared) = self.0.take() {
            shared.end(Err(Error::internal("a script call was lost")));
        }
    }
}

/// Takes the first step on behalf of whoever waits.
fn begin(shared: &Shared, mut action: Action) {
    let state = shared.lock();
    let (n_polls, waker) = (state.n_polls, state.waker.clone());
    let (Stage::Handlers, Some(waker)) = (&state.stage, waker) else {
        drop(state);
        return finish(action);
    };
    drop(state);
    let step = thread::as_outside(|| action.as_mut().poll(&mut Context::from_waker(&waker)));
    if let Poll::Ready(result) = step {
        return shared.end(result);
    }
    let mut state = shared.lock();
    if matches!(state.stage, Stage::Left) {
        drop(state);
        return finish(action);
    }
    state.stage = Stage::Begun(action);
    // If it was woken already, it found nothing to go on with.
    let is_late = state.n_polls != n_polls;
    let waker = state.waker.take().filter(|_| is_late);
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// What handlers have agreed to is done, even if nobody waits for it any more.
fn finish(action: Action) {
    if let Ok(runtime) = Handle::try_current() {
        drop(runtime.spawn(action));
    }
}

/// The waiting side.
pub(super) struct Taker {
    shared: Arc<Shared>,
    action: Option<Action>,
}

impl Taker {
    /// Sends the giver on its way, once it can know whom to wake, and waits for what comes of the event.
    pub(super) async fn wait(mut self, start: impl FnOnce() -> Result<()>) -> Result<()> {
        let mut start = Some(start);
        poll_fn(move |context| {
            let step = self.poll(context);
            match start.take().map(|start| start()) {
                Some(Err(error)) => Poll::Ready(Err(error)),
                _ => step,
            }
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        if self.action.is_none() {
            let mut state = self.shared.lock();
            match std::mem::replace(&mut state.stage, Stage::Left) {
                Stage::Handlers => {
                    state.stage = Stage::Handlers;
                    state.waker = Some(context.waker().clone());
                    state.n_polls += 1;
                    return Poll::Pending;
                }
                Stage::Begun(action) => self.action = Some(action),
                Stage::Done(result) => return Poll::Ready(result),
                Stage::Left => return Poll::Pending,
            }
        }
        let Some(action) = &mut self.action else {
            return Poll::Pending;
        };
        let step = action.as_mut().poll(context);
        if step.is_ready() {
            self.action = None;
        }
        step
    }
}

impl Drop for Taker {
    fn drop(&mut self) {
        let stage = std::mem::replace(&mut self.shared.lock().stage, Stage::Left);
        let begun = match stage {
            Stage::Begun(action) => Some(action),
            _ => self.action.take(),
        };
        if let Some(action) = begun {
            finish(action);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::handover;
    use crate::base::error::Error;

    /// Hands over from another thread.
    fn elsewhere(give: impl FnOnce() + Send + 'static) {
        let runtime = tokio::runtime::Handle::current();
        std::thread::spawn(move || {
            let _runtime = runtime.enter();
            give();
        });
    }

    #[tokio::test]
    async fn what_waits_goes_on_where_it_is_waited_for() {
        for answer_first in [false, true] {
            let (giver, taker) = handover();
            let (answer, answered) = oneshot::channel();
            let (begun, begins) = oneshot::channel();
            let action = Box::pin(async move {
                begun.send(()).unwrap();
                answered.await.map_err(|_| Error::internal("no answer"))
            });
            let start = move || {
                elsewhere(move || giver.give(Ok(Some(action))));
                Ok(())
            };
            let waiting = tokio::spawn(taker.wait(start));
            if !answer_first {
                begins.await.unwrap();
            }
            answer.send(()).unwrap();
            waiting.await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn failures_and_lost_calls_are_told() {
        let status = |result: Result<(), Error>| result.map_err(|error| error.to_wire().status);
        let (giver, taker) = handover();
        let give = move || giver.give(Err(Error::bad_request("No.")));
        let start = move || {
            elsewhere(give);
            Ok(())
        };
        assert_eq!(status(taker.wait(start).await), Err(400));
        let (giver, taker) = handover();
        let start = move || {
            elsewhere(move || drop(giver));
            Ok(())
        };
        assert_eq!(status(taker.wait(start).await), Err(500));
        let (giver, taker) = handover();
        let start = move || {
            giver.give(Ok(None));
            Ok(())
        };
        assert_eq!(status(taker.wait(start).await), Ok(()));
        let (_giver, taker) = handover();
        let refused = taker.wait(|| Err(Error::NotFound(None))).await;
        assert_eq!(status(refused), Err(404));
    }

    #[tokio::test]
    async fn what_was_agreed_to_is_done_when_nobody_waits() {
        for begins_first in [false, true] {
            let (giver, taker) = handover();
            let (done, is_done) = oneshot::channel();
            let (go, goes) = oneshot::channel::<()>();
            let action = Box::pin(async move {
                goes.await.unwrap();
                done.send(()).unwrap();
                Ok(())
            });
            let waiting = tokio::spawn(taker.wait(|| Ok(())));
            tokio::task::yield_now().await;
            if begins_first {
                giver.give(Ok(Some(action)));
                waiting.abort();
            } else {
                waiting.abort();
                tokio::task::yield_now().await;
                giver.give(Ok(Some(action)));
            }
            go.send(()).unwrap();
            is_done.await.unwrap();
        }
    }
}
