//! A client of the realtime stream that shows every byte pattern it was sent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::wait::PATIENCE;
use super::{Caller, Response};

/// No event takes longer than this.
const TIMEOUT: Duration = PATIENCE;

/// One block of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) data: String,
}

impl Event {
    /// The payload.
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.data).expect("the data is JSON")
    }
}

/// An open stream.
#[derive(Debug)]
pub(crate) struct Stream {
    reader: BufReader<TcpStream>,
    /// What is left of the chunk being read.
    left: usize,
    pub(crate) head: String,
    pub(crate) client_id: String,
}

impl Stream {
    /// Connects and waits for the greeting.
    pub(crate) fn open(address: SocketAddr) -> Self {
        Self::open_with(address, "/api/realtime", "")
    }

    /// Connects with a path and header lines.
    pub(crate) fn open_with(address: SocketAddr, path: &str, headers: &str) -> Self {
        Self::try_open(address, path, headers).expect("the stream opens")
    }

    /// Connects to a server that may not be there.
    pub(crate) fn try_open(address: SocketAddr, path: &str, headers: &str) -> Option<Self> {
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(TIMEOUT)).ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut stream = Self {
            reader: BufReader::new(stream),
            left: 0,
            head: String::new(),
            client_id: String::new(),
        };
        loop {
            let line = stream.raw_line()?;
            if line.is_empty() {
                break;
            }
            stream.head.push_str(&line);
            stream.head.push('\n');
        }
        let hello = stream.next()?;
        hello.json()["clientId"]
            .as_str()?
            .clone_into(&mut stream.client_id);
        assert_eq!(hello.name, "PB_CONNECT");
        assert_eq!(hello.id, stream.client_id);
        Some(stream)
    }

    /// Replaces the subscriptions.
    pub(crate) fn subscribe(&self, caller: &Caller<'_>, topics: &[&str]) -> Response {
        let form = json!({"clientId": self.client_id, "subscriptions": topics});
        caller.post("/api/realtime", &form)
    }

    /// Waits at most so long for each piece of the next event.
    pub(crate) fn set_patience(&self, patience: Duration) {
        let stream = self.reader.get_ref();
        stream
            .set_read_timeout(Some(patience))
            .expect("a timeout can be set");
    }

    /// The next event; comments are passed over. `None` when the stream has ended or nothing comes in time.
    pub(crate) fn next(&mut self) -> Option<Event> {
        let mut event = Event {
            id: String::new(),
            name: String::new(),
            data: String::new(),
        };
        loop {
            let line = self.line()?;
            if line.is_empty() {
                if event.name.is_empty() && event.data.is_empty() {
                    continue;
                }
                return Some(event);
            }
            let (field, value) = line.split_once(':')?;
            match field {
                "id" => value.clone_into(&mut event.id),
                "event" => value.clone_into(&mut event.name),
                "data" => value.clone_into(&mut event.data),
                _ => {}
            }
        }
    }

    /// The next line, comments included. `None` like [`Self::next`].
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => return String::from_utf8(line).ok(),
                byte => line.push(byte),
            }
        }
    }

    /// All events until one satisfies the condition, that one included.
    pub(crate) fn until(&mut self, mut last: impl FnMut(&Event) -> bool) -> Vec<Event> {
        let deadline = Instant::now() + TIMEOUT;
        let mut events = Vec::new();
        while Instant::now() < deadline {
            let Some(event) = self.next() else { break };
            let is_last = last(&event);
            events.push(event);
            if is_last {
                return events;
            }
        }
        events
    }

    fn byte(&mut self) -> Option<u8> {
        if self.left == 0 {
            let size = self.raw_line()?;
            self.left = usize::from_str_radix(&size, 16).ok()?;
            if self.left == 0 {
                return None;
            }
        }
        let mut byte = [0];
        self.reader.read_exact(&mut byte).ok()?;
        self.left -= 1;
        if self.left == 0 {
            self.raw_line()?;
        }
        Some(byte[0])
    }

    fn raw_line(&mut self) -> Option<String> {
        let mut line = String::new();
        let length = self.reader.read_line(&mut line).ok()?;
        (length > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }
}
