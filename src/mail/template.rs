//! Placeholders in subjects and bodies.

/// Replaces `{NAME}` by what `value` gives for the name; names it does not know stay as they are.
///
/// The text is read once: what a value contains is never taken for a placeholder.
pub fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len() + 256);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let (before, from_brace) = rest.split_at(start);
        out.push_str(before);
        let inner = from_brace.get(1..).unwrap_or_default();
        let name = inner
            .find(['{', '}'])
            .filter(|end| inner.as_bytes().get(*end) == Some(&b'}'))
            .and_then(|end| inner.get(..end));
        if let Some((name, value)) = name.and_then(|name| Some((name, value(name)?))) {
            out.push_str(&value);
            rest = inner.get(name.len() + 1..).unwrap_or_default();
        } else {
            out.push('{');
            rest = inner;
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn known_placeholders_are_replaced_once() {
        let values = |name: &str| match name {
            "A" => Some("1".to_owned()),
            "B" => Some("{A}".to_owned()),
            "RECORD:x" => Some("é".to_owned()),
            _ => None,
        };
        for (template, expect) in [
            ("", ""),
            ("{A}{A} {B}", "11 {A}"),
            ("a{ {A} }{", "a{ 1 }{"),
            ("{NOPE} {} {{A}}", "{NOPE} {} {1}"),
            ("p{color:red} {RECORD:x}", "p{color:red} é"),
            ("{A", "{A"),
        ] {
            assert_eq!(fill(template, values), expect, "{template}");
        }
    }
}
