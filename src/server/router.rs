//! The whole URL space: the API, the admin UI, and the operator's own files for everything else.

use std::path::PathBuf;

use axum::Router;

use crate::api::{Cors, Edge};
use crate::app::App;
use crate::server::public_dir::PublicDir;

/// What the operator decided about the site around the API.
#[derive(Clone, Debug)]
pub struct Site {
    /// Origins that may call from a browser; see [`Cors::new`].
    pub origins: Vec<String>,
    /// Folder of static files; it need not exist.
    pub public_dir: PathBuf,
    /// Whether unknown paths show the folder's `index.html`.
    pub index_fallback: bool,
    /// Adds the admin UI to the router for GET requests, in builds that have one.
    pub ui: Option<fn(Router, &App) -> Router>,
}

/// Builds what answers requests.
pub fn edge(app: &App, site: &Site) -> Edge {
    let mut router = Router::new();
    if let Some(mount) = site.ui {
        router = mount(router, app);
    }
    let public_dir = PublicDir::new(site.public_dir.clone(), site.index_fallback);
    let router = public_dir.mount(router, app);
    Edge::new(router, Cors::new(&site.origins)).with_api(app)
}
