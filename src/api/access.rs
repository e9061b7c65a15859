//! Who may call a route. Every row of the route table says it; there is no default.

use crate::api::call::Call;
use crate::base::error::{Error, Result};
use crate::ctx::Principal;
use crate::settings::openapi;

/// What a caller needs to get as far as the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing; the handler shows nothing that is not public.
    Public,
    /// Nothing here; the operation applies the collection's rule.
    CollectionRule,
    /// To be signed in, as whoever.
    AnyAuth,
    /// To be a superuser.
    Superuser,
    /// To be signed in as a record of the collection in the path.
    SameCollectionAuth,
    /// What the settings say about the description of the API; to be a superuser, unless they were changed.
    Description,
}

const TOKEN_REQUIRED: &str = "The request requires valid record authorization token.";

/// Refuses callers that do not have what the route asks for.
pub(super) fn check(access: Access, call: &Call) -> Result<()> {
    match access {
        Access::Public | Access::CollectionRule => Ok(()),
        Access::AnyAuth => signed_in(call).map(drop),
        Access::Description => match call.app.settings().openapi.visible_to.as_str() {
            openapi::EVERYONE => Ok(()),
            openapi::USERS => signed_in(call).map(drop),
            _ => check(Access::Superuser, call),
        },
        Access::Superuser => match call.ctx.principal {
            Principal::Superuser(_) => Ok(()),
            Principal::Guest | Principal::System => Err(Error::unauthenticated(TOKEN_REQUIRED)),
            Principal::User(_) => Err(Error::forbidden(
                "The authorized record is not allowed to perform this action.",
            )),
        },
        Access::SameCollectionAuth => same_collection(call),
    }
}

fn signed_in(call: &Call) -> Result<&crate::ctx::AuthRecord> {
    call.ctx
        .auth()
        .ok_or_else(|| Error::unauthenticated(TOKEN_REQUIRED))
}

fn same_collection(call: &Call) -> Result<()> {
    let snapshot = call.app.snapshot();
    let collection = snapshot
        .collection(call.param("collection"))
        .ok_or_else(|| Error::not_found("Missing or invalid collection context."))?;
    let auth = signed_in(call)?;
    if auth.collection_id == collection.id {
        return Ok(());
    }
    Err(Error::forbidden(format!(
        "The request requires auth record from {} collection.",
        auth.collection_name
    )))
}
