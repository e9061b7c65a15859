//! How a stored file is answered (contract §15.2): status, headers, which bytes. Free of any transport.

use crate::base::time::Timestamp;
use crate::files::conditions::{self, Range, Verdict};

/// Types shown by browsers in place; everything else is downloaded. Compared with the stored type as a whole.
const INLINE_TYPES: &[&str] = &[
    "image/png",
    "image/jpg",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/x-icon",
    "image/bmp",
    "video/webm",
    "video/mp4",
    "video/3gpp",
    "video/quicktime",
    "video/x-ms-wmv",
    "audio/basic",
    "audio/aiff",
    "audio/mpeg",
    "audio/midi",
    "audio/mp3",
    "audio/wave",
    "audio/wav",
    "audio/x-wav",
    "audio/x-mpeg",
    "audio/x-m4a",
    "audio/aac",
    "application/pdf",
    "application/x-pdf",
];

/// Types by extension that sniffing cannot tell or that browsers insist on.
const TYPE_OVERRIDES: &[(&str, &str)] = &[
    (".svg", "image/svg+xml"),
    (".css", "text/css"),
    (".js", "text/javascript"),
    (".mjs", "text/javascript"),
    (
        ".xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        ".docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        ".pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
];

/// Security: a stored file can be anything, so that nothing in it may run or load.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox";

const CACHE_CONTROL: &str = "max-age=2592000, stale-while-revalidate=86400";

/// What of a request matters for the answer; header values as they came.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileRequest<'a> {
    /// `?download=1`: never inline.
    pub download: bool,
    pub range: Option<&'a str>,
    pub if_range: Option<&'a str>,
    pub if_match: Option<&'a str>,
    pub if_none_match: Option<&'a str>,
    pub if_modified_since: Option<&'a str>,
    pub if_unmodified_since: Option<&'a str>,
}

/// What a file answer is made from.
#[derive(Clone, Copy, Debug)]
pub struct FileFacts<'a> {
    /// Name shown to the client.
    pub name: &'a str,
    /// The type it was stored with.
    pub content_type: &'a str,
    pub size: u64,
    pub modified: Timestamp,
}

/// An answer, but for sending it. For HEAD the same without the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub status: u16,
    /// Header names in lower case. `x-frame-options` has to be absent.
    pub headers: Vec<(&'static str, String)>,
    pub body: Body,
}

/// What to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    Empty,
    Text(&'static str),
    /// So many bytes of the file from a position.
    Part {
        start: u64,
        length: u64,
    },
}

/// Plans the answer to a request for a file.
pub fn plan(file: &FileFacts<'_>, request: &FileRequest<'_>) -> Plan {
    let mut headers = vec![
        ("content-disposition", disposition(file, request.download)),
        (
            "content-security-policy",
            CONTENT_SECURITY_POLICY.to_owned(),
        ),
    ];
    match conditions::judge(request, file.modified) {
        Verdict::Serve => {}
        Verdict::NotModified => {
            headers.extend(caching(file));
            return Plan {
                status: 304,
                headers,
                body: Body::Empty,
            };
        }
        Verdict::Failed => {
            headers.extend(caching(file));
            headers.push(("content-type", content_type(file).to_owned()));
            headers.push(("content-length", "0".to_owned()));
            return Plan {
                status: 412,
                headers,
                body: Body::Empty,
            };
        }
    }
    let (status, start, length) = match conditions::range(request, file.size, file.modified) {
        Range::Whole => (200, 0, file.size),
        Range::Part { start, length } => (206, start, length),
        Range::Malformed => return unsatisfiable(headers, "invalid range\n"),
        Range::OutOfBounds => {
            headers.push(("content-range", format!("bytes */{}", file.size)));
            return unsatisfiable(headers, "invalid range: failed to overlap\n");
        }
    };
    headers.extend(caching(file));
    headers.push(("content-type", content_type(file).to_owned()));
    headers.push(("accept-ranges", "bytes".to_owned()));
    headers.push(("content-length", length.to_string()));
    if status == 206 {
        let last = start + length.saturating_sub(1);
        headers.push((
            "content-range",
            format!("bytes {start}-{last}/{}", file.size),
        ));
    }
    Plan {
        status,
        headers,
        body: Body::Part { start, length },
    }
}

fn unsatisfiable(mut headers: Vec<(&'static str, String)>, text: &'static str) -> Plan {
    headers.push(("content-type", "text/plain; charset=utf-8".to_owned()));
    headers.push(("content-length", text.len().to_string()));
    Plan {
        status: 416,
        headers,
        body: Body::Text(text),
    }
}

fn caching(file: &FileFacts<'_>) -> [(&'static str, String); 2] {
    [
        ("cache-control", CACHE_CONTROL.to_owned()),
        ("last-modified", conditions::http_date(file.modified)),
    ]
}

fn content_type<'a>(file: &FileFacts<'a>) -> &'a str {
    TYPE_OVERRIDES
        .iter()
        .find(|(extension, _)| file.name.ends_with(extension))
        .map_or(file.content_type, |(_, content_type)| content_type)
}

fn disposition(file: &FileFacts<'_>, download: bool) -> String {
    let kind = if !download && INLINE_TYPES.contains(&file.content_type) {
        "inline"
    } else {
        "attachment"
    };
    // Stored names are plain ASCII; those of foreign origin must not break out of the quotes.
    let name: String = file
        .name
        .chars()
        .map(|c| {
            if matches!(c, ' '..='~') && c != '"' && c != '\\' {
                c
            } else {
                '_'
            }
        })
        .collect();
    format!("{kind}; filename=\"{name}\"")
}
