//! The places of a script that use a name.

use crate::app::schema_plan::scan::kinds::{Call, Kind, Kinds};
use crate::app::schema_plan::scan::known::{Edit, Known, Renamed};
use crate::app::schema_plan::scan::sql;
use crate::app::schema_plan::scan::texts::{cleaned, fillable, guesses, is_plain, modified, via};
use crate::app::schema_plan::scan::tokens::{Token, Tokens, What};

/// What a text is for where it stands.
#[derive(Clone, Copy, Debug)]
enum Role {
    /// It names a field of this.
    Field(Kind),
    Collection,
    Filter(Kind),
    Sort(Kind),
    Expand(Kind),
    Sql,
    /// It may be anything.
    Argument,
    /// Of text for people, what looks like a filter is still found.
    None,
}

pub(super) struct Uses<'a> {
    tokens: &'a Tokens<'a>,
    kinds: Kinds<'a>,
    known: &'a Known<'a>,
    edits: Vec<Edit>,
}

impl<'a> Uses<'a> {
    pub(super) fn find(
        tokens: &'a Tokens<'a>,
        renamed: &[Renamed],
        known: &'a Known<'a>,
    ) -> Vec<Edit> {
        let mut uses = Self {
            tokens,
            kinds: Kinds::of(tokens, known),
            known,
            edits: Vec::new(),
        };
        for (index, token) in tokens.all.iter().enumerate() {
            match token.what {
                What::Word => {
                    for rename in renamed {
                        uses.word(index, token, rename);
                    }
                }
                What::Text => uses.text(index, token, renamed),
                What::Number | What::Sign | What::HoleStart | What::HoleEnd => {}
            }
        }
        uses.edits
    }

    /// Whether a field of what this is means the renamed one; nothing when it means another.
    fn judge(&self, kind: Kind, rename: &Renamed) -> Option<bool> {
        match kind {
            Kind::Record(number) | Kind::Records(number) => {
                let own = rename.collection.as_deref()?;
                (self.known.number(own) == Some(number)).then_some(true)
            }
            Kind::Unknown => Some(false),
            Kind::Event(_) => None,
        }
    }

    fn put(&mut self, start: usize, end: usize, to: String, is_certain: bool) {
        self.edits.push(Edit {
            start,
            end,
            to,
            is_certain,
        });
    }

    fn word(&mut self, index: usize, token: &Token, rename: &Renamed) {
        let tokens = self.tokens;
        if rename.collection.is_none() || tokens.written(index) != rename.from {
            return;
        }
        let Some(before) = index.checked_sub(1) else {
            return;
        };
        let is_plain = is_plain(&rename.to);
        if tokens.is_dot(before) && !tokens.is_sign(index + 1, "(") {
            let kind = before
                .checked_sub(1)
                .map_or(Kind::Unknown, |receiver| self.kinds.chain(receiver));
            let Some(is_certain) = self.judge(kind, rename) else {
                return;
            };
            let dot = tokens.get(before).filter(|_| !is_plain);
            if let Some(dot) = dot.filter(|dot| dot.end == token.start) {
                let mark = if tokens.is_sign(before, "?.") {
                    "?"
                } else {
                    ""
                };
                let to = format!("{mark}[\"{}\"]", rename.to);
                self.put(dot.start, token.end, to, is_certain);
            } else {
                let to = rename.to.clone();
                self.put(token.start, token.end, to, is_certain && is_plain);
            }
        } else if let Some(is_certain) = self.key(index, rename) {
            let to = if is_plain {
                rename.to.clone()
            } else {
                format!("\"{}\"", rename.to)
            };
            self.put(token.start, token.end, to, is_certain);
        }
    }

    /// Whether a key of a map certainly names the renamed field; nothing when it is no key, or of something else.
    fn key(&self, index: usize, rename: &Renamed) -> Option<bool> {
        let tokens = self.tokens;
        let map = tokens.parent(index)?;
        let before = index.checked_sub(1)?;
        let is_key = tokens.is_sign(map, "#{")
            && (before == map || tokens.is_sign(before, ","))
            && tokens.is_sign(tokens.after(index), ":");
        if !is_key {
            return None;
        }
        // What a filter or a statement is filled with.
        if let Some(name) = self.key_before(map) {
            return (name != "params").then_some(false);
        }
        let kind = match self.call_around(map) {
            Some((call, position)) => match (call.name, position, call.receiver) {
                ("new_record", 1, Some(_)) => self
                    .kinds
                    .collection(&call)
                    .map_or(Kind::Unknown, Kind::Record),
                ("load", 0, Some(receiver)) => self.kinds.chain(receiver),
                ("first_record" | "count", 2, Some(_))
                | ("records" | "query" | "execute", 1, Some(_)) => return None,
                _ => Kind::Unknown,
            },
            None => Kind::Unknown,
        };
        self.judge(kind, rename)
    }

    /// The key whose value starts here.
    fn key_before(&self, index: usize) -> Option<&'a str> {
        let colon = index.checked_sub(1)?;
        let is_value = self.tokens.is_sign(colon, ":");
        let key = colon.checked_sub(1).filter(|_| is_value)?;
        Some(self.tokens.written(key))
    }

    /// The call that something is an argument of, as a whole; and which argument.
    fn call_around(&self, index: usize) -> Option<(Call<'a>, usize)> {
        let tokens = self.tokens;
        let bracket = tokens.parent(index)?;
        let before = index.checked_sub(1)?;
        let after = tokens.after(index);
        let is_whole = (before == bracket || tokens.is_sign(before, ","))
            && (tokens.is_sign(after, ",") || tokens.partner(bracket) == Some(after));
        let call = self.kinds.call(bracket).filter(|_| is_whole)?;
        let position = tokens.get(index)?.position;
        (!self.kinds.is_own(call.name)).then_some((call, position))
    }

    fn role(&self, index: usize) -> Role {
        let tokens = self.tokens;
        let Some(bracket) = tokens.parent(index) else {
            return Role::None;
        };
        let starts = index
            .checked_sub(1)
            .is_some_and(|before| before == bracket || tokens.is_sign(before, ","));
        let otherwise = if starts && !tokens.is_sign(bracket, "{") {
            Role::Argument
        } else {
            Role::None
        };
        if tokens.is_index(bracket) {
            return match self.call_around(bracket) {
                _ if tokens.follows_value(bracket) => {
                    let is_whole = starts && tokens.partner(bracket) == Some(tokens.after(index));
                    let kind = bracket
                        .checked_sub(1)
                        .map_or(Kind::Unknown, |value| self.kinds.chain(value));
                    if is_whole {
                        Role::Field(kind)
                    } else {
                        otherwise
                    }
                }
                Some((call, _)) if call.name == "hide" || call.name == "unhide" => {
                    let receiver = call.receiver.map(|receiver| self.kinds.chain(receiver));
                    receiver.map_or(otherwise, Role::Field)
                }
                Some((call, 0)) if call.name == "require_auth" => Role::Collection,
                _ => otherwise,
            };
        }
        if tokens.is_sign(bracket, "#{") {
            return self.option(index, bracket).unwrap_or(otherwise);
        }
        let Some((call, position)) = self.call_around(index) else {
            return otherwise;
        };
        self.argument(index, &call, position).unwrap_or(otherwise)
    }

    /// What a text is as an option of `records`.
    fn option(&self, index: usize, map: usize) -> Option<Role> {
        let tokens = self.tokens;
        let after = tokens.after(index);
        let is_whole = tokens.is_sign(after, ",") || tokens.partner(map) == Some(after);
        let key = self.key_before(index).filter(|_| is_whole)?;
        let kind = match self.call_around(map) {
            Some((call, 1)) if call.name == "records" && call.receiver.is_some() => self
                .kinds
                .collection(&call)
                .map_or(Kind::Unknown, Kind::Record),
            _ => Kind::Unknown,
        };
        match key {
            "filter" => Some(Role::Filter(kind)),
            "sort" => Some(Role::Sort(kind)),
            "expand" => Some(Role::Expand(kind)),
            "fields" => Some(Role::Argument),
            _ => None,
        }
    }

    fn argument(&self, index: usize, call: &Call<'a>, position: usize) -> Option<Role> {
        let record = || {
            self.kinds
                .collection(call)
                .map_or(Kind::Unknown, Kind::Record)
        };
        let Some(receiver) = call.receiver else {
            return match (call.namespace, call.name) {
                (None, "require_auth") => Some(Role::Collection),
                (None, name) if name.starts_with("on_") => Some(Role::Collection),
                (Some("files"), "url" | "read") if position == 1 => {
                    Some(Role::Field(self.kinds.first_argument(call)))
                }
                _ => None,
            };
        };
        let receiver = || self.kinds.chain(receiver);
        let is_last = self.tokens.partner(call.bracket) == Some(self.tokens.after(index));
        match (call.name, position) {
            (
                "find_record"
                | "find_record_or_none"
                | "first_record"
                | "new_record"
                | "auth_by_email"
                | "records"
                | "count"
                | "collection"
                | "delete_collection",
                0,
            ) => Some(Role::Collection),
            ("first_record" | "count", 1) => Some(Role::Filter(record())),
            ("get" | "set" | "changed", 0) | ("hide" | "unhide", _) => {
                Some(Role::Field(receiver()))
            }
            ("expand", 0) if is_last => Some(Role::Expand(receiver())),
            ("expand", 1) => Some(Role::Expand(self.kinds.first_argument(call))),
            ("can_access", 1) => Some(Role::Filter(self.kinds.first_argument(call))),
            ("query" | "execute", 0) => {
                sql::is_statement(self.tokens.written(index)).then_some(Role::Sql)
            }
            _ => None,
        }
    }

    fn text(&mut self, index: usize, token: &Token, renamed: &[Renamed]) {
        let written = self.tokens.written(index);
        let is_concerned =
            |rename: &Renamed| written.contains(&rename.from) || sql::is_statement(written);
        if !renamed.iter().any(is_concerned) {
            return;
        }
        let own = cleaned(written, token);
        let role = self.role(index);
        let at = token.start;
        if let Role::Filter(Kind::Record(number)) = role
            && let Some(found) = (self.known.filter)(self.known.name(number), &fillable(&own))
        {
            for edit in found {
                self.put(at + edit.start, at + edit.end, edit.to, edit.is_certain);
            }
            return;
        }
        for rename in renamed {
            let is_field = rename.collection.is_some();
            let key = self.quoted_key(index);
            let whole = modified(&own, &rename.from);
            match (role, whole) {
                (_, Some((start, end))) if key => {
                    if let Some(is_certain) = self.key(index, rename) {
                        self.put(at + start, at + end, rename.to.clone(), is_certain);
                    }
                }
                (Role::Field(kind), Some((start, end))) if is_field => {
                    if let Some(is_certain) = self.judge(kind, rename) {
                        self.put(at + start, at + end, rename.to.clone(), is_certain);
                    }
                }
                (Role::Collection, Some(_)) if !is_field => {
                    if own.eq_ignore_ascii_case(&rename.from) {
                        self.put(at, at + own.len(), rename.to.clone(), true);
                    }
                }
                (Role::Field(_) | Role::Collection, _) => {}
                (Role::Sql, _) => {
                    for place in sql::places(&own, rename, self.known) {
                        self.put(at + place.start, at + place.end, place.to, place.is_certain);
                    }
                }
                (Role::Sort(kind), _) if is_field => self.paths(at, &own, kind, rename),
                (Role::Expand(kind), _) => self.paths(at, &own, kind, rename),
                (Role::Argument, Some((start, end))) => {
                    self.put(at + start, at + end, rename.to.clone(), false);
                }
                (Role::None, Some((start, end))) if self.is_compared(index) => {
                    self.put(at + start, at + end, rename.to.clone(), false);
                }
                _ => {
                    for (start, end) in guesses(&own, rename) {
                        self.put(at + start, at + end, rename.to.clone(), false);
                    }
                }
            }
        }
    }

    /// `field.name == "title"`, `"title" => …`
    fn is_compared(&self, index: usize) -> bool {
        let tokens = self.tokens;
        let is_one = |at: usize, signs: &[&str]| signs.iter().any(|sign| tokens.is_sign(at, sign));
        let before = index.checked_sub(1);
        before.is_some_and(|before| is_one(before, &["==", "!="]))
            || is_one(tokens.after(index), &["==", "!=", "=>"])
    }

    fn quoted_key(&self, index: usize) -> bool {
        let tokens = self.tokens;
        tokens
            .parent(index)
            .is_some_and(|map| tokens.is_sign(map, "#{"))
            && tokens.is_sign(tokens.after(index), ":")
    }

    /// Names of a sort or of relations to follow, with commas between them.
    fn paths(&mut self, at: usize, list: &str, kind: Kind, rename: &Renamed) {
        let own = rename.collection.as_deref();
        let mut offset = 0;
        for path in list.split(',') {
            let mut start = offset;
            for (nth, part) in path.split('.').enumerate() {
                let name = part.trim().trim_start_matches(['-', '+']);
                let begin = start + part.find(name).unwrap_or_default();
                if own.is_some() && name == rename.from {
                    let judged = if nth == 0 {
                        self.judge(kind, rename)
                    } else {
                        Some(false)
                    };
                    if let Some(is_certain) = judged {
                        let to = rename.to.clone();
                        self.put(at + begin, at + begin + name.len(), to, is_certain);
                    }
                }
                let is_known = kind != Kind::Unknown;
                if let Some((from, to)) = via(name, rename) {
                    let to = (at + begin + from, at + begin + to);
                    self.put(to.0, to.1, rename.to.clone(), is_known);
                }
                start += part.len() + 1;
            }
            offset += path.len() + 1;
        }
    }
}
