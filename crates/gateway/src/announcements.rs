//! What is announced on the message server, heard once by this process for all its callers who wait.

use std::time::Duration;

use fetch_bus::{Bus, RequestEvent};
use fetch_model::FetchId;
use futures_util::StreamExt;
use tokio::{
    sync::broadcast::{self, error::RecvError, error::TryRecvError},
    time,
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Announcements that somebody who waits may be behind. Beyond that they look whether theirs was among them.
const MOST_BEHIND: usize = 1024;

/// After the message server could not be used.
pub(crate) const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Hands on what is announced. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Announcements(broadcast::Sender<FetchId>);

impl Default for Announcements {
    fn default() -> Announcements {
        Announcements(broadcast::Sender::new(MOST_BEHIND))
    }
}

impl Announcements {
    /// Hears from now on.
    #[must_use]
    pub fn subscribe(&self) -> Announced {
        Announced(self.0.subscribe())
    }

    /// Hands on what the message server says, until `stop`.
    pub(crate) async fn hand_on(self, bus: Bus, stop: CancellationToken) {
        let listening = async {
            loop {
                match bus.announcements().await {
                    Ok(mut announced) => {
                        while let Some(RequestEvent { request, .. }) = announced.next().await {
                            // Nobody may be waiting.
                            let _ = self.0.send(request);
                        }
                    }
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        warn!(error, "announcements of requests are not heard");
                    }
                }
                time::sleep(AGAIN_AFTER).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = listening => {}
        }
    }
}

/// What somebody who waits hears. Any of it may be missed, so whoever waits also looks now and then.
#[derive(Debug)]
pub struct Announced(broadcast::Receiver<FetchId>);

impl Announced {
    /// Comes when something was said of a request, or may have been. Nothing is lost when the future is dropped.
    pub(crate) async fn of(&mut self, id: FetchId) {
        loop {
            match self.0.recv().await {
                Ok(about) if about != id => {}
                Ok(_) | Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => return std::future::pending().await,
            }
        }
    }

    /// Comes when something was said of any request; all that was said by then is taken together.
    pub(crate) async fn any(&mut self) {
        if let Err(RecvError::Closed) = self.0.recv().await {
            return std::future::pending().await;
        }
        while !matches!(
            self.0.try_recv(),
            Err(TryRecvError::Empty | TryRecvError::Closed)
        ) {}
    }
}
