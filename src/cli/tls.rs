//! The flags that say where to listen, and what they mean together: addresses, names, and where certificates come from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

use crate::cli::console::Failure;
use crate::server::tls::{self, Acme, Certificates, Files, Names};

const HTTP: &str = "0.0.0.0:80";
const HTTPS: &str = "0.0.0.0:443";

/// Folder of certificates in the data directory.
const FOLDER: &str = ".autocert_cache";

/// Where to listen, and with which certificates.
#[derive(Debug, clap::Args)]
pub(super) struct Addresses {
    /// Domain names to get certificates for; the server then listens on ports 80 and 443.
    domains: Vec<String>,

    /// Address to listen on [default: 127.0.0.1:8090]; port 0 takes any free one. With TLS it only leads to the
    /// encrypted address; then empty for none [default with names: 0.0.0.0:80].
    #[arg(long, env = "STEAD_HTTP", value_name = "HOST:PORT")]
    pub(super) http: Option<String>,

    /// Address to listen on with TLS [default with names or a certificate: 0.0.0.0:443].
    #[arg(long, env = "STEAD_HTTPS", value_name = "HOST:PORT")]
    https: Option<String>,

    /// File with a certificate and those it was signed with (PEM); read anew when it changes.
    #[arg(
        long,
        env = "STEAD_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    tls_cert: Option<PathBuf>,

    /// File with the key of the certificate (PEM).
    #[arg(
        long,
        env = "STEAD_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    tls_key: Option<PathBuf>,

    /// Address of the ACME service's directory.
    #[arg(long, env = "STEAD_ACME_DIRECTORY", value_name = "URL", default_value = tls::DIRECTORY)]
    acme_directory: String,
}

/// What is served with TLS.
pub(super) struct Tls {
    /// Where to listen.
    pub(super) https: String,
    /// Where to send plain requests on from.
    pub(super) http: Option<String>,
    /// The names certificates are for; none when they come from a file.
    pub(super) names: Names,
    pub(super) certificates: Arc<Certificates>,
    pub(super) acceptor: TlsAcceptor,
    source: Source,
}

enum Source {
    Files(Files),
    Acme(Acme),
}

impl Tls {
    /// Reads the flags; nothing when they ask for none.
    pub(super) fn of(flags: &Addresses, data_dir: &Path) -> Result<Option<Self>, Failure> {
        let failed = |error: tls::Error| Failure::new(error.to_string());
        let files = flags.tls_cert.clone().zip(flags.tls_key.clone());
        if flags.https.is_none() && flags.domains.is_empty() && files.is_none() {
            return Ok(None);
        }
        let https = flags.https.clone().unwrap_or_else(|| HTTPS.to_owned());
        // Said to be empty, there is none.
        let http = match flags.http.as_deref() {
            Some(address) => Some(address),
            None => (files.is_none() && !flags.domains.is_empty()).then_some(HTTP),
        };
        let http = http
            .filter(|address| !address.is_empty())
            .map(str::to_owned);
        let certificates = Arc::new(Certificates::default());
        let (names, source) = if let Some((certificate, key)) = files {
            let files = Files { certificate, key };
            files.load(&certificates).map_err(failed)?;
            let own = flags.domains.iter().map(|name| name.to_lowercase());
            (Names::new(own.collect()), Source::Files(files))
        } else {
            let names = Names::new(own_names(flags, &https)?);
            let acme = Acme {
                directory: flags.acme_directory.clone(),
                names: names.all().cloned().collect(),
                folder: data_dir.join(FOLDER),
                has_http: http.is_some(),
            };
            (names, Source::Acme(acme))
        };
        let acceptor = certificates.acceptor().map_err(failed)?;
        Ok(Some(Self {
            https,
            http,
            names,
            certificates,
            acceptor,
            source,
        }))
    }

    /// Sees to the certificates for as long as the process runs.
    pub(super) fn start(&self) {
        let certificates = Arc::clone(&self.certificates);
        match &self.source {
            Source::Files(files) => drop(tokio::spawn(files.clone().follow(certificates))),
            Source::Acme(acme) => drop(tokio::spawn(acme.clone().keep(certificates))),
        }
    }
}

/// The names certificates are asked for: those given, else the host that is listened on.
fn own_names(flags: &Addresses, https: &str) -> Result<Vec<String>, Failure> {
    let given: Vec<String> = if flags.domains.is_empty() {
        let host = https.rsplit_once(':').map_or(https, |(host, _)| host);
        vec![host.to_owned()]
    } else {
        flags.domains.clone()
    };
    given
        .into_iter()
        .map(|name| {
            let name = name.to_lowercase();
            if tls::is_name(&name) {
                return Ok(name);
            }
            Err(Failure::new(match address(&name) {
                Some(address) => format!("{name:?} is no name: write --http {address}"),
                None => format!(
                    "{name:?} is no name there can be a certificate for: name a domain, or give --tls-cert and --tls-key"
                ),
            }))
        })
        .collect()
}

/// The address to listen on that somebody means who gives it, or its port, in the place of a name.
fn address(given: &str) -> Option<String> {
    let is_port = |text: &str| text.parse::<u16>().is_ok();
    match given.rsplit_once(':') {
        None if is_port(given) => Some(format!("127.0.0.1:{given}")),
        Some((host, port)) if !host.contains(':') && is_port(port) => Some(given.to_owned()),
        _ => None,
    }
}
