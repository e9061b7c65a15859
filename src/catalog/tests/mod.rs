//! Tests of the catalog over a real engine on a temporary directory.

mod bootstrap;

use tempfile::TempDir;

use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::catalog;
use crate::engine::{Engine, Options, Tx};

const SETTINGS: &[u8] = b"{}";

/// A data file with the collections of a fresh start.
pub(super) struct Data {
    pub(super) engine: Engine,
    _directory: TempDir,
    runtime: tokio::runtime::Runtime,
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
            _directory: directory,
            runtime,
        }
    }

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

    /// Runs a query and shows its rows, columns joined by `|`.
    pub(super) fn rows(&self, sql: &'static str) -> Vec<String> {
        self.engine
            .read(|reader| {
                let n_columns = reader.column_names(&crate::sql::Sql::from_text(sql))?.len();
                reader.all(&crate::sql::Sql::from_text(sql), |row| {
                    let shown: Vec<String> = (0..n_columns)
                        .map(|i| match row.get(i) {
                            crate::sql::ValueRef::Null => "NULL".to_owned(),
                            crate::sql::ValueRef::Int(value) => value.to_string(),
                            crate::sql::ValueRef::Real(value) => value.to_string(),
                            crate::sql::ValueRef::Text(text) => text.to_owned(),
                            crate::sql::ValueRef::Blob(bytes) => {
                                String::from_utf8_lossy(bytes).into_owned()
                            }
                        })
                        .collect();
                    shown.join("|")
                })
            })
            .map_err(|error: crate::engine::Error| Error::from(error))
            .unwrap()
    }
}
