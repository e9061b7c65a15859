//! The manual page and the completions for shells, made from the command line's own description and committed.
//!
//! `STEAD_WRITE_MANUAL=1 cargo test --test it manual` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

use clap_complete::{Shell, generate};
use clap_mangen::Man;

fn dist() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dist")
}

/// Without what depends on the machine that makes it.
fn page(command: &clap::Command) -> String {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page).unwrap();
    String::from_utf8(page).unwrap()
}

#[test]
fn manual_and_completions_are_those_of_the_command_line() {
    let mut command = stead::cli::command_line().version(env!("CARGO_PKG_VERSION"));
    command.build();
    let mut pages = page(&command);
    for part in command.get_subcommands().filter(|part| !part.is_hide_set()) {
        pages.push_str(&page(part));
    }
    let mut made = vec![("stead.1".to_owned(), pages)];
    for (shell, name) in [
        (Shell::Bash, "stead.bash"),
        (Shell::Zsh, "_stead"),
        (Shell::Fish, "stead.fish"),
    ] {
        let mut text = Vec::new();
        let mut command = stead::cli::command_line().version(env!("CARGO_PKG_VERSION"));
        generate(shell, &mut command, "stead", &mut text);
        made.push((
            format!("completions/{name}"),
            String::from_utf8(text).unwrap(),
        ));
    }
    for (name, text) in made {
        let path = dist().join(&name);
        if std::env::var_os("STEAD_WRITE_MANUAL").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == text,
            "dist/{name} is stale: run `STEAD_WRITE_MANUAL=1 cargo test --test it manual`"
        );
    }
}
