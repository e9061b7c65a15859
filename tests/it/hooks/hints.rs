//! What is said about mistakes of those who are used to JavaScript or to PocketBase's scripts: what to write instead.

use serde_json::json;

use super::with_scripts;
use crate::support::accepted;

/// Texts that do not load, and how what is said about them ends.
const UNLOADED: &[(&str, &str)] = &[
    ("let opts = { a: 1 };", "a map begins with #{"),
    (
        "route(\"GET\", \"/x\", |e| { e.json(200, { a: 1 }) });",
        "a map begins with #{",
    ),
    (
        "route(\"GET\", \"/x\", |e| {\n    e.json(200, {\n        hello: \"x\",\n    })\n});",
        "a map begins with #{",
    ),
    (
        "let a = #{}; if !a.b { print(1); }",
        "a condition is true or false: compare, such as `x != ()`",
    ),
    (
        "on_record_create(\"posts\", (e) => {\n  e.next();\n});",
        "write closures as `|x| …` or `|x| { … }`",
    ),
    ("let m = #{ \"a\" => 1 };", "write `key: value`"),
    (
        "on_record_create(\"posts\", function(e) { e.next(); });",
        "write `fn name(a) { … }`, or `|a| { … }` as a value",
    ),
    (
        "function double(a) { return a * 2; }",
        "write `fn name(a) { … }`, or `|a| { … }` as a value",
    ),
    (
        "on_record_create(\"posts\", |e| {\n    if true {\n        e.next();\n});",
        "the { of line 1 is still open here",
    ),
    (
        "on_record_create(\"posts\", |e| {\n    e.next();\n};",
        "the ( of line 1 is still open here",
    ),
    (
        "let a = 1;\non_record_create(\"posts\", |e| {\n    e.next();\n",
        "the { of line 2 is still open here",
    ),
    ("let a = 1\n\nlet b = 2;", "probably at the end of line 1"),
    ("let a = null;", "nothing is ()"),
    ("let a = undefined;", "nothing is ()"),
    ("let a = 'hello';", "texts stand in \"…\" or in backticks"),
    ("let a = “hello”;", "texts stand in straight quotes: \"…\""),
    (
        "let a = \"two\nlines\";",
        "a text of several lines stands in backticks",
    ),
    (
        "let a = await http::get(\"http://x\");",
        "leave it out: calls wait by themselves",
    ),
    (
        "let r = new Record(\"posts\");",
        "write `app.new_record(\"collection\", #{ … })`",
    ),
    (
        "throw new ForbiddenError(\"No.\");",
        "write `throw bad_request(\"…\")` and the like",
    ),
    ("var a = 1;", "write `let`"),
    ("let a = 1, b = 2;", "write a `let` for each variable"),
    (
        "let a: string = \"x\";",
        "variables do not say their type: leave it out",
    ),
    (
        "fn f(a: int) { a }",
        "parameters do not say their type: leave it out",
    ),
    (
        "fn f(a) -> int { a }",
        "functions do not say what they return: leave it out",
    ),
    (
        "let a = true ? 1 : 2;",
        "write `if a { b } else { c }`, which has a value",
    ),
    ("let i = 0; i++;", "write `+= 1`"),
    (
        "let b = [...[1], 3];",
        "write `a + b` for lists, and for maps too",
    ),
    (
        "let {a, b} = #{a: 1, b: 2};",
        "write `let a = map.a;` for each, or `let a = list[0];`",
    ),
    ("for x of [1] { }", "write `for x in list`"),
    (
        "for (let i = 0; i < 3; i++) { }",
        "write `for x in list { … }`, or `for i in 0..n { … }`",
    ),
    ("let a = 1; let m = #{ a };", "write `name: name`"),
    ("let t = typeof 1;", "write `type_of(x)`"),
    ("let m = #{}; delete m.a;", "write `map.remove(\"key\")`"),
    (
        "let i = 0; if i == 0 { } elif i == 1 { }",
        "write `else if`",
    ),
    (
        "try { } catch (e) { } finally { }",
        "there is no finally: what is behind the try runs in any case",
    ),
    ("try { } catch e { }", "write `catch (error) { … }`"),
    (
        "if (1 == 1) print(\"x\");",
        "the block stands in braces: { … }",
    ),
    (
        "switch 1 { case 1: 2; }",
        "write `switch x { 1 => …, _ => … }`",
    ),
    (
        "let r = /a/;",
        "regular expressions are texts, such as `text::regex_match(text, \"^a\")`",
    ),
    ("# a comment", "a comment begins with //, a map with #{"),
    (
        "let m = #{ default: 1 };",
        "variables need another name, keys of maps quotes (\"default\": …), fields brackets (record[\"default\"])",
    ),
    ("let r = $app.settings();", "write `app`"),
    ("$http.send();", "write `http::send(#{ url: … })`"),
    (
        "let s = \"\" || \"x\";",
        "otherwise compare, such as `a != \"\"`",
    ),
    // What goes wrong when the top level runs.
    ("print([1].includes(2));", "write `contains(…)`"),
    ("print([1].indexOf(2));", "did you mean index_of?"),
    ("print(\"x\".toUpperCase());", "write `to_upper()`"),
    ("print([1].length);", "write `len()`"),
    ("print(parseInt(\"1\"));", "write `parse_int(text)`"),
    ("console.log(1);", "write `print(…)` or `log::info(…)`"),
    (
        "let u = require(\"x\");",
        "write `import \"lib/name\" as name;` at the top of the file",
    ),
    ("http.get(\"x\");", "its functions are called http::…"),
    ("http::post(\"x\");", "there is http::get, http::send"),
    ("htpp::get(\"x\");", "did you mean http?"),
    (
        "onRecordCreate(|e| e.next());",
        "did you mean on_record_create?",
    ),
    (
        "on_record_create(|e| e.next(), \"posts\");",
        "there is on_record_create(collection: string, handler: Fn), on_record_create(collections: array, handler: Fn), on_record_create(handler: Fn)",
    ),
    (
        "route(\"GET\", \"/x\", |e| 1, require_auth());",
        "(string, string, Fn, Middleware); there is route(method: string, path: string, handler: Fn), route(method: string, path: string, handler: Fn, middleware: array)",
    ),
    (
        "app.findRecordById(\"posts\", \"x\");",
        "write `app.find_record(collection, id)`",
    ),
    (
        "let s = \"x\"; if s { print(s); }",
        "a condition is true or false: compare, such as `x != \"\"`",
    ),
    (
        "let s = []; if !s { print(s); }",
        "a condition is true or false: compare, such as `!x.is_empty()`",
    ),
    ("print(\"5\" - 1);", "make numbers of texts"),
    (
        "print(#{}.a + 1);",
        "nothing; `x ?? 0` takes another value then",
    ),
    (
        "print(#{}.a.b);",
        "what stands before it is (), nothing; `?.b` gives () then",
    ),
    (
        "const LIMIT = 5; fn f() { LIMIT } f();",
        "functions see a constant of the file as global::LIMIT",
    ),
    (
        "let limit = 5; fn f() { limit } f();",
        "only closures do: hand it over as an argument",
    ),
    (
        "let twice = |x| x * 2; let f = |x| twice(x); f.call(2);",
        "closures in variables are called twice.call(…)",
    ),
    ("print(\"a\", 1);", "there is print(value) -> string"),
    (
        "throw \"no\";",
        "what a client shall read is thrown as an error, such as `throw bad_request(\"…\")`",
    ),
    (
        "on_record_create(|| print(1));",
        "the function gets one value here: write |e| { … }",
    ),
    (
        "let n = 1; route(\"GET\", \"/x\", |e, next| n);",
        "the function gets one value here: write |e| { … }",
    ),
    (
        "cron::cron_add(\"a\", \"* * * * *\", |e| 1);",
        "the function gets nothing here: write || { … }",
    ),
    (
        "[1].map(|a, b, c| a);",
        "the closure does not take as many values as it is called with",
    ),
    (
        "route(\"GET\", \"/posts/:id\", |e| 1);",
        "\":id\" in the path of a route stands for itself; a placeholder is {id}.",
    ),
    (
        "route(\"GET\", \"/app/*\", |e| 1);",
        "\"*\" in the path of a route stands for itself; a placeholder is {rest...}.",
    ),
];

#[test]
fn a_script_that_does_not_load_says_what_to_write_instead() {
    let server = with_scripts(&[]);
    let root = server.superuser();
    for (text, expect) in UNLOADED {
        let data = json!({"path": "a.rhai", "text": text});
        let checked = accepted(&root.post("/api/stead/hooks/check", &data));
        let problem = &checked["problems"][0];
        let message = problem["message"].as_str().unwrap_or_default();
        assert!(message.ends_with(expect), "{text}\n{message}\n{expect}");
        assert!(problem["line"].as_u64() > Some(0), "{text}\n{problem}");
    }
}

const GUIDE: &str = include_str!("../../../docs/hooks/README.md");

/// The Rhai of the table that compares it with JavaScript.
fn rhai_of_the_guide() -> Vec<String> {
    let (_, table) = GUIDE.split_once("| JavaScript | Rhai |").unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| {
        let row = row.replace("\\|", "\u{1}");
        let cell = row.split(" | ").nth(1).unwrap_or_default();
        // A code with backticks in it.
        cell.replace("`` `", "`\u{2}").replace("` ``", "\u{2}`")
    });
    let codes = cells.flat_map(|cell| {
        let codes = cell.split('`').skip(1).step_by(2);
        let codes = codes.map(|code| code.replace('\u{1}', "|").replace('\u{2}', "`"));
        codes.collect::<Vec<_>>()
    });
    codes.collect()
}

#[test]
fn what_the_guide_compares_with_javascript_is_rhai() {
    let server = with_scripts(&[("lib/name.rhai", "")]);
    let root = server.superuser();
    let codes = rhai_of_the_guide();
    assert!(codes.len() > 40, "{}", codes.len());
    for code in codes {
        let is_word = matches!(code.as_str(), "const" | "let" | "fn");
        let is_module = code.starts_with("fn ") || code.starts_with("export ");
        let text = if is_word {
            String::new()
        } else if is_module {
            code.clone()
        } else {
            // Compiled, and not run: nothing it names is there.
            format!("fn a() {{}} fn b() {{}} fn add() {{}} fn checked() {{ {code}; }}")
        };
        let data = json!({"path": "a.rhai", "text": text});
        let checked = accepted(&root.post("/api/stead/hooks/check", &data));
        assert_eq!(checked, json!({"problems": [], "warnings": []}), "{code}");
    }
}

#[test]
fn calls_of_functions_that_others_have_are_found_without_running() {
    let server = with_scripts(&[]);
    let root = server.superuser();
    for (text, expect) in [
        (
            "on_record_create(|e| e.record.tags.forEach(|tag| print(tag)));",
            "there is no function forEach; write `for x in list { … }`",
        ),
        (
            "on_record_create(|e| e.record.original().isNew());",
            "there is no function isNew; did you mean is_new?",
        ),
        // Nothing that is like it: no guess.
        (
            "on_record_create(|e| flarp());",
            "there is no function flarp",
        ),
    ] {
        let data = json!({"path": "a.rhai", "text": text});
        let checked = accepted(&root.post("/api/stead/hooks/check", &data));
        assert_eq!(checked["warnings"][0]["message"], json!(expect), "{text}");
    }
}

#[test]
fn modules_get_the_same_hints() {
    let server = with_scripts(&[("lib/other.rhai", "fn f(x) {\n    return null;\n}")]);
    let root = server.superuser();
    let data = json!({"path": "a.rhai", "text": "import \"lib/other\" as other;"});
    let checked = accepted(&root.post("/api/stead/hooks/check", &data));
    let expect = json!({
        "file": "lib/other.rhai", "line": 2, "column": 12,
        "message": "'null' is a reserved keyword; nothing is ()",
    });
    assert_eq!(checked["problems"][0], expect);
}
