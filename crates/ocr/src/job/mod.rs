//! The work of the service: texts are planned and put together, and pages recognised, by any of
//! its processes.
//!
//! A message only wakes a reader; what it then does is the next open row (`fetch_library::texts`),
//! in the order of fairness. So a lost or doubled message changes nothing but the time, and a
//! reader that dies loses the page that it was at.

mod lease;
mod part;
mod rows;
mod text;
mod words;

use std::{sync::Arc, time::Duration};

use fetch_attempt::Stores;
use fetch_bus::{Bus, Disposition};
use fetch_library::texts::ReadingClaim;
use fetch_model::retry;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

pub use part::PartJob;
pub use text::TextJob;

/// What every reading job holds.
#[derive(Debug, Clone)]
pub struct ReaderContext {
    /// Where the work and its results are.
    pub stores: Stores,
    /// Where results are announced.
    pub bus: Bus,
    /// The name under which this process claims.
    pub worker: Arc<str>,
    /// Ends when the process is stopping: pages under way are then given back.
    pub shutdown: CancellationToken,
}

impl ReaderContext {
    /// Does `work` while its claim is kept alive, and gives the claim back if it does not end
    /// well.
    async fn conduct(
        &self,
        claim: &ReadingClaim,
        attempts: i32,
        work: impl Future<Output = Result<(), Interrupted>>,
    ) -> Disposition {
        let worked = tokio::select! {
            worked = work => worked,
            () = lease::lost(&self.stores, claim) => Err(Interrupted::Lost),
            () = self.shutdown.cancelled() => Err(Interrupted::Stopping),
        };
        let (wait, counts) = match worked {
            Ok(()) => return Disposition::Ack,
            Err(Interrupted::Lost) => {
                info!("the claim was lost");
                return Disposition::Ack;
            }
            Err(Interrupted::Stopping) => (Duration::ZERO, false),
            Err(Interrupted::Failed(error)) => {
                let error: &(dyn std::error::Error + 'static) = error.as_ref();
                warn!(error, "extracting text failed");
                (pause(attempts), true)
            }
        };
        if let Err(error) = self
            .stores
            .library
            .give_back_reading(claim, wait, counts)
            .await
        {
            let error = &error as &dyn std::error::Error;
            warn!(
                error,
                "could not give a claim back; it is free again when its lease expires"
            );
        }
        Disposition::RetryIn(wait)
    }
}

/// Why a claim was not brought to its end.
#[derive(Debug, thiserror::Error)]
enum Interrupted {
    /// Another process has it now.
    #[error("the claim was lost")]
    Lost,
    /// The process is to stop.
    #[error("the process is stopping")]
    Stopping,
    /// It may work later.
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

impl From<fetch_db::Error> for Interrupted {
    fn from(error: fetch_db::Error) -> Interrupted {
        Interrupted::Failed(error.into())
    }
}

/// How long to wait after that many attempts failed.
fn pause(attempts: i32) -> Duration {
    retry::pause(attempts, rand::random())
}
