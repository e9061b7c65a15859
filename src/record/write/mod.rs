//! Creating and changing a record inside a write transaction: rule, checks, row and change log are one step.

mod account;
mod auth_checks;
mod handled;
mod permit;
mod store;

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json};

use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::engine::{self, Change, Tx};
use crate::query::Snapshot;
use crate::record::input::Input;
use crate::record::lookup::load_values;
use crate::record::model::Record;
use crate::record::validate;
use crate::schema::{Entry, FieldKind, FieldValue};
use crate::sql::Value;

pub use account::{INSTALLER_EMAIL, remove_installer};
pub use handled::{check_record, draft_at_hand, draft_create, draft_update};
pub use permit::{Question, drop_unused_uploads, may_save, question};

use account::follow_auth_changes;
pub(super) use permit::with_body;
use permit::{begin_create, begin_update, body_for_readers};
pub(super) use store::not_allowed;
use store::{generate, insert, store_changes, unused_uploads};

const CREATE_FAILED: &str = "Failed to create record.";
const UPDATE_FAILED: &str = "Failed to update record.";

/// How long the rules of a write may take, for which all other writes wait.
pub(super) const RULES_LIMIT: Duration = Duration::from_secs(5);

/// What a save did, for the work that follows the commit.
#[derive(Clone, Debug)]
pub struct Written {
    pub collection_id: String,
    pub record_id: String,
    /// Stored names that the record no longer has, or that were stored for it and it never had.
    pub removed_files: Vec<String>,
    cells: Vec<Value>,
    /// `@request.body` as the manage rule saw it, where it looks at it.
    body: Option<Map<String, Json>>,
}

/// Creates a record if the caller may.
pub fn create(
    tx: &Tx,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    input: &Input,
) -> Result<Written> {
    let until = Instant::now() + RULES_LIMIT;
    let mut draft = tx.until(until, |tx| begin_create(tx, snapshot, ctx, entry, input))?;
    let body = body_for_readers(ctx, entry, &draft, input);
    draft.override_with(entry, input);
    generate(entry, ctx, &mut draft, input);
    if !input.skips_validation {
        validate::check(tx, snapshot, entry, &draft, None, input)
            .map_err(|error| error.into_error(CREATE_FAILED))?;
    }
    if !draft.hash_passwords(entry, input) {
        return Err(Error::bad_request(CREATE_FAILED));
    }
    let id = draft.value(entry, "id").as_text().to_owned();
    let removed_files = unused_uploads(entry, &draft, input);
    let is_installer =
        entry.is_superusers() && draft.value(entry, "email").as_text() == INSTALLER_EMAIL;
    let cells =
        insert(tx, entry, draft).map_err(|error| not_allowed(error, entry, CREATE_FAILED))?;
    tx.log_change(&Change {
        collection: &entry.id,
        record: &id,
        action: engine::Action::Create,
        at: ctx.now,
        data: None,
        cells: Some(&cells),
    })?;
    if entry.is_superusers() && !is_installer {
        remove_installer(tx)?;
    }
    Ok(Written {
        collection_id: entry.id.clone(),
        record_id: id,
        removed_files,
        cells,
        body,
    })
}

/// Changes a record if the caller may. The new values are worked out from the row as it stands in this transaction.
pub fn update(
    tx: &Tx,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    input: &Input,
) -> Result<Written> {
    let until = Instant::now() + RULES_LIMIT;
    let begun = tx.until(until, |tx| {
        begin_update(tx, snapshot, ctx, entry, id, input)
    });
    let (mut draft, stored) = begun?;
    let body = body_for_readers(ctx, entry, &draft, input);
    draft.override_with(entry, input);
    for (field, value) in entry.fields.iter().zip(&mut draft.values) {
        if matches!(&field.kind, FieldKind::Autodate(options) if options.on_update) {
            *value = FieldValue::Text(ctx.now.to_string());
        }
    }
    if !input.skips_validation {
        validate::check(tx, snapshot, entry, &draft, Some(&stored), input)
            .map_err(|error| error.into_error(UPDATE_FAILED))?;
    }
    if !draft.hash_passwords(entry, input) {
        return Err(Error::bad_request(UPDATE_FAILED));
    }
    if entry.is_auth() {
        follow_auth_changes(tx, snapshot, entry, id, &stored, &mut draft)?;
    }
    store_changes(tx, entry, id, &stored, &draft)
        .map_err(|error| not_allowed(error, entry, UPDATE_FAILED))?;
    let mut removed_files = draft.removed_files(entry, &stored);
    removed_files.extend(unused_uploads(entry, &draft, input));
    let cells = draft.cells();
    tx.log_change(&Change {
        collection: &entry.id,
        record: id,
        action: engine::Action::Update,
        at: ctx.now,
        data: None,
        cells: Some(&cells),
    })?;
    Ok(Written {
        collection_id: entry.id.clone(),
        record_id: id.to_owned(),
        removed_files,
        cells,
        body,
    })
}

/// Updates the record with this id if there is one, else creates it. Rules see the method of what it is.
pub fn upsert(
    tx: &Tx,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    input: &Input,
) -> Result<Written> {
    if !id.is_empty() && load_values(tx, entry, id)?.is_some() {
        update(tx, snapshot, &ctx.with_method("PATCH"), entry, id, input)
    } else {
        create(tx, snapshot, &ctx.with_method("POST"), entry, input)
    }
}

impl Written {
    /// Lets a record that handlers hold show what was stored.
    pub fn settle(&self, record: &mut Record) {
        record.settle(&self.cells);
    }

    /// What was stored, for whoever shows it.
    pub(crate) fn take_cells(&mut self) -> Vec<Value> {
        mem::take(&mut self.cells)
    }

    /// The resolved body, if what the caller may see of the record depends on it.
    pub(crate) const fn take_body(&mut self) -> Option<Map<String, Json>> {
        self.body.take()
    }
}
