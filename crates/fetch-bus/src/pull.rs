//! One ask for one message.
//!
//! Each ask has an inbox of its own that is closed with it: the pull streams of the client library ask
//! by themselves after 35 seconds without a poll, and its batches lose wake-ups after an idle heartbeat.

use std::time::Duration;

use async_nats::{
    StatusCode, Subscriber,
    jetstream::{AckKind, Message},
};
use futures_util::StreamExt;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::{Bus, Error, JobKind, Role, error::OrUnavailable, streams, subject};

/// One ask for a message: the server holds it for thirty seconds and says every five that it is
/// still there. Times are in nanoseconds.
const ASK: &str = r#"{"batch":1,"expires":30000000000,"idle_heartbeat":5000000000}"#;

/// Two missed heartbeats and a little more: the server has forgotten the ask.
const SILENCE: Duration = Duration::from_secs(12);

/// How long to wait before asking again a server that did not answer well.
const PAUSE: Duration = Duration::from_millis(500);

/// What became of an ask.
pub(crate) enum Pulled {
    Given(Box<Message>),
    Nothing,
}

impl Bus {
    /// Asks for a message of a kind, until `shutdown`.
    pub(crate) async fn ask(
        &self,
        kind: JobKind,
        shutdown: &CancellationToken,
    ) -> Result<Pulled, Error> {
        let mut connections = self.connections.clone();
        connections.mark_unchanged();
        let inbox = self.client.new_inbox();
        let mut answers = self
            .client
            .subscribe(inbox.clone())
            .await
            .or_unavailable("subscribe")?;
        let consumer = subject::consumer_of(kind);
        let api = self.role.api_of(Role::Gateway);
        let subject = format!("{api}.CONSUMER.MSG.NEXT.{}.{consumer}", streams::JOBS);
        self.client
            .publish_with_reply(subject, inbox, ASK.into())
            .await
            .or_unavailable("request a job")?;
        loop {
            let message = tokio::select! {
                biased;
                () = shutdown.cancelled() => {
                    self.give_back(answers).await;
                    return Ok(Pulled::Nothing);
                }
                message = time::timeout(SILENCE, answers.next()) => message,
                // The server forgets an ask with the connection that it came by. But word of a
                // new connection may come late, when the ask has been answered on it already.
                _ = connections.changed() => return Ok(self.last_word(answers).await),
            };
            let message = message.or_unavailable("confirm a subscription")?;
            let message = message.ok_or(Error::Disconnected)?;
            match message.status.unwrap_or(StatusCode::OK) {
                StatusCode::OK => {
                    return Ok(Pulled::Given(self.given(message)));
                }
                StatusCode::IDLE_HEARTBEAT => {}
                StatusCode::TIMEOUT | StatusCode::NOT_FOUND => return Ok(Pulled::Nothing),
                status => return Err(turned_down(status, message.description.as_deref())),
            }
        }
    }

    /// Something is wrong between us and the consumer: the streams are created again where they are
    /// missing, and asking goes on after a pause.
    ///
    /// # Errors
    /// When the server is set up in a way that would lose messages.
    pub(crate) async fn recover(
        &self,
        error: &Error,
        shutdown: &CancellationToken,
    ) -> Result<(), Error> {
        warn!(
            error = error as &dyn std::error::Error,
            "could not fetch jobs"
        );
        match self.ensure_streams().await {
            Err(error @ Error::Misconfigured { .. }) => return Err(error),
            Err(error) => {
                debug!(
                    error = &error as &dyn std::error::Error,
                    "the message server is not set up yet"
                );
            }
            Ok(()) => {}
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = time::sleep(PAUSE) => {}
        }
        Ok(())
    }

    /// A message may be on its way while we stop asking: others can have it at once.
    async fn give_back(&self, answers: Subscriber) {
        if let Pulled::Given(message) = self.last_word(answers).await {
            let _ = message.ack_with(AckKind::Nak(None)).await;
        }
    }

    /// Closes the inbox of an ask, and takes what was on its way to it: dropped, it would be
    /// missing until the server's patience ends.
    async fn last_word(&self, mut answers: Subscriber) -> Pulled {
        if answers.drain().await.is_err() {
            return Pulled::Nothing;
        }
        while let Ok(Some(message)) = time::timeout(PAUSE, answers.next()).await {
            if message.status.unwrap_or(StatusCode::OK) == StatusCode::OK {
                return Pulled::Given(self.given(message));
            }
        }
        Pulled::Nothing
    }

    fn given(&self, message: async_nats::Message) -> Box<Message> {
        Box::new(Message {
            message,
            context: self.jetstream.clone(),
        })
    }
}

fn turned_down(status: StatusCode, description: Option<&str>) -> Error {
    let why = match status {
        StatusCode::NO_RESPONDERS => "there is no such consumer".to_owned(),
        status => format!("{status} {}", description.unwrap_or_default()),
    };
    Error::Unavailable {
        what: "give a job",
        source: why.into(),
    }
}
