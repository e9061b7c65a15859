//! The flags of every command.

use std::path::PathBuf;

use clap::ArgAction;
use clap::builder::BoolishValueParser;

use crate::cli::console::LogFormat;

/// Flags of every command, before or after its name.
#[derive(Debug, clap::Args)]
pub(super) struct Shared {
    /// The data directory.
    #[arg(
        long,
        global = true,
        env = "STEAD_DIR",
        default_value = "stead_data",
        value_name = "DIR"
    )]
    pub(super) dir: PathBuf,

    /// Development mode: more log output, scripts can be changed in the admin UI, and changes of collections are written as migrations.
    #[arg(long, global = true, env = "STEAD_DEV", value_name = "BOOL",
          num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true",
          value_parser = BoolishValueParser::new(),
          action = ArgAction::Set)]
    pub(super) dev: bool,

    /// How log events look on the standard error.
    #[arg(
        long,
        global = true,
        env = "STEAD_LOG_FORMAT",
        value_name = "FORMAT",
        value_enum,
        default_value = "text"
    )]
    pub(super) log_format: LogFormat,

    /// What an answer to a write promises: that the change survives a power cut (full), or the end of the process only
    /// (normal), which is quicker on slow disks and may lose the last changes.
    #[arg(
        long,
        global = true,
        env = "STEAD_SYNC",
        hide_short_help = true,
        value_name = "LEVEL",
        value_enum,
        default_value = "full"
    )]
    pub(super) sync: SyncLevel,

    /// Longest time a single read may take, in seconds.
    #[arg(long, global = true, env = "STEAD_QUERY_TIMEOUT", hide_short_help = true, alias = "queryTimeout", default_value_t = 30,
          value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86400))]
    pub(super) query_timeout: u64,

    /// Name of the environment variable with the 32-character key that encrypts the settings.
    #[arg(
        long,
        global = true,
        env = "STEAD_ENCRYPTION_ENV",
        hide_short_help = true,
        alias = "encryptionEnv",
        value_name = "NAME"
    )]
    pub(super) encryption_env: Option<String>,

    /// Folder of scripts [default: hooks, beside the data directory].
    #[arg(
        long,
        global = true,
        env = "STEAD_HOOKS_DIR",
        alias = "hooksDir",
        value_name = "DIR"
    )]
    pub(super) hooks_dir: Option<PathBuf>,

    /// Folder of migrations [default: migrations, beside the data directory].
    #[arg(
        long,
        global = true,
        env = "STEAD_MIGRATIONS_DIR",
        alias = "migrationsDir",
        value_name = "DIR"
    )]
    pub(super) migrations_dir: Option<PathBuf>,

    /// Folder of static files [default: public, beside the data directory].
    #[arg(
        long,
        global = true,
        env = "STEAD_PUBLIC_DIR",
        alias = "publicDir",
        value_name = "DIR"
    )]
    pub(super) public_dir: Option<PathBuf>,

    /// Show the static index.html for unknown paths.
    #[arg(long, global = true, env = "STEAD_INDEX_FALLBACK", hide_short_help = true, alias = "indexFallback", value_name = "BOOL",
          num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true",
          value_parser = BoolishValueParser::new(),
          action = ArgAction::Set)]
    pub(super) index_fallback: bool,

    /// How many thumbnails are made at once [default: one per processor].
    #[arg(
        long,
        global = true,
        env = "STEAD_THUMBS_MAX_WORKERS",
        hide_short_help = true,
        value_name = "N"
    )]
    pub(super) thumbs_max_workers: Option<usize>,

    /// Longest time a request waits for a thumbnail, in seconds.
    #[arg(long, global = true, env = "STEAD_THUMBS_MAX_WAIT", hide_short_help = true, default_value_t = 60, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) thumbs_max_wait: u64,

    /// Most pixels of a picture that thumbnails are made of.
    #[arg(
        long,
        global = true,
        env = "STEAD_THUMBS_MAX_SOURCE_PIXELS",
        hide_short_help = true,
        default_value_t = 262_144_000,
        value_name = "N"
    )]
    pub(super) thumbs_max_source_pixels: u64,

    /// Load scripts again when they change.
    #[arg(long, global = true, env = "STEAD_HOOKS_WATCH", hide_short_help = true, alias = "hooksWatch", value_name = "BOOL",
          num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true",
          value_parser = BoolishValueParser::new(),
          action = ArgAction::Set)]
    pub(super) hooks_watch: bool,

    /// Let superusers change scripts in the admin UI; always so with --dev.
    #[arg(long, global = true, env = "STEAD_HOOKS_EDIT", value_name = "BOOL",
          num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true",
          value_parser = BoolishValueParser::new(),
          action = ArgAction::Set)]
    pub(super) hooks_edit: bool,

    /// Environment variables that scripts may read; `NAME_*` for all that begin so. `STEAD_HOOKS_*` is always allowed.
    #[arg(
        long,
        global = true,
        env = "STEAD_HOOKS_ENV",
        hide_short_help = true,
        value_name = "NAMES",
        value_delimiter = ','
    )]
    pub(super) hooks_env: Vec<String>,

    /// Accepted for compatibility; there is no pool of interpreters.
    #[arg(
        long,
        global = true,
        alias = "hooksPool",
        value_name = "N",
        hide = true
    )]
    pub(super) hooks_pool: Option<u32>,

    /// Write a migration for every change of a collection over the API [default: with --dev].
    #[arg(long, global = true, env = "STEAD_AUTOMIGRATE", value_name = "BOOL",
          num_args = 0..=1, require_equals = true, default_missing_value = "true",
          value_parser = BoolishValueParser::new(),
          action = ArgAction::Set)]
    pub(super) automigrate: Option<bool>,
}

/// The levels `--sync` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum SyncLevel {
    Full,
    Normal,
}
