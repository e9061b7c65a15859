//! Modules that scripts import.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rhai::module_resolvers::DummyModuleResolver;
use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};

use crate::hooks::advice;
use crate::hooks::fault::Failure;

/// Largest script file.
const MAX_FILE: u64 = 4 << 20;

pub(super) fn read(path: &Path) -> std::io::Result<String> {
    if fs::metadata(path)?.len() > MAX_FILE {
        return Err(std::io::Error::other("the script is larger than 4 MiB"));
    }
    fs::read_to_string(path)
}

/// Finds what scripts import: files below the folder, never outside of it.
pub(super) struct Modules {
    folder: PathBuf,
    /// A module whose text is another than that of its file.
    changed: Option<(String, String)>,
    known: Mutex<HashMap<String, Shared<Module>>>,
    /// What is being loaded, to end cycles.
    pending: Mutex<Vec<String>>,
}

impl Modules {
    pub(super) fn new(folder: &Path, changed: Option<(&str, &str)>) -> Self {
        Self {
            folder: folder.to_owned(),
            changed: changed.map(|(path, text)| (path.to_owned(), text.to_owned())),
            known: Mutex::default(),
            pending: Mutex::default(),
        }
    }

    /// The text of a file below the folder.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        let root = fs::canonicalize(&self.folder).ok()?;
        let file = fs::canonicalize(root.join(path)).ok()?;
        file.starts_with(&root).then(|| read(&file).ok())?
    }

    /// The file that is imported as a path, and its text.
    pub(super) fn find(&self, path: &str) -> Option<(String, String)> {
        let name = path.strip_suffix(".rhai").unwrap_or(path);
        let is_plain = !name.is_empty()
            && !name.contains(['\\', '\0'])
            && name
                .split('/')
                .all(|part| !part.is_empty() && !part.starts_with('.'));
        if !is_plain {
            return None;
        }
        let shown = format!("{name}.rhai");
        let changed = self.changed.as_ref().filter(|(path, _)| *path == shown);
        let text = match changed {
            Some((_, text)) => text.clone(),
            None => self.text(&shown)?,
        };
        Some((shown, text))
    }

    fn load(
        &self,
        engine: &Engine,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Failure> {
        let (shown, text) = self.find(path).ok_or_else(|| {
            Box::new(EvalAltResult::ErrorModuleNotFound(
                path.to_owned(),
                position,
            ))
        })?;
        let within = |failure: Failure| {
            Box::new(EvalAltResult::ErrorInModule(
                shown.clone(),
                failure,
                position,
            ))
        };
        let mut ast = engine.compile(&text).map_err(|error| {
            let error = advice::explained(&text, error);
            within(Box::new(EvalAltResult::ErrorParsing(*error.0, error.1)))
        })?;
        ast.set_source(shown.clone());
        let mut module = Module::eval_ast_as_new(Scope::new(), &ast, engine).map_err(within)?;
        module.set_id(shown.clone());
        Ok(module.into())
    }
}

impl ModuleResolver for Modules {
    fn resolve(
        &self,
        engine: &Engine,
        _source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Failure> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = || self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = known().get(path) {
            return Ok(Shared::clone(module));
        }
        if pending().iter().any(|name| name == path) {
            let chain = pending().join(" > ");
            return Err(Box::new(EvalAltResult::ErrorRuntime(
                format!("modules import each other: {chain} > {path}").into(),
                position,
            )));
        }
        pending().push(path.to_owned());
        let loaded = self.load(engine, path, position);
        pending().retain(|name| name != path);
        let module = loaded?;
        known().insert(path.to_owned(), Shared::clone(&module));
        Ok(module)
    }
}

/// What an engine without a folder imports from: nothing.
pub(super) fn no_modules() -> DummyModuleResolver {
    DummyModuleResolver::new()
}
