//! What some services say of a user in a way of their own, which the columns of the table cannot express.

use crate::auth::oauth2::Unusable;
use crate::auth::oauth2::profile::{Check, Source, is_truthy, text_of};

/// The work or school address is the tenant's word; a claim can be trusted more, so the operator may name one.
pub(super) fn microsoft_email(user: &Source<'_>) -> Result<String, Unusable> {
    let text = |name: &str| text_of(user.claims, name);
    let verified = || match user.claims.get("verified_primary_email") {
        Some(serde_json::Value::Array(items)) => items
            .first()
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        _ => text("verified_primary_email"),
    };
    let owned = || {
        if user.claims.get("xms_edov").is_some_and(is_truthy) {
            text("email")
        } else {
            String::new()
        }
    };
    Ok(match user.email_claim {
        "any_verified" => Some(verified())
            .filter(|text| !text.is_empty())
            .unwrap_or_else(owned),
        "verified_primary_email" => verified(),
        "email_and_xms_edov" => owned(),
        "email" => text("email"),
        _ => user.text("mail")?,
    })
}

pub(super) fn yandex_avatar(user: &Source<'_>) -> Result<String, Unusable> {
    if user.holds(Check::True("is_avatar_empty"))? {
        return Ok(String::new());
    }
    Ok(format!(
        "https://avatars.yandex.net/get-yapic/{}/islands-200",
        user.text("default_avatar_id")?
    ))
}

/// The chosen name, else the unique one, with its number if it is of the kind that has one.
pub(super) fn discord_name(user: &Source<'_>) -> Result<String, Unusable> {
    let (global, unique) = (user.text("global_name")?, user.text("username")?);
    let number = user.text("discriminator")?;
    Ok(if !global.is_empty() {
        global
    } else if number.is_empty() || number == "0" {
        unique
    } else {
        format!("{unique}#{number}")
    })
}

pub(super) fn discord_avatar(user: &Source<'_>) -> Result<String, Unusable> {
    let (id, hash) = (user.text("id")?, user.text("avatar")?);
    Ok(if hash.is_empty() {
        hash
    } else {
        format!("https://cdn.discordapp.com/avatars/{id}/{hash}.png")
    })
}

pub(super) fn wakatime_photo(user: &Source<'_>) -> Result<String, Unusable> {
    let photo = user.text("photo")?;
    Ok(if user.holds(Check::True("photo_public"))? {
        photo
    } else {
        String::new()
    })
}

/// The part of the mailbox's name before the domain.
pub(super) fn mailcow_username(user: &Source<'_>) -> Result<String, Unusable> {
    let name = user.text("username")?;
    Ok(name.split('@').next().unwrap_or_default().to_owned())
}
