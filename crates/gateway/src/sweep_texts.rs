//! Notices texts that are stuck: a message was lost, or an `ocr` process died.

use fetch_attempt::{Stores, reading::announce_done};
use fetch_bus::{Bus, JobKind, MOST_WAKES};
use fetch_control::Control;
use fetch_model::State;
use tracing::{error, warn};

use crate::dispatch;

/// Messages sent again in one sweep; the next one sends the rest.
const AT_ONCE: u64 = 64;

/// Adopts requests whose text nobody was told of, ends those that nobody reads for, and wakes readers where more work is open than
/// there are messages on their way to one.
pub(crate) async fn sweep(control: &Control, bus: &Bus) -> Result<(), fetch_db::Error> {
    let stores = Stores::new(control.db.clone());
    for id in stores.requeue_unread().await? {
        error!(
            fetch.id = id.0,
            "failed a request: the file of its document is gone"
        );
        dispatch::announce(control, bus, id, State::Failed).await;
    }
    let unread = stores.give_up_reading().await?;
    for request in &unread {
        error!(
            fetch.id = request.id.0,
            "completed a request without its text: no ocr service was running for a day"
        );
    }
    announce_done(&stores, bus, &unread).await;
    let open = control.library.open_texts().await?;
    wake(bus, JobKind::Ocr, open.texts).await;
    wake(bus, JobKind::Pages, open.parts).await;
    Ok(())
}

async fn wake(bus: &Bus, kind: JobKind, open: i64) {
    let open = u64::try_from(open).unwrap_or(0).min(MOST_WAKES as u64);
    if open == 0 {
        return;
    }
    let woken = async {
        let missing = open.saturating_sub(bus.pending(kind).await?);
        let count = usize::try_from(missing.min(AT_ONCE)).unwrap_or(0);
        bus.wake_readers(kind, count, None).await
    };
    if let Err(error) = woken.await {
        let error = &error as &dyn std::error::Error;
        warn!(
            error,
            "could not wake ocr workers; the next sweep will do it"
        );
    }
}
