//! Bringing the database of a moment back from nothing but the place.

use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use futures_util::{StreamExt as _, stream};

use crate::base::time::Timestamp;
use crate::replica::error::{Error, Result};
use crate::replica::names::{self, Base, Segment};
use crate::replica::piece;
use crate::replica::place::Place;

/// Pieces that are fetched at the same time.
const AHEAD: usize = 8;

/// What was brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Everything committed before this moment is in it.
    pub at: Timestamp,
    /// Segments that were put over the image.
    pub segments: usize,
}

/// Writes the database as it was at a moment, or as new as possible, into a new file.
pub async fn restore(place: &Place, at: Option<Timestamp>, target: &Path) -> Result<Restored> {
    let (generation, base, segments) = choose(place, at).await?;
    let mut image = Image::create(target)?;
    let name = base.name();
    let manifest = place.get(&[&generation, &name]).await?;
    let manifest = piece::read_manifest(&name, &manifest)?;
    let folder = Base::folder(base.first);
    let names = (0..manifest.chunks.len()).map(Base::chunk);
    let chunks = names.map(|name| {
        let (generation, folder) = (&generation, &folder);
        async move { (place.get(&[generation, folder, &name]).await, name) }
    });
    let mut chunks = stream::iter(chunks).buffered(AHEAD);
    let mut expected = manifest.chunks.iter();
    let mut end = 0;
    while let Some((bytes, name)) = chunks.next().await {
        let (place, bytes, hash) = piece::read_chunk(&name, &bytes?)?;
        if expected.next() != Some(&hash) || place != end {
            return Err(other(name));
        }
        end += bytes.len() as u64;
        image.write(place, &bytes)?;
    }
    if end != manifest.length {
        return Err(other(name));
    }
    let applied = apply(place, &generation, &segments, &mut image).await?;
    image.finish(applied)?;
    Ok(Restored {
        at: segments.last().map_or(base.at, |segment| segment.at),
        segments: segments.len(),
    })
}

/// Puts segments over an image. Gives the length of the database afterwards.
async fn apply(
    place: &Place,
    generation: &str,
    segments: &[Segment],
    image: &mut Image,
) -> Result<Option<u64>> {
    let pieces = segments.iter().map(|segment| {
        let name = segment.name();
        async move { (place.get(&[generation, &name]).await, segment.number, name) }
    });
    let mut pieces = stream::iter(pieces).buffered(AHEAD);
    let (mut before, mut length) = (None, None);
    while let Some((bytes, number, name)) = pieces.next().await {
        let (head, pages, hash) = piece::read_segment(&name, &bytes?)?;
        let follows = before.is_none_or(|before| before == head.previous);
        if head.number != number || !follows {
            return Err(other(name));
        }
        before = Some(hash);
        let page_size = u64::from(head.page_size);
        for (page, bytes) in pages {
            image.write(u64::from(page - 1) * page_size, &bytes)?;
        }
        length = Some(u64::from(head.size) * page_size);
    }
    Ok(length)
}

/// The newest image that was complete at a moment, with the segments up to it, of the generation that came closest to
/// it. An image alone does not tell: its clock may have been behind.
async fn choose(place: &Place, at: Option<Timestamp>) -> Result<(String, Base, Vec<Segment>)> {
    let wanted = at.unwrap_or(Timestamp::from_unix_ms(i64::MAX));
    let mut best: Option<(String, Base, Vec<Segment>)> = None;
    let mut best_reached: Option<Timestamp> = None;
    let mut oldest: Option<Timestamp> = None;
    for child in place.list(&[]).await? {
        if !child.is_folder || !names::is_generation(&child.name) {
            continue;
        }
        let children = place.list(&[&child.name]).await?;
        let bases = children.iter().filter_map(|child| Base::parse(&child.name));
        let bases: Vec<Base> = bases.collect();
        let first = bases.iter().map(|base| base.at).min();
        oldest = oldest.into_iter().chain(first).min();
        let base = bases.into_iter().filter(|base| base.at <= wanted);
        let Some(base) = base.max_by_key(|base| base.at) else {
            continue;
        };
        let segments: Vec<Segment> = children
            .iter()
            .filter_map(|child| Segment::parse(&child.name))
            .collect();
        let moments = segments.iter().map(|segment| segment.at);
        let reached = moments.filter(|at| *at <= wanted).chain([base.at]).max();
        if best.is_none() || best_reached <= reached {
            best = Some((child.name, base, segments));
            best_reached = reached;
        }
    }
    let Some((generation, base, mut segments)) = best else {
        return Err(Error::refused(match oldest {
            None => format!("{place} has no complete replica"),
            Some(oldest) => format!("the oldest moment in {place} is {oldest}"),
        }));
    };
    segments.retain(|segment| {
        segment.number >= base.first && (segment.number <= base.settled || segment.at <= wanted)
    });
    segments.sort_unstable();
    let numbers = segments.iter().map(|segment| segment.number);
    let is_whole = numbers.eq((base.first..).take(segments.len()));
    let last = base.first + segments.len() as u64;
    if !is_whole || last <= base.settled {
        return Err(Error::Damaged {
            name: generation,
            what: "a segment is missing",
        });
    }
    Ok((generation, base, segments))
}

fn other(name: String) -> Error {
    Error::Damaged {
        name,
        what: "it does not belong here",
    }
}

/// A database file in the making; gone unless it is finished.
struct Image {
    target: PathBuf,
    part: PathBuf,
    file: File,
}

impl Image {
    fn create(target: &Path) -> Result<Self> {
        if target.exists() {
            return Err(Error::refused(format!("{} exists", target.display())));
        }
        let part = target.with_extension("part");
        let file = File::create(&part).map_err(|source| failed(&part, source))?;
        Ok(Self {
            target: target.to_owned(),
            part,
            file,
        })
    }

    fn write(&mut self, place: u64, bytes: &[u8]) -> Result<()> {
        let written = self
            .file
            .seek(SeekFrom::Start(place))
            .and_then(|_| self.file.write_all(bytes));
        written.map_err(|source| failed(&self.part, source))
    }

    /// Gives the file its length and name.
    fn finish(self, length: Option<u64>) -> Result<()> {
        let finished = length
            .map_or(Ok(()), |length| self.file.set_len(length))
            .and_then(|()| self.file.sync_all())
            .and_then(|()| fs::rename(&self.part, &self.target));
        finished.map_err(|source| failed(&self.target, source))
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // It has its name when it is finished.
        drop(fs::remove_file(&self.part));
    }
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::File {
        path: path.display().to_string(),
        source,
    }
}
