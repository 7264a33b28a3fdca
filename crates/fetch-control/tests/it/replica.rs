//! Rows of another archive are taken over as they are, and nothing that was written here is overwritten.

use std::time::Duration;

use fetch_control::Control;
use fetch_library::{
    Library,
    feed::{ChangeKind, RowChange},
    read::Resource,
    replica::{Batch, FollowError, SourceRow},
};
use fetch_model::{DatabaseRole, DocumentId};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};
use testkit::TestStore;

use crate::{
    database::{Database, database, target},
    merge::{
        MergeDocket,
        documents::pdf,
        pages::{docket, entry, motion, party},
    },
};

/// The archive that is followed, in another word than its own: databases of tests are copies of one.
const SOURCE: &str = "01234567-89ab-cdef-0123-456789abcdef";

struct Pair {
    source: Database,
    copy: TestStore,
    follower: Control,
    /// The place that was reached, and what it is called.
    place: i64,
}

impl Pair {
    async fn start() -> Option<Pair> {
        let (source, copy) = (database().await?, testkit::store(4).await?);
        let follower = copy.of(DatabaseRole::Follower).await;
        follower.library.follow(SOURCE).await.unwrap();
        Some(Pair {
            source,
            copy,
            follower,
            place: 0,
        })
    }

    fn called(place: i64) -> String {
        match place {
            0 => String::new(),
            place => place.to_string(),
        }
    }

    /// Takes over all that is new, so many changes at a time.
    async fn follow(&mut self, at_once: i64) -> Result<(), FollowError> {
        let source = &self.source.store.library;
        let known = known(source).await;
        loop {
            let changes = source.changes_after(self.place, known, at_once).await?;
            let Some(last) = changes.last() else {
                return Ok(());
            };
            let rows = rows(source, &changes).await;
            self.take(last.place, &rows).await?;
            self.place = last.place;
        }
    }

    async fn take(&self, to: i64, rows: &[SourceRow]) -> Result<(), FollowError> {
        let batch = Batch {
            archive: SOURCE,
            from: &Pair::called(self.place),
            to: &Pair::called(to),
            rows,
        };
        self.follower.library.take_over(batch).await
    }

    async fn ensure_equal(&self) {
        for table in TABLES {
            let statement = format!(
                "select coalesce(string_agg(to_jsonb(t)::text, E'\n' order by id), '') from {table} t"
            );
            let rows = async |pool: &PgPool| -> String {
                let rows = sqlx::query_scalar(AssertSqlSafe(statement.clone()));
                rows.fetch_one(pool).await.unwrap()
            };
            assert_eq!(
                rows(&self.copy.pool).await,
                rows(&self.source.pool).await,
                "{table}"
            );
        }
    }
}

const TABLES: [&str; 9] = [
    "dockets",
    "docket_entries",
    "recap_documents",
    "parties",
    "party_types",
    "criminal_counts",
    "criminal_complaints",
    "attorneys",
    "roles",
];

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

async fn rows(source: &Library, changes: &[RowChange]) -> Vec<SourceRow> {
    let mut rows = Vec::new();
    for change in changes {
        let resource = change.resource.unwrap();
        let mut stored = source.stored_rows(resource, &[change.id]).await.unwrap();
        rows.push(SourceRow {
            resource,
            id: change.id,
            stored: stored
                .remove(&change.id)
                .filter(|_| change.change != Some(ChangeKind::Removed)),
        });
    }
    rows
}

async fn run(pool: &PgPool, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(pool).await.unwrap();
}

#[tokio::test]
async fn a_copy_is_equal_to_its_source_however_few_rows_come_at_once() {
    let Some(mut pair) = Pair::start().await else {
        return;
    };
    let counsel = json!({ "attorneys": [{
        "name": "Robin Placeholder", "contact": "1 Example Plaza\nSan Francisco, CA 94100", "roles": ["LEAD ATTORNEY"],
    }]});
    let parties = vec![
        party("Acme Widgets, Inc.", "Plaintiff", counsel),
        party("Example Bolts LLC", "Defendant", json!({})),
    ];
    let mut entries = vec![motion(1, "2024-12-30"), motion(2, "2024-12-31")];
    let page = docket(entries.clone(), parties.clone());
    pair.source
        .store
        .library
        .merge_docket(&target(), &page)
        .await
        .unwrap();
    pair.follow(1).await.unwrap();
    pair.ensure_equal().await;

    entries[1] = entry(
        Some(2),
        "2024-12-31",
        "corrected",
        json!({ "pacer_doc_id": "03500000002" }),
    );
    entries.push(motion(3, "2025-01-02"));
    let page = docket(entries, vec![parties[1].clone()]);
    let library = pair.source.store.library.clone();
    library.merge_docket(&target(), &page).await.unwrap();
    library.save_pdf(DocumentId(1), &pdf('a')).await.unwrap();
    run(
        &pair.source.pool,
        "insert into criminal_counts (party_type_id, name, status) select id, 'a', 1 from party_types;
         insert into party_types (docket_id, party_id, name) select docket_id, id, 'Movant' from parties;
         delete from roles",
    )
    .await;
    pair.follow(2).await.unwrap();
    pair.ensure_equal().await;

    // What is taken over again changes nothing, not even a place.
    let last = async |pool: &PgPool| -> i64 {
        let last = sqlx::query_scalar("select max(place) from library_changes");
        last.fetch_one(pool).await.unwrap()
    };
    let before = last(&pair.copy.pool).await;
    let all = library.changes_after(0, pair.place, 1000).await.unwrap();
    let rows = rows(&library, &all).await;
    pair.take(pair.place, &rows).await.unwrap();
    assert_eq!(last(&pair.copy.pool).await, before);

    run(
        &pair.source.pool,
        "delete from docket_entries where entry_number = 1; delete from parties",
    )
    .await;
    pair.follow(1).await.unwrap();
    pair.ensure_equal().await;
}

#[tokio::test]
async fn what_was_written_here_stays_and_is_named() {
    let Some(mut pair) = Pair::start().await else {
        return;
    };
    let page = docket(vec![motion(1, "2024-12-30")], vec![]);
    pair.source
        .store
        .library
        .merge_docket(&target(), &page)
        .await
        .unwrap();
    pair.follow(100).await.unwrap();
    run(
        &pair.copy.pool,
        "update docket_entries set description = 'of here'",
    )
    .await;
    run(&pair.source.pool, "update dockets set cause = 'of there'").await;
    pair.follow(100).await.unwrap();
    run(
        &pair.source.pool,
        "update dockets set cause = 'later'; update docket_entries set description = 'of there'",
    )
    .await;
    let refused = pair.follow(100).await.unwrap_err();
    assert!(
        matches!(&refused, FollowError::Clash { kind, id: 1 } if kind == "docket-entries"),
        "{refused}"
    );
    let now: String =
        sqlx::query_scalar("select cause || description from dockets, docket_entries")
            .fetch_one(&pair.copy.pool)
            .await
            .unwrap();
    assert_eq!(now, "of thereof here", "all of it or nothing");

    // A row of another archive under the same number.
    let other = "00000000-0000-0000-0000-000000000001";
    let follower = &pair.follower.library;
    assert_eq!(follower.follow(other).await.unwrap(), "");
    let source = &pair.source.store.library;
    let rows = rows(source, &source.changes_after(0, 1, 1).await.unwrap()).await;
    let batch = Batch {
        archive: other,
        from: "",
        to: "1",
        rows: &rows,
    };
    let refused = follower.take_over(batch).await.unwrap_err();
    assert!(
        matches!(refused, FollowError::Clash { id: 1, .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn of_two_who_follow_the_same_archive_one_is_told_of_the_other() {
    let Some(mut pair) = Pair::start().await else {
        return;
    };
    let page = docket(vec![motion(1, "2024-12-30")], vec![]);
    pair.source
        .store
        .library
        .merge_docket(&target(), &page)
        .await
        .unwrap();
    pair.follow(100).await.unwrap();
    assert_eq!(
        pair.follower.library.follow(SOURCE).await.unwrap(),
        Pair::called(pair.place)
    );
    pair.place = 0;
    let refused = pair.take(7, &[]).await.unwrap_err();
    assert!(matches!(refused, FollowError::MovedOn), "{refused}");
}

/// A source with a docket that has two parties, the first of them with a role and a count; all of it is here.
async fn with_parties() -> Option<Pair> {
    let mut pair = Pair::start().await?;
    let counsel = json!({ "attorneys": [{
        "name": "Robin Placeholder", "contact": "1 Example Plaza", "roles": ["LEAD ATTORNEY"],
    }]});
    let parties = vec![
        party("Acme Widgets, Inc.", "Plaintiff", counsel),
        party("Example Bolts LLC", "Defendant", json!({})),
    ];
    let page = docket(vec![motion(1, "2024-12-30")], parties);
    let library = &pair.source.store.library;
    library.merge_docket(&target(), &page).await.unwrap();
    let counts = "insert into criminal_counts (party_type_id, name, status) select min(id), 'a', 1 from party_types";
    run(&pair.source.pool, counts).await;
    pair.follow(100).await.unwrap();
    Some(pair)
}

/// A row of the source as it tells it.
async fn told(pair: &Pair, resource: Resource, id: i64) -> SourceRow {
    let mut stored = pair
        .source
        .store
        .library
        .stored_rows(resource, &[id])
        .await
        .unwrap();
    SourceRow {
        resource,
        id,
        stored: stored.remove(&id),
    }
}

#[tokio::test]
async fn a_source_writes_no_other_rows_than_those_that_it_tells_of() {
    let Some(pair) = with_parties().await else {
        return;
    };
    run(&pair.copy.pool, "update dockets set cause = 'of here'").await;
    let of_docket = told(&pair, Resource::Dockets, 1).await;
    let of_party = told(&pair, Resource::Parties, 1).await;
    let tampered = [
        (&of_docket, "/row/id", json!("1")),
        (&of_party, "/row/id", json!(2)),
        (&of_party, "/row/docket_id", json!("1")),
        (&of_party, "/party_types/0/party_id", json!(2)),
        (&of_party, "/party_types/0/docket_id", json!(77)),
        (&of_party, "/party_types/0/id", json!("1")),
        (&of_party, "/criminal_counts/0/party_type_id", json!(2)),
        (&of_party, "/roles/0/party_id", json!(2)),
        (&of_party, "/roles/0/docket_id", json!(77)),
        (&of_party, "/roles/0/attorney_id", json!("1")),
    ];
    let tampered = tampered.map(|(row, pointer, value)| {
        let mut row = row.clone();
        let stored = row.stored.as_mut().unwrap();
        *stored.pointer_mut(pointer).unwrap() = value;
        (pointer, row)
    });
    let mut other = of_docket.clone();
    other.id = 999_999_999;
    for (what, row) in tampered.into_iter().chain([("/id", other)]) {
        let refused = pair.take(pair.place + 1, &[row]).await;
        assert!(
            matches!(refused, Err(FollowError::Stranger { .. })),
            "{what}: {refused:?}"
        );
    }
    let cause: String = sqlx::query_scalar("select cause from dockets")
        .fetch_one(&pair.copy.pool)
        .await
        .unwrap();
    assert_eq!(cause, "of here");
}

#[tokio::test]
async fn nothing_of_a_source_comes_below_what_was_written_here() {
    let Some(pair) = with_parties().await else {
        return;
    };
    run(&pair.copy.pool, "update dockets set cause = 'of here'").await;
    let entry = told(&pair, Resource::DocketEntries, 1).await;
    let refused = pair.take(pair.place + 1, &[entry]).await;
    assert!(
        matches!(&refused, Err(FollowError::Clash { kind, id: 1 }) if kind == "dockets"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_was_written_here_is_not_removed_with_what_the_source_removes() {
    let Some(mut pair) = with_parties().await else {
        return;
    };
    run(
        &pair.copy.pool,
        "insert into recap_documents (id, docket_entry_id, document_type, document_number, attachment_number)
         overriding system value select 77, id, 2, '1', 7 from docket_entries",
    )
    .await;
    for gone in ["delete from docket_entries", "delete from dockets"] {
        run(&pair.source.pool, gone).await;
        let refused = pair.follow(1).await;
        assert!(
            matches!(&refused, Err(FollowError::Clash { kind, .. }) if kind == "recap-documents"),
            "{gone}: {refused:?}"
        );
        // Removed alone, as by a source that tells of nothing else.
        let (resource, id) = match gone.ends_with("dockets") {
            true => (Resource::Dockets, 1),
            false => (Resource::DocketEntries, 1),
        };
        let row = SourceRow {
            resource,
            id,
            stored: None,
        };
        let refused = pair.take(pair.place + 1000, &[row]).await;
        assert!(
            matches!(&refused, Err(FollowError::Clash { kind, .. }) if kind == "recap-documents"),
            "{gone}: {refused:?}"
        );
        assert_eq!(count(&pair.copy.pool).await, 1);
    }
}

async fn count(pool: &PgPool) -> i64 {
    let count = sqlx::query_scalar("select count(*) from recap_documents where id = 77");
    count.fetch_one(pool).await.unwrap()
}
