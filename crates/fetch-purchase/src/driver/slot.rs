//! When a request may be written: in its slot, and under its right.
//!
//! A slot is a point in time that the database reserved. A request that is written later than that
//! comes too close to the next one, and nobody knows how long a connection takes to open or when
//! this machine is put to sleep. So a slot is good for a moment only; and the last word is said
//! when the connection stands. See `docs/adr/0012-fence-and-turn.md`.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fetch_attempt::BootInstant;
use fetch_model::AttemptError;
use fetch_queue::courts::Slot;
use kill_point::Point;
use pacer::flow::CourtRequest;
use pacer_client::SendError;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::intent::PurchaseIntent;
use crate::{Conversation, Stores, response::CourtResponse};

/// A worker that was frozen between writing the intent and sending has lost its right: somebody
/// may have taken over. Measured: 20 double bills for 20 freezes without this rule, 0 with it.
const SEND_WITHIN: Duration = Duration::from_secs(1);

/// How long before its slot a request begins to connect.
const LEAD: Duration = Duration::from_millis(300);

/// How often the time of a slot is asked for again.
const LOOKS_AT_THE_CLOCK: usize = 3;

/// Slots that may be missed one after the other.
const MISSED_SLOTS: usize = 8;

/// Why a request may be sent.
#[derive(Clone)]
pub(super) enum Right {
    /// It costs nothing.
    Free,
    /// It may be billed.
    Buying(Arc<PurchaseIntent>),
    /// It was paid for already, by this purchase.
    Paid,
}

/// A request that brought no answer.
pub(super) enum NoResponse {
    /// It was not written.
    NotSent(AttemptError),
    /// It was, or could not be.
    Lost(SendError),
}

/// A slot, as this machine sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct SlotTime {
    slot: Slot,
    /// Not before the slot, whatever the way here took.
    at: BootInstant,
    /// Never after the slot: lateness is counted from here.
    counted_from: BootInstant,
}

/// The last word before a request is written.
enum Permit {
    /// It is being looked for.
    Awaited,
    Granted,
    SlotMissed,
    Denied(AttemptError),
}

impl Right {
    /// Whether money may have moved for this already, so that giving up would be no use.
    pub(super) fn is_begun(&self) -> bool {
        match self {
            Right::Free => false,
            Right::Buying(intent) => intent.id().is_some(),
            Right::Paid => true,
        }
    }

    /// Whether it was denied because the thing is kept by now.
    pub(super) fn is_needless(&self) -> bool {
        match self {
            Right::Free | Right::Paid => false,
            Right::Buying(intent) => intent.is_needless(),
        }
    }
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
    pub(super) async fn with_exact_time(
        mut self,
        stores: &Stores,
    ) -> Result<SlotTime, AttemptError> {
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

    fn is_late(&self) -> bool {
        self.slot
            .good_for
            .is_some_and(|good_for| self.counted_from.elapsed() > good_for)
    }
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
}

/// The fence rule, in this order: the connection stands; the clock is read; the intent is
/// committed; the slot comes; the clock and the claim are looked at; one write.
async fn ask_permit(
    stores: &Stores,
    court: &str,
    slot_time: SlotTime,
    right: &Right,
    stopping: &CancellationToken,
) -> Permit {
    if stopping.is_cancelled() && !right.is_begun() {
        return Permit::Denied(handed_back());
    }
    let begun = BootInstant::now();
    if let Right::Buying(intent) = right {
        kill_point::reached(Point::BeforeIntent);
        if let Err(error) = intent.write_or_renew().await {
            return Permit::Denied(error);
        }
        kill_point::reached(Point::AfterIntent);
    }
    time::sleep(slot_time.at.left()).await;
    if slot_time.is_late() {
        let asked_at = BootInstant::now();
        match stores.queue.renew_slot(court, &slot_time.slot).await {
            Ok(Some(slot)) if !SlotTime::new(slot, asked_at).is_late() => {}
            Ok(_) => return Permit::SlotMissed,
            Err(error) => return Permit::Denied(error.into()),
        }
    }
    match right {
        Right::Buying(_) if begun.elapsed() > SEND_WITHIN => Permit::Denied(AttemptError::PutOff {
            wait: Duration::from_secs(1),
            reason: "The worker was too slow to buy safely, so nothing was sent. The request is \
                     tried again immediately."
                .to_owned(),
        }),
        Right::Buying(intent) if intent.life.is_lost() => Permit::Denied(AttemptError::Lost),
        _ => Permit::Granted,
    }
}

/// The process is to end, and nothing was bought for the request yet.
fn handed_back() -> AttemptError {
    AttemptError::PutOff {
        wait: Duration::ZERO,
        reason:
            "The worker is shutting down; nothing was bought. Another worker takes the request \
             over."
                .to_owned(),
    }
}
