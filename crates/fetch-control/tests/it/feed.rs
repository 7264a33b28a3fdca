//! What was added to the library and changed there: each row at its last place, after what it belongs to, and nothing
//! that is committed late is missed.

use std::{
    collections::{BTreeMap, HashSet},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use fetch_library::{
    Library,
    feed::{ChangeKind, RowChange, Since},
    read::Resource,
};
use fetch_model::DatabaseRole;
use rand::RngExt;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use testkit::TestStore;
use tokio::time;

use crate::{
    database::{Database, database, target},
    merge::{
        MergeDocket,
        documents::pdf,
        pages::{changed_docket, docket, entry, motion, party},
    },
};

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .unwrap();
}

async fn add_docket(connection: &mut PgConnection, number: &str) {
    let sql = format!("insert into dockets (court_id, docket_number) values ('cand', '{number}')");
    run(connection, &sql).await;
}

/// The place up to which all is known, once that is the last one: transactions of other tests are waited for, too.
async fn known(library: &Library) -> i64 {
    let known = testkit::until("the watermark", Duration::from_secs(60), async || {
        let known = library.changes_known().await?;
        let last = library.archive().await?.last_place;
        Ok(known
            .filter(|known| *known == last)
            .ok_or(format!("{known:?} of {last}")))
    });
    known.await.unwrap()
}

async fn all(library: &Library) -> Vec<RowChange> {
    let known = known(library).await;
    library.changes_after(0, known, 10_000).await.unwrap()
}

fn told(changes: &[RowChange]) -> Vec<(Resource, i64, ChangeKind)> {
    let told = changes
        .iter()
        .map(|change| (change.resource.unwrap(), change.id, change.change.unwrap()));
    told.collect()
}

#[tokio::test]
async fn what_is_committed_late_is_neither_missed_nor_overtaken() {
    let Some(built) = testkit::store(6).await else {
        return;
    };
    let (library, pool) = (&built.of(DatabaseRole::Gateway).await.library, &built.pool);
    assert_eq!(known(library).await, 0, "there is none yet");
    let mut late = pool.begin().await.unwrap();
    add_docket(&mut late, "late").await;
    let mut later = pool.begin().await.unwrap();
    add_docket(&mut later, "later").await;
    add_docket(&mut pool.acquire().await.unwrap(), "soon").await;
    for _ in 0..2 {
        let known = library.changes_known().await.unwrap();
        assert_eq!(known, Some(0), "the first is not there yet");
    }
    later.commit().await.unwrap();
    assert_eq!(library.changes_known().await.unwrap(), Some(0));
    late.commit().await.unwrap();
    let dockets = [1, 2, 3].map(|id| (Resource::Dockets, id, ChangeKind::Added));
    assert_eq!(told(&all(library).await), dockets);

    // A row that moves on while it is not committed is where it was.
    let mut moving = pool.begin().await.unwrap();
    run(&mut moving, "update dockets set cause = 'a' where id = 1").await;
    add_docket(&mut pool.acquire().await.unwrap(), "other").await;
    assert_eq!(library.changes_known().await.unwrap(), Some(3));
    moving.rollback().await.unwrap();
    let after = known(library).await;
    let rest = library.changes_after(3, after, 10).await.unwrap();
    assert_eq!(told(&rest), [(Resource::Dockets, 4, ChangeKind::Added)]);
}

/// Changes of its own dockets and of those of all, in transactions that take their time.
async fn write(pool: PgPool, writer: i64) {
    for round in 0..25 {
        let (pause, shared, is_regretted) = {
            let mut rng = rand::rng();
            let shared: i64 = rng.random_range(1..=3);
            (rng.random_range(0..15), shared, rng.random_range(0..5) == 0)
        };
        let mut transaction = pool.begin().await.unwrap();
        let sql = format!(
            "with docket as (insert into dockets (court_id, docket_number) values ('cand', '{writer}-{round}')
                 returning id)
             insert into docket_entries (docket_id, entry_number) select id, 1 from docket"
        );
        run(&mut transaction, &sql).await;
        time::sleep(Duration::from_millis(pause)).await;
        let sql = format!(
            "update dockets set cause = '{writer}-{round}' where id = {shared};
             insert into docket_entries (docket_id, entry_number) values ({shared}, {round})"
        );
        run(&mut transaction, &sql).await;
        match is_regretted {
            true => transaction.rollback().await.unwrap(),
            false => transaction.commit().await.unwrap(),
        }
    }
}

/// Reads in small pages until the writers are done and nothing more comes; gives each change as it was told last.
async fn follow(library: &Library, done: &AtomicBool) -> BTreeMap<(i64, String), i64> {
    let (mut after, mut last_told, mut there) = (0, BTreeMap::new(), HashSet::new());
    loop {
        let is_done = done.load(Ordering::Acquire);
        let up_to = match is_done {
            true => known(library).await,
            false => library.changes_known().await.unwrap().unwrap_or(0),
        };
        let changes = library.changes_after(after, up_to, 7).await.unwrap();
        for change in &changes {
            assert!(change.place > after, "{change:?} after {after}");
            after = change.place;
            if change.resource == Some(Resource::Dockets) {
                there.insert(change.id);
            }
            assert!(
                there.contains(&change.docket),
                "before its docket: {change:?}"
            );
            let row = (
                change.id,
                format!("{:?} {:?}", change.resource, change.change),
            );
            last_told.insert(row, change.place);
        }
        if changes.is_empty() && is_done {
            return last_told;
        }
        if changes.is_empty() {
            time::sleep(Duration::from_millis(2)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_many_writers_misses_nothing_and_hears_of_dockets_first() {
    let Some(built) = testkit::store(10).await else {
        return;
    };
    let library = built.store.library.clone();
    let mut connection = built.pool.acquire().await.unwrap();
    for number in ["a", "b", "c"] {
        add_docket(&mut connection, number).await;
    }
    let done = AtomicBool::new(false);
    let writers: Vec<_> = (0..4)
        .map(|writer| tokio::spawn(write(built.pool.clone(), writer)))
        .collect();
    let writing = async {
        for writer in writers {
            writer.await.unwrap();
        }
        done.store(true, Ordering::Release);
    };
    let (last_told, ()) = tokio::join!(follow(&library, &done), writing);
    let committed = all(&library).await;
    assert!(committed.len() > 100, "{}", committed.len());
    for change in &committed {
        let row = (
            change.id,
            format!("{:?} {:?}", change.resource, change.change),
        );
        assert_eq!(last_told.get(&row), Some(&change.place), "{change:?}");
    }
    assert_eq!(
        last_told.len(),
        committed.len(),
        "what was rolled back was told"
    );
}

impl Database {
    async fn changes_since(&self, place: i64) -> Vec<RowChange> {
        let known = known(&self.store.library).await;
        let since = Since::Place(place);
        let library = &self.store.library;
        library
            .changes_of_docket(1, since, 0, known, 1000)
            .await
            .unwrap()
    }
}

/// Kind, number, what became of it, and in which columns.
fn described(changes: &[RowChange]) -> Vec<String> {
    let mut described: Vec<String> = changes
        .iter()
        .map(|change| {
            let kind = format!("{:?} {}", change.resource.unwrap(), change.id);
            let columns = change.columns.join(",");
            format!("{kind} {} {columns}", change.change.unwrap().as_str())
        })
        .collect();
    described.sort();
    described
}

#[tokio::test]
async fn a_docket_tells_what_each_fetch_added_and_changed_and_in_which_columns() {
    let Some(database) = database().await else {
        return;
    };
    let parties = vec![party("Acme Widgets, Inc.", "Plaintiff", json!({}))];
    let entries = vec![motion(1, "2024-12-30"), motion(2, "2024-12-31")];
    let page = docket(entries.clone(), parties.clone());
    let library = &database.store.library;
    library.merge_docket(&target(), &page).await.unwrap();
    let first = database.changes_since(0).await;
    let expected = [
        "Dockets 1 added ",
        "DocketEntries 1 added ",
        "DocketEntries 2 added ",
        "Parties 1 added ",
        "RecapDocuments 1 added ",
        "RecapDocuments 2 added ",
    ];
    let mut expected: Vec<String> = expected.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(described(&first), expected);
    let seen = library.archive().await.unwrap().last_place;

    // The same page changes nothing.
    library.merge_docket(&target(), &page).await.unwrap();
    assert_eq!(database.changes_since(seen).await, []);

    let mut more = entries;
    more[1] = entry(
        Some(2),
        "2024-12-31",
        "MOTION as corrected",
        json!({ "pacer_doc_id": "03500000002", "pacer_seq_no": "6" }),
    );
    more.push(motion(3, "2025-01-02"));
    let parties = vec![party(
        "Acme Widgets, Inc.",
        "Plaintiff",
        json!({ "extra_info": "a Delaware company" }),
    )];
    let closed = json!({ "date_terminated": "2025-02-01" });
    let page = changed_docket(more, parties, closed);
    library.merge_docket(&target(), &page).await.unwrap();
    library
        .save_pdf(fetch_model::DocumentId(1), &pdf('a'))
        .await
        .unwrap();
    let second = described(&database.changes_since(seen).await);
    let starts = |start: &str| second.iter().any(|line| line.starts_with(start));
    assert!(
        starts("Dockets 1 changed date_last_filing,date_terminated"),
        "{second:#?}"
    );
    assert!(
        second.contains(&"DocketEntries 2 changed description".to_owned()),
        "{second:#?}"
    );
    assert!(
        second.contains(&"DocketEntries 3 added ".to_owned()),
        "{second:#?}"
    );
    assert!(
        second.contains(&"RecapDocuments 3 added ".to_owned()),
        "{second:#?}"
    );
    assert!(starts("Parties 1 changed "), "{second:#?}");
    assert!(
        starts("RecapDocuments 1 changed date_upload,file_size,filepath_local,is_available"),
        "{second:#?}"
    );
    assert_eq!(second.len(), 6, "{second:#?}");
    // What was added since is not told as changed, and columns are those since then.
    let now = library.archive().await.unwrap().last_place;
    let mut connection = database.pool.acquire().await.unwrap();
    run(
        &mut connection,
        "update dockets set cause = 'other' where id = 1",
    )
    .await;
    let third = described(&database.changes_since(now).await);
    assert_eq!(third, ["Dockets 1 changed cause"]);
    assert_eq!(described(&database.changes_since(0).await).len(), 8);
}

#[tokio::test]
async fn since_a_time_is_what_was_written_then_or_later() {
    let Some(built) = testkit::store(4).await else {
        return;
    };
    let (library, pool) = (&built.store.library, &built.pool);
    let mut connection = pool.acquire().await.unwrap();
    add_docket(&mut connection, "a").await;
    run(&mut connection, "update dockets set cause = 'first'").await;
    let time = sqlx::query_scalar("select clock_timestamp()");
    let time = time.fetch_one(pool).await.unwrap();
    run(
        &mut connection,
        "update dockets set nature_of_suit = 'then'",
    )
    .await;
    run(
        &mut connection,
        "insert into docket_entries (docket_id) values (1)",
    )
    .await;
    run(
        &mut connection,
        "update docket_entries set description = 'new'",
    )
    .await;
    let known = known(library).await;
    let changes = library
        .changes_of_docket(1, Since::Time(time), 0, known, 10)
        .await
        .unwrap();
    assert_eq!(
        described(&changes),
        ["DocketEntries 1 added ", "Dockets 1 changed nature_of_suit"]
    );
}

/// A row that moved on before it was told, to a place that is not settled yet.
#[tokio::test]
async fn no_column_is_lost_between_two_places_of_a_row() {
    let Some(built) = testkit::store(6).await else {
        return;
    };
    let (library, pool) = (&built.store.library, &built.pool);
    let mut connection = pool.acquire().await.unwrap();
    add_docket(&mut connection, "a").await;
    let seen = known(library).await;
    run(&mut connection, "update dockets set cause = 'first'").await;
    run(
        &mut connection,
        "insert into docket_entries (docket_id) values (1)",
    )
    .await;
    let settled = known(library).await;
    let mut open = pool.begin().await.unwrap();
    add_docket(&mut open, "b").await;
    run(
        &mut connection,
        "update dockets set nature_of_suit = 'then' where id = 1",
    )
    .await;
    let up_to = library.changes_known().await.unwrap().unwrap();
    assert_eq!(up_to, settled);
    let since = Since::Place(seen);
    let changes = library
        .changes_of_docket(1, since, 0, up_to, 10)
        .await
        .unwrap();
    assert_eq!(
        described(&changes),
        [
            "DocketEntries 1 added ",
            "Dockets 1 changed cause,nature_of_suit"
        ]
    );
    open.commit().await.unwrap();
    let (up_to, since) = (known(library).await, Since::Place(settled));
    let changes = library
        .changes_of_docket(1, since, 0, up_to, 10)
        .await
        .unwrap();
    assert_eq!(described(&changes), ["Dockets 1 changed nature_of_suit"]);
}

#[tokio::test]
async fn what_hangs_off_parties_changes_them_and_what_is_removed_is_told() {
    let Some(TestStore { store, pool, .. }) = testkit::store(4).await else {
        return;
    };
    let library = &store.library;
    let mut connection = pool.acquire().await.unwrap();
    add_docket(&mut connection, "a").await;
    run(
        &mut connection,
        "insert into parties (docket_id, name) values (1, 'a'), (1, 'b');
         insert into attorneys (docket_id, name) values (1, 'c')",
    )
    .await;
    let mut after = known(library).await;
    for (sql, expected) in [
        ("update parties set name = name", &[][..]),
        (
            "insert into party_types (docket_id, party_id, name) values (1, 1, 'Defendant')",
            &["Parties 1 changed "],
        ),
        (
            "insert into criminal_counts (party_type_id, name, status) values (1, 'a', 1)",
            &["Parties 1 changed "],
        ),
        (
            "insert into roles (docket_id, party_id, attorney_id) values (1, 2, 1)",
            &["Attorneys 1 changed ", "Parties 2 changed "],
        ),
        ("delete from criminal_counts", &["Parties 1 changed "]),
        (
            "delete from attorneys",
            &["Attorneys 1 removed ", "Parties 2 changed "],
        ),
        (
            "delete from dockets",
            &[
                "Dockets 1 removed ",
                "Parties 1 removed ",
                "Parties 2 removed ",
            ],
        ),
    ] {
        run(&mut connection, sql).await;
        let known = known(library).await;
        let changes = library.changes_after(after, known, 100).await.unwrap();
        assert_eq!(described(&changes), expected, "{sql}");
        after = known;
    }
}

/// Triggers alone write there.
#[tokio::test]
async fn no_service_makes_changes_up() {
    let Some(built) = testkit::store(2).await else {
        return;
    };
    for role in DatabaseRole::ALL {
        let pool = PgPool::connect(&built.database().url_of(role))
            .await
            .unwrap();
        for statement in [
            "insert into library_changes (kind, row_id, docket_id, change) values ('dockets', 1, 1, 'added')",
            "update library_changes set place = 0",
            "delete from library_changes",
            "update library_archive set id = gen_random_uuid()",
            "select note_library_changed('dockets', '{1}', '{1}', '{[]}')",
        ] {
            let refused = sqlx::raw_sql(statement).execute(&pool).await.unwrap_err();
            let refused = refused.into_database_error().unwrap();
            assert_eq!(
                refused.code().as_deref(),
                Some("42501"),
                "{role:?}: {statement}"
            );
        }
    }
}

/// What was there before changes were noted is told as well, after what it belongs to.
#[tokio::test]
async fn what_was_there_before_is_told_in_order() {
    let Some(database) = testkit::empty_database().await else {
        return;
    };
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fetch-db/migrations");
    let migrator = sqlx::migrate::Migrator::new(folder).await.unwrap();
    let pool = database.pool().await;
    let mut connection = pool.acquire().await.unwrap();
    for migration in migrator.iter() {
        if migration.version == 14 {
            run(
                &mut connection,
                "insert into courts (id, pacer_id, kind, gap_ms, cap) values ('cand', 'cand', 'FD', 1000, 2);
                 insert into dockets (court_id) values ('cand'), ('cand');
                 insert into docket_entries (docket_id, date_modified) values (2, now() + interval '1 hour');
                 insert into recap_documents (docket_entry_id, document_type) values (1, 1);
                 insert into parties (docket_id, name) values (1, 'a')",
            )
            .await;
        }
        run(&mut connection, migration.sql.as_str()).await;
    }
    let told: Vec<String> = sqlx::query_scalar(
        "select kind || ' ' || row_id || ' of ' || docket_id || ' ' || change from library_changes order by place",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(
        told,
        [
            "dockets 1 of 1 added",
            "dockets 2 of 2 added",
            "docket-entries 1 of 2 added",
            "recap-documents 1 of 2 added",
            "parties 1 of 1 added",
            "docket-entries 1 of 2 changed",
        ]
    );
}
