//! Where a script names a field or a collection, going by how names are used in scripts: as properties, as keys of maps,
//! as texts that are arguments, and inside of filters. Nothing is run, and what is found may mean something else.

/// Something that gets another name.
#[derive(Clone, Debug)]
pub(super) struct Renamed {
    pub(super) from: String,
    pub(super) to: String,
    /// The collection a field belongs to; `None` for a collection itself.
    pub(super) collection: Option<String>,
    /// No other collection has a field of this name.
    pub(super) is_unique: bool,
}

/// A line that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: usize,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) is_certain: bool,
}

/// A piece of a text that is replaced.
#[derive(Clone, Debug)]
struct Edit {
    start: usize,
    end: usize,
    to: String,
    is_certain: bool,
}

/// The lines of a script that name something.
pub(super) fn lines(text: &str, renamed: &[Renamed]) -> Vec<Line> {
    let pieces = pieces(text);
    let mut edits = Vec::new();
    for rename in renamed {
        let is_certain = rename.is_unique
            || rename
                .collection
                .as_ref()
                .is_some_and(|name| pieces.iter().any(|piece| piece.is_text(text, name)));
        for piece in &pieces {
            for (start, end) in piece.uses(text, rename) {
                edits.push(Edit {
                    start,
                    end,
                    to: rename.to.clone(),
                    is_certain,
                });
            }
        }
    }
    edits.sort_by_key(|edit| edit.start);
    let mut lines = Vec::new();
    let mut offset = 0;
    for (index, line) in text.split('\n').enumerate() {
        let end = offset + line.len();
        let here: Vec<&Edit> = edits
            .iter()
            .filter(|edit| edit.start >= offset && edit.end <= end)
            .collect();
        if !here.is_empty() {
            lines.push(Line {
                number: index + 1,
                before: line.to_owned(),
                after: replaced(line, offset, &here),
                is_certain: here.iter().all(|edit| edit.is_certain),
            });
        }
        offset = end + 1;
    }
    lines
}

fn replaced(line: &str, offset: usize, edits: &[&Edit]) -> String {
    let mut text = String::new();
    let mut done = 0;
    for edit in edits {
        let (start, end) = (edit.start - offset, edit.end - offset);
        if start < done {
            continue;
        }
        text.push_str(line.get(done..start).unwrap_or_default());
        text.push_str(&edit.to);
        done = end;
    }
    text.push_str(line.get(done..).unwrap_or_default());
    text
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Word,
    /// The inside of a quoted text.
    Text,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    what: What,
    start: usize,
    end: usize,
    /// The character before, blanks left out; of a text, before its quote.
    before: char,
}

impl Piece {
    fn is_text(&self, text: &str, name: &str) -> bool {
        self.what == What::Text && text.get(self.start..self.end) == Some(name)
    }

    /// The places in this piece that use a name.
    fn uses(&self, text: &str, rename: &Renamed) -> Vec<(usize, usize)> {
        let Some(own) = text.get(self.start..self.end) else {
            return Vec::new();
        };
        let is_field = rename.collection.is_some();
        match self.what {
            What::Word => {
                let after = text.get(self.end..).unwrap_or_default().trim_start();
                let is_property = self.before == '.' && !after.starts_with('(');
                let is_key = matches!(self.before, '{' | ',')
                    && after.starts_with(':')
                    && !after.starts_with("::");
                let is_use = is_field && own == rename.from && (is_property || is_key);
                is_use
                    .then_some((self.start, self.end))
                    .into_iter()
                    .collect()
            }
            What::Text if own == rename.from => {
                let is_argument = matches!(self.before, '(' | ',' | '[');
                is_argument
                    .then_some((self.start, self.end))
                    .into_iter()
                    .collect()
            }
            What::Text => {
                let is_filter = own.contains(['=', '~', '<', '>'])
                    || own.starts_with(['-', '+'])
                    || (own.contains([',', '.']) && !own.contains(' '))
                    || own.starts_with('@');
                if is_filter {
                    words_in(own, rename, is_field)
                        .into_iter()
                        .map(|(start, end)| (self.start + start, self.start + end))
                        .collect()
                } else {
                    Vec::new()
                }
            }
        }
    }
}

/// The places of a filter, sort or list of fields that use a name. What stands in quotes of its own is a value.
fn words_in(filter: &str, rename: &Renamed, is_field: bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut quote = None;
    let mut start = None;
    for (at, c) in filter.char_indices().chain([(filter.len(), ' ')]) {
        if let Some(open) = quote {
            if c == open {
                quote = None;
            }
            continue;
        }
        if c.is_alphanumeric() || c == '_' {
            start.get_or_insert(at);
            continue;
        }
        if let Some(begin) = start.take()
            && let Some(word) = filter.get(begin..at)
        {
            let before = filter.get(..begin).unwrap_or_default();
            if is_field && word == rename.from && !before.ends_with("@collection.") {
                found.push((begin, at));
            }
            if !is_field && word == rename.from && before.ends_with("@collection.") {
                found.push((begin, at));
            }
            if let Some((collection, field)) = word.split_once("_via_") {
                if !is_field && collection == rename.from {
                    found.push((begin, begin + collection.len()));
                }
                if is_field
                    && field == rename.from
                    && rename.collection.as_deref() == Some(collection)
                {
                    found.push((at - field.len(), at));
                }
            }
        }
        if matches!(c, '\'' | '"') {
            quote = Some(c);
        }
    }
    found
}

/// Words and texts of a script; comments are left out.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        match c {
            '/' if chars.peek().is_some_and(|(_, next)| *next == '/') => {
                while chars.next_if(|(_, c)| *c != '\n').is_some() {}
            }
            '/' if chars.peek().is_some_and(|(_, next)| *next == '*') => {
                let mut depth = 1;
                chars.next();
                while depth > 0 {
                    match (chars.next(), chars.peek()) {
                        (Some((_, '*')), Some((_, '/'))) => {
                            chars.next();
                            depth -= 1;
                        }
                        (Some((_, '/')), Some((_, '*'))) => {
                            chars.next();
                            depth += 1;
                        }
                        (None, _) => return pieces,
                        _ => {}
                    }
                }
            }
            '"' | '`' | '\'' => {
                let start = at + 1;
                let mut end = text.len();
                while let Some((at, inner)) = chars.next() {
                    if inner == '\\' && c != '`' {
                        chars.next();
                    } else if inner == c {
                        end = at;
                        break;
                    }
                }
                pieces.push(Piece {
                    what: What::Text,
                    start,
                    end,
                    before,
                });
                before = c;
            }
            c if c.is_alphabetic() || c == '_' => {
                let mut end = at + c.len_utf8();
                while let Some((at, c)) = chars.next_if(|(_, c)| c.is_alphanumeric() || *c == '_') {
                    end = at + c.len_utf8();
                }
                pieces.push(Piece {
                    what: What::Word,
                    start: at,
                    end,
                    before,
                });
                before = 'a';
            }
            c if c.is_whitespace() => {}
            c => before = c,
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Renamed, lines};

    fn field(is_unique: bool) -> Renamed {
        Renamed {
            from: "title".to_owned(),
            to: "name".to_owned(),
            collection: Some("posts".to_owned()),
            is_unique,
        }
    }

    #[track_caller]
    fn check(script: &str, expect: &str) {
        let found = lines(script, &[field(true)]);
        let after: Vec<String> = found.into_iter().map(|line| line.after).collect();
        assert_eq!(after.join("\n"), expect, "{script}");
    }

    #[test]
    fn names_are_found_where_scripts_use_them() {
        check("e.record.title = 1;", "e.record.name = 1;");
        check(
            "r.get(\"title\") + r[\"title\"]",
            "r.get(\"name\") + r[\"name\"]",
        );
        check(
            "make(#{ title: \"title\", a: 1 })",
            "make(#{ name: \"title\", a: 1 })",
        );
        check(
            "find(\"posts\", \"title = 'title' && x = 1\", \"-title\")",
            "find(\"posts\", \"name = 'title' && x = 1\", \"-name\")",
        );
        check(
            "find(\"users\", `posts_via_owner.title ?= 'a'`)",
            "find(\"users\", `posts_via_owner.name ?= 'a'`)",
        );
        check("// e.record.title\nlet title = r.title();", "");
        check("throw \"The title is missing.\";", "");
    }

    #[test]
    fn a_name_that_others_have_too_is_certain_where_the_collection_is_named() {
        let guess = |script: &str| {
            lines(script, &[field(false)])
                .iter()
                .all(|line| line.is_certain)
        };
        assert!(!guess("r.title = 1;"));
        assert!(guess(
            "on_record_create(\"posts\", |e| { e.record.title = 1; });"
        ));
    }

    #[test]
    fn collections_are_texts_and_parts_of_paths() {
        let rename = Renamed {
            from: "posts".to_owned(),
            to: "articles".to_owned(),
            collection: None,
            is_unique: true,
        };
        let after: Vec<String> = lines(
            "find(\"posts\", \"@collection.posts.id = posts_via_owner.id\");",
            &[rename],
        )
        .into_iter()
        .map(|line| line.after)
        .collect();
        assert_eq!(
            after,
            ["find(\"articles\", \"@collection.articles.id = articles_via_owner.id\");"]
        );
    }
}
