//! Measures what finding out who a request comes from costs, by itself.
//!
//! `cargo bench --bench tokens` prints microseconds per check: of a token that was seen before, of tokens that were
//! not, of a text that is none, and of two threads at once.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool for developers, which fails by panicking"
)]

use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};
use stead::app::{App, Config, auth, superusers};
use stead::auth::tokens;
use stead::base::time::Timestamp;
use stead::ctx::{Ctx, Principal};
use tempfile::TempDir;

const EMAIL: &str = "root@example.com";
const PASSWORD: &str = "1234567890";
const TIME: Duration = Duration::from_secs(2);

/// More than are remembered.
const MANY: i64 = 20_000;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let dir = TempDir::new().unwrap();
    let app = App::open(Config {
        durability: stead::engine::Durability::Full,
        automigrate: None,
        scripts: None,
        dir: dir.path().to_owned(),
        query_timeout: Duration::from_secs(30),
        encryption_key: None,
        realtime: stead::realtime::Limits::default(),
        request_memory: 512 << 20,
        thumbs: stead::files::ThumbLimits::default(),
    })
    .await
    .unwrap();
    superusers::create(&app, EMAIL, PASSWORD).await.unwrap();
    let (token, id) = sign_in(&app).await;

    let known = |_| is_known(&app, &token);
    report("seen before", known);
    let others = other_tokens(&app, &id).await;
    report("not seen before", |n| {
        is_known(&app, &others[n % others.len()])
    });
    report("no token", |_| !is_known(&app, "no.token.atall"));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| report("seen before, two threads", known));
        }
    });
    app.close().await;
}

fn is_known(app: &App, token: &str) -> bool {
    let principal = auth::authenticate(app, token, Timestamp::now()).unwrap();
    matches!(principal, Principal::Superuser(_))
}

async fn sign_in(app: &App) -> (String, String) {
    let mut form = Map::new();
    form.insert("identity".to_owned(), EMAIL.into());
    form.insert("password".to_owned(), PASSWORD.into());
    let signed_in = auth::with_password(app, &Ctx::system(), "_superusers", &form).await;
    let auth::SignIn::Complete(body) = signed_in.unwrap() else {
        unreachable!("superusers have no second factor")
    };
    let body: Json = serde_json::from_slice(&body).unwrap();
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    (text(&body["token"]), text(&body["record"]["id"]))
}

/// Tokens of the same superuser that differ.
async fn other_tokens(app: &App, id: &str) -> Vec<String> {
    let mut others = Vec::new();
    for seconds in 0..MANY {
        let form = json!({"duration": 100_000 + seconds});
        let form = form.as_object().unwrap();
        let body = auth::impersonate(app, &Ctx::system(), "_superusers", id, form).await;
        let body: Json = serde_json::from_slice(&body.unwrap()).unwrap();
        others.push(body["token"].as_str().unwrap().to_owned());
    }
    assert!(others.iter().all(|token| tokens::read(token).is_some()));
    others
}

fn report(name: &str, check: impl Fn(usize) -> bool) {
    let (started, mut count) = (Instant::now(), 0);
    while started.elapsed() < TIME {
        for _ in 0..100 {
            assert!(check(count));
            count += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a rounded figure")]
    let each = started.elapsed().as_secs_f64() * 1e6 / count as f64;
    println!("{name:30} {each:8.2} µs");
}
