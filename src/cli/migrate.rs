//! `stead migrate …`: applying migrations, taking them back, and writing files for new ones.

use clap::Subcommand;

use crate::app::migrations;
use crate::cli::console::{self, Failure};
use crate::cli::lock;
use crate::cli::shared::Shared;
use crate::cli::work;
use crate::hooks::migrations as scripts;

const BLANK: &str =
    "migrate(|app| {\n    // What to change.\n}, |app| {\n    // How to take it back.\n});\n";

/// What can be done with migrations.
#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// Apply all that were not applied yet; the same as no command.
    Up,
    /// Take the last ones back.
    Down {
        /// How many; all when negative.
        #[arg(default_value_t = 1, allow_negative_numbers = true)]
        n: i64,
    },
    /// Write a blank migration.
    Create {
        /// What it is about.
        name: String,
    },
    /// Write a migration with all collections as they are.
    Collections,
    /// Forget applied migrations in Rhai whose files are gone.
    HistorySync,
}

pub(super) fn run(shared: &Shared, action: &Migrate) -> Result<(), Failure> {
    let folder = shared.migrations_dir();
    if let Migrate::Create { name } = action {
        let name: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '_'
                }
            })
            .collect();
        let file = migrations::write_file(&folder, &name, BLANK);
        return told(&folder, file);
    }
    let config = shared.config()?;
    let _alone = match action {
        Migrate::Up | Migrate::Down { .. } => lock::without_server(&config.dir)?,
        Migrate::Collections | Migrate::HistorySync | Migrate::Create { .. } => None,
    };
    let runtime = work::runtime_for_scripts()?;
    runtime.block_on(async {
        let app = work::open(config).await?;
        let failed = |error: scripts::Failed| Failure::new(error.to_string());
        let result = match action {
            Migrate::Up => {
                let done = scripts::up(&app, &folder).await.map_err(failed);
                done.map(|files| list("Applied", &files))
            }
            Migrate::Down { n } => {
                let done = scripts::down(&app, &folder, *n).await.map_err(failed);
                done.map(|files| list("Reverted", &files))
            }
            Migrate::HistorySync => {
                let done = scripts::sync_history(&app, &folder).await.map_err(failed);
                done.map(|files| list("Forgot", &files))
            }
            Migrate::Collections | Migrate::Create { .. } => {
                let text = migrations::snapshot(&app);
                told(
                    &folder,
                    migrations::write_file(&folder, "collections_snapshot", &text),
                )
            }
        };
        app.close().await;
        result
    })
}

fn list(verb: &str, files: &[String]) {
    for file in files {
        console::out(&format!("{verb} {file}."));
    }
    if files.is_empty() {
        console::out("There is nothing to do.");
    }
}

fn told(folder: &std::path::Path, file: std::io::Result<String>) -> Result<(), Failure> {
    let file = file
        .map_err(|error| Failure::new(format!("cannot write to {}: {error}", folder.display())))?;
    console::out(&format!("Wrote {}.", folder.join(file).display()));
    Ok(())
}
