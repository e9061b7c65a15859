//! Reading committed pages out of the write-ahead log as a file (<https://www.sqlite.org/walformat.html>).
//!
//! Only what SQLite says is committed is read, and only while nobody may overwrite it; that is `tap`'s matter.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const MAGIC: [u32; 2] = [0x377f_0682, 0x377f_0683];

/// Bytes of frame headers and pages that are read at once while looking for commits.
const PIECE: usize = 256 << 10;

/// What the log says at its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub page_size: u32,
    /// Changes whenever the log starts over.
    pub salts: [u8; 8],
}

/// The newest version of each page within some transactions.
#[derive(Debug, Default)]
pub(super) struct Versions {
    pub pages: BTreeMap<u32, Vec<u8>>,
    /// Pages of the database after the last of the transactions.
    pub size: u32,
    /// Frames up to here were looked at.
    pub end: u32,
}

/// Why the log cannot be read on.
#[derive(Debug)]
pub(super) enum Fault {
    /// A frame is not what the log's index says.
    Changed,
    /// One transaction has more pages than anybody wants to hold in memory.
    TooLarge,
    Io(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::Changed
        } else {
            Self::Io(error)
        }
    }
}

/// How much is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    /// Reading stops after the transaction with which there are so many pages.
    pub enough: usize,
    /// Most pages.
    pub most: usize,
}

/// Opens the log; there may be none yet.
pub(super) fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What is at the beginning of the log; nothing while it has none.
pub(super) fn header(log: &File) -> io::Result<Option<Header>> {
    let mut bytes = [0; HEADER];
    match read_at(log, &mut bytes, 0) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let mut salts = [0; 8];
    salts.copy_from_slice(&bytes[16..24]);
    let header = Header {
        page_size: number(&bytes, 8),
        salts,
    };
    let sound = MAGIC.contains(&number(&bytes, 0))
        && header.page_size.is_power_of_two()
        && (512..=65_536).contains(&header.page_size);
    Ok(sound.then_some(header))
}

/// Reads the pages of the frames after `from`, up to `to`, where a transaction ends.
pub(super) fn versions(
    log: &File,
    header: Header,
    from: u32,
    to: u32,
    amount: Amount,
) -> Result<Versions, Fault> {
    let frame = FRAME_HEADER + header.page_size as usize;
    let mut newest: BTreeMap<u32, u32> = BTreeMap::new();
    let mut found = Versions {
        end: from,
        ..Versions::default()
    };
    let step = u32::try_from((PIECE / frame).max(1)).unwrap_or(1);
    let mut piece = vec![0; frame * step as usize];
    let mut next = from;
    'all: while next < to {
        let count = step.min(to - next);
        let bytes = piece
            .get_mut(..frame * count as usize)
            .ok_or(Fault::Changed)?;
        read_at(log, bytes, place(next, frame))?;
        for one in bytes.chunks_exact(frame) {
            if one.get(8..16) != Some(&header.salts) {
                return Err(Fault::Changed);
            }
            newest.insert(number(one, 0), next);
            next += 1;
            if newest.len() > amount.most {
                return Err(Fault::TooLarge);
            }
            let size = number(one, 4);
            if size > 0 {
                (found.size, found.end) = (size, next);
                if newest.len() >= amount.enough {
                    break 'all;
                }
            }
        }
    }
    if found.end != next {
        return Err(Fault::Changed);
    }
    for (page, index) in newest {
        let mut bytes = vec![0; header.page_size as usize];
        read_page(log, header, index, &mut bytes)?;
        found.pages.insert(page, bytes);
    }
    Ok(found)
}

/// Where the newest version of each page is among the first frames: the number of its frame, from 0.
pub(super) fn newest(log: &File, header: Header, frames: u32) -> Result<BTreeMap<u32, u32>, Fault> {
    let frame = FRAME_HEADER + header.page_size as usize;
    let mut newest = BTreeMap::new();
    for index in 0..frames {
        let mut head = [0; FRAME_HEADER];
        read_at(log, &mut head, place(index, frame))?;
        if head[8..16] != header.salts {
            return Err(Fault::Changed);
        }
        newest.insert(number(&head, 0), index);
    }
    Ok(newest)
}

/// Reads the page in a frame; the buffer has its size.
pub(super) fn read_page(log: &File, header: Header, index: u32, page: &mut [u8]) -> io::Result<()> {
    let frame = FRAME_HEADER + header.page_size as usize;
    read_at(log, page, place(index, frame) + FRAME_HEADER as u64)
}

fn place(index: u32, frame: usize) -> u64 {
    HEADER as u64 + u64::from(index) * frame as u64
}

fn number(bytes: &[u8], at: usize) -> u32 {
    let part = bytes.get(at..at + 4).and_then(|part| part.try_into().ok());
    part.map_or(0, u32::from_be_bytes)
}

/// Fills a buffer from a place in a file. One thread at a time uses the file.
pub(super) fn read_at(mut file: &File, buffer: &mut [u8], place: u64) -> io::Result<()> {
    file.seek(SeekFrom::Start(place))?;
    file.read_exact(buffer)
}
