//! Successful answers.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};

use crate::api::waiting;
use crate::base::error::Answer;

/// What every handler gives back.
pub(super) type Response = axum::http::Response<Body>;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How many headers most answers have in the end.
const N_HEADERS: usize = 9;

/// Marks an answer that other sites may show in a frame, such as an uploaded file: no `X-Frame-Options`.
#[derive(Clone, Copy, Debug)]
pub struct Framable;

/// 200 with a JSON text.
pub(super) fn json(text: Vec<u8>) -> Response {
    json_with_status(StatusCode::OK, text)
}

/// A JSON text with any status.
pub(super) fn json_with_status(status: StatusCode, text: Vec<u8>) -> Response {
    let mut response = waiting::response(text);
    *response.status_mut() = status;
    // Perf: those that every answer gets are to come; the table need not grow for them.
    response.headers_mut().reserve(N_HEADERS);
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// 204.
pub(super) fn no_content() -> Response {
    empty(StatusCode::NO_CONTENT)
}

/// A status without a body.
pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// The answer a handler made.
pub(super) fn of_handler(answer: &Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = Response::new(Body::from(answer.body.clone()));
    *response.status_mut() = status;
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            // Not only ASCII: names of files stand in headers as they are.
            HeaderValue::from_bytes(value.as_bytes()),
        ) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// A redirect. The target must be a path of this server or start with `./` or `../`.
pub fn redirect(status: StatusCode, target: &str) -> axum::http::Response<Body> {
    let mut response = empty(status);
    if let Ok(target) = HeaderValue::from_str(target) {
        response.headers_mut().insert(LOCATION, target);
    } else {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    response
}
