//! The `app` of scripts. Within a transaction it is that transaction's, whatever it is called.

use std::sync::Arc;

use rhai::{Array, Dynamic, FnPtr, ImmutableString, Map, Module, NativeCallContext};
use serde_json::{Value as Json, json};

use crate::app::auth::{self, Wanted as Token};
use crate::app::data::{self, Wanted};
use crate::app::{App, backups, collections, realtime, settings};
use crate::base::cast;
use crate::base::error::{Error, Result};
use crate::ctx::{Ctx, Principal, RequestInfo};
use crate::hooks::define::function;
use crate::hooks::fault::{Failure, mistaken, misuse, thrown, unread};
use crate::hooks::record::{self, ScriptRecord};
use crate::hooks::{engine, frames, options, trial, values};
use crate::record::SharedRecord;
use crate::schema::Entry;

/// The app in a script.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScriptApp;

/// The app for whatever is in progress.
pub(super) fn current() -> Result<App, Failure> {
    frames::app().ok_or_else(|| {
        misuse("The app can be used in handlers; at the top level of a script there is nothing to work on yet.")
    })
}

/// Runs an operation and throws its error.
pub(super) fn run<T, F: Future<Output = Result<T>>>(
    operation: impl FnOnce(App) -> F,
) -> Result<T, Failure> {
    let app = current()?;
    frames::wait(operation(app)).map_err(|error| thrown(&error))
}

/// The same for a read whose collection, filter and so on are the script's.
fn read<T, F: Future<Output = Result<T>>>(operation: impl FnOnce(App) -> F) -> Result<T, Failure> {
    let app = current()?;
    frames::wait(operation(app)).map_err(|error| unread(&error))
}

/// A collection's definition.
pub(super) fn collection_map(entry: &Entry) -> Map {
    let mut body = Vec::new();
    entry.write_json(&mut body);
    match serde_json::from_slice(&body) {
        Ok(Json::Object(definition)) => values::map_from_json(&definition),
        _ => Map::new(),
    }
}

fn text(map: &Map, name: &str) -> String {
    map.get(name)
        .filter(|value| !value.is_unit())
        .map_or_else(String::new, ToString::to_string)
}

fn number(map: &Map, name: &str) -> i64 {
    map.get(name)
        .and_then(|value| value.as_int().ok())
        .unwrap_or(0)
}

fn params(map: &Map) -> serde_json::Map<String, Json> {
    values::map_to_json(map)
}

fn records(collection: &str, wanted: Wanted) -> Result<Array, Failure> {
    let collection = collection.to_owned();
    let found = read(|app| async move { data::records(&app, &collection, wanted).await })?;
    Ok(found.iter().map(ScriptRecord::dynamic).collect())
}

fn first(collection: &str, filter: &str, values: &Map) -> Result<Dynamic, Failure> {
    let wanted = Wanted {
        filter: filter.to_owned(),
        params: params(values),
        limit: 1,
        ..Wanted::default()
    };
    let mut found = records(collection, wanted)?;
    Ok(found.pop().unwrap_or(Dynamic::UNIT))
}

fn count(collection: &str, filter: &str, values: &Map) -> Result<i64, Failure> {
    let (collection, filter, values) = (collection.to_owned(), filter.to_owned(), params(values));
    let n = read(|app| async move { data::count(&app, &collection, &filter, &values).await })?;
    Ok(i64::try_from(n).unwrap_or(i64::MAX))
}

fn find(collection: &str, id: &str) -> Result<SharedRecord, Failure> {
    let (collection, id) = (collection.to_owned(), id.to_owned());
    read(|app| async move { data::find(&app, &collection, &id).await })
}

fn new_record(collection: &str, values: &Map) -> Result<ScriptRecord, Failure> {
    let record = data::new_record(&current()?, collection).map_err(|error| unread(&error))?;
    let record = ScriptRecord(record);
    for (name, value) in values {
        record.set(name, value);
    }
    Ok(record)
}

fn transaction(context: &NativeCallContext, work: &FnPtr) -> Result<Dynamic, Failure> {
    let app = current()?;
    if app.transaction().is_some() {
        return work.call_within_context(context, (ScriptApp,));
    }
    let limit = engine::seconds(app.settings().hooks.transaction_deadline);
    let transaction = frames::wait(app.begin(limit)).map_err(|error| thrown(&error))?;
    let label = format!("a transaction in {}", frames::label());
    let entered = frames::enter(app.within(&transaction), limit, label.into(), false)
        .map_err(|error| thrown(&error))?;
    let result: Result<Dynamic, Failure> = work.call_within_context(context, (ScriptApp,));
    drop(entered);
    match result {
        Ok(value) => {
            frames::wait(transaction.commit()).map_err(|error| thrown(&error))?;
            Ok(value)
        }
        Err(failure) => {
            frames::wait_unmetered(transaction.roll_back());
            Err(failure)
        }
    }
}

/// The request that a map describes, as `request_info()` gives one.
fn ctx_of(info: &Map) -> Ctx {
    let pairs = |name: &str| -> Vec<(String, String)> {
        info.get(name)
            .and_then(Dynamic::read_lock::<Map>)
            .map(|map| {
                map.iter()
                    .map(|(key, value)| (key.to_string(), value.to_string()))
                    .collect()
            })
            .unwrap_or_default()
    };
    let principal = info
        .get("auth")
        .and_then(Dynamic::read_lock::<ScriptRecord>)
        .map_or(Principal::Guest, |record| {
            data::principal_of(&record.0.lock())
        });
    Ctx {
        principal,
        request: Arc::new(RequestInfo {
            method: text(info, "method").into(),
            query: pairs("query"),
            headers: pairs("headers").into_iter().collect(),
            body: info
                .get("body")
                .and_then(Dynamic::read_lock::<Map>)
                .map(|map| values::map_to_json(&map))
                .unwrap_or_default(),
            ..RequestInfo::default()
        }),
        ..Ctx::system()
    }
}

/// For what a transaction may do only while nobody else is served.
fn changeable(what: &str) -> Result<App, Failure> {
    if frames::is_migrating() {
        return current();
    }
    no_transaction(what)
}

fn no_transaction(what: &str) -> Result<App, Failure> {
    let app = current()?;
    if app.transaction().is_some() {
        return Err(misuse(format!("{what} inside a transaction.")));
    }
    Ok(app)
}

fn as_map(body: &[u8]) -> Dynamic {
    serde_json::from_slice(body).map_or(Dynamic::UNIT, |value: Json| values::from_json(&value))
}

/// Everything a script can ask the app for.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    module.set_custom_type::<ScriptApp>("App");
    let _ = module.set_var("app", ScriptApp);
    reading(&mut module);
    writing(&mut module);
    administration(&mut module);
    tokens(&mut module);
    operations(&mut module);
    module
}

fn reading(module: &mut Module) {
    function!(
        *module,
        "find_record(app: App, collection: string, id: string) -> Record",
        "The record with this id; throws 404 when there is none.",
        |_: &mut ScriptApp,
         collection: ImmutableString,
         id: ImmutableString|
         -> Result<ScriptRecord, Failure> { find(&collection, &id).map(ScriptRecord) }
    );
    function!(
        *module,
        "find_record_or_none(app: App, collection: string, id: string) -> ?",
        "The record with this id, or `()`.",
        |_: &mut ScriptApp,
         collection: ImmutableString,
         id: ImmutableString|
         -> Result<Dynamic, Failure> {
            let (collection, id) = (collection.to_string(), id.to_string());
            let app = current()?;
            let found = frames::wait(async move { data::find(&app, &collection, &id).await });
            match found {
                Ok(record) => Ok(ScriptRecord::dynamic(&record)),
                Err(Error::NotFound(None)) => Ok(Dynamic::UNIT),
                Err(error) => Err(unread(&error)),
            }
        }
    );
    function!(
        *module,
        "first_record(app: App, collection: string, filter: string) -> ?",
        "The first record a filter fits, or `()`.",
        |_: &mut ScriptApp, collection: ImmutableString, filter: ImmutableString| {
            first(&collection, &filter, &Map::new())
        }
    );
    function!(
        *module,
        "first_record(app: App, collection: string, filter: string, params: map) -> ?",
        "The first record a filter fits, or `()`. `{:name}` in the filter stands for a parameter.",
        |_: &mut ScriptApp, collection: ImmutableString, filter: ImmutableString, values: Map| {
            first(&collection, &filter, &values)
        }
    );
    function!(
        *module,
        "records(app: App, collection: string) -> array",
        "All records of a collection.",
        |_: &mut ScriptApp, collection: ImmutableString| records(&collection, Wanted::default())
    );
    function!(
        *module,
        "records(app: App, collection: string, options: map) -> array",
        "Records of a collection: `filter`, `params`, `sort`, `limit`, `offset`, `expand`.",
        |_: &mut ScriptApp, collection: ImmutableString, options: Map| -> Result<Array, Failure> {
            options::known(
                &options,
                &["filter", "params", "sort", "limit", "offset", "expand"],
            )?;
            let wanted = Wanted {
                filter: text(&options, "filter"),
                params: options
                    .get("params")
                    .and_then(Dynamic::read_lock::<Map>)
                    .map(|map| params(&map))
                    .unwrap_or_default(),
                sort: text(&options, "sort"),
                limit: number(&options, "limit"),
                offset: number(&options, "offset"),
                expand: text(&options, "expand"),
            };
            records(&collection, wanted)
        }
    );
    function!(
        *module,
        "count(app: App, collection: string) -> int",
        "How many records a collection has.",
        |_: &mut ScriptApp, collection: ImmutableString| count(&collection, "", &Map::new())
    );
    function!(
        *module,
        "count(app: App, collection: string, filter: string) -> int",
        "How many records a filter fits.",
        |_: &mut ScriptApp, collection: ImmutableString, filter: ImmutableString| {
            count(&collection, &filter, &Map::new())
        }
    );
    function!(
        *module,
        "count(app: App, collection: string, filter: string, params: map) -> int",
        "How many records a filter fits. `{:name}` in the filter stands for a parameter.",
        |_: &mut ScriptApp, collection: ImmutableString, filter: ImmutableString, values: Map| {
            count(&collection, &filter, &values)
        }
    );
    function!(
        *module,
        "expand(app: App, record: Record, names: string) -> Record",
        "Follows relations, such as `author,comments_via_post.user`; `record.expand(name)` has what they lead to.",
        |_: &mut ScriptApp,
         record: ScriptRecord,
         names: ImmutableString|
         -> Result<ScriptRecord, Failure> {
            let (shared, names) = (record.0.clone(), names.to_string());
            read(|app| async move { data::expand(&app, &[shared], &names).await })?;
            Ok(record)
        }
    );
    function!(
        *module,
        "expand(app: App, records: array, names: string) -> array",
        "Follows relations of several records.",
        |_: &mut ScriptApp, records: Array, names: ImmutableString| -> Result<Array, Failure> {
            let shared: Vec<SharedRecord> = records
                .iter()
                .filter_map(|record| record.read_lock::<ScriptRecord>().map(|r| r.0.clone()))
                .collect();
            let names = names.to_string();
            read(|app| async move { data::expand(&app, &shared, &names).await })?;
            Ok(records)
        }
    );
    function!(
        *module,
        "can_access(app: App, record: Record, rule: ?, request_info: map) -> bool",
        "Says whether a record satisfies a rule for a request; `()` is the rule that only superusers satisfy.",
        |_: &mut ScriptApp,
         record: ScriptRecord,
         rule: Dynamic,
         info: Map|
         -> Result<bool, Failure> {
            let rule = (!rule.is_unit()).then(|| rule.to_string());
            let ctx = ctx_of(&info);
            read(|app| async move { data::can_access(&app, ctx, &record.0, rule).await })
        }
    );
    function!(
        *module,
        "query(app: App, sql: string) -> array",
        "The rows of a SELECT as maps.",
        |_: &mut ScriptApp, sql: ImmutableString| query(&sql, &Map::new())
    );
    function!(
        *module,
        "query(app: App, sql: string, params: map) -> array",
        "The rows of a SELECT as maps. `{:name}` in the SQL stands for a parameter.",
        |_: &mut ScriptApp, sql: ImmutableString, values: Map| query(&sql, &values)
    );
    function!(
        *module,
        "auth_by_email(app: App, collection: string, email: string) -> ?",
        "The auth record with this address, or `()`.",
        |_: &mut ScriptApp, collection: ImmutableString, email: ImmutableString| {
            let mut values = Map::new();
            values.insert("email".into(), email.into());
            first(&collection, "email = {:email}", &values)
        }
    );
    function!(
        *module,
        "auth_by_token(app: App, token: string) -> Record",
        "The auth record that a token was signed for; throws when the token is not valid.",
        |_: &mut ScriptApp, token: ImmutableString| by_token(&token, vec!["auth".to_owned()])
    );
    function!(
        *module,
        "auth_by_token(app: App, token: string, type: string) -> Record",
        "The same for a token of another type: `auth`, `file`, `verification`, `passwordReset`, `emailChange`; `\"\"` for any.",
        |_: &mut ScriptApp, token: ImmutableString, kind: ImmutableString| {
            let types = Some(kind.to_string()).filter(|kind| !kind.is_empty());
            by_token(&token, types.into_iter().collect())
        }
    );
}

fn by_token(token: &str, types: Vec<String>) -> Result<ScriptRecord, Failure> {
    let token = token.to_owned();
    run(|app| async move { data::by_token(&app, &token, &types).await }).map(ScriptRecord)
}

fn sign(record: &ScriptRecord, wanted: Token) -> Result<String, Failure> {
    let (collection, id) = {
        let record = record.0.lock();
        (record.entry().id.clone(), record.id().to_owned())
    };
    run(|app| async move { auth::sign_for(&app, &collection, &id, wanted).await })
}

/// Tokens for auth records.
fn tokens(module: &mut Module) {
    function!(
        *module,
        "auth_token(app: App, record: Record) -> string",
        "A token that signs requests as an auth record.",
        |_: &mut ScriptApp, record: ScriptRecord| sign(&record, Token::Auth { seconds: 0 })
    );
    function!(
        *module,
        "auth_token(app: App, record: Record, seconds: int) -> string",
        "A token that signs requests as an auth record for so long, and cannot be refreshed.",
        |_: &mut ScriptApp, record: ScriptRecord, seconds: i64| {
            sign(
                &record,
                Token::Auth {
                    seconds: seconds.max(1),
                },
            )
        }
    );
    function!(
        *module,
        "file_token(app: App, record: Record) -> string",
        "A token that opens the protected files an auth record may see.",
        |_: &mut ScriptApp, record: ScriptRecord| sign(&record, Token::Files)
    );
    function!(
        *module,
        "verification_token(app: App, record: Record) -> string",
        "The token of a mail that verifies an address.",
        |_: &mut ScriptApp, record: ScriptRecord| sign(&record, Token::Verification)
    );
    function!(
        *module,
        "password_reset_token(app: App, record: Record) -> string",
        "The token of a mail for a new password.",
        |_: &mut ScriptApp, record: ScriptRecord| sign(&record, Token::PasswordReset)
    );
    function!(
        *module,
        "email_change_token(app: App, record: Record, email: string) -> string",
        "The token of a mail that changes an address.",
        |_: &mut ScriptApp, record: ScriptRecord, email: ImmutableString| {
            let new_email = email.to_string();
            sign(&record, Token::EmailChange { new_email })
        }
    );
}

/// Messages to streams, and backups.
fn operations(module: &mut Module) {
    function!(
        *module,
        "send_message(app: App, topic: string, data: ?) -> int",
        "Sends data to every stream that is subscribed to a topic; returns to how many.",
        |_: &mut ScriptApp, topic: ImmutableString, data: Dynamic| -> Result<i64, Failure> {
            let app = current()?;
            if trial::note_call("app.send_message", || {
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
            if trial::note_call("app.send_message", || {
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

fn query(sql: &str, values: &Map) -> Result<Array, Failure> {
    let values = params(values);
    let app = current()?;
    let rows = frames::wait(data::query(&app, sql, &values)).map_err(|error| mistaken(&error))?;
    Ok(rows
        .iter()
        .map(|row| Dynamic::from_map(values::map_from_json(row)))
        .collect())
}

fn execute(sql: &str, values: &Map) -> Result<i64, Failure> {
    let values = params(values);
    let app = current()?;
    let n = frames::wait(data::execute(&app, sql, &values)).map_err(|error| mistaken(&error))?;
    Ok(i64::try_from(n).unwrap_or(i64::MAX))
}

fn writing(module: &mut Module) {
    function!(
        *module,
        "new_record(app: App, collection: string) -> Record",
        "A record that does not exist yet; `app.save` makes it.",
        |_: &mut ScriptApp, collection: ImmutableString| new_record(&collection, &Map::new())
    );
    function!(
        *module,
        "new_record(app: App, collection: string, values: map) -> Record",
        "A record that does not exist yet, with first values.",
        |_: &mut ScriptApp, collection: ImmutableString, values: Map| new_record(
            &collection,
            &values
        )
    );
    function!(
        *module,
        "save(app: App, record: Record) -> Record",
        "Validates and stores a record, with all its events. No rule is asked.",
        |_: &mut ScriptApp, record: ScriptRecord| record::save(&record, false)
    );
    function!(
        *module,
        "save_no_validate(app: App, record: Record) -> Record",
        "Stores a record without validation.",
        |_: &mut ScriptApp, record: ScriptRecord| record::save(&record, true)
    );
    function!(
        *module,
        "delete(app: App, record: Record)",
        "Deletes a record with everything that cascades from it.",
        |_: &mut ScriptApp, record: ScriptRecord| record::delete(&record)
    );
    function!(
        *module,
        "transaction(app: App, work: Fn) -> ?",
        "Runs a closure with one transaction: `app.transaction(|tx| …)`. Throwing undoes everything. Nobody else can write meanwhile, so it ends after 5 seconds, and `http` and `mail` are not available in it.",
        |context: NativeCallContext, _: &mut ScriptApp, work: FnPtr| transaction(&context, &work)
    );
    function!(
        *module,
        "execute(app: App, sql: string) -> int",
        "Runs a statement that changes data and returns the number of rows. No event is fired.",
        |_: &mut ScriptApp, sql: ImmutableString| execute(&sql, &Map::new())
    );
    function!(
        *module,
        "execute(app: App, sql: string, params: map) -> int",
        "Runs a statement that changes data. `{:name}` in the SQL stands for a parameter.",
        |_: &mut ScriptApp, sql: ImmutableString, values: Map| execute(&sql, &values)
    );
}

fn administration(module: &mut Module) {
    function!(
        *module,
        "collection(app: App, name: string) -> map",
        "A collection's definition; throws 404 when there is none.",
        |_: &mut ScriptApp, name: ImmutableString| -> Result<Map, Failure> {
            let entry = data::collection(&current()?, &name).map_err(|error| thrown(&error))?;
            Ok(collection_map(&entry))
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
                .map(|entry| Dynamic::from_map(collection_map(entry)))
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
        |_: &mut ScriptApp| super::store::ScriptStore::shared()
    );
}
