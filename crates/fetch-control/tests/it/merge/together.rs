//! Several merges at once.

use std::collections::HashSet;

use fetch_library::merge::DocketTarget;

use crate::{
    database::{database, target},
    merge::{
        MergeDocket,
        pages::{docket, motion, party},
    },
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_merges_of_a_new_case_make_one_docket() {
    let Some(database) = database().await else {
        return;
    };
    let merges: Vec<_> = (0..12_u32)
        .map(|index| {
            let store = database.store.clone();
            // Some know the case id and others only the number.
            let pacer_case_id = (index % 3 != 0).then(|| "990123".to_owned());
            let target = DocketTarget {
                pacer_case_id,
                ..target()
            };
            let rows = (1..=20 + index % 4)
                .map(|number| motion(number, "2024-12-30"))
                .collect();
            let page = docket(
                rows,
                vec![party(
                    "Acme Widgets, Inc.",
                    "Plaintiff",
                    serde_json::json!({}),
                )],
            );
            tokio::spawn(async move { store.library.merge_docket(&target, &page).await })
        })
        .collect();
    let mut dockets = HashSet::new();
    let mut made = 0;
    for merge in merges {
        let merged = merge.await.unwrap().unwrap();
        dockets.insert(merged.docket);
        made += usize::from(merged.is_new);
    }
    assert_eq!((dockets.len(), made), (1, 1));
    assert_eq!(database.one::<i64>("select count(*) from dockets").await, 1);
    assert_eq!(
        database
            .one::<i64>("select count(*) from docket_entries")
            .await,
        23
    );
    assert_eq!(
        database
            .one::<i64>("select count(*) from recap_documents")
            .await,
        23
    );
    assert_eq!(database.one::<i64>("select count(*) from parties").await, 1);
}

/// Rows that were deleted lock nothing, and whoever would go on without them would be alone with nobody.
#[tokio::test]
async fn a_lock_that_is_not_there_is_told_and_not_taken_for_held() {
    let Some(database) = database().await else {
        return;
    };
    let page = docket(vec![motion(1, "2024-12-30")], Vec::new());
    let delete = async |locks: &'static str| {
        sqlx::query(locks).execute(&database.pool).await.unwrap();
    };
    database
        .store
        .library
        .merge_docket(&target(), &page)
        .await
        .unwrap();
    delete("delete from merge_locks where starts_with(name, 'docket ')").await;
    let refused = database.store.library.merge_docket(&target(), &page).await;
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("the stored lock cannot be read"), "{said}");

    assert!(database.store.sweep().await.unwrap().is_some());
    delete("delete from gateway_locks where name = 'sweep'").await;
    let said = database.store.sweep().await.unwrap_err().to_string();
    assert!(said.contains("\"sweep\""), "{said}");
}
