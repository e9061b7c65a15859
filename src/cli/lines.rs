//! Lines on their way to the standard error.
//!
//! A thread of their own writes them: whoever reads them may stop doing so, as a terminal that is held or a collector
//! that hangs, and nobody who answers requests may wait for that.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::base::turns;

/// Most bytes that wait; further lines are left out and counted.
const MOST_WAITING: usize = 1 << 20;

/// Where lines are handed in. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    /// Lines that found no room since the thread last looked.
    left_out: u64,
    is_writing: bool,
}

impl Lines {
    /// Starts the thread that writes to the standard error.
    pub(super) fn start() -> io::Result<Self> {
        let lines = Self::default();
        let own = lines.clone();
        thread::Builder::new()
            .name("stead-lines".to_owned())
            .spawn(move || {
                // It is started before whoever starts it does the same.
                turns::take_turns();
                loop {
                    own.write_to(&mut io::stderr());
                }
            })?;
        Ok(lines)
    }

    /// Waits until everything is written, for as long as is given; it may be that nobody takes it.
    pub(super) fn flush(&self, patience: Duration) {
        drop(
            self.0
                .changed
                .wait_timeout_while(self.state(), patience, |state| {
                    state.is_writing || !state.waiting.is_empty()
                }),
        );
    }

    /// Waits for lines and writes them.
    fn write_to(&self, out: &mut impl Write) {
        let mut state = self
            .0
            .changed
            .wait_while(self.state(), |state| state.waiting.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        let lines = mem::take(&mut state.waiting);
        let left_out = mem::take(&mut state.left_out);
        state.is_writing = true;
        drop(state);
        // There is nobody left to tell that it fails.
        drop(out.write_all(&lines));
        if left_out > 0 {
            tracing::warn!(
                lines = left_out,
                "lines of the log are left out here: nobody took them from the standard error"
            );
        }
        self.state().is_writing = false;
        self.0.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Each write is a line, or several.
impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut state = self.state();
        if state.waiting.len() + line.len() > MOST_WAITING {
            state.left_out += 1;
        } else {
            state.waiting.extend_from_slice(line);
        }
        drop(state);
        self.0.changed.notify_all();
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{Lines, MOST_WAITING};

    #[test]
    fn lines_are_written_in_order() {
        let mut lines = Lines::default();
        writeln!(lines, "one").unwrap();
        writeln!(lines, "two").unwrap();
        let mut out = Vec::new();
        lines.write_to(&mut out);
        assert_eq!(out, b"one\ntwo\n");
    }

    #[test]
    fn what_nobody_takes_is_bounded() {
        let mut lines = Lines::default();
        let line = vec![b'x'; 1000];
        for _ in 0..2000 {
            lines.write_all(&line).unwrap();
        }
        let mut out = Vec::new();
        lines.write_to(&mut out);
        assert_eq!(out.len(), MOST_WAITING / 1000 * 1000);
        lines.write_all(b"again\n").unwrap();
        out.clear();
        lines.write_to(&mut out);
        assert_eq!(out, b"again\n");
    }
}
