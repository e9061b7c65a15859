//! Several record changes in one transaction.

use serde_json::{Map, Value as Json};

use crate::api::answer::{self, Response};
use crate::api::body::Submitted;
use crate::api::call::Call;
use crate::api::form;
use crate::api::reading::Unreadable;
use crate::app::batch::{self, BatchInput, BatchRequest};
use crate::base::error::Result;
use crate::files::Upload;

const NOT_READ: &str = "Failed to read the submitted batch data.";

/// `POST /api/batch`
pub(super) async fn run(mut call: Call) -> Result<Response> {
    let limit = batch::admit(&call.app, &call.ctx)?;
    let submitted = call.read(limit).await;
    let input = submitted
        .and_then(input)
        .map_err(|reason| reason.or(NOT_READ))?;
    let body = batch::run(&call.app, &call.ctx, input).await?;
    Ok(answer::json(body))
}

/// The requests of a batch in the shape they were sent; nothing but the types is checked.
fn input(submitted: Submitted) -> Result<BatchInput, Unreadable> {
    let (members, uploads) = submitted.into_record()?;
    let mut requests = match member_of(&members, "requests")? {
        None => Vec::new(),
        Some(Json::Array(items)) => items.iter().map(request).collect::<Result<_, _>>()?,
        Some(_) => return Err(Unreadable::Malformed),
    };
    for upload in uploads {
        attach(&mut requests, upload);
    }
    Ok(BatchInput { requests })
}

fn request(item: &Json) -> Result<BatchRequest, Unreadable> {
    let members = item.as_object().ok_or(Unreadable::Malformed)?;
    let text = |name| match member_of(members, name)? {
        None => Ok(String::new()),
        Some(Json::String(text)) => Ok(text.clone()),
        Some(_) => Err(Unreadable::Malformed),
    };
    let object = |name| match member_of(members, name)? {
        None => Ok(Map::new()),
        Some(Json::Object(object)) => Ok(object.clone()),
        Some(_) => Err(Unreadable::Malformed),
    };
    let headers = object("headers")?
        .into_iter()
        .map(|(name, value)| match value {
            Json::String(value) => Ok((name, value)),
            Json::Null => Ok((name, String::new())),
            _ => Err(Unreadable::Malformed),
        });
    let url = text("url")?;
    let mut data = object("body")?;
    for (name, value) in members_in_query(&url) {
        data.entry(name).or_insert(value);
    }
    Ok(BatchRequest {
        method: text("method")?,
        url,
        headers: headers.collect::<Result<_, _>>()?,
        data,
        uploads: Vec::new(),
    })
}

/// What the query of an item's address says about its record, as in a form; the body is laid over it. Nothing where it
/// is malformed: such an item fails anyway.
fn members_in_query(url: &str) -> Map<String, Json> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    form::strict(query)
        .and_then(form::to_members)
        .unwrap_or_default()
}

/// A member by name ignoring case, null meaning absent; names that differ only in case are refused.
fn member_of<'a>(
    members: &'a Map<String, Json>,
    name: &str,
) -> Result<Option<&'a Json>, Unreadable> {
    let mut found = members
        .iter()
        .filter(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value);
    let first = found.next();
    if found.next().is_some() {
        return Err(Unreadable::Malformed);
    }
    Ok(first.filter(|value| !value.is_null()))
}

/// Gives a file named `requests.N.field` or `requests[N].field` to the request it belongs to; others are dropped.
fn attach(requests: &mut [BatchRequest], mut upload: Upload) {
    let Some((index, field)) = place(&upload.key) else {
        return;
    };
    if let Some(request) = requests.get_mut(index) {
        upload.key = field;
        request.uploads.push(upload);
    }
}

fn place(key: &str) -> Option<(usize, String)> {
    let rest = key.strip_prefix("requests")?;
    let (index, field) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once("].")?,
        None => rest.strip_prefix('.')?.split_once('.')?,
    };
    // As it is written: `00` is no index.
    let is_number = index.bytes().all(|byte| byte.is_ascii_digit())
        && (index.len() == 1 || !index.starts_with('0'));
    (is_number && !field.is_empty()).then_some(())?;
    Some((index.parse().ok()?, field.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{input, place};
    use crate::api::body::Submitted;
    use serde_json::{Value as Json, json};

    #[test]
    fn files_find_their_request() {
        assert_eq!(place("requests.0.f"), Some((0, "f".to_owned())));
        assert_eq!(place("requests[12].+f"), Some((12, "+f".to_owned())));
        for key in [
            "requests.x.f",
            "requests.00.f",
            "requests[01].f",
            "requests.1",
            "requests[1]f",
            "requests..f",
            "f",
        ] {
            assert_eq!(place(key), None, "{key}");
        }
    }

    #[track_caller]
    fn check(body: Json, expect: Option<usize>) {
        let input = input(Submitted::Json(body));
        assert_eq!(input.map(|input| input.requests.len()).ok(), expect);
    }

    #[test]
    fn queries_are_data_under_the_body() {
        let read = |url: &str, body: Json| {
            let item = json!({"requests": [{"method": "POST", "url": url, "body": body}]});
            input(Submitted::Json(item))
                .unwrap()
                .requests
                .remove(0)
                .data
        };
        assert_eq!(
            Json::from(read("/r?t=a+b&n%2B=5&s=x&s=y#z", json!({"t": "c"}))),
            json!({"t": "c", "n+": 5, "s": ["x", "y"]})
        );
        assert_eq!(Json::from(read("/r?t=%zz", json!({}))), json!({}));
        assert_eq!(Json::from(read("/r", json!({"t": 1}))), json!({"t": 1}));
    }

    #[test]
    fn the_shape_is_checked_and_nothing_else() {
        check(json!({}), Some(0));
        check(json!(null), Some(0));
        check(json!({"requests": null}), Some(0));
        check(json!({"requests": [{}]}), Some(1));
        check(
            json!({"Requests": [{"METHOD": "x", "Url": "/", "body": null, "headers": {"a": "b"}}]}),
            Some(1),
        );
        check(json!({"requests": [{"headers": {"a": null}}]}), Some(1));
        check(json!([]), None);
        check(json!({"requests": 5}), None);
        check(json!({"requests": [null]}), None);
        check(json!({"requests": [{"body": 5}]}), None);
        check(json!({"requests": [{"headers": {"a": 5}}]}), None);
        check(json!({"requests": [{"method": 5}]}), None);
    }
}
