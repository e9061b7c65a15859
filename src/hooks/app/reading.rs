//! What scripts read: records by id, filter or SQL, whom they belong to, and who may see them.

use std::sync::Arc;

use rhai::{Array, Dynamic, ImmutableString, Map, Module};
use serde_json::Value as Json;

use super::{ScriptApp, current, read, run};
use crate::app::data::{self, Wanted};
use crate::base::error::Error;
use crate::ctx::{Ctx, Principal, RequestInfo};
use crate::hooks::define::function;
use crate::hooks::fault::{Failure, mistaken, unread};
use crate::hooks::record::ScriptRecord;
use crate::hooks::{frames, option_map, values};
use crate::record::SharedRecord;

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

pub(super) fn params(map: &Map) -> serde_json::Map<String, Json> {
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

fn query(sql: &str, values: &Map) -> Result<Array, Failure> {
    let values = params(values);
    let app = current()?;
    let rows = frames::wait(data::query(&app, sql, &values)).map_err(|error| mistaken(&error))?;
    Ok(rows
        .iter()
        .map(|row| Dynamic::from_map(values::map_from_json(row)))
        .collect())
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

fn by_token(token: &str, types: Vec<String>) -> Result<ScriptRecord, Failure> {
    let token = token.to_owned();
    run(|app| async move { data::by_token(&app, &token, &types).await }).map(ScriptRecord)
}

pub(super) fn add(module: &mut Module) {
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
            option_map::known(
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
