//! Where archives are kept: a folder of the data directory, or a bucket, behind one set of operations.

use std::path::{Path, PathBuf};
use std::thread;

use futures_util::TryStreamExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::oneshot;
use tokio::task;

use crate::backup::create;
use crate::backup::error::{Error, Result};
use crate::backup::folder::{Folder, Listed};
use crate::backup::names;
use crate::backup::work::Work;
use crate::base::turns::{self, Back};
use crate::fetch;
use crate::files::{self, ChildKind, Content, FileKey, S3Store, Store, TEMP_DIR};
use crate::settings::S3;

const ZIP: &str = "application/zip";

/// The archives of a data directory.
#[derive(Clone, Debug)]
pub struct Archives {
    data_dir: PathBuf,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Folder,
    Bucket(Store),
}

/// An archive that is opened to be sent.
#[derive(Debug)]
pub struct Opened {
    pub listed: Listed,
    pub content: Content,
}

/// An archive as a file on this machine, for as long as this is kept.
#[derive(Debug)]
pub struct Local {
    path: PathBuf,
    _work: Option<Work>,
}

impl Local {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Archives {
    /// The archives where the settings say. Fails if they cannot be an address.
    pub fn of(data_dir: &Path, s3: &S3, client: &fetch::Client) -> Result<Self> {
        let place = if s3.enabled {
            Place::Bucket(Store::s3(s3, client.clone(), data_dir.join(TEMP_DIR))?)
        } else {
            Place::Folder
        };
        Ok(Self {
            data_dir: data_dir.to_owned(),
            place,
        })
    }

    fn folder(&self) -> Folder {
        Folder::of(&self.data_dir)
    }

    /// The bucket, if there is one.
    fn bucket(&self) -> Option<&S3Store> {
        match &self.place {
            Place::Bucket(Store::S3(bucket)) => Some(bucket),
            Place::Bucket(Store::Local(_)) | Place::Folder => None,
        }
    }

    /// All archives by name.
    pub async fn list(&self) -> Result<Vec<Listed>> {
        let Place::Bucket(store) = &self.place else {
            let folder = self.folder();
            return blocking(move || folder.list()).await;
        };
        let children = store.all_children(None).await?;
        let listed = children.into_iter().filter_map(|child| match child.kind {
            ChildKind::File { size, modified } if names::is_archive(&child.name) => Some(Listed {
                modified,
                key: child.name,
                size,
            }),
            ChildKind::File { .. } | ChildKind::Folder | ChildKind::Note { .. } => None,
        });
        let mut all: Vec<Listed> = listed.collect();
        all.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(all)
    }

    /// Says whether there is an archive of this name.
    pub async fn has(&self, key: &str) -> Result<bool> {
        match &self.place {
            Place::Folder => {
                let (folder, key) = (self.folder(), key.to_owned());
                blocking(move || Ok(folder.has(&key))).await
            }
            Place::Bucket(_) => Ok(self.open(key).await?.is_some()),
        }
    }

    /// Opens an archive to send it; nothing when there is none of this name.
    pub async fn open(&self, key: &str) -> Result<Option<Opened>> {
        if !names::is_plain(key) {
            return Ok(None);
        }
        let Place::Bucket(store) = &self.place else {
            let (folder, key) = (self.folder(), key.to_owned());
            let opened = blocking(move || match folder.open(&key) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                opened => opened
                    .map(Some)
                    .map_err(|source| Error::File { path: key, source }),
            });
            return Ok(opened.await?.map(|(file, listed)| Opened {
                listed,
                content: Content::File(file.into()),
            }));
        };
        match store.open(&key_of(key)?).await {
            Err(files::Error::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
            Ok(file) => Ok(Some(Opened {
                listed: Listed {
                    modified: file.modified,
                    key: key.to_owned(),
                    size: file.size,
                },
                content: file.content,
            })),
        }
    }

    /// Brings an archive to this machine; nothing when there is none of this name.
    pub async fn bring(&self, key: &str) -> Result<Option<Local>> {
        if let Place::Folder = self.place {
            let (folder, key) = (self.folder(), key.to_owned());
            return blocking(move || {
                let path = folder.path(&key).filter(|path| path.is_file());
                Ok(path.map(|path| Local { path, _work: None }))
            })
            .await;
        }
        let Some(opened) = self.open(key).await? else {
            return Ok(None);
        };
        let work = self.work().await?;
        let path = work.archive();
        let at = |source| Error::File {
            path: key.to_owned(),
            source,
        };
        let mut file = tokio::fs::File::create(&path).await.map_err(at)?;
        let mut pieces = Box::pin(opened.content.stream(0, opened.listed.size));
        while let Some(piece) = pieces.try_next().await.map_err(at)? {
            file.write_all(&piece).await.map_err(at)?;
        }
        file.flush().await.map_err(at)?;
        Ok(Some(Local {
            path,
            _work: Some(work),
        }))
    }

    /// Makes an archive of the data directory.
    pub async fn create(&self, key: &str, left_out: Vec<String>) -> Result<()> {
        let data_dir = self.data_dir.clone();
        let (sender, made) = oneshot::channel();
        // A thread of its own: one of a pool could not be given its priority back.
        let packing = thread::Builder::new()
            .name("backup".to_owned())
            .spawn(move || {
                turns::step_back(Back::Background);
                // Whoever waited may have left; then nobody wants the archive.
                drop(sender.send(create::make(&data_dir, &left_out)));
            });
        packing.map_err(|source| Error::File {
            path: key.to_owned(),
            source,
        })?;
        let made = made
            .await
            .map_err(|_| Error::refused("packing ended before it was done"))??;
        self.keep(made, key).await
    }

    /// A place where an archive can be written; [`Archives::keep`] makes it one.
    pub async fn work(&self) -> Result<Work> {
        let data_dir = self.data_dir.clone();
        blocking(move || Work::new(&data_dir)).await
    }

    /// Puts a complete archive where archives are, unless the name is taken.
    pub async fn keep(&self, work: Work, key: &str) -> Result<()> {
        let Some(bucket) = self.bucket() else {
            let (folder, key) = (self.folder(), key.to_owned());
            return blocking(move || folder.keep(&work, &key)).await;
        };
        let sent = async {
            if self.has(key).await? {
                return Err(Error::refused(format!("there is a {key} already")));
            }
            let archive = work.archive();
            bucket.put_file(&key_of(key)?, ZIP, &archive).await?;
            Ok(())
        };
        let sent = sent.await;
        // A large file takes its time to go.
        drop(task::spawn_blocking(move || drop(work)).await);
        sent
    }

    /// Deletes an archive.
    pub async fn delete(&self, key: &str) -> Result<()> {
        let Place::Bucket(store) = &self.place else {
            let (folder, key) = (self.folder(), key.to_owned());
            return blocking(move || {
                let deleted = folder.delete(&key);
                deleted.map_err(|source| Error::File { path: key, source })
            })
            .await;
        };
        if !self.has(key).await? {
            return Err(Error::Bucket(files::Error::NotFound));
        }
        store.delete(vec![key_of(key)?]).await?;
        Ok(())
    }
}

fn key_of(key: &str) -> Result<FileKey> {
    Ok(FileKey::of(&[key])?)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::refused(error.to_string())),
    }
}
