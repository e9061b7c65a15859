//! TLS: certificates from files or from an ACME service, exchanged while the server runs.
//!
//! It knows names, files and certificates; which of them there are is the command line's matter.

mod acme;
mod expiry;
mod files;
mod redirect;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};
use tokio_rustls::TlsAcceptor;

pub use acme::{Acme, DIRECTORY, is_name};
pub use files::Files;
pub use redirect::{Names, to_bare_name, to_https};

/// What a client of an ACME service says that looks for the answer to a challenge (RFC 8737).
const ACME_PROTOCOL: &[u8] = b"acme-tls/1";
const HTTP_PROTOCOL: &[u8] = b"http/1.1";

/// Why there is no certificate; a sentence for operators.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// The certificates there are at the moment.
#[derive(Debug, Default)]
pub struct Certificates {
    /// By name; the one under `""` is for everybody.
    by_name: ArcSwap<BTreeMap<String, Arc<CertifiedKey>>>,
    /// Answers to challenges, which are given over HTTP and as certificates.
    tokens: Mutex<BTreeMap<String, String>>,
    challenges: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
}

impl Certificates {
    fn put(&self, name: &str, key: CertifiedKey) {
        let key = Arc::new(key);
        self.by_name.rcu(|all| {
            let mut all = BTreeMap::clone(all);
            all.insert(name.to_owned(), Arc::clone(&key));
            all
        });
    }

    /// The answer to a challenge over HTTP.
    fn token(&self, token: &str) -> Option<String> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(token).cloned()
    }

    /// What TLS connections begin with: TLS 1.2 and 1.3, HTTP/1.1.
    pub fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, Error> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .map_err(|error| Error::new(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![HTTP_PROTOCOL.to_vec(), ACME_PROTOCOL.to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().unwrap_or_default().to_ascii_lowercase();
        let is_challenge = hello
            .alpn()
            .is_some_and(|mut protocols| protocols.any(|protocol| protocol == ACME_PROTOCOL));
        if is_challenge {
            let challenges = self.challenges.lock();
            let challenges = challenges.unwrap_or_else(PoisonError::into_inner);
            return challenges.get(&name).cloned();
        }
        let all = self.by_name.load();
        all.get(&name).or_else(|| all.get("")).cloned()
    }
}

/// Says whether a connection was only there for a challenge.
pub(super) fn is_challenge(protocol: Option<&[u8]>) -> bool {
    protocol == Some(ACME_PROTOCOL)
}
