//! Writes JSON for people: values that fit stay on one line, larger ones are broken up.

use serde_json::Value;

const WIDTH: usize = 118;

/// Formats a document. Object members are written in the order of `members`, then alphabetically.
pub(super) fn pretty(value: &Value, members: &[&str]) -> String {
    let mut out = String::new();
    write(&mut out, value, members, 0, 0);
    out.push('\n');
    out
}

fn write(out: &mut String, value: &Value, members: &[&str], indent: usize, used: usize) {
    let line = one_line(value, members);
    if indent + used + width(&line) <= WIDTH {
        out.push_str(&line);
        return;
    }
    let inner = indent + 1;
    match value {
        Value::Array(items) => {
            out.push('[');
            let items = items.iter().map(|item| (String::new(), item));
            write_items(out, items, members, inner);
            start_line(out, indent);
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            let items = ordered(map, members).into_iter();
            let items = items.map(|key| (format!("{}: ", Value::from(key)), &map[key]));
            write_items(out, items, members, inner);
            start_line(out, indent);
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => out.push_str(&line),
    }
}

/// Writes labelled items, several per line where they fit.
fn write_items<'a>(
    out: &mut String,
    items: impl Iterator<Item = (String, &'a Value)>,
    members: &[&str],
    indent: usize,
) {
    let mut column = WIDTH;
    for (index, (label, value)) in items.enumerate() {
        let needed = width(&label) + width(&one_line(value, members));
        if index > 0 {
            out.push(',');
        }
        if column + 2 + needed <= WIDTH {
            out.push(' ');
            column += 2 + needed;
        } else {
            start_line(out, indent);
            column = indent + needed;
        }
        out.push_str(&label);
        write(out, value, members, indent, width(&label) + 1);
    }
}

fn start_line(out: &mut String, indent: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn one_line(value: &Value, members: &[&str]) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| one_line(item, members)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let items: Vec<String> = ordered(map, members)
                .into_iter()
                .map(|key| format!("{}: {}", Value::from(key), one_line(&map[key], members)))
                .collect();
            format!("{{{}}}", items.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

fn ordered<'a>(map: &'a serde_json::Map<String, Value>, members: &[&str]) -> Vec<&'a str> {
    let mut keys: Vec<&str> = map.keys().map(String::as_str).collect();
    let rank = |key: &str| {
        members
            .iter()
            .position(|member| *member == key)
            .unwrap_or(usize::MAX)
    };
    keys.sort_by_key(|key| (rank(key), (*key).to_owned()));
    keys
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::pretty;

    #[test]
    fn long_values_are_broken_and_members_ordered() {
        assert_eq!(
            pretty(&json!({"b": 1, "a": [1, 2]}), &["b"]),
            "{\"b\": 1, \"a\": [1, 2]}\n"
        );
        let long = "x".repeat(100);
        let broken = format!("{{\n \"name\": \"n\",\n \"text\": \"{long}\"\n}}\n");
        assert_eq!(
            pretty(&json!({"text": long, "name": "n"}), &["name"]),
            broken
        );
    }
}
