//! Who the services are to the database: each somebody else, and nobody its owner.

use std::time::Duration;

use anyhow::ensure;
use dev_stack::{DatabasePasswords, Durability, Postgres, as_user, services::temporary_directory};
use fetch_control::Control;
use fetch_db::{
    DbConfig,
    roles::{RolePasswords, WhoseRoles},
};
use fetch_model::DatabaseRole;
use sqlx::{Connection, PgConnection};
use testkit::{Account, DEMO_DOCKET};

#[tokio::test(flavor = "multi_thread")]
async fn every_service_comes_as_itself_and_finds_what_it_needs() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("ann").await?;
    let request = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let done = api.wait(&request, Duration::from_secs(120)).await?;
    ensure!(done["status"] == 2, "{done}");
    let came: Vec<String> = sqlx::query_scalar(
        "select distinct usename::text from pg_stat_activity
         where backend_type = 'client backend' and pid <> pg_backend_pid() order by 1",
    )
    .fetch_all(&mut stack.database().await?)
    .await?;
    let services = [
        DatabaseRole::DocketFetcher,
        DatabaseRole::Gateway,
        DatabaseRole::Ocr,
        DatabaseRole::PdfFetcher,
    ];
    let expected = services.map(DatabaseRole::name);
    ensure!(came == expected, "{came:?}");
    // What the database denied to anybody is an error here.
    stack.stop().await
}

/// On a server of its own: an owner who may not make roles, and then may.
#[tokio::test(flavor = "multi_thread")]
async fn roles_are_made_by_who_may_and_asked_for_by_who_may_not() -> anyhow::Result<()> {
    if dev_stack::programs::postgres_directory().is_err() {
        testkit::skip("there is no Postgres");
        return Ok(());
    }
    let directory = temporary_directory()?;
    let mut postgres =
        Postgres::start(&directory.path().join("server"), Durability::Careless).await?;
    let mut superuser = PgConnection::connect(&postgres.url("postgres")).await?;
    for statement in [
        "create role plain login password 'of-the-owner'",
        "alter role plain set log_statement = 'all'",
        "create database theirs owner plain",
    ] {
        sqlx::raw_sql(statement).execute(&mut superuser).await?;
    }
    let blobs = tempfile::tempdir()?;
    let connect = async |url: String| {
        let config = DbConfig {
            database_url: url.into(),
            blob_url: blobs.path().display().to_string(),
            max_connections: 2,
            allow_plain: false,
            time_zone: fetch_db::DEFAULT_TIME_ZONE,
        };
        Control::connect(&config).await
    };
    let theirs = postgres.url("theirs");
    let store = connect(as_user(&theirs, "plain", "of-the-owner")).await?;
    let refused = store.migrate(WhoseRoles::ThisDatabases).await;
    let refused = refused.err().map(|error| error.to_string());
    let refused = refused.unwrap_or_default();
    ensure!(
        refused.contains("createrole") && refused.contains("pacer_fetch_pdf_fetcher"),
        "{refused:?}"
    );
    // Nothing is served as long as nobody was granted anything.
    ensure!(store.db.old_schema().await?.is_some());

    sqlx::raw_sql("alter role plain createrole")
        .execute(&mut superuser)
        .await?;
    store.migrate(WhoseRoles::ThisDatabases).await?;
    let passwords = DatabasePasswords::make();
    store
        .db
        .set_passwords(&RolePasswords::parse(&passwords.list().into())?)
        .await?;
    for role in DatabaseRole::ALL {
        let service = connect(passwords.url(role, &theirs)).await?;
        service.db.ensure_least_rights(role).await?;
        let excess = store.db.ensure_least_rights(role).await;
        ensure!(excess.is_err_and(|error| error.to_string().contains("owns tables")));
    }
    // A log that has every statement has none of the passwords.
    let (seen, verifier): (String, String) = (
        std::fs::read_to_string(directory.path().join("server/postgres.log"))?,
        sqlx::query_scalar("select rolpassword from pg_authid where rolname = 'pacer_fetch_ocr'")
            .fetch_one(&mut superuser)
            .await?,
    );
    ensure!(verifier.starts_with("SCRAM-SHA-256$"), "{verifier}");
    ensure!(seen.contains("alter role pacer_fetch_ocr password"));
    ensure!(!seen.contains(passwords.of(DatabaseRole::Ocr)));
    drop(store);
    postgres.stop().await;
    Ok(())
}
