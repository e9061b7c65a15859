//! The operator's static files, served for every GET path nothing else answers.
//!
//! Nothing outside of the folder is ever served, not even through a symbolic link.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use tokio::sync::Semaphore;

use crate::api::send_file::{self, Source};
use crate::api::{counts, redirect, refusal, refuse};
use crate::app::App;
use crate::base::error::{Error, FaultExt as _, Result};
use crate::files::{Content, open_regular};

const INDEX: &str = "index.html";

/// How much of a file is looked at to guess its type when its name does not tell.
const SNIFFED: u64 = 512;

/// How many files may be opened at once; the others wait without holding a thread.
const MAX_OPENING: usize = 16;

/// How long they wait.
const PATIENCE: Duration = Duration::from_secs(10);

/// A folder of static files.
#[derive(Clone, Debug)]
pub(super) struct PublicDir(Arc<Options>);

#[derive(Debug)]
struct Options {
    root: PathBuf,
    index_fallback: bool,
    places: Arc<Semaphore>,
}

/// What a path leads to.
enum Found {
    File(Source),
    /// The same thing has its home at this path.
    Moved(String),
    Nothing,
}

impl PublicDir {
    pub(super) fn new(root: PathBuf, index_fallback: bool) -> Self {
        Self(Arc::new(Options {
            root,
            index_fallback,
            places: Arc::new(Semaphore::new(MAX_OPENING)),
        }))
    }

    /// Makes the folder answer what a router does not know.
    pub(super) fn mount(self, router: Router, app: &App) -> Router {
        let app = app.clone();
        router.fallback(move |request: Request<Body>| {
            let (folder, app) = (self.clone(), app.clone());
            async move {
                match refusal(&app, &request) {
                    Some(refusal) => refusal,
                    None => folder.answer(&app, request).await,
                }
            }
        })
    }

    async fn answer(self, app: &App, request: Request<Body>) -> Response<Body> {
        counts::elsewhere();
        let path = request.uri().path().to_owned();
        match self.opened(path).await {
            Ok(Found::File(source)) => {
                let is_head = request.method() == Method::HEAD;
                match send_file::send(is_head, request.headers(), source).await {
                    Ok(response) => response,
                    Err(error) => refuse(app, &request, &error.into()),
                }
            }
            Ok(Found::Moved(target)) => redirect(StatusCode::MOVED_PERMANENTLY, &target),
            Ok(Found::Nothing) => refuse(app, &request, &Error::not_found("File not found.")),
            Err(error) => refuse(app, &request, &error),
        }
    }

    /// Opening files may wait for a disk, and one that does not answer must not take all threads.
    async fn opened(self, path: String) -> Result<Found> {
        let places = Arc::clone(&self.0.places).acquire_owned();
        let Ok(Ok(place)) = tokio::time::timeout(PATIENCE, places).await else {
            return Err(Error::Unavailable {
                retry_after: PATIENCE,
            });
        };
        let opening = tokio::task::spawn_blocking(move || {
            let found = self.0.find(&path);
            drop(place);
            found
        });
        opening.await.fault("while looking for a static file")?
    }
}

impl Options {
    fn find(&self, path: &str) -> Result<Found> {
        let found = match self.lookup(path) {
            Ok(found) => found,
            Err(error) if is_absence(&error) => Found::Nothing,
            Err(error) => return Err(error).fault("while opening a static file"),
        };
        if matches!(found, Found::Nothing) && self.index_fallback {
            return Ok(self
                .open(Path::new(INDEX))
                .map_or(Found::Nothing, Found::File));
        }
        Ok(found)
    }

    fn lookup(&self, path: &str) -> io::Result<Found> {
        let Some(relative) = relative(path) else {
            return Ok(Found::Nothing);
        };
        let has_slash = path.ends_with('/') || relative.ends_with('/');
        let relative = Path::new(relative.trim_end_matches('/'));
        let metadata = fs::metadata(self.root.join(relative))?;
        if metadata.is_dir() {
            return if has_slash {
                self.open(&relative.join(INDEX)).map(Found::File)
            } else {
                Ok(Found::Moved(format!("{path}/")))
            };
        }
        if has_slash {
            return Ok(Found::Moved(path.trim_end_matches('/').to_owned()));
        }
        if relative.file_name().is_some_and(|name| name == INDEX) {
            // An encoded slash before the name must not survive into the target.
            let parent = relative.parent().and_then(Path::to_str).unwrap_or_default();
            let target = match path.strip_suffix(INDEX) {
                Some(target) if target.ends_with('/') => target.to_owned(),
                _ => format!("/{}/", encode(parent)),
            };
            return Ok(Found::Moved(target));
        }
        self.open(relative).map(Found::File)
    }

    /// Opens a regular file that really lies in the folder.
    fn open(&self, relative: &Path) -> io::Result<Source> {
        let root = fs::canonicalize(&self.root)?;
        let real = fs::canonicalize(root.join(relative))?;
        if !real.starts_with(&root) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let (mut file, metadata) = open_regular(&real)?;
        Ok(Source {
            content_type: content_type(&real, &mut file)?,
            content: Content::File(file.into()),
            size: metadata.len(),
            modified: metadata.modified().unwrap_or(UNIX_EPOCH).into(),
        })
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::InvalidFilename
            | io::ErrorKind::InvalidInput
    )
}

/// The decoded path below the folder; `None` for one that could lead elsewhere or is no text.
fn relative(path: &str) -> Option<String> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let relative = decoded.strip_prefix('/')?;
    let is_plain = Path::new(relative)
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    (is_plain && !relative.starts_with('/') && !relative.contains(['\0', '\\']))
        .then(|| relative.to_owned())
}

fn encode(path: &str) -> String {
    percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2F", "/")
}

fn content_type(path: &Path, file: &mut File) -> io::Result<HeaderValue> {
    let by_name = mime_guess::from_path(path).first_raw();
    if let Some(name) = by_name {
        return Ok(match name {
            "text/html" => HeaderValue::from_static("text/html; charset=utf-8"),
            "text/css" => HeaderValue::from_static("text/css; charset=utf-8"),
            "text/javascript" => HeaderValue::from_static("text/javascript; charset=utf-8"),
            "text/plain" => HeaderValue::from_static("text/plain; charset=utf-8"),
            other if other.starts_with("text/") => {
                HeaderValue::from_str(&format!("{other}; charset=utf-8"))
                    .unwrap_or(send_file::UNKNOWN_TYPE)
            }
            other => HeaderValue::from_static(other),
        });
    }
    let mut head = Vec::new();
    file.take(SNIFFED).read_to_end(&mut head)?;
    io::Seek::rewind(file)?;
    Ok(sniff(&head))
}

/// Guesses a type from the first bytes of a file.
fn sniff(head: &[u8]) -> HeaderValue {
    let start: Vec<u8> = head
        .iter()
        .copied()
        .skip_while(u8::is_ascii_whitespace)
        .take(14)
        .map(|byte| byte.to_ascii_lowercase())
        .collect();
    let is_html = [
        "<!doctype html",
        "<html",
        "<head",
        "<script",
        "<body",
        "<h1",
        "<div",
        "<!--",
    ]
    .iter()
    .any(|tag| start.starts_with(tag.as_bytes()));
    if is_html {
        return HeaderValue::from_static("text/html; charset=utf-8");
    }
    if let Some(kind) = infer::get(head) {
        return HeaderValue::from_static(kind.mime_type());
    }
    let is_text = !head
        .iter()
        .any(|byte| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f));
    if is_text {
        HeaderValue::from_static("text/plain; charset=utf-8")
    } else {
        send_file::UNKNOWN_TYPE
    }
}

#[cfg(test)]
mod tests {
    use super::{relative, sniff};

    #[test]
    fn only_plain_paths_lead_into_the_folder() {
        for (path, expect) in [
            ("/", Some("")),
            ("/a/b.txt", Some("a/b.txt")),
            ("/sp%20ace", Some("sp ace")),
            ("/sub%2F", Some("sub/")),
            ("/..%2fx", None),
            ("/%2e%2e/x", None),
            ("/a/%2e%2e/%2e%2e/x", None),
            ("/%2Fetc/passwd", None),
            ("/a%00b", None),
            ("/a%5Cb", None),
            ("/%ff", None),
        ] {
            assert_eq!(relative(path).as_deref(), expect, "{path}");
        }
    }

    #[test]
    fn content_tells_its_type() {
        assert_eq!(sniff(b" <h1>x"), "text/html; charset=utf-8");
        assert_eq!(sniff(b"plain"), "text/plain; charset=utf-8");
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n0000"), "image/png");
        assert_eq!(sniff(&[0, 1, 2]), "application/octet-stream");
    }
}
