//! The SQL console. Superusers only.

use crate::api::answer::{self, Response};
use crate::api::call::Call;
use crate::api::form::{Kind, Member, member};
use crate::api::reading::DEFAULT_LIMIT;
use crate::app::sql;
use crate::base::error::Result;

const FORM: [Member; 1] = [member("query", Kind::Text)];

/// `POST /api/sql`
pub(super) async fn run(mut call: Call) -> Result<Response> {
    let submitted = call.read(DEFAULT_LIMIT).await;
    let form = submitted
        .and_then(|body| body.form(&FORM))
        .map_err(|reason| reason.named_or("An error occurred while loading the submitted data."))?;
    Ok(answer::json(sql::run(&call.app, &call.ctx, &form).await?))
}
