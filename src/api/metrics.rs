//! How many requests each route of the table answered, with what and how fast; and the page with all metrics.

use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method, Request, StatusCode};
use axum::routing::any;

use crate::api::answer::Response;
use crate::api::edge::Edge;
use crate::api::routes::ROUTES;
use crate::api::{Cors, error};
use crate::app::{App, metrics};
use crate::base::error::Error;
use crate::base::metrics::{Counter, Histogram, Kind, Page};

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Statuses that are counted by themselves; others are counted together.
const STATUSES: [u16; 18] = [
    200, 201, 204, 206, 302, 304, 307, 400, 401, 403, 404, 409, 413, 416, 429, 500, 502, 503,
];

/// What is counted of a route.
#[derive(Debug)]
struct Counts {
    statuses: [Counter; STATUSES.len()],
    other: Counter,
    times: Histogram,
}

/// One per row of the table, in its order.
static COUNTS: LazyLock<Vec<Counts>> = LazyLock::new(|| {
    let counts = || Counts {
        statuses: Default::default(),
        other: Counter::new(),
        times: Histogram::of_times(),
    };
    ROUTES.iter().map(|_| counts()).collect()
});

/// Requests to no route of the table: static files and what is nowhere.
static ELSEWHERE: Counter = Counter::new();

/// Counts an answer of a route.
pub(super) fn answered(route: usize, status: StatusCode, time: Duration) {
    let Some(counts) = COUNTS.get(route) else {
        return;
    };
    let found = STATUSES.iter().position(|one| *one == status.as_u16());
    let counter = found.and_then(|at| counts.statuses.get(at));
    counter.unwrap_or(&counts.other).count();
    counts.times.took(time);
}

/// Counts a request to no route of the table.
pub fn elsewhere() {
    ELSEWHERE.count();
}

/// `GET /api/stead/metrics`
pub(super) fn show(app: &App) -> Response {
    let mut page = Page::default();
    requests(&mut page);
    metrics::write(app, &mut page);
    let mut response = Response::new(Body::from(page.into_text()));
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    response
}

/// What answers `/metrics` on an address of its own, to everybody who gets there.
pub fn edge(app: &App) -> Edge {
    let app = app.clone();
    let page = move |request: Request<Body>| {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        std::future::ready(if is_read {
            show(&app)
        } else {
            error::respond(&Error::NotFound(None))
        })
    };
    Edge::new(Router::new().route("/metrics", any(page)), Cors::new(&[]))
}

fn requests(page: &mut Page) {
    let name = "stead_requests_total";
    page.family(name, Kind::Counter, "Requests by route and status.");
    let mut labels = String::new();
    for (route, counts) in ROUTES.iter().zip(COUNTS.iter()) {
        let mut line = |status: &dyn std::fmt::Display, counter: &Counter| {
            if counter.get() == 0 {
                return;
            }
            labels.clear();
            let (method, path) = (&route.method, route.path);
            let written = write!(
                labels,
                "method=\"{method}\",route=\"{path}\",status=\"{status}\""
            );
            if written.is_ok() {
                page.value(name, &labels, counter.get());
            }
        };
        for (status, counter) in STATUSES.iter().zip(&counts.statuses) {
            line(status, counter);
        }
        line(&"other", &counts.other);
    }
    page.value(name, "route=\"elsewhere\"", ELSEWHERE.get());
    let name = "stead_request_seconds";
    page.family(
        name,
        Kind::Histogram,
        "Time until an answer begins, by route.",
    );
    for (route, counts) in ROUTES.iter().zip(COUNTS.iter()) {
        if !counts.times.is_empty() {
            let labels = format!("method=\"{}\",route=\"{}\"", route.method, route.path);
            page.histogram(name, &labels, &counts.times);
        }
    }
}
