//! The link that lets the operator of a fresh directory make the first superuser in the browser.
//!
//! Like the reference, it signs in as a placeholder superuser with a random password, which disappears when a real one
//! is made (see `record::write::account`).

use crate::app::{App, auth, superusers};
use crate::base::error::{Error, Result};
use crate::base::ids;
use crate::record::{INSTALLER_EMAIL, remove_installer};
use crate::sql::Sql;

/// How long the link works, in seconds.
const VALID_SECONDS: i64 = 30 * 60;

/// The installer link for a server reachable at `base_url`; nothing when there is a superuser already.
///
/// The command line may make one at any moment, in a process of its own: then there is no link, and no placeholder.
pub async fn link(app: &App, base_url: &str) -> Result<Option<String>> {
    if has_superuser(app)? {
        return Ok(None);
    }
    let made = token(app).await;
    if has_superuser(app)? {
        // Whoever made it removed the placeholder, unless that was not there yet.
        app.write(remove_installer).await?;
        return Ok(None);
    }
    let token = made?;
    Ok(Some(format!(
        "{}/_/#/pbinstall/{token}",
        base_url.trim_end_matches('/')
    )))
}

fn has_superuser(app: &App) -> Result<bool> {
    let mut sql: Sql = Sql::from_text("SELECT 1 FROM _superusers WHERE email <> ");
    sql.bind(INSTALLER_EMAIL).text(" LIMIT 1");
    app.read(|reader, _| Ok(reader.exists(&sql)?))
}

/// A token of the placeholder, which is made, or gets another password.
async fn token(app: &App) -> Result<String> {
    superusers::upsert(app, INSTALLER_EMAIL, &ids::random_string(30, ids::ALNUM)).await?;
    let id = superusers::find(app, INSTALLER_EMAIL)?.ok_or(Error::NotFound(None))?;
    auth::installer_token(app, &id, VALID_SECONDS)
}
