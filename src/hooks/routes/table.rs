//! Which route of scripts answers a request.

use crate::hooks::registered::RouteHandler;

/// The part of the built-in addresses that a path is in. A route that names one is refused; those whose placeholders
/// would fit one too get everything but that.
pub(super) fn clash(path: &str) -> Option<&'static str> {
    const TAKEN: [&str; 12] = [
        "/api/collections",
        "/api/batch",
        "/api/files",
        "/api/settings",
        "/api/logs",
        "/api/backups",
        "/api/crons",
        "/api/realtime",
        "/api/health",
        "/api/stead",
        "/api/sql",
        "/api/oauth2-redirect",
    ];
    let is_below = |taken: &&str| {
        path == *taken
            || path
                .strip_prefix(*taken)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    if path == "/_" || path.starts_with("/_/") {
        return Some("/_/");
    }
    TAKEN.iter().find(|taken| is_below(taken)).copied()
}

/// Values of a pattern's placeholders if a path fits it.
fn fit(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut values = Vec::new();
    let mut rest = path.split('/');
    for part in pattern.split('/') {
        if let Some(name) = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix("...}"))
        {
            let tail: Vec<&str> = rest.by_ref().collect();
            values.push((name.to_owned(), decode(&tail.join("/"))));
            return Some(values);
        }
        let segment = rest.next()?;
        match part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
        {
            Some("$") => {}
            Some(name) if !segment.is_empty() => values.push((name.to_owned(), decode(segment))),
            None if part == segment => {}
            Some(_) | None => return None,
        }
    }
    rest.next().is_none().then_some(values)
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// How exact a pattern is: by its literal segments, then by whether it ends.
fn weight(pattern: &str) -> (usize, bool) {
    let literal = pattern.split('/').filter(|part| !part.starts_with('{'));
    (literal.count(), !pattern.ends_with("...}"))
}

/// The routes in the order in which they are tried: the most exact first, and of those the one that was registered
/// first.
#[derive(Debug, Default)]
pub(in crate::hooks) struct Table(Vec<Tried>);

#[derive(Debug)]
struct Tried {
    /// Which of the routes it is.
    index: usize,
    method: String,
    pattern: String,
    /// Bytes of the pattern before its first placeholder.
    n_literal: usize,
}

impl Tried {
    /// Says whether it may fit. Perf: asked for all routes at every request, so it looks at what is quickly seen.
    fn may_fit(&self, method: &str, path: &str) -> bool {
        let (pattern, path) = (self.pattern.as_bytes(), path.as_bytes());
        let begins = pattern.get(..self.n_literal) == path.get(..self.n_literal);
        begins
            && (self.n_literal < pattern.len() || path.len() == pattern.len())
            && self.method == method
    }
}

impl Table {
    pub(in crate::hooks) fn of(routes: &[RouteHandler]) -> Self {
        let mut table: Vec<_> = routes
            .iter()
            .enumerate()
            .map(|(index, route)| Tried {
                index,
                method: route.method.clone(),
                n_literal: route.path.find('{').unwrap_or(route.path.len()),
                pattern: route.path.clone(),
            })
            .collect();
        table.sort_by_key(|route| std::cmp::Reverse(weight(&route.pattern)));
        Self(table)
    }

    /// Says whether a route may fit a request; if not, none does.
    pub(in crate::hooks) fn may_fit(&self, method: &str, path: &str) -> bool {
        let method = answered_as(method);
        let mut routes = self.0.iter();
        routes.any(|route| route.may_fit(method, path)) && clash(path).is_none()
    }

    /// The route that fits a request best, and the values of its placeholders.
    pub(in crate::hooks) fn find(
        &self,
        method: &str,
        path: &str,
    ) -> Option<(usize, Vec<(String, String)>)> {
        if clash(path).is_some() {
            return None;
        }
        let method = answered_as(method);
        let mut candidates = self.0.iter().filter(|route| route.may_fit(method, path));
        candidates.find_map(|route| Some((route.index, fit(&route.pattern, path)?)))
    }
}

fn answered_as(method: &str) -> &str {
    if method == "HEAD" { "GET" } else { method }
}

#[cfg(test)]
mod tests {
    use super::{RouteHandler, Table, clash, fit};

    #[test]
    fn patterns_fit_paths() {
        let check = |pattern: &str, path: &str, expect: Option<&[(&str, &str)]>| {
            let expect = expect.map(|pairs| {
                pairs
                    .iter()
                    .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                    .collect()
            });
            assert_eq!(fit(pattern, path), expect, "{pattern} {path}");
        };
        check("/a/{x}", "/a/b%20c", Some(&[("x", "b c")]));
        check("/a/{x}", "/a/", None);
        check("/a/{x}", "/a/b/c", None);
        check("/a/{rest...}", "/a/b/c", Some(&[("rest", "b/c")]));
        check("/a", "/a", Some(&[]));
        check("/a", "/b", None);
    }

    #[test]
    fn built_in_paths_are_taken() {
        assert_eq!(clash("/api/collections/x"), Some("/api/collections"));
        assert_eq!(clash("/api/app/x"), None);
        assert_eq!(clash("/api/sql"), Some("/api/sql"));
        assert_eq!(clash("/api/sqlite"), None);
        assert_eq!(clash("/_/x"), Some("/_/"));
    }

    #[test]
    fn the_most_exact_route_answers_and_of_those_the_first() {
        let patterns = [
            ("GET", "/a/{any...}"),
            ("GET", "/a/{id}"),
            ("GET", "/a/{other}"),
            ("POST", "/a/b"),
            ("GET", "/a/b"),
            ("GET", "/a/b"),
            ("GET", "/a/{$}"),
        ];
        let tried = |(index, (method, pattern)): (usize, &(&str, &str))| RouteHandler {
            method: (*method).to_owned(),
            path: (*pattern).to_owned(),
            function: rhai::FnPtr::new("f").unwrap(),
            guards: Vec::new(),
            script: 0,
            line: index,
            is_brief: false,
        };
        let routes: Vec<_> = patterns.iter().enumerate().map(tried).collect();
        let table = Table::of(&routes);
        let found = |method, path| table.find(method, path).map(|(index, _)| index);
        assert_eq!(found("GET", "/a/b"), Some(4));
        assert_eq!(found("HEAD", "/a/b"), Some(4));
        assert_eq!(found("POST", "/a/b"), Some(3));
        assert_eq!(found("GET", "/a/c"), Some(1));
        assert_eq!(found("GET", "/a/c/d"), Some(0));
        assert_eq!(found("GET", "/a/"), Some(6));
        for (method, path) in [("GET", "/b"), ("PUT", "/a/b"), ("GET", "/"), ("GET", "/a")] {
            assert_eq!(found(method, path), None, "{method} {path}");
            assert!(!table.may_fit(method, path), "{method} {path}");
        }
    }
}
