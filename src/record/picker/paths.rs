//! The paths of a `fields` parameter, and what they make of a member.

use super::excerpt::Excerpt;

/// A path to a member, and its modifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) name: String,
    pub(super) excerpt: Option<Excerpt>,
}

/// What becomes of a member.
pub(super) enum Choice<'a> {
    Whole(Option<Excerpt>),
    Below(Wanted<'a>),
    Not,
}

/// What is left of paths below the level looked at.
///
/// Perf: there may be thousands of paths and thousands of members to look for among them, so they are in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    paths: &'a [Path],
    /// The bytes of each path that lead here.
    followed: usize,
}

/// Orders paths by name. Of equal ones the last counts.
pub(super) fn in_order(mut paths: Vec<Path>) -> Vec<Path> {
    paths.reverse();
    paths.sort_by(|a, b| a.name.cmp(&b.name));
    paths.dedup_by(|a, b| a.name == b.name);
    paths
}

impl<'a> Wanted<'a> {
    /// All paths, [in order](in_order).
    pub(super) const fn new(paths: &'a [Path]) -> Self {
        Self { paths, followed: 0 }
    }

    /// A member named itself is kept whole, one that is the start of paths is looked into, `*` keeps the rest.
    pub(super) fn choose(&self, key: &str) -> Choice<'a> {
        if let Some(path) = self.named(key) {
            return Choice::Whole(path.excerpt);
        }
        let leads_below = |path: &Path| {
            let rest = self.rest(path).strip_prefix(key);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        let comes_before = |path: &Path| self.rest(path).bytes().lt(key.bytes().chain([b'.']));
        let (_, behind) = split(self.paths, comes_before);
        let (below, _) = split(behind, leads_below);
        let below = Wanted {
            paths: below,
            followed: self.followed + key.len() + 1,
        };
        match (below.paths.first(), self.named("*")) {
            // `j.` ends where it leads: it is all of `j`.
            (Some(path), _) if below.rest(path).is_empty() => Choice::Whole(path.excerpt),
            (Some(_), _) => Choice::Below(below),
            (None, Some(path)) => Choice::Whole(path.excerpt),
            (None, None) => Choice::Not,
        }
    }

    fn named(&self, key: &str) -> Option<&'a Path> {
        let at = self.paths.binary_search_by(|path| self.rest(path).cmp(key));
        self.paths.get(at.ok()?)
    }

    fn rest<'p>(&self, path: &'p Path) -> &'p str {
        path.name.get(self.followed..).unwrap_or_default()
    }
}

/// Parts what comes first in order and holds from the rest.
fn split(paths: &[Path], holds: impl Fn(&Path) -> bool) -> (&[Path], &[Path]) {
    paths.split_at(paths.partition_point(holds))
}
