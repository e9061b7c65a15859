//! The tree of a parsed filter.

/// Where a piece of the tree stands in the input, as byte offsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// How an item is connected to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Join {
    And,
    Or,
}

/// A filter or a parenthesised part of one: a flat chain of terms, as it was written.
///
/// Invariant: `terms` is not empty; the `Join` of the first term is `And` and has no meaning.
/// A group is never all there is in another group, so nesting is bounded by [`crate::expr::MAX_COMPARISONS`].
/// Like in SQL, `&&` binds tighter than `||`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub terms: Vec<(Join, Term)>,
}

impl Expr {
    /// The conjunctions of which one has to hold.
    pub fn alternatives(&self) -> Vec<Vec<&Term>> {
        let mut alternatives: Vec<Vec<&Term>> = Vec::new();
        for (join, term) in &self.terms {
            match alternatives.last_mut() {
                Some(conjunction) if *join == Join::And => conjunction.push(term),
                _ => alternatives.push(vec![term]),
            }
        }
        alternatives
    }

    /// From the first to the last operand.
    pub fn span(&self) -> Span {
        let mut terms = self.terms.iter().map(|(_, term)| term.span());
        let first = terms.next().unwrap_or_default();
        Span {
            start: first.start,
            end: terms.next_back().unwrap_or(first).end,
        }
    }
}

/// One item of a chain.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// `left op right`.
    Compare {
        left: Operand,
        operator: Operator,
        right: Operand,
    },
    /// A parenthesised expression.
    Group(Expr),
}

impl Term {
    /// From the first to the last operand.
    pub fn span(&self) -> Span {
        match self {
            Self::Compare { left, right, .. } => Span {
                start: left.span.start,
                end: right.span.end,
            },
            Self::Group(inner) => inner.span(),
        }
    }
}

/// A comparison operator; `any` marks the `?`-prefixed form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operator {
    pub kind: Comparison,
    pub any: bool,
}

/// What is compared how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    Equal,
    NotEqual,
    Like,
    NotLike,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// One side of a comparison and where it stands. Operands are equal when they say the same, wherever they stand.
#[derive(Clone, Debug)]
pub struct Operand {
    pub kind: OperandKind,
    pub span: Span,
}

impl PartialEq for Operand {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What an operand is.
#[derive(Clone, Debug, PartialEq)]
pub enum OperandKind {
    /// A field path, macro, `@request.*` or `@collection.*` path, or one of `null`, `true`, `false`.
    Identifier(String),
    /// A number literal.
    Number(f64),
    /// A text literal, unescaped.
    Text(String),
    /// A function call.
    Call(Call),
}

/// A function call; whether the function exists is decided by `query`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub name: String,
    pub arguments: Vec<Operand>,
}
