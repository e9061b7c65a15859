//! The jobs of scripts: when they are scheduled, and what runs.

use std::sync::{Arc, Weak};

use super::{Hooks, Inner};
use crate::base::error::Result;
use crate::hooks::call::{self, Call, Told};
use crate::hooks::frames;
use crate::hooks::limits::seconds;
use crate::hooks::set::Set;

impl Inner {
    /// Puts the jobs of a new set in the place of the old one's.
    pub(super) fn schedule(&self, old: &Set) {
        let new = self.set.load_full();
        let jobs = self.app.jobs();
        for job in &old.jobs {
            if !new.jobs.iter().any(|other| other.id == job.id) {
                jobs.remove(&job.id);
            }
        }
        let Some(myself) = self.myself.get() else {
            return;
        };
        for job in &new.jobs {
            let (myself, id) = (Weak::clone(myself), job.id.clone());
            let run: crate::cron::Job = Arc::new(move || {
                let (myself, id) = (Weak::clone(&myself), id.clone());
                Box::pin(async move {
                    match myself.upgrade() {
                        Some(inner) => Hooks(inner).run_job(&id).await,
                        None => Ok(()),
                    }
                })
            });
            if let Err(error) = jobs.add(&job.id, &job.expression, run) {
                tracing::error!(job.id, %error, "a job of a script is left out");
            }
        }
    }
}

impl Hooks {
    /// Runs a job of this id, if there still is one.
    async fn run_job(&self, id: &str) -> Result<()> {
        let (hooks, set, id) = (self.clone(), self.0.set.load_full(), id.to_owned());
        self.on_thread(move || {
            let Some(job) = set.jobs.iter().find(|job| job.id == id) else {
                return Ok(());
            };
            let label = format!("cron {id}");
            let limit = seconds(hooks.0.limits.load().cron_deadline);
            let _entered = frames::enter(hooks.0.app.clone(), limit, label.clone().into(), false)?;
            frames::cancel_with(&hooks.0.pool.cancel());
            let call = Call {
                script: job.script,
                line: job.line,
                event: &label,
                told: Told::Operator,
            };
            call::function(&set, &call, &job.function, ()).map(drop)
        })
        .await?
    }
}
