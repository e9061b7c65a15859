//! Query strings and forms: decoding of pairs, and what their texts mean as JSON. Pure.

use percent_encoding::percent_decode;
use serde_json::{Map, Value as Json};

use crate::base::json;

/// Member of a form whose text is a JSON object laid over the other members.
pub(super) const JSON_PAYLOAD: &str = "@jsonPayload";

/// Most pairs a form may have.
const MAX_PAIRS: usize = 20_000;

/// Deepest nesting of `a.b.c` keys.
const MAX_DEPTH: usize = 16;

/// The pairs of a query string; malformed ones are left out.
pub(super) fn query(text: &str) -> Vec<(String, String)> {
    pairs(text.as_bytes()).flatten().collect()
}

/// The pairs of a query string; `None` when one of them is malformed.
pub(super) fn strict(text: &str) -> Option<Vec<(String, String)>> {
    strict_bytes(text.as_bytes())
}

/// The pairs of a urlencoded body; `None` when one of them is malformed or there are too many.
pub(super) fn strict_bytes(text: &[u8]) -> Option<Vec<(String, String)>> {
    let pairs: Option<Vec<_>> = pairs(text).take(MAX_PAIRS + 1).collect();
    pairs.filter(|pairs| pairs.len() <= MAX_PAIRS)
}

/// Decoded pairs, `None` in place of a malformed one. Text that is not UTF-8 keeps replacement characters.
fn pairs(text: &[u8]) -> impl Iterator<Item = Option<(String, String)>> {
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            if pair.contains(&b';') {
                return None;
            }
            let (key, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (pair.get(..at)?, pair.get(at + 1..)?),
                None => (pair, &b""[..]),
            };
            Some((decode(key)?, decode(value)?))
        })
}

fn decode(text: &[u8]) -> Option<String> {
    let is_hex = |at: usize| text.get(at).is_some_and(u8::is_ascii_hexdigit);
    let malformed = text
        .iter()
        .enumerate()
        .any(|(at, byte)| *byte == b'%' && !(is_hex(at + 1) && is_hex(at + 2)));
    if malformed {
        return None;
    }
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let decoded: Vec<u8> = percent_decode(&spaced).collect();
    Some(match String::from_utf8(decoded) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

/// What a text of a form stands for: a flag, a number in its shortest form, or itself.
fn infer(text: String) -> Json {
    match text.as_str() {
        "true" => return Json::Bool(true),
        "false" => return Json::Bool(false),
        _ => {}
    }
    let numeric = !text.is_empty()
        && text
            .bytes()
            .all(|byte| matches!(byte, b'-' | b'.' | b'0'..=b'9'));
    if numeric
        && let Ok(number) = text.parse::<f64>()
        && number.to_string() == text
    {
        return json::number(number);
    }
    Json::String(text)
}

/// Untyped members of a form: repeated keys become lists, `@jsonPayload` objects are laid over the rest.
///
/// `None` when a payload is not an object or contradicts the type of what it covers.
pub(super) fn to_members(pairs: Vec<(String, String)>) -> Option<Map<String, Json>> {
    let payloads = payloads(&pairs)?;
    let mut members = Map::new();
    let mut repeated: Map<String, Json> = Map::new();
    for (key, text) in pairs {
        if key == JSON_PAYLOAD {
            continue;
        }
        let value = infer(text);
        if let Some(Json::Array(items)) = repeated.get_mut(&key) {
            items.push(value);
        } else if let Some(first) = members.remove(&key) {
            repeated.insert(key, Json::Array(vec![first, value]));
        } else {
            members.insert(key, value);
        }
    }
    members.extend(repeated);
    for payload in payloads {
        lay_over(&mut members, payload)?;
    }
    Some(members)
}

/// The JSON objects that a form has among its values; `None` when one of them is none.
pub(super) fn payloads(pairs: &[(String, String)]) -> Option<Vec<Map<String, Json>>> {
    let payloads = pairs.iter().filter(|(key, _)| key == JSON_PAYLOAD);
    payloads
        .map(|(_, text)| match json::parse_whole(text).ok()? {
            Json::Null => Some(Map::new()),
            Json::Object(members) => Some(members),
            _ => None,
        })
        .collect()
}

/// Lays members over others: objects are merged, lists and values replaced, a change of type is refused.
fn lay_over(base: &mut Map<String, Json>, over: Map<String, Json>) -> Option<()> {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Json::Object(inner)), Json::Object(over)) => lay_over(inner, over)?,
            (None | Some(Json::Null), value) | (Some(_), value @ Json::Null) => {
                base.insert(key, value);
            }
            (Some(existing), value) => {
                if std::mem::discriminant(existing) != std::mem::discriminant(&value) {
                    return None;
                }
                *existing = value;
            }
        }
    }
    Some(())
}

/// Turns `a.b` keys into nested objects; `None` when keys contradict each other or nest too deep.
pub(super) fn nest(members: Map<String, Json>) -> Option<Map<String, Json>> {
    let mut nested = Map::new();
    for (key, value) in members {
        let path: Vec<&str> = key.split('.').collect();
        let (last, parents) = path.split_last()?;
        if parents.len() > MAX_DEPTH {
            return None;
        }
        let mut object = &mut nested;
        for parent in parents {
            object = object
                .entry(*parent)
                .or_insert_with(|| Json::Object(Map::new()))
                .as_object_mut()?;
        }
        object.insert((*last).to_owned(), value);
    }
    Some(nested)
}

/// A member of a form with a fixed shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// Type of a form's member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Flag,
    /// A list of whatever.
    List,
    /// Members of whatever kind.
    Object,
}

/// Shorthand for a member of a form.
pub(super) const fn member(name: &'static str, kind: Kind) -> Member {
    Member { name, kind }
}

/// The known members of a JSON object, names compared ignoring case where they are not spelled exactly; `None` when a
/// type is wrong, or a name repeats or may mean several members.
pub(super) fn typed_members(
    members: &Map<String, Json>,
    known: &[Member],
) -> Option<Map<String, Json>> {
    let mut typed = Map::new();
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in members {
        let exact = known.iter().find(|member| member.name == *key);
        let mut similar = known
            .iter()
            .filter(|member| member.name.eq_ignore_ascii_case(key));
        let member = match (exact, similar.next(), similar.next()) {
            (Some(member), ..) | (None, Some(member), None) => member,
            (None, None, _) => continue,
            (None, Some(_), Some(_)) => return None,
        };
        if seen.contains(&member.name) {
            return None;
        }
        seen.push(member.name);
        if value.is_null() {
            continue;
        }
        if !fits(value, member.kind) {
            return None;
        }
        typed.insert(member.name.to_owned(), value.clone());
    }
    Some(typed)
}

fn fits(value: &Json, kind: Kind) -> bool {
    match (value, kind) {
        (Json::String(_), Kind::Text)
        | (Json::Bool(_), Kind::Flag)
        | (Json::Array(_), Kind::List)
        | (Json::Object(_), Kind::Object) => true,
        (Json::Number(number), Kind::Integer) => number.is_i64(),
        _ => false,
    }
}

/// The known members of form pairs; the first value of a key counts, and those of payloads count more. `None` when
/// something does not fit its type.
pub(super) fn typed_pairs(
    pairs: &[(String, String)],
    known: &[Member],
) -> Option<Map<String, Json>> {
    let mut typed = Map::new();
    for member in known {
        let Some((_, text)) = pairs.iter().find(|(key, _)| key == member.name) else {
            continue;
        };
        let value = match member.kind {
            Kind::Text => Json::String(text.clone()),
            Kind::Integer => Json::from(integer(text)?),
            Kind::Flag => Json::Bool(flag(text)?),
            // What is in lists of a fixed shape cannot be said in a text.
            Kind::List => return None,
            Kind::Object => json::parse_whole(text).ok().filter(Json::is_object)?,
        };
        typed.insert(member.name.to_owned(), value);
    }
    for mut payload in payloads(pairs)? {
        for member in known {
            match payload.remove(member.name) {
                None => {}
                Some(Json::Null) => drop(typed.remove(member.name)),
                Some(value) if fits(&value, member.kind) => {
                    typed.insert(member.name.to_owned(), value);
                }
                Some(_) => return None,
            }
        }
    }
    Some(typed)
}

/// A whole number as it may be written in a form; nothing is 0.
pub(super) fn integer(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = [("0x", 16), ("0b", 2), ("0o", 8), ("0", 8)]
        .into_iter()
        .find_map(|(prefix, radix)| Some((radix, lower.strip_prefix(prefix)?)))
        .filter(|_| lower != "0")
        .unwrap_or((10, lower.as_str()));
    if digits.starts_with(['-', '+']) {
        return None;
    }
    let value = i64::from_str_radix(digits, radix).ok()?;
    Some(if negative { -value } else { value })
}

/// A flag as it may be written in a form; nothing is false.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "" | "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, member, nest, query, strict, to_members, typed_members, typed_pairs};
    use serde_json::{Value as Json, json};

    #[track_caller]
    fn check(form: &str, expect: &str) {
        let shown = strict(form).and_then(to_members).map_or_else(
            || "error".to_owned(),
            |members| Json::Object(members).to_string(),
        );
        assert_eq!(shown, expect, "{form}");
    }

    #[test]
    fn texts_become_what_they_stand_for() {
        check(
            "a=true&b=false&c=TRUE",
            r#"{"a":true,"b":false,"c":"TRUE"}"#,
        );
        check("a=1&b=1.5&c=-5&d=0.1", r#"{"a":1,"b":1.5,"c":-5,"d":0.1}"#);
        check(
            "a=1.50&b=007&c=.5&d=1.&e=--5&f=-",
            r#"{"a":"1.50","b":"007","c":".5","d":"1.","e":"--5","f":"-"}"#,
        );
        check("a=1e5&b=+5&c=&d", r#"{"a":"1e5","b":" 5","c":"","d":""}"#);
        check("a=12345678901234567890", r#"{"a":"12345678901234567890"}"#);
        check("a=1&a=x&a=true", r#"{"a":[1,"x",true]}"#);
    }

    #[test]
    fn payloads_are_laid_over_the_rest() {
        check(
            r#"@jsonPayload={"a":"p","n":"5"}&a=q"#,
            r#"{"a":"p","n":"5"}"#,
        );
        check(
            r#"@jsonPayload={"j":{"a":1}}&@jsonPayload={"j":{"b":2}}"#,
            r#"{"j":{"a":1,"b":2}}"#,
        );
        check(r#"@jsonPayload={"j":[1]}&j=5&j=6"#, r#"{"j":[1]}"#);
        check(r#"@jsonPayload={"j":null}&j=5"#, r#"{"j":null}"#);
        check("@jsonPayload=null", "{}");
        check(r#"@jsonPayload={"n":"5"}&n=7"#, "error");
        check(r#"@jsonPayload={"n":9}&n=true"#, "error");
        check(r#"@jsonPayload={"j":[1]}&j=5"#, "error");
        check("@jsonPayload=[1]", "error");
        check("@jsonPayload={} x", "error");
        check("@jsonPayload=", "error");
    }

    #[test]
    fn malformed_pairs_are_dropped_from_queries_and_refused_in_bodies() {
        assert_eq!(
            query("a=1&b=%zz&c=%4&d=%41;x&e=%41+b"),
            [
                ("a".to_owned(), "1".to_owned()),
                ("e".to_owned(), "A b".to_owned())
            ]
        );
        check("a=%zz", "error");
        check("a=1;b=2", "error");
        check("a=%ff", "{\"a\":\"\u{fffd}\"}");
    }

    #[test]
    fn dotted_keys_nest() {
        let members = strict("meta.appName=x&meta.hideControls=true&smtp.port=1")
            .and_then(to_members)
            .unwrap();
        assert_eq!(
            Json::Object(nest(members).unwrap()),
            json!({"meta": {"appName": "x", "hideControls": true}, "smtp": {"port": 1}})
        );
        let members = strict("a=1&a.b=2").and_then(to_members).unwrap();
        assert_eq!(nest(members), None);
    }

    #[test]
    fn forms_of_a_fixed_shape_are_typed() {
        let known = [
            member("identity", Kind::Text),
            member("duration", Kind::Integer),
            member("deep", Kind::Flag),
        ];
        let typed = |value: Json| {
            let Json::Object(members) = value else {
                panic!("an object")
            };
            typed_members(&members, &known).map(Json::Object)
        };
        assert_eq!(
            typed(json!({"IDENTITY": "a", "other": {}, "duration": null})),
            Some(json!({"identity": "a"}))
        );
        assert_eq!(typed(json!({"identity": 5})), None);
        assert_eq!(typed(json!({"duration": "60"})), None);
        assert_eq!(typed(json!({"duration": 1.5})), None);
        assert_eq!(typed(json!({"identity": "a", "Identity": "b"})), None);
        let typed = |form: &str| typed_pairs(&strict(form).unwrap(), &known).map(Json::Object);
        assert_eq!(
            typed("identity=5&identity=6&duration=0x10&deep=t"),
            Some(json!({"identity": "5", "duration": 16, "deep": true}))
        );
        assert_eq!(
            typed("duration=&deep="),
            Some(json!({"duration": 0, "deep": false}))
        );
        assert_eq!(typed("duration=x"), None);
        assert_eq!(typed("duration=--5"), None);
    }

    #[test]
    fn payloads_go_before_the_values_of_a_form_of_a_fixed_shape() {
        let known = [
            member("identity", Kind::Text),
            member("duration", Kind::Integer),
            member("list", Kind::List),
        ];
        let typed = |form: &str| typed_pairs(&strict(form).unwrap(), &known).map(Json::Object);
        assert_eq!(
            typed(r#"@jsonPayload={"identity":"a","other":{}}&identity=b&duration=5"#),
            Some(json!({"identity": "a", "duration": 5}))
        );
        assert_eq!(
            typed(r#"@jsonPayload={"identity":"a"}&@jsonPayload={"list":[{}]}"#),
            Some(json!({"identity": "a", "list": [{}]}))
        );
        assert_eq!(
            typed(r#"identity=a&@jsonPayload={"identity":null,"IDENTITY":"b"}"#),
            Some(json!({}))
        );
        assert_eq!(typed("@jsonPayload=null"), Some(json!({})));
        for form in [
            r#"@jsonPayload={"identity":5}"#,
            r#"@jsonPayload={"duration":"5"}"#,
            "@jsonPayload={x",
            "@jsonPayload=",
            "@jsonPayload=[]",
            "list=[]",
        ] {
            assert_eq!(typed(form), None, "{form}");
        }
    }
}
