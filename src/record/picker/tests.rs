//! What is kept, what is refused, and how excerpts read.

use serde_json::{Value, json};

use super::Fields;

fn record() -> Value {
    json!({
        "t": "hello world",
        "l": ["abcdef", "b"],
        "html": "<p>Hello <b>bold</b></p><p>next</p>",
        "j": {"a": {"b": 1, "c": "long", "d": [{"x": 1, "y": "yy"}, {"x": 2}, 3]}, "a.b": "dotted", "s": "text"},
    })
}

/// The same with a member that is too deep for a tree.
fn deep_record() -> String {
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let record = record().to_string();
    format!(r#"{{"deep":{deep},{}"#, record.trim_start_matches('{'))
}

#[track_caller]
fn check(fields: &str, expect: &Value) {
    let picked = match Fields::parse(fields) {
        Ok(Some(fields)) => fields.pick(record()),
        Ok(None) => record(),
        Err(error) => json!(error.to_string()),
    };
    assert_eq!(&picked, expect, "{fields}");
    if let Ok(Some(wanted)) = Fields::parse(fields)
        && !fields.contains('*')
    {
        let picked = wanted.pick_text(deep_record().as_bytes()).unwrap();
        let picked: Value = serde_json::from_slice(&picked).unwrap();
        assert_eq!(&picked, expect, "{fields}, deep");
    }
}

#[test]
fn what_is_nested_deeply_is_kept_as_it_is() {
    let record = deep_record();
    let page =
        format!(r#"{{"items":[{record}],"page":1,"perPage":30,"totalItems":1,"totalPages":1}}"#);
    let picked = |fields: &str, text: &str| {
        let fields = Fields::parse(fields).unwrap().unwrap();
        String::from_utf8(fields.pick_text(text.as_bytes()).unwrap()).unwrap()
    };
    assert_eq!(
        picked("t", &page),
        r#"{"items":[{"t":"hello world"}],"page":1,"perPage":30,"totalItems":1,"totalPages":1}"#
    );
    let deep = picked("deep", &record);
    assert!(deep.len() > 10_000 && record.contains(&deep[1..deep.len() - 1]));
    assert_eq!(picked("deep.x", &record), deep);
    for odd in [
        r#"{"j":1e400,"t":"hello"}"#,
        r#"{"j":"\ud800","t":"hello"}"#,
    ] {
        let j = odd.strip_suffix(r#","t":"hello"}"#).unwrap();
        assert_eq!(picked("*:excerpt(2)", odd), format!(r#"{j},"t":"he"}}"#));
        assert_eq!(picked("j", odd), format!("{j}}}"));
    }
    let all = picked("*:excerpt(3)", &record);
    assert!(
        all.contains(r#""t":"hel""#) && all.contains(&deep[1..deep.len() - 1]),
        "{all}"
    );
}

#[test]
fn members_are_kept_by_name_and_path() {
    check("", &record());
    check(" , ", &record());
    check("t, l", &json!({"t": "hello world", "l": ["abcdef", "b"]}));
    check("nope", &json!({}));
    check("T", &json!({}));
    check("'t'", &json!({}));
    check("t.x", &json!({"t": "hello world"}));
    check("t.", &json!({"t": "hello world"}));
    check("l.x", &json!({"l": ["abcdef", "b"]}));
    check("j.nope", &json!({"j": {}}));
    check(
        "j.a.c,j.s",
        &json!({"j": {"a": {"c": "long"}, "s": "text"}}),
    );
    check("j.a.b", &json!({"j": {"a": {"b": 1}, "a.b": "dotted"}}));
    check(
        "j.a.d.x",
        &json!({"j": {"a": {"d": [{"x": 1}, {"x": 2}, 3]}}}),
    );
}

#[test]
fn what_would_make_a_large_tree_is_kept_as_it_is() {
    let list = format!("[{}0]", r#"{"b":0,"a":0},"#.repeat(1 << 18));
    let record = format!(r#"{{"j":{list},"t":"hello"}}"#);
    let picked = |fields: &str| {
        let fields = Fields::parse(fields).unwrap().unwrap();
        String::from_utf8(fields.pick_text(record.as_bytes()).unwrap()).unwrap()
    };
    assert_eq!(picked("t:excerpt(2)"), r#"{"t":"he"}"#);
    assert_eq!(picked("j"), format!(r#"{{"j":{list}}}"#));
}

#[test]
fn members_are_found_among_many_paths() {
    let others = (0..1000).map(|n| format!("j{n},j.a{n},j.{n}.a.c,t.{n},{n},"));
    let others: String = others.collect();
    let wanted = json!({"j": {"a": {"c": "long"}}, "t": "hel", "l": ["abcdef", "b"]});
    check(&format!("l.x,{others}j.a.c,t:excerpt(3)"), &wanted);
    check(&format!("j.a.c,t:excerpt(3),l.x,{others}"), &wanted);
    let mut rest = record();
    rest["t"] = json!("hel");
    rest["j"] = json!({"s": "text"});
    check(&format!("*,{others}j.s,t,t:excerpt(3)"), &rest);
}

#[test]
fn the_wider_request_wins() {
    let j = record()["j"].clone();
    check("j.s,j", &json!({ "j": j }));
    check("j,j.s", &json!({ "j": j }));
    check("j.*", &json!({ "j": j }));
    check("j.*.b", &json!({ "j": {} }));
    check("*", &record());
    let mut narrowed = record();
    narrowed["j"] = json!({"s": "text"});
    check("*,j.s", &narrowed);
}

#[test]
fn excerpts_apply_to_texts_only() {
    check("t:excerpt(3)", &json!({"t": "hel"}));
    check("html:excerpt(7)", &json!({"html": "Hello b"}));
    check("html:excerpt(7,true)", &json!({"html": "Hello b..."}));
    check("t:excerpt( 3 , 1)", &json!({"t": "hel..."}));
    check("t:excerpt (3)x", &json!({"t": "hel"}));
    check("t:excerpt(3,nope)", &json!({"t": "hel"}));
    check("t:excerpt(3).", &json!({"t": "hel"}));
    check("t:excerpt(3,true) ", &json!({"t": "hel..."}));
    check("l:excerpt(2)", &json!({"l": ["abcdef", "b"]}));
    check("t,t:excerpt(3)", &json!({"t": "hel"}));
    check("t:excerpt(3),t", &json!({"t": "hello world"}));
    check(
        "j.s:excerpt(2),j.a.c",
        &json!({"j": {"s": "te", "a": {"c": "long"}}}),
    );
    let mut shortened = record();
    shortened["t"] = json!("hello world");
    shortened["html"] = json!("He");
    check("*:excerpt(2),t", &shortened);
}

#[test]
fn unknown_modifiers_and_open_quotes_are_refused() {
    for fields in [
        "t:",
        "t:excerpt",
        "t:excerpt()",
        "t:excerpt(0)",
        "t:excerpt(-1)",
        "t:excerpt(\"5\")",
        "t:excerpt(1,2,3)",
        "t:excerpt(3,true).",
        "t:excerpt(3,nope)x",
        "t:nope(1)",
        "nope:nope(1)",
        "t:excerpt(3):excerpt(1)",
        "t:excerpt(",
        "t'",
        "(t",
        "t:excerpt(99999999999999999999)",
    ] {
        assert!(Fields::parse(fields).is_err(), "{fields}");
    }
}

#[test]
fn list_envelopes_stay_whole() {
    let list =
        json!({"items": [record()], "page": 1, "perPage": 30, "totalItems": 1, "totalPages": 1});
    let fields = Fields::parse("t").unwrap().unwrap();
    assert_eq!(
        fields.pick(list),
        json!({"items": [{"t": "hello world"}], "page": 1, "perPage": 30, "totalItems": 1, "totalPages": 1})
    );
}

#[test]
fn html_becomes_plain_text() {
    for (html, expect) in [
        ("a<br>b", "ab"),
        ("a<p>b</p>c", "a b c"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        (
            "a &amp; b &lt;x&gt; &copy &unknown;",
            "a & b <x> © &unknown;",
        ),
        ("a<script>if (a < b) {}</script>b", "ab"),
        (
            "<html><head><meta x><title>t</title><style>s</style></head><body>b",
            "b",
        ),
        ("<head>b", "b"),
        ("<noscript>a</noscript>b", "b"),
        ("<style>s</style><title>a</title>b", "b"),
        ("<form>a</form><noscript>b</noscript>c", "b c"),
        ("a<title><b>x</b></title>b", "a <b>x</b> b"),
        ("a <b> b </b> \u{c}c", "a b c"),
        ("a<!-- c --><?php x ?>b", "ab"),
        ("<unknown>x</unknown>y", "x y"),
        ("a<wbr>b</wbr>c<strike>d</strike><kbd>e</kbd>", "a bcd e"),
        ("<form>x<p>y</p></form>z", "z"),
        ("a<object><object>x</object>y</object>b", "ab"),
        ("a<svg/>b<svg>x", "ab"),
        ("<img src=x>z</button>y", "zy"),
        ("1 < 2 && 3", "1 < 2 && 3"),
        ("a<b", "a"),
        ("a\u{a0}b", "a\u{a0}b"),
    ] {
        let fields = Fields::parse("h:excerpt(100)").unwrap().unwrap();
        assert_eq!(
            fields.pick(json!({ "h": html })),
            json!({ "h": expect }),
            "{html}"
        );
    }
}

#[test]
fn cutting_counts_characters_and_drops_trailing_space() {
    for (html, fields, expect) in [
        ("hello world", "h:excerpt(6,true)", "hello..."),
        ("hello world", "h:excerpt(11,true)", "hello world"),
        ("hello world", "h:excerpt(10,true)", "hello worl..."),
        ("héllo wörld", "h:excerpt(7,true)", "héllo w..."),
        ("<p>a</p> <p>b</p>", "h:excerpt(1,true)", "a..."),
        ("a ", "h:excerpt(1,true)", "a"),
        ("a<script>x</script>", "h:excerpt(1,true)", "a"),
    ] {
        let fields = Fields::parse(fields).unwrap().unwrap();
        assert_eq!(
            fields.pick(json!({ "h": html })),
            json!({ "h": expect }),
            "{html}"
        );
    }
}

#[test]
fn a_path_with_a_dot_at_its_end_leads_to_all_of_it() {
    let whole = record()["j"].clone();
    check("j.", &json!({"j": whole}));
    check("j.s,j.", &json!({"j": whole}));
    check(
        "j.a.d.,j.s",
        &json!({"j": {"a": {"d": whole["a"]["d"]}, "s": "text"}}),
    );
    check("t.:excerpt(3)", &json!({"t": "hel"}));
    check("j..s", &json!({"j": {}}));
}
