//! Shapes of single texts in the settings.

use std::net::IpAddr;

/// Says whether a text is an IP address or a DNS name of ASCII letters, digits, hyphens and underscores.
pub(super) fn is_host(text: &str) -> bool {
    const MAX_LENGTH: usize = 255;
    if text.parse::<IpAddr>().is_ok() {
        return true;
    }
    let name = text.strip_suffix(['.', '_']).unwrap_or(text);
    text.bytes().filter(|byte| *byte != b'.').count() <= MAX_LENGTH && name.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    const MAX_LENGTH: usize = 63;
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=MAX_LENGTH).contains(&label.len())
        && !label.starts_with('-')
        && label.bytes().all(is_inner)
}

/// Says whether a text is a color such as `#1055c9`.
pub(super) fn is_hex_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::{is_hex_color, is_host};

    #[test]
    fn hosts() {
        let label = "a".repeat(63);
        for host in [
            "localhost",
            "smtp.example.com",
            "a_b",
            "a.b.",
            "::1",
            "1.2.3.4",
            "123",
            "1.2.3.4.5",
            &label,
        ] {
            assert!(is_host(host), "{host}");
        }
        let long_label = "a".repeat(64);
        let long_name = ["a"; 256].join(".");
        for host in [
            "",
            "a b",
            "a.b:25",
            "-a.b",
            "[::1]",
            "é.com",
            "a..b",
            "a*b",
            ".",
            &long_label,
            &long_name,
        ] {
            assert!(!is_host(host), "{host}");
        }
    }

    #[test]
    fn colors() {
        assert!(is_hex_color("#1055c9") && is_hex_color("#ABCDEF"));
        for color in ["", "#fff", "1055c9", "#gggggg", "1055c99", "#1055c"] {
            assert!(!is_hex_color(color), "{color}");
        }
    }
}
