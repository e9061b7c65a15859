//! The store in a bucket of an S3 compatible service. Keys are the paths of the local store; types and original names
//! are kept as properties of the objects.

mod exchange;
mod object;
mod parts;

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use hyper::HeaderMap;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, LAST_MODIFIED};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rusty_s3::actions::ListObjectsV2;
use rusty_s3::{Bucket, Credentials, Map, S3Action as _, UrlStyle};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;

use crate::base::ids::{self, LOWER_ALNUM};
use crate::base::time::{self, Timestamp};
use crate::fetch;
use crate::files::error::{Error, Result};
use crate::files::key::FileKey;
use crate::files::store::{Child, ChildKind, Content, StoredFile};
use crate::files::upload::{self, Upload};
use crate::settings::S3;
use exchange::Payload;
pub(super) use object::Object;

/// Uploads longer than this are sent in parts, of this many bytes at least.
const PART: u64 = 16 << 20;

/// How many objects are removed at once.
const DELETES: usize = 8;

/// How many operations may be under way at once; the others wait.
const MAX_CONCURRENT: usize = 64;

/// Longest wait of what somebody waits for. While the service hangs there would be no end of those who come.
const TURN: Duration = Duration::from_mins(1);

/// Longest wait of what is removed behind an answer: it is not asked for again.
const REMOVAL_TURN: Duration = Duration::from_hours(1);

/// Longest test file that is read back.
const MAX_PROBE: u64 = 64;

/// Longest name of an uploaded file that is kept.
const MAX_NAME_BYTES: usize = 255;

const ORIGINAL_NAME: &str = "x-amz-meta-original-filename";
const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// A bucket. Cheap to clone.
#[derive(Clone)]
pub struct S3Store(Arc<Shared>);

struct Shared {
    bucket: Bucket,
    credentials: Credentials,
    client: fetch::Client,
    temp: PathBuf,
    permits: Semaphore,
}

impl fmt::Debug for S3Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Store")
            .field("bucket", &self.0.bucket.base_url().as_str())
            .finish_non_exhaustive()
    }
}

impl S3Store {
    /// Fails if the settings cannot be an address.
    pub(super) fn new(settings: &S3, client: fetch::Client, temp: PathBuf) -> Result<Self> {
        let invalid = |what: String| Error::Refused(format!("invalid S3 settings: {what}"));
        let endpoint = settings.endpoint.trim();
        let endpoint = if endpoint.contains("://") {
            Url::parse(endpoint)
        } else {
            Url::parse(&format!("https://{endpoint}"))
        };
        let endpoint = endpoint.map_err(|error| invalid(error.to_string()))?;
        let style = if settings.force_path_style {
            UrlStyle::Path
        } else {
            UrlStyle::VirtualHost
        };
        let (name, region) = (settings.bucket.clone(), settings.region.clone());
        let bucket = Bucket::new(endpoint, style, name, region)
            .map_err(|error| invalid(error.to_string()))?;
        Ok(Self(Arc::new(Shared {
            bucket,
            credentials: Credentials::new(&settings.access_key, settings.secret.expose()),
            client,
            temp,
            permits: Semaphore::new(MAX_CONCURRENT),
        })))
    }

    pub(super) fn temp(&self) -> &Path {
        &self.0.temp
    }

    /// Stores, reads, lists and removes a small object, to find out whether everything is set up. An address that
    /// answers everything with a success, such as that of a web page, is none.
    pub async fn probe(&self) -> Result<()> {
        const CONTENT: &[u8] = b"test";
        let folder = format!("pb_settings_test_{}", ids::random_string(5, LOWER_ALNUM));
        let key = FileKey::of(&[&folder, "test.txt"])?;
        let content = Bytes::from_static(CONTENT);
        self.put_bytes(&key, "text/plain; charset=utf-8", content)
            .await?;
        let checked = async {
            let lost = || Error::Refused("a file that it took is not there".to_owned());
            match self.read(&key, MAX_PROBE).await {
                Ok(content) if content == CONTENT => {}
                Ok(_) | Err(Error::NotFound | Error::TooLarge) => return Err(lost()),
                Err(error) => return Err(error),
            }
            let (children, _) = self.children(Some(&FileKey::of(&[&folder])?), None).await?;
            if children.is_empty() {
                return Err(lost());
            }
            Ok(())
        };
        let checked = checked.await;
        let removed = self.delete_object(key.path()).await;
        checked.and(removed)
    }

    pub(super) async fn put(&self, key: &FileKey, upload: Upload) -> Result<()> {
        let name = original_name(&upload.file_name);
        let mime = upload.content_type.mime.clone();
        let payload = match &upload.content {
            upload::Content::Memory(bytes) => Payload::Bytes(Bytes::from(bytes.clone())),
            upload::Content::Temp(file) => Payload::File {
                path: file.path().to_owned(),
                start: 0,
                length: upload.size,
            },
        };
        if upload.size > PART
            && let upload::Content::Temp(file) = &upload.content
        {
            return self
                .put_in_parts(key.path(), &mime, &name, file.path(), upload.size)
                .await;
        }
        let sum = STANDARD.encode(upload.md5);
        self.put_whole(key.path(), &mime, &name, Some(&sum), &payload)
            .await
    }

    /// Stores a file of this machine.
    pub async fn put_file(&self, key: &FileKey, content_type: &str, file: &Path) -> Result<()> {
        let size = tokio::fs::metadata(file).await?.len();
        if size > PART {
            return self
                .put_in_parts(key.path(), content_type, "", file, size)
                .await;
        }
        let payload = Payload::File {
            path: file.to_owned(),
            start: 0,
            length: size,
        };
        self.put_whole(key.path(), content_type, "", None, &payload)
            .await
    }

    /// Stores bytes that are at hand.
    pub async fn put_bytes(&self, key: &FileKey, content_type: &str, bytes: Bytes) -> Result<()> {
        self.put_whole(key.path(), content_type, "", None, &Payload::Bytes(bytes))
            .await
    }

    async fn put_whole(
        &self,
        path: &str,
        content_type: &str,
        original_name: &str,
        md5: Option<&str>,
        payload: &Payload,
    ) -> Result<()> {
        let _permit = self.permit(TURN).await?;
        let mut action = self.0.bucket.put_object(Some(&self.0.credentials), path);
        let mut headers = vec![(CONTENT_TYPE, content_type.to_owned())];
        if let Some(md5) = md5 {
            headers.push((CONTENT_MD5, md5.to_owned()));
        }
        name_headers(action.headers_mut(), &mut headers, original_name);
        self.send(&action, &headers, payload)
            .await
            .map_err(unplaced)?;
        Ok(())
    }

    pub(super) async fn open(&self, key: &FileKey) -> Result<StoredFile> {
        let _permit = self.permit(TURN).await?;
        let action = self
            .0
            .bucket
            .head_object(Some(&self.0.credentials), key.path());
        let answer = self.send(&action, &[], &Payload::Empty).await?;
        let object = |_| Object::new(self.clone(), key.clone());
        stored_file(key, answer.headers(), object)
    }

    /// Asks for the content at once.
    pub(super) async fn open_whole(&self, key: &FileKey) -> Result<StoredFile> {
        let _permit = self.permit(TURN).await?;
        let action = self
            .0
            .bucket
            .get_object(Some(&self.0.credentials), key.path());
        let answer = self.send(&action, &[], &Payload::Empty).await?;
        let (head, body) = answer.into_parts();
        let object = |size| Object::with(self.clone(), key.clone(), body, size);
        stored_file(key, &head.headers, object)
    }

    pub(super) async fn read(&self, key: &FileKey, max_bytes: u64) -> Result<Vec<u8>> {
        let file = self.open_whole(key).await?;
        if file.size > max_bytes {
            return Err(Error::TooLarge);
        }
        let mut bytes = Vec::new();
        let mut content = Box::pin(file.content.stream(0, file.size));
        while let Some(chunk) = content.next().await {
            bytes.extend_from_slice(&chunk.map_err(told)?);
        }
        Ok(bytes)
    }

    pub(super) async fn delete(&self, keys: Vec<FileKey>) -> Result<()> {
        for key in keys {
            self.delete_object(key.path()).await?;
            self.delete_folder(&key.thumbs()).await?;
        }
        Ok(())
    }

    pub(super) async fn delete_folder(&self, key: &FileKey) -> Result<()> {
        let prefix = format!("{}/", key.path());
        let mut removed = HashSet::new();
        loop {
            // The first page again and again: what was listed is gone then.
            let mut action = self.0.bucket.list_objects_v2(Some(&self.0.credentials));
            action.with_prefix(prefix.as_str());
            let page = self.list(&action, REMOVAL_TURN).await?;
            let is_last = page.next_continuation_token.is_none() || page.contents.is_empty();
            let keys: HashSet<String> = page.contents.into_iter().map(|entry| entry.key).collect();
            // The same page would come for ever.
            if !keys.is_empty() && keys.is_subset(&removed) {
                return Err(Error::Refused("what it removed is still listed".to_owned()));
            }
            stream::iter(keys.clone())
                .map(|key| async move { self.delete_object(&key).await })
                .buffer_unordered(DELETES)
                .try_collect::<()>()
                .await?;
            if is_last {
                return Ok(());
            }
            removed = keys;
        }
    }

    async fn delete_object(&self, path: &str) -> Result<()> {
        let _permit = self.permit(REMOVAL_TURN).await?;
        let action = self.0.bucket.delete_object(Some(&self.0.credentials), path);
        match self.send(&action, &[], &Payload::Empty).await {
            Ok(_) | Err(Error::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn children(
        &self,
        folder: Option<&FileKey>,
        after: Option<String>,
    ) -> Result<(Vec<Child>, Option<String>)> {
        let prefix = folder.map_or_else(String::new, |folder| format!("{}/", folder.path()));
        let mut action = self.0.bucket.list_objects_v2(Some(&self.0.credentials));
        action.with_prefix(prefix.as_str());
        action.with_delimiter("/");
        if let Some(after) = &after {
            action.with_continuation_token(after.as_str());
        }
        let page = self.list(&action, TURN).await?;
        // The same page would come for ever.
        if after.is_some() && page.next_continuation_token == after {
            return Err(Error::Refused("a list that does not go on".to_owned()));
        }
        let name_of = |path: &str| {
            path.strip_prefix(prefix.as_str())
                .map(|name| name.trim_end_matches('/').to_owned())
                .filter(|name| !name.is_empty())
        };
        let folders = page.common_prefixes.iter().filter_map(|folder| {
            Some(Child {
                name: name_of(&folder.prefix)?,
                kind: ChildKind::Folder,
            })
        });
        let files = page.contents.iter().filter_map(|object| {
            let modified = object.last_modified.as_deref().and_then(time::parse);
            Some(Child {
                name: name_of(&object.key)?,
                kind: ChildKind::File {
                    size: object.size.unwrap_or(0),
                    modified: modified.unwrap_or(Timestamp::from_unix_ms(0)),
                },
            })
        });
        Ok((folders.chain(files).collect(), page.next_continuation_token))
    }

    async fn list(
        &self,
        action: &ListObjectsV2<'_>,
        turn: Duration,
    ) -> Result<rusty_s3::actions::ListObjectsV2Response> {
        let _permit = self.permit(turn).await?;
        let text = self.send_for_text(action, &[], &Payload::Empty).await?;
        ListObjectsV2::parse_response(&text)
            .map_err(|error| Error::Refused(format!("an unreadable list: {error}")))
    }

    /// Waits for a turn, but not for ever.
    async fn permit(&self, turn: Duration) -> Result<tokio::sync::SemaphorePermit<'_>> {
        let permit = timeout(turn, self.0.permits.acquire())
            .await
            .map_err(|_| Error::Unreachable("others wait for it already".to_owned()))?;
        permit.map_err(|error| Error::Io(std::io::Error::other(error)))
    }
}

/// What the head of an answer says about an object, which is made of its size.
fn stored_file(
    key: &FileKey,
    headers: &HeaderMap,
    object: impl FnOnce(u64) -> Object,
) -> Result<StoredFile> {
    let size = text(headers, &CONTENT_LENGTH).and_then(|text| text.parse().ok());
    let size = size.ok_or_else(|| Error::Refused("an object without a length".to_owned()))?;
    let modified = text(headers, &LAST_MODIFIED).and_then(time::parse);
    Ok(StoredFile {
        name: key.name().to_owned(),
        content_type: text(headers, &CONTENT_TYPE)
            .unwrap_or(UNKNOWN_TYPE)
            .to_owned(),
        size,
        modified: modified.unwrap_or(Timestamp::from_unix_ms(0)),
        content: Content::Object(object(size)),
    })
}

/// What the service said, out of an error of the stream.
fn told(error: std::io::Error) -> Error {
    error
        .downcast::<Error>()
        .unwrap_or_else(|error| Error::Unreachable(error.to_string()))
}

/// What is stored was not looked for: a service that does not find something then has no such bucket.
fn unplaced(error: Error) -> Error {
    match error {
        Error::NotFound => Error::Refused("status 404: there is no such bucket".to_owned()),
        error => error,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A submitted name as metadata: these are headers, so everything unusual is escaped.
fn original_name(name: &str) -> String {
    let end = (0..=name.len().min(MAX_NAME_BYTES))
        .rev()
        .find(|end| name.is_char_boundary(*end));
    let short = name.get(..end.unwrap_or(0)).unwrap_or_default();
    utf8_percent_encode(short, NON_ALPHANUMERIC)
        .to_string()
        .replace("%2E", ".")
        .replace("%5F", "_")
        .replace("%2D", "-")
}

/// Adds the original name to what is signed and to what is sent.
fn name_headers(signed: &mut Map<'_>, headers: &mut Vec<(HeaderName, String)>, name: &str) {
    if !name.is_empty() {
        signed.insert(ORIGINAL_NAME, name.to_owned());
        headers.push((HeaderName::from_static(ORIGINAL_NAME), name.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::{MAX_CONCURRENT, S3Store};
    use crate::fetch::Client;
    use crate::files::Error;
    use crate::settings::S3;

    #[tokio::test]
    async fn nobody_waits_for_ever_for_a_service_that_hangs() {
        let settings = S3 {
            bucket: "files".to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: "http://127.0.0.1:1".to_owned(),
            force_path_style: true,
            ..S3::default()
        };
        let store = S3Store::new(&settings, Client::default(), PathBuf::new()).unwrap();
        let all = u32::try_from(MAX_CONCURRENT).unwrap();
        let hanging = store.0.permits.acquire_many(all).await.unwrap();
        let waited = store.permit(Duration::from_millis(1)).await;
        assert!(matches!(waited, Err(Error::Unreachable(_))), "{waited:?}");
        drop(hanging);
        assert!(store.permit(Duration::from_mins(1)).await.is_ok());
    }
}
