//! `stead restore …`: a data directory from a replica.

use std::path::PathBuf;

use crate::app::replica;
use crate::base::secret::Secret;
use crate::base::time::{self, Timestamp};
use crate::cli::console::{self, Failure};
use crate::cli::work;
use crate::replica::Place;

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

#[expect(clippy::unnecessary_wraps, reason = "the form a value parser has")]
fn secret(text: &str) -> Result<Secret<String>, std::convert::Infallible> {
    Ok(Secret::new(text.to_owned()))
}

pub(super) fn run(options: &Restore) -> Result<(), Failure> {
    let place = options.keys.place(&options.from)?;
    let at = options.at.as_deref().map(moment).transpose()?;
    let runtime = work::runtime()?;
    let restored = runtime
        .block_on(replica::restore(&place, at, &options.to))
        .map_err(Failure::new)?;
    console::out(&format!(
        "Restored the state of {} to {}.",
        restored.at,
        options.to.display()
    ));
    Ok(())
}

fn moment(text: &str) -> Result<Timestamp, Failure> {
    time::parse(text).ok_or_else(|| {
        Failure::new(format!(
            "{text:?} is no moment, write it like 2026-11-20T12:00:00Z"
        ))
    })
}
