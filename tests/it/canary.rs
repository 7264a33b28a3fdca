//! A planted password and one-time code are looked for everywhere that outlives the second they
//! were needed in.

use std::{path::Path, time::Duration};

use anyhow::{Context, ensure};
use sqlx::Row;
use testkit::{Account, DEMO_DOCKET};

const CANARY: &str = "Canary-7f3a!never-at-rest";

/// The one-time code has the password's canary in it, so that one search finds both.
const OTP_CODE: &str = "otp-Canary-7f3a!never-at-rest";

#[tokio::test(flavor = "multi_thread")]
async fn a_password_and_a_code_are_nowhere_afterwards() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack
        .simulator_arg("--account")
        .simulator_arg(format!("canary:{CANARY}"))
        .log_everything()
        .start()
        .await?;
    let api = stack.user("careful").await?;
    let right = Account::new("canary", CANARY);
    let form = [DEMO_DOCKET, &[("otp_code", OTP_CODE)]].concat();
    let done = api
        .wait(&api.submit(&right, &form).await?, Duration::from_secs(60))
        .await?;
    ensure!(done["status"] == 2, "{done}");
    let wrong_password = format!("{CANARY}-wrong");
    let wrong = Account::new("canary", &wrong_password);
    let refused = api.post(&wrong, &form).await?;
    ensure!(refused.status == 400, "a wrong password is refused");
    ensure!(
        !refused.body.to_string().contains(CANARY),
        "the answer repeats the password"
    );

    let found = in_tables(&mut stack.database().await?).await?;
    ensure!(found.is_empty(), "in tables: {found:?}");
    let found = stack.nats_contents_with(CANARY).await?;
    ensure!(found.is_empty(), "in NATS: {found:?}");
    // Everything on disk: logs, blobs, the stores of NATS and Postgres, write-ahead log included.
    let directory = stack.directory().to_owned();
    stack.stop_keeping_files().await?;
    let found = in_files(&directory)?;
    ensure!(found.is_empty(), "in files: {found:?}");
    Ok(())
}

async fn in_tables(database: &mut sqlx::PgConnection) -> anyhow::Result<Vec<String>> {
    let tables = sqlx::query(
        "select quote_ident(table_name) from information_schema.tables where table_schema = 'public'",
    )
    .fetch_all(&mut *database)
    .await?;
    ensure!(tables.len() > 10, "the schema is there");
    let mut found = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let sql =
            format!("select count(*) from {table} as row where position($1 in row::text) > 0");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(CANARY)
            .fetch_one(&mut *database)
            .await?;
        if count > 0 {
            found.push(table);
        }
    }
    Ok(found)
}

fn in_files(directory: &Path) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut left = vec![directory.to_owned()];
    let mut searched = 0;
    while let Some(path) = left.pop() {
        for entry in std::fs::read_dir(&path).with_context(|| path.display().to_string())? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                left.push(entry.path());
            } else if entry.file_type()?.is_file() {
                searched += 1;
                let bytes = std::fs::read(entry.path())?;
                if bytes
                    .windows(CANARY.len())
                    .any(|window| window == CANARY.as_bytes())
                {
                    found.push(entry.path().display().to_string());
                }
            }
        }
    }
    ensure!(searched > 20, "only {searched} files were there to search");
    Ok(found)
}
