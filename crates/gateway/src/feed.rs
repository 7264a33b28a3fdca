//! What becomes of requests, to all who listen: read once for this process, and handed on.
//!
//! A listener reads what has been from the store, and hears from here what comes after that. Numbers tell the
//! two apart, so nothing is told twice, and nothing lost between them.

use std::{sync::Arc, time::Duration};

use fetch_model::UserId;
use fetch_queue::{
    Queue,
    events::{Event, EventRange, Horizon},
};
use tokio::{
    sync::{broadcast, watch},
    time,
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{announcements::Heard, dialect::ApiError};

/// Events that a listener may be behind before it has to read them from the store.
const MOST_BEHIND: usize = 4096;

/// Rows that are read at once.
const AT_ONCE: i64 = 500;

/// Between two looks while nothing is announced.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The same while a transaction is open that may have an event.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// After the database or the message server could not be used.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What this process has heard. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Feed {
    events: broadcast::Sender<Arc<Event>>,
    /// Up to where all events are known; none before the first look.
    known: watch::Sender<Option<i64>>,
}

impl Default for Feed {
    fn default() -> Feed {
        Feed {
            events: broadcast::Sender::new(MOST_BEHIND),
            known: watch::Sender::default(),
        }
    }
}

impl Feed {
    /// Listens to what becomes of one user's requests, after an event that was heard before or from now on.
    ///
    /// # Errors
    /// 503 when the database was never reached.
    pub(crate) fn listen(
        &self,
        queue: &Queue,
        user: UserId,
        after: Option<i64>,
    ) -> Result<Listener, ApiError> {
        // First this: whatever becomes known after that is heard.
        let events = self.events.subscribe();
        let known = *self.known.borrow();
        let known = known.ok_or_else(|| {
            ApiError::store_is_away(
                "The database cannot be reached at present. Please try again in a few seconds.",
            )
        })?;
        Ok(Listener {
            queue: queue.clone(),
            known: self.known.subscribe(),
            events,
            user,
            after: after.unwrap_or(known),
            read_up_to: known,
            read: Vec::new().into_iter(),
        })
    }

    /// Follows the store until `stop`, and hurries when something is announced.
    pub(crate) async fn follow(self, queue: Queue, mut announced: Heard, stop: CancellationToken) {
        let mut follower = Follower {
            feed: self,
            queue,
            horizon: Horizon::default(),
            handed_on: None,
        };
        let mut soon = LOOK_AGAIN;
        loop {
            let again = match follower.move_on().await {
                Ok(()) if follower.horizon.is_behind() => {
                    let again = soon;
                    // A transaction that stays open for long is not asked about all the time.
                    soon = (soon * 2).min(LOOK_EVERY);
                    Some(again)
                }
                Ok(()) => {
                    soon = LOOK_AGAIN;
                    None
                }
                Err(error) => {
                    if !error.is_absence() {
                        let error = &error as &dyn std::error::Error;
                        warn!(error, "could not read what became of requests");
                    }
                    Some(AGAIN_AFTER)
                }
            };
            let next = async {
                if let Some(again) = again {
                    return time::sleep(again).await;
                }
                // What is announced meanwhile is looked at together.
                time::sleep(LOOK_AGAIN / 2).await;
                tokio::select! {
                    () = time::sleep(LOOK_EVERY) => {}
                    () = announced.anything() => {}
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = next => {}
            }
        }
    }
}

struct Follower {
    feed: Feed,
    queue: Queue,
    horizon: Horizon,
    /// Up to here everything was handed on.
    handed_on: Option<i64>,
}

impl Follower {
    async fn move_on(&mut self) -> Result<(), fetch_db::Error> {
        self.queue.move_on(&mut self.horizon).await?;
        let known = self.horizon.up_to();
        // Nobody listens yet: what has been before is read from the store.
        let handed_on = self.handed_on.get_or_insert(known);
        // Before they are handed on: whoever comes in between reads them.
        let events = &self.feed.events;
        self.feed.known.send_replace(Some(known));
        while *handed_on < known && events.receiver_count() > 0 {
            let range = EventRange {
                after: *handed_on,
                up_to: known,
                limit: AT_ONCE,
            };
            let found = self.queue.events(range).await?;
            let Some(last) = found.last() else { break };
            *handed_on = last.id;
            for event in found {
                // Whoever has gone does not want to know.
                let _ = events.send(Arc::new(event));
            }
        }
        *handed_on = known;
        Ok(())
    }
}

/// Somebody who hears of each event once, in order.
pub(crate) struct Listener {
    queue: Queue,
    known: watch::Receiver<Option<i64>>,
    events: broadcast::Receiver<Arc<Event>>,
    user: UserId,
    /// The last that was told, or that it does not want.
    after: i64,
    /// Up to here it reads from the store.
    read_up_to: i64,
    read: std::vec::IntoIter<Event>,
}

impl Listener {
    /// The next event. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn next(&mut self) -> Result<Event, fetch_db::Error> {
        loop {
            if let Some(event) = self.read.next() {
                self.after = event.id;
                return Ok(event);
            }
            if self.after < self.read_up_to {
                let range = EventRange {
                    after: self.after,
                    up_to: self.read_up_to,
                    limit: AT_ONCE,
                };
                let events = self.queue.events_of(self.user, range).await?;
                if events.is_empty() {
                    self.after = self.read_up_to;
                }
                self.read = events.into_iter();
                continue;
            }
            match self.events.recv().await {
                Ok(event) if self.wants(&event) => {
                    self.after = event.id;
                    return Ok(Arc::unwrap_or_clone(event));
                }
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    let known = *self.known.borrow_and_update();
                    self.read_up_to = known.unwrap_or(self.read_up_to);
                }
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    fn wants(&self, event: &Event) -> bool {
        event.id > self.after && event.user == self.user
    }
}
