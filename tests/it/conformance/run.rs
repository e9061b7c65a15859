//! Runs the scenarios of one file against one server.
//!
//! It fills in variables, encodes requests and turns answers into the recorded form. It does not
//! judge them, except that setup steps must succeed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Place;
use super::corpus::{self, CorpusFile};
use super::normalise::Normaliser;
use super::server::Server;
use crate::support::events::Stream;
use crate::support::http::{self, Request, Response};
use crate::support::provider::Provider;
use crate::support::smtp::Smtp;

const BOUNDARY: &str = "----conformance-boundary";

/// Runs the selected scenarios and returns the normalised answers in order.
pub(super) fn run(
    server: &Server,
    file: &CorpusFile,
    only: &str,
) -> Result<Vec<(Place, Value)>, String> {
    let sent = file.sent_text();
    let sink = Smtp::start();
    let mut base = Session {
        server,
        sink: &sink,
        n_mails: BTreeMap::new(),
        dir: &file.dir,
        vars: BTreeMap::from([
            ("smtp_port".to_owned(), sink.port().to_string()),
            ("provider".to_owned(), Provider::shared().url()),
        ]),
        streams: BTreeMap::new(),
    };
    base.run_setup(file.setup())?;
    let mut answers = Vec::new();
    for (index, scenario) in file.scenarios().iter().enumerate() {
        let id = file.scenario_id(index);
        if !id.contains(only) {
            continue;
        }
        let mut session = Session {
            server,
            sink: &sink,
            n_mails: BTreeMap::new(),
            dir: base.dir,
            vars: base.vars.clone(),
            streams: BTreeMap::new(),
        };
        session
            .run_setup(corpus::steps(scenario, "setup"))
            .map_err(|error| format!("{id}: {error}"))?;
        let mut normaliser = Normaliser::new(&sent);
        for (number, step) in corpus::steps(scenario, "steps").iter().enumerate() {
            let answer = session
                .run_step(step)
                .map_err(|error| format!("{id} / {}: {error}", step["name"]))?;
            answers.push(((index, number), normaliser.apply(&answer)));
        }
    }
    Ok(answers)
}

/// A server and the variables saved so far.
struct Session<'a> {
    server: &'a Server,
    sink: &'a Smtp,
    /// Mails taken from each address so far.
    n_mails: BTreeMap<String, usize>,
    dir: &'a Path,
    vars: BTreeMap<String, String>,
    /// Open realtime streams.
    streams: BTreeMap<String, Stream>,
}

impl Session<'_> {
    fn run_setup(&mut self, steps: &[Value]) -> Result<(), String> {
        for step in steps {
            let answer = self.run_step(step)?;
            if answer["status"].as_u64().is_none_or(|status| status >= 400) {
                return Err(format!("setup step {step} failed: {answer}"));
            }
        }
        Ok(())
    }

    fn run_step(&mut self, step: &Value) -> Result<Value, String> {
        if let Some(name) = step["stream"].as_str() {
            return self.open_stream(name);
        }
        if let Some(name) = step["events"].as_str() {
            return self.read_events(name, step["count"].as_u64().unwrap_or(1));
        }
        let answer = if let Some(to) = step["mail"].as_str() {
            self.mail(to)
        } else {
            let request = self.request(step)?;
            let response = http::send(self.server.address, &request)?;
            describe(step, &response)
        };
        for (name, pointer) in step["save"].as_object().into_iter().flatten() {
            let value = pointer
                .as_str()
                .and_then(|pointer| answer["body"].pointer(pointer));
            let text = match value {
                Some(Value::String(text)) => text.clone(),
                Some(value) => value.to_string(),
                // A step that fails on one server only must not hide the rest of the scenario.
                None => "missing".to_owned(),
            };
            self.vars.insert(name.clone(), text);
        }
        Ok(answer)
    }

    /// The next mail to an address, as an answer.
    fn mail(&mut self, to: &str) -> Value {
        let n = self.n_mails.entry(to.to_owned()).or_default();
        *n += 1;
        let mail = self.sink.nth(to, *n);
        let subject = mail
            .head
            .lines()
            .find_map(|line| line.strip_prefix("Subject: "));
        let mut body = json!({"subject": subject, "to": to});
        if let Some((page, token)) = mail.link() {
            body["page"] = page.into();
            body["token"] = token.into();
        } else if let Some(otp) = mail.otp() {
            body["otp"] = otp.into();
        }
        json!({"status": 200, "body": body})
    }

    /// Opens a realtime stream; its client id becomes the variable of the same name.
    fn open_stream(&mut self, name: &str) -> Result<Value, String> {
        let stream = Stream::try_open(self.server.address, "/api/realtime", "")
            .ok_or("the stream does not open")?;
        self.vars.insert(name.to_owned(), stream.client_id.clone());
        let mut headers = Map::new();
        for line in stream.head.lines() {
            let (key, value) = line.split_once(": ").unwrap_or((line, ""));
            let key = key.to_ascii_lowercase();
            if ["content-type", "cache-control", "x-accel-buffering"].contains(&key.as_str()) {
                headers.insert(key, value.into());
            }
        }
        self.streams.insert(name.to_owned(), stream);
        Ok(corpus::answer(200, headers, None))
    }

    /// So many events of a stream, by their names: their order across names means nothing.
    fn read_events(&mut self, name: &str, count: u64) -> Result<Value, String> {
        let stream = self.streams.get_mut(name).ok_or("no such stream")?;
        let mut events: Map<String, Value> = Map::new();
        for _ in 0..count {
            let Some(event) = stream.next() else { break };
            let data = if event.id == stream.client_id {
                event.json()
            } else {
                format!("id {}", event.id).into()
            };
            if let Value::Array(told) = events
                .entry(event.name)
                .or_insert_with(|| Value::Array(Vec::new()))
            {
                told.push(data);
            }
        }
        Ok(corpus::answer(
            200,
            Map::new(),
            Some(("body", Value::Object(events))),
        ))
    }

    fn request(&self, step: &Value) -> Result<Request, String> {
        let mut target = self.fill(step["path"].as_str().ok_or("a step has no path")?);
        let mut separator = if target.contains('?') { '&' } else { '?' };
        for (name, value) in step["query"].as_object().into_iter().flatten() {
            let value = self.fill(&text(value)?);
            write!(target, "{separator}{}={}", encode(name), encode(&value))
                .expect("writing to memory");
            separator = '&';
        }
        let mut headers = Vec::new();
        let (content_type, body) = self.body(step)?;
        let mut own: Vec<(String, String)> = Vec::new();
        for (name, value) in step["headers"].as_object().into_iter().flatten() {
            own.push((name.clone(), self.fill(&text(value)?)));
        }
        let has = |name: &str| own.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
        if let Some(content_type) = content_type
            && !has("content-type")
        {
            headers.push(("Content-Type".to_owned(), content_type));
        }
        if let Some(token) = self.token(step)?
            && !has("authorization")
        {
            headers.push(("Authorization".to_owned(), token));
        }
        // An empty value means that the header is left out.
        headers.extend(own.into_iter().filter(|(_, value)| !value.is_empty()));
        let method = step["method"].as_str().unwrap_or("GET").to_owned();
        Ok(Request {
            method,
            target,
            headers,
            body,
        })
    }

    fn token(&self, step: &Value) -> Result<Option<String>, String> {
        match step["as"].as_str() {
            None | Some("superuser") => Ok(Some(self.server.superuser.clone())),
            Some("guest") => Ok(None),
            Some(name) => {
                let token = self
                    .vars
                    .get(name)
                    .ok_or_else(|| format!("{name} never signed in"))?;
                Ok(Some(token.clone()))
            }
        }
    }

    fn body(&self, step: &Value) -> Result<(Option<String>, Option<Vec<u8>>), String> {
        let json = || Some("application/json".to_owned());
        if let Some(body) = step.get("body") {
            let body = self.fill_json(body)?;
            return Ok((json(), Some(body.to_string().into_bytes())));
        }
        if let Some(raw) = step.get("raw") {
            return Ok((json(), Some(self.fill(&text(raw)?).into_bytes())));
        }
        if let Some(encoded) = step["base64"].as_str() {
            return Ok((json(), Some(decode(encoded)?)));
        }
        if let Some(parts) = step["multipart"].as_array() {
            let body = self.multipart(parts)?;
            return Ok((
                Some(format!("multipart/form-data; boundary={BOUNDARY}")),
                Some(body),
            ));
        }
        Ok((None, None))
    }

    fn multipart(&self, parts: &[Value]) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        for part in parts {
            let name = part["name"].as_str().ok_or("a part has no name")?;
            let mut head =
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
            if let Some(filename) = part["filename"].as_str() {
                write!(head, "; filename=\"{filename}\"").expect("writing to memory");
            }
            if let Some(content_type) = part["type"].as_str() {
                write!(head, "\r\nContent-Type: {content_type}").expect("writing to memory");
            }
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(b"\r\n\r\n");
            match part["base64"].as_str() {
                Some(encoded) => body.extend(decode(encoded)?),
                None if part["value"].is_object() => {
                    body.extend(self.fill_json(&part["value"])?.to_string().into_bytes());
                }
                None => body.extend(self.fill(&text(&part["value"])?).into_bytes()),
            }
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        Ok(body)
    }

    /// Replaces `{{name}}` by saved variables; unknown names are left alone.
    fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in &self.vars {
            filled = filled.replace(&format!("{{{{{name}}}}}"), value);
        }
        filled
    }

    /// Fills every string of a JSON body; `{"$file": "path"}` becomes the content of that file, `{"$text": …}` the JSON
    /// text of what is in it.
    fn fill_json(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(items) => Value::Array(
                items
                    .iter()
                    .map(|item| self.fill_json(item))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(map) => {
                if let Some(path) = map.get("$file").and_then(Value::as_str) {
                    return corpus::read_json(&self.dir.join(path));
                }
                if let Some(value) = map.get("$text") {
                    return Ok(Value::String(self.fill_json(value)?.to_string()));
                }
                let mut filled = Map::new();
                for (key, value) in map {
                    filled.insert(self.fill(key), self.fill_json(value)?);
                }
                Value::Object(filled)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }
}

/// A text, or a list of texts and `{repeat, times}` objects to be joined.
fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Array(parts) => parts.iter().map(text).collect(),
        Value::Object(part) => {
            let repeat = part
                .get("repeat")
                .and_then(Value::as_str)
                .ok_or("a part has no repeat")?;
            let times = part
                .get("times")
                .and_then(Value::as_u64)
                .ok_or("a part has no times")?;
            Ok(repeat.repeat(usize::try_from(times).map_err(|error| error.to_string())?))
        }
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null => Ok(String::new()),
    }
}

fn decode(encoded: &str) -> Result<Vec<u8>, String> {
    STANDARD
        .decode(encoded)
        .map_err(|error| format!("{encoded}: {error}"))
}

fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to memory");
        }
    }
    encoded
}

/// The recorded form of an answer. The content type is always kept, other headers on request.
fn describe(step: &Value, response: &Response) -> Value {
    let mut headers = Map::new();
    let watched = step["watch"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    for name in watched {
        let value = response.header(name).map_or(Value::Null, Value::String);
        headers.insert(name.to_owned(), value);
    }
    let content_type = response.header("content-type");
    if content_type
        .as_deref()
        .is_some_and(|found| found != "application/json")
    {
        headers.insert(
            "content-type".to_owned(),
            content_type.clone().map_or(Value::Null, Value::String),
        );
    }
    let picture = (step["picture"] == true)
        .then(|| describe_picture(&response.body))
        .flatten();
    if let Some(picture) = picture {
        return corpus::answer(response.status, headers, Some(("text", picture.into())));
    }
    let body = (!response.body.is_empty()).then(|| {
        let json = content_type.as_deref() == Some("application/json");
        match serde_json::from_slice(&response.body) {
            Ok(value) if json => ("body", value),
            _ => match std::str::from_utf8(&response.body) {
                Ok(text) => ("text", Value::from(text)),
                Err(_) => ("base64", Value::from(STANDARD.encode(&response.body))),
            },
        }
    });
    corpus::answer(response.status, headers, body)
}

/// Format and dimensions of a picture.
fn describe_picture(bytes: &[u8]) -> Option<String> {
    let format = image::guess_format(bytes).ok()?;
    if format == image::ImageFormat::Bmp {
        return Some("Bmp".to_owned());
    }
    let picture = image::load_from_memory(bytes).ok()?;
    Some(format!(
        "{format:?} {}x{}",
        picture.width(),
        picture.height()
    ))
}
