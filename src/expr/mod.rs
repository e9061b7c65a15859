//! The filter language: text to tree and back. Names are not resolved here; `query` does that.
//!
//! Start reading at [`parse`]; the tree is [`Expr`].

mod ast;
mod display;
mod error;
mod lexer;
pub mod macros;
mod parser;

#[cfg(test)]
mod tests;

pub use ast::{Call, Comparison, Expr, Join, Operand, OperandKind, Operator, Span, Term};
pub use error::{ParseError, ParseErrorKind};
pub use parser::{MAX_CALL_DEPTH, MAX_COMPARISONS, parse};
