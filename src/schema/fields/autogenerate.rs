//! Random texts that follow a pattern, the default of text fields and of record ids.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{AssertionKind, Ast, RepetitionKind, RepetitionRange};
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::base::ids;
use crate::schema::fields::pattern::{PatternError, translate};

/// Where unbounded repetitions end; never reached.
const OPEN_END: u32 = 6;
/// How many parts of a pattern are visited at most, repetitions included.
const MAX_STEPS: usize = 100_000;

/// Why a pattern generates nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AutogenerateError {
    /// It is no pattern at all.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// It has a part that generates nothing, such as an anchor; known to clients by its number.
    #[error("unsupported pattern operator {0}")]
    Operator(u8),
    /// It generates too much.
    #[error("the pattern is too complex")]
    TooComplex,
}

/// Generates a text. Repetition counts are drawn from the least one to below the largest one.
pub fn generate(pattern: &str) -> Result<String, AutogenerateError> {
    if let Some(text) = plain(pattern) {
        return Ok(text);
    }
    let translated = translate(pattern)?;
    let ast = Parser::new()
        .parse(&translated)
        .map_err(|_| AutogenerateError::TooComplex)?;
    let mut out = Generated::default();
    out.walk(&translated, &ast)?;
    Ok(out.text)
}

/// The patterns of ids and token keys, one ASCII class with a fixed count, without the general way's cost.
fn plain(pattern: &str) -> Option<String> {
    let (alphabet, count) = pattern.strip_suffix('}')?.split_once('{')?;
    let alphabet = match alphabet {
        "[a-z0-9]" => ids::LOWER_ALNUM,
        "[a-zA-Z0-9]" => ids::ALNUM,
        _ => return None,
    };
    let count = count
        .parse()
        .ok()
        .filter(|count| (1..=1000).contains(count))?;
    Some(ids::random_string(count, alphabet))
}

#[derive(Default)]
struct Generated {
    text: String,
    steps: usize,
}

impl Generated {
    /// The parser bounds how deep a pattern nests, and with it this recursion.
    fn walk(&mut self, source: &str, ast: &Ast) -> Result<(), AutogenerateError> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(AutogenerateError::TooComplex);
        }
        match ast {
            Ast::Empty(_) => return Err(AutogenerateError::Operator(2)),
            Ast::Flags(_) => {}
            Ast::Literal(literal) => self.text.push(literal.c),
            Ast::Dot(_) => {
                let c = ids::ALNUM.get(ids::random_below(ids::ALNUM.len())).copied();
                self.text.push(char::from(c.unwrap_or(b'a')));
            }
            Ast::Assertion(assertion) => {
                return Err(AutogenerateError::Operator(match assertion.kind {
                    AssertionKind::StartText | AssertionKind::StartLine => 9,
                    AssertionKind::EndText | AssertionKind::EndLine => 10,
                    AssertionKind::NotWordBoundary => 12,
                    _ => 11,
                }));
            }
            Ast::ClassUnicode(_) | Ast::ClassPerl(_) | Ast::ClassBracketed(_) => {
                let span = ast.span();
                let class = source.get(span.start.offset..span.end.offset);
                let member = random_member(class.unwrap_or(""));
                self.text
                    .push(member.ok_or(AutogenerateError::Operator(1))?);
            }
            Ast::Repetition(repetition) => {
                let (min, end) = match &repetition.op.kind {
                    RepetitionKind::ZeroOrOne => (0, 1),
                    RepetitionKind::ZeroOrMore => (0, OPEN_END),
                    RepetitionKind::OneOrMore => (1, OPEN_END),
                    RepetitionKind::Range(RepetitionRange::Exactly(n)) => (*n, *n),
                    RepetitionKind::Range(RepetitionRange::AtLeast(n)) => (*n, OPEN_END),
                    RepetitionKind::Range(RepetitionRange::Bounded(n, m)) => (*n, *m),
                };
                let spread = usize::try_from(end.saturating_sub(min)).unwrap_or(0);
                let extra = ids::random_below(spread);
                for _ in 0..usize::try_from(min).unwrap_or(0) + extra {
                    self.walk(source, &repetition.ast)?;
                }
            }
            Ast::Group(group) => self.walk(source, &group.ast)?,
            Ast::Alternation(alternation) => {
                let chosen = ids::random_below(alternation.asts.len());
                if let Some(ast) = alternation.asts.get(chosen) {
                    self.walk(source, ast)?;
                }
            }
            Ast::Concat(concat) => {
                for ast in &concat.asts {
                    self.walk(source, ast)?;
                }
            }
        }
        Ok(())
    }
}

/// A character of a class, each as likely as any other.
fn random_member(class: &str) -> Option<char> {
    let hir: Hir = regex_syntax::parse(class).ok()?;
    let ranges: Vec<(u32, u32)> = match hir.kind() {
        HirKind::Literal(literal) => return std::str::from_utf8(&literal.0).ok()?.chars().next(),
        HirKind::Class(Class::Unicode(class)) => class
            .iter()
            .map(|range| (u32::from(range.start()), u32::from(range.end())))
            .collect(),
        HirKind::Class(Class::Bytes(class)) => class
            .iter()
            .map(|range| (u32::from(range.start()), u32::from(range.end())))
            .collect(),
        _ => return None,
    };
    let total: u32 = ranges.iter().map(|(start, end)| end - start + 1).sum();
    let mut chosen = u32::try_from(ids::random_below(usize::try_from(total).ok()?)).ok()?;
    for (start, end) in ranges {
        let size = end - start + 1;
        if chosen < size {
            // A range may span the surrogates, which are no characters.
            return Some(char::from_u32(start + chosen).unwrap_or('\u{fffd}'));
        }
        chosen -= size;
    }
    None
}
