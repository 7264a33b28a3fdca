//! What becomes of requests, to all who listen: read once for this process, and handed on.
//!
//! A subscriber reads what has been from the store, and hears from here what comes after that. Numbers tell the
//! two apart, so nothing is told twice, and nothing lost between them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fetch_db::Error;
use fetch_model::UserId;
use fetch_queue::{
    Queue,
    events::{Event, EventRange, Watermark},
};
use futures_util::FutureExt;
use tokio::{
    sync::{Notify, Semaphore, broadcast, watch},
    time::{self, Instant},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::announcements::Announced;

/// Events of one user that a subscriber may be behind before it has to read them from the store.
const MOST_BEHIND: usize = 1024;

/// Rows that are read at once.
const AT_ONCE: i64 = 500;

/// Subscribers that read from the store at the same time; each takes a connection.
const READERS: usize = 3;

/// Between two looks while nothing is announced.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The same while a transaction is open that may have an event.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// After the database could not be used.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// For how long it is looked on when nobody listens any more: whoever lost a connection comes again.
const LINGER: Duration = Duration::from_secs(30);

/// How long a subscriber waits for the first look of this process.
const FIRST_LOOK_WITHIN: Duration = Duration::from_secs(5);

/// What this process has heard. Cheap to clone.
#[derive(Debug, Clone)]
pub struct EventBroadcast(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Of those who have subscribers.
    users: Mutex<HashMap<UserId, broadcast::Sender<Event>>>,
    /// Up to where all events are known; none while nobody looks.
    known: watch::Sender<Option<i64>>,
    /// Somebody has subscribed.
    subscribed: Notify,
    readers: Semaphore,
}

impl Default for EventBroadcast {
    fn default() -> EventBroadcast {
        EventBroadcast(Arc::new(Shared {
            users: Mutex::default(),
            known: watch::Sender::default(),
            subscribed: Notify::new(),
            readers: Semaphore::new(READERS),
        }))
    }
}

/// Why a subscriber hears nothing more. It subscribes again, with the last event that it heard.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The store does not answer.
    Store(Error),
    /// The database is another one, or was started again: what was known is not known any more.
    Restarted,
}

impl From<Error> for Broken {
    fn from(error: Error) -> Broken {
        Broken::Store(error)
    }
}

impl EventBroadcast {
    /// Subscribes to what becomes of one user's requests, after an event that was heard before or from now on. None
    /// if it is not known yet where now is.
    pub(crate) async fn subscribe(
        &self,
        queue: &Queue,
        user: UserId,
        after: Option<i64>,
    ) -> Result<Option<EventSubscription>, Error> {
        // First this: whatever becomes known after that is heard.
        let events = self.receiver(user);
        self.0.subscribed.notify_one();
        let mut known = self.0.known.subscribe();
        let known = known.wait_for(Option::is_some);
        let known = match time::timeout(FIRST_LOOK_WITHIN, known).await {
            Ok(Ok(known)) => *known,
            _ => None,
        };
        let Some(known) = known else {
            return Ok(None);
        };
        let after = match after {
            // Heard from another gateway that is further, or of a database that was restored since.
            Some(after) if after > known => after.min(queue.last_event_given().await?),
            Some(after) => after,
            // A number that nothing was committed with may be given again after a crash.
            None => queue.last_event_up_to(known).await?,
        };
        Ok(Some(EventSubscription {
            broadcast: self.clone(),
            queue: queue.clone(),
            events,
            user,
            after,
            read_up_to: known,
            read: Vec::new().into_iter(),
            is_broken: false,
        }))
    }

    /// Follows the store for as long as there are subscribers, until `stop`, and hurries when something is announced.
    pub async fn follow(self, queue: Queue, announced: Announced, stop: CancellationToken) {
        let follower = Follower {
            broadcast: self,
            queue,
            watermark: Watermark::default(),
            handed_on: None,
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = follower.follow(announced) => {}
        }
    }

    fn receiver(&self, user: UserId) -> broadcast::Receiver<Event> {
        let mut users = self.users();
        let sender = users
            .entry(user)
            .or_insert_with(|| broadcast::Sender::new(MOST_BEHIND));
        sender.subscribe()
    }

    fn users(&self) -> MutexGuard<'_, HashMap<UserId, broadcast::Sender<Event>>> {
        self.0.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The users who have subscribers.
    fn heard_by(&self) -> MutexGuard<'_, HashMap<UserId, broadcast::Sender<Event>>> {
        let mut users = self.users();
        users.retain(|_, sender| sender.receiver_count() > 0);
        users
    }

    fn is_heard(&self) -> bool {
        !self.heard_by().is_empty()
    }

    /// Whether nobody listens. Then what is known is forgotten, as it grows old: whoever subscribes from here on waits
    /// for the next look.
    fn rests(&self) -> bool {
        let users = self.heard_by();
        if users.is_empty() {
            self.0.known.send_replace(None);
        }
        users.is_empty()
    }

    fn hand_on(&self, event: Event) {
        if let Some(sender) = self.users().get(&event.user) {
            // Whoever has gone does not want to know.
            let _ = sender.send(event);
        }
    }

    /// Has all subscribers begin again.
    fn begin_anew(&self) {
        self.0.known.send_replace(None);
        self.users().clear();
    }
}

struct Follower {
    broadcast: EventBroadcast,
    queue: Queue,
    watermark: Watermark,
    /// Up to here everything was handed on.
    handed_on: Option<i64>,
}

impl Follower {
    async fn follow(mut self, mut announced: Announced) {
        let mut soon = LOOK_AGAIN;
        let mut heard_at = None::<Instant>;
        loop {
            if self.broadcast.is_heard() {
                heard_at = Some(Instant::now());
            }
            // Looking costs the database something, with every announcement.
            let is_idle = heard_at.is_none_or(|at| at.elapsed() > LINGER);
            if is_idle && self.broadcast.rests() {
                self.watermark = Watermark::default();
                self.handed_on = None;
                self.broadcast.0.subscribed.notified().await;
            }
            match self.advance().await {
                Ok(advanced) if self.watermark.has_pending() => {
                    // A transaction that stays open for long is not asked about all the time.
                    soon = match advanced {
                        true => LOOK_AGAIN,
                        false => (soon * 2).min(LOOK_EVERY),
                    };
                    time::sleep(soon).await;
                }
                Ok(_) => {
                    soon = LOOK_AGAIN;
                    // What is announced meanwhile is looked at together.
                    time::sleep(LOOK_AGAIN / 2).await;
                    tokio::select! {
                        () = time::sleep(LOOK_EVERY) => {}
                        () = announced.any() => {}
                    }
                }
                Err(error) => {
                    if !error.is_absence() {
                        let error = &error as &dyn std::error::Error;
                        warn!(error, "could not read what became of requests");
                    }
                    time::sleep(AGAIN_AFTER).await;
                }
            }
        }
    }

    /// Whether more is known than before.
    async fn advance(&mut self) -> Result<bool, Error> {
        let before = self.watermark.up_to();
        self.queue.advance(&mut self.watermark).await?;
        let Some(known) = self.watermark.up_to() else {
            if self.handed_on.take().is_some() {
                info!("the database was started again; who listens to events begins again");
                self.broadcast.begin_anew();
            }
            return Ok(false);
        };
        // Before they are handed on: whoever comes in between reads them.
        self.broadcast.0.known.send_replace(Some(known));
        // Nobody has listened before the first look.
        let handed_on = self.handed_on.get_or_insert(known);
        while *handed_on < known && self.broadcast.is_heard() {
            let range = EventRange {
                after: *handed_on,
                up_to: known,
                limit: AT_ONCE,
            };
            let events = self.queue.events(range).await?;
            let Some(last) = events.last() else { break };
            *handed_on = last.id;
            for event in events {
                self.broadcast.hand_on(event);
            }
        }
        *handed_on = known;
        Ok(before != Some(known))
    }
}

/// Somebody who hears of each event once, in order.
pub(crate) struct EventSubscription {
    broadcast: EventBroadcast,
    queue: Queue,
    events: broadcast::Receiver<Event>,
    user: UserId,
    /// The last that was told, or that it does not want.
    after: i64,
    /// Up to here it reads from the store.
    read_up_to: i64,
    read: std::vec::IntoIter<Event>,
    /// It cannot go on, and was not told yet.
    is_broken: bool,
}

impl EventSubscription {
    /// The last event that was told, or after which it began.
    pub(crate) fn after(&self) -> i64 {
        self.after
    }

    /// The next event. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// When it has to begin again.
    pub(crate) async fn next(&mut self) -> Result<Event, Broken> {
        if self.is_broken {
            return Err(Broken::Restarted);
        }
        loop {
            if let Some(event) = self.read.next() {
                self.after = event.id;
                return Ok(event);
            }
            if self.after < self.read_up_to {
                self.read = self.read_more().await?.into_iter();
                continue;
            }
            match self.events.recv().await {
                Ok(event) if event.id > self.after => {
                    self.after = event.id;
                    return Ok(event);
                }
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    let known = *self.broadcast.0.known.borrow();
                    self.read_up_to = known.ok_or(Broken::Restarted)?;
                }
                Err(broadcast::error::RecvError::Closed) => return Err(Broken::Restarted),
            }
        }
    }

    /// Adds the events that come next without waiting, until there are so many.
    pub(crate) fn drain(&mut self, into: &mut Vec<Event>, most: usize) {
        while into.len() < most && self.is_ready() {
            match self.next().now_or_never() {
                Some(Ok(event)) => into.push(event),
                // What went before is told first.
                Some(Err(_)) => self.is_broken = true,
                None => return,
            }
        }
    }

    fn is_ready(&self) -> bool {
        let is_heard = self.after >= self.read_up_to && !self.events.is_empty();
        !self.is_broken && (self.read.len() > 0 || is_heard)
    }

    async fn read_more(&mut self) -> Result<Vec<Event>, Error> {
        // It is never closed.
        let _reader = self.broadcast.0.readers.acquire().await;
        let range = EventRange {
            after: self.after,
            up_to: self.read_up_to,
            limit: AT_ONCE,
        };
        let events = self.queue.events_of(self.user, range).await?;
        if events.is_empty() {
            self.after = self.read_up_to;
        }
        Ok(events)
    }
}
