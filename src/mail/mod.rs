//! Mail: filling templates, turning HTML into a message with a text part, and sending on a bounded background queue.
//!
//! It does not know who gets which mail or why; `app` composes and enqueues. Nothing here is awaited by a request,
//! except for a test mail.

mod helo;
mod layout;
mod message;
mod plain;
mod queue;
mod template;
mod transport;

pub use layout::wrap;
pub use message::{Attachment, Mail, Sender};
pub use queue::{Full, Mailer, Outgoing};
pub use template::fill;
pub use transport::{Failure, Memory, Smtp, Transport};
