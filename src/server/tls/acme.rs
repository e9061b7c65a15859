//! Certificates from an ACME service such as Let's Encrypt (RFC 8555): one per name, renewed in time, kept in a folder.
//!
//! A service looks for the answer to its challenge over HTTP on port 80, or in a certificate on port 443 (RFC 8737);
//! attempts take turns between the two.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::http::Request;
use bytes::Bytes;
use futures_util::future::join_all;
use http_body_util::{BodyExt as _, Full};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, BodyWrapper, BytesResponse, ChallengeType,
    HttpClient, Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use crate::base::time::Timestamp;
use crate::fetch;
use crate::server::tls::{Certificates, Error, expiry, files};

/// The service that is asked unless the operator names another.
pub const DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Longest time for a certificate, and for a single request on the way.
const ATTEMPT: Duration = Duration::from_mins(5);
const POLL: Duration = Duration::from_mins(2);
const REQUEST: fetch::Limits = fetch::Limits {
    time: Duration::from_secs(30),
    bytes: 1 << 20,
    redirects: 0,
    reach: fetch::Reach::Anywhere,
};

/// Pauses after failures: they double from the first to the last. Services limit how often one may try.
const FIRST_PAUSE: Duration = Duration::from_mins(1);
const LAST_PAUSE: Duration = Duration::from_hours(6);

/// How often a certificate is looked at, at the least, and how soon after it was made.
const LOOK: Duration = Duration::from_hours(12);
const SOON: Duration = Duration::from_hours(1);

const ACCOUNT: &str = "stead_account.json";

/// Where certificates come from and for what.
#[derive(Clone, Debug)]
pub struct Acme {
    /// Address of the service's directory.
    pub directory: String,
    /// The names, all in small letters.
    pub names: Vec<String>,
    /// Folder that keeps account and certificates.
    pub folder: PathBuf,
    /// Whether challenges are answered over HTTP, too.
    pub has_http: bool,
}

/// Says whether a text is a name there may be a certificate for.
pub fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.split('.').all(is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

impl Acme {
    /// Keeps a certificate for every name at hand, for ever.
    pub async fn keep(self, certificates: Arc<Certificates>) {
        let client = fetch::Client::default();
        let account = Mutex::new(None);
        let all = self.names.iter().map(|name| Keeper {
            acme: &self,
            name,
            certificates: &certificates,
            client: &client,
            account: &account,
        });
        join_all(all.map(Keeper::run)).await;
    }
}

/// Looks after the certificate of one name.
struct Keeper<'a> {
    acme: &'a Acme,
    name: &'a str,
    certificates: &'a Certificates,
    client: &'a fetch::Client,
    account: &'a Mutex<Option<Account>>,
}

impl Keeper<'_> {
    async fn run(self) {
        let mut failures: u32 = 0;
        loop {
            match self.stored() {
                Ok(Some(left)) if !left.is_zero() => {
                    sleep(left.min(LOOK)).await;
                    continue;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(name = self.name, %error, "a kept certificate is unusable");
                }
            }
            let attempt = timeout(ATTEMPT, Box::pin(self.obtain(failures)));
            let attempt = attempt.await;
            let outcome = attempt.unwrap_or_else(|_| Err(Error::new("it took too long")));
            match outcome.and_then(|pem| self.store(&pem)) {
                Ok(()) => {
                    tracing::info!(name = self.name, "a new certificate");
                    failures = 0;
                    if let Err(error) = self.stored() {
                        tracing::error!(name = self.name, %error, "the new certificate is unusable");
                    }
                    sleep(SOON).await;
                }
                Err(error) => {
                    tracing::warn!(name = self.name, %error, "no certificate could be had");
                    let pause = FIRST_PAUSE.saturating_mul(1 << failures.min(10));
                    failures = failures.saturating_add(1);
                    sleep(pause.min(LAST_PAUSE)).await;
                }
            }
        }
    }

    fn path(&self) -> PathBuf {
        self.acme.folder.join(self.name)
    }

    /// Puts what is kept to use. Says how long it will do: renewing begins when a third of its time is left.
    fn stored(&self) -> Result<Option<Duration>, Error> {
        let pem = match fs::read(self.path()) {
            Ok(pem) => pem,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::new(error.to_string())),
        };
        let certified = files::certified(&pem, &pem)?;
        let first = certified.cert.first();
        let (from, until) = first
            .and_then(|certificate| expiry::validity(certificate))
            .ok_or_else(|| Error::new("it does not say how long it is valid"))?;
        let now = Timestamp::now().unix_seconds();
        if now < until {
            self.certificates.put(self.name, certified);
        }
        let due = until.saturating_sub(until.saturating_sub(from) / 3);
        let left = u64::try_from(due.saturating_sub(now)).unwrap_or(0);
        Ok(Some(Duration::from_secs(left)))
    }

    fn store(&self, pem: &str) -> Result<(), Error> {
        write_private(&self.path(), pem.as_bytes()).map_err(|error| {
            Error::new(format!(
                "{} cannot be written: {error}",
                self.path().display()
            ))
        })
    }

    /// Asks for a certificate; gives the key and the chain.
    async fn obtain(&self, attempt: u32) -> Result<String, Error> {
        let account = self.account().await?;
        let names = [Identifier::Dns(self.name.to_owned())];
        let mut order = account.new_order(&NewOrder::new(&names)).await?;
        let kind = if self.acme.has_http && attempt.is_multiple_of(2) {
            ChallengeType::Http01
        } else {
            ChallengeType::TlsAlpn01
        };
        let _offered = self.answer(&mut order, kind).await?;
        let policy = RetryPolicy::default().timeout(POLL);
        if order.poll_ready(&policy).await? != OrderStatus::Ready {
            return Err(refusal(&mut order).await);
        }
        let key = order.finalize().await?;
        let chain = order.poll_certificate(&policy).await?;
        Ok(format!("{key}{chain}"))
    }

    /// Answers the challenges of an order for as long as the result is kept.
    async fn answer(
        &self,
        order: &mut Order,
        kind: ChallengeType,
    ) -> Result<Vec<Offer<'_>>, Error> {
        let mut offers = Vec::new();
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            match authorization.status {
                AuthorizationStatus::Valid => continue,
                AuthorizationStatus::Pending => {}
                other => return Err(Error::new(format!("an authorization is {other:?}"))),
            }
            let mut challenge = authorization
                .challenge(kind.clone())
                .ok_or_else(|| Error::new(format!("the service has no challenge {kind:?}")))?;
            let answer = challenge.key_authorization();
            let token = challenge.token.clone();
            let offer = match kind {
                ChallengeType::Http01 => {
                    Offer::token(self.certificates, token, answer.as_str().to_owned())
                }
                _ => Offer::certificate(self.certificates, self.name, answer.digest().as_ref())?,
            };
            offers.push(offer);
            challenge.set_ready().await?;
        }
        Ok(offers)
    }

    /// The account at the service: the one made last time, else a new one.
    async fn account(&self) -> Result<Account, Error> {
        let mut kept = self.account.lock().await;
        if let Some(account) = &*kept {
            return Ok(account.clone());
        }
        let path = self.acme.folder.join(ACCOUNT);
        let builder = || Account::builder_with_http(Box::new(Http(self.client.clone())));
        let account = if let Some(credentials) = stored_account(&path, &self.acme.directory) {
            builder().from_credentials(credentials).await?
        } else {
            let new = NewAccount {
                contact: &[],
                terms_of_service_agreed: true,
                only_return_existing: false,
            };
            let directory = self.acme.directory.clone();
            let (account, credentials) = builder().create(&new, directory, None).await?;
            let stored = serde_json::json!({
                "directory": self.acme.directory, "credentials": credentials,
            });
            write_private(&path, stored.to_string().as_bytes()).map_err(|error| {
                Error::new(format!("{} cannot be written: {error}", path.display()))
            })?;
            account
        };
        Ok(kept.insert(account).clone())
    }
}

/// The account that was made with a service.
fn stored_account(path: &Path, directory: &str) -> Option<AccountCredentials> {
    let mut stored: serde_json::Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    if stored.get("directory")?.as_str()? != directory {
        return None;
    }
    serde_json::from_value(stored.get_mut("credentials")?.take()).ok()
}

/// Why an order was not fulfilled, as the service tells it.
async fn refusal(order: &mut Order) -> Error {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(state) = authorization.refresh().await else {
            continue;
        };
        let problem = state
            .challenges
            .iter()
            .find_map(|challenge| challenge.error.as_ref());
        if let Some(problem) = problem {
            return Error::new(format!("the service refuses: {problem}"));
        }
    }
    Error::new("the service refuses")
}

/// An answer to a challenge; gone when it is dropped.
struct Offer<'a> {
    certificates: &'a Certificates,
    /// Of an answer over HTTP.
    token: Option<String>,
    /// Of a certificate.
    name: Option<String>,
}

impl<'a> Offer<'a> {
    fn token(certificates: &'a Certificates, token: String, answer: String) -> Self {
        let mut tokens = certificates
            .tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        tokens.insert(token.clone(), answer);
        Self {
            certificates,
            token: Some(token),
            name: None,
        }
    }

    fn certificate(
        certificates: &'a Certificates,
        name: &str,
        digest: &[u8],
    ) -> Result<Self, Error> {
        let failed = |error: rcgen::Error| Error::new(error.to_string());
        let mut params = CertificateParams::new(vec![name.to_owned()]).map_err(failed)?;
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.self_signed(&key).map_err(failed)?;
        let signing =
            ring::sign::any_supported_type(&PrivateKeyDer::Pkcs8(key.serialize_der().into()));
        let signing = signing.map_err(|error| Error::new(error.to_string()))?;
        // Not checked like others: its extension is one that no client of ours would accept.
        let certified = CertifiedKey::new(vec![certificate.der().clone()], signing);
        let mut challenges = certificates
            .challenges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        challenges.insert(name.to_owned(), Arc::new(certified));
        Ok(Self {
            certificates,
            token: None,
            name: Some(name.to_owned()),
        })
    }
}

impl Drop for Offer<'_> {
    fn drop(&mut self) {
        if let Some(token) = &self.token {
            let tokens = self.certificates.tokens.lock();
            tokens.unwrap_or_else(PoisonError::into_inner).remove(token);
        }
        if let Some(name) = &self.name {
            let challenges = self.certificates.challenges.lock();
            challenges
                .unwrap_or_else(PoisonError::into_inner)
                .remove(name);
        }
    }
}

/// Writes a file that nobody else may read, all of it or nothing.
fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let part = path.with_extension("part");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

/// The server's own client for requests to others, in the form the library wants.
struct Http(fetch::Client);

impl HttpClient for Http {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, instant_acme::Error>> + Send>> {
        let client = self.0.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let Ok(body) = body.collect().await;
            let request = Request::from_parts(parts, body.to_bytes());
            let answer = client
                .fetch(request, &REQUEST)
                .await
                .map_err(|error| instant_acme::Error::Other(Box::new(error)))?;
            let mut response = axum::http::Response::new(Full::new(answer.body));
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            Ok(BytesResponse::from(response))
        })
    }
}

impl From<instant_acme::Error> for Error {
    fn from(error: instant_acme::Error) -> Self {
        Self::new(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_are_names() {
        for name in [
            "example.com",
            "a-b.example.co",
            "xn--bcher-kva.example",
            "localhost",
        ] {
            assert!(is_name(name), "{name}");
        }
        let long = "a".repeat(64);
        for text in [
            "",
            ".",
            "..",
            "a..b",
            "a/b",
            "../a",
            "A.com",
            "a.com.",
            "1.2.3.4",
            "::1",
            "a b",
            "-a.com",
            "a_b.com",
            "a.com:443",
            "*.a.com",
            &long,
        ] {
            assert!(!is_name(text), "{text}");
        }
    }
}
