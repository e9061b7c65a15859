//! The `Content-Disposition` of a part of a form: whose value it is, and whether it is a file.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// What the header says. Parts of another kind than `form-data` have no name, and so are nobody's value.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Disposition {
    pub(super) name: String,
    pub(super) file_name: String,
}

impl Disposition {
    /// Reads the header. A parameter with a star (RFC 5987) goes before the one without it.
    pub(super) fn read(header: &[u8]) -> Self {
        let header = String::from_utf8_lossy(header);
        let (kind, mut rest) = header.split_once(';').unwrap_or((&header, ""));
        let (mut name, mut file_name) = (Value::default(), Value::default());
        while let Some((key, after)) = rest.split_once('=') {
            let (value, after) = value(after.trim_start());
            rest = after;
            match key
                .trim_matches([' ', '\t', ';'])
                .to_ascii_lowercase()
                .as_str()
            {
                "name" => name.plain(value),
                "name*" => name.extended(&value),
                "filename" => file_name.plain(value),
                "filename*" => file_name.extended(&value),
                _ => {}
            }
        }
        if !kind.trim().eq_ignore_ascii_case("form-data") {
            return Self::default();
        }
        Self {
            name: name.best(),
            file_name: file_name.best(),
        }
    }
}

/// A parameter that may be there in two forms.
#[derive(Default)]
struct Value {
    plain: Option<String>,
    extended: Option<String>,
}

impl Value {
    fn plain(&mut self, value: Cow<'_, str>) {
        self.plain.get_or_insert_with(|| value.into_owned());
    }

    /// Takes `charset'language'text` with the text percent-encoded; nothing in a charset that is not known.
    fn extended(&mut self, value: &str) {
        let mut pieces = value.splitn(3, '\'');
        let (charset, text) = (pieces.next().unwrap_or_default(), pieces.nth(1));
        let is_known = ["utf-8", "us-ascii"]
            .iter()
            .any(|known| charset.eq_ignore_ascii_case(known));
        if let Some(text) = text.filter(|_| is_known) {
            let text = percent_decode_str(text).decode_utf8_lossy();
            self.extended.get_or_insert_with(|| text.into_owned());
        }
    }

    fn best(self) -> String {
        self.extended.or(self.plain).unwrap_or_default()
    }
}

/// A value, in quotes or not, and what is behind it.
fn value(text: &str) -> (Cow<'_, str>, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_once(';').unwrap_or((text, ""));
        return (value.trim_end().into(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        let after = quoted.get(at + character.len_utf8()..).unwrap_or_default();
        match character {
            '"' => return (value.into(), after),
            // Compat: a backslash is one unless something that needs it follows, for paths that Windows' programs send.
            '\\' if after.starts_with(is_special) => {
                value.extend(characters.next().map(|(_, escaped)| escaped));
            }
            other => value.push(other),
        }
    }
    (value.into(), "")
}

const fn is_special(character: char) -> bool {
    matches!(
        character,
        '(' | ')' | '<' | '>' | '@' | ',' | ';' | ':' | '\\' | '"' | '/' | '[' | ']' | '?' | '='
    )
}

#[cfg(test)]
mod tests {
    use super::Disposition;

    #[test]
    fn headers_of_parts_are_read() {
        for (header, name, file_name) in [
            ("form-data; name=\"t\"", "t", ""),
            ("form-data; name=t; filename=a b.txt", "t", "a b.txt"),
            ("FORM-DATA ;NAME = \"f\"; FileName=\"a.txt\";", "f", "a.txt"),
            (
                "form-data; name=\"a;b=c\"; filename=\"d;e\"",
                "a;b=c",
                "d;e",
            ),
            (
                r#"form-data; name="a\"b"; filename="C:\dir\x.txt""#,
                "a\"b",
                r"C:\dir\x.txt",
            ),
            (
                "form-data; filename*=UTF-8''%C3%A4b.txt; filename=\"a.txt\"; name=f",
                "f",
                "äb.txt",
            ),
            (
                "form-data; name=f; filename=a; filename*=utf-8'de'b%20c",
                "f",
                "b c",
            ),
            (
                "form-data; name=f; filename=a; filename*=koi8-r''b",
                "f",
                "a",
            ),
            ("form-data; name=f; filename=a; filename*=b", "f", "a"),
            ("form-data; name=a; name=b", "a", ""),
            ("form-data; name=\"ä", "ä", ""),
            ("form-data", "", ""),
            ("attachment; name=\"f\"; filename=\"a.txt\"", "", ""),
            ("", "", ""),
        ] {
            let expect = Disposition {
                name: name.to_owned(),
                file_name: file_name.to_owned(),
            };
            assert_eq!(Disposition::read(header.as_bytes()), expect, "{header}");
        }
    }
}
