//! Translation of RE2 syntax as Go spells it, the contract's pattern language, to the `regex` crate's.
//!
//! Both are automata without look-around, so that every pattern has a translation. They differ in that RE2's `\d`,
//! `\w`, `\s` and `\b` are ASCII only, that repetitions cannot be stacked or exceed 1000, that stray braces are
//! literal, that character classes do not nest, and in a few escapes. Groups lose their names: nothing reads them.

use crate::schema::fields::pattern::PatternError;
use crate::schema::fields::pattern::class;
use crate::schema::fields::pattern::scanner::Scanner;

/// The largest repetition count, also of nested repetitions multiplied.
const MAX_REPEAT: u32 = 1000;

/// Translates a pattern; the result is one the `regex` crate reads, unless it is too large for it.
pub(in crate::schema::fields) fn translate(pattern: &str) -> Result<String, PatternError> {
    let mut translator = Translator {
        scanner: Scanner::new(pattern),
        out: String::with_capacity(pattern.len() + 16),
        open: Vec::new(),
        last: Last::Nothing,
        weight: 1,
        heaviest: 1,
    };
    while let Some((start, c)) = translator.scanner.next() {
        translator.step(start, c)?;
    }
    if translator.open.is_empty() {
        Ok(translator.out)
    } else {
        Err(PatternError::new("missing closing )", pattern))
    }
}

/// What stands before the next character, as far as a repetition is concerned.
enum Last {
    Nothing,
    Atom,
    /// A repetition operator and where it starts.
    Repetition(usize),
}

struct Translator<'a> {
    scanner: Scanner<'a>,
    out: String,
    /// For each open group the heaviest part of what surrounds it.
    open: Vec<u32>,
    last: Last,
    /// Repetition counts multiplied: of the last atom, and of the heaviest part of the present group.
    weight: u32,
    heaviest: u32,
}

impl Translator<'_> {
    fn step(&mut self, start: usize, c: char) -> Result<(), PatternError> {
        match c {
            '*' | '+' | '?' => {
                self.out_repetition(start)?;
            }
            '{' => match repeat_counts(self.scanner.rest()) {
                Some((length, min, max)) => {
                    self.scanner.skip(length);
                    let largest = max.unwrap_or(min);
                    let weight = self.weight.saturating_mul(largest.max(1));
                    if min > MAX_REPEAT || min > largest || weight > MAX_REPEAT {
                        let part = self.scanner.since(start);
                        return Err(PatternError::new("invalid repeat count", part));
                    }
                    self.out_repetition(start)?;
                    self.weigh(weight);
                }
                None => self.literal('{'),
            },
            '(' => self.open_group(start)?,
            ')' => {
                let outer = self
                    .open
                    .pop()
                    .ok_or_else(|| PatternError::new("unexpected )", self.scanner.source))?;
                self.out.push(')');
                let inner = std::mem::replace(&mut self.heaviest, outer);
                self.weigh(inner);
                self.last = Last::Atom;
            }
            '|' => {
                self.out.push('|');
                self.last = Last::Nothing;
            }
            '[' => {
                class::bracketed(&mut self.scanner, start, &mut self.out)?;
                self.atom();
            }
            '\\' => self.escape(start)?,
            '.' | '^' | '$' => {
                self.out.push(c);
                self.atom();
            }
            _ => self.literal(c),
        }
        Ok(())
    }

    fn atom(&mut self) {
        self.last = Last::Atom;
        self.weight = 1;
    }

    fn weigh(&mut self, weight: u32) {
        self.weight = weight;
        self.heaviest = self.heaviest.max(weight);
    }

    fn literal(&mut self, c: char) {
        class::push_literal(&mut self.out, c);
        self.atom();
    }

    /// Copies a repetition operator that has been read, and the `?` that makes it prefer fewer.
    fn out_repetition(&mut self, start: usize) -> Result<(), PatternError> {
        self.scanner.take('?');
        let operator = self.scanner.since(start);
        match self.last {
            Last::Nothing => {
                let problem = "missing argument to repetition operator";
                return Err(PatternError::new(problem, operator));
            }
            Last::Repetition(previous) => {
                let part = self.scanner.since(previous);
                return Err(PatternError::new(
                    "invalid nested repetition operator",
                    part,
                ));
            }
            Last::Atom => {}
        }
        self.out.push_str(operator);
        self.last = Last::Repetition(start);
        Ok(())
    }

    fn open_group(&mut self, start: usize) -> Result<(), PatternError> {
        if self.scanner.take('?') {
            for prefix in ["P<", "<"] {
                if self.scanner.rest().starts_with(prefix) {
                    self.scanner.skip(prefix.len());
                    self.skip_name(start)?;
                    self.group("(");
                    return Ok(());
                }
            }
            return self.flags(start);
        }
        self.group("(");
        Ok(())
    }

    fn group(&mut self, opening: &str) {
        self.out.push_str(opening);
        self.open.push(self.heaviest);
        self.heaviest = 1;
        self.last = Last::Nothing;
    }

    fn skip_name(&mut self, start: usize) -> Result<(), PatternError> {
        let rest = self.scanner.rest();
        let name = rest.split('>').next().unwrap_or("");
        let valid =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        self.scanner.skip((name.len() + 1).min(rest.len()));
        if valid && name.len() < rest.len() {
            Ok(())
        } else {
            let part = self.scanner.since(start);
            Err(PatternError::new("invalid named capture", part))
        }
    }

    /// `(?i)` and `(?i:`; the opening parenthesis and question mark have been read.
    fn flags(&mut self, start: usize) -> Result<(), PatternError> {
        let from = self.scanner.position();
        let (mut negated, mut dangling) = (false, false);
        while let Some((_, c)) = self.scanner.next() {
            match c {
                'i' | 'm' | 's' | 'U' => dangling = false,
                '-' if !negated => (negated, dangling) = (true, true),
                ':' | ')' if !dangling => {
                    let flags = self.scanner.since(from);
                    if c == ':' {
                        self.group(&format!("(?{flags}"));
                    } else if flags != ")" {
                        self.out.push_str("(?");
                        self.out.push_str(flags);
                        self.last = Last::Nothing;
                    }
                    return Ok(());
                }
                _ => break,
            }
        }
        let part = self.scanner.since(start);
        Err(PatternError::new(
            "invalid or unsupported Perl syntax",
            part,
        ))
    }

    fn escape(&mut self, start: usize) -> Result<(), PatternError> {
        let assertion = match self.scanner.peek() {
            Some('A') => r"\A",
            Some('z') => r"\z",
            Some('b') => r"(?-u:\b)",
            Some('B') => r"(?-u:\B)",
            Some('Q') => {
                self.scanner.next();
                self.quoted();
                return Ok(());
            }
            _ => {
                class::escape(&mut self.scanner, start, &mut self.out)?;
                self.atom();
                return Ok(());
            }
        };
        self.scanner.next();
        self.out.push_str(assertion);
        self.atom();
        Ok(())
    }

    /// `\Q…\E`: literal text up to its end.
    fn quoted(&mut self) {
        while !self.scanner.rest().is_empty() {
            if self.scanner.rest().starts_with(r"\E") {
                self.scanner.skip(2);
                return;
            }
            if let Some((_, c)) = self.scanner.next() {
                self.literal(c);
            }
        }
    }
}

/// Reads `n}`, `n,}` or `n,m}`: its length, the least and the largest count. Everything else is literal text.
fn repeat_counts(text: &str) -> Option<(usize, u32, Option<u32>)> {
    let (inside, _) = text.split_once('}')?;
    let count = |digits: &str| {
        let canonical = digits == "0" || !digits.starts_with('0');
        (canonical && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| digits.parse().unwrap_or(u32::MAX))
    };
    let (min, max) = match inside.split_once(',') {
        None => (count(inside)?, Some(count(inside)?)),
        Some((min, "")) => (count(min)?, None),
        Some((min, max)) => (count(min)?, Some(count(max)?)),
    };
    Some((inside.len() + 1, min, max))
}
