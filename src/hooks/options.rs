//! What the operator decided about scripts.

use std::path::PathBuf;

/// What the operator decided about scripts.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of scripts; it need not exist.
    pub folder: PathBuf,
    /// Loads scripts again when a file changes.
    pub watch: bool,
    /// Lets superusers change scripts over the API.
    pub editable: bool,
    /// The server runs with `--dev`.
    pub dev: bool,
    /// The folder of static files, for `e.file`.
    pub public: PathBuf,
    /// Names of environment variables that scripts may read.
    pub variables: Vec<String>,
}
