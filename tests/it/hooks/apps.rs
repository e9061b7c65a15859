//! The applications under `examples/`: their migrations make the collections, their scripts do the rest.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value as Json, json};
use sha2::Sha256;

use crate::support::events::Stream;
use crate::support::smtp::Smtp;
use crate::support::{
    Caller, Response, Server, accepted, files_in, json as body, outcome, record, records, text,
    together, until, until_some,
};

/// Starts a server with an application.
fn start(name: &str, change: impl Fn(String) -> String) -> Server {
    Server::start_with(&[], |home| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples")
            .join(name);
        for file in files_in(&source) {
            let target = home.join(&file);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            let text = fs::read_to_string(source.join(&file)).unwrap();
            fs::write(target, change(text)).unwrap();
        }
    })
}

fn id(value: &Json) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

fn me(caller: &Caller<'_>) -> String {
    let answer = accepted(&caller.post("/api/collections/users/auth-refresh", &json!({})));
    id(&answer["record"])
}

#[test]
fn monitoring() {
    let (server, sink) = (start("monitoring", |text| text), Smtp::start());
    let root = server.superuser();
    sink.serves(&root, &json!({}));
    let (ann, bob, guest) = (server.user("ann"), server.user("bob"), server.guest());
    let system = id(&ann.make("systems", &json!({"name": "web", "token": "chosen"})));
    assert_eq!(ann.look("systems", &system)["status"], "pending");
    assert_eq!(bob.get(&record("systems", &system)).status, 404);
    let path = format!("/api/app/systems/{system}/token");
    assert_eq!(bob.get(&path).status, 404);
    let token = accepted(&ann.get(&path))["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(token.len(), 32);
    for (name, limit) in [("cpu", 80), ("status", 0)] {
        let alert = json!({"user": me(&ann), "system": system, "name": name, "limit": limit});
        ann.make("alerts", &alert);
    }
    let report = |token: &str, cpu: i64| {
        let headers = [("Content-Type", "application/json"), ("X-Token", token)];
        let data = json!({"cpu": cpu, "memory": 10}).to_string().into_bytes();
        guest.send("POST", "/api/app/report", &headers, Some(data))
    };
    assert_eq!(
        outcome(&report("x", 1)),
        "401 There is no system with this token."
    );
    for cpu in [10, 90, 95, 20] {
        assert_eq!(report(&token, cpu).status, 204);
    }
    assert_eq!(ann.look("systems", &system)["status"], "up");
    assert_eq!(ann.items("stats", "").len(), 4);
    let began = sink.nth("ann@example.com", 1);
    assert!(began.head.contains("web: cpu is at 90"), "{}", began.head);
    let ended = sink.nth("ann@example.com", 2);
    assert!(ended.head.contains("web is fine again"), "{}", ended.head);
    let long_ago = json!({"seen": "2020-01-01 00:00:00.000Z"});
    accepted(&root.patch(&record("systems", &system), &long_ago));
    assert_eq!(
        root.post("/api/crons/silent-systems", &json!({})).status,
        204
    );
    let silent = sink.nth("ann@example.com", 3);
    assert!(silent.head.contains("web: it is silent"), "{}", silent.head);
    accepted(&ann.patch(&record("systems", &system), &json!({"status": "paused"})));
    assert!(ann.items("alerts", "filter=(triggered=true)").is_empty());
    let sql = json!({"query": "UPDATE stats SET created = '2020-01-01 00:00:00.000Z'"});
    accepted(&root.post("/api/sql", &sql));
    assert_eq!(root.post("/api/crons/thin-out", &json!({})).status, 204);
    let stats = until_some("there is one statistic", || {
        let stats = ann.items("stats", "");
        (stats.len() == 1).then_some(stats)
    });
    assert_eq!(
        (&stats[0]["kind"], &stats[0]["cpu"]),
        (&json!("10m"), &json!(53.75))
    );
}

#[test]
fn trails() {
    let server = start("trails", |text| text);
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let (ann_id, bob_id) = (me(&ann), me(&bob));
    bob.make("follows", &json!({"follower": bob_id, "followee": ann_id}));
    assert_eq!(ann.look("users", &ann_id)["followers"], 1);
    let own = bob.post(
        &records("follows"),
        &json!({"follower": bob_id, "followee": bob_id}),
    );
    assert_eq!(outcome(&own), "400 Nobody follows themselves.");
    let mut stream = Stream::open(server.address());
    assert_eq!(stream.subscribe(&bob, &["notifications"]).status, 204);
    let points = json!([[47.0, 11.0], [47.01, 11.0], [47.01, 11.02]]);
    let trail = json!({"name": "High & Low", "author": ann_id, "public": true, "points": points});
    let made = ann.make("trails", &trail);
    assert_eq!(made["slug"], "high-low");
    let metres = made["distance"].as_f64().unwrap();
    assert!((2600.0..2660.0).contains(&metres), "{metres}");
    let gpx = format!(
        "/api/files/trails/{}/{}",
        id(&made),
        made["gpx"].as_str().unwrap()
    );
    let gpx = text(&server.guest().get(&gpx));
    assert!(
        gpx.contains("High &amp; Low") && gpx.contains("lat=\"47.01\""),
        "{gpx}"
    );
    let second = ann.make("trails", &json!({"name": "High, low", "author": ann_id}));
    assert_eq!(second["slug"], "high-low-2");
    let bad = json!({"name": "x", "author": ann_id, "points": [[1]]});
    let refused = ann.post(&records("trails"), &bad);
    assert_eq!(
        body(&refused)["data"]["points"]["code"],
        "validation_invalid_track"
    );
    // The name is a collection's as well, so the new record arrives on it, too.
    let note =
        stream.until(|event| event.name == "notifications" && event.json().get("kind").is_some());
    assert_eq!(note.last().unwrap().json()["kind"], "new_trail");

    let like = json!({"user": bob_id, "trail": id(&made)});
    let liked = bob.make("likes", &like);
    assert_eq!(bob.post(&records("likes"), &like).status, 400);
    let seen = bob.look("trails", &id(&made));
    assert_eq!((&seen["likes"], &seen["liked"]), (&json!(1), &json!(true)));
    assert_eq!(ann.look("trails", &id(&made))["liked"], false);
    assert_eq!(bob.delete(&record("likes", &id(&liked))).status, 204);
    assert_eq!(bob.look("trails", &id(&made))["likes"], 0);
    bob.make(
        "comments",
        &json!({"author": bob_id, "trail": id(&made), "text": "Nice"}),
    );
    let kinds: Vec<Json> = ann
        .items("notifications", "sort=@rowid")
        .iter()
        .map(|note| note["kind"].clone())
        .collect();
    assert_eq!(kinds, ["follow", "like", "comment"]);
    assert_eq!(bob.get(&record("trails", &id(&second))).status, 404);
    ann.make("shares", &json!({"user": bob_id, "trail": id(&second)}));
    bob.look("trails", &id(&second));
    let feed = accepted(&bob.get("/api/app/feed"));
    assert_eq!(feed.as_array().unwrap().len(), 1);
    assert_eq!(feed[0]["slug"], "high-low");
}

fn start_shop() -> Server {
    start("shop", |text| {
        text.replace("env::get(\"STEAD_HOOKS_PAY_KEY\")", "\"pay key\"")
    })
}

/// What the payment service says about an order, so many seconds ago.
fn pay(server: &Server, number: &str, amount: i64, key: &str, age: i64) -> Response {
    let data = json!({"order": number, "amount": amount}).to_string();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let stamp = (i64::try_from(now.as_secs()).unwrap() - age).to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(format!("{stamp}.{data}").as_bytes());
    let mut signature = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(signature, "{byte:02x}").unwrap();
    }
    let headers = [
        ("Content-Type", "application/json"),
        ("X-Pay-Time", stamp.as_str()),
        ("X-Pay-Signature", signature.as_str()),
    ];
    server.guest().send(
        "POST",
        "/api/app/payments",
        &headers,
        Some(data.into_bytes()),
    )
}

#[test]
fn shop() {
    let server = start_shop();
    let root = server.superuser();
    let tea = id(&root.make(
        "products",
        &json!({"name": "Tea", "price": 500, "stock": 3}),
    ));
    let cup = id(&root.make(
        "products",
        &json!({"name": "Cup", "price": 1200, "stock": 1}),
    ));
    let ann = server.user("ann");
    let order = |items: Json| ann.post("/api/app/orders", &json!({ "items": items }));
    let made = accepted(&order(
        json!([{"product": tea, "quantity": 2}, {"product": cup, "quantity": 1}]),
    ));
    assert_eq!(made["total"], 2200);
    let number = made["number"].as_str().unwrap().to_owned();
    assert!(number.ends_with("-00001"), "{number}");
    // The tea would do, the cup does not: nothing is taken.
    let refused = order(json!([{"product": tea, "quantity": 1}, {"product": cup, "quantity": 1}]));
    assert_eq!(refused.status, 400);
    let message = body(&refused)["data"]["items"]["message"].clone();
    assert_eq!(message, "Only 0 of Cup left.");
    assert_eq!(root.look("products", &tea)["stock"], 1);
    assert_eq!(root.items("orders", "").len(), 1);
    let pay = |amount, key, age| pay(&server, &number, amount, key, age);
    assert_eq!(
        outcome(&pay(2200, "other", 0)),
        "401 The signature is wrong."
    );
    assert_eq!(
        outcome(&pay(2200, "pay key", 900)),
        "400 The message is too old."
    );
    assert_eq!(
        outcome(&pay(1, "pay key", 0)),
        "400 The amount is not that of the order."
    );
    for _ in 0..2 {
        assert_eq!(accepted(&pay(2200, "pay key", 0))["state"], "paid");
    }
    let paid = ann.look("orders", &id(&made));
    let token = accepted(&ann.post("/api/files/token", &json!({})))["token"].clone();
    let invoice = format!(
        "/api/files/orders/{}/{}?token={}",
        id(&made),
        paid["invoice"].as_str().unwrap(),
        token.as_str().unwrap()
    );
    let invoice = text(&ann.get(&invoice));
    assert!(
        invoice.starts_with(&format!("Invoice {number}\n2 x Tea: 1000\n"))
            && invoice.ends_with("\nTotal: 2200\n"),
        "{invoice}"
    );
    let path = format!("/api/app/orders/{}/cancel", id(&made));
    let refused = outcome(&ann.post(&path, &json!({})));
    assert_eq!(
        refused,
        "400 An order that is paid cannot become cancelled."
    );
    let late = accepted(&order(json!([{"product": tea, "quantity": 1}])));
    assert_eq!(root.look("products", &tea)["stock"], 0);
    let long_ago = json!({"until": "2020-01-01 00:00:00.000Z"});
    accepted(&root.patch(&record("orders", &id(&late)), &long_ago));
    assert_eq!(
        root.post("/api/crons/unpaid-orders", &json!({})).status,
        204
    );
    until("the product is there again", || {
        root.look("products", &tea)["stock"] == 1
    });
    assert_eq!(ann.look("orders", &id(&late))["state"], "cancelled");
}

#[test]
fn an_order_of_the_shop_is_paid_or_gives_its_stock_back_once() {
    let server = start_shop();
    let (root, ann) = (server.superuser(), server.user("ann"));
    let tea = json!({"name": "Tea", "price": 500, "stock": 90});
    let tea = id(&root.make("products", &tea));
    let stock = || root.look("products", &tea)["stock"].as_i64().unwrap();
    for _ in 0..10 {
        let items = json!({"items": [{"product": tea, "quantity": 2}]});
        let made = accepted(&ann.post("/api/app/orders", &items));
        let cancel = format!("/api/app/orders/{}/cancel", id(&made));
        let (number, reserved) = (made["number"].as_str().unwrap(), stock());
        let answers = together(2, |n| {
            if n == 0 {
                pay(&server, number, 1000, "pay key", 0).status
            } else {
                ann.post(&cancel, &json!({})).status
            }
        });
        let state = ann.look("orders", &id(&made))["state"].clone();
        if state == "paid" {
            assert_eq!((answers, stock()), (vec![200, 400], reserved));
        } else {
            assert_eq!((answers, stock()), (vec![400, 204], reserved + 2));
            assert_eq!(ann.post(&cancel, &json!({})).status, 204);
            assert_eq!(stock(), reserved + 2);
        }
    }
}

#[test]
fn orders_of_the_shop_that_make_no_sense_are_refused() {
    let server = start_shop();
    let ann = server.user("ann");
    let root = server.superuser();
    let tea = id(&root.make("products", &json!({"name": "Tea", "price": 5, "stock": 9})));
    for item in [
        json!({ "product": tea }),
        json!({"product": tea, "quantity": "x"}),
        json!({"product": tea, "quantity": 1.5}),
        json!({"product": null, "quantity": 1}),
        json!({"quantity": 1}),
        json!(5),
    ] {
        let refused = ann.post("/api/app/orders", &json!({ "items": [item] }));
        assert_eq!(
            outcome(&refused),
            "400 An item has a product and a whole quantity.",
            "{item}"
        );
    }
    for form in [
        json!({}),
        json!([1]),
        json!({"items": 1}),
        json!({"items": []}),
    ] {
        let refused = ann.post("/api/app/orders", &form);
        assert_eq!(
            outcome(&refused),
            "400 An order has 1 to 50 items.",
            "{form}"
        );
    }
}
