//! `stead restore …`: a data directory from a replica.

use tokio::runtime::Builder;

use crate::app::replica;
use crate::base::time::{self, Timestamp};
use crate::cli::args::Restore;
use crate::cli::console::{self, Failure};

pub(super) fn run(options: &Restore) -> Result<(), Failure> {
    let place = options.keys.place(&options.from)?;
    let at = options.at.as_deref().map(moment).transpose()?;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("cannot start threads: {error}")))?;
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
