//! An archive keeps in step with another one, whatever becomes of either: equal row by row, with the files.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use dev_stack::{Child, DatabasePasswords, Durability, Postgres, services::temporary_directory};
use fetch_control::Control;
use fetch_db::{
    DbConfig,
    roles::{RolePasswords, WhoseRoles},
};
use fetch_model::DatabaseRole;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use testkit::{Account, Api, DEMO_DOCKET, MERGED_TABLES, Stack};
use tokio::time::sleep;

const PATIENCE: Duration = Duration::from_secs(120);

/// How long the source is away.
const GAP: Duration = Duration::from_secs(60);

/// Transactions that write to the source, and how many rows each of them adds or changes.
const TRANSACTIONS: i64 = 100;
const ROWS: i64 = 120;

/// An archive on a server of its own, in which nothing is bought.
struct Second {
    postgres: Postgres,
    blobs: PathBuf,
    passwords: DatabasePasswords,
    /// The largest file that is taken, in bytes.
    largest: u64,
    _directory: TempDir,
}

impl Second {
    async fn start() -> anyhow::Result<Second> {
        let directory = temporary_directory()?;
        let server = directory.path().join("server");
        let postgres = Postgres::start(&server, Durability::Careless).await?;
        let mut superuser = PgConnection::connect(&postgres.url("postgres")).await?;
        sqlx::raw_sql("create database second")
            .execute(&mut superuser)
            .await?;
        let blobs = directory.path().join("blobs");
        let control = Control::connect(&DbConfig {
            database_url: postgres.url("second").into(),
            blob_url: blobs.display().to_string(),
            max_connections: 2,
            allow_plain: false,
            time_zone: fetch_db::DEFAULT_TIME_ZONE,
        })
        .await?;
        control.migrate(WhoseRoles::ThisDatabases).await?;
        control.queue.add_new_courts().await?;
        let passwords = DatabasePasswords::make();
        let given = RolePasswords::parse(&passwords.list().into())?;
        control.db.set_passwords(&given).await?;
        Ok(Second {
            postgres,
            blobs,
            passwords,
            largest: fetch_db::blobs::LARGEST_FILE,
            _directory: directory,
        })
    }

    async fn database(&self) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::connect(&self.postgres.url("second")).await?)
    }

    /// Starts `pacer-fetch follow`.
    fn follow(
        &self,
        stack: &mut Stack,
        api: &Api,
        name: &str,
        more: &[&str],
    ) -> anyhow::Result<Child> {
        let url = self
            .passwords
            .url(DatabaseRole::Follower, &self.postgres.url("second"));
        let (blobs, source) = (
            self.blobs.display().to_string(),
            stack.http_url().to_owned(),
        );
        let arguments = [&["follow", &source], more].concat();
        let largest = self.largest.to_string();
        let settings = [
            ("COURT_ANSWER_BYTES", &*largest),
            ("DATABASE_URL", &*url),
            ("BLOB_URL", &*blobs),
            ("TOKEN", &*api.token),
        ];
        stack.inner().start_command(name, &arguments, &settings)
    }

    /// Follows to the end of what is there; gives what was said, and whether that succeeded.
    async fn follow_once(
        &self,
        stack: &mut Stack,
        api: &Api,
        name: &str,
        more: &[&str],
    ) -> anyhow::Result<(String, bool)> {
        let arguments = [&["--once"], more].concat();
        let ended = self
            .follow(stack, api, name, &arguments)?
            .wait(PATIENCE)
            .await?;
        let log = stack.inner().logs().join(format!("{name}.log"));
        Ok((fs::read_to_string(log)?, ended.success()))
    }
}

/// Where a store keeps a file.
fn file_in(blobs: &Path, sha256: &str) -> PathBuf {
    let folder = blobs.join("sha256").join(&sha256[..2]);
    folder.join(&sha256[2..4]).join(sha256)
}

/// Every row of a table, with ids and dates.
async fn rows(database: &mut PgConnection, table: &str) -> anyhow::Result<Vec<String>> {
    let statement = format!("select to_jsonb(t)::text from {table} t order by id");
    let rows = sqlx::query_scalar(AssertSqlSafe(statement));
    Ok(rows.fetch_all(database).await?)
}

async fn ensure_equal(stack: &Stack, second: &Second) -> anyhow::Result<usize> {
    let (mut source, mut copy) = (stack.database().await?, second.database().await?);
    let mut count = 0;
    for table in MERGED_TABLES {
        let (theirs, ours) = (
            rows(&mut source, table).await?,
            rows(&mut copy, table).await?,
        );
        let differs = theirs
            .iter()
            .zip(&ours)
            .find(|(theirs, ours)| theirs != ours);
        ensure!(differs.is_none(), "{table}: {differs:?}");
        ensure!(
            theirs.len() == ours.len(),
            "{table}: {} and {}",
            theirs.len(),
            ours.len()
        );
        count += theirs.len();
    }
    Ok(count)
}

async fn buy(api: &Api, form: &[(&str, &str)]) -> anyhow::Result<()> {
    let request = api.submit(&Account::demo(), form).await?;
    let done = api.wait(&request, PATIENCE).await?;
    ensure!(done["status"] == 2, "{done}");
    Ok(())
}

/// A docket and a document of it; the digest of its file.
async fn buy_both(stack: &Stack, api: &Api) -> anyhow::Result<String> {
    buy(api, DEMO_DOCKET).await?;
    let docket: i64 = sqlx::query_scalar("select min(id) from dockets")
        .fetch_one(&mut stack.database().await?)
        .await?;
    let document = stack.main_document(docket, 1).await?.to_string();
    buy(api, &[("request_type", "2"), ("recap_document", &document)]).await?;
    let sha256 = sqlx::query_scalar("select sha256 from recap_documents where sha256 is not null");
    Ok(sha256.fetch_one(&mut stack.database().await?).await?)
}

/// One case with everything that hangs off one, and changes of those before it.
fn transaction(round: i64) -> String {
    format!(
        "with docket as (
             insert into dockets (court_id, pacer_case_id, docket_number, case_name)
             values ('okwd', 'of-round-{round}', '5:26-cv-{round:05}', 'Round {round}') returning id),
         entries as (
             insert into docket_entries (docket_id, entry_number, description)
             select docket.id, number, 'Entry ' || number from docket, generate_series(1, {ROWS} / 4) as number
             returning id),
         documents as (
             insert into recap_documents (docket_entry_id, document_type, document_number, plain_text)
             select entries.id, 1, '1', repeat('text of round {round} ', 20) from entries),
         party as (
             insert into parties (docket_id, name) select id, 'Party {round}' from docket returning id, docket_id),
         attorney as (
             insert into attorneys (docket_id, name) select id, 'Attorney {round}' from docket returning id),
         kind as (
             insert into party_types (docket_id, party_id, name)
             select docket_id, id, 'Defendant' from party returning id),
         counts as (
             insert into criminal_counts (party_type_id, name, status) select id, 'Count {round}', 1 from kind)
         insert into roles (docket_id, party_id, attorney_id, role)
         select party.docket_id, party.id, attorney.id, 2 from party, attorney;
         update docket_entries set description = description || ' again in {round}', date_modified = now()
         where id in (select id from docket_entries order by id desc offset {round} limit {ROWS} / 2);
         update dockets set case_name = 'Round {round} of others', date_modified = now()
         where pacer_case_id = 'of-round-' || {round} / 2;
         delete from roles where docket_id in
             (select id from dockets where pacer_case_id = 'of-round-' || {round} / 3);
         insert into bankruptcy_information (docket_id, chapter)
         select id, '7' from dockets where pacer_case_id = 'of-round-{round}' and {round} % 5 = 0"
    )
}

/// Writes to the source, whatever becomes of who follows it.
async fn write(url: String) -> anyhow::Result<()> {
    let mut database = PgConnection::connect(&url).await?;
    for round in 1..=TRANSACTIONS {
        let mut begun = database.begin().await?;
        sqlx::raw_sql(AssertSqlSafe(transaction(round)))
            .execute(&mut *begun)
            .await?;
        begun.commit().await?;
        sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

async fn dockets_in(database: &mut PgConnection) -> anyhow::Result<i64> {
    let count = sqlx::query_scalar("select count(*) from dockets");
    Ok(count.fetch_one(database).await?)
}

/// Waits until the copy has this many dockets.
async fn until_dockets(second: &Second, least: i64) -> anyhow::Result<()> {
    let mut copy = second.database().await?;
    testkit::until("dockets of the copy", PATIENCE, async || {
        let now = dockets_in(&mut copy).await?;
        Ok((now >= least).then_some(()).ok_or(now))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_archives_are_equal_after_ten_thousand_changes_kills_of_both_and_a_gap_of_a_minute()
-> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let (api, second) = (stack.user("follower").await?, Second::start().await?);
    let sha256 = buy_both(&stack, &api).await?;

    let mut following = second.follow(&mut stack, &api, "first", &[])?;
    until_dockets(&second, 1).await?;
    let writing = tokio::spawn(write(stack.database_url().to_owned()));
    for (kill, least) in [10, 20].into_iter().enumerate() {
        until_dockets(&second, least).await?;
        following.kill();
        following.wait(PATIENCE).await?;
        following = second.follow(&mut stack, &api, &format!("again-{kill}"), &[])?;
    }
    until_dockets(&second, 25).await?;
    stack.kill("gateway").await?;
    sleep(GAP).await;
    let behind = dockets_in(&mut second.database().await?).await?;
    ensure!(
        behind < TRANSACTIONS,
        "it was cut off, and has {behind} dockets"
    );
    ensure!(following.ended().is_none(), "it waits for the source");
    writing.await??;
    stack.restart("gateway").await?;
    until_dockets(&second, TRANSACTIONS + 1).await?;
    following.kill();
    following.wait(PATIENCE).await?;
    let (said, done) = second.follow_once(&mut stack, &api, "last", &[]).await?;
    ensure!(done, "{said}");

    let count = ensure_equal(&stack, &second).await?;
    let changes = sqlx::query_scalar("select last_value from library_changes_place_seq");
    let changes: i64 = changes.fetch_one(&mut stack.database().await?).await?;
    ensure!(changes > 10_000, "{changes} changes");
    println!("{changes} changes; {count} rows are equal");
    let file = file_in(&second.blobs, &sha256);
    let bytes = fs::read(&file).with_context(|| format!("{}", file.display()))?;
    ensure!(
        bytes.starts_with(b"%PDF"),
        "the file came with its document"
    );
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_written_here_is_overwritten_and_each_no_has_its_sentence()
-> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let (api, second) = (stack.user("follower").await?, Second::start().await?);
    buy(&api, DEMO_DOCKET).await?;
    let (said, done) = second
        .follow_once(&mut stack, &api, "begins", &["--without-files"])
        .await?;
    ensure!(done && said.contains("in step up to"), "{said}");
    ensure_equal(&stack, &second).await?;

    let (mut source, mut copy) = (stack.database().await?, second.database().await?);
    sqlx::raw_sql("update dockets set cause = 'of this archive'")
        .execute(&mut copy)
        .await?;
    sqlx::raw_sql("update dockets set cause = 'of the source'")
        .execute(&mut source)
        .await?;
    let (said, done) = second.follow_once(&mut stack, &api, "clashes", &[]).await?;
    ensure!(!done && said.contains("nothing was overwritten"), "{said}");
    let cause: String = sqlx::query_scalar("select cause from dockets")
        .fetch_one(&mut copy)
        .await?;
    ensure!(cause == "of this archive", "{cause}");

    // A source that was restored to an earlier state has places again that were told for others.
    sqlx::raw_sql("update library_follows set cursor = '999999.' || split_part(cursor, '.', 2)")
        .execute(&mut copy)
        .await?;
    let (said, done) = second.follow_once(&mut stack, &api, "lost", &[]).await?;
    ensure!(!done && said.contains("--again"), "{said}");
    let stranger = api.with_token("0123456789012345678901234567890123456789");
    let (said, done) = second
        .follow_once(&mut stack, &stranger, "stranger", &[])
        .await?;
    ensure!(
        !done && said.contains("does not accept the token"),
        "{said}"
    );
    sqlx::raw_sql(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                   values (99999, 'of tomorrow', true, '', 0)",
    )
    .execute(&mut copy)
    .await?;
    let (said, done) = second.follow_once(&mut stack, &api, "older", &[]).await?;
    ensure!(!done && said.contains("run the same version"), "{said}");
    stack.stop().await
}

/// A file that does not come as its document says holds nothing up, and is asked for again by the next run.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_damaged_or_too_large_is_left_out_until_a_later_run() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let (api, mut second) = (stack.user("follower").await?, Second::start().await?);
    let sha256 = buy_both(&stack, &api).await?;
    let file = file_in(&stack.directory().join("blobs"), &sha256);
    let copy = file_in(&second.blobs, &sha256);
    let bytes = fs::read(&file)?;
    let mut damaged = bytes.clone();
    damaged.reverse();
    // The source has lost it: what names it is copied all the same.
    fs::remove_file(&file)?;
    let (said, done) = second.follow_once(&mut stack, &api, "lost", &[]).await?;
    ensure!(
        done && said.contains("(it answers 500), 3 times; its document"),
        "{said}"
    );
    ensure!(said.contains("in step up to"), "{said}");
    ensure_equal(&stack, &second).await?;

    fs::write(&file, &damaged)?;
    let (said, done) = second.follow_once(&mut stack, &api, "damaged", &[]).await?;
    ensure!(done && said.contains(", 3 times; its document"), "{said}");
    ensure!(!copy.exists(), "{}", copy.display());
    // Where the first bytes came no better than the others, nothing was begun.
    let staged = fs::read_dir(second.blobs.join("staging")).map_or(0, Iterator::count);
    ensure!(staged == 0, "{staged} unfinished files");

    fs::write(&file, &bytes)?;
    second.largest = bytes.len() as u64 - 1;
    let (said, done) = second.follow_once(&mut stack, &api, "large", &[]).await?;
    let limit = format!(
        "is larger than the limit of {} bytes (PACER_FETCH_COURT_ANSWER_BYTES)",
        second.largest
    );
    ensure!(done && said.contains(&limit), "{said}");
    ensure!(!copy.exists(), "{}", copy.display());

    // Nothing has changed at the source, and it is brought all the same.
    second.largest = bytes.len() as u64;
    let (said, done) = second.follow_once(&mut stack, &api, "later", &[]).await?;
    ensure!(done && !said.contains("copied without it"), "{said}");
    ensure!(fs::read(&copy)? == bytes, "the file is the source's");
    // The source has noticed what was done to its file.
    let noticed = [
        "the bytes of a blob have changed",
        "the database did not answer a call",
    ];
    stack.stop_with_errors(&noticed).await
}

/// Nobody copies files into the store of another deployment, or into a folder where a volume should be.
#[tokio::test(flavor = "multi_thread")]
async fn files_go_to_the_store_of_this_archive_alone() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let (api, mut second) = (stack.user("follower").await?, Second::start().await?);
    let sha256 = buy_both(&stack, &api).await?;
    let (said, done) = second.follow_once(&mut stack, &api, "first", &[]).await?;
    ensure!(done && file_in(&second.blobs, &sha256).exists(), "{said}");

    let unmounted = second.blobs.with_file_name("unmounted");
    let own = std::mem::replace(&mut second.blobs, unmounted);
    fs::create_dir(&second.blobs)?;
    let (said, done) = second.follow_once(&mut stack, &api, "empty", &[]).await?;
    ensure!(!done && said.contains("PACER_FETCH_BLOB_URL"), "{said}");
    ensure!(said.contains("none of the files of this archive"), "{said}");
    let files = fs::read_dir(&second.blobs)?.count();
    ensure!(files == 0, "{files} files");
    let (said, done) = second
        .follow_once(&mut stack, &api, "without", &["--without-files"])
        .await?;
    ensure!(done, "{said}");
    let (said, done) = second
        .follow_once(&mut stack, &api, "again", &["--again"])
        .await?;
    ensure!(done && file_in(&second.blobs, &sha256).exists(), "{said}");

    // That of somebody else, even if the same file is there.
    let other = "00000000-0000-4000-8000-000000000000";
    fs::write(own.join("archive"), other)?;
    second.blobs = own;
    for more in [&[][..], &["--again"]] {
        let (said, done) = second
            .follow_once(&mut stack, &api, "foreign", more)
            .await?;
        ensure!(!done && said.contains(other), "{said}");
    }
    stack.stop().await
}
