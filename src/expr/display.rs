//! Tree to text, such that parsing the text gives the same tree.

use std::fmt;

use crate::expr::ast::{Call, Comparison, Expr, Join, Operand, OperandKind, Operator, Term};

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (join, term)) in self.terms.iter().enumerate() {
            if index > 0 {
                write!(f, " {join} ")?;
            }
            term.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Join {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::And => "&&",
            Self::Or => "||",
        })
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare {
                left,
                operator,
                right,
            } => write!(f, "{left} {operator} {right}"),
            Self::Group(inner) => write!(f, "({inner})"),
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.any {
            f.write_str("?")?;
        }
        f.write_str(match self.kind {
            Comparison::Equal => "=",
            Comparison::NotEqual => "!=",
            Comparison::Like => "~",
            Comparison::NotLike => "!~",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        })
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            OperandKind::Identifier(name) => f.write_str(name),
            OperandKind::Number(number) => number.fmt(f),
            OperandKind::Text(text) => write_text(f, text),
            OperandKind::Call(call) => call.fmt(f),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.name)?;
        for (index, argument) in self.arguments.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            argument.fmt(f)?;
        }
        f.write_str(")")
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    use fmt::Write as _;
    f.write_char('\'')?;
    for c in text.chars() {
        match c {
            '\\' | '\'' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char('\'')
}
