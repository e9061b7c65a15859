//! Quoted-printable content (RFC 2045), decoded while it comes. Pure.

use memchr::memchr;

use super::Malformed;

/// Longest line. It is only clear at its end what it means.
const MAX_LINE: usize = 4096;

/// A content on its way.
#[derive(Debug, Default)]
pub(super) struct QuotedPrintable {
    line: Vec<u8>,
}

impl QuotedPrintable {
    /// Takes the next bytes; what is clear by now is added to `decoded`.
    pub(super) fn push(
        &mut self,
        mut bytes: &[u8],
        decoded: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        while let Some(end) = memchr(b'\n', bytes) {
            let (rest, after) = bytes.split_at_checked(end + 1).ok_or(Malformed)?;
            bytes = after;
            self.add(rest)?;
            decode(&self.line, decoded)?;
            self.line.clear();
        }
        self.add(bytes)
    }

    /// Ends the content.
    pub(super) fn finish(self, decoded: &mut Vec<u8>) -> Result<(), Malformed> {
        decode(&self.line, decoded)
    }

    fn add(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        if self.line.len() + bytes.len() > MAX_LINE {
            return Err(Malformed);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }
}

/// Decodes a line with its end; the last one of a content has none.
fn decode(whole: &[u8], decoded: &mut Vec<u8>) -> Result<(), Malformed> {
    let end = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let length = whole.iter().rposition(end).map_or(0, |last| last + 1);
    let (line, blank) = whole.split_at_checked(length).ok_or(Malformed)?;
    // Blanks at the end of a line were added on the way.
    let (mut line, end) = match line.strip_suffix(b"=") {
        // The line goes on in the next one.
        Some(line) => {
            let blank = match blank.iter().position(|byte| !matches!(byte, b' ' | b'\t')) {
                Some(begin) => blank.get(begin..).unwrap_or_default(),
                None => &[],
            };
            let goes_on = blank.starts_with(b"\n") || blank.starts_with(b"\r\n");
            if !goes_on && (line.is_empty() || !blank.is_empty()) {
                return Err(Malformed);
            }
            (line, &b""[..])
        }
        None if blank.ends_with(b"\r\n") => (line, &b"\r\n"[..]),
        None if blank.ends_with(b"\n") => (line, &b"\n"[..]),
        None => (line, &b""[..]),
    };
    while let [first, rest @ ..] = line {
        line = rest;
        let encoded = match rest {
            [high, low, after @ ..] if *first == b'=' => hex(*high, *low).zip(Some(after)),
            _ => None,
        };
        if let Some((byte, after)) = encoded {
            decoded.push(byte);
            line = after;
            continue;
        }
        match (*first, rest) {
            // Compat: a sign that encodes nothing stands for itself.
            (b'=', [next, ..]) if *next != b'\r' => decoded.push(b'='),
            (b'=', _) => return Err(Malformed),
            (b'\t' | b'\r' | b' '..=b'~' | 0x80.., _) => decoded.push(*first),
            _ => return Err(Malformed),
        }
    }
    decoded.extend_from_slice(end);
    Ok(())
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINE, QuotedPrintable};

    fn decode(pieces: &[&[u8]]) -> Option<Vec<u8>> {
        let (mut reader, mut decoded) = (QuotedPrintable::default(), Vec::new());
        for piece in pieces {
            reader.push(piece, &mut decoded).ok()?;
        }
        reader.finish(&mut decoded).ok()?;
        Some(decoded)
    }

    #[test]
    fn contents_are_decoded_wherever_they_are_cut() {
        for (content, expect) in [
            ("", Some("")),
            ("a=20b=3D", Some("a b=")),
            ("=c3=A4\u{e4}", Some("\u{e4}\u{e4}")),
            ("a=\r\nb=\nc", Some("abc")),
            ("a= \t\r\nb", Some("ab")),
            ("a \t\r\nb \nc ", Some("a\r\nb\nc")),
            ("a=\r\n\r\nb", Some("a\r\nb")),
            (" =\r\n b \r\n", Some("  b\r\n")),
            ("a=zz=4=x", Some("a=zz=4=x")),
            ("a=", Some("a")),
            ("a= ", Some("a")),
            ("a\rb\tc\nd", Some("a\rb\tc\nd")),
            ("a==", None),
            ("=", None),
            ("= ", None),
            ("a=\r", None),
            ("a=\rb", None),
            ("a\u{1}", None),
            ("a\u{7f}", None),
        ] {
            let expect = expect.map(|text| text.as_bytes().to_vec());
            let content = content.as_bytes();
            for cut in 0..=content.len() {
                let (first, second) = content.split_at(cut);
                assert_eq!(decode(&[first, second]), expect, "{content:?} at {cut}");
            }
        }
    }

    #[test]
    fn lines_are_bounded() {
        let line = [vec![b'a'; MAX_LINE - 1], b"\n".to_vec()].concat();
        assert_eq!(decode(&[&line, &line]).unwrap().len(), 2 * MAX_LINE);
        assert_eq!(decode(&[&[b'a'; MAX_LINE + 1]]), None);
        assert_eq!(decode(&[&[b'a'; MAX_LINE], b"b"]), None);
    }
}
