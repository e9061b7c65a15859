//! A blocking HTTP/1.1 client that sends exactly the bytes it is given.
//!
//! It does not pool connections, follow redirects or repair anything: malformed requests must reach
//! the server unchanged.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// No single answer of either server may take longer than this.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The user agent of every request; servers fingerprint logins by it.
const USER_AGENT: &str = "conformance";

/// One request as it goes on the wire. `target` is sent verbatim.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
}

/// One parsed answer. Header names are lower case.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// All values of a header joined with `, `; the order of repeated lines does not matter to HTTP
    /// caches in the cases the corpus looks at, so they are sorted.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let mut values: Vec<&str> = self
            .headers
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .collect();
        values.sort_unstable();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// Sends one request over its own connection and reads the whole answer.
pub(crate) fn send(address: SocketAddr, request: &Request) -> Result<Response, String> {
    let mut stream = TcpStream::connect(address).map_err(|error| format!("connect: {error}"))?;
    stream
        .set_read_timeout(Some(TIMEOUT))
        .map_err(|error| error.to_string())?;
    stream
        .set_write_timeout(Some(TIMEOUT))
        .map_err(|error| error.to_string())?;
    // A server may answer and close before it has read an oversized body, so a failed write is not
    // an error as long as an answer arrives.
    let written = stream.write_all(&head(address, request)).and_then(|()| {
        request
            .body
            .as_ref()
            .map_or(Ok(()), |body| stream.write_all(body))
    });
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    if bytes.is_empty() {
        return Err(format!("no answer (write: {written:?}, read: {read:?})"));
    }
    parse(&bytes, request.method == "HEAD")
}

fn head(address: SocketAddr, request: &Request) -> Vec<u8> {
    let has = |name: &str| {
        request
            .headers
            .iter()
            .any(|(key, _)| key.eq_ignore_ascii_case(name))
    };
    let mut lines = vec![
        format!("{} {} HTTP/1.1", request.method, request.target),
        format!("Host: {address}"),
        "Connection: close".to_owned(),
    ];
    if !has("user-agent") {
        lines.push(format!("User-Agent: {USER_AGENT}"));
    }
    if let Some(body) = &request.body
        && !has("content-length")
        && !has("transfer-encoding")
    {
        lines.push(format!("Content-Length: {}", body.len()));
    }
    lines.extend(
        request
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    lines.push("\r\n".to_owned());
    lines.join("\r\n").into_bytes()
}

fn parse(bytes: &[u8], bodiless: bool) -> Result<Response, String> {
    let end = find(bytes, b"\r\n\r\n").ok_or("the answer has no complete head")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse().ok())
        .ok_or("the answer has no status line")?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let rest = &bytes[end + 4..];
    let chunked = headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value.eq_ignore_ascii_case("chunked"));
    let body = if bodiless {
        Vec::new()
    } else if chunked {
        unchunk(rest)?
    } else {
        rest.to_vec()
    };
    Ok(Response {
        status,
        headers,
        body,
    })
}

fn unchunk(mut rest: &[u8]) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        let end = find(rest, b"\r\n").ok_or("truncated chunk size")?;
        let line = String::from_utf8_lossy(&rest[..end]);
        let digits = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(digits, 16).map_err(|_| "invalid chunk size")?;
        if size == 0 {
            return Ok(body);
        }
        let start = end + 2;
        let chunk = rest.get(start..start + size).ok_or("truncated chunk")?;
        body.extend_from_slice(chunk);
        rest = rest.get(start + size + 2..).ok_or("truncated chunk end")?;
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn answers_are_parsed() {
        let answer = parse(b"HTTP/1.1 200 OK\r\nA: b\r\na: a\r\n\r\nbody", false).unwrap();
        assert_eq!(
            (answer.status, answer.header("a").as_deref()),
            (200, Some("a, b"))
        );
        assert_eq!(answer.body, b"body");
        let chunked = b"HTTP/1.1 400 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n";
        assert_eq!(parse(chunked, false).unwrap().body, b"abcd");
        assert!(parse(b"HTTP/1.1 200 OK\r\n", false).is_err());
        assert!(
            parse(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                false
            )
            .is_err()
        );
    }
}
