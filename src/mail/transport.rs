//! Ways of handing a mail over: a server, the local program, or memory.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use lettre::transport::smtp::{self, commands};
use lettre::{AsyncSendmailTransport, AsyncTransport as _, Message, Tokio1Executor};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::base::secret::Secret;
use crate::mail::helo;
use crate::mail::message::{Mail, Sender};
use crate::settings;

/// Longest wait for the connection itself.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// Longest time until a mail server is ready to take a mail, and until the local program has taken one.
const LIMIT: Duration = Duration::from_mins(1);

/// Longest time until a mail server has taken a mail. Whoever gives up on one that is still looking at the mail sends
/// that mail twice, so this is long (RFC 5321, 4.5.3.2).
const TAKING_LIMIT: Duration = Duration::from_mins(5);

/// Longest wait for an answer to the goodbye, which nothing depends on.
const GOODBYE_LIMIT: Duration = Duration::from_secs(1);

/// Where the local program is looked for before `PATH`.
const SENDMAIL: [&str; 2] = ["/usr/sbin/sendmail", "/usr/bin/sendmail"];

/// How mail leaves.
#[derive(Clone, Debug)]
pub enum Transport {
    Smtp(Arc<Smtp>),
    /// The `sendmail` program of this machine.
    Sendmail,
    /// Kept for whoever looks; for tests.
    Memory(Memory),
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub username: String,
    pub password: Secret<String>,
    /// `LOGIN` instead of `PLAIN`.
    pub login: bool,
    /// Encrypted from the start rather than upgraded when offered.
    pub tls: bool,
    /// Name given in the greeting.
    pub local_name: String,
}

/// Mails that were handed over.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Vec<Mail>>>);

/// Why a mail was not taken. The text is for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub reason: String,
    /// Trying again later may help.
    pub is_transient: bool,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Failure {}

impl Failure {
    pub(super) fn permanent(error: impl fmt::Display) -> Self {
        Self {
            reason: error.to_string(),
            is_transient: false,
        }
    }

    fn transient(error: impl fmt::Display) -> Self {
        Self {
            reason: error.to_string(),
            is_transient: true,
        }
    }
}

impl Memory {
    /// What was handed over so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Transport {
    /// The transport the settings ask for.
    pub fn of(smtp: &settings::Smtp) -> Self {
        if !smtp.enabled {
            return Self::Sendmail;
        }
        Self::Smtp(Arc::new(Smtp {
            host: smtp.host.clone(),
            port: u16::try_from(smtp.port).unwrap_or_default(),
            username: smtp.username.clone(),
            password: Secret::new(smtp.password.expose().to_owned()),
            login: smtp.auth_method == "LOGIN",
            tls: smtp.tls,
            local_name: smtp.local_name.clone(),
        }))
    }

    /// Hands a mail over.
    pub async fn send(&self, sender: &Sender, mail: &Mail) -> Result<(), Failure> {
        match self {
            Self::Smtp(server) => server.send(sender, mail).await,
            Self::Sendmail => timeout(LIMIT, sendmail(sender, mail))
                .await
                .unwrap_or_else(|_| Err(late())),
            Self::Memory(memory) => {
                mail.to_message(sender).map_err(Failure::permanent)?;
                let mut mails = memory.0.lock().unwrap_or_else(PoisonError::into_inner);
                mails.push(mail.clone());
                Ok(())
            }
        }
    }
}

impl Smtp {
    async fn send(&self, sender: &Sender, mail: &Mail) -> Result<(), Failure> {
        let message = mail.to_message(sender).map_err(Failure::permanent)?;
        let mut connection = timeout(LIMIT, self.connect())
            .await
            .unwrap_or_else(|_| Err(late()))?;
        let handing_over = hand_over(&mut connection, &message);
        let taken = timeout(TAKING_LIMIT, handing_over)
            .await
            .unwrap_or_else(|_| Err(late()));
        // What became of the mail is known by now, however the server says goodbye.
        drop(timeout(GOODBYE_LIMIT, connection.abort()).await);
        taken
    }

    /// A connection on which a mail may be sent: encrypted and signed in as configured.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let local_name = if self.local_name.is_empty() {
            "localhost"
        } else {
            &self.local_name
        };
        let local_name = ClientId::Domain(local_name.to_owned());
        let tls = self.encryption().await?;
        let mut connection = self.greet(&local_name, &tls).await?;
        let upgrade = match tls {
            Tls::Opportunistic(parameters) if connection.can_starttls() => Some(parameters),
            Tls::Required(parameters) => Some(parameters),
            _ => None,
        };
        if let Some(parameters) = upgrade {
            connection
                .starttls(parameters, &local_name)
                .await
                .map_err(|error| failure(&error))?;
        }
        if !self.username.is_empty() || !self.password.expose().is_empty() {
            let mechanism = if self.login {
                Mechanism::Login
            } else {
                Mechanism::Plain
            };
            let (name, password) = (self.username.clone(), self.password.expose().clone());
            connection
                .auth(&[mechanism], &Credentials::new(name, password))
                .await
                .map_err(|error| failure(&error))?;
        }
        Ok(connection)
    }

    async fn greet(&self, name: &ClientId, tls: &Tls) -> Result<AsyncSmtpConnection, Failure> {
        let server = (self.host.as_str(), self.port);
        let wrapper = match tls {
            Tls::Wrapper(parameters) => Some(parameters.clone()),
            _ => None,
        };
        let is_wrapped = wrapper.is_some();
        let greeted =
            AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT_LIMIT), name, wrapper, None);
        match greeted.await {
            Err(error) if !is_wrapped && helo::is_asked_for(&error) => {
                let again = timeout(CONNECT_LIMIT, TcpStream::connect(server)).await;
                let stream = again
                    .map_err(|_| late())?
                    .map_err(|error| Failure::transient(chain(&error)))?;
                helo::greet(stream, name).await
            }
            greeted => greeted,
        }
        .map_err(|error| failure(&error))
    }

    /// From the start, or as soon as the server offers it. Security: a password leaves this machine only encrypted.
    async fn encryption(&self) -> Result<Tls, Failure> {
        let is_local = self.host == "localhost"
            || self
                .host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        let host = self.host.clone();
        // Reading the certificates of the system takes its time.
        let parameters = tokio::task::spawn_blocking(move || TlsParameters::new(host))
            .await
            .map_err(Failure::transient)?
            .map_err(|error| Failure::transient(chain(&error)))?;
        Ok(if self.tls {
            Tls::Wrapper(parameters)
        } else if self.username.is_empty() || is_local {
            Tls::Opportunistic(parameters)
        } else {
            Tls::Required(parameters)
        })
    }
}

/// Sends a mail over a connection that is ready for it, without a goodbye.
async fn hand_over(connection: &mut AsyncSmtpConnection, message: &Message) -> Result<(), Failure> {
    let (envelope, wire) = (message.envelope(), message.formatted());
    let addresses = envelope.from().into_iter().chain(envelope.to());
    let mut parameters = Vec::new();
    if !addresses.map(AsRef::<str>::as_ref).all(str::is_ascii) {
        require(connection, Extension::SmtpUtfEight)?;
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !wire.is_ascii() {
        require(connection, Extension::EightBitMime)?;
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let from = commands::Mail::new(envelope.from().cloned(), parameters);
    answered(connection.command(from).await)?;
    for to in envelope.to() {
        let to = commands::Rcpt::new(to.clone(), Vec::new());
        answered(connection.command(to).await)?;
    }
    answered(connection.command(commands::Data).await)?;
    answered(connection.message(&wire).await)
}

/// Letters beyond ASCII go only to servers that say they take them.
fn require(connection: &AsyncSmtpConnection, extension: Extension) -> Result<(), Failure> {
    if connection.server_info().supports_feature(extension) {
        return Ok(());
    }
    Err(Failure::permanent(format!(
        "the mail has addresses in letters beyond ASCII, and the mail server does not offer {extension}"
    )))
}

fn answered(answer: Result<Response, smtp::Error>) -> Result<(), Failure> {
    answer.map(|_| ()).map_err(|error| failure(&error))
}

fn late() -> Failure {
    Failure::transient("the mail server did not answer in time")
}

fn failure(error: &smtp::Error) -> Failure {
    // What this side refuses, such as an address in letters the server does not know, stays refused.
    if error.is_permanent() || error.is_client() {
        Failure::permanent(chain(error))
    } else {
        Failure::transient(chain(error))
    }
}

async fn sendmail(sender: &Sender, mail: &Mail) -> Result<(), Failure> {
    let message = mail.to_message(sender).map_err(Failure::permanent)?;
    let program = find_sendmail()
        .ok_or_else(|| Failure::permanent("there is no mail server in the settings (smtp), nor a sendmail program on this machine"))?;
    AsyncSendmailTransport::<Tokio1Executor>::new_with_command(program)
        .send(message)
        .await
        .map_err(|error| Failure::transient(chain(&error)))
}

fn find_sendmail() -> Option<PathBuf> {
    let in_path = std::env::var_os("PATH")
        .map(|path| {
            std::env::split_paths(&path)
                .map(|dir| dir.join("sendmail"))
                .collect::<Vec<_>>()
        })
        .unwrap_or_default();
    SENDMAIL
        .iter()
        .map(PathBuf::from)
        .chain(in_path)
        .find(|path| path.is_file())
}

/// An error with its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
