//! The slot of a request: a point in time that the database reserved.
//!
//! A request that is written later than that comes too close to the next one, and so a slot is good
//! for a moment only. A court that has failed is asked for its front page first. See
//! `docs/adr/0012-fence-and-turn.md`.

use std::time::Duration;

use fetch_attempt::BootInstant;
use fetch_model::{AttemptError, decision::BEHIND_BREAKER};
use fetch_queue::courts::{LONGEST_SLOT_WAIT, LONGEST_SLOT_WAIT_OF_PURCHASE, NextSlot, Slot};
use pacer::{flow::CourtRequest, page::answer::Answer};
use tracing::warn;

use super::{permit::Right, sending::NoResponse};
use crate::{
    Conversation, Stores,
    court_health::{self, Seen},
};

/// How often the time of a slot is asked for again.
const LOOKS_AT_THE_CLOCK: usize = 3;

/// A slot, as this machine sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct SlotTime {
    pub(super) slot: Slot,
    /// Not before the slot, whatever the way here took.
    pub(super) at: BootInstant,
    /// Never after the slot: lateness is counted from here.
    counted_from: BootInstant,
}

/// What a court may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// Whatever is wanted.
    Trusted,
    /// Something free, to see whether it is back.
    Doubted,
}

impl SlotTime {
    /// A slot that was asked for at this moment and given at the present one.
    pub(super) fn new(slot: Slot, asked_at: BootInstant) -> SlotTime {
        SlotTime {
            slot,
            at: BootInstant::now().after(slot.wait),
            counted_from: asked_at.after(slot.wait),
        }
    }

    /// The same slot, with its time asked for again as long as it is not known well: an answer that
    /// took long leaves the slot anywhere within that time, and one that may have passed must not
    /// be used. Under load every slot would be missed so, and the court stand idle.
    async fn with_exact_time(mut self, stores: &Stores) -> Result<SlotTime, AttemptError> {
        for _ in 0..LOOKS_AT_THE_CLOCK {
            if self.is_sharp() {
                break;
            }
            let asked_at = BootInstant::now();
            let seconds = stores.queue.seconds_until(&self.slot).await?;
            let away = Duration::try_from_secs_f64(seconds.abs()).unwrap_or_default();
            let turn_from = |moment: BootInstant| match seconds < 0.0 {
                true => moment.before(away),
                false => moment.after(away),
            };
            self.at = self.at.min(turn_from(BootInstant::now()));
            self.counted_from = self.counted_from.max(turn_from(asked_at));
        }
        Ok(self)
    }

    /// Whether the time of the slot is known to a quarter of what it is good for.
    fn is_sharp(&self) -> bool {
        let known_to = self.at.since(self.counted_from);
        self.slot
            .good_for
            .is_none_or(|good_for| 4 * known_to <= good_for)
    }

    pub(super) fn is_late(&self) -> bool {
        self.slot
            .good_for
            .is_some_and(|good_for| self.counted_from.elapsed() > good_for)
    }
}

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
}
