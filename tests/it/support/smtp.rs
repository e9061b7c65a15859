//! A mail server in this process: it takes mails, keeps them, and refuses or delays what a test asks it to.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value as Json, json};

use super::wait::PATIENCE;
use super::{Caller, accepted};

/// When a server encrypts, with the certificate in `tls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Security {
    Never,
    /// When the client asks for it (STARTTLS), which is offered.
    Offered,
    /// From the first byte.
    Implicit,
}

/// A file of the certificate that belongs to `localhost`.
pub(crate) fn certificate(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/tls");
    folder.join(name)
}

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Address of the envelope.
    pub(crate) to: String,
    /// The headers, decoded only as far as they are ASCII.
    pub(crate) head: String,
    /// Text and HTML part, decoded.
    pub(crate) body: String,
    /// It came over an encrypted connection.
    pub(crate) is_encrypted: bool,
}

impl Received {
    /// What stands between two texts.
    pub(crate) fn between(&self, before: &str, after: &str) -> String {
        let found = self
            .body
            .split_once(before)
            .and_then(|(_, rest)| rest.split_once(after));
        found.expect("both texts are in the mail").0.to_owned()
    }

    /// Page and token of the link in the mail.
    pub(crate) fn link(&self) -> Option<(String, String)> {
        let (_, link) = self.body.split_once("/_/#/auth/")?;
        let (page, rest) = link.split_once('/')?;
        let (token, _) = rest.split_once(')')?;
        Some((page.to_owned(), token.to_owned()))
    }

    /// The token of the link in the mail.
    pub(crate) fn token(&self) -> String {
        self.link().expect("a mail with a link").1
    }

    /// The one-time password in the mail.
    pub(crate) fn otp(&self) -> Option<String> {
        let (_, rest) = self.body.split_once("<strong>")?;
        let (otp, _) = rest.split_once("</strong>")?;
        Some(otp.to_owned())
    }
}

#[derive(Default)]
struct State {
    mails: Vec<Received>,
    /// Commands and answers of all connections.
    dialogue: Vec<String>,
    /// Answers to the next recipients instead of 250.
    refusals: VecDeque<&'static str>,
    /// Connections that are closed without a word.
    hangups: usize,
    /// Recipients are not answered until this is over.
    is_held: bool,
    /// The greeting that came with extensions is not known.
    is_old: bool,
    /// Nobody is told goodbye.
    is_silent_at_the_end: bool,
    /// Names and passwords that clients showed.
    accounts: Vec<(String, String)>,
}

/// The server; it listens for as long as the process lives.
#[derive(Clone)]
pub(crate) struct Smtp {
    address: SocketAddr,
    security: Security,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Smtp {
    pub(crate) fn start() -> Self {
        Self::start_with(Security::Never)
    }

    pub(crate) fn start_with(security: Security) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = Self {
            address,
            security,
            state: Arc::default(),
        };
        let own = server.clone();
        drop(std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                drop(std::thread::spawn(move || {
                    // How a conversation ends is the client's business.
                    let _: Option<()> = own.serve(stream);
                }));
            }
        }));
        server
    }

    /// Lets a server send its mail here; `more` are further settings.
    pub(crate) fn serves(&self, superuser: &Caller<'_>, more: &Json) {
        let mut smtp = json!({"enabled": true, "host": "127.0.0.1", "port": self.port()});
        let members = smtp.as_object_mut().expect("an object");
        members.extend(more.as_object().cloned().unwrap_or_default());
        accepted(&superuser.patch("/api/settings", &json!({ "smtp": smtp })));
    }

    pub(crate) const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers the next recipients like this instead of accepting them.
    pub(crate) fn refuse(&self, answers: &[&'static str]) {
        self.lock().refusals.extend(answers);
    }

    /// Closes the next so many connections without a word.
    pub(crate) fn hang_up(&self, times: usize) {
        self.lock().hangups += times;
    }

    /// Lets recipients wait for their answers until [`Self::release`].
    pub(crate) fn hold(&self) {
        self.lock().is_held = true;
    }

    pub(crate) fn release(&self) {
        self.lock().is_held = false;
        self.state.1.notify_all();
    }

    /// Knows nothing that came after the first version of the protocol.
    pub(crate) fn be_old(&self) {
        self.lock().is_old = true;
    }

    /// Leaves clients that say goodbye without an answer, and their connections open.
    pub(crate) fn say_no_goodbye(&self) {
        self.lock().is_silent_at_the_end = true;
    }

    /// Names and passwords that clients showed so far.
    pub(crate) fn accounts(&self) -> Vec<(String, String)> {
        self.lock().accounts.clone()
    }

    /// Number of mails to an address so far.
    pub(crate) fn count(&self, to: &str) -> usize {
        self.lock()
            .mails
            .iter()
            .filter(|mail| mail.to == to)
            .count()
    }

    /// Commands and answers so far.
    pub(crate) fn dialogue(&self) -> String {
        self.lock().dialogue.join("\n")
    }

    /// Waits for the n-th mail (from 1) to an address.
    pub(crate) fn nth(&self, to: &str, n: usize) -> Received {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.lock();
        loop {
            if let Some(mail) = state.mails.iter().filter(|mail| mail.to == to).nth(n - 1) {
                return mail.clone();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no mail {n} to {to}: {:?}", state.mails);
            state = self
                .state
                .1
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Talks to one client until it leaves; `None` when it does without a word.
    fn serve(&self, stream: TcpStream) -> Option<()> {
        if self.is_to_hang_up() {
            return None;
        }
        let mut is_encrypted = self.security == Security::Implicit;
        let mut wire = BufReader::new(if is_encrypted {
            encrypted(stream)
        } else {
            Wire::Plain(stream)
        });
        let mut to = String::new();
        self.say(&mut wire, "220 sink")?;
        loop {
            let line = self.hear(&mut wire)?;
            let upper = line.to_ascii_uppercase();
            if upper.starts_with("EHLO") && self.lock().is_old {
                self.say(&mut wire, "500 what?")?;
            } else if upper.starts_with("HELO") {
                self.say(&mut wire, "250 sink")?;
            } else if upper.starts_with("EHLO") {
                let may_encrypt = self.security == Security::Offered && !is_encrypted;
                let offer = if may_encrypt { "250-STARTTLS\r\n" } else { "" };
                let answer = format!("250-sink\r\n250-8BITMIME\r\n{offer}250 AUTH PLAIN LOGIN");
                self.say(&mut wire, &answer)?;
            } else if upper == "STARTTLS" {
                self.say(&mut wire, "220 go on")?;
                assert!(wire.buffer().is_empty(), "nothing is said in between");
                let Wire::Plain(stream) = wire.into_inner() else {
                    return None;
                };
                wire = BufReader::new(encrypted(stream));
                is_encrypted = true;
            } else if upper.starts_with("AUTH") {
                let account = self.account(&mut wire, &line)?;
                self.lock().accounts.push(account);
                self.say(&mut wire, "235 welcome")?;
            } else if upper.starts_with("RCPT") {
                let address = line
                    .split_once('<')
                    .and_then(|(_, rest)| rest.split_once('>'));
                to = address.map_or_else(String::new, |(address, _)| address.to_owned());
                let refusal = self.released().refusals.pop_front();
                self.say(&mut wire, refusal.unwrap_or("250 fine"))?;
            } else if upper == "DATA" {
                self.say(&mut wire, "354 go on")?;
                let text = text(&mut wire)?;
                let mail = parse(&to, &text, is_encrypted);
                self.lock().mails.push(mail);
                self.state.1.notify_all();
                self.say(&mut wire, "250 taken")?;
            } else if upper == "QUIT" && self.lock().is_silent_at_the_end {
                self.hear(&mut wire)?;
            } else if upper == "QUIT" {
                return self.say(&mut wire, "221 bye");
            } else {
                self.say(&mut wire, "250 fine")?;
            }
        }
    }

    fn say(&self, wire: &mut BufReader<Wire>, line: &str) -> Option<()> {
        self.lock().dialogue.push(format!("S {line}"));
        let wire = wire.get_mut();
        wire.write_all(format!("{line}\r\n").as_bytes()).ok()?;
        wire.flush().ok()
    }

    fn hear(&self, wire: &mut BufReader<Wire>) -> Option<String> {
        let line = line(wire)?;
        self.lock().dialogue.push(format!("C {line}"));
        Some(line)
    }

    /// Name and password of a sign-in, in either of the two forms.
    fn account(&self, wire: &mut BufReader<Wire>, line: &str) -> Option<(String, String)> {
        let decode = |text: &str| String::from_utf8(STANDARD.decode(text).ok()?).ok();
        if let Some(both) = line.strip_prefix("AUTH PLAIN ") {
            let both = decode(both)?;
            let (name, password) = both.strip_prefix('\0')?.split_once('\0')?;
            return Some((name.to_owned(), password.to_owned()));
        }
        let mut answers = ["Username:", "Password:"].map(|question| {
            self.say(wire, &format!("334 {}", STANDARD.encode(question)))?;
            decode(&self.hear(wire)?)
        });
        Some((answers[0].take()?, answers[1].take()?))
    }

    fn is_to_hang_up(&self) -> bool {
        let mut state = self.lock();
        let left = state.hangups.checked_sub(1);
        state.hangups = left.unwrap_or_default();
        left.is_some()
    }

    fn released(&self) -> MutexGuard<'_, State> {
        let held = |state: &mut State| state.is_held;
        let waited = self.state.1.wait_timeout_while(self.lock(), PATIENCE, held);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// One line without its end; `None` when there is no more.
fn line(wire: &mut BufReader<Wire>) -> Option<String> {
    let mut line = String::new();
    wire.read_line(&mut line)
        .ok()
        .filter(|length| *length > 0)?;
    Some(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A mail up to the line with the dot.
fn text(wire: &mut BufReader<Wire>) -> Option<String> {
    let mut text = String::new();
    loop {
        let line = line(wire)?;
        if line == "." {
            return Some(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
        text.push_str("\r\n");
    }
}

/// A connection, encrypted or not.
enum Wire {
    Plain(TcpStream),
    Encrypted(Box<StreamOwned<ServerConnection, TcpStream>>),
}

fn encrypted(stream: TcpStream) -> Wire {
    let chain = CertificateDer::pem_file_iter(certificate("server.pem"))
        .expect("the certificate is there")
        .collect::<Result<Vec<_>, _>>()
        .expect("it is one");
    let key = PrivateKeyDer::from_pem_file(certificate("server.key")).expect("its key");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("they belong together");
    let connection = ServerConnection::new(Arc::new(config)).expect("a usable configuration");
    Wire::Encrypted(Box::new(StreamOwned::new(connection, stream)))
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Encrypted(stream) => stream.read(buffer),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(buffer),
            Self::Encrypted(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Encrypted(stream) => stream.flush(),
        }
    }
}

fn parse(to: &str, text: &str, is_encrypted: bool) -> Received {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    Received {
        to: to.to_owned(),
        head: head.replace("\r\n ", " "),
        body: unquote(body),
        is_encrypted,
    }
}

/// Decodes quoted-printable text.
fn unquote(text: &str) -> String {
    let text = text.replace("=\r\n", "");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let code = (byte == b'=')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(byte));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
