//! Forms that fill a document in: what a text stands for is known by the place it goes to. Pure.

use serde_json::{Map, Value as Json};

use crate::api::form::{self, JSON_PAYLOAD};

/// Fills in what a form says about a document that looks like `template`: `a.b` is the member `b` of `a`, names are
/// spelled exactly, others are left out. The first value of a key counts, of a list of texts all do, and payloads more
/// than either. `None` when a text does not fit, or is for a place that holds more than texts.
pub(super) fn fill(pairs: Vec<(String, String)>, template: &Json) -> Option<Map<String, Json>> {
    let payloads = form::payloads(&pairs)?;
    let mut filled = Map::new();
    for (key, text) in pairs {
        let names = || key.split('.');
        let place = names().try_fold(template, |place, name| place.get(name));
        let Some(place) = place.filter(|_| key != JSON_PAYLOAD) else {
            continue;
        };
        let (mut object, mut names) = (&mut filled, names().peekable());
        while let Some(name) = names.next() {
            let value = object.entry(name).or_insert(Json::Null);
            if names.peek().is_none() {
                put(value, text, place)?;
                break;
            }
            if value.is_null() {
                *value = Json::Object(Map::new());
            }
            object = value.as_object_mut()?;
        }
    }
    for payload in payloads {
        lay_over(&mut filled, payload);
    }
    Some(filled)
}

/// Puts what a text stands for in a place.
fn put(value: &mut Json, text: String, place: &Json) -> Option<()> {
    match (value, place) {
        (Json::Array(texts), Json::Array(_)) => texts.push(Json::String(text)),
        (value @ Json::Null, Json::Array(items)) => {
            items.iter().all(Json::is_string).then_some(())?;
            *value = Json::Array(vec![Json::String(text)]);
        }
        (_, Json::Object(_)) => return None,
        (value @ Json::Null, Json::Number(_)) => *value = Json::from(form::integer(&text)?),
        (value @ Json::Null, Json::Bool(_)) => *value = Json::Bool(form::flag(&text)?),
        (value @ Json::Null, Json::String(_) | Json::Null) => *value = Json::String(text),
        // Only the first one counts.
        _ => {}
    }
    Some(())
}

/// Lays members over others: objects are merged, all else is replaced.
fn lay_over(base: &mut Map<String, Json>, over: Map<String, Json>) {
    for (name, value) in over {
        match (base.get_mut(&name), value) {
            (Some(Json::Object(base)), Json::Object(over)) => lay_over(base, over),
            (_, value) => drop(base.insert(name, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::fill;
    use crate::api::form::strict;

    #[track_caller]
    fn check(form: &str, expect: Option<&Json>) {
        let template = json!({
            "name": "", "rule": null, "port": 0, "on": false, "list": ["a"], "none": [],
            "rows": [{"label": ""}], "inner": {"name": "", "deep": {"port": 0}},
        });
        let filled = fill(strict(form).unwrap(), &template).map(Json::Object);
        assert_eq!(filled.as_ref(), expect, "{form}");
    }

    #[test]
    fn texts_are_what_their_place_makes_of_them() {
        check("name=5", Some(&json!({"name": "5"})));
        check("name=true&name=b", Some(&json!({"name": "true"})));
        check("rule=1", Some(&json!({"rule": "1"})));
        check("port=0x19&on=1", Some(&json!({"port": 25, "on": true})));
        check("port=&on=", Some(&json!({"port": 0, "on": false})));
        check("port=017", Some(&json!({"port": 15})));
        check("list=5&none=", Some(&json!({"list": ["5"], "none": [""]})));
        check("list=a&list=b", Some(&json!({"list": ["a", "b"]})));
        check(
            "inner.name=1&inner.deep.port=2",
            Some(&json!({"inner": {"name": "1", "deep": {"port": 2}}})),
        );
        for form in [
            "port=x", "port=1.5", "on=yes", "rows=[]", "inner={}", "inner=",
        ] {
            check(form, None);
        }
    }

    #[test]
    fn what_has_no_place_is_left_out() {
        for form in [
            "other=1",
            "NAME=a",
            "name.x=1",
            "inner.other=1",
            "rows.0.label=a",
            "list[]=a",
            "=a",
            ".",
        ] {
            check(form, Some(&json!({})));
        }
    }

    #[test]
    fn payloads_are_laid_over() {
        check(
            r#"@jsonPayload={"inner":{"name":"p"},"rows":[{}]}&inner.name=f&inner.deep.port=1"#,
            Some(&json!({"inner": {"name": "p", "deep": {"port": 1}}, "rows": [{}]})),
        );
        check(
            r#"name=5&@jsonPayload={"name":null}"#,
            Some(&json!({"name": null})),
        );
        check("@jsonPayload={x", None);
        check("@jsonPayload=5", None);
    }
}
