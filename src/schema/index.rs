//! `CREATE INDEX` statements of collections: reading what an admin wrote, and writing it back in one form.
//!
//! Expressions stay text; the database judges them when the index is made. No regular expressions: these statements are
//! read at every start, and a compiled one takes hundreds of kilobytes.

use std::fmt::{self, Write as _};

use crate::base::tokenize;

/// A parsed `CREATE INDEX` statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub unique: bool,
    /// `IF NOT EXISTS`.
    pub optional: bool,
    /// Name of the attached database, usually empty.
    pub schema: String,
    pub name: String,
    pub table: String,
    pub columns: Vec<IndexColumn>,
    /// The condition of a partial index, usually empty.
    pub condition: String,
}

/// One column or expression of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexColumn {
    /// A column name, or an expression when it contains a parenthesis or a space.
    pub name: String,
    pub collate: String,
    /// `ASC`, `DESC` or empty.
    pub sort: String,
}

impl Index {
    /// Reads a statement; `None` when it is not one, or lacks a name or columns.
    pub fn parse(text: &str) -> Option<Self> {
        let head = Head::find(text)?;
        let end = closing_parenthesis(head.rest)?;
        let (columns, tail) = (head.rest.get(..end)?, head.rest.get(end + 1..)?);
        let condition = condition(tail)?.to_owned();
        let (schema, name) = match head.name.split_once('.') {
            Some((schema, name)) => (unquote(schema), unquote(name)),
            None => (String::new(), unquote(head.name)),
        };
        let columns: Vec<IndexColumn> = tokenize::split(columns, &[','])
            .ok()?
            .iter()
            .map(|column| IndexColumn::parse(column))
            .collect::<Option<_>>()?;
        let index = Self {
            unique: head.unique,
            optional: head.optional,
            schema,
            name,
            table: unquote(head.table),
            columns,
            condition,
        };
        // The table may be missing: collections without a name yet have indexes already.
        (!index.name.is_empty() && !index.columns.is_empty()).then_some(index)
    }

    /// The column of a unique index over exactly one column; conditions do not matter.
    pub fn unique_column(&self) -> Option<&IndexColumn> {
        match self.columns.as_slice() {
            [column] if self.unique => Some(column),
            _ => None,
        }
    }

    /// The same index without its name: two indexes with equal definitions are duplicates.
    ///
    /// Compat: with `IF NOT EXISTS` it is another one.
    #[must_use]
    pub fn definition(&self) -> Self {
        Self {
            schema: String::new(),
            name: String::new(),
            ..self.clone()
        }
    }
}

impl IndexColumn {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (before, last) = last_word(text);
        let sorted = last.eq_ignore_ascii_case("asc") || last.eq_ignore_ascii_case("desc");
        let (unsorted, sort) = if sorted && !before.is_empty() {
            (before, last)
        } else {
            (text, "")
        };
        // A collation may be called like an order.
        let (name, collate, sort) = match (collation(unsorted), collation(text)) {
            (Some((name, collate)), _) => (name, collate, sort),
            (None, Some((name, collate))) => (name, collate, ""),
            (None, None) => (unsorted, "", sort),
        };
        let name = unquote(name);
        if name.is_empty() {
            return None;
        }
        Some(Self {
            name,
            collate: collate.to_owned(),
            sort: sort.to_ascii_uppercase(),
        })
    }

    /// Says whether the index compares this column ignoring (ASCII) case.
    pub fn ignores_case(&self) -> bool {
        self.collate.eq_ignore_ascii_case("nocase")
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.unique {
            "CREATE UNIQUE INDEX "
        } else {
            "CREATE INDEX "
        })?;
        if self.optional {
            f.write_str("IF NOT EXISTS ")?;
        }
        if !self.schema.is_empty() {
            write!(f, "`{}`.", self.schema)?;
        }
        write!(f, "`{}` ON `{}` (", self.name, self.table)?;
        if let [column] = self.columns.as_slice() {
            write!(f, "{column}")?;
        } else {
            for (i, column) in self.columns.iter().enumerate() {
                f.write_str(if i > 0 { ",\n  " } else { "\n  " })?;
                write!(f, "{column}")?;
            }
            f.write_char('\n')?;
        }
        f.write_char(')')?;
        if !self.condition.is_empty() {
            write!(f, " WHERE {}", self.condition)?;
        }
        Ok(())
    }
}

impl fmt::Display for IndexColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(['(', ' ']) {
            f.write_str(&self.name)?;
        } else {
            write!(f, "`{}`", self.name)?;
        }
        if !self.collate.is_empty() {
            write!(f, " COLLATE {}", self.collate)?;
        }
        if !self.sort.is_empty() {
            write!(f, " {}", self.sort)?;
        }
        Ok(())
    }
}

/// The first unique index over exactly the given column (ignoring letter case) among a collection's indexes.
pub fn single_unique(indexes: &[String], column: &str) -> Option<Index> {
    indexes
        .iter()
        .filter_map(|text| Index::parse(text))
        .find(|index| {
            index
                .unique_column()
                .is_some_and(|c| c.name.eq_ignore_ascii_case(column))
        })
}

/// Says whether one of a collection's indexes begins with this column (ignoring letter case).
pub fn one_starts_with(indexes: &[String], column: &str) -> bool {
    let mut parsed = indexes.iter().filter_map(|text| Index::parse(text));
    parsed.any(|index| {
        let first = index.columns.first();
        first.is_some_and(|first| first.name.eq_ignore_ascii_case(column))
    })
}

/// What stands before the columns.
struct Head<'a> {
    unique: bool,
    optional: bool,
    /// With the name of the database, and quotes.
    name: &'a str,
    table: &'a str,
    /// What follows the opening parenthesis.
    rest: &'a str,
}

impl<'a> Head<'a> {
    /// The first in a text; what precedes it does not matter.
    fn find(text: &'a str) -> Option<Self> {
        text.char_indices()
            .filter_map(|(at, _)| word(text.get(at..)?, "create"))
            .find_map(Self::after_create)
    }

    fn after_create(text: &'a str) -> Option<Self> {
        let text = spaces(text)?;
        let (unique, text) = match word(text, "unique").and_then(spaces) {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let text = spaces(word(text, "index")?)?;
        let optional = word(text, "if")
            .and_then(spaces)
            .and_then(|text| word(text, "not"))
            .and_then(spaces)
            .and_then(|text| word(text, "exists"))
            .and_then(spaces);
        // An index may be called "if".
        optional
            .and_then(|text| Self::from_name(unique, true, text))
            .or_else(|| Self::from_name(unique, false, text))
    }

    fn from_name(unique: bool, optional: bool, text: &'a str) -> Option<Self> {
        let (name, text) = token(text, char::is_whitespace)?;
        let text = spaces(word(spaces(text)?, "on")?)?;
        let (table, text) = token(text, |c| c == '(' || c.is_whitespace())?;
        let rest = text.trim_start().strip_prefix('(')?;
        Some(Self {
            unique,
            optional,
            name,
            table,
            rest,
        })
    }
}

/// What follows a word at the start of a text, in whatever letters.
fn word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let start = text.get(..word.len())?;
    start
        .eq_ignore_ascii_case(word)
        .then(|| &text[word.len()..])
}

/// What follows the white space at the start of a text; `None` where there is none.
fn spaces(text: &str) -> Option<&str> {
    let rest = text.trim_start();
    (rest.len() < text.len()).then_some(rest)
}

/// Everything up to a character, which is not empty, and the rest.
fn token(text: &str, end: impl Fn(char) -> bool) -> Option<(&str, &str)> {
    let at = text.find(end).unwrap_or(text.len());
    (at > 0).then(|| text.split_at(at))
}

/// The condition behind the columns, empty if there is none; `None` where something else stands there.
fn condition(tail: &str) -> Option<&str> {
    if tail.trim().is_empty() {
        return Some("");
    }
    let rest = word(spaces(tail)?, "where")?;
    let mut rest = rest.chars();
    rest.next().filter(|c| c.is_whitespace())?;
    let condition = rest.as_str();
    (!condition.is_empty()).then(|| condition.trim())
}

/// What precedes the last word of a text, and the word.
fn last_word(text: &str) -> (&str, &str) {
    let word = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    let before = &text[..text.len() - word.len()];
    (before.trim_end(), word)
}

/// The column and the name behind `COLLATE` at the end of a text.
fn collation(text: &str) -> Option<(&str, &str)> {
    let (before, name) = last_word(text);
    let (column, keyword) = last_word(before);
    let is_name = !name.is_empty() && name.chars().all(|c| c == '_' || c.is_alphanumeric());
    (is_name && !column.is_empty() && keyword.eq_ignore_ascii_case("collate"))
        .then_some((column, name))
}

/// Position of the parenthesis that closes a list whose opening one has been read; quoted text does not count.
fn closing_parenthesis(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut quote = None;
    for (position, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') if depth == 0 => return Some(position),
            (None, ')') => depth -= 1,
            (Some(_) | None, _) => {}
        }
    }
    None
}

fn unquote(name: &str) -> String {
    name.trim_matches(|c: char| matches!(c, '`' | '"' | '\'' | '[' | ']') || c.is_whitespace())
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Index, IndexColumn, single_unique};

    #[track_caller]
    fn check(input: &str, expect: &str) {
        let shown = Index::parse(input).map_or_else(|| "invalid".to_owned(), |i| i.to_string());
        assert_eq!(shown, expect, "{input}");
        if expect != "invalid" {
            assert_eq!(Index::parse(&shown), Index::parse(input), "{input}");
        }
    }

    #[test]
    fn statements_are_written_back_in_one_form() {
        check("create index K on o(a)", "CREATE INDEX `K` ON `o` (`a`)");
        check(
            "  create   unique\n index if not exists K\n on o\n(a)",
            "CREATE UNIQUE INDEX IF NOT EXISTS `K` ON `o` (`a`)",
        );
        check(
            "create index [K] on [o] ([a], \"b\")",
            "CREATE INDEX `K` ON `o` (\n  `a`,\n  `b`\n)",
        );
        check(
            "create index K on o (a COLLATE nocase ASC, lower(b) desc)",
            "CREATE INDEX `K` ON `o` (\n  `a` COLLATE nocase ASC,\n  lower(b) DESC\n)",
        );
        check(
            "create index main.K on o (json_extract(a,'$.b)'))",
            "CREATE INDEX `main`.`K` ON `o` (json_extract(a,'$.b)'))",
        );
        check(
            "create index K on o (a)\nwhere\n (a > 1) and b='x)' ",
            "CREATE INDEX `K` ON `o` (`a`) WHERE (a > 1) and b='x)'",
        );
        check(
            "create index K on o ( a , ,b )",
            "CREATE INDEX `K` ON `o` (\n  `a`,\n  `b`\n)",
        );
    }

    #[test]
    fn words_of_the_language_may_be_names() {
        check("create index if on o (a)", "CREATE INDEX `if` ON `o` (`a`)");
        check(
            "x create index create index K on o (a)",
            "CREATE INDEX `K` ON `o` (`a`)",
        );
        check(
            "create index unique on o (asc)",
            "CREATE INDEX `unique` ON `o` (`asc`)",
        );
        let column = |text| {
            let column = IndexColumn::parse(text).unwrap();
            (column.name, column.collate, column.sort)
        };
        let parts = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(column("a collate asc"), parts("a", "asc", ""));
        assert_eq!(
            column("a COLLATE collate desc"),
            parts("a", "collate", "DESC")
        );
        assert_eq!(column("a collate desc asc"), parts("a", "desc", "ASC"));
        assert_eq!(column("collate x"), parts("collate x", "", ""));
        assert_eq!(column("a collate x-y"), parts("a collate x-y", "", ""));
        assert_eq!(column("a asc desc"), parts("a asc", "", "DESC"));
    }

    #[test]
    fn anything_else_is_no_index() {
        for input in [
            "",
            "create index on o (id)",
            "create index `` on o (id)",
            "create index if not exists on o (a)",
            "create unique K on o (a)",
            "create index K on o",
            "create index K on o ()",
            "create index K on o (a",
            "create index K on o (a);",
            "create index K on o (a)where a=1",
            "create index K on o (a) garbage (b)",
            "create index K on o (a) where",
            "create index `K x` on o (a)",
            "create index K on o (a) where ",
            "create index K on (a)",
        ] {
            check(input, "invalid");
        }
    }

    #[test]
    fn single_column_unique_indexes_are_found_whatever_their_condition() {
        let indexes = [
            "create unique index ab on t (a, b)".to_owned(),
            "create index a on t (a)".to_owned(),
            "create unique index e on t (Email collate NOCASE) where email != ''".to_owned(),
        ];
        assert!(single_unique(&indexes, "a").is_none());
        let index = single_unique(&indexes, "email").unwrap();
        assert!(index.unique_column().unwrap().ignores_case());
    }
}
