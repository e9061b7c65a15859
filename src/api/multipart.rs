//! Multipart forms: values and files, part by part.

mod head;
mod quoted;
mod splitter;
#[cfg(test)]
mod tests;

use axum::body::Body;
use http_body_util::BodyExt as _;

use crate::api::parameters::Parameters;
use crate::api::reading::{Budget, Reading, Unreadable};
use crate::base::error::Trouble;
use crate::files::{self, MEMORY_LIMIT, Spool, Upload};

use head::Head;
use quoted::QuotedPrintable;
use splitter::{Event, Splitter};

/// Most parts a form may have.
const MAX_PARTS: usize = 1000;

/// Most bytes between the contents of two parts: a boundary and headers.
const MAX_HEAD: usize = 64 << 10;

/// Longest boundary: what may be the beginning of one is looked at again with every piece of the body.
const MAX_BOUNDARY: usize = 1 << 10;

/// What is no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Malformed;

impl From<Malformed> for Unreadable {
    fn from(Malformed: Malformed) -> Self {
        Self::Malformed
    }
}

/// The parts of a form.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) pairs: Vec<(String, String)>,
    pub(super) uploads: Vec<Upload>,
}

/// Reads a multipart body.
pub(super) async fn read(
    mut body: Body,
    how: &Reading<'_>,
    budget: &mut Budget,
) -> Result<Parts, Unreadable> {
    let mut splitter = Splitter::new(&boundary(how.content_type)?);
    let (mut parts, mut part) = (Parts::default(), Part::Nobodys);
    let (mut count, mut length) = (0_usize, 0_usize);
    loop {
        match splitter.next()? {
            Event::Part(head) => {
                count += 1;
                if count > MAX_PARTS {
                    return Err(Unreadable::Malformed);
                }
                part = Part::begin(head, how, budget)?;
            }
            Event::Content(bytes) => part.push(bytes, budget).await?,
            Event::PartEnd => {
                let complete = std::mem::replace(&mut part, Part::Nobodys);
                complete.finish(&mut parts, budget).await?;
            }
            Event::End => return Ok(parts),
            Event::More => {
                let Some(frame) = how.unless_silent(body.frame()).await? else {
                    splitter.finish();
                    continue;
                };
                let Ok(data) = frame.map_err(|_| Unreadable::Malformed)?.into_data() else {
                    continue;
                };
                length = length.saturating_add(data.len());
                if length > how.limit {
                    return Err(Unreadable::TooLarge);
                }
                splitter.push(&data);
            }
        }
    }
}

/// What stands between the parts, as the content type says.
fn boundary(content_type: &str) -> Result<String, Malformed> {
    let parameters = Parameters::read(content_type).ok_or(Malformed)?;
    let boundary = parameters.get("boundary").unwrap_or_default();
    let has_length = (1..=MAX_BOUNDARY).contains(&boundary.len());
    if parameters.kind != "multipart/form-data" || !has_length {
        return Err(Malformed);
    }
    Ok(boundary)
}

/// A part on its way.
enum Part {
    /// One without a name: it is only passed over.
    Nobodys,
    Value {
        key: String,
        content: Vec<u8>,
        encoding: Option<QuotedPrintable>,
    },
    /// Boxed because it is much larger than the others.
    File(Box<File>),
}

struct File {
    key: String,
    name: String,
    spool: Spool,
    encoding: Option<QuotedPrintable>,
    /// What of it counts as held in memory; nothing any more once it goes to the disk.
    held: Option<usize>,
}

impl Part {
    fn begin(head: Head, how: &Reading<'_>, budget: &mut Budget) -> Result<Self, Unreadable> {
        let Head {
            name: key,
            file_name: name,
            is_quoted_printable,
        } = head;
        budget.take(key.len() + name.len())?;
        let encoding = is_quoted_printable.then(QuotedPrintable::default);
        Ok(if key.is_empty() {
            Self::Nobodys
        } else if name.is_empty() {
            Self::Value {
                key,
                content: Vec::new(),
                encoding,
            }
        } else {
            Self::File(Box::new(File {
                key,
                name,
                spool: how.store.spool(),
                encoding,
                held: Some(0),
            }))
        })
    }

    async fn push(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<(), Unreadable> {
        match self {
            Self::Nobodys => {}
            Self::Value {
                content, encoding, ..
            } => {
                budget.take(bytes.len())?;
                match encoding {
                    Some(encoding) => encoding.push(bytes, content)?,
                    None => content.extend_from_slice(bytes),
                }
            }
            Self::File(file) => match &mut file.encoding {
                Some(encoding) => {
                    let mut decoded = Vec::new();
                    encoding.push(bytes, &mut decoded)?;
                    file.take_in(&decoded, budget).await?;
                }
                None => file.take_in(bytes, budget).await?,
            },
        }
        Ok(())
    }

    async fn finish(self, parts: &mut Parts, budget: &mut Budget) -> Result<(), Unreadable> {
        match self {
            Self::Nobodys => {}
            Self::Value {
                key,
                mut content,
                encoding,
            } => {
                if let Some(encoding) = encoding {
                    encoding.finish(&mut content)?;
                }
                let text = match String::from_utf8(content) {
                    Ok(text) => text,
                    Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
                };
                parts.pairs.push((key, text));
            }
            Self::File(mut file) => {
                if let Some(encoding) = file.encoding.take() {
                    let mut decoded = Vec::new();
                    encoding.finish(&mut decoded)?;
                    file.take_in(&decoded, budget).await?;
                }
                let upload = file.spool.finish(&file.key, &file.name).await;
                let upload = upload.map_err(|error| unstorable(&error))?;
                parts.uploads.push(upload);
            }
        }
        Ok(())
    }
}

impl File {
    /// Takes some of a file in. It counts for as long as it is held in memory; large ones go to disk while they come.
    async fn take_in(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<(), Unreadable> {
        if let Some(held) = &mut self.held {
            budget.take(bytes.len())?;
            *held += bytes.len();
        }
        let pushed = self.spool.push(bytes).await;
        pushed.map_err(|error| unstorable(&error))?;
        if let Some(held) = self.held.take_if(|held| *held > MEMORY_LIMIT) {
            budget.give_back(held);
        }
        Ok(())
    }
}

fn unstorable(error: &files::Error) -> Unreadable {
    tracing::error!(%error, "an upload cannot be stored");
    match error {
        files::Error::Io(error) => Trouble::of(error).map_or(Unreadable::Storage, Unreadable::Disk),
        _ => Unreadable::Storage,
    }
}
