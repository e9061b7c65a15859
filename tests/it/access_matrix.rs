//! Every route of the table, called by everyone: nobody gets further than the table says.

use stead::api::{Access, routes};

use crate::support::{Caller, Response, Server, outcome};

const TOKEN_REQUIRED: &str = "401 The request requires valid record authorization token.";
const SUPERUSERS_ONLY: &str = "403 The authorized record is not allowed to perform this action.";
const OTHER_COLLECTION: &str = "403 The request requires auth record from _superusers collection.";

#[test]
fn nobody_gets_further_than_the_table_says() {
    let server = Server::start();
    let guest = server.guest();
    let user = server.user("ann");
    let superuser = server.superuser();
    for route in routes::ROUTES {
        // What needs a superuser may change things, so it is aimed at nothing.
        let collection = match route.access {
            Access::Superuser => "nothing",
            _ => "users",
        };
        let path = route
            .path
            .replace("{collection}", collection)
            .replace("{id}", "nothing")
            .replace("{record}", "nothing")
            .replace("{key}", "nothing.zip")
            .replace("{filename}", "nothing")
            .replace("{scope}", "nothing");
        // A stream has no end; its head tells the same.
        let method = match (route.method.as_str(), route.path) {
            ("GET", "/api/realtime") => "HEAD",
            (method, _) => method,
        };
        let call = |caller: &Caller<'_>| caller.send(method, &path, &[], None);
        let name = format!("{} {}", route.method, route.path);
        let (by_guest, by_user) = (call(&guest), call(&user));
        match route.access {
            Access::Public | Access::CollectionRule => {
                assert_ne!(by_guest.status, 401, "{name} by a guest");
                assert_ne!(by_user.status, 401, "{name} by a user");
            }
            Access::AnyAuth => {
                assert_eq!(outcome(&by_guest), TOKEN_REQUIRED, "{name} by a guest");
                assert!(passed(&by_user), "{name} by a user");
            }
            Access::Superuser | Access::Description => {
                assert_eq!(outcome(&by_guest), TOKEN_REQUIRED, "{name} by a guest");
                assert_eq!(outcome(&by_user), SUPERUSERS_ONLY, "{name} by a user");
                assert!(passed(&call(&superuser)), "{name} by a superuser");
            }
            Access::SameCollectionAuth => {
                assert_eq!(outcome(&by_guest), TOKEN_REQUIRED, "{name} by a guest");
                assert!(passed(&by_user), "{name} by a user of the collection");
                assert_eq!(
                    outcome(&call(&superuser)),
                    OTHER_COLLECTION,
                    "{name} by another"
                );
            }
        }
    }
}

fn passed(response: &Response) -> bool {
    !matches!(response.status, 401 | 403)
}

#[test]
fn a_path_is_listed_once_per_method() {
    let mut seen: Vec<(&str, &str)> = routes::ROUTES
        .iter()
        .map(|route| (route.method.as_str(), route.path))
        .collect();
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), all);
}
