//! Script files in the hands of administrators: listed, read, and where the operator allows it changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value as Json, json};

use crate::base::error::{Error, FaultExt as _, Result};
use crate::events::{Edit, Save};
use crate::hooks::loading;
use crate::hooks::options::Options;
use crate::hooks::revisions::{self, Kept};

/// Largest script that is written.
const MAX_TEXT: usize = 4 << 20;

/// Two who save at once do it one after the other.
static SAVING: Mutex<()> = Mutex::new(());

/// Does what an administrator wants with a script.
pub(super) fn edit(options: &Options, edit: Edit) -> Result<Json> {
    match edit {
        Edit::Read { path } => {
            let script = Script::read(options, &path)?;
            if script.running.is_none() && script.pending.is_none() {
                return Err(missing());
            }
            Ok(script.shown(options))
        }
        Edit::Revisions { path, number } => revisions(options, &path, number.as_deref()),
        Edit::Check { path, text } => {
            place(options, &path)?;
            let warnings = loading::warnings(&options.folder, &path, &text);
            Ok(json!({ "problems": problems(options, &path, &text), "warnings": warnings }))
        }
        Edit::Write { path, save } => write(options, &path, &save),
        Edit::Delete { path } => delete(options, &path),
        Edit::Reload | Edit::Symbols | Edit::Try { .. } => Ok(Json::Null),
    }
}

fn problems(options: &Options, path: &str, text: &str) -> Vec<Json> {
    loading::check(&options.folder, path, text)
        .map(|report| json!(report))
        .into_iter()
        .collect()
}

/// A script as it is now.
struct Script<'a> {
    path: &'a str,
    place: PathBuf,
    kept: Kept,
    running: Option<String>,
    pending: Option<String>,
}

impl<'a> Script<'a> {
    fn read(options: &Options, path: &'a str) -> Result<Self> {
        let place = place(options, path)?;
        let kept = Kept::of(&options.folder, path);
        let running = fs::read_to_string(&place).ok();
        let pending = kept.pending();
        Ok(Self {
            path,
            place,
            kept,
            running,
            pending,
        })
    }

    fn etag(&self) -> String {
        revisions::etag(self.running.as_deref(), self.pending.as_deref())
    }

    /// The number of the text that runs, 0 when none does.
    fn version(&self) -> u64 {
        let newest = self.kept.list().last().map(|revision| revision.number);
        self.running.as_ref().map_or(0, |_| newest.unwrap_or(1))
    }

    fn shown(&self, options: &Options) -> Json {
        let pending = self.pending.as_ref().map(|text| {
            json!({
                "text": text, "problems": problems(options, self.path, text),
                "warnings": loading::warnings(&options.folder, self.path, text),
            })
        });
        json!({
            "path": self.path, "text": self.running, "etag": self.etag(), "version": self.version(),
            "pending": pending,
        })
    }
}

/// The texts of a script that are kept, newest first, or one of them.
fn revisions(options: &Options, path: &str, number: Option<&str>) -> Result<Json> {
    place(options, path)?;
    let mut list = Kept::of(&options.folder, path).list();
    let Some(number) = number else {
        list.reverse();
        let shown = list.iter().map(|revision| {
            json!({
                "number": revision.number, "saved": revision.saved.to_string(), "size": revision.size,
            })
        });
        return Ok(Json::Array(shown.collect()));
    };
    let wanted = number.parse().ok();
    let found = list
        .iter()
        .find(|revision| Some(revision.number) == wanted)
        .and_then(|revision| Some((revision, revision.text()?)));
    let (revision, text) = found.ok_or_else(|| Error::not_found("There is no such revision."))?;
    Ok(json!({ "number": revision.number, "saved": revision.saved.to_string(), "text": text }))
}

/// Replaces a script in one step, unless it would not load: then it waits if that is wanted, and what runs goes on.
fn write(options: &Options, path: &str, save: &Save) -> Result<Json> {
    // A name that cannot be says so, wherever scripts may be changed.
    place(options, path)?;
    may_edit(options)?;
    let text = save.text.as_str();
    if text.len() > MAX_TEXT {
        return Err(Error::TooLarge);
    }
    let _saving = SAVING.lock().unwrap_or_else(PoisonError::into_inner);
    let script = Script::read(options, path)?;
    let is_current = match save.etag.as_deref() {
        None => true,
        // Whoever saw no script makes a new one.
        Some("") => script.running.is_none() && script.pending.is_none(),
        Some(etag) => etag == script.etag(),
    };
    if !is_current {
        return Err(Error::Wire {
            status: 409,
            message: "Somebody else saved the script meanwhile.".into(),
            data: script.shown(options),
        });
    }
    let mut wrong = problems(options, path, text);
    if wrong.is_empty() && save.may_wait {
        let calls = loading::warnings(&options.folder, path, text);
        wrong.extend(calls.into_iter().map(|report| json!(report)));
    }
    if !wrong.is_empty() && save.may_wait {
        script.kept.set_pending(text)?;
        return Ok(Script::read(options, path)?.shown(options));
    }
    if !wrong.is_empty() {
        return Err(Error::Wire {
            status: 400,
            message: "The script does not load.".into(),
            data: json!({ "problems": wrong }),
        });
    }
    if let Some(parent) = script.place.parent() {
        fs::create_dir_all(parent).fault("while making the folder of a script")?;
    }
    // What was put there by other means is kept, too.
    if let Some(running) = &script.running {
        script.kept.keep(running)?;
    }
    let unfinished = script.place.with_extension("rhai.new");
    fs::write(&unfinished, text)
        .and_then(|()| fs::rename(&unfinished, &script.place))
        .fault("while writing a script")?;
    script.kept.keep(text)?;
    script.kept.drop_pending();
    Ok(Script::read(options, path)?.shown(options))
}

/// Removes a script; its revisions stay.
fn delete(options: &Options, path: &str) -> Result<Json> {
    place(options, path)?;
    may_edit(options)?;
    let _saving = SAVING.lock().unwrap_or_else(PoisonError::into_inner);
    let script = Script::read(options, path)?;
    let waited = script.kept.drop_pending();
    match &script.running {
        Some(running) => {
            script.kept.keep(running)?;
            fs::remove_file(&script.place).map_err(|_| missing())?;
        }
        None if waited => {}
        None => return Err(missing()),
    }
    Ok(Json::Null)
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
