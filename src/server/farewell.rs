//! Closing a connection whose client may still be sending.
//!
//! To close it while something is unread is to reset it, and then the client may lose the answer that said why. So what
//! still comes is read and thrown away for a while. That the answer is the last is said by [`super::rest`].

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::server::patient::Patient;

/// Longest time a client may go on sending.
const TIME: Duration = Duration::from_secs(3);

/// Most bytes that are thrown away.
const AMOUNT: usize = 128 << 20;

/// Bytes that are read at once.
const PIECE: usize = 16 << 10;

/// How far closing a connection has come.
#[derive(Debug, Default)]
pub(super) enum Farewell {
    #[default]
    None,
    /// Nothing is sent any more.
    Listening {
        until: Pin<Box<Sleep>>,
        left: usize,
    },
    Over,
}

impl Farewell {
    /// Ends sending. In the middle of a request, what is left of it is waited for.
    pub(super) fn poll(
        &mut self,
        stream: &mut Patient,
        is_in_request: bool,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            match self {
                Self::None => {
                    ready!(Pin::new(&mut *stream).poll_shutdown(context))?;
                    *self = if is_in_request {
                        Self::Listening {
                            until: Box::pin(sleep(TIME)),
                            left: AMOUNT,
                        }
                    } else {
                        Self::Over
                    };
                }
                Self::Listening { until, left } => {
                    let mut room = [0; PIECE];
                    let mut piece = ReadBuf::new(&mut room);
                    if until.as_mut().poll(context).is_pending()
                        && let Ok(()) =
                            ready!(Pin::new(&mut *stream).poll_read(context, &mut piece))
                        && !piece.filled().is_empty()
                        && piece.filled().len() < *left
                    {
                        *left -= piece.filled().len();
                    } else {
                        *self = Self::Over;
                    }
                }
                Self::Over => return Poll::Ready(Ok(())),
            }
        }
    }
}
