//! Waiting for requests to change: `?wait=` and events over HTTP, `Watch` and `WatchAll` over gRPC.

use std::{pin::pin, sync::Arc, time::Duration};

use fetch_model::{FetchId, FetchRequest};
use fetch_queue::events::Event;
use tokio::time::{self, Instant};

use crate::{
    announcements::Announced,
    dialect::{ApiError, Caller, RequestUrl, auth},
    event_broadcast::{Broken, EventSubscription},
    event_groups::{GroupReader, Requests, Told},
    submit::Intake,
};

/// The parameter of the query: for how many seconds the answer may wait.
pub(crate) const WAIT: &str = "wait";

/// Proxies give up on answers that take longer than a minute.
const LONGEST_WAIT: u64 = 60;

/// How long a watcher goes without looking at the row, should every announcement be lost.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How often the token of a caller is checked again who is told nothing.
const CHECK_EVERY: Duration = Duration::from_secs(10);

/// Events that are told together: what is read for them is read once.
const MOST_AT_ONCE: usize = 100;

/// Why a watcher stops watching.
#[derive(Debug)]
pub(crate) enum Ended {
    /// This process is about to end, or what it knew is not true any more: the caller is to come again.
    Stopping,
    /// The caller may not see the request, or not any more; or the database failed.
    Refused(ApiError),
}

/// Somebody who waits for a request to change.
pub(crate) struct Watch {
    intake: Intake,
    caller: Caller,
    id: FetchId,
    announced: Announced,
}

impl Watch {
    /// Listens from now on. Whoever looks at the request after this misses nothing.
    pub(crate) fn begin(intake: &Intake, caller: &Caller, id: FetchId) -> Watch {
        Watch {
            announced: intake.announcements.subscribe(),
            intake: intake.clone(),
            caller: caller.clone(),
            id,
        }
    }

    /// The request as it is now.
    ///
    /// # Errors
    /// 404 if the caller has no such request, 503 while the database is away.
    pub(crate) async fn look(&mut self) -> Result<FetchRequest, ApiError> {
        there(self.find().await?)
    }

    async fn find(&mut self) -> Result<Option<FetchRequest>, fetch_db::Error> {
        let queue = &self.intake.api.control.queue;
        queue.request_of(self.caller.id(), self.id).await
    }

    /// The request after something was said of it, or after a while; none while the database is away.
    /// Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// When there is nothing more to wait for.
    pub(crate) async fn next(&mut self) -> Result<Option<FetchRequest>, Ended> {
        self.until_something_is_said().await?;
        match self.find().await {
            Ok(found) => there(found).map(Some).map_err(Ended::Refused),
            Err(error) if error.is_absence() => Ok(None),
            Err(error) => Err(Ended::Refused(error.into())),
        }
    }

    /// The request once it differs from what it was. A database that is away for a while ends nothing.
    ///
    /// # Errors
    /// When there is nothing more to wait for.
    pub(crate) async fn changed(&mut self, was: &FetchRequest) -> Result<FetchRequest, Ended> {
        loop {
            match self.next().await? {
                Some(request) if request != *was => return Ok(request),
                _ => {}
            }
        }
    }

    /// What became of the request after an event, once there is more. Nothing, when nothing more comes.
    ///
    /// # Errors
    /// When there is nothing more to wait for: it is gone, or the caller is shut out.
    pub(crate) async fn next_events(&mut self, after: i64) -> Result<Vec<Event>, Ended> {
        loop {
            let request = self.next().await?;
            let events = self.events(after).await;
            match (request, events) {
                (Some(request), Ok(events)) if !events.is_empty() || request.state.is_final() => {
                    return Ok(events);
                }
                (_, Err(error)) if !error.is_absence() => {
                    return Err(Ended::Refused(error.into()));
                }
                // Nothing has changed, or the database is away.
                _ => {}
            }
        }
    }

    /// What became of the request after an event.
    pub(crate) async fn events(&self, after: i64) -> Result<Vec<Event>, fetch_db::Error> {
        let queue = &self.intake.api.control.queue;
        queue.events_of_request(self.id, after).await
    }

    /// A row that was just read, with what is said of it. A database that is away for a while ends nothing, and then it
    /// is the row as it is after that.
    ///
    /// # Errors
    /// When there is nothing more to wait for.
    pub(crate) async fn tell_of(
        &mut self,
        mut row: FetchRequest,
        reader: &GroupReader,
    ) -> Result<(FetchRequest, Option<Arc<Requests>>), Ended> {
        let about = loop {
            match reader.tell_of(&row).await {
                Ok(about) => break about,
                Err(error) if error.is_absence() => {}
                Err(error) => return Err(error.into()),
            }
            if let Some(now) = self.next().await? {
                row = now;
            }
        };
        self.look_after_reading(reader).await?;
        Ok((row, about))
    }

    /// Events that were just read, with what is said of the request. A database that is away for a while ends nothing.
    ///
    /// # Errors
    /// When there is nothing more to wait for.
    pub(crate) async fn tell(
        &mut self,
        events: Vec<Event>,
        reader: &GroupReader,
    ) -> Result<Vec<Told>, Ended> {
        let about = loop {
            match reader.about(&events).await {
                Ok(about) => break about,
                Err(error) if error.is_absence() => {}
                Err(error) => return Err(error.into()),
            }
            self.until_something_is_said().await?;
        };
        self.look_after_reading(reader).await?;
        Ok(events.into_iter().zip(about).collect())
    }

    /// Groups may have been waited for, and the caller shut out meanwhile.
    async fn look_after_reading(&mut self, reader: &GroupReader) -> Result<(), Ended> {
        match reader.groups.is_empty() {
            true => Ok(()),
            false => look_again(&self.intake, &self.caller).await,
        }
    }

    async fn until_something_is_said(&mut self) -> Result<(), Ended> {
        tokio::select! {
            () = self.announced.of(self.id) => {}
            () = time::sleep(LOOK_EVERY) => {}
            () = self.intake.stop.cancelled() => return Err(Ended::Stopping),
        }
        look_again(&self.intake, &self.caller).await
    }

    /// The request once it is final, or what it is when the time is over, this process stops or the
    /// database goes away: calls that are under way then are given up, and this one has an answer.
    ///
    /// # Errors
    /// When the caller is shut out meanwhile, or the request is gone.
    pub(crate) async fn until_final(mut self, within: Duration) -> Result<FetchRequest, ApiError> {
        let deadline = Instant::now() + within;
        let database = self.intake.database.clone();
        let mut request = self.look().await?;
        while !request.state.is_final() {
            let next = tokio::select! {
                next = self.next() => next,
                () = time::sleep_until(deadline) => break,
                () = database.away_for(Duration::ZERO) => break,
            };
            match next {
                Ok(next) => request = next.unwrap_or(request),
                Err(Ended::Refused(refusal)) => return Err(refusal),
                Err(Ended::Stopping) => break,
            }
        }
        Ok(request)
    }
}

/// Somebody who waits for any of their requests to change.
pub(crate) struct WatchAll {
    intake: Intake,
    caller: Caller,
    subscription: EventSubscription,
}

impl WatchAll {
    /// Listens to what comes after an event, or from now on.
    ///
    /// # Errors
    /// 503 while this process does not know where now is.
    pub(crate) async fn begin(
        intake: &Intake,
        caller: &Caller,
        after: Option<i64>,
    ) -> Result<WatchAll, ApiError> {
        let queue = &intake.api.control.queue;
        let subscription = intake.events.subscribe(queue, caller.id(), after).await?;
        Ok(WatchAll {
            subscription: subscription.ok_or_else(|| {
                ApiError::store_is_away(
                    "The database cannot be reached, or this server is still starting. Please try again in a few \
                     seconds.",
                )
            })?,
            intake: intake.clone(),
            caller: caller.clone(),
        })
    }

    /// The event after which it began, or that it told last.
    pub(crate) fn after(&self) -> i64 {
        self.subscription.after()
    }

    /// The next event, and those that are there with it, with what is said of their requests. A database that is away
    /// for a while ends nothing. Events that are being told when the future is dropped are lost: then the caller comes
    /// again.
    ///
    /// # Errors
    /// When the caller has to come again and name the last event, or is shut out.
    pub(crate) async fn next(&mut self, reader: &GroupReader) -> Result<Vec<Told>, Ended> {
        let events = self.next_events().await?;
        let about = loop {
            match reader.about(&events).await {
                Ok(about) => break about,
                Err(error) if error.is_absence() => {}
                Err(error) => return Err(error.into()),
            }
            tokio::select! {
                () = time::sleep(LOOK_EVERY) => {}
                () = self.intake.stop.cancelled() => return Err(Ended::Stopping),
            }
            look_again(&self.intake, &self.caller).await?;
        };
        // Last of all: groups may have been waited for, and the caller shut out meanwhile.
        look_again(&self.intake, &self.caller).await?;
        Ok(events.into_iter().zip(about).collect())
    }

    async fn next_events(&mut self) -> Result<Vec<Event>, Ended> {
        // Kept over the checks: what has been may take longer to read than they are apart.
        let event = {
            let mut next = pin!(self.subscription.next());
            loop {
                tokio::select! {
                    heard = &mut next => break heard?,
                    () = time::sleep(CHECK_EVERY) => look_again(&self.intake, &self.caller).await?,
                    () = self.intake.stop.cancelled() => return Err(Ended::Stopping),
                }
            }
        };
        let mut events = vec![event];
        self.subscription.drain(&mut events, MOST_AT_ONCE);
        Ok(events)
    }
}

impl From<Broken> for Ended {
    fn from(broken: Broken) -> Ended {
        match broken {
            Broken::Store(error) => error.into(),
            Broken::Restarted => Ended::Stopping,
        }
    }
}

impl From<fetch_db::Error> for Ended {
    fn from(error: fetch_db::Error) -> Ended {
        Ended::Refused(error.into())
    }
}

async fn look_again(intake: &Intake, caller: &Caller) -> Result<(), Ended> {
    let looked = auth::look_again(&intake.api, caller).await;
    looked.map_err(Ended::Refused)
}

fn there(found: Option<FetchRequest>) -> Result<FetchRequest, ApiError> {
    found.ok_or_else(|| ApiError::no_match("PacerFetchQueue"))
}

/// For how long the answer to this call may wait; none if it is not to.
///
/// # Errors
/// 400 for anything but whole seconds up to a minute.
pub(crate) fn wait_of(here: &RequestUrl) -> Result<Option<Duration>, ApiError> {
    let Some(sent) = here.parameter(WAIT) else {
        return Ok(None);
    };
    match sent.parse() {
        Ok(0) => Ok(None),
        Ok(seconds @ 1..=LONGEST_WAIT) => Ok(Some(Duration::from_secs(seconds))),
        _ => Err(ApiError::field(
            WAIT,
            format!("Send how many seconds to wait, from 0 to {LONGEST_WAIT}."),
        )),
    }
}
