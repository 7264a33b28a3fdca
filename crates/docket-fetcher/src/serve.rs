//! The service: one process, two kinds of job.

use fetch_bus::JobKind;
use fetch_purchase::Fetcher;
use fetch_runtime::Process;

use crate::{Config, DocketJob, MenuJob};

/// Runs the service until it is told to stop.
///
/// # Errors
/// When a neighbour that it cannot do without is away at the start.
pub async fn serve(process: Process<Config>) -> anyhow::Result<()> {
    let fetcher = Fetcher::start(&process).await?;
    let (dockets, menus) = (DocketJob::new(&fetcher), MenuJob::new(&fetcher));
    let stop = process.shutdown();
    tokio::try_join!(
        fetcher.work(JobKind::Docket, dockets, stop.clone()),
        fetcher.work(JobKind::Attachments, menus, stop),
    )?;
    Ok(())
}
