//! Whom to trust: Mozilla's list, and what the system trusts besides.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use crate::fetch::error::{Error, Result};

/// The configuration of all connections. Reads the system's certificates, so it is slow.
pub(super) fn config() -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    // A system without certificates, such as an empty container, still has Mozilla's list.
    let (_added, _ignored) =
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::from_cause(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
