//! The registry.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering::AcqRel, Ordering::Release};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::civil::DateTime;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::base::cron::{CronError, Schedule};
use crate::base::error::Result;
use crate::cron::SYSTEM_PREFIX;
use crate::cron::runs::{Past, Runs};

/// What a job does. It is called once per run.
pub type Job = Arc<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// Most jobs there can be; scripts add some too.
const MAX_JOBS: usize = 1_000;

/// The jobs of a server. Clones share them.
#[derive(Clone, Default)]
pub struct Jobs(Arc<Shared>);

#[derive(Default)]
struct Shared {
    entries: Mutex<Vec<Entry>>,
    /// Jobs running at the moment.
    running: watch::Sender<usize>,
    runs: Runs,
}

#[derive(Clone)]
struct Entry {
    id: Arc<str>,
    expression: String,
    schedule: Schedule,
    job: Job,
    busy: Arc<AtomicBool>,
}

/// A job as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Listed {
    pub id: String,
    pub expression: String,
}

/// What became of a wish to run a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// It runs now, in the background.
    Started,
    /// It runs already; this start is dropped.
    Busy,
    /// There is none of that name.
    Unknown,
}

impl Jobs {
    /// Adds a job, or replaces the one of that name. A run of the old one that is under way goes on, and counts as a
    /// run of the new one.
    pub fn add(&self, id: &str, expression: &str, job: Job) -> Result<(), CronError> {
        let mut entry = Entry {
            id: id.into(),
            expression: expression.to_owned(),
            schedule: Schedule::parse(expression)?,
            job,
            busy: Arc::default(),
        };
        let mut entries = self.entries();
        if let Some(old) = entries.iter_mut().find(|old| *old.id == *id) {
            entry.busy = Arc::clone(&old.busy);
            *old = entry;
        } else if entries.len() < MAX_JOBS {
            entries.push(entry);
        } else {
            tracing::error!(job.id = id, "there are too many jobs; this one is left out");
        }
        Ok(())
    }

    /// Takes a job out; a run that is under way goes on. Says whether there was one of that name.
    pub fn remove(&self, id: &str) -> bool {
        let mut entries = self.entries();
        let before = entries.len();
        entries.retain(|entry| *entry.id != *id);
        entries.len() < before
    }

    /// All jobs: those of applications by name, then the server's own in the order they were added.
    pub fn list(&self) -> Vec<Listed> {
        let mut entries = self.entries().clone();
        entries.sort_by(|a, b| {
            let key = |entry: &Entry| {
                let system = entry.id.starts_with(SYSTEM_PREFIX);
                (
                    system,
                    if system {
                        "".into()
                    } else {
                        Arc::clone(&entry.id)
                    },
                )
            };
            key(a).cmp(&key(b))
        });
        entries
            .into_iter()
            .map(|entry| Listed {
                id: (*entry.id).to_owned(),
                expression: entry.expression,
            })
            .collect()
    }

    /// What became of runs, newest first.
    pub fn runs(&self) -> Vec<Past> {
        self.0.runs.list()
    }

    /// Runs a job in the background, whenever it is due.
    pub fn start(&self, id: &str) -> Start {
        let entry = self
            .entries()
            .iter()
            .find(|entry| *entry.id == *id)
            .cloned();
        match entry {
            Some(entry) => self.spawn(entry),
            None => Start::Unknown,
        }
    }

    /// Runs what is due in the minute that a UTC moment lies in, of the schedules that may.
    pub(super) fn tick(&self, moment: DateTime, may: impl Fn(&Schedule) -> bool) {
        let due: Vec<Entry> = self
            .entries()
            .iter()
            .filter(|entry| entry.schedule.is_due(moment) && may(&entry.schedule))
            .cloned()
            .collect();
        for entry in due {
            let id = Arc::clone(&entry.id);
            if self.spawn(entry) == Start::Busy {
                tracing::warn!(
                    job.id = &*id,
                    "a job is due while its last run goes on; this run is left out"
                );
            }
        }
    }

    /// Takes all jobs out and waits for those that run, at most so long. Says whether all have ended.
    pub async fn close(&self, wait: Duration) -> bool {
        self.entries().clear();
        let mut running = self.0.running.subscribe();
        let ended = running.wait_for(|count| *count == 0);
        tokio::time::timeout(wait, ended).await.is_ok()
    }

    fn spawn(&self, entry: Entry) -> Start {
        let Ok(runtime) = Handle::try_current() else {
            return Start::Unknown;
        };
        if entry.busy.swap(true, AcqRel) {
            return Start::Busy;
        }
        self.0.running.send_modify(|count| *count += 1);
        let run = Run {
            shared: Arc::clone(&self.0),
            busy: entry.busy,
        };
        let (id, job) = (entry.id, entry.job);
        let runs = self.0.runs.clone();
        let number = runs.begin(&id);
        drop(runtime.spawn(async move {
            let _run = run;
            let started = Instant::now();
            let result = AssertUnwindSafe(async { job().await }).catch_unwind().await;
            let took = started.elapsed();
            let duration_ms = took.as_millis();
            let problem = match &result {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => Some("The job panicked; the server's log says where.".to_owned()),
            };
            runs.end(number, took, problem);
            match result {
                Ok(Ok(())) => tracing::debug!(job.id = &*id, duration_ms, "a job has run"),
                Ok(Err(error)) => {
                    tracing::error!(job.id = &*id, duration_ms, %error, "a job failed");
                }
                Err(_) => tracing::error!(job.id = &*id, duration_ms, "a job panicked"),
            }
        }));
        Start::Started
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run under way. However it ends, the job can run again.
struct Run {
    shared: Arc<Shared>,
    busy: Arc<AtomicBool>,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.busy.store(false, Release);
        self.shared.running.send_modify(|count| *count -= 1);
    }
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
    use tokio::sync::{Notify, mpsc};

    use super::{Job, Jobs, MAX_JOBS, Start};
    use crate::base::error::Error;

    fn telling(name: &'static str, sender: &UnboundedSender<&'static str>) -> Job {
        let sender = sender.clone();
        Arc::new(move || {
            let sender = sender.clone();
            Box::pin(async move {
                sender
                    .send(name)
                    .map_err(|_| Error::internal("nobody listens"))
            })
        })
    }

    fn names(jobs: &Jobs) -> Vec<String> {
        jobs.list().into_iter().map(|job| job.id).collect()
    }

    #[tokio::test]
    async fn due_jobs_run_and_the_last_one_of_a_name_counts() {
        let (sender, mut told) = unbounded_channel();
        let jobs = Jobs::default();
        jobs.add("a", "*/5 * * * *", telling("old", &sender))
            .unwrap();
        jobs.add("a", "*/5 * * * *", telling("new", &sender))
            .unwrap();
        jobs.add("b", "0 0 * * *", telling("b", &sender)).unwrap();
        assert!(jobs.add("c", "@never", telling("c", &sender)).is_err());
        jobs.tick("2026-11-21T10:05".parse().unwrap(), |_| true);
        assert_eq!(told.recv().await, Some("new"));
        assert_eq!(jobs.start("b"), Start::Started);
        assert_eq!(told.recv().await, Some("b"));
        assert_eq!(jobs.start("nope"), Start::Unknown);
        assert!(jobs.remove("a") && !jobs.remove("a"));
        jobs.tick("2026-11-21T10:05".parse().unwrap(), |_| true);
        assert!(jobs.close(Duration::from_secs(10)).await);
        assert_eq!(told.try_recv(), Err(mpsc::error::TryRecvError::Empty));
    }

    #[tokio::test]
    async fn a_job_runs_once_at_a_time_and_again_after_a_panic() {
        let jobs = Jobs::default();
        let go = Arc::new(Notify::new());
        let gate = Arc::clone(&go);
        let job: Job = Arc::new(move || {
            let gate = Arc::clone(&gate);
            Box::pin(async move {
                gate.notified().await;
                panic!("on purpose")
            })
        });
        jobs.add("slow", "* * * * *", Arc::clone(&job)).unwrap();
        assert_eq!(jobs.start("slow"), Start::Started);
        assert_eq!(jobs.start("slow"), Start::Busy);
        jobs.add("slow", "* * * * *", Arc::clone(&job)).unwrap();
        assert_eq!(jobs.start("slow"), Start::Busy);
        assert!(!jobs.close(Duration::ZERO).await);
        go.notify_one();
        assert!(jobs.close(Duration::from_secs(10)).await);
        jobs.add("slow", "* * * * *", job).unwrap();
        assert_eq!(jobs.start("slow"), Start::Started);
        go.notify_one();
        assert!(jobs.close(Duration::from_secs(10)).await);
    }

    #[test]
    fn jobs_of_the_server_are_listed_last() {
        let (sender, _told) = unbounded_channel();
        let jobs = Jobs::default();
        for id in ["__pbZ__", "b", "__pbA__", "a"] {
            jobs.add(id, "@daily", telling("x", &sender)).unwrap();
        }
        assert_eq!(names(&jobs), ["a", "b", "__pbZ__", "__pbA__"]);
    }

    #[test]
    fn the_number_of_jobs_is_bounded_and_those_there_are_can_change() {
        let (sender, _told) = unbounded_channel();
        let jobs = Jobs::default();
        for n in 0..=MAX_JOBS {
            jobs.add(&n.to_string(), "@daily", telling("x", &sender))
                .unwrap();
        }
        assert_eq!(names(&jobs).len(), MAX_JOBS);
        assert!(!jobs.remove(&MAX_JOBS.to_string()));
        jobs.add("7", "@hourly", telling("x", &sender)).unwrap();
        let seventh = jobs.list().into_iter().find(|job| job.id == "7");
        assert_eq!(seventh.unwrap().expression, "@hourly");
    }
}
