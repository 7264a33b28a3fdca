//! The life of a request begins: check, log in, write the row, answer.
//!
//! One way in for both front doors. Nothing is written before the login has succeeded, and
//! nothing of the credentials is written ever.

mod answer;
mod batch;
mod intake;
mod outlives;
mod prepare;
mod repeated;
mod reserve;
mod row;
mod sign_in;
pub(crate) mod told;
mod track;
mod unconfirmed;

use fetch_bus::SessionLife;
use fetch_control::accept::{Acceptance, OnTheWay};
use fetch_model::{Cents, FetchRequest, RequestSpec};
use fetch_queue::{accept::Written, repeats::Mark};
use kill_point::Point;
use tracing::{Instrument, Span, field::Empty, info, info_span};

pub use answer::post;
pub(crate) use answer::{
    LOGIN_WARNING, NUMBER_READ, OUTLIVES_SESSION, QUOTE_CENTS, SESSION_ENDS, number_read,
};
pub use intake::{DEFAULT_ONCE_MORE, Intake, Messages};
use prepare::Prepared;
use reserve::Reserved;
use sign_in::check_warning;
pub(crate) use told::TOLD;
use unconfirmed::not_accepted;

use crate::{
    dialect::{
        ApiError, Caller, Source, auth,
        submission::{self, ReferencedRows, Submission},
    },
    login::Login,
    repeat::{self, IdempotencyKey},
};

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
        let known = self.known(fields).await?;
        let submission = submission::decode(fields, &known)?;
        let mark = key.map(|key| key.mark(&submission));
        let mark = mark.as_ref();
        if let Some(accepted) = self.earlier(caller.id(), mark).await? {
            return Ok(accepted);
        }
        match self.submit_new(caller, &submission, &known, mark).await {
            Err(refusal) => self.earlier_after_all(caller.id(), mark, refusal).await,
            accepted => accepted,
        }
    }

    async fn submit_new(
        &self,
        caller: &Caller,
        submission: &Submission,
        known: &ReferencedRows,
        mark: Option<&Mark>,
    ) -> Result<Accepted, ApiError> {
        let prepared = self.prepare(caller.id(), submission, known).await?;
        let credentials = prepared.located.submission.credentials();
        let login = self.log_in(caller, credentials).await?;
        let (new, way) = self.rows(caller.id(), &prepared, &login);
        let reserved = prepared.reserved;
        let written = self.accept(caller, &new, way.as_ref(), &login, reserved, mark);
        let written = written.await;
        // Somebody has logged in, whatever becomes of the request.
        if written.as_ref().map_or(true, |written| written.others_wait) {
            self.take_up_beside(caller, &login).await;
        }
        let written = written?;
        let outlives_session = self.outlives(&written, login.life).await;
        Ok(Accepted {
            request: written.request,
            at_most: prepared.at_most(),
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
        way: Option<&OnTheWay>,
        login: &Login,
        reserved: Reserved,
        mark: Option<&Mark>,
    ) -> Result<Written, ApiError> {
        let first = way.and_then(OnTheWay::first);
        for kind in first
            .map(|first| first.spec.kind)
            .into_iter()
            .chain([new.kind])
        {
            check_warning(kind, login.warning.as_ref())?;
        }
        // Whoever was let in may have been shut out since: to log in can take minutes.
        let token = Some(caller.0.token);
        let control = &self.api.control;
        let accepted = match way {
            None => control.accept_once(new, token, reserved.last, mark).await,
            Some(way) => {
                let accepted = control.accept_with_step(new, way, token, reserved.last, mark);
                accepted.await
            }
        };
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
            reserved_cents = reserved.whole().reserve.0,
            "accepted"
        );
        Ok(written)
    }
}
