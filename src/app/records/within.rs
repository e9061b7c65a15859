//! Saves that are a part of something larger, with their events, in one transaction with it.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::app::answer::Shape;
use crate::app::records::Save;
use crate::app::records::events::{self, Done, Item, Outcome};
use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::events::Transaction;
use crate::record::Input;
use crate::schema::Entry;

/// How long such a transaction may hold the writer.
const LIMIT: Duration = Duration::from_secs(5);

/// Says whether anybody listens to saves in a collection.
pub(crate) fn is_watched(app: &App, entry: &Entry) -> bool {
    app.events().wants_any(events::SAVE, entry)
}

/// Does work within a transaction of its own: all of it or nothing.
pub(crate) async fn in_transaction<T>(
    app: &App,
    work: impl AsyncFnOnce(&App, &Transaction) -> Result<T>,
) -> Result<T> {
    let transaction = app.begin(LIMIT).await?;
    match work(&app.within(&transaction), &transaction).await {
        Ok(value) => {
            transaction.commit().await?;
            Ok(value)
        }
        Err(error) => {
            transaction.roll_back().await;
            Err(error)
        }
    }
}

/// Makes a record and returns its id.
pub(crate) async fn create_within(
    app: &App,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    input: Input,
) -> Result<String> {
    match save(app, ctx, entry, Save::Create, input).await? {
        Some(Outcome::Written(written)) => Ok(written.record_id),
        _ => Err(Error::internal("a record that was not written")),
    }
}

/// Changes a record.
pub(crate) async fn update_within(
    app: &App,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    input: Input,
) -> Result<()> {
    let wanted = Save::Update(id.to_owned());
    save(app, ctx, entry, wanted, input).await.map(drop)
}

async fn save(
    app: &App,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    save: Save,
    input: Input,
) -> Result<Option<Outcome>> {
    let done = Done::default();
    let item = Item {
        ctx: ctx.clone(),
        entry: Arc::clone(entry),
        save,
        input,
        shape: Shape::of(&Ctx::system())?,
    };
    events::saving(app, item, &done).await?;
    Ok(done.take())
}
