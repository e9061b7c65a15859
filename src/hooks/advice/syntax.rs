//! What to write instead of a text that does not compile, judged by the line around the place that is wrong.

use rhai::{LexError, ParseErrorType, Position};

use crate::hooks::advice::{brackets, found, names};

/// The line of a mistake, cut where it was noticed.
struct Place<'a> {
    before: &'a str,
    after: &'a str,
    text: &'a str,
    line: usize,
}

/// What to write instead, where the mistake is one of those that are well known.
pub(super) fn hint(text: &str, kind: &ParseErrorType, position: Position) -> Option<String> {
    let located = position.line().and_then(|number| {
        let line = text.lines().nth(number.checked_sub(1)?)?;
        Some((number, line))
    });
    let Some((line_number, line)) = located else {
        return brackets::innermost(text);
    };
    let column = position.position().unwrap_or(1).saturating_sub(1);
    let at = line
        .char_indices()
        .nth(column)
        .map_or(line.len(), |(at, _)| at);
    let place = Place {
        before: line.get(..at)?,
        after: line.get(at..)?,
        text,
        line: line_number,
    };
    if place.is_end() {
        return brackets::innermost(text);
    }
    let hint = match kind {
        ParseErrorType::Reserved(word) => return place.reserved(word),
        ParseErrorType::UnknownOperator(operator) => match operator.as_str() {
            "?" => Some("write `if a { b } else { c }`, which has a value"),
            "++" => Some("write `+= 1`"),
            "--" => Some("write `-= 1`"),
            _ => None,
        },
        ParseErrorType::BadInput(LexError::UnexpectedInput(input))
            if matches!(input.as_str(), ")" | "]" | "}") =>
        {
            return brackets::innermost(&place.upto());
        }
        ParseErrorType::BadInput(wrong) => unreadable(wrong),
        ParseErrorType::VariableExpected => place.no_name(),
        _ if place.after.starts_with("=>") => Some(match kind {
            ParseErrorType::MissingToken(token, _) if token == ":" => "write `key: value`",
            _ => "write closures as `|x| …` or `|x| { … }`",
        }),
        ParseErrorType::MissingToken(token, _)
            if token == "," && place.after.starts_with([';', '}']) =>
        {
            return brackets::innermost(&place.upto());
        }
        ParseErrorType::MissingToken(token, _) => return place.missing(token),
        ParseErrorType::FnMissingBody(_) if place.after.starts_with("->") => {
            Some("functions do not say what they return: leave it out")
        }
        _ if place.after.starts_with('/') => Some(REGEX),
        _ if place.after.starts_with("case ") => Some("write `switch x { 1 => …, _ => … }`"),
        _ => None,
    };
    hint.map(str::to_owned)
}

impl Place<'_> {
    fn reserved(&self, word: &str) -> Option<String> {
        if let Some(hint) = self.reserved_elsewhere(word) {
            return Some(hint.to_owned());
        }
        let is_word = word.starts_with(|c: char| c.is_ascii_alphabetic());
        is_word.then(|| {
            format!("variables need another name, keys of maps quotes (\"{word}\": …), fields brackets (record[\"{word}\"])")
        })
    }

    /// Words that mean something in other languages.
    fn reserved_elsewhere(&self, word: &str) -> Option<&'static str> {
        if word == "$" || word.starts_with('$') {
            let name = first_word(self.after);
            return Some(found(names::DOLLARS, name).unwrap_or("names have no $"));
        }
        if let Some(hint) = found(names::RESERVED, word) {
            return Some(hint);
        }
        if word == "new" {
            let class = self
                .after
                .get(3..)
                .map_or("", |rest| first_word(rest.trim_start()));
            return Some(match class {
                "Record" => "write `app.new_record(\"collection\", #{ … })`",
                "Date" | "DateTime" => "write `time::now()`",
                "ValidationError" => "write `validation_error(code, message)`",
                class if class.ends_with("Error") => {
                    "write `throw bad_request(\"…\")` and the like"
                }
                _ => "there are no classes: maps are #{ … }",
            });
        }
        None
    }

    /// A variable's name was expected.
    fn no_name(&self) -> Option<&'static str> {
        let word = last_word(self.before);
        match (word, self.after.chars().next()) {
            ("let" | "const", Some('{' | '[')) => {
                Some("write `let a = map.a;` for each, or `let a = list[0];`")
            }
            ("for", _) => Some("write `for x in list { … }`, or `for i in 0..n { … }`"),
            _ => None,
        }
    }

    fn missing(&self, token: &str) -> Option<String> {
        let hint = match (token, self.after.chars().next()) {
            (_, Some('{')) if self.before.contains("function") && !self.before.contains("fn ") => {
                Some(FUNCTION)
            }
            (";" | "}", Some(':')) if self.is_within_plain_braces() => Some("a map begins with #{"),
            (";", Some(':')) if is_declaration(self.before) => {
                Some("variables do not say their type: leave it out")
            }
            (",", Some(':')) if self.before.contains("fn ") => {
                Some("parameters do not say their type: leave it out")
            }
            (";", Some(',')) if self.before.trim_start().starts_with("let ") => {
                Some("write a `let` for each variable")
            }
            ("{", Some(_)) if self.before.trim_end().ends_with("catch") => {
                Some("write `catch (error) { … }`")
            }
            ("{", Some(_)) => Some("the block stands in braces: { … }"),
            ("in", _) if self.after.starts_with("of ") => Some("write `for x in list`"),
            (":", Some('}' | ',')) => Some("write `name: name`"),
            ("}", Some('[')) => Some("write `map[key] = value;` behind it"),
            ("}", Some(';')) => Some("members are separated by commas"),
            ("}", Some('.')) if self.after.starts_with("...") => found(names::RESERVED, "..."),
            (";", _) => self.behind_word(),
            _ => None,
        };
        if hint.is_none() && token == ";" && self.before.trim().is_empty() {
            let earlier = self.text.lines().take(self.line.saturating_sub(1));
            let (n, _) = earlier
                .enumerate()
                .filter(|(_, line)| !line.trim().is_empty())
                .last()?;
            return Some(format!(
                "probably at the end of line {}",
                n.saturating_add(1)
            ));
        }
        hint.map(str::to_owned)
    }

    /// A word that Rhai takes for a variable.
    fn behind_word(&self) -> Option<&'static str> {
        match last_word(self.before) {
            "function" => Some(FUNCTION),
            "class" => Some("there are no classes: maps and functions are all there is"),
            "delete" => Some("write `map.remove(\"key\")`"),
            "typeof" => Some("write `type_of(x)`"),
            "elif" | "elsif" | "elseif" => Some("write `else if`"),
            "finally" => Some("there is no finally: what is behind the try runs in any case"),
            "from" => Some("write `import \"lib/name\" as name;`"),
            _ if self.after.starts_with("instanceof") => Some("write `type_of(x)`"),
            _ if self.after.starts_with("from ") => Some("write `import \"lib/name\" as name;`"),
            _ => None,
        }
    }

    fn is_end(&self) -> bool {
        let behind = self
            .text
            .lines()
            .skip(self.line)
            .all(|line| line.trim().is_empty());
        behind && self.after.trim().is_empty()
    }

    /// The text before the mistake.
    fn upto(&self) -> String {
        let earlier = self.text.lines().take(self.line.saturating_sub(1));
        earlier.chain([self.before]).collect::<Vec<_>>().join("\n")
    }

    /// Whether the innermost brace that is open here is none of a map.
    fn is_within_plain_braces(&self) -> bool {
        let upto = self.upto();
        let mut depth = 0_usize;
        for (at, c) in upto.char_indices().rev() {
            match c {
                '}' => depth = depth.saturating_add(1),
                '{' if depth == 0 => return !upto.get(..at).unwrap_or_default().ends_with('#'),
                '{' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        false
    }
}

/// What is no text of the language at all.
fn unreadable(wrong: &LexError) -> Option<&'static str> {
    match wrong {
        LexError::MalformedChar(_) => Some("texts stand in \"…\" or in backticks"),
        LexError::UnterminatedString => Some("a text of several lines stands in backticks"),
        LexError::UnexpectedInput(input) => match input.chars().next() {
            Some('“' | '”' | '„' | '‘' | '’') => {
                Some("texts stand in straight quotes: \"…\"")
            }
            Some('/') => Some(REGEX),
            _ => None,
        },
        _ => None,
    }
}

const FUNCTION: &str = "write `fn name(a) { … }`, or `|a| { … }` as a value";

const REGEX: &str = "regular expressions are texts, such as `text::regex_match(text, \"^a\")`";

fn is_declaration(before: &str) -> bool {
    let mut words = before.split_whitespace();
    matches!(words.next(), Some("let" | "const")) && words.count() == 1
}

/// The word at the end, whatever blanks and brackets follow it.
fn last_word(text: &str) -> &str {
    let text = text.trim_end().trim_end_matches(['{', '(']).trim_end();
    let start = text
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |at| at.saturating_add(1));
    text.get(start..).unwrap_or_default()
}

fn first_word(text: &str) -> &str {
    let end = text
        .char_indices()
        .find(|(at, c)| !c.is_alphanumeric() && *c != '_' && !(*at == 0 && *c == '$'))
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default()
}
