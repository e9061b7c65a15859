//! Resumable uploads as tus 1.0 has them: creation, progress, continuation, termination.

use axum::http::header::{
    ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION,
};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::api::answer::{self, Response};
use crate::api::call::Call;
use crate::app::uploads;
use crate::base::error::{Error, Result};
use crate::files::Note;

const PATH: &str = "/api/stead/uploads/";
const CHUNK_TYPE: &str = "application/offset+octet-stream";
const MAX_METADATA_BYTES: usize = 4096;

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Location, Tus-Resumable, Upload-Offset, Upload-Length, Upload-Metadata",
);

/// `POST /api/stead/uploads`
pub(super) async fn create(call: Call) -> Result<Response> {
    check_version(&call.headers)?;
    let length = number(&call.headers, &LENGTH)
        .ok_or_else(|| Error::bad_request("Missing or invalid Upload-Length."))?;
    let metadata = text(&call.headers, &METADATA).unwrap_or_default();
    if metadata.len() > MAX_METADATA_BYTES {
        return Err(Error::bad_request("Upload-Metadata is too long."));
    }
    let note = Note {
        length,
        file_name: file_name(metadata).unwrap_or_else(|| "upload".to_owned()),
        metadata: metadata.to_owned(),
    };
    let id = uploads::create(&call.app, &call.ctx, note).await?;
    let mut response = answer_with(StatusCode::CREATED);
    if let Ok(location) = HeaderValue::from_str(&format!("{PATH}{id}")) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// `HEAD /api/stead/uploads/{id}`
pub(super) async fn progress(call: Call) -> Result<Response> {
    check_version(&call.headers)?;
    let progress = uploads::progress(&call.app, &call.ctx, call.param("id")).await?;
    let mut response = answer_with(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(OFFSET, progress.offset.into());
    headers.insert(LENGTH, progress.note.length.into());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(metadata) = HeaderValue::from_str(&progress.note.metadata)
        && !progress.note.metadata.is_empty()
    {
        headers.insert(METADATA, metadata);
    }
    Ok(response)
}

/// `PATCH /api/stead/uploads/{id}`
pub(super) async fn append(mut call: Call) -> Result<Response> {
    check_version(&call.headers)?;
    if text(&call.headers, &CONTENT_TYPE) != Some(CHUNK_TYPE) {
        return Err(refusal(
            415,
            "The Content-Type must be application/offset+octet-stream.",
        ));
    }
    let offset = number(&call.headers, &OFFSET)
        .ok_or_else(|| Error::bad_request("Missing or invalid Upload-Offset."))?;
    let body = call.take_body().into_data_stream();
    let offset = uploads::append(&call.app, &call.ctx, call.param("id"), offset, body).await?;
    let mut response = answer_with(StatusCode::NO_CONTENT);
    response.headers_mut().insert(OFFSET, offset.into());
    Ok(response)
}

/// `DELETE /api/stead/uploads/{id}`
pub(super) async fn remove(call: Call) -> Result<Response> {
    check_version(&call.headers)?;
    uploads::remove(&call.app, &call.ctx, call.param("id")).await?;
    Ok(answer_with(StatusCode::NO_CONTENT))
}

fn answer_with(status: StatusCode) -> Response {
    let mut response = answer::empty(status);
    let headers = response.headers_mut();
    headers.insert(RESUMABLE, VERSION);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response
}

fn check_version(headers: &HeaderMap) -> Result<()> {
    if text(headers, &RESUMABLE) == Some("1.0.0") {
        Ok(())
    } else {
        Err(refusal(412, "Tus-Resumable must be 1.0.0."))
    }
}

fn refusal(status: u16, message: &'static str) -> Error {
    Error::Wire {
        status,
        message: message.into(),
        data: json!({}),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let text = text(headers, name)?;
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// The name in metadata: pairs with commas between them, each a key and a value in base64.
fn file_name(metadata: &str) -> Option<String> {
    let value_of = |wanted: &str| {
        metadata.split(',').find_map(|pair| {
            let (key, value) = pair.trim().split_once(' ')?;
            let value = STANDARD.decode(value.trim()).ok()?;
            (key == wanted)
                .then(|| String::from_utf8(value).ok())
                .flatten()
        })
    };
    value_of("filename")
        .or_else(|| value_of("name"))
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_are_found_in_metadata() {
        let name = |metadata| file_name(metadata).unwrap_or_default();
        assert_eq!(name("filename YS50eHQ="), "a.txt");
        assert_eq!(name("type aW1n, filename YS50eHQ=,is_x"), "a.txt");
        assert_eq!(name("name YS50eHQ="), "a.txt");
        for metadata in [
            "",
            "filename",
            "filename !",
            "filename /w==",
            "file YS50eHQ=",
        ] {
            assert_eq!(name(metadata), "", "{metadata}");
        }
    }
}
