//! What a save would store, if its rules and the checks of auth records let the caller.
//!
//! Nothing is generated, validated or stored here.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::base::error::{Error, Result};
use crate::base::ids;
use crate::ctx::Ctx;
use crate::engine::Reader;
use crate::query::{self, Action, Snapshot};
use crate::record::draft::{self, Draft};
use crate::record::input::Input;
use crate::record::lookup::{draft_satisfies, load_values, satisfies};
use crate::record::reason::{self, denied, not_found};
use crate::schema::{Entry, FieldValue};
use crate::sql::Value;

use super::store::unused_uploads;
use super::{CREATE_FAILED, account};

/// What a create would store if the caller may: nothing is generated or validated yet.
pub(super) fn begin_create(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    input: &Input,
) -> Result<Draft> {
    let (mut draft, asked) = permit_create(reader, snapshot, ctx, entry, input)?;
    if let Some((ctx, virtual_row)) = asked
        && is_account(entry, input)
    {
        let manages = manages(&ctx, entry, |rule| {
            draft_satisfies(reader, snapshot, &ctx, entry, rule, &virtual_row)
        });
        account::check(&ctx, entry, input, &mut draft, None, manages)?;
    }
    Ok(draft)
}

/// With what further rules of a create are asked, and about which row.
type Asked = (Ctx, Vec<Value>);

/// What a create would store if its rule lets the caller through, and what further rules are asked with and about.
fn permit_create(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    input: &Input,
) -> Result<(Draft, Option<Asked>)> {
    let rule = query::rule_for(ctx, entry, Action::Create)?;
    let draft = Draft::new(entry, ctx, draft::zero_values(entry), input);
    if rule.is_none() && !is_account(entry, input) {
        return Ok((draft, None));
    }
    let ctx = with_body(ctx, draft.body(entry, ctx, input));
    let refused = || Error::bad_request(CREATE_FAILED);
    let virtual_row = virtual_cells(entry, &draft);
    if let Some(rule) = rule
        && !draft_satisfies(reader, snapshot, &ctx, entry, rule, &virtual_row).map_err(|error| {
            match error.told() {
                // What the rule says cannot be asked.
                Error::BadRequest(None) | Error::Internal(_) => {
                    refused().because(reason::of(&error))
                }
                _ => error,
            }
        })?
    {
        return Err(denied(refused(), entry, Action::Create));
    }
    Ok((draft, Some((ctx, virtual_row))))
}

/// What an update would store if the caller may, and what is stored now.
pub(super) fn begin_update(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    input: &Input,
) -> Result<(Draft, Vec<FieldValue>)> {
    let (mut draft, stored, asked) = permit_update(reader, snapshot, ctx, entry, id, input)?;
    if let Some(ctx) = asked
        && is_account(entry, input)
    {
        let manages = manages(&ctx, entry, |rule| {
            satisfies(reader, snapshot, &ctx, entry, rule, id)
        });
        account::check(&ctx, entry, input, &mut draft, Some(&stored), manages)?;
    }
    Ok((draft, stored))
}

/// What an update would store if its rule lets the caller through, what is stored now, and with what further rules are
/// asked.
fn permit_update(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    input: &Input,
) -> Result<(Draft, Vec<FieldValue>, Option<Ctx>)> {
    let rule = query::rule_for(ctx, entry, Action::Update)?;
    let stored =
        load_values(reader, entry, id)?.ok_or_else(|| not_found(entry, Action::Update, None))?;
    let draft = Draft::new(entry, ctx, stored.clone(), input);
    if rule.is_none() && !is_account(entry, input) {
        return Ok((draft, stored, None));
    }
    let ctx = with_body(ctx, draft.body(entry, ctx, input));
    if let Some(rule) = rule
        && !satisfies(reader, snapshot, &ctx, entry, rule, id)?
    {
        return Err(denied(Error::NotFound(None), entry, Action::Update));
    }
    Ok((draft, stored, Some(ctx)))
}

/// Says whether the save of an auth record is checked as a form that somebody filled in.
fn is_account(entry: &Entry, input: &Input) -> bool {
    entry.is_auth() && !input.is_scripts
}

/// Refuses a create, or an update of the record with this id, that its rule would refuse. Files need not be stored nor
/// passwords hashed yet; the save itself asks again.
pub fn may_save(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: Option<&str>,
    input: &Input,
) -> Result<()> {
    match id {
        None => permit_create(reader, snapshot, ctx, entry, input).map(drop),
        Some(id) => permit_update(reader, snapshot, ctx, entry, id, input).map(drop),
    }
}

/// Leaves out uploads that would not become files of the record, whatever it holds: those of fields the caller does not
/// see, and all but the last for one file.
pub fn drop_unused_uploads(ctx: &Ctx, entry: &Arc<Entry>, input: &mut Input) {
    let draft = Draft::new(entry, ctx, draft::zero_values(entry), input);
    let unused: HashSet<String> = unused_uploads(entry, &draft, input).into_iter().collect();
    if !unused.is_empty() {
        input
            .uploads
            .retain(|upload| !unused.contains(&upload.file.stored_name));
    }
}

/// Says whether the caller may do anything with an auth record; not when the rule cannot be asked.
fn manages(ctx: &Ctx, entry: &Entry, satisfies: impl FnOnce(&str) -> Result<bool>) -> bool {
    match query::rule_for(ctx, entry, Action::Manage) {
        Ok(None) => true,
        Ok(Some(rule)) => satisfies(rule).unwrap_or(false),
        Err(_) => false,
    }
}

/// The resolved body, where whoever reads the saved record needs it: where the manage rule looks at it.
pub(super) fn body_for_readers(
    ctx: &Ctx,
    entry: &Arc<Entry>,
    draft: &Draft,
    input: &Input,
) -> Option<Map<String, Json>> {
    if !entry.is_auth() {
        return None;
    }
    let rule = query::rule_for(ctx, entry, Action::Manage).ok()??;
    rule.contains("@request.body")
        .then(|| draft.body(entry, ctx, input))
}

/// What the rule of a save is asked about.
#[derive(Clone, Debug)]
pub struct Question {
    /// The row that is looked at in the place of a stored one.
    pub row: Option<Vec<Value>>,
    /// `@request.body`.
    pub body: Map<String, Json>,
}

/// What the rule of a create, or of an update of a record with these stored values, is asked about.
pub fn question(
    reader: &Reader,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: Option<&str>,
    input: &Input,
) -> Result<Option<Question>> {
    let stored = match id {
        None => draft::zero_values(entry),
        Some(id) => match load_values(reader, entry, id)? {
            Some(stored) => stored,
            None => return Ok(None),
        },
    };
    let draft = Draft::new(entry, ctx, stored, input);
    Ok(Some(Question {
        row: id.is_none().then(|| virtual_cells(entry, &draft)),
        body: draft.body(entry, ctx, input),
    }))
}

/// The row a create rule is checked against: a stand-in id when none was given, and nobody verified yet.
fn virtual_cells(entry: &Entry, draft: &Draft) -> Vec<Value> {
    let mut cells = draft.cells();
    if let Some(cell) = entry.position("id").and_then(|i| cells.get_mut(i))
        && *cell == Value::Text(String::new())
    {
        *cell = Value::Text(format!("__temp_id__{}", ids::random_string(6, ids::ALNUM)));
    }
    if entry.is_auth()
        && let Some(cell) = entry.position("verified").and_then(|i| cells.get_mut(i))
    {
        *cell = Value::Int(0);
    }
    cells
}

/// The context in which rules see a resolved body.
pub(in crate::record) fn with_body(ctx: &Ctx, body: Map<String, Json>) -> Ctx {
    let mut ctx = ctx.clone();
    let request = ctx.request_mut();
    request.body = body;
    request.is_body_of_record = true;
    ctx
}
