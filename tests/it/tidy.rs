//! House rules as code: layers, module docs, banned words, and an admin UI build that matches its sources.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// The layers, lowest first. A module may use only modules of strictly lower layers, and itself.
const LAYERS: &[&[&str]] = &[
    &["base"],
    &["ctx", "sql", "expr", "fetch"],
    &["schema", "engine"],
    &["describe", "query", "settings"],
    &["catalog", "record"],
    &[
        "auth", "cron", "files", "limits", "logs", "mail", "realtime",
    ],
    &["backup", "events", "replica"],
    &["app"],
    &["api", "hooks"],
    &["ui", "server"],
    &["cli"],
];

/// Words that have no place in the sources: unfinished work and leftovers of debugging.
const BANNED: &[&str] = &["TODO", "FIXME", "XXX", "dbg!"];

/// What the admin UI is built from, relative to its folder.
const UI_FOLDERS: &[&str] = &["src", "public"];
const UI_FILES: &[&str] = &[
    "index.html",
    "package-lock.json",
    "vite.config.ts",
    "tsconfig.json",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder with one of the endings, with their path relative to it.
fn files(folder: &Path, endings: &[&str]) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let Ok(entries) = fs::read_dir(&current) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if endings
                .iter()
                .any(|ending| path.to_string_lossy().ends_with(ending))
            {
                let relative = path
                    .strip_prefix(folder)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/");
                found.push((relative, path));
            }
        }
    }
    found.sort();
    found
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// The module a source file belongs to: `api` for `api/mod.rs` and `api/records.rs`, `ui` for `ui.rs`.
fn module_of(relative: &str) -> &str {
    let first = relative.split('/').next().unwrap_or_default();
    first.strip_suffix(".rs").unwrap_or(first)
}

/// Names behind every `crate::` of a source, those of grouped imports included.
fn used(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, prefix) in source.match_indices("crate::") {
        let is_own = source[..at]
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphanumeric() && c != '_');
        if !is_own {
            continue;
        }
        let rest = &source[at + prefix.len()..];
        let group = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap_or_default(),
            None => rest
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or_default(),
        };
        for name in group.split(',') {
            let name = name.trim().split("::").next().unwrap_or_default();
            if !name.is_empty() {
                names.push(name.to_owned());
            }
        }
    }
    names
}

#[test]
fn modules_use_only_lower_layers() {
    let mut faults = Vec::new();
    for (relative, path) in files(&root().join("src"), &[".rs"]) {
        let module = module_of(&relative);
        if matches!(module, "lib" | "main") {
            continue;
        }
        let Some(own) = layer(module) else {
            faults.push(format!("src/{relative}: `{module}` is in no layer"));
            continue;
        };
        for name in used(&fs::read_to_string(path).unwrap()) {
            match layer(&name) {
                _ if name == module => {}
                Some(other) if other < own => {}
                Some(other) => faults.push(format!(
                    "src/{relative}: `{module}` (layer {own}) must not use `{name}` (layer {other})"
                )),
                None => faults.push(format!("src/{relative}: `crate::{name}` is in no layer")),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_layer_lists_modules_that_exist() {
    let sources = files(&root().join("src"), &[".rs"]);
    let missing: Vec<&&str> = LAYERS
        .iter()
        .flat_map(|modules| modules.iter())
        .filter(|module| !sources.iter().any(|(path, _)| module_of(path) == **module))
        .collect();
    assert!(missing.is_empty(), "no such modules: {missing:?}");
}

#[test]
fn only_the_engine_names_the_database_library() {
    let faults: Vec<String> = files(&root().join("src"), &[".rs"])
        .into_iter()
        .filter(|(relative, path)| {
            module_of(relative) != "engine"
                && fs::read_to_string(path).unwrap().contains("rusqlite")
        })
        .map(|(relative, _)| relative)
        .collect();
    assert!(faults.is_empty(), "rusqlite is named in {faults:?}");
}

#[test]
fn every_module_says_what_it_is_for() {
    let faults: Vec<String> = ["src", "tests/it"]
        .into_iter()
        .flat_map(|folder| files(&root().join(folder), &[".rs"]))
        .filter(|(relative, path)| {
            // Tests in a file of their own are explained by the module they test.
            let is_test = relative.ends_with("tests.rs") || relative.contains("tests/");
            !is_test && !fs::read_to_string(path).unwrap().starts_with("//! ")
        })
        .map(|(relative, _)| relative)
        .collect();
    assert!(faults.is_empty(), "no module docs in {faults:?}");
}

/// Where a package comes from is the business of whoever installs it.
#[test]
fn lockfiles_name_no_registry() {
    for lockfile in [
        "admin-ui/package-lock.json",
        "tests/sdk/package-lock.json",
        "tests/types/package-lock.json",
    ] {
        let text = fs::read_to_string(root().join(lockfile)).unwrap();
        assert!(!text.contains("\"resolved\""), "{lockfile} names a host");
    }
}

#[test]
fn nothing_unfinished_is_left_behind() {
    let mut faults = Vec::new();
    for folder in ["src", "tests/it", "benches", "scripts", "admin-ui/src"] {
        for (relative, path) in files(&root().join(folder), &[""]) {
            if relative == "tidy.rs" {
                continue;
            }
            let Ok(source) = fs::read_to_string(path) else {
                continue;
            };
            for (number, line) in source.lines().enumerate() {
                if let Some(word) = BANNED.iter().find(|word| has_word(line, word)) {
                    faults.push(format!("{folder}/{relative}:{}: {word}", number + 1));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Says whether a line has a word that is not part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let is_joint = |c: char| c.is_alphanumeric() || c == '_';
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_joint) && !after.is_some_and(is_joint)
    })
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").expect("writing to a string never fails");
    }
    text
}

/// The same hash `scripts/ui build` stores: every input's path and content hash, in order of the paths.
fn ui_source_hash(folder: &Path) -> String {
    let mut inputs: BTreeMap<String, PathBuf> = BTreeMap::new();
    for name in UI_FILES {
        inputs.insert((*name).to_owned(), folder.join(name));
    }
    for name in UI_FOLDERS {
        for (relative, path) in files(&folder.join(name), &[""]) {
            inputs.insert(format!("{name}/{relative}"), path);
        }
    }
    let mut listing = String::new();
    for (name, path) in inputs {
        listing.push_str(&name);
        listing.push('\n');
        listing.push_str(&hex(fs::read(path).unwrap()));
        listing.push('\n');
    }
    hex(listing)
}

#[test]
fn the_embedded_admin_ui_is_built_from_its_sources() {
    let folder = root().join("admin-ui");
    let stored = fs::read_to_string(folder.join("dist/SOURCE_HASH")).unwrap_or_default();
    assert_eq!(
        stored.trim(),
        ui_source_hash(&folder),
        "admin-ui/dist is stale: run `scripts/ui build`"
    );
}

#[test]
fn grouped_imports_are_understood() {
    assert_eq!(
        used("use crate::{app::App, base};\nuse crate::sql::Sql; my_crate::x; crate::ui()"),
        ["app", "base", "sql", "ui"]
    );
}
