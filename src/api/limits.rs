//! What requests are called by rate limit rules, and asking the limits.

use axum::body::Body;
use axum::http::{Method, Request};

use crate::api::answer::Response;
use crate::api::call::{self, Call, Line};
use crate::api::route::Route;
use crate::api::{remote, request_log};
use crate::app::{App, auth, limits};
use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::ctx::Principal;
use crate::limits::{Action, Request as Counted};

/// Refuses a request to a route of the table that the limits do not allow.
pub(super) fn check(route: &Route, call: &Call) -> Result<()> {
    // Perf: nothing else happens here while nothing is limited.
    if call.app.limits().is_idle() {
        return Ok(());
    }
    let ctx = &call.ctx;
    limits::check_origin(&call.app, &ctx.principal, ctx.request.ip)?;
    let snapshot = call.app.snapshot();
    let tags = tags(&route.method, route.path);
    let entry = snapshot.collection(call.param("collection"));
    let action = match (tags, entry) {
        ([], _) => None,
        // The handler says that there is no such collection.
        (_, None) => return Ok(()),
        (tags, Some(entry)) => Some(Action {
            collection_id: &entry.id,
            collection_name: &entry.name,
            route: route.path,
            tags,
        }),
    };
    let request = Counted {
        principal: &ctx.principal,
        ip: ctx.request.ip,
        method: &ctx.request.method,
        path: call.path(),
        action,
    };
    limits::count(&call.app, &request)
}

/// The refusal of a request to no route of the table: static files, the admin UI, unknown paths.
pub fn refusal(app: &App, request: &Request<Body>) -> Option<axum::http::Response<Body>> {
    refusal_of(app, request, request.extensions().get::<Line>()?)
}

/// The same for a request whose connection is known.
pub(super) fn refusal_of(app: &App, request: &Request<Body>, line: &Line) -> Option<Response> {
    if app.limits().is_idle() {
        return None;
    }
    check_plain(app, request, line)
        .err()
        .map(|error| request_log::refuse_of(app, request, line, &error))
}

fn check_plain(app: &App, request: &Request<Body>, line: &Line) -> Result<()> {
    let principal = match call::token(request.headers()) {
        Some(token) => auth::authenticate(app, token, Timestamp::now())?,
        None => Principal::Guest,
    };
    let trusted = &app.settings().trusted_proxy;
    let ip = remote::real_ip(Some(line.peer), request.headers(), trusted);
    limits::check_origin(app, &principal, ip)?;
    let request = Counted {
        principal: &principal,
        ip,
        method: request.method().as_str(),
        path: request.uri().path(),
        action: None,
    };
    limits::count(app, &request)
}

/// What a route of a collection is called in rules, best name first; other routes have only their path.
fn tags(method: &Method, path: &str) -> &'static [&'static str] {
    if path == "/api/files/{collection}/{record}/{filename}" {
        return &["file"];
    }
    let Some(action) = path.strip_prefix("/api/collections/{collection}/") else {
        return &[];
    };
    match (method.as_str(), action) {
        ("GET", "records") => &["list"],
        ("GET", "records/{id}") => &["view"],
        ("POST", "records") => &["create"],
        ("PATCH", "records/{id}") => &["update"],
        ("DELETE", "records/{id}") => &["delete"],
        (_, "auth-methods") => &["listAuthMethods"],
        (_, "auth-refresh") => &["authRefresh"],
        (_, "auth-with-password") => &["authWithPassword", "auth"],
        (_, "auth-with-oauth2") => &["authWithOAuth2", "auth"],
        (_, "request-otp") => &["requestOTP"],
        (_, "auth-with-otp") => &["authWithOTP", "auth"],
        (_, "request-password-reset") => &["requestPasswordReset"],
        (_, "confirm-password-reset") => &["confirmPasswordReset"],
        (_, "request-verification") => &["requestVerification"],
        (_, "confirm-verification") => &["confirmVerification"],
        (_, "request-email-change") => &["requestEmailChange"],
        (_, "confirm-email-change") => &["confirmEmailChange"],
        _ => &[],
    }
}
