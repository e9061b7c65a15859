//! Conditional and range requests on a file that has a date and a length but no tag (RFC 9110 §13-14).

use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};

use crate::base::time::Timestamp;
use crate::files::serve::FileRequest;

/// Most ranges one header may ask for.
const MAX_RANGES: usize = 32;

/// What the conditions of a request demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Answer with the file or a part of it.
    Serve,
    /// The client has the current file (304).
    NotModified,
    /// The file is not the one that the client expects (412).
    Failed,
}

/// Which part of a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    /// All of it.
    Whole,
    /// `length` bytes from `start`, both inside the file.
    Part { start: u64, length: u64 },
    /// The header makes no sense.
    Malformed,
    /// No byte asked for is in the file.
    OutOfBounds,
}

/// Judges the `If-*` headers. There are no tags, so that `*` is the only one that matches.
pub(super) fn judge(request: &FileRequest<'_>, modified: Timestamp) -> Verdict {
    let modified = modified.unix_seconds();
    if let Some(tags) = request.if_match {
        if tags.trim() != "*" {
            return Verdict::Failed;
        }
    } else if let Some(date) = request.if_unmodified_since.and_then(parse_date)
        && modified > date
    {
        return Verdict::Failed;
    }
    let is_current = match request.if_none_match {
        Some(tags) => tags.trim() == "*",
        None => request
            .if_modified_since
            .and_then(parse_date)
            .is_some_and(|date| modified <= date),
    };
    if is_current {
        Verdict::NotModified
    } else {
        Verdict::Serve
    }
}

/// Reads the `Range` header, unless `If-Range` says that it is about another file.
///
/// Several ranges are answered with the whole file, which is always allowed; one that remains after those outside of
/// the file are left out is served.
pub(super) fn range(request: &FileRequest<'_>, size: u64, modified: Timestamp) -> Range {
    let Some(header) = request.range else {
        return Range::Whole;
    };
    if let Some(validator) = request.if_range
        && parse_date(validator) != Some(modified.unix_seconds())
    {
        return Range::Whole;
    }
    let Some(list) = header.strip_prefix("bytes=") else {
        return Range::Malformed;
    };
    let mut parts = Vec::new();
    let mut n_outside = 0;
    for spec in list
        .split(',')
        .map(str::trim)
        .filter(|spec| !spec.is_empty())
    {
        match parse_range(spec, size) {
            Range::OutOfBounds => n_outside += 1,
            Range::Part { start, length } => parts.push((start, length)),
            other => return other,
        }
        if parts.len() + n_outside > MAX_RANGES {
            return Range::Whole;
        }
    }
    match parts.as_slice() {
        [(start, length)] => Range::Part {
            start: *start,
            length: *length,
        },
        [] if n_outside > 0 && size > 0 => Range::OutOfBounds,
        _ => Range::Whole,
    }
}

fn parse_range(spec: &str, size: u64) -> Range {
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let Some((first, last)) = spec.split_once('-') else {
        return Range::Malformed;
    };
    let (start, end) = if first.trim().is_empty() {
        let Some(length) = number(last) else {
            return Range::Malformed;
        };
        (size.saturating_sub(length), size)
    } else {
        let Some(start) = number(first) else {
            return Range::Malformed;
        };
        if last.trim().is_empty() {
            (start, size)
        } else {
            match number(last) {
                Some(last) if last >= start => (start, last.saturating_add(1).min(size)),
                _ => return Range::Malformed,
            }
        }
    };
    match end.checked_sub(start) {
        Some(length) if length > 0 => Range::Part { start, length },
        _ => Range::OutOfBounds,
    }
}

/// A date as headers have it, in whole seconds.
fn parse_date(text: &str) -> Option<i64> {
    let parsed = DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    Some(parsed.as_second())
}

/// Writes a date as headers have it.
pub(super) fn http_date(moment: Timestamp) -> String {
    jiff::Timestamp::from_second(moment.unix_seconds())
        .and_then(|moment| DateTimePrinter::new().timestamp_to_rfc9110_string(&moment))
        .unwrap_or_default()
}
