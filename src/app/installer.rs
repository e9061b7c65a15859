//! The link that lets the operator of a fresh directory make the first superuser in the browser.
//!
//! Like the reference, it signs in as a placeholder superuser with a random password, which disappears when a real one
//! is made (see `record::write`).

use crate::app::{App, auth, superusers};
use crate::base::error::Result;
use crate::base::ids;
use crate::record::INSTALLER_EMAIL;
use crate::sql::Sql;

/// How long the link works, in seconds.
const VALID_SECONDS: i64 = 30 * 60;

/// The installer link for a server reachable at `base_url`; nothing when there is a superuser already.
pub async fn link(app: &App, base_url: &str) -> Result<Option<String>> {
    let mut sql: Sql = Sql::from_text("SELECT 1 FROM _superusers WHERE email <> ");
    sql.bind(INSTALLER_EMAIL).text(" LIMIT 1");
    if app.read(|reader, _| Ok(reader.exists(&sql)?))? {
        return Ok(None);
    }
    superusers::upsert(app, INSTALLER_EMAIL, &ids::random_string(30, ids::ALNUM)).await?;
    let Some(id) = superusers::find(app, INSTALLER_EMAIL)? else {
        return Ok(None);
    };
    let token = auth::installer_token(app, &id, VALID_SECONDS)?;
    Ok(Some(format!(
        "{}/_/#/pbinstall/{token}",
        base_url.trim_end_matches('/')
    )))
}
