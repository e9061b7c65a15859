//! `CREATE INDEX` statements of collections: reading what an admin wrote, and writing it back in one form.
//!
//! Expressions stay text; the database judges them when the index is made.

use std::fmt::{self, Write as _};
use std::sync::LazyLock;

use regex::Regex;

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

static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?is)create\s+(unique\s+)?index\s+(if\s+not\s+exists\s+)?(\S+)\s+on\s+([^\s(]+)\s*\(",
    )
    .expect("BUG: constant pattern")
});

static CONDITION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?is)^\s+where\s+(.+)$").expect("BUG: constant pattern"));

static COLUMN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?is)^(.+?)(?:\s+collate\s+(\w+))?(?:\s+(asc|desc))?$")
        .expect("BUG: constant pattern")
});

impl Index {
    /// Reads a statement; `None` when it is not one, or lacks a name or columns.
    pub fn parse(text: &str) -> Option<Self> {
        let head = HEAD.captures(text)?;
        let rest = text.get(head.get(0)?.end()..)?;
        let end = closing_parenthesis(rest)?;
        let (columns, tail) = (rest.get(..end)?, rest.get(end + 1..)?);
        let condition = match CONDITION.captures(tail) {
            Some(captures) => captures[1].trim().to_owned(),
            None if tail.trim().is_empty() => String::new(),
            None => return None,
        };
        let (schema, name) = match head[3].split_once('.') {
            Some((schema, name)) => (unquote(schema), unquote(name)),
            None => (String::new(), unquote(&head[3])),
        };
        let columns: Vec<IndexColumn> = tokenize::split(columns, &[','])
            .ok()?
            .iter()
            .map(|column| IndexColumn::parse(column))
            .collect::<Option<_>>()?;
        let index = Self {
            unique: head.get(1).is_some(),
            optional: head.get(2).is_some(),
            schema,
            name,
            table: unquote(&head[4]),
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
    #[must_use]
    pub fn definition(&self) -> Self {
        Self {
            optional: false,
            schema: String::new(),
            name: String::new(),
            ..self.clone()
        }
    }
}

impl IndexColumn {
    fn parse(text: &str) -> Option<Self> {
        let captures = COLUMN.captures(text.trim())?;
        let name = unquote(&captures[1]);
        if name.is_empty() {
            return None;
        }
        Some(Self {
            name,
            collate: captures.get(2).map_or("", |m| m.as_str()).to_owned(),
            sort: captures
                .get(3)
                .map_or("", |m| m.as_str())
                .to_ascii_uppercase(),
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
    use super::{Index, single_unique};

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
