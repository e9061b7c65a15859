//! Tokens to tree, by recursive descent with bounded depth.

use crate::expr::ast::{Call, Expr, Join, Operand, OperandKind, Span, Term};
use crate::expr::error::{ParseError, ParseErrorKind};
use crate::expr::lexer::{Lexer, Token, TokenKind};

/// How deep groups may nest; bounds the recursion of everything that walks a tree.
pub const MAX_DEPTH: usize = 100;

/// How deep function calls may nest.
pub const MAX_CALL_DEPTH: usize = 3;

/// How many comparisons one filter may have.
pub const MAX_COMPARISONS: usize = 200;

/// Parses a filter.
///
/// Compat: a group written right behind an item or an operand without `&&` or `||` is an error, it never joins
/// silently.
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
    let expr = parser.expr(0)?;
    match parser.token.kind {
        TokenKind::End => Ok(expr),
        TokenKind::Close => Err(parser.error(ParseErrorKind::UnexpectedClose)),
        _ => Err(parser.error(ParseErrorKind::ExpectedJoin)),
    }
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

    /// Items up to the end of the input or the closing parenthesis, which is left to the caller.
    fn expr(&mut self, depth: usize) -> Result<Expr, ParseError> {
        let mut terms = vec![(Join::And, self.term(depth)?)];
        while let TokenKind::Join(join) = self.token.kind {
            self.advance()?;
            terms.push((join, self.term(depth)?));
        }
        Ok(Expr { terms })
    }

    fn term(&mut self, depth: usize) -> Result<Term, ParseError> {
        if self.token.kind == TokenKind::Open {
            return self.group(depth);
        }
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

    fn group(&mut self, depth: usize) -> Result<Term, ParseError> {
        if depth >= MAX_DEPTH {
            return Err(self.error(ParseErrorKind::TooDeep));
        }
        self.advance()?;
        let inner = self.expr(depth + 1)?;
        match self.token.kind {
            TokenKind::Close => {
                self.advance()?;
                Ok(Term::Group(inner))
            }
            TokenKind::End => Err(self.error(ParseErrorKind::UnclosedGroup)),
            _ => Err(self.error(ParseErrorKind::ExpectedJoin)),
        }
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
