//! One generation of the scripts: compiled, run once, and everything they registered. Nothing of it changes afterwards.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use rhai::{
    AST, Engine, EvalAltResult, FnPtr, ImmutableString, Module, NativeCallContext, Position, Scope,
};

use crate::events::{Kind, KindSet};
use crate::hooks::fault::{self, Failure, Report, misuse};
use crate::hooks::migrations::Migration;
use crate::hooks::modules::{self, Modules};
use crate::hooks::routes::Table;
use crate::hooks::unknown::Known;
use crate::hooks::{brief, engine, files, properties, routes, tail, unknown};
use crate::schema::Entry;
use crate::settings::Hooks as Limits;

/// So many tags are compared one by one.
const FEW_TAGS: usize = 8;

/// Scripts in a folder.
const MAX_FILES: usize = 2000;

/// A loaded set of scripts.
pub(super) struct Set {
    /// There is none as long as there is no script.
    engine: Option<Engine>,
    pub(super) scripts: Vec<Script>,
    pub(super) handlers: Vec<Handler>,
    pub(super) routes: Vec<RouteHandler>,
    pub(super) table: Table,
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
    /// The name once more, for the interpreter's own messages.
    pub(super) source: ImmutableString,
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
    /// Where it calls `next` if it ends with that.
    pub(super) tail: Option<Position>,
}

/// A route, or a middleware for every request.
#[derive(Clone, Debug)]
pub(super) struct RouteHandler {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) function: FnPtr,
    pub(super) guards: Vec<routes::Guard>,
    pub(super) script: usize,
    pub(super) line: usize,
    /// It is over at once, whatever it is called with.
    pub(super) is_brief: bool,
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

    fn for_folder(folder: &Path, limits: &Limits, changed: Option<(&str, &str)>) -> Self {
        let mut engine = engine::new(limits);
        engine.set_module_resolver(Modules::new(folder, changed));
        let mut names = BTreeSet::new();
        for path in files::list(folder) {
            properties::collect(
                &modules::read(&folder.join(path)).unwrap_or_default(),
                &mut names,
            );
        }
        if let Some((_, text)) = changed {
            properties::collect(text, &mut names);
        }
        engine.register_global_module(properties::module(names).into());
        Self::with(Some(engine))
    }

    fn with(engine: Option<Engine>) -> Self {
        Self {
            engine,
            scripts: Vec::new(),
            handlers: Vec::new(),
            routes: Vec::new(),
            table: Table::default(),
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
        Self::load_changed(folder, limits, None)
    }

    /// The same as if a script or module had another text.
    pub(super) fn load_changed(
        folder: &Path,
        limits: &Limits,
        changed: Option<(&str, &str)>,
    ) -> Result<Self, Vec<Report>> {
        let set = Self::load_files(folder, limits, changed, |_| true)?;
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
        Self::load_files(folder, limits, None, |name| {
            names.iter().any(|wanted| wanted == name)
        })
    }

    fn load_files(
        folder: &Path,
        limits: &Limits,
        changed: Option<(&str, &str)>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Self, Vec<Report>> {
        let mut files = script_files(folder).map_err(|error| {
            vec![Report::of_file(
                &folder.display().to_string(),
                &error.to_string(),
            )]
        })?;
        if let Some((path, _)) = changed
            && is_script(path)
            && !files.iter().any(|(name, _)| name == path)
        {
            files.push((path.to_owned(), folder.join(path)));
            files.sort();
        }
        if files.is_empty() {
            return Ok(Self::empty());
        }
        let mut set = Self::for_folder(folder, limits, changed);
        let mut reports = Vec::new();
        let mut loaded = Loading::default();
        for (name, path) in files.into_iter().filter(|(name, _)| wanted(name)) {
            loaded.script = set.scripts.len();
            let text = match changed {
                Some((other, text)) if other == name => Ok(text.to_owned()),
                _ => {
                    modules::read(&path).map_err(|error| Report::of_file(&name, &error.to_string()))
                }
            };
            let script =
                text.and_then(|text| Ok((set.load_text(&name, &text, &mut loaded)?, text)));
            match script {
                Ok((ast, text)) => set.scripts.push(Script {
                    source: name.as_str().into(),
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

    /// Calls of functions that nobody has in a script of this name and text.
    pub(super) fn warnings(folder: &Path, name: &str, text: &str) -> Vec<Report> {
        let changed = Some((name, text));
        let set = Self::for_folder(folder, &Limits::default(), changed);
        set.engine().map_or_else(Vec::new, |engine| {
            let modules = Modules::new(folder, changed);
            unknown_calls(engine, &Known::of(engine), &modules, name, text)
        })
    }

    /// Calls of functions that nobody has, in the scripts and modules of the folder they were loaded from.
    pub(super) fn unknown_calls(&self, folder: &Path) -> Vec<Report> {
        let Some(engine) = self.engine() else {
            return Vec::new();
        };
        let (known, modules) = (Known::of(engine), Modules::new(folder, None));
        let look = |name: &str, text: &str| unknown_calls(engine, &known, &modules, name, text);
        let scripts = self.scripts.iter();
        let mut reports: Vec<Report> = scripts.flat_map(|s| look(&s.name, &s.text)).collect();
        for path in files::list(folder) {
            if !is_script(&path) && !is_for_editors(&path) {
                let text = modules.text(&path).unwrap_or_default();
                reports.extend(look(&path, &text));
            }
        }
        reports
    }

    /// What is wrong with a script of this name and text, if anything is.
    pub(super) fn check(folder: &Path, name: &str, text: &str) -> Option<Report> {
        let set = Self::for_folder(folder, &Limits::default(), Some((name, text)));
        set.load_text(name, text, &mut Loading::default()).err()
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
        let ends = tail::next_calls(&ast);
        let of_this = |handler: &&mut Handler| handler.script == loaded.script;
        for handler in loaded.handlers.iter_mut().filter(of_this) {
            handler.tail = ends.get(handler.function.fn_name()).copied();
        }
        let brief = brief::functions(&ast);
        let of_this = |route: &&mut RouteHandler| route.script == loaded.script;
        for route in loaded.routes.iter_mut().filter(of_this) {
            // Captured values may be functions, and packing takes its time.
            route.is_brief = brief.contains(route.function.fn_name())
                && route.function.curry().is_empty()
                && !route.guards.contains(&routes::Guard::Gzip);
        }
        let mut module = result.map_err(|failure| fault::report(name, &failure))?;
        module.set_id(name);
        Ok(AST::new_from_module(module))
    }

    fn index(&mut self) {
        self.table = Table::of(&self.routes);
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
        let (name, id) = (&collection.name, &collection.id);
        if self.tagged.len() <= FEW_TAGS {
            // Perf: comparing a few names is quicker than hashing one.
            let tagged = self
                .tagged
                .iter()
                .filter(|(tag, _)| tag.eq_ignore_ascii_case(name) || tag.eq_ignore_ascii_case(id));
            return tagged.fold(self.everywhere, |all, (_, kinds)| all.union(*kinds));
        }
        let tagged = |tag: &str| {
            let found = self.tagged.get(&tag.to_lowercase());
            found.copied().unwrap_or_default()
        };
        self.everywhere.union(tagged(name)).union(tagged(id))
    }

    /// The kinds that handlers listen to in any collection at all.
    pub(super) fn all_kinds(&self) -> KindSet {
        let tagged = self.tagged.values();
        tagged.fold(self.everywhere, |all, kinds| all.union(*kinds))
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

fn unknown_calls(
    engine: &Engine,
    known: &Known,
    modules: &Modules,
    name: &str,
    text: &str,
) -> Vec<Report> {
    let Ok(ast) = engine.compile(text) else {
        return Vec::new();
    };
    known.problems(name, &ast, |path| {
        let (_, text) = modules.find(path)?;
        engine.compile(text).ok().map(|ast| unknown::exported(&ast))
    })
}

/// Says whether a path below the folder is that of a script, and not of a module.
fn is_script(path: &str) -> bool {
    let is_rhai = Path::new(path)
        .extension()
        .is_some_and(|ending| ending == "rhai");
    is_rhai && !is_for_editors(path) && !path.contains('/') && !path.starts_with(['_', '.'])
}

/// Says whether a file has definitions for editors, as `stead hooks types` writes them.
pub(super) fn is_for_editors(path: &str) -> bool {
    path.ends_with(".d.rhai")
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
        if is_script(name) && path.is_file() && files.len() < MAX_FILES {
            files.insert(name.to_owned(), path.clone());
        }
    }
    Ok(files.into_iter().collect())
}
