//! `/api/realtime`: the stream of events, and what it is subscribed to.

use std::collections::HashMap;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use serde_json::{Map, Value as Json};

use crate::api::answer::{self, Response};
use crate::api::body::Submitted;
use crate::api::call::Call;
use crate::api::form;
use crate::api::reading::{DEFAULT_LIMIT, Unreadable};
use crate::app::realtime::{self, Subscribe};
use crate::base::error::{Error, Result};
use crate::realtime::Resume;

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NO: HeaderValue = HeaderValue::from_static("no");
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
const LAST_EVENT_ID: &str = "last-event-id";

/// `GET /api/realtime`
pub(super) async fn connect(call: Call) -> Result<Response> {
    let (resume, hangup) = (resume(&call), call.hangup().clone());
    let events = realtime::connect(&call.app, &call.ctx, resume, hangup).await?;
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, EVENT_STREAM);
    headers.insert(CACHE_CONTROL, NO_STORE);
    // Proxies that would collect the events into larger pieces are asked not to.
    headers.insert(ACCEL_BUFFERING, NO);
    Ok(response)
}

/// `POST /api/realtime`
pub(super) async fn subscribe(mut call: Call) -> Result<Response> {
    let submitted = call.read(DEFAULT_LIMIT).await;
    let submitted = submitted.map_err(|reason| match reason {
        Unreadable::UnsupportedType => Error::BadRequest(None),
        other => other.plain(),
    })?;
    let form = read_form(submitted).ok_or(Error::BadRequest(None))?;
    let (ip, token) = (call.ctx.request.ip, call.token());
    realtime::subscribe(&call.app, &call.ctx, ip, token, form).await?;
    Ok(answer::no_content())
}

/// What the client saw last: an `EventSource` that reconnects says it by itself, others in the address.
fn resume(call: &Call) -> Resume {
    let last = call.headers.get(LAST_EVENT_ID);
    let last = last.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let asked = call.ctx.request.query_param("since");
    Resume {
        numbered: last.is_some() || asked.is_some(),
        since: last.or_else(|| asked?.trim().parse().ok()),
    }
}

fn read_form(submitted: Submitted) -> Option<Subscribe> {
    match submitted {
        Submitted::Nothing | Submitted::Json(Json::Null) => Some(Subscribe::default()),
        Submitted::Json(Json::Object(members)) => read_members(members),
        Submitted::Json(_) => None,
        Submitted::Form { pairs, .. } => {
            let payloads = form::payloads(&pairs)?;
            let mut members = Map::new();
            let mut subscriptions = Vec::new();
            for (key, value) in pairs {
                match key.as_str() {
                    "clientId" if !members.contains_key(&key) => {
                        members.insert(key, Json::String(value));
                    }
                    "subscriptions" => subscriptions.push(Json::String(value)),
                    _ => {}
                }
            }
            members.insert("subscriptions".to_owned(), Json::Array(subscriptions));
            for mut payload in payloads {
                // As they are spelled: names in other letter case would stand beside those of the form.
                for name in ["clientId", "subscriptions", "since"] {
                    members.extend(payload.remove_entry(name));
                }
            }
            read_members(members)
        }
    }
}

/// Reads a JSON object as the contract does: names in any case, null for nothing.
fn read_members(members: Map<String, Json>) -> Option<Subscribe> {
    let mut form = Subscribe::default();
    let mut since = None;
    for (key, value) in members {
        match (key.to_ascii_lowercase().as_str(), value) {
            ("clientid" | "subscriptions", Json::Null) => {}
            ("clientid", Json::String(id)) => form.client_id = id,
            ("subscriptions", Json::Array(items)) => {
                for item in items {
                    form.subscriptions.push(match item {
                        Json::String(text) => text,
                        Json::Null => String::new(),
                        _ => return None,
                    });
                }
            }
            ("clientid" | "subscriptions", _) => return None,
            ("since", value) => since = Some(value),
            _ => {}
        }
    }
    form.since = since.map_or_else(HashMap::new, |since| {
        read_since(&since, &form.subscriptions)
    });
    Some(form)
}

/// One number for all subscriptions, or an object with one for each. What is no number asks for numbers from now on.
fn read_since(since: &Json, subscriptions: &[String]) -> HashMap<String, Option<i64>> {
    let pairs = subscriptions.iter().filter_map(|subscription| {
        let seen = match since {
            Json::Object(members) => members.get(subscription)?,
            other => other,
        };
        let seen = match seen {
            Json::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        };
        Some((subscription.clone(), seen))
    });
    pairs.collect()
}
