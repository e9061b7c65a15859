//! What handlers change of events: mails, streams, tokens, sign-ups, downloads, answers.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::json;

use super::{open, with_scripts};
use crate::support::events::Stream;
use crate::support::provider::Provider;
use crate::support::smtp::Smtp;
use crate::support::wait::PATIENCE;
use crate::support::{Caller, accepted, json as body, outcome, record, records, text, until};

#[test]
fn mails_are_changed_kept_back_and_sent() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_mailer_record_verification_send("users", |e| {
            e.message.subject = `Hello ${e.record.name}`;
            e.message.headers = #{ "X-Campaign": "welcome" };
            e.message.html = `<p>[${e.meta.token.len() > 20}](http://x/_/#/auth/confirm-verification/${e.meta.token})</p>`;
        });
        on_mailer_record_password_reset_send(|e| { throw forbidden("No mail today."); });
        on_mailer_send(|e| { e.message.subject += "!"; });
        route("POST", "/api/app/mail", |e| {
            mail::send(#{
                to: ["ann@example.com", "bob@example.com"], reply_to: "desk@example.com", from: #{ name: "Desk", address: "sender@example.com" },
                subject: "Report", text: "plain", html: "<b>rich</b>", headers: #{ "X-Kind": "report" },
                attachments: [files::from_text("a.csv", "a,b"), files::from_blob("b.bin", blob(3, 7))],
            });
        });
        route("POST", "/api/app/bad", |e| mail::send(#{ to: "ann@example.com", subject: "x", text: "y", headers: #{ "Bcc": "eve@example.com" } }));
        "#,
    )]);
    let sink = Smtp::start();
    let root = server.superuser();
    sink.serves(&root, &json!({}));
    let ann = server.user("ann");
    let id = accepted(&ann.post("/api/collections/users/auth-refresh", &json!({})));
    let id = id["record"]["id"].as_str().unwrap().to_owned();
    accepted(&root.patch(&record("users", &id), &json!({"name": "Ann"})));
    let email = json!({"email": "ann@example.com"});
    let guest = server.guest();
    let asked = guest.post("/api/collections/users/request-verification", &email);
    assert_eq!(asked.status, 204);
    let mail = sink.nth("ann@example.com", 1);
    assert!(mail.head.contains("Subject: Hello Ann!"), "{}", mail.head);
    assert!(mail.head.contains("X-Campaign: welcome"), "{}", mail.head);
    let confirm = json!({"token": mail.token()});
    let confirmed = guest.post("/api/collections/users/confirm-verification", &confirm);
    assert_eq!(confirmed.status, 204, "{}", text(&confirmed));
    let asked = guest.post("/api/collections/users/request-password-reset", &email);
    assert_eq!(asked.status, 204);
    let sent = guest.post("/api/app/mail", &json!({}));
    assert_eq!(sent.status, 204, "{}", text(&sent));
    let report = sink.nth("bob@example.com", 1);
    for expect in [
        "From: Desk <sender@example.com>",
        "Reply-To: desk@example.com",
        "Subject: Report!",
        "X-Kind: report",
    ] {
        assert!(
            report.head.contains(expect),
            "{expect} is not in {}",
            report.head
        );
    }
    assert!(
        report.head.contains("To: ann@example.com, bob@example.com"),
        "{}",
        report.head
    );
    assert!(report.body.contains("a.csv"), "{}", report.body);
    // The script's own mistake: it is logged, and the client learns nothing of it.
    assert_eq!(guest.post("/api/app/bad", &json!({})).status, 500);
    assert_eq!(
        sink.count("ann@example.com"),
        1,
        "the password mail was kept back"
    );
}

#[test]
fn streams_are_watched() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_realtime_connect_request(|e| { if e.query("no") != "" { throw forbidden("No streams."); } });
        on_realtime_subscribe_request(|e| {
            e.subscriptions = e.subscriptions.filter(|name| name != "secret/*");
        });
        on_realtime_message_send(|e| {
            if e.message.name == "posts/*" {
                if e.message.data.record.title == "hidden" { throw forbidden("x"); }
                e.message.data.note = e.client.id.len();
            }
        });
        on_record_enrich("posts", |e| {
            e.record.who = if e.auth == () { "guest" } else { e.auth.email };
            e.record.with_custom_data(true);
            e.record.hide("secret");
        });
        route("POST", "/api/app/send", |e| #{
            all: app.send_message("news", #{ hello: "all" }),
            some: app.send_message("news", "users only", |client| client.auth != ()),
        });
        "#,
    )]);
    let root = server.superuser();
    open(&root, "posts", &["title", "secret"]);
    open(&root, "secret", &["title"]);
    let refused = server.guest().get("/api/realtime?no=1");
    assert_eq!(outcome(&refused), "403 No streams.");
    let ann = server.user("ann");
    let (mut one, mut two) = (
        Stream::open(server.address()),
        Stream::open(server.address()),
    );
    let topics = ["posts/*", "secret/*", "news"];
    assert_eq!(one.subscribe(&server.guest(), &topics).status, 204);
    assert_eq!(two.subscribe(&ann, &topics).status, 204);
    root.make("secret", &json!({"title": "x"}));
    root.make("posts", &json!({"title": "hidden"}));
    root.make("posts", &json!({"title": "shown", "secret": "s"}));
    for (stream, who) in [(&mut one, "guest"), (&mut two, "ann@example.com")] {
        let seen = stream.until(|event| event.name == "posts/*");
        assert!(
            seen.iter().all(|event| event.name != "secret/*"),
            "{seen:?}"
        );
        let event = seen.last().unwrap().json();
        assert_eq!(event["note"], 40);
        assert_eq!(event["record"]["title"], "shown");
        assert_eq!(event["record"]["who"], who);
        assert_eq!(event["record"].get("secret"), None);
    }
    let sent = accepted(&server.guest().post("/api/app/send", &json!({})));
    assert_eq!(sent, json!({"all": 2, "some": 1}));
    let first = one.until(|event| event.name == "news");
    assert_eq!(first.last().unwrap().json(), json!({"hello": "all"}));
    let news = two.until(|event| event.data.contains("users only"));
    assert_eq!(news.len(), 2, "{news:?}");
}

#[test]
fn requests_about_accounts_are_wrapped() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_auth_with_oauth2_request("users", |e| {
            if e.oauth2_user.email == "bad@example.com" { throw forbidden(`Not through ${e.provider_name}.`); }
            e.create_data.name = if e.is_new_record { "made by a handler" } else { "?" };
            e.next();
            app.store().set("signed in", app.first_record("users", "email = 'bob@example.com'").name);
        });
        on_record_create("users", |e| { e.record.name += "!"; });
        on_record_update("users", |e| { if e.record.changed("verified") { e.record.name = "verified"; } });
        on_record_request_password_reset_request(|e| { throw too_many_requests(`Not now, ${e.record.email}.`); });
        on_record_auth_with_password_request("users", |e| {
            e.next();
            app.store().set("after", "signed in");
        });
        on_file_token_request(|e| { e.token = "a token of a handler"; });
        on_record_auth_request("users", |e| { e.record.hide("created"); });
        on_record_enrich("users", |e| { e.record.extra = 1; e.record.with_custom_data(true); });
        on_settings_list_request(|e| { e.settings.meta.appName = "shown"; });
        on_collections_list_request(|e| { e.collections = e.collections.filter(|c| c.name == "users"); });
        on_collection_view_request("users", |e| { e.collection.note = "seen"; });
        on_backup_create(|e| { if e.name == "no.zip" { throw forbidden("No backup."); } e.exclude += "storage"; });
        route("GET", "/api/app/store", |e| #{ signed_in: app.store().get("signed in"), after: app.store().get("after") });
        "#,
    )]);
    let service = Provider::start();
    let root = server.superuser();
    let provider = json!({
        "name": "oidc", "clientId": "client", "clientSecret": "s3cret",
        "authURL": format!("{}/auth", service.url()), "tokenURL": format!("{}/token", service.url()),
        "userInfoURL": format!("{}/user", service.url()),
    });
    let options = json!({"oauth2": {"enabled": true, "providers": [provider]}});
    accepted(&root.patch("/api/collections/users", &options));
    let guest = server.guest();
    let come = |name: &str| {
        let user =
            json!({"sub": name, "email": format!("{name}@example.com"), "email_verified": true});
        let form = json!({
            "provider": "oidc", "code": json!({ "user": user }).to_string(), "codeVerifier": "v".repeat(43),
            "redirectURL": "http://localhost/cb",
        });
        guest.post("/api/collections/users/auth-with-oauth2", &form)
    };
    assert_eq!(outcome(&come("bad")), "403 Not through oidc.");
    let bob = accepted(&come("bob"));
    assert_eq!(bob["record"]["name"], "made by a handler!");
    assert_eq!(bob["record"]["extra"], 1, "{bob}");
    assert_eq!(bob["record"].get("created"), None);
    let ann = server.user("ann");
    let store = accepted(&guest.get("/api/app/store"));
    assert_eq!(
        store,
        json!({"signed_in": "made by a handler!", "after": "signed in"})
    );
    let email = json!({"email": "ann@example.com"});
    let reset = guest.post("/api/collections/users/request-password-reset", &email);
    assert_eq!(outcome(&reset), "429 Not now, ann@example.com.");
    let token = accepted(&ann.post("/api/files/token", &json!({})));
    assert_eq!(token["token"], "a token of a handler");
    assert_eq!(
        accepted(&root.get("/api/settings"))["meta"]["appName"],
        "shown"
    );
    let page = accepted(&root.get("/api/collections?perPage=500"));
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        accepted(&root.get("/api/collections/users"))["note"],
        "seen"
    );
    let refused = root.post("/api/backups", &json!({"name": "no.zip"}));
    assert_eq!(outcome(&refused), "403 No backup.");
    assert_eq!(
        root.post("/api/backups", &json!({"name": "yes.zip"}))
            .status,
        204
    );
}

#[test]
fn files_go_into_records_answers_and_out_again() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_create("docs", |e| {
            if e.record.main == "" { e.record.main = files::from_text("made.txt", `for ${e.record.title}`); }
            if e.record.title == "fails" { e.next(); throw forbidden("No."); }
        });
        on_file_download_request("docs", |e| { e.served_name = `${e.file_field}.txt`; });
        route("POST", "/api/app/upload", |e| {
            let files = e.files("doc");
            let doc = app.new_record("docs", #{ title: e.body().title });
            doc.main = files[0];
            doc.more = files;
            let doc = app.save(doc);
            doc.set("more+", files::from_text("third.txt", "3"));
            let doc = app.save(doc);
            #{ id: doc.id, names: files.map(|f| f.name), sizes: files.map(|f| f.size), more: doc.more.len(),
               main: files::read(doc, "main").as_string(), url: files::url(doc, doc.main), text: files[1].text() }
        });
        route("POST", "/api/app/undone", |e| app.transaction(|tx| {
            tx.save(tx.new_record("docs", #{ title: "undone" }));
            throw forbidden("Undone.");
        }));
        route("GET", "/api/app/file/{id}", |e| { let d = app.find_record("docs", e.path("id")); e.file(200, `storage/docs/${d.id}/${d.main}`) });
        route("GET", "/api/app/public", |e| e.file(200, "public/hello.txt"));
        route("GET", "/api/app/outside", |e| e.file(200, "../data/data.db"));
        route("GET", "/api/app/stream", |e| e.stream(200, "text/event-stream", |out| {
            for i in 0..3 { out.write("data: " + i + "\n\n"); sleep(5); }
        }));
        route("GET", "/api/app/endless", |e| e.stream(200, "text/plain", |out| {
            let piece = "x";
            piece.pad(60000, 'x');
            try { loop { out.write(piece); } } catch (error) { app.store().set("ended", error.message); throw error; }
        }));
        route("GET", "/api/app/ended", |e| #{ ended: app.store().get("ended") });
        route("GET", "/api/app/busy", |e| {
            app.store().set("begun", true);
            try { loop { sleep(10); } } catch { app.store().set("cancelled", true); }
        });
        route("GET", "/api/app/busyness", |e| #{ begun: app.store().get("begun"), cancelled: app.store().get("cancelled") });
        route("GET", "/api/app/tokens", |e| {
            let ann = app.auth_by_email("users", "ann@example.com");
            let kinds = [app.auth_token(ann), app.auth_token(ann, 60), app.file_token(ann), app.verification_token(ann),
                app.password_reset_token(ann), app.email_change_token(ann, "new@example.com")];
            #{ types: kinds.map(|t| security::jwt_unverified(t).type), owner: app.auth_by_token(kinds[0]).id == ann.id,
               any: app.auth_by_token(kinds[2], "").id == ann.id, dev: app.is_dev(),
               wrong: try_it(|| app.auth_by_token(kinds[2])), token: kinds[1] }
        });
        fn try_it(work) { try { work.call(); return "accepted"; } catch (error) { return error.message; } }
        "#,
    )]);
    let root = server.superuser();
    let rules = json!({
        "name": "docs", "type": "base", "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
        "fields": [{"name": "title", "type": "text"}, {"name": "main", "type": "file", "maxSelect": 1}, {"name": "more", "type": "file", "maxSelect": 9}],
    });
    root.make_collection(&rules);
    let home = server.home();
    std::fs::create_dir_all(home.path().join("public")).unwrap();
    std::fs::write(home.path().join("public/hello.txt"), "hello").unwrap();
    let guest = server.guest();
    let doc = guest.make("docs", &json!({"title": "a"}));
    let (id, name) = (doc["id"].as_str().unwrap(), doc["main"].as_str().unwrap());
    assert!(name.starts_with("made_"), "{name}");
    let file = guest.get(&format!("/api/files/docs/{id}/{name}"));
    assert_eq!(text(&file), "for a");
    let shown = file.header("content-disposition").unwrap_or_default();
    assert!(shown.contains("main.txt"), "{shown}");
    assert_eq!(text(&guest.get(&format!("/api/app/file/{id}"))), "for a");
    assert_eq!(text(&guest.get("/api/app/public")), "hello");
    assert_eq!(guest.get("/api/app/outside").status, 404);

    let files: [(&str, &str, &[u8]); 2] =
        [("doc", "one.txt", b"first"), ("doc", "two.txt", b"second!")];
    let made = accepted(&guest.form("POST", "/api/app/upload", &[("title", "up")], &files));
    assert_eq!(made["names"], json!(["one.txt", "two.txt"]));
    assert_eq!(made["sizes"], json!([5, 7]));
    assert_eq!(
        (&made["more"], &made["main"], &made["text"]),
        (&json!(3), &json!("first"), &json!("second!"))
    );
    assert_eq!(text(&guest.get(made["url"].as_str().unwrap())), "first");

    let stored = || crate::support::files_in(&home.path().join("data/storage")).len();
    let before = stored();
    assert_eq!(
        outcome(&guest.post(&records("docs"), &json!({"title": "fails"}))),
        "403 No."
    );
    assert_eq!(
        outcome(&guest.post("/api/app/undone", &json!({}))),
        "403 Undone."
    );
    assert_eq!(guest.items("docs", "filter=(title='undone')").len(), 0);
    let after_veto = guest.items("docs", "filter=(title='fails')").len();
    assert!(stored() <= before + 2 * after_veto, "no file stays behind");

    let streamed = guest.get("/api/app/stream");
    assert_eq!(text(&streamed), "data: 0\n\ndata: 1\n\ndata: 2\n\n");
    drop(begin_stream(server.address()));
    until("the stream has ended", || {
        body(&guest.get("/api/app/ended"))["ended"] == "The client has left."
    });
    let waiting = ask(server.address(), "/api/app/busy");
    let is_busy = |what: &str| body(&guest.get("/api/app/busyness"))[what] == true;
    until("the loop has begun", || is_busy("begun"));
    assert!(!is_busy("cancelled"));
    drop(waiting);
    // A loop that sleeps notices that nobody waits.
    until("the loop has ended", || is_busy("cancelled"));

    server.user("ann");
    let tokens = accepted(&guest.get("/api/app/tokens"));
    assert_eq!(
        tokens["types"],
        json!([
            "auth",
            "auth",
            "file",
            "verification",
            "passwordReset",
            "emailChange"
        ])
    );
    assert_eq!(
        (&tokens["owner"], &tokens["any"], &tokens["dev"]),
        (&json!(true), &json!(true), &json!(false))
    );
    assert_eq!(tokens["wrong"], "The token is invalid or expired.");
    let signed = Caller::at(
        server.address(),
        tokens["token"].as_str().map(str::to_owned),
    );
    assert_eq!(signed.items("users", "").len(), 1);
    // A stream that never ends does not keep the server from stopping.
    let _stuck = begin_stream(server.address());
    server.signal("TERM");
    assert!(server.wait().success());
}

/// Sends a request and reads nothing of its answer.
fn ask(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    stream
}

/// The stream without an end, once there is something of it; nobody reads the rest.
fn begin_stream(address: SocketAddr) -> TcpStream {
    let mut stream = ask(address, "/api/app/endless");
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(stream.read(&mut [0; 64]).unwrap() > 0);
    stream
}
