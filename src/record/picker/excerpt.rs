//! Plain text out of HTML, shortened.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

/// The `excerpt(max, withEllipsis)` modifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// Longest text, in characters, without the ellipsis.
    pub(super) max_chars: usize,
    /// Whether a shortened text ends in `...`.
    pub(super) with_ellipsis: bool,
}

/// Elements that do not separate words; all others do.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdo", "big", "body", "br", "caption", "cite", "code", "col",
    "colgroup", "em", "frame", "frameset", "html", "i", "image", "label", "q", "small", "span",
    "strike", "strong", "sub", "sup", "tbody", "tfoot", "thead", "time",
];

/// Elements that have no end tag; one that is written all the same means nothing.
const WITHOUT_END: &[&str] = &[
    "area", "base", "hr", "keygen", "link", "meta", "param", "source", "track", "wbr",
];

/// Elements that are left out with everything in them; they do not separate words either.
const DROPPED: &[&str] = &[
    "applet", "button", "dialog", "form", "iframe", "object", "option", "picture", "script",
    "select", "style", "svg", "template", "textarea",
];

/// Elements without content that are left out.
const DROPPED_VOID: &[&str] = &["embed", "img", "input"];

/// Elements that may stand in a head without ending it. Every document begins in one, written or not.
const HEAD: &[&str] = &[
    "base", "head", "html", "link", "meta", "noscript", "script", "style", "template", "title",
];

impl Excerpt {
    /// Drops tags, collapses whitespace and cuts.
    pub(super) fn of(self, html: &str) -> String {
        let mut text = PlainText::new();
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        for token in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Ok(Token::StartTag(tag)) => {
                    let name = String::from_utf8_lossy(&tag.name);
                    text.start_tag(&name, tag.self_closing);
                }
                Ok(Token::EndTag(tag)) => text.end_tag(&String::from_utf8_lossy(&tag.name)),
                Ok(Token::String(string)) => text.push(&String::from_utf8_lossy(&string.value)),
                Ok(_) => {}
                Err(never) => match never {},
            }
            // Perf: whatever follows cannot change the result.
            if text.n_chars > self.max_chars.saturating_add(1) {
                break;
            }
        }
        self.cut(text.out.trim())
    }

    fn cut(self, text: &str) -> String {
        let Some((end, _)) = text.char_indices().nth(self.max_chars) else {
            return text.to_owned();
        };
        let mut cut = text.get(..end).unwrap_or(text).trim_end().to_owned();
        if self.with_ellipsis {
            cut.push_str("...");
        }
        cut
    }
}

/// The text collected so far and where in the document it ends.
struct PlainText {
    out: String,
    n_chars: usize,
    /// A word boundary is due before the next character.
    gap: bool,
    in_head: bool,
    /// The dropped element we are in, and how often it is nested in itself.
    dropped: Option<(String, usize)>,
}

impl PlainText {
    const fn new() -> Self {
        Self {
            out: String::new(),
            n_chars: 0,
            gap: false,
            in_head: true,
            dropped: None,
        }
    }

    fn start_tag(&mut self, name: &str, self_closing: bool) {
        if let Some((dropped, depth)) = &mut self.dropped {
            if dropped == name {
                *depth += 1;
            }
            return;
        }
        if self.in_head {
            if matches!(name, "title" | "noscript") {
                self.dropped = Some((name.to_owned(), 1));
                return;
            }
            self.in_head = HEAD.contains(&name);
        }
        if DROPPED.contains(&name) {
            // Only foreign elements can be closed by their own start tag.
            if !(name == "svg" && self_closing) {
                self.dropped = Some((name.to_owned(), 1));
            }
        } else {
            self.boundary(name);
        }
    }

    fn end_tag(&mut self, name: &str) {
        if let Some((dropped, depth)) = &mut self.dropped {
            if dropped == name {
                *depth -= 1;
                if *depth == 0 {
                    self.dropped = None;
                }
            }
        } else if name == "head" {
            self.in_head = false;
        } else if !DROPPED.contains(&name) && !WITHOUT_END.contains(&name) {
            self.boundary(name);
        }
    }

    fn boundary(&mut self, name: &str) {
        self.gap |= !INLINE.contains(&name) && !DROPPED_VOID.contains(&name) && name != "head";
    }

    fn push(&mut self, text: &str) {
        if self.dropped.is_some() {
            return;
        }
        for c in text.chars() {
            if matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}') {
                self.gap = true;
                continue;
            }
            self.in_head = false;
            if std::mem::take(&mut self.gap) && !self.out.is_empty() {
                self.out.push(' ');
                self.n_chars += 1;
            }
            self.out.push(c);
            self.n_chars += 1;
        }
    }
}
