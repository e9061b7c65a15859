//! `text`: what scripts do to texts all the time.

use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;
use rhai::{
    Array, Dynamic, EvalAltResult, FuncRegistration, ImmutableString, Map, Module,
    NativeCallContext, Position,
};

use crate::base::text::escape_html;
use crate::hooks::define::{function, named};
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

/// How long a text may be.
fn limit(context: &NativeCallContext) -> usize {
    match context.engine().max_string_size() {
        0 => usize::MAX,
        limit => limit,
    }
}

/// Ends a call before a text is made that is too long: the engine only looks at texts that are there.
fn check_length(length: Option<usize>, limit: usize) -> Result<(), Failure> {
    if length.is_none_or(|length| length > limit) {
        let failure =
            EvalAltResult::ErrorDataTooLarge("Length of string".to_owned(), Position::NONE);
        return Err(Box::new(failure));
    }
    Ok(())
}

/// The text with every occurrence of another replaced.
fn replace(text: &str, find: &str, with: &str, limit: usize) -> Result<String, Failure> {
    let n = text.matches(find).count();
    let added = n.checked_mul(with.len());
    let rest = text.len().saturating_sub(n.saturating_mul(find.len()));
    check_length(added.and_then(|added| rest.checked_add(added)), limit)?;
    Ok(text.replace(find, with))
}

/// The values of a list as one text.
fn join(list: &[Dynamic], between: &str, limit: usize) -> Result<String, Failure> {
    let mut out = String::new();
    for (n, value) in list.iter().enumerate() {
        if n > 0 {
            out.push_str(between);
        }
        let value = value.to_string();
        check_length(out.len().checked_add(value.len()), limit)?;
        out.push_str(&value);
    }
    check_length(Some(out.len()), limit)?;
    Ok(out)
}

/// The text with every match of an expression replaced.
fn regex_replace(text: &str, pattern: &str, with: &str, limit: usize) -> Result<String, Failure> {
    let found = regex(pattern)?;
    let n_groups = with.matches('$').count();
    let (mut out, mut end) = (String::new(), 0);
    for captures in found.captures_iter(text) {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        out.push_str(text.get(end..whole.start()).unwrap_or_default());
        end = whole.end();
        // No group is longer than the match.
        let most = n_groups.checked_mul(whole.len());
        let most = most.and_then(|groups| groups.checked_add(with.len()));
        check_length(most, limit.saturating_mul(4))?;
        captures.expand(with, &mut out);
        check_length(Some(out.len()), limit)?;
    }
    out.push_str(text.get(end..).unwrap_or_default());
    Ok(out)
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
fn template(text: &str, values: &Map, limit: usize) -> Result<String, Failure> {
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
        let value = if raw { value } else { escape_html(&value) };
        check_length(out.len().checked_add(value.len()), limit)?;
        out.push_str(&value);
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
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
        |context: NativeCallContext,
         text: ImmutableString,
         pattern: ImmutableString,
         with: ImmutableString| { regex_replace(&text, &pattern, &with, limit(&context)) }
    );
    named!(
        module,
        "template(text: string, values: map) -> string",
        "Fills `{{name}}` with escaped values, `{{{name}}}` with values as they are.",
        |context: NativeCallContext, text: ImmutableString, values: Map| {
            template(&text, &values, limit(&context))
        }
    );
    module
}

/// What texts can do anyway, in place of the interpreter's own, which looks at the length only afterwards.
pub(in crate::hooks) fn methods() -> Module {
    let mut module = Module::new();
    function!(
        module,
        "join(list: array, between: string) -> string",
        "The values of a list as one text, with another between them.",
        |context: NativeCallContext, list: Array, between: ImmutableString| {
            join(&list, &between, limit(&context))
        }
    );
    let _ = FuncRegistration::new("replace")
        .in_global_namespace()
        .set_into_module(
            &mut module,
            |context: NativeCallContext,
             text: &mut ImmutableString,
             find: ImmutableString,
             with: ImmutableString|
             -> Result<(), Failure> {
                *text = replace(text, &find, &with, limit(&context))?.into();
                Ok(())
            },
        );
    let _ = FuncRegistration::new("replace")
        .in_global_namespace()
        .set_into_module(
            &mut module,
            |context: NativeCallContext,
             text: &mut ImmutableString,
             find: char,
             with: ImmutableString|
             -> Result<(), Failure> {
                let mut buffer = [0; 4];
                let find = find.encode_utf8(&mut buffer);
                *text = replace(text, find, &with, limit(&context))?.into();
                Ok(())
            },
        );
    module
}

#[cfg(test)]
mod tests {
    use super::{regex_replace, replace, slug, strip_html, template};

    #[test]
    fn no_text_is_made_that_is_too_long() {
        assert_eq!(replace("abab", "a", "xy", 6).unwrap(), "xybxyb");
        assert!(replace("abab", "a", "xy", 5).is_err());
        assert_eq!(replace("ab", "", "-", 10).unwrap(), "-a-b-");
        assert_eq!(
            regex_replace("abab-", "(a)b", "${1}${1}c", 10).unwrap(),
            "aacaac-"
        );
        assert!(regex_replace("abab", "(a)b", "${1}${1}c", 5).is_err());
        assert!(regex_replace("abab", "(?s)(.*)", "$1$1$1$1$1", 4).is_err());
        let mut values = rhai::Map::new();
        values.insert("x".into(), "12345".into());
        assert!(template("{{x}}{{x}}", &values, 9).is_err());
        assert!(template("{{x}}{{x}}", &values, 10).is_ok());
    }

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
            template("a {{x}} {{{x}}} {{y}} {{", &values, 100).unwrap(),
            "a &lt;b&gt; <b>  {{"
        );
        assert_eq!(strip_html("<p>a<br>b</p>"), "ab");
    }
}
