//! Whoever follows the change log learns here that it grew, and gets what was written at hand.
//!
//! The log itself is read with [`Reader::changes_since`](super::Reader::changes_since); the cells passed on here only
//! spare the follower the look into the tables, which may have moved on. As long as nobody follows, a write pays a few
//! atomic accesses.
//!
//! A change is in the log as soon as it is committed, and may still be lost until it is flushed to the disk. The feed
//! keeps track of both, so that nobody is told of what may yet not have happened: [`Feed::settled`].

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::earlier::Earlier;
use crate::sql::Value;

/// Written cells that wait for the follower; beyond this the oldest are dropped and read from the tables instead.
const MAX_STATES: usize = 8192;

/// The same bound in bytes, estimated.
const MAX_BYTES: usize = 32 << 20;

/// Earlier states that wait for the follower.
const MAX_EARLIER: usize = 16;

/// The cells of a record at the moment of one change, in the order of its collection's fields.
#[derive(Clone, Debug)]
pub struct State {
    pub cells: Arc<[Value]>,
    /// The [`Engine::epoch`](super::Engine::epoch) in which they were written.
    pub epoch: u64,
}

/// News of the change log.
#[derive(Debug, Default)]
pub struct Feed {
    /// Ids of the collections whose changes somebody wants; nothing while nobody does.
    wanted: ArcSwapOption<HashSet<String>>,
    /// The last change that is about to be committed.
    announced: AtomicI64,
    /// The last change that is committed.
    committed: AtomicI64,
    /// The last change that is on the disk.
    durable: AtomicI64,
    news: Mutex<News>,
    /// Signalled when changes have reached the disk, by [`Feed::wake`] and [`Feed::close`]; waited for by the follower.
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct News {
    grown: bool,
    closed: bool,
    states: HashMap<i64, State>,
    /// Their order, to drop the oldest.
    order: VecDeque<(i64, usize)>,
    bytes: usize,
    /// What was there before the transactions that delete, in their order.
    earlier: VecDeque<Earlier>,
}

impl Feed {
    /// Says whose changes are wanted from now on; an empty set is nobody's.
    pub fn want(&self, collections: HashSet<String>) {
        let wanted = (!collections.is_empty()).then(|| Arc::new(collections));
        let is_nobodys = wanted.is_none();
        self.wanted.store(wanted);
        if is_nobodys {
            self.lock().earlier.clear();
        }
    }

    /// Waits until the log has grown or the follower is woken; `false` once the engine is closed.
    pub fn wait(&self, patience: Duration) -> bool {
        let news = self.lock();
        let (mut news, _) = self
            .arrived
            .wait_timeout_while(news, patience, |news| !news.grown && !news.closed)
            .unwrap_or_else(PoisonError::into_inner);
        news.grown = false;
        !news.closed
    }

    /// Makes the follower look.
    pub fn wake(&self) {
        self.lock().grown = true;
        self.arrived.notify_one();
    }

    /// Ends the follower's waiting for good.
    pub fn close(&self) {
        let mut news = self.lock();
        news.closed = true;
        news.earlier.clear();
        drop(news);
        self.arrived.notify_all();
    }

    /// The sequence number up to which changes that were seen in the log before this call are on the disk.
    ///
    /// Without a transaction of this process on its way that is all of them: other processes flush their own.
    pub fn settled(&self) -> i64 {
        let durable = self.durable.load(SeqCst);
        if self.announced.load(SeqCst) == durable {
            i64::MAX
        } else {
            durable
        }
    }

    /// What was written with a change, if it is still at hand.
    pub fn take(&self, seq: i64) -> Option<State> {
        self.lock().states.remove(&seq)
    }

    /// The state of the database before the transaction that logged a change, if that is still at hand. To be asked for
    /// in the order of the log: those of earlier changes are given up.
    pub fn before(&self, seq: i64) -> Option<Earlier> {
        let mut news = self.lock();
        while news.earlier.front()?.last() < seq {
            news.earlier.pop_front();
        }
        news.earlier.pop_front_if(|earlier| earlier.precedes(seq))
    }

    /// Forgets everything up to a sequence number.
    pub fn forget(&self, seq: i64) {
        let mut news = self.lock();
        while let Some((oldest, size)) = news.order.front().copied()
            && oldest <= seq
        {
            news.order.pop_front();
            news.bytes -= size;
            news.states.remove(&oldest);
        }
        while let Some(earlier) = news.earlier.front()
            && earlier.last() <= seq
        {
            news.earlier.pop_front();
        }
    }

    /// Says whether another earlier state may be kept.
    pub(super) fn has_room_for_earlier(&self) -> bool {
        let news = self.lock();
        !news.closed && news.earlier.len() < MAX_EARLIER
    }

    pub(super) fn wants_any(&self) -> bool {
        self.wanted.load().is_some()
    }

    /// Says whether the changes of a collection are wanted.
    pub fn wants(&self, collection: &str) -> bool {
        self.wanted
            .load()
            .as_ref()
            .is_some_and(|wanted| wanted.contains(collection))
    }

    /// Says, before the commit, up to where a transaction appends to the log.
    pub(super) fn announce(&self, seq: i64) {
        self.announced.fetch_max(seq, SeqCst);
    }

    /// The last change that a flush which begins now brings to the disk.
    pub(super) fn last_committed(&self) -> i64 {
        self.committed.load(SeqCst)
    }

    /// Lets the follower look at what has reached the disk.
    pub(super) fn flushed(&self, seq: i64) {
        let before = self.durable.fetch_max(seq, SeqCst);
        if before < seq && self.wants_any() {
            self.wake();
        }
    }

    /// Keeps what a committed transaction wrote until it has reached the disk and is asked for.
    pub(super) fn committed(&self, seq: i64, states: Vec<(i64, State)>, earlier: Option<Earlier>) {
        self.committed.fetch_max(seq, SeqCst);
        if !self.wants_any() {
            return;
        }
        let mut news = self.lock();
        for (seq, state) in states {
            let size = state.cells.iter().map(weight).sum();
            news.bytes += size;
            news.order.push_back((seq, size));
            news.states.insert(seq, state);
        }
        while news.earlier.front().is_some_and(Earlier::is_stale) {
            news.earlier.pop_front();
        }
        news.earlier.extend(earlier);
        while news.order.len() > MAX_STATES || news.bytes > MAX_BYTES {
            let Some((oldest, size)) = news.order.pop_front() else {
                break;
            };
            news.bytes -= size;
            news.states.remove(&oldest);
        }
    }

    fn lock(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn weight(value: &Value) -> usize {
    let content = match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        Value::Null | Value::Int(_) | Value::Real(_) => 0,
    };
    size_of::<Value>() + content
}

#[cfg(test)]
mod tests {
    use super::Feed;

    #[test]
    fn changes_are_told_when_they_are_on_the_disk() {
        let feed = Feed::default();
        assert_eq!(feed.settled(), i64::MAX, "nothing is on its way");
        feed.announce(3);
        assert_eq!(feed.settled(), 0);
        feed.committed(3, Vec::new(), None);
        assert_eq!(feed.settled(), 0);
        let flushing = feed.last_committed();
        feed.announce(5);
        feed.committed(5, Vec::new(), None);
        feed.flushed(flushing);
        assert_eq!(feed.settled(), 3, "the second came after the flush began");
        feed.flushed(feed.last_committed());
        assert_eq!(feed.settled(), i64::MAX);
    }
}
