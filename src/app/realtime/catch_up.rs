//! Telling a subscription what it missed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::app::App;
use crate::app::realtime::enrich::Enricher;
use crate::app::realtime::history;
use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::engine::Reader;
use crate::query::Snapshot;
use crate::realtime::{Compiled, Deliverer, Reason, Replay};

/// Changes read from the log at a time.
const PAGE: u32 = 200;

/// Pause before a failed read of the log is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// Times a replay tries again before the client is sent away to start over.
const TRIES: u32 = 10;

/// How long one read tells changes, so that others get their turn.
const TURN: Duration = Duration::from_secs(1);

/// Tells a subscription what it missed, then lets it have live events.
pub(super) async fn catch_up(app: App, replay: Replay) {
    let turns = Arc::clone(&app.realtime_parts().replays);
    let (mut tries, mut is_checked) = (0, false);
    loop {
        if replay.subscription.is_gone() || !replay.client.room().await {
            return;
        }
        // What the client claims to have seen is looked at first.
        if is_checked && app.realtime().go_live(&replay.subscription) {
            return;
        }
        // Held for one read, never while a client is waited for.
        let Ok(turn) = turns.acquire().await else {
            return;
        };
        let (job, one) = (app.clone(), replay.clone());
        let read = app
            .read_pooled(move |reader, snapshot| replay_page(&job, reader, snapshot, &one))
            .await;
        drop(turn);
        match read {
            Ok(()) => (tries, is_checked) = (0, true),
            Err(error) => {
                tries += 1;
                tracing::warn!(%error, "failed to replay realtime events");
                if tries >= TRIES {
                    return replay.client.close(Reason::TooSlow);
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn replay_page(app: &App, reader: &Reader, snapshot: &Snapshot, replay: &Replay) -> Result<()> {
    let subscription = &replay.subscription;
    let cursor = subscription.cursor();
    let (oldest, newest) = reader.change_range()?;
    if cursor > newest || cursor < oldest - 1 {
        replay.skip_to(newest);
        return Ok(());
    }
    let Some(position) = app.realtime().position() else {
        return Ok(());
    };
    let mut changes = reader.changes_since(cursor, PAGE)?;
    changes.retain(|change| change.seq <= position);
    let mut compiled = Compiled::default();
    let shaper = Enricher::new(app);
    let mut deliverer = Deliverer {
        reader,
        before: None,
        snapshot,
        now: Timestamp::now(),
        compiled: &mut compiled,
        shaper: Some(&shaper),
    };
    let told = history::events(reader, snapshot, &changes)?;
    let began = Instant::now();
    for event in told.events {
        // Large records fill the outbox sooner than a page ends.
        if subscription.is_gone() || !replay.client.has_room() || began.elapsed() >= TURN {
            return Ok(());
        }
        match deliverer.replay(replay, &event) {
            Ok(()) => subscription.advance(event.seq),
            Err(error) if passes(&error) => return Err(error),
            Err(error) => {
                replay.report(&error);
                replay.skip_to(position);
                return Ok(());
            }
        }
    }
    if let Some(last) = told.last {
        subscription.advance(last);
    }
    Ok(())
}

/// Says whether an error is not about the subscription, so that trying again helps.
const fn passes(error: &Error) -> bool {
    matches!(error, Error::Unavailable { .. } | Error::Disk { .. })
}
