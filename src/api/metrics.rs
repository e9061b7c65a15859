//! The page with all metrics.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;

use crate::api::answer::Response;
use crate::api::counts;
use crate::app::{App, metrics};
use crate::base::metrics::Page;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// `GET /api/stead/metrics`
pub fn show(app: &App) -> Response {
    let mut page = Page::default();
    counts::write(&mut page);
    metrics::write(app, &mut page);
    let mut response = Response::new(Body::from(page.into_text()));
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    response
}
