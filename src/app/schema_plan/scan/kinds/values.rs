//! What an expression is: followed back from its last token to where it starts.

use super::{Call, Kind, Kinds};
use crate::app::schema_plan::scan::tokens::What;

/// How far back a chain such as `a.b().c` is followed.
const MAX_DEPTH: usize = 32;

/// Declarations of one name that are looked at.
const MAX_DECLARED: usize = 64;

impl<'a> Kinds<'a> {
    pub(super) fn variable(&self, name: &str, at: usize) -> Option<usize> {
        let mut numbers = self.by_name.get(name)?.iter().rev().take(MAX_DECLARED);
        numbers
            .find(|number| {
                let declared = self.declared.get(**number);
                declared.is_some_and(|declared| declared.from <= at && at < declared.to)
            })
            .copied()
    }

    /// What an expression is, given by its first and last token.
    pub(in crate::app::schema_plan::scan) fn value(&self, start: usize, end: usize) -> Kind {
        match self.follow(end, MAX_DEPTH) {
            Some((kind, first)) if first == start => kind,
            _ => Kind::Unknown,
        }
    }

    /// What the chain that ends with a token is.
    pub(in crate::app::schema_plan::scan) fn chain(&self, end: usize) -> Kind {
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
    pub(in crate::app::schema_plan::scan) fn first_argument(&self, call: &Call<'_>) -> Kind {
        self.argument(call, MAX_DEPTH)
    }

    /// The collection that a call names as its first argument.
    pub(in crate::app::schema_plan::scan) fn collection(&self, call: &Call<'_>) -> Option<usize> {
        let name = call.bracket + 1;
        let is_whole = self.tokens.end(name) == self.tokens.after(name);
        self.named(name).filter(|_| is_whole)
    }

    /// The collection that a text names.
    pub(super) fn named(&self, index: usize) -> Option<usize> {
        let token = self.tokens.get(index)?;
        let is_plain = token.what == What::Text && token.holes.is_empty();
        let name = self.tokens.written(index);
        is_plain.then(|| self.known.number(name)).flatten()
    }

    /// The call whose arguments a bracket encloses.
    pub(in crate::app::schema_plan::scan) fn call(&self, bracket: usize) -> Option<Call<'a>> {
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
}
