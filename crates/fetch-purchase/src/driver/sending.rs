//! One request to a court: a slot, at a court that has failed its front page first, and one write.

use std::time::Duration;

use fetch_attempt::BootInstant;
use fetch_model::{AttemptError, decision::BEHIND_BREAKER};
use fetch_queue::courts::{LONGEST_SLOT_WAIT, LONGEST_SLOT_WAIT_OF_PURCHASE, NextSlot, Slot};
use pacer::{flow::CourtRequest, page::answer::Answer};
use pacer_client::SendError;
use tracing::warn;

use super::slot::{NoResponse, Right, SlotTime};
use crate::{
    Conversation,
    court_health::{self, Seen},
    response::CourtResponse,
};

impl Conversation<'_> {
    /// Opens the session, then reserves the court's next free slot. A court that has failed is
    /// first asked for its front page, which costs nothing.
    pub(super) async fn slot_time(&self, right: &Right) -> Result<SlotTime, AttemptError> {
        if !right.is_begun() {
            // No slot of the court's is used up for what cannot be kept.
            self.purchases.watch.check()?;
        }
        self.session().await?;
        // What is paid for is brought home by whoever has it; anything else is not begun.
        if !matches!(right, Right::Paid) && self.attempt.is_lost() {
            return Err(AttemptError::Lost);
        }
        let (slot_time, trust) = self.take_slot(right).await?;
        if trust == Trust::Trusted {
            return Ok(slot_time);
        }
        self.probe(slot_time).await?;
        Ok(self.take_slot(right).await?.0)
    }

    async fn take_slot(&self, right: &Right) -> Result<(SlotTime, Trust), AttemptError> {
        let court = &self.attempt.request.spec.target_court;
        let stores = &self.purchases.stores;
        let asked_at = BootInstant::now();
        if kill_point::turns_are_off() {
            return Ok((SlotTime::new(Slot::unlimited(), asked_at), Trust::Trusted));
        }
        let next_slot = match right {
            Right::Paid => stores.queue.take_slot_for_paid(court).await?,
            _ if right.is_begun() => {
                stores
                    .queue
                    .take_slot(court, LONGEST_SLOT_WAIT_OF_PURCHASE)
                    .await?
            }
            Right::Free | Right::Buying(_) => {
                stores.queue.take_slot(court, LONGEST_SLOT_WAIT).await?
            }
        };
        let (slot, trust) = match next_slot {
            NextSlot::At(slot) => (slot, Trust::Trusted),
            NextSlot::AfterProbe(slot) => (slot, Trust::Doubted),
            NextSlot::NoneSoon => return Err(self.too_far().await?),
        };
        let slot_time = SlotTime::new(slot, asked_at)
            .with_exact_time(stores)
            .await?;
        Ok((slot_time, trust))
    }

    /// What becomes of an attempt that gets no slot.
    async fn too_far(&self) -> Result<AttemptError, fetch_db::Error> {
        let court = &self.attempt.request.spec.target_court;
        let open = self.purchases.stores.queue.open_breaker(court).await?;
        Ok(match open {
            Some(open) => AttemptError::Snooze {
                wait: BEHIND_BREAKER,
                reason: court_health::left_alone(court, &open),
            },
            None => AttemptError::Snooze {
                wait: Duration::from_secs(10),
                reason: format!("Waiting for a free slot at court {court}."),
            },
        })
    }

    /// Asks a court that has failed for something that costs nothing. Any page will do: only what
    /// was asked for next can win its trust back.
    async fn probe(&self, slot_time: SlotTime) -> Result<(), AttemptError> {
        let front_page = CourtRequest::Get("/".to_owned());
        let response = match self.send_at(slot_time, &front_page, &Right::Free).await {
            Ok(Some(response)) => response,
            Ok(None) => {
                return Err(AttemptError::PutOff {
                    wait: Duration::from_secs(1),
                    reason: "The worker was too slow to use its slot at the court. The request is \
                             tried again immediately."
                        .to_owned(),
                });
            }
            Err(NoResponse::NotSent(error)) => return Err(error),
            Err(NoResponse::Lost(error)) => {
                let seen = Seen {
                    limit_bytes: court_health::limit_of(&error),
                    ..Seen::default()
                };
                warn!(
                    error = &error as &dyn std::error::Error,
                    "no answer from the court"
                );
                return Err(self.stop(court_health::row_of(&error), &seen).await);
            }
        };
        match Answer::of_status(response.status) {
            None | Some(Answer::NotFound | Answer::OtherStatus) => Ok(()),
            Some(found) => Err(self.stop(found, &Seen::response(&response)).await),
        }
    }

    /// One request, one write, no repetition of any kind.
    pub(super) async fn send(&self, request: &CourtRequest) -> Result<CourtResponse, SendError> {
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

/// What a court may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// Whatever is wanted.
    Trusted,
    /// Something free, to see whether it is back.
    Doubted,
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, String)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect()
}
