//! Accepting connections: bounded in number, with time limits, drained when the server stops.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::api::{Edge, Line};
use crate::realtime::Hangup;
use crate::server::half_closed::Answering;
use crate::server::open_files;
use crate::server::patient::Patient;
use crate::server::rest::Rest;
use crate::server::shutdown::Stop;
use crate::server::stream::Stream;
use crate::server::tls;
use crate::server::typed::Typed;

/// Longest time until the head of a connection's first request is there.
const HEAD_TIMEOUT: Duration = Duration::from_mins(1);

/// Longest time from an answer to the next request's head. Proxies and load balancers send the next request on a
/// connection they kept, for up to two minutes by default; one that is closed at that moment fails, and a save is not
/// tried again. So they have to be those who close it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(130);

/// Longest time a client may take nothing of what is sent to it.
const TAKE_TIMEOUT: Duration = Duration::from_mins(1);

/// Largest request head.
const MAX_HEAD: usize = 256 << 10;

/// Longest time requests that are running when the server stops may take to finish.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest time a client that is disconnected may take to read what it was sent.
const HANGUP_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest time until a connection is encrypted.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);

/// Pause after a failed accept, such as when the process is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Time between two lines of the log about failed accepts.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {reason}")]
pub struct BindError {
    address: String,
    reason: String,
}

/// Starts listening on `host:port`; an empty host means all interfaces, port 0 any free port.
pub async fn bind(address: &str) -> Result<TcpListener, BindError> {
    let fail = |reason: String| BindError {
        address: address.to_owned(),
        reason,
    };
    let Some((host, port)) = address.rsplit_once(':') else {
        return Err(fail("the port is missing, as in 127.0.0.1:8090".to_owned()));
    };
    let Ok(port) = port.parse::<u16>() else {
        return Err(fail(format!("{port:?} is not a port")));
    };
    let bound = if host.is_empty() {
        match TcpListener::bind(("::", port)).await {
            Ok(listener) => Ok(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
            Err(_) => TcpListener::bind(("0.0.0.0", port)).await,
        }
    } else {
        TcpListener::bind((host.trim_matches(['[', ']']), port)).await
    };
    bound.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => fail("the address is already in use".to_owned()),
        io::ErrorKind::PermissionDenied => {
            fail("permission denied (ports below 1024 are reserved)".to_owned())
        }
        _ => fail(error.to_string()),
    })
}

/// Answers connections until the server is stopped and the running requests are done, or their time is up.
pub async fn serve(listener: TcpListener, edge: Edge, tls: Option<TlsAcceptor>, stop: &Stop) {
    let edge = Arc::new(edge);
    // A connection holds a permit; when all are back, all connections have ended.
    // Most at a time; more wait in the backlog of the system.
    let most = open_files::connections();
    let slots = Arc::new(Semaphore::new(most as usize));
    let mut failures = Failures::default();
    let accepting = async {
        loop {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, peer)) => {
                    drop(tokio::spawn(connection(
                        stream,
                        peer,
                        Arc::clone(&edge),
                        tls.clone(),
                        stop.clone(),
                        slot,
                    )));
                }
                Err(error) => {
                    if let Some(failures) = failures.another(Instant::now()) {
                        tracing::warn!(%error, failures, "connections cannot be accepted");
                    }
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stop.triggered() => {}
    }
    drop(listener);
    if timeout(DRAIN_TIMEOUT, slots.acquire_many(most))
        .await
        .is_err()
    {
        tracing::warn!("some requests were still running when the server stopped");
    }
}

/// Failures that come in great numbers and are told now and then.
#[derive(Debug, Default)]
struct Failures {
    untold: u64,
    told: Option<Instant>,
}

impl Failures {
    /// Counts one more. Gives how many there were since the last time they were told when it is time to tell them.
    fn another(&mut self, now: Instant) -> Option<u64> {
        self.untold += 1;
        let is_recent = |told| now.saturating_duration_since(told) < TELL_EVERY;
        if self.told.is_some_and(is_recent) {
            return None;
        }
        self.told = Some(now);
        Some(std::mem::take(&mut self.untold))
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    edge: Arc<Edge>,
    tls: Option<TlsAcceptor>,
    stop: Stop,
    _slot: OwnedSemaphorePermit,
) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let stream = match tls {
        None => Stream::Plain(stream),
        // Boxed: it is over soon, and what is needed for it is large.
        Some(acceptor) => match Box::pin(encrypted(stream, acceptor)).await {
            Some(stream) => stream,
            None => return,
        },
    };
    let hangup = Hangup::default();
    let line = Line {
        peer: peer.ip().to_canonical(),
        hangup: hangup.clone(),
    };
    let answering = Answering::default();
    let owed = answering.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let (edge, line) = (Arc::clone(&edge), line.clone());
        // At once: the client may be through with sending before the first look at what follows.
        let begun = owed.begin();
        let (request, rest) = Rest::of(request, &owed);
        async move {
            let mut response = edge.handle(request, &line).await;
            if let Some(rest) = rest {
                rest.settle(&mut response).await;
            }
            drop(begun);
            Ok::<_, Infallible>(response)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(IDLE_TIMEOUT)
        .max_buf_size(MAX_HEAD);
    let stream = Typed::new(Patient::new(stream, TAKE_TIMEOUT, answering.clone()));
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = answering.silence(HEAD_TIMEOUT) => return,
        () = stop.triggered() => {
            connection.as_mut().graceful_shutdown();
            connection.as_mut().await
        }
        () = answering.half_closed() => {
            connection.as_mut().graceful_shutdown();
            connection.as_mut().await
        }
        () = hangup.asked() => {
            match timeout(HANGUP_TIMEOUT, connection.as_mut()).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    // Clients go away and send nonsense all the time; only someone looking for it wants to know.
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Agrees on encryption. Nothing for clients that cannot, take too long, or only looked for the answer to a challenge.
async fn encrypted(stream: TcpStream, acceptor: TlsAcceptor) -> Option<Stream> {
    match timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => (!tls::is_challenge(stream.get_ref().1.alpn_protocol()))
            .then(|| Stream::Tls(Box::new(stream))),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a connection could not be encrypted");
            None
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{Failures, TELL_EVERY};

    #[test]
    fn many_failures_are_told_now_and_then() {
        let (mut failures, start) = (Failures::default(), Instant::now());
        assert_eq!(failures.another(start), Some(1));
        for _ in 0..1000 {
            assert_eq!(failures.another(start + TELL_EVERY / 2), None);
        }
        assert_eq!(failures.another(start + TELL_EVERY), Some(1001));
        assert_eq!(failures.another(start + TELL_EVERY), None);
    }
}
