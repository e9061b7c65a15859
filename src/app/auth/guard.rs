//! Guessing is slowed: what a wrong password or code costs the next one (see `auth::attempts`).

use std::net::IpAddr;

use crate::app::App;
use crate::app::auth::account::Account;
use crate::app::auth::origins;
use crate::auth::attempts::Target;
use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;

/// An attempt to prove to be the holder of an account.
#[derive(Debug)]
pub(super) struct Guess<'a> {
    app: &'a App,
    collection: &'a str,
    account: &'a str,
    address: Option<IpAddr>,
    now: Timestamp,
}

impl<'a> Guess<'a> {
    /// Admits an attempt, or refuses it for now. `name` says who someone claims to be; `found` is who that is, if anybody.
    ///
    /// Whoever signed in from here before is not held up by others who try the same account elsewhere.
    pub(super) fn new(
        app: &'a App,
        ctx: &Ctx,
        collection: &'a str,
        name: &'a str,
        found: Option<&Account>,
    ) -> Result<Self> {
        check_address(app, ctx)?;
        let target = Target::Account(collection, name);
        if app.attempts().is_slowed(target, ctx.now) {
            let is_known = match found {
                Some(account) => origins::is_known(app, ctx, account)?,
                None => false,
            };
            if !is_known {
                return Err(Error::RateLimited(None));
            }
        }
        Ok(Self {
            app,
            collection,
            account: name,
            address: ctx.request.ip,
            now: ctx.now,
        })
    }

    /// Counts it as wrong.
    pub(super) fn failed(self) {
        let target = Target::Account(self.collection, self.account);
        self.app.attempts().failed(target, self.now);
        if let Some(address) = self.address {
            self.app
                .attempts()
                .failed(Target::Address(address), self.now);
        }
    }
}

/// Refuses attempts from an address that failed too often.
pub(super) fn check_address(app: &App, ctx: &Ctx) -> Result<()> {
    let is_slowed = ctx
        .request
        .ip
        .is_some_and(|address| app.attempts().is_slowed(Target::Address(address), ctx.now));
    if is_slowed {
        Err(Error::RateLimited(None))
    } else {
        Ok(())
    }
}

/// Counts a failure that is about no account.
pub(super) fn failed_from(app: &App, ctx: &Ctx) {
    if let Some(address) = ctx.request.ip {
        app.attempts().failed(Target::Address(address), ctx.now);
    }
}
