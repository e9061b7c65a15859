//! Tables written as text: values separated by commas or tabs.

use super::ContentType;

/// `cut` says that the text goes on behind.
pub(super) fn detect(text: &str, cut: bool) -> Option<ContentType> {
    if is_table(text, b',', cut) {
        Some(ContentType::new("text/csv", ".csv"))
    } else if is_table(text, b'\t', cut) {
        Some(ContentType::new("text/tab-separated-values", ".tsv"))
    } else {
        None
    }
}

/// Where in a row the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    Plain,
    Quoted,
    /// Behind a quotation mark within quotes: their end, or one half of a mark that is meant.
    Quote,
}

/// Says whether there are at least two rows, all with the same number of columns, and that more than one. Empty lines
/// and comments are none.
fn is_table(text: &str, separator: u8, cut: bool) -> bool {
    let mut widths = Vec::new();
    let mut width = 1;
    let mut at = At::Start;
    let mut is_blank = true;
    let mut bytes = text.bytes().chain([b'\n']).peekable();
    while let Some(byte) = bytes.next() {
        if is_blank && byte == b'#' {
            while bytes.next_if(|byte| *byte != b'\n').is_some() {}
            continue;
        }
        at = match (at, byte) {
            (At::Quoted, b'"') => At::Quote,
            (At::Start | At::Quote, b'"') | (At::Quoted, _) => At::Quoted,
            (_, b'\n') => {
                if !is_blank {
                    widths.push(width);
                }
                width = 1;
                is_blank = true;
                at = At::Start;
                continue;
            }
            (at, b'\r') => at,
            (_, byte) if byte == separator => {
                width += 1;
                At::Start
            }
            (At::Quote, _) => return false,
            (At::Start | At::Plain, _) => At::Plain,
        };
        is_blank = is_blank && byte == b'\r';
    }
    if cut {
        // The last line is not whole.
        widths.pop();
    }
    (at != At::Quoted || cut)
        && matches!(widths.as_slice(), [first, _, ..] if *first > 1 && widths.iter().all(|w| w == first))
}
