//! A span per request of the route table for whoever collects traces: OTLP over HTTP, as JSON. Off unless it is
//! started.
//!
//! Spans go into a bounded queue and are sent in the background; what cannot be sent is forgotten. A request
//! that comes with a `traceparent` belongs to that trace.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value as Json, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, timeout};

use crate::api::answer::Response;
use crate::api::request_id::REQUEST_ID;
use crate::api::route::Route;
use crate::base::ids;
use crate::base::text::hex;
use crate::fetch;

/// Spans that may wait, and how many are sent at once.
const QUEUE: usize = 4096;
const BATCH: usize = 512;

/// How long spans are collected for one request to the collector.
const COLLECT: Duration = Duration::from_secs(1);

const LIMITS: fetch::Limits = fetch::Limits {
    time: Duration::from_secs(10),
    bytes: 64 << 10,
    redirects: 0,
    reach: fetch::Reach::Anywhere,
};

/// How often a collector that cannot be reached is worth a line in the log.
const COMPLAIN: Duration = Duration::from_mins(5);

const JSON: HeaderValue = HeaderValue::from_static("application/json");

static QUEUED: OnceLock<Sender<Span>> = OnceLock::new();

/// A span that has begun: where it belongs.
#[derive(Debug)]
pub(super) struct Begun {
    trace: [u8; 16],
    parent: Option<[u8; 8]>,
}

#[derive(Debug)]
struct Span {
    begun: Begun,
    route: &'static Route,
    status: u16,
    ended: SystemTime,
    took: Duration,
    request_id: String,
}

/// Sends spans to a collector from now on, for as long as the process runs.
pub fn start(endpoint: &str) {
    let (sender, receiver) = channel(QUEUE);
    if QUEUED.set(sender).is_ok() {
        let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        drop(tokio::spawn(send_all(receiver, url)));
    }
}

/// Begins a span if somebody collects them, and whoever asks has not said that this one is of no interest.
pub(super) fn begin(headers: &HeaderMap) -> Option<Begun> {
    // Perf: this is all there is while nobody collects.
    QUEUED.get()?;
    match headers.get("traceparent").map(parent) {
        Some(Some((_, _, false))) => None,
        Some(Some((trace, parent, true))) => Some(Begun {
            trace,
            parent: Some(parent),
        }),
        None | Some(None) => Some(Begun {
            trace: ids::random_bytes(),
            parent: None,
        }),
    }
}

/// Ends a span with its answer.
pub(super) fn end(begun: Begun, route: &'static Route, response: &Response, took: Duration) {
    let Some(queue) = QUEUED.get() else {
        return;
    };
    let request_id = response.headers().get(&REQUEST_ID);
    let request_id = request_id.and_then(|value| value.to_str().ok());
    // A full queue means that the collector does not keep up: nobody waits for it.
    drop(queue.try_send(Span {
        begun,
        route,
        status: response.status().as_u16(),
        ended: SystemTime::now(),
        took,
        request_id: request_id.unwrap_or_default().to_owned(),
    }));
}

/// Trace, parent and whether it is sampled, of `00-4bf9…-00f0…-01`.
fn parent(value: &HeaderValue) -> Option<([u8; 16], [u8; 8], bool)> {
    let mut parts = value.to_str().ok()?.trim().split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let trace: [u8; 16] = bytes(trace)?;
    let parent: [u8; 8] = bytes(parent)?;
    let [flags] = bytes::<1>(flags)?;
    let is_known = bytes::<1>(version)? != [0xff] && trace != [0; 16] && parent != [0; 8];
    is_known.then_some((trace, parent, flags & 1 == 1))
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    for (place, at) in out.iter_mut().zip((0..text.len()).step_by(2)) {
        *place = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(out)
}

async fn send_all(mut spans: Receiver<Span>, url: String) {
    let client = fetch::Client::default();
    let mut complained: Option<Instant> = None;
    loop {
        let mut batch = Vec::new();
        let Some(first) = spans.recv().await else {
            return;
        };
        batch.push(first);
        let collecting = async {
            while batch.len() < BATCH
                && let Some(span) = spans.recv().await
            {
                batch.push(span);
            }
        };
        // Over when there are enough, or none came for long enough.
        drop(timeout(COLLECT, collecting).await);
        if let Err(problem) = send(&client, &url, &batch).await
            && complained.is_none_or(|at| at.elapsed() > COMPLAIN)
        {
            tracing::warn!(problem, "traces cannot be sent");
            complained = Some(Instant::now());
        }
    }
}

async fn send(client: &fetch::Client, url: &str, batch: &[Span]) -> Result<(), String> {
    let body = document(batch).to_string();
    let mut request = fetch::request(Method::POST, url, body).map_err(|error| error.to_string())?;
    request.headers_mut().insert(CONTENT_TYPE, JSON);
    let answer = client
        .fetch(request, &LIMITS)
        .await
        .map_err(|error| error.to_string())?;
    if answer.status.is_success() {
        Ok(())
    } else {
        Err(format!("the collector answers {}", answer.status.as_u16()))
    }
}

fn document(batch: &[Span]) -> Json {
    let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let spans: Vec<Json> = batch
        .iter()
        .map(|span| {
            let (method, route) = (span.route.method.as_str(), span.route.path);
            let began = span.ended.checked_sub(span.took).unwrap_or(span.ended);
            let mut told = json!({
                "traceId": hex(&span.begun.trace),
                "spanId": hex(&ids::random_bytes::<8>()),
                "name": format!("{method} {route}"),
                "kind": 2,
                "startTimeUnixNano": nanoseconds(began),
                "endTimeUnixNano": nanoseconds(span.ended),
                "attributes": [
                    text("http.request.method", method),
                    text("http.route", route),
                    {"key": "http.response.status_code", "value": {"intValue": span.status.to_string()}},
                    text("stead.request_id", &span.request_id),
                ],
                "status": {"code": if span.status >= 500 { 2 } else { 0 }},
            });
            if let (Some(parent), Some(told)) = (span.begun.parent, told.as_object_mut()) {
                told.insert("parentSpanId".to_owned(), hex(&parent).into());
            }
            told
        })
        .collect();
    let version = env!("CARGO_PKG_VERSION");
    json!({"resourceSpans": [{
        "resource": {"attributes": [text("service.name", "stead"), text("service.version", version)]},
        "scopeSpans": [{"scope": {"name": "stead", "version": version}, "spans": spans}],
    }]})
}

fn nanoseconds(moment: SystemTime) -> String {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_nanos().to_string()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::parent;

    #[test]
    fn only_whole_parents_count() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let told = |text: String| {
            let found = parent(&HeaderValue::from_str(&text).unwrap());
            found.map(|(_, parent, is_sampled)| (parent[7], is_sampled))
        };
        for (flags, is_sampled) in [("01", true), ("00", false), ("03", true)] {
            let text = format!("00-{trace}-00f067aa0ba902b7-{flags}");
            assert_eq!(told(text), Some((0xb7, is_sampled)));
        }
        for text in [
            String::new(),
            format!("00-{trace}-00f067aa0ba902b7"),
            format!("ff-{trace}-00f067aa0ba902b7-01"),
            format!("00-{trace}-0000000000000000-01"),
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01".to_owned(),
            format!("00-{trace}x-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", "zz".repeat(16)),
        ] {
            assert_eq!(told(text.clone()), None, "{text}");
        }
    }
}
