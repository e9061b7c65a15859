//! Services that have a bad day while somebody waits for a file.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::{papers, say, server, upload, use_bucket};
use crate::support::{Server, accepted, record, text, until};

const TAKEN: &str = "200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

const FOUND: &str =
    "200 OK\r\nContent-Length: 4\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n";

/// The methods a service was asked with.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    /// Notes one more and tells how often it came so far.
    fn note(&self, method: &str) -> usize {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(method.to_owned());
        seen.iter().filter(|other| *other == method).count()
    }

    fn take(&self) -> Vec<String> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut seen)
    }
}

/// A service that answers by the method, and how often that came.
fn scripted(answer: impl Fn(&str, usize) -> String + Send + Sync + 'static) -> (SocketAddr, Seen) {
    let seen = Seen::default();
    let own = seen.clone();
    let address = server(move |stream| {
        let mut start = [0; 8];
        let length = stream.peek(&mut start).unwrap_or(0);
        let start = String::from_utf8_lossy(&start[..length]).into_owned();
        let method = start.split(' ').next().unwrap_or_default();
        let answer = answer(method, own.note(method));
        say(&stream, &format!("HTTP/1.1 {answer}"));
    });
    (address, seen)
}

#[test]
fn a_file_that_cannot_be_read_is_no_success() {
    let stead = Server::start();
    let superuser = stead.superuser();
    papers(&superuser);
    let guest = stead.guest();
    for (refusal, status) in [
        ("403 Forbidden\r\nConnection: close\r\n\r\n", 500),
        ("503 Slow Down\r\nConnection: close\r\n\r\n", 503),
        ("404 Not Found\r\nConnection: close\r\n\r\n", 404),
    ] {
        let (unreadable, _) = scripted(move |method, _| {
            let answer = match method {
                "GET" => refusal,
                "HEAD" => FOUND,
                _ => TAKEN,
            };
            answer.to_owned()
        });
        use_bucket(&superuser, unreadable, "files");
        let (_, path) = upload(&guest, "a.txt", b"abcd");
        let ranges: [&[(&str, &str)]; 3] = [
            &[],
            &[("Range", "bytes=1-2")],
            &[("Range", "bytes=0-0,2-3")],
        ];
        for headers in ranges {
            let answer = guest.send("GET", &path, headers, None);
            assert_eq!(answer.status, status, "{headers:?} {}", text(&answer));
        }
        assert_eq!(guest.send("HEAD", &path, &[], None).status, 200);
    }
}

#[test]
fn a_whole_file_takes_one_exchange() {
    let (service, seen) = scripted(|method, _| match method {
        "GET" => format!("{FOUND}abcd"),
        "HEAD" => FOUND.to_owned(),
        _ => TAKEN.to_owned(),
    });
    let stead = Server::start();
    let superuser = stead.superuser();
    papers(&superuser);
    use_bucket(&superuser, service, "files");
    let guest = stead.guest();
    let (_, path) = upload(&guest, "a.txt", b"abcd");
    seen.take();
    let answer = guest.get(&path);
    assert_eq!((answer.status, text(&answer).as_ref()), (200, "abcd"));
    assert_eq!(answer.header("content-type").as_deref(), Some("text/plain"));
    assert_eq!(seen.take(), ["GET"]);
}

#[test]
fn what_is_removed_and_stays_listed_is_not_removed_for_ever() {
    let (stuck, seen) = scripted(|method, count| match method {
        "GET" => format!(
            "200 OK\r\nConnection: close\r\n\r\n\
             <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>true</IsTruncated>\
             <Contents><Key>a/b/c.txt</Key><Size>1</Size></Contents>\
             <NextContinuationToken>{count}</NextContinuationToken></ListBucketResult>"
        ),
        _ => TAKEN.to_owned(),
    });
    let stead = Server::start();
    let superuser = stead.superuser();
    papers(&superuser);
    use_bucket(&superuser, stuck, "files");
    let guest = stead.guest();
    let (id, _) = upload(&guest, "a.txt", b"a");
    assert_eq!(guest.delete(&record("papers", &id)).status, 204);
    until("it is given up", || {
        accepted(&superuser.get("/api/logs?perPage=200"))["items"]
            .to_string()
            .contains("what it removed is still listed")
    });
    let lists = seen.take().into_iter().filter(|method| method == "GET");
    assert!((1..20).contains(&lists.count()));
}
