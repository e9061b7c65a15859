//! The picture a service shows of its user, as a file of a new record. Without one the sign-up goes on.

use std::time::Duration;

use hyper::Method;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;

use crate::app::App;
use crate::fetch::{self, Limits, Reach};
use crate::files::Upload;

/// Longest time for a download, waiting for others included.
const TIME: Duration = Duration::from_secs(10);
/// Largest picture, in bytes.
const MAX_SIZE: usize = 32 << 20;
const MAX_REDIRECTS: usize = 5;
/// Downloads at a time; each may hold a picture in memory.
const PARALLEL: usize = 4;

static SLOTS: Semaphore = Semaphore::const_new(PARALLEL);

/// Downloads a picture from the public internet for a field. The address is the service's word, so it may lead
/// anywhere; failures are only logged.
pub(super) async fn download(app: &App, field: &str, url: &str) -> Option<Upload> {
    let work = timeout(TIME, try_download(app, field, url));
    match work.await.unwrap_or(Err("it took too long".to_owned())) {
        Ok(upload) => Some(upload),
        Err(reason) => {
            tracing::warn!(%reason, "cannot download the picture of a new user");
            None
        }
    }
}

async fn try_download(app: &App, field: &str, url: &str) -> Result<Upload, String> {
    let _slot = SLOTS.acquire().await.map_err(|error| error.to_string())?;
    let request = fetch::request(Method::GET, url, "").map_err(|error| error.to_string())?;
    let limits = Limits {
        time: TIME,
        bytes: MAX_SIZE,
        redirects: MAX_REDIRECTS,
        reach: Reach::Public,
    };
    let answer = app
        .fetch()
        .fetch(request, &limits)
        .await
        .map_err(|error| error.to_string())?;
    if !answer.status.is_success() {
        return Err(format!("the answer was {}", answer.status.as_u16()));
    }
    let mut spool = app.storage().spool();
    spool
        .push(&answer.body)
        .await
        .map_err(|error| error.to_string())?;
    spool
        .finish(field, &file_name(url))
        .await
        .map_err(|error| error.to_string())
}

/// The last part of the address.
fn file_name(url: &str) -> String {
    let url = Url::parse(url).ok();
    let last = url
        .as_ref()
        .and_then(|url| url.path_segments()?.next_back())
        .unwrap_or_default();
    if last.is_empty() {
        "avatar".to_owned()
    } else {
        last.to_owned()
    }
}
