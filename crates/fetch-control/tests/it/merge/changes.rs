//! What was added and changed for a request is noted with it, once.

use fetch_library::{merge::MergedMenu, request_changes::RequestChanges};
use fetch_model::FetchId;
use serde_json::json;

use crate::{
    database::{Database, database, target},
    merge::{
        MergeDocket,
        documents::pdf,
        pages::{attachment, docket, entry, menu, motion, party},
    },
};

impl Database {
    async fn request(&self) -> FetchId {
        let id = self.one(
            "with owner as (
                 insert into users (name) values ('owner')
                 on conflict (name) do update set name = excluded.name returning id)
             insert into fetch_requests (user_id, request_type, show_parties_and_counsel,
                 show_terminated_parties, show_list_of_member_cases, target_court, session_key,
                 account_digest, on_doubt, lane, virtual_time)
             select id, 1, true, false, false, 'cand', 'k', 'd', 'stop', 0, 0 from owner returning id",
        );
        FetchId(id.await)
    }

    async fn changes(&self, request: FetchId) -> Option<RequestChanges> {
        let changes = self.store.library.changes_of(&[request]).await.unwrap();
        changes.get(&request).copied()
    }
}

#[tokio::test]
async fn what_a_request_has_changed_is_noted_once_however_often_it_is_merged() {
    let Some(database) = database().await else {
        return;
    };
    let (first, second) = (database.request().await, database.request().await);
    let library = &database.store.library;
    let (of_first, of_second) = (library.working_for(first), library.working_for(second));
    assert_eq!(database.changes(first).await, None);

    let parties = vec![
        party("Acme Widgets, Inc.", "Plaintiff", json!({})),
        party("Example Bolts LLC", "Defendant", json!({})),
    ];
    let entries = vec![motion(1, "2024-12-30"), motion(2, "2024-12-31")];
    let page = docket(entries.clone(), parties.clone());
    let made = RequestChanges {
        docket_new: true,
        entries_new: 2,
        documents_new: 2,
        parties_new: 2,
        ..RequestChanges::default()
    };
    // An attempt that was killed after it had stored the page has a successor.
    for _ in 0..2 {
        of_first.merge_docket(&target(), &page).await.unwrap();
        assert_eq!(database.changes(first).await, Some(made));
    }

    // Another request: an entry and a party more, one of each different, and what it leaves out stays.
    let mut more = entries;
    more[1] = entry(
        Some(2),
        "2024-12-31",
        "MOTION as corrected",
        json!({ "pacer_doc_id": "03500000002", "pacer_seq_no": "6" }),
    );
    more.push(motion(3, "2025-01-02"));
    let parties = vec![
        party(
            "Acme Widgets, Inc.",
            "Plaintiff",
            json!({ "extra_info": "a Delaware company" }),
        ),
        party("Example Bolts LLC", "Defendant", json!({})),
        party("Third Example", "Movant", json!({})),
    ];
    of_second
        .merge_docket(&target(), &docket(more, parties))
        .await
        .unwrap();
    let changed = RequestChanges {
        entries_new: 1,
        entries_changed: 1,
        documents_new: 1,
        parties_new: 1,
        parties_changed: 1,
        ..RequestChanges::default()
    };
    assert_eq!(database.changes(second).await, Some(changed));
    assert_eq!(database.changes(first).await, Some(made));
}

#[tokio::test]
async fn attachments_and_files_are_noted_and_what_is_forgotten_takes_its_note_along() {
    let Some(database) = database().await else {
        return;
    };
    let document = database.merge_motion().await;
    let nobodys: i64 = database.one("select count(*) from request_changes").await;
    assert_eq!(nobodys, 0, "whoever works for no request notes nothing");
    let (of_menu, of_file) = (database.request().await, database.request().await);
    let page = menu(
        "03500000001",
        vec![
            attachment(1, Some(6), Some("03500000051")),
            attachment(2, Some(2), Some("03500000052")),
        ],
    );
    for _ in 0..2 {
        let library = database.store.library.working_for(of_menu);
        let merged = library
            .merge_attachment_page(document, &page)
            .await
            .unwrap();
        assert!(matches!(merged, MergedMenu::Merged { .. }));
    }
    let noted = database.changes(of_menu).await.unwrap();
    assert_eq!((noted.documents_new, noted.entries_new), (2, 0));
    for _ in 0..2 {
        let library = database.store.library.working_for(of_file);
        library.save_pdf(document, &pdf('a')).await.unwrap();
    }
    let noted = database.changes(of_file).await.unwrap();
    let file = RequestChanges {
        documents_changed: 1,
        ..RequestChanges::default()
    };
    assert_eq!(noted, file);

    let forget = "update fetch_requests
                  set state = 'done', date_completed = now(), date_forgotten = now() where id = $1";
    let forget = sqlx::query(forget).bind(of_menu.0);
    forget.execute(&database.pool).await.unwrap();
    assert_eq!(database.changes(of_menu).await, None);
    assert_eq!(database.changes(of_file).await, Some(file));
}
