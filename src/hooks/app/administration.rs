//! What scripts do with the app itself: collections, settings, backups, messages to streams.

use rhai::{Array, Dynamic, FnPtr, ImmutableString, Map, Module, NativeCallContext};
use serde_json::{Value as Json, json};

use super::{ScriptApp, changeable, current, no_transaction};
use crate::app::{backups, collections, data, realtime, settings};
use crate::base::cast;
use crate::ctx::Ctx;
use crate::hooks::define::function;
use crate::hooks::fault::{Failure, thrown};
use crate::hooks::store::ScriptStore;
use crate::hooks::{frames, notes, values};

fn as_map(body: &[u8]) -> Dynamic {
    serde_json::from_slice(body).map_or(Dynamic::UNIT, |value: Json| values::from_json(&value))
}

/// Messages to streams, and backups.
pub(super) fn add_operations(module: &mut Module) {
    function!(
        *module,
        "send_message(app: App, topic: string, data: ?) -> int",
        "Sends data to every stream that is subscribed to a topic; returns to how many.",
        |_: &mut ScriptApp, topic: ImmutableString, data: Dynamic| -> Result<i64, Failure> {
            let app = current()?;
            if notes::call("app.send_message", || {
                json!([topic.as_str(), values::to_json(&data)])
            }) {
                return Ok(0);
            }
            let sent = realtime::broadcast(&app, &topic, &values::to_json(&data), |_| true);
            Ok(i64::try_from(sent).unwrap_or(i64::MAX))
        }
    );
    function!(
        *module,
        "send_message(app: App, topic: string, data: ?, wanted: Fn) -> int",
        "Sends data to those streams for which `|client| …` is true. A client has `id`, `subscriptions`, `ip`, and `auth`, the record's `id` and `collection` if it is signed in.",
        |context: NativeCallContext,
         _: &mut ScriptApp,
         topic: ImmutableString,
         data: Dynamic,
         wanted: FnPtr|
         -> Result<i64, Failure> {
            let (app, mut failed) = (current()?, None);
            if notes::call("app.send_message", || {
                json!([topic.as_str(), values::to_json(&data)])
            }) {
                return Ok(0);
            }
            let sent = realtime::broadcast(&app, &topic, &values::to_json(&data), |client| {
                let client = values::from_json(client);
                let verdict = wanted.call_within_context::<bool>(&context, (client,));
                verdict.unwrap_or_else(|failure| {
                    failed.get_or_insert(failure);
                    false
                })
            });
            match failed {
                Some(failure) => Err(failure),
                None => Ok(i64::try_from(sent).unwrap_or(i64::MAX)),
            }
        }
    );
    function!(
        *module,
        "create_backup(app: App, name: string)",
        "Makes a backup; `\"\"` for a generated name.",
        |_: &mut ScriptApp, name: ImmutableString| -> Result<(), Failure> {
            let app = no_transaction("Backups cannot be made")?;
            let mut form = serde_json::Map::new();
            form.insert("name".to_owned(), name.as_str().into());
            frames::wait(async move { backups::create(&app, &form).await })
                .map_err(|error| thrown(&error))
        }
    );
    function!(
        *module,
        "restore_backup(app: App, name: string)",
        "Puts a backup in the place of the data; the server opens it right afterwards.",
        |_: &mut ScriptApp, name: ImmutableString| -> Result<(), Failure> {
            let app = no_transaction("Backups cannot be restored")?;
            frames::wait(async move { backups::restore(&app, &name).await })
                .map_err(|error| thrown(&error))
        }
    );
    function!(
        *module,
        "is_dev(app: App) -> bool",
        "Says whether the server runs with --dev.",
        |_: &mut ScriptApp| frames::is_dev()
    );
}

pub(super) fn add(module: &mut Module) {
    function!(
        *module,
        "collection(app: App, name: string) -> map",
        "A collection's definition; throws 404 when there is none.",
        |_: &mut ScriptApp, name: ImmutableString| -> Result<Map, Failure> {
            let entry = data::collection(&current()?, &name).map_err(|error| thrown(&error))?;
            Ok(values::collection_map(&entry))
        }
    );
    function!(
        *module,
        "collections(app: App) -> array",
        "The definitions of all collections.",
        |_: &mut ScriptApp| -> Result<Array, Failure> {
            let all = data::collections(&current()?);
            Ok(all
                .iter()
                .map(|entry| Dynamic::from_map(values::collection_map(entry)))
                .collect())
        }
    );
    function!(
        *module,
        "save_collection(app: App, definition: map) -> map",
        "Makes a collection, or changes the one with the definition's id or name.",
        |_: &mut ScriptApp, definition: Map| -> Result<Dynamic, Failure> {
            let app = changeable("Collections cannot be changed")?;
            let form = values::map_to_json(&definition);
            let body = frames::wait(async move {
                let known = ["id", "name"].iter().find_map(|key| {
                    let name = form.get(*key).map(cast::to_text)?;
                    data::collection(&app, &name)
                        .ok()
                        .map(|entry| entry.id.clone())
                });
                match known {
                    Some(id) => collections::update(&app, &Ctx::system(), &id, form).await,
                    None => collections::create(&app, &Ctx::system(), form).await,
                }
            })
            .map_err(|error| thrown(&error))?;
            Ok(as_map(&body))
        }
    );
    function!(
        *module,
        "delete_collection(app: App, name: string)",
        "Deletes a collection with its records.",
        |_: &mut ScriptApp, name: ImmutableString| -> Result<(), Failure> {
            let app = changeable("Collections cannot be deleted")?;
            let name = name.to_string();
            frames::wait(async move { collections::delete(&app, &Ctx::system(), &name).await })
                .map_err(|error| thrown(&error))
        }
    );
    function!(
        *module,
        "import_collections(app: App, definitions: array, delete_missing: bool)",
        "Makes and changes many collections at once.",
        |_: &mut ScriptApp, definitions: Array, delete_missing: bool| -> Result<(), Failure> {
            let app = changeable("Collections cannot be changed")?;
            let mut form = serde_json::Map::new();
            form.insert(
                "collections".to_owned(),
                definitions.iter().map(values::to_json).collect(),
            );
            form.insert("deleteMissing".to_owned(), Json::Bool(delete_missing));
            frames::wait(async move { collections::import(&app, &Ctx::system(), form).await })
                .map_err(|error| thrown(&error))
        }
    );
    function!(
        *module,
        "settings(app: App) -> map",
        "The settings without secrets.",
        |_: &mut ScriptApp| -> Result<Dynamic, Failure> {
            let body =
                settings::view(&current()?, &Ctx::system()).map_err(|error| thrown(&error))?;
            Ok(as_map(&body))
        }
    );
    function!(
        *module,
        "save_settings(app: App, changes: map) -> map",
        "Changes settings; members that are left out stay.",
        |_: &mut ScriptApp, changes: Map| -> Result<Dynamic, Failure> {
            let app = changeable("Settings cannot be changed")?;
            let changes = values::map_to_json(&changes);
            let body =
                frames::wait(async move { settings::update(&app, &Ctx::system(), changes).await })
                    .map_err(|error| thrown(&error))?;
            Ok(as_map(&body))
        }
    );
    function!(
        *module,
        "data_dir(app: App) -> string",
        "The data directory.",
        |_: &mut ScriptApp| -> Result<String, Failure> {
            Ok(current()?.config().dir.display().to_string())
        }
    );
    function!(
        *module,
        "store(app: App) -> Store",
        "Values that all scripts share until the process ends.",
        |_: &mut ScriptApp| ScriptStore::shared()
    );
}
