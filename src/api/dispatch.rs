//! From a request to the row of the route table that answers it.
//!
//! Perf: this runs for every request, so there is no stack of services: one search in the table, then the checks, then
//! the handler's future, which is all that is waited for.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::http::{Method, Request};
use futures_util::future::BoxFuture;
use matchit::Router;

use crate::api::access;
use crate::api::answer::Response;
use crate::api::call::{Call, Line};
use crate::api::params::Params;
use crate::api::reading::{BodyPool, DEFAULT_LIMIT};
use crate::api::request_log::{self, RequestLog};
use crate::api::route::{Limit, Route};
use crate::api::routes::ROUTES;
use crate::api::traces::{self, Begun};
use crate::api::{counts, error, limits, scripts, waiting};
use crate::app::App;
use crate::base::error::{Error, Result};
use crate::ctx::Notes;

/// Methods that have a table.
const METHODS: usize = 5;

/// The route table, ready to be searched: numbers of its rows by path.
#[derive(Clone, Debug)]
pub(super) struct Dispatch(Arc<Tables>);

#[derive(Debug)]
struct Tables {
    app: App,
    bodies: BodyPool,
    /// One table per method, so that a path known for one method is simply unknown for another.
    by_method: [Router<usize>; METHODS],
}

/// The place of a method's table.
const fn table_of(method: &Method) -> Option<usize> {
    match *method {
        Method::GET | Method::HEAD => Some(0),
        Method::POST => Some(1),
        Method::PUT => Some(2),
        Method::PATCH => Some(3),
        Method::DELETE => Some(4),
        _ => None,
    }
}

/// The row for a request, with its number and the parameters of the path.
pub(super) struct Row {
    index: usize,
    route: &'static Route,
    params: Params,
}

/// A request on its way.
pub(super) struct Running {
    index: usize,
    route: &'static Route,
    began: Instant,
    log: Option<Box<RequestLog>>,
    span: Option<Box<Begun>>,
    /// What scripts want on the answer.
    notes: Option<Notes>,
    handler: Result<BoxFuture<'static, Result<Response>>>,
}

impl Dispatch {
    pub(super) fn new(app: &App) -> Self {
        counts::follow(ROUTES);
        waiting::allow(app.config().request_memory);
        let mut by_method: [Router<usize>; METHODS] = Default::default();
        for (index, route) in ROUTES.iter().enumerate() {
            let Some(table) = table_of(&route.method).and_then(|at| by_method.get_mut(at)) else {
                continue;
            };
            if let Err(error) = table.insert(route.path, index) {
                // A test finds every row of the table, so this is for whoever adds one.
                tracing::error!(path = route.path, %error, "a route is unreachable");
            }
        }
        Self(Arc::new(Tables {
            app: app.clone(),
            bodies: BodyPool::new(app.config().request_memory),
            by_method,
        }))
    }

    /// The row for a request.
    pub(super) fn find(&self, request: &Request<Body>) -> Option<Row> {
        let table = self.0.by_method.get(table_of(request.method())?)?;
        let found = table.at(request.uri().path()).ok()?;
        let index = *found.value;
        let route = ROUTES.get(index)?;
        Some(Row {
            index,
            route,
            params: Params::decode(route.path, found.params.iter().map(|(_, value)| value)),
        })
    }

    /// Lets a row of the table answer a request.
    pub(super) fn begin(&self, row: Row, request: Request<Body>, line: &Line) -> Running {
        let began = Instant::now();
        let Row {
            index,
            route,
            params,
        } = row;
        let span = traces::begin(request.headers()).map(Box::new);
        let mut log = RequestLog::begin(&self.0.app, &request, line).map(Box::new);
        let notes = self.0.app.events().is_heard().then(|| {
            // Middleware may have left some.
            let left = request.extensions().get::<Notes>();
            left.cloned().unwrap_or_default()
        });
        let checked = self.checked(route, params, request, line, log.as_deref_mut());
        let handler = checked.map(|mut call| {
            if notes.is_some() {
                call.show_target();
                call.ctx.request_mut().notes.clone_from(&notes);
            }
            (route.handler)(call)
        });
        Running {
            index,
            route,
            began,
            log,
            span,
            notes,
            handler,
        }
    }

    /// The answer to a request that was begun.
    pub(super) async fn finish(&self, running: Running) -> Response {
        let Running {
            index,
            route,
            began,
            log,
            span,
            notes,
            handler,
        } = running;
        let outcome = match handler {
            Ok(handler) if route.method == Method::GET => handler.await.and_then(waiting::admit),
            Ok(handler) => handler.await,
            Err(error) => Err(error),
        };
        let app = &self.0.app;
        let mut response = match outcome {
            Ok(mut response) => {
                if route.logged
                    && let Some(log) = log
                {
                    log.served(app, &mut response);
                }
                response
            }
            Err(error) => {
                let mut response = error::respond(&error);
                if let Some(log) = log {
                    log.failed(app, &mut response, &error);
                }
                response
            }
        };
        if let Some(notes) = notes {
            scripts::add_headers(&mut response, &notes.take_headers());
        }
        let took = began.elapsed();
        counts::answered(index, response.status(), took);
        if let Some(span) = span {
            traces::end(*span, route, &response, took);
        }
        response
    }

    /// What the handler gets, if the request may get that far.
    fn checked(
        &self,
        route: &'static Route,
        params: Params,
        request: Request<Body>,
        line: &Line,
        log: Option<&mut RequestLog>,
    ) -> Result<Call> {
        let (app, budget) = (self.0.app.clone(), self.0.bodies.budget());
        let call = Call::new(app, budget, request, params, line)?;
        if let Some(log) = log {
            log.caller(&call.ctx);
        }
        limits::check(route, &call)?;
        if route.limit == Limit::Default
            && call
                .content_length()
                .is_some_and(|n| n > DEFAULT_LIMIT as u64)
        {
            return Err(Error::TooLarge);
        }
        access::check(route.access, &call)?;
        Ok(call)
    }

    /// Answers a request that nothing is there for.
    pub(super) fn nowhere(&self, request: &Request<Body>, line: &Line) -> Response {
        counts::elsewhere();
        let app = &self.0.app;
        limits::refusal_of(app, request, line)
            .unwrap_or_else(|| request_log::refuse_of(app, request, line, &Error::NotFound(None)))
    }
}

#[cfg(test)]
mod tests {
    use matchit::Router;

    use crate::api::params::MAX_PARAMS;
    use crate::api::routes::ROUTES;

    #[test]
    fn every_row_of_the_table_can_be_found() {
        for method in ROUTES.iter().map(|route| &route.method) {
            let mut table = Router::new();
            for route in ROUTES.iter().filter(|route| route.method == method) {
                table.insert(route.path, route).unwrap();
            }
            for route in ROUTES.iter().filter(|route| route.method == method) {
                let path = route.path.replace('{', "x-").replace('}', "");
                let found = table.at(&path).unwrap();
                assert_eq!(found.value.path, route.path);
                assert!(found.params.len() <= MAX_PARAMS);
            }
        }
    }
}
