//! Mails that scripts send.

use std::time::Duration;

use crate::app::App;
use crate::base::error::{Error, Result};
use crate::base::secret::Secret;
use crate::mail::{Mail, Outgoing, Sender, Transport};

/// How long it makes sense to go on trying.
const USEFUL_FOR: Duration = Duration::from_mins(1);

/// Sends a mail to one address and waits for what the mail server says.
pub async fn send(app: &App, to: &str, subject: &str, html: &str) -> Result<()> {
    let settings = app.settings();
    let outgoing = Outgoing {
        transport: Transport::of(&settings.smtp),
        sender: Sender {
            name: settings.meta.sender_name.clone(),
            address: settings.meta.sender_address.clone(),
        },
        mail: Mail {
            to: to.to_owned(),
            subject: Secret::new(subject.to_owned()),
            html: Secret::new(html.to_owned()),
        },
        useful_for: USEFUL_FOR,
    };
    let sent = app.mailer().send(&outgoing).await;
    sent.map_err(|failure| Error::bad_request(format!("The mail was not sent: {failure}.")))
}
