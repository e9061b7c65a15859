//! What flags and environment variables come to. Together with the parser this is the only place that reads either.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::app::{Config, Scripts};
use crate::base::secret::Secret;
use crate::cli::console::Failure;
use crate::cli::memory;
use crate::cli::shared::{Shared, SyncLevel};
use crate::engine::Durability;
use crate::files::ThumbLimits;
use crate::realtime::Limits;

/// Length of the key that encrypts the settings.
const KEY_LENGTH: usize = 32;

impl Shared {
    /// What the operations need to know.
    pub(super) fn config(&self) -> Result<Config, Failure> {
        if self.dir.as_os_str().is_empty() {
            return Err(Failure::new("the data directory must not be empty"));
        }
        let mut config = Config {
            dir: self.dir.clone(),
            durability: match self.sync {
                SyncLevel::Full => Durability::Full,
                SyncLevel::Normal => Durability::Normal,
            },
            query_timeout: Duration::from_secs(self.query_timeout),
            encryption_key: self.encryption_key()?,
            realtime: Limits::default(),
            automigrate: self
                .automigrate
                .unwrap_or(self.dev)
                .then(|| self.migrations_dir()),
            scripts: Some(Scripts {
                folder: self.hooks_dir(),
                editable: self.dev || self.hooks_edit,
            }),
            request_memory: 0,
            thumbs: ThumbLimits {
                memory: 0,
                workers: self.thumbs_max_workers,
                max_wait: Duration::from_secs(self.thumbs_max_wait),
                max_source_pixels: self.thumbs_max_source_pixels,
            },
        };
        config.allow_memory(memory::share());
        Ok(config)
    }

    /// The folder of static files.
    pub(super) fn public_dir(&self) -> PathBuf {
        self.public_dir.clone().unwrap_or_else(|| {
            self.dir
                .parent()
                .unwrap_or_else(|| Path::new(""))
                .join("public")
        })
    }

    /// The folder of migrations.
    pub(super) fn migrations_dir(&self) -> PathBuf {
        self.migrations_dir.clone().unwrap_or_else(|| {
            self.dir
                .parent()
                .unwrap_or_else(|| Path::new(""))
                .join("migrations")
        })
    }

    /// The folder of scripts.
    pub(super) fn hooks_dir(&self) -> PathBuf {
        self.hooks_dir.clone().unwrap_or_else(|| {
            self.dir
                .parent()
                .unwrap_or_else(|| Path::new(""))
                .join("hooks")
        })
    }

    /// The variable that was to have the key of the settings and has none; they are stored in clear then.
    pub(super) fn missing_key(&self) -> Option<&str> {
        self.key_variable()
            .filter(|name| std::env::var_os(name).is_none_or(|key| key.is_empty()))
    }

    fn key_variable(&self) -> Option<&str> {
        self.encryption_env
            .as_deref()
            .filter(|name| !name.is_empty())
    }

    fn encryption_key(&self) -> Result<Option<Secret<String>>, Failure> {
        let Some(name) = self.key_variable() else {
            return Ok(None);
        };
        match std::env::var(name) {
            Ok(key) if key.is_empty() => Ok(None),
            Ok(key) if key.len() == KEY_LENGTH => Ok(Some(Secret::new(key))),
            Ok(key) => Err(Failure::new(format!(
                "the key in {name} must have {KEY_LENGTH} characters, it has {}",
                key.len()
            ))),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(Failure::new(format!("the key in {name} is not text")))
            }
        }
    }
}
