//! What the pieces of a replica look like inside: a line that says what it is, compressed content, and a hash of both.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::base::text::hex;
use crate::engine::Captured;
use crate::replica::error::{Error, Result};

const HASH: usize = 32;

/// The largest content of a piece that is believed.
const MOST: u64 = 1 << 30;

/// Pages that changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SegmentHead {
    pub number: u64,
    /// Milliseconds since 1970.
    pub at: i64,
    pub page_size: u32,
    /// Pages of the database afterwards.
    pub size: u32,
    /// Pages in here.
    pub pages: u32,
    /// Hash of the segment before; empty for the first of a generation.
    pub previous: String,
}

/// A part of an image.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ChunkHead {
    pub place: u64,
    pub length: u64,
}

/// A complete image.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    pub format: u32,
    pub first: u64,
    pub settled: u64,
    pub length: u64,
    /// Hashes of the parts.
    pub chunks: Vec<String>,
}

pub(super) const FORMAT: u32 = 1;

/// A segment and its hash.
pub(super) fn segment(
    captured: &Captured,
    number: u64,
    previous: &str,
) -> Result<(Vec<u8>, String)> {
    let head = SegmentHead {
        number,
        at: captured.at.unix_ms(),
        page_size: captured.page_size,
        size: captured.size,
        pages: u32::try_from(captured.pages.len()).unwrap_or(u32::MAX),
        previous: previous.to_owned(),
    };
    pack(&head, |content| {
        for (page, bytes) in &captured.pages {
            content.write_all(&page.to_be_bytes())?;
            content.write_all(bytes)?;
        }
        Ok(())
    })
}

/// A part of an image and its hash.
pub(super) fn chunk(place: u64, bytes: &[u8]) -> Result<(Vec<u8>, String)> {
    let head = ChunkHead {
        place,
        length: bytes.len() as u64,
    };
    pack(&head, |content| content.write_all(bytes))
}

/// The manifest of an image.
pub(super) fn manifest(manifest: &Manifest) -> Result<Vec<u8>> {
    pack(manifest, |_| Ok(())).map(|(bytes, _)| bytes)
}

/// Head, pages and hash of a segment.
pub(super) fn read_segment(
    name: &str,
    bytes: &[u8],
) -> Result<(SegmentHead, BTreeMap<u32, Vec<u8>>, String)> {
    let damaged = |what| damaged(name, what);
    let (head, content, hash) = open::<SegmentHead>(name, bytes)?;
    let page_size = head.page_size as usize;
    if !page_size.is_power_of_two() || !(512..=65_536).contains(&page_size) {
        return Err(damaged("an impossible page size"));
    }
    let length = (page_size as u64 + 4) * u64::from(head.pages);
    let content = inflate(name, content, length)?;
    let mut pages = BTreeMap::new();
    for page in content.chunks_exact(page_size + 4) {
        let (number, bytes) = page.split_at(4);
        let number = number.try_into().map_or(0, u32::from_be_bytes);
        if number == 0 {
            return Err(damaged("a page without a number"));
        }
        pages.insert(number, bytes.to_vec());
    }
    Ok((head, pages, hash))
}

/// Place, bytes and hash of a part of an image.
pub(super) fn read_chunk(name: &str, bytes: &[u8]) -> Result<(u64, Vec<u8>, String)> {
    let (head, content, hash) = open::<ChunkHead>(name, bytes)?;
    let content = inflate(name, content, head.length)?;
    Ok((head.place, content, hash))
}

/// A manifest of a format this version knows.
pub(super) fn read_manifest(name: &str, bytes: &[u8]) -> Result<Manifest> {
    let (manifest, _, _) = open::<Manifest>(name, bytes)?;
    if manifest.format != FORMAT {
        return Err(Error::refused(format!(
            "{name} has format {}, this version reads format {FORMAT}",
            manifest.format
        )));
    }
    Ok(manifest)
}

fn pack(
    head: &impl Serialize,
    write: impl FnOnce(&mut ZlibEncoder<Vec<u8>>) -> std::io::Result<()>,
) -> Result<(Vec<u8>, String)> {
    let failed =
        |error: &dyn std::fmt::Display| Error::refused(format!("cannot be packed: {error}"));
    let mut bytes = serde_json::to_vec(head).map_err(|error| failed(&error))?;
    bytes.push(b'\n');
    let mut content = ZlibEncoder::new(bytes, Compression::fast());
    write(&mut content).map_err(|error| failed(&error))?;
    let mut bytes = content.finish().map_err(|error| failed(&error))?;
    let hash = Sha256::digest(&bytes);
    bytes.extend_from_slice(&hash);
    Ok((bytes, hex(&hash)))
}

/// Checks the hash of a piece and gives its head, its compressed content and the hash.
fn open<'a, T: for<'de> Deserialize<'de>>(
    name: &str,
    bytes: &'a [u8],
) -> Result<(T, &'a [u8], String)> {
    let damaged = |what| damaged(name, what);
    let signed = bytes.len().checked_sub(HASH);
    let (signed, hash) = signed
        .and_then(|end| bytes.split_at_checked(end))
        .ok_or_else(|| damaged("it is too short"))?;
    if Sha256::digest(signed).as_slice() != hash {
        return Err(damaged("its hash is another"));
    }
    let end = signed.iter().position(|byte| *byte == b'\n');
    let (head, rest) = end
        .and_then(|end| signed.split_at_checked(end))
        .ok_or_else(|| damaged("it has no head"))?;
    let head = serde_json::from_slice(head).map_err(|_| damaged("its head is unreadable"))?;
    Ok((head, rest.get(1..).unwrap_or_default(), hex(hash)))
}

fn inflate(name: &str, packed: &[u8], length: u64) -> Result<Vec<u8>> {
    if length > MOST {
        return Err(damaged(name, "it is too large"));
    }
    let mut content = Vec::new();
    ZlibDecoder::new(packed)
        .take(length + 1)
        .read_to_end(&mut content)
        .map_err(|_| damaged(name, "its content cannot be unpacked"))?;
    if content.len() as u64 != length {
        return Err(damaged(name, "its content has another length"));
    }
    Ok(content)
}

fn damaged(name: &str, what: &'static str) -> Error {
    Error::Damaged {
        name: name.to_owned(),
        what,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{read_segment, segment};
    use crate::base::time::Timestamp;
    use crate::engine::Captured;

    #[test]
    fn a_piece_that_was_touched_is_refused() {
        let captured = Captured {
            at: Timestamp::from_unix_ms(5),
            page_size: 512,
            size: 9,
            is_complete: true,
            pages: BTreeMap::from([(1, vec![1; 512]), (7, vec![7; 512])]),
        };
        let (bytes, hash) = segment(&captured, 3, "before").unwrap();
        let (head, pages, same) = read_segment("x", &bytes).unwrap();
        assert_eq!(
            (head.number, head.size, head.previous.as_str()),
            (3, 9, "before")
        );
        assert_eq!((pages, same), (captured.pages, hash));
        for at in 0..bytes.len() {
            let mut touched = bytes.clone();
            touched[at] ^= 1;
            assert!(read_segment("x", &touched).is_err(), "{at}");
            assert!(read_segment("x", &bytes[..at]).is_err(), "{at}");
        }
    }
}
