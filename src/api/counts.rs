//! How many requests each route of the table answered, with what and how fast.

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

use axum::http::StatusCode;

use crate::api::route::Route;
use crate::base::metrics::{Counter, Histogram, Kind, Page};

/// Statuses that are counted by themselves; others are counted together.
const STATUSES: [u16; 18] = [
    200, 201, 204, 206, 302, 304, 307, 400, 401, 403, 404, 409, 413, 416, 429, 500, 502, 503,
];

/// What is counted of a route.
#[derive(Debug)]
struct Counts {
    route: &'static Route,
    statuses: [Counter; STATUSES.len()],
    other: Counter,
    times: Histogram,
}

/// One per row of the table, in its order.
static COUNTS: OnceLock<Vec<Counts>> = OnceLock::new();

/// Requests to no route of the table: static files and what is nowhere.
static ELSEWHERE: Counter = Counter::new();

/// Counts for the rows of the one table there is from now on.
pub(super) fn follow(table: &'static [Route]) {
    let counts = |route| Counts {
        route,
        statuses: Default::default(),
        other: Counter::new(),
        times: Histogram::of_times(),
    };
    COUNTS.get_or_init(|| table.iter().map(counts).collect());
}

fn counts() -> &'static [Counts] {
    COUNTS.get().map_or(&[], Vec::as_slice)
}

/// Counts an answer of a route.
pub(super) fn answered(route: usize, status: StatusCode, time: Duration) {
    let Some(counts) = counts().get(route) else {
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

/// Writes what was counted.
pub(super) fn write(page: &mut Page) {
    let name = "stead_requests_total";
    page.family(name, Kind::Counter, "Requests by route and status.");
    let mut labels = String::new();
    for counts in counts() {
        let mut line = |status: &dyn std::fmt::Display, counter: &Counter| {
            if counter.get() == 0 {
                return;
            }
            labels.clear();
            let (method, path) = (&counts.route.method, counts.route.path);
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
    for counts in counts() {
        if !counts.times.is_empty() {
            let (method, path) = (&counts.route.method, counts.route.path);
            let labels = format!("method=\"{method}\",route=\"{path}\"");
            page.histogram(name, &labels, &counts.times);
        }
    }
}
