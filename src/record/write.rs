//! Creating and changing a record inside a write transaction: rule, checks, row and change log are one step.

use std::mem;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::base::error::{Error, Result};
use crate::base::ids;
use crate::base::issues::Issues;
use crate::ctx::Ctx;
use crate::engine::{self, Change, Reader, Tx};
use crate::query::{self, Action, Output, Select, Snapshot};
use crate::record::auth_checks::{self, AuthSave, Stored};
use crate::record::draft::{self, Draft};
use crate::record::expand;
use crate::record::input::Input;
use crate::record::lookup::{columns_by_id, satisfies};
use crate::record::model::Record;
use crate::record::rows::Rows;
use crate::record::validate;
use crate::schema::{Entry, FieldKind, FieldValue, codes};
use crate::sql::{Ident, Sql, Value};

/// Address of the placeholder superuser behind the installer link.
pub const INSTALLER_EMAIL: &str = "__pbinstaller@example.com";

const CREATE_FAILED: &str = "Failed to create record.";
const UPDATE_FAILED: &str = "Failed to update record.";

/// What a save did, for the work that follows the commit.
#[derive(Clone, Debug)]
pub struct Written {
    pub collection_id: String,
    pub record_id: String,
    /// Stored names that the record no longer has.
    pub removed_files: Vec<String>,
    cells: Vec<Value>,
}

/// Creates a record if the caller may.
pub fn create(
    tx: &Tx,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    input: &Input,
) -> Result<Written> {
    let mut draft = begin_create(tx, snapshot, ctx, entry, input)?;
    draft.override_with(entry, input);
    generate(entry, ctx, &mut draft, input);
    if !input.skips_validation {
        validate::check(tx, snapshot, entry, &draft, None, input)
            .map_err(|error| error.into_error(CREATE_FAILED))?;
    }
    if !draft.hash_passwords(entry, input) {
        return Err(Error::bad_request(CREATE_FAILED));
    }
    let id = value_of(entry, &draft, "id").as_text().to_owned();
    let is_installer =
        entry.is_superusers() && value_of(entry, &draft, "email").as_text() == INSTALLER_EMAIL;
    let cells =
        insert(tx, entry, draft).map_err(|error| not_unique(error, entry, CREATE_FAILED))?;
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
        removed_files: Vec::new(),
        cells,
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
    let (mut draft, stored) = begin_update(tx, snapshot, ctx, entry, id, input)?;
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
        .map_err(|error| not_unique(error, entry, UPDATE_FAILED))?;
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
        removed_files: removed_files(entry, &stored, &draft),
        cells,
    })
}

/// What a create would store if the caller may: nothing is generated or validated yet.
fn begin_create(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    input: &Input,
) -> Result<Draft> {
    let rule = query::rule_for(ctx, entry, Action::Create)?;
    let mut draft = Draft::new(entry, ctx, draft::zero_values(entry), input);
    let is_account = entry.is_auth() && !input.is_scripts;
    if rule.is_none() && !is_account {
        return Ok(draft);
    }
    let ctx = with_body(ctx, draft.body(entry, ctx, input));
    let refused = || Error::bad_request(CREATE_FAILED);
    let virtual_row = virtual_cells(entry, &draft);
    if let Some(rule) = rule
        && !draft_satisfies(reader, snapshot, &ctx, entry, rule, &virtual_row)
            .map_err(|_| refused())?
    {
        return Err(refused());
    }
    if is_account {
        let manages = match query::rule_for(&ctx, entry, Action::Manage) {
            Ok(None) => true,
            Ok(Some(rule)) => {
                draft_satisfies(reader, snapshot, &ctx, entry, rule, &virtual_row).unwrap_or(false)
            }
            Err(_) => false,
        };
        let save = AuthSave {
            input,
            manages,
            stored: None,
            email: value_of(entry, &draft, "email"),
            verified: value_of(entry, &draft, "verified"),
        };
        auth_checks::check(&save).map_err(|issues| Error::invalid(CREATE_FAILED, issues))?;
        if !ctx.is_superuser() && input.has_unhashable_password() {
            return Err(refused());
        }
        verify_superuser(entry, &mut draft);
    }
    Ok(draft)
}

/// What an update would store if the caller may, and what is stored now.
fn begin_update(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    input: &Input,
) -> Result<(Draft, Vec<FieldValue>)> {
    let rule = query::rule_for(ctx, entry, Action::Update)?;
    let not_found = || Error::NotFound(None);
    let stored = load_values(reader, entry, id)?.ok_or_else(not_found)?;
    let mut draft = Draft::new(entry, ctx, stored.clone(), input);
    let is_account = entry.is_auth() && !input.is_scripts;
    if rule.is_none() && !is_account {
        return Ok((draft, stored));
    }
    let ctx = with_body(ctx, draft.body(entry, ctx, input));
    if let Some(rule) = rule
        && !satisfies(reader, snapshot, &ctx, entry, rule, id)?
    {
        return Err(not_found());
    }
    if is_account {
        let manages = match query::rule_for(&ctx, entry, Action::Manage) {
            Ok(None) => true,
            Ok(Some(rule)) => satisfies(reader, snapshot, &ctx, entry, rule, id).unwrap_or(false),
            Err(_) => false,
        };
        let before = |name: &str| entry.position(name).and_then(|i| stored.get(i));
        let save = AuthSave {
            input,
            manages,
            stored: Some(Stored {
                email: before("email").map_or("", FieldValue::as_text),
                verified: matches!(before("verified"), Some(FieldValue::Bool(true))),
                password_hash: match before("password") {
                    Some(FieldValue::Password(password)) => password.hash(),
                    _ => "",
                },
            }),
            email: value_of(entry, &draft, "email"),
            verified: value_of(entry, &draft, "verified"),
        };
        auth_checks::check(&save).map_err(|issues| Error::invalid(UPDATE_FAILED, issues))?;
        if !ctx.is_superuser() && input.has_unhashable_password() {
            return Err(Error::bad_request(UPDATE_FAILED));
        }
        verify_superuser(entry, &mut draft);
    }
    Ok((draft, stored))
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
    if !input.reserved_id.is_empty()
        && let Some(id) = entry.position("id").and_then(|i| draft.values.get_mut(i))
    {
        *id = FieldValue::Text(input.reserved_id.clone());
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

/// A stored record whatever its rules say.
pub fn load_record(reader: &Reader, entry: &Arc<Entry>, id: &str) -> Result<Option<Record>> {
    let sql = columns_by_id(entry, entry.fields.iter(), id);
    Ok(reader.first(&sql, |row| Record::of_cells(entry, |i| row.get(i)))?)
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

/// Updates the record with this id if there is one, else creates it.
pub fn upsert(
    tx: &Tx,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    input: &Input,
) -> Result<Written> {
    if !id.is_empty() && load_values(tx, entry, id)?.is_some() {
        update(tx, snapshot, ctx, entry, id, input)
    } else {
        create(tx, snapshot, ctx, entry, input)
    }
}

impl Written {
    /// Lets a record that handlers hold show what was stored.
    pub fn settle(&self, record: &mut Record) {
        record.settle(&self.cells);
    }
}

/// The saved record as the caller may see it, which takes its cells.
pub fn render_written(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    written: &mut Written,
    expand: &str,
) -> Result<Vec<u8>> {
    let cells = mem::take(&mut written.cells);
    render_cells(reader, snapshot, ctx, entry, cells, expand)
}

/// A record given by its cells as the caller may see it.
pub fn render_cells(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    cells: Vec<Value>,
    expand: &str,
) -> Result<Vec<u8>> {
    let rows = written_rows(reader, snapshot, ctx, entry, cells, expand)?;
    let mut out = Vec::with_capacity(512);
    rows.write(&mut out, 0);
    Ok(out)
}

/// A record given by its cells, with everything expanded that was asked for.
pub fn written_rows(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    cells: Vec<Value>,
    expand: &str,
) -> Result<Rows> {
    let mut rows = Rows::of_cells(reader, snapshot, ctx, entry, cells)?;
    expand::expand(reader, snapshot, ctx, &mut rows, expand)?;
    Ok(rows)
}

/// A record given by its cells, if what the caller sees of it is known without a look into the database.
pub fn rows_at_hand(ctx: &Ctx, entry: &Arc<Entry>, cells: Vec<Value>) -> Option<Rows> {
    Rows::at_hand(ctx, entry, cells)
}

/// Says whether a record given by its cells satisfies a rule and a client's filter; not when one does not compile.
pub fn cells_satisfy(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    cells: &[Value],
    (rule, filter): (Option<&str>, &str),
) -> Result<bool> {
    let select = Select {
        rule,
        filter,
        output: Output::Exists,
        draft: Some(cells),
        ..Select::all(entry)
    };
    let Ok(statement) = snapshot.select(ctx, &select) else {
        return Ok(false);
    };
    let mut satisfied = false;
    reader.query::<Error>(&statement.text, &statement.binds, |row| {
        satisfied = row.int(0) != 0;
        Ok(())
    })?;
    Ok(satisfied)
}

fn draft_satisfies(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    rule: &str,
    cells: &[Value],
) -> Result<bool> {
    let select = Select {
        rule: Some(rule),
        output: Output::Exists,
        draft: Some(cells),
        ..Select::all(entry)
    };
    let statement = snapshot
        .select(ctx, &select)
        .map_err(|_| Error::BadRequest(None))?;
    let mut satisfied = false;
    reader.query::<Error>(&statement.text, &statement.binds, |row| {
        satisfied = row.int(0) != 0;
        Ok(())
    })?;
    Ok(satisfied)
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

fn with_body(ctx: &Ctx, body: Map<String, Json>) -> Ctx {
    let mut ctx = ctx.clone();
    ctx.request_mut().body = body;
    ctx
}

fn value_of<'a>(entry: &Entry, draft: &'a Draft, name: &str) -> &'a FieldValue {
    static NONE: FieldValue = FieldValue::Bool(false);
    entry
        .position(name)
        .and_then(|i| draft.values.get(i))
        .unwrap_or(&NONE)
}

/// Superusers count as verified, whatever was submitted.
fn verify_superuser(entry: &Entry, draft: &mut Draft) {
    if entry.is_superusers()
        && let Some(value) = entry
            .position("verified")
            .and_then(|i| draft.values.get_mut(i))
    {
        *value = FieldValue::Bool(true);
    }
}

/// Fills what a new record gets by itself: id, generated texts, creation dates.
fn generate(entry: &Entry, ctx: &Ctx, draft: &mut Draft, input: &Input) {
    for (field, value) in entry.fields.iter().zip(&mut draft.values) {
        match &field.kind {
            FieldKind::Autodate(options) if options.on_create => {
                *value = FieldValue::Text(ctx.now.to_string());
            }
            FieldKind::Text(_) if value.as_text().is_empty() => {
                let reserved = (field.name == "id").then(|| input.reserved_id.clone());
                let generated = reserved.or_else(|| draft::autogenerated(field));
                if let Some(text) = generated {
                    *value = FieldValue::Text(text);
                }
            }
            _ => {}
        }
    }
}

/// Stores a new row and returns its cells.
fn insert(tx: &Tx, entry: &Entry, draft: Draft) -> Result<Vec<Value>, engine::Error> {
    let cells = draft.into_cells();
    tx.run(entry.insert_statement().as_str(), &cells)?;
    Ok(cells)
}

fn store_changes(
    tx: &Tx,
    entry: &Entry,
    id: &str,
    stored: &[FieldValue],
    draft: &Draft,
) -> Result<(), engine::Error> {
    let mut sql: Sql = Sql::from_text("UPDATE ");
    sql.ident(&Ident::new(&entry.name)).text(" SET ");
    let mut n_changes = 0;
    for ((field, before), after) in entry.fields.iter().zip(stored).zip(&draft.values) {
        if before != after {
            sql.text(if n_changes > 0 { ", " } else { "" })
                .ident(&Ident::new(&field.name));
            sql.text(" = ").bind(after.to_sql());
            n_changes += 1;
        }
    }
    if n_changes == 0 {
        return Ok(());
    }
    sql.text(" WHERE id = ").bind(id);
    tx.execute(&sql).map(|_| ())
}

/// The values of a stored record, if there is one.
fn load_values(reader: &Reader, entry: &Arc<Entry>, id: &str) -> Result<Option<Vec<FieldValue>>> {
    let sql = columns_by_id(entry, entry.fields.iter(), id);
    Ok(reader.first(&sql, |row| {
        entry
            .fields
            .iter()
            .enumerate()
            .map(|(i, field)| field.read_stored(row.get(i)))
            .collect()
    })?)
}

/// What changes of an auth record entail: new token key, sessions and codes that end.
fn follow_auth_changes(
    tx: &Tx,
    snapshot: &Snapshot,
    entry: &Arc<Entry>,
    id: &str,
    stored: &[FieldValue],
    draft: &mut Draft,
) -> Result<()> {
    let changed = |draft: &Draft, name: &str| {
        entry
            .position(name)
            .is_some_and(|i| stored.get(i) != draft.values.get(i))
    };
    let password_changed = changed(draft, "password");
    let became_verified =
        changed(draft, "verified") && *value_of(entry, draft, "verified") == FieldValue::Bool(true);
    let drops_links =
        became_verified && delete_references(tx, snapshot, "_externalAuths", entry, id)? > 0;
    let needs_new_key = password_changed || changed(draft, "email") || drops_links;
    if needs_new_key
        && !changed(draft, "tokenKey")
        && let Some(position) = entry.position("tokenKey")
        && let (Some(field), Some(value)) =
            (entry.fields.get(position), draft.values.get_mut(position))
    {
        let key = draft::autogenerated(field).unwrap_or_else(|| ids::random_string(50, ids::ALNUM));
        *value = FieldValue::Text(key);
    }
    if password_changed {
        delete_references(tx, snapshot, "_mfas", entry, id)?;
        delete_references(tx, snapshot, "_authOrigins", entry, id)?;
    }
    if changed(draft, "tokenKey") {
        delete_references(tx, snapshot, "_otps", entry, id)?;
    }
    Ok(())
}

fn delete_references(
    tx: &Tx,
    snapshot: &Snapshot,
    name: &str,
    entry: &Entry,
    id: &str,
) -> Result<usize> {
    if snapshot.collection_by_name(name).is_none() {
        return Ok(0);
    }
    let mut sql: Sql = Sql::from_text("DELETE FROM ");
    sql.ident(&Ident::new(name))
        .text(" WHERE collectionRef = ")
        .bind(entry.id.as_str());
    sql.text(" AND recordRef = ").bind(id);
    Ok(tx.execute(&sql)?)
}

/// Removes the placeholder the installer's link signs in as, if there is one.
pub fn remove_installer(tx: &Tx) -> Result<()> {
    let mut sql: Sql = Sql::from_text("DELETE FROM _superusers WHERE email = ");
    sql.bind(INSTALLER_EMAIL);
    tx.execute(&sql)?;
    Ok(())
}

/// File names the record had and has no more.
fn removed_files(entry: &Entry, stored: &[FieldValue], draft: &Draft) -> Vec<String> {
    let mut removed = Vec::new();
    for ((field, before), after) in entry.fields.iter().zip(stored).zip(&draft.values) {
        if matches!(field.kind, FieldKind::File(_)) {
            removed.extend(
                before
                    .texts()
                    .iter()
                    .filter(|name| !after.texts().contains(name))
                    .cloned(),
            );
        }
    }
    removed
}

/// Translates a violated UNIQUE constraint into issues of the columns it names.
fn not_unique(error: engine::Error, entry: &Entry, message: &'static str) -> Error {
    if !error.is_unique_violation() {
        return error.into();
    }
    let engine::Error::Constraint { columns, .. } = &error else {
        return error.into();
    };
    let mut issues = Issues::new();
    for (_, column) in columns
        .iter()
        .filter(|(_, column)| entry.position(column).is_some())
    {
        issues.add(column.clone(), codes::not_unique());
    }
    Error::invalid(message, issues)
}
