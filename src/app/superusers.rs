//! Superusers as the command line manages them.

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::auth::{self, SuperuserOtp};
use crate::app::records::{self, RecordInput};
use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::schema::SUPERUSERS;
use crate::sql::Sql;

/// Creates a superuser; fails when the address is taken.
pub async fn create(app: &App, email: &str, password: &str) -> Result<()> {
    let mut data = password_form(password);
    data.insert("email".to_owned(), email.into());
    records::create(
        app,
        &Ctx::system(),
        SUPERUSERS,
        RecordInput {
            data,
            uploads: Vec::new(),
        },
    )
    .await?;
    Ok(())
}

/// Creates a superuser, or gives the one with this address a new password.
pub async fn upsert(app: &App, email: &str, password: &str) -> Result<()> {
    match find(app, email)? {
        Some(id) => set_password(app, &id, password).await,
        None => create(app, email, password).await,
    }
}

/// Gives a superuser a new password.
pub async fn update(app: &App, email: &str, password: &str) -> Result<()> {
    let Some(id) = find(app, email)? else {
        return Err(Error::not_found(format!(
            "superuser with email \"{email}\" doesn't exist"
        )));
    };
    set_password(app, &id, password).await
}

/// Makes a one-time password for a superuser.
pub async fn otp(app: &App, email: &str) -> Result<SuperuserOtp> {
    let Some(id) = find(app, email)? else {
        return Err(Error::not_found(format!(
            "superuser with email \"{email}\" doesn't exist"
        )));
    };
    auth::superuser_otp(app, &id).await
}

/// Deletes a superuser; `false` when there is none with this address.
pub async fn delete(app: &App, email: &str) -> Result<bool> {
    let Some(id) = find(app, email)? else {
        return Ok(false);
    };
    records::delete(app, &Ctx::system(), SUPERUSERS, &id).await?;
    Ok(true)
}

/// Id of the superuser with this address.
pub(crate) fn find(app: &App, email: &str) -> Result<Option<String>> {
    let mut sql: Sql = Sql::from_text("SELECT id FROM _superusers WHERE email = ");
    sql.bind(email);
    app.read(|reader, _| Ok(reader.first(&sql, |row| row.text(0).to_owned())?))
}

/// The addresses of all superusers.
pub(crate) fn emails(app: &App) -> Result<Vec<String>> {
    let sql: Sql = Sql::from_text("SELECT email FROM _superusers ORDER BY email LIMIT 100");
    app.read(|reader, _| Ok(reader.all(&sql, |row| row.text(0).to_owned())?))
}

async fn set_password(app: &App, id: &str, password: &str) -> Result<()> {
    let input = RecordInput {
        data: password_form(password),
        uploads: Vec::new(),
    };
    records::update(app, &Ctx::system(), SUPERUSERS, id, input).await?;
    Ok(())
}

fn password_form(password: &str) -> Map<String, Json> {
    [("password", password), ("passwordConfirm", password)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect()
}
