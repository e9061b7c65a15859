//! Ways of handing a mail over: a server, the local program, or memory.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSendmailTransport, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use tokio::time::timeout;

use crate::base::secret::Secret;
use crate::mail::message::{Mail, Sender};
use crate::settings;

/// Longest wait for one answer of a mail server.
const STEP_LIMIT: Duration = Duration::from_secs(15);

/// Longest time handing over one mail may take.
const LIMIT: Duration = Duration::from_mins(1);

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
    fn permanent(error: impl fmt::Display) -> Self {
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
        let late = |_| Failure::transient("the mail server did not answer in time");
        let handing_over = async {
            match self {
                Self::Smtp(server) => server.send(sender, mail).await,
                Self::Sendmail => sendmail(sender, mail).await,
                Self::Memory(memory) => {
                    mail.to_message(sender).map_err(Failure::permanent)?;
                    let mut mails = memory.0.lock().unwrap_or_else(PoisonError::into_inner);
                    mails.push(mail.clone());
                    Ok(())
                }
            }
        };
        timeout(LIMIT, handing_over).await.map_err(late)?
    }
}

impl Smtp {
    async fn send(&self, sender: &Sender, mail: &Mail) -> Result<(), Failure> {
        let message = mail.to_message(sender).map_err(Failure::permanent)?;
        let local_name = if self.local_name.is_empty() {
            "localhost"
        } else {
            &self.local_name
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)
            .port(self.port)
            .timeout(Some(STEP_LIMIT))
            .hello_name(ClientId::Domain(local_name.to_owned()))
            .tls(self.encryption().await?);
        if !self.username.is_empty() || !self.password.expose().is_empty() {
            let mechanism = if self.login {
                Mechanism::Login
            } else {
                Mechanism::Plain
            };
            let (name, password) = (self.username.clone(), self.password.expose().clone());
            builder = builder
                .credentials(Credentials::new(name, password))
                .authentication(vec![mechanism]);
        }
        match builder.build::<Tokio1Executor>().send(message).await {
            Ok(_) => Ok(()),
            // What this side refuses, such as an address in letters the server does not know, stays refused.
            Err(error) if error.is_permanent() || error.is_client() => {
                Err(Failure::permanent(chain(&error)))
            }
            Err(error) => Err(Failure::transient(chain(&error))),
        }
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

async fn sendmail(sender: &Sender, mail: &Mail) -> Result<(), Failure> {
    let message = mail.to_message(sender).map_err(Failure::permanent)?;
    let program = find_sendmail()
        .ok_or_else(|| Failure::permanent("failed to locate a sendmail executable path"))?;
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
