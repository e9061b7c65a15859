//! What a client asks to be told, and as whom.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::ctx::{AuthRecord, Principal};

/// Who a client is, with what tells whether it still is.
#[derive(Clone, Debug)]
pub struct Identity {
    pub principal: Principal,
    /// The token key of the record; another one ends its tokens.
    pub token_key: Option<Secret<String>>,
    /// When the token ends.
    pub expires: Option<Timestamp>,
}

impl Identity {
    /// Nobody.
    pub const GUEST: Self = Self {
        principal: Principal::Guest,
        token_key: None,
        expires: None,
    };

    /// The record it is.
    pub const fn auth(&self) -> Option<&AuthRecord> {
        match &self.principal {
            Principal::User(record) | Principal::Superuser(record) => Some(record),
            Principal::Guest | Principal::System => None,
        }
    }

    pub(super) fn auth_key(&self) -> Option<(String, String)> {
        self.auth()
            .map(|record| (record.collection_id.clone(), record.id.clone()))
    }
}

/// What a client wants to be subscribed to from now on.
#[derive(Debug)]
pub struct Submission {
    pub client_id: String,
    pub subscriptions: Vec<String>,
    /// The last change seen, by subscription, instead of what the subscription itself says. Without a number the events
    /// have theirs all the same.
    pub since: HashMap<String, Option<i64>>,
    pub ip: Option<IpAddr>,
    pub identity: Identity,
    /// The newest change that was committed before the submission.
    pub newest: i64,
}

/// Why a submission is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    UnknownClient,
    /// It came from another address than the stream.
    OtherAddress,
    /// The client is somebody else already.
    OtherAuth,
}

/// What a client has to be checked for after a change of its auth record.
#[derive(Clone, Debug)]
pub struct Upkeep {
    pub client_id: String,
    pub identity: Identity,
}
