//! Kinds of text: markup, JSON, tables, scripts, and their character set.

use serde::de::IgnoredAny;

use super::{ContentType, object, table};

/// Start tags that make a text HTML, upper-case.
const HTML_TAGS: &[&str] = &[
    "!DOCTYPE HTML",
    "HTML",
    "HEAD",
    "SCRIPT",
    "IFRAME",
    "H1",
    "DIV",
    "FONT",
    "TABLE",
    "A",
    "STYLE",
    "TITLE",
    "B",
    "BODY",
    "BR",
    "P",
    "!--",
];

/// Vocabularies of XML: what the start tag of the root contains, the type, the extension.
const XML_KINDS: &[(&[&str], &str, &str)] = &[
    (&["<rss"], "application/rss+xml", ".rss"),
    (
        &["http://www.w3.org/2005/Atom"],
        "application/atom+xml",
        ".atom",
    ),
    (
        &["http://www.opengis.net/kml/"],
        "application/vnd.google-earth.kml+xml",
        ".kml",
    ),
    (
        &["http://www.topografix.com/GPX/1/"],
        "application/gpx+xml",
        ".gpx",
    ),
    (
        &["http://www.w3.org/1999/xhtml"],
        "application/xhtml+xml",
        ".html",
    ),
    (&["<svg"], "image/svg+xml", ".svg"),
    (
        &["<COLLADA", "http://www.collada.org/2005/11/COLLADASchema"],
        "model/vnd.collada+xml",
        ".dae",
    ),
    (
        &["<Ontology", "xmlns=\"http://www.w3.org/2002/07/owl#\""],
        "application/owl+xml",
        ".owl",
    ),
    (
        &[
            "<TrainingCenterDatabase",
            "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2",
        ],
        "application/vnd.garmin.tcx+xml",
        ".tcx",
    ),
    (&["<amf"], "application/x-amf", ".amf"),
    (
        &[
            "<model",
            "http://schemas.microsoft.com/3dmanufacturing/core/2015/02",
        ],
        "application/vnd.ms-package.3dmanufacturing-3dmodel+xml",
        ".3mf",
    ),
    (
        &["<X3D", "http://www.w3.org/2001/XMLSchema-instance"],
        "model/x3d+xml",
        ".x3d",
    ),
    (
        &["<xfdf", "http://ns.adobe.com/xfdf/"],
        "application/vnd.adobe.xfdf",
        ".xfdf",
    ),
    (
        &["<xliff", "urn:oasis:names:tc:xliff:document:1.2"],
        "application/x-xliff+xml",
        ".xlf",
    ),
    (
        &["http://www.opengis.net/gml"],
        "application/gml+xml",
        ".gml",
    ),
];

/// Folders that interpreters are named with in a script's first line. Behind `env` may be an option.
const BIN: u8 = 1;
const USR_BIN: u8 = 2;
const USR_LOCAL_BIN: u8 = 4;
const ENV: u8 = 8;

const SHELL: (&str, &str) = ("text/x-shellscript", ".sh");
const LUA: (&str, &str) = ("text/x-lua", ".lua");
const NODE: (&str, &str) = ("text/javascript", ".js");
const PERL: (&str, &str) = ("text/x-perl", ".pl");
const PHP: (&str, &str) = ("text/x-php", ".php");
const PYTHON: (&str, &str) = ("text/x-python", ".py");
const RUBY: (&str, &str) = ("text/x-ruby", ".rb");
const TCL: (&str, &str) = ("text/x-tcl", ".tcl");

/// Interpreters: the name, the folders it is looked for in, what it reads.
const INTERPRETERS: &[(&str, u8, (&str, &str))] = &[
    ("bash", BIN | USR_LOCAL_BIN | ENV, SHELL),
    ("csh", BIN | USR_LOCAL_BIN | ENV, SHELL),
    ("dash", BIN | USR_LOCAL_BIN | ENV, SHELL),
    ("ksh", BIN | USR_LOCAL_BIN | ENV, SHELL),
    ("lua", USR_BIN | USR_LOCAL_BIN | ENV, LUA),
    ("perl", USR_BIN | ENV, PERL),
    ("sh", BIN, SHELL),
    ("tcsh", BIN | USR_LOCAL_BIN | ENV, SHELL),
    ("zsh", BIN | USR_LOCAL_BIN | ENV, SHELL),
];

/// Interpreters whose names may go on, with a version for instance.
const VERSIONED: &[(&str, u8, (&str, &str))] = &[
    ("node", BIN | USR_BIN | ENV, NODE),
    ("php", USR_BIN | USR_LOCAL_BIN | ENV, PHP),
    ("python", USR_BIN | USR_LOCAL_BIN | ENV, PYTHON),
    ("ruby", USR_BIN | USR_LOCAL_BIN | ENV, RUBY),
    ("tcl", USR_BIN | USR_LOCAL_BIN | ENV, TCL),
    ("wish", USR_BIN | USR_LOCAL_BIN | ENV, TCL),
];

/// First words of a few formats.
const PREFIXES: &[(&str, &str, &str)] = &[
    (
        "!<arch>\ndebian-binary",
        "application/vnd.debian.binary-package",
        ".deb",
    ),
    ("#?RADIANCE\n", "image/vnd.radiance", ".hdr"),
    ("-----BEGIN PKCS7", "application/pkcs7-signature", ".p7s"),
    ("/* XPM */", "image/x-xpixmap", ".xpm"),
    ("070701", "application/x-cpio", ".cpio"),
    ("070702", "application/x-cpio", ".cpio"),
    ("070707", "application/x-cpio", ".cpio"),
    ("SIMPLE  =", "application/fits", ".fits"),
    ("WARC/1.0", "application/warc", ".warc"),
    ("WARC/1.1", "application/warc", ".warc"),
    ("{\\rtf", "text/rtf", ".rtf"),
    ("d8:announce", "application/x-bittorrent", ".torrent"),
];

/// Lines that a drawing exchange file starts with; the indentation of the first number varies.
const DRAWINGS: &[&str] = &[
    "  0\nSECTION\n",
    "  0\r\nSECTION\r\n",
    "0\nSECTION\n",
    "0\r\nSECTION\r\n",
];

/// Header fields that a mail is recognized by.
const MAIL_HEADERS: &[&str] = &[
    "Cc: ",
    "Content-Transfer-Encoding: ",
    "Content-Type: ",
    "Date: ",
    "Delivered-To: ",
    "From: ",
    "Message-ID: ",
    "Message-Id: ",
    "Received: ",
    "Return-Path: ",
    "Return-path: ",
    "Subject: ",
    "To: ",
];

/// A text in UTF-16 or UTF-32 as its byte order mark says.
pub(super) fn byte_order_mark(head: &[u8]) -> Option<ContentType> {
    let charset = match head {
        [0xff, 0xfe, 0, 0, ..] => "utf-32le",
        [0, 0, 0xfe, 0xff, ..] => "utf-32be",
        [0xff, 0xfe, ..] => "utf-16le",
        [0xfe, 0xff, ..] => "utf-16be",
        _ => return None,
    };
    Some(ContentType::new(
        format!("text/plain; charset={charset}"),
        ".txt",
    ))
}

/// Tells kinds of text apart. `cut` says that the text goes on behind `head`.
pub(super) fn detect(head: &[u8], cut: bool) -> ContentType {
    let marked = head.strip_prefix(b"\xef\xbb\xbf");
    let text = String::from_utf8_lossy(marked.unwrap_or(head));
    let trimmed = text.trim_start();
    let found = if marked.is_some() {
        // Few formats allow for a mark.
        (markup(trimmed, head).filter(|found| found.extension != ".svg" || is_xml(trimmed)))
            .or_else(|| captions(&text))
    } else {
        markup(trimmed, head)
            .or_else(|| drawing(&text))
            .or_else(|| by_prefix(trimmed))
            .or_else(|| captions(&text))
            .or_else(|| component(&text))
            .or_else(|| mail(&text))
            .or_else(|| php(&text))
            .or_else(|| bitmap(&text))
            .or_else(|| interpreter(&text))
            .or_else(|| json(trimmed, cut))
            .or_else(|| subtitles(trimmed))
    };
    found
        .or_else(|| table::detect(&text, cut))
        .unwrap_or_else(|| ContentType::new(with_charset("text/plain", charset(head)), ".txt"))
}

fn is_xml(text: &str) -> bool {
    let start = text.as_bytes();
    start
        .get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"<?xml"))
        && start.get(5).is_some_and(u8::is_ascii_whitespace)
}

fn with_charset(mime: &str, charset: Option<impl AsRef<str>>) -> String {
    match charset {
        Some(charset) => format!("{mime}; charset={}", charset.as_ref()),
        None => mime.to_owned(),
    }
}

/// UTF-8 if it is, else Latin-1 unless there are characters that Latin-1 does not have.
fn charset(head: &[u8]) -> Option<&'static str> {
    match std::str::from_utf8(head) {
        Ok(_) => Some("utf-8"),
        // The last character may have been cut.
        Err(error) if error.error_len().is_none() => Some("utf-8"),
        Err(_) if head.iter().any(|byte| (0x80..0xa0).contains(byte)) => None,
        Err(_) => Some("iso-8859-1"),
    }
}

fn markup(text: &str, head: &[u8]) -> Option<ContentType> {
    let rest = text.strip_prefix('<')?;
    if is_xml(text) {
        let root = after_prolog(text);
        let is_kind = |marks: &[&str]| marks.iter().all(|mark| root.contains(mark));
        if let Some((_, mime, extension)) = XML_KINDS.iter().find(|(marks, ..)| is_kind(marks)) {
            return Some(ContentType::new(*mime, extension));
        }
        let declared = attribute(text.split("?>").next().unwrap_or_default(), "encoding");
        let charset = declared.or_else(|| charset(head).map(str::to_owned));
        return Some(ContentType::new(with_charset("text/xml", charset), ".xml"));
    }
    if rest.starts_with("svg") && text.contains("http://www.w3.org/2000/svg") {
        return Some(ContentType::new("image/svg+xml", ".svg"));
    }
    let is_html = HTML_TAGS.iter().any(|tag| {
        let starts = rest
            .get(..tag.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(tag));
        starts
            && rest
                .get(tag.len()..)
                .is_some_and(|rest| rest.starts_with([' ', '>']))
    });
    is_html.then(|| {
        let charset = attribute(text, "charset").or_else(|| charset(head).map(str::to_owned));
        ContentType::new(with_charset("text/html", charset), ".html")
    })
}

/// The root element's start tag, behind declaration, comments and document type.
fn after_prolog(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?") || rest.starts_with("<!") {
            ">"
        } else {
            break;
        };
        rest = rest.split_once(end).map_or("", |(_, behind)| behind);
    }
    rest.split_inclusive('>').next().unwrap_or_default()
}

/// The value of the first attribute of a name, quoted or not.
fn attribute(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(name)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let value: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))
        .take(40)
        .collect();
    (!value.is_empty()).then_some(value)
}

fn by_prefix(text: &str) -> Option<ContentType> {
    PREFIXES
        .iter()
        .find(|(prefix, ..)| text.starts_with(prefix))
        .map(|(_, mime, extension)| ContentType::new(*mime, extension))
}

fn drawing(text: &str) -> Option<ContentType> {
    let is_drawing = DRAWINGS.iter().any(|start| text.starts_with(start));
    is_drawing.then(|| ContentType::new("image/vnd.dxf", ".dxf"))
}

/// A text whose first line is a header field of mails, and one more line.
fn mail(text: &str) -> Option<ContentType> {
    let is_header = |line: &str| MAIL_HEADERS.iter().any(|name| line.starts_with(name));
    let mut lines = text.lines();
    let is_mail = is_header(lines.next()?) && lines.any(is_header);
    is_mail.then(|| ContentType::new("message/rfc822", ".eml"))
}

/// A contact or a calendar: its first line, with something behind it.
fn component(text: &str) -> Option<ContentType> {
    let (line, rest) = text.split_once('\n')?;
    let line = line.strip_suffix('\r').unwrap_or(line);
    if rest.is_empty() {
        None
    } else if line.eq_ignore_ascii_case("BEGIN:VCARD") {
        Some(ContentType::new("text/vcard", ".vcf"))
    } else if line.eq_ignore_ascii_case("BEGIN:VCALENDAR") {
        Some(ContentType::new("text/calendar", ".ics"))
    } else {
        None
    }
}

fn captions(text: &str) -> Option<ContentType> {
    let rest = text.strip_prefix("WEBVTT")?;
    (rest.is_empty() || rest.starts_with(['\n', '\r', ' ', '\t']))
        .then(|| ContentType::new("text/vtt", ".vtt"))
}

fn php(text: &str) -> Option<ContentType> {
    let rest = text.strip_prefix("<?")?.as_bytes();
    let named = rest
        .get(..3)
        .is_some_and(|name| name.eq_ignore_ascii_case(b"php"));
    let is_php = (named && rest.len() > 3) || matches!(rest, [b'\n', _, ..] | [b'\r', b'\n', ..]);
    is_php.then(|| ContentType::new(PHP.0, PHP.1))
}

/// A portable picture: its kind on a line of its own, comments, and a line with width and height.
fn bitmap(text: &str) -> Option<ContentType> {
    let (kind, rest) = text.strip_prefix('P')?.split_once('\n')?;
    let (mime, extension) = match kind {
        "1" | "4" => ("image/x-portable-bitmap", ".pbm"),
        "2" | "5" => ("image/x-portable-graymap", ".pgm"),
        "3" | "6" => ("image/x-portable-pixmap", ".ppm"),
        _ => return None,
    };
    let line = rest.lines().find(|line| !line.starts_with('#'))?;
    let mut sides = line.split_ascii_whitespace();
    let mut side = || sides.next()?.parse::<u64>().ok();
    side()?;
    side()?;
    Some(ContentType::new(mime, extension))
}

fn interpreter(text: &str) -> Option<ContentType> {
    let line = text.strip_prefix("#!")?.lines().next()?;
    let mut words = line.split_ascii_whitespace();
    let program = words.next()?;
    let (program, folder) = if program == "/usr/bin/env" {
        let program = words.next()?;
        let program = if program == "-S" {
            words.next()?
        } else {
            program
        };
        (program, ENV)
    } else if let Some(program) = program.strip_prefix("/usr/local/bin/") {
        (program, USR_LOCAL_BIN)
    } else if let Some(program) = program.strip_prefix("/usr/bin/") {
        (program, USR_BIN)
    } else {
        (program.strip_prefix("/bin/")?, BIN)
    };
    let exact = INTERPRETERS.iter().find(|(name, ..)| *name == program);
    let versioned = || {
        VERSIONED
            .iter()
            .find(|(name, ..)| program.starts_with(name))
    };
    exact
        .or_else(versioned)
        .filter(|(_, folders, _)| folders & folder != 0)
        .map(|(_, _, (mime, extension))| ContentType::new(*mime, extension))
}

fn json(text: &str, cut: bool) -> Option<ContentType> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let kind = || {
        let (mime, extension) = object::kind(text);
        ContentType::new(mime, extension)
    };
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Some(kind()),
        Err(error) if error.is_eof() && cut => Some(kind()),
        Err(_) => {
            let mut lines = text
                .lines()
                .filter(|line| !line.trim().is_empty())
                .peekable();
            let mut n_lines = 0;
            while let Some(line) = lines.next() {
                let may_be_cut = cut && lines.peek().is_none();
                if serde_json::from_str::<IgnoredAny>(line).is_err() && !may_be_cut {
                    return None;
                }
                n_lines += 1;
            }
            (n_lines > 1).then(|| ContentType::new("application/x-ndjson", ".ndjson"))
        }
    }
}

fn subtitles(text: &str) -> Option<ContentType> {
    let mut lines = text.lines();
    let counter = lines.next()?.trim();
    let is_counter = !counter.is_empty() && counter.bytes().all(|b| b.is_ascii_digit());
    let (from, to) = lines.next()?.split_once(" --> ")?;
    let is_time = |time: &str| time.len() >= 12 && time.contains(':') && time.contains(',');
    (is_counter && is_time(from) && is_time(to))
        .then(|| ContentType::new("application/x-subrip", ".srt"))
}
