//! Where a replica is kept: a folder, or a part of a bucket.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use url::Url;

use crate::base::secret::Secret;
use crate::fetch;
use crate::files::{self, ChildKind, FileKey, Store};
use crate::replica::blocking;
use crate::replica::error::{Error, Result};
use crate::settings::{S3, WriteOnly};

/// Largest piece that is read.
const MOST: u64 = 1 << 30;

/// Ending of files that are not complete.
const PART: &str = ".part";

/// A place for a replica. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Place {
    kind: Kind,
    shown: String,
}

#[derive(Clone, Debug)]
enum Kind {
    Folder(PathBuf),
    Bucket { store: Store, prefix: Vec<String> },
}

/// Something in a folder of a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Child {
    pub name: String,
    pub is_folder: bool,
}

impl Place {
    /// Reads what an operator wrote: a path, or `s3://BUCKET/PREFIX?region=…&endpoint=…`, for which there are an access
    /// key and a secret.
    pub fn parse(text: &str, keys: Option<(String, Secret<String>)>) -> Result<Self> {
        let Some(rest) = text.strip_prefix("s3://") else {
            if text.is_empty() {
                return Err(Error::refused("the place of the replica must not be empty"));
            }
            return Ok(Self {
                kind: Kind::Folder(PathBuf::from(text)),
                shown: text.to_owned(),
            });
        };
        let url = Url::parse(&format!("s3://{rest}"))
            .map_err(|error| Error::refused(format!("{text} is no address: {error}")))?;
        let option = |name: &str| {
            url.query_pairs()
                .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
        };
        let Some((access_key, secret)) = keys else {
            return Err(Error::refused("the keys of the bucket are missing"));
        };
        let region = option("region").unwrap_or_else(|| "us-east-1".to_owned());
        let endpoint = option("endpoint");
        let settings = S3 {
            enabled: true,
            bucket: url.host_str().unwrap_or_default().to_owned(),
            force_path_style: endpoint.is_some() && option("style").as_deref() != Some("host"),
            endpoint: endpoint.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com")),
            region,
            access_key,
            secret: WriteOnly::new(secret.expose().clone()),
        };
        let store = Store::s3(&settings, fetch::Client::default(), PathBuf::new())?;
        let prefix = url.path().split('/').filter(|part| !part.is_empty());
        Ok(Self {
            kind: Kind::Bucket {
                store,
                prefix: prefix.map(str::to_owned).collect(),
            },
            shown: format!("s3://{}{}", settings.bucket, url.path()),
        })
    }

    /// Puts a piece, all of it or nothing. When this returns, it is safe.
    pub(super) async fn put(&self, path: &[&str], bytes: Vec<u8>) -> Result<()> {
        match &self.kind {
            Kind::Folder(root) => {
                let target = join(root, path);
                blocking(move || write(&target, &bytes)).await
            }
            Kind::Bucket { store, prefix } => {
                let key = key(prefix, path)?;
                let Store::S3(bucket) = store else {
                    return Err(Error::refused("no bucket"));
                };
                bucket
                    .put_bytes(&key, "application/octet-stream", bytes.into())
                    .await?;
                Ok(())
            }
        }
    }

    /// Reads a piece.
    pub(super) async fn get(&self, path: &[&str]) -> Result<Vec<u8>> {
        match &self.kind {
            Kind::Folder(root) => {
                let target = join(root, path);
                blocking(move || fs::read(&target).map_err(at(&target))).await
            }
            Kind::Bucket { store, prefix } => {
                let key = key(prefix, path)?;
                Ok(store.read(&key, MOST).await?)
            }
        }
    }

    /// Says whether there is a piece.
    pub(super) async fn has(&self, path: &[&str]) -> Result<bool> {
        match &self.kind {
            Kind::Folder(root) => {
                let target = join(root, path);
                blocking(move || target.try_exists().map_err(at(&target))).await
            }
            Kind::Bucket { store, prefix } => match store.open(&key(prefix, path)?).await {
                Ok(_) => Ok(true),
                Err(files::Error::NotFound) => Ok(false),
                Err(error) => Err(error.into()),
            },
        }
    }

    /// What is in a folder, by name; nothing where there is none.
    pub(super) async fn list(&self, path: &[&str]) -> Result<Vec<Child>> {
        let mut all = match &self.kind {
            Kind::Folder(root) => {
                let folder = join(root, path);
                blocking(move || children(&folder)).await?
            }
            Kind::Bucket { store, prefix } => list(store, prefix, path).await?,
        };
        all.sort();
        Ok(all)
    }

    /// Removes pieces and folders.
    pub(super) async fn remove(&self, paths: Vec<Vec<String>>) -> Result<()> {
        for path in paths {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            match &self.kind {
                Kind::Folder(root) => {
                    let target = join(root, &path);
                    blocking(move || remove(&target)).await?;
                }
                Kind::Bucket { store, prefix } => {
                    let key = key(prefix, &path)?;
                    store.delete_folder(key.clone()).await?;
                    store.delete(vec![key]).await?;
                }
            }
        }
        Ok(())
    }
}

/// Without secrets.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

async fn list(store: &Store, prefix: &[String], path: &[&str]) -> Result<Vec<Child>> {
    let folder = if prefix.is_empty() && path.is_empty() {
        None
    } else {
        Some(key(prefix, path)?)
    };
    let children = store.all_children(folder.as_ref()).await?;
    let children = children.into_iter().map(|child| Child {
        is_folder: child.kind == ChildKind::Folder,
        name: child.name,
    });
    Ok(children.collect())
}

fn key(prefix: &[String], path: &[&str]) -> Result<FileKey> {
    let parts: Vec<&str> = prefix
        .iter()
        .map(String::as_str)
        .chain(path.iter().copied())
        .collect();
    Ok(FileKey::of(&parts)?)
}

/// Names of pieces are made by `names` or were found in a folder: they lead nowhere else.
fn join(root: &Path, path: &[&str]) -> PathBuf {
    let mut joined = root.to_owned();
    joined.extend(path);
    joined
}

fn write(target: &Path, bytes: &[u8]) -> Result<()> {
    let mut part = target.as_os_str().to_owned();
    part.push(PART);
    let part = PathBuf::from(part);
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    let written = File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_data()
    });
    written
        .and_then(|()| fs::rename(&part, target))
        .map_err(at(target))
}

fn children(folder: &Path) -> Result<Vec<Child>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(at(folder))?,
    };
    let mut all = Vec::new();
    for entry in entries {
        let entry = entry.map_err(at(folder))?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        all.push(Child {
            is_folder: entry.file_type().is_ok_and(|kind| kind.is_dir()),
            name,
        });
    }
    Ok(all)
}

fn remove(target: &Path) -> Result<()> {
    let removed = if target.is_dir() {
        fs::remove_dir_all(target)
    } else {
        fs::remove_file(target)
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(target)(error)),
        _ => Ok(()),
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.display().to_string();
    move |source| Error::File { path, source }
}
