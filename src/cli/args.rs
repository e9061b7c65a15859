//! The commands. Their flags stand beside each, those of all of them in `shared`.

use clap::{ArgAction, Parser, Subcommand};

use crate::cli::backup::Backup;
use crate::cli::hooks::Hooks;
use crate::cli::migrate::Migrate;
use crate::cli::restore::Restore;
use crate::cli::rules::Rules;
use crate::cli::schema::Schema;
use crate::cli::serve::Serve;
use crate::cli::shared::Shared;
use crate::cli::superuser::Superuser;
use crate::cli::types::TypesLanguage;

/// A backend in one executable.
#[derive(Debug, Parser)]
#[command(
    name = "stead",
    subcommand_required = true,
    arg_required_else_help = true,
    disable_version_flag = true,
    disable_help_subcommand = true
)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) shared: Shared,
    #[command(subcommand)]
    pub(super) command: Command,
    /// Print the version.
    #[arg(short = 'v', long, action = ArgAction::Version)]
    version: (),
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start the server.
    Serve(Box<Serve>),
    /// Apply migrations, take them back, write new ones.
    Migrate {
        #[command(subcommand)]
        action: Option<Migrate>,
    },
    /// Work on scripts.
    #[command(arg_required_else_help = true)]
    Hooks {
        #[command(subcommand)]
        action: Hooks,
    },
    /// Make, check and restore backups, also while a server runs.
    #[command(arg_required_else_help = true)]
    Backup {
        #[command(subcommand)]
        action: Backup,
    },
    /// Make a data directory from a replica that `serve --replica` keeps.
    Restore(Restore),
    /// Look for what would make trouble: directory, database, permissions, clock, backups. Changes nothing.
    Doctor,
    /// Run SQL against the database, also while a server runs, and print the last result.
    Sql {
        /// The SQL, such as `SELECT * FROM users`; several statements stand behind each other, with `;` between.
        query: String,
        /// Allow the query to change something; collections have to be changed over the API.
        #[arg(long)]
        write: bool,
    },
    /// Print types of the collections for other programs, also while a server runs.
    Types {
        /// The language to print them in.
        #[arg(value_enum)]
        language: TypesLanguage,
    },
    /// The collections as a file: write it, see what one would change, apply it.
    #[command(arg_required_else_help = true)]
    Schema {
        #[command(subcommand)]
        action: Schema,
    },
    /// Work on rules.
    #[command(arg_required_else_help = true)]
    Rules {
        #[command(subcommand)]
        action: Rules,
    },
    /// Manage superusers.
    #[command(arg_required_else_help = true)]
    Superuser {
        #[command(subcommand)]
        action: Superuser,
    },
}
