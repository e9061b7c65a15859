//! The deliberate differences: `exceptions.json`, a list of `{scenario, step, at, reason}`.
//!
//! `at` is the place printed in the report (`status`, `body/data/name/code`, …); a trailing `/**`
//! covers everything below, and `*` as scenario or step stands for all of them. The list is for decisions, not for open work.

use std::cell::RefCell;
use std::path::Path;

use serde_json::Value;

use super::diff::Difference;
use super::{Outcome, corpus};

#[derive(Debug)]
pub(super) struct Exceptions {
    entries: Vec<Exception>,
    used: RefCell<Vec<bool>>,
}

#[derive(Debug)]
struct Exception {
    scenario: String,
    step: String,
    at: String,
}

impl Exceptions {
    pub(super) fn load(path: &Path) -> Result<Self, String> {
        let content = corpus::read_json(path)?;
        let list = content.as_array().ok_or("exceptions.json is not a list")?;
        let entries = list.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        let used = RefCell::new(vec![false; entries.len()]);
        Ok(Self { entries, used })
    }

    /// Whether a listed exception covers the difference; marks it as used.
    pub(super) fn explains(&self, outcome: &Outcome, difference: &Difference) -> bool {
        let mut explained = false;
        for (entry, used) in self.entries.iter().zip(self.used.borrow_mut().iter_mut()) {
            if entry.covers(outcome, difference) {
                *used = true;
                explained = true;
            }
        }
        explained
    }

    pub(super) fn unused(&self) -> Vec<String> {
        let used = self.used.borrow();
        let unused = self
            .entries
            .iter()
            .zip(used.iter())
            .filter(|(_, used)| !**used);
        unused
            .map(|(entry, _)| format!("{} / {} at {}", entry.scenario, entry.step, entry.at))
            .collect()
    }
}

impl Exception {
    fn covers(&self, outcome: &Outcome, difference: &Difference) -> bool {
        let place = match self.at.strip_suffix("/**") {
            Some(parent) => difference.at.starts_with(parent),
            None => difference.at == self.at,
        };
        let is = |listed: &str, name: &str| listed == "*" || listed == name;
        place && is(&self.scenario, &outcome.scenario) && is(&self.step, &outcome.step)
    }
}

fn parse(value: &Value) -> Result<Exception, String> {
    let member = |name: &str| {
        let text = value[name].as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned)
            .ok_or_else(|| format!("exceptions.json: {value} has no {name}"))
    };
    member("reason")?;
    Ok(Exception {
        scenario: member("scenario")?,
        step: member("step")?,
        at: member("at")?,
    })
}
