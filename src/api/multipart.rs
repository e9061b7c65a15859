//! Multipart forms: values and files, part by part.

use axum::body::Body;
use futures_util::TryStreamExt as _;
use multer::{Constraints, Multipart, SizeLimit};

use crate::api::body::{Budget, Unreadable};
use crate::base::error::Trouble;
use crate::files::{self, Store, Upload};

/// Most parts a form may have.
const MAX_PARTS: usize = 1000;

/// The parts of a form.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) pairs: Vec<(String, String)>,
    pub(super) uploads: Vec<Upload>,
}

/// Reads a multipart body of at most `limit` bytes.
pub(super) async fn read(
    body: Body,
    content_type: &str,
    limit: usize,
    budget: &mut Budget,
    store: &Store,
) -> Result<Parts, Unreadable> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| Unreadable::Malformed)?;
    let constraints = Constraints::new().size_limit(SizeLimit::new().whole_stream(limit as u64));
    let stream = body.into_data_stream().map_err(std::io::Error::other);
    let mut multipart = Multipart::with_constraints(stream, boundary, constraints);
    let mut parts = Parts::default();
    let mut count = 0_usize;
    while let Some(mut field) = multipart
        .next_field()
        .await
        .map_err(|error| reason(&error))?
    {
        count += 1;
        if count > MAX_PARTS {
            return Err(Unreadable::Malformed);
        }
        let key = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(base_name).unwrap_or_default();
        if !file_name.is_empty() && !key.is_empty() {
            parts
                .uploads
                .push(spool(&mut field, store, &key, &file_name).await?);
            continue;
        }
        let mut content = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| reason(&error))? {
            if !key.is_empty() {
                budget.take(chunk.len())?;
                content.extend_from_slice(&chunk);
            }
        }
        if !key.is_empty() {
            let text = match String::from_utf8(content) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            };
            parts.pairs.push((key, text));
        }
    }
    Ok(parts)
}

/// Takes a file in; large ones go to disk while they come.
async fn spool(
    field: &mut multer::Field<'_>,
    store: &Store,
    key: &str,
    file_name: &str,
) -> Result<Upload, Unreadable> {
    let mut spool = store.spool();
    while let Some(chunk) = field.chunk().await.map_err(|error| reason(&error))? {
        spool
            .push(&chunk)
            .await
            .map_err(|error| unstorable(&error))?;
    }
    spool
        .finish(key, file_name)
        .await
        .map_err(|error| unstorable(&error))
}

fn unstorable(error: &files::Error) -> Unreadable {
    tracing::error!(%error, "an upload cannot be stored");
    match error {
        files::Error::Io(error) => Trouble::of(error).map_or(Unreadable::Storage, Unreadable::Disk),
        _ => Unreadable::Storage,
    }
}

/// The last segment of a path a client may have sent as a file name.
fn base_name(name: &str) -> String {
    name.rsplit('/')
        .find(|segment| !segment.is_empty())
        .unwrap_or_default()
        .to_owned()
}

fn reason(error: &multer::Error) -> Unreadable {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            Unreadable::TooLarge
        }
        _ => Unreadable::Malformed,
    }
}
