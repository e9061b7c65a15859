//! Requests that are answered before anything else looks at them, such as those that belong to another address.

use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};

type Look = dyn Fn(&Request<Body>) -> Option<Response<Body>> + Send + Sync;

/// Answers some requests. Cheap to clone.
#[derive(Clone)]
pub struct Divert(Arc<Look>);

impl Divert {
    /// Wraps a function that gives an answer to what it diverts.
    pub fn new(
        look: impl Fn(&Request<Body>) -> Option<Response<Body>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(look))
    }

    /// The answer, if the request is diverted.
    pub fn of(&self, request: &Request<Body>) -> Option<Response<Body>> {
        (self.0)(request)
    }
}

impl fmt::Debug for Divert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Divert")
    }
}
