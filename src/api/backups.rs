//! Backups: list, make, upload, download, delete, restore. Superusers only; downloads go by file token.

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};

use crate::api::answer::{self, Response};
use crate::api::body::Submitted;
use crate::api::call::Call;
use crate::api::form::{Kind, Member, member};
use crate::api::reading::{DEFAULT_LIMIT, Unreadable};
use crate::api::send_file::{self, Source};
use crate::app::backups;
use crate::base::error::Result;

const NOT_LOADED: &str = "An error occurred while loading the submitted data.";
const CREATE: [Member; 1] = [member("name", Kind::Text)];
const ZIP: HeaderValue = HeaderValue::from_static("application/zip");
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");

/// `GET /api/backups`
pub(super) async fn list(call: Call) -> Result<Response> {
    Ok(answer::json(backups::list(&call.app, &call.ctx).await?))
}

/// `POST /api/backups`
pub(super) async fn create(mut call: Call) -> Result<Response> {
    let submitted = call.read(DEFAULT_LIMIT).await;
    let form = submitted
        .and_then(|body| body.form(&CREATE))
        .map_err(|reason| reason.or(NOT_LOADED))?;
    backups::create(&call.app, &form).await?;
    Ok(answer::no_content())
}

/// `POST /api/backups/upload`
pub(super) async fn upload(mut call: Call) -> Result<Response> {
    // A backup is as large as it is; it goes to the disk piece by piece.
    let submitted = call.read(usize::MAX).await;
    let uploads = match submitted.and_then(Submitted::into_record) {
        Ok((_, uploads)) => uploads,
        Err(Unreadable::UnsupportedType | Unreadable::Malformed | Unreadable::NotJson(_)) => {
            Vec::new()
        }
        Err(reason) => return Err(reason.plain()),
    };
    backups::upload(&call.app, uploads).await?;
    Ok(answer::no_content())
}

/// `GET /api/backups/{key}`
pub(super) async fn download(call: Call) -> Result<Response> {
    let opened = backups::open(&call.app, &call.ctx, call.param("key")).await?;
    let listed = opened.listed;
    let source = Source {
        content: opened.content,
        size: listed.size,
        modified: listed.modified,
        content_type: ZIP,
    };
    let is_head = call.ctx.request.method == "HEAD";
    let mut response = send_file::send(is_head, &call.headers, source).await?;
    let name = listed.key.replace(['"', '\\'], "");
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"));
    response
        .headers_mut()
        .insert(CONTENT_DISPOSITION, disposition);
    response.headers_mut().insert(CACHE_CONTROL, PRIVATE);
    Ok(response)
}

/// `DELETE /api/backups/{key}`
pub(super) async fn delete(call: Call) -> Result<Response> {
    backups::delete(&call.app, call.param("key")).await?;
    Ok(answer::no_content())
}

/// `POST /api/backups/{key}/restore`
pub(super) async fn restore(call: Call) -> Result<Response> {
    backups::restore(&call.app, call.param("key")).await?;
    Ok(answer::no_content())
}
