//! One request to a court: a slot, a permit, and one write.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fetch_model::AttemptError;
use pacer::flow::CourtRequest;
use pacer_client::SendError;
use tokio::time;
use tracing::debug;

use super::{
    permit::{Permit, Right, ask_permit, handed_back},
    slot::SlotTime,
};
use crate::{Conversation, response::CourtResponse};

/// How long before its slot a request begins to connect.
const LEAD: Duration = Duration::from_millis(300);

/// Slots that may be missed one after the other.
const MISSED_SLOTS: usize = 8;

/// A request that brought no answer.
pub(super) enum NoResponse {
    /// It was not written.
    NotSent(AttemptError),
    /// It was, or could not be.
    Lost(SendError),
}

impl Conversation<'_> {
    /// Sends one request in the court's next free slot. Slots that are missed are taken anew.
    pub(super) async fn send_in_turn(
        &self,
        request: &CourtRequest,
        right: Right,
    ) -> Result<CourtResponse, NoResponse> {
        for _ in 0..MISSED_SLOTS {
            let slot_time = self.slot_time(&right).await.map_err(NoResponse::NotSent)?;
            if let Some(answer) = self.send_at(slot_time, request, &right).await? {
                return Ok(answer);
            }
            debug!("a slot was missed");
        }
        Err(NoResponse::NotSent(AttemptError::PutOff {
            wait: Duration::from_secs(1),
            reason: "The worker was too slow to use its slots at the court. The request is tried \
                     again immediately."
                .to_owned(),
        }))
    }

    /// Sends one request at this slot; `None` if the slot was missed, and nothing was sent.
    pub(super) async fn send_at(
        &self,
        slot_time: SlotTime,
        request: &CourtRequest,
        right: &Right,
    ) -> Result<Option<CourtResponse>, NoResponse> {
        let stopping = &self.purchases.stopping;
        tokio::select! {
            () = time::sleep(slot_time.at.before(LEAD).left()) => {}
            () = stopping.cancelled(), if !right.is_begun() => {
                return Err(NoResponse::NotSent(handed_back()));
            }
        }
        let said = Arc::new(Mutex::new(None));
        let say = |said: &Mutex<Option<Permit>>, word| {
            *said.lock().unwrap_or_else(PoisonError::into_inner) = Some(word);
        };
        let permit = {
            let (said, right) = (said.clone(), right.clone());
            let (stores, stopping) = (self.purchases.stores.clone(), stopping.clone());
            let court = self.attempt.request.spec.target_court.clone();
            async move {
                say(&said, Permit::Awaited);
                let word = ask_permit(&stores, &court, slot_time, &right, &stopping).await;
                let go = matches!(word, Permit::Granted);
                say(&said, word);
                go
            }
        };
        let sent = pacer_client::permitted(permit, self.send(request)).await;
        let said = said.lock().unwrap_or_else(PoisonError::into_inner).take();
        match said {
            Some(Permit::SlotMissed) => Ok(None),
            Some(Permit::Denied(error)) => Err(NoResponse::NotSent(error)),
            // It was not said in the time that a connection may take: nothing was written, and the
            // court has no part in it.
            Some(Permit::Awaited) => Err(NoResponse::NotSent(AttemptError::PutOff {
                wait: Duration::from_secs(5),
                reason: "The purchase could not be recorded in time, so nothing was sent. The \
                         request is tried again shortly."
                    .to_owned(),
            })),
            Some(Permit::Granted) | None => sent.map(Some).map_err(NoResponse::Lost),
        }
    }

    /// One request, one write, no repetition of any kind.
    async fn send(&self, request: &CourtRequest) -> Result<CourtResponse, SendError> {
        let response = self.write(request).await?;
        let (blobs, page_bytes) = (&self.purchases.stores.db.blobs, self.purchases.page_bytes);
        CourtResponse::arriving(response, blobs, page_bytes).await
    }

    async fn write(&self, request: &CourtRequest) -> Result<pacer_client::Answer, SendError> {
        let court = self.court.id.as_str();
        let courts = &self.purchases.courts;
        let open = self.opened();
        let session = &*open
            .expect("a slot was taken, which opens the session")
            .session;
        match request {
            CourtRequest::Get(path) => courts.get(session, court, path).await,
            CourtRequest::GetPrice(path) => courts.get_price(session, court, path).await,
            CourtRequest::Post(path, fields) => {
                courts
                    .post_form(session, court, path, &borrowed(fields))
                    .await
            }
            CourtRequest::PostUrlencoded(path, fields) => {
                let fields = borrowed(fields);
                courts.post_urlencoded(session, court, path, &fields).await
            }
        }
    }
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, String)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect()
}
