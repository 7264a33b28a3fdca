//! Versions side by side: a program serves a newer schema, says what an older one lacks, and no
//! migration takes away what the version before it uses.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use fetch_db::{roles::WhoseRoles, schema::OldSchema};
use sqlx::{AssertSqlSafe, PgPool};
use testkit::TestStore;

/// What versions that are in use were built for. Migrations up to this one are history; each one
/// after it has to leave the version before it working until the next release.
///
/// These are those of 0.1.0, the first release. Raised at a release to the last migration of the release
/// before it.
const RELEASED: i64 = 7;

/// How the checksums of released migrations begin, as every migrated database has them.
const CHECKSUMS: [(i64, &str); 7] = [
    (1, "0b228b843cdac40b"),
    (2, "9053af589f830ab8"),
    (3, "9c509e2aeeaa4be5"),
    (4, "3fcc935e8a00ac6f"),
    (5, "871c56f34eab5f26"),
    (6, "6b4f6208727ff234"),
    (7, "f160de75e2e0ad92"),
];

/// Whoever edits a released file, be it a comment, has every database refused: as changed, or, by the
/// first file, as one that no release can bring up to date.
#[tokio::test]
async fn what_is_released_is_not_edited() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fetch-db/migrations");
    let migrator = sqlx::migrate::Migrator::new(directory).await.unwrap();
    let found: Vec<(i64, String)> = migrator
        .iter()
        .filter(|migration| migration.version <= RELEASED)
        .map(|migration| {
            let checksum = data_encoding::HEXLOWER.encode(&migration.checksum);
            (migration.version, checksum[..16].to_owned())
        })
        .collect();
    let released = CHECKSUMS.map(|(version, begins)| (version, begins.to_owned()));
    assert_eq!(found, released);
}

/// The migrations as they lie in the repository, by number.
fn migrations() -> BTreeMap<i64, String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fetch-db/migrations");
    let files = fs::read_dir(directory).unwrap();
    files
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let number = name.split('_').next().unwrap().parse().unwrap();
            (number, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// What a migration does that a program of the version before it would notice.
fn takes_away(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    for statement in statements(sql) {
        let words: Vec<&str> = statement
            .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
            .filter(|word| !word.is_empty())
            .collect();
        let has = |phrase: &[&str]| words.windows(phrase.len()).any(|part| part == phrase);
        let alters = has(&["alter", "table"]);
        let drops = words.iter().filter(|word| **word == "drop").count();
        if drops != checks_said_anew(&words) {
            found.push(format!("drops: {statement}"));
        }
        if has(&["rename"]) {
            found.push(format!("renames: {statement}"));
        }
        // `alter column x type …`, with or without `set data`.
        let retypes = words
            .windows(4)
            .any(|part| part[0] == "alter" && part[1] == "column" && part[3] == "type")
            || has(&["set", "data", "type"]);
        if retypes {
            found.push(format!("changes a type: {statement}"));
        }
        if has(&["set", "not", "null"]) {
            found.push(format!("forbids nulls: {statement}"));
        }
        for clause in clauses(&statement).filter(|_| alters) {
            let clause = format!(
                " {} ",
                clause.split_whitespace().collect::<Vec<_>>().join(" ")
            );
            let adds = clause.contains(" add column ");
            if adds && clause.contains(" not null") && !clause.contains(" default ") {
                found.push(format!("an old program leaves this out:{clause}"));
            }
        }
    }
    found
}

/// How many checks are said anew in the statement that drops them, to make room for more. An old program never writes
/// what only the new one allows.
fn checks_said_anew(words: &[&str]) -> usize {
    let dropped = words
        .windows(3)
        .filter(|part| part[..2] == ["drop", "constraint"]);
    let is_said_anew = |name: &str| {
        let anew = ["add", "constraint", name, "check"];
        words.windows(4).any(|part| part == anew)
    };
    dropped.filter(|part| is_said_anew(part[2])).count()
}

/// The statements, in small letters, without comments and without what stands in quotes.
fn statements(sql: &str) -> Vec<String> {
    let mut bare = String::new();
    for line in sql.lines() {
        bare.push_str(line.split("--").next().unwrap_or_default());
        bare.push('\n');
    }
    let outside = bare.split('\'').step_by(2).collect::<Vec<_>>().join("''");
    outside
        .to_lowercase()
        .split(';')
        .map(|statement| statement.trim().to_owned())
        .filter(|statement| !statement.is_empty())
        .collect()
}

/// The parts between the commas that stand in no parentheses.
fn clauses(statement: &str) -> impl Iterator<Item = String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for letter in statement.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts.into_iter()
}

#[test]
fn a_migration_only_adds_until_the_next_release() {
    for (number, sql) in migrations().range(RELEASED + 1..) {
        let found = takes_away(sql);
        assert!(
            found.is_empty(),
            "migration {number} takes away what the version before it uses; see \
             docs/adr/0018-versions-side-by-side.md:\n{}",
            found.join("\n")
        );
    }
}

#[test]
fn what_takes_away_is_found() {
    for sql in [
        "drop table users",
        "alter table users drop constraint users_name_check",
        "alter table users drop constraint users_name_key, add constraint users_name_key unique (name, id)",
        "alter table users drop constraint a_check, add constraint a_check check (a > 0), drop column b",
        "alter table users drop column name",
        "ALTER TABLE users\n  RENAME COLUMN name TO called",
        "alter table users rename to people",
        "alter table users alter column name type varchar(10)",
        "alter table users alter column name set data type varchar(10)",
        "alter table users alter column note set not null",
        "alter table users add column age integer not null",
        "alter table users add column a int default 1, add column b numeric(3, 2) not null",
    ] {
        assert!(!takes_away(sql).is_empty(), "{sql}");
    }
}

#[test]
fn what_only_adds_is_let_through() {
    for sql in [
        "create table users (name text not null, kind type_of_user)",
        "-- to drop and rename nothing\nalter table users add column age integer",
        "alter table users add column age integer not null default 0",
        "alter table users drop constraint a_check, add constraint a_check check (a in ('b', 'c'))",
        "alter table users add column age integer default 0 not null",
        "comment on table users is 'may drop by; rename them'; create index a on users (name)",
        "alter table users add column kind text not null default 'type of user'",
    ] {
        assert_eq!(takes_away(sql), Vec::<String>::new(), "{sql}");
    }
}

async fn run(pool: &PgPool, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(pool)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_served_and_migrating_leaves_it_as_it_is() {
    let Some(TestStore { store, pool, .. }) = testkit::store(2).await else {
        return;
    };
    run(
        &pool,
        "create table of_tomorrow (id bigint);
         alter table fetch_requests add column of_tomorrow text;
         insert into _sqlx_migrations
             (version, description, success, checksum, execution_time)
         values (9999, 'of tomorrow', true, 'x', 0)"
            .to_owned(),
    )
    .await;
    assert_eq!(store.db.old_schema().await.unwrap(), None);
    store.migrate(WhoseRoles::Shared).await.unwrap();
    let mut waited = false;
    store.db.until_migrated(|_| waited = true).await.unwrap();
    assert!(!waited);
}

#[tokio::test]
async fn an_older_schema_is_waited_for_until_it_is_migrated() {
    let Some(database) = testkit::empty_database().await else {
        return;
    };
    let blobs = tempfile::tempdir().unwrap();
    let store = testkit::open_store(&database.url, blobs.path(), 2).await;
    let mut told = Vec::new();
    let migrating = store.clone();
    let mut migration = None;
    let waiting = store.db.until_migrated(|old| {
        told.push(old);
        let migrating = migrating.clone();
        migration.get_or_insert_with(|| {
            tokio::spawn(async move { migrating.migrate(WhoseRoles::Shared).await.unwrap() })
        });
    });
    waiting.await.unwrap();
    migration.unwrap().await.unwrap();
    let first = told.first().unwrap();
    assert!(
        matches!(first, OldSchema::Lacks { at: None, .. }),
        "{first:?}"
    );
    assert_eq!(store.db.old_schema().await.unwrap(), None);
}

/// Migrations that had the same numbers before the first release made another schema.
#[tokio::test]
async fn a_database_from_before_the_first_release_is_told_that_a_new_one_is_needed() {
    let Some(TestStore { store, pool, .. }) = testkit::store(2).await else {
        return;
    };
    // So it stood there in the last version before.
    run(
        &pool,
        "update _sqlx_migrations set checksum = 'another' where version <= 7;
         insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (50, 'request state', true, 'x', 0);
         update granted set version = 50"
            .to_owned(),
    )
    .await;
    let said = "the database was made by a version before 0.1.0, and no release can bring it up to \
                date: make a new database and run `pacer-fetch migrate` for that";
    let migrating = store.migrate(WhoseRoles::Shared).await.unwrap_err();
    assert_eq!(migrating.to_string(), said);

    let waiting = store.db.old_schema().await.unwrap().unwrap();
    assert_eq!(waiting.to_string(), said);
    let mut told = Vec::new();
    let waits = store.db.until_migrated(|old| told.push(old));
    // Nothing but a new database ends this.
    tokio::time::timeout(Duration::from_secs(2), waits)
        .await
        .unwrap_err();
    assert!(
        told.len() > 1 && told.iter().all(|old| *old == waiting),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_program_that_starts_adds_courts_and_corrects_none() {
    let Some(TestStore { store, pool, .. }) = testkit::store(2).await else {
        return;
    };
    run(
        &pool,
        "delete from courts where id = 'cand';
         update courts set pacer_id = 'of-tomorrow' where id = 'nysd'"
            .to_owned(),
    )
    .await;
    store.queue.add_new_courts().await.unwrap();
    let ids: Vec<(String, String)> =
        sqlx::query_as("select id, pacer_id from courts where id in ('cand', 'nysd') order by id")
            .fetch_all(&pool)
            .await
            .unwrap();
    let pair = |id: &str, pacer: &str| (id.to_owned(), pacer.to_owned());
    assert_eq!(ids, [pair("cand", "cand"), pair("nysd", "of-tomorrow")]);
    store.migrate(WhoseRoles::Shared).await.unwrap();
    let corrected: String = sqlx::query_scalar("select pacer_id from courts where id = 'nysd'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(corrected, "nysd");
}
