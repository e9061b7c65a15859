//! A sign-in service on a local port. What it answers stands in the code it is given, so that tests share nothing.
//!
//! A code is a JSON object:
//!
//! | Member | Meaning |
//! |---|---|
//! | `as` | the access token; by default one derived from the code |
//! | `token` | members of the answer with the token, laid over the usual ones |
//! | `id_token` | `{key, alg, kid, claims}`: a signed token in that answer; numbers as texts (`"+60"`) count from now |
//! | `user`, `emails` | what is known of the user |
//! | `once` | the code is worth something only once |
//!
//! An answer may also be `{"$raw": {status, type, body, repeat, hangs, drips}}`; `/raw?{…}` gives such an answer to
//! anybody. Any other code is refused.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

/// Longest time a connection is kept without an answer.
const PATIENCE: Duration = Duration::from_mins(2);

/// Private and public keys by name: `rsa` and `ec` are published, `stranger` is not.
static KEYS: LazyLock<Json> = LazyLock::new(|| {
    serde_json::from_str(include_str!("provider/keys.json")).expect("the keys are JSON")
});

/// A picture of one pixel.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg==";

/// A running service. It ends with the process.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// What is known behind an access token.
    known: HashMap<String, Json>,
    used: HashSet<String>,
    seen: Vec<Seen>,
}

/// A request the service got.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Seen {
    /// A header; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The pairs of a form.
    pub(crate) fn form(&self) -> HashMap<String, String> {
        form_urlencoded::parse(self.body.as_bytes())
            .into_owned()
            .collect()
    }
}

impl Provider {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let provider = Self {
            address,
            state: Arc::default(),
        };
        let server = provider.clone();
        drop(std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                drop(std::thread::spawn(move || server.serve(&stream)));
            }
        }));
        provider
    }

    /// The service that all runs of the conformance corpus share.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: LazyLock<Provider> = LazyLock::new(Provider::start);
        &SHARED
    }

    /// `http://` and where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.lock().expect("no thread panics").seen.clone()
    }

    fn serve(&self, stream: &TcpStream) {
        drop(stream.set_read_timeout(Some(PATIENCE)));
        let mut reader = BufReader::new(stream);
        while let Some(request) = read(&mut reader) {
            let answer = self.answer(&request);
            self.state
                .lock()
                .expect("no thread panics")
                .seen
                .push(request);
            if answer.write(stream).is_none() {
                return;
            }
        }
    }

    fn answer(&self, request: &Seen) -> Answer {
        let path = request.path.split('?').next().unwrap_or_default();
        match path {
            "/token" => self.token(request),
            "/keys" => {
                Answer::json(&json!({"keys": [KEYS["rsa"]["public"], KEYS["ec"]["public"]]}))
            }
            "/picture.png" => Answer {
                kind: "image/png".to_owned(),
                body: STANDARD.decode(PICTURE).expect("a picture"),
                ..Answer::default()
            },
            "/raw" => {
                let spec = request.path.split_once('?').map_or("", |(_, spec)| spec);
                let spec = percent_encoding::percent_decode_str(spec).decode_utf8_lossy();
                let spec: Json = serde_json::from_str(&spec).expect("an answer");
                Answer::of(&json!({ "$raw": spec }))
            }
            "/user" => self.known(request, "user"),
            "/user/emails" | "/emails" => self.known(request, "emails"),
            _ => Answer::status(404),
        }
    }

    /// What is known behind the token of a request.
    fn known(&self, request: &Seen, what: &str) -> Answer {
        let token = request.header("authorization").rsplit(' ').next();
        let state = self.state.lock().expect("no thread panics");
        match state.known.get(token.unwrap_or_default()) {
            None => Answer::status(401),
            Some(known) => known
                .get(what)
                .map_or_else(|| Answer::status(404), Answer::of),
        }
    }

    fn token(&self, request: &Seen) -> Answer {
        let code = request.form().remove("code").unwrap_or_default();
        let Ok(Json::Object(spec)) = serde_json::from_str::<Json>(&code) else {
            return Answer::refused();
        };
        let access = spec.get("as").and_then(Json::as_str).map_or_else(
            || format!("t-{}", &URL_SAFE_NO_PAD.encode(Sha256::digest(&code))[..12]),
            str::to_owned,
        );
        let mut state = self.state.lock().expect("no thread panics");
        if spec.contains_key("once") && !state.used.insert(code) {
            return Answer::refused();
        }
        state
            .known
            .insert(access.clone(), Json::Object(spec.clone()));
        drop(state);
        let mut members = Map::new();
        members.insert("access_token".to_owned(), access.into());
        members.insert("token_type".to_owned(), "bearer".into());
        if let Some(spec) = spec.get("id_token") {
            members.insert("id_token".to_owned(), sign(spec).into());
        }
        match spec.get("token") {
            Some(answer) if answer.get("$raw").is_some() => return Answer::of(answer),
            Some(Json::Object(over)) => members.extend(over.clone()),
            _ => {}
        }
        Answer::json(&Json::Object(members))
    }
}

/// Signs a token as it is described.
fn sign(spec: &Json) -> String {
    let mut claims = spec["claims"].clone();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = i64::try_from(now.expect("a clock").as_secs()).expect("a date");
    for (_, value) in claims.as_object_mut().into_iter().flatten() {
        let seconds = value.as_str().filter(|text| text.starts_with(['+', '-']));
        if let Some(seconds) = seconds.and_then(|text| text.parse::<i64>().ok()) {
            *value = json!(now + seconds);
        }
    }
    let name = spec["key"].as_str().unwrap_or("rsa");
    let algorithm = spec["alg"].as_str().unwrap_or("RS256");
    let key = KEYS[name]["private"].as_str().unwrap_or_default();
    let key = STANDARD.decode(key).expect("a key");
    let kid = spec["kid"].as_str().unwrap_or(name);
    if algorithm == "none" {
        let header = json!({"alg": "none", "typ": "JWT", "kid": kid});
        let encode = |value: &Json| URL_SAFE_NO_PAD.encode(value.to_string());
        return format!("{}.{}.", encode(&header), encode(&claims));
    }
    let (algorithm, key) = match algorithm {
        "ES256" => (Algorithm::ES256, EncodingKey::from_ec_der(&key)),
        // The confusion attack: a public key as a shared secret.
        "HS256" => {
            let public = KEYS[name]["public"]["n"].as_str().unwrap_or_default();
            (
                Algorithm::HS256,
                EncodingKey::from_secret(public.as_bytes()).expect("a key"),
            )
        }
        _ => (Algorithm::RS256, EncodingKey::from_rsa_der(&key)),
    };
    let mut header = Header::new(algorithm);
    header.kid = Some(kid.to_owned());
    jsonwebtoken::encode(&header, &claims, &key).expect("a signature")
}

/// What goes back.
struct Answer {
    status: u64,
    kind: String,
    body: Vec<u8>,
    /// No answer at all.
    hangs: bool,
    /// One byte now and then.
    drips: bool,
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            status: 200,
            kind: "application/json".to_owned(),
            body: Vec::new(),
            hangs: false,
            drips: false,
        }
    }
}

impl Answer {
    fn json(value: &Json) -> Self {
        Self {
            body: value.to_string().into_bytes(),
            ..Self::default()
        }
    }

    fn status(status: u64) -> Self {
        Self {
            status,
            ..Self::json(&json!({}))
        }
    }

    fn refused() -> Self {
        Self {
            status: 400,
            ..Self::json(&json!({"error": "invalid_grant"}))
        }
    }

    fn of(value: &Json) -> Self {
        let raw = &value["$raw"];
        if raw.is_null() {
            return Self::json(value);
        }
        let flag = |name: &str| raw[name].as_bool().unwrap_or_default();
        let times = raw["repeat"].as_u64().unwrap_or(1);
        let body = raw["body"].as_str().unwrap_or_default();
        Self {
            status: raw["status"].as_u64().unwrap_or(200),
            kind: raw["type"]
                .as_str()
                .unwrap_or("application/json")
                .to_owned(),
            body: body
                .repeat(usize::try_from(times).expect("a size"))
                .into_bytes(),
            hangs: flag("hangs"),
            drips: flag("drips"),
        }
    }

    /// `None` when the connection is not to be used again.
    fn write(&self, mut stream: &TcpStream) -> Option<()> {
        if self.hangs {
            // The other side gives up first.
            drop(stream.read(&mut [0]));
            return None;
        }
        let length = if self.drips { 1 << 20 } else { self.body.len() };
        let head = format!(
            "HTTP/1.1 {} Answer\r\nContent-Type: {}\r\nContent-Length: {length}\r\n\r\n",
            self.status, self.kind
        );
        stream.write_all(head.as_bytes()).ok()?;
        if self.drips {
            while stream.write_all(b" ").is_ok() {
                std::thread::sleep(Duration::from_millis(200));
            }
            return None;
        }
        stream.write_all(&self.body).ok()
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Seen> {
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|text| text.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Seen {
        method,
        path,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
