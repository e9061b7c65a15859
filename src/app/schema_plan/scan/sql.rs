//! Where a statement of SQL names a column or a table.

use crate::app::schema_plan::scan::known::{Known, Renamed};

/// Words before which a name is no alias of what stands before it.
const WORDS: &[&str] = &[
    "ALL",
    "AND",
    "AS",
    "BETWEEN",
    "BY",
    "CASE",
    "DISTINCT",
    "ELSE",
    "EXCEPT",
    "FROM",
    "GLOB",
    "HAVING",
    "IN",
    "INTERSECT",
    "INTO",
    "IS",
    "JOIN",
    "LIKE",
    "LIMIT",
    "NOT",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "REPLACE",
    "RETURNING",
    "SELECT",
    "SET",
    "THEN",
    "UNION",
    "UPDATE",
    "USING",
    "VALUES",
    "WHEN",
    "WHERE",
    "WITH",
];

/// Names that have to stand in brackets, beside [`WORDS`].
const RESERVED: &[&str] = &[
    "ADD",
    "ALTER",
    "CHECK",
    "COLLATE",
    "COMMIT",
    "CONSTRAINT",
    "CREATE",
    "DEFAULT",
    "DELETE",
    "DROP",
    "END",
    "ESCAPE",
    "EXISTS",
    "FOREIGN",
    "GROUP",
    "INDEX",
    "INSERT",
    "ISNULL",
    "NOTNULL",
    "NULL",
    "PRIMARY",
    "REFERENCES",
    "TABLE",
    "TO",
    "TRANSACTION",
    "UNIQUE",
];

/// A place that is replaced.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) to: String,
    pub(super) is_certain: bool,
}

/// Says whether a text begins as a statement does.
pub(super) fn is_statement(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"]
        .iter()
        .any(|word| first.eq_ignore_ascii_case(word))
}

#[derive(Clone, Copy, Debug)]
struct Word<'s> {
    text: &'s str,
    start: usize,
    end: usize,
    /// The characters around it, blanks left out.
    before: char,
    after: char,
    depth: usize,
}

impl Word<'_> {
    fn is(&self, name: &str) -> bool {
        self.text.eq_ignore_ascii_case(name)
    }

    fn is_one_of(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.is(name))
    }

    fn is_quoted(&self) -> bool {
        matches!(self.before, '"' | '`' | '[')
    }
}

/// The places of a statement that use what gets another name.
pub(super) fn places(sql: &str, renamed: &Renamed, known: &Known<'_>) -> Vec<Place> {
    let words = words(sql);
    let tables = Tables::of(&words, known);
    // What something else is called here may be meant wherever results have names.
    let is_alias_too = words
        .iter()
        .enumerate()
        .any(|(index, word)| word.is(&renamed.from) && is_alias(&words, index));
    let is_field = renamed.collection.is_some();
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| words.get(index));
        let is_named_so = before.is_some_and(|word| word.is("AS"));
        let is_function = is_field && word.after == '(';
        if !word.is(&renamed.from) || word.before == ':' || is_function || is_named_so {
            continue;
        }
        if !is_field {
            let is_table = before.is_some_and(|word| word.is_one_of(&TABLES));
            found.push(Place {
                start: word.start,
                end: word.end,
                to: name(&renamed.to, word),
                is_certain: !tables.is_odd && !is_alias_too && (is_table || word.after == '.'),
            });
            continue;
        }
        let owner = match (word.before, before) {
            ('.', Some(table)) => known.number(table.text),
            _ => None,
        };
        let own = renamed
            .collection
            .as_deref()
            .and_then(|name| known.number(name));
        let is_other = match owner {
            Some(owner) => Some(owner) != own,
            None => !tables.is_odd && !tables.all.iter().any(|table| Some(*table) == own),
        };
        if is_other {
            continue;
        }
        let has_one = tables
            .all
            .iter()
            .all(|table| Some(*table) == own || !known.has(*table, &renamed.from));
        let is_answer = is_answer(&words, index);
        let to = name(&renamed.to, word);
        found.push(Place {
            start: word.start,
            end: word.end,
            is_certain: !tables.is_odd
                && (owner.is_some() || has_one)
                && !(is_answer && word.is_quoted())
                && !(is_alias_too && (is_alias(&words, index) || orders(&words, index))),
            // What reads the rows knows the column by its old name.
            to: if is_answer && !word.is_quoted() {
                format!("{to} AS {}", word.text)
            } else {
                to
            },
        });
    }
    found
}

const TABLES: [&str; 4] = ["FROM", "JOIN", "UPDATE", "INTO"];

#[derive(Debug)]
struct Tables {
    /// Collections the statement names.
    all: Vec<usize>,
    /// It has columns that no collection tells of.
    is_odd: bool,
}

impl Tables {
    fn of(words: &[Word<'_>], known: &Known<'_>) -> Self {
        let mut tables = Self {
            all: Vec::new(),
            is_odd: words.first().is_some_and(|word| word.is("WITH")),
        };
        for (index, word) in words.iter().enumerate() {
            let number = known.number(word.text);
            if let Some(number) = number
                && word.before != '.'
                && word.before != ':'
            {
                tables.all.push(number);
            }
            if !word.is_one_of(&TABLES) || word.before == '.' {
                continue;
            }
            let next = words.get(index + 1);
            let is_plain = next.is_some_and(|next| {
                let is_function = next.after == '(' && !word.is("INTO");
                known.number(next.text).is_some() && next.before != '(' && !is_function
            });
            // `ON CONFLICT (id) DO UPDATE SET …`
            let is_clause = word.is("UPDATE") && next.is_some_and(|next| next.is("SET"));
            tables.is_odd |= !is_plain && !is_clause;
        }
        tables.is_odd |= words
            .iter()
            .any(|word| word.is_one_of(&["JSON_EACH", "JSON_TREE"]));
        tables
    }
}

/// Says whether it gives a column of the answer its name, as in `SELECT title FROM …`.
fn is_answer(words: &[Word<'_>], index: usize) -> bool {
    let Some(word) = words.get(index).filter(|word| word.depth == 0) else {
        return false;
    };
    let is_last = words.get(index + 1).is_none_or(|next| next.is("FROM"));
    let ends = word.is_quoted()
        || word.after == ','
        || is_last && (word.after == '\0' || word.after.is_alphabetic());
    if !ends {
        return false;
    }
    // The table of `posts.title` stands before it.
    let first = if word.before == '.' {
        index.saturating_sub(1)
    } else {
        index
    };
    let begins = words.get(first).is_some_and(|first| {
        first.before == ',' || first.is_quoted() || first.before.is_alphabetic()
    });
    let clause = clause(words, first);
    begins && clause.is_some_and(|word| word.is("SELECT") || word.is("RETURNING"))
}

/// Says whether it stands where rows are ordered, grouped or picked by results.
fn orders(words: &[Word<'_>], index: usize) -> bool {
    clause(words, index).is_some_and(|word| word.is("BY") || word.is("HAVING"))
}

/// The word that begins the part of the statement that a word is in.
fn clause<'w, 's>(words: &'w [Word<'s>], index: usize) -> Option<&'w Word<'s>> {
    let clauses = [
        "SELECT",
        "FROM",
        "WHERE",
        "BY",
        "SET",
        "HAVING",
        "ON",
        "INTO",
        "VALUES",
        "RETURNING",
        "LIMIT",
    ];
    let before = words.get(..index).unwrap_or_default();
    before
        .iter()
        .rev()
        .find(|word| word.depth == 0 && word.is_one_of(&clauses))
}

/// Says whether it is a name that something gets here.
fn is_alias(words: &[Word<'_>], index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|index| words.get(index));
    let (Some(word), Some(before)) = (words.get(index), before) else {
        return false;
    };
    if before.is("AS") {
        return true;
    }
    let follows = word.before.is_alphanumeric() || matches!(word.before, '_' | ')' | '\'');
    follows && (word.before == ')' || !before.is_one_of(WORDS))
}

fn name(to: &str, word: &Word<'_>) -> String {
    let is_plain = |names: &[&str]| !names.iter().any(|name| name.eq_ignore_ascii_case(to));
    let has_letter = !to.starts_with(|first: char| first.is_ascii_digit());
    if word.is_quoted() || is_plain(WORDS) && is_plain(RESERVED) && has_letter {
        to.to_owned()
    } else {
        format!("[{to}]")
    }
}

/// The words of a statement; texts in single quotes are values.
fn words(sql: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut start = None;
    let mut is_value = false;
    let mut before = '\0';
    let mut depth = 0_usize;
    for (at, c) in sql.char_indices().chain([(sql.len(), '\0')]) {
        if is_value {
            is_value = c != '\'';
            continue;
        }
        let is_part = c.is_alphanumeric() || c == '_';
        if !is_part
            && let Some(begin) = start.take()
            && let Some(text) = sql.get(begin..at)
        {
            words.push(Word {
                text,
                start: begin,
                end: at,
                before,
                after: '\0',
                depth,
            });
            before = text.chars().next_back().unwrap_or(' ');
        }
        if is_part && start.is_none() {
            start = Some(at);
            if let Some(last) = words.last_mut().filter(|last| last.after == '\0') {
                last.after = c;
            }
        }
        if is_part || c.is_whitespace() || c == '\0' {
            continue;
        }
        if let Some(last) = words.last_mut().filter(|last| last.after == '\0') {
            last.after = c;
        }
        before = c;
        match c {
            '\'' => is_value = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    words
}
