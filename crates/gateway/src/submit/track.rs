//! A tracker is accepted as the request is that it makes again and again: checked, logged in, written.

use chrono::Utc;
use fetch_model::{FetchKind, Lane, TrackerId};
use fetch_queue::trackers::NewTracker;
use tracing::info;

use super::{Intake, sign_in::check_warning};
use crate::dialect::{
    ApiError, Caller, FieldErrors, Source, auth,
    submission::{self, ReferencedRows, Submission},
    tracker::{self, AsRequest, Wanted},
};

/// Of a court that does not say, free of charge, whether something was filed.
const APPELLATE: &str = "Trackers are not supported for appellate courts: they do not say, free of charge, whether \
     something was filed.";

impl Intake {
    /// Makes a tracker that is due at once, or says what is wrong with it.
    ///
    /// # Errors
    /// The answer of the contract, as for a request. Nothing was stored.
    pub(crate) async fn track(
        &self,
        caller: &Caller,
        fields: &dyn Source,
    ) -> Result<TrackerId, ApiError> {
        let now = Utc::now();
        let (wanted, submission, known) = self.decode_tracker(fields).await?;
        let is_appellate = known.docket.as_ref().is_some_and(|docket| {
            let court = pacer::court::Court::by_cl_id(&docket.court);
            court.is_some_and(pacer::court::Court::is_appellate)
        });
        if is_appellate {
            return Err(ApiError::NonField(APPELLATE.to_owned()));
        }
        let Some(docket) = submission.docket else {
            return Err(ApiError::field("docket", "This field is required."));
        };
        let queue = &self.api.control.queue;
        if queue.is_tracked(caller.id(), docket).await? {
            return Err(ApiError::NonField(tracker::NOT_UNIQUE.to_owned()));
        }
        let prepared = self.prepare(caller.id(), &submission, &known).await?;
        auth::look_anew(&self.api, caller).await?;
        let login = self.log_in(caller, submission.credentials()).await?;
        self.take_up_beside(caller, &login).await;
        check_warning(FetchKind::Docket, login.warning.as_ref())?;
        // PACER may have taken its time.
        auth::look_anew(&self.api, caller).await?;
        let new = NewTracker {
            user: caller.id(),
            token: caller.0.token,
            docket,
            court: &prepared.court,
            session_key: &login.session_key,
            account_digest: &login.account_digest,
            client_code: &login.client_code,
            lane: submission.lane.unwrap_or(Lane::Bulk),
            every_hours: wanted.every_hours,
            until: wanted.until,
            max_cost: wanted.max_cost,
        };
        let id = queue.track(&new, now).await?;
        // Somebody may have been faster.
        let id = id.ok_or_else(|| ApiError::NonField(tracker::NOT_UNIQUE.to_owned()))?;
        info!(
            tracker = id.0,
            court.id = prepared.court,
            "a docket is tracked"
        );
        Ok(id)
    }

    /// What is a tracker's own, and what it has in common with a request; all that is wrong with both.
    async fn decode_tracker(
        &self,
        fields: &dyn Source,
    ) -> Result<(Wanted, Submission, ReferencedRows), ApiError> {
        let as_request = AsRequest(fields);
        let known = self.known(&as_request).await?;
        let mut errors = FieldErrors::default();
        let wanted = tracker::decode_new(fields, known.now, &mut errors);
        match submission::decode(&as_request, &known) {
            Ok(submission) if errors.is_empty() => Ok((wanted, submission, known)),
            Ok(_) => Err(ApiError::Fields(errors)),
            Err(others) => {
                for (field, messages) in others.iter() {
                    messages
                        .iter()
                        .for_each(|said| errors.add(field, said.as_str()));
                }
                Err(ApiError::Fields(errors))
            }
        }
    }
}
