//! Saying that there is work.

use async_nats::jetstream::context::PublishErrorKind;

use crate::{Bus, Error, Job, JobKind, error::OrUnavailable, subject, trace};

impl Bus {
    /// Says that `job` may be worked on now, and waits until the stream has it. The same job
    /// published twice within two minutes is stored once. `court` is CourtListener's id; for
    /// [`JobKind::Ocr`] it does not matter. `traceparent` is the trace of the request.
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
        let subject = subject::job(kind, court)?;
        self.connected()?;
        match self.store_job(&subject, kind, job, traceparent).await {
            Err(Stored::NoStream) => {
                self.furnish().await?;
                self.store_job(&subject, kind, job, traceparent).await
            }
            result => result,
        }
        .or_unavailable("store a job")
    }

    async fn store_job(
        &self,
        subject: &str,
        kind: JobKind,
        job: &Job,
        traceparent: Option<&str>,
    ) -> Result<(), Stored> {
        let mut headers = trace::headers(traceparent);
        // A document is bought and read under different fences, yet the kinds share one window.
        let id = format!("{}.{}", kind.token(), job.message_id());
        headers.insert(async_nats::header::NATS_MESSAGE_ID, id.as_str());
        let sent = self
            .jetstream
            .publish_with_headers(subject.to_owned(), headers, job.encode())
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
