//! What clients of `stead serve` connect to, and what of it people are shown.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::api::{Cors, Edge};
use crate::cli::console::Failure;
use crate::cli::tls::Tls;
use crate::server;
use crate::server::tls as certificates;

/// What is answered on a socket.
pub(super) type Served = (TcpListener, Edge, Option<TlsAcceptor>);

/// What clients connect to. The sockets stay open while the data directory is opened anew.
pub(super) struct Sockets {
    pub(super) site: StdListener,
    /// Where requests are only sent on to the encrypted address.
    pub(super) plain: Option<StdListener>,
}

impl Sockets {
    pub(super) fn sites(&self, edge: Edge, tls: Option<&Tls>) -> Result<Vec<Served>, Failure> {
        let Some(tls) = tls else {
            return Ok(vec![(again(&self.site)?, edge, None)]);
        };
        let port = self.site.local_addr();
        let port = port.map_err(|error| cannot_listen(&error))?.port();
        let edge = edge.with_divert(certificates::to_bare_name(tls.names.clone()));
        let mut sites = vec![(again(&self.site)?, edge, Some(tls.acceptor.clone()))];
        if let Some(plain) = &self.plain {
            let held = Arc::clone(&tls.certificates);
            let divert = certificates::to_https(tls.names.clone(), held, port);
            let edge = Edge::new(Router::new(), Cors::new(&[])).with_divert(divert);
            sites.push((again(plain)?, edge, None));
        }
        Ok(sites)
    }
}

/// A socket and where it is.
pub(super) async fn listening(requested: &str) -> Result<(StdListener, SocketAddr), Failure> {
    let listener = server::bind(requested)
        .await
        .map_err(|error| Failure::new(error.to_string()))?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::new(format!("cannot listen on {requested}: {error}")))?;
    let socket = listener.into_std().map_err(|error| cannot_listen(&error))?;
    Ok((socket, address))
}

/// The address people open.
pub(super) fn base_url(address: SocketAddr, tls: Option<&Tls>) -> String {
    let Some(tls) = tls else {
        return format!("http://{}", shown(address));
    };
    match (tls.names.own.first(), address.port()) {
        (Some(name), 443) => format!("https://{name}"),
        (Some(name), port) => format!("https://{name}:{port}"),
        (None, _) => format!("https://{}", shown(address)),
    }
}

/// Another handle to a socket, for one opening of the data directory.
pub(super) fn again(socket: &StdListener) -> Result<TcpListener, Failure> {
    socket
        .try_clone()
        .and_then(TcpListener::from_std)
        .map_err(|error| cannot_listen(&error))
}

fn cannot_listen(error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot go on listening: {error}"))
}

/// An address people can open: one that means all interfaces is shown as this machine.
pub(super) fn shown(address: SocketAddr) -> String {
    if address.ip().is_unspecified() && address.is_ipv6() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn shown_addresses_can_be_opened() {
        for (address, expect) in [
            ("127.0.0.1:8090", "127.0.0.1:8090"),
            ("[::]:8090", "localhost:8090"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(shown(address.parse().unwrap()), expect);
        }
    }
}
