//! One generation of the scripts: compiled, run once, and everything they registered. Nothing of it changes afterwards.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

use rhai::module_resolvers::DummyModuleResolver;
use rhai::{
    AST, Engine, EvalAltResult, FnPtr, Module, ModuleResolver, NativeCallContext, Position, Scope,
    Shared,
};

use crate::events::{Kind, KindSet};
use crate::hooks::engine;
use crate::hooks::fault::{self, Failure, Report, misuse};
use crate::hooks::migrations::Migration;
use crate::schema::Entry;
use crate::settings::Hooks as Limits;

/// Largest script file.
const MAX_FILE: u64 = 4 << 20;

/// Scripts in a folder.
const MAX_FILES: usize = 2000;

/// A loaded set of scripts.
pub(super) struct Set {
    /// There is none as long as there is no script.
    engine: Option<Engine>,
    pub(super) scripts: Vec<Script>,
    pub(super) handlers: Vec<Handler>,
    pub(super) routes: Vec<RouteHandler>,
    pub(super) middleware: Vec<RouteHandler>,
    pub(super) jobs: Vec<Job>,
    pub(super) migrations: Vec<Migration>,
    everywhere: KindSet,
    tagged: HashMap<String, KindSet>,
    /// Positions among the handlers.
    by_kind: HashMap<Kind, Vec<usize>>,
}

impl std::fmt::Debug for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Set")
            .field("scripts", &self.scripts.len())
            .field("handlers", &self.handlers.len())
            .finish_non_exhaustive()
    }
}

/// A script file.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) name: String,
    /// What its closures are called with: its functions, imports and constants.
    pub(super) ast: AST,
    /// Its lines, to show where it failed.
    pub(super) text: String,
    pub(super) counts: Counts,
}

/// What happened to a script since it was loaded.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) calls: AtomicU64,
    pub(super) errors: AtomicU64,
    pub(super) micros: AtomicU64,
}

/// A handler of an event.
#[derive(Clone, Debug)]
pub(super) struct Handler {
    pub(super) kind: Kind,
    /// Names or ids of collections, in lower case; none for all.
    pub(super) tags: Vec<String>,
    pub(super) function: FnPtr,
    pub(super) script: usize,
    /// Where it was registered.
    pub(super) line: usize,
}

/// A route, or a middleware for every request.
#[derive(Clone, Debug)]
pub(super) struct RouteHandler {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) function: FnPtr,
    pub(super) guards: Vec<super::routes::Guard>,
    pub(super) script: usize,
    pub(super) line: usize,
}

/// A job of the scheduler.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) expression: String,
    pub(super) function: FnPtr,
    pub(super) script: usize,
    /// Where it was registered.
    pub(super) line: usize,
}

/// What a script registers while its top level runs.
#[derive(Debug, Default)]
pub(super) struct Loading {
    pub(super) script: usize,
    pub(super) handlers: Vec<Handler>,
    pub(super) routes: Vec<RouteHandler>,
    pub(super) middleware: Vec<RouteHandler>,
    pub(super) jobs: Vec<Job>,
    pub(super) migrations: Vec<Migration>,
}

thread_local! {
    static LOADING: RefCell<Option<Loading>> = const { RefCell::new(None) };
}

/// Registers something if a script is being loaded on this thread.
pub(super) fn register(
    context: &NativeCallContext,
    what: &str,
    add: impl FnOnce(&mut Loading, usize),
) -> Result<(), Failure> {
    let line = context.call_position().line().unwrap_or(0);
    LOADING.with_borrow_mut(|loading| match loading {
        Some(loading) => {
            add(loading, line);
            Ok(())
        }
        None => Err(misuse(format!(
            "{what} can only be called at the top level of a script."
        ))),
    })
}

impl Set {
    /// A set without scripts, which takes no memory to speak of.
    pub(super) fn empty() -> Self {
        Self::with(None)
    }

    /// The interpreter of the scripts.
    pub(super) const fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref()
    }

    fn for_folder(folder: &Path, limits: &Limits) -> Self {
        let mut engine = engine::new(limits);
        engine.set_module_resolver(Modules::new(folder));
        Self::with(Some(engine))
    }

    fn with(engine: Option<Engine>) -> Self {
        Self {
            engine,
            scripts: Vec::new(),
            handlers: Vec::new(),
            routes: Vec::new(),
            middleware: Vec::new(),
            jobs: Vec::new(),
            migrations: Vec::new(),
            everywhere: KindSet::default(),
            tagged: HashMap::new(),
            by_kind: HashMap::new(),
        }
    }

    /// Compiles and runs all scripts of a folder; every one that fails is reported.
    pub(super) fn load(folder: &Path, limits: &Limits) -> Result<Self, Vec<Report>> {
        let set = Self::load_files(folder, limits, |_| true)?;
        let misplaced = set.migrations.iter().map(|migration| Report {
            line: migration.line,
            ..Report::of_file(
                set.scripts
                    .get(migration.script)
                    .map_or("", |script| &script.name),
                "migrate(…) belongs into a file of the migrations folder",
            )
        });
        let misplaced: Vec<Report> = misplaced.collect();
        if misplaced.is_empty() {
            Ok(set)
        } else {
            Err(misplaced)
        }
    }

    /// Loads these files of the folder of migrations.
    pub(super) fn load_migrations(
        folder: &Path,
        limits: &Limits,
        names: &[String],
    ) -> Result<Self, Vec<Report>> {
        Self::load_files(folder, limits, |name| {
            names.iter().any(|wanted| wanted == name)
        })
    }

    fn load_files(
        folder: &Path,
        limits: &Limits,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Self, Vec<Report>> {
        let files = script_files(folder).map_err(|error| {
            vec![Report::of_file(
                &folder.display().to_string(),
                &error.to_string(),
            )]
        })?;
        if files.is_empty() {
            return Ok(Self::empty());
        }
        let mut set = Self::for_folder(folder, limits);
        let mut reports = Vec::new();
        let mut loaded = Loading::default();
        for (name, path) in files.into_iter().filter(|(name, _)| wanted(name)) {
            loaded.script = set.scripts.len();
            match set.load_script(&name, &path, &mut loaded) {
                Ok((ast, text)) => set.scripts.push(Script {
                    name,
                    ast,
                    text,
                    counts: Counts::default(),
                }),
                Err(report) => reports.push(report),
            }
        }
        if !reports.is_empty() {
            return Err(reports);
        }
        set.handlers = loaded.handlers;
        set.routes = loaded.routes;
        set.middleware = loaded.middleware;
        set.jobs = loaded.jobs;
        set.migrations = loaded.migrations;
        set.index();
        Ok(set)
    }

    /// What is wrong with a script of this name and text, if anything is.
    pub(super) fn check(folder: &Path, name: &str, text: &str) -> Option<Report> {
        let set = Self::for_folder(folder, &Limits::default());
        set.load_text(name, text, &mut Loading::default()).err()
    }

    fn load_script(
        &self,
        name: &str,
        path: &Path,
        loaded: &mut Loading,
    ) -> Result<(AST, String), Report> {
        let text = read(path).map_err(|error| Report::of_file(name, &error.to_string()))?;
        let ast = self.load_text(name, &text, loaded)?;
        Ok((ast, text))
    }

    fn load_text(&self, name: &str, text: &str, loaded: &mut Loading) -> Result<AST, Report> {
        let Some(engine) = self.engine() else {
            return Err(Report::of_file(name, "there is no interpreter"));
        };
        let mut ast = engine.compile(text).map_err(|error| {
            let failure = EvalAltResult::ErrorParsing(*error.0, error.1);
            fault::report(name, &failure)
        })?;
        ast.set_source(name);
        LOADING.set(Some(std::mem::take(loaded)));
        let limit = std::time::Duration::from_secs(5);
        let result = super::call::with_deadline(limit, || {
            Module::eval_ast_as_new(Scope::new(), &ast, engine)
        });
        *loaded = LOADING.take().unwrap_or_default();
        let mut module = result.map_err(|failure| fault::report(name, &failure))?;
        module.set_id(name);
        Ok(AST::new_from_module(module))
    }

    fn index(&mut self) {
        for (index, handler) in self.handlers.iter().enumerate() {
            self.by_kind.entry(handler.kind).or_default().push(index);
            if handler.tags.is_empty() {
                self.everywhere.insert(handler.kind);
            }
            for tag in &handler.tags {
                self.tagged
                    .entry(tag.clone())
                    .or_default()
                    .insert(handler.kind);
            }
        }
    }

    /// The kinds that handlers listen to in a collection.
    pub(super) fn kinds(&self, collection: Option<&Entry>) -> KindSet {
        let Some(collection) = collection.filter(|_| !self.tagged.is_empty()) else {
            return self.everywhere;
        };
        let tagged = |tag: &str| {
            let is_lower = !tag
                .bytes()
                .any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii());
            let found = if is_lower {
                self.tagged.get(tag)
            } else {
                self.tagged.get(&tag.to_lowercase())
            };
            found.copied().unwrap_or_default()
        };
        self.everywhere
            .union(tagged(&collection.name))
            .union(tagged(&collection.id))
    }

    /// The handlers of a kind for a collection, in the order they were registered.
    pub(super) fn handlers_of(&self, kind: Kind, collection: Option<&Entry>) -> Vec<usize> {
        let fits = |handler: &Handler| {
            handler.tags.is_empty()
                || (collection.is_some_and(|entry| {
                    handler.tags.iter().any(|tag| {
                        tag.eq_ignore_ascii_case(&entry.name) || tag.eq_ignore_ascii_case(&entry.id)
                    })
                }))
        };
        let of_kind = self.by_kind.get(&kind).map_or(&[][..], Vec::as_slice);
        let fitting = of_kind
            .iter()
            .filter(|index| self.handlers.get(**index).is_some_and(fits));
        fitting.copied().collect()
    }
}

/// The scripts of a folder in the order they are loaded. A folder that is not there has none.
pub(super) fn script_files(folder: &Path) -> std::io::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let is_script = path.extension().is_some_and(|ending| ending == "rhai")
            && !name.starts_with(['_', '.'])
            && path.is_file();
        if is_script && files.len() < MAX_FILES {
            files.insert(name.to_owned(), path.clone());
        }
    }
    Ok(files.into_iter().collect())
}

fn read(path: &Path) -> std::io::Result<String> {
    if fs::metadata(path)?.len() > MAX_FILE {
        return Err(std::io::Error::other("the script is larger than 4 MiB"));
    }
    fs::read_to_string(path)
}

/// Finds what scripts import: files below the folder, never outside of it.
struct Modules {
    folder: PathBuf,
    known: Mutex<HashMap<String, Shared<Module>>>,
    /// What is being loaded, to end cycles.
    pending: Mutex<Vec<String>>,
}

impl Modules {
    fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            known: Mutex::default(),
            pending: Mutex::default(),
        }
    }

    fn load(
        &self,
        engine: &Engine,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Failure> {
        let not_found = || {
            Box::new(EvalAltResult::ErrorModuleNotFound(
                path.to_owned(),
                position,
            ))
        };
        let name = path.strip_suffix(".rhai").unwrap_or(path);
        let is_plain = !name.is_empty()
            && !name.contains(['\\', '\0'])
            && name
                .split('/')
                .all(|part| !part.is_empty() && !part.starts_with('.'));
        if !is_plain {
            return Err(not_found());
        }
        let root = fs::canonicalize(&self.folder).map_err(|_| not_found())?;
        let file = fs::canonicalize(root.join(format!("{name}.rhai"))).map_err(|_| not_found())?;
        if !file.starts_with(&root) {
            return Err(not_found());
        }
        let shown = format!("{name}.rhai");
        let text = read(&file).map_err(|_| not_found())?;
        let within = |failure: Failure| {
            Box::new(EvalAltResult::ErrorInModule(
                shown.clone(),
                failure,
                position,
            ))
        };
        let mut ast = engine
            .compile(text)
            .map_err(|error| within(Box::new(EvalAltResult::ErrorParsing(*error.0, error.1))))?;
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
