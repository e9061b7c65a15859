//! What a file is, judged by its first bytes. Names are not looked at.
//!
//! Names of types and extensions are the contract's: they decide what is shown inline and which uploads a
//! field accepts, so that they have to be the same as in data that was moved in.

mod binary;
mod object;
mod packages;
mod table;
mod text;

#[cfg(test)]
mod kinds_tests;
#[cfg(test)]
mod tests;

/// How many bytes from the start are looked at.
pub const HEAD_BYTES: usize = 4096;

/// A content type and the file extension that goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentType {
    /// Such as `text/plain; charset=utf-8`.
    pub mime: String,
    /// Such as `.txt`; empty for unknown data.
    pub extension: &'static str,
}

impl ContentType {
    fn new(mime: impl Into<String>, extension: &'static str) -> Self {
        Self {
            mime: mime.into(),
            extension,
        }
    }
}

/// Detects the type of a file of which `content` is the start (more than [`HEAD_BYTES`] are not looked at).
pub fn sniff(content: &[u8]) -> ContentType {
    let head = content.get(..HEAD_BYTES).unwrap_or(content);
    let cut = head.len() < content.len() || content.len() == HEAD_BYTES;
    if head.is_empty() {
        return ContentType::new("text/plain", ".txt");
    }
    text::byte_order_mark(head)
        .or_else(|| binary::detect(head))
        .or_else(|| (!is_binary(head)).then(|| text::detect(head, cut)))
        .unwrap_or_else(|| ContentType::new("application/octet-stream", ""))
}

/// Says whether there are control characters that no text has.
fn is_binary(head: &[u8]) -> bool {
    head.iter()
        .any(|byte| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f))
}
