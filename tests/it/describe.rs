//! The collections described for other programs.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};
use stead::api::routes;

use crate::support::{Caller, Server, accepted, run_in};

/// Collections with every type of field, and names that are words of some language.
fn prepare(root: &Caller<'_>) {
    let posts = root.make_collection(&json!({
        "name": "blog_posts", "type": "base", "listRule": "", "createRule": "@request.auth.id != ''",
        "fields": [
            {"name": "title", "type": "text", "required": true, "help": "What it is called."},
            {"name": "type", "type": "select", "values": ["a \"b\"", "c"], "maxSelect": 1},
            {"name": "tags", "type": "select", "values": ["x", "y"], "maxSelect": 2},
            {"name": "class", "type": "number"},
            {"name": "in", "type": "bool"},
            {"name": "more", "type": "json"},
            {"name": "place", "type": "geoPoint"},
            {"name": "when", "type": "date"},
            {"name": "link", "type": "url"},
            {"name": "body", "type": "editor"},
            {"name": "secret", "type": "text", "hidden": true},
            {"name": "pictures", "type": "file", "maxSelect": 3},
            {"name": "created", "type": "autodate", "onCreate": true},
        ],
    }));
    let users = accepted(&root.get("/api/collections/users"));
    root.make_collection(&json!({
        "name": "comments", "type": "base",
        "fields": [
            {"name": "post", "type": "relation", "collectionId": posts["id"], "required": true, "maxSelect": 1},
            {"name": "likes", "type": "relation", "collectionId": users["id"], "maxSelect": 9},
        ],
    }));
    // Names that are none elsewhere, and some that become the same one there.
    root.make_collection(&json!({
        "name": "1st", "type": "base",
        "fields": [
            {"name": "1e5", "type": "number", "help": "One\r\ntwo\rthree\u{2028}four."},
            {"name": "2nd", "type": "relation", "collectionId": users["id"], "maxSelect": 1},
            {"name": "_", "type": "text"},
            {"name": "b", "type": "text"},
            {"name": "_b", "type": "text"},
            {"name": "num", "type": "number"},
        ],
    }));
    // Their types would be called as something is that the languages or the programs have.
    for name in [
        "option",
        "string",
        "list",
        "none",
        "json",
        "collections",
        "geo_point",
        "self",
        "blog_posts_create",
        "blog_posts_data",
    ] {
        let fields =
            json!([{"name": "tags", "type": "select", "values": ["x", "y"], "maxSelect": 2}]);
        root.make_collection(&json!({"name": name, "type": "base", "fields": fields}));
    }
    root.make_collection(&json!({
        "name": "titles", "type": "view", "viewQuery": "SELECT id, title FROM blog_posts",
    }));
}

fn types(home: &Path, language: &str) -> String {
    let output = run_in(home, &["types", language, "--dir", "data"]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_document_has_every_route_and_collection() {
    let stead = Server::start();
    let root = stead.superuser();
    prepare(&root);
    assert_eq!(stead.guest().get("/api/stead/openapi.json").status, 401);
    let document = accepted(&root.get("/api/stead/openapi.json"));
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    for route in routes::ROUTES {
        let method = route.method.as_str().to_lowercase();
        let of_records = ["records", "auth", "request-", "confirm-", "impersonate"]
            .iter()
            .any(|part| route.path.contains(&format!("/{{collection}}/{part}")));
        let path = if of_records {
            route.path.replace("{collection}", "users")
        } else {
            route.path.to_owned()
        };
        let operation = paths.get(&path).and_then(|path| path.get(&method));
        assert!(operation.is_some(), "{method} {path} is not described");
    }
    let schemas = &document["components"]["schemas"];
    let record = &schemas["BlogPostsRecord"];
    let required = record["required"].to_string();
    assert!(
        required.contains("title") && !required.contains("secret"),
        "{required}"
    );
    assert_eq!(
        record["properties"]["title"]["description"],
        "What it is called."
    );
    assert_eq!(schemas["BlogPostsCreate"]["required"], json!(["title"]));
    assert_eq!(
        schemas["BlogPostsCreate"]["properties"]["tags"]["items"]["enum"],
        json!(["x", "y"])
    );
    assert_eq!(schemas["TitlesCreate"], Json::Null);
    let changed = &schemas["BlogPostsUpdate"]["properties"];
    assert_eq!(changed["class+"]["type"], "number");
    assert_eq!(changed["+tags"]["anyOf"][0]["enum"], json!(["x", "y"]));
    assert_eq!(changed["title+"], Json::Null);
    assert_eq!(
        schemas["BlogPostsCreate"]["properties"]["class+"],
        Json::Null
    );
    let users = &schemas["UsersRecord"]["properties"];
    assert_eq!(
        (&users["password"], &users["tokenKey"]),
        (&Json::Null, &Json::Null)
    );
    let list = &document["paths"]["/api/collections/blog_posts/records"]["post"];
    assert_eq!(list["description"], "Allowed: if `@request.auth.id != ''`.");
    let file = &paths["/api/files/{collection}/{record}/{filename}"]["get"]["parameters"];
    for name in ["thumb", "format", "download", "token"] {
        let queries = file.as_array().unwrap().iter();
        assert!(
            queries.into_iter().any(|query| query["name"] == name),
            "{file}"
        );
    }
    let upload = &paths["/api/backups/upload"]["post"]["requestBody"]["content"];
    let form = &upload["multipart/form-data"]["schema"]["properties"];
    assert_eq!(form["file"]["type"], "string", "{upload}");
    let sign_in = &paths["/api/collections/users/auth-with-password"]["post"];
    let form = &sign_in["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(form["required"], json!(["identity", "password"]));
    assert_eq!(
        sign_in["responses"]["401"]["$ref"],
        "#/components/responses/SecondFactor"
    );
    assert!(every_reference_leads_somewhere(&document, &document));
    let mut seen: Vec<&str> = paths
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), all, "ids of operations are there twice");
}

#[test]
fn the_settings_say_who_sees_the_document() {
    let stead = Server::start();
    let root = stead.superuser();
    prepare(&root);
    let (guest, ann) = (stead.guest(), stead.user("ann"));
    let path = "/api/stead/openapi.json";
    let show_to = |whom: &str| {
        let answer = root.patch("/api/settings", &json!({"openapi": {"visibleTo": whom}}));
        answer.status
    };
    assert_eq!((guest.get(path).status, ann.get(path).status), (401, 403));
    assert_eq!(show_to("nobody"), 400);
    assert_eq!(show_to("users"), 200);
    assert_eq!((guest.get(path).status, ann.get(path).status), (401, 200));
    assert_eq!(show_to("everyone"), 200);
    let document = accepted(&guest.get(path));
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.contains_key("/api/collections/blog_posts/records"));
    for secret in [
        "/api/settings",
        "/api/sql",
        "/api/collections/comments/records",
    ] {
        assert!(!paths.contains_key(secret), "{secret}");
    }
    let shown = document.to_string();
    assert!(
        !shown.contains("secret") && !shown.contains("@request"),
        "{shown}"
    );
    assert!(every_reference_leads_somewhere(&document, &document));
    let whole = accepted(&root.get(path)).to_string();
    assert!(whole.contains("@request.auth.id") && whole.contains("/api/sql"));
    assert_eq!(show_to("superusers"), 200);
    assert_eq!(guest.get(path).status, 401);
}

fn every_reference_leads_somewhere(document: &Json, part: &Json) -> bool {
    match part {
        Json::Object(members) => members.iter().all(|(name, value)| match value {
            Json::String(target) if name == "$ref" => {
                document.pointer(target.trim_start_matches('#')).is_some()
            }
            value => every_reference_leads_somewhere(document, value),
        }),
        Json::Array(items) => items
            .iter()
            .all(|item| every_reference_leads_somewhere(document, item)),
        _ => true,
    }
}

#[test]
fn types_name_every_member() {
    let stead = Server::start();
    prepare(&stead.superuser());
    let home = stead.home();
    let home = home.path();
    for (language, expected) in [
        ("ts", "    type: \"a \\\"b\\\"\" | \"c\" | \"\";\n"),
        (
            "ts",
            "    expand?: { post?: BlogPosts; likes?: Users[] };\n",
        ),
        (
            "ts",
            "    /** One two three four. */\n    \"1e5\": number;\n",
        ),
        ("ts", "    \"1e5\"?: number;\n"),
        ("ts", "    expand?: { \"2nd\"?: Users };\n"),
        ("ts", "    \"1st\": C1st;\n"),
        ("dart", "  /// One two three four.\n  final num n1e5_;\n"),
        (
            "dart",
            "  final String b;\n  final String b_;\n  final num nnum_;\n",
        ),
        (
            "dart",
            "        b: json['b'] as String,\n        b_: json['_b'] as String,\n",
        ),
        ("ts", "    secret?: string;\n"),
        ("ts", "    \"class+\"?: number"),
        ("ts", "    blog_posts: BlogPosts;\n"),
        (
            "rust",
            "    #[serde(rename = \"type\")]\n    pub r#type: String,\n",
        ),
        ("rust", "pub place: GeoPoint,\n"),
        ("dart", "  final num nclass_;\n"),
        (
            "dart",
            "pictures: (json['pictures'] as List<dynamic>).cast<String>(),\n",
        ),
        (
            "python",
            "\"type\": Literal[\"a \\\"b\\\"\", \"c\", \"\"],\n",
        ),
    ] {
        let text = types(home, language);
        assert!(text.contains(expected), "{expected} in {text}");
        assert!(!text.contains("tokenKey"), "{text}");
    }
    let output = run_in(home, &["types", "cobol", "--dir", "data"]);
    assert!(!output.status.success());
}

#[test]
fn types_have_names_of_their_own() {
    let stead = Server::start();
    prepare(&stead.superuser());
    let home = stead.home();
    for (language, start, more) in [
        (
            "ts",
            ["export interface ", "export type "],
            &["Date", "Partial", "Blob"][..],
        ),
        (
            "rust",
            ["pub struct ", "use "],
            &["Option", "String", "Vec", "Self"],
        ),
        ("dart", ["class ", "class "], &["List", "Map", "String"]),
        ("python", ["", ""], &["None", "Any", "Literal"]),
    ] {
        let text = types(home.path(), language);
        let mut names: Vec<&str> = text
            .lines()
            .filter(|line| language != "python" || line.contains(" = TypedDict("))
            .filter_map(|line| start.iter().find_map(|start| line.strip_prefix(start)))
            .filter_map(|line| line.split([' ', ';']).next())
            .collect();
        names.extend(more);
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{language}: {text}");
        assert!(text.contains("BlogPosts"), "{text}");
    }
    let text = types(home.path(), "ts");
    for expected in [
        "export interface JsonRecord {",
        "    geo_point: GeoPointRecord;\n",
        "export interface BlogPostsCreateRecord {",
        "export type BlogPostsCreateRecordUpdate",
        "export interface Option {",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}

/// The types for Rust are Rust that a compiler takes, as far as one can tell without `serde`.
#[test]
fn types_for_rust_compile() {
    let stead = Server::start();
    prepare(&stead.superuser());
    let home = stead.home();
    let source: Vec<String> = types(home.path(), "rust")
        .lines()
        .filter(|line| !line.contains("serde("))
        .map(|line| {
            line.replace(", Serialize, Deserialize", "")
                .replace("serde_json::Value", "()")
        })
        .filter(|line| !line.starts_with("use serde"))
        .collect();
    let file = home.path().join("types.rs");
    fs::write(&file, source.join("\n")).unwrap();
    let output = Command::new("rustc")
        .args([
            "--edition",
            "2024",
            "--crate-type",
            "lib",
            "--emit",
            "metadata",
            "-o",
        ])
        .arg(home.path().join("types.rmeta"))
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}
