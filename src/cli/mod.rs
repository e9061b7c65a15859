//! The command line: a file for each command, and what they share. Everything it prints for people is in this module's
//! files.
//!
//! It reads flags and environment, turns them into values for the layers below, and reports failures in one line.

mod args;
mod backup;
mod config;
mod console;
mod doctor;
mod hooks;
mod lines;
mod lock;
mod memory;
mod migrate;
mod open;
mod owner;
mod presence;
mod restore;
mod rules;
mod schema;
mod serve;
mod shared;
mod signals;
mod sockets;
mod sql;
mod superuser;
mod tls;
mod types;
mod work;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::LazyLock;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};

use crate::cli::args::{Args, Command};
use crate::cli::console::Failure;
use crate::cli::migrate::Migrate;

/// Runs the command the process was started with.
pub fn run() -> ExitCode {
    run_with(std::env::args_os())
}

fn run_with(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let matches = command().try_get_matches_from(arguments);
    let args = match matches.and_then(|matches| Args::from_arg_matches(&matches)) {
        Ok(args) => args,
        Err(error) => {
            let asked = matches!(
                error.kind(),
                ErrorKind::DisplayHelp
                    | ErrorKind::DisplayVersion
                    | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            );
            let text = error.render().to_string();
            return if asked {
                console::out(text.trim_end());
                ExitCode::SUCCESS
            } else {
                console::err(text.trim_end());
                ExitCode::FAILURE
            };
        }
    };
    let events = console::start_logging(args.shared.dev, args.shared.log_format);
    let usable = owner::check(&args.shared, &args.command);
    let result = usable.and_then(|()| match args.command {
        Command::Serve(options) => serve::run(&args.shared, *options, &events),
        Command::Hooks { action } => hooks::run(&args.shared, action),
        Command::Migrate { action } => migrate::run(&args.shared, &action.unwrap_or(Migrate::Up)),
        Command::Backup { action } => backup::run(&args.shared, action),
        Command::Restore(options) => restore::run(&options),
        Command::Doctor => doctor::run(&args.shared),
        Command::Sql { query, write } => sql::run(&args.shared, &query, write),
        Command::Types { language } => types::run(&args.shared, language),
        Command::Schema { action } => schema::run(&args.shared, &action),
        Command::Rules { action } => rules::run(&args.shared, &action),
        Command::Superuser { action } => superuser::run(&args.shared, action),
    });
    let code = match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(message)) => {
            console::err(&format!("error: {message}"));
            ExitCode::FAILURE
        }
    };
    console::flush();
    code
}

fn command() -> clap::Command {
    command_line().version(version())
}

/// The commands and flags, for whoever writes a manual of them.
pub fn command_line() -> clap::Command {
    Args::command()
}

/// Version, commit and UI of this build.
fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let commit = option_env!("STEAD_COMMIT").map(|commit| format!(" commit {commit}"));
        let ui = ui_hash().map(|hash| format!(" ui {hash:.12}"));
        [Some(env!("CARGO_PKG_VERSION").to_owned()), commit, ui]
            .into_iter()
            .flatten()
            .collect()
    });
    &VERSION
}

#[cfg(feature = "ui")]
fn ui_hash() -> Option<String> {
    crate::ui::source_hash()
}

#[cfg(not(feature = "ui"))]
fn ui_hash() -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_definition_of_the_flags_is_sound() {
        super::command().debug_assert();
    }
}
