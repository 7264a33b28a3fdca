//! How many logins one user may try, over all PACER accounts.
//!
//! PACER sees one address whoever tries, so a user who tries passwords at account after account is
//! stopped here, by all replicas together: a try is written down where all of them see it before
//! PACER is asked. Sessions that are open are lent all the same, as whoever knows their password is not
//! guessing; but whoever is over the limit is not told whether a password opens a session that they do
//! not have.
//!
//! What begins and ends in this process at the same time is written down together, and whoever has to
//! wait for room stands in line here: one looks for all of them.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use fetch_bus::{Error, LoginRecords, TryId, UserTries};
use fetch_model::UserId;
use moka::future::Cache;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time,
};
use tracing::warn;

use crate::{PaceConfig, pace::HOUR};

/// More users than any deployment has; a bound all the same.
const MANY: u64 = 100_000;

/// A try of which nothing was heard for longer than a login may take was made by a replica that
/// died. What PACER said is not known; it counts as refused.
///
/// A login waits up to half a minute for gateways at several places, beside what PACER takes.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::minutes(5);

/// Between two looks whether what other replicas try has ended. What ends here is known here.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LAST_PAUSE: Duration = Duration::from_millis(400);

/// Counts what users try.
pub(crate) struct Tries {
    records: LoginRecords,
    pace: PaceConfig,
    users: Cache<UserId, Arc<Line>>,
}

/// The right to ask PACER on behalf of a user, to be given back with [`Tries::end`].
#[derive(Debug)]
pub(crate) struct Try {
    user: UserId,
    id: TryId,
}

/// What is over here, and is being written down: until it is, the try counts as under way.
#[derive(Debug)]
pub(crate) struct Ending(oneshot::Receiver<Result<(), String>>);

/// Whether PACER may be asked on behalf of a user.
#[derive(Debug)]
pub(crate) enum Permission {
    /// Now.
    Now(Try),
    /// When one of those that are under way has ended: if PACER refuses all of them, the limit is
    /// reached.
    Later(Place),
    /// Not for so long.
    Not(Duration),
}

/// A place in the line of those who wait.
#[derive(Debug)]
pub(crate) struct Place(mpsc::UnboundedReceiver<Answer>);

/// What somebody in line is told: perhaps that it is later, and then the rest.
type Answer = Result<Decision, String>;

#[derive(Debug)]
enum Decision {
    Now(Try),
    Later,
    Not(Duration),
}

/// Those of one user who come and go.
struct Line {
    user: UserId,
    records: LoginRecords,
    pace: PaceConfig,
    queue: Mutex<Queue>,
    /// Until when the user may try nothing, if that was the last word.
    over_until: Mutex<Option<Instant>>,
    /// Somebody came, or something ended.
    stirred: Notify,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    over: Vec<Over>,
    /// Whether somebody takes care of them.
    is_served: bool,
}

/// Who wants to try something.
struct Waiting {
    id: TryId,
    answers: mpsc::UnboundedSender<Answer>,
    told_later: bool,
}

/// What was tried and is over.
struct Over {
    id: TryId,
    refused: Option<DateTime<Utc>>,
    written: oneshot::Sender<Result<(), String>>,
}

impl Tries {
    pub(crate) fn new(records: LoginRecords, pace: PaceConfig) -> Tries {
        let users = Cache::builder().max_capacity(MANY);
        Tries {
            records,
            pace,
            users: users.time_to_idle(HOUR).build(),
        }
    }

    /// Asks for the right to ask PACER on behalf of a user.
    pub(crate) async fn begin(&self, user: UserId) -> Result<Permission, Error> {
        let (answers, place) = mpsc::unbounded_channel();
        let waiting = Waiting {
            id: TryId::generate(),
            answers,
            told_later: false,
        };
        let line = self.line(user).await;
        line.join(|queue| queue.waiting.push(waiting));
        let mut place = Place(place);
        place.next().await.map(|decision| match decision {
            Decision::Now(tried) => Permission::Now(tried),
            Decision::Later => Permission::Later(place),
            Decision::Not(wait) => Permission::Not(wait),
        })
    }

    /// What was tried is over; `refused` is when it turned out to be wrong, if it did. Whoever begins in this process
    /// afterwards comes after it, whether or not its writing is waited for.
    pub(crate) async fn end(&self, tried: Try, refused: Option<DateTime<Utc>>) -> Ending {
        let (written, is_written) = oneshot::channel();
        let over = Over {
            id: tried.id,
            refused,
            written,
        };
        let line = self.line(tried.user).await;
        line.join(|queue| queue.over.push(over));
        Ending(is_written)
    }

    /// For how long a user may try nothing, as far as this replica knows without asking.
    pub(crate) async fn over_for(&self, user: UserId) -> Option<Duration> {
        let over_until = (*lock(&self.users.get(&user).await?.over_until))?;
        let wait = over_until.duration_since(Instant::now());
        (!wait.is_zero()).then_some(wait)
    }

    async fn line(&self, user: UserId) -> Arc<Line> {
        let line = async {
            Arc::new(Line {
                user,
                records: self.records.clone(),
                pace: self.pace,
                queue: Mutex::default(),
                over_until: Mutex::default(),
                stirred: Notify::new(),
            })
        };
        self.users.get_with(user, line).await
    }
}

impl Ending {
    /// Waits until it is written down.
    pub(crate) async fn written(self) -> Result<(), Error> {
        let written = self.0.await;
        written
            .unwrap_or_else(|_gone| Err(NOBODY_SERVES.to_owned()))
            .map_err(unavailable)
    }
}

impl Place {
    /// Waits until PACER may be asked, or may not.
    pub(crate) async fn wait(&mut self) -> Result<Result<Try, Duration>, Error> {
        loop {
            match self.next().await? {
                Decision::Now(tried) => return Ok(Ok(tried)),
                Decision::Not(wait) => return Ok(Err(wait)),
                Decision::Later => {}
            }
        }
    }

    /// Gives up the place, and gives back what was granted just now.
    pub(crate) fn leave(mut self) -> Option<Try> {
        self.0.close();
        match self.0.try_recv() {
            Ok(Ok(Decision::Now(tried))) => Some(tried),
            _ => None,
        }
    }

    async fn next(&mut self) -> Result<Decision, Error> {
        let answer = self.0.recv().await;
        answer
            .unwrap_or_else(|| Err(NOBODY_SERVES.to_owned()))
            .map_err(unavailable)
    }
}

const NOBODY_SERVES: &str = "the task that records login attempts has ended";

fn unavailable(why: String) -> Error {
    Error::Unavailable {
        what: "record a user's login attempts",
        source: why.into(),
    }
}

impl Line {
    fn join(self: &Arc<Line>, add: impl FnOnce(&mut Queue)) {
        let is_served = {
            let mut queue = self.queue();
            add(&mut queue);
            mem::replace(&mut queue.is_served, true)
        };
        if is_served {
            self.stirred.notify_one();
        } else {
            tokio::spawn(self.clone().serve());
        }
    }

    /// Until nobody is there any more.
    async fn serve(self: Arc<Line>) {
        let mut pause = FIRST_PAUSE;
        while let Some((waiting, over)) = self.next() {
            let something_ended = !over.is_empty();
            let still_waiting = self.write_down(waiting, over).await;
            if still_waiting.is_empty() {
                pause = FIRST_PAUSE;
                continue;
            }
            self.queue().waiting.splice(..0, still_waiting);
            if something_ended {
                pause = FIRST_PAUSE;
            }
            match time::timeout(pause, self.stirred.notified()).await {
                Ok(()) => {}
                Err(_) => pause = (pause * 2).min(LAST_PAUSE),
            }
        }
    }

    /// Whoever is there; `None` if nobody is, and then the next who comes is served anew.
    fn next(&self) -> Option<(Vec<Waiting>, Vec<Over>)> {
        let mut queue = self.queue();
        queue.waiting.retain(|waiting| !waiting.answers.is_closed());
        queue.is_served = !(queue.waiting.is_empty() && queue.over.is_empty());
        let there = queue.is_served;
        there.then(|| (mem::take(&mut queue.waiting), mem::take(&mut queue.over)))
    }

    /// Writes down what is over and what begins, says so, and gives back who still has to wait.
    async fn write_down(&self, waiting: Vec<Waiting>, over: Vec<Over>) -> Vec<Waiting> {
        let change = |tries: &mut UserTries, now: DateTime<Utc>| {
            forget_old(tries, now);
            over.iter().for_each(|over| end(tries, over));
            let decide = |waiting: &Waiting| self.decide(tries, waiting.id, now);
            waiting.iter().map(decide).collect::<Vec<Decision>>()
        };
        let decisions = match self.records.change_tries(self.user, change).await {
            Ok(decisions) => decisions,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(error, "could not record a user's login attempts");
                // Whoever has gone does not want to know.
                for waiting in waiting {
                    let _ = waiting.answers.send(Err(error.to_string()));
                }
                for over in over {
                    let _ = over.written.send(Err(error.to_string()));
                }
                return Vec::new();
            }
        };
        for over in over {
            let _ = over.written.send(Ok(()));
        }
        let decided = waiting.into_iter().zip(decisions);
        decided
            .filter_map(|(waiting, decision)| self.tell(waiting, decision))
            .collect()
    }

    fn decide(&self, tries: &mut UserTries, id: TryId, now: DateTime<Utc>) -> Decision {
        let mine = Decision::Now(Try {
            user: self.user,
            id,
        });
        // A write that went through although it was called into question.
        if tries.under_way.iter().any(|&(other, _)| other == id) {
            return mine;
        }
        let wait = self.pace.wait_of_user(&tries.refused, now);
        if !wait.is_zero() {
            *lock(&self.over_until) = Some(Instant::now() + wait);
            return Decision::Not(wait);
        }
        if tries.refused.len() + tries.under_way.len() >= self.pace.max_refused_per_hour {
            return Decision::Later;
        }
        tries.under_way.push((id, now));
        mine
    }

    /// Gives back who still has to wait.
    fn tell(&self, mut waiting: Waiting, decision: Decision) -> Option<Waiting> {
        let is_later = matches!(decision, Decision::Later);
        let is_now = matches!(decision, Decision::Now(_));
        if is_later && waiting.told_later {
            return Some(waiting);
        }
        let told = waiting.answers.send(Ok(decision));
        if told.is_err() && is_now {
            // Whoever has left meanwhile tries nothing.
            let (written, _) = oneshot::channel();
            self.queue().over.push(Over {
                id: waiting.id,
                refused: None,
                written,
            });
        }
        waiting.told_later = true;
        (told.is_ok() && is_later).then_some(waiting)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn end(tries: &mut UserTries, over: &Over) {
    let before = tries.under_way.len();
    tries.under_way.retain(|&(id, _)| id != over.id);
    if let Some(at) = over.refused
        && tries.under_way.len() < before
    {
        tries.refused.push(at);
    }
}

fn forget_old(tries: &mut UserTries, now: DateTime<Utc>) {
    let dead = |since: DateTime<Utc>| now - since > FORGOTTEN_AFTER;
    let died = tries.under_way.iter().filter(|(_, since)| dead(*since));
    tries.refused.extend(died.map(|&(_, since)| since));
    tries.under_way.retain(|&(_, since)| !dead(since));
    tries.refused.sort_unstable();
    let since = now - TimeDelta::from_std(HOUR).unwrap_or(TimeDelta::MAX);
    tries.refused.retain(|&at| at > since);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_ended_counts_as_refused_for_an_hour() {
        let now = Utc::now();
        let ago = |minutes| now - TimeDelta::minutes(minutes);
        let tries = || UserTries {
            refused: vec![ago(61), ago(59), ago(1)],
            under_way: vec![(TryId::generate(), ago(6)), (TryId::generate(), ago(2))],
        };
        let mut after = tries();
        forget_old(&mut after, now);
        assert_eq!(after.refused, [ago(59), ago(6), ago(1)]);
        assert_eq!(after.under_way.len(), 1);
        let mut later = tries();
        forget_old(&mut later, now + TimeDelta::minutes(57));
        assert_eq!(later.refused, [ago(2), ago(1)]);
        assert!(later.under_way.is_empty());
    }
}
