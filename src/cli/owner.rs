//! Keeping commands from leaving files that the server cannot use: those of another user, root's above all.

use std::path::Path;

use crate::cli::args::Command;
use crate::cli::console::Failure;
use crate::cli::shared::Shared;

/// Refuses a command that would make files in the data directory which are not its owner's.
pub(super) fn check(shared: &Shared, command: &Command) -> Result<(), Failure> {
    let dir = &shared.dir;
    let makes_files = match command {
        Command::Backup { .. } => true,
        // What they make beside a database is given to its owner by SQLite.
        Command::Superuser { .. } | Command::Migrate { .. } => {
            !dir.join("data.db").exists() || !dir.join("auxiliary.db").exists()
        }
        _ => false,
    };
    if makes_files && dir.is_dir() {
        same(dir)
    } else {
        Ok(())
    }
}

/// Makes a file to see whose it is: on some file systems that is not the user of the process.
#[cfg(unix)]
fn same(dir: &Path) -> Result<(), Failure> {
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;

    let database = dir.join("data.db");
    let (whose, data) = match fs::metadata(&database) {
        Ok(data) => (database.as_path(), data),
        Err(_) => match fs::metadata(dir) {
            Ok(data) => (dir, data),
            // The command will say so itself.
            Err(_) => return Ok(()),
        },
    };
    let probe = dir.join(format!(".stead_probe-{}", std::process::id()));
    let made = fs::File::create_new(&probe).and_then(|file| file.metadata());
    // Nothing is there to remove if it could not be made.
    drop(fs::remove_file(&probe));
    let owner = data.uid();
    let advice = match name_of(owner) {
        Some(name) => format!("run this as its owner: runuser -u {name} -- stead ..."),
        None => format!("run this as its owner, the user with the id {owner}"),
    };
    match made {
        Ok(made) if made.uid() != owner => Err(Failure::new(format!(
            "{} belongs to another user, whose server could not use what this command makes; {advice}",
            whose.display(),
        ))),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Err(Failure::new(
            format!("{} cannot be written to; {advice}", dir.display()),
        )),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn same(_: &Path) -> Result<(), Failure> {
    Ok(())
}

/// The name of a user of this machine.
#[cfg(unix)]
fn name_of(id: u32) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let id = id.to_string();
    users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)? == id).then(|| name.to_owned())
    })
}
