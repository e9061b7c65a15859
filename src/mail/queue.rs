//! Sending in the background: bounded, a few at a time, again after a while when the trouble may pass.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

use crate::mail::message::{Mail, Sender};
use crate::mail::transport::{Failure, Transport};

/// Mails that may wait or be on their way.
const CAPACITY: u32 = 1000;

/// Mails handed over at the same time.
const AT_ONCE: usize = 4;

/// Waits between attempts, in seconds.
const DELAYS: [u64; 6] = [1, 5, 30, 120, 600, 1800];

/// Sends mails behind the requests that caused them. Clones share one queue.
#[derive(Clone)]
pub struct Mailer {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

/// A mail with everything needed to send it.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub transport: Transport,
    pub sender: Sender,
    pub mail: Mail,
    /// How long it makes sense to go on trying.
    pub useful_for: Duration,
}

/// The queue takes no more for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many mails are waiting")]
pub struct Full;

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer")
            .field("free", &self.admitted.available_permits())
            .finish_non_exhaustive()
    }
}

impl Default for Mailer {
    fn default() -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(CAPACITY as usize)),
            running: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Mailer {
    /// Takes work that makes and sends a mail; it runs in the background once this has returned.
    ///
    /// `prepare` gives the mail, or `None` when there is nothing to send after all. `finished` runs when the mail was
    /// taken or given up.
    pub fn enqueue<P, F>(
        &self,
        prepare: P,
        finished: impl FnOnce(Result<(), Failure>) -> F + Send + 'static,
    ) -> Result<(), Full>
    where
        P: Future<Output = Option<Outgoing>> + Send + 'static,
        F: Future<Output = ()> + Send,
    {
        let admitted = Arc::clone(&self.admitted)
            .try_acquire_owned()
            .map_err(|_| Full)?;
        let running = Arc::clone(&self.running);
        tokio::spawn(async move {
            if let Some(outgoing) = prepare.await {
                let result = deliver(&running, &outgoing).await;
                if let Err(failure) = &result {
                    tracing::error!(mail.to = outgoing.mail.to.join(", "), %failure, "a mail could not be sent");
                }
                finished(result).await;
            }
            drop(admitted);
        });
        Ok(())
    }

    /// Sends one mail now and tells how that went, with one attempt.
    pub async fn send(&self, outgoing: &Outgoing) -> Result<(), Failure> {
        outgoing
            .transport
            .send(&outgoing.sender, &outgoing.mail)
            .await
    }

    /// Waits for the mails on their way, at most so long.
    pub async fn drain(&self, limit: Duration) {
        let waiting = timeout(limit, self.admitted.acquire_many(CAPACITY)).await;
        if waiting.is_err() {
            tracing::warn!("mails that were not sent yet are lost");
        }
    }
}

async fn deliver(running: &Semaphore, outgoing: &Outgoing) -> Result<(), Failure> {
    let started = Instant::now();
    let mut delays = DELAYS.iter();
    loop {
        let attempt = {
            // The semaphore is never closed; without a permit there is one more at work for once.
            let _permit = running.acquire().await.ok();
            outgoing
                .transport
                .send(&outgoing.sender, &outgoing.mail)
                .await
        };
        let failure = match attempt {
            Ok(()) => return Ok(()),
            Err(failure) => failure,
        };
        let delay = delays.next().copied().map(Duration::from_secs);
        let again = delay.filter(|delay| {
            failure.is_transient && started.elapsed() + *delay < outgoing.useful_for
        });
        let Some(delay) = again else {
            return Err(failure);
        };
        tracing::warn!(%failure, "a mail was not taken, it is tried again in {delay:?}");
        sleep(delay).await;
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::{Full, Mailer, Outgoing};
    use crate::base::secret::Secret;
    use crate::mail::{Failure, Mail, Memory, Sender, Transport};

    fn outgoing(memory: &Memory, to: &str) -> Outgoing {
        Outgoing {
            transport: Transport::Memory(memory.clone()),
            sender: Sender {
                name: String::new(),
                address: "support@example.com".to_owned(),
            },
            mail: Mail {
                to: vec![to.to_owned()],
                subject: Secret::new("s".to_owned()),
                html: Secret::new("<p>x</p>".to_owned()),
                ..Mail::default()
            },
            useful_for: Duration::from_mins(1),
        }
    }

    async fn deliver(mailer: &Mailer, outgoing: Outgoing) -> Result<(), Failure> {
        let (done, result) = oneshot::channel();
        mailer
            .enqueue(ready(Some(outgoing)), |result| {
                drop(done.send(result));
                ready(())
            })
            .unwrap();
        result.await.unwrap()
    }

    #[tokio::test]
    async fn mails_are_sent_behind_the_caller() {
        let (mailer, memory) = (Mailer::default(), Memory::default());
        deliver(&mailer, outgoing(&memory, "ann@example.com"))
            .await
            .unwrap();
        assert_eq!(memory.mails()[0].to, ["ann@example.com"]);
        let refused = deliver(&mailer, outgoing(&memory, "no address")).await;
        assert!(!refused.unwrap_err().is_transient);
        mailer.drain(Duration::from_secs(10)).await;
    }

    #[tokio::test]
    async fn the_queue_is_bounded() {
        let mailer = Mailer::default();
        let stuck = || std::future::pending::<Option<Outgoing>>();
        for _ in 0..super::CAPACITY {
            mailer.enqueue(stuck(), |_| ready(())).unwrap();
        }
        assert_eq!(mailer.enqueue(stuck(), |_| ready(())), Err(Full));
    }
}
