//! A write transaction that several operations join, and what waits for its end.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;

use crate::base::error::{Error, Result};
use crate::engine::{self, Lease, Tx};

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Committed,
    RolledBack,
}

type After = Box<dyn FnOnce(End) -> BoxFuture<'static, ()> + Send>;

/// An open transaction. Everything in it happens on the writer, step by step, until it ends or its deadline passes.
pub struct Transaction {
    lease: tokio::sync::Mutex<Option<Lease>>,
    after: Mutex<Vec<After>>,
}

impl Transaction {
    /// Takes over a lease.
    pub fn new(lease: Lease) -> Self {
        Self {
            lease: tokio::sync::Mutex::new(Some(lease)),
            after: Mutex::new(Vec::new()),
        }
    }

    /// Runs a step; one that fails is undone alone.
    pub async fn run<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut lease = self.lease.lock().await;
        match lease.as_mut() {
            Some(lease) => lease.run(step).await,
            None => Err(Error::bad_request("The transaction has ended.")),
        }
    }

    /// Does something once it is known how the transaction ended.
    pub fn after(&self, work: impl FnOnce(End) -> BoxFuture<'static, ()> + Send + 'static) {
        self.after
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(work));
    }

    /// Commits and does what waited for it.
    pub async fn commit(&self) -> Result<()> {
        let lease = self.lease.lock().await.take();
        let outcome = match lease {
            Some(lease) => lease.commit().await,
            None => Err(engine::Error::RolledBack),
        };
        let end = if outcome.is_ok() {
            End::Committed
        } else {
            End::RolledBack
        };
        self.end(end).await;
        Ok(outcome?)
    }

    /// Undoes everything and does what waited for it.
    pub async fn roll_back(&self) {
        drop(self.lease.lock().await.take());
        self.end(End::RolledBack).await;
    }

    async fn end(&self, end: End) {
        let waiting =
            std::mem::take(&mut *self.after.lock().unwrap_or_else(PoisonError::into_inner));
        for work in waiting {
            work(end).await;
        }
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").finish_non_exhaustive()
    }
}
