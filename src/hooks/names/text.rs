//! `text`: what scripts do to texts all the time.

use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;
use rhai::{Array, Dynamic, ImmutableString, Map, Module};

use crate::hooks::define::named;
use crate::hooks::fault::{Failure, misuse};

/// Compiled expressions that are kept.
const MAX_KNOWN: usize = 256;

static KNOWN: LazyLock<Mutex<Vec<(String, Regex)>>> = LazyLock::new(Mutex::default);

fn regex(pattern: &str) -> Result<Regex, Failure> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, regex)) = known.iter().find(|(text, _)| text == pattern) {
        return Ok(regex.clone());
    }
    let regex = regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| misuse(format!("Not a regular expression: {error}")))?;
    if known.len() >= MAX_KNOWN {
        known.remove(0);
    }
    known.push((pattern.to_owned(), regex.clone()));
    Ok(regex)
}

/// Lower-case letters, digits and single dashes; common accents are left out.
fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        let plain: &str = match c {
            'ä' | 'æ' => "ae",
            'ö' | 'œ' => "oe",
            'ü' => "ue",
            'ß' => "ss",
            'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ą' | 'ă' => "a",
            'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
            'ì' | 'í' | 'î' | 'ï' | 'ı' | 'ī' => "i",
            'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'ō' => "o",
            'ù' | 'ú' | 'û' | 'ū' | 'ů' => "u",
            'ç' | 'ć' | 'č' => "c",
            'ñ' | 'ń' | 'ň' => "n",
            'š' | 'ś' | 'ş' => "s",
            'ž' | 'ź' | 'ż' => "z",
            'ý' | 'ÿ' => "y",
            'ł' => "l",
            'ř' => "r",
            'ť' => "t",
            'ď' | 'đ' => "d",
            'ğ' => "g",
            _ => {
                if c.is_alphanumeric() {
                    out.push(c);
                } else if !out.is_empty() && !out.ends_with('-') {
                    out.push('-');
                }
                continue;
            }
        };
        out.push_str(plain);
    }
    out.trim_end_matches('-').to_owned()
}

pub(super) fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
}

fn strip_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// Replaces `{{name}}` by the escaped value of a member and `{{{name}}}` by the value as it is.
fn template(text: &str, values: &Map) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        out.push_str(before);
        let (raw, behind) = match behind.strip_prefix('{') {
            Some(behind) => (true, behind),
            None => (false, behind),
        };
        let Some((name, behind)) = behind.split_once(if raw { "}}}" } else { "}}" }) else {
            out.push_str("{{");
            rest = behind;
            continue;
        };
        let value = values
            .get(name.trim())
            .filter(|value| !value.is_unit())
            .map(ToString::to_string)
            .unwrap_or_default();
        out.push_str(&if raw { value } else { escape_html(&value) });
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The namespace `text`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    named!(
        module,
        "slug(text: string) -> string",
        "Lower-case words with dashes between, for URLs.",
        |text: ImmutableString| slug(&text)
    );
    named!(
        module,
        "trim(text: string) -> string",
        "The text without blanks around it.",
        |text: ImmutableString| text.trim().to_owned()
    );
    named!(
        module,
        "words(text: string, n: int) -> string",
        "The first words of a text.",
        |text: ImmutableString, n: i64| {
            let words = text
                .split_whitespace()
                .take(usize::try_from(n).unwrap_or(0));
            words.collect::<Vec<_>>().join(" ")
        }
    );
    named!(
        module,
        "escape_html(text: string) -> string",
        "The text as HTML shows it.",
        |text: ImmutableString| escape_html(&text)
    );
    named!(
        module,
        "strip_html(html: string) -> string",
        "HTML without its tags.",
        |text: ImmutableString| strip_html(&text)
    );
    named!(
        module,
        "regex_match(text: string, pattern: string) -> bool",
        "Says whether a regular expression matches.",
        |text: ImmutableString, pattern: ImmutableString| -> Result<bool, Failure> {
            Ok(regex(&pattern)?.is_match(&text))
        }
    );
    named!(
        module,
        "regex_find(text: string, pattern: string) -> array",
        "The first match and its groups; empty when there is none.",
        |text: ImmutableString, pattern: ImmutableString| -> Result<Array, Failure> {
            let found = regex(&pattern)?;
            let groups = found.captures(&text).map(|captures| {
                let group = |group: Option<regex::Match<'_>>| {
                    group.map_or(Dynamic::UNIT, |m| Dynamic::from(m.as_str().to_owned()))
                };
                captures.iter().map(group).collect()
            });
            Ok(groups.unwrap_or_default())
        }
    );
    named!(
        module,
        "regex_replace(text: string, pattern: string, with: string) -> string",
        "Replaces all matches; `$1` stands for a group.",
        |text: ImmutableString,
         pattern: ImmutableString,
         with: ImmutableString|
         -> Result<String, Failure> {
            Ok(regex(&pattern)?
                .replace_all(&text, with.as_str())
                .into_owned())
        }
    );
    named!(
        module,
        "template(text: string, values: map) -> string",
        "Fills `{{name}}` with escaped values, `{{{name}}}` with values as they are.",
        |text: ImmutableString, values: Map| template(&text, &values)
    );
    module
}

#[cfg(test)]
mod tests {
    use super::{slug, strip_html, template};

    #[test]
    fn slugs_are_plain() {
        assert_eq!(slug("  Größe & Café -- 2026! "), "groesse-cafe-2026");
        assert_eq!(slug("---"), "");
    }

    #[test]
    fn templates_escape() {
        let mut values = rhai::Map::new();
        values.insert("x".into(), "<b>".into());
        assert_eq!(
            template("a {{x}} {{{x}}} {{y}} {{", &values),
            "a &lt;b&gt; <b>  {{"
        );
        assert_eq!(strip_html("<p>a<br>b</p>"), "ab");
    }
}
