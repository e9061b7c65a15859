//! The program's own events as log entries.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use serde_json::{Map, Value as Json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::base::time::Timestamp;
use crate::logs::{Entry, Level, Logs};

/// Events of the log itself would only make more of them.
const OWN_TARGET: &str = "stead::logs";

/// Most events that wait for a log.
const MOST_HELD: usize = 1_000;

/// What scripts log, and the field with the members that they give to an entry, as JSON.
const SCRIPTS: &str = "stead::script";
const MEMBERS: &str = "data";

/// A layer that copies events into the log once [`Forward::to`] has said where that is. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Forward(Arc<Target>);

#[derive(Debug, Default)]
struct Target {
    logs: ArcSwapOption<Logs>,
    /// Events of the time in which one log is closed and the next is not open yet.
    held: Mutex<Option<Vec<Entry>>>,
}

impl Forward {
    /// Says where events go from now on; those that were held back go there, too.
    pub fn to(&self, logs: &Logs) {
        self.0.logs.store(Some(Arc::new(logs.clone())));
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in held.take().into_iter().flatten() {
            if logs.admits(entry.level) {
                logs.write(entry);
            }
        }
    }

    /// Holds events back until there is a log again.
    pub fn hold(&self) {
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(Vec::new());
        drop(held);
        self.0.logs.store(None);
    }

    /// Keeps an event if there is a log to wait for.
    fn keep(&self, entry: Entry) {
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = held.as_mut().filter(|held| held.len() < MOST_HELD) {
            held.push(entry);
        }
    }
}

impl<S: Subscriber> Layer<S> for Forward {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let target = event.metadata().target();
        if !target.starts_with("stead") || target.starts_with(OWN_TARGET) {
            return;
        }
        let level = level(*event.metadata().level());
        let entry = || {
            let mut fields = Fields::default();
            event.record(&mut fields);
            if target == SCRIPTS {
                fields.take_members();
            }
            Entry {
                level,
                message: fields.message,
                data: fields.data,
                created: Timestamp::now(),
            }
        };
        match self.0.logs.load().as_ref() {
            None => self.keep(entry()),
            Some(logs) if logs.admits(level) => logs.write(entry()),
            Some(_) => {}
        }
    }
}

const fn level(level: tracing::Level) -> Level {
    match level {
        tracing::Level::ERROR => Level::Error,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::INFO => Level::Info,
        _ => Level::Debug,
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    data: Map<String, Json>,
}

impl Fields {
    /// Members that a script gives stand beside those of the event, which stay what they are.
    fn take_members(&mut self) {
        let members = self.data.get(MEMBERS).and_then(Json::as_str);
        let members = members.and_then(|text| serde_json::from_str(text).ok());
        if let Some(Json::Object(members)) = members {
            self.data.remove(MEMBERS);
            for (name, value) in members {
                self.data.entry(name).or_insert(value);
            }
        }
    }

    fn put(&mut self, field: &Field, value: Json) {
        self.data.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.message = text;
        } else {
            self.put(field, text.into());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Json::from(value));
    }
}
