//! A record in the hands of scripts: its values between being submitted and being stored, or being read and shown.
//!
//! Handlers change it; what they changed is laid over the save as [`Override`]s. It does no I/O and knows no rules.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value as Json};

use crate::base::json;
use crate::base::secret::Secret;
use crate::ctx::Ctx;
use crate::record::draft::{self, Draft};
use crate::record::input::{Input, Override};
use crate::schema::fields::{Modifier, assignments, modifier_target};
use crate::schema::{Entry, FieldKind, FieldValue, Password};
use crate::sql::{Value, ValueRef};

/// A record as handlers see it.
#[derive(Debug)]
pub struct Record {
    entry: Arc<Entry>,
    values: Vec<FieldValue>,
    /// What the save would store without handlers.
    submitted: Arc<[FieldValue]>,
    /// What is stored; zero values for a new record.
    original: Arc<[FieldValue]>,
    is_new: bool,
    /// Members without a field.
    custom: Map<String, Json>,
    /// Members without a field are part of answers, those that are still to be set as well.
    shows_custom: bool,
    shape: RecordShape,
    expand: Map<String, Json>,
    /// Files that handlers put into fields, not stored yet.
    files: Vec<PendingFile>,
    stored_files: Vec<String>,
}

/// A file on its way into a field.
#[derive(Clone)]
pub struct PendingFile {
    pub field: String,
    /// What it will be called.
    pub stored_name: String,
    pub original_name: String,
    pub bytes: Arc<[u8]>,
}

impl std::fmt::Debug for PendingFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingFile")
            .field("field", &self.field)
            .field("stored_name", &self.stored_name)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// What handlers decided about how a record is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordShape {
    /// Members left out.
    pub hidden: BTreeSet<String>,
    /// Members of hidden fields that are shown nevertheless.
    pub shown: BTreeSet<String>,
    /// Members added.
    pub custom: Map<String, Json>,
}

impl RecordShape {
    /// Says whether the record is shown as any other.
    pub fn is_plain(&self) -> bool {
        self.hidden.is_empty() && self.shown.is_empty() && self.custom.is_empty()
    }
}

impl Record {
    /// A record that does not exist yet.
    pub fn new(entry: &Arc<Entry>) -> Self {
        Self::of_values(entry, draft::zero_values(entry), true)
    }

    /// A stored record given by its cells in field order.
    pub fn of_cells<'a>(entry: &Arc<Entry>, cells: impl Fn(usize) -> ValueRef<'a>) -> Self {
        let values = entry
            .fields
            .iter()
            .enumerate()
            .map(|(i, field)| field.read_stored(cells(i)))
            .collect();
        Self::of_values(entry, values, false)
    }

    fn of_values(entry: &Arc<Entry>, values: Vec<FieldValue>, is_new: bool) -> Self {
        let known: Arc<[FieldValue]> = values.clone().into();
        Self {
            entry: Arc::clone(entry),
            submitted: Arc::clone(&known),
            original: known,
            values,
            is_new,
            custom: Map::new(),
            shows_custom: false,
            shape: RecordShape::default(),
            expand: Map::new(),
            files: Vec::new(),
            stored_files: Vec::new(),
        }
    }

    /// Remembers a file whose name was put into a field.
    pub fn attach(&mut self, file: PendingFile) {
        self.files.push(file);
    }

    /// Remembers a file that is stored although the record is not yet.
    pub(crate) fn note_stored(&mut self, name: String) {
        self.stored_files.push(name);
    }

    /// The files that were stored for a save that failed.
    pub(crate) fn take_stored(&mut self) -> Vec<String> {
        std::mem::take(&mut self.stored_files)
    }

    /// The files that are to be stored, those that are still in their fields.
    pub fn take_files(&mut self) -> Vec<PendingFile> {
        let mut files = std::mem::take(&mut self.files);
        files.retain(|file| {
            let value = self.entry.position(&file.field);
            let value = value.and_then(|i| self.values.get(i));
            value.is_some_and(|value| value.texts().contains(&file.stored_name))
        });
        files
    }

    /// A record as a client wants it; `original` is what is stored, if it exists.
    pub(crate) fn of_draft(
        entry: &Arc<Entry>,
        draft: Draft,
        original: Option<Vec<FieldValue>>,
        input: &Input,
    ) -> Self {
        let is_new = original.is_none();
        let mut record = Self::of_values(entry, draft.values, is_new);
        record.original = original.unwrap_or_else(|| draft::zero_values(entry)).into();
        record.custom = draft::members_without_field(entry, input);
        record
    }

    /// The collection it belongs to.
    pub const fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }

    /// The collection it belongs to, to keep.
    pub fn collection(&self) -> Arc<Entry> {
        Arc::clone(&self.entry)
    }

    /// Says whether it was not stored yet.
    pub const fn is_new(&self) -> bool {
        self.is_new
    }

    /// Its id, `""` before it has one.
    pub fn id(&self) -> &str {
        self.entry
            .position("id")
            .and_then(|i| self.values.get(i))
            .map_or("", FieldValue::as_text)
    }

    /// The value of a field or of a member without a field; null when there is neither.
    pub fn get(&self, name: &str) -> Json {
        if let Some(value) = self.entry.position(name).and_then(|i| self.values.get(i)) {
            return value.to_json();
        }
        match name {
            "collectionId" => Json::String(self.entry.id.clone()),
            "collectionName" => Json::String(self.entry.name.clone()),
            "expand" => Json::Object(self.expand.clone()),
            _ => self.custom.get(name).cloned().unwrap_or_default(),
        }
    }

    /// The stored value of a field.
    pub fn get_original(&self, name: &str) -> Json {
        let value = self.entry.position(name).and_then(|i| self.original.get(i));
        value.map_or(Json::Null, FieldValue::to_json)
    }

    /// Says whether a field has another value than is stored.
    pub fn is_changed(&self, name: &str) -> bool {
        self.entry
            .position(name)
            .is_some_and(|i| self.values.get(i) != self.original.get(i))
    }

    /// Sets a field, with a modifier if the name has one (`tags+`), or a member without a field.
    pub fn set(&mut self, name: &str, value: Json) {
        if let Some(i) = self.entry.position(name) {
            if let (Some(field), Some(slot)) = (self.entry.fields.get(i), self.values.get_mut(i)) {
                *slot = field.apply(slot, Modifier::Set, &value);
            }
            return;
        }
        if self.entry.field(modifier_target(name)).is_none() {
            if self.shows_custom {
                self.show(name, value.clone());
            }
            self.custom.insert(name.to_owned(), value);
            return;
        }
        let change: Map<String, Json> = std::iter::once((name.to_owned(), value)).collect();
        let entry = Arc::clone(&self.entry);
        for assignment in assignments(&entry.fields, &change) {
            if let (Some(field), Some(slot)) = (
                entry.fields.get(assignment.position),
                self.values.get_mut(assignment.position),
            ) {
                *slot = field.apply(slot, assignment.modifier, assignment.value);
            }
        }
    }

    /// The id and hash of a stored password.
    pub fn password_hash(&self) -> Option<Secret<String>> {
        match self
            .entry
            .position("password")
            .and_then(|i| self.values.get(i))
        {
            Some(FieldValue::Password(password)) => Some(Secret::new(password.hash().to_owned())),
            _ => None,
        }
    }

    /// Makes everything signed with the record's token key invalid.
    pub fn refresh_token_key(&mut self) {
        let entry = Arc::clone(&self.entry);
        if let Some(i) = entry.position("tokenKey")
            && let (Some(field), Some(value)) = (entry.fields.get(i), self.values.get_mut(i))
            && let Some(key) = draft::autogenerated(field)
        {
            *value = FieldValue::Text(key);
        }
    }

    /// All fields and expanded relations as JSON, hidden ones included, secrets not.
    pub fn to_json(&self) -> Map<String, Json> {
        let mut all = Map::new();
        for member in self.entry.layout().members() {
            let Ok(name) = serde_json::from_slice::<String>(
                member.key.strip_suffix(b":").unwrap_or(&member.key),
            ) else {
                continue;
            };
            if name != "expand" || !self.expand.is_empty() {
                let value = self.get(&name);
                all.insert(name, value);
            }
        }
        all.extend(self.custom.clone());
        all
    }

    /// Members without a field.
    pub const fn custom(&self) -> &Map<String, Json> {
        &self.custom
    }

    /// Expanded relations.
    pub const fn expand_mut(&mut self) -> &mut Map<String, Json> {
        &mut self.expand
    }

    /// How it is to be shown.
    pub const fn shape(&self) -> &RecordShape {
        &self.shape
    }

    /// Leaves members out of answers.
    pub fn hide(&mut self, name: &str) {
        self.shape.shown.remove(name);
        self.shape.hidden.insert(name.to_owned());
    }

    /// Shows members of hidden fields in answers.
    pub fn unhide(&mut self, name: &str) {
        self.shape.hidden.remove(name);
        self.shape.shown.insert(name.to_owned());
    }

    /// Says whether members without a field are part of answers.
    pub fn show_custom(&mut self, show: bool) {
        self.shows_custom = show;
        self.shape.custom = if show {
            self.custom.clone()
        } else {
            Map::new()
        };
    }

    /// Adds a member to answers.
    pub fn show(&mut self, name: &str, value: Json) {
        self.shape.custom.insert(name.to_owned(), value);
    }

    /// The password fields that handlers set, with what is to be hashed.
    pub fn plain_passwords(&self) -> Vec<(String, Secret<String>)> {
        let changed = self.entry.fields.iter().zip(&self.values);
        changed
            .zip(&*self.submitted)
            .filter_map(|((field, value), submitted)| match value {
                FieldValue::Password(password) if value != submitted => password
                    .plain()
                    .map(|plain| (field.name.clone(), Secret::new(plain.to_owned()))),
                _ => None,
            })
            .collect()
    }

    /// Replaces a typed password by its hash.
    pub fn set_password_hash(&mut self, name: &str, hash: String) {
        if let Some(value) = self
            .entry
            .position(name)
            .and_then(|i| self.values.get_mut(i))
        {
            *value = FieldValue::Password(Password::Hash(Secret::new(hash)));
        }
    }

    /// Fills what a save fills by itself, so that handlers see it: id, generated texts, dates.
    pub fn generate(&mut self, ctx: &Ctx, input: &Input) {
        let entry = Arc::clone(&self.entry);
        for (field, value) in entry.fields.iter().zip(&mut self.values) {
            match &field.kind {
                FieldKind::Autodate(options)
                    if (self.is_new && options.on_create)
                        || (!self.is_new && options.on_update) =>
                {
                    *value = FieldValue::Text(ctx.now.to_string());
                }
                FieldKind::Text(_) if self.is_new && value.as_text().is_empty() => {
                    let reserved = (field.name == "id" && !input.reserved_id.is_empty())
                        .then(|| input.reserved_id.clone());
                    if let Some(text) = reserved.or_else(|| draft::autogenerated(field)) {
                        *value = FieldValue::Text(text);
                    }
                }
                _ => {}
            }
        }
    }

    /// What handlers changed of what was submitted.
    pub fn overrides(&self) -> Vec<Override> {
        let changed = self.entry.fields.iter().zip(&self.values);
        changed
            .zip(&*self.submitted)
            .filter(|((_, value), submitted)| value != submitted)
            .map(|((field, value), _)| Override {
                field: field.name.clone(),
                value: value.clone(),
            })
            .collect()
    }

    /// Takes over what was stored.
    pub(crate) fn settle(&mut self, cells: &[Value]) {
        let stored = Self::of_cells(&Arc::clone(&self.entry), |i| {
            cells.get(i).map_or(ValueRef::Null, Value::as_ref)
        });
        self.values = stored.values;
        self.submitted = stored.submitted;
        self.original = stored.original;
        self.is_new = false;
        self.stored_files.clear();
    }

    /// The values as cells in field order.
    pub fn cells(&self) -> Vec<Value> {
        self.values.iter().map(FieldValue::to_sql).collect()
    }

    /// The values as a draft that can be validated.
    pub(crate) fn to_draft(&self) -> Draft {
        Draft {
            values: self.values.clone(),
        }
    }

    pub(crate) fn stored(&self) -> Option<&[FieldValue]> {
        (!self.is_new).then_some(&*self.original)
    }

    /// Takes the values of another record of the same collection, such as a fresh read.
    pub fn replace(&mut self, other: Self) {
        *self = other;
    }

    /// A copy with the stored values.
    #[must_use]
    pub fn to_original(&self) -> Self {
        Self::of_values(&self.entry, self.original.to_vec(), self.is_new)
    }

    /// A copy of its own.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            entry: Arc::clone(&self.entry),
            values: self.values.clone(),
            submitted: Arc::clone(&self.submitted),
            original: Arc::clone(&self.original),
            is_new: self.is_new,
            custom: self.custom.clone(),
            shows_custom: self.shows_custom,
            shape: self.shape.clone(),
            expand: self.expand.clone(),
            files: self.files.clone(),
            stored_files: Vec::new(),
        }
    }
}

/// A record that handlers and the operation share.
#[derive(Clone, Debug)]
pub struct SharedRecord(Arc<Mutex<Record>>);

impl SharedRecord {
    /// Wraps a record.
    pub fn new(record: Record) -> Self {
        Self(Arc::new(Mutex::new(record)))
    }

    /// The record itself, for a moment: nothing may wait while it is held.
    pub fn lock(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says whether both are the same record.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Appends the members of a shape that are not fields.
pub(crate) fn write_custom(out: &mut Vec<u8>, shape: &RecordShape, mut first: bool) {
    for (name, value) in &shape.custom {
        if !first {
            out.push(b',');
        }
        first = false;
        json::write_string(out, name);
        out.push(b':');
        json::write_value(out, value);
    }
}
