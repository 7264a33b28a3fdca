//! The last word before a request is written: its slot, its right and its claim still hold.
//!
//! Nobody knows how long a connection takes to open or when this machine is put to sleep. So the last
//! word is said when the connection stands. See `docs/adr/0012-fence-and-turn.md`.

use std::{sync::Arc, time::Duration};

use fetch_attempt::BootInstant;
use fetch_model::AttemptError;
use kill_point::Point;
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::{intent::PurchaseIntent, slot::SlotTime};
use crate::Stores;

/// A worker that was frozen between writing the intent and sending has lost its right: somebody
/// may have taken over. Measured: 20 double bills for 20 freezes without this rule, 0 with it.
const SEND_WITHIN: Duration = Duration::from_secs(1);

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

/// The last word before a request is written.
pub(super) enum Permit {
    /// It is being looked for.
    Awaited,
    Granted,
    SlotMissed,
    Denied(AttemptError),
}

/// The fence rule, in this order: the connection stands; the clock is read; the intent is
/// committed; the slot comes; the clock and the claim are looked at; one write.
pub(super) async fn ask_permit(
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
pub(super) fn handed_back() -> AttemptError {
    AttemptError::PutOff {
        wait: Duration::ZERO,
        reason:
            "The worker is shutting down; nothing was bought. Another worker takes the request \
             over."
                .to_owned(),
    }
}
