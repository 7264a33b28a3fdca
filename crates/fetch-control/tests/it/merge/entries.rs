//! Dockets and their entries.

use fetch_library::merge::DocketTarget;
use serde_json::json;

use crate::{
    database::{database, target},
    merge::{
        MergeDocket,
        pages::{attorney, changed_docket, docket, entry, motion, party},
    },
};

#[tokio::test]
async fn same_page_twice_changes_nothing() {
    let Some(database) = database().await else {
        return;
    };
    let counsel = json!({ "attorneys": [
        attorney("Robin Placeholder", "1 Example Plaza\n(415) 555-0100\n", &["LEAD ATTORNEY", "PRO HAC VICE"]),
        attorney("", "", &[]),
    ]});
    let listed = json!({ "attachments": [
        { "attachment_number": 0, "description": "", "page_count": 3, "file_size_str": "", "pacer_doc_id": "03500000002", "pacer_seq_no": null },
        { "attachment_number": 1, "description": "Exhibit A", "page_count": 4, "file_size_str": "", "pacer_doc_id": "03500000099", "pacer_seq_no": null },
    ]});
    let page = changed_docket(
        vec![
            motion(1, "2024-12-30"),
            entry(Some(2), "2024-12-30", "ORDER", listed),
            entry(Some(2), "2024-12-30", "SEALED", json!({})),
            entry(None, "2024-12-31", "Receipt", json!({})),
            entry(None, "2024-12-31", "Receipt", json!({})),
        ],
        vec![
            party("Acme Widgets, Inc.", "Plaintiff", counsel),
            party("Example Bolts LLC", "Defendant", json!({})),
        ],
        json!({ "date_converted": "2025-01-02" }),
    );
    let first = database
        .store
        .library
        .merge_docket(&target(), &page)
        .await
        .unwrap();
    assert!(first.is_new);
    assert_eq!((first.entries_new, first.entries_total), (5, 5));
    assert_eq!((first.parties_new, first.party_types_total), (2, 2));
    let before = database.everything().await;

    let second = database
        .store
        .library
        .merge_docket(&target(), &page)
        .await
        .unwrap();
    assert_eq!(second.docket, first.docket);
    assert_eq!(
        (second.is_new, second.entries_new, second.entries_total),
        (false, 0, 5)
    );
    assert_eq!(database.everything().await, before);
    assert_eq!(
        database
            .one::<i64>("select count(*) from recap_documents")
            .await,
        6
    );
    let main: i32 = database
        .one("select page_count from recap_documents where pacer_doc_id = '03500000002'")
        .await;
    assert_eq!(main, 3);
}

/// Its date is no date, and its text was paid for like any other.
#[tokio::test]
async fn an_entry_without_a_date_that_can_be_read_is_kept_in_its_place() {
    let Some(database) = database().await else {
        return;
    };
    let mut undated = entry(Some(2), "2024-12-30", "ORDER of an unknown day", json!({}));
    undated["date_filed"] = json!(null);
    let mut remark = entry(None, "2024-12-30", "Remark of the clerk", json!({}));
    remark["date_filed"] = json!(null);
    let rows = vec![
        remark,
        motion(1, "2024-12-30"),
        undated,
        motion(3, "2025-01-02"),
    ];
    let merge = async |rows| {
        let page = docket(rows, vec![]);
        let library = &database.store.library;
        library.merge_docket(&target(), &page).await.unwrap()
    };
    assert_eq!(merge(rows.clone()).await.entries_new, 4);
    let placed: Vec<(Option<i64>, Option<chrono::NaiveDate>, String)> = sqlx::query_as(
        "select entry_number, date_filed, recap_sequence_number from docket_entries order by 3",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    let day = |text: &str| Some(text.parse().unwrap());
    let at = |text: &str| text.to_owned();
    assert_eq!(
        placed,
        [
            (None, None, at("2024-12-30.001")),
            (Some(1), day("2024-12-30"), at("2024-12-30.002")),
            (Some(2), None, at("2024-12-30.003")),
            (Some(3), day("2025-01-02"), at("2025-01-02.001")),
        ]
    );
    let before = database.everything().await;
    assert_eq!(merge(rows).await.entries_new, 0);
    assert_eq!(database.everything().await, before);

    // A part of the docket in which others stand beside it moves nothing.
    let mut undated = entry(Some(2), "2024-12-30", "ORDER of an unknown day", json!({}));
    undated["date_filed"] = json!(null);
    merge(vec![motion(3, "2025-01-02"), undated]).await;
    assert_eq!(database.everything().await, before);

    // A later report that has the dates gives them to the entries.
    let dated = vec![
        entry(None, "2024-12-30", "Remark of the clerk", json!({})),
        motion(1, "2024-12-30"),
        motion(2, "2024-12-31"),
    ];
    assert_eq!(merge(dated).await.entries_new, 0);
    let now: Option<chrono::NaiveDate> = database
        .one("select date_filed from docket_entries where entry_number = 2")
        .await;
    assert_eq!(now, day("2024-12-31"));
}

#[tokio::test]
async fn report_sorted_the_other_way_is_the_same_docket() {
    let Some(database) = database().await else {
        return;
    };
    let mut rows = vec![
        motion(1, "2024-12-30"),
        motion(2, "2024-12-30"),
        entry(None, "2024-12-30", "Minutes", json!({})),
        motion(3, "2025-01-06"),
    ];
    let ascending = docket(rows.clone(), vec![]);
    rows.reverse();
    let descending = docket(rows, vec![]);
    database
        .store
        .library
        .merge_docket(&target(), &descending)
        .await
        .unwrap();
    let expected = [
        "2024-12-30.001 1 MOTION 1",
        "2024-12-30.002 2 MOTION 2",
        "2024-12-30.003 - Minutes",
        "2025-01-06.001 3 MOTION 3",
    ];
    assert_eq!(database.entries().await, expected);
    let before = database.everything().await;
    database
        .store
        .library
        .merge_docket(&target(), &ascending)
        .await
        .unwrap();
    assert_eq!(database.everything().await, before);
}

#[tokio::test]
async fn parts_in_any_order_make_the_whole() {
    let Some(database) = database().await else {
        return;
    };
    let early = docket(
        vec![motion(1, "2024-12-30"), motion(2, "2024-12-30")],
        vec![],
    );
    let late = docket(
        vec![motion(4, "2024-12-30"), motion(5, "2025-01-06")],
        vec![],
    );
    let middle = docket(
        vec![motion(3, "2024-12-30"), motion(4, "2024-12-30")],
        vec![],
    );
    let whole = docket(
        (1..=5)
            .map(|number| {
                motion(
                    number,
                    if number < 5 {
                        "2024-12-30"
                    } else {
                        "2025-01-06"
                    },
                )
            })
            .collect(),
        vec![],
    );
    let mut results = Vec::new();
    for (case, order) in [
        [&early, &late, &middle],
        [&late, &middle, &early],
        [&middle, &early, &late],
        [&late, &early, &middle],
        [&whole, &middle, &early],
    ]
    .iter()
    .enumerate()
    {
        let target = DocketTarget {
            pacer_case_id: Some(case.to_string()),
            ..target()
        };
        for page in order {
            database
                .store
                .library
                .merge_docket(&target, page)
                .await
                .unwrap();
        }
        results.push(
            database
                .lines(&format!(
                    "select recap_sequence_number || ' ' || entry_number from docket_entries
                     where docket_id = (select id from dockets where pacer_case_id = '{case}')
                     order by recap_sequence_number"
                ))
                .await,
        );
    }
    let expected = [
        "2024-12-30.001 1",
        "2024-12-30.002 2",
        "2024-12-30.003 3",
        "2024-12-30.004 4",
        "2025-01-06.001 5",
    ];
    for result in results {
        assert_eq!(result, expected);
    }
}

#[tokio::test]
async fn later_report_completes_and_erases_nothing() {
    let Some(database) = database().await else {
        return;
    };
    let bare = changed_docket(
        vec![
            entry(Some(1), "2024-12-30", "COMPLAINT", json!({})),
            motion(2, "2024-12-30"),
        ],
        vec![],
        json!({ "nature_of_suit": "", "assigned_to_str": "" }),
    );
    let merged = database
        .store
        .library
        .merge_docket(&target(), &bare)
        .await
        .unwrap();
    let amended = json!({ "pacer_doc_id": "03500000001", "pacer_seq_no": "3" });
    let full = docket(
        vec![
            entry(Some(1), "2024-12-30", "COMPLAINT, amended", amended),
            motion(3, "2025-01-06"),
        ],
        vec![],
    );
    let again = database
        .store
        .library
        .merge_docket(&target(), &full)
        .await
        .unwrap();
    assert_eq!(again.docket, merged.docket);
    assert_eq!((again.entries_new, again.entries_total), (1, 3));
    let empty = changed_docket(
        vec![],
        vec![],
        json!({ "case_name": "Unknown Case Title", "assigned_to_str": "", "nature_of_suit": "Other thing", "cause": "" }),
    );
    let before = database.everything().await;
    database
        .store
        .library
        .merge_docket(&target(), &empty)
        .await
        .unwrap();
    assert_eq!(database.everything().await, before);

    let docket = database
        .lines(
            "select concat_ws('|', case_name, slug, nature_of_suit, assigned_to_str, cause, docket_number_core,
                              pacer_case_id, source, date_last_filing) from dockets",
        )
        .await;
    assert_eq!(
        docket,
        [
            "Acme Widgets, Inc. v. Example Bolts LLC|acme-widgets-inc-v-example-bolts-llc|Contract: Other|Jane Q. Sample|\
          28:1332 Diversity-Breach of Contract|2409876|990123|1|2025-01-06"
        ]
    );
    assert_eq!(
        database.entries().await[0],
        "2024-12-30.001 1 COMPLAINT, amended"
    );
    let document: String = database
        .one("select pacer_doc_id from recap_documents where document_number = '1'")
        .await;
    assert_eq!(document, "03500000001");
}

#[tokio::test]
async fn an_entry_on_a_page_without_dates_is_kept_and_a_change_moves_the_docket() {
    let Some(database) = database().await else {
        return;
    };
    let mut undated = motion(7, "2024-12-30");
    undated["date_filed"] = json!(null);
    let merged = database
        .store
        .library
        .merge_docket(&target(), &docket(vec![undated], vec![]))
        .await
        .unwrap();
    assert_eq!(merged.entries_total, 1);
    let before: String = database
        .one("select date_modified::text from dockets")
        .await;
    database
        .store
        .library
        .merge_docket(&target(), &docket(vec![motion(1, "2024-12-30")], vec![]))
        .await
        .unwrap();
    let after: String = database
        .one("select date_modified::text from dockets")
        .await;
    assert_ne!(before, after);
}

#[tokio::test]
async fn named_docket_is_updated_and_gets_the_case_id_it_lacks() {
    let Some(database) = database().await else {
        return;
    };
    let page = docket(vec![motion(1, "2024-12-30")], vec![]);
    let without = DocketTarget {
        pacer_case_id: None,
        ..target()
    };
    let first = database
        .store
        .library
        .merge_docket(&without, &page)
        .await
        .unwrap();
    let named = DocketTarget {
        docket: Some(first.docket),
        ..target()
    };
    assert_eq!(
        database
            .store
            .library
            .merge_docket(&named, &page)
            .await
            .unwrap()
            .docket,
        first.docket
    );
    let stored = database
        .store
        .library
        .docket(first.docket)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.pacer_case_id.as_deref(), Some("990123"));
    assert_eq!(stored.docket_number.as_deref(), Some("3:24-cv-09876"));

    // Two stored dockets turn out to be one case: neither is broken by it.
    let twin: i64 = database
        .one("insert into dockets (court_id, docket_number) values ('cand', '3:24-cv-09876') returning id")
        .await;
    let named = DocketTarget {
        docket: Some(fetch_model::DocketId(twin)),
        ..target()
    };
    let merged = database
        .store
        .library
        .merge_docket(&named, &page)
        .await
        .unwrap();
    assert_eq!(merged.docket.0, twin);
    assert_eq!(
        database
            .store
            .library
            .docket(merged.docket)
            .await
            .unwrap()
            .unwrap()
            .pacer_case_id,
        None
    );
}

#[tokio::test]
async fn twenty_thousand_entries_merge_in_seconds() {
    let Some(database) = database().await else {
        return;
    };
    let date = |number: u32| {
        format!(
            "20{:02}-{:02}-{:02}",
            number / 2000,
            number / 170 % 12 + 1,
            number / 7 % 28 + 1
        )
    };
    let mut dates: Vec<String> = (0..20_000).map(date).collect();
    dates.sort();
    let page = docket(
        (0..20_000)
            .map(|number| motion(number + 1, &dates[number as usize]))
            .collect(),
        vec![],
    );
    let start = std::time::Instant::now();
    let merged = database
        .store
        .library
        .merge_docket(&target(), &page)
        .await
        .unwrap();
    assert_eq!(merged.entries_new, 20_000);
    let first = start.elapsed();
    let again = database
        .store
        .library
        .merge_docket(&target(), &page)
        .await
        .unwrap();
    assert_eq!((again.entries_new, again.entries_total), (0, 20_000));
    let both = start.elapsed();
    assert!(both.as_secs() < 60, "{first:?}, both {both:?}");
    crate::database::note(&format!(
        "20,000 entries: {first:?}, again {:?}",
        both - first
    ));
}
