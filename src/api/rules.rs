//! The rule lab. Superusers only.

use serde_json::{Map, Value as Json};

use crate::api::answer::{self, Response};
use crate::api::body::Submitted;
use crate::api::call::Call;
use crate::api::reading::Unreadable;
use crate::app::rules;
use crate::base::error::Result;

/// Rules, bodies and lists of identities are small.
const LIMIT: usize = 1 << 20;

/// `POST /api/stead/rules/check`
pub(super) async fn check(mut call: Call) -> Result<Response> {
    let form = form(&mut call).await?;
    Ok(answer::json(
        rules::check(&call.app, &call.ctx, form).await?,
    ))
}

/// `POST /api/stead/rules/explain`
pub(super) async fn explain(mut call: Call) -> Result<Response> {
    let form = form(&mut call).await?;
    Ok(answer::json(
        rules::explain(&call.app, &call.ctx, form).await?,
    ))
}

/// `GET /api/stead/rules/tests`
pub(super) fn tests(call: &Call) -> Result<Response> {
    Ok(answer::json(rules::list_tests(&call.app)?))
}

/// `POST /api/stead/rules/tests`
pub(super) async fn add_test(mut call: Call) -> Result<Response> {
    let form = form(&mut call).await?;
    Ok(answer::json(rules::put_test(&call.app, None, form).await?))
}

/// `PUT /api/stead/rules/tests/{id}`
pub(super) async fn put_test(mut call: Call) -> Result<Response> {
    let form = form(&mut call).await?;
    let id = Some(call.param("id"));
    Ok(answer::json(rules::put_test(&call.app, id, form).await?))
}

/// `DELETE /api/stead/rules/tests/{id}`
pub(super) async fn delete_test(call: Call) -> Result<Response> {
    rules::delete_test(&call.app, call.param("id")).await?;
    Ok(answer::no_content())
}

/// `POST /api/stead/rules/tests/run`
pub(super) async fn run_tests(mut call: Call) -> Result<Response> {
    let form = form(&mut call).await?;
    Ok(answer::json(
        rules::run_tests(&call.app, &call.ctx, form).await?,
    ))
}

async fn form(call: &mut Call) -> Result<Map<String, Json>> {
    let object = call.read(LIMIT).await.and_then(Submitted::into_object);
    object.map_err(Unreadable::plain)
}
