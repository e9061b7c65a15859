//! Errors as answers: the form of their bodies, the headers that go with them, and the log of what is the server's
//! fault. What an error tells clients is decided in [`Error::to_wire`].

use std::fmt;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::api::answer::{self, Response};
use crate::api::request_id::REQUEST_ID;
use crate::base::error::{Error, SOMETHING_WRONG};
use crate::base::{ids, json, text};

/// Turns an error into its answer. Faults of the server are logged here, once, with an id the client also gets.
pub fn respond(error: &Error) -> axum::http::Response<Body> {
    let error = error.told();
    if let Error::Answered(answer) = error {
        return answer::of_handler(answer);
    }
    let wire = error.to_wire();
    let status = StatusCode::from_u16(wire.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = answer::json_with_status(status, body(status, &wire.message, &wire.data));
    match error {
        Error::Unavailable { retry_after } => {
            retry(&mut response, *retry_after);
        }
        Error::Disk { trouble, fault } => {
            retry(&mut response, trouble.retry_after());
            mark(&mut response, fault);
        }
        Error::Internal(fault) => mark(&mut response, fault),
        Error::Invalid { .. }
        | Error::BadRequest(_)
        | Error::Unauthenticated(_)
        | Error::Forbidden(_)
        | Error::NotFound(_)
        | Error::TooLarge
        | Error::RateLimited(_)
        | Error::Answered(_)
        | Error::Because(_)
        | Error::Wire { .. } => {}
    }
    response
}

/// The answer when a handler panicked.
pub(super) fn respond_to_panic(payload: &(dyn std::any::Any + Send)) -> Response {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown panic");
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    let mut response = answer::json_with_status(status, body(status, SOMETHING_WRONG, &json!({})));
    mark(&mut response, &format_args!("handler panicked: {message}"));
    response
}

/// Tells the client when to try again.
fn retry(response: &mut Response, after: Duration) {
    let seconds = HeaderValue::from(after.as_secs().max(1));
    response.headers_mut().insert(RETRY_AFTER, seconds);
}

/// Logs the cause under a fresh request id and tells the client that id.
fn mark(response: &mut Response, cause: &dyn fmt::Display) {
    let id = ids::random_string(16, ids::LOWER_ALNUM);
    tracing::error!(request.id = id, "{cause}");
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
}

fn body(status: StatusCode, message: &str, data: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(96);
    out.extend_from_slice(b"{\"data\":");
    json::write_value(&mut out, data);
    out.extend_from_slice(b",\"message\":");
    json::write_string(&mut out, &text::sentence(message));
    out.extend_from_slice(b",\"status\":");
    out.extend_from_slice(status.as_str().as_bytes());
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::BodyExt as _;
    use serde_json::json;

    use super::respond;
    use crate::base::error::{Error, Trouble};
    use crate::base::issues::{Issue, Issues};

    #[track_caller]
    fn check(error: &Error, expect: &str) {
        let response = respond(error);
        let status = response.status().as_u16();
        let collected = futures_util::FutureExt::now_or_never(response.into_body().collect());
        let bytes = collected.unwrap().unwrap().to_bytes();
        assert_eq!(
            format!("{status} {}", String::from_utf8_lossy(&bytes)),
            expect
        );
    }

    #[test]
    fn every_error_has_its_wire_form() {
        check(
            &Error::BadRequest(None),
            r#"400 {"data":{},"message":"Something went wrong while processing your request.","status":400}"#,
        );
        check(
            &Error::invalid(
                "failed to create record",
                Issues::one("title", Issue::required()),
            ),
            r#"400 {"data":{"title":{"code":"validation_required","message":"Cannot be blank."}},"message":"Failed to create record.","status":400}"#,
        );
        check(
            &Error::Unauthenticated(None),
            r#"401 {"data":{},"message":"Missing or invalid authentication.","status":401}"#,
        );
        check(
            &Error::Forbidden(None),
            r#"403 {"data":{},"message":"You are not allowed to perform this request.","status":403}"#,
        );
        check(
            &Error::NotFound(None),
            r#"404 {"data":{},"message":"The requested resource wasn't found.","status":404}"#,
        );
        check(
            &Error::TooLarge,
            r#"413 {"data":{},"message":"Request entity too large.","status":413}"#,
        );
        check(
            &Error::RateLimited(None),
            r#"429 {"data":{},"message":"Too Many Requests.","status":429}"#,
        );
        check(
            &Error::Unavailable {
                retry_after: Duration::ZERO,
            },
            r#"503 {"data":{},"message":"The server is busy, please try again later.","status":503}"#,
        );
        check(
            &Error::Wire {
                status: 400,
                message: "a \"b\"".into(),
                data: json!({"x": 1}),
            },
            r#"400 {"data":{"x":1},"message":"A \"b\".","status":400}"#,
        );
    }

    #[test]
    fn causes_of_faults_stay_inside() {
        let cause = || std::io::Error::other("sector 7");
        check(
            &Error::disk(Trouble::Full, "while writing", cause()),
            r#"507 {"data":{},"message":"There is no space left on the server's disk.","status":507}"#,
        );
        check(
            &Error::disk(Trouble::Failing, "while writing", cause()),
            r#"503 {"data":{},"message":"The server's disk cannot be used at the moment, please try again later.","status":503}"#,
        );
        check(
            &Error::internal("disk on fire"),
            r#"500 {"data":{},"message":"Something went wrong while processing your request.","status":500}"#,
        );
    }
}
