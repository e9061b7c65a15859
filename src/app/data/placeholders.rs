//! `{:name}` in filters and SQL: values that are bound, and never part of the text.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::sql::Value;

/// Prefix of the parameters of a filter among the names of the request.
const PARAMETER: &str = "__";

/// A filter whose parameters are values of the request, so that they are bound and the text stays the same.
pub(super) fn bound(filter: &str, params: &Map<String, Json>) -> Result<(String, Ctx)> {
    let mut ctx = Ctx::system();
    let text = replace(filter, quoted_in_filter, |name| {
        value_for(name, params)?;
        Ok(format!("@request.body.{PARAMETER}{name}"))
    })?;
    for (name, value) in params {
        ctx.request_mut()
            .body
            .insert(format!("{PARAMETER}{name}"), value.clone());
    }
    Ok((text, ctx))
}

/// SQL with numbered placeholders and their values.
pub(super) fn positional(sql: &str, params: &Map<String, Json>) -> Result<(String, Vec<Value>)> {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut binds = Vec::new();
    let text = replace(sql, quoted_in_sql, |name| {
        let value = value_for(name, params)?;
        let number = *numbers.entry(name.to_owned()).or_insert_with(|| {
            binds.push(value_of(value));
            binds.len()
        });
        Ok(format!("?{number}"))
    })?;
    Ok((text, binds))
}

/// The value of a placeholder. One that was forgotten or misspelt would be NULL, and a condition with it never true.
fn value_for<'a>(name: &str, params: &'a Map<String, Json>) -> Result<&'a Json> {
    params.get(name).ok_or_else(|| {
        Error::bad_request(format!(
            "There is no value for the placeholder {{:{name}}}."
        ))
    })
}

/// Replaces `{:name}` outside of what is quoted: `quoted` says how long that is at the beginning of a text, 0 for none.
fn replace(
    text: &str,
    quoted: fn(&str) -> usize,
    mut with: impl FnMut(&str) -> Result<String>,
) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix("{:")
            && let Some((name, behind)) = behind.split_once('}')
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            out.push_str(&with(name)?);
            rest = behind;
            continue;
        }
        let (kept, behind) = rest.split_at(quoted(rest).max(c.len_utf8()));
        out.push_str(kept);
        rest = behind;
    }
    Ok(out)
}

/// How long the quoted text or comment is that a filter begins with; what a backslash precedes ends nothing.
fn quoted_in_filter(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').map_or(text.len(), |end| end + 1);
    }
    let mut chars = text.char_indices();
    let Some((_, open @ ('\'' | '"'))) = chars.next() else {
        return 0;
    };
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            c if c == open => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// How long the quoted text, quoted name or comment is that a statement begins with. A doubled quote is two that touch.
fn quoted_in_sql(text: &str) -> usize {
    let end = match text.as_bytes() {
        [b'-', b'-', ..] => "\n",
        [b'/', b'*', ..] => "*/",
        [b'\'', ..] => "'",
        [b'"', ..] => "\"",
        [b'`', ..] => "`",
        [b'[', ..] => "]",
        _ => return 0,
    };
    // The longest beginning has as many bytes as its end.
    let begin = if end == "\n" { 2 } else { end.len() };
    let found = text.get(begin..).and_then(|inside| inside.find(end));
    found.map_or(text.len(), |at| begin + at + end.len())
}

fn value_of(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Int(i64::from(*flag)),
        Json::Number(number) => number.as_i64().map_or_else(
            || Value::Real(number.as_f64().unwrap_or_default()),
            Value::Int,
        ),
        Json::String(text) => Value::Text(text.clone()),
        other => Value::Text(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::{bound, positional};

    fn params() -> Map<String, Json> {
        let Json::Object(params) = json!({"a": "x' || 1", "b": 2}) else {
            return Map::new();
        };
        params
    }

    #[test]
    fn parameters_are_bound_and_never_part_of_the_text() {
        let (filter, ctx) = bound("name = {:a} && n > {:b} && t = '{:a}'", &params()).unwrap();
        assert_eq!(
            filter,
            "name = @request.body.__a && n > @request.body.__b && t = '{:a}'"
        );
        assert_eq!(ctx.request.body["__a"], "x' || 1");
        let (sql, binds) = positional("SELECT {:b}, {:a}, {:b}", &params()).unwrap();
        assert_eq!(sql, "SELECT ?1, ?2, ?1");
        assert_eq!(binds.len(), 2);
    }

    #[test]
    fn quotes_and_comments_of_sql_are_those_of_sql() {
        for (sql, expect) in [
            (
                r"SELECT 1 WHERE a LIKE {:a} ESCAPE '\' AND b = {:b}",
                r"SELECT 1 WHERE a LIKE ?1 ESCAPE '\' AND b = ?2",
            ),
            ("SELECT 'it''s {:a}', {:b}", "SELECT 'it''s {:a}', ?1"),
            ("SELECT `{:a}'`, {:b}", "SELECT `{:a}'`, ?1"),
            ("SELECT [{:a}'], {:b}", "SELECT [{:a}'], ?1"),
            (
                "SELECT 1 -- it's {:a}\n, {:b}",
                "SELECT 1 -- it's {:a}\n, ?1",
            ),
            (
                "SELECT 1 /* it's {:a} */, {:b}",
                "SELECT 1 /* it's {:a} */, ?1",
            ),
            ("SELECT 3 - {:a} / {:b}", "SELECT 3 - ?1 / ?2"),
        ] {
            assert_eq!(positional(sql, &params()).unwrap().0, expect);
        }
        // In filters a backslash lets a quote stand for itself.
        let (filter, _) = bound(r"a = 'it\'s {:a}' && b = {:b}", &params()).unwrap();
        assert_eq!(filter, r"a = 'it\'s {:a}' && b = @request.body.__b");
    }

    #[test]
    fn placeholders_are_found_behind_quotes_and_comments() {
        let sql = |text: &str| positional(text, &params()).unwrap().0;
        assert_eq!(
            sql("SELECT 1 WHERE t LIKE {:a} ESCAPE '\\' AND n = {:b}"),
            "SELECT 1 WHERE t LIKE ?1 ESCAPE '\\' AND n = ?2"
        );
        assert_eq!(
            sql("SELECT `it's` -- don't {:a}\n, 'it''s {:a}' /* it's */, {:b}"),
            "SELECT `it's` -- don't {:a}\n, 'it''s {:a}' /* it's */, ?1"
        );
        assert_eq!(sql("SELECT {:a} -- it's"), "SELECT ?1 -- it's");
        let filter = |text: &str| bound(text, &params()).unwrap().0;
        assert_eq!(
            filter("t = 'it\\'s' // don't\n && n = {:b}"),
            "t = 'it\\'s' // don't\n && n = @request.body.__b"
        );
    }

    #[test]
    fn placeholders_without_a_value_are_named() {
        let wrong = bound("name = {:a} || name = {:nope}", &params()).unwrap_err();
        assert!(wrong.to_wire().message.contains("{:nope}"));
        assert!(positional("SELECT {:nope}", &params()).is_err());
        assert!(bound("name = '{:nope}'", &params()).is_ok());
    }
}
