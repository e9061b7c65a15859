//! A mail server in this process: it takes mails, keeps them, and refuses what a test asks it to refuse.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::{Caller, accepted};

/// Longest wait for a mail.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Address of the envelope.
    pub(crate) to: String,
    /// The headers, decoded only as far as they are ASCII.
    pub(crate) head: String,
    /// Text and HTML part, decoded.
    pub(crate) body: String,
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
}

/// The server; it listens for as long as the process lives.
#[derive(Clone)]
pub(crate) struct Smtp {
    address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Smtp {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = Self {
            address,
            state: Arc::default(),
        };
        let own = server.clone();
        drop(std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                drop(std::thread::spawn(move || own.serve(&stream)));
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

    fn serve(&self, stream: &TcpStream) {
        let say = |line: &str| {
            self.lock().dialogue.push(format!("S {line}"));
            let mut stream = stream;
            stream.write_all(format!("{line}\r\n").as_bytes()).is_ok()
        };
        let mut to = String::new();
        let mut data: Option<String> = None;
        say("220 sink");
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if let Some(text) = &mut data {
                if line == "." {
                    let text = data.take().unwrap_or_default();
                    let mail = parse(&to, &text);
                    self.lock().mails.push(mail);
                    self.state.1.notify_all();
                    say("250 taken");
                } else {
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push_str("\r\n");
                }
                continue;
            }
            self.lock().dialogue.push(format!("C {line}"));
            let upper = line.to_ascii_uppercase();
            let goes_on = if upper.starts_with("EHLO") {
                say("250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN")
            } else if upper.starts_with("RCPT") {
                let address = line
                    .split_once('<')
                    .and_then(|(_, rest)| rest.split_once('>'));
                to = address.map_or_else(String::new, |(address, _)| address.to_owned());
                let refusal = self.lock().refusals.pop_front();
                say(refusal.unwrap_or("250 fine"))
            } else if upper == "DATA" {
                data = Some(String::new());
                say("354 go on")
            } else if upper.starts_with("AUTH") {
                say("235 welcome")
            } else if upper == "QUIT" {
                say("221 bye");
                false
            } else {
                say("250 fine")
            };
            if !goes_on {
                return;
            }
        }
    }
}

fn parse(to: &str, text: &str) -> Received {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    Received {
        to: to.to_owned(),
        head: head.replace("\r\n ", " "),
        body: unquote(body),
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
