//! The client: connections are kept and reused, every wait has an end.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderValue, LOCATION, USER_AGENT,
};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use percent_encoding::percent_decode_str;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use url::Url;

use crate::fetch::error::{Error, Result};
use crate::fetch::reach::{Reach, Resolver};
use crate::fetch::tls;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an unused connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Unused connections kept per server.
const MAX_IDLE: usize = 16;
/// Largest head of an answer, in bytes.
const MAX_HEAD: usize = 64 << 10;

const AGENT: HeaderValue = HeaderValue::from_static(concat!("stead/", env!("CARGO_PKG_VERSION")));

/// The body of a request: a text at hand or a stream.
pub type Body = BoxBody<Bytes, std::io::Error>;

/// An answer whose body is still to be read.
pub type Streamed = Response<Incoming>;

type Connections = legacy::Client<HttpsConnector<HttpConnector<Resolver>>, Body>;

/// Sends requests to other servers; clones share the connections.
#[derive(Clone, Default)]
pub struct Client(Arc<OnceCell<Both>>);

/// One set of connections per reach, so that a kept connection never serves a request that may not use it.
struct Both {
    anywhere: Connections,
    public: Connections,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

/// What an exchange may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the start to the last byte, redirects included.
    pub time: Duration,
    /// Longest body of an answer.
    pub bytes: usize,
    /// How often an answer to a GET may lead on. Without any, redirects are answers like others.
    pub redirects: usize,
    /// Where the request may go.
    pub reach: Reach,
}

/// A complete answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A body at hand.
pub fn full_body(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed()
}

/// A request without headers, unless the address names an account; the address is checked when it is sent.
pub fn request(method: Method, url: &str, body: impl Into<Bytes>) -> Result<Request<Bytes>> {
    let url = parse(url)?;
    let mut request = Request::new(body.into());
    *request.method_mut() = method;
    *request.uri_mut() = url.as_str().parse().map_err(|_| Error::InvalidUrl)?;
    if let Some(account) = account(&url)? {
        request.headers_mut().insert(AUTHORIZATION, account);
    }
    Ok(request)
}

/// Name and password of an address such as `https://name:password@example.com/` as a header.
fn account(url: &Url) -> Result<Option<HeaderValue>> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let mut pair: Vec<u8> = percent_decode_str(url.username()).collect();
    pair.push(b':');
    pair.extend(percent_decode_str(url.password().unwrap_or_default()));
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair)))
        .map_err(|_| Error::InvalidUrl)?;
    value.set_sensitive(true);
    Ok(Some(value))
}

impl Client {
    /// Sends a request and reads the whole answer, whatever its status.
    pub async fn fetch(&self, request: Request<Bytes>, limits: &Limits) -> Result<Answer> {
        timeout(limits.time, self.follow(request, limits))
            .await
            .unwrap_or(Err(Error::TimedOut))
    }

    /// Sends one request and gives the answer as soon as its head is there. The caller limits time and size.
    pub async fn open(&self, mut request: Request<Body>, reach: Reach) -> Result<Streamed> {
        reach.check(&parse(&request.uri().to_string())?)?;
        request.headers_mut().entry(USER_AGENT).or_insert(AGENT);
        let connections = self.connections().await?;
        let client = match reach {
            Reach::Anywhere => &connections.anywhere,
            Reach::Public => &connections.public,
        };
        client
            .request(request)
            .await
            .map_err(|error| Error::from_cause(&error))
    }

    async fn follow(&self, request: Request<Bytes>, limits: &Limits) -> Result<Answer> {
        let (mut parts, body) = request.into_parts();
        let mut redirects = limits.redirects;
        loop {
            let mut request = Request::new(full_body(body.clone()));
            *request.method_mut() = parts.method.clone();
            *request.uri_mut() = parts.uri.clone();
            *request.headers_mut() = parts.headers.clone();
            let response = self.open(request, limits.reach).await?;
            let target = match response.headers().get(LOCATION) {
                Some(target)
                    if response.status().is_redirection()
                        && parts.method == Method::GET
                        && limits.redirects > 0 =>
                {
                    target.to_str().map_err(|_| Error::InvalidUrl)?
                }
                _ => return complete(response, limits.bytes).await,
            };
            redirects = redirects.checked_sub(1).ok_or(Error::TooManyRedirects)?;
            let from = parse(&parts.uri.to_string())?;
            let to = from.join(target).map_err(|_| Error::InvalidUrl)?;
            check_scheme(&to)?;
            if from.origin() != to.origin() {
                for name in [AUTHORIZATION, COOKIE, CONTENT_TYPE, CONTENT_LENGTH] {
                    parts.headers.remove(name);
                }
            }
            parts.uri = to.as_str().parse().map_err(|_| Error::InvalidUrl)?;
        }
    }

    async fn connections(&self) -> Result<&Both> {
        self.0
            .get_or_try_init(|| async {
                // Reading the system's certificates takes a while.
                let config = tokio::task::spawn_blocking(tls::config)
                    .await
                    .map_err(|error| Error::from_cause(&error))??;
                let build = |reach| {
                    let mut tcp = HttpConnector::new_with_resolver(Resolver(reach));
                    tcp.enforce_http(false);
                    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
                    tcp.set_nodelay(true);
                    let connector = HttpsConnectorBuilder::new()
                        .with_tls_config(config.clone())
                        .https_or_http()
                        .enable_http1()
                        .wrap_connector(tcp);
                    legacy::Client::builder(TokioExecutor::new())
                        .pool_timer(TokioTimer::new())
                        .pool_idle_timeout(IDLE_TIMEOUT)
                        .pool_max_idle_per_host(MAX_IDLE)
                        .http1_max_buf_size(MAX_HEAD)
                        .build(connector)
                };
                Ok(Both {
                    anywhere: build(Reach::Anywhere),
                    public: build(Reach::Public),
                })
            })
            .await
    }
}

async fn complete(response: Streamed, limit: usize) -> Result<Answer> {
    let (parts, mut body) = response.into_parts();
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Error::from_cause(&error))?;
        if let Ok(data) = frame.into_data() {
            if bytes.len().saturating_add(data.len()) > limit {
                return Err(Error::TooLarge);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(Answer {
        status: parts.status,
        headers: parts.headers,
        body: bytes.freeze(),
    })
}

fn parse(url: &str) -> Result<Url> {
    let url = Url::parse(url).map_err(|_| Error::InvalidUrl)?;
    check_scheme(&url)?;
    Ok(url)
}

fn check_scheme(url: &Url) -> Result<()> {
    if matches!(url.scheme(), "http" | "https") {
        Ok(())
    } else {
        Err(Error::InvalidUrl)
    }
}
