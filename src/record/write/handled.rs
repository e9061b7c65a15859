//! Records that handlers look at and change before they are saved.

use std::sync::Arc;

use crate::base::error::Result;
use crate::ctx::Ctx;
use crate::engine::Reader;
use crate::query::{self, Action, Snapshot};
use crate::record::draft::{self, Draft};
use crate::record::input::Input;
use crate::record::model::Record;
use crate::record::validate;
use crate::schema::{Entry, FieldValue};

use super::permit::{begin_create, begin_update};
use super::{CREATE_FAILED, UPDATE_FAILED};

/// The record a create would store, where no rule asks for a look into the database.
pub fn draft_at_hand(ctx: &Ctx, entry: &Arc<Entry>, input: &Input) -> Result<Option<Record>> {
    let rule = query::rule_for(ctx, entry, Action::Create)?;
    if rule.is_some() || entry.is_auth() {
        return Ok(None);
    }
    let draft = Draft::new(entry, ctx, draft::zero_values(entry), input);
    Ok(Some(reserved(entry, draft, input)))
}

/// The record a create would store, if the caller may, for handlers to look at and change.
pub fn draft_create(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    input: &Input,
) -> Result<Record> {
    let draft = begin_create(reader, snapshot, ctx, entry, input)?;
    Ok(reserved(entry, draft, input))
}

/// A new record with the id that it will have.
fn reserved(entry: &Arc<Entry>, mut draft: Draft, input: &Input) -> Record {
    if !input.reserved_id.is_empty() {
        draft.set(entry, "id", FieldValue::Text(input.reserved_id.clone()));
    }
    Record::of_draft(entry, draft, None, input)
}

/// The record an update would store, if the caller may, for handlers to look at and change.
pub fn draft_update(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    input: &Input,
) -> Result<Record> {
    let (draft, stored) = begin_update(reader, snapshot, ctx, entry, id, input)?;
    Ok(Record::of_draft(entry, draft, Some(stored), input))
}

/// Checks a record that handlers had in their hands as a save would.
pub fn check_record(
    reader: &Reader,
    snapshot: &Snapshot,
    record: &Record,
    input: &Input,
) -> Result<()> {
    let message = if record.is_new() {
        CREATE_FAILED
    } else {
        UPDATE_FAILED
    };
    validate::check(
        reader,
        snapshot,
        record.entry(),
        &record.to_draft(),
        record.stored(),
        input,
    )
    .map_err(|failure| failure.into_error(message))
}
