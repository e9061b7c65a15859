//! Continuous backup of a running server, and bringing a data directory back from it.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::app::App;
use crate::backup;
use crate::base::time::Timestamp;
use crate::replica::{self, Options, Place, Restored, Ship, Status};

/// How long closing waits for what is still to be put.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// The replica of a running server; there need not be one.
#[derive(Debug)]
pub struct Replica {
    status: Status,
    stop: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Default for Replica {
    fn default() -> Self {
        Self {
            status: Status::default(),
            stop: watch::Sender::new(false),
            task: Mutex::default(),
        }
    }
}

/// Begins to keep a replica.
pub fn start(app: &App, place: Place, options: Options) {
    let replica = app.replica();
    let ship = Ship {
        engine: app.engine().clone(),
        place,
        options,
        status: replica.status.clone(),
        stop: replica.stop.subscribe(),
    };
    let task = tokio::spawn(ship.run());
    let mut kept = replica.task.lock().unwrap_or_else(PoisonError::into_inner);
    *kept = Some(task);
}

/// Puts what is left, for a moment. Called when the database is closed.
pub(super) async fn finish(app: &App) {
    let replica = app.replica();
    replica.stop.send_replace(true);
    let task = {
        let mut kept = replica.task.lock().unwrap_or_else(PoisonError::into_inner);
        kept.take()
    };
    if let Some(task) = task
        && timeout(LAST_WORDS, task).await.is_err()
    {
        tracing::warn!("the replica lacks the last changes: its place does not answer");
    }
}

/// How the replica is doing.
pub fn status(app: &App) -> replica::Facts {
    app.replica().status.facts()
}

/// How the replica is doing, for superusers.
pub fn describe(app: &App) -> Json {
    let facts = status(app);
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    json!({
        "enabled": facts.place.is_some(),
        "place": facts.place.clone().unwrap_or_default(),
        "generation": facts.generation.clone(),
        "upTo": moment(facts.up_to),
        "lagMs": facts.lag_ms(Timestamp::now()),
        "imageAt": moment(facts.base_at),
        "segments": facts.segments,
        "bytes": facts.bytes,
        "error": facts.error.clone().unwrap_or_default(),
    })
}

/// Makes a data directory with the database of a moment, and checks it. The directory must have none.
pub async fn restore(place: &Place, at: Option<Timestamp>, dir: &Path) -> Result<Restored, String> {
    fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let path = dir.join("data.db");
    let restored = replica::restore(place, at, &path)
        .await
        .map_err(|error| error.to_string())?;
    backup::check(dir, backup::Key::Unknown)
        .map_err(|error| format!("what was restored is unusable: {error}"))?;
    Ok(restored)
}
