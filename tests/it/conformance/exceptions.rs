//! The deliberate differences: `exceptions.json`, a list of `{scenario, step, at, reason}`.
//!
//! `at` is the place printed in the report (`status`, `body/data/name/code`, …). A trailing `/**` covers the place and
//! everything below it, and `**` alone the whole answer. A scenario or step that ends in `*` stands for all that begin
//! like it. Each reason names the row of `docs/COMPAT.md` that says more.

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
        is_place(&self.at, &difference.at)
            && is_name(&self.scenario, &outcome.scenario)
            && is_name(&self.step, &outcome.step)
    }
}

fn is_place(listed: &str, place: &str) -> bool {
    if listed == "**" {
        return true;
    }
    match listed.strip_suffix("/**") {
        Some(parent) => place
            .strip_prefix(parent)
            .is_some_and(|below| below.is_empty() || below.starts_with('/')),
        None => place == listed,
    }
}

fn is_name(listed: &str, name: &str) -> bool {
    match listed.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == listed,
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{corpus, is_name, is_place};

    #[test]
    fn reasons_name_rows_of_the_table_of_differences() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let table = std::fs::read_to_string(root.join("docs/COMPAT.md")).unwrap();
        let table = table.to_lowercase();
        let list = corpus::read_json(&root.join("tests/conformance/exceptions.json")).unwrap();
        for entry in list.as_array().unwrap() {
            let reason = entry["reason"].as_str().unwrap();
            let row = reason.strip_prefix("COMPAT, ").and_then(|rest| {
                let (section, rest) = rest.split_once(": ")?;
                let (row, _) = rest.split_once('.')?;
                Some((section, row.to_lowercase()))
            });
            let (section, row) = row.unwrap_or_else(|| panic!("{reason}"));
            let section = table
                .split("\n## ")
                .find(|text| text.starts_with(section))
                .unwrap_or_else(|| panic!("{reason}"));
            assert!(section.contains(&format!("\n| {row} |")), "{reason}");
        }
    }

    #[test]
    fn places_cover_what_is_below() {
        for (listed, place, expect) in [
            ("status", "status", true),
            ("body", "body/a", false),
            ("body/**", "body", true),
            ("body/**", "body/a/0", true),
            ("body/a/**", "body/ab", false),
            ("**", "headers/x", true),
        ] {
            assert_eq!(is_place(listed, place), expect, "{listed} and {place}");
        }
    }

    #[test]
    fn names_may_be_beginnings() {
        for (listed, name, expect) in [
            ("*", "a/b", true),
            ("a/*", "a/b", true),
            ("a/*", "ab", false),
            ("a/b", "a/bc", false),
        ] {
            assert_eq!(is_name(listed, name), expect, "{listed} and {name}");
        }
    }
}
