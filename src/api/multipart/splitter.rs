//! Takes a form apart while it comes: which bytes are headers of a part, which its content. Pure.
//!
//! Bytes are pushed in pieces of any size; where they are cut makes no difference to what comes out.

use std::ops::Range;

use memchr::memmem::Finder;
use memchr::{memchr, memrchr};

use super::head::{Head, HeadReader};
use super::{MAX_HEAD, Malformed};

/// What is next in a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// A part begins.
    Part(Head),
    /// Some of the content of the part.
    Content(&'a [u8]),
    /// The part is complete.
    PartEnd,
    /// The form is complete; what follows does not belong to it.
    End,
    /// More bytes are needed, or the word that there are none.
    More,
}

/// A form on its way.
#[derive(Debug)]
pub(super) struct Splitter {
    /// The boundary with its two dashes.
    dashed: Vec<u8>,
    /// What ends a content: a line end and the boundary.
    delimiter: Finder<'static>,
    /// The line end in front of a boundary, and behind it.
    newline: &'static [u8],
    buffer: Vec<u8>,
    /// How much of the buffer is done with.
    at: usize,
    /// How far the buffer was searched for the end of a line.
    searched: usize,
    is_over: bool,
    state: State,
    /// Bytes since the last content.
    head_length: usize,
}

#[derive(Debug)]
enum State {
    /// Before the first boundary.
    Preamble,
    /// A boundary comes, or else the form is malformed.
    Boundary,
    Head(HeadReader),
    Content {
        /// Nothing of it was seen yet.
        is_fresh: bool,
    },
    Ended,
}

/// An event that does not borrow.
enum Found {
    Part(Head),
    Content(Range<usize>),
    PartEnd,
    End,
    More,
}

/// What a line says between parts.
#[derive(PartialEq, Eq)]
enum Line {
    Boundary,
    Final,
    Other,
}

impl Splitter {
    pub(super) fn new(boundary: &str) -> Self {
        let dashed = [b"--", boundary.as_bytes()].concat();
        let newline = b"\r\n";
        Self {
            delimiter: delimiter(newline, &dashed),
            dashed,
            newline,
            buffer: Vec::new(),
            at: 0,
            searched: 0,
            is_over: false,
            state: State::Preamble,
            head_length: 0,
        }
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        // What is left is short unless it is a head: content goes on as soon as it is clear that it is some.
        self.buffer.drain(..self.at);
        self.searched = self.searched.saturating_sub(self.at);
        self.at = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// Says that there are no more bytes.
    pub(super) fn finish(&mut self) {
        self.is_over = true;
    }

    /// What is next.
    pub(super) fn next(&mut self) -> Result<Event<'_>, Malformed> {
        Ok(match self.find()? {
            Found::Part(head) => Event::Part(head),
            Found::Content(range) => Event::Content(self.buffer.get(range).unwrap_or_default()),
            Found::PartEnd => Event::PartEnd,
            Found::End => Event::End,
            Found::More => Event::More,
        })
    }

    fn find(&mut self) -> Result<Found, Malformed> {
        loop {
            match &mut self.state {
                State::Preamble => {
                    let Some(line) = self.line()? else {
                        return self.unfinished();
                    };
                    self.begin_with(&line);
                    match self.judge(&line) {
                        Line::Boundary => self.state = State::Head(HeadReader::default()),
                        Line::Final => self.state = State::Ended,
                        Line::Other => {}
                    }
                }
                State::Boundary => {
                    let Some(line) = self.line()? else {
                        return self.unfinished();
                    };
                    match self.judge(&line) {
                        Line::Boundary => self.state = State::Head(HeadReader::default()),
                        Line::Final => self.state = State::Ended,
                        Line::Other => return Err(Malformed),
                    }
                }
                State::Head(_) => {
                    let line = self.line()?;
                    let is_over = self.is_over;
                    let rest = self.buffer.get(self.at..).unwrap_or_default();
                    let State::Head(reader) = &mut self.state else {
                        continue;
                    };
                    let Some(line) = line else {
                        if !is_over {
                            return Ok(Found::More);
                        }
                        // Compat: a form may end within headers; the part was never one.
                        reader.end(rest)?;
                        self.state = State::Ended;
                        continue;
                    };
                    let line = self.buffer.get(line).unwrap_or_default();
                    if let Some(head) = reader.line(line)? {
                        self.state = State::Content { is_fresh: true };
                        self.head_length = 0;
                        return Ok(Found::Part(head));
                    }
                }
                State::Content { is_fresh } => {
                    let is_fresh = *is_fresh;
                    return self.content(is_fresh);
                }
                State::Ended => return Ok(Found::End),
            }
        }
    }

    /// The next line with its end, when it is complete.
    fn line(&mut self) -> Result<Option<Range<usize>>, Malformed> {
        let from = self.searched.max(self.at);
        let rest = self.buffer.get(from..).unwrap_or_default();
        let Some(end) = memchr(b'\n', rest).map(|end| from + end + 1) else {
            self.searched = self.buffer.len();
            let pending = self.buffer.len() - self.at;
            return if self.head_length + pending > MAX_HEAD {
                Err(Malformed)
            } else {
                Ok(None)
            };
        };
        let line = self.at..end;
        self.head_length += line.len();
        self.at = end;
        if self.head_length > MAX_HEAD {
            return Err(Malformed);
        }
        Ok(Some(line))
    }

    /// Compat: the line end behind the first boundary is the one that all boundaries have.
    fn begin_with(&mut self, line: &Range<usize>) {
        let line = self.buffer.get(line.clone()).unwrap_or_default();
        if line.strip_prefix(self.dashed.as_slice()).map(unpadded) == Some(b"\n") {
            self.newline = b"\n";
            self.delimiter = delimiter(self.newline, &self.dashed);
        }
    }

    fn judge(&self, line: &Range<usize>) -> Line {
        let line = self.buffer.get(line.clone()).unwrap_or_default();
        let Some(rest) = line.strip_prefix(self.dashed.as_slice()) else {
            return Line::Other;
        };
        if unpadded(rest) == self.newline {
            return Line::Boundary;
        }
        let is_final = rest.strip_prefix(b"--").map(unpadded);
        if is_final.is_some_and(|rest| rest.is_empty() || rest == self.newline) {
            return Line::Final;
        }
        Line::Other
    }

    /// The last boundary needs no line end when nothing follows it.
    fn unfinished(&mut self) -> Result<Found, Malformed> {
        if !self.is_over {
            return Ok(Found::More);
        }
        let line = self.at..self.buffer.len();
        if self.judge(&line) != Line::Final {
            return Err(Malformed);
        }
        self.state = State::Ended;
        Ok(Found::End)
    }

    /// The next piece of the content, or its end.
    fn content(&mut self, is_fresh: bool) -> Result<Found, Malformed> {
        let data = self.buffer.get(self.at..).unwrap_or_default();
        if is_fresh {
            // An empty content may lack the line end in front of the boundary.
            if let Some(rest) = data.strip_prefix(self.dashed.as_slice()) {
                return match ends_boundary(rest) {
                    Some(true) => Ok(self.end_part(0)),
                    Some(false) => Ok(self.hand_out(self.dashed.len())),
                    None => self.starved(),
                };
            }
            if self.dashed.starts_with(data) {
                return self.starved();
            }
        }
        if let Some(found) = self.delimiter.find(data) {
            let length = self.delimiter.needle().len();
            let rest = data.get(found + length..).unwrap_or_default();
            return match ends_boundary(rest) {
                Some(false) => Ok(self.hand_out(found + length)),
                Some(true) | None if found > 0 => Ok(self.hand_out(found)),
                Some(true) => Ok(self.end_part(self.newline.len())),
                None => self.starved(),
            };
        }
        let begin = self.newline.first().copied().unwrap_or(b'\n');
        let tail = memrchr(begin, data).filter(|tail| {
            let tail = data.get(*tail..).unwrap_or_default();
            self.delimiter.needle().starts_with(tail)
        });
        match tail.unwrap_or(data.len()) {
            0 => self.starved(),
            length => Ok(self.hand_out(length)),
        }
    }

    fn hand_out(&mut self, length: usize) -> Found {
        self.state = State::Content { is_fresh: false };
        let begin = self.at;
        self.at += length;
        Found::Content(begin..self.at)
    }

    fn end_part(&mut self, line_end: usize) -> Found {
        self.at += line_end;
        self.state = State::Boundary;
        Found::PartEnd
    }

    /// A content that goes on needs more bytes.
    const fn starved(&self) -> Result<Found, Malformed> {
        if self.is_over {
            Err(Malformed)
        } else {
            Ok(Found::More)
        }
    }
}

fn delimiter(newline: &[u8], dashed: &[u8]) -> Finder<'static> {
    Finder::new(&[newline, dashed].concat()).into_owned()
}

/// Without the blanks at the beginning.
fn unpadded(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    text
}

/// Says whether a boundary ends where this follows it, unless that is not clear yet.
const fn ends_boundary(rest: &[u8]) -> Option<bool> {
    match rest {
        [] | [b'-'] => None,
        [b' ' | b'\t' | b'\r' | b'\n', ..] | [b'-', b'-', ..] => Some(true),
        _ => Some(false),
    }
}
