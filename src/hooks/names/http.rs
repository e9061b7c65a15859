//! `http`: requests to other servers.

use std::time::Duration;

use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE};
use hyper::{HeaderMap, Method};
use rhai::{Array, Blob, Dynamic, ImmutableString, Map, Module};
use serde_json::Value as Json;

use crate::base::ids;
use crate::fetch::{self, Answer, Limits, Reach};
use crate::hooks::define::named;
use crate::hooks::fault::{Failure, misuse, thrown};
use crate::hooks::file::ScriptFile;
use crate::hooks::{app, frames, notes, option_map, values};

const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_BYTES: i64 = 8 << 20;
const MAX_REDIRECTS: usize = 5;

const OPTIONS: [&str; 10] = [
    "url",
    "method",
    "headers",
    "query",
    "body",
    "json",
    "form",
    "files",
    "timeout",
    "max_bytes",
];

/// What a request sends, and as what.
fn body_of(options: &Map) -> Result<(Vec<u8>, Option<String>), Failure> {
    if let Some(value) = options.get("json") {
        let body = values::to_json(value).to_string().into_bytes();
        return Ok((body, Some("application/json".to_owned())));
    }
    if let Some(files) = options.get("files").and_then(Dynamic::read_lock::<Map>) {
        let form = options.get("form").and_then(Dynamic::read_lock::<Map>);
        return Ok(multipart(form.as_deref(), &files));
    }
    if let Some(form) = options.get("form").and_then(Dynamic::read_lock::<Map>) {
        let pairs = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_string()));
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        let kind = "application/x-www-form-urlencoded".to_owned();
        return Ok((body.into_bytes(), Some(kind)));
    }
    let Some(body) = options.get("body").filter(|body| !body.is_unit()) else {
        return Ok((Vec::new(), None));
    };
    if body.is_map() || body.is_array() {
        return Err(misuse(
            "The body of a request is a text or a blob; maps and arrays go into `json` or `form`.",
        ));
    }
    if let Some(file) = body.read_lock::<ScriptFile>() {
        return Ok((file.bytes.to_vec(), Some(file.content_type.clone())));
    }
    match body.read_lock::<Blob>() {
        Some(bytes) => Ok((bytes.clone(), None)),
        None => Ok((body.to_string().into_bytes(), None)),
    }
}

/// A multipart form of texts and files; a key of files has one or an array of them.
fn multipart(form: Option<&Map>, files: &Map) -> (Vec<u8>, Option<String>) {
    let boundary = format!("stead-{}", ids::random_string(30, ids::ALNUM));
    let quoted = |text: &str| text.replace(['"', '\r', '\n'], "_");
    let mut body = Vec::new();
    let mut part = |head: &str, content: &[u8]| {
        body.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    for (name, value) in form.into_iter().flatten() {
        let head = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
        part(&head, value.to_string().as_bytes());
    }
    for (name, value) in files {
        let items = match value.read_lock::<Array>() {
            Some(items) => items.clone(),
            None => vec![value.clone()],
        };
        for file in items.iter().filter_map(Dynamic::read_lock::<ScriptFile>) {
            let head = format!(
                "Content-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}",
                quoted(name),
                quoted(&file.name),
                file.content_type
            );
            part(&head, &file.bytes);
        }
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (
        body,
        Some(format!("multipart/form-data; boundary={boundary}")),
    )
}

fn url_of(options: &Map) -> Result<String, Failure> {
    let url = options
        .get("url")
        .map(ToString::to_string)
        .filter(|url| !url.is_empty())
        .ok_or_else(|| misuse("A request needs a url."))?;
    let Some(query) = options.get("query").and_then(Dynamic::read_lock::<Map>) else {
        return Ok(url);
    };
    let pairs = query
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_string()));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    Ok(format!(
        "{url}{}{query}",
        if url.contains('?') { '&' } else { '?' }
    ))
}

fn number(options: &Map, name: &str, otherwise: i64) -> i64 {
    options
        .get(name)
        .and_then(|value| value.as_int().ok())
        .filter(|n| *n > 0)
        .unwrap_or(otherwise)
}

/// How long to wait for the answer.
fn timeout(options: &Map) -> Result<Duration, Failure> {
    let Some(value) = options.get("timeout").filter(|value| !value.is_unit()) else {
        return Ok(TIMEOUT);
    };
    let seconds = match (value.as_int(), value.as_float()) {
        (Ok(seconds), _) => u64::try_from(seconds).ok().map(Duration::from_secs),
        (_, Ok(seconds)) => Duration::try_from_secs_f64(seconds).ok(),
        _ => None,
    };
    seconds
        .filter(|limit| !limit.is_zero())
        .ok_or_else(|| misuse("The timeout of a request is a number of seconds above 0."))
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Failure> {
    match (
        HeaderName::from_bytes(name.as_bytes()),
        // Not only ASCII: names of files and the like are sent as they are.
        HeaderValue::from_bytes(value.as_bytes()),
    ) {
        (Ok(name), Ok(value)) => Ok((name, value)),
        _ => Err(misuse(format!("\"{name}\" is no header that can be sent."))),
    }
}

fn send(options: &Map) -> Result<Map, Failure> {
    option_map::known(options, &OPTIONS)?;
    let app = app::current()?;
    if notes::call("http::send", || Json::Object(values::map_to_json(options))) {
        return Ok(stub());
    }
    if app.transaction().is_some() {
        return Err(misuse("Requests cannot be sent inside a transaction."));
    }
    let method = options
        .get("method")
        .map_or_else(|| "GET".to_owned(), ToString::to_string);
    let method = Method::from_bytes(method.to_uppercase().as_bytes())
        .map_err(|_| misuse("There is no such method."))?;
    let (body, content_type) = body_of(options)?;
    let url = url_of(options)?;
    let mut request = fetch::request(method, &url, body)
        .map_err(|error| misuse(format!("The request cannot be sent: {error}.")))?;
    if let Some(content_type) = content_type {
        let value =
            HeaderValue::from_str(&content_type).map_err(|_| misuse("The form cannot be sent."))?;
        request.headers_mut().insert(CONTENT_TYPE, value);
    }
    if let Some(headers) = options.get("headers").and_then(Dynamic::read_lock::<Map>) {
        for (name, value) in headers.iter() {
            let (name, value) = header(name, &value.to_string())?;
            request.headers_mut().insert(name, value);
        }
    }
    let limits = Limits {
        time: timeout(options)?,
        bytes: usize::try_from(number(options, "max_bytes", MAX_BYTES)).unwrap_or(usize::MAX),
        redirects: MAX_REDIRECTS,
        reach: Reach::Anywhere,
    };
    let answer = frames::wait(async move { Ok(app.fetch().fetch(request, &limits).await) });
    let answer = answer.map_err(|error| thrown(&error))?;
    // Clients need not know which services are behind the server, and whether those are up.
    answer
        .map(|answer| shown(&url, &answer))
        .map_err(|error| misuse(format!("The request failed: {error}.")))
}

/// What a trial gets for an answer.
fn stub() -> Map {
    let mut map = Map::new();
    map.insert("status".into(), Dynamic::from_int(200));
    map.insert("headers".into(), Dynamic::from_map(Map::new()));
    map.insert("cookies".into(), Dynamic::from_map(Map::new()));
    map.insert("json".into(), Dynamic::UNIT);
    map.insert("body".into(), Dynamic::from(String::new()));
    let file = ScriptFile::new("file", Vec::new());
    map.insert("file".into(), Dynamic::from(file));
    map
}

/// The body as text; nothing when it is a picture or the like. What is called text may be in any charset.
fn text_of(answer: &Answer) -> String {
    if let Ok(text) = std::str::from_utf8(&answer.body) {
        return text.to_owned();
    }
    let kind = answer.headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("text/");
    let kind = kind.to_ascii_lowercase();
    if kind.starts_with("text/") || kind.contains("charset=") || kind.contains("xml") {
        String::from_utf8_lossy(&answer.body).into_owned()
    } else {
        String::new()
    }
}

fn shown(url: &str, answer: &Answer) -> Map {
    let text = text_of(answer);
    let file = ScriptFile::of_url(url, answer.body.to_vec());
    let json = serde_json::from_slice::<Json>(&answer.body)
        .map_or(Dynamic::UNIT, |json| values::from_json(&json));
    let mut map = Map::new();
    map.insert(
        "status".into(),
        Dynamic::from_int(i64::from(answer.status.as_u16())),
    );
    map.insert(
        "headers".into(),
        Dynamic::from_map(headers(&answer.headers)),
    );
    map.insert(
        "cookies".into(),
        Dynamic::from_map(cookies(&answer.headers)),
    );
    map.insert("json".into(), json);
    map.insert("body".into(), Dynamic::from(text));
    map.insert("file".into(), Dynamic::from(file));
    map
}

fn headers(headers: &HeaderMap) -> Map {
    let mut map = Map::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        map.entry(name.as_str().into())
            .or_insert_with(|| Dynamic::from(value));
    }
    map
}

fn cookies(headers: &HeaderMap) -> Map {
    let lines = headers.get_all(SET_COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok()?.split(';').next()?.split_once('='))
        .map(|(name, value)| (name.trim().into(), Dynamic::from(value.trim().to_owned())))
        .collect()
}

/// The namespace `http`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    named!(
        module,
        "send(request: map) -> map",
        "Sends a request: `url`, and if wanted `method`, `headers`, `query`, `body`, `json`, `form`, `files` (a map of files, sent as a multipart form together with `form`), `timeout` (seconds, 30), `max_bytes`. Gives `status`, `headers`, `body` (the text, `\"\"` for pictures and the like), `json`, `file` (the answer as a file, whatever it is), `cookies`; throws when there is no answer. Redirects of GET are followed five times.",
        |request: Map| send(&request)
    );
    named!(
        module,
        "get(url: string) -> map",
        "Sends a GET request.",
        |url: ImmutableString| {
            let mut request = Map::new();
            request.insert("url".into(), url.into());
            send(&request)
        }
    );
    module
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rhai::{Dynamic, Map};

    use super::{TIMEOUT, timeout};

    #[test]
    fn timeouts_are_whole_seconds_or_parts_of_one() {
        let of = |value: Dynamic| timeout(&Map::from([("timeout".into(), value)])).ok();
        assert_eq!(timeout(&Map::new()).ok(), Some(TIMEOUT));
        assert_eq!(of(Dynamic::UNIT), Some(TIMEOUT));
        assert_eq!(of(Dynamic::from(2_i64)), Some(Duration::from_secs(2)));
        assert_eq!(of(Dynamic::from(0.5)), Some(Duration::from_millis(500)));
        for value in [
            Dynamic::from(0_i64),
            Dynamic::from(-1_i64),
            Dynamic::from(f64::NAN),
            Dynamic::from("5"),
        ] {
            assert_eq!(of(value), None);
        }
    }
}
