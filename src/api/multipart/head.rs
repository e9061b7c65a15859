//! The headers of a part: whose value it is, whether it is a file, and how it is encoded. Pure.

use super::Malformed;
use crate::api::parameters::Parameters;

/// What the headers of a part say. Parts of another kind than `form-data` have no name, and so are nobody's value.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) name: String,
    pub(super) file_name: String,
    /// The content is to be decoded. Base64 is not known to the contract.
    pub(super) is_quoted_printable: bool,
}

/// Headers on their way, line by line.
#[derive(Debug, Default)]
pub(super) struct HeadReader {
    /// A header that may go on in the next line.
    pending: Option<Vec<u8>>,
    disposition: Option<Vec<u8>>,
    encoding: Option<Vec<u8>>,
}

impl HeadReader {
    /// Takes a line with its end. The empty one gives the head.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<Option<Head>, Malformed> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            self.close()?;
            return Ok(Some(self.head()));
        }
        self.take(line)?;
        Ok(None)
    }

    /// Ends headers that no empty line ends; `rest` is a line without an end.
    pub(super) fn end(&mut self, rest: &[u8]) -> Result<(), Malformed> {
        if !rest.is_empty() {
            self.take(rest)?;
        }
        self.close()
    }

    fn take(&mut self, line: &[u8]) -> Result<(), Malformed> {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            let pending = self.pending.as_mut().ok_or(Malformed)?;
            pending.push(b' ');
            pending.extend_from_slice(trimmed(line));
            return Ok(());
        }
        self.close()?;
        // A name does not go on in another line.
        if !line.contains(&b':') {
            return Err(Malformed);
        }
        self.pending = Some(trimmed(line).to_vec());
        Ok(())
    }

    /// The header is complete.
    fn close(&mut self) -> Result<(), Malformed> {
        let Some(line) = self.pending.take() else {
            return Ok(());
        };
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = line
            .split_at_checked(colon.ok_or(Malformed)?)
            .ok_or(Malformed)?;
        let value = trimmed(value.get(1..).unwrap_or_default());
        // Compat: a name with blanks is one, though none that means anything.
        let is_name = |byte: &u8| *byte == b' ' || is_name_byte(*byte);
        if name.is_empty() || !name.iter().all(is_name) || !value.iter().copied().all(is_value_byte)
        {
            return Err(Malformed);
        }
        let place = if name.eq_ignore_ascii_case(b"content-disposition") {
            &mut self.disposition
        } else if name.eq_ignore_ascii_case(b"content-transfer-encoding") {
            &mut self.encoding
        } else {
            return Ok(());
        };
        // The first of several counts.
        place.get_or_insert_with(|| value.to_vec());
        Ok(())
    }

    fn head(&mut self) -> Head {
        let encoding = self.encoding.take().unwrap_or_default();
        let is_quoted_printable = encoding.eq_ignore_ascii_case(b"quoted-printable");
        let disposition = self.disposition.take().unwrap_or_default();
        let disposition = String::from_utf8_lossy(&disposition);
        let Some(disposition) =
            Parameters::read(&disposition).filter(|read| read.kind == "form-data")
        else {
            return Head {
                is_quoted_printable,
                ..Head::default()
            };
        };
        Head {
            name: disposition.get("name").unwrap_or_default(),
            file_name: base_name(&disposition.get("filename").unwrap_or_default()).to_owned(),
            is_quoted_printable,
        }
    }
}

/// The last segment of a path a client may have sent as a file name.
fn base_name(name: &str) -> &str {
    let mut segments = name.rsplit('/').filter(|segment| !segment.is_empty());
    // Compat: slashes alone are a name as well.
    segments
        .next()
        .unwrap_or(if name.is_empty() { "" } else { "/" })
}

fn trimmed(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

const fn is_value_byte(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::{HeadReader, base_name};

    /// What headers say, in short.
    fn read(lines: &str) -> String {
        let mut reader = HeadReader::default();
        for line in lines.split_inclusive('\n') {
            match reader.line(line.as_bytes()) {
                Err(_) => return "malformed".to_owned(),
                Ok(None) => {}
                Ok(Some(head)) => {
                    let is_quoted = if head.is_quoted_printable { "=" } else { "" };
                    return format!("{}|{}{is_quoted}", head.name, head.file_name);
                }
            }
        }
        "unfinished".to_owned()
    }

    #[test]
    fn headers_of_parts_are_read() {
        let t = "Content-Disposition: form-data; name=\"t\"\r\n";
        for (lines, expect) in [
            ("\r\n", "|"),
            ("\n", "|"),
            ("Content-Disposition: form-data; name=t\r\n\r\n", "t|"),
            ("content-disposition:form-data; name=t\n\n", "t|"),
            ("Content-Disposition : form-data; name=t\r\n\r\n", "|"),
            ("Content-Disposition: attachment; name=t\r\n\r\n", "|"),
            (
                "Content-Disposition: form-data;\r\n name=f;\r\n\tfilename=a.txt\r\n\r\n",
                "f|a.txt",
            ),
            (
                "Content-Disposition:\r\n\tform-data;\r\n \r\n name=f\r\n\r\n",
                "f|",
            ),
            (
                "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n\r\n",
                "a|",
            ),
            ("Content-Transfer-Encoding: Quoted-Printable\r\n\r\n", "|="),
            ("Content-Transfer-Encoding: base64\r\n\r\n", "|"),
            (" X: y\r\n\r\n", "malformed"),
            ("X\r\n: y\r\n\r\n", "malformed"),
            (": y\r\n\r\n", "malformed"),
            ("X(: y\r\n\r\n", "malformed"),
            ("X: a\rb\r\n\r\n", "malformed"),
            ("X: \u{1}\r\n\r\n", "malformed"),
            ("X: y\r\n", "unfinished"),
        ] {
            assert_eq!(read(lines), expect, "{lines:?}");
        }
        for (line, expect) in [
            ("X:", "t|"),
            ("X y: z", "t|"),
            ("X: \u{e4}\ta", "t|"),
            ("X\u{e4}: a", "malformed"),
        ] {
            assert_eq!(read(&format!("{t}{line}\r\n\r\n")), expect, "{line:?}");
        }
        let many = "X: y\r\n".repeat(1000);
        assert_eq!(read(&format!("{many}{t}\r\n")), "t|");
    }

    #[test]
    fn headers_may_end_with_the_form() {
        let end = |lines: &str, rest: &str| {
            let mut reader = HeadReader::default();
            let mut lines = lines.split_inclusive('\n');
            assert!(lines.all(|line| reader.line(line.as_bytes()) == Ok(None)));
            reader.end(rest.as_bytes()).is_ok()
        };
        assert!(end("", ""));
        assert!(end("X: y\r\n", ""));
        assert!(end("X: y\r\n", "Z: a"));
        assert!(end("X: y\r\n", " a"));
        assert!(!end("X: y\r\n", "Z"));
        assert!(!end("X: y\r\n", "\r"));
        assert!(!end("", " a"));
    }

    #[test]
    fn names_of_files_have_no_directories() {
        for (name, expect) in [
            ("a.txt", "a.txt"),
            ("a/b.txt", "b.txt"),
            ("a/b.txt//", "b.txt"),
            ("/", "/"),
            ("//", "/"),
            ("", ""),
            ("..", ".."),
            (r"C:\dir\a.txt", r"C:\dir\a.txt"),
        ] {
            assert_eq!(base_name(name), expect, "{name}");
        }
    }
}
