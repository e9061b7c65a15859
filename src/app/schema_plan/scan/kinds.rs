//! What the variables of a script hold, as far as that is certain: records of a collection, lists of them, events.
//!
//! Certain is what a script says itself: `find_record("posts", …)`, a handler of `on_record_create("posts", …)`, what
//! goes through a list of records. A variable that gets something else later holds nothing certain.

use std::collections::{HashMap, HashSet};

use crate::app::schema_plan::scan::known::Known;
use crate::app::schema_plan::scan::tokens::{Tokens, What};

mod values;

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

    /// Says whether a function is one of the script.
    pub(super) fn is_own(&self, name: &str) -> bool {
        self.own.contains(name)
    }
}
