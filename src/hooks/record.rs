//! Records in scripts: fields as properties, what changed, and how they are shown.

use rhai::{Array, Dynamic, ImmutableString, Map, Module};
use serde_json::Value as Json;

use crate::app::{data, records};
use crate::hooks::define::{function, property};
use crate::hooks::fault::{Failure, misuse, thrown};
use crate::hooks::file::ScriptFile;
use crate::hooks::{frames, values};
use crate::record::SharedRecord;

/// A record; copies are the same record.
#[derive(Clone, Debug)]
pub(super) struct ScriptRecord(pub(super) SharedRecord);

impl ScriptRecord {
    pub(super) fn dynamic(record: &SharedRecord) -> Dynamic {
        Dynamic::from(Self(record.clone()))
    }

    pub(super) fn get(&self, name: &str) -> Dynamic {
        values::from_json(&self.0.lock().get(name))
    }

    pub(super) fn set(&self, name: &str, value: &Dynamic) {
        if name == "expand" {
            return;
        }
        let is_file = |item: &Dynamic| item.read_lock::<ScriptFile>().is_some();
        if let Some(items) = value.read_lock::<Array>() {
            if items.iter().any(is_file) {
                return self.set_files(name, &items);
            }
        } else if is_file(value) {
            return self.set_files(name, std::slice::from_ref(value));
        }
        let value = values::to_json(value);
        self.0.lock().set(name, value);
    }

    /// Sets a field to what is no file.
    pub(super) fn set_plain(&self, name: &str, value: Json) {
        if name != "expand" {
            self.0.lock().set(name, value);
        }
    }

    /// Puts files into a field, beside names of files that are there already.
    fn set_files(&self, name: &str, items: &[Dynamic]) {
        let field = name.trim_matches('+');
        let mut record = self.0.lock();
        let mut names = Vec::new();
        for item in items {
            match item.read_lock::<ScriptFile>() {
                Some(file) => {
                    let pending = file.pending(field);
                    names.push(Json::String(pending.stored_name.clone()));
                    record.attach(pending);
                }
                None => names.push(values::to_json(item)),
            }
        }
        record.set(name, Json::Array(names));
    }

    /// The members an answer to anyone would show.
    pub(super) fn shown(&self) -> serde_json::Map<String, Json> {
        let record = self.0.lock();
        let shape = record.shape().clone();
        let entry = record.collection();
        let mut all = record.to_json();
        for name in record.custom().keys() {
            all.remove(name);
        }
        let shows_email = !entry.is_auth() || record.get("emailVisibility") == Json::Bool(true);
        all.retain(|name, _| {
            let is_hidden = entry.field(name).is_some_and(|field| field.hidden)
                || (name == "email" && !shows_email);
            (!is_hidden || shape.shown.contains(name)) && !shape.hidden.contains(name)
        });
        all.extend(shape.custom);
        all
    }
}

/// Everything a script can do with a record.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    module.set_custom_type::<ScriptRecord>("Record");
    let _ = module.set_indexer_get_fn(|record: &mut ScriptRecord, name: ImmutableString| {
        Ok(record.get(&name))
    });
    let _ = module.set_indexer_set_fn(
        |record: &mut ScriptRecord, name: ImmutableString, value: Dynamic| {
            record.set(&name, &value);
            Ok(())
        },
    );
    property!(
        module,
        "id",
        "The record's id.",
        |record: &mut ScriptRecord| { record.0.lock().id().to_owned() }
    );
    function!(
        module,
        "get(record: Record, field: string) -> ?",
        "The value of a field, or of a member without a field.",
        |record: &mut ScriptRecord, name: ImmutableString| record.get(&name)
    );
    function!(
        module,
        "set(record: Record, field: string, value: ?)",
        "Sets a field. Modifiers work: `set(\"tags+\", \"new\")`, `set(\"count-\", 1)`.",
        |record: &mut ScriptRecord, name: ImmutableString, value: Dynamic| {
            record.set(&name, &value);
        }
    );
    function!(
        module,
        "load(record: Record, values: map)",
        "Sets several fields.",
        |record: &mut ScriptRecord, values: Map| {
            for (name, value) in &values {
                record.set(name, value);
            }
        }
    );
    function!(
        module,
        "is_new(record: Record) -> bool",
        "Says whether the record was not stored yet.",
        |record: &mut ScriptRecord| record.0.lock().is_new()
    );
    function!(
        module,
        "changed(record: Record, field: string) -> bool",
        "Says whether a field has another value than when the record was loaded.",
        |record: &mut ScriptRecord, name: ImmutableString| record.0.lock().is_changed(&name)
    );
    function!(
        module,
        "original(record: Record) -> Record",
        "The record as it was loaded: what others have stored since is not in it, unless it was loaded in the transaction that is open.",
        |record: &mut ScriptRecord| {
            let original = record.0.lock().to_original();
            ScriptRecord(SharedRecord::new(original))
        }
    );
    function!(
        module,
        "collection(record: Record) -> map",
        "The record's collection.",
        |record: &mut ScriptRecord| {
            let entry = record.0.lock().collection();
            values::collection_map(&entry)
        }
    );
    function!(
        module,
        "expand(record: Record, field: string) -> ?",
        "The records a relation leads to, after `app.expand`: one, an array, or `()`.",
        |record: &mut ScriptRecord, name: ImmutableString| {
            values::from_json(
                &record
                    .0
                    .lock()
                    .expand_mut()
                    .get(name.as_str())
                    .cloned()
                    .unwrap_or_default(),
            )
        }
    );
    function!(
        module,
        "to_map(record: Record) -> map",
        "The record as the API would show it.",
        |record: &mut ScriptRecord| values::map_from_json(&record.shown())
    );
    function!(
        module,
        "hide(record: Record, field: string)",
        "Leaves a member out of answers.",
        |record: &mut ScriptRecord, name: ImmutableString| record.0.lock().hide(&name)
    );
    function!(
        module,
        "hide(record: Record, fields: array)",
        "Leaves members out of answers.",
        |record: &mut ScriptRecord, names: Array| {
            for name in names {
                record.0.lock().hide(&name.to_string());
            }
        }
    );
    function!(
        module,
        "hide(record: Record, field: string, other: string)",
        "Leaves two members out of answers.",
        |record: &mut ScriptRecord, a: ImmutableString, b: ImmutableString| {
            record.0.lock().hide(&a);
            record.0.lock().hide(&b);
        }
    );
    function!(
        module,
        "unhide(record: Record, field: string)",
        "Shows the member of a hidden field in answers.",
        |record: &mut ScriptRecord, name: ImmutableString| record.0.lock().unhide(&name)
    );
    function!(
        module,
        "unhide(record: Record, fields: array)",
        "Shows the members of hidden fields in answers.",
        |record: &mut ScriptRecord, names: Array| {
            for name in names {
                record.0.lock().unhide(&name.to_string());
            }
        }
    );
    function!(
        module,
        "with_custom_data(record: Record, show: bool)",
        "Says whether members without a field are part of answers.",
        |record: &mut ScriptRecord, show: bool| record.0.lock().show_custom(show)
    );
    function!(
        module,
        "set_password(record: Record, password: string)",
        "Sets the password of an auth record, and makes its tokens invalid.",
        |record: &mut ScriptRecord, password: ImmutableString| {
            let mut record = record.0.lock();
            record.set("password", Json::String(password.to_string()));
            record.refresh_token_key();
        }
    );
    function!(
        module,
        "validate_password(record: Record, password: string) -> bool",
        "Says whether this is the stored password of an auth record.",
        |record: &mut ScriptRecord, password: ImmutableString| -> Result<bool, Failure> {
            let app = frames::app().ok_or_else(|| misuse("There is no app here."))?;
            let hash = record.0.lock().password_hash();
            let Some(hash) = hash else { return Ok(false) };
            frames::wait(data::verify_password(&app, &password, hash)).map_err(|e| thrown(&e))
        }
    );
    function!(
        module,
        "refresh_token_key(record: Record)",
        "Makes everything invalid that was signed for an auth record, once it is saved.",
        |record: &mut ScriptRecord| record.0.lock().refresh_token_key()
    );
    function!(
        module,
        "is_superuser(record: Record) -> bool",
        "Says whether it is a superuser.",
        |record: &mut ScriptRecord| record.0.lock().entry().is_superusers()
    );
    function!(
        module,
        "to_string(record: Record) -> string",
        "A short text for logs.",
        |record: &mut ScriptRecord| {
            let record = record.0.lock();
            format!("{}/{}", record.entry().name, record.id())
        }
    );
    module
}

/// Saves a record and returns it.
pub(super) fn save(record: &ScriptRecord, skips_validation: bool) -> Result<ScriptRecord, Failure> {
    let app = frames::app().ok_or_else(|| misuse("There is no app here."))?;
    frames::wait(records::save_model(&app, &record.0, skips_validation))
        .map_err(|error| thrown(&error))?;
    Ok(record.clone())
}

/// Deletes a record.
pub(super) fn delete(record: &ScriptRecord) -> Result<(), Failure> {
    let app = frames::app().ok_or_else(|| misuse("There is no app here."))?;
    frames::wait(records::delete_model(&app, &record.0)).map_err(|error| thrown(&error))
}
