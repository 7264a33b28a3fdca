//! The life of a request begins: check, log in, write the row, answer.
//!
//! One way in for both front doors. Nothing is written before the login has succeeded, and
//! nothing of the credentials is written ever.

mod answer;
mod sign_in;

use std::sync::{Arc, OnceLock};

use chrono::Utc;
use fetch_bus::{Bus, LoginSharedKey, Logins, SessionLife};
use fetch_control::accept::Acceptance;
use fetch_model::{Cents, FetchRequest, Lane, OnDoubt, RequestSpec, UserId, budget::Reservation};
use fetch_queue::{
    accept::Written,
    repeats::{Earlier, Mark},
};
use kill_point::Point;
use pacer::quote::Quote;
use tracing::{Instrument, Span, field::Empty, info, info_span, warn};

pub(crate) use answer::number_read;
pub use answer::post;
use sign_in::check_warning;

use crate::{
    api::Api,
    dialect::{
        ApiError, Caller, Source, auth, checks,
        submission::{self, ReferencedRows, Submission},
    },
    login::Login,
    quote,
    reach::Reach,
    repeat::{self, IdempotencyKey},
    wakeups::Wakeups,
};

/// What PACER said beside its yes to a login: a header, or metadata.
pub(crate) const LOGIN_WARNING: &str = "pacer-login-warning";

/// The most that an accepted request will cost, in cents: a header, or metadata. Absent if nothing
/// bounds it until the court shows its price.
pub(crate) const QUOTE_CENTS: &str = "pacer-quote-cents";

/// When the session ends that a request was accepted with: a header, or metadata.
pub(crate) const SESSION_ENDS: &str = "pacer-session-ends";

/// Says of an accepted request that, as things stand, it will not be begun before that: it will wait
/// for another login. A header, or metadata.
pub(crate) const OUTLIVES_SESSION: &str = "pacer-outlives-session";

/// Interactive work that has no more turns of its own before it is begun long before a session ends.
const SOON: f64 = 10.0;

/// How the docket number of the request was understood: `16cv432` as `16-cv-00432`.
pub(crate) const NUMBER_READ: &str = "pacer-docket-number-read";

/// What may be bought once more in doubt unless set otherwise: anything but a long transcript.
pub const DEFAULT_ONCE_MORE: Cents = Cents(300);

/// The message server, and the login service behind it.
#[derive(Debug, Clone)]
pub struct Messages {
    pub(crate) bus: Bus,
    logins: Logins,
}

impl Messages {
    /// By way of this bus to the login service, which has the same shared key.
    #[must_use]
    pub fn new(bus: Bus, shared: LoginSharedKey) -> Messages {
        Messages {
            logins: bus.logins(shared),
            bus,
        }
    }
}

/// The way in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Intake {
    pub(crate) api: Api,
    bus: Arc<OnceLock<Messages>>,
    /// Whether the message server can be reached.
    messages: Reach,
    /// What may be bought once more in doubt, unless the caller says otherwise.
    once_more: Cents,
    /// The dispatcher that hears of what was accepted.
    accepted: Wakeups,
}

/// A request that was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// The row.
    pub request: FetchRequest,
    /// The most that it will cost; none if nothing bounds it until the court shows its price.
    pub at_most: Option<Cents>,
    /// PACER's warning at the successful login, if any.
    pub warning: Option<String>,
    /// How long the session lives that it was accepted with, if that is known.
    pub session: Option<SessionLife>,
    /// As things stand, it will be begun later than that.
    pub outlives_session: bool,
    /// It was accepted earlier, under the same key; the row is as it is now.
    pub replayed: bool,
}

impl Intake {
    /// Into this store, by way of the login service on this bus, which may be reached later.
    #[must_use]
    pub fn new(api: Api, bus: Arc<OnceLock<Messages>>) -> Intake {
        Intake {
            api,
            bus,
            messages: Reach::unwatched(),
            once_more: DEFAULT_ONCE_MORE,
            accepted: Wakeups::default(),
        }
    }

    /// Calls the dispatcher that listens to these whenever something was accepted. Without it, work
    /// begins within the second in which dispatchers look at all courts.
    #[must_use]
    pub fn calling(mut self, dispatcher: Wakeups) -> Intake {
        self.accepted = dispatcher;
        self
    }

    /// Gives a login up while the message server is known to be away.
    #[must_use]
    pub fn watching(mut self, messages: Reach) -> Intake {
        self.messages = messages;
        self
    }

    /// The message server, once it was reached.
    pub(crate) fn bus(&self) -> Option<&Bus> {
        self.bus.get().map(|messages| &messages.bus)
    }

    /// Without a word of the caller, only what costs no more than this is bought once more when
    /// the answer to a purchase was lost.
    #[must_use]
    pub fn buying_once_more_up_to(mut self, cents: Cents) -> Intake {
        self.once_more = cents;
        self
    }

    /// Accepts a request, or says what is wrong with it. With a key it is accepted once, however
    /// often it is sent: later callers are given the first one's request.
    ///
    /// A repeat is found before anybody is logged in, since the one-time code that came with it is
    /// used up, and what refuses a second one (a budget, say) may be the doing of the first.
    ///
    /// # Errors
    /// The answer of the contract. Nothing was stored.
    pub async fn submit(
        &self,
        caller: &Caller,
        fields: &dyn Source,
        key: Option<&IdempotencyKey>,
    ) -> Result<Accepted, ApiError> {
        // The trace of a request begins here, and goes on in whoever works on it.
        let span = info_span!(
            "submit",
            user.id = caller.id().0,
            fetch.id = Empty,
            court.id = Empty
        );
        let accepted = self.submit_once(caller, fields, key);
        accepted.instrument(span).await
    }

    async fn submit_once(
        &self,
        caller: &Caller,
        fields: &dyn Source,
        key: Option<&IdempotencyKey>,
    ) -> Result<Accepted, ApiError> {
        let user = caller.id();
        let known = self.known(fields).await?;
        let submission = submission::decode(fields, &known)?;
        let Some(mark) = key.map(|key| key.mark(&submission)) else {
            return self.submit_new(caller, &submission, &known, None).await;
        };
        if let Some(accepted) = self.earlier(user, &mark).await? {
            return Ok(accepted);
        }
        match self
            .submit_new(caller, &submission, &known, Some(&mark))
            .await
        {
            Err(refusal @ ApiError::Unauthenticated(_)) => Err(refusal),
            Err(refusal) => match self.earlier(user, &mark).await {
                Ok(Some(accepted)) => Ok(accepted),
                // That nobody can be asked now is less true than what was said first.
                Ok(None) | Err(ApiError::Later { .. }) => Err(refusal),
                Err(other) => Err(other),
            },
            accepted => accepted,
        }
    }

    /// What was accepted earlier under a key, if anything.
    async fn earlier(&self, user: UserId, mark: &Mark) -> Result<Option<Accepted>, ApiError> {
        match self.api.control.queue.earlier(user, mark).await? {
            None => Ok(None),
            Some(Earlier::Different) => Err(repeat::another_body()),
            Some(Earlier::Same(request)) => {
                info!(fetch.id = request.id.0, "sent again");
                Ok(Some(Accepted {
                    request: *request,
                    at_most: None,
                    warning: None,
                    session: None,
                    outlives_session: false,
                    replayed: true,
                }))
            }
        }
    }

    async fn submit_new(
        &self,
        caller: &Caller,
        submission: &Submission,
        known: &ReferencedRows,
        mark: Option<&Mark>,
    ) -> Result<Accepted, ApiError> {
        let user = caller.id();
        let court = checks::check(submission, known).map_err(ApiError::NonField)?;
        let quote = quote::price(&self.api.control, submission, known, &court.0).await?;
        // What cannot fit is not worth a login. Whether it does fit is decided with the row.
        let reservation = self.allow(user, submission, &quote).await?;
        let login = self.log_in(user, submission.credentials()).await?;
        let at_most = quote::estimate(&quote).at_most;
        let mut new = row(user, submission, court.0, &login);
        new.on_doubt = self.on_doubt(submission, new.lane, at_most);
        let written = self.accept(caller, &new, &login, reservation, mark).await;
        // Somebody has logged in, whatever becomes of the request.
        if written.as_ref().map_or(true, |written| written.others_wait) {
            self.take_up_beside(caller, &login).await;
        }
        let written = written?;
        let outlives_session = self.outlives(&written, login.life).await;
        Ok(Accepted {
            request: written.request,
            at_most,
            warning: login.warning.map(|warning| warning.text),
            session: login.life,
            outlives_session,
            replayed: false,
        })
    }

    /// Writes down what somebody was logged in for.
    async fn accept(
        &self,
        caller: &Caller,
        new: &RequestSpec,
        login: &Login,
        reservation: Reservation,
        mark: Option<&Mark>,
    ) -> Result<Written, ApiError> {
        check_warning(new.kind, login.warning.as_ref())?;
        // Whoever was let in may have been shut out since: to log in can take minutes.
        let token = Some(caller.0.token);
        let control = &self.api.control;
        let accepted = control.accept_once(new, token, reservation, mark).await;
        let written = match accepted.map_err(|error| not_accepted(error, mark))? {
            Acceptance::Accepted(written) => *written,
            Acceptance::OverBudget(shortfall) => return Err(shortfall.into()),
            Acceptance::Repeated => return Err(repeat::being_accepted()),
            Acceptance::ShutOut => return Err(auth::shut_out(&self.api, caller).await),
        };
        kill_point::reached(Point::SubmitAfterCommit);
        Span::current()
            .record("fetch.id", written.request.id.0)
            .record("court.id", &new.target_court);
        self.accepted.call(&new.target_court);
        info!(
            fetch.id = written.request.id.0,
            court.id = new.target_court,
            reserved_cents = reservation.reserve.0,
            "accepted"
        );
        Ok(written)
    }

    /// Whether a request will be begun after its session has ended, as far as that can be told.
    async fn outlives(&self, written: &Written, life: Option<SessionLife>) -> bool {
        let Some(life) = life else {
            return false;
        };
        let asked = &written.request.spec;
        let is_soon =
            asked.lane == Lane::Interactive && asked.not_before.is_none() && written.behind <= SOON;
        if is_soon {
            return false;
        }
        let place = self
            .api
            .control
            .queue
            .place_of(asked.user, written.request.id)
            .await;
        match place {
            Ok(place) => {
                let wait = place.and_then(|place| place.wait);
                wait.is_some_and(|wait| Utc::now() + wait > life.ends)
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(error, "could not estimate when a request will start");
                false
            }
        }
    }

    /// What is set aside for a submission, if it fits under every limit as things stand.
    pub(crate) async fn allow(
        &self,
        user: UserId,
        submission: &Submission,
        quote: &Quote,
    ) -> Result<Reservation, ApiError> {
        let control = &self.api.control;
        let (estimate, budgets) = (quote::estimate(quote), &self.api.guard.budgets);
        let (mut limits, remembered) = budgets.known(control, user).await?;
        let reservation = match limits.reserve(estimate, submission.max_cost) {
            Err(_) if remembered => {
                limits = budgets.present(control, user).await?;
                limits.reserve(estimate, submission.max_cost)?
            }
            reservation => reservation?,
        };
        if limits.per_quarter.is_some() {
            limits.check_quarter(reservation.reserve, control.ledger.usage(user).await?)?;
        }
        Ok(reservation)
    }

    /// What to do in doubt about money: as the caller says, and otherwise nothing more is spent
    /// on bulk work, or on what is dear or has no bound.
    fn on_doubt(&self, submission: &Submission, lane: Lane, at_most: Option<Cents>) -> OnDoubt {
        let careful = lane == Lane::Bulk || at_most.is_none_or(|most| most > self.once_more);
        submission.on_doubt.unwrap_or(match careful {
            true => OnDoubt::Stop,
            false => OnDoubt::OnceMore,
        })
    }

    /// Finds the rows that a body names.
    pub(crate) async fn known(&self, fields: &dyn Source) -> Result<ReferencedRows, ApiError> {
        let (docket, document) = submission::ids_named(fields);
        let control = &self.api.control;
        Ok(ReferencedRows {
            docket: match docket {
                Some(id) => control.library.docket_facts(id).await?,
                None => None,
            },
            document: match document {
                Some(id) => control.library.document_facts(id).await?,
                None => None,
            },
            now: Utc::now(),
        })
    }
}

/// Why nothing may have been accepted. Whether it was is not known when the database did not say so
/// in time.
fn not_accepted(error: fetch_db::Error, mark: Option<&Mark>) -> ApiError {
    if !matches!(error, fetch_db::Error::Unconfirmed) {
        return error.into();
    }
    warn!(
        error = &error as &dyn std::error::Error,
        "the database did not confirm whether a request was accepted"
    );
    ApiError::store_is_away(match mark {
        Some(_) => {
            "The database did not confirm in time that the request was accepted. It may have been \
             accepted: send it again with the same Idempotency-Key, and it will not be accepted \
             twice."
        }
        None => {
            "The database did not confirm in time that the request was accepted. It may have been \
             accepted: check the list of your requests before you send it again. With an \
             Idempotency-Key you could send it again without checking."
        }
    })
}

fn row(user: UserId, submission: &Submission, court: String, login: &Login) -> RequestSpec {
    let lane = submission.lane.unwrap_or(Lane::Interactive);
    RequestSpec {
        user,
        kind: submission.kind,
        court: submission.court.clone(),
        docket: submission.docket,
        document: submission.document,
        pacer_case_id: submission.pacer_case_id.clone(),
        docket_number: submission.docket_number.clone(),
        options: submission.options(),
        skip_if_unchanged: submission.skip_if_unchanged,
        target_court: court,
        session_key: login.session_key.clone(),
        account_digest: login.account_digest.clone(),
        client_code: login.client_code.clone(),
        lane,
        on_doubt: OnDoubt::Stop,
        traceparent: fetch_bus::traceparent(),
        not_before: submission.not_before,
    }
}
