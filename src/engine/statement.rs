//! Which statements of an operator cannot run inside a transaction that is not theirs to end.

use rusqlite::Statement;

use super::error::Error;

/// Statements that would end or leave the transaction a script runs in.
const REFUSED: &[&str] = &[
    "BEGIN",
    "COMMIT",
    "END",
    "ROLLBACK",
    "SAVEPOINT",
    "RELEASE",
    "ATTACH",
    "DETACH",
    "VACUUM",
];

/// Refuses a statement that would end or leave the transaction.
pub(super) fn check(statement: &str) -> Result<(), Error> {
    match REFUSED.iter().find(|word| begins_with(statement, word)) {
        Some(word) => Err(Error::Sql(format!("{word} cannot be used here"))),
        None => Ok(()),
    }
}

/// Says whether a statement works on transactions or attached databases, however it is written: it changes nothing
/// itself and has no result. So do settings, and changes of the schema that are already made.
pub(super) fn controls(statement: &Statement<'_>, text: &str) -> bool {
    statement.readonly()
        && statement.column_count() == 0
        && !["PRAGMA", "CREATE", "DROP"]
            .iter()
            .any(|word| begins_with(text, word))
}

/// Says whether a statement begins with a keyword, behind everything that means nothing: white space, comments, empty
/// statements.
pub(super) fn begins_with(statement: &str, word: &str) -> bool {
    let is_empty = |c: char| c.is_whitespace() || matches!(c, ';' | '\u{feff}');
    let mut rest = statement.trim_start_matches(is_empty);
    loop {
        rest = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            break;
        }
        .trim_start_matches(is_empty);
    }
    rest.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
        && !rest
            .get(word.len()..)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::begins_with;

    #[test]
    fn first_words_are_found_behind_comments() {
        for text in [
            "commit",
            "  COMMIT;",
            "-- x\n/* y */ Commit",
            "commit--x",
            "\u{feff} ; /**/;commit",
        ] {
            assert!(begins_with(text, "COMMIT"), "{text}");
        }
        for text in ["", "commits", "select 'commit'", "/* commit", "-- commit"] {
            assert!(!begins_with(text, "COMMIT"), "{text}");
        }
    }
}
