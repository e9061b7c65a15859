//! Writing into the database again what has been copied there from the log, for when its disk may have lost that.
//!
//! An error of flushing a file is told once; what was to be flushed may be gone, and a later flush that succeeds says
//! nothing about it. The log still has all of it until it starts over, but SQLite copies nothing twice. So this does,
//! page by page: a page gets the bytes it has already, so that readers notice nothing.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::frames::{self, Fault};

/// Writes the newest version of each page among the first frames of the log into the database and flushes it.
///
/// Nobody may let the log start over or copy from it meanwhile.
pub(super) fn rewrite(log: &Path, mut database: &File, frames: u32) -> io::Result<()> {
    let log = File::open(log)?;
    let changed = || io::Error::other("the log is not what was copied");
    let header = frames::header(&log)?.ok_or_else(changed)?;
    let newest = frames::newest(&log, header, frames).map_err(|fault| match fault {
        Fault::Io(error) => error,
        Fault::Changed | Fault::TooLarge => changed(),
    })?;
    let mut page = vec![0; header.page_size as usize];
    for (number, frame) in newest {
        frames::read_page(&log, header, frame, &mut page)?;
        let place = u64::from(number.saturating_sub(1)) * u64::from(header.page_size);
        database.seek(SeekFrom::Start(place))?;
        database.write_all(&page)?;
    }
    database.sync_data()
}
