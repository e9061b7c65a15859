//! `stead types …`: types of the collections for other programs.

use crate::catalog;
use crate::cli::console::{self, Failure};
use crate::cli::shared::Shared;
use crate::cli::work;
use crate::describe::{self, Language};
use crate::engine::{Engine, Options};

/// The languages `types` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum TypesLanguage {
    /// TypeScript, for the official SDK.
    Ts,
    /// Rust, with serde.
    Rust,
    Dart,
    /// Python, as typed dictionaries.
    Python,
}

pub(super) fn run(shared: &Shared, language: TypesLanguage) -> Result<(), Failure> {
    let path = work::database_in(&shared.dir)?;
    let engine =
        Engine::open(&path, Options::default()).map_err(|error| Failure::new(error.to_string()))?;
    let schema = engine.read(catalog::load);
    engine.shutdown();
    let schema = schema.map_err(|error| Failure::of("cannot read the collections", &error))?;
    let language = match language {
        TypesLanguage::Ts => Language::TypeScript,
        TypesLanguage::Rust => Language::Rust,
        TypesLanguage::Dart => Language::Dart,
        TypesLanguage::Python => Language::Python,
    };
    let text = describe::types(language, &describe::models(&schema));
    console::out(text.trim_end());
    Ok(())
}
