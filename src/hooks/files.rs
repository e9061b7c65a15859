//! Script files in the hands of administrators: listed, read, and where the operator allows it changed.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::app::schema_plan;
use crate::base::error::{Error, FaultExt as _, Result};
use crate::events::Edit;
use crate::hooks::listener::Options;
use crate::hooks::set::Set;

/// Largest script that is written.
const MAX_TEXT: usize = 4 << 20;

/// Scripts and modules below the folder, as paths relative to it.
pub(super) fn list(folder: &Path) -> Vec<String> {
    schema_plan::list_scripts(folder)
}

/// Does what an administrator wants with a script.
pub(super) fn edit(options: &Options, edit: Edit) -> Result<Json> {
    match edit {
        Edit::Read { path } => {
            let text = fs::read_to_string(place(options, &path)?).map_err(|_| missing())?;
            Ok(json!({ "path": path, "text": text }))
        }
        Edit::Check { path, text } => {
            place(options, &path)?;
            let warnings = Set::warnings(&options.folder, &path, &text);
            Ok(json!({ "problems": problems(options, &path, &text), "warnings": warnings }))
        }
        Edit::Write { path, text } => write(options, &path, &text),
        Edit::Delete { path } => {
            let place = place(options, &path)?;
            may_edit(options)?;
            fs::remove_file(place).map_err(|_| missing())?;
            Ok(Json::Null)
        }
        Edit::Reload | Edit::Symbols | Edit::Try { .. } => Ok(Json::Null),
    }
}

fn problems(options: &Options, path: &str, text: &str) -> Vec<Json> {
    Set::check(&options.folder, path, text)
        .map(|report| json!(report))
        .into_iter()
        .collect()
}

/// Replaces a script in one step, unless it would not load.
fn write(options: &Options, path: &str, text: &str) -> Result<Json> {
    let place = place(options, path)?;
    may_edit(options)?;
    if text.len() > MAX_TEXT {
        return Err(Error::TooLarge);
    }
    let problems = problems(options, path, text);
    if !problems.is_empty() {
        return Err(Error::Wire {
            status: 400,
            message: "The script does not load.".into(),
            data: json!({ "problems": problems }),
        });
    }
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent).fault("while making the folder of a script")?;
    }
    let unfinished = place.with_extension("rhai.new");
    fs::write(&unfinished, text)
        .and_then(|()| fs::rename(&unfinished, &place))
        .fault("while writing a script")?;
    Ok(json!({ "path": path, "text": text }))
}

pub(super) fn may_edit(options: &Options) -> Result<()> {
    if options.editable {
        return Ok(());
    }
    Err(Error::forbidden(
        "Scripts can be edited here when the server runs with --dev or --hooks-edit.",
    ))
}

fn missing() -> Error {
    Error::not_found("There is no such script.")
}

/// Where a script lies; only plain names below the folder are scripts, and no link leads out of it.
pub(super) fn place(options: &Options, path: &str) -> Result<PathBuf> {
    let is_plain = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', '\0', ':'])
    };
    let ends_well = Path::new(path)
        .extension()
        .is_some_and(|ending| ending == "rhai");
    if !ends_well || path.len() > 200 || !path.split('/').all(is_plain) {
        return Err(missing());
    }
    let place = options.folder.join(path);
    let mut known = place.as_path();
    while !known.exists() {
        match known.parent() {
            Some(parent) if parent.starts_with(&options.folder) => known = parent,
            _ => return Ok(place),
        }
    }
    let inside = match (fs::canonicalize(&options.folder), fs::canonicalize(known)) {
        (Ok(root), Ok(real)) => real.starts_with(root),
        _ => false,
    };
    if inside { Ok(place) } else { Err(missing()) }
}
