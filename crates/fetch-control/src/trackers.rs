//! How trackers ask: each time that is due becomes a request like any other, and what came of that is noted
//! (`docs/adr/0060-trackers.md`).
//!
//! All that is decided by is in rows, so any gateway may do it, as often as it likes, and die at any time. Nothing is
//! bought here.

use chrono::{DateTime, NaiveDate, Utc};
use fetch_db::{Connection, Error};
use fetch_ledger::{budgets, trackers as money};
use fetch_model::{
    Cents, DocketOptions, Failure, FetchId, FetchKind, FetchRequest, OnDoubt, RequestSpec, State,
    TrackerId,
    budget::{Estimate, LimitExceeded, Reservation},
};
use fetch_queue::{
    notify,
    trackers::{
        TrackerState,
        runs::{self, Added, DueTracker, EndedRun, Noted},
    },
};
use pacer::quote::{Quote, Wanted};

use crate::{
    Control,
    accept::{Acceptance, accept_within},
};

/// What is said of a tracker whose time is over.
const OVER: &str = "Its time is over: nothing is asked any more.";

/// The same of one whose owner, or whose token, may not call any more.
const SHUT_OUT: &str = "Paused: the token by which it was made, or changed last, was revoked or has ended. Set \
     'paused' to false with another token to have it go on.";

/// A tracker that has moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracked {
    /// Which.
    pub tracker: TrackerId,
    /// The court.
    pub court: String,
    /// The request that it has made; none if it asks nothing any more, or nothing for a while.
    pub request: Option<FetchId>,
}

/// What becomes of a tracker whose time has come.
enum Next {
    Asks(FetchId),
    Stops(TrackerState, String),
}

/// The most that the docket costs for which trackers ask, in cents.
#[must_use]
pub fn most_of_a_docket() -> Cents {
    let quote = Quote::of(Wanted::Docket {
        appellate: false,
        case_known: true,
    });
    let most = quote.at_most_cents().unwrap_or(pacer::price::CAP_CENTS);
    Cents(i32::try_from(most).unwrap_or(i32::MAX))
}

impl Control {
    /// Has a tracker ask that is due at `now`; none if it is not, if it has bought something today, or if somebody else was
    /// first.
    ///
    /// # Errors
    /// When the database cannot answer; the same may be asked again.
    pub async fn start_tracker(
        &self,
        id: TrackerId,
        now: DateTime<Utc>,
    ) -> Result<Option<Tracked>, Error> {
        let mut transaction = self.db.begin().await?;
        let Some(due) = runs::lock_due(&mut transaction, id, now).await? else {
            return Ok(None);
        };
        if !due.is_over && runs::put_off(&mut transaction, id, now).await? {
            transaction.commit().await?;
            return Ok(None);
        }
        let request = match self.ask(&mut transaction, &due, now).await? {
            Next::Asks(request) => {
                runs::begin(&mut transaction, &due, request, now).await?;
                notify::wake(&mut transaction, &due.court).await?;
                Some(request)
            }
            Next::Stops(state, message) => {
                runs::stop(&mut transaction, id, state, &message, now).await?;
                None
            }
        };
        transaction.commit().await?;
        Ok(Some(Tracked {
            tracker: id,
            court: due.court,
            request,
        }))
    }

    /// Writes the request down that asks, if there is money for it.
    async fn ask(
        &self,
        connection: &mut Connection,
        due: &DueTracker,
        now: DateTime<Utc>,
    ) -> Result<Next, Error> {
        if due.is_over {
            return Ok(Next::Stops(TrackerState::Ended, OVER.to_owned()));
        }
        let spent = money::spent(connection, due.id, now).await?;
        let reservation = match reserve(connection, due, spent).await? {
            Ok(reservation) => reservation,
            Err(why) => return Ok(why),
        };
        let since = self.first_day(connection, due, now).await?;
        let new = RequestSpec {
            options: DocketOptions {
                date_start: since,
                ..DocketOptions::default()
            },
            ..request_of(due)
        };
        let accepted = accept_within(connection, &new, None, Some(due.token), reservation, None);
        Ok(match accepted.await? {
            Acceptance::Accepted(written) => Next::Asks(written.request.id),
            Acceptance::OverBudget(shortfall) => over_budget(&shortfall),
            Acceptance::ShutOut | Acceptance::Repeated => {
                Next::Stops(TrackerState::Paused, SHUT_OUT.to_owned())
            }
        })
    }

    /// From which day on a tracker asks: that of the last entry that is stored, but nothing is left out that nobody has
    /// bought. Somebody may have bought some entries by their numbers. None: the whole docket.
    async fn first_day(
        &self,
        connection: &mut Connection,
        due: &DueTracker,
        now: DateTime<Utc>,
    ) -> Result<Option<NaiveDate>, Error> {
        let facts = self.library.docket_facts(due.docket).await?;
        let Some(case) = facts.and_then(|docket| docket.pacer_case_id) else {
            return Ok(None);
        };
        let bought = money::all_bought_until(connection, &due.court, &case).await?;
        let last = self.library.last_entry_day(due.docket, now).await?;
        Ok(bought.zip(last).map(|(bought, last)| bought.min(last)))
    }

    /// Notes what came of a request of a tracker, and has its owner told if something was filed. False if somebody else
    /// was first.
    ///
    /// # Errors
    /// When the database cannot answer; the same may be asked again.
    pub async fn close_tracker_run(&self, run: EndedRun) -> Result<bool, Error> {
        let request = self.queue.request(run.request).await?;
        let added = self.queue.added_by(run.request).await?;
        let noted = note(request.as_ref(), added);
        let mut transaction = self.db.begin().await?;
        let is_ours = runs::close(&mut transaction, run, &noted).await?;
        transaction.commit().await?;
        Ok(is_ours)
    }
}

/// What is set aside for the next request of a tracker, or why it asks nothing. The docket may cost what it costs at most,
/// and only its receipt tells: so there has to be as much.
async fn reserve(
    connection: &mut Connection,
    due: &DueTracker,
    spent: Cents,
) -> Result<Result<Reservation, Next>, Error> {
    let most = most_of_a_docket();
    let left = Cents(due.max_cost.0.saturating_sub(spent.0).max(0));
    if left < most {
        let message = format!(
            "A docket may cost {most}, and of {} for this quarter {spent} is spent. It asks again when the next quarter \
             begins, or with a higher max_cost_cents.",
            due.max_cost
        );
        return Ok(Err(Next::Stops(TrackerState::OutOfMoney, message)));
    }
    let estimate = Estimate {
        at_most: Some(most),
        exact: false,
        priced_first: false,
    };
    let limits = budgets::limits_of(connection, due.user).await?;
    let reserved = limits.reserve(estimate, Some(left));
    Ok(reserved.map_err(|shortfall| over_budget(&shortfall)))
}

/// A limit of the operator is in the way: for this quarter, or for each request.
fn over_budget(shortfall: &LimitExceeded) -> Next {
    let (state, until) = match shortfall {
        LimitExceeded::PerQuarter { .. } => (
            TrackerState::OutOfMoney,
            "It asks again when the next quarter begins, or when you change it.",
        ),
        _ => (
            TrackerState::Paused,
            "It asks again when you set paused to false.",
        ),
    };
    Next::Stops(state, format!("{shortfall} {until}"))
}

/// The request of a tracker, but for the day from which on it asks. Whatever is in doubt, nothing is bought twice: nobody
/// waits for it.
fn request_of(due: &DueTracker) -> RequestSpec {
    RequestSpec {
        user: due.user,
        kind: FetchKind::Docket,
        court: None,
        docket: Some(due.docket),
        document: None,
        pacer_case_id: String::new(),
        docket_number: String::new(),
        options: DocketOptions::default(),
        skip_if_unchanged: true,
        target_court: due.court.clone(),
        session_key: due.session_key.clone(),
        account_digest: due.account_digest.clone(),
        client_code: due.client_code.clone(),
        lane: due.lane,
        on_doubt: OnDoubt::Stop,
        traceparent: None,
        not_before: None,
    }
}

/// What is to be noted of a request that has ended.
fn note(request: Option<&FetchRequest>, added: Added) -> Noted {
    let Some(request) = request else {
        return Noted {
            asked: None,
            found: false,
            message: "Its last request was forgotten before anybody looked at it.".to_owned(),
            pause: false,
        };
    };
    let is_done = request.state == State::Done;
    let found = is_done && added.is_something();
    let pause = request.failure.as_ref().is_some_and(is_for_good);
    Noted {
        asked: request.date_completed.filter(|_| is_done),
        found,
        message: message(request, added, pause),
        pause,
    }
}

fn message(request: &FetchRequest, added: Added, pause: bool) -> String {
    let (id, said) = (request.id, &request.message);
    match request.state {
        State::Done if added.is_something() => format!(
            "Something was filed: request {id} has added {} entries and {} documents, and changed {} entries.",
            added.entries_new, added.documents_new, added.entries_changed
        ),
        State::Done if request.cost > Cents(0) => {
            format!("Request {id} has bought the last day of the docket, and nothing of it is new.")
        }
        State::Done => format!("Nothing was filed, as far as request {id} has found."),
        State::Cancelled => format!("Request {id} was cancelled. It asks again when it is due."),
        _ if pause => format!(
            "Paused, because request {id} has failed, and another one would fail as well: {said} Set paused to false to \
             have it ask again."
        ),
        _ => format!("Request {id} has failed: {said} It asks again when it is due."),
    }
}

/// Whether the same would come of asking again: the court does not know the case, or does not show it.
fn is_for_good(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::CaseNotFound
            | Failure::NumberUnknown
            | Failure::CaseSealed
            | Failure::CaseAmbiguous { .. }
            | Failure::CaseIdUnknown
            | Failure::OtherCase { .. }
            | Failure::NotSupported { .. }
            | Failure::DocketRefused { .. }
    )
}
