//! What became of runs, as far back as memory is set aside for. A restart forgets them; the log does not.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::base::time::Timestamp;

/// Most runs that are remembered, of all jobs together: a job that runs often loses its own before others lose theirs.
const MAX_RUNS: usize = 500;

/// As much of an error as is kept.
const MAX_ERROR: usize = 2_000;

/// A run of a job.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Past {
    pub id: String,
    /// When it began.
    pub started: String,
    pub outcome: Outcome,
    /// How long it took, in milliseconds; nothing while it runs.
    pub duration: Option<u64>,
    /// Why it failed.
    pub error: Option<String>,
}

/// How a run ended, if it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Running,
    Succeeded,
    Failed,
}

/// The runs of all jobs, newest first. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Runs(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    begun: u64,
    all: VecDeque<(u64, Past)>,
}

impl State {
    /// Forgets the oldest run of the job that has the most.
    fn drop_one(&mut self) {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for (_, past) in &self.all {
            *counts.entry(&past.id).or_default() += 1;
        }
        let most = counts.values().copied().max().unwrap_or_default();
        let of_most = |(_, past): &(u64, Past)| counts.get(&*past.id) == Some(&most);
        if let Some(oldest) = self.all.iter().rposition(of_most) {
            self.all.remove(oldest);
        }
    }
}

impl Runs {
    /// Notes that a run begins; the number is for [`Runs::end`].
    pub(super) fn begin(&self, id: &str) -> u64 {
        let past = Past {
            id: id.to_owned(),
            started: Timestamp::now().to_string(),
            outcome: Outcome::Running,
            duration: None,
            error: None,
        };
        let mut state = self.state();
        state.begun += 1;
        let number = state.begun;
        state.all.push_front((number, past));
        if state.all.len() > MAX_RUNS {
            state.drop_one();
        }
        number
    }

    /// Notes how a run ended, unless newer ones have pushed it out.
    pub(super) fn end(&self, number: u64, took: Duration, error: Option<String>) {
        let mut state = self.state();
        let found = state.all.iter_mut().find(|(known, _)| *known == number);
        if let Some((_, past)) = found {
            past.duration = Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
            past.outcome = match error {
                None => Outcome::Succeeded,
                Some(_) => Outcome::Failed,
            };
            past.error = error.map(|text| text.chars().take(MAX_ERROR).collect());
        }
    }

    pub(super) fn list(&self) -> Vec<Past> {
        self.state()
            .all
            .iter()
            .map(|(_, past)| past.clone())
            .collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Runs")
            .field(&self.state().all.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{MAX_RUNS, Outcome, Runs};

    #[test]
    fn runs_are_remembered_newest_first_and_not_for_ever() {
        let runs = Runs::default();
        let first = runs.begin("a");
        let second = runs.begin("b");
        runs.end(first, Duration::from_millis(3), Some("no".to_owned()));
        let list = runs.list();
        assert_eq!([&*list[0].id, &*list[1].id], ["b", "a"]);
        assert_eq!(list[0].outcome, Outcome::Running);
        assert_eq!(list[1].outcome, Outcome::Failed);
        assert_eq!(list[1].error.as_deref(), Some("no"));
        for _ in 0..2 * MAX_RUNS {
            runs.begin("c");
        }
        runs.end(second, Duration::ZERO, None);
        let list = runs.list();
        assert_eq!(list.len(), MAX_RUNS);
        // One that runs every minute pushes out its own runs, not those of a nightly job.
        let last: Vec<&str> = list.iter().rev().take(3).map(|past| &*past.id).collect();
        assert_eq!(last, ["a", "b", "c"]);
        for n in 0..MAX_RUNS {
            runs.begin(&n.to_string());
        }
        let list = runs.list();
        assert_eq!(list.len(), MAX_RUNS);
        assert!(list.iter().all(|past| past.id.parse::<usize>().is_ok()));
    }
}
