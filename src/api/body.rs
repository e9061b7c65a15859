//! Reading request bodies: what the content type makes of the bytes.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value as Json};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout, timeout_at};

use crate::api::parameters::Parameters;
use crate::api::reading::{Budget, Reading, SILENCE, Unreadable, unless_silent};
use crate::api::{filled, form, multipart};
use crate::base::json;
use crate::files::Upload;

/// Longest time a body may take to arrive.
const DEADLINE: Duration = Duration::from_mins(5);

/// JSON of so few bytes takes no more than is not counted.
const SMALL: usize = 512;

/// JSON of more bytes is not made values of beside the requests of others.
const LARGE: usize = 1 << 20;

/// A body after its content type was understood.
#[derive(Debug)]
pub(super) enum Submitted {
    /// There was no body.
    Nothing,
    Json(Json),
    Form {
        /// Values in the order the contract reads them, those of the query string included.
        pairs: Vec<(String, String)>,
        uploads: Vec<Upload>,
    },
}

/// Reads a body as it comes, whatever its content type says.
pub(super) async fn read_bytes(
    body: Body,
    limit: usize,
    budget: &mut Budget,
) -> Result<Bytes, Unreadable> {
    let reading = collect(body, limit, SILENCE, budget);
    timeout(DEADLINE, reading)
        .await
        .unwrap_or(Err(Unreadable::TooSlow))
}

/// Reads a body according to its content type. The match on the type is by prefix and case, as in the contract.
pub(super) async fn read(
    body: Body,
    how: &Reading<'_>,
    budget: &mut Budget,
) -> Result<Submitted, Unreadable> {
    if how.is_empty {
        return Ok(Submitted::Nothing);
    }
    let deadline = Instant::now() + DEADLINE;
    let reading = async {
        if how.content_type.starts_with("application/json") {
            let bytes = collect(body, how.limit, how.silence, budget).await?;
            return parse(bytes, budget).await.map(Submitted::Json);
        }
        if is_multipart(how.content_type) {
            let mut pairs = form::strict(how.query).ok_or(Unreadable::Malformed)?;
            // Perf: boxed like everything rare and large, so that the future of a plain body stays small.
            let reading = multipart::read(body, how, budget);
            let parts = Box::pin(reading).await?;
            pairs.extend(parts.pairs);
            weigh_payloads(&pairs, budget)?;
            return Ok(Submitted::Form {
                pairs,
                uploads: parts.uploads,
            });
        }
        if how
            .content_type
            .starts_with("application/x-www-form-urlencoded")
        {
            let mut pairs = Vec::new();
            if how.takes_form && is_urlencoded(how.content_type)? {
                let bytes = collect(body, how.limit, how.silence, budget).await?;
                pairs = form::strict_bytes(&bytes).ok_or(Unreadable::Malformed)?;
            }
            pairs.extend(form::strict(how.query).ok_or(Unreadable::Malformed)?);
            weigh_payloads(&pairs, budget)?;
            return Ok(Submitted::Form {
                pairs,
                uploads: Vec::new(),
            });
        }
        // Compat: the contract knows XML; here it is a known type that cannot be read.
        let is_xml = ["application/xml", "text/xml"]
            .iter()
            .any(|prefix| how.content_type.starts_with(prefix));
        Err(if is_xml {
            Unreadable::Malformed
        } else {
            Unreadable::UnsupportedType
        })
    };
    timeout_at(deadline, reading)
        .await
        .unwrap_or(Err(Unreadable::TooSlow))
}

/// Makes values of JSON, which may take many times its room.
pub(super) async fn parse(bytes: Bytes, budget: &mut Budget) -> Result<Json, Unreadable> {
    let parse =
        |bytes: &[u8]| json::parse_first(bytes).map_err(|error| Unreadable::NotJson(error.place()));
    if bytes.len() <= SMALL {
        return parse(&bytes);
    }
    budget.take(json::weight(&bytes))?;
    if bytes.len() <= LARGE {
        return parse(&bytes);
    }
    // Others wait for this thread.
    let parsed = spawn_blocking(move || parse(&bytes));
    parsed.await.unwrap_or(Err(Unreadable::NoRoom))
}

/// Counts what will be made of the JSON in a form.
fn weigh_payloads(pairs: &[(String, String)], budget: &mut Budget) -> Result<(), Unreadable> {
    let payloads = pairs.iter().filter(|(key, _)| key == form::JSON_PAYLOAD);
    let weights = payloads.map(|(_, text)| json::weight(text.as_bytes()));
    budget.take(weights.fold(0, usize::saturating_add))
}

/// Says whether a content type is that of a form with files.
pub(super) fn is_multipart(content_type: &str) -> bool {
    content_type.starts_with("multipart/form-data")
}

/// Says whether a content type that begins like that of a form is the one. What is another one has a body that says
/// nothing.
fn is_urlencoded(content_type: &str) -> Result<bool, Unreadable> {
    let parameters = Parameters::read(content_type).ok_or(Unreadable::Malformed)?;
    Ok(parameters.kind == "application/x-www-form-urlencoded")
}

async fn collect(
    mut body: Body,
    limit: usize,
    silence: Duration,
    budget: &mut Budget,
) -> Result<Bytes, Unreadable> {
    let mut first = Bytes::new();
    let mut rest: Vec<u8> = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = unless_silent(silence, body.frame()).await? {
        let Ok(data) = frame.map_err(|_| Unreadable::Malformed)?.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len());
        if length > limit {
            return Err(Unreadable::TooLarge);
        }
        budget.take(data.len())?;
        if first.is_empty() && rest.is_empty() {
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.extend_from_slice(&first);
        }
        rest.extend_from_slice(&data);
    }
    Ok(if rest.is_empty() { first } else { rest.into() })
}

impl Submitted {
    /// Everything that was submitted, as rules see it.
    pub(super) fn into_shown(self) -> Result<Map<String, Json>, Unreadable> {
        self.into_record().map(|(members, _)| members)
    }

    /// The data of a record with its files: untyped, form values inferred.
    pub(super) fn into_record(self) -> Result<(Map<String, Json>, Vec<Upload>), Unreadable> {
        match self {
            Self::Nothing | Self::Json(Json::Null) => Ok((Map::new(), Vec::new())),
            Self::Json(Json::Object(members)) => Ok((members, Vec::new())),
            Self::Json(_) => Err(Unreadable::Malformed),
            Self::Form { pairs, uploads } => {
                let members = form::to_members(pairs).ok_or(Unreadable::Malformed)?;
                Ok((members, uploads))
            }
        }
    }

    /// An object without a shape; `a.b` keys of forms become nested objects.
    pub(super) fn into_object(self) -> Result<Map<String, Json>, Unreadable> {
        match self {
            Self::Form { pairs, .. } => {
                let members = form::to_members(pairs).ok_or(Unreadable::Malformed)?;
                form::nest(members).ok_or(Unreadable::Malformed)
            }
            other => other.into_record().map(|(members, _)| members),
        }
    }

    /// An object such as a collection or the settings, of which forms fill in what `template` has.
    pub(super) fn into_document(
        self,
        template: impl FnOnce() -> Json,
    ) -> Result<Map<String, Json>, Unreadable> {
        match self {
            Self::Form { pairs, .. } => {
                filled::fill(pairs, &template()).ok_or(Unreadable::Malformed)
            }
            other => other.into_record().map(|(members, _)| members),
        }
    }

    /// The members a form knows, under their canonical names; unknown members and nulls are left out.
    pub(super) fn form(&self, known: &[form::Member]) -> Result<Map<String, Json>, Unreadable> {
        let members = match self {
            Self::Nothing | Self::Json(Json::Null) => Some(Map::new()),
            Self::Json(Json::Object(members)) => form::typed_members(members, known),
            Self::Json(_) => None,
            Self::Form { pairs, .. } => form::typed_pairs(pairs, known),
        };
        members.ok_or(Unreadable::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;
    use std::time::Duration;

    use axum::body::{Body, Bytes};
    use futures_util::StreamExt as _;
    use futures_util::stream::{iter, pending, poll_fn};
    use serde_json::Value as Json;

    use super::read;
    use crate::api::reading::{BodyPool, Reading, SILENCE, Unreadable};
    use crate::files::Store;

    const POOL: usize = 512 << 20;

    const fn reading<'a>(content_type: &'a str, store: &'a Store) -> Reading<'a> {
        Reading {
            content_type,
            is_empty: false,
            takes_form: true,
            query: "",
            limit: 1 << 20,
            silence: Duration::from_millis(20),
            store,
        }
    }

    #[tokio::test]
    async fn a_body_that_falls_silent_is_given_up() {
        let store = Store::local(std::env::temp_dir(), std::env::temp_dir());
        let pool = BodyPool::new(POOL);
        let forms = [
            ("application/json", "{"),
            ("application/x-www-form-urlencoded", "a=b"),
            ("multipart/form-data; boundary=x", "--x\r\n"),
            (
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb",
            ),
            (
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\nb",
            ),
        ];
        for (content_type, begin) in forms {
            let how = reading(content_type, &store);
            let begin = Bytes::from_static(begin.as_bytes());
            let body = iter([Ok::<_, std::io::Error>(begin)]).chain(pending());
            let mut budget = pool.budget();
            let outcome = read(Body::from_stream(body), &how, &mut budget).await;
            assert_eq!(outcome.unwrap_err(), Unreadable::TooSlow, "{content_type}");
        }
        assert!(SILENCE >= Duration::from_secs(30), "networks have pauses");
    }

    #[tokio::test]
    async fn what_came_while_the_process_was_stopped_is_taken() {
        let store = Store::local(std::env::temp_dir(), std::env::temp_dir());
        let how = reading("application/json", &store);
        // Nothing when it is waited for, nothing when the time is over, and then it is seen that it came.
        let mut looks = 0;
        let rest = poll_fn(move |_| {
            looks += 1;
            match looks {
                1 | 2 => Poll::Pending,
                3 => Poll::Ready(Some("}")),
                _ => Poll::Ready(None),
            }
        });
        let body = iter(["{"]).chain(rest).map(Ok::<_, std::io::Error>);
        let mut budget = BodyPool::new(POOL).budget();
        let outcome = read(Body::from_stream(body), &how, &mut budget).await;
        assert!(outcome.is_ok());
    }

    #[tokio::test]
    async fn what_a_body_says_counts_as_well_as_its_bytes() {
        let store = Store::local(std::env::temp_dir(), std::env::temp_dir());
        let mut how = reading("application/json", &store);
        how.limit = POOL;
        let pool = BodyPool::new(POOL);
        let mut budget = pool.budget();
        let numbers = format!("[{}0]", "0,".repeat(1 << 19));
        let outcome = read(Body::from(numbers), &how, &mut budget).await;
        assert!(outcome.is_ok());
        let rest = POOL - (1 << 19) * size_of::<Json>();
        assert_eq!(pool.budget().take(rest), Err(Unreadable::NoRoom));
        drop(budget);
        assert_eq!(pool.budget().take(rest), Ok(()));

        let objects = format!("[{}0]", r#"{"a":0},"#.repeat(1 << 20));
        let outcome = read(Body::from(objects), &how, &mut pool.budget()).await;
        assert_eq!(outcome.unwrap_err(), Unreadable::TooLarge);
    }
}
