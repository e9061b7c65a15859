//! The filter language (contract §11.1-11.2): text to tree and back. Names are not resolved here; `query` does that.

mod ast;

pub use ast::{Call, Comparison, Expr, Join, Operand, OperandKind, Operator, Span, Term};
