//! Keeps the server from delivering a job again while it is under way.

use std::{convert::Infallible, time::Duration};

use async_nats::jetstream::{AckKind, Message};
use tokio::time;
use tracing::debug;

/// How often a job under way tells the server so; the server waits three times as long.
const PROGRESS_EVERY: Duration = Duration::from_secs(10);

/// Tells the server again and again that the job is under way.
pub(super) async fn keep_alive(message: &Message) -> Infallible {
    let mut ticks = time::interval(PROGRESS_EVERY);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        if let Err(error) = message.ack_with(AckKind::Progress).await {
            debug!(
                error = error.to_string(),
                "could not tell the message server that a job is still running"
            );
        }
    }
}
