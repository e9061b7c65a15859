//! The page with all metrics on an address of its own.

use std::future::ready;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use axum::routing::any;

use crate::api::{Cors, Edge, metrics, respond};
use crate::app::App;
use crate::base::error::Error;

/// What answers `/metrics` on an address of its own, to everybody who gets there.
pub fn edge(app: &App) -> Edge {
    let app = app.clone();
    let page = move |request: Request<Body>| {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        ready(if is_read {
            metrics::show(&app)
        } else {
            respond(&Error::NotFound(None))
        })
    };
    Edge::new(Router::new().route("/metrics", any(page)), Cors::new(&[]))
}
