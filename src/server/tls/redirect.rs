//! Requests that belong elsewhere: from HTTP to HTTPS, and from `www.` to the name itself.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HOST, LOCATION};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};

use crate::api::Divert;
use crate::server::tls::Certificates;

const CHALLENGE: &str = "/.well-known/acme-challenge/";
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// The port that addresses need not name.
const HTTPS_PORT: u16 = 443;

/// The names of a server.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// What the operator said, the first being the server's own.
    pub own: Vec<String>,
    /// `www.` before each of them, where that is no name of its own.
    pub www: Vec<String>,
}

impl Names {
    /// Adds to each name its twin.
    pub fn new(own: Vec<String>) -> Self {
        let twins = own.iter().filter(|name| !name.starts_with("www."));
        let www = twins
            .map(|name| format!("www.{name}"))
            .filter(|twin| !own.contains(twin))
            .collect();
        Self { own, www }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.own.iter().chain(&self.www)
    }
}

/// Sends requests for a `www.` that was not asked for to the name itself.
pub fn to_bare_name(names: Names) -> Divert {
    Divert::new(move |request| {
        let (host, port) = host(request)?;
        if !names.www.contains(&host) {
            return None;
        }
        let bare = host.strip_prefix("www.")?;
        let bare = match port {
            Some(port) => format!("{bare}:{port}"),
            None => bare.to_owned(),
        };
        Some(moved(request, &bare))
    })
}

/// Answers challenges and sends everything else to the encrypted address.
pub fn to_https(names: Names, certificates: Arc<Certificates>, port: u16) -> Divert {
    Divert::new(move |request| {
        if let Some(token) = request.uri().path().strip_prefix(CHALLENGE) {
            return Some(match certificates.token(token) {
                Some(answer) => text(StatusCode::OK, answer),
                None => text(StatusCode::NOT_FOUND, "there is no such challenge"),
            });
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            // What was sent has been read on the way already; it had better not be sent again without a thought.
            return Some(text(StatusCode::BAD_REQUEST, "Use HTTPS"));
        }
        let asked = host(request).map(|(host, _)| host);
        let known = |host: &String| names.own.is_empty() || names.all().any(|name| name == host);
        let Some(host) = asked.filter(known).or_else(|| names.own.first().cloned()) else {
            return Some(text(StatusCode::BAD_REQUEST, "Use HTTPS"));
        };
        let host = match port {
            HTTPS_PORT => host,
            port => format!("{host}:{port}"),
        };
        Some(moved(request, &host))
    })
}

fn moved(request: &Request<Body>, host: &str) -> Response<Body> {
    let target = request.uri().path_and_query();
    let target = target.map_or("/", |target| target.as_str());
    let Ok(location) = HeaderValue::from_str(&format!("https://{host}{target}")) else {
        return text(StatusCode::BAD_REQUEST, "Use HTTPS");
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    response.headers_mut().insert(LOCATION, location);
    response
}

fn text(status: StatusCode, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, PLAIN);
    response
}

/// The host a client asks for, in small letters, and its port; nothing when that is no host.
fn host(request: &Request<Body>) -> Option<(String, Option<u16>)> {
    let named = request.headers().get(HOST)?.to_str().ok()?;
    let authority: axum::http::uri::Authority = named.parse().ok()?;
    let has_user = authority.as_str().contains('@');
    (!has_user && !authority.host().is_empty())
        .then(|| (authority.host().to_ascii_lowercase(), authority.port_u16()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::Body;
    use axum::http::Request;

    use super::{Names, to_bare_name, to_https};
    use crate::api::Divert;

    fn go(divert: &Divert, method: &str, host: &str, target: &str) -> String {
        let request = Request::builder().method(method).uri(target);
        let request = request.header("host", host).body(Body::empty()).unwrap();
        let Some(response) = divert.of(&request) else {
            return "-".to_owned();
        };
        let location = response.headers().get("location");
        let location = location.map_or("", |value| value.to_str().unwrap());
        format!("{} {location}", response.status().as_u16())
    }

    fn names(own: &[&str]) -> Names {
        Names::new(own.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn twins_lead_to_the_bare_name() {
        let divert = to_bare_name(names(&["a.com", "b.com", "www.b.com", "www.c.com"]));
        for (host, expect) in [
            ("www.a.com", "307 https://a.com/x?y"),
            ("WWW.A.com:8443", "307 https://a.com:8443/x?y"),
            ("a.com", "-"),
            ("www.b.com", "-"),
            ("www.c.com", "-"),
            ("www.www.c.com", "-"),
            ("", "-"),
        ] {
            assert_eq!(go(&divert, "POST", host, "/x?y"), expect, "{host}");
        }
    }

    #[test]
    fn plain_requests_lead_to_the_encrypted_address() {
        let to = |own: &[&str], port| to_https(names(own), Arc::default(), port);
        for (host, expect) in [
            ("a.com", "307 https://a.com:8443/x?y"),
            ("a.com:80", "307 https://a.com:8443/x?y"),
            ("www.a.com", "307 https://www.a.com:8443/x?y"),
            ("evil.com", "307 https://a.com:8443/x?y"),
            ("u@evil.com", "307 https://a.com:8443/x?y"),
        ] {
            assert_eq!(go(&to(&["a.com"], 8443), "GET", host, "/x?y"), expect);
        }
        assert_eq!(go(&to(&["a.com"], 443), "POST", "a.com", "/"), "400 ");
        assert_eq!(go(&to(&[], 443), "GET", "b.com", "/"), "307 https://b.com/");
        let unknown = format!("{}xyz", super::CHALLENGE);
        assert_eq!(go(&to(&["a.com"], 443), "GET", "a.com", &unknown), "404 ");
    }
}
