//! Tests of the catalog over a real engine on a temporary directory.

mod bootstrap;
mod delete;
mod import;
mod list;
mod save;
mod table;
mod views;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::catalog::{self, Missing};
use crate::engine::{Engine, Error as EngineError, Options, Tx};
use crate::schema::{Collection, Schema};
use crate::sql::{Sql, ValueRef};

const SETTINGS: &[u8] = b"{}";

/// A data file, and what can be done with it.
pub(super) struct Data {
    pub(super) engine: Engine,
    runtime: tokio::runtime::Runtime,
    _directory: TempDir,
}

impl Data {
    pub(super) fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let engine = Engine::open(&directory.path().join("data.db"), Options::default()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        Self {
            engine,
            runtime,
            _directory: directory,
        }
    }

    /// With the collections of a fresh start.
    pub(super) fn fresh() -> Self {
        let data = Self::empty();
        data.tx(|tx| catalog::create_data(tx, SETTINGS, Timestamp::now()).map(drop))
            .unwrap();
        data
    }

    /// Runs a closure in an exclusive transaction.
    pub(super) fn tx<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.runtime.block_on(self.engine.exclusive(f, |_| ()))
    }

    pub(super) fn try_create(&self, body: Json) -> Result<Collection> {
        self.tx(move |tx| {
            let sampled = catalog::sample(tx, &catalog::load(tx)?, None, &body);
            Ok(catalog::create(tx, &body, sampled, Timestamp::now())?.collection)
        })
    }

    pub(super) fn create(&self, body: Json) -> Collection {
        self.try_create(body).unwrap()
    }

    pub(super) fn try_update(&self, name: &str, body: Json) -> Result<Collection> {
        let name = name.to_owned();
        self.tx(move |tx| {
            let sampled = catalog::sample(tx, &catalog::load(tx)?, Some(&name), &body);
            Ok(catalog::update(tx, &name, &body, sampled, Timestamp::now())?.collection)
        })
    }

    pub(super) fn update(&self, name: &str, body: Json) -> Collection {
        self.try_update(name, body).unwrap()
    }

    pub(super) fn delete(&self, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.tx(move |tx| catalog::delete(tx, &name).map(drop))
    }

    pub(super) fn import(&self, items: Json, missing: Missing) -> Result<()> {
        self.tx(move |tx| {
            let items = items.as_array().unwrap();
            catalog::import(tx, items, missing, Timestamp::now()).map(drop)
        })
    }

    pub(super) fn schema(&self) -> Schema {
        self.engine.read(catalog::load).unwrap()
    }

    /// Runs statements without values.
    pub(super) fn run(&self, sql: &'static str) {
        self.tx(move |tx| Ok(tx.batch(&Sql::from_text(sql))?))
            .unwrap();
    }

    /// Runs a query and shows its rows, columns joined by `|`.
    pub(super) fn rows(&self, sql: &'static str) -> Vec<String> {
        let sql = Sql::from_text(sql);
        self.engine
            .read(|reader| {
                let n_columns = reader.column_names(&sql)?.len();
                reader.all(&sql, |row| {
                    let shown: Vec<String> = (0..n_columns).map(|i| show(row.get(i))).collect();
                    shown.join("|")
                })
            })
            .map_err(|error: EngineError| Error::from(error))
            .unwrap()
    }

    /// Names of fields with their types and the first letters of their ids.
    pub(super) fn fields(&self, collection: &str) -> String {
        let schema = self.schema();
        let shown: Vec<String> = schema
            .collection(collection)
            .unwrap()
            .fields
            .iter()
            .map(|field| format!("{}:{}", field.name, field.kind.type_name()))
            .collect();
        shown.join(" ")
    }
}

fn show(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Int(value) => value.to_string(),
        ValueRef::Real(value) => value.to_string(),
        ValueRef::Text(text) => text.to_owned(),
        ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The codes of the issues by their path, or the message of any other error; "ok" if there is none.
pub(super) fn codes<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(Error::Invalid { issues, .. }) => {
            let mut found = Vec::new();
            collect(&issues.to_json(), "", &mut found);
            found.join(" ")
        }
        Err(Error::BadRequest(Some(message))) => message.into_owned(),
        Err(error) => error.to_string(),
    }
}

fn collect(issues: &Json, path: &str, found: &mut Vec<String>) {
    for (key, value) in issues.as_object().unwrap() {
        let path = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        match value["code"].as_str() {
            Some(code) => found.push(format!("{path}={}", code.trim_start_matches("validation_"))),
            None => collect(value, &path, found),
        }
    }
}
