//! The whole URL space: the API, the admin UI, and the operator's own files for everything else.

use std::path::PathBuf;

use axum::Router;

use crate::api::{Cors, Edge, routes};
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
    pub ui: Option<fn(Router) -> Router>,
}

/// Builds what answers requests.
pub fn edge(app: &App, site: &Site) -> Edge {
    let mut routers = routes::routers(app);
    if let Some(mount) = site.ui {
        routers.get = mount(routers.get);
    }
    let public_dir = PublicDir::new(site.public_dir.clone(), site.index_fallback);
    routers.get = public_dir.mount(routers.get, app);
    Edge::new(routers, Cors::new(&site.origins)).with_scripts(app)
}
