//! What the variables of a script hold, as far as that is certain: records of a collection, lists of them, events.
//!
//! Certain is what a script says itself: `find_record("posts", …)`, a handler of `on_record_create("posts", …)`, what goes
//! through a list of records. A variable that gets something else later holds nothing certain.

use std::collections::{HashMap, HashSet};

use crate::app::schema_plan::scan::Known;
use crate::app::schema_plan::scan::tokens::{Tokens, What};

/// How far back a chain such as `a.b().c` is followed.
const MAX_DEPTH: usize = 32;

/// Declarations of one name that are looked at.
const MAX_DECLARED: usize = 64;

/// Rounds in which variables that get several things are found.
const MAX_ROUNDS: usize = 8;

/// Methods that change a list, perhaps to one that holds other things too.
const CHANGES: &[&str] = &["push", "append", "insert", "splice", "pad", "extend", "set"];

/// Methods of lists whose closures get an element first.
const EACH: &[&str] = &[
    "map", "filter", "for_each", "all", "some", "find", "find_map", "index_of", "retain", "drain",
    "split",
];

/// What a value is; collections by their number in [`Known`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Unknown,
    Record(usize),
    Records(usize),
    /// What a handler of the events of a collection gets.
    Event(usize),
}

impl Kind {
    fn element(self) -> Self {
        match self {
            Self::Records(collection) => Self::Record(collection),
            Self::Unknown | Self::Record(_) | Self::Event(_) => Self::Unknown,
        }
    }
}

/// What a variable starts with. Expressions are their first and last token.
#[derive(Clone, Copy, Debug)]
enum Source {
    Nothing,
    Value(usize, usize),
    /// Each element of a list.
    Elements(usize, usize),
    /// Each element of what a chain ends with.
    ElementsOf(usize),
    Event(usize),
}

#[derive(Debug)]
struct Declared {
    /// The tokens that see it.
    from: usize,
    to: usize,
    source: Source,
    kind: Kind,
    /// It gets other things as well.
    is_mixed: bool,
}

#[derive(Debug)]
struct Assigned {
    at: usize,
    /// What it gets; nothing certain without one.
    value: Option<(usize, usize)>,
    /// Only lists are other ones afterwards.
    only_lists: bool,
}

/// A call with its bracket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'t> {
    pub(super) name: &'t str,
    /// The last token of what it is a method of.
    pub(super) receiver: Option<usize>,
    pub(super) namespace: Option<&'t str>,
    pub(super) bracket: usize,
}

/// What the variables of one script hold.
pub(super) struct Kinds<'a> {
    tokens: &'a Tokens<'a>,
    known: &'a Known<'a>,
    declared: Vec<Declared>,
    by_name: HashMap<&'a str, Vec<usize>>,
    assigned: Vec<Assigned>,
    /// Functions of the script itself, which may be called as ours are.
    own: HashSet<&'a str>,
}

impl<'a> Kinds<'a> {
    pub(super) fn of(tokens: &'a Tokens<'a>, known: &'a Known<'a>) -> Self {
        let mut kinds = Self {
            tokens,
            known,
            declared: Vec::new(),
            by_name: HashMap::new(),
            assigned: Vec::new(),
            own: HashSet::new(),
        };
        for index in 0..tokens.all.len() {
            kinds.collect(index);
        }
        kinds.settle();
        kinds
    }

    fn collect(&mut self, index: usize) {
        let tokens = self.tokens;
        if tokens.is_sign(index, "|") && !tokens.follows_value(index) {
            self.closure(index);
        }
        if !tokens.is(index, What::Word) || index > 0 && tokens.is_dot(index - 1) {
            return;
        }
        match tokens.written(index) {
            "let" | "const" => {
                let end = tokens.end(index + 3);
                let source = if tokens.is_sign(index + 2, "=") {
                    Source::Value(index + 3, end.saturating_sub(1))
                } else {
                    Source::Nothing
                };
                self.declare(index + 1, end, tokens.block_end(index), source);
            }
            "fn" => self.function(index),
            "for" => self.cycle(index),
            "catch" => {
                let block = tokens.after(index + 1);
                let to = tokens.partner(block).unwrap_or(block);
                self.declare(index + 2, index + 1, to, Source::Nothing);
            }
            _ => self.assignment(index),
        }
    }

    fn declare(&mut self, name: usize, from: usize, to: usize, source: Source) {
        if !self.tokens.is(name, What::Word) {
            return;
        }
        let names = self.by_name.entry(self.tokens.written(name)).or_default();
        names.push(self.declared.len());
        self.declared.push(Declared {
            from,
            to,
            source,
            kind: Kind::Unknown,
            is_mixed: false,
        });
    }

    fn function(&mut self, index: usize) {
        let tokens = self.tokens;
        let Some(bracket) = (index + 1..index + 6).find(|at| tokens.is_sign(*at, "(")) else {
            return;
        };
        self.own.insert(tokens.written(bracket - 1));
        let close = tokens.partner(bracket).unwrap_or(bracket);
        let to = tokens.partner(close + 1).unwrap_or(close);
        for name in bracket + 1..close {
            self.declare(name, bracket, to, Source::Nothing);
        }
    }

    /// `for name in list { … }`, `for (name, index) in list { … }`
    fn cycle(&mut self, index: usize) {
        let tokens = self.tokens;
        let names = if tokens.is_sign(index + 1, "(") {
            index + 2..tokens.after(index + 1) - 1
        } else {
            index + 1..index + 2
        };
        let start = tokens.after(index + 1) + 1;
        let mut block = start;
        let end = tokens.end(start);
        while block < end && !tokens.is_sign(block, "{") {
            block = tokens.after(block);
        }
        let to = tokens.partner(block).unwrap_or(block);
        for (nth, name) in names.filter(|at| tokens.is(*at, What::Word)).enumerate() {
            let source = if nth == 0 {
                Source::Elements(start, block.saturating_sub(1))
            } else {
                Source::Nothing
            };
            self.declare(name, block, to, source);
        }
    }

    /// `|a, b| …`
    fn closure(&mut self, index: usize) {
        let tokens = self.tokens;
        let mut close = index + 1;
        while tokens.is(close, What::Word) || tokens.is_sign(close, ",") {
            close += 1;
        }
        if !tokens.is_sign(close, "|") {
            return;
        }
        let to = if tokens.is_sign(close + 1, "{") {
            tokens.partner(close + 1).unwrap_or(close)
        } else {
            tokens.end(close + 1)
        };
        let bracket = tokens.parent(index);
        let first = bracket
            .and_then(|bracket| self.call(bracket))
            .map_or(Source::Nothing, |call| self.handed(&call, index));
        let names = (index + 1..close).filter(|at| tokens.is(*at, What::Word));
        for (nth, name) in names.enumerate() {
            let source = if nth == 0 { first } else { Source::Nothing };
            self.declare(name, close, to, source);
        }
    }

    /// What a closure gets from the function that it is handed to.
    fn handed(&self, call: &Call<'_>, closure: usize) -> Source {
        let tokens = self.tokens;
        match call.receiver {
            Some(receiver) if EACH.contains(&call.name) => Source::ElementsOf(receiver),
            None if call.namespace.is_none() && call.name.starts_with("on_") => {
                let mut collections = Vec::new();
                for at in call.bracket + 1..closure {
                    if !tokens.is_sign(at, ",") {
                        collections.push(self.named(at));
                    }
                    if collections.len() > 1 {
                        break;
                    }
                }
                match *collections {
                    [Some(only)] => Source::Event(only),
                    _ => Source::Nothing,
                }
            }
            _ => Source::Nothing,
        }
    }

    fn assignment(&mut self, index: usize) {
        let tokens = self.tokens;
        let changes = ["+=", "-=", "*=", "/=", "%=", "**"];
        let next = index + 1;
        if tokens.is_sign(next, "=") {
            let end = tokens.end(index + 2);
            self.assigned.push(Assigned {
                at: index,
                value: Some((index + 2, end.saturating_sub(1))),
                only_lists: false,
            });
        } else if changes.iter().any(|sign| tokens.is_sign(next, sign)) {
            self.assigned.push(Assigned {
                at: index,
                value: None,
                only_lists: false,
            });
        } else {
            let is_method = tokens.is_dot(next) && CHANGES.contains(&tokens.written(index + 2));
            let is_element = tokens.is_index(next) && tokens.is_sign(tokens.after(next), "=");
            if is_method || is_element {
                self.assigned.push(Assigned {
                    at: index,
                    value: None,
                    only_lists: true,
                });
            }
        }
    }

    /// Works out what variables hold, until none turns out to get something else as well.
    fn settle(&mut self) {
        for _ in 0..MAX_ROUNDS {
            for declared in &mut self.declared {
                declared.kind = Kind::Unknown;
            }
            for number in 0..self.declared.len() {
                let Some(declared) = self.declared.get(number) else {
                    continue;
                };
                let kind = match declared.source {
                    _ if declared.is_mixed => Kind::Unknown,
                    Source::Nothing => Kind::Unknown,
                    Source::Value(start, end) => self.value(start, end),
                    Source::Elements(start, end) => self.value(start, end).element(),
                    Source::ElementsOf(end) => self.chain(end).element(),
                    Source::Event(collection) => Kind::Event(collection),
                };
                if let Some(declared) = self.declared.get_mut(number) {
                    declared.kind = kind;
                }
            }
            let mixed: Vec<usize> = self
                .assigned
                .iter()
                .filter_map(|assigned| {
                    let number = self.variable(self.tokens.written(assigned.at), assigned.at)?;
                    let declared = self.declared.get(number)?;
                    let same = match (assigned.value, declared.kind) {
                        (_, Kind::Unknown) => true,
                        (_, Kind::Record(_) | Kind::Event(_)) if assigned.only_lists => true,
                        (Some((start, end)), kind) => self.value(start, end) == kind,
                        (None, _) => false,
                    };
                    (!same).then_some(number)
                })
                .collect();
            if mixed.is_empty() {
                return;
            }
            for number in mixed {
                if let Some(declared) = self.declared.get_mut(number) {
                    declared.is_mixed = true;
                }
            }
        }
        // What does not come to rest is not certain.
        for declared in &mut self.declared {
            declared.kind = Kind::Unknown;
        }
    }

    fn variable(&self, name: &str, at: usize) -> Option<usize> {
        let mut numbers = self.by_name.get(name)?.iter().rev().take(MAX_DECLARED);
        numbers
            .find(|number| {
                let declared = self.declared.get(**number);
                declared.is_some_and(|declared| declared.from <= at && at < declared.to)
            })
            .copied()
    }

    /// What an expression is, given by its first and last token.
    pub(super) fn value(&self, start: usize, end: usize) -> Kind {
        match self.follow(end, MAX_DEPTH) {
            Some((kind, first)) if first == start => kind,
            _ => Kind::Unknown,
        }
    }

    /// What the chain that ends with a token is.
    pub(super) fn chain(&self, end: usize) -> Kind {
        self.follow(end, MAX_DEPTH)
            .map_or(Kind::Unknown, |(kind, _)| kind)
    }

    /// What a chain is, and its first token.
    fn follow(&self, end: usize, depth: usize) -> Option<(Kind, usize)> {
        let depth = depth.checked_sub(1)?;
        let tokens = self.tokens;
        if tokens.is(end, What::Word) {
            let before = end.checked_sub(1);
            if before.is_some_and(|before| tokens.is_dot(before)) {
                let (kind, start) = self.start(end.checked_sub(2)?, depth)?;
                let kind = match (kind, tokens.written(end)) {
                    (Kind::Event(collection), "record") => Kind::Record(collection),
                    (Kind::Event(collection), "records") => Kind::Records(collection),
                    _ => Kind::Unknown,
                };
                return Some((kind, start));
            }
            if before.is_some_and(|before| tokens.is_sign(before, "::")) {
                return None;
            }
            let number = self.variable(tokens.written(end), end)?;
            return Some((self.declared.get(number)?.kind, end));
        }
        if tokens.is_sign(end, "]") {
            let open = tokens.partner(end)?;
            let (kind, start) = self.follow(open.checked_sub(1)?, depth)?;
            return Some((kind.element(), start));
        }
        if !tokens.is_sign(end, ")") {
            return None;
        }
        let open = tokens.partner(end)?;
        let Some(call) = self.call(open) else {
            let is_grouped = !tokens.follows_value(open);
            let (kind, start) = self.follow(end.checked_sub(1)?, depth)?;
            return (is_grouped && start == open + 1).then_some((kind, open));
        };
        let receiver = call.receiver?;
        // Whatever it is called on, the names of collections tell what it gives.
        let (kind, start) = self.start(receiver, depth)?;
        Some((self.given(&call, kind, end, depth), start))
    }

    /// As [`Self::follow`], also through what is not known.
    fn start(&self, end: usize, depth: usize) -> Option<(Kind, usize)> {
        if let Some(found) = self.follow(end, depth) {
            return Some(found);
        }
        let before = end.checked_sub(1);
        let is_plain = self.tokens.is(end, What::Word)
            && !before.is_some_and(|at| self.tokens.is_dot(at) || self.tokens.is_sign(at, "::"));
        is_plain.then_some((Kind::Unknown, end))
    }

    /// What a method gives.
    fn given(&self, call: &Call<'_>, of: Kind, close: usize, depth: usize) -> Kind {
        if self.own.contains(call.name) {
            return Kind::Unknown;
        }
        let record = self.collection(call).map_or(Kind::Unknown, Kind::Record);
        match (call.name, of) {
            (
                "find_record"
                | "find_record_or_none"
                | "first_record"
                | "new_record"
                | "auth_by_email",
                _,
            ) => record,
            ("records", _) => self.collection(call).map_or(Kind::Unknown, Kind::Records),
            ("save" | "save_no_validate", _) => self.argument(call, depth),
            ("expand", Kind::Unknown) => {
                let has_two = close
                    .checked_sub(1)
                    .and_then(|last| self.tokens.get(last))
                    .is_some_and(|last| last.position == 1);
                if has_two {
                    self.argument(call, depth)
                } else {
                    Kind::Unknown
                }
            }
            ("expand", Kind::Record(number)) => match self.related(call, number) {
                Some((target, true)) => Kind::Records(target),
                Some((target, false)) => Kind::Record(target),
                None => Kind::Unknown,
            },
            ("original", Kind::Record(_)) | ("filter", Kind::Records(_)) => of,
            ("find" | "pop" | "shift", Kind::Records(_)) => of.element(),
            _ => Kind::Unknown,
        }
    }

    /// What the relation leads to that a call names.
    fn related(&self, call: &Call<'_>, number: usize) -> Option<(usize, bool)> {
        let field = call.bracket + 1;
        let token = self.tokens.get(field)?;
        let is_plain = token.what == What::Text && token.holes.is_empty();
        let is_whole = self.tokens.is_sign(field + 1, ")");
        let known = is_plain && is_whole;
        known
            .then(|| self.known.target(number, self.tokens.written(field)))
            .flatten()
    }

    /// What the first argument of a call is.
    fn argument(&self, call: &Call<'_>, depth: usize) -> Kind {
        let start = call.bracket + 1;
        let end = self.tokens.end(start);
        match end.checked_sub(1).and_then(|last| self.follow(last, depth)) {
            Some((kind, first)) if first == start => kind,
            _ => Kind::Unknown,
        }
    }

    /// What the first argument of a call is.
    pub(super) fn first_argument(&self, call: &Call<'_>) -> Kind {
        self.argument(call, MAX_DEPTH)
    }

    /// The collection that a call names as its first argument.
    pub(super) fn collection(&self, call: &Call<'_>) -> Option<usize> {
        let name = call.bracket + 1;
        let is_whole = self.tokens.end(name) == self.tokens.after(name);
        self.named(name).filter(|_| is_whole)
    }

    /// The collection that a text names.
    fn named(&self, index: usize) -> Option<usize> {
        let token = self.tokens.get(index)?;
        let is_plain = token.what == What::Text && token.holes.is_empty();
        let name = self.tokens.written(index);
        is_plain.then(|| self.known.number(name)).flatten()
    }

    /// The call whose arguments a bracket encloses.
    pub(super) fn call(&self, bracket: usize) -> Option<Call<'a>> {
        let tokens = self.tokens;
        let name = bracket.checked_sub(1)?;
        let is_call = tokens.is_sign(bracket, "(")
            && tokens.is(name, What::Word)
            && tokens.follows_value(bracket);
        if !is_call {
            return None;
        }
        let before = name.checked_sub(1);
        let behind = name.checked_sub(2);
        Some(Call {
            name: tokens.written(name),
            receiver: behind.filter(|_| before.is_some_and(|at| tokens.is_dot(at))),
            namespace: behind
                .filter(|_| before.is_some_and(|at| tokens.is_sign(at, "::")))
                .map(|at| tokens.written(at)),
            bracket,
        })
    }

    /// Says whether a function is one of the script.
    pub(super) fn is_own(&self, name: &str) -> bool {
        self.own.contains(name)
    }
}
