//! Saves and deletes that somebody listens to, step by step in the contract's order.
//!
//! What a client wants is worked out first, rule included; handlers see it as a record and change that. The write
//! itself is the same job as without handlers: it asks the rule again and lays the handlers' changes over what was
//! submitted, so that nothing depends on what was read before.

use std::sync::{Arc, Mutex, PoisonError};

use crate::app::answer::Shape;
use crate::app::records::enrich;
use crate::app::records::model::{remove_model, store_model};
use crate::app::records::{
    Hints, Prepared, Save, StoredFiles, forget_files, forget_replaced, prepare_with, to_the_end,
};
use crate::app::{App, entries};
use crate::base::error::Result;
use crate::ctx::{Ctx, Principal, RequestContext};
use crate::events::{Event, Kind, KindSet};
use crate::record::{self, Input, Record, SharedRecord};
use crate::schema::Entry;

const CREATE: KindSet = KindSet::of(&[
    Kind::RecordCreateRequest,
    Kind::RecordValidate,
    Kind::RecordCreate,
    Kind::RecordCreateExecute,
    Kind::RecordAfterCreateSuccess,
    Kind::RecordAfterCreateError,
    Kind::RecordEnrich,
]);

const UPDATE: KindSet = KindSet::of(&[
    Kind::RecordUpdateRequest,
    Kind::RecordValidate,
    Kind::RecordUpdate,
    Kind::RecordUpdateExecute,
    Kind::RecordAfterUpdateSuccess,
    Kind::RecordAfterUpdateError,
    Kind::RecordEnrich,
]);

/// Kinds that make a save go step by step.
pub(super) const SAVE: KindSet = CREATE.union(UPDATE);

/// Events of a save that go to the threads of handlers one by one; with more of them the whole save moves there.
const FEW: u32 = 2;

/// Kinds that make a delete go step by step.
pub(super) const DELETE: KindSet = KindSet::of(&[
    Kind::RecordDeleteRequest,
    Kind::RecordDelete,
    Kind::RecordDeleteExecute,
    Kind::RecordAfterDeleteSuccess,
    Kind::RecordAfterDeleteError,
]);

/// What was written so far; it stays true when a handler answers in the operation's place afterwards.
#[derive(Clone, Debug, Default)]
pub struct Done(Arc<Mutex<Option<Outcome>>>);

/// What a write did.
#[derive(Debug)]
pub(crate) enum Outcome {
    Written(record::Written),
    Deleted(record::Deleted),
}

impl Done {
    pub(super) fn set(&self, outcome: Outcome) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }

    pub(crate) fn take(&self) -> Option<Outcome> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Removes the files that the write left without a record.
    pub(crate) async fn forget_files(&self, app: &App) -> bool {
        match self.take() {
            Some(Outcome::Written(written)) => forget_replaced(app, &written).await,
            Some(Outcome::Deleted(deleted)) => forget_files(app, &deleted).await,
            None => return false,
        }
        true
    }
}

/// One save of a client.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) ctx: Ctx,
    pub(crate) entry: Arc<Entry>,
    pub(crate) save: Save,
    pub(crate) input: Input,
    pub(crate) shape: Shape,
}

/// A save of its own.
pub(super) async fn save(
    app: &App,
    ctx: &Ctx,
    entry: Arc<Entry>,
    save: Save,
    input: super::RecordInput,
    shape: Shape,
) -> Result<Vec<u8>> {
    let id = match &save {
        Save::Create => None,
        Save::Update(id) => Some(id.as_str()),
    };
    let hints = Hints {
        asks_first: Some(save.clone()),
        ..Hints::default()
    };
    let Prepared { input, stored } = prepare_with(app, ctx, &entry, id, input, hints).await?;
    let kinds = if id.is_none() { CREATE } else { UPDATE };
    let has_few = app.events().n_wanted(kinds, &entry) <= FEW;
    let done = Done::default();
    let item = Item {
        ctx: ctx.clone(),
        entry,
        save,
        input,
        shape,
    };
    let inner = app.clone();
    // Perf: large, and moved about from here on.
    let work = Box::pin(async move {
        let result = saving(&inner, item, &done).await;
        settle_files(&inner, stored, &done).await;
        result
    });
    if has_few {
        // Nobody's handler is skipped because a client has left.
        to_the_end(work).await
    } else {
        app.events().host(work).await
    }
}

/// What a client wants to store, if it may.
async fn draft(
    app: &App,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    save: &Save,
    input: &Input,
) -> Result<Record> {
    if matches!(save, Save::Create) {
        let entry = entries::writable_by_id(&app.snapshot(), &entry.id)?;
        if let Some(record) = record::draft_at_hand(ctx, &entry, input)? {
            return Ok(record);
        }
    }
    let (ctx, id, save, input) = (ctx.clone(), entry.id.clone(), save.clone(), input.clone());
    app.look(move |reader, snapshot| {
        let entry = entries::writable_by_id(snapshot, &id)?;
        match &save {
            Save::Create => record::draft_create(reader, snapshot, &ctx, &entry, &input),
            Save::Update(id) => record::draft_update(reader, snapshot, &ctx, &entry, id, &input),
        }
    })
    .await
}

async fn settle_files(app: &App, stored: StoredFiles, done: &Done) {
    if done.forget_files(app).await {
        stored.keep();
    } else {
        stored.remove(app).await;
    }
}

/// A save within whatever the handle belongs to; the caller looks after the files.
pub(crate) async fn saving(app: &App, item: Item, done: &Done) -> Result<Vec<u8>> {
    let Item {
        ctx,
        entry,
        save,
        input,
        shape,
    } = item;
    let record = draft(app, &ctx, &entry, &save, &input).await?;
    let kind = if record.is_new() {
        Kind::RecordCreateRequest
    } else {
        Kind::RecordUpdateRequest
    };
    let record = SharedRecord::new(record);
    // What the server does by itself, such as noting a second factor, is no request.
    let is_request = !matches!(ctx.principal, Principal::System)
        && ctx.request.context != RequestContext::OAuth2;
    let event = (is_request && app.events().wants(kind, Some(&entry))).then(|| {
        // Handlers may look at what was submitted; rules see it from the input.
        let mut shown = ctx.clone();
        if shown.request.body != input.data {
            shown.request_mut().body.clone_from(&input.data);
        }
        Event::new(kind, &shown)
            .about(&record)
            .within(app.transaction())
    });
    let (inner, done) = (app.clone(), done.clone());
    let steps = Box::pin(async move {
        store_model(&inner, &ctx, &record, input, &done).await?;
        enrich::saved(&inner, &ctx, &record, &shape).await
    });
    match event {
        Some(event) => app.events().around(event, steps).await,
        None => steps.await,
    }
}

/// A delete of its own.
pub(super) async fn delete(app: &App, ctx: &Ctx, entry: Arc<Entry>, id: &str) -> Result<()> {
    let (inner, ctx, id) = (app.clone(), ctx.clone(), id.to_owned());
    app.events()
        .host(async move {
            let done = Done::default();
            let result = deleting(&inner, &ctx, &entry, id, &done).await;
            done.forget_files(&inner).await;
            result
        })
        .await
}

/// A delete within whatever the handle belongs to; the caller looks after the files.
pub(crate) async fn deleting(
    app: &App,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: String,
    done: &Done,
) -> Result<()> {
    let (read_ctx, entry_id) = (ctx.clone(), entry.id.clone());
    let record = app
        .look(move |reader, snapshot| {
            let entry = entries::by_id(snapshot, &entry_id)?;
            record::deletable(reader, snapshot, &read_ctx, entry, &id)
        })
        .await?;
    let record = SharedRecord::new(record);
    let event = Event::new(Kind::RecordDeleteRequest, ctx)
        .about(&record)
        .within(app.transaction());
    let is_request = !matches!(ctx.principal, Principal::System);
    let (inner, ctx, done) = (app.clone(), ctx.clone(), done.clone());
    let steps = async move { remove_model(&inner, &ctx, &record, &done).await };
    if is_request {
        app.events().around(event, steps).await
    } else {
        Box::pin(steps).await
    }
}
