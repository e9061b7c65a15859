//! A certificate and its key in files of the operator's. When they change, connections that begin get the new ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use tokio::task;
use tokio::time::sleep;

use crate::server::tls::{Certificates, Error};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// Largest file that is read.
const MOST: u64 = 1 << 20;

/// Where they are.
#[derive(Clone, Debug)]
pub struct Files {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Files {
    /// Reads them; the certificates are for everybody from then on.
    pub fn load(&self, certificates: &Certificates) -> Result<(), Error> {
        let chain = read(&self.certificate)?;
        let key = read(&self.key)?;
        let of = |path: &Path, error: Error| Error::new(format!("{}: {error}", path.display()));
        let certified = certified(&chain, &key).map_err(|error| of(&self.certificate, error))?;
        certificates.put("", certified);
        Ok(())
    }

    /// Follows changes of the files for ever. What cannot be used is reported, and what was there stays.
    pub async fn follow(self, certificates: Arc<Certificates>) {
        let mut seen = self.written();
        loop {
            sleep(LOOK).await;
            let now = self.written();
            // Two files are seldom written at the same moment: they are looked at when they have come to rest.
            if now == seen || now.is_none() {
                continue;
            }
            sleep(LOOK).await;
            if self.written() != now {
                continue;
            }
            seen = now;
            let (files, kept) = (self.clone(), Arc::clone(&certificates));
            match task::spawn_blocking(move || files.load(&kept)).await {
                Ok(Ok(())) => tracing::info!("the certificate was read anew"),
                Ok(Err(error)) => tracing::error!(%error, "the old certificate stays in use"),
                Err(error) => tracing::error!(%error, "reading the certificate failed"),
            }
        }
    }

    /// When they were written.
    fn written(&self) -> Option<(SystemTime, SystemTime)> {
        let of = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
        of(&self.certificate).zip(of(&self.key))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |reason: String| Error::new(format!("{}: {reason}", path.display()));
    let size = fs::metadata(path)
        .map_err(|error| failed(error.to_string()))?
        .len();
    if size > MOST {
        return Err(failed("the file is too large".to_owned()));
    }
    fs::read(path).map_err(|error| failed(error.to_string()))
}

/// A chain of certificates with its key, both as PEM.
pub(super) fn certified(chain: &[u8], key: &[u8]) -> Result<CertifiedKey, Error> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<_, _>>()
        .map_err(|error| Error::new(format!("no certificate can be read: {error}")))?;
    if chain.is_empty() {
        return Err(Error::new("there is no certificate in it"));
    }
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|error| Error::new(format!("the key cannot be read: {error}")))?;
    CertifiedKey::from_der(chain, key, &ring::default_provider())
        .map_err(|error| Error::new(format!("certificate and key cannot be used: {error}")))
}
