//! Reading and changing the settings.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value as Json};
use tokio::time::{sleep, timeout};

use crate::app::answer::Shape;
use crate::app::{App, backups, limits};
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::catalog;
use crate::ctx::Ctx;
use crate::engine::{Engine, Reader, Tx};
use crate::events::{Event, Kind};
use crate::files::{self, Store};
use crate::logs;
use crate::settings::Settings;
use crate::sql::{Sql, Value};

/// Longest wait for a test of a file storage.
const PROBE_TIMEOUT: Duration = Duration::from_secs(15);

/// Time between two looks for settings that another program has stored.
const LOOK_FOR_OTHERS: Duration = Duration::from_secs(2);

/// The settings of a database, which were encrypted with the key if they were encrypted; the defaults when it has none.
pub fn load(engine: &Engine, key: Option<&Secret<String>>) -> Result<Settings> {
    engine.read(|reader| read(reader, key))
}

/// The same in a transaction, or on a reader at hand.
pub(crate) fn read(reader: &Reader, key: Option<&Secret<String>>) -> Result<Settings> {
    match catalog::stored_settings(reader)? {
        Some(bytes) => Settings::from_storage(&bytes, key),
        None => Ok(Settings::default()),
    }
}

/// Encrypts what was stored before there was a key.
pub async fn encrypt_stored(app: &App) -> Result<()> {
    let Some(key) = app.config().encryption_key.clone() else {
        return Ok(());
    };
    app.write(move |tx| match catalog::stored_settings(tx)? {
        Some(bytes) if Settings::is_clear(&bytes) => {
            let settings = Settings::from_storage(&bytes, None)?;
            store(tx, settings.to_storage(Some(&key))?, Timestamp::now())
        }
        _ => Ok(()),
    })
    .await
}

/// The settings without secrets.
pub fn view(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    shape.apply(app.settings().to_public_json()?)
}

/// The settings for whoever asked for them.
pub async fn list(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    if !app.events().wants(Kind::SettingsListRequest, None) {
        return view(app, ctx);
    }
    let shape = Shape::of(ctx)?;
    let event = Event::new(Kind::SettingsListRequest, ctx);
    let members = event.members.clone();
    members.set("settings", to_json(&app.settings().to_public_json()?));
    app.events()
        .around(event, async move {
            shape.apply(members.get("settings").to_string().into_bytes())
        })
        .await
}

/// Merges a change into the settings and answers the result. Changes happen on the writer, one after the other, so that
/// none is lost.
pub async fn update(app: &App, ctx: &Ctx, patch: Map<String, Json>) -> Result<Vec<u8>> {
    if !app.events().wants(Kind::SettingsUpdateRequest, None) {
        return update_now(app, ctx, patch).await;
    }
    let event = Event::new(Kind::SettingsUpdateRequest, ctx);
    event
        .members
        .set("old_settings", to_json(&app.settings().to_public_json()?));
    event.members.set("new_settings", Json::Object(patch));
    let (members, inner, ctx) = (event.members.clone(), app.clone(), ctx.clone());
    app.events()
        .around(event, async move {
            let patch = match members.get("new_settings") {
                Json::Object(patch) => patch,
                _ => Map::new(),
            };
            update_now(&inner, &ctx, patch).await
        })
        .await
}

fn to_json(body: &[u8]) -> Json {
    serde_json::from_slice(body).unwrap_or_default()
}

async fn update_now(app: &App, ctx: &Ctx, patch: Map<String, Json>) -> Result<Vec<u8>> {
    let patch = Json::Object(patch);
    let (job, publish) = (app.clone(), app.clone());
    let work = move |tx: &Tx| {
        // What is stored may be somebody else's work: see `follow_others`.
        let settings = read(tx, job.config().encryption_key.as_ref())?.merge(&patch)?;
        let stored = settings.to_storage(job.config().encryption_key.as_ref())?;
        store(tx, stored, Timestamp::now())?;
        Ok::<_, Error>(Arc::new(settings))
    };
    let published = move |settings: &Arc<Settings>| publish.publish_settings(Arc::clone(settings));
    match app.transaction() {
        None => drop(app.engine().exclusive(work, published).await?),
        // A migration: nobody else is served.
        Some(transaction) => published(&transaction.run(work).await?),
    }
    follow(app);
    app.events()
        .tell(Event::new(Kind::SettingsReload, ctx))
        .await;
    view(app, ctx)
}

/// Finds out whether files can be kept where the stored settings say.
pub async fn test_s3(app: &App, filesystem: &str) -> Result<()> {
    const FAILED: &str = "Failed to test the S3 filesystem.";
    let settings = app.settings();
    let (name, s3) = match filesystem {
        "storage" => ("storage", &settings.s3),
        "backups" => ("backups", &settings.backups.s3),
        _ => {
            let issue = if filesystem.is_empty() {
                Issue::required()
            } else {
                Issue::new("validation_in_invalid", "Must be a valid value.")
            };
            let mut issues = Issues::new();
            issues.add("filesystem", issue);
            return Err(Error::invalid(FAILED, issues));
        }
    };
    let failed = |what: String| Error::bad_request(format!("{FAILED} Raw error: \n{what}"));
    if !s3.enabled {
        return Err(failed(format!("S3 {name} filesystem is not enabled.")));
    }
    let temp = app.config().dir.join(files::TEMP_DIR);
    let probe = async {
        match Store::s3(s3, app.fetch().clone(), temp)? {
            Store::S3(store) => store.probe().await,
            Store::Local(_) => Ok(()),
        }
    };
    match timeout(PROBE_TIMEOUT, probe).await {
        Ok(result) => result.map_err(|error| failed(error.to_string())),
        Err(_) => Err(failed("no answer in time".to_owned())),
    }
}

/// Takes settings over that another program has stored, such as `stead superuser ips`, until the future is dropped.
pub(crate) async fn follow_others(app: &App) {
    let mut seen = stored_at(app).unwrap_or_default();
    loop {
        sleep(LOOK_FOR_OTHERS).await;
        match stored_at(app) {
            Ok(now) if now == seen => continue,
            Ok(now) => seen = now,
            // Whatever is wrong, requests meet it, too.
            Err(_) => continue,
        }
        let (job, publish) = (app.clone(), app.clone());
        let work = move |tx: &Tx| read(tx, job.config().encryption_key.as_ref()).map(Arc::new);
        let published = move |settings: &Arc<Settings>| {
            // The last change was this process's own.
            if **settings != *publish.settings() {
                publish.publish_settings(Arc::clone(settings));
                tracing::info!("settings that another program stored are in force");
            }
        };
        match app.engine().exclusive(work, published).await {
            Ok(_) => follow(app),
            Err(error) => tracing::warn!(%error, "stored settings are not taken over"),
        }
    }
}

/// When the settings were stored last.
fn stored_at(app: &App) -> Result<String> {
    let sql: Sql = Sql::from_text("SELECT updated FROM _params WHERE id = 'settings'");
    let at = app
        .engine()
        .read(|reader| reader.first(&sql, |row| row.text(0).to_owned()))?;
    Ok(at.unwrap_or_default())
}

/// Sees to what follows from changed settings without anybody waiting for it.
fn follow(app: &App) {
    let settings = app.settings();
    if !settings.rate_limits.enabled {
        app.jobs().remove(limits::CLEANING_JOB);
    }
    backups::schedule(app);
    let app = app.clone();
    drop(tokio::spawn(async move {
        if let Err(error) = logs::trim(app.logs().engine(), &app.settings().logs).await {
            tracing::warn!(%error, "failed to delete log entries that are kept no longer");
        }
    }));
}

/// Writes the settings row; `stored` is what the settings look like at rest.
pub(crate) fn store(tx: &Tx, stored: Vec<u8>, now: Timestamp) -> Result<()> {
    let now = now.to_string();
    let mut sql: Sql =
        Sql::from_text("INSERT INTO _params (id, value, created, updated) VALUES ('settings', ");
    sql.bind(Value::Blob(stored))
        .text(", ")
        .bind(now.as_str())
        .text(", ")
        .bind(now.as_str());
    sql.text(") ON CONFLICT (id) DO UPDATE SET value = excluded.value, updated = excluded.updated");
    tx.execute(&sql)?;
    Ok(())
}
