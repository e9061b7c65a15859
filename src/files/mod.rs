//! Stand-in for the file layer until it is merged: what the HTTP layer needs of it.

use crate::base::error::{FaultExt as _, Result};
use std::path::{Path, PathBuf};

/// A file that came with a request.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Member of the form it was sent as.
    pub key: String,
    /// Name the client gave it.
    pub file_name: String,
    pub content: Vec<u8>,
}
impl Upload {
    pub async fn sniff(&self) -> Result<&'static str> {
        Ok("application/octet-stream")
    }
    pub fn size(&self) -> u64 {
        self.content.len() as u64
    }
}
#[derive(Clone, Debug)]
pub struct Storage {
    root: PathBuf,
}
impl Storage {
    pub fn open(root: &Path) -> std::io::Result<Self> {
        Ok(Self {
            root: root.to_owned(),
        })
    }
    pub async fn save(&self, c: &str, r: &str, n: &str, u: &Upload) -> Result<()> {
        let dir = self.root.join(c).join(r);
        std::fs::create_dir_all(&dir).fault("x")?;
        std::fs::write(dir.join(n), &u.content).fault("x")
    }
    pub async fn delete_file(&self, c: &str, r: &str, n: &str) -> Result<()> {
        std::fs::remove_file(self.root.join(c).join(r).join(n)).fault("x")
    }
    pub async fn delete_record(&self, c: &str, r: &str) -> Result<()> {
        let _ = std::fs::remove_dir_all(self.root.join(c).join(r));
        Ok(())
    }
    pub async fn open_file(
        &self,
        c: &str,
        r: &str,
        n: &str,
    ) -> Result<crate::app::files::Download> {
        let file = std::fs::File::open(self.path(c, r, n))
            .map_err(|_| crate::base::error::Error::NotFound(None))?;
        let m = file.metadata().fault("x")?;
        Ok(crate::app::files::Download {
            size: m.len(),
            file,
            modified: crate::base::time::Timestamp::now(),
            name: n.to_owned(),
            content_type: "text/plain".into(),
        })
    }
    pub fn path(&self, c: &str, r: &str, n: &str) -> PathBuf {
        self.root.join(c).join(r).join(n)
    }
}
pub mod names {
    pub fn stored_name(n: &str, _: &str) -> String {
        n.to_owned()
    }
}
