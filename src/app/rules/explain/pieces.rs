//! The pieces of a rule one by one, each as the database judges it.

use serde_json::{Value as Json, json};

use super::{Asked, Decision};
use crate::app::rules::units;
use crate::base::error::{Error, Result};
use crate::base::text;
use crate::engine::Error as EngineError;
use crate::expr::{Operand, OperandKind};
use crate::query::{Compared, Explained, How, Select, Statement, Step};
use crate::schema::FieldKind;
use crate::sql::Value;

/// Longest text of a value that is shown, in bytes.
const MAX_SHOWN: usize = 200;

impl Asked<'_> {
    pub(super) fn ask_pieces(&self, select: &Select<'_>, decision: &mut Decision) -> Result<()> {
        let explained = match self.subject.snapshot.explain(&self.ctx, select) {
            Ok(explained) => explained,
            Err(error) => {
                let rule = select.rule.unwrap_or_default();
                decision.error = Some(error.describe(rule));
                return Ok(());
            }
        };
        let rule = select.rule.unwrap_or_default();
        let (tree, truth) = self.piece(rule, &explained, decision)?;
        decision.tree = Some(tree);
        if let Truth::Is(truth) = truth
            && !self.ctx.is_superuser()
            && decision
                .allowed
                .is_some_and(|allowed| allowed != (truth == Some(true)))
        {
            // Both come from one compiler and one database; if they ever differ, nobody should be misled.
            tracing::error!(collection.id = %self.subject.entry.id, "an explanation differs from the decision");
            return Err(Error::internal("an explanation differs from the decision"));
        }
        Ok(())
    }

    fn piece(
        &self,
        rule: &str,
        explained: &Explained,
        decision: &mut Decision,
    ) -> Result<(Json, Truth)> {
        let truth = self.truth(&explained.truth, decision)?;
        let span = explained.span;
        let mut told = json!({
            "from": units(rule, span.start),
            "to": units(rule, span.end),
            "text": rule.get(span.start..span.end).unwrap_or_default(),
            "outcome": truth.to_json(),
        });
        let Some(members) = told.as_object_mut() else {
            return Ok((told, truth));
        };
        let mut put = |name: &str, value: Json| members.insert(name.to_owned(), value);
        match &explained.step {
            Step::All(pieces) | Step::Any(pieces) => {
                let is_all = matches!(explained.step, Step::All(_));
                let mut children = Vec::new();
                let mut all_hold = true;
                for piece in pieces {
                    let (child, truth) = self.piece(rule, piece, decision)?;
                    all_hold &= matches!(truth, Truth::Is(Some(true)));
                    children.push(child);
                }
                put("op", Json::from(if is_all { "all" } else { "any" }));
                put("children", Json::Array(children));
                if is_all
                    && all_hold
                    && matches!(truth, Truth::Is(outcome) if outcome != Some(true))
                {
                    put(
                        "note",
                        Json::from(
                            "Each holds for some related record, but no single one satisfies all of them.",
                        ),
                    );
                }
            }
            Step::Compare(compared) => {
                put("op", Json::from("compare"));
                put("operator", Json::from(compared.operator.to_string()));
                put("left", Json::from(compared.left.to_string()));
                put("right", Json::from(compared.right.to_string()));
                let how = match compared.how {
                    How::One => "one",
                    How::Any => "any",
                    How::All => "all",
                };
                put("match", Json::from(how));
                let pairs = self.pairs(compared, decision)?;
                put("pairs", pairs);
            }
        }
        Ok((told, truth))
    }

    fn truth(&self, statement: &Statement, decision: &mut Decision) -> Result<Truth> {
        // The ids of a view need not be unique; one row that holds is enough.
        let mut truth: Option<Option<bool>> = None;
        let asked = self
            .reader
            .query::<EngineError>(&statement.text, &statement.binds, |row| {
                let here = is_true(&row.value(0));
                truth = match (truth, here) {
                    (Some(Some(true)), _) | (_, Some(true)) => Some(Some(true)),
                    (Some(Some(false)), _) | (_, Some(false)) => Some(Some(false)),
                    _ => Some(None),
                };
                Ok(())
            });
        match asked {
            Ok(()) => Ok(truth.map_or(Truth::NoRecord, Truth::Is)),
            Err(EngineError::Timeout) => {
                decision.partial = true;
                Ok(Truth::Unknown)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn pairs(&self, compared: &Compared, decision: &mut Decision) -> Result<Json> {
        let statement = &compared.pairs;
        let hidden = [&compared.left, &compared.right].map(|side| self.is_secret(side));
        let mut pairs = Vec::new();
        let asked = self
            .reader
            .query::<EngineError>(&statement.text, &statement.binds, |row| {
                let shown = |column: usize, is_hidden: bool| {
                    if is_hidden {
                        Json::from("•••")
                    } else {
                        shown(&row.value(column))
                    }
                };
                pairs.push(json!({
                    "left": shown(0, hidden[0]),
                    "right": shown(1, hidden[1]),
                    "outcome": is_true(&row.value(2)),
                }));
                Ok(())
            });
        match asked {
            Ok(()) => {}
            Err(EngineError::Timeout) => decision.partial = true,
            Err(error) => return Err(error.into()),
        }
        Ok(Json::Array(pairs))
    }

    /// Security: hashes and token keys are shown to nobody.
    fn is_secret(&self, operand: &Operand) -> bool {
        match &operand.kind {
            OperandKind::Identifier(name) => {
                let last = name.rsplit('.').next().unwrap_or_default();
                let last = last.split(':').next().unwrap_or_default();
                let mut entries = self.subject.snapshot.collections();
                entries.any(|entry| {
                    (entry.is_auth() && last == "tokenKey")
                        || entry
                            .field(last)
                            .is_some_and(|field| matches!(field.kind, FieldKind::Password(_)))
                })
            }
            OperandKind::Call(call) => call.arguments.iter().any(|operand| self.is_secret(operand)),
            OperandKind::Number(_) | OperandKind::Text(_) => false,
        }
    }
}

/// How a piece stands.
#[derive(Clone, Copy, Debug)]
enum Truth {
    /// `None` is SQL's NULL, which is not enough to get through.
    Is(Option<bool>),
    /// There is no such record.
    NoRecord,
    /// The time was up.
    Unknown,
}

impl Truth {
    fn to_json(self) -> Json {
        match self {
            Self::Is(outcome) => Json::from(outcome),
            Self::NoRecord => Json::from("no record"),
            Self::Unknown => Json::from("unknown"),
        }
    }
}

/// What SQL makes of a value where a condition stands.
fn is_true(value: &Value) -> Option<bool> {
    match value {
        Value::Null => None,
        Value::Int(number) => Some(*number != 0),
        Value::Real(number) => Some(*number != 0.0),
        Value::Text(text) => Some(text.trim().parse::<f64>().is_ok_and(|number| number != 0.0)),
        Value::Blob(_) => Some(false),
    }
}

fn shown(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Int(number) => Json::from(*number),
        Value::Real(number) => Json::from(*number),
        Value::Text(full) => {
            let cut = text::truncate_bytes(full, MAX_SHOWN);
            if cut.len() < full.len() {
                Json::from(format!("{cut}…"))
            } else {
                Json::from(cut)
            }
        }
        Value::Blob(_) => Json::from("(bytes)"),
    }
}
