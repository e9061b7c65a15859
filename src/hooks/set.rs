//! One generation of the scripts: compiled, run once, and everything they registered. Nothing of it changes afterwards.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;

use rhai::{AST, Engine, ImmutableString};

use crate::events::{Kind, KindSet};
use crate::hooks::registered::{Handler, Job, Loading, Migration, RouteHandler};
use crate::hooks::routes::table::Table;
use crate::schema::Entry;

/// So many tags are compared one by one.
const FEW_TAGS: usize = 8;

/// A loaded set of scripts.
pub(super) struct Set {
    /// There is none as long as there is no script.
    engine: Option<Engine>,
    pub(super) scripts: Vec<Script>,
    pub(super) handlers: Vec<Handler>,
    pub(super) routes: Vec<RouteHandler>,
    pub(super) table: Table,
    pub(super) middleware: Vec<RouteHandler>,
    pub(super) jobs: Vec<Job>,
    pub(super) migrations: Vec<Migration>,
    everywhere: KindSet,
    tagged: HashMap<String, KindSet>,
    /// Positions among the handlers.
    by_kind: HashMap<Kind, Vec<usize>>,
}

impl std::fmt::Debug for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Set")
            .field("scripts", &self.scripts.len())
            .field("handlers", &self.handlers.len())
            .finish_non_exhaustive()
    }
}

/// A script file.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) name: String,
    /// The name once more, for the interpreter's own messages.
    pub(super) source: ImmutableString,
    /// What its closures are called with: its functions, imports and constants.
    pub(super) ast: AST,
    /// Its lines, to show where it failed.
    pub(super) text: String,
    pub(super) counts: Counts,
}

/// What happened to a script since it was loaded.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) calls: AtomicU64,
    pub(super) errors: AtomicU64,
    pub(super) micros: AtomicU64,
}

impl Set {
    /// A set without scripts, which takes no memory to speak of.
    pub(super) fn empty() -> Self {
        Self {
            engine: None,
            scripts: Vec::new(),
            handlers: Vec::new(),
            routes: Vec::new(),
            table: Table::default(),
            middleware: Vec::new(),
            jobs: Vec::new(),
            migrations: Vec::new(),
            everywhere: KindSet::default(),
            tagged: HashMap::new(),
            by_kind: HashMap::new(),
        }
    }

    /// The interpreter of the scripts.
    pub(super) const fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref()
    }

    /// What the scripts of an interpreter registered.
    pub(super) fn of(engine: Engine, scripts: Vec<Script>, registered: Loading) -> Self {
        let mut set = Self {
            engine: Some(engine),
            scripts,
            handlers: registered.handlers,
            routes: registered.routes,
            middleware: registered.middleware,
            jobs: registered.jobs,
            migrations: registered.migrations,
            ..Self::empty()
        };
        set.index();
        set
    }

    fn index(&mut self) {
        self.table = Table::of(&self.routes);
        for (index, handler) in self.handlers.iter().enumerate() {
            self.by_kind.entry(handler.kind).or_default().push(index);
            if handler.tags.is_empty() {
                self.everywhere.insert(handler.kind);
            }
            for tag in &handler.tags {
                self.tagged
                    .entry(tag.clone())
                    .or_default()
                    .insert(handler.kind);
            }
        }
    }

    /// The kinds that handlers listen to in a collection.
    pub(super) fn kinds(&self, collection: Option<&Entry>) -> KindSet {
        let Some(collection) = collection.filter(|_| !self.tagged.is_empty()) else {
            return self.everywhere;
        };
        let (name, id) = (&collection.name, &collection.id);
        if self.tagged.len() <= FEW_TAGS {
            // Perf: comparing a few names is quicker than hashing one.
            let tagged = self
                .tagged
                .iter()
                .filter(|(tag, _)| tag.eq_ignore_ascii_case(name) || tag.eq_ignore_ascii_case(id));
            return tagged.fold(self.everywhere, |all, (_, kinds)| all.union(*kinds));
        }
        let tagged = |tag: &str| {
            let found = self.tagged.get(&tag.to_lowercase());
            found.copied().unwrap_or_default()
        };
        self.everywhere.union(tagged(name)).union(tagged(id))
    }

    /// The kinds that handlers listen to in any collection at all.
    pub(super) fn all_kinds(&self) -> KindSet {
        let tagged = self.tagged.values();
        tagged.fold(self.everywhere, |all, kinds| all.union(*kinds))
    }

    /// The handlers of a kind for a collection, in the order they were registered.
    pub(super) fn handlers_of(&self, kind: Kind, collection: Option<&Entry>) -> Vec<usize> {
        let fits = |handler: &Handler| {
            handler.tags.is_empty()
                || (collection.is_some_and(|entry| {
                    handler.tags.iter().any(|tag| {
                        tag.eq_ignore_ascii_case(&entry.name) || tag.eq_ignore_ascii_case(&entry.id)
                    })
                }))
        };
        let of_kind = self.by_kind.get(&kind).map_or(&[][..], Vec::as_slice);
        let fitting = of_kind
            .iter()
            .filter(|index| self.handlers.get(**index).is_some_and(fits));
        fitting.copied().collect()
    }
}
