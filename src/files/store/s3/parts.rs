//! Large uploads: in parts, a few at a time, each read from the file while it is sent.

use std::path::Path;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use hyper::header::{CONTENT_TYPE, ETAG};
use rusty_s3::S3Action as _;
use rusty_s3::actions::{CompleteMultipartUploadResponse, CreateMultipartUpload};

use crate::files::error::{Error, Result};
use crate::files::store::s3::exchange::Payload;
use crate::files::store::s3::{PART, S3Store, TURN, name_headers, text, unplaced};

/// Most parts an object may have.
const MAX_PARTS: u64 = 10_000;

/// How many parts are sent at once.
const AT_ONCE: usize = 3;

impl S3Store {
    /// Stores a file that is on disk. A failing upload leaves no parts behind, as far as that can be said.
    pub(super) async fn put_in_parts(
        &self,
        path: &str,
        content_type: &str,
        original_name: &str,
        file: &Path,
        size: u64,
    ) -> Result<()> {
        let _permit = self.permit(TURN).await?;
        let (bucket, credentials) = (&self.0.bucket, Some(&self.0.credentials));
        let mut action = bucket.create_multipart_upload(credentials, path);
        let mut headers = vec![(CONTENT_TYPE, content_type.to_owned())];
        name_headers(action.headers_mut(), &mut headers, original_name);
        let answer = self
            .send_for_text(&action, &headers, &Payload::Empty)
            .await
            .map_err(unplaced)?;
        let unreadable = |error: &dyn std::fmt::Display| {
            Error::Refused(format!("an unreadable answer to an upload: {error}"))
        };
        let upload =
            CreateMultipartUpload::parse_response(&answer).map_err(|error| unreadable(&error))?;
        let id = upload.upload_id();
        let sent = async {
            let tags = self.send_parts(path, id, file, size).await?;
            let tags = tags.iter().map(String::as_str);
            let action = bucket.complete_multipart_upload(credentials, path, id, tags.clone());
            let body = bucket
                .complete_multipart_upload(credentials, path, id, tags)
                .body();
            let answer = self
                .send_for_text(&action, &[], &Payload::Bytes(body.into()))
                .await?;
            // The service may find out that it failed after it has answered with a success.
            CompleteMultipartUploadResponse::parse(&answer)
                .map(|_| ())
                .map_err(|error| unreadable(&error))
        };
        let sent = sent.await;
        if sent.is_err() {
            let action = bucket.abort_multipart_upload(credentials, path, id);
            if let Err(error) = self.send(&action, &[], &Payload::Empty).await {
                tracing::warn!(key = path, %error, "parts of a failed upload stay behind");
            }
        }
        sent.map_err(unplaced)
    }

    /// Sends all parts and gives their tags in order.
    async fn send_parts(
        &self,
        path: &str,
        id: &str,
        file: &Path,
        size: u64,
    ) -> Result<Vec<String>> {
        let part = PART.max(size.div_ceil(MAX_PARTS));
        stream::iter(0..size.div_ceil(part))
            .map(|index| async move {
                let number = u16::try_from(index + 1).map_err(|_| Error::TooLarge)?;
                let start = index * part;
                let payload = Payload::File {
                    path: file.to_owned(),
                    start,
                    length: part.min(size - start),
                };
                let action = self
                    .0
                    .bucket
                    .upload_part(Some(&self.0.credentials), path, number, id);
                let answer = self.send(&action, &[], &payload).await?;
                text(answer.headers(), &ETAG)
                    .map(str::to_owned)
                    .ok_or_else(|| Error::Refused("a part without a tag".to_owned()))
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await
    }
}
