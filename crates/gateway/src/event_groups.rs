//! Groups of keys for whoever hears of events (`docs/API.md#events`): read for many events at once, and once for all
//! listeners of a user.
//!
//! A burst is heard by all listeners at about the same time. One of them reads what it needs for all the events that it
//! has, in as many statements as a page of a list; the others wait for it and find that.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use fetch_db::Error;
use fetch_model::{Cents, Fence, FetchId, FetchRequest, State, UserId, expand::Groups};
use fetch_queue::events::Event;
use moka::future::Cache;
use tokio::sync::{Mutex, Semaphore};

use crate::{api::Api, dialect::Caller, expand::Known, submit::Intake};

/// How old what is told may be: the listeners of a burst hear of it within less.
const REMEMBERED_FOR: Duration = Duration::from_secs(5);

/// Moments that are remembered.
const MOST_REMEMBERED: u64 = 1000;

/// Longer than any reading.
const TURNS_FOR: Duration = Duration::from_secs(600);

/// Listeners that read at the same time, of all users; each takes a connection.
const READERS: usize = 3;

/// What is read for those who listen to this process. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct EventGroups(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// By whose it is, so that no account hears of another one, whatever numbers come again after a restore.
    read: Cache<(UserId, Moment, Groups), Arc<Requests>>,
    /// One listener of a user reads at a time.
    turns: Cache<UserId, Arc<Mutex<()>>>,
    readers: Semaphore,
}

/// What a listener is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Moment {
    /// An event, by its number.
    Event(i64),
    /// A row, since it was changed last. Not all of its changes come with a new time: what it has cost does not.
    Row(FetchId, DateTime<Utc>, (State, Fence, Cents)),
}

/// An event, with what is said of its request; with nothing if no groups are asked for.
pub(crate) type Told = (Event, Option<Arc<Requests>>);

impl Default for EventGroups {
    fn default() -> EventGroups {
        EventGroups(Arc::new(Shared {
            read: Cache::builder()
                .max_capacity(MOST_REMEMBERED)
                .time_to_live(REMEMBERED_FOR)
                .build(),
            turns: Cache::builder()
                .max_capacity(MOST_REMEMBERED)
                .time_to_idle(TURNS_FOR)
                .build(),
            readers: Semaphore::new(READERS),
        }))
    }
}

/// Requests as they were when they were read, and what was asked for about them.
#[derive(Debug)]
pub(crate) struct Requests {
    /// Those that were there.
    rows: HashMap<FetchId, FetchRequest>,
    known: Known,
}

impl Requests {
    /// A request, with what is known; none if it is there no more.
    pub fn get(&self, id: FetchId) -> Option<(&FetchRequest, &Known)> {
        self.rows.get(&id).map(|request| (request, &self.known))
    }
}

/// Reads groups for one listener.
#[derive(Debug, Clone)]
pub(crate) struct GroupReader {
    api: Api,
    shared: EventGroups,
    user: UserId,
    /// Those that it asks for.
    pub groups: Groups,
}

impl GroupReader {
    pub(crate) fn new(intake: &Intake, caller: &Caller, groups: Groups) -> GroupReader {
        GroupReader {
            api: intake.api.clone(),
            shared: intake.event_groups.clone(),
            user: caller.id(),
            groups,
        }
    }

    /// Each event, with what is said of its request; with nothing if no groups are asked for.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn tell(&self, events: Vec<Event>) -> Result<Vec<Told>, Error> {
        let about = self.about(&events).await?;
        Ok(events.into_iter().zip(about).collect())
    }

    /// For each event, what is said of its request.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn about(
        &self,
        events: &[Event],
    ) -> Result<Vec<Option<Arc<Requests>>>, Error> {
        let moments = events
            .iter()
            .map(|event| (Moment::Event(event.id), event.request));
        let moments: Vec<_> = moments.collect();
        self.read(moments).await
    }

    /// What is said of a request whose row has just been read; none if no groups are asked for.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn tell_of(
        &self,
        request: &FetchRequest,
    ) -> Result<Option<Arc<Requests>>, Error> {
        let stands = (request.state, request.fence, request.cost);
        let moment = Moment::Row(request.id, request.date_modified, stands);
        let read = self.read(vec![(moment, request.id)]).await?;
        Ok(read.into_iter().next().flatten())
    }

    /// For each moment, what was read for it by whoever came first.
    async fn read(
        &self,
        moments: Vec<(Moment, FetchId)>,
    ) -> Result<Vec<Option<Arc<Requests>>>, Error> {
        if self.groups.is_empty() || moments.is_empty() {
            return Ok(vec![None; moments.len()]);
        }
        let shared = &self.shared.0;
        let turn = async { Arc::new(Mutex::new(())) };
        let turn = shared.turns.get_with(self.user, turn).await;
        let _turn = turn.lock().await;
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for (moment, request) in &moments {
            let known = shared.read.get(&(self.user, *moment, self.groups)).await;
            if known.is_none() {
                missing.push((*moment, *request));
            }
            found.push(known);
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let read = Arc::new(self.read_now(&missing).await?);
        for (moment, _) in missing {
            let key = (self.user, moment, self.groups);
            shared.read.insert(key, read.clone()).await;
        }
        let found = found.into_iter();
        Ok(found
            .map(|known| known.or_else(|| Some(read.clone())))
            .collect())
    }

    async fn read_now(&self, missing: &[(Moment, FetchId)]) -> Result<Requests, Error> {
        // It is never closed.
        let _reader = self.shared.0.readers.acquire().await;
        let mut ids: Vec<i64> = missing.iter().map(|(_, request)| request.0).collect();
        ids.sort_unstable();
        ids.dedup();
        let queue = &self.api.control.queue;
        let requests = queue.requests_of(self.user, &ids).await?;
        let known = Known::of(&self.api, self.user, &requests, self.groups).await?;
        let rows = requests.into_iter().map(|request| (request.id, request));
        Ok(Requests {
            rows: rows.collect(),
            known,
        })
    }
}
