//! Work that must not stop halfway when nobody waits for it any more, such as storing a file and its row.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::runtime::Handle;

use crate::base::error::Result;

/// Does work and waits for it. A caller that leaves in between leaves it to a task of its own.
///
/// Perf: only then. A task for each save would have to be made, and to wake whoever waits for it.
pub(crate) fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> impl Future<Output = Result<T>> + Send {
    ToTheEnd(Some(Box::pin(work)))
}

struct ToTheEnd<T: Send + 'static>(Option<BoxFuture<'static, Result<T>>>);

impl<T: Send + 'static> Future for ToTheEnd<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Taken out meanwhile, so that work that panics is not gone on with.
        let Some(mut work) = self.0.take() else {
            return Poll::Pending;
        };
        let step = work.as_mut().poll(context);
        if step.is_pending() {
            self.0 = Some(work);
        }
        step
    }
}

impl<T: Send + 'static> Drop for ToTheEnd<T> {
    fn drop(&mut self) {
        if let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            drop(runtime.spawn(work));
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::to_the_end;

    #[tokio::test]
    async fn work_goes_on_without_its_caller() {
        for leaves in [false, true] {
            let (go, goes) = oneshot::channel::<()>();
            let (done, is_done) = oneshot::channel();
            let work = to_the_end(async move {
                goes.await.unwrap();
                done.send(()).unwrap();
                Ok(1)
            });
            let caller = tokio::spawn(work);
            tokio::task::yield_now().await;
            if leaves {
                caller.abort();
                go.send(()).unwrap();
            } else {
                go.send(()).unwrap();
                assert_eq!(caller.await.unwrap().unwrap(), 1);
            }
            is_done.await.unwrap();
        }
    }

    #[tokio::test]
    async fn work_that_was_not_begun_is_done_too() {
        let (done, is_done) = oneshot::channel();
        drop(to_the_end(async move {
            done.send(()).unwrap();
            Ok(())
        }));
        is_done.await.unwrap();
    }
}
