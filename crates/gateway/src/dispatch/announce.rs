//! Tells whoever watches that requests changed by no worker's hand.

use std::collections::BTreeSet;

use fetch_bus::{Bus, RequestEvent};
use fetch_control::Control;
use fetch_model::{FetchId, State};

/// Announces requests that are done.
pub(super) async fn announce_done(control: Control, bus: Bus, requests: BTreeSet<FetchId>) {
    for id in requests {
        announce(&control, &bus, id, State::Done).await;
    }
}

/// Announces what a request is now. Of one that has ended, the message that may still wait for a
/// worker is taken back.
pub(crate) async fn announce(control: &Control, bus: &Bus, id: FetchId, state: State) {
    if let Ok(Some(request)) = control.queue.request(id).await {
        if state.is_final() {
            let kind = request.spec.kind.into();
            bus.forget_job(kind, &request.spec.target_court, id).await;
        }
        bus.announce(&RequestEvent {
            request: id,
            user: request.spec.user,
            kind: request.spec.kind,
            court: request.spec.target_court.clone(),
            state,
            status: request.public_status().into(),
            pages: None,
        })
        .await;
    }
}
