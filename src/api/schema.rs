//! Plans of changes of the collections. Superusers only.

use serde_json::{Map, Value as Json};

use crate::api::answer::{self, Response};
use crate::api::body::Submitted;
use crate::api::call::Call;
use crate::api::reading::{DEFAULT_LIMIT, Unreadable};
use crate::app::schema_plan;
use crate::base::error::Result;

/// `POST /api/stead/schema/plan`
pub(super) async fn plan(mut call: Call) -> Result<Response> {
    let form = form(&mut call).await?;
    let plan = schema_plan::plan(&call.app, &call.ctx, &form).await?;
    Ok(answer::json(plan))
}

/// `POST /api/stead/schema/apply`
pub(super) async fn apply(mut call: Call) -> Result<Response> {
    let form = form(&mut call).await?;
    schema_plan::apply(&call.app, &call.ctx, &form).await?;
    Ok(answer::no_content())
}

async fn form(call: &mut Call) -> Result<Map<String, Json>> {
    let object = call
        .read(DEFAULT_LIMIT)
        .await
        .and_then(Submitted::into_object);
    object.map_err(Unreadable::plain)
}
