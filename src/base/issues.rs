//! What is wrong with submitted data, field by field, in the wire's codes and words.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::base::text;

/// One complaint about one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// Wire code, such as `validation_required`.
    pub code: Cow<'static, str>,
    /// Message; turned into a sentence when shown.
    pub message: Cow<'static, str>,
    /// Parameters of the message; omitted on the wire when empty.
    pub params: Map<String, Value>,
}

impl Issue {
    /// An issue without parameters.
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code: Cow::Borrowed(code),
            message: message.into(),
            params: Map::new(),
        }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    /// `validation_required`.
    pub fn required() -> Self {
        Self::new("validation_required", "Cannot be blank.")
    }

    /// `validation_invalid_value`, the code for anything without one of its own.
    pub fn invalid_value() -> Self {
        Self::new("validation_invalid_value", "Invalid value.")
    }

    /// The wire form.
    pub fn to_json(&self) -> Value {
        let mut object = json!({ "code": self.code, "message": text::sentence(&self.message) });
        if !self.params.is_empty() {
            object["params"] = Value::Object(self.params.clone());
        }
        object
    }
}

/// Issues keyed by field name or list index, possibly nested.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Issues(BTreeMap<String, Entry>);

#[derive(Clone, Debug, PartialEq)]
enum Entry {
    Issue(Issue),
    Nested(Issues),
}

impl Issues {
    /// No issues.
    pub fn new() -> Self {
        Self::default()
    }

    /// A single issue under one key.
    pub fn one(key: impl Into<String>, issue: Issue) -> Self {
        let mut issues = Self::new();
        issues.add(key, issue);
        issues
    }

    /// Records an issue; the first one of a key wins.
    pub fn add(&mut self, key: impl Into<String>, issue: Issue) {
        self.0.entry(key.into()).or_insert(Entry::Issue(issue));
    }

    /// Records the issue of a failed check.
    pub fn check(&mut self, key: &str, result: Result<(), Issue>) {
        if let Err(issue) = result {
            self.add(key, issue);
        }
    }

    /// Records nested issues under a key, merging with nested ones already there; nothing when they are empty.
    pub fn nest(&mut self, key: impl Into<String>, issues: Self) {
        if issues.is_empty() {
            return;
        }
        match self
            .0
            .entry(key.into())
            .or_insert_with(|| Entry::Nested(Self::new()))
        {
            Entry::Nested(existing) => existing.merge(issues),
            Entry::Issue(_) => {}
        }
    }

    /// Adds all issues of another set; keys already present win.
    pub fn merge(&mut self, other: Self) {
        for (key, entry) in other.0 {
            match entry {
                Entry::Issue(issue) => self.add(key, issue),
                Entry::Nested(issues) => self.nest(key, issues),
            }
        }
    }

    /// Says whether there is an issue under a key.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Says whether there is no issue at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` when empty.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The wire form, the `data` member of an error body.
    pub fn to_json(&self) -> Value {
        let entries = self.0.iter().map(|(key, entry)| {
            let value = match entry {
                Entry::Issue(issue) => issue.to_json(),
                Entry::Nested(issues) => issues.to_json(),
            };
            (key.clone(), value)
        });
        Value::Object(entries.collect())
    }
}
