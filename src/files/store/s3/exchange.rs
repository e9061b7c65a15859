//! One signed request and its answer: deadlines, repeats, errors in words.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;

use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::{Request, StatusCode};
use rusty_s3::{Method, S3Action};
use tokio::time::{sleep, timeout};

use crate::fetch::{self, Body, Reach, Streamed};
use crate::files::error::{Error, Result};
use crate::files::store::pieces;
use crate::files::store::s3::S3Store;

/// How long a signature is good for.
const SIGNED_FOR: Duration = Duration::from_hours(1);

/// Longest wait for an answer to a request without a body.
const ANSWER: Duration = Duration::from_secs(30);

/// Slowest transfer that is waited for, in bytes per second.
const SLOWEST: u64 = 64 << 10;

/// How long to wait before each repeat.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// Longest error or list that is read.
const MAX_TEXT: usize = 4 << 20;

/// The body of a request. It can be sent again.
#[derive(Clone, Debug)]
pub(super) enum Payload {
    Empty,
    Bytes(Bytes),
    File {
        path: PathBuf,
        start: u64,
        length: u64,
    },
}

impl Payload {
    fn length(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { length, .. } => *length,
        }
    }

    async fn body(&self) -> Result<Body> {
        Ok(match self {
            Self::Empty => fetch::full_body(Bytes::new()),
            Self::Bytes(bytes) => fetch::full_body(bytes.clone()),
            Self::File {
                path,
                start,
                length,
            } => file_body(path, *start, *length).await?,
        })
    }
}

async fn file_body(path: &Path, start: u64, length: u64) -> Result<Body> {
    let file = tokio::fs::File::open(path).await?.into_std().await;
    let chunks = pieces::stream(file.into(), start, length).map_ok(Frame::data);
    Ok(StreamBody::new(chunks).boxed())
}

impl S3Store {
    /// Sends a request and gives the successful answer, its body unread. What may succeed later is tried again.
    pub(super) async fn send<'a, A: S3Action<'a>>(
        &self,
        action: &A,
        headers: &[(HeaderName, String)],
        payload: &Payload,
    ) -> Result<Streamed> {
        let mut pauses = PAUSES.iter();
        loop {
            let failed = match self.send_once(action, headers, payload).await {
                Err(error @ Error::Unreachable(_)) => error,
                result => return result,
            };
            let Some(pause) = pauses.next() else {
                return Err(failed);
            };
            sleep(*pause).await;
        }
    }

    /// Sends a request and reads its successful answer as text.
    pub(super) async fn send_for_text<'a, A: S3Action<'a>>(
        &self,
        action: &A,
        headers: &[(HeaderName, String)],
        payload: &Payload,
    ) -> Result<String> {
        let answer = self.send(action, headers, payload).await?;
        text_of(answer).await
    }

    async fn send_once<'a, A: S3Action<'a>>(
        &self,
        action: &A,
        headers: &[(HeaderName, String)],
        payload: &Payload,
    ) -> Result<Streamed> {
        let url = action.sign(SIGNED_FOR);
        let mut request = Request::new(payload.body().await?);
        *request.method_mut() = match A::METHOD {
            Method::Head => hyper::Method::HEAD,
            Method::Get => hyper::Method::GET,
            Method::Post => hyper::Method::POST,
            Method::Put => hyper::Method::PUT,
            Method::Delete => hyper::Method::DELETE,
        };
        let invalid = || Error::Refused("a request cannot be made".to_owned());
        *request.uri_mut() = url.as_str().parse().map_err(|_| invalid())?;
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).map_err(|_| invalid())?;
            request.headers_mut().insert(name, value);
        }
        if matches!(A::METHOD, Method::Put | Method::Post) {
            let length = HeaderValue::from(payload.length());
            request.headers_mut().insert(CONTENT_LENGTH, length);
        }
        let deadline = ANSWER + Duration::from_secs(payload.length() / SLOWEST);
        let answer = timeout(deadline, self.0.client.open(request, Reach::Anywhere))
            .await
            .map_err(|_| Error::Unreachable("no answer in time".to_owned()))?
            .map_err(|error| Error::Unreachable(error.to_string()))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let told = text_of(answer).await.unwrap_or_default();
        let what = words(status, &told);
        Err(
            if status == StatusCode::NOT_FOUND && !told.contains("NoSuchBucket") {
                Error::NotFound
            } else if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
                Error::Unreachable(what)
            } else {
                Error::Refused(what)
            },
        )
    }
}

async fn text_of(answer: Streamed) -> Result<String> {
    let mut body = answer.into_body();
    let reading = async {
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| Error::Unreachable(error.to_string()))?;
            if let Ok(data) = frame.into_data() {
                if bytes.len() + data.len() > MAX_TEXT {
                    return Err(Error::Refused("the answer is too large".to_owned()));
                }
                bytes.extend_from_slice(&data);
            }
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    timeout(ANSWER, reading)
        .await
        .unwrap_or_else(|_| Err(Error::Unreachable("no complete answer in time".to_owned())))
}

/// What a failing answer says, in short.
fn words(status: StatusCode, told: &str) -> String {
    let member = |name: &str| {
        let (_, rest) = told.split_once(&format!("<{name}>"))?;
        let (text, _) = rest.split_once("</")?;
        Some(text.chars().take(300).collect::<String>())
    };
    let parts = [
        Some(format!("status {}", status.as_u16())),
        member("Code"),
        member("Message"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use hyper::StatusCode;

    use super::words;

    #[test]
    fn failures_are_told_in_words() {
        let told =
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>No.</Message></Error>";
        let status = StatusCode::FORBIDDEN;
        assert_eq!(words(status, told), "status 403: AccessDenied: No.");
        assert_eq!(words(status, "<Code>"), "status 403");
        assert_eq!(words(status, ""), "status 403");
    }
}
