//! The collections described for other programs: a document in the form of `OpenAPI`, and types for four languages.
//! Pure.
//!
//! [`Model`] is what all of them are made from: a collection as its clients see it.

mod dart;
mod forms;
mod model;
mod openapi;
mod paths;
mod python;
mod rust;
mod typescript;

pub use model::{Member, Model, Shape, models, public};
pub use openapi::openapi;

use std::collections::BTreeSet;

use crate::schema::CollectionKind;

/// The languages there are types for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    TypeScript,
    Rust,
    Dart,
    Python,
}

/// Types for a program in some language.
pub fn types(language: Language, models: &[Model]) -> String {
    let (names, write): (&Names, fn(&[Model]) -> String) = match language {
        Language::TypeScript => (&typescript::NAMES, typescript::types),
        Language::Rust => (&rust::NAMES, rust::types),
        Language::Dart => (&dart::NAMES, dart::types),
        Language::Python => (&python::NAMES, python::types),
    };
    write(&names.apart(models))
}

/// Names of types that a program of some language has besides those of records.
struct Names {
    /// What the language and the program itself have.
    reserved: &'static [&'static str],
    /// What is appended to the name of a record for the types beside it; views have none.
    beside: &'static [&'static str],
}

impl Names {
    /// The models with other names for those that would stand for something else as well.
    fn apart(&self, models: &[Model]) -> Vec<Model> {
        let mut taken: BTreeSet<String> = self
            .reserved
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        let mut models = models.to_vec();
        for model in &mut models {
            let beside = if model.kind == CollectionKind::View {
                &[]
            } else {
                self.beside
            };
            let all = |name: &str| -> Vec<String> {
                let beside = beside.iter().map(|end| format!("{name}{end}"));
                std::iter::once(name.to_owned()).chain(beside).collect()
            };
            let mut names = all(&model.type_name);
            if names.iter().any(|name| taken.contains(name)) {
                model.type_name.push_str("Record");
                names = all(&model.type_name);
            }
            while names.iter().any(|name| taken.contains(name)) {
                model.type_name.push('_');
                names = all(&model.type_name);
            }
            taken.extend(names);
        }
        models
    }
}

/// A remark as one line: what a comment of one line ends at is different from language to language.
fn one_line(text: &str) -> String {
    let lines = text.split(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

/// A program text in the making.
struct Source(String);

impl Source {
    fn new(head: &str) -> Self {
        Self(head.to_owned())
    }

    fn put(&mut self, text: impl AsRef<str>) {
        self.0.push_str(text.as_ref());
    }

    fn into_text(self) -> String {
        self.0
    }
}
