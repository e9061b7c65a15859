//! `stead rules …`: the saved tests of rules.

use clap::Subcommand;

use crate::app::rules;
use crate::cli::console::{self, Failure};
use crate::cli::shared::Shared;
use crate::cli::work;

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
    work::database_in(&config.dir)?;
    let runtime = work::runtime_for_scripts()?;
    let outcomes = runtime.block_on(async {
        let app = work::open(config).await?;
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
