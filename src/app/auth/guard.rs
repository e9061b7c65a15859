//! Guessing is slowed: what a wrong password or code costs the next one (see `auth::attempts`).

use std::net::IpAddr;
use std::time::Instant;

use crate::app::App;
use crate::app::auth::account::Account;
use crate::app::auth::origins;
use crate::auth::attempts::Target;
use crate::base::error::{Error, Result};
use crate::ctx::Ctx;

/// An attempt to prove to be the holder of an account.
#[derive(Debug)]
pub(super) struct Guess<'a> {
    app: &'a App,
    collection: &'a str,
    /// Who someone claims to be, in one spelling.
    name: Option<String>,
    /// Who that is, if anybody.
    found: Option<&'a Account>,
    /// Where it comes from: the address, and what tells the place from others behind the same address.
    address: Option<IpAddr>,
    place: String,
    now: Instant,
}

impl<'a> Guess<'a> {
    /// Admits an attempt at an account, or refuses it for now.
    ///
    /// Whoever signed in from this place before is not held up by what others try, neither at the account elsewhere nor
    /// at anything behind the same address (that of a proxy, say). Guesses from there are counted on their own.
    pub(super) fn at_account(app: &'a App, ctx: &Ctx, account: &'a Account) -> Result<Self> {
        Self::admit(app, ctx, &account.entry.id, None, Some(account))
    }

    /// The same for what someone claims to be; `found` is who that is, if anybody.
    ///
    /// The name counts as well as the account it leads to: several names of an account share what it has, and a name
    /// that nobody has is slowed like any other.
    pub(super) fn at_name(
        app: &'a App,
        ctx: &Ctx,
        collection: &'a str,
        name: &str,
        found: Option<&'a Account>,
    ) -> Result<Self> {
        Self::admit(app, ctx, collection, Some(name.to_lowercase()), found)
    }

    fn admit(
        app: &'a App,
        ctx: &Ctx,
        collection: &'a str,
        name: Option<String>,
        found: Option<&'a Account>,
    ) -> Result<Self> {
        let guess = Self {
            app,
            collection,
            name,
            found,
            address: ctx.request.ip,
            place: origins::fingerprint(ctx),
            now: Instant::now(),
        };
        if guess.anywhere().any(|target| guess.is_slowed(target)) && !guess.is_from_known_place()? {
            return Err(Error::RateLimited(None));
        }
        Ok(guess)
    }

    /// Counts it as wrong.
    pub(super) fn failed(self) {
        for target in self.anywhere().chain(self.here()) {
            self.app.attempts().failed(target, self.now);
        }
    }

    /// What others may have used up.
    fn anywhere(&self) -> impl Iterator<Item = Target<'_>> {
        let name = self.name.as_deref();
        let account = self.found.map(|account| account.record.id.as_str());
        [
            self.address.map(Target::Address),
            name.map(|name| Target::Name(self.collection, name)),
            account.map(|id| Target::Account(self.collection, id)),
        ]
        .into_iter()
        .flatten()
    }

    /// What was tried at the account from this place.
    fn here(&self) -> Option<Target<'_>> {
        self.found
            .map(|account| Target::Place(self.collection, &account.record.id, &self.place))
    }

    fn is_slowed(&self, target: Target<'_>) -> bool {
        self.app.attempts().is_slowed(target, self.now)
    }

    /// Says whether the account's holder was here before, and not too much was tried from here since.
    fn is_from_known_place(&self) -> Result<bool> {
        let Some(account) = self.found else {
            return Ok(false);
        };
        if self.here().is_some_and(|here| self.is_slowed(here)) {
            return Ok(false);
        }
        origins::is_known(self.app, account, &self.place)
    }
}

/// Refuses attempts at nobody from an address that failed too often.
pub(super) fn check_address(app: &App, ctx: &Ctx) -> Result<()> {
    let is_slowed = ctx.request.ip.is_some_and(|address| {
        app.attempts()
            .is_slowed(Target::Address(address), Instant::now())
    });
    if is_slowed {
        Err(Error::RateLimited(None))
    } else {
        Ok(())
    }
}

/// Counts a failure that is about no account.
pub(super) fn failed_from(app: &App, ctx: &Ctx) {
    if let Some(address) = ctx.request.ip {
        app.attempts()
            .failed(Target::Address(address), Instant::now());
    }
}
