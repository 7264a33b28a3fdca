//! Many requests in one call: each is checked by itself, and all that are right are written down together, within
//! the limit for all of them, or none is.

mod accounts;

use std::collections::BTreeSet;

use fetch_bus::SessionLife;
use fetch_control::accept::{
    OnTheWay,
    batch::{BatchAcceptance, BatchItem, BatchSender, MOST_ON_THE_WAY},
};
use fetch_model::{
    Cents,
    budget::{LimitExceeded, UNBOUNDED_RESERVE},
};
use fetch_queue::{
    accept::Written,
    repeats::{EarlierBatch, Mark},
};
use futures_util::future::join_all;
use tracing::{Instrument, info, info_span};

use super::{Intake, Prepared, check_warning, not_accepted};
use crate::{
    batch::{BatchAnswer, Line, LineAnswer, Lines},
    dialect::{ApiError, Caller, Source, auth, submission},
    login::Login,
    repeat::{self, IdempotencyKey},
};
use accounts::Accounts;

/// So many are looked at at once: others want the database, too.
const AT_ONCE: usize = 8;

/// So many unknown names of fields are remembered: more are not told.
const MOST_NAMES: usize = 20;

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Batch {
    /// The answer, as JSON.
    pub answer: String,
    /// It was given before, under the same key.
    pub replayed: bool,
    /// Fields that nobody knows.
    pub ignored: BTreeSet<String>,
    /// What PACER said beside its yes to a login.
    pub warning: Option<String>,
    /// The session that ends first.
    pub session: Option<SessionLife>,
}

/// A request that is right by itself.
struct Ready {
    line: usize,
    prepared: Prepared,
    /// The account that pays, among those of the batch.
    account: usize,
}

/// What is known of a batch on its way.
#[derive(Default)]
struct Desk {
    /// What became of those that were not accepted.
    refused: Vec<LineAnswer>,
    ready: Vec<Ready>,
    accounts: Accounts,
    ignored: BTreeSet<String>,
    /// The limit for all of them.
    limit: Option<Cents>,
}

impl Intake {
    /// Accepts many requests, and says what became of each. Those that are wrong are refused one by one; if what the
    /// others may cost together is more than `limit`, or than their user has left, none is accepted.
    ///
    /// # Errors
    /// The limit that is exceeded, or why nothing can be accepted at present. Nothing was stored.
    pub(crate) async fn submit_batch(
        &self,
        caller: &Caller,
        lines: &Lines,
        key: Option<&IdempotencyKey>,
        limit: Option<Cents>,
    ) -> Result<Batch, ApiError> {
        let span = info_span!(
            "submit batch",
            user.id = caller.id().0,
            requests = lines.len()
        );
        let mark = key.map(|key| mark_of(key, limit, lines));
        let batch = self.submit_all(caller, lines, mark.as_ref(), limit);
        batch.instrument(span).await
    }

    async fn submit_all(
        &self,
        caller: &Caller,
        lines: &Lines,
        mark: Option<&Mark>,
        limit: Option<Cents>,
    ) -> Result<Batch, ApiError> {
        if let Some(earlier) = self.earlier_batch(caller, mark).await? {
            return Ok(earlier);
        }
        let mut desk = Desk {
            limit,
            ..Desk::default()
        };
        self.look_at(caller, lines, &mut desk).await?;
        desk.check_steps()?;
        self.check_sum(caller, &desk).await?;
        let logins = self.log_all_in(caller, &desk.accounts).await?;
        let items = self.items_of(caller, &mut desk, &logins);
        let answer = |written: &[Written]| answer_to(&desk, written);
        let batch = Batch {
            ignored: desk.ignored.clone(),
            warning: warning_of(&logins),
            session: first_to_end(&logins),
            ..Batch::default()
        };
        if items.is_empty() {
            // Nothing was bought, so the key stays free for who has put right what was wrong.
            let answer = answer(&[]);
            return Ok(Batch { answer, ..batch });
        }
        let sender = BatchSender {
            user: caller.id(),
            token: Some(caller.0.token),
            mark,
        };
        let accepted = self.api.control.accept_batch(sender, &items, answer).await;
        // Somebody has logged in, whatever becomes of the requests.
        for login in logins.iter().flatten() {
            self.take_up_beside(caller, login).await;
        }
        match accepted.map_err(|error| not_accepted(error, mark))? {
            BatchAcceptance::Accepted { answer, .. } => {
                self.call_for(&items);
                Ok(Batch { answer, ..batch })
            }
            BatchAcceptance::OverBudget(shortfall) => Err(shortfall.into()),
            BatchAcceptance::Repeated => {
                let earlier = self.earlier_batch(caller, mark).await?;
                earlier.ok_or_else(repeat::being_accepted)
            }
            BatchAcceptance::ShutOut => Err(auth::shut_out(&self.api, caller).await),
        }
    }

    /// What was answered earlier under a key, if there is a key, and anything.
    async fn earlier_batch(
        &self,
        caller: &Caller,
        mark: Option<&Mark>,
    ) -> Result<Option<Batch>, ApiError> {
        let Some(mark) = mark else {
            return Ok(None);
        };
        let queue = &self.api.control.queue;
        match queue.earlier_batch(caller.id(), mark).await? {
            None => Ok(None),
            Some(EarlierBatch::Different) => Err(repeat::another_body()),
            Some(EarlierBatch::Same(answer)) => Ok(Some(Batch {
                answer,
                replayed: true,
                ..Batch::default()
            })),
        }
    }

    /// Checks each by itself.
    async fn look_at(
        &self,
        caller: &Caller,
        lines: &Lines,
        desk: &mut Desk,
    ) -> Result<(), ApiError> {
        let mut lines = lines.iter();
        loop {
            let some: Vec<Line> = lines.by_ref().take(AT_ONCE).collect();
            if some.is_empty() {
                return Ok(());
            }
            for line in &some {
                desk.note_unknown_names(line);
            }
            let looked = some.into_iter().map(|line| async {
                let number = line.number;
                (number, self.prepare_line(caller, line).await)
            });
            for (line, prepared) in join_all(looked).await {
                // What is no fault of this one will befall the next as well.
                match prepared {
                    Err(away) if away.status().is_server_error() => return Err(away),
                    prepared => desk.take(line, prepared),
                }
            }
        }
    }

    async fn prepare_line(&self, caller: &Caller, line: Line) -> Result<Prepared, ApiError> {
        let fields: Box<dyn Source> = line.fields?;
        let known = self.known(&*fields).await?;
        let submission = submission::decode(&*fields, &known)?;
        self.prepare_one_of_many(caller.id(), &submission, &known)
            .await
    }

    /// Whether all of them may be accepted, before anybody is logged in.
    async fn check_sum(&self, caller: &Caller, desk: &Desk) -> Result<(), ApiError> {
        if let Some(allowed) = desk.limit {
            let most = desk
                .ready
                .iter()
                .map(|ready| ready.prepared.at_most_in_batch());
            let needs: Cents = most.sum();
            if needs > allowed {
                return Err(LimitExceeded::MaxCost { allowed, needs }.into());
            }
        }
        let reserved = desk.ready.iter().map(|ready| ready.prepared.reserved);
        let reserve = reserved.map(|reserved| reserved.whole().reserve).sum();
        self.check_quarter(caller.id(), reserve).await
    }

    /// The rows of those whose account is logged in. The others are refused.
    fn items_of(
        &self,
        caller: &Caller,
        desk: &mut Desk,
        logins: &[Result<Login, ApiError>],
    ) -> Vec<BatchItem> {
        let mut items = Vec::with_capacity(desk.ready.len());
        let (refused, limit) = (&mut desk.refused, desk.limit);
        desk.ready.retain(|ready| {
            match self.item_of(caller, &ready.prepared, &logins[ready.account], limit) {
                Ok(item) => items.push(item),
                Err(refusal) => {
                    refused.push(LineAnswer::refused(ready.line, refusal));
                    return false;
                }
            }
            true
        });
        items
    }

    fn item_of(
        &self,
        caller: &Caller,
        prepared: &Prepared,
        login: &Result<Login, ApiError>,
        limit: Option<Cents>,
    ) -> Result<BatchItem, ApiError> {
        let login = login.as_ref().map_err(Clone::clone)?;
        let (new, mut way) = self.rows(caller.id(), prepared, login);
        let first = way.as_ref().and_then(OnTheWay::first);
        let kinds = first.iter().map(|first| first.spec.kind);
        for kind in kinds.chain([new.kind]) {
            check_warning(kind, login.warning.as_ref())?;
        }
        let mut reservation = prepared.reserved.last;
        if limit.is_some() {
            // The limit for all is kept by each keeping to what was counted for it, whatever happens later.
            let most = Some(prepared.at_most_in_batch());
            reservation.max_cost = most;
            if let Some(OnTheWay::Step(first)) = &mut way {
                first.reservation.max_cost = most;
            }
        }
        Ok(BatchItem {
            new,
            way,
            reservation,
        })
    }

    /// Tells the dispatcher of the courts of these.
    fn call_for(&self, items: &[BatchItem]) {
        let steps = items.iter().filter_map(|item| item.way.as_ref()?.first());
        let steps = steps.map(|first| first.spec.target_court.as_str());
        let courts = items.iter().map(|item| item.new.target_court.as_str());
        let courts: BTreeSet<&str> = courts.chain(steps).collect();
        for court in courts {
            self.accepted.call(court);
        }
        info!(accepted = items.len(), "accepted a batch");
    }
}

impl Prepared {
    /// The most that it may cost as part of a batch that has a limit: its price, or where that has no bound its own
    /// limit, or what is set aside for such a thing.
    fn at_most_in_batch(&self) -> Cents {
        let own = self.located.submission.max_cost;
        let bounds = [self.at_most(), own].into_iter().flatten();
        bounds.min().unwrap_or(UNBOUNDED_RESERVE)
    }
}

impl Desk {
    /// The most that one of them costs.
    fn at_most(&self, prepared: &Prepared) -> Option<Cents> {
        match self.limit {
            Some(_) => Some(prepared.at_most_in_batch()),
            None => prepared.at_most(),
        }
    }

    fn take(&mut self, line: usize, prepared: Result<Prepared, ApiError>) {
        let accounts = &mut self.accounts;
        let taken = prepared.and_then(|prepared| {
            let account = accounts.place_of(prepared.located.submission.credentials())?;
            Ok(Ready {
                line,
                prepared,
                account,
            })
        });
        match taken {
            Ok(ready) => self.ready.push(ready),
            Err(refusal) => self.refused.push(LineAnswer::refused(line, refusal)),
        }
    }

    /// Whether no more of them wait for others than can be written at once.
    fn check_steps(&self) -> Result<(), ApiError> {
        let ready = self.ready.iter();
        let on_the_way = ready
            .filter(|ready| !ready.prepared.located.is_complete())
            .count();
        if on_the_way <= MOST_ON_THE_WAY {
            return Ok(());
        }
        let text = format!(
            "{on_the_way} requests of this batch need something fetched first, or are for several documents; a batch \
             may have at most {MOST_ON_THE_WAY} of those. Send several. Nothing was accepted."
        );
        Err(ApiError::NonField(text))
    }

    fn note_unknown_names(&mut self, line: &Line) {
        let Ok(fields) = &line.fields else { return };
        for name in submission::FIELDS.unknown(fields.names()) {
            if self.ignored.len() < MOST_NAMES && !self.ignored.contains(name) {
                self.ignored.insert(name.to_owned());
            }
        }
    }
}

fn mark_of(key: &IdempotencyKey, limit: Option<Cents>, lines: &Lines) -> Mark {
    key.mark_of_batch(limit, lines.iter().map(|line| line.fields.ok()))
}

/// What is told of all, once these of them were written.
fn answer_to(desk: &Desk, written: &[Written]) -> String {
    let mut results = desk.refused.clone();
    let mut prices = Vec::with_capacity(written.len());
    for (ready, written) in desk.ready.iter().zip(written) {
        let at_most = desk.at_most(&ready.prepared);
        prices.push(at_most);
        let id = written.request.id.0;
        results.push(LineAnswer::accepted(ready.line, id, at_most));
    }
    results.sort_by_key(|result| result.line);
    let at_most: Option<Cents> = prices.into_iter().sum();
    let answer = BatchAnswer {
        accepted: written.len(),
        refused: desk.refused.len(),
        at_most_cents: at_most.map(|all| all.0),
        results,
    };
    serde_json::to_string(&answer).expect("numbers and texts have a JSON form")
}

fn warning_of(logins: &[Result<Login, ApiError>]) -> Option<String> {
    let warnings = logins
        .iter()
        .flatten()
        .filter_map(|login| login.warning.as_ref());
    warnings.map(|warning| warning.text.clone()).next()
}

fn first_to_end(logins: &[Result<Login, ApiError>]) -> Option<SessionLife> {
    let lives = logins.iter().flatten().filter_map(|login| login.life);
    lives.min_by_key(|life| life.ends)
}
