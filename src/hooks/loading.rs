//! From a folder of scripts to a set: compiling them and running their top levels.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use rhai::{AST, Engine, EvalAltResult, Module, Scope};

use crate::hooks::fault::{self, Report};
use crate::hooks::folder::{self, is_for_editors, is_script, script_files};
use crate::hooks::modules::{self, Modules};
use crate::hooks::registered::{self, Guard, Handler, Loading, RouteHandler};
use crate::hooks::set::{Counts, Script, Set};
use crate::hooks::unknown::{self, Known};
use crate::hooks::{advice, brief, deadline, engine, properties, tail};
use crate::settings::Hooks as Limits;

/// How long the top level of a script may take.
const TOP_LEVEL: Duration = Duration::from_secs(5);

/// The interpreter of the scripts of a folder.
fn interpreter(folder: &Path, limits: &Limits, changed: Option<(&str, &str)>) -> Engine {
    let mut engine = engine::new(limits);
    engine.set_module_resolver(Modules::new(folder, changed));
    let mut names = BTreeSet::new();
    for path in folder::list(folder) {
        properties::collect(
            &modules::read(&folder.join(path)).unwrap_or_default(),
            &mut names,
        );
    }
    if let Some((_, text)) = changed {
        properties::collect(text, &mut names);
    }
    engine.register_global_module(properties::module(names).into());
    engine
}

/// Compiles and runs all scripts of a folder; every one that fails is reported.
pub(super) fn load(folder: &Path, limits: &Limits) -> Result<Set, Vec<Report>> {
    load_changed(folder, limits, None)
}

/// The same as if a script or module had another text.
pub(super) fn load_changed(
    folder: &Path,
    limits: &Limits,
    changed: Option<(&str, &str)>,
) -> Result<Set, Vec<Report>> {
    let set = load_files(folder, limits, changed, |_| true)?;
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
) -> Result<Set, Vec<Report>> {
    load_files(folder, limits, None, |name| {
        names.iter().any(|wanted| wanted == name)
    })
}

fn load_files(
    folder: &Path,
    limits: &Limits,
    changed: Option<(&str, &str)>,
    wanted: impl Fn(&str) -> bool,
) -> Result<Set, Vec<Report>> {
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
        return Ok(Set::empty());
    }
    let engine = interpreter(folder, limits, changed);
    let mut scripts = Vec::new();
    let mut reports = Vec::new();
    let mut loaded = Loading::default();
    for (name, path) in files.into_iter().filter(|(name, _)| wanted(name)) {
        loaded.script = scripts.len();
        let text = match changed {
            Some((other, text)) if other == name => Ok(text.to_owned()),
            _ => modules::read(&path).map_err(|error| Report::of_file(&name, &error.to_string())),
        };
        let script =
            text.and_then(|text| Ok((load_text(&engine, &name, &text, &mut loaded)?, text)));
        match script {
            Ok((ast, text)) => scripts.push(Script {
                source: name.as_str().into(),
                name,
                ast,
                text,
                counts: Counts::default(),
            }),
            Err(report) => reports.push(report),
        }
    }
    if reports.is_empty() {
        Ok(Set::of(engine, scripts, loaded))
    } else {
        Err(reports)
    }
}

/// Calls of functions that nobody has in a script of this name and text.
pub(super) fn warnings(folder: &Path, name: &str, text: &str) -> Vec<Report> {
    let changed = Some((name, text));
    let engine = interpreter(folder, &Limits::default(), changed);
    let modules = Modules::new(folder, changed);
    problems(&engine, &Known::of(&engine), &modules, name, text)
}

/// Calls of functions that nobody has, in the scripts and modules of the folder they were loaded from.
pub(super) fn unknown_calls(set: &Set, folder: &Path) -> Vec<Report> {
    let Some(engine) = set.engine() else {
        return Vec::new();
    };
    let (known, modules) = (Known::of(engine), Modules::new(folder, None));
    let look = |name: &str, text: &str| problems(engine, &known, &modules, name, text);
    let scripts = set.scripts.iter();
    let mut reports: Vec<Report> = scripts.flat_map(|s| look(&s.name, &s.text)).collect();
    for path in folder::list(folder) {
        if !is_script(&path) && !is_for_editors(&path) {
            let text = modules.text(&path).unwrap_or_default();
            reports.extend(look(&path, &text));
        }
    }
    reports
}

/// What is wrong with a script of this name and text, if anything is.
pub(super) fn check(folder: &Path, name: &str, text: &str) -> Option<Report> {
    let engine = interpreter(folder, &Limits::default(), Some((name, text)));
    load_text(&engine, name, text, &mut Loading::default()).err()
}

/// Compiles a script and runs its top level; what it registers is added.
fn load_text(engine: &Engine, name: &str, text: &str, loaded: &mut Loading) -> Result<AST, Report> {
    let mut ast = engine.compile(text).map_err(|error| {
        let error = advice::explained(text, error);
        let failure = EvalAltResult::ErrorParsing(*error.0, error.1);
        fault::report(name, text, &failure)
    })?;
    ast.set_source(name);
    let result = registered::collect(loaded, || {
        deadline::within(TOP_LEVEL, || {
            Module::eval_ast_as_new(Scope::new(), &ast, engine)
        })
    });
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
            && !route.guards.contains(&Guard::Gzip);
    }
    let mut module = result.map_err(|failure| fault::report(name, text, &failure))?;
    if let Some((line, arguments)) = misfit(&ast, loaded) {
        let message = match arguments {
            0 => "the function gets nothing here: write || { … }",
            _ => "the function gets one value here: write |e| { … }",
        };
        return Err(Report {
            line,
            ..Report::of_file(name, message)
        });
    }
    module.set_id(name);
    Ok(AST::new_from_module(module))
}

/// Where a script registers a function that does not take what it will be called with, and how many values those are.
fn misfit(ast: &AST, loaded: &Loading) -> Option<(usize, usize)> {
    let of_this = |script: usize| script == loaded.script;
    let handlers = loaded.handlers.iter();
    let handlers = handlers.map(|handler| (handler.script, handler.line, &handler.function, 1));
    let routes = loaded.routes.iter().chain(&loaded.middleware);
    let routes = routes.map(|route| (route.script, route.line, &route.function, 1));
    let jobs = loaded.jobs.iter();
    let jobs = jobs.map(|job| (job.script, job.line, &job.function, 0));
    let all = handlers.chain(routes).chain(jobs);
    all.filter(|(script, ..)| of_this(*script))
        .find(|(_, _, function, arguments)| {
            let taken: Vec<usize> = ast
                .iter_functions()
                .filter(|known| known.name == function.fn_name())
                .map(|known| known.params.len())
                .collect();
            let given = function.curry().len().saturating_add(*arguments);
            !taken.is_empty() && !taken.contains(&given)
        })
        .map(|(_, line, _, arguments)| (line, arguments))
}

fn problems(
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
