//! The thread that owns the only write connection.
//!
//! It takes all jobs that wait, runs each inside a savepoint of one transaction and commits once; see `flush` for how
//! they become durable and are answered. While the disk is busy with one group, the next one runs already and is joined
//! by whatever arrives; nothing else waits on purpose.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::changes::{self, ChangeLog};
use super::checkpoint::Checkpoints;
use super::conflicts::Conflicts;
use super::counts::Counts;
use super::earlier::{Earlier, Keeper};
use super::epoch::Epoch;
use super::error::Error;
use super::flush::{self, Flusher, Group};
use super::job::{Job, Undo};
use super::lease::{Command, Lease, Leased};
use super::queue::{Queue, Wait, Work};
use super::tx::Tx;
use crate::base::time::Timestamp;

/// A group ends at whichever comes first, so that the first job of a long one is answered soon.
const GROUP_JOBS: usize = 512;
const GROUP_TIME: Duration = Duration::from_millis(10);

/// Without work for this long, the connection gives its cache back.
const IDLE: Duration = Duration::from_secs(20);

/// The limits of the writer's transactions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub statement: Duration,
    pub exclusive_statement: Duration,
}

#[derive(Debug)]
pub(super) struct Writer {
    pub tx: Tx,
    pub keeper: Keeper,
    pub queue: Arc<Queue>,
    /// See `Engine::epoch`.
    pub epoch: Arc<Epoch>,
    pub checkpoints: Checkpoints,
    pub flusher: Flusher,
    pub limits: Limits,
    pub change_log: Option<ChangeLog>,
    /// Commits so far; readers that share a transaction compare it.
    pub commits: Arc<AtomicU64>,
    pub counts: Counts,
    pub conflicts: Conflicts,
    /// See `Engine::set_away`.
    pub away: Arc<AtomicBool>,
}

impl Writer {
    /// Serves the queue until it is closed and empty, then closes the database.
    pub(super) fn serve(mut self) {
        let _close = CloseOnExit(Arc::clone(&self.queue));
        let mut waiting = VecDeque::new();
        let mut done = Group::new();
        let mut slim = true;
        loop {
            if waiting.is_empty() {
                self.queue.take_all(&mut waiting);
            }
            match waiting.front() {
                Some(Work::Group(_)) => self.run_group(&mut waiting, &mut done),
                Some(_) => self.run_single(waiting.pop_front()),
                None => match self.queue.wait(if slim { Duration::MAX } else { IDLE }) {
                    Wait::Arrived => slim = false,
                    Wait::Idle => {
                        slim = true;
                        self.keeper.rest();
                        self.checkpoints.run_now();
                        drop(self.tx.connection().release_memory());
                    }
                    Wait::Closed => break,
                },
            }
        }
        self.flusher.close();
        self.keeper.rest();
        self.checkpoints
            .close(self.tx.into_reader().into_connection());
    }

    fn run_single(&mut self, work: Option<Work>) {
        match work {
            Some(Work::Alone(job)) => self.run_alone(job),
            Some(Work::Lease { limit, reply }) => self.run_lease(limit, reply),
            Some(Work::Group(job)) => job.answer(Err(Error::RolledBack)),
            None => {}
        }
    }

    /// One transaction for as many jobs as have come and may share it.
    fn run_group(&mut self, waiting: &mut VecDeque<Work>, done: &mut Group) {
        let begun = self.begin();
        let start = Instant::now();
        let mut changed = false;
        let most = if self.conflicts.reach_others() {
            1
        } else {
            GROUP_JOBS
        };
        while done.len() < most {
            let mut job = match waiting.pop_front() {
                Some(Work::Group(job)) => job,
                Some(other) => {
                    waiting.push_front(other);
                    break;
                }
                None => {
                    let left = GROUP_TIME.saturating_sub(start.elapsed());
                    if begun.is_err() || !self.queue.wait_for_disk(left) {
                        break;
                    }
                    self.queue.take_all(waiting);
                    continue;
                }
            };
            if job.is_abandoned() {
                continue;
            }
            if let Err(error) = &begun {
                job.answer(Err(error.clone()));
                continue;
            }
            let kept = self.run_job(&mut *job);
            changed |= kept == Ok(true);
            done.push(job);
            if kept.is_err() || start.elapsed() > GROUP_TIME {
                break;
            }
        }
        if begun.is_ok() {
            self.counts.groups.add(done.len() as u64);
            let outcome = self.finish();
            self.deliver(mem::take(done), &outcome, changed);
        }
    }

    /// Sees to it that a group is answered when its changes are durable.
    fn deliver(&self, group: Group, outcome: &Result<(), Error>, changed: bool) {
        if outcome.is_err() || !changed {
            flush::answer(group, outcome);
        } else if !self.flusher.is_lax() && (group.len() > 1 || self.queue.is_flushing()) {
            self.flusher.hand_over(group);
        } else {
            // Nobody to overlap with: a second thread would only add its waking up.
            flush::answer(group, &self.flusher.flush());
        }
    }

    /// A transaction for one job. Readers can tell from the epoch that it was committed while they worked.
    fn run_alone(&mut self, mut job: Box<dyn Job>) {
        if job.is_abandoned() {
            return;
        }
        if let Err(error) = self.begin() {
            return job.answer(Err(error));
        }
        self.tx.watch().set_limit(self.limits.exclusive_statement);
        let kept = self.run_job(&mut *job);
        self.tx.watch().set_limit(self.limits.statement);
        let outcome = match kept {
            Ok(true) => {
                let epoch = Arc::clone(&self.epoch);
                let turn = epoch.turn();
                let mut outcome = self.finish();
                if outcome.is_ok() {
                    outcome = self.flusher.flush();
                    // Even if the flush failed: this is what the database holds now.
                    job.committed();
                }
                drop(turn);
                outcome
            }
            Ok(false) | Err(_) => self.finish(),
        };
        job.answer(outcome);
    }

    /// Serves the holder of a lease until it commits, goes away or exceeds its deadline.
    fn run_lease(&mut self, limit: Duration, reply: oneshot::Sender<Result<Lease, Error>>) {
        if reply.is_closed() {
            return;
        }
        if let Err(error) = self.begin() {
            return drop(reply.send(Err(error)));
        }
        let deadline = Instant::now() + limit;
        self.tx.watch().set_deadline(Some(deadline));
        let (lease, leased) = Lease::new();
        if reply.send(Ok(lease)).is_ok() {
            self.serve_lease(deadline, &leased);
        }
        self.tx.watch().set_deadline(None);
        self.roll_back();
    }

    fn serve_lease(&mut self, deadline: Instant, leased: &Leased) {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match leased.commands.recv_timeout(left) {
                Ok(Command::Run(mut job)) => {
                    let outcome = self.run_job(&mut *job).map(drop);
                    let lost = outcome.is_err();
                    leased
                        .lost
                        .store(lost && Instant::now() < deadline, Release);
                    job.answer(outcome);
                    if lost {
                        return;
                    }
                }
                Ok(Command::Commit(reply)) => {
                    self.tx.watch().set_deadline(None);
                    let outcome = self.finish().and_then(|()| self.flusher.flush());
                    drop(reply.send(outcome));
                    return;
                }
                Err(_) => return,
            }
        }
    }

    /// Runs one job in a savepoint. `Ok` says whether its changes are kept; an error, that the whole
    /// transaction is lost, as happens when a write is interrupted or the disk is full.
    fn run_job(&self, job: &mut dyn Job) -> Result<bool, Error> {
        let kept = match job.undo() {
            Undo::Alone => self.run_in_savepoint(job),
            Undo::WithTransaction => self.run_bare(job),
        };
        if kept.is_err() {
            self.roll_back();
        }
        kept
    }

    fn run_in_savepoint(&self, job: &mut dyn Job) -> Result<bool, Error> {
        self.tx.control("SAVEPOINT job")?;
        let logged = self.tx.logged.get();
        let (states, seq) = (self.tx.states.borrow().len(), self.tx.last_seq.get());
        let keep = job.run(&self.tx);
        if self.tx.connection().is_autocommit() {
            return Err(Error::RolledBack);
        }
        if !keep {
            self.tx.logged.set(logged);
            self.tx.states.borrow_mut().truncate(states);
            self.tx.last_seq.set(seq);
            self.tx.control("ROLLBACK TO job")?;
        }
        self.tx.control("RELEASE job")?;
        Ok(keep)
    }

    /// A job that fails before it has changed anything leaves nothing to undo; one that fails afterwards takes the
    /// transaction with it.
    fn run_bare(&self, job: &mut dyn Job) -> Result<bool, Error> {
        let connection = self.tx.connection();
        let changes = connection.total_changes();
        let keep = job.run(&self.tx);
        if connection.is_autocommit() {
            return Err(Error::RolledBack);
        }
        if !keep && connection.total_changes() != changes {
            tracing::error!("a write failed after it had changed something");
            return Err(Error::RolledBack);
        }
        Ok(keep)
    }

    fn begin(&mut self) -> Result<(), Error> {
        if self.away.load(Acquire) {
            return Err(Error::Away);
        }
        let connection = self.tx.connection();
        if self.flusher.is_broken() || self.checkpoints.is_doubtful() {
            self.checkpoints.make_whole(connection)?;
            self.flusher.is_whole_again();
        }
        self.checkpoints.between_transactions(connection);
        self.tx.epoch.set(self.epoch.number());
        // What was rolled back since does not count.
        self.tx.last_seq.set(self.tx.feed.last_committed());
        self.tx.control("BEGIN IMMEDIATE")?;
        // Here, where no other program can change the schema any more.
        self.conflicts.look(&self.tx);
        Ok(())
    }

    /// Commits, or says why the transaction is lost. What is committed is not yet durable.
    fn finish(&mut self) -> Result<(), Error> {
        if self.tx.connection().is_autocommit() {
            return Err(Error::RolledBack);
        }
        if let Some(keep) = self.change_log {
            self.trim(keep);
        }
        let seq = self.tx.last_seq.get();
        if self.tx.changed.get() {
            self.tx.feed.announce(seq);
        }
        let earlier = self.tx.deleted.take().then(|| self.earlier(seq)).flatten();
        let outcome = self.tx.control("COMMIT");
        // Before anybody is answered, so that whoever was sees the commit. A failed one may be visible as well.
        self.commits.fetch_add(1, Release);
        if outcome.is_ok() && self.tx.changed.take() {
            self.tx.feed.committed(seq, self.tx.states.take(), earlier);
        }
        self.roll_back();
        outcome
    }

    /// What is there before the commit, for the follower. Without it some are not told of a delete; the writes are
    /// worth more.
    fn earlier(&self, seq: i64) -> Option<Earlier> {
        if !self.tx.feed.has_room_for_earlier() {
            return None;
        }
        let changes = (self.tx.feed.last_committed(), seq);
        self.keeper
            .keep(self.tx.epoch.get(), changes)
            .inspect_err(|error| tracing::debug!(%error, "the state before a delete is not kept"))
            .ok()
    }

    /// Trimming is upkeep: its failure must not fail the jobs.
    fn trim(&self, keep: ChangeLog) {
        if let Err(error) = self.tx.trim_changes(keep, Timestamp::now()) {
            tracing::warn!(%error, "failed to trim the change log");
        }
    }

    /// Ends a transaction that is still open.
    fn roll_back(&self) {
        self.tx.states.borrow_mut().clear();
        self.tx.changed.set(false);
        self.tx.deleted.set(false);
        if self.tx.connection().is_autocommit() {
            return;
        }
        if let Err(error) = self.tx.control("ROLLBACK") {
            tracing::error!(%error, "failed to roll back");
        }
    }
}

/// However the thread ends, nobody waits for it in vain.
struct CloseOnExit(Arc<Queue>);

impl Drop for CloseOnExit {
    fn drop(&mut self) {
        self.0.close();
        // Dropping a job tells whoever waits for it.
        self.0.take_all(&mut VecDeque::new());
    }
}

/// Prepares the database for the writer.
pub(super) fn prepare(tx: &Tx, change_log: Option<ChangeLog>) -> Result<(), Error> {
    if change_log.is_some() {
        changes::create_table(tx)?;
    }
    Ok(())
}
