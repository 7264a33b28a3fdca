//! SIGTERM: what is on the wire is finished, and no purchase begins.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use testkit::{Account, Stack};
use tokio::time;

/// How long a court thinks: long enough to be told to stop in the middle.
const LATENCY_MS: u32 = 1500;

/// Requests after the first one have to wait for their turn much longer than that.
const GAP_MS: u32 = 4000;

/// A fetcher with one purchase on the wire and two that wait for their turn is told to stop.
///
/// # Errors
/// When it buys anything else, or does not give the others back.
pub async fn run() -> anyhow::Result<()> {
    let Some(builder) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = builder
        .court_gap_ms(GAP_MS)
        .court_cap(3)
        .simulator_arg("--latency-ms")
        .simulator_arg(LATENCY_MS)
        .start()
        .await?;
    let api = stack.user("leaver").await?;
    let cases = stack.simulator().cases_of("okwd").await?;
    let ordinary = cases
        .into_iter()
        .filter(|case| case.kind == "civil" && case.peculiarity == "none");
    let mut requests = Vec::new();
    for case in ordinary.take(3) {
        let form = [
            ("request_type", "1"),
            ("court", "okwd"),
            ("pacer_case_id", &*case.pacer_case_id),
        ];
        requests.push(api.submit(&Account::demo(), &form).await?);
    }
    until(&stack, "three run, and one is on the wire", |counts| {
        counts == (3, 1, 0)
    })
    .await?;
    stack.inner().stop_one("docket-fetcher").await?;
    ensure!(
        counts(&stack).await? == (0, 0, 1),
        "after SIGTERM: (running, open intents, bought) = {:?}",
        counts(&stack).await?
    );
    let waiting: i64 = sqlx::query_scalar(
        "select count(*) from fetch_requests
         where attempts = 0 and worker is null and state in ('waiting', 'released')",
    )
    .fetch_one(&mut stack.database().await?)
    .await?;
    ensure!(
        waiting == 2,
        "{waiting} were given back without an attempt counted"
    );
    stack.restart("docket-fetcher").await?;
    for request in &requests {
        let done = api.wait(request, Duration::from_secs(60)).await?;
        ensure!(done["status"] == 2, "{done}");
    }
    ensure!(stack.simulator().ledger().await?.len() == 3, "bought once");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// Requests that run, intents that are open, and things that are bought.
type Counts = (i64, i64, i64);

async fn counts(stack: &Stack) -> anyhow::Result<Counts> {
    sqlx::query_as(
        "select (select count(*) from fetch_requests where state in ('running', 'captured')),
                (select count(*) from purchases where state = 'intent'),
                (select count(*) from purchases where state = 'captured')",
    )
    .fetch_one(&mut stack.database().await?)
    .await
    .context("counts")
}

async fn until(stack: &Stack, what: &str, is_so: impl Fn(Counts) -> bool) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let now = counts(stack).await?;
        if is_so(now) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "{what}: {now:?}");
        time::sleep(Duration::from_millis(10)).await;
    }
}
