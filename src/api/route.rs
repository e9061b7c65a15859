//! What a row of the route table says.

use axum::http::Method;
use futures_util::future::BoxFuture;

use crate::api::access::Access;
use crate::api::answer::Response;
use crate::api::call::Call;
use crate::base::error::Result;

type Handler = fn(Call) -> BoxFuture<'static, Result<Response>>;

/// How large a request body may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// 32 MiB.
    Default,
    /// What the collection's fields or the settings ask for; the handler finds out before it reads.
    Dynamic,
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Route {
    pub method: Method,
    /// Path pattern; `{name}` is one segment.
    pub path: &'static str,
    pub access: Access,
    pub limit: Limit,
    /// Whether requests that went well are logged; those that did not always are.
    pub(super) logged: bool,
    pub(super) handler: Handler,
}

/// A row with what most rows have.
pub(super) const fn route(
    method: Method,
    path: &'static str,
    access: Access,
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        access,
        limit: Limit::Default,
        logged: true,
        handler,
    }
}

impl Route {
    pub(super) const fn dynamic(mut self) -> Self {
        self.limit = Limit::Dynamic;
        self
    }

    pub(super) const fn unlogged(mut self) -> Self {
        self.logged = false;
        self
    }
}
