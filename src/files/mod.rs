//! Stand-in for the file layer until it is merged: what the HTTP layer needs of it.

/// A file that came with a request.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Member of the form it was sent as.
    pub key: String,
    /// Name the client gave it.
    pub file_name: String,
    pub content: Vec<u8>,
}
