//! Reading a subscription: `<topic>[?options=<JSON>]`, and who it is for.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};

use crate::base::cast;
use crate::base::error::Error;
use crate::base::time::Timestamp;
use crate::ctx::{Ctx, HeaderLines, Principal, RequestContext, RequestInfo};
use crate::realtime::client::{Client, Message};
use crate::record::picker::Fields;

/// The query option that asks for what was missed.
const SINCE: &str = "since";

/// A subscription taken apart.
#[derive(Debug)]
pub(super) struct Parsed {
    /// What it is about, without options.
    pub(super) topic: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    /// The subscriber knows about sequence numbers.
    pub(super) sequenced: bool,
    /// The last change the subscriber has seen, if it said so.
    pub(super) since: Option<i64>,
}

impl Parsed {
    /// Reads a subscription; options that cannot be read are none.
    pub(super) fn new(text: &str) -> Self {
        let (topic, search) = text.split_once('?').unwrap_or((text, ""));
        let options = search
            .split('&')
            .find_map(|pair| pair.strip_prefix("options="))
            .map(|value| value.replace('+', " "))
            .and_then(|value| {
                let decoded = percent_decode_str(&value).decode_utf8().ok()?;
                serde_json::from_str::<Json>(&decoded).ok()
            })
            .unwrap_or_default();
        let pairs = |name: &str| -> Vec<(String, String)> {
            let empty = Map::new();
            let members = options
                .get(name)
                .and_then(Json::as_object)
                .unwrap_or(&empty);
            members
                .iter()
                .map(|(key, value)| (key.clone(), cast::to_text(value)))
                .collect()
        };
        let mut query = pairs("query");
        let since = query.iter().position(|(key, _)| key == SINCE);
        // Not a part of what rules see: subscribers who differ in nothing else share everything.
        let since = since.map(|at| query.remove(at).1);
        Self {
            topic: topic.to_owned(),
            query,
            headers: pairs("headers"),
            sequenced: since.is_some(),
            since: since.and_then(|text| text.trim().parse().ok()),
        }
    }
}

/// Everyone for whom the same decisions hold: the same principal with the same options.
#[derive(Debug)]
pub struct Audience {
    /// The caller of rules and filters, at the moment of subscribing.
    pub(super) ctx: Ctx,
    pub(super) filter: String,
    pub(super) expand: String,
    /// The text of `fields`, to tell views apart.
    pub(super) fields_text: String,
    /// `None` for all of them, also when the text cannot be read.
    pub(super) fields: Option<Fields>,
    /// Until when (Unix time in milliseconds) it is told on its own, because it kept others waiting.
    slow_until: AtomicI64,
    /// The log says already that it cannot be told of something.
    is_reported: AtomicBool,
}

/// How long an audience that kept others waiting is told on its own, in milliseconds.
const SLOW: i64 = 60_000;

impl Audience {
    pub(super) fn new(principal: Principal, parsed: &Parsed) -> Self {
        Self::of(
            principal,
            parsed.query.clone(),
            parsed
                .headers
                .iter()
                .map(|(name, value)| (name, value))
                .collect(),
        )
    }

    /// A caller with its options.
    pub fn of(principal: Principal, query: Vec<(String, String)>, headers: HeaderLines) -> Self {
        let request = RequestInfo {
            context: RequestContext::Realtime,
            method: "GET".into(),
            query,
            headers,
            ..RequestInfo::default()
        };
        let param = |name: &str| request.query_param(name).unwrap_or_default().to_owned();
        let (filter, expand, fields_text) = (param("filter"), param("expand"), param("fields"));
        Self {
            slow_until: AtomicI64::new(0),
            is_reported: AtomicBool::new(false),
            fields: Fields::parse(&fields_text).ok().flatten(),
            filter,
            expand,
            fields_text,
            ctx: Ctx {
                principal,
                request: request.into(),
                now: Timestamp::now(),
            },
        }
    }

    /// What tells audiences apart.
    pub(super) fn key(principal: &Principal, parsed: &Parsed) -> String {
        let who = Self::who(principal);
        format!("{who}\n{:?}\n{:?}", parsed.query, parsed.headers)
    }

    /// A principal with everything that a rule may look at without the database.
    pub(super) fn who(principal: &Principal) -> String {
        match principal {
            Principal::Guest => "guest".to_owned(),
            Principal::System => "system".to_owned(),
            Principal::User(auth) | Principal::Superuser(auth) => format!(
                "{}/{}/{}/{}{}",
                auth.collection_id, auth.id, auth.email, auth.email_visibility, auth.verified
            ),
        }
    }

    /// Says whether it takes so long to tell it of changes that nobody should wait for it.
    pub(super) fn is_slow(&self, now: Timestamp) -> bool {
        now.unix_ms() < self.slow_until.load(SeqCst)
    }

    /// Remembers that it kept others waiting.
    pub(super) fn is_slow_from(&self, now: Timestamp) {
        self.slow_until
            .store(now.unix_ms().saturating_add(SLOW), SeqCst);
    }

    /// Mentions in the log, once, why it was not told of a change.
    pub(super) fn report(&self, topic: &str, error: &Error) {
        if !self.is_reported.swap(true, SeqCst) {
            tracing::warn!(%error, topic, "a subscription cannot be told of a change");
        }
    }

    /// The caller of rules and filters at another moment.
    pub(super) fn at(&self, now: Timestamp) -> Ctx {
        Ctx {
            now,
            ..self.ctx.clone()
        }
    }
}

/// One subscription of one client.
#[derive(Debug)]
pub struct Subscription {
    /// As it was submitted; the name of its events.
    pub(super) name: String,
    pub(super) topic: String,
    head: Bytes,
    /// Events carry their sequence number.
    pub(super) sequenced: bool,
    /// Ids of the events are sequence numbers.
    numbered: bool,
    /// The client knows what to do when it is told that it missed something.
    pub(super) is_resumable: bool,
    /// Live events up to this one are not for it; all of them while it catches up.
    after: AtomicI64,
    /// The last change it was told about while it catches up.
    cursor: AtomicI64,
    gone: AtomicBool,
}

/// What stands for "no live events yet".
const CATCHING_UP: i64 = i64::MAX;

impl Subscription {
    /// A subscription that gets events after a change: all live, or first those of the log.
    pub(super) fn new(name: &str, parsed: &Parsed, client: &Client, start: Start) -> Self {
        let shown = shown(name);
        let numbered = client.is_numbered();
        let head = if numbered {
            format!("event:{shown}\ndata:")
        } else {
            format!("id:{}\nevent:{shown}\ndata:", client.id())
        };
        let (after, cursor) = match start {
            Start::Live(after) => (after, after),
            Start::Replay(since) => (CATCHING_UP, since),
        };
        Self {
            name: name.to_owned(),
            topic: parsed.topic.clone(),
            head: head.into(),
            sequenced: numbered || parsed.sequenced,
            numbered,
            is_resumable: numbered || parsed.sequenced || matches!(start, Start::Replay(_)),
            after: AtomicI64::new(after),
            cursor: AtomicI64::new(cursor),
            gone: AtomicBool::new(false),
        }
    }

    /// The name of its events on the wire.
    pub(super) fn shown(&self) -> String {
        shown(&self.name)
    }

    /// Where a successor of this subscription has to go on.
    pub(super) fn position(&self) -> Start {
        match self.after.load(SeqCst) {
            CATCHING_UP => Start::Replay(self.cursor.load(SeqCst)),
            after => Start::Live(after),
        }
    }

    pub(super) fn wants(&self, seq: i64) -> bool {
        self.after.load(SeqCst) < seq
    }

    /// Goes back to catching up, from before a change that it was not told of. Says whether it was live.
    pub(super) fn fall_back(&self, seq: i64) -> bool {
        if !self.wants(seq) {
            return false;
        }
        self.cursor.store(seq - 1, SeqCst);
        self.after.store(CATCHING_UP, SeqCst);
        true
    }

    /// Ends catching up.
    pub(super) fn go_live(&self, after: i64) {
        self.after.store(after, SeqCst);
    }

    /// The last change it was told about while it catches up.
    pub fn cursor(&self) -> i64 {
        self.cursor.load(SeqCst)
    }

    /// Remembers how far it has caught up.
    pub fn advance(&self, seq: i64) {
        self.cursor.store(seq, SeqCst);
    }

    pub(super) fn leave(&self) {
        self.gone.store(true, SeqCst);
    }

    /// Says whether the client no longer has it.
    pub fn is_gone(&self) -> bool {
        self.gone.load(SeqCst)
    }

    /// What the subscription is about, without options.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// A message with the payload that fits this subscription.
    pub(super) fn message(&self, seq: i64, payload: Bytes) -> Message {
        let head = if self.numbered {
            let mut head = format!("id:{seq}\n").into_bytes();
            head.extend_from_slice(&self.head);
            head.into()
        } else {
            self.head.clone()
        };
        Message { head, payload }
    }
}

/// A line break in a name must not become one in the stream.
fn shown(name: &str) -> String {
    name.replace(['\n', '\r', '\0'], " ")
}

/// Where a subscription starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// With what is delivered after this change.
    Live(i64),
    /// With what the log holds after this change.
    Replay(i64),
}

#[cfg(test)]
mod tests {
    use super::Parsed;

    #[track_caller]
    fn check(text: &str, topic: &str, query: &[(&str, &str)], headers: &[(&str, &str)]) {
        let own = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        };
        let parsed = Parsed::new(text);
        assert_eq!(parsed.topic, topic, "{text}");
        assert_eq!(parsed.query, own(query), "{text}");
        assert_eq!(parsed.headers, own(headers), "{text}");
    }

    #[test]
    fn options_are_read_leniently() {
        check("posts/*", "posts/*", &[], &[]);
        check(
            "posts/*?options=%7B%22query%22%3A%7B%22a%22%3A1%7D%2C%22headers%22%3A%7B%22x-y%22%3A%22z%22%7D%7D",
            "posts/*",
            &[("a", "1")],
            &[("x-y", "z")],
        );
        check("posts/*?options=zzz", "posts/*", &[], &[]);
        check("posts/*?options={\"query\":5}", "posts/*", &[], &[]);
        check("posts?x=1", "posts", &[], &[]);
        check("?", "", &[], &[]);
    }
}
