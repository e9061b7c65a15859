use std::net::SocketAddr;
use std::time::Duration;

use hyper::Method;
use hyper::header::{AUTHORIZATION, HeaderValue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Client, Error, Limits, Reach, request};

/// A server that answers each request with what `answer` makes of its head.
async fn serve(answer: impl Fn(&str) -> String + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            drop(tokio::spawn(async move {
                let mut head = vec![0; 4096];
                let n = stream.read(&mut head).await.unwrap_or(0);
                let text = answer(&String::from_utf8_lossy(&head[..n]));
                drop(stream.write_all(text.as_bytes()).await);
            }));
        }
    }));
    address
}

fn full(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
}

fn redirect(target: &str) -> String {
    format!(
        "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
    )
}

const LIMITS: Limits = Limits {
    time: Duration::from_secs(20),
    bytes: 1000,
    redirects: 3,
    reach: Reach::Anywhere,
};

async fn get(url: &str, limits: &Limits) -> Result<String, Error> {
    let mut request = request(Method::GET, url, "")?;
    let secret = HeaderValue::from_static("Bearer secret");
    request.headers_mut().insert(AUTHORIZATION, secret);
    let answer = Client::default().fetch(request, limits).await?;
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}

#[tokio::test]
async fn redirects_are_followed_but_tokens_stay_with_their_server() {
    let echo = |head: &str| {
        full(if head.contains("secret") {
            "token"
        } else {
            "none"
        })
    };
    let other = serve(echo).await;
    let address = serve(move |head| match head.split(' ').nth(1) {
        Some("/same") => redirect("/end"),
        Some("/other") => redirect(&format!("http://{other}/end")),
        Some("/loop") => redirect("/loop"),
        Some("/file") => redirect("file:///etc/passwd"),
        _ => echo(head),
    })
    .await;
    let url = |path: &str| format!("http://{address}{path}");
    assert_eq!(get(&url("/same"), &LIMITS).await.unwrap(), "token");
    assert_eq!(get(&url("/other"), &LIMITS).await.unwrap(), "none");
    let looping = get(&url("/loop"), &LIMITS).await;
    assert!(
        matches!(looping, Err(Error::TooManyRedirects)),
        "{looping:?}"
    );
    let file = get(&url("/file"), &LIMITS).await;
    assert!(matches!(file, Err(Error::InvalidUrl)), "{file:?}");
    let none = Limits {
        redirects: 0,
        ..LIMITS
    };
    assert_eq!(get(&url("/same"), &none).await.unwrap(), "");
}

#[tokio::test]
async fn answers_end_at_their_limits() {
    let address = serve(|_| full(&"x".repeat(1001))).await;
    let large = get(&format!("http://{address}/"), &LIMITS).await;
    assert!(matches!(large, Err(Error::TooLarge)), "{large:?}");
    let silent = serve(|_| String::from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx")).await;
    let cut = get(&format!("http://{silent}/"), &LIMITS).await;
    assert!(matches!(cut, Err(Error::Failed(_))), "{cut:?}");
}

#[tokio::test]
async fn what_a_stranger_chose_stays_outside() {
    let address = serve(|_| full("inside")).await;
    let limits = Limits {
        reach: Reach::Public,
        ..LIMITS
    };
    let port = address.port();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let answer = get(&format!("http://{host}:{port}/"), &limits).await;
        assert!(
            matches!(answer, Err(Error::NotPublic)),
            "{host}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn an_account_in_an_address_is_shown_to_its_server() {
    let address = serve(|head| {
        let shown = head
            .lines()
            .find_map(|line| line.strip_prefix("authorization: "));
        full(shown.unwrap_or("nothing"))
    })
    .await;
    for (account, expect) in [
        ("", "nothing"),
        ("me@", "Basic bWU6"),
        ("me:p%40ss@", "Basic bWU6cEBzcw=="),
    ] {
        let url = format!("http://{account}{address}/");
        let request = request(Method::GET, &url, "").unwrap();
        let answer = Client::default().fetch(request, &LIMITS).await.unwrap();
        assert_eq!(answer.body, expect, "{account}");
    }
}
