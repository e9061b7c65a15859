//! The collections described for other programs: a document in the form of `OpenAPI`, and types for four languages. Pure.
//!
//! [`Model`] is what all of them are made from: a collection as its clients see it.

mod dart;
mod model;
mod openapi;
mod paths;
mod python;
mod rust;
mod typescript;

pub use model::{Member, Model, Shape, models, public};
pub use openapi::openapi;

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
    match language {
        Language::TypeScript => typescript::types(models),
        Language::Rust => rust::types(models),
        Language::Dart => dart::types(models),
        Language::Python => python::types(models),
    }
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
