//! Loaded rows of one collection with their expanded relations, ready to be written as JSON.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::base::error::{Error, Result};
use crate::base::json;
use crate::ctx::{Ctx, Principal, RequestContext};
use crate::engine::Reader;
use crate::query::{self, Action, Only, Output, Select, Snapshot, Statement};
use crate::record::model::{Record, RecordShape};
use crate::record::newest;
use crate::record::render::{self, Visibility};
use crate::record::unreadable::readable;
use crate::schema::{Entry, FieldValue};
use crate::sql::{Value, ValueRef};

/// Rows of one collection in result order.
#[derive(Debug)]
pub struct Rows {
    entry: Arc<Entry>,
    loaded: Vec<Row>,
    expansions: Vec<Expansion>,
    /// Something was to be expanded, whether or not it led to records.
    expanded: bool,
}

#[derive(Debug)]
struct Row {
    cells: Box<[Value]>,
    visibility: Visibility,
    /// The caller sees the `email` member whether or not the record shows it to everybody.
    may_see_email: bool,
    /// What handlers decided about its members.
    shape: Option<Box<RecordShape>>,
    /// Written once, however many records refer to this one.
    json: OnceLock<Vec<u8>>,
}

/// Where a row is among the rows and those they are expanded with.
#[derive(Clone, Debug)]
pub struct RowPath {
    expansions: Vec<usize>,
    row: usize,
}

impl RowPath {
    /// The place of a row that no other is expanded with.
    pub const fn top(row: usize) -> Self {
        Self {
            expansions: Vec::new(),
            row,
        }
    }

    /// The row, if it is not one that another is expanded with.
    pub fn top_row(&self) -> Option<usize> {
        self.expansions.is_empty().then_some(self.row)
    }
}

/// The records one `expand` name leads to.
#[derive(Debug)]
pub(crate) struct Expansion {
    pub(crate) name: String,
    /// One object rather than an array.
    pub(crate) single: bool,
    pub(crate) target: Rows,
    /// For each source row, positions of its records in `target`.
    pub(crate) links: Vec<Vec<usize>>,
}

/// Longest answer, in bytes. What is longer would only be held in memory.
pub(crate) const MAX_BYTES: usize = 128 << 20;

/// Refuses what is too long to be answered at once.
pub(crate) fn check_size(bytes: usize) -> Result<()> {
    if bytes > MAX_BYTES {
        return Err(Error::bad_request(
            "The answer would be too large, ask for fewer records or fields at once.",
        ));
    }
    Ok(())
}

/// About how long a value is when it is written down.
const fn length(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len() + 2,
        Value::Blob(bytes) => bytes.len(),
        Value::Null | Value::Int(_) | Value::Real(_) => 4,
    }
}

/// About how long the values of a record are when they are written down.
pub(crate) fn length_of(cells: &[Value]) -> usize {
    cells.iter().map(length).sum()
}

impl Rows {
    /// Runs a statement of [`Output::Columns`] and decides for each row what the caller sees of it.
    pub(crate) fn load(
        reader: &Reader,
        snapshot: &Snapshot,
        ctx: &Ctx,
        entry: &Arc<Entry>,
        statement: &Statement,
    ) -> Result<Self> {
        let n_columns = entry.fields.len();
        let (mut loaded, mut bytes) = (Vec::new(), 0);
        newest::query::<Error>(reader, statement, |row| {
            let cells: Box<[Value]> = (0..n_columns).map(|i| row.value(i)).collect();
            bytes += cells.iter().map(length).sum::<usize>();
            loaded.push(cells);
            check_size(bytes)
        })?;
        Self::of(reader, snapshot, ctx, entry, loaded)
    }

    /// A single row made of cells at hand, if what the caller sees of it is known without a look into the database.
    pub(crate) fn at_hand(ctx: &Ctx, entry: &Arc<Entry>, cells: Vec<Value>) -> Option<Self> {
        let is_masked = entry.is_auth() && !ctx.is_superuser();
        (!is_masked).then(|| Self::unmasked(ctx, entry, vec![cells.into_boxed_slice()]))
    }

    /// A single row made of cells at hand, such as a record just written.
    pub(crate) fn of_cells(
        reader: &Reader,
        snapshot: &Snapshot,
        ctx: &Ctx,
        entry: &Arc<Entry>,
        cells: Vec<Value>,
    ) -> Result<Self> {
        Self::of(reader, snapshot, ctx, entry, vec![cells.into_boxed_slice()])
    }

    fn of(
        reader: &Reader,
        snapshot: &Snapshot,
        ctx: &Ctx,
        entry: &Arc<Entry>,
        loaded: Vec<Box<[Value]>>,
    ) -> Result<Self> {
        let mut rows = Self::unmasked(ctx, entry, loaded);
        rows.mask_emails(reader, snapshot, ctx)?;
        Ok(rows)
    }

    fn unmasked(ctx: &Ctx, entry: &Arc<Entry>, loaded: Vec<Box<[Value]>>) -> Self {
        let visibility = Visibility::of(ctx);
        let row = |cells| Row {
            cells,
            visibility,
            may_see_email: true,
            shape: None,
            json: OnceLock::new(),
        };
        Self {
            entry: Arc::clone(entry),
            loaded: loaded.into_iter().map(row).collect(),
            expansions: Vec::new(),
            expanded: false,
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.loaded.len()
    }

    /// Says whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.loaded.is_empty()
    }

    pub(crate) const fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }

    pub(crate) fn cell(&self, row: usize, position: usize) -> ValueRef<'_> {
        self.loaded
            .get(row)
            .and_then(|row| row.cells.get(position))
            .map_or(ValueRef::Null, Value::as_ref)
    }

    pub(crate) fn id(&self, row: usize) -> &str {
        let position = self.entry.position("id").unwrap_or(0);
        match self.cell(row, position) {
            ValueRef::Text(id) => id,
            _ => "",
        }
    }

    /// The records of all rows, those they are expanded with included, for handlers to decide how they are shown.
    /// Returns each with what puts the decision in place.
    pub fn records(&self, wanted: &dyn Fn(&Entry) -> bool) -> Vec<(RowPath, Record)> {
        let mut found = Vec::new();
        self.collect(wanted, &mut Vec::new(), &mut found);
        found
    }

    /// How long the JSON of each row is about to be, what it is expanded with included.
    pub(crate) fn sizes(&self) -> Vec<u64> {
        let names = self.entry.fields.iter().map(|field| field.name.len() + 6);
        let names = names.sum::<usize>();
        let own = self.loaded.iter().map(|row| {
            let cells = row.cells.iter().map(length).sum::<usize>();
            (names + cells) as u64
        });
        let mut sizes: Vec<u64> = own.collect();
        for expansion in &self.expansions {
            let below = expansion.target.sizes();
            for (size, links) in sizes.iter_mut().zip(&expansion.links) {
                let shown = links.iter().filter_map(|at| below.get(*at));
                *size = shown.fold(*size, |sum, more| sum.saturating_add(*more));
            }
        }
        sizes
    }

    fn collect(
        &self,
        wanted: &dyn Fn(&Entry) -> bool,
        path: &mut Vec<usize>,
        found: &mut Vec<(RowPath, Record)>,
    ) {
        if wanted(&self.entry) {
            for row in 0..self.len() {
                let place = RowPath {
                    expansions: path.clone(),
                    row,
                };
                found.push((place, Record::of_cells(&self.entry, |i| self.cell(row, i))));
            }
        }
        for (index, expansion) in self.expansions.iter().enumerate() {
            path.push(index);
            expansion.target.collect(wanted, path, found);
            path.pop();
        }
    }

    /// Shows one row as handlers left its record: with the values they changed, and what they decided about its
    /// members.
    pub fn adopt(&mut self, place: &RowPath, record: &Record) {
        let mut rows = self;
        for index in &place.expansions {
            let Some(expansion) = rows.expansions.get_mut(*index) else {
                return;
            };
            rows = &mut expansion.target;
        }
        rows.adopt_own(place.row, record);
    }

    fn adopt_own(&mut self, row: usize, record: &Record) {
        let entry = Arc::clone(&self.entry);
        let Some(found) = self.loaded.get_mut(row) else {
            return;
        };
        let shape = record.shape();
        found.shape = (!shape.is_plain()).then(|| Box::new(shape.clone()));
        for change in record.overrides() {
            let position = entry.position(&change.field);
            let Some(cell) = position.and_then(|position| found.cells.get_mut(position)) else {
                continue;
            };
            *cell = change.value.to_sql();
            if entry.is_auth() && change.field == "emailVisibility" {
                found.visibility.email =
                    found.may_see_email || matches!(change.value, FieldValue::Bool(true));
            }
            // What the relation does not lead to any more is not shown either.
            let expanded = self.expansions.iter_mut();
            for expansion in expanded.filter(|expansion| expansion.name == change.field) {
                if let Some(links) = expansion.links.get_mut(row) {
                    let ids = change.value.texts();
                    links.retain(|at| ids.iter().any(|id| id == expansion.target.id(*at)));
                }
            }
        }
    }

    /// The values of one row as cells in field order.
    pub fn record(&self, row: usize) -> Record {
        Record::of_cells(&self.entry, |i| self.cell(row, i))
    }

    /// What one row is expanded with, by relation.
    pub fn expanded(&self, row: usize) -> serde_json::Map<String, serde_json::Value> {
        self.expand_json(row)
            .and_then(|json| serde_json::from_slice(&json).ok())
            .unwrap_or_default()
    }

    /// Positions of the rows by id.
    pub(crate) fn by_id(&self) -> HashMap<&str, usize> {
        (0..self.len()).map(|row| (self.id(row), row)).collect()
    }

    /// Makes every row show an `expand` object, empty where nothing was found.
    pub(crate) const fn mark_expanded(&mut self) {
        self.expanded = true;
    }

    pub(crate) fn add_expansion(&mut self, expansion: Expansion) {
        self.expansions.push(expansion);
        self.expansions.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// Appends the JSON of one row.
    pub(crate) fn write(&self, out: &mut Vec<u8>, row: usize) {
        let Some(found) = self.loaded.get(row) else {
            return;
        };
        let expand = self.expand_json(row);
        if let Some(shape) = &found.shape {
            return render::write_shaped(
                out,
                &self.entry,
                found.visibility,
                |i| self.cell(row, i),
                expand.as_deref(),
                shape,
            );
        }
        render::write_record(
            out,
            &self.entry,
            found.visibility,
            |i| self.cell(row, i),
            expand.as_deref(),
        );
    }

    fn shared_json(&self, row: usize) -> &[u8] {
        self.loaded.get(row).map_or(b"null".as_slice(), |found| {
            found.json.get_or_init(|| {
                let mut out = Vec::with_capacity(256);
                self.write(&mut out, row);
                out
            })
        })
    }

    /// The `expand` object of a row; nothing when no relation was followed.
    fn expand_json(&self, row: usize) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        for expansion in &self.expansions {
            let links = expansion.links.get(row).map_or(&[][..], Vec::as_slice);
            let Some(first) = links.first() else { continue };
            out.push(if out.is_empty() { b'{' } else { b',' });
            json::write_string(&mut out, &expansion.name);
            out.push(b':');
            if expansion.single {
                out.extend_from_slice(expansion.target.shared_json(*first));
            } else {
                out.push(b'[');
                for (index, link) in links.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    out.extend_from_slice(expansion.target.shared_json(*link));
                }
                out.push(b']');
            }
        }
        if out.is_empty() {
            return self.expanded.then(|| b"{}".to_vec());
        }
        out.push(b'}');
        Some(out)
    }

    /// Shows the `email` of all records, to somebody who manages them.
    pub(crate) fn show_emails(&mut self) {
        for row in &mut self.loaded {
            row.visibility.email = true;
        }
    }

    /// Decides whose `email` the caller sees: public ones, the own one, and those the manage rule lets through.
    fn mask_emails(&mut self, reader: &Reader, snapshot: &Snapshot, ctx: &Ctx) -> Result<()> {
        if !self.entry.is_auth() || ctx.is_superuser() {
            return Ok(());
        }
        let public = self.entry.position("emailVisibility");
        let own = match &ctx.principal {
            Principal::User(auth) if auth.collection_id == self.entry.id => Some(auth.id.clone()),
            _ => None,
        };
        let mut masked = Vec::new();
        for row in 0..self.len() {
            let is_own = own.as_deref() == Some(self.id(row));
            let visible = is_own
                || public
                    .is_some_and(|position| matches!(self.cell(row, position), ValueRef::Int(1)));
            if !visible {
                masked.push(self.id(row).to_owned());
            }
            self.loaded[row].visibility.email = visible;
            self.loaded[row].may_see_email = is_own;
        }
        let manage_rule = query::rule_for(ctx, &self.entry, Action::Manage)
            .ok()
            .flatten();
        let Some(rule) = manage_rule.filter(|_| !masked.is_empty()) else {
            return Ok(());
        };
        let managed = matching_ids(reader, snapshot, ctx, &self.entry, rule, &masked)?;
        let managed = managed.unwrap_or_default();
        for row in 0..self.len() {
            if managed.iter().any(|id| id == self.id(row)) {
                self.loaded[row].visibility.email = true;
                self.loaded[row].may_see_email = true;
            }
        }
        Ok(())
    }
}

/// Which of the ids satisfy a rule; `None` when it cannot be asked: it no longer compiles, or leads to a view that
/// cannot be read.
pub(crate) fn matching_ids(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    rule: &str,
    ids: &[String],
) -> Result<Option<Vec<String>>> {
    let select = Select {
        rule: Some(rule),
        only: Only::Ids(ids),
        output: Output::Id,
        ..Select::all(entry)
    };
    let Ok(statement) = snapshot.select(ctx, &select) else {
        return Ok(None);
    };
    let mut matching = Vec::new();
    let read = reader.query::<Error>(&statement.text, &statement.binds, |row| {
        matching.push(row.text(0).to_owned());
        Ok(())
    });
    Ok(readable(read, entry)?.map(|()| matching))
}

/// The context in which relations are followed.
pub(crate) fn expand_context(ctx: &Ctx) -> Ctx {
    ctx.within(RequestContext::Expand)
}
