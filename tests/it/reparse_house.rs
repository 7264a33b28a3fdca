//! What the tests of `pacer-fetch reparse` begin with, and what they do to rows behind its back.

use std::time::Duration;

use anyhow::ensure;
use serde_json::Value;
use sqlx::PgConnection;
use testkit::{Account, Api, Stack};
use tokio::time::{self, Instant};

pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// A case of `cand` and of `nysd`.
pub(crate) const DOCKET: &str = "1:20-cv-90014";

/// A stack with a user, and a way to its rows.
pub(crate) struct House {
    pub stack: Stack,
    pub api: Api,
    pub database: PgConnection,
}

/// A stack as most of these tests have it; none where there is no server for one.
pub(crate) async fn house() -> anyhow::Result<Option<House>> {
    let Some(stack) = testkit::stack() else {
        return Ok(None);
    };
    let stack = stack.start().await?;
    let api = stack.user("clerk").await?;
    let database = stack.database().await?;
    Ok(Some(House {
        stack,
        api,
        database,
    }))
}

pub(crate) async fn fetch(api: &Api, form: &[(&str, &str)]) -> anyhow::Result<Value> {
    let request = api.submit(&Account::demo(), form).await?;
    Ok(api.wait(&request, PATIENCE).await?)
}

/// A document of a docket whose entry says that it has attachments.
pub(crate) async fn document_with_attachments(
    database: &mut PgConnection,
    docket: i64,
) -> anyhow::Result<i64> {
    Ok(sqlx::query_scalar(
        "select d.id from recap_documents d join docket_entries e on e.id = docket_entry_id
         where e.docket_id = $1 and e.description like '%(Attachments:%'
           and attachment_number is null order by 1 limit 1",
    )
    .bind(docket)
    .fetch_one(database)
    .await?)
}

/// Forgets the page of a request, as is done when its life is over.
pub(crate) async fn forget_page_of(
    database: &mut PgConnection,
    request: i64,
) -> anyhow::Result<()> {
    sqlx::query(
        "update captures set item_key = '', url = '', media_type = '', sha256 = '',
             date_forgotten = now() where request_id = $1",
    )
    .bind(request)
    .execute(database)
    .await?;
    Ok(())
}

/// The court is trusted again, whatever it has answered.
pub(crate) async fn trust_again(database: &mut PgConnection) -> anyhow::Result<()> {
    sqlx::query(
        "update courts set paused_until = null, open_since = null, openings = 0,
             consecutive_failures = 0 where open_since is not null or openings > 0",
    )
    .execute(database)
    .await?;
    Ok(())
}

/// Waits until the command waits for a lock.
pub(crate) async fn command_waits(database: &mut PgConnection) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let waits = "select count(*) from pg_stat_activity
                 where usename = 'pacer_fetch_operator' and wait_event_type = 'Lock'";
    loop {
        let waiting: i64 = sqlx::query_scalar(waits).fetch_one(&mut *database).await?;
        if waiting > 0 {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "nobody waits for a lock");
        time::sleep(Duration::from_millis(10)).await;
    }
}
