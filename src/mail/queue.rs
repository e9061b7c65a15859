//! Sending in the background: bounded, a few at a time, again after a while when the trouble may pass.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};

use crate::mail::message::{Mail, Sender};
use crate::mail::transport::{Failure, Transport};

/// Mails that may wait for their first attempt or be on it.
const CAPACITY: u32 = 1000;

/// Mails that may wait for another attempt. They have room of their own, so that mails nobody takes keep out no others.
const POSTPONED: u32 = 1000;

/// Mails handed over at the same time.
const AT_ONCE: usize = 4;

/// How many of those may have been tried before.
const AGAIN_AT_ONCE: usize = 2;

/// Waits between attempts, in seconds.
const DELAYS: [u64; 6] = [1, 5, 30, 120, 600, 1800];

/// Sends mails behind the requests that caused them. Clones share one queue.
#[derive(Clone)]
pub struct Mailer {
    admitted: Arc<Semaphore>,
    postponed: Arc<Semaphore>,
    running: Arc<Semaphore>,
    running_again: Arc<Semaphore>,
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
            .field("free_postponed", &self.postponed.available_permits())
            .finish_non_exhaustive()
    }
}

impl Default for Mailer {
    fn default() -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(CAPACITY as usize)),
            postponed: Arc::new(Semaphore::new(POSTPONED as usize)),
            running: Arc::new(Semaphore::new(AT_ONCE)),
            running_again: Arc::new(Semaphore::new(AGAIN_AT_ONCE)),
        }
    }
}

impl Mailer {
    /// Takes work that makes and sends a mail; it runs in the background once this has returned.
    ///
    /// `prepare` gives the mail, or `None` when there is nothing to send after all. `finished` runs in any case: when
    /// the mail was taken or given up, and when there was none.
    pub fn enqueue<P, F>(
        &self,
        prepare: P,
        finished: impl FnOnce(Result<(), Failure>) -> F + Send + 'static,
    ) -> Result<(), Full>
    where
        P: Future<Output = Option<Outgoing>> + Send + 'static,
        F: Future<Output = ()> + Send,
    {
        let mut room = Arc::clone(&self.admitted)
            .try_acquire_owned()
            .map_err(|_| Full)?;
        let own = self.clone();
        tokio::spawn(async move {
            let result = match prepare.await {
                Some(outgoing) => {
                    let result = own.deliver(&outgoing, &mut room).await;
                    if let Err(failure) = &result {
                        tracing::error!(mail.to = outgoing.mail.to.join(", "), %failure, "a mail could not be sent");
                    }
                    result
                }
                // Why is told by whoever prepared it.
                None => Err(Failure::permanent("there is nothing to send")),
            };
            finished(result).await;
            drop(room);
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
        let all = async {
            drop(self.admitted.acquire_many(CAPACITY).await);
            drop(self.postponed.acquire_many(POSTPONED).await);
        };
        if timeout(limit, all).await.is_err() {
            tracing::warn!("mails that were not sent yet are lost");
        }
    }

    /// Tries for as long as it makes sense. A mail that has to wait exchanges its room in the queue for one among those
    /// that wait; when there is none it is given up.
    async fn deliver(
        &self,
        outgoing: &Outgoing,
        room: &mut OwnedSemaphorePermit,
    ) -> Result<(), Failure> {
        let started = Instant::now();
        let mut attempt = self.attempt(outgoing).await;
        let mut is_postponed = false;
        for delay in DELAYS.map(Duration::from_secs) {
            let Err(failure) = &attempt else { break };
            if !failure.is_transient || started.elapsed() + delay >= outgoing.useful_for {
                break;
            }
            if !is_postponed {
                let Ok(other) = Arc::clone(&self.postponed).try_acquire_owned() else {
                    tracing::warn!("too many mails wait for another attempt");
                    break;
                };
                *room = other;
                is_postponed = true;
            }
            tracing::warn!(%failure, "a mail was not taken, it is tried again in {delay:?}");
            sleep(delay).await;
            let _again = self.running_again.acquire().await.ok();
            attempt = self.attempt(outgoing).await;
        }
        attempt
    }

    async fn attempt(&self, outgoing: &Outgoing) -> Result<(), Failure> {
        // The semaphore is never closed; without a permit there is one more at work for once.
        let _permit = self.running.acquire().await.ok();
        self.send(outgoing).await
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::{Semaphore, oneshot};

    use super::{Full, Mailer, Outgoing};
    use crate::base::secret::Secret;
    use crate::mail::transport::Smtp;
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

    /// A mail for a server that nobody can reach.
    fn nobody_listens() -> Outgoing {
        Outgoing {
            transport: Transport::Smtp(Arc::new(Smtp {
                host: "127.0.0.1".to_owned(),
                port: 0,
                username: String::new(),
                password: Secret::default(),
                login: false,
                tls: false,
                local_name: String::new(),
            })),
            useful_for: Duration::from_hours(1),
            ..outgoing(&Memory::default(), "ann@example.com")
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
    async fn it_is_told_when_there_is_nothing_to_send() {
        let (mailer, (done, result)) = (Mailer::default(), oneshot::channel());
        let told = |result| {
            drop(done.send(result));
            ready(())
        };
        mailer.enqueue(ready(None), told).unwrap();
        assert!(result.await.unwrap().is_err());
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

    #[tokio::test]
    async fn mails_that_wait_for_another_attempt_keep_out_no_others() {
        let room = |n| Arc::new(Semaphore::new(n));
        let mailer = Mailer {
            admitted: room(2),
            postponed: room(1),
            ..Mailer::default()
        };
        let (done, mut first) = oneshot::channel();
        let told = |result| {
            drop(done.send(result));
            ready(())
        };
        mailer.enqueue(ready(Some(nobody_listens())), told).unwrap();
        while mailer.postponed.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        // It waits, in no room that a new one needs; the next one finds none to wait in.
        assert_eq!(mailer.admitted.available_permits(), 2);
        let given_up = deliver(&mailer, nobody_listens()).await.unwrap_err();
        assert!(given_up.is_transient, "{given_up}");
        first.try_recv().unwrap_err();
        let memory = Memory::default();
        deliver(&mailer, outgoing(&memory, "bob@example.com"))
            .await
            .unwrap();
        assert_eq!(memory.mails().len(), 1);
    }

    #[tokio::test]
    async fn a_mail_that_would_come_too_late_is_given_up_at_once() {
        let mailer = Mailer::default();
        let useless = Outgoing {
            useful_for: Duration::ZERO,
            ..nobody_listens()
        };
        let is_postponed = async {
            while mailer.postponed.available_permits() == super::POSTPONED as usize {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            given_up = deliver(&mailer, useless) => assert!(given_up.unwrap_err().is_transient),
            () = is_postponed => panic!("it waits for another attempt"),
        }
    }
}
