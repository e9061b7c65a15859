//! What a caller may not see cannot be found out in any other way either.
//!
//! The main test does not look for leaks it knows: it changes only what is hidden from a caller, and expects that no
//! answer to that caller changes.

use serde_json::{Value as Json, json};

use crate::support::{Caller, Response, Server, accepted, json, outcome, record, records, text};

const PASSWORD: &str = "1234567890";

/// Everything secret in these tests contains this.
const MARK: &str = "leak";

/// Hidden fields, private addresses, a collection nobody may list and one whose records belong to somebody.
struct World {
    users: Vec<String>,
    secret_notes: Vec<String>,
    owned_notes: Vec<String>,
}

impl World {
    /// Three users and what refers to them. `caller` owns nothing.
    fn make(superuser: &Caller<'_>) -> Self {
        let users = accepted(&superuser.get("/api/collections/users"));
        let id = users["id"].clone();
        let mut fields = users["fields"].as_array().unwrap().clone();
        fields.push(json!({"name": "nick", "type": "text"}));
        fields.push(json!({"name": "secret", "type": "text", "hidden": true}));
        fields.push(json!({"name": "score", "type": "number", "hidden": true}));
        let open = json!({"fields": fields, "listRule": "", "viewRule": "", "updateRule": "", "createRule": ""});
        accepted(&superuser.patch("/api/collections/users", &open));
        let to_user =
            json!({"name": "user", "type": "relation", "collectionId": id, "maxSelect": 1});
        let to_users =
            json!({"name": "users", "type": "relation", "collectionId": id, "maxSelect": 9});
        let t = json!({"name": "t", "type": "text"});
        let mut notes_id = Json::Null;
        for (name, rule) in [
            ("secret_notes", Json::Null),
            ("owned_notes", json!("user = @request.auth.id")),
        ] {
            let made = superuser.make_collection(&json!({
                "name": name, "type": "base", "fields": [t, to_user], "listRule": rule, "viewRule": rule,
            }));
            if notes_id.is_null() {
                notes_id = made["id"].clone();
            }
        }
        let hidden_user =
            json!({"name": "hidden_user", "type": "relation", "collectionId": id, "hidden": true});
        let note =
            json!({"name": "note", "type": "relation", "collectionId": notes_id, "maxSelect": 1});
        superuser.make_collection(&json!({
            "name": "posts", "type": "base", "listRule": "", "viewRule": "",
            "fields": [t, to_user, to_users, hidden_user, note],
        }));
        superuser.make_collection(&json!({
            "name": "people", "type": "view", "listRule": "", "viewRule": "",
            "viewQuery": "SELECT id, nick, secret, score, password, tokenKey FROM users",
        }));
        let mut world = Self {
            users: Vec::new(),
            secret_notes: Vec::new(),
            owned_notes: Vec::new(),
        };
        for (nick, is_shown) in [("b", false), ("c", true), ("a", false)] {
            let user = id_of(&superuser.make("users", &json!({
                "nick": nick, "emailVisibility": is_shown, "email": format!("{nick}@example.com"),
                "password": PASSWORD, "passwordConfirm": PASSWORD, "secret": nick, "score": nick.len(),
            })));
            let note = id_of(&superuser.make("secret_notes", &json!({"t": nick, "user": user})));
            let owned = id_of(&superuser.make("owned_notes", &json!({"t": nick, "user": user})));
            superuser.make(
                "posts",
                &json!({
                    "t": nick, "user": user, "users": [user], "hidden_user": user, "note": note,
                }),
            );
            world.users.push(user);
            world.secret_notes.push(note);
            world.owned_notes.push(owned);
        }
        world
    }

    /// Gives everything hidden another value, such that its order is another one as well.
    fn change_hidden(&self, superuser: &Caller<'_>, texts: [&str; 3]) {
        for (i, value) in texts.into_iter().enumerate() {
            let mut user = json!({"secret": value, "score": value.len() + 7 * i});
            if i != 1 {
                user["email"] = json!(format!("{value}@example.com"));
            }
            accepted(&superuser.patch(&record("users", &self.users[i]), &user));
            let note = json!({"t": value});
            accepted(&superuser.patch(&record("secret_notes", &self.secret_notes[i]), &note));
            accepted(&superuser.patch(&record("owned_notes", &self.owned_notes[i]), &note));
        }
        for (i, post) in superuser.items("posts", "").iter().enumerate() {
            let other = &self.users[(i + texts[0].len()) % 3];
            let path = record("posts", post["id"].as_str().unwrap());
            accepted(&superuser.patch(&path, &json!({"hidden_user": other})));
        }
    }
}

fn id_of(record: &Json) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// Names whose values are hidden from clients, as seen from each collection.
const HIDDEN_NAMES: [(&str, &[&str]); 3] = [
    (
        "users",
        &[
            "email",
            "email:lower",
            "email:length",
            "secret",
            "secret:lower",
            "score",
            "password",
            "tokenKey",
            "posts_via_user.user.email",
            "posts_via_users.users.email",
            "posts_via_user.user.secret",
            "posts_via_user.hidden_user.nick",
            "posts_via_hidden_user.t",
            "posts_via_user.note.t",
            "secret_notes_via_user.t",
            "secret_notes_via_user.id",
            "owned_notes_via_user.t",
        ],
    ),
    (
        "posts",
        &[
            "user.email",
            "users.email",
            "users.email:lower",
            "user.secret",
            "user.score",
            "user.tokenKey",
            "user.password",
            "users.secret",
            "hidden_user",
            "hidden_user.nick",
            "hidden_user.id",
            "note.t",
            "note.user.nick",
            "user.secret_notes_via_user.t",
            "user.owned_notes_via_user.t",
            "users.owned_notes_via_user.t",
            "user.posts_via_user.user.email",
        ],
    ),
    ("people", &["secret", "score", "password", "tokenKey"]),
];

fn queries(names: &[&str]) -> Vec<String> {
    let mut queries = vec![
        "expand=user,users,hidden_user,note,secret_notes_via_user,owned_notes_via_user,posts_via_user.user".to_owned(),
        "fields=*,expand.*,secret,email,tokenKey,password&expand=user,note".to_owned(),
        "fields=secret,email,password,tokenKey,expand.user.email,expand.user.secret&expand=user".to_owned(),
    ];
    for name in names {
        for sort in [name.to_string(), format!("-{name}"), format!("-{name},id")] {
            queries.push(format!("sort={sort}"));
        }
        for test in [
            "> 'm'", "< 'm'", "~ 'b'", "!~ 'b'", "?> 'm'", "?~ 'a@'", "= ''", "> 5",
        ] {
            queries.push(format!("filter={}", encoded(&format!("{name} {test}"))));
        }
        queries.push(format!(
            "filter={}",
            encoded(&format!("'m' < {name} || t = 'b' || nick = 'b'"))
        ));
        queries.push(format!(
            "filter={}",
            encoded(&format!("strftime('%Y', {name}) != '1'"))
        ));
        queries.push(format!(
            "filter={}",
            encoded(&format!("geoDistance({name}, 1, 1, 1) > 10"))
        ));
    }
    queries
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Status and records of an answer, without the moments of changes.
fn comparable(response: &Response) -> String {
    let mut body = json(response);
    forget_updated(&mut body);
    format!("{} {body}", response.status)
}

fn forget_updated(value: &mut Json) {
    match value {
        Json::Object(members) => {
            members.remove("updated");
            members.values_mut().for_each(forget_updated);
        }
        Json::Array(items) => items.iter_mut().for_each(forget_updated),
        _ => {}
    }
}

#[test]
fn no_answer_depends_on_what_is_hidden() {
    let server = Server::start();
    let superuser = server.superuser();
    let (guest, user) = (server.guest(), server.user("zoe"));
    let world = World::make(&superuser);
    let answers = |caller: &Caller<'_>| -> Vec<(String, String)> {
        let mut answers = Vec::new();
        for (collection, names) in HIDDEN_NAMES {
            for query in queries(names) {
                let path = format!("{}?{query}", records(collection));
                answers.push((path.clone(), comparable(&caller.get(&path))));
            }
        }
        for id in &world.users {
            let path = format!(
                "{}?expand=posts_via_user.note,secret_notes_via_user",
                record("users", id)
            );
            answers.push((path.clone(), comparable(&caller.get(&path))));
        }
        answers
    };
    let callers = [&guest, &user];
    let states = [["b", "x", "nn"], ["zz", "a", "d"]].map(|texts| {
        world.change_hidden(&superuser, texts);
        callers.map(answers)
    });
    let [before, after] = states;
    for (before, after) in before
        .into_iter()
        .flatten()
        .zip(after.into_iter().flatten())
    {
        assert_eq!(before, after);
    }
}

#[test]
fn hidden_members_are_refused_or_left_out() {
    let server = Server::start();
    let superuser = server.superuser();
    let (guest, user) = (server.guest(), server.user("zoe"));
    World::make(&superuser);
    for caller in [&guest, &user] {
        for name in [
            "secret",
            "password",
            "tokenKey",
            "secret_notes_via_user.t",
            "posts_via_hidden_user.t",
        ] {
            for query in [format!("sort={name}"), format!("filter={name}!=''")] {
                let answer = caller.get(&format!("{}?{query}", records("users")));
                assert_eq!(answer.status, 400, "{query}: {}", text(&answer));
            }
        }
        for query in [
            "filter=@request.auth.id=''",
            "sort=@collection.secret_notes.t",
        ] {
            assert_eq!(
                caller.get(&format!("{}?{query}", records("users"))).status,
                403,
                "{query}"
            );
        }
        let [users, people, posts] = [
            ("users", ""),
            ("people", ""),
            ("posts", "expand=note,hidden_user,user"),
        ]
        .map(|(collection, query)| caller.items(collection, query));
        assert_eq!([users.len(), people.len(), posts.len()], [4, 4, 3]);
        for item in users {
            for name in ["secret", "score", "password", "tokenKey"] {
                assert!(item.get(name).is_none(), "{item}");
            }
            let own = item["emailVisibility"] == true || json!(caller.token()).is_null();
            let is_zoe = item["nick"] == "";
            assert_eq!(
                item.get("email").is_some(),
                own || (is_zoe && !caller.token().is_empty()),
                "{item}"
            );
        }
        for item in people {
            assert_eq!(item.as_object().unwrap().len(), 4, "{item}");
        }
        for item in posts {
            assert!(item["expand"].get("note").is_none(), "{item}");
            assert!(item["expand"].get("hidden_user").is_none(), "{item}");
            assert!(item["expand"]["user"].get("secret").is_none(), "{item}");
        }
        let refused = caller.get(&records("secret_notes"));
        assert_eq!(
            outcome(&refused),
            "403 Only superusers can perform this action."
        );
    }
}

#[test]
fn hidden_fields_are_not_set_by_clients() {
    let server = Server::start();
    let superuser = server.superuser();
    let user = server.user("zoe");
    World::make(&superuser);
    accepted(&superuser.patch("/api/settings", &json!({"batch": {"enabled": true}})));
    let zoe = superuser.items("users", "filter=nick=''").remove(0);
    let path = record("users", zoe["id"].as_str().unwrap());
    let data = json!({
        "nick": "changed", "secret": "mine", "secret+": "x", "secret:autogenerate": "mine", "score": 9, "score+": 5,
        "tokenKey": "k".repeat(40),
    });
    for caller in [&server.guest(), &user] {
        accepted(&caller.patch(&path, &data));
        accepted(&caller.form("PATCH", &path, &[("secret", "mine"), ("score+", "4")], &[]));
        let json_payload = [("@jsonPayload", "{\"secret\":\"mine\",\"score\":4}")];
        accepted(&caller.form("PATCH", &path, &json_payload, &[]));
        let batch = json!({"requests": [{"method": "PATCH", "url": path, "body": data}]});
        accepted(&caller.post("/api/batch", &batch));
        let mut new = data.clone();
        new["password"] = json!(PASSWORD);
        new["passwordConfirm"] = json!(PASSWORD);
        new["email"] = json!(format!("n{}@example.com", caller.token().len()));
        new["nick"] = json!("new");
        accepted(&caller.post(&records("users"), &new));
        let upsert = json!({"requests": [{"method": "PUT", "url": records("users"), "body": {
            "id": zoe["id"], "secret": "mine", "score": 3,
        }}]});
        accepted(&caller.post("/api/batch", &upsert));
    }
    let after = superuser.items("users", "filter=nick='changed'||nick='new'");
    assert_eq!(after.len(), 3);
    for item in after {
        assert_eq!(
            (&item["secret"], &item["score"]),
            (&json!(""), &json!(0)),
            "{item}"
        );
    }
    // A replaced token key would have ended the session.
    assert_eq!(
        user.post("/api/collections/users/auth-refresh", &json!({}))
            .status,
        200
    );
}

#[test]
fn passwords_and_token_keys_are_in_no_answer() {
    let server = Server::start();
    let superuser = server.superuser();
    let world = World::make(&superuser);
    accepted(&superuser.patch("/api/settings", &json!({"batch": {"enabled": true}})));
    let key = format!("{MARK}{}", "k".repeat(40));
    let password = format!("{MARK}-password");
    let data = json!({"password": password, "passwordConfirm": password, "tokenKey": key, "email": "b@example.com"});
    let path = record("users", &world.users[0]);
    let mut answers = vec![superuser.patch(&path, &data)];
    let identity = json!({"identity": "b@example.com", "password": password});
    let auth = "/api/collections/users/auth-with-password?expand=posts_via_user.user";
    let signed_in = server.guest().post(auth, &identity);
    assert_eq!(signed_in.status, 200, "{}", text(&signed_in));
    answers.push(signed_in);
    for caller in [&server.guest(), &server.user("zoe"), &superuser] {
        let other = format!("{key}x");
        for response in [
            caller.get(&format!("{}?fields=*,password,tokenKey", records("users"))),
            caller.get(&format!("{path}?fields=password,tokenKey")),
            caller.get(&format!("{}?expand=user,users", records("posts"))),
            caller.get(&records("_superusers")),
            caller.patch(&path, &json!({"nick": "n", "oldPassword": password})),
            caller.patch(&path, &json!({"password": password, "passwordConfirm": other})),
            // A key that exists, and one that is too long.
            caller.post(&records("users"), &with(&data, "email", "one@example.com")),
            caller.post(&records("users"), &with(&data, "tokenKey", &other.repeat(3))),
            caller.post(&records("users"), &with(&data, "password", &password.repeat(9))),
            caller.post("/api/batch", &json!({"requests": [
                {"method": "POST", "url": records("users"), "body": with(&data, "email", "two@example.com")},
            ]})),
            caller.post(auth, &json!({"identity": "b@example.com", "password": other})),
            caller.post("/api/collections/users/auth-refresh", &json!({})),
        ] {
            answers.push(response);
        }
    }
    for answer in answers {
        let body = text(&answer);
        assert!(
            !body.contains(MARK) && !body.contains("$2a$") && !body.contains("$2b$"),
            "{body}"
        );
        if !body.contains("\"fields\"") {
            assert!(
                !body.contains("\"password\":\"") && !body.contains("\"tokenKey\":\""),
                "{body}"
            );
        }
    }
}

fn with(data: &Json, name: &str, value: &str) -> Json {
    let mut data = data.clone();
    data[name] = json!(value);
    data
}

#[test]
fn secrets_of_collections_and_settings_are_in_no_answer() {
    let server = Server::start();
    let superuser = server.superuser();
    let secret = format!("{MARK}{}", "s".repeat(40));
    let token = json!({"secret": secret, "duration": 1000});
    let change = json!({
        "authToken": token, "passwordResetToken": token, "emailChangeToken": token, "verificationToken": token,
        "fileToken": token,
        "oauth2": {"enabled": true, "providers": [
            {"name": "github", "clientId": "id", "clientSecret": secret, "authURL": "https://a.b/", "tokenURL": "https://a.b/"},
        ]},
    });
    let s3 = json!({"enabled": false, "bucket": "b", "region": "r", "endpoint": "https://s3.b", "accessKey": "k", "secret": secret});
    let settings = json!({
        "smtp": {"host": "mail.example.com", "port": 25, "username": "u", "password": secret},
        "s3": s3, "backups": {"s3": s3},
    });
    let mut wrong = change.clone();
    wrong["name"] = json!("not a name");
    let mut wrong_settings = settings.clone();
    wrong_settings["smtp"]["port"] = json!(-1);
    wrong_settings["smtp"]["enabled"] = json!(true);
    let mut made = change.clone();
    made["name"] = json!("members");
    made["type"] = json!("auth");
    let imported =
        json!({"collections": [made.clone(), {"name": "bad name", "type": "base", "fields": []}]});
    for (response, status) in [
        (superuser.patch("/api/collections/users", &change), 200),
        (superuser.patch("/api/collections/users", &wrong), 400),
        (superuser.post("/api/collections", &made), 200),
        (superuser.post("/api/collections", &made), 400),
        (
            superuser.send(
                "PUT",
                "/api/collections/import",
                &[("Content-Type", "application/json")],
                Some(imported.to_string().into_bytes()),
            ),
            400,
        ),
        (superuser.get("/api/collections?perPage=100"), 200),
        (
            superuser.get(
                "/api/collections/users?fields=*,authToken.secret,oauth2.providers.clientSecret",
            ),
            200,
        ),
        (
            superuser.get("/api/collections?filter=authToken.secret~%27leak%27"),
            400,
        ),
        (superuser.get("/api/collections/meta/scaffolds"), 200),
        (superuser.get("/api/collections/users/auth-methods"), 200),
        (superuser.patch("/api/settings", &settings), 200),
        (superuser.patch("/api/settings", &wrong_settings), 400),
        (
            superuser.get("/api/settings?fields=*,smtp.password,s3.secret,backups.s3.secret"),
            200,
        ),
    ] {
        let body = text(&response);
        assert_eq!(response.status, status, "{body}");
        let echoed = body.contains("validation_invalid_filter");
        assert!(echoed || !body.contains(&secret), "{body}");
        for name in ["\"secret\":", "\"clientSecret\":"] {
            assert!(!body.contains(name), "{body}");
        }
    }
    // They were stored, though: the old tokens' secret no longer counts.
    let found = accepted(&superuser.get("/api/collections/users"));
    assert_eq!(found["authToken"], json!({"duration": 1000}));
    assert_eq!(found["oauth2"]["providers"][0]["clientId"], "id");
}
