//! What every way of signing in ends with: the collection's auth rule and the answer.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::app::answer::Shape;
use crate::app::auth::account::{Account, Grant, options_of};
use crate::app::auth::events::{self, About};
use crate::app::auth::mfa::{self, Factor, Verdict};
use crate::app::auth::origins;
use crate::app::{App, limits, records};
use crate::base::error::{Error, Result};
use crate::base::json;
use crate::ctx::{Ctx, RequestContext};
use crate::events::Kind;
use crate::record::{self, SharedRecord};

/// What a sign-in leads to.
#[derive(Debug)]
pub enum SignIn {
    /// The record and its token.
    Complete(Vec<u8>),
    /// The session in which another method has to follow.
    NeedsSecondFactor(Vec<u8>),
}

/// The session a sign-in continues: from the body, or else from the query; `""` for none. What is no text is none.
pub(super) fn mfa_id(ctx: &Ctx) -> &str {
    let submitted = ctx.request.body.get("mfaId").and_then(Json::as_str);
    submitted
        .filter(|id| !id.is_empty())
        .or_else(|| ctx.request.query_param("mfaId"))
        .unwrap_or_default()
}

/// What follows when someone has proved to hold an account: the auth rule, the second factor, the answer.
pub(super) async fn complete(
    app: &App,
    ctx: &Ctx,
    account: &Account,
    factor: Factor<'_>,
) -> Result<SignIn> {
    complete_with(app, ctx, account, factor, None).await
}

/// The same with what is worth telling about the way of signing in.
pub(super) async fn complete_with(
    app: &App,
    ctx: &Ctx,
    account: &Account,
    factor: Factor<'_>,
    meta: Option<Json>,
) -> Result<SignIn> {
    check_auth_rule(app, ctx, account).await?;
    match mfa::check(app, ctx, account, factor).await? {
        Verdict::Complete => {
            origins::remember(app, ctx, account).await;
            respond_with(app, ctx, account, None, meta)
                .await
                .map(SignIn::Complete)
        }
        Verdict::Session(id) => Ok(SignIn::NeedsSecondFactor(
            json!({ "mfaId": id }).to_string().into_bytes(),
        )),
    }
}

/// The answer to a successful sign-in: the record and the given token, or a new one.
pub(super) async fn respond(
    app: &App,
    ctx: &Ctx,
    account: &Account,
    token: Option<String>,
) -> Result<Vec<u8>> {
    respond_with(app, ctx, account, token, None).await
}

async fn respond_with(
    app: &App,
    ctx: &Ctx,
    account: &Account,
    token: Option<String>,
    meta: Option<Json>,
) -> Result<Vec<u8>> {
    let token = match token {
        Some(token) => token,
        None => account.sign(Grant::Session, ctx.now)?,
    };
    let method = match ctx.request.context {
        RequestContext::Default => "",
        context => context.as_str(),
    };
    let about = About::account(Kind::RecordAuthRequest, account)
        .with("token", token.as_str())
        .with("auth_method", method)
        .with("meta", meta.clone());
    let answer = Answer {
        app: app.clone(),
        ctx: ctx.clone(),
        account: account.clone(),
    };
    events::around(app, ctx, about, move |left| async move {
        let has_members = left.members.has("meta");
        let token = left.text("token", token);
        let meta = if has_members {
            Some(left.members.get("meta")).filter(|meta| !meta.is_null())
        } else {
            meta
        };
        answer.write(token, meta, left.record).await
    })
    .await
}

/// The answer to a sign-in, to be written.
struct Answer {
    app: App,
    ctx: Ctx,
    account: Account,
}

impl Answer {
    async fn write(
        &self,
        token: String,
        meta: Option<Json>,
        record: Option<SharedRecord>,
    ) -> Result<Vec<u8>> {
        let Self { app, ctx, account } = self;
        let own = Ctx {
            principal: account.principal(),
            ..ctx.clone()
        };
        let shape = Shape::of(ctx)?;
        let (read_ctx, entry, id) = (
            own.clone(),
            Arc::clone(&account.entry),
            account.record.id.clone(),
        );
        let rows = app
            .read_pooled(move |reader, snapshot| {
                let entry = snapshot
                    .collection_by_id(&entry.id)
                    .ok_or(Error::NotFound(None))?;
                let expand = read_ctx.request.query_param("expand").unwrap_or_default();
                record::load_one(reader, snapshot, &read_ctx, entry, &id, expand)
            })
            .await?;
        let rows = records::enriched(app, &own, rows, record.as_slice()).await?;
        let mut body = Vec::with_capacity(1024);
        body.push(b'{');
        if let Some(meta) = &meta {
            body.extend_from_slice(b"\"meta\":");
            json::write_value(&mut body, meta);
            body.push(b',');
        }
        body.extend_from_slice(b"\"record\":");
        body.extend_from_slice(&record::render_one(&rows));
        body.extend_from_slice(b",\"token\":");
        json::write_string(&mut body, &token);
        body.push(b'}');
        shape.apply(body)
    }
}

/// The collection's auth rule has the last word on who signs in; nobody's principal lets it be skipped.
pub(super) async fn check_auth_rule(app: &App, ctx: &Ctx, account: &Account) -> Result<()> {
    limits::check_origin(app, &account.principal(), ctx.request.ip)?;
    let refused = || {
        Error::forbidden("The request doesn't satisfy the collection requirements to authenticate.")
    };
    let rule = match options_of(&account.entry)?.auth_rule.as_deref() {
        None => {
            return Err(refused().because("the collection has no auth rule: nobody may sign in"));
        }
        Some(rule) if rule.trim().is_empty() => return Ok(()),
        Some(rule) => rule.to_owned(),
    };
    let (ctx, entry_id, id) = (
        ctx.clone(),
        account.entry.id.clone(),
        account.record.id.clone(),
    );
    let passes = app
        .read_pooled(move |reader, snapshot| {
            let entry = snapshot
                .collection_by_id(&entry_id)
                .ok_or(Error::NotFound(None))?;
            record::satisfies(reader, snapshot, &ctx, entry, &rule, &id)
        })
        .await?;
    if passes { Ok(()) } else { Err(refused()) }
}
