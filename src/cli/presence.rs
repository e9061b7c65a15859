//! Notices when the data directory is moved, replaced or deleted under the running server. What is open stays usable
//! then, and everything would look well until the server ends.

use std::fs::Metadata;
use std::io::ErrorKind::{NotADirectory, NotFound};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::fs::metadata;
use tokio::time::sleep;

use crate::app::App;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(2);

/// Where the database is that was opened.
#[derive(Debug)]
pub(super) struct Presence {
    database: PathBuf,
    opened: Option<Metadata>,
}

impl Presence {
    /// To be asked when the data directory has just been opened.
    pub(super) fn of(dir: &Path) -> Self {
        let database = dir.join("data.db");
        let opened = std::fs::metadata(&database).ok();
        Self { database, opened }
    }

    /// Has writes refused while the database is not in its place, and tells the log. Never ends.
    pub(super) async fn watch(&self, app: &App) {
        let mut is_there = true;
        loop {
            sleep(EVERY).await;
            let Some(opened) = &self.opened else { continue };
            let was_there = is_there;
            is_there = match metadata(&self.database).await {
                Ok(found) => is_same(opened, &found),
                Err(error) if matches!(error.kind(), NotFound | NotADirectory) => false,
                // That tells nothing.
                Err(_) => continue,
            };
            app.engine().set_away(!is_there);
            let database = self.database.display();
            match (was_there, is_there) {
                (true, false) => tracing::error!(
                    %database,
                    "the database is no more where it was opened: the data directory was moved, replaced or deleted; \
                     nothing is stored until it is back. Put it back, or stop the server"
                ),
                (false, true) => tracing::warn!(%database, "the database is back in its place"),
                _ => {}
            }
        }
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere, files that are open cannot be moved.
#[cfg(not(unix))]
const fn is_same(_one: &Metadata, _other: &Metadata) -> bool {
    true
}
