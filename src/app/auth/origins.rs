//! Places an account signed in from, and the mail about a new one.

use md5::{Digest as _, Md5};
use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::auth::account::{Account, options_of};
use crate::app::auth::mails;
use crate::base::error::{Error, Result};
use crate::base::text;
use crate::ctx::Ctx;
use crate::engine::{Reader, Tx};
use crate::query::Snapshot;
use crate::record::{self, Input};
use crate::schema::AUTH_ORIGINS;
use crate::sql::Sql;

/// Most places remembered per account.
const MAX_ORIGINS: usize = 5;

/// Longest user agent that is looked at and shown, in characters.
const MAX_USER_AGENT: usize = 200;

/// Where a request came from, as far as it can be told.
struct Origin {
    address: String,
    user_agent: String,
}

impl Origin {
    fn of(ctx: &Ctx) -> Self {
        let user_agent = ctx.request.header("user_agent").unwrap_or_default();
        let mut shown: String = user_agent.chars().take(MAX_USER_AGENT).collect();
        if shown.len() < user_agent.len() {
            shown.push_str("...");
        }
        Self {
            address: ctx.request.ip.map(text::address).unwrap_or_default(),
            user_agent: shown,
        }
    }

    fn fingerprint(&self) -> String {
        let digest = Md5::digest(format!("{}{}", self.address, self.user_agent));
        let bytes: [u8; 16] = digest.into();
        format!("{:032x}", u128::from_be_bytes(bytes))
    }
}

/// Remembers where a sign-in came from; a place that is new to an account with older ones is told by mail. Failing here
/// keeps nobody out.
pub(super) async fn remember(app: &App, ctx: &Ctx, account: &Account) {
    let remembered = try_remember(app, ctx, account).await;
    if let Err(error) = remembered {
        tracing::error!(%error, "the place of a sign-in could not be remembered");
    }
}

async fn try_remember(app: &App, ctx: &Ctx, account: &Account) -> Result<()> {
    let origin = Origin::of(ctx);
    let place = Place {
        collection: account.entry.id.clone(),
        record: account.record.id.clone(),
        fingerprint: origin.fingerprint(),
    };
    if !options_of(&account.entry)?.auth_alert.enabled {
        app.places()
            .remember(&place.collection, &place.record, &place.fingerprint);
        return Ok(());
    }
    let (job, now) = (app.clone(), ctx.now);
    let is_news = app
        .engine()
        .write(move |tx| {
            place.store(
                tx,
                &job.snapshot(),
                &Ctx {
                    now,
                    ..Ctx::system()
                },
            )
        })
        .await?;
    if is_news {
        let info = format!("{} - {} {}", ctx.now, origin.address, origin.user_agent);
        mails::alert(app, account, info, ctx.now);
    }
    Ok(())
}

/// What tells the place a request comes from from others.
pub(super) fn fingerprint(ctx: &Ctx) -> String {
    Origin::of(ctx).fingerprint()
}

/// Says whether an account signed in from the place with this fingerprint.
pub(super) fn is_known(app: &App, account: &Account, fingerprint: &str) -> Result<bool> {
    let (collection, record) = (&account.entry.id, &account.record.id);
    if app.places().knows(collection, record, fingerprint) {
        return Ok(true);
    }
    let place = Place {
        collection: collection.clone(),
        record: record.clone(),
        fingerprint: fingerprint.to_owned(),
    };
    app.read(|reader, _| Ok(place.find(reader)?.is_some()))
}

struct Place {
    collection: String,
    record: String,
    fingerprint: String,
}

impl Place {
    /// The ids of the account's places.
    fn ids(&self) -> Sql {
        let mut sql = Sql::from_text("SELECT id FROM _authOrigins WHERE collectionRef = ");
        sql.bind(self.collection.as_str())
            .text(" AND recordRef = ")
            .bind(self.record.as_str());
        sql
    }

    fn find(&self, reader: &Reader) -> Result<Option<String>> {
        let mut sql = self.ids();
        sql.text(" AND fingerprint = ")
            .bind(self.fingerprint.as_str());
        Ok(reader.first(&sql, |row| row.text(0).to_owned())?)
    }

    /// `true` when the account had places before and this is a new one.
    fn store(&self, tx: &Tx, snapshot: &Snapshot, ctx: &Ctx) -> Result<bool> {
        let entry = snapshot
            .collection_by_name(AUTH_ORIGINS)
            .ok_or_else(|| Error::internal("the collection of places is missing"))?;
        if let Some(id) = self.find(tx)? {
            // Moves its update date.
            record::update(tx, snapshot, ctx, entry, &id, &Input::default())?;
            return Ok(false);
        }
        let mut oldest = self.ids();
        oldest.text(" ORDER BY created, rowid");
        let before = tx.all(&oldest, |row| row.text(0).to_owned())?;
        let surplus = (before.len() + 1).saturating_sub(MAX_ORIGINS);
        for id in before.iter().take(surplus) {
            record::delete(tx, snapshot, ctx, entry, id)?;
        }
        let mut data = Map::new();
        for (name, value) in [
            ("collectionRef", &self.collection),
            ("recordRef", &self.record),
            ("fingerprint", &self.fingerprint),
        ] {
            data.insert(name.to_owned(), Json::String(value.clone()));
        }
        let input = Input {
            reserved_id: record::reserve_id(entry, &data),
            data,
            ..Input::default()
        };
        record::create(tx, snapshot, ctx, entry, &input)?;
        Ok(!before.is_empty())
    }
}
