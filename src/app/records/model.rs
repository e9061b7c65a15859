//! Saving and deleting a record that handlers hold, whoever asks for it: a request, a batch or a script.

use futures_util::future::BoxFuture;

use crate::app::records::cascade;
use crate::app::records::events::{Done, Outcome};
use crate::app::records::stored::remove_files;
use crate::app::{App, entries};
use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::engine::Tx;
use crate::events::{End, Event, Kind, KindSet, Members};
use crate::files::{FileKey, Upload};
use crate::record::{self, Input, NewUpload, SharedRecord};
use crate::schema::FieldKind;
use crate::schema::fields::NewFile;

/// The kinds a save fires.
#[derive(Clone, Copy)]
struct Kinds {
    around: Kind,
    execute: Kind,
    success: Kind,
    error: Kind,
}

const CREATE: Kinds = Kinds {
    around: Kind::RecordCreate,
    execute: Kind::RecordCreateExecute,
    success: Kind::RecordAfterCreateSuccess,
    error: Kind::RecordAfterCreateError,
};

const UPDATE: Kinds = Kinds {
    around: Kind::RecordUpdate,
    execute: Kind::RecordUpdateExecute,
    success: Kind::RecordAfterUpdateSuccess,
    error: Kind::RecordAfterUpdateError,
};

const DELETE: Kinds = Kinds {
    around: Kind::RecordDelete,
    execute: Kind::RecordDeleteExecute,
    success: Kind::RecordAfterDeleteSuccess,
    error: Kind::RecordAfterDeleteError,
};

/// Saves a record on behalf of the server, without asking rules. Afterwards the record is what is stored.
pub async fn save_model(app: &App, record: &SharedRecord, skips_validation: bool) -> Result<()> {
    let ctx = Ctx::system();
    let input = Input {
        is_scripts: true,
        skips_validation,
        ..Input::default()
    };
    let done = Done::default();
    let result = store_model(app, &ctx, record, input, &done).await;
    forget_files_later(app, done).await;
    result
}

/// Deletes a record on behalf of the server, without asking rules.
pub async fn delete_model(app: &App, record: &SharedRecord) -> Result<()> {
    let done = Done::default();
    let result = remove_model(app, &Ctx::system(), record, &done).await;
    forget_files_later(app, done).await;
    result
}

/// Files go once it is certain that their records went.
async fn forget_files_later(app: &App, done: Done) {
    match app.transaction() {
        None => {
            done.forget_files(app).await;
        }
        Some(transaction) => {
            let app = app.clone();
            transaction.after(move |end| {
                Box::pin(async move {
                    if end == End::Committed {
                        done.forget_files(&app).await;
                    }
                })
            });
        }
    }
}

/// The events and the write of a save; `input` is what a client submitted, if it was one.
pub(super) async fn store_model(
    app: &App,
    ctx: &Ctx,
    record: &SharedRecord,
    input: Input,
    done: &Done,
) -> Result<()> {
    let kinds = if record.lock().is_new() {
        CREATE
    } else {
        UPDATE
    };
    let steps = Box::pin(store_steps(
        app.clone(),
        ctx.clone(),
        record.clone(),
        input,
        done.clone(),
        kinds,
    ));
    let result = around(app, ctx, kinds.around, record, steps).await;
    if result.is_err() {
        forget_attached(app, record).await;
    }
    conclude(app, ctx, record, kinds, &result).await;
    result
}

/// Stores the files that handlers put into fields.
async fn store_attached(app: &App, record: &SharedRecord, input: &mut Input) -> Result<()> {
    let (files, collection, id) = {
        let mut record = record.lock();
        let files = record.take_files();
        (files, record.entry().id.clone(), record.id().to_owned())
    };
    for file in files {
        let mut upload = Upload::from_bytes(
            file.field.as_str(),
            &file.original_name,
            file.bytes.to_vec(),
        );
        upload.stored_name.clone_from(&file.stored_name);
        let new = NewFile {
            stored_name: file.stored_name.clone(),
            original_name: file.original_name,
            size: upload.size,
            mime_type: upload.content_type.mime.clone(),
        };
        let key = FileKey::new(&collection, &id, &file.stored_name)?;
        app.storage().put(&key, upload).await?;
        record.lock().note_stored(file.stored_name.clone());
        input.uploads.push(NewUpload::of_handler(new, &file.field));
        if let Some(transaction) = app.transaction() {
            let (app, collection, id) = (app.clone(), collection.clone(), id.clone());
            transaction.after(move |end| {
                Box::pin(async move {
                    if end == End::RolledBack {
                        let names = [file.stored_name];
                        remove_files(&app, &collection, &id, &names).await;
                    }
                })
            });
        }
    }
    Ok(())
}

/// Takes away the files of a save that failed.
async fn forget_attached(app: &App, record: &SharedRecord) {
    let (names, collection, id) = {
        let mut record = record.lock();
        let names = record.take_stored();
        (names, record.entry().id.clone(), record.id().to_owned())
    };
    if !names.is_empty() {
        remove_files(app, &collection, &id, &names).await;
    }
}

async fn store_steps(
    app: App,
    ctx: Ctx,
    record: SharedRecord,
    mut input: Input,
    done: Done,
    kinds: Kinds,
) -> Result<()> {
    record.lock().generate(&ctx, &input);
    store_attached(&app, &record, &mut input).await?;
    if !input.skips_validation {
        let collection = record.lock().collection();
        let events = app.events();
        let watching = KindSet::of(&[Kind::RecordValidate, kinds.execute]);
        let is_watched = events.wants_any(watching, &collection)
            // What a password has to be is checked while it can be read.
            || !record.lock().plain_passwords().is_empty();
        // Without listeners in between, the write's own validation is the only one that is needed.
        if is_watched {
            let validation = Box::pin(validate(app.clone(), record.clone(), input.clone()));
            around(&app, &ctx, Kind::RecordValidate, &record, validation).await?;
        }
    }
    let write = Box::pin(write(app.clone(), ctx.clone(), record.clone(), input, done));
    around(&app, &ctx, kinds.execute, &record, write).await
}

async fn validate(app: App, record: SharedRecord, input: Input) -> Result<()> {
    app.look(move |reader, snapshot| record::check_record(reader, snapshot, &record.lock(), &input))
        .await
}

async fn write(
    app: App,
    ctx: Ctx,
    record: SharedRecord,
    mut input: Input,
    done: Done,
) -> Result<()> {
    hash_passwords(&app, &record).await?;
    let (entry, id, is_new) = {
        let record = record.lock();
        input.overrides = record.overrides();
        let id = if record.is_new() {
            record.id().to_owned()
        } else {
            crate::base::cast::to_text(&record.get_original("id"))
        };
        (record.collection(), id, record.is_new())
    };
    let (job, is_auth) = (app.clone(), entry.is_auth());
    let work = move |tx: &Tx| {
        let snapshot = job.snapshot();
        let entry = entries::writable_by_id(&snapshot, &entry.id)?;
        if is_new {
            record::create(tx, &snapshot, &ctx, &entry, &input)
        } else {
            record::update(tx, &snapshot, &ctx, &entry, &id, &input)
        }
    };
    // Accounts have sessions and links to look after, so their saves are more than one step.
    let written = if is_auth {
        app.write(work).await?
    } else {
        app.write_at_once(work).await?
    };
    written.settle(&mut record.lock());
    done.set(Outcome::Written(written));
    Ok(())
}

/// Hashes passwords that handlers set.
async fn hash_passwords(app: &App, record: &SharedRecord) -> Result<()> {
    let plain = record.lock().plain_passwords();
    for (name, password) in plain {
        let cost = match record.lock().entry().field(&name).map(|field| &field.kind) {
            Some(FieldKind::Password(options)) => options.hash_cost(),
            _ => continue,
        };
        let hash = app.hasher().hash(password, cost).await?;
        let hash = hash.ok_or_else(|| Error::bad_request("The password cannot be hashed."))?;
        record.lock().set_password_hash(&name, hash);
    }
    Ok(())
}

/// The events and the write of a delete.
pub(super) async fn remove_model(
    app: &App,
    ctx: &Ctx,
    record: &SharedRecord,
    done: &Done,
) -> Result<()> {
    let dependents = cascade::dependents(app, record).await?;
    let steps = remove_steps(
        app.clone(),
        ctx.clone(),
        record.clone(),
        dependents.clone(),
        done.clone(),
    );
    let event = event(app, ctx, DELETE.around, record);
    let result = app.events().around(event, steps).await;
    conclude(app, ctx, record, DELETE, &result).await;
    for dependent in &dependents {
        conclude(app, ctx, dependent, DELETE, &result).await;
    }
    result
}

async fn remove_steps(
    app: App,
    ctx: Ctx,
    record: SharedRecord,
    dependents: Vec<SharedRecord>,
    done: Done,
) -> Result<()> {
    // What goes along is deleted by the same write; its handlers are asked before.
    for dependent in dependents {
        let around = event(&app, &ctx, DELETE.around, &dependent);
        let execute = event(&app, &ctx, DELETE.execute, &dependent);
        let inner = app.clone();
        let asked = async move { inner.events().around(execute, async { Ok(()) }).await };
        app.events().around(around, asked).await?;
    }
    let event = event(&app, &ctx, DELETE.execute, &record);
    let (entry, id) = {
        let record = record.lock();
        (record.collection(), record.id().to_owned())
    };
    let inner = app.clone();
    let write = async move {
        let job = inner.clone();
        let deleted = inner
            .write(move |tx| {
                let snapshot = job.snapshot();
                let entry = entries::writable_by_id(&snapshot, &entry.id)?;
                record::delete(tx, &snapshot, &ctx, &entry, &id)
            })
            .await?;
        done.set(Outcome::Deleted(deleted));
        Ok(())
    };
    app.events().around(event, write).await
}

/// Tells how it ended: now, or once the transaction has ended.
async fn conclude(app: &App, ctx: &Ctx, record: &SharedRecord, kinds: Kinds, result: &Result<()>) {
    let collection = record.lock().collection();
    let ends = KindSet::of(&[kinds.success, kinds.error]);
    if !app.events().wants_any(ends, &collection) {
        return;
    }
    let failed = |error: &Error| {
        let members = Members::default();
        members.set("error", error.to_wire().to_json());
        Event::new(kinds.error, ctx).about(record).with(&members)
    };
    match (result, app.transaction()) {
        (Err(error), _) => {
            let event = failed(error).within(app.transaction());
            app.events().tell(event).await;
        }
        (Ok(()), None) => {
            let event = Event::new(kinds.success, ctx).about(record);
            app.events().tell(event).await;
        }
        (Ok(()), Some(transaction)) => {
            let success = Event::new(kinds.success, ctx).about(record);
            let rolled_back = failed(&Error::bad_request("The transaction was undone."));
            let app = app.clone();
            transaction.after(move |end| {
                Box::pin(async move {
                    let event = match end {
                        End::Committed => success,
                        End::RolledBack => rolled_back,
                    };
                    app.events().tell(event).await;
                })
            });
        }
    }
}

/// Does something, with an event around it if anybody listens. Perf: what it does is large, so it is moved about boxed.
async fn around(
    app: &App,
    ctx: &Ctx,
    kind: Kind,
    record: &SharedRecord,
    action: BoxFuture<'static, Result<()>>,
) -> Result<()> {
    let collection = record.lock().collection();
    if app.events().wants(kind, Some(&collection)) {
        let event = event(app, ctx, kind, record);
        app.events().around(event, action).await
    } else {
        action.await
    }
}

fn event(app: &App, ctx: &Ctx, kind: Kind, record: &SharedRecord) -> Event {
    Event::new(kind, ctx)
        .about(record)
        .within(app.transaction())
}
