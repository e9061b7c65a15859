//! Escapes and character classes of [`mod@super::translate`].

use crate::schema::fields::pattern::PatternError;
use crate::schema::fields::pattern::scanner::Scanner;

const RANGE: &str = "invalid character class range";
const ESCAPE: &str = "invalid escape sequence";

/// The names allowed in `[:name:]`.
const POSIX: &[&str] = &[
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// Appends a character that stands for itself, inside or outside of a class.
pub(super) fn push_literal(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || !c.is_ascii() {
        out.push(c);
    } else {
        out.extend(["\\x{", &format!("{:x}", u32::from(c)), "}"]);
    }
}

/// Translates the escape behind a backslash at `start`: a class or a single character.
pub(super) fn escape(
    scanner: &mut Scanner<'_>,
    start: usize,
    out: &mut String,
) -> Result<(), PatternError> {
    if !class_escape(scanner, start, out)? {
        let c = character(scanner, start)?;
        push_literal(out, c);
    }
    Ok(())
}

/// Translates a class in brackets; the opening one at `start` has been read.
pub(super) fn bracketed(
    scanner: &mut Scanner<'_>,
    start: usize,
    out: &mut String,
) -> Result<(), PatternError> {
    out.push('[');
    if scanner.take('^') {
        out.push('^');
    }
    let mut first = true;
    while first || scanner.peek() != Some(']') {
        first = false;
        let from = scanner.position();
        let Some((_, c)) = scanner.next() else {
            return Err(missing_bracket(scanner, start));
        };
        if c == '[' && posix(scanner, from, out)? {
            continue;
        }
        let low = if c == '\\' {
            if class_escape(scanner, from, out)? {
                continue;
            }
            character(scanner, from)?
        } else {
            c
        };
        push_literal(out, low);
        let rest = scanner.rest();
        if rest.starts_with('-') && !rest.starts_with("-]") {
            scanner.next();
            let position = scanner.position();
            let high = match scanner.next() {
                None => return Err(missing_bracket(scanner, start)),
                Some((_, '\\')) => character(scanner, position)?,
                Some((_, c)) => c,
            };
            if high < low {
                return Err(PatternError::new(RANGE, scanner.since(from)));
            }
            out.push('-');
            push_literal(out, high);
        }
    }
    scanner.next();
    out.push(']');
    Ok(())
}

fn missing_bracket(scanner: &Scanner<'_>, start: usize) -> PatternError {
    PatternError::new(
        "missing closing ]",
        scanner.source.get(start..).unwrap_or(""),
    )
}

/// `[:alpha:]` inside a class; its opening bracket has been read.
fn posix(scanner: &mut Scanner<'_>, from: usize, out: &mut String) -> Result<bool, PatternError> {
    let Some((name, _)) = scanner
        .rest()
        .strip_prefix(':')
        .and_then(|rest| rest.split_once(":]"))
    else {
        return Ok(false);
    };
    scanner.skip(name.len() + 3);
    let part = scanner.since(from);
    if POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
        out.push_str(part);
        Ok(true)
    } else {
        Err(PatternError::new(RANGE, part))
    }
}

/// `\d` and its like, `\pL`, `\p{Greek}`. `false` when the escape stands for a single character.
fn class_escape(
    scanner: &mut Scanner<'_>,
    start: usize,
    out: &mut String,
) -> Result<bool, PatternError> {
    let class = match scanner.peek() {
        Some('d') => "[0-9]",
        Some('D') => "[^0-9]",
        Some('s') => r"[\t\n\x0c\r ]",
        Some('S') => r"[^\t\n\x0c\r ]",
        Some('w') => "[0-9A-Za-z_]",
        Some('W') => "[^0-9A-Za-z_]",
        Some('p' | 'P') => {
            unicode(scanner, start, out)?;
            return Ok(true);
        }
        _ => return Ok(false),
    };
    scanner.next();
    out.push_str(class);
    Ok(true)
}

fn unicode(scanner: &mut Scanner<'_>, start: usize, out: &mut String) -> Result<(), PatternError> {
    let mut negated = scanner.peek() == Some('P');
    scanner.next();
    let mut name = String::new();
    if scanner.take('{') {
        negated ^= scanner.take('^');
        let inside = scanner.rest().split('}').next().unwrap_or("");
        name.push_str(inside);
        scanner.skip(inside.len());
        if !scanner.take('}') {
            return Err(PatternError::new(RANGE, scanner.since(start)));
        }
    } else {
        name.extend(scanner.next().map(|(_, c)| c));
    }
    let class = format!(r"\{}{{{name}}}", if negated { 'P' } else { 'p' });
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain && regex_syntax::parse(&class).is_ok() {
        out.push_str(&class);
        Ok(())
    } else {
        Err(PatternError::new(RANGE, scanner.since(start)))
    }
}

/// The character an escape stands for; the backslash at `start` has been read.
fn character(scanner: &mut Scanner<'_>, start: usize) -> Result<char, PatternError> {
    let Some((_, c)) = scanner.next() else {
        return Err(PatternError::new(
            "trailing backslash at end of expression",
            "",
        ));
    };
    let c = match c {
        'a' => Some('\x07'),
        'f' => Some('\x0c'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\x0b'),
        'x' => hexadecimal(scanner),
        '0'..='7' => octal(scanner, c),
        _ if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(c),
        _ => None,
    };
    c.ok_or_else(|| PatternError::new(ESCAPE, scanner.since(start)))
}

/// `\x41` or `\x{10ffff}`.
fn hexadecimal(scanner: &mut Scanner<'_>) -> Option<char> {
    let digits = if scanner.take('{') {
        let inside = scanner.rest().split('}').next().unwrap_or("");
        scanner.skip(inside.len());
        scanner.take('}').then_some(inside)?
    } else {
        let from = scanner.position();
        scanner.next();
        scanner.next();
        scanner.since(from)
    };
    let code = u32::from_str_radix(digits, 16).ok()?;
    (digits.bytes().all(|b| b.is_ascii_hexdigit()) && digits.len() > 1 || code < 16)
        .then(|| char::from_u32(code))?
}

/// Up to three octal digits; a single one that is not 0 would be a back-reference, which does not exist.
fn octal(scanner: &mut Scanner<'_>, first: char) -> Option<char> {
    let mut code = first.to_digit(8)?;
    if first != '0' {
        scanner.peek()?.to_digit(8)?;
    }
    for _ in 0..2 {
        let Some(digit) = scanner.peek().and_then(|c| c.to_digit(8)) else {
            break;
        };
        scanner.next();
        code = code * 8 + digit;
    }
    char::from_u32(code)
}
