//! Announcing, and receiving, that a request has changed.

use fetch_model::{FetchId, FetchKind, State, UserId};
use futures_util::{Stream, StreamExt, future};
use prost::Message;
use tracing::{debug, warn};

use crate::{Bus, Error, error::OrUnavailable, subject, trace, wire};

/// A request has reached a state. This is a hint; the row is authoritative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestEvent {
    /// Which request.
    pub request: FetchId,
    /// Whose it is.
    pub user: UserId,
    /// What it fetches.
    pub kind: FetchKind,
    /// The court that is asked, by CourtListener's id.
    pub court: String,
    /// The state that it reached.
    pub state: State,
    /// The same as the number that clients see.
    pub status: i16,
    /// How far its document is read, while it is.
    pub pages: Option<PagesRead>,
}

/// How far a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PagesRead {
    /// Pages that are read, or failed for good.
    pub read: i32,
    /// All its pages.
    pub all: i32,
}

impl Bus {
    /// Announces that a request has changed. Never fails and never waits for the server: an
    /// announcement that cannot be sent now is dropped, with a warning.
    pub async fn announce(&self, announcement: &RequestEvent) {
        if let Err(error) = self.try_announce(announcement).await {
            let error = &error as &dyn std::error::Error;
            warn!(
                fetch.id = announcement.request.0,
                error, "could not publish a change notice"
            );
        }
    }

    async fn try_announce(&self, announcement: &RequestEvent) -> Result<(), Error> {
        let RequestEvent {
            kind, state, court, ..
        } = announcement;
        let subject = subject::event(*kind, *state, court)?;
        self.connected()?;
        let event = wire::Event {
            request_id: announcement.request.0,
            user_id: announcement.user.0,
            state: state.as_str().to_owned(),
            status: announcement.status.into(),
            pages_read: announcement.pages.map_or(0, |pages| pages.read),
            pages: announcement.pages.map_or(0, |pages| pages.all),
        };
        let payload = event.encode_to_vec().into();
        // The stream stores what it sees go by; its acknowledgement would only cost time.
        self.client
            .publish_with_headers(subject, trace::headers(None), payload)
            .await
            .or_unavailable("receive an announcement")
    }

    /// All announcements from now on. What is said while the server is away is missed; the
    /// stream goes on after a reconnect and ends only with the connection.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn announcements(
        &self,
    ) -> Result<impl Stream<Item = RequestEvent> + Send + Unpin + use<>, Error> {
        self.hear(subject::ALL_EVENTS.to_owned()).await
    }

    /// The same, of requests that reach one state.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn announcements_of(
        &self,
        state: State,
    ) -> Result<impl Stream<Item = RequestEvent> + Send + Unpin + use<>, Error> {
        self.hear(subject::all_events_of(state)).await
    }

    async fn hear(
        &self,
        subject: String,
    ) -> Result<impl Stream<Item = RequestEvent> + Send + Unpin + use<>, Error> {
        let heard = self
            .client
            .subscribe(subject)
            .await
            .or_unavailable("subscribe")?;
        Ok(heard.filter_map(|message| future::ready(understood(&message))))
    }
}

fn understood(message: &async_nats::Message) -> Option<RequestEvent> {
    let announcement = read(message.subject.as_str(), &message.payload);
    if announcement.is_none() {
        debug!("ignored an announcement of another version");
    }
    announcement
}

fn read(subject: &str, payload: &[u8]) -> Option<RequestEvent> {
    let (kind, court) = subject::read_event(subject)?;
    let event = wire::Event::decode(payload).ok()?;
    Some(RequestEvent {
        request: FetchId(event.request_id),
        user: UserId(event.user_id),
        kind,
        court: court.to_owned(),
        state: event.state.parse().ok()?,
        status: i16::try_from(event.status).ok()?,
        pages: (event.pages > 0).then_some(PagesRead {
            read: event.pages_read,
            all: event.pages,
        }),
    })
}
