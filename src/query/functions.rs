//! Functions of the filter language: `geoDistance` and `strftime`.

use crate::expr::{self, Call, OperandKind, Span};
use crate::query::compiler::{Base, Compiler, literal};
use crate::query::error::{Error, Reason, Token};
use crate::query::scalar::{Operand, Scalar};

/// Most arguments of `strftime`.
const MAX_STRFTIME_ARGUMENTS: usize = 10;

impl<'a> Compiler<'a> {
    /// Resolves a call.
    pub(super) fn call(
        &mut self,
        base: Base<'a>,
        call: &Call,
        span: Span,
    ) -> Result<Operand, Error> {
        let token = Token {
            text: &call.name,
            span,
        };
        match call.name.as_str() {
            "geoDistance" => self.geo_distance(base, &call.arguments, token),
            "strftime" => self.strftime(base, &call.arguments, token),
            _ => Err(token.error(Reason::UnknownFunction)),
        }
    }

    fn geo_distance(
        &mut self,
        base: Base<'a>,
        arguments: &[expr::Operand],
        token: Token<'_>,
    ) -> Result<Operand, Error> {
        if arguments.len() != 4 {
            return Err(token.error(Reason::WrongArgumentCount));
        }
        let mut scalars = Vec::new();
        let mut rows = Vec::new();
        for argument in arguments {
            if !matches!(
                argument.kind,
                OperandKind::Identifier(_) | OperandKind::Number(_)
            ) {
                return Err(token.error(Reason::WrongArgument));
            }
            let operand = self.operand(base, argument)?;
            rows.extend(&operand.rows);
            scalars.push(operand.scalar);
        }
        let scalars: [Scalar; 4] = scalars
            .try_into()
            .map_err(|_| token.error(Reason::WrongArgumentCount))?;
        Ok(Operand {
            rows,
            blank_is_null: false,
            transparent: false,
            ..Operand::from_row(None, Scalar::GeoDistance(Box::new(scalars)))
        })
    }

    fn strftime(
        &mut self,
        base: Base<'a>,
        arguments: &[expr::Operand],
        token: Token<'_>,
    ) -> Result<Operand, Error> {
        if arguments.is_empty() || arguments.len() > MAX_STRFTIME_ARGUMENTS {
            return Err(token.error(Reason::WrongArgumentCount));
        }
        let mut scalars = Vec::new();
        let mut rows = Vec::new();
        let mut every = None;
        self.asks_clock = true;
        for (index, argument) in arguments.iter().enumerate() {
            let operand = match &argument.kind {
                OperandKind::Text(text) => literal(text.as_str().into()),
                OperandKind::Identifier(_) | OperandKind::Number(_) if index == 1 => {
                    self.operand(base, argument)?
                }
                _ => return Err(token.error(Reason::WrongArgument)),
            };
            rows.extend(&operand.rows);
            every = every.or(operand.every);
            scalars.push(operand.scalar);
        }
        Ok(Operand {
            rows,
            every,
            transparent: false,
            ..Operand::from_row(None, Scalar::Strftime(scalars))
        })
    }
}
