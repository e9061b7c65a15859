//! Stored files: tokens for protected ones, and downloads.

use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderValue, StatusCode};

use crate::api::answer::{self, Framable, Response};
use crate::api::call::Call;
use crate::api::send_file::{self, Source};
use crate::app::{auth, files};
use crate::base::cast;
use crate::base::error::Result;

const CACHE: HeaderValue =
    HeaderValue::from_static("max-age=2592000, stale-while-revalidate=86400");

// Security: uploaded files come from users; nothing in them may run with this site's authority.
const SANDBOX: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
);

/// Types browsers may show in place, compared with the stored type as it is. Everything else is a download.
#[rustfmt::skip]
const INLINE: &[&str] = &[
    "image/png", "image/jpg", "image/jpeg", "image/gif", "image/webp", "image/x-icon", "image/bmp",
    "video/webm", "video/mp4", "video/3gpp", "video/quicktime", "video/x-ms-wmv",
    "audio/basic", "audio/aiff", "audio/mpeg", "audio/midi", "audio/mp3", "audio/wave", "audio/wav",
    "audio/x-wav", "audio/x-mpeg", "audio/x-m4a", "audio/aac",
    "application/pdf", "application/x-pdf",
];

/// Types that follow from the name whatever was found in the content.
const BY_EXTENSION: &[(&str, &str)] = &[
    (".svg", "image/svg+xml"),
    (".css", "text/css"),
    (".js", "text/javascript"),
    (".mjs", "text/javascript"),
    (
        ".xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        ".docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        ".pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
];

/// `POST /api/files/token`
pub(super) async fn token(call: Call) -> Result<Response> {
    let body = auth::file_token(&call.app, &call.ctx).await?;
    Ok(answer::json(body))
}

/// `GET /api/files/{collection}/{record}/{filename}`
pub(super) async fn download(call: Call) -> Result<Response> {
    let (collection, record) = (call.param("collection"), call.param("record"));
    let file = files::open(
        &call.app,
        &call.ctx,
        collection,
        record,
        call.param("filename"),
    )
    .await?;
    let forced = call
        .ctx
        .request
        .query_param("download")
        .is_some_and(cast::is_true);
    let inline = !forced && INLINE.contains(&file.content_type.as_str());
    let source = Source {
        content_type: content_type(&file.name, &file.content_type),
        content: file.content,
        size: file.size,
        modified: file.modified,
    };
    let is_head = call.ctx.request.method == "HEAD";
    let mut response = send_file::send(is_head, &call.headers, source).await?;
    let is_refusal = response.status() == StatusCode::RANGE_NOT_SATISFIABLE;
    let headers = response.headers_mut();
    headers.insert(CONTENT_DISPOSITION, disposition(inline, &file.name));
    headers.insert(CONTENT_SECURITY_POLICY, SANDBOX);
    if !is_refusal {
        headers.insert(CACHE_CONTROL, CACHE);
    }
    response.extensions_mut().insert(Framable);
    Ok(response)
}

fn content_type(name: &str, stored: &str) -> HeaderValue {
    let by_name = BY_EXTENSION
        .iter()
        .find(|(extension, _)| name.ends_with(extension))
        .map(|(_, content_type)| HeaderValue::from_static(content_type));
    by_name
        .or_else(|| HeaderValue::from_str(stored).ok())
        .unwrap_or(send_file::UNKNOWN_TYPE)
}

/// Stored names hold no quotes; one that does is sent without them.
fn disposition(inline: bool, name: &str) -> HeaderValue {
    let kind = if inline { "inline" } else { "attachment" };
    let name = name.replace(['"', '\\'], "");
    HeaderValue::from_str(&format!("{kind}; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::{content_type, disposition};

    #[test]
    fn names_overrule_content_for_what_browsers_run() {
        for (name, stored, expect) in [
            ("a.svg", "text/xml; charset=utf-8", "image/svg+xml"),
            ("a.js", "text/plain", "text/javascript"),
            ("a.png", "image/png", "image/png"),
            ("a", "bad\nvalue", "application/octet-stream"),
        ] {
            assert_eq!(content_type(name, stored), expect);
        }
    }

    #[test]
    fn names_are_quoted() {
        assert_eq!(disposition(true, "a b.png"), "inline; filename=\"a b.png\"");
        assert_eq!(disposition(false, "a\"\n"), "attachment");
    }
}
