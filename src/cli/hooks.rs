//! `stead hooks`: checking scripts, definitions for editors, and a script to start from.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::cli::console::{self, Failure};
use crate::cli::shared::Shared;
use crate::cli::work;
use crate::hooks::{self, Checked};

const STARTER: &str = include_str!("starter.rhai");

/// What can be done with scripts.
#[derive(Debug, Subcommand)]
pub(super) enum Hooks {
    /// Load the scripts of a folder without running them and report what is wrong.
    Check {
        /// The folder [default: the one `serve` uses].
        folder: Option<PathBuf>,
    },
    /// Write the definitions of everything scripts can call, for editors.
    Types {
        /// Where to write them; `-` prints them.
        #[arg(default_value = "stead.d.rhai")]
        file: PathBuf,
        /// Write the page of the documentation instead.
        #[arg(long)]
        reference: bool,
    },
    /// Write a commented script to start from.
    New {
        /// Its name, without `.rhai`.
        name: String,
    },
}

pub(super) fn run(shared: &Shared, action: Hooks) -> Result<(), Failure> {
    match action {
        Hooks::Check { folder } => check(&folder.unwrap_or_else(|| shared.hooks_dir())),
        Hooks::Types { file, reference } => types(&file, reference),
        Hooks::New { name } => new(&shared.hooks_dir(), &name),
    }
}

fn check(folder: &Path) -> Result<(), Failure> {
    if !folder.is_dir() {
        return Err(Failure::new(format!(
            "there is no folder {}",
            folder.display()
        )));
    }
    // Scripts may wait at their top level.
    let runtime = work::runtime_for_scripts()?;
    let _runtime = runtime.enter();
    let checked = hooks::check(folder);
    let (Checked::Unloaded { lines, .. } | Checked::Loaded(lines)) = &checked;
    for line in lines {
        console::err(line);
    }
    let failure = match checked {
        Checked::Unloaded { scripts: 1, .. } => "one script does not load".to_owned(),
        Checked::Unloaded { scripts, .. } => format!("{scripts} scripts do not load"),
        Checked::Loaded(lines) => match lines.len() {
            0 => {
                console::out("All scripts load.");
                return Ok(());
            }
            1 => "one call of a function that does not exist".to_owned(),
            calls => format!("{calls} calls of functions that do not exist"),
        },
    };
    Err(Failure::new(failure))
}

fn types(file: &Path, reference: bool) -> Result<(), Failure> {
    let definitions = if reference {
        hooks::reference()
    } else {
        hooks::definitions()
    };
    if file == Path::new("-") {
        console::out(definitions.trim_end());
        return Ok(());
    }
    fs::write(file, definitions)
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", file.display())))?;
    console::out(&format!("Wrote {}.", file.display()));
    Ok(())
}

fn new(folder: &Path, name: &str) -> Result<(), Failure> {
    let name = name.strip_suffix(".rhai").unwrap_or(name);
    let is_plain = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if !is_plain {
        return Err(Failure::new(
            "the name of a script consists of letters, digits, - and _",
        ));
    }
    let file = folder.join(format!("{name}.rhai"));
    if file.exists() {
        return Err(Failure::new(format!("{} exists already", file.display())));
    }
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&file, STARTER));
    written.map_err(|error| Failure::new(format!("cannot write {}: {error}", file.display())))?;
    console::out(&format!("Wrote {}.", file.display()));
    Ok(())
}
