//! Tokens to tree. Groups are kept on a stack of their own, so that no input can exhaust the thread's.
//!
//! Trees are shallow: redundant parentheses are dropped, so every level of nesting costs a comparison, of which there
//! are at most [`MAX_COMPARISONS`]. Whatever walks a tree may recurse.

use crate::expr::ast::{Call, Expr, Join, Operand, OperandKind, Span, Term};
use crate::expr::error::{ParseError, ParseErrorKind};
use crate::expr::lexer::{Lexer, Token, TokenKind};

/// How deep function calls may nest.
pub const MAX_CALL_DEPTH: usize = 3;

/// How many comparisons one filter may have.
pub const MAX_COMPARISONS: usize = 200;

/// Parses a filter.
///
/// Compat: a group right behind an item joins like the item before it, with `&&` at first: `(a=1)(b=2)`.
pub fn parse(input: &str) -> Result<Expr, ParseError> {
    let mut lexer = Lexer::new(input);
    let token = lexer.next_token()?;
    let mut parser = Parser {
        input,
        lexer,
        token,
        comparisons: 0,
    };
    if parser.token.kind == TokenKind::End {
        return Err(parser.error(ParseErrorKind::Empty));
    }
    parser.expr()
}

struct Parser<'a> {
    input: &'a str,
    lexer: Lexer<'a>,
    /// The token to look at next.
    token: Token,
    comparisons: usize,
}

impl Parser<'_> {
    fn error(&self, kind: ParseErrorKind) -> ParseError {
        self.error_at(self.token.span, kind)
    }

    fn error_at(&self, span: Span, kind: ParseErrorKind) -> ParseError {
        ParseError::new(self.input, span, kind)
    }

    /// Takes the current token and reads the next one.
    fn advance(&mut self) -> Result<Token, ParseError> {
        let next = self.lexer.next_token()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    /// The whole input.
    fn expr(&mut self) -> Result<Expr, ParseError> {
        let mut outer: Vec<Chain> = Vec::new();
        let mut chain = Chain::default();
        loop {
            // An item has to stand here: a comparison, or the start of a group.
            if self.token.kind == TokenKind::Open {
                self.advance()?;
                outer.push(std::mem::take(&mut chain));
                continue;
            }
            let comparison = self.comparison()?;
            chain.push(comparison);
            // The item is complete: it may end groups, until a join or a group calls for another one.
            loop {
                match self.token.kind {
                    TokenKind::Join(join) => {
                        self.advance()?;
                        chain.join = join;
                        break;
                    }
                    TokenKind::Open => break,
                    TokenKind::Close => {
                        let Some(mut parent) = outer.pop() else {
                            return Err(self.error(ParseErrorKind::UnexpectedClose));
                        };
                        self.advance()?;
                        parent.push(chain.into_group());
                        chain = parent;
                    }
                    TokenKind::End if outer.is_empty() => return Ok(Expr { terms: chain.terms }),
                    TokenKind::End => return Err(self.error(ParseErrorKind::UnclosedGroup)),
                    _ => return Err(self.error(ParseErrorKind::ExpectedJoin)),
                }
            }
        }
    }

    fn comparison(&mut self) -> Result<Term, ParseError> {
        let left = self.operand()?;
        let TokenKind::Operator(operator) = self.token.kind else {
            return Err(self.error(ParseErrorKind::ExpectedOperator));
        };
        self.advance()?;
        let right = self.operand()?;
        self.comparisons += 1;
        if self.comparisons > MAX_COMPARISONS {
            return Err(self.error_at(left.span, ParseErrorKind::TooManyComparisons));
        }
        Ok(Term::Compare {
            left,
            operator,
            right,
        })
    }

    fn operand(&mut self) -> Result<Operand, ParseError> {
        self.value(0, ParseErrorKind::ExpectedOperand)
    }

    /// An identifier, literal or call; `expected` is the complaint about anything else.
    fn value(&mut self, depth: usize, expected: ParseErrorKind) -> Result<Operand, ParseError> {
        if !matches!(
            self.token.kind,
            TokenKind::Identifier(_) | TokenKind::Number(_) | TokenKind::Text(_)
        ) {
            return Err(self.error(expected));
        }
        let Token { kind, mut span } = self.advance()?;
        let kind = match kind {
            TokenKind::Number(number) => OperandKind::Number(number),
            TokenKind::Text(text) => OperandKind::Text(text),
            TokenKind::Identifier(name) => {
                // Only a parenthesis right behind the name makes it a call.
                let called =
                    self.token.kind == TokenKind::Open && self.token.span.start == span.end;
                if called {
                    if depth >= MAX_CALL_DEPTH {
                        return Err(self.error_at(span, ParseErrorKind::CallsTooDeep));
                    }
                    let (arguments, end) = self.arguments(depth + 1)?;
                    span.end = end;
                    OperandKind::Call(Call { name, arguments })
                } else {
                    OperandKind::Identifier(name)
                }
            }
            _ => return Err(self.error_at(span, expected)),
        };
        Ok(Operand { kind, span })
    }

    /// The arguments of a call and where its closing parenthesis ends; a comma after the last argument is allowed.
    fn arguments(&mut self, depth: usize) -> Result<(Vec<Operand>, usize), ParseError> {
        self.advance()?;
        let mut arguments = Vec::new();
        while self.token.kind != TokenKind::Close {
            arguments.push(self.value(depth, ParseErrorKind::ExpectedArgument)?);
            match self.token.kind {
                TokenKind::Comma => {
                    self.advance()?;
                }
                TokenKind::Close => {}
                _ => return Err(self.error(ParseErrorKind::ExpectedComma)),
            }
        }
        let close = self.advance()?;
        Ok((arguments, close.span.end))
    }
}

/// The items of a group that is still open, and how the next one joins.
struct Chain {
    terms: Vec<(Join, Term)>,
    join: Join,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            terms: Vec::new(),
            join: Join::And,
        }
    }
}

impl Chain {
    fn push(&mut self, term: Term) {
        let join = if self.terms.is_empty() {
            Join::And
        } else {
            self.join
        };
        self.terms.push((join, term));
    }

    /// The chain as one item; parentheses around nothing but a group are dropped.
    fn into_group(mut self) -> Term {
        match (self.terms.pop(), self.terms.is_empty()) {
            (Some((_, Term::Group(inner))), true) => Term::Group(inner),
            (last, _) => {
                self.terms.extend(last);
                Term::Group(Expr { terms: self.terms })
            }
        }
    }
}
