//! What calls the dispatcher: the database, and the front door of its process.

use std::{collections::BTreeSet, time::Duration};

use fetch_control::Control;
use fetch_model::FetchId;
use fetch_queue::{Notification, Notifications};
use tokio::time::{self, Instant};

use super::log;
use crate::wakeups::Wakeups;

/// Between two looks at courts that are called for. The first call is answered at once; in a burst,
/// one look serves all that come meanwhile.
const CALLS_EVERY: Duration = Duration::from_millis(10);

/// What the dispatcher is called for.
pub(super) enum Call {
    /// Requests were accepted at these courts.
    Accepted(BTreeSet<String>),
    /// The database says that there is new work, or room for it, at these.
    At(BTreeSet<String>),
    /// The same of any court.
    Everywhere,
    /// These requests have ended.
    Ended(BTreeSet<FetchId>),
    /// The connection by which the database calls is lost.
    Disconnected(fetch_db::Error),
}

/// Hears the calls.
pub(super) struct Calls {
    accepted: Wakeups,
    notifications: Option<Notifications>,
    answered: Option<Instant>,
}

impl Calls {
    pub(super) fn new(accepted: Wakeups) -> Calls {
        Calls {
            accepted,
            notifications: None,
            answered: None,
        }
    }

    /// Listens to the database from now on. `true` if nobody did until now: calls may have been missed.
    pub(super) async fn listen(&mut self, control: &Control) -> bool {
        let is_new = self.notifications.is_none();
        if is_new {
            let notifications = control.queue.notifications().await;
            self.notifications = notifications.inspect_err(log).ok();
        }
        is_new
    }

    /// The next call. Nothing is lost when the future is dropped.
    pub(super) async fn next(&mut self) -> Call {
        if let Some(answered) = self.answered {
            time::sleep_until(answered + CALLS_EVERY).await;
        }
        let notified = async {
            match &mut self.notifications {
                Some(notifications) => notifications.next().await,
                None => std::future::pending().await,
            }
        };
        let notified = tokio::select! {
            notified = notified => notified,
            courts = self.accepted.next() => return Call::Accepted(courts),
        };
        match notified {
            Ok(Notification::Anywhere) => Call::Everywhere,
            Ok(Notification::At(courts)) => Call::At(courts),
            Ok(Notification::Ended(requests)) => Call::Ended(requests),
            Err(error) => {
                self.notifications = None;
                Call::Disconnected(error)
            }
        }
    }

    /// Courts that were called for were looked at.
    pub(super) fn answered(&mut self) {
        self.answered = Some(Instant::now());
    }
}
