//! The corpus on disk: loading, addressing and rewriting its files.
//!
//! A file is `{about, setup, scenarios: [{name, setup, steps}]}`. Setup steps prepare data and must
//! succeed; the answers of `steps` are recorded. The members of a step are described in
//! `tests/conformance/README.md`. This module does not send anything.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::Place;
use super::format;

/// Member order of written files; anything not listed follows in alphabetical order.
const MEMBERS: [&str; 27] = [
    "about",
    "setup",
    "scenarios",
    "name",
    "steps",
    "stream",
    "events",
    "count",
    "as",
    "mail",
    "method",
    "path",
    "query",
    "headers",
    "status",
    "body",
    "raw",
    "base64",
    "multipart",
    "save",
    "watch",
    "picture",
    "recorded",
    "text",
    "value",
    "filename",
    "type",
];

#[derive(Debug)]
pub(super) struct CorpusFile {
    /// The file name without its extension.
    pub(super) name: String,
    pub(super) dir: PathBuf,
    content: Value,
}

/// Reads every scenario file of the folder.
pub(super) fn load(dir: &Path) -> Result<Vec<CorpusFile>, String> {
    let mut files = Vec::new();
    let entries = fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.extension().is_none_or(|extension| extension != "json") || name == "exceptions" {
            continue;
        }
        let content = read_json(&path)?;
        files.push(CorpusFile {
            name,
            dir: dir.to_owned(),
            content,
        });
    }
    // Workers take files from the end: the largest ones start first.
    files.sort_by_key(|file| file.content.to_string().len());
    Ok(files)
}

pub(super) fn read_json(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

impl CorpusFile {
    /// Whether any scenario of this file is selected by `only`.
    pub(super) fn matches(&self, only: &str) -> bool {
        (0..self.scenarios().len()).any(|index| self.scenario_id(index).contains(only))
    }

    pub(super) fn setup(&self) -> &[Value] {
        list(&self.content["setup"])
    }

    pub(super) fn scenarios(&self) -> &[Value] {
        list(&self.content["scenarios"])
    }

    /// `file/scenario`, the name used by filters and exceptions.
    pub(super) fn scenario_id(&self, index: usize) -> String {
        let name = self.content["scenarios"][index]["name"]
            .as_str()
            .unwrap_or_default();
        format!("{}/{name}", self.name)
    }

    pub(super) fn step_name(&self, place: Place) -> String {
        self.step(place)["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The request of a step in one line, for reports.
    pub(super) fn request_line(&self, place: Place) -> String {
        let step = self.step(place);
        let mut line = format!(
            "{} {}",
            step["method"].as_str().unwrap_or("GET"),
            step["path"].as_str().unwrap_or_default()
        );
        for member in ["query", "body", "raw"] {
            if let Some(value) = step.get(member) {
                line.push(' ');
                line.extend(value.to_string().chars().take(300));
            }
        }
        line
    }

    pub(super) fn recorded(&self, place: Place) -> Option<&Value> {
        self.step(place).get("recorded")
    }

    fn step(&self, (scenario, step): Place) -> &Value {
        &self.content["scenarios"][scenario]["steps"][step]
    }

    /// Replaces the recorded answers.
    pub(super) fn record(&mut self, answers: Vec<(Place, Value)>) {
        for ((scenario, step), answer) in answers {
            self.content["scenarios"][scenario]["steps"][step]["recorded"] = answer;
        }
    }

    pub(super) fn write(&self) -> Result<(), String> {
        let path = self.dir.join(format!("{}.json", self.name));
        let text = format::pretty(&self.content, &MEMBERS);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The text of every request of the file. What a scenario sends is not random in an answer.
    pub(super) fn sent_text(&self) -> String {
        let mut content = self.content.clone();
        for scenario in content["scenarios"].as_array_mut().into_iter().flatten() {
            for step in scenario["steps"].as_array_mut().into_iter().flatten() {
                if let Some(step) = step.as_object_mut() {
                    step.remove("recorded");
                }
            }
        }
        content.to_string()
    }
}

/// The steps of a scenario object under `member`.
pub(super) fn steps<'a>(scenario: &'a Value, member: &str) -> &'a [Value] {
    list(&scenario[member])
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// An answer as it is recorded: `{status, headers?, body | text | base64}`.
pub(super) fn answer(
    status: u16,
    headers: Map<String, Value>,
    body: Option<(&str, Value)>,
) -> Value {
    let mut answer = json!({"status": status});
    if !headers.is_empty() {
        answer["headers"] = Value::Object(headers);
    }
    if let Some((member, value)) = body {
        answer[member] = value;
    }
    answer
}
