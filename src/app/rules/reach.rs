//! How many records somebody gets through to, counted until the time is up.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value as Json, json};

use crate::app::rules::{LIMIT, Subject, ctx_for, principal, request};
use crate::base::error::Result;
use crate::ctx::Ctx;
use crate::engine::{Error as EngineError, Reader};
use crate::query::{Output, Select, Snapshot, stored_rule};
use crate::schema::Entry;
use crate::sql::{Ident, Sql};

/// A number of records, or how many there are at least.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    pub(super) found: u64,
    pub(super) is_complete: bool,
}

impl Counted {
    pub(super) fn to_json(self) -> Json {
        json!({"count": self.found, "complete": self.is_complete})
    }
}

/// Counts the records that satisfy a rule; nothing if it does not compile.
pub(super) fn count(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    rule: Option<&str>,
) -> Result<Option<Counted>> {
    let select = Select {
        rule,
        output: Output::Id,
        ..Select::all(entry)
    };
    let Ok(statement) = snapshot.select(ctx, &select) else {
        return Ok(None);
    };
    // Row by row, so that what was found is known when the time is up.
    let mut found = 0;
    let counted = reader.query::<EngineError>(&statement.text, &statement.binds, |_| {
        found += 1;
        Ok(())
    });
    match counted {
        Ok(()) => Ok(Some(Counted {
            found,
            is_complete: true,
        })),
        Err(EngineError::Timeout) => Ok(Some(Counted {
            found,
            is_complete: false,
        })),
        Err(error) => Err(error.into()),
    }
}

/// All records of a collection; nothing if counting them takes too long.
pub(super) fn total(reader: &Reader, entry: &Entry) -> Result<Option<u64>> {
    let mut sql: Sql = Sql::from_text("SELECT COUNT(*) FROM ");
    sql.ident(&Ident::new(&entry.name));
    match reader.first(&sql, |row| u64::try_from(row.int(0)).unwrap_or(0)) {
        Ok(total) => Ok(total),
        Err(EngineError::Timeout) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whom a rule lets through next to whom the stored one does.
pub(super) fn compare(
    reader: &Reader,
    subject: &Subject,
    stored: &Snapshot,
    base: &Ctx,
    identities: &[Json],
) -> Result<Json> {
    let deadline = Instant::now() + LIMIT;
    let before_entry = stored.collection_by_id(&subject.entry.id);
    let mut told = Vec::new();
    for identity in identities {
        let who = principal(reader, stored, Some(identity))?;
        let ctx = ctx_for(base, who, request(&serde_json::Map::new(), subject.action));
        let of = |snapshot: &Snapshot, entry: &Arc<Entry>| -> Result<Option<Counted>> {
            let rule = stored_rule(entry, subject.action);
            match rule {
                None if !ctx.is_superuser() => Ok(Some(Counted {
                    found: 0,
                    is_complete: true,
                })),
                rule => count(reader, snapshot, &ctx, entry, rule),
            }
        };
        let before = match before_entry {
            Some(entry) => of(stored, entry)?,
            None => None,
        };
        let after = of(&subject.snapshot, &subject.entry)?;
        let widens = match (before, after) {
            (Some(before), Some(after)) => after.found > before.found,
            (None, Some(after)) => after.found > 0,
            _ => false,
        };
        told.push(json!({
            "as": identity,
            "before": before.map(Counted::to_json),
            "after": after.map(Counted::to_json),
            "widens": widens,
        }));
        if Instant::now() >= deadline {
            break;
        }
    }
    Ok(json!({
        "total": total(reader, &subject.entry)?,
        "identities": told,
        "partial": told.len() < identities.len() || Instant::now() >= deadline,
    }))
}
