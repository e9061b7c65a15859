//! Connections to a bucket that break, by a proxy that breaks them.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::{make_bucket, noise, papers, server, service, upload, use_bucket};
use crate::support::{Server, records, text};

/// Passes connections on to the service, with faults.
struct Proxy {
    address: SocketAddr,
    faults: Arc<Faults>,
}

struct Faults {
    /// How many of the next requests break their connection.
    drops: AtomicUsize,
    /// After how many more bytes of answers a connection breaks.
    cut: AtomicU64,
}

impl Faults {
    fn take_drop(&self) -> bool {
        let take = |n: usize| n.checked_sub(1);
        self.drops
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
            .is_ok()
    }

    /// How many of so many bytes are let through; whoever gets less breaks the connection.
    fn take_bytes(&self, wanted: usize) -> usize {
        let left = self.cut.load(Ordering::SeqCst);
        let allowed = usize::try_from(left).unwrap_or(usize::MAX).min(wanted);
        let rest = if allowed < wanted {
            u64::MAX
        } else {
            left - allowed as u64
        };
        self.cut.store(rest, Ordering::SeqCst);
        allowed
    }
}

impl Proxy {
    fn start(target: SocketAddr) -> Self {
        let faults = Arc::new(Faults {
            drops: AtomicUsize::new(0),
            cut: AtomicU64::new(u64::MAX),
        });
        let shared = Arc::clone(&faults);
        let address = server(move |client| {
            let Ok(service) = TcpStream::connect(target) else {
                return;
            };
            let end = |client: &TcpStream, service: &TcpStream| {
                drop(client.shutdown(Shutdown::Both));
                drop(service.shutdown(Shutdown::Both));
            };
            let (faults, from, to) = (
                Arc::clone(&shared),
                client.try_clone().unwrap(),
                service.try_clone().unwrap(),
            );
            let up = std::thread::spawn(move || {
                let mut piece = vec![0; 65_536];
                while let Ok(length @ 1..) = (&from).read(&mut piece) {
                    if faults.take_drop() || (&to).write_all(&piece[..length]).is_err() {
                        break;
                    }
                }
                end(&from, &to);
            });
            let mut piece = vec![0; 65_536];
            while let Ok(length @ 1..) = (&service).read(&mut piece) {
                let allowed = shared.take_bytes(length);
                if (&client).write_all(&piece[..allowed]).is_err() || allowed < length {
                    break;
                }
            }
            end(&client, &service);
            drop(up.join());
        });
        Self { address, faults }
    }
}

#[test]
#[ignore = "needs an S3 server: scripts/s3"]
fn broken_connections_are_followed_by_others() {
    let (address, dir) = service();
    let bucket = make_bucket(&dir, "broken");
    let proxy = Proxy::start(address);
    let stead = Server::start();
    let superuser = stead.superuser();
    papers(&superuser);
    use_bucket(&superuser, proxy.address, &bucket);
    let guest = stead.guest();
    let content = noise(2_000_000);
    proxy.faults.drops.store(1, Ordering::SeqCst);
    let (_, path) = upload(&guest, "a.bin", &content);
    for cut in [0, 100, 50_000, 1_500_000] {
        proxy.faults.cut.store(cut, Ordering::SeqCst);
        let answer = guest.get(&path);
        assert!(answer.body == content, "cut at {cut}: {}", answer.status);
    }
    let large = noise(40 << 20);
    proxy.faults.drops.store(2, Ordering::SeqCst);
    let (_, path_of_large) = upload(&guest, "large.bin", &large);
    assert!(guest.get(&path_of_large).body == large);

    proxy.faults.drops.store(100_000, Ordering::SeqCst);
    let answer = guest.form(
        "POST",
        &records("papers"),
        &[],
        &[("file", "b.bin", &content)],
    );
    assert_eq!(answer.status, 503, "{}", text(&answer));
    assert_eq!(guest.get(&path).status, 503);
    assert_eq!(superuser.items("papers", "").len(), 2);
    proxy.faults.drops.store(0, Ordering::SeqCst);
    assert!(guest.get(&path).body == content);
}
