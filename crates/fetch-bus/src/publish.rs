//! Publishes that there is work.

use std::sync::atomic::Ordering;

use async_nats::jetstream::{consumer::PullConsumer, context::PublishErrorKind};
use bytes::Bytes;
use fetch_model::FetchId;
use tracing::debug;

use crate::{Bus, Error, Job, JobKind, error::OrUnavailable, streams, subject, trace};

/// More messages to readers need not wait at once: as they are taken, the sweeper sends others.
/// Half of the places that there are for such messages, so that most find one that is free.
pub const MOST_WAKES: usize = 500;

impl Bus {
    /// Says that `job` may be worked on now, and waits until the stream has it. The same job
    /// published twice within two minutes is stored once, and whatever is said of a request takes
    /// the place of what was said of it before: the stream never holds two messages of one.
    /// `court` is CourtListener's id; for jobs of reading it does not matter. `traceparent` is the
    /// trace of the request.
    ///
    /// # Errors
    /// When the stream did not take it; then the sweeper will see to it.
    pub async fn publish_job(
        &self,
        kind: JobKind,
        court: &str,
        job: &Job,
        traceparent: Option<&str>,
    ) -> Result<(), Error> {
        let subject = subject::job(kind, court, job.request)?;
        self.connected()?;
        match self.store_job(&subject, kind, job, traceparent).await {
            Err(Stored::NoStream) => {
                self.ensure_streams().await?;
                self.store_job(&subject, kind, job, traceparent).await
            }
            result => result,
        }
        .or_unavailable("store a job")
    }

    /// Withdraws the message of a request, whether or not it was delivered, because there is
    /// nothing left to do. A worker recognises a message that cannot be withdrawn as stale.
    pub async fn forget_job(&self, kind: JobKind, court: &str, request: FetchId) {
        let Ok(subject) = subject::job(kind, court, request) else {
            return;
        };
        let forgotten = async {
            self.connected()?;
            let stream = self
                .jetstream
                .get_stream_no_info(streams::JOBS)
                .await
                .or_unavailable("describe a stream")?;
            stream
                .purge()
                .filter(subject)
                .await
                .or_unavailable("withdraw a message")
        };
        if let Err(error) = forgotten.await {
            debug!(
                fetch.id = request.0,
                error = &error as &dyn std::error::Error,
                "could not withdraw a message"
            );
        }
    }

    /// Wakes `count` readers, at most [`MOST_WAKES`]: there is so much work of this kind, and the
    /// rows say what it is. Waits until the stream has it all. `traceparent` is the trace of
    /// whoever wants it.
    ///
    /// # Errors
    /// When the stream did not take it; then the sweeper will see to it.
    pub async fn wake_readers(
        &self,
        kind: JobKind,
        count: usize,
        traceparent: Option<&str>,
    ) -> Result<(), Error> {
        self.connected()?;
        for _ in 0..count.min(MOST_WAKES) {
            let place = self.wakes.fetch_add(1, Ordering::Relaxed);
            let subject = subject::wake(kind, place);
            match self.store(&subject, None, Bytes::new(), traceparent).await {
                Err(Stored::NoStream) => {
                    self.ensure_streams().await?;
                    self.store(&subject, None, Bytes::new(), traceparent).await
                }
                result => result,
            }
            .or_unavailable("store a job")?;
        }
        Ok(())
    }

    /// How many messages of a kind nobody has taken yet.
    ///
    /// # Errors
    /// When the server does not say.
    pub async fn pending(&self, kind: JobKind) -> Result<u64, Error> {
        self.connected()?;
        let consumer: PullConsumer = self
            .jetstream
            .get_consumer_from_stream(subject::consumer_of(kind), streams::JOBS)
            .await
            .or_unavailable("describe a consumer")?;
        Ok(consumer.cached_info().num_pending)
    }

    async fn store_job(
        &self,
        subject: &str,
        kind: JobKind,
        job: &Job,
        traceparent: Option<&str>,
    ) -> Result<(), Stored> {
        // A document is bought and read under different fences, yet the kinds share one window.
        let id = format!("{}.{}", kind.token(), job.message_id());
        self.store(subject, Some(&id), job.encode(), traceparent)
            .await
    }

    /// `id` is what the stream takes for the same message within its window.
    async fn store(
        &self,
        subject: &str,
        id: Option<&str>,
        payload: Bytes,
        traceparent: Option<&str>,
    ) -> Result<(), Stored> {
        let mut headers = trace::headers(traceparent);
        if let Some(id) = id {
            headers.insert(async_nats::header::NATS_MESSAGE_ID, id);
        }
        let sent = self
            .jetstream
            .publish_with_headers(subject.to_owned(), headers, payload)
            .await;
        let stored = match sent {
            Ok(acknowledged) => acknowledged.await,
            Err(error) => Err(error),
        };
        match stored {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == PublishErrorKind::StreamNotFound => Err(Stored::NoStream),
            Err(error) => Err(Stored::Failed(error)),
        }
    }
}

/// Why the stream did not take a message.
#[derive(Debug, thiserror::Error)]
enum Stored {
    #[error("there is no stream")]
    NoStream,
    #[error(transparent)]
    Failed(async_nats::jetstream::context::PublishError),
}
