//! Routes and middleware of scripts: patterns, guards, and their registration.

pub(super) mod table;

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use rhai::{Array, FnPtr, ImmutableString, Module, NativeCallContext};

use crate::base::error::{Answer, Error, Result};
use crate::ctx::{Ctx, Principal};
use crate::hooks::define::function;
use crate::hooks::fault::{Failure, misuse};
use crate::hooks::registered::{self, Guard, RouteHandler};
use crate::hooks::store::ScriptStore;

/// Bytes from which on compressing pays.
const MIN_PACKED: usize = 512;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Checks what has to hold; `key` tells callers apart for rate limits.
pub(super) fn check(
    guards: &[Guard],
    ctx: &Ctx,
    params: &BTreeMap<String, String>,
    key: impl Fn() -> String,
) -> Result<()> {
    const REQUIRED: &str = "The request requires valid record authorization token.";
    for guard in guards {
        match guard {
            Guard::Auth(names) => {
                let auth = ctx.auth().ok_or_else(|| Error::unauthenticated(REQUIRED))?;
                let fits = names.is_empty()
                    || names.iter().any(|name| {
                        name.eq_ignore_ascii_case(&auth.collection_name)
                            || *name == auth.collection_id
                    });
                if !fits {
                    return Err(Error::forbidden(
                        "The authorized record is not allowed to perform this action.",
                    ));
                }
            }
            Guard::Superuser => match ctx.principal {
                Principal::Superuser(_) => {}
                Principal::User(_) => {
                    return Err(Error::forbidden(
                        "The authorized record is not allowed to perform this action.",
                    ));
                }
                Principal::Guest | Principal::System => {
                    return Err(Error::unauthenticated(REQUIRED));
                }
            },
            Guard::Owner(name) => {
                let auth = ctx.auth().ok_or_else(|| Error::unauthenticated(REQUIRED))?;
                let owner = params.get(name);
                if !ctx.is_superuser() && owner != Some(&auth.id) {
                    return Err(Error::forbidden(
                        "You are not allowed to perform this request.",
                    ));
                }
            }
            Guard::Guest => {
                if ctx.auth().is_some() {
                    return Err(Error::bad_request(
                        "The request can be accessed only by guests.",
                    ));
                }
            }
            Guard::RateLimit { max, seconds } => {
                let window = ctx.now.unix_seconds().div_euclid((*seconds).max(1));
                let counter = format!("rate {} {max}/{seconds}", key());
                if ScriptStore::shared().hit(&counter, window) > *max {
                    return Err(Error::RateLimited(None));
                }
            }
            Guard::BodyLimit(_) | Guard::Unlogged | Guard::Gzip => {}
        }
    }
    Ok(())
}

/// How large a body may be.
pub(super) fn body_limit(guards: &[Guard]) -> Option<usize> {
    guards.iter().find_map(|guard| match guard {
        Guard::BodyLimit(bytes) => Some(*bytes),
        _ => None,
    })
}

/// Compresses an answer if its route wants that and the client takes it.
pub(super) fn pack(guards: &[Guard], ctx: &Ctx, answer: &mut Answer) {
    if !guards.contains(&Guard::Gzip) || answer.body.len() < MIN_PACKED {
        return;
    }
    let has = |answer: &Answer, wanted: &str| {
        let mut names = answer.headers.iter().map(|(name, _)| name);
        names.any(|name| name.eq_ignore_ascii_case(wanted))
    };
    if has(answer, "content-encoding") {
        return;
    }
    let vary = ("vary".to_owned(), "Accept-Encoding".to_owned());
    answer.headers.push(vary);
    let accepted = ctx.request.header("accept_encoding").unwrap_or_default();
    if !takes_gzip(accepted) {
        return;
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory cannot fail; if it did, the answer goes as it is.
    if let Ok(packed) = packer
        .write_all(&answer.body)
        .and_then(|()| packer.finish())
    {
        answer.body = packed;
        let encoding = ("content-encoding".to_owned(), "gzip".to_owned());
        answer.headers.push(encoding);
    }
}

/// Says whether an `Accept-Encoding` header has gzip in it and does not refuse it.
fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|part| {
        let (name, options) = part.split_once(';').unwrap_or((part, ""));
        let weight = options.trim().strip_prefix("q=").unwrap_or("1");
        name.trim().eq_ignore_ascii_case("gzip") && weight.parse() != Ok(0.0)
    })
}

fn add(
    context: &NativeCallContext,
    method: &ImmutableString,
    path: &ImmutableString,
    function: FnPtr,
    guards: &Array,
) -> Result<(), Failure> {
    let method = method.to_uppercase();
    if !METHODS.contains(&method.as_str()) {
        return Err(misuse(format!(
            "\"{method}\" is no method of a route; one of {}.",
            METHODS.join(", ")
        )));
    }
    if !path.starts_with('/') {
        return Err(misuse(format!(
            "The path of a route starts with \"/\", not \"{path}\"."
        )));
    }
    // As other routers write it; here it would fit nothing but itself.
    if let Some(part) = path.split('/').find(|part| part.starts_with([':', '*'])) {
        let name = part.trim_start_matches([':', '*']);
        let meant = match (part.starts_with('*'), name) {
            (true, _) => "{rest...}".to_owned(),
            (_, "") => "{name}".to_owned(),
            (_, name) => format!("{{{name}}}"),
        };
        return Err(misuse(format!(
            "\"{part}\" in the path of a route stands for itself; a placeholder is {meant}."
        )));
    }
    if let Some(taken) = table::clash(path) {
        return Err(misuse(format!(
            "The route {method} {path} clashes with the built-in {taken}."
        )));
    }
    let guards = guards_of(guards)?;
    let path = path.to_string();
    registered::register(context, "route", |loading, line| {
        loading.routes.push(RouteHandler {
            method,
            path,
            function,
            guards,
            script: loading.script,
            line,
            is_brief: false,
        });
    })
}

fn guards_of(guards: &Array) -> Result<Vec<Guard>, Failure> {
    guards
        .iter()
        .map(|guard| {
            guard
                .read_lock::<Guard>()
                .map(|guard| guard.clone())
                .ok_or_else(|| misuse("The third argument of route is a list of middleware, such as require_auth()."))
        })
        .collect()
}

/// Everything about routes.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    module.set_custom_type::<Guard>("Middleware");
    function!(
        module,
        "route(method: string, path: string, handler: Fn)",
        "Answers requests of a method and path; `{name}` is one segment, `{rest...}` all that follow. GET also answers HEAD.",
        |context: NativeCallContext,
         method: ImmutableString,
         path: ImmutableString,
         handler: FnPtr| { add(&context, &method, &path, handler, &Array::new()) }
    );
    function!(
        module,
        "route(method: string, path: string, handler: Fn, middleware: array)",
        "Answers requests of a method and path that the middleware lets through.",
        |context: NativeCallContext,
         method: ImmutableString,
         path: ImmutableString,
         handler: FnPtr,
         guards: Array| { add(&context, &method, &path, handler, &guards) }
    );
    function!(
        module,
        "middleware(handler: Fn)",
        "Sees every request before it is answered; it may throw, answer, or set headers for the answer.",
        |context: NativeCallContext, function: FnPtr| {
            registered::register(&context, "middleware", |loading, line| {
                loading.middleware.push(RouteHandler {
                    method: String::new(),
                    path: String::new(),
                    function,
                    guards: Vec::new(),
                    script: loading.script,
                    line,
                    is_brief: false,
                });
            })
        }
    );
    function!(
        module,
        "require_auth() -> Middleware",
        "Lets through whoever is signed in.",
        || Guard::Auth(Vec::new())
    );
    function!(
        module,
        "require_auth(collection: string) -> Middleware",
        "Lets through records of an auth collection.",
        |a: ImmutableString| Guard::Auth(vec![a.to_string()])
    );
    function!(
        module,
        "require_auth(collection: string, other: string) -> Middleware",
        "Lets through records of two auth collections.",
        |a: ImmutableString, b: ImmutableString| Guard::Auth(vec![a.to_string(), b.to_string()])
    );
    function!(
        module,
        "require_auth(collections: array) -> Middleware",
        "Lets through records of several auth collections.",
        |names: Array| Guard::Auth(names.iter().map(ToString::to_string).collect())
    );
    function!(
        module,
        "require_superuser() -> Middleware",
        "Lets through superusers.",
        || Guard::Superuser
    );
    function!(
        module,
        "require_superuser_or_owner(placeholder: string) -> Middleware",
        "Lets through superusers, and the record whose id is in the path.",
        |name: ImmutableString| Guard::Owner(name.to_string())
    );
    function!(
        module,
        "require_guest() -> Middleware",
        "Lets through who is not signed in.",
        || Guard::Guest
    );
    function!(
        module,
        "body_limit(bytes: int) -> Middleware",
        "Refuses larger bodies.",
        |bytes: i64| Guard::BodyLimit(usize::try_from(bytes).unwrap_or(0))
    );
    function!(
        module,
        "rate_limit(max: int, seconds: int) -> Middleware",
        "Lets through so many requests of one address in so many seconds.",
        |max: i64, seconds: i64| Guard::RateLimit { max, seconds }
    );
    function!(
        module,
        "gzip() -> Middleware",
        "Compresses answers for clients that take it; streams and small answers are sent as they are.",
        || Guard::Gzip
    );
    function!(
        module,
        "skip_logging() -> Middleware",
        "Requests that succeed leave no log entry.",
        || Guard::Unlogged
    );
    module
}

#[cfg(test)]
mod tests {
    use super::takes_gzip;

    #[test]
    fn gzip_is_what_a_client_takes() {
        assert!(takes_gzip("br, gzip;q=0.5"));
        assert!(takes_gzip("GZIP"));
        assert!(!takes_gzip("gzip;q=0, br"));
        assert!(!takes_gzip(""));
    }
}
