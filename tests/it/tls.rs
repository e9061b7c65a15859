//! TLS with certificates of the operator's. Those from ACME services are tested by `scripts/acme`.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, version};
use tempfile::TempDir;

use crate::support::{run_in, stead, until};

/// Writes a certificate for a name that signs itself, and its key.
fn make(folder: &Path, name: &str) -> CertificateDer<'static> {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned(), format!("www.{name}")]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), certificate.pem()).unwrap();
    CertificateDer::from_pem_slice(certificate.pem().as_bytes()).unwrap()
}

/// A server with TLS, and where plain requests are sent on from.
struct Server {
    child: Child,
    tls: SocketAddr,
    plain: SocketAddr,
}

impl Server {
    fn start(home: &Path, arguments: &[&str]) -> Self {
        let mut child = stead()
            .current_dir(home)
            .args(["serve", "--dir", "data", "--https", "127.0.0.1:0"])
            .args([
                "--http",
                "127.0.0.1:0",
                "--tls-cert",
                "cert.pem",
                "--tls-key",
                "key.pem",
            ])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut port = |mark: &str| {
            let line = lines
                .by_ref()
                .map(|line| line.unwrap())
                .find(|line| line.contains(mark))
                .unwrap();
            let port = line.rsplit(':').next().unwrap().parse().unwrap();
            SocketAddr::from(([127, 0, 0, 1], port))
        };
        let (tls, plain) = (port("Server started at https://"), port("Redirects: "));
        drop(std::thread::spawn(move || lines.for_each(drop)));
        Self { child, tls, plain }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn exchange(mut stream: impl std::io::Read + std::io::Write, host: &str, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A server that ends a connection need not say so within TLS.
    drop(stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

/// The answer to a request over TLS to a server that is trusted for this certificate alone.
fn secure(
    address: SocketAddr,
    trusted: &CertificateDer<'static>,
    versions: &[&'static rustls::SupportedProtocolVersion],
    host: &str,
) -> Result<String, String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    while client.is_handshaking() {
        client
            .complete_io(&mut stream)
            .map_err(|error| error.to_string())?;
    }
    Ok(exchange(
        StreamOwned::new(client, stream),
        host,
        "/api/health?x",
    ))
}

#[test]
fn the_operators_certificate_is_served_and_followed() {
    let home = TempDir::new().unwrap();
    let first = make(home.path(), "example.test");
    let server = Server::start(home.path(), &["example.test"]);
    let all = [&version::TLS12, &version::TLS13];
    for versions in [&all[..], &all[..1], &all[1..]] {
        let answer = secure(server.tls, &first, versions, "example.test").unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    let moved = secure(server.tls, &first, &all, "www.example.test").unwrap();
    let port = server.tls.port();
    let head = moved.to_lowercase();
    assert!(
        head.starts_with("http/1.1 307")
            && head.contains("location: https://example.test/api/health?x"),
        "{moved}"
    );
    let plain = TcpStream::connect(server.plain).unwrap();
    let moved = exchange(plain, "example.test", "/a?b").to_lowercase();
    let target = format!("location: https://example.test:{port}/a?b");
    assert!(
        moved.starts_with("http/1.1 307") && moved.contains(&target),
        "{moved}"
    );

    // Who speaks no TLS gets nothing, and the server goes on.
    let nonsense = exchange(TcpStream::connect(server.tls).unwrap(), "x", "/");
    assert!(!nonsense.contains("HTTP/1.1"), "{nonsense}");

    // A file that cannot be used changes nothing.
    std::fs::write(home.path().join("cert.pem"), "nonsense").unwrap();
    let second = make(home.path(), "example.test");
    until("the new certificate is served", || {
        secure(server.tls, &second, &all, "example.test").is_ok()
    });
    assert!(secure(server.tls, &first, &all, "example.test").is_err());
}

#[test]
fn what_cannot_be_served_is_said_at_the_start() {
    let home = TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let output = run_in(
            home.path(),
            &[&["serve", "--dir", "data"], arguments].concat(),
        );
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let with_files = [
        "--https",
        "127.0.0.1:0",
        "--tls-cert",
        "cert.pem",
        "--tls-key",
        "key.pem",
    ];
    assert!(run(&with_files).contains("cert.pem: "));
    make(home.path(), "example.test");
    let key = std::fs::read(home.path().join("key.pem")).unwrap();
    make(home.path(), "example.test");
    std::fs::write(home.path().join("key.pem"), key).unwrap();
    assert!(run(&with_files).contains("certificate and key cannot be used"));
    assert!(run(&["--tls-cert", "cert.pem"]).contains("--tls-key"));
    for name in ["127.0.0.1", "a/b", "../x", "a b"] {
        assert!(
            run(&[name]).contains("no name there can be a certificate for"),
            "{name}"
        );
    }
    assert!(run(&["--https", "127.0.0.1:0"]).contains("no name there can be a certificate for"));
}
