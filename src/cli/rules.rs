//! `stead rules …`: the saved tests of rules.

use clap::Subcommand;
use tokio::runtime::Builder;

use crate::app::{App, rules};
use crate::cli::args::Shared;
use crate::cli::console::{self, Failure};

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub(super) enum Rules {
    /// Run the saved tests; fails if one of them does.
    Test,
}

pub(super) fn run(shared: &Shared, action: &Rules) -> Result<(), Failure> {
    match action {
        Rules::Test => test(shared),
    }
}

/// `stead rules test`: runs the saved tests.
fn test(shared: &Shared) -> Result<(), Failure> {
    let config = shared.config()?;
    if !config.dir.join("data.db").is_file() {
        let dir = config.dir.display();
        return Err(Failure::new(format!("{dir} is no data directory")));
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("cannot start threads: {error}")))?;
    let outcomes = runtime.block_on(async {
        let app = App::open(config)
            .await
            .map_err(|error| Failure::new(error.to_string()))?;
        let outcomes = rules::run(&app).await;
        app.close().await;
        outcomes.map_err(|error| Failure::of("the tests could not be run", &error))
    })?;
    let mut failed = 0;
    for outcome in &outcomes {
        if outcome.passed {
            console::out(&format!("ok    {}", outcome.name));
        } else {
            failed += 1;
            console::out(&format!("FAIL  {}: {}", outcome.name, outcome.reason));
        }
    }
    match (failed, outcomes.len()) {
        (0, 0) => console::out("There are no tests."),
        (0, n) => console::out(&format!("{n} passed.")),
        (n, all) => return Err(Failure::new(format!("{n} of {all} tests failed"))),
    }
    Ok(())
}
