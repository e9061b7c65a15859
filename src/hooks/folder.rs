//! Which files of the folder are scripts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::app::schema_plan;

/// Most scripts in a folder.
const MAX_FILES: usize = 2000;

/// Scripts and modules below the folder, as paths relative to it.
pub(super) fn list(folder: &Path) -> Vec<String> {
    schema_plan::list_scripts(folder)
}

/// Says whether a path below the folder is that of a script, and not of a module.
pub(super) fn is_script(path: &str) -> bool {
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
