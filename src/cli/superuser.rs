//! `stead superuser …`: accounts of the people who run the server.

use clap::Subcommand;
use serde_json::Map;

use crate::app::{App, settings, superusers};
use crate::base::error::Error;
use crate::cli::console::{self, Failure};
use crate::cli::shared::Shared;
use crate::cli::work;
use crate::ctx::Ctx;

/// What to do with superusers. Arguments are checked later, with the contract's messages.
#[derive(Debug, Subcommand)]
pub(super) enum Superuser {
    /// Create a superuser, or change the password of an existing one.
    #[command(override_usage = "stead superuser upsert EMAIL PASSWORD")]
    Upsert { arguments: Vec<String> },
    /// Create a superuser.
    #[command(override_usage = "stead superuser create EMAIL PASSWORD")]
    Create { arguments: Vec<String> },
    /// Change the password of a superuser.
    #[command(override_usage = "stead superuser update EMAIL PASSWORD")]
    Update { arguments: Vec<String> },
    /// Delete a superuser.
    #[command(override_usage = "stead superuser delete EMAIL")]
    Delete { arguments: Vec<String> },
    /// Create a one-time password for a superuser.
    #[command(override_usage = "stead superuser otp EMAIL")]
    Otp { arguments: Vec<String> },
    /// Set the addresses and subnets superusers may come from; none clears the list.
    #[command(override_usage = "stead superuser ips [IP|CIDR]...")]
    Ips { arguments: Vec<String> },
}

pub(super) fn run(shared: &Shared, action: Superuser) -> Result<(), Failure> {
    let config = shared.config()?;
    let runtime = work::runtime()?;
    runtime.block_on(async {
        // Arguments are judged before the data directory is touched.
        let action = Checked::new(action)?;
        let app = work::open(config).await?;
        let result = perform(&app, action).await;
        app.close().await;
        console::out(&result?);
        Ok(())
    })
}

/// A command whose arguments are complete.
enum Checked {
    Upsert(String, String),
    Create(String, String),
    Update(String, String),
    Delete(String),
    Otp(String),
    Ips(Vec<String>),
}

impl Checked {
    fn new(action: Superuser) -> Result<Self, Failure> {
        Ok(match action {
            Superuser::Upsert { arguments } => {
                let (email, password) = email_and_password(arguments)?;
                Self::Upsert(email, password)
            }
            Superuser::Create { arguments } => {
                let (email, password) = email_and_password(arguments)?;
                Self::Create(email, password)
            }
            Superuser::Update { arguments } => {
                let (email, password) = email_and_password(arguments)?;
                Self::Update(email, password)
            }
            Superuser::Delete { arguments } => Self::Delete(email(arguments)?),
            Superuser::Ips { arguments } => Self::Ips(arguments),
            Superuser::Otp { arguments } => Self::Otp(email(arguments)?),
        })
    }
}

async fn perform(app: &App, action: Checked) -> Result<String, Failure> {
    match action {
        Checked::Upsert(email, password) => {
            let tried = format!("failed to upsert superuser account \"{email}\"");
            superusers::upsert(app, &email, &password)
                .await
                .map_err(|error| Failure::of(&tried, &error))?;
            Ok(format!("Successfully saved superuser \"{email}\"!"))
        }
        Checked::Create(email, password) => {
            superusers::create(app, &email, &password)
                .await
                .map_err(|error| Failure::of("failed to create new superuser account", &error))?;
            Ok(format!("Successfully created new superuser \"{email}\"!"))
        }
        Checked::Update(email, password) => {
            let tried = format!("failed to change superuser \"{email}\" password");
            superusers::update(app, &email, &password)
                .await
                .map_err(|error| match error {
                    Error::NotFound(_) => missing(&email),
                    error => Failure::of(&tried, &error),
                })?;
            Ok(format!(
                "Successfully changed superuser \"{email}\" password!"
            ))
        }
        Checked::Delete(email) => {
            let tried = format!("failed to delete superuser \"{email}\"");
            let existed = superusers::delete(app, &email)
                .await
                .map_err(|error| Failure::of(&tried, &error))?;
            Ok(if existed {
                format!("Successfully deleted superuser \"{email}\"!")
            } else {
                format!("superuser \"{email}\" is missing or already deleted")
            })
        }
        Checked::Otp(email) => {
            let tried = format!("failed to create OTP for superuser \"{email}\"");
            let otp = superusers::otp(app, &email)
                .await
                .map_err(|error| match error {
                    Error::Forbidden(_) => {
                        Failure::new("OTP auth is not enabled for the _superusers collection")
                    }
                    Error::NotFound(_) => missing(&email),
                    error => Failure::of(&tried, &error),
                })?;
            Ok(format!(
                "Successfully created OTP for superuser \"{email}\":\n\
                 ├─ Id:    {}\n├─ Pass:  {}\n└─ Valid: {}s",
                otp.id,
                otp.password.expose(),
                otp.valid_for
            ))
        }
        Checked::Ips(list) => {
            let said = if list.is_empty() {
                "Successfully cleared SuperuserIPs setting!".to_owned()
            } else {
                format!(
                    "Successfully updated SuperuserIPs setting:\n{}",
                    tree(&list)
                )
            };
            let mut patch = Map::new();
            patch.insert("superuserIPs".to_owned(), list.into());
            settings::update(app, &Ctx::system(), patch)
                .await
                .map_err(|error| Failure::of("failed to update the addresses", &error))?;
            Ok(said)
        }
    }
}

/// A list as the branches of a tree.
fn tree(list: &[String]) -> String {
    let last = list.len().saturating_sub(1);
    let branches: Vec<String> = list
        .iter()
        .enumerate()
        .map(|(index, item)| format!("{} {item}", if index == last { "└─" } else { "├─" }))
        .collect();
    branches.join("\n")
}

fn missing(email: &str) -> Failure {
    Failure::new(format!("superuser with email \"{email}\" doesn't exist"))
}

fn email_and_password(arguments: Vec<String>) -> Result<(String, String), Failure> {
    let Ok([email, password]) = <[String; 2]>::try_from(arguments) else {
        return Err(Failure::new("missing email and password arguments"));
    };
    if looks_like_email(&email) {
        Ok((email, password))
    } else {
        Err(Failure::new("missing or invalid email address"))
    }
}

fn email(arguments: Vec<String>) -> Result<String, Failure> {
    arguments
        .into_iter()
        .next()
        .filter(|email| looks_like_email(email))
        .ok_or_else(|| Failure::new("invalid or missing email address"))
}

/// Catches swapped and forgotten arguments; the operation has the last word.
fn looks_like_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    })
}

#[cfg(test)]
mod tests {
    use super::{email, email_and_password};

    fn list(arguments: &[&str]) -> Vec<String> {
        arguments.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn arguments_are_judged_with_the_contracts_words() {
        for (arguments, expect) in [
            (&["a@b.co", "x"][..], "ok"),
            (&[], "missing email and password arguments"),
            (&["a@b.co"], "missing email and password arguments"),
            (
                &["a@b.co", "x", "y"],
                "missing email and password arguments",
            ),
            (&["x", "a"], "missing or invalid email address"),
            (&["@", "a"], "missing or invalid email address"),
        ] {
            let shown = email_and_password(list(arguments))
                .map_or_else(|failure| failure.0, |_| "ok".to_owned());
            assert_eq!(shown, expect, "{arguments:?}");
        }
        let shown = email(list(&["x"])).map_or_else(|failure| failure.0, |_| "ok".to_owned());
        assert_eq!(shown, "invalid or missing email address");
    }
}
