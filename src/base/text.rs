//! Text helpers, most of which follow the contract: sentences, snake case, checksums, addresses, what HTML reserves.

use std::net::IpAddr;

/// Upper-cases the first letter and ends the text with a full stop unless it ends in `.`, `?` or `!`.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return String::new();
    };
    let mut sentence: String = first.to_uppercase().chain(chars).collect();
    if !sentence.ends_with(['.', '?', '!']) {
        sentence.push('.');
    }
    sentence
}

/// Turns a sentence into a part of another one: lower-cases the first letter, drops the full stop.
pub fn fragment(sentence: &str) -> String {
    let mut chars = sentence.trim_end_matches('.').chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

/// A text as it stands in HTML, in elements and in the values of attributes.
pub fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Converts to snake case as the contract does for header names and file names.
///
/// `X-Token` becomes `x_token`, `userAgent` becomes `user_agent`.
pub fn snake_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    for word in text.split(|c: char| c == '_' || !(c.is_ascii_alphanumeric())) {
        if word.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('_');
        }
        let mut previous_is_upper = true;
        for c in word.chars() {
            if c.is_uppercase() && !previous_is_upper {
                out.push('_');
            }
            previous_is_upper = c.is_uppercase();
            out.extend(c.to_lowercase());
        }
    }
    out
}

/// Decimal CRC32-IEEE of a text, the tail of generated collection and field ids.
pub fn crc32(text: &str) -> u32 {
    crc32fast::hash(text.as_bytes())
}

/// Bytes as pairs of small hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

/// The first `max` bytes of a text, cut back to a character boundary.
pub fn truncate_bytes(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let end = (0..=max)
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0);
    &text[..end]
}

/// An address as the contract writes it: IPv6 with all its digits.
pub fn address(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let groups = v6.segments().map(|group| format!("{group:04x}"));
            groups.join(":")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{address, escape_html, fragment, sentence, snake_case, truncate_bytes};

    #[test]
    fn sentences_start_large_and_end() {
        assert_eq!(sentence("cannot be blank"), "Cannot be blank.");
        assert_eq!(sentence("Really?"), "Really?");
        assert_eq!(sentence(""), "");
        assert_eq!(fragment("Cannot be blank."), "cannot be blank");
    }

    #[test]
    fn texts_cannot_become_markup() {
        assert_eq!(
            escape_html(r#"<a href='x'>"&"#),
            "&lt;a href=&#39;x&#39;&gt;&#34;&amp;"
        );
    }

    #[test]
    fn snake_case_splits_words_and_camels() {
        assert_eq!(snake_case("X-Token"), "x_token");
        assert_eq!(snake_case("userAgent"), "user_agent");
        assert_eq!(snake_case("Content-Type"), "content_type");
        assert_eq!(snake_case("ABCd"), "abcd");
    }

    #[test]
    fn cutting_never_splits_a_character() {
        assert_eq!(truncate_bytes("aé", 2), "a");
    }

    #[test]
    fn addresses_are_written_in_full() {
        for (ip, expect) in [
            ("1.2.3.4", "1.2.3.4"),
            ("2001:db8::5", "2001:0db8:0000:0000:0000:0000:0000:0005"),
            ("::ffff:1.2.3.4", "0000:0000:0000:0000:0000:ffff:0102:0304"),
        ] {
            assert_eq!(address(ip.parse().unwrap()), expect);
        }
    }
}
