//! Greeting mail servers that know the first version of the protocol alone: `HELO` instead of `EHLO`.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp;
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How both greetings begin; what follows is the same.
const OLD: &[u8] = b"HE";

/// Says whether a server answered the greeting that it does not know it.
pub(super) fn is_asked_for(error: &smtp::Error) -> bool {
    // RFC 5321, 3.2 and 4.2.4: the command is not known, or not done.
    error
        .status()
        .is_some_and(|code| matches!(u16::from(code), 500..=504))
}

/// Greets a server in the old way. It offers nothing then, neither encryption nor signing in.
pub(super) async fn greet(
    stream: TcpStream,
    name: &ClientId,
) -> Result<AsyncSmtpConnection, smtp::Error> {
    let stream = Box::new(Old {
        stream,
        replaced: 0,
    });
    AsyncSmtpConnection::connect_with_transport(stream, name).await
}

/// A connection whose first command is the old greeting: the client at hand only says the new one.
#[derive(Debug)]
struct Old {
    stream: TcpStream,
    /// How many bytes of the greeting were replaced so far.
    replaced: usize,
}

impl AsyncTokioStream for Old {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for Old {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Old {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let due = OLD.get(self.replaced..).unwrap_or_default();
        let due = due.get(..bytes.len()).unwrap_or(due);
        if due.is_empty() {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, due))?;
        self.replaced += written;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
