//! Stand-in for the operations until they are merged: the signatures the HTTP layer and the command line call.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::base::error::{Error, Result};
use crate::base::secret::Secret;
use crate::schema::Schema;

/// What the operator decided when starting the server.
#[derive(Clone, Debug)]
pub struct Config {
    pub dir: PathBuf,
    pub dev: bool,
    pub query_timeout: Duration,
    pub encryption_key: Option<Secret<String>>,
}

/// A handle to the running product; clones are cheap and share everything.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    config: Config,
    schema: Arc<Schema>,
}

/// Why the data directory could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(String);

impl App {
    /// Opens the data directory, making it when it does not exist.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        std::fs::create_dir_all(&config.dir)
            .map_err(|error| OpenError(format!("cannot use {}: {error}", config.dir.display())))?;
        Ok(Self(Arc::new(Parts {
            config,
            schema: Arc::default(),
        })))
    }

    pub fn snapshot(&self) -> Arc<Schema> {
        Arc::clone(&self.0.schema)
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub fn dir(&self) -> &Path {
        &self.0.config.dir
    }

    /// Finishes what is queued and closes the database.
    pub async fn close(&self) {
        std::future::ready(()).await;
    }
}

fn absent() -> Error {
    Error::internal("this operation is not part of this branch")
}

pub mod auth {
    use super::{App, absent};
    use crate::base::error::Result;
    use crate::base::time::Timestamp;
    use crate::ctx::{Ctx, Principal};
    use serde_json::{Map, Value as Json};

    #[expect(clippy::unnecessary_wraps, reason = "stand-in")]
    pub fn authenticate(_app: &App, _token: &str, _now: Timestamp) -> Result<Principal> {
        Ok(Principal::Guest)
    }
    pub async fn with_password(
        _app: &App,
        _ctx: &Ctx,
        _collection: &str,
        _form: &Map<String, Json>,
    ) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
    pub async fn refresh(
        _app: &App,
        _ctx: &Ctx,
        _collection: &str,
        _token: &str,
    ) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
    pub async fn impersonate(
        _app: &App,
        _ctx: &Ctx,
        _collection: &str,
        _id: &str,
        _form: &Map<String, Json>,
    ) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
    pub fn file_token(_app: &App, _ctx: &Ctx) -> Result<Vec<u8>> {
        Err(absent())
    }
    pub fn methods(_app: &App, _ctx: &Ctx, _collection: &str) -> Result<Vec<u8>> {
        Err(absent())
    }
}

pub mod records {
    use super::{App, absent};
    use crate::base::error::{Error, Result};
    use crate::ctx::Ctx;
    use crate::files::Upload;
    use serde_json::{Map, Value as Json};

    #[derive(Debug, Default)]
    pub struct RecordInput {
        pub data: Map<String, Json>,
        pub uploads: Vec<Upload>,
    }

    /// What a caller wants to do with a record before its data is read.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Write {
        Create,
        Update,
    }

    /// Says whether the caller may try at all, and how large the body may be.
    pub fn admit(app: &App, _ctx: &Ctx, collection: &str, _write: Write) -> Result<usize> {
        match app.snapshot().collection(collection) {
            Some(_) => Ok(32 << 20),
            None => Err(Error::not_found("Missing or invalid collection context.")),
        }
    }

    pub async fn list(app: &App, _ctx: &Ctx, collection: &str) -> Result<Vec<u8>> {
        std::future::ready(()).await;
        match app.snapshot().collection(collection) {
            Some(_) => Err(absent()),
            None => Err(Error::not_found("Missing collection context.")),
        }
    }
    pub async fn view(_app: &App, _ctx: &Ctx, _collection: &str, _id: &str) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
    pub async fn create(
        _app: &App,
        _ctx: &Ctx,
        _collection: &str,
        _input: RecordInput,
    ) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
    pub async fn update(
        _app: &App,
        _ctx: &Ctx,
        _collection: &str,
        _id: &str,
        _input: RecordInput,
    ) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
    pub async fn delete(_app: &App, _ctx: &Ctx, _collection: &str, _id: &str) -> Result<()> {
        std::future::ready(Err(absent())).await
    }
}

pub mod collections {
    use super::{App, absent};
    use crate::base::error::Result;
    use crate::ctx::Ctx;
    use serde_json::{Map, Value as Json};

    pub async fn list(_app: &App, _ctx: &Ctx) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
    pub async fn view(_app: &App, _ctx: &Ctx, _collection: &str) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
    pub async fn create(_app: &App, _ctx: &Ctx, _form: Map<String, Json>) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
    pub async fn update(
        _app: &App,
        _ctx: &Ctx,
        _collection: &str,
        _form: Map<String, Json>,
    ) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
    pub async fn delete(_app: &App, _ctx: &Ctx, _collection: &str) -> Result<()> {
        std::future::ready(Err(absent())).await
    }
    pub async fn truncate(_app: &App, _ctx: &Ctx, _collection: &str) -> Result<()> {
        std::future::ready(Err(absent())).await
    }
    pub async fn import(_app: &App, _ctx: &Ctx, _form: Map<String, Json>) -> Result<()> {
        std::future::ready(Err(absent())).await
    }
    pub async fn scaffolds(_app: &App, _ctx: &Ctx) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
    pub async fn oauth2_providers(_app: &App, _ctx: &Ctx) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
    pub async fn dry_run_view(_app: &App, _ctx: &Ctx, _form: Map<String, Json>) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
}

pub mod batch {
    use super::{App, absent};
    use crate::base::error::{Error, Result};
    use crate::ctx::Ctx;
    use crate::files::Upload;
    use serde_json::{Map, Value as Json};

    /// The requests of a batch as they were sent; nothing is checked yet but their shape.
    #[derive(Debug, Default)]
    pub struct BatchInput {
        pub requests: Vec<BatchRequest>,
    }

    #[derive(Debug, Default)]
    pub struct BatchRequest {
        pub method: String,
        pub url: String,
        pub headers: Vec<(String, String)>,
        pub data: Map<String, Json>,
        pub uploads: Vec<Upload>,
    }

    /// How large the body may be; an error when batches are switched off.
    pub fn admit(_app: &App, _ctx: &Ctx) -> Result<usize> {
        Err(Error::forbidden("Batch requests are not allowed."))
    }
    pub async fn run(_app: &App, _ctx: &Ctx, _input: BatchInput) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
}

pub mod settings {
    use super::{App, absent};
    use crate::base::error::Result;
    use crate::ctx::Ctx;
    use serde_json::{Map, Value as Json};

    pub fn view(_app: &App, _ctx: &Ctx) -> Result<Vec<u8>> {
        Err(absent())
    }
    pub async fn update(_app: &App, _ctx: &Ctx, _form: Map<String, Json>) -> Result<Vec<u8>> {
        std::future::ready(Err(absent())).await
    }
}

pub mod files {
    use super::App;
    use crate::base::error::{Error, Result};
    use crate::base::time::Timestamp;
    use crate::ctx::Ctx;
    use std::fs::File;

    /// A stored file opened for sending.
    #[derive(Debug)]
    pub struct Download {
        pub file: File,
        pub size: u64,
        pub modified: Timestamp,
        /// Name under which it is sent.
        pub name: String,
        /// Type found when it was stored.
        pub content_type: String,
    }

    /// Opens a file of a record; `token` and `thumb` come from the query.
    pub async fn open(
        app: &App,
        _ctx: &Ctx,
        collection: &str,
        _record: &str,
        _name: &str,
    ) -> Result<Download> {
        std::future::ready(()).await;
        match app.snapshot().collection(collection) {
            Some(_) => Err(Error::NotFound(None)),
            None => Err(Error::not_found("Missing or invalid collection context.")),
        }
    }
}

pub mod superusers {
    use super::{App, absent};
    use crate::base::error::Result;

    pub async fn create(_app: &App, _email: &str, _password: &str) -> Result<()> {
        std::future::ready(Err(absent())).await
    }
    pub async fn upsert(_app: &App, _email: &str, _password: &str) -> Result<()> {
        std::future::ready(Err(absent())).await
    }
    pub async fn update(_app: &App, _email: &str, _password: &str) -> Result<()> {
        std::future::ready(Err(absent())).await
    }
    /// Says whether there was one.
    pub async fn delete(_app: &App, _email: &str) -> Result<bool> {
        std::future::ready(Err(absent())).await
    }
}

pub mod installer {
    use super::App;
    use crate::base::error::Result;

    /// The link that lets the first visitor make a superuser; `None` when there is one already.
    pub async fn link(_app: &App, _base_url: &str) -> Result<Option<String>> {
        std::future::ready(Ok(None)).await
    }
}
