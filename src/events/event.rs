//! One thing that happens, with what handlers may read and change of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value as Json};

use crate::ctx::Ctx;
use crate::events::kind::Kind;
use crate::events::request::HttpRequest;
use crate::events::transaction::Transaction;
use crate::record::SharedRecord;
use crate::schema::Entry;

/// The members of an event that are plain data; handlers and the operation share them.
#[derive(Clone, Default)]
pub struct Members(Arc<Mutex<Map<String, Json>>>);

impl std::fmt::Debug for Members {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values may be passwords and tokens.
        let members = self.lock();
        let names: Vec<&String> = members.keys().collect();
        f.debug_tuple("Members").field(&names).finish()
    }
}

impl Members {
    /// Members with first values.
    pub fn new(values: Map<String, Json>) -> Self {
        Self(Arc::new(Mutex::new(values)))
    }

    /// The value of a member; null when there is none.
    pub fn get(&self, name: &str) -> Json {
        self.lock().get(name).cloned().unwrap_or_default()
    }

    /// Sets a member.
    pub fn set(&self, name: &str, value: Json) {
        self.lock().insert(name.to_owned(), value);
    }

    /// Says whether there is such a member.
    pub fn has(&self, name: &str) -> bool {
        self.lock().contains_key(name)
    }

    /// All members for a moment.
    pub fn lock(&self) -> MutexGuard<'_, Map<String, Json>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An item of a page as handlers left it.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// One of the page's records, by its position among them.
    Row(usize),
    /// Anything else, as it is shown.
    Other(Json),
}

/// The items of a page; nothing as long as they are its records. Handlers and the operation share them.
#[derive(Clone, Debug, Default)]
pub struct Items(Arc<Mutex<Option<Vec<Item>>>>);

impl Items {
    /// The items for a moment.
    pub fn lock(&self) -> MutexGuard<'_, Option<Vec<Item>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that happens.
#[derive(Clone, Debug)]
pub struct Event {
    pub kind: Kind,
    /// Who causes it with what.
    pub ctx: Ctx,
    /// The collection it is about; handlers can be limited to it.
    pub collection: Option<Arc<Entry>>,
    pub record: Option<SharedRecord>,
    /// The records of a page.
    pub records: Vec<SharedRecord>,
    /// What is shown of a page in their place.
    pub items: Items,
    /// Everything else; handlers' changes count where the operation reads them back.
    pub members: Members,
    /// The request of a route, for events that are one.
    pub request: Option<Arc<HttpRequest>>,
    /// The transaction it happens in.
    pub transaction: Option<Arc<Transaction>>,
}

impl Event {
    /// An event without particulars.
    pub fn new(kind: Kind, ctx: &Ctx) -> Self {
        Self {
            kind,
            ctx: ctx.clone(),
            collection: None,
            record: None,
            records: Vec::new(),
            items: Items::default(),
            members: Members::default(),
            request: None,
            transaction: None,
        }
    }

    /// Says which collection it is about.
    #[must_use]
    pub fn of(mut self, collection: &Arc<Entry>) -> Self {
        self.collection = Some(Arc::clone(collection));
        self
    }

    /// Says which record it is about, and by that which collection.
    #[must_use]
    pub fn about(mut self, record: &SharedRecord) -> Self {
        self.collection = Some(Arc::clone(record.lock().entry()));
        self.record = Some(record.clone());
        self
    }

    /// Adds the members.
    #[must_use]
    pub fn with(mut self, members: &Members) -> Self {
        self.members = members.clone();
        self
    }

    /// Says which transaction it happens in.
    #[must_use]
    pub fn within(mut self, transaction: Option<&Arc<Transaction>>) -> Self {
        self.transaction = transaction.map(Arc::clone);
        self
    }
}
