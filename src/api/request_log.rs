//! A log entry per request: who asked for what, and what came of it.
//!
//! Bodies and headers with secrets are never logged, and tokens in addresses are masked.

use std::net::IpAddr;
use std::time::Instant;

use axum::body::Body;
use axum::http::header::{REFERER, USER_AGENT};
use axum::http::{HeaderValue, Method, Request, Uri};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};

use crate::api::answer::Response;
use crate::api::call::{Line, token};
use crate::api::request_id::{self, REQUEST_ID};
use crate::api::{error, remote};
use crate::app::{App, auth};
use crate::base::error::Error;
use crate::base::time::Timestamp;
use crate::ctx::{AuthRecord, Ctx, Principal};
use crate::logs::{Entry, Level};

/// Longest texts, in characters.
const MAX_URL: usize = 3000;
const MAX_HEADER: usize = 2000;

const MASK: &str = "***";

/// What has to be remembered of a request until it is answered. Cheap to make: everything in it is shared.
#[derive(Debug)]
pub(super) struct RequestLog {
    began: Instant,
    method: Method,
    uri: Uri,
    referer: Option<HeaderValue>,
    user_agent: Option<HeaderValue>,
    peer: IpAddr,
    caller: Option<CallerInfo>,
    /// The name a proxy gave the request.
    id: Option<HeaderValue>,
}

#[derive(Debug)]
struct CallerInfo {
    ip: Option<IpAddr>,
    collection: String,
    id: String,
}

impl CallerInfo {
    fn of(ip: Option<IpAddr>, auth: Option<&AuthRecord>) -> Self {
        Self {
            ip,
            collection: auth.map_or_else(String::new, |auth| auth.collection_name.clone()),
            id: auth.map_or_else(String::new, |auth| auth.id.clone()),
        }
    }
}

impl RequestLog {
    /// Nothing while nothing is logged.
    pub(super) fn begin(app: &App, request: &Request<Body>, line: &Line) -> Option<Self> {
        // Perf: this and `end` are all that a request pays, and most of it only when it is really logged.
        app.logs().is_on().then(|| Self {
            began: Instant::now(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            referer: request.headers().get(REFERER).cloned(),
            user_agent: request.headers().get(USER_AGENT).cloned(),
            peer: line.peer,
            caller: None,
            id: request_id::taken(request.headers()),
        })
    }

    /// Remembers who asks.
    pub(super) fn caller(&mut self, ctx: &Ctx) {
        self.caller = Some(CallerInfo::of(ctx.request.ip, ctx.auth()));
    }

    /// Logs a request that was served.
    pub(super) fn served(self, app: &App, response: &mut Response) {
        if app.logs().admits(Level::Info) {
            self.write(app, Level::Info, response, None);
        }
    }

    /// Logs a request that was refused, or failed.
    pub(super) fn failed(self, app: &App, response: &mut Response, error: &Error) {
        if let Error::Answered(answer) = error.told()
            && answer.status < 400
        {
            // A handler that answers itself has served it.
            return self.served(app, response);
        }
        if app.logs().admits(Level::Error) {
            self.write(app, Level::Error, response, Some(error));
        }
    }

    fn write(mut self, app: &App, level: Level, response: &mut Response, error: Option<&Error>) {
        request_id::put(response, self.id.take());
        let options = app.logs().options();
        let target = masked(target(&self.uri));
        let mut data = Map::new();
        let mut put = |name: &str, value: Json| data.insert(name.to_owned(), value);
        let caller = self.caller.as_ref();
        put(
            "auth",
            caller
                .map_or_else(String::new, |caller| caller.collection.clone())
                .into(),
        );
        let id = caller.map_or("", |caller| caller.id.as_str());
        if options.log_auth_id && !id.is_empty() {
            put("authId", id.into());
        }
        if let Some(error) = error {
            let wire = error.to_wire();
            put("error", wire.message.into());
            put("details", details(error));
        }
        let milliseconds = self.began.elapsed().as_secs_f64() * 1000.0;
        put("execTime", milliseconds.into());
        put("method", self.method.as_str().into());
        let referer = masked(text(self.referer.as_ref()));
        put("referer", cut(&referer, MAX_HEADER).into());
        if options.log_ip {
            let ip = |ip: Option<IpAddr>| ip.map(|ip| ip.to_string()).unwrap_or_default();
            put("remoteIP", self.peer.to_string().into());
            put(
                "userIP",
                ip(caller.map_or(Some(self.peer), |caller| caller.ip)).into(),
            );
        }
        if let Some(id) = response.headers().get(&REQUEST_ID) {
            put("requestId", text(Some(id)).into());
        }
        put("status", response.status().as_u16().into());
        put("type", "request".into());
        put("url", cut(&target, MAX_URL).into());
        put(
            "userAgent",
            cut(text(self.user_agent.as_ref()), MAX_HEADER).into(),
        );
        let shown = percent_decode_str(&target).decode_utf8_lossy();
        app.logs().write(Entry {
            level,
            message: format!("{} {shown}", self.method),
            data,
            created: Timestamp::now(),
        });
    }
}

/// Answers a request to no route of the table with an error, and logs that.
pub fn refuse(app: &App, request: &Request<Body>, error: &Error) -> axum::http::Response<Body> {
    match request.extensions().get::<Line>() {
        Some(line) => refuse_of(app, request, line, error),
        None => error::respond(error),
    }
}

/// The same for a request whose connection is known.
pub(super) fn refuse_of(
    app: &App,
    request: &Request<Body>,
    line: &Line,
    error: &Error,
) -> Response {
    let mut response = error::respond(error);
    if let Some(mut log) = RequestLog::begin(app, request, line) {
        let trusted = &app.settings().trusted_proxy;
        let ip = remote::real_ip(Some(line.peer), request.headers(), trusted);
        // Nothing depends on it here, so a database that cannot tell makes it a guest.
        let principal = token(request.headers())
            .and_then(|token| auth::authenticate(app, token, Timestamp::now()).ok());
        let auth = principal.as_ref().and_then(Principal::auth);
        log.caller = Some(CallerInfo::of(ip, auth));
        log.failed(app, &mut response, error);
    }
    response
}

/// What is known about an error beyond its message.
fn details(error: &Error) -> Json {
    match error {
        Error::Because(_) => error.reason().into(),
        Error::Invalid { issues, .. } => messages(&issues.to_json()),
        Error::Internal(fault) | Error::Disk { fault, .. } => fault.to_string().into(),
        Error::Wire { data, .. } => messages(data),
        _ => Json::Null,
    }
}

/// The messages of issues by name. One that holds the answer to a part of the request is kept as it is: the answer
/// names the cause.
fn messages(issues: &Json) -> Json {
    match issues {
        Json::Object(members) if members.contains_key("response") => issues.clone(),
        Json::Object(members) => match members.get("message") {
            Some(Json::String(message)) => message.as_str().into(),
            _ => members
                .iter()
                .map(|(name, issue)| (name.clone(), messages(issue)))
                .collect::<Map<_, _>>()
                .into(),
        },
        other => other.clone(),
    }
}

/// Path and query of an address.
fn target(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |target| target.as_str())
}

/// An address with the values of parameters that are secrets masked.
fn masked(address: &str) -> String {
    let Some((path, query)) = address.split_once('?') else {
        return address.to_owned();
    };
    let parameters: Vec<String> = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, value)) if !value.is_empty() && is_secret(name) => format!("{name}={MASK}"),
            _ => parameter.to_owned(),
        })
        .collect();
    format!("{path}?{}", parameters.join("&"))
}

fn is_secret(name: &str) -> bool {
    let name = percent_decode_str(name)
        .decode_utf8_lossy()
        .to_ascii_lowercase();
    matches!(
        name.as_str(),
        "token" | "code" | "state" | "password" | "secret"
    )
}

fn text(value: Option<&HeaderValue>) -> &str {
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// At most so many characters, with a mark when something is missing.
fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{cut, masked, messages};

    #[test]
    fn secrets_in_addresses_are_masked() {
        for (target, expect) in [
            ("/a", "/a"),
            ("/a?x=1&token=abc&y", "/a?x=1&token=***&y"),
            (
                "/a?Token=abc&%74oken=x&token=",
                "/a?Token=***&%74oken=***&token=",
            ),
            ("/a?code=1&state=2", "/a?code=***&state=***"),
            (
                "http://x/?token=a?b&password=p",
                "http://x/?token=***&password=***",
            ),
            ("", ""),
        ] {
            assert_eq!(masked(target), expect);
        }
    }

    #[test]
    fn texts_are_cut() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("äbcd", 3), "äbc...");
    }

    #[test]
    fn issues_are_reduced_to_their_messages() {
        let issues = json!({"a": {"code": "x", "message": "Bad."}, "b": {"0": {"code": "y", "message": "Worse."}}});
        assert_eq!(
            messages(&issues),
            json!({"a": "Bad.", "b": {"0": "Worse."}})
        );
        let item = json!({"code": "x", "message": "Failed.", "response": {"data": {"t": {"code": "y", "message": "Bad."}}, "message": "Z.", "status": 400}});
        let issues = json!({"requests": {"3": item}});
        assert_eq!(messages(&issues), issues);
    }
}
