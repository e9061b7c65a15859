//! One request on its way to an operation: who asks for what, with the body still unread.

use std::net::IpAddr;

use axum::body::{Body, HttpBody as _};
use axum::extract::{FromRequestParts as _, RawPathParams};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Request, Uri};

use crate::api::body::{self, Budget, Reading, Submitted, Unreadable};
use crate::api::edge::Peer;
use crate::api::{form, remote};
use crate::app::{App, auth};
use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::ctx::{Ctx, Principal, RequestContext, RequestInfo};
use crate::realtime::Hangup;

/// What a handler gets.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) app: App,
    pub(super) ctx: Ctx,
    pub(super) headers: HeaderMap,
    /// Ends the connection.
    pub(super) hangup: Hangup,
    peer: Option<IpAddr>,
    params: Option<RawPathParams>,
    uri: Uri,
    body: Body,
    budget: Budget,
}

impl Call {
    /// Reads everything but the body; finds out who asks.
    pub(super) async fn new(app: App, budget: Budget, request: Request<Body>) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        // There are none for requests that the route table does not know.
        let params = RawPathParams::from_request_parts(&mut parts, &())
            .await
            .ok();
        let now = Timestamp::now();
        let principal = match token(&parts.headers) {
            Some(token) => auth::authenticate(&app, token, now)?,
            None => Principal::Guest,
        };
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
        let request = RequestInfo {
            ip: remote::real_ip(peer, &parts.headers, &app.settings().trusted_proxy),
            peer,
            url: parts
                .uri
                .path_and_query()
                .map_or_else(String::new, |target| target.as_str().to_owned()),
            context: RequestContext::Default,
            method: parts.method.as_str().to_owned(),
            query: form::query(parts.uri.query().unwrap_or_default()),
            headers: shown_headers(&parts.headers),
            ..RequestInfo::default()
        };
        Ok(Self {
            app,
            ctx: Ctx {
                principal,
                request,
                now,
            },
            peer,
            hangup: parts.extensions.remove().unwrap_or_default(),
            headers: parts.headers,
            params,
            uri: parts.uri,
            body,
            budget,
        })
    }

    /// The path as it was asked for.
    pub(super) fn path(&self) -> &str {
        self.uri.path()
    }

    /// A decoded path parameter; `""` when the route has none of that name.
    pub(super) fn param(&self, name: &str) -> &str {
        self.params
            .iter()
            .flatten()
            .find_map(|(key, value)| (key == name).then_some(value))
            .unwrap_or_default()
    }

    /// The token of the `Authorization` header.
    pub(super) fn token(&self) -> Option<&str> {
        token(&self.headers)
    }

    /// Address of the other end of the connection.
    pub(super) const fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    /// The target as it was sent.
    pub(super) const fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The `Content-Type` header, `""` when there is none.
    pub(super) fn content_type(&self) -> &str {
        self.headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The announced length of the body.
    pub(super) fn content_length(&self) -> Option<u64> {
        self.headers
            .get(CONTENT_LENGTH)?
            .to_str()
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    /// Hands the body over as it comes.
    pub(super) fn take_body(&mut self) -> Body {
        std::mem::take(&mut self.body)
    }

    /// Reads the body, at most `limit` bytes of it.
    pub(super) async fn read(&mut self, limit: usize) -> Result<Submitted, Unreadable> {
        if self
            .content_length()
            .is_some_and(|length| length > limit as u64)
        {
            return Err(Unreadable::TooLarge);
        }
        let content_type = self
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let body = std::mem::take(&mut self.body);
        let storage = self.app.storage();
        let how = Reading {
            content_type,
            is_empty: self.content_length() == Some(0) || body.is_end_stream(),
            query: self.uri.query().unwrap_or_default(),
            limit,
            store: &storage,
        };
        body::read(body, &how, &mut self.budget).await
    }
}

/// The token of an `Authorization` header; the word `Bearer` and one space before it are optional.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let token = match value.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer ") => token,
        _ => value,
    };
    Some(token).filter(|token| !token.is_empty())
}

fn shown_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect()
}
