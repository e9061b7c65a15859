//! Which bracket is still open somewhere in a text. Texts and comments in it are passed over; it knows no more of the
//! language.

use std::iter::Peekable;
use std::str::Chars;

/// Says which bracket is still open at the end of a text, the innermost if there are several.
pub(super) fn innermost(text: &str) -> Option<String> {
    let mut open = Vec::new();
    let mut rest = Rest {
        chars: text.chars().peekable(),
        line: 1,
    };
    while let Some(c) = rest.next() {
        match c {
            '(' | '[' | '{' => open.push((c, rest.line)),
            ')' | ']' | '}' => drop(open.pop()),
            '"' | '\'' | '`' => rest.pass_quoted(c),
            '/' if rest.chars.peek() == Some(&'/') => rest.pass_line(),
            '/' if rest.chars.peek() == Some(&'*') => rest.pass_comment(),
            _ => {}
        }
    }
    let (bracket, line) = open.pop()?;
    Some(format!("the {bracket} of line {line} is still open here"))
}

struct Rest<'a> {
    chars: Peekable<Chars<'a>>,
    line: usize,
}

impl Rest<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.chars.next();
        if c == Some('\n') {
            self.line = self.line.saturating_add(1);
        }
        c
    }

    fn pass_quoted(&mut self, quote: char) {
        while let Some(c) = self.next() {
            if c == quote {
                break;
            }
            // Texts in backticks know no escapes.
            if c == '\\' && quote != '`' {
                self.next();
            }
        }
    }

    fn pass_line(&mut self) {
        while self.next().is_some_and(|c| c != '\n') {}
    }

    fn pass_comment(&mut self) {
        while let Some(c) = self.next() {
            if c == '*' && self.chars.peek() == Some(&'/') {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::innermost;

    #[test]
    fn the_innermost_open_bracket_is_found() {
        for (text, expect) in [
            ("f(1);", None),
            (
                "f(|e| {\n  if a {\n  }\n",
                Some("the { of line 1 is still open here"),
            ),
            ("f(\n  [1, 2", Some("the [ of line 2 is still open here")),
            (
                "f(\")\", // )\n /* ) */ `)`, ')', \"\\\")\"",
                Some("the ( of line 1 is still open here"),
            ),
        ] {
            assert_eq!(innermost(text).as_deref(), expect, "{text}");
        }
    }
}
