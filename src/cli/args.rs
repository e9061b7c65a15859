//! Flags and environment variables. This is the only place that reads either.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Parser, Subcommand};

use crate::app::{Config, Scripts};
use crate::base::secret::Secret;
use crate::cli::console::{Failure, LogFormat};
use crate::engine::Durability;
use crate::files::ThumbLimits;
use crate::realtime::Limits;
use crate::replica::{Options as ReplicaOptions, Place};
use crate::server::tls;

/// Length of the key that encrypts the settings.
const KEY_LENGTH: usize = 32;

/// A backend in one executable.
#[derive(Debug, Parser)]
#[command(
    name = "stead",
    subcommand_required = true,
    arg_required_else_help = true,
    disable_version_flag = true,
    disable_help_subcommand = true
)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) shared: Shared,
    #[command(subcommand)]
    pub(super) command: Command,
    /// Print the version.
    #[arg(short = 'v', long, action = ArgAction::Version)]
    version: (),
}

/// What can be done with migrations.
#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// Apply all that were not applied yet; the same as no command.
    Up,
    /// Take the last ones back.
    Down {
        /// How many; all when negative.
        #[arg(default_value_t = 1, allow_negative_numbers = true)]
        n: i64,
    },
    /// Write a blank migration.
    Create {
        /// What it is about.
        name: String,
    },
    /// Write a migration with all collections as they are.
    Collections,
    /// Forget applied migrations in Rhai whose files are gone.
    HistorySync,
}

/// What can be done with scripts.
#[derive(Debug, Subcommand)]
pub(super) enum Hooks {
    /// Load the scripts of a folder without running them and report what is wrong.
    Check {
        /// The folder [default: the one `serve` uses].
        folder: Option<PathBuf>,
    },
    /// Write the definitions of everything scripts can call, for editors.
    Types {
        /// Where to write them; `-` prints them.
        #[arg(default_value = "stead.d.rhai")]
        file: PathBuf,
        /// Write the page of the documentation instead.
        #[arg(long)]
        reference: bool,
    },
    /// Write a commented script to start from.
    New {
        /// Its name, without `.rhai`.
        name: String,
    },
}

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

    /// Development mode: more log output.
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
        value_name = "LEVEL",
        value_enum,
        default_value = "full"
    )]
    pub(super) sync: SyncLevel,

    /// Longest time a single read may take, in seconds.
    #[arg(long, global = true, env = "STEAD_QUERY_TIMEOUT", alias = "queryTimeout", default_value_t = 30,
          value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86400))]
    pub(super) query_timeout: u64,

    /// Name of the environment variable with the 32-character key that encrypts the settings.
    #[arg(
        long,
        global = true,
        env = "STEAD_ENCRYPTION_ENV",
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
    #[arg(long, global = true, env = "STEAD_INDEX_FALLBACK", alias = "indexFallback", value_name = "BOOL",
          num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true",
          value_parser = BoolishValueParser::new(),
          action = ArgAction::Set)]
    pub(super) index_fallback: bool,

    /// How many thumbnails are made at once [default: one per processor].
    #[arg(
        long,
        global = true,
        env = "STEAD_THUMBS_MAX_WORKERS",
        value_name = "N"
    )]
    pub(super) thumbs_max_workers: Option<usize>,

    /// Longest time a request waits for a thumbnail, in seconds.
    #[arg(long, global = true, env = "STEAD_THUMBS_MAX_WAIT", default_value_t = 60, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) thumbs_max_wait: u64,

    /// Most pixels of a picture that thumbnails are made of.
    #[arg(
        long,
        global = true,
        env = "STEAD_THUMBS_MAX_SOURCE_PIXELS",
        default_value_t = 262_144_000,
        value_name = "N"
    )]
    pub(super) thumbs_max_source_pixels: u64,

    /// Load scripts again when they change.
    #[arg(long, global = true, env = "STEAD_HOOKS_WATCH", alias = "hooksWatch", value_name = "BOOL",
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

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start the server.
    Serve(Box<Serve>),
    /// Apply migrations, take them back, write new ones.
    Migrate {
        #[command(subcommand)]
        action: Option<Migrate>,
    },
    /// Work on scripts.
    #[command(arg_required_else_help = true)]
    Hooks {
        #[command(subcommand)]
        action: Hooks,
    },
    /// Make, check and restore backups, also while a server runs.
    #[command(arg_required_else_help = true)]
    Backup {
        #[command(subcommand)]
        action: Backup,
    },
    /// Make a data directory from a replica that `serve --replica` keeps.
    Restore(Restore),
    /// Look for what would make trouble: directory, database, permissions, clock, backups. Changes nothing.
    Doctor,
    /// Run SQL against the database, also while a server runs, and print the last result.
    Sql {
        query: String,
        /// Allow the query to change something; collections have to be changed over the API.
        #[arg(long)]
        write: bool,
    },
    /// Print types of the collections for other programs, also while a server runs.
    Types {
        #[arg(value_enum)]
        language: TypesLanguage,
    },
    /// The collections as a file: write it, see what one would change, apply it.
    #[command(arg_required_else_help = true)]
    Schema {
        #[command(subcommand)]
        action: Schema,
    },
    /// Work on rules.
    #[command(arg_required_else_help = true)]
    Rules {
        #[command(subcommand)]
        action: Rules,
    },
    /// Manage superusers.
    #[command(arg_required_else_help = true)]
    Superuser {
        #[command(subcommand)]
        action: Superuser,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Domain names to get certificates for; the server then listens on ports 80 and 443.
    pub(super) domains: Vec<String>,

    /// Address to listen on [default: 127.0.0.1:8090]; port 0 takes any free one. With TLS it only leads to the encrypted
    /// address; then empty for none [default with names: 0.0.0.0:80].
    #[arg(long, env = "STEAD_HTTP", value_name = "HOST:PORT")]
    pub(super) http: Option<String>,

    /// Address to listen on with TLS [default with names or a certificate: 0.0.0.0:443].
    #[arg(long, env = "STEAD_HTTPS", value_name = "HOST:PORT")]
    pub(super) https: Option<String>,

    /// File with a certificate and those it was signed with (PEM); read anew when it changes.
    #[arg(
        long,
        env = "STEAD_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub(super) tls_cert: Option<PathBuf>,

    /// File with the key of the certificate (PEM).
    #[arg(
        long,
        env = "STEAD_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub(super) tls_key: Option<PathBuf>,

    /// Address of the ACME service's directory.
    #[arg(long, env = "STEAD_ACME_DIRECTORY", value_name = "URL", default_value = tls::DIRECTORY)]
    pub(super) acme_directory: String,

    /// Origins that may call from browsers, separated by commas; * and ? are wildcards.
    #[arg(
        long,
        env = "STEAD_ORIGINS",
        value_delimiter = ',',
        default_value = "*",
        value_name = "LIST"
    )]
    pub(super) origins: Vec<String>,

    /// Seconds without an event after which a realtime stream gets a comment, so that proxies keep it.
    #[arg(long, env = "STEAD_REALTIME_HEARTBEAT", default_value_t = 25, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) realtime_heartbeat: u64,

    /// Seconds without an event after which a realtime stream ends; 0 for never.
    #[arg(long, env = "STEAD_REALTIME_IDLE", default_value_t = 0, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(..=31_536_000))]
    pub(super) realtime_idle: u64,

    /// Seconds after which a realtime stream ends; 0 for never.
    #[arg(long, env = "STEAD_REALTIME_LIFETIME", default_value_t = 0, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(..=31_536_000))]
    pub(super) realtime_lifetime: u64,

    /// Address that answers /metrics for Prometheus, to everybody who can reach it; superusers find the same at
    /// /api/stead/metrics.
    #[arg(long, env = "STEAD_METRICS", value_name = "HOST:PORT")]
    pub(super) metrics: Option<String>,

    /// Address of a collector that gets a span per request (OTLP over HTTP), such as `http://127.0.0.1:4318`.
    #[arg(long, env = "STEAD_OTLP", value_name = "URL")]
    pub(super) otlp: Option<String>,

    /// Keep a replica of the database in a folder or a bucket: a path, or
    /// `s3://BUCKET/PREFIX?region=REGION&endpoint=URL`.
    #[arg(long, env = "STEAD_REPLICA", value_name = "PLACE")]
    pub(super) replica: Option<String>,

    /// Seconds between two parts of the replica.
    #[arg(long, env = "STEAD_REPLICA_EVERY", value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(super) replica_every: Duration,

    /// Hours between two images of the whole database in the replica.
    #[arg(long, env = "STEAD_REPLICA_IMAGE_HOURS", default_value_t = 24, value_name = "HOURS",
          value_parser = clap::value_parser!(u64).range(1..=8760))]
    pub(super) replica_image_hours: u64,

    /// How many hours back the replica can go.
    #[arg(long, env = "STEAD_REPLICA_KEEP_HOURS", default_value_t = 168, value_name = "HOURS",
          value_parser = clap::value_parser!(u64).range(1..=87_600))]
    pub(super) replica_keep_hours: u64,

    #[command(flatten)]
    pub(super) replica_keys: ReplicaKeys,
}

/// What opens the bucket of a replica.
#[derive(Debug, clap::Args)]
pub(super) struct ReplicaKeys {
    /// Access key of the replica's bucket.
    #[arg(
        long,
        env = "STEAD_REPLICA_ACCESS_KEY",
        value_name = "KEY",
        hide_env_values = true
    )]
    replica_access_key: Option<String>,

    /// Secret of the replica's bucket; better given as the variable.
    #[arg(long, env = "STEAD_REPLICA_SECRET_KEY", value_name = "SECRET", hide_env_values = true,
          value_parser = secret)]
    replica_secret_key: Option<Secret<String>>,
}

impl ReplicaKeys {
    /// The place an operator wrote.
    pub(super) fn place(&self, text: &str) -> Result<Place, Failure> {
        let keys = self
            .replica_access_key
            .clone()
            .zip(self.replica_secret_key.clone());
        Place::parse(text, keys).map_err(|error| Failure::new(error.to_string()))
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// The place of the replica: a path, or `s3://BUCKET/PREFIX?region=REGION&endpoint=URL`.
    #[arg(long, env = "STEAD_REPLICA", value_name = "PLACE")]
    pub(super) from: String,

    /// The moment to go back to, such as 2026-11-20T12:00:00Z [default: the newest].
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<String>,

    /// The data directory to make.
    #[arg(long, value_name = "DIR")]
    pub(super) to: PathBuf,

    #[command(flatten)]
    pub(super) keys: ReplicaKeys,
}

/// Reads a time span, such as `0.5`.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.01..=3600.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("not between 0.01 and 3600".to_owned())
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the form a value parser has")]
fn secret(text: &str) -> Result<Secret<String>, std::convert::Infallible> {
    Ok(Secret::new(text.to_owned()))
}

impl Serve {
    /// How long realtime streams may stay open.
    pub(super) fn realtime(&self) -> Limits {
        let limit = |seconds| (seconds > 0).then(|| Duration::from_secs(seconds));
        Limits {
            heartbeat: Duration::from_secs(self.realtime_heartbeat),
            idle: limit(self.realtime_idle),
            lifetime: limit(self.realtime_lifetime),
        }
    }

    /// Where and how a replica is kept, if one is wanted.
    pub(super) fn replica(&self) -> Result<Option<(Place, ReplicaOptions)>, Failure> {
        let Some(text) = self.replica.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let options = ReplicaOptions {
            every: self.replica_every,
            base_every: Duration::from_hours(self.replica_image_hours),
            keep: Duration::from_hours(self.replica_keep_hours),
        };
        Ok(Some((self.replica_keys.place(text)?, options)))
    }
}

/// The levels `--sync` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum SyncLevel {
    Full,
    Normal,
}

/// The languages `types` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum TypesLanguage {
    /// TypeScript, for the official SDK.
    Ts,
    /// Rust, with serde.
    Rust,
    Dart,
    /// Python, as typed dictionaries.
    Python,
}

/// What to do with the collections.
#[derive(Debug, Subcommand)]
pub(super) enum Schema {
    /// Write all collections and the tests of their rules to a file; `-` prints them.
    Export { file: PathBuf },
    /// Show what applying a file would do: statements, what follows renames, what is lost. Changes nothing.
    Diff {
        file: PathBuf,
        /// Also delete collections and fields that the file does not have.
        #[arg(long)]
        delete_missing: bool,
        /// Print the plan as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make the collections what a file says; rules, views, indexes and scripts follow renames. No server may run.
    Apply {
        file: PathBuf,
        /// Also delete collections and fields that the file does not have.
        #[arg(long)]
        delete_missing: bool,
        /// Apply it although it loses data.
        #[arg(long = "lose-data")]
        lose: bool,
    },
}

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub(super) enum Rules {
    /// Run the saved tests; fails if one of them does.
    Test,
}

/// What to do with backups. An archive is a name in the data directory's `backups` folder, or a path.
#[derive(Debug, Subcommand)]
pub(super) enum Backup {
    /// Make a backup.
    Create {
        /// Its name: small letters, digits, `_` and `-`, ending in `.zip`.
        name: Option<String>,
    },
    /// Say whether a backup could be restored.
    Verify { archive: String },
    /// Put the data of a backup in the place of the present data.
    Restore { archive: String },
}

/// What to do with superusers. Arguments are checked later, with the contract's messages.
#[derive(Debug, Subcommand)]
pub(super) enum Superuser {
    /// Create a superuser, or change the password of an existing one.
    #[command(override_usage = "stead superuser upsert EMAIL PASSWORD")]
    Upsert { arguments: Vec<String> },
    /// Create a superuser.
    #[command(override_usage = "stead superuser create EMAIL PASSWORD")]
    Create { arguments: Vec<String> },
    /// Change the password of a superuser.
    #[command(override_usage = "stead superuser update EMAIL PASSWORD")]
    Update { arguments: Vec<String> },
    /// Delete a superuser.
    #[command(override_usage = "stead superuser delete EMAIL")]
    Delete { arguments: Vec<String> },
    /// Create a one-time password for a superuser.
    #[command(override_usage = "stead superuser otp EMAIL")]
    Otp { arguments: Vec<String> },
    /// Set the addresses and subnets superusers may come from; none clears the list.
    #[command(override_usage = "stead superuser ips [IP|CIDR]...")]
    Ips { arguments: Vec<String> },
}

impl Shared {
    /// What the operations need to know.
    pub(super) fn config(&self) -> Result<Config, Failure> {
        if self.dir.as_os_str().is_empty() {
            return Err(Failure::new("the data directory must not be empty"));
        }
        Ok(Config {
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
            thumbs: ThumbLimits {
                workers: self.thumbs_max_workers,
                max_wait: Duration::from_secs(self.thumbs_max_wait),
                max_source_pixels: self.thumbs_max_source_pixels,
            },
        })
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
