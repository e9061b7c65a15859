//! One mail, and its form on the wire.

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};
use lettre::{Address, address::AddressError};
use url::Host;

use crate::base::ids::{self, ALNUM};
use crate::base::secret::Secret;
use crate::mail::plain;

/// Whom mails are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    pub name: String,
    pub address: String,
}

/// A mail. Its texts may carry tokens and codes, so they do not show themselves.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    pub to: Vec<String>,
    pub cc: Vec<String>,
    pub bcc: Vec<String>,
    /// Where answers go, if not to the sender.
    pub reply_to: Vec<String>,
    pub subject: Secret<String>,
    pub html: Secret<String>,
    /// The text part; empty for one made of the HTML.
    pub text: Secret<String>,
    /// More headers.
    pub headers: Vec<(String, String)>,
    pub attachments: Vec<Attachment>,
}

/// A file that goes with a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    /// `""` for unknown.
    pub content_type: String,
    pub content: Vec<u8>,
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attachment")
            .field("name", &self.name)
            .field("bytes", &self.content.len())
            .finish_non_exhaustive()
    }
}

/// Headers that follow from the rest of a mail.
const OWN_HEADERS: [&str; 9] = [
    "from",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
];

/// Why a mail cannot be put on the wire.
#[derive(Debug, thiserror::Error)]
pub(super) enum Malformed {
    #[error("the address {0:?} cannot be used: {1}")]
    Address(String, AddressError),
    #[error("the message cannot be built: {0}")]
    Message(String),
}

impl Mail {
    /// The message with a text part beside the HTML.
    pub(super) fn to_message(&self, sender: &Sender) -> Result<Message, Malformed> {
        let failed = |error: &dyn std::fmt::Display| Malformed::Message(error.to_string());
        let from = address(&sender.address)?;
        let id = format!("<{}@{}>", ids::random_string(15, ALNUM), from.domain());
        let name = Some(one_line(&sender.name)).filter(|name| !name.is_empty());
        let text = match self.text.expose().as_str() {
            "" => plain::of_html(self.html.expose()),
            text => text.to_owned(),
        };
        let parts = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, text).map_err(|error| failed(&error))?)
            .singlepart(
                part(ContentType::TEXT_HTML, self.html.expose().clone())
                    .map_err(|error| failed(&error))?,
            );
        let mut message = Message::builder()
            .from(Mailbox::new(name, from))
            .subject(one_line(self.subject.expose()))
            .message_id(Some(id));
        let mailbox = |text: &String| address(text).map(|address| Mailbox::new(None, address));
        for to in &self.to {
            message = message.to(mailbox(to)?);
        }
        for cc in &self.cc {
            message = message.cc(mailbox(cc)?);
        }
        for bcc in &self.bcc {
            message = message.bcc(mailbox(bcc)?);
        }
        for reply_to in &self.reply_to {
            message = message.reply_to(mailbox(reply_to)?);
        }
        for (name, value) in &self.headers {
            message = message.raw_header(header(name, value)?);
        }
        let message = if self.attachments.is_empty() {
            message.multipart(parts)
        } else {
            let files = self.attachments.iter().map(Attachment::to_part);
            let mixed = MultiPart::mixed().multipart(parts);
            message.multipart(files.fold(mixed, MultiPart::singlepart))
        };
        message.map_err(|error| failed(&error))
    }
}

impl Attachment {
    fn to_part(&self) -> SinglePart {
        let kind = ContentType::parse(&self.content_type)
            .or_else(|_| ContentType::parse("application/octet-stream"))
            .unwrap_or(ContentType::TEXT_PLAIN);
        lettre::message::Attachment::new(one_line(&self.name)).body(self.content.clone(), kind)
    }
}

fn header(name: &str, value: &str) -> Result<HeaderValue, Malformed> {
    let refused = || Malformed::Message(format!("the header {name:?} cannot be set"));
    let lower = name.to_ascii_lowercase();
    if OWN_HEADERS.contains(&lower.as_str()) || lower.starts_with("content-") {
        return Err(refused());
    }
    let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|_| refused())?;
    Ok(HeaderValue::new(name, one_line(value)))
}

/// An address in the form every mail server takes: the domain in ASCII and without the dot at its end.
fn address(text: &str) -> Result<Address, Malformed> {
    let malformed = |error| Malformed::Address(text.to_owned(), error);
    let Some((local, domain)) = text.rsplit_once('@') else {
        return text.parse().map_err(malformed);
    };
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let domain = match Host::parse(domain) {
        Ok(Host::Domain(ascii)) if !domain.is_ascii() => ascii,
        _ => domain.to_owned(),
    };
    Address::new(local, &domain).map_err(malformed)
}

fn part(kind: ContentType, text: String) -> Result<SinglePart, &'static str> {
    let body = Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| "a part that cannot be encoded")?;
    Ok(SinglePart::builder().content_type(kind).body(body))
}

/// Header values are one line, whatever a record's value brought along.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Mail, Sender};
    use crate::base::secret::Secret;

    fn wire(subject: &str, to: &str) -> Result<String, String> {
        let mail = Mail {
            to: vec![to.to_owned()],
            subject: Secret::new(subject.to_owned()),
            html: Secret::new("<p>Grüße, <a href=\"http://x\">hier</a></p>".to_owned()),
            ..Mail::default()
        };
        let sender = Sender {
            name: "Support".to_owned(),
            address: "support@example.com".to_owned(),
        };
        mail.to_message(&sender)
            .map(|message| String::from_utf8(message.formatted()).unwrap())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_mail_has_a_text_beside_its_html() {
        let wire = wire("Hello", "ann@example.com").unwrap();
        for part in [
            "From: Support <support@example.com>\r\n",
            "To: ann@example.com\r\n",
            "Subject: Hello\r\n",
            "@example.com>\r\n",
            "Content-Transfer-Encoding: quoted-printable\r\n",
            "Gr=C3=BC=C3=9Fe, [hier](http://x)",
            "<a href=3D\"http://x\">hier</a>",
        ] {
            assert!(wire.contains(part), "{part} in\n{wire}");
        }
    }

    #[test]
    fn nothing_becomes_a_header_of_its_own() {
        let wire = wire("a\r\nBcc: eve@example.com", "ann@example.com").unwrap();
        assert!(
            wire.contains("Subject: a  Bcc: eve@example.com\r\n"),
            "{wire}"
        );
    }

    #[test]
    fn addresses_are_written_as_every_server_takes_them() {
        for (to, expect) in [
            ("joe@ex\u{e4}mple.com", "joe@xn--exmple-cua.com"),
            ("joe@example.com.", "joe@example.com"),
            ("joe@ex\u{e4}mple.com.", "joe@xn--exmple-cua.com"),
        ] {
            let wire = wire("x", to).unwrap();
            assert!(wire.contains(&format!("To: {expect}\r\n")), "{wire}");
        }
        for to in [
            "joe@example..com",
            "joe@",
            "@example.com",
            "joe\r\n@example.com",
            "joe>@example.com",
            &format!("{}@example.com", "x".repeat(65)),
        ] {
            wire("x", to).unwrap_err();
        }
    }

    #[test]
    fn only_addresses_are_written_to() {
        wire("x", "ann@example.com\r\nBcc: eve@example.com").unwrap_err();
    }

    #[test]
    fn bodies_do_not_show_themselves() {
        let mail = Mail {
            to: vec!["ann@example.com".to_owned()],
            subject: Secret::new("token".to_owned()),
            html: Secret::new("token".to_owned()),
            ..Mail::default()
        };
        assert!(!format!("{mail:?}").contains("token"));
    }
}
