//! What requests are accepted with, and how it is set up.

use std::sync::{Arc, OnceLock};

use fetch_bus::{Bus, LoginSharedKey, Logins};
use fetch_model::Cents;
use tokio_util::sync::CancellationToken;

use super::outlives::Lines;
use crate::{
    announcements::Announcements, api::Api, event_broadcast::EventBroadcast,
    event_groups::EventGroups, reach::Reach, wakeups::Wakeups,
};

/// What may be bought once more in doubt unless set otherwise: anything but a long transcript.
pub const DEFAULT_ONCE_MORE: Cents = Cents(300);

/// The message server, and the login service behind it.
#[derive(Debug, Clone)]
pub struct Messages {
    pub(crate) bus: Bus,
    pub(super) logins: Logins,
}

impl Messages {
    /// By way of this bus to the login service, which has the same shared key.
    #[must_use]
    pub fn new(bus: Bus, shared: LoginSharedKey) -> Messages {
        Messages {
            logins: bus.logins(shared),
            bus,
        }
    }
}

/// The way in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Intake {
    pub(crate) api: Api,
    pub(super) bus: Arc<OnceLock<Messages>>,
    /// Whether the message server can be reached.
    pub(super) messages: Reach,
    /// What may be bought once more in doubt, unless the caller says otherwise.
    pub(super) once_more: Cents,
    /// The dispatcher that hears of what was accepted.
    pub(super) accepted: Wakeups,
    /// Whether the database can be reached.
    pub(crate) database: Reach,
    /// What is announced of requests.
    pub(crate) announcements: Announcements,
    /// What becomes of requests.
    pub(crate) events: EventBroadcast,
    /// What events are told with.
    pub(crate) event_groups: EventGroups,
    /// When nobody is to wait for anything any more.
    pub(crate) stop: CancellationToken,
    /// How long work waits at courts.
    pub(super) lines: Lines,
}

impl Intake {
    /// Into this store, by way of the login service on this bus, which may be reached later.
    #[must_use]
    pub fn new(api: Api, bus: Arc<OnceLock<Messages>>) -> Intake {
        Intake {
            api,
            bus,
            messages: Reach::unwatched(),
            once_more: DEFAULT_ONCE_MORE,
            accepted: Wakeups::default(),
            database: Reach::unwatched(),
            announcements: Announcements::default(),
            events: EventBroadcast::default(),
            event_groups: EventGroups::default(),
            stop: CancellationToken::new(),
            lines: Lines::default(),
        }
    }

    /// Calls the dispatcher that listens to these whenever something was accepted. Without it, work
    /// begins within the second in which dispatchers look at all courts.
    #[must_use]
    pub fn calling(mut self, dispatcher: Wakeups) -> Intake {
        self.accepted = dispatcher;
        self
    }

    /// Lets nobody wait for a request while the database is known to be away.
    #[must_use]
    pub fn knowing(mut self, database: Reach) -> Intake {
        self.database = database;
        self
    }

    /// Has nobody wait for the turn of a login, or for a request, once this process is told to stop.
    #[must_use]
    pub fn until(mut self, stop: CancellationToken) -> Intake {
        self.stop = stop;
        self
    }

    /// Lets callers wait for what these hand on. Without them, whoever waits looks every other second.
    #[must_use]
    pub fn telling(mut self, announcements: Announcements, events: EventBroadcast) -> Intake {
        (self.announcements, self.events) = (announcements, events);
        self
    }

    /// Gives a login up while the message server is known to be away.
    #[must_use]
    pub fn watching(mut self, messages: Reach) -> Intake {
        self.messages = messages;
        self
    }

    /// The message server, once it was reached.
    pub(crate) fn bus(&self) -> Option<&Bus> {
        self.bus.get().map(|messages| &messages.bus)
    }

    /// Without a word of the caller, only what costs no more than this is bought once more when
    /// the answer to a purchase was lost.
    #[must_use]
    pub fn buying_once_more_up_to(mut self, cents: Cents) -> Intake {
        self.once_more = cents;
        self
    }
}
