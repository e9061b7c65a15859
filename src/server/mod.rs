//! The HTTP server: the whole URL space put together, listening, and stopping without losing requests.
//!
//! Building the server and listening are separate, so that tests and the command line own the port.

mod farewell;
mod half_closed;
mod listen;
pub mod metrics;
mod open_files;
mod patient;
mod public_dir;
mod rest;
mod router;
mod shutdown;
mod stream;
pub mod tls;
mod typed;

pub use listen::{BindError, bind, serve};
pub use open_files::allow_many_files;
pub use router::{Site, edge};
pub use shutdown::Stop;
