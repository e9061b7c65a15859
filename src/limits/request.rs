//! A request as the limits see it.

use std::net::IpAddr;

use crate::ctx::Principal;

/// What a request is to the limits.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub principal: &'a Principal,
    /// Where it comes from; requests from nowhere share their count.
    pub ip: Option<IpAddr>,
    pub method: &'a str,
    pub path: &'a str,
    /// For routes of a collection.
    pub action: Option<Action<'a>>,
}

/// What is done with a collection.
#[derive(Clone, Copy, Debug)]
pub struct Action<'a> {
    pub collection_id: &'a str,
    pub collection_name: &'a str,
    /// The route; the same rule counts separately for each.
    pub route: &'a str,
    /// What the action is called in rules, best name first.
    pub tags: &'a [&'a str],
}
