//! Asking the limits before a request is served.

use std::net::IpAddr;
use std::time::Instant;

use crate::app::{App, jobs};
use crate::base::error::{Error, Result};
use crate::ctx::Principal;
use crate::limits::Request;

/// The job that forgets old counts; it is there while requests are counted.
pub(super) const CLEANING_JOB: &str = "__pbRateLimitersCleanup__";

/// Refuses superusers who come from elsewhere than the settings say.
pub fn check_origin(app: &App, principal: &Principal, ip: Option<IpAddr>) -> Result<()> {
    let is_superuser = matches!(principal, Principal::Superuser(_));
    if is_superuser && !app.limits().superuser_may_come_from(ip) {
        return Err(Error::Forbidden(None));
    }
    Ok(())
}

/// Counts a request and refuses it when it is one too many.
pub fn count(app: &App, request: &Request<'_>) -> Result<()> {
    let limits = app.limits();
    if limits.take_used() {
        let cleaning = jobs::add(app, CLEANING_JOB, "2 * * * *", |app| async move {
            app.limits().clean_up(Instant::now());
            app.throttle().clean_up(Instant::now());
            Ok(())
        });
        if let Err(error) = cleaning {
            tracing::error!(%error, "the counts of requests are not cleaned up");
        }
    }
    if limits.admit(request, Instant::now()) {
        Ok(())
    } else {
        Err(Error::RateLimited(None))
    }
}
