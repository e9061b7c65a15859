//! What there is to say about a rule, filter or sort before it is used: what is wrong with it and where, what may be
//! meant instead, what it says in words, and which rows it goes through.
//!
//! What is wrong is what the compiler says; the hints beyond it (`hints`) never refuse anything.

mod hints;
mod suggest;
mod words;

use crate::ctx::Ctx;
use crate::expr::{self, Expr, Operand, Operator, ParseErrorKind, Span, Term};
use crate::query::compiler::{Access, Base, Compiler, Touch};
use crate::query::error::{Error, Reason};
use crate::query::joins::Source;
use crate::schema::{Collection, Schema};

/// Most findings of one text.
const MAX_FINDINGS: usize = 50;

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Rule,
    Filter,
    Sort,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Review {
    pub findings: Vec<Finding>,
    /// The text in plain words, if it compiles.
    pub words: Option<String>,
    /// How many comparisons it has.
    pub comparisons: usize,
    /// The rows it goes through besides the record's own.
    pub joins: Vec<Joined>,
    /// What it names where.
    pub names: Vec<Touch>,
}

/// Something to say about a piece of a text.
#[derive(Clone, Debug)]
pub struct Finding {
    pub span: Span,
    pub severity: Severity,
    pub code: &'static str,
    pub message: String,
    pub fix: Option<Fix>,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It does not compile.
    Error,
    /// It compiles, but hardly means what was meant.
    Warning,
    Info,
}

/// What may be meant instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub span: Span,
    pub text: String,
}

/// A row that a text goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    pub path: String,
    /// One record may have several.
    pub many: bool,
}

/// Looks at a text.
pub(super) fn review(
    schema: &Schema,
    ctx: &Ctx,
    collection: &Collection,
    kind: Kind,
    text: &str,
) -> Review {
    if text.trim().is_empty() {
        return Review {
            words: (kind == Kind::Rule).then(|| "Everyone.".to_owned()),
            ..Review::default()
        };
    }
    let access = match kind {
        Kind::Rule => Access::Full,
        Kind::Filter | Kind::Sort if ctx.is_superuser() => Access::Full,
        Kind::Filter | Kind::Sort => Access::Client,
    };
    let mut compiler = Compiler::new(schema, collection, ctx);
    compiler.note_names();
    let base = Base {
        collection,
        row: None,
        access,
    };
    let mut review = Review::default();
    let place = suggest::Place { schema, collection };
    if kind == Kind::Sort {
        if let Err(error) = compiler.sort(base, text) {
            review.findings.push(finding(&place, &error, text));
        }
    } else {
        match expr::parse(text) {
            Err(error) => review
                .findings
                .push(finding(&place, &Error::Parse(error), text)),
            Ok(parsed) => {
                each_comparison(&parsed, &mut |left, operator, right| {
                    review.comparisons += 1;
                    if review.findings.len() < MAX_FINDINGS {
                        look(
                            &mut compiler,
                            base,
                            &place,
                            text,
                            (left, operator, right),
                            &mut review,
                        );
                    }
                });
                let compiles = !review
                    .findings
                    .iter()
                    .any(|finding| finding.severity == Severity::Error);
                if compiles {
                    hints::whole(&parsed, collection, &mut review.findings);
                    review.words = Some(words::of(&parsed, schema, collection, kind));
                }
            }
        }
    }
    if compiler.joins.are_too_many() {
        review
            .findings
            .push(finding(&place, &Error::TooManyJoins, text));
    }
    review.joins = joined(&compiler);
    review.names = compiler.names();
    review.findings.sort_by_key(|finding| finding.span.start);
    review
}

/// The places of a rule that name something, for one kind of caller.
pub(super) fn names(
    schema: &Schema,
    ctx: &Ctx,
    collection: &Collection,
    rule: &str,
) -> Result<Vec<Touch>, Error> {
    if rule.trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut compiler = Compiler::new(schema, collection, ctx);
    compiler.note_names();
    let base = Base {
        collection,
        row: None,
        access: Access::Full,
    };
    compiler.filter(base, rule)?;
    Ok(compiler.names())
}

/// Resolves one comparison, so that one that does not compile hides none behind it.
fn look<'a>(
    compiler: &mut Compiler<'a>,
    base: Base<'a>,
    place: &suggest::Place<'a>,
    text: &str,
    (left, operator, right): (&Operand, Operator, &Operand),
    review: &mut Review,
) {
    let mut resolved = Vec::new();
    for operand in [left, right] {
        match compiler.operand(base, operand) {
            Ok(operand) => resolved.push(operand),
            Err(error) => review.findings.push(finding(place, &error, text)),
        }
    }
    if let [a, b] = resolved.as_slice() {
        let sides = [(left, a.every.is_some()), (right, b.every.is_some())];
        hints::comparison(place, operator, sides, &mut review.findings);
    }
}

fn each_comparison(expr: &Expr, each: &mut impl FnMut(&Operand, Operator, &Operand)) {
    for (_, term) in &expr.terms {
        match term {
            Term::Group(inner) => each_comparison(inner, each),
            Term::Compare {
                left,
                operator,
                right,
            } => each(left, *operator, right),
        }
    }
}

/// The rows in the order in which they are named.
fn joined(compiler: &Compiler<'_>) -> Vec<Joined> {
    compiler
        .joins
        .all()
        .filter(|(_, join)| matches!(join.source, Source::Table(_)))
        .map(|(key, join)| Joined {
            path: key.trim_start_matches('.').replace("[]", ""),
            many: join.many,
        })
        .collect()
}

/// A compiler's error as a finding.
fn finding(place: &suggest::Place<'_>, error: &Error, text: &str) -> Finding {
    let whole = Span {
        start: 0,
        end: text.len(),
    };
    let (span, code) = match error {
        Error::Parse(error) => (error.span, parse_code(error.kind)),
        Error::Name { span, reason, .. } => (*span, reason_code(*reason)),
        Error::Forbidden(_) => (whole, "forbidden"),
        Error::TooManyJoins => (whole, "tooManyRelations"),
        Error::FilterTooLong | Error::SortItemTooLong => (whole, "tooLong"),
        Error::TooManySortItems => (whole, "tooManyItems"),
        Error::Sort(inner) => return finding(place, inner, text),
    };
    Finding {
        span,
        severity: Severity::Error,
        code,
        message: error.describe(text),
        fix: suggest::fix(place, error, text),
    }
}

const fn parse_code(kind: ParseErrorKind) -> &'static str {
    match kind {
        ParseErrorKind::TooManyComparisons => "tooManyComparisons",
        _ => "syntax",
    }
}

const fn reason_code(reason: Reason) -> &'static str {
    match reason {
        Reason::UnknownField => "unknownField",
        Reason::UnknownCollection => "unknownCollection",
        Reason::UnknownFunction => "unknownFunction",
        Reason::UnknownModifier => "unknownModifier",
        Reason::ModifierNotApplicable => "modifierNotApplicable",
        Reason::NotARelation => "notARelation",
        Reason::NotABackRelation => "notABackRelation",
        Reason::TooManyLevels => "tooManyLevels",
        Reason::UnknownIdentifier => "unknownIdentifier",
        Reason::NotAllowed => "notAllowed",
        Reason::WrongArgumentCount => "wrongArgumentCount",
        Reason::WrongArgument => "wrongArgument",
    }
}
