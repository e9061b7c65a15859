//! A connection that is given up when its client takes nothing of what is sent to it for too long.
//!
//! Without that, clients that do not read would hold their answers in memory for as long as they like.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::api::is_crowded;
use crate::server::half_closed::{Answering, End};
use crate::server::stream::Stream;

/// Steps in which patience runs out. While answers that wait take much memory it lasts for one. They are counted, not the
/// time: where the process stood still, such as with its container, what the client took meanwhile is not seen at once.
const STEPS: u32 = 12;

/// Up to this length what comes in several pieces is written as one, in bytes.
const SHORT: usize = 2048;

#[derive(Debug)]
pub(super) struct Patient {
    stream: Stream,
    /// Longest time without a byte taken.
    patience: Duration,
    /// The steps for which the client took nothing, and the end of the next. Perf: there is none as long as clients keep
    /// up.
    waiting: Option<(u32, Pin<Box<Sleep>>)>,
    end: End,
}

impl Patient {
    pub(super) fn new(stream: Stream, patience: Duration, answering: Answering) -> Self {
        Self {
            stream,
            patience,
            waiting: None,
            end: End::new(answering),
        }
    }

    /// Passes on how far writing came, or that it took too long.
    fn judge<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let step = self.patience / STEPS;
        let (steps, look) = self
            .waiting
            .get_or_insert_with(|| (0, Box::pin(sleep(step))));
        loop {
            ready!(look.as_mut().poll(context));
            *steps += 1;
            if *steps >= if is_crowded() { 1 } else { STEPS } {
                return Poll::Ready(Err(ErrorKind::TimedOut.into()));
            }
            look.as_mut().reset(Instant::now() + step);
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.end.is_kept() {
            let start = buffer.filled().len();
            ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
            if buffer.filled().len() > start || buffer.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
        }
        self.end.poll(context)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // Perf: the kernel takes one piece (`send`) with less ado than several (`writev`); a short copy costs next to
        // nothing.
        if parts.iter().map(|part| part.len()).sum::<usize>() <= SHORT {
            let mut room = [0; SHORT];
            if let Some(joined) = join(parts, &mut room) {
                return self.poll_write(context, joined);
            }
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// All pieces one behind the other, if there is room for them.
fn join<'a>(parts: &[IoSlice<'_>], room: &'a mut [u8]) -> Option<&'a [u8]> {
    let mut length = 0;
    for part in parts {
        let end = length + part.len();
        room.get_mut(length..end)?.copy_from_slice(part);
        length = end;
    }
    room.get(..length)
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, IoSlice};
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::sleep;

    use super::{Patient, SHORT};
    use crate::server::half_closed::Answering;
    use crate::server::stream::Stream;

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut client = TcpStream::connect(address).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut sending = Patient::new(
            Stream::Plain(stream),
            Duration::from_millis(500),
            Answering::default(),
        );
        let sender = tokio::spawn(async move {
            let piece = vec![7; 1 << 16];
            loop {
                if let Err(error) = sending.write_all(&piece).await {
                    return error.kind();
                }
            }
        });
        client.read_exact(&mut vec![0; 16 << 20]).await.unwrap();
        assert!(!sender.is_finished(), "it was served while it read");
        assert_eq!(sender.await.unwrap(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_process_that_stood_still_gives_nobody_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut client = TcpStream::connect(address).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let patience = Duration::from_secs(2);
        let mut sending = Patient::new(Stream::Plain(stream), patience, Answering::default());
        let length = 64 << 20;
        let sender = tokio::spawn(async move { sending.write_all(&vec![7; length]).await });
        // Until the system takes no more.
        sleep(patience / 4).await;
        std::thread::sleep(patience * 2);
        sleep(patience / 8).await;
        client.read_exact(&mut vec![0; length]).await.unwrap();
        sender.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn pieces_arrive_in_their_order() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut client = TcpStream::connect(address).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut sending = Patient::new(
            Stream::Plain(stream),
            Duration::from_secs(5),
            Answering::default(),
        );
        for rest in [0, 1, SHORT - 2, SHORT - 1, 3 * SHORT] {
            let body = vec![b'c'; rest];
            let parts = [b"a".as_slice(), b"", b"b", &body].map(IoSlice::new);
            let sent = sending.write_vectored(&parts).await.unwrap();
            assert_eq!(sent, rest + 2);
            let mut arrived = vec![0; sent];
            client.read_exact(&mut arrived).await.unwrap();
            assert_eq!(arrived, [b"ab".as_slice(), &body].concat());
        }
    }
}
