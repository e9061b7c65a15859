//! Addresses as people type them: `?filter=(title="a")`, which no standard allows and every other server answers.
//!
//! The HTTP library refuses such a request before anything of ours sees it, so what it would refuse is percent-encoded
//! while it is read. Only request lines are touched. Where a request ends is followed exactly; after one whose end
//! cannot be told, everything passes as it is until the connection closes.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use memchr::memchr;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::server::farewell::Farewell;
use crate::server::patient::Patient;

/// Longest header line that is followed over several reads, in bytes.
const MAX_LINE: usize = 64 << 10;

/// A connection whose request lines are made acceptable.
#[derive(Debug)]
pub(super) struct Typed {
    stream: Patient,
    requests: Requests,
    /// What encoding added and the reader had no room for.
    rest: Vec<u8>,
    farewell: Farewell,
}

impl Typed {
    pub(super) fn new(stream: Patient) -> Self {
        Self {
            stream,
            requests: Requests::default(),
            rest: Vec::new(),
            farewell: Farewell::default(),
        }
    }
}

impl AsyncRead for Typed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.rest.is_empty() {
            let fits = self.rest.len().min(buffer.remaining());
            buffer.put_slice(&self.rest[..fits]);
            drop(self.rest.drain(..fits));
            return Poll::Ready(Ok(()));
        }
        let start = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let Some(encoded) = self.requests.encode(&buffer.filled()[start..]) else {
            return Poll::Ready(Ok(()));
        };
        buffer.set_filled(start);
        let (now, later) = encoded.split_at(encoded.len().min(buffer.remaining()));
        buffer.put_slice(now);
        self.rest.extend_from_slice(later);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Typed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let is_in_request = this.requests.at != At::Start;
        this.farewell.poll(&mut this.stream, is_in_request, context)
    }
}

/// Where in its requests a connection is.
#[derive(Debug, Default)]
struct Requests {
    at: At,
    /// What the head has said of the body so far.
    body: Announced,
    /// The beginning of a line that came in pieces.
    line: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before a request, where empty lines may be.
    #[default]
    Start,
    /// In the request line.
    Line,
    Headers,
    /// So many bytes before the next request.
    Body(u64),
    /// In the line that tells the length of a chunk.
    Size,
    /// So many bytes before the next such line.
    Chunk(u64),
    /// In what may follow the last chunk.
    Trailers,
    Unknown,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Announced {
    #[default]
    Nothing,
    Length(u64),
    Chunks,
}

impl Requests {
    /// Follows what was read next. The same with its request lines encoded; nothing if that changes nothing.
    fn encode(&mut self, read: &[u8]) -> Option<Vec<u8>> {
        let mut encoded: Option<Vec<u8>> = None;
        let mut done = 0;
        while done < read.len() {
            let left = &read[done..];
            let taken = match self.at {
                At::Unknown => left.len(),
                At::Body(length) => {
                    let (taken, more) = part(length, left.len());
                    self.at = if more == 0 { At::Start } else { At::Body(more) };
                    taken
                }
                At::Chunk(length) => {
                    let (taken, more) = part(length, left.len());
                    self.at = if more == 0 { At::Size } else { At::Chunk(more) };
                    taken
                }
                At::Start => {
                    let line = left.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
                    if line.is_some() {
                        self.at = At::Line;
                    }
                    line.unwrap_or(left.len())
                }
                At::Line => {
                    let end = memchr(b'\n', left);
                    let line = &left[..end.map_or(left.len(), |at| at + 1)];
                    if end.is_some() {
                        self.at = At::Headers;
                    }
                    if line.iter().any(|byte| is_refused(*byte)) {
                        let whole = encoded.get_or_insert_with(|| {
                            let mut whole = Vec::with_capacity(read.len() + 64);
                            whole.extend_from_slice(&read[..done]);
                            whole
                        });
                        percent_encode(line, whole);
                        done += line.len();
                        continue;
                    }
                    line.len()
                }
                At::Headers | At::Size | At::Trailers => self.line(left),
            };
            if let Some(whole) = &mut encoded {
                whole.extend_from_slice(&left[..taken]);
            }
            done += taken;
        }
        encoded
    }

    /// Follows a line, or the beginning of one; how long it is.
    fn line(&mut self, left: &[u8]) -> usize {
        let Some(end) = memchr(b'\n', left) else {
            if self.line.len() + left.len() > MAX_LINE {
                self.at = At::Unknown;
            } else {
                self.line.extend_from_slice(left);
            }
            return left.len();
        };
        let line = &left[..=end];
        if self.line.is_empty() {
            self.whole_line(line);
        } else {
            let mut whole = std::mem::take(&mut self.line);
            whole.extend_from_slice(line);
            self.whole_line(&whole);
        }
        line.len()
    }

    fn whole_line(&mut self, line: &[u8]) {
        match self.at {
            At::Size => self.at = after_size(line),
            // Among chunks, other than among headers, a lone line feed ends nothing.
            At::Trailers if !line.ends_with(b"\r\n") => self.at = At::Unknown,
            At::Trailers if is_empty(line) => self.at = At::Start,
            At::Trailers => {}
            _ => self.whole_header(line),
        }
    }

    fn whole_header(&mut self, line: &[u8]) {
        if is_empty(line) {
            self.at = match std::mem::take(&mut self.body) {
                Announced::Nothing | Announced::Length(0) => At::Start,
                Announced::Length(length) => At::Body(length),
                Announced::Chunks => At::Size,
            };
        } else if has_name(line, b"transfer-encoding:") {
            let value = line["transfer-encoding:".len()..].trim_ascii();
            // Chunks go before a length, wherever that stands.
            if value.eq_ignore_ascii_case(b"chunked") && self.body != Announced::Chunks {
                self.body = Announced::Chunks;
            } else {
                self.at = At::Unknown;
            }
        } else if has_name(line, b"content-length:") {
            let length = digits(line["content-length:".len()..].trim_ascii());
            // Two of them are refused, unless they are the same; that is not for us to tell.
            match (length, self.body) {
                (_, Announced::Chunks) => {}
                (Some(length), Announced::Nothing) => self.body = Announced::Length(length),
                _ => self.at = At::Unknown,
            }
        }
    }
}

/// What comes after the line before a chunk: its bytes with the end of their line.
fn after_size(line: &[u8]) -> At {
    let digits = line
        .iter()
        .position(|byte| !byte.is_ascii_hexdigit())
        .and_then(|end| std::str::from_utf8(&line[..end]).ok());
    let size = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    if !line.ends_with(b"\r\n") {
        return At::Unknown;
    }
    match size {
        Some(0) => At::Trailers,
        Some(size) => size.checked_add(2).map_or(At::Unknown, At::Chunk),
        None => At::Unknown,
    }
}

/// How much of so many bytes is at hand, and how much is not.
fn part(length: u64, at_hand: usize) -> (usize, u64) {
    let taken = usize::try_from(length).map_or(at_hand, |length| length.min(at_hand));
    (taken, length - taken as u64)
}

fn digits(value: &[u8]) -> Option<u64> {
    let is_number = value.iter().all(u8::is_ascii_digit);
    is_number.then(|| std::str::from_utf8(value).ok()?.parse().ok())?
}

fn is_empty(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n")
}

fn has_name(line: &[u8], name: &[u8]) -> bool {
    line.get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name))
}

/// If the HTTP library takes no address with this character in it.
const fn is_refused(byte: u8) -> bool {
    matches!(byte, b'"' | b'<' | b'>' | b'`' | 0x80..)
}

fn percent_encode(line: &[u8], whole: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in line {
        if is_refused(byte) {
            whole.extend_from_slice(&[
                b'%',
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 15)],
            ]);
        } else {
            whole.push(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Requests;

    /// What becomes of requests, however they are cut into pieces.
    fn encoded(requests: &[u8]) -> String {
        let whole = |size: usize| {
            let mut state = Requests::default();
            let pieces = requests.chunks(size);
            pieces.fold(Vec::new(), |mut all, piece| {
                match state.encode(piece) {
                    Some(encoded) => all.extend_from_slice(&encoded),
                    None => all.extend_from_slice(piece),
                }
                all
            })
        };
        let expect = whole(requests.len());
        for size in 1..requests.len() {
            assert_eq!(whole(size), expect, "in pieces of {size}");
        }
        String::from_utf8(expect).unwrap()
    }

    #[test]
    fn request_lines_are_encoded() {
        assert_eq!(
            encoded("GET /a`?x=\"<é>\" HTTP/1.1\r\nHost: \"x\"\r\n\r\n".as_bytes()),
            "GET /a%60?x=%22%3C%C3%A9%3E%22 HTTP/1.1\r\nHost: \"x\"\r\n\r\n"
        );
    }

    #[test]
    fn bodies_are_left_alone_and_what_follows_is_not() {
        let body = "GET /?\"<>\" HTTP/1.1\r\n\r\n";
        let head = format!("POST / HTTP/1.1\r\ncontent-LENGTH: {} \r\n\r\n", body.len());
        assert_eq!(
            encoded(format!("{head}{body}\r\nGET /?> HTTP/1.1\n\n{head}{body}").as_bytes()),
            format!("{head}{body}\r\nGET /?%3E HTTP/1.1\n\n{head}{body}")
        );
    }

    #[test]
    fn chunks_are_left_alone_and_what_follows_is_not() {
        let line = "GET /?\"<>\" HTTP/1.1\r\n\r\n";
        for header in [
            "transfer-ENCODING: Chunked",
            "Content-Length: 5\r\nTransfer-Encoding:chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 5",
        ] {
            for end in ["0\r\n\r\n", "000;x=\"y\"\r\nA: \"b\"\r\nC: d\r\n\r\n"] {
                let head = format!("POST / HTTP/1.1\r\n{header}\r\n\r\n");
                let chunks = format!(
                    "{:x}\r\n{line}\r\n0A ;a=\"b\"\r\n\"\r\n0\r\n\r\n\"\"\r\n{end}",
                    line.len()
                );
                assert_eq!(
                    encoded(format!("{head}{chunks}{line}{head}{chunks}{line}").as_bytes()),
                    format!("{head}{chunks}GET /?%22%3C%3E%22 HTTP/1.1\r\n\r\n").repeat(2)
                );
            }
        }
        for chunks in [
            "0\n\n",
            "0\r\nA: b\n\r\n",
            "\r\n0\r\n\r\n",
            "x\r\n0\r\n\r\n",
            "ffffffffffffffff\r\n",
        ] {
            let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
            let requests = format!("{head}{chunks}{line}");
            assert_eq!(encoded(requests.as_bytes()), requests);
        }
    }

    #[test]
    fn nothing_is_changed_after_a_body_of_unknown_length() {
        for header in [
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Content-Length: 2, 2",
            "Content-Length: 2\r\nContent-Length: 2",
            "Content-Length: 99999999999999999999",
            "Content-Length: +2",
        ] {
            let requests = format!("POST / HTTP/1.1\r\n{header}\r\n\r\nGET /?\" HTTP/1.1\r\n\r\n");
            assert_eq!(encoded(requests.as_bytes()), requests);
        }
    }
}
