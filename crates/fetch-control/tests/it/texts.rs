//! Texts are taken page by page, by whoever comes, once.

use std::time::Duration;

use fetch_attempt::FinishedText;
use fetch_library::{
    merge::{DocketTarget, DocumentText, OcrStatus},
    texts::{ClaimedPart, ClaimedText, ReadingClaim, Stage, StoredPage},
};
use fetch_model::{DocumentId, Failure, Fence, FetchId, State};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use testkit::in_state;

use crate::{
    database::{Database, database, target},
    merge::MergeDocket,
    merge::documents::pdf,
    merge::pages::{docket, motion},
};

const LEASE: Duration = Duration::from_secs(60);

impl Database {
    /// A request for a document that was captured just now.
    async fn captured(&self, document: DocumentId) -> FetchId {
        let sql = format!(
            "with someone as (insert into users (name) values (gen_random_uuid()::text) returning id)
             insert into fetch_requests (user_id, request_type, recap_document_id,
                 show_parties_and_counsel, show_terminated_parties, show_list_of_member_cases,
                 target_court, session_key, account_digest, on_doubt, lane, virtual_time)
             select id, 2, {document}, false, false, false, 'cand', '', '', 'stop', 0, 0
             from someone returning id"
        );
        let id = FetchId(self.one(&sql).await);
        self.put(id, State::Captured).await;
        id
    }

    async fn put(&self, id: FetchId, state: State) {
        let set = in_state(state);
        run(
            self,
            &format!("update fetch_requests set {set} where id = {id}"),
        )
        .await;
    }

    /// A request that waits for the text of the document's file.
    async fn waiting(&self, document: DocumentId) -> FetchId {
        let id = self.captured(document).await;
        let handed = crate::readers(&self.store)
            .hand_over(id, Fence(0))
            .await
            .unwrap();
        assert!(handed.is_some(), "the request is handed over");
        id
    }

    async fn claim_text(&self) -> ClaimedText {
        let claim = self
            .store
            .library
            .claim_text("reader", LEASE)
            .await
            .unwrap();
        claim.expect("a text is open")
    }

    async fn claim_part(&self) -> Option<ClaimedPart> {
        self.store
            .library
            .claim_part("reader", LEASE)
            .await
            .unwrap()
    }

    async fn run_out_of_time(&self, table: &str) {
        let sql = format!(
            "update {table} set lease_until = clock_timestamp() - interval '1 s'
                           where lease_until is not null"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(&self.pool)
            .await
            .unwrap();
    }

    /// Plans a scan of so many pages, eight together.
    async fn plan_scan(&self, pages: i32) {
        let claim = self.claim_text().await;
        assert_eq!(claim.stage, Stage::Plan);
        let open: Vec<StoredPage> = (1..=pages).map(|number| page(number, false)).collect();
        let numbers: Vec<i32> = (1..=pages).collect();
        let parts: Vec<Vec<i32>> = numbers.chunks(8).map(<[i32]>::to_vec).collect();
        let planned = crate::readers(&self.store)
            .save_plan(&claim, &open, &parts, &json!([]))
            .await
            .unwrap();
        assert_eq!(planned.unwrap().progress.pages, pages);
    }

    /// Puts the text together as a reader does.
    async fn finish(&self, claim: &ClaimedText) -> Option<Vec<FetchId>> {
        let pages = self
            .store
            .library
            .pages_of_text(&claim.sha256)
            .await
            .unwrap();
        let plain_text = pages
            .iter()
            .map(|page| page.text.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        let finished = FinishedText {
            text: Some(DocumentText {
                plain_text,
                ocr_status: Some(OcrStatus::FromOcr),
                page_count: Some(pages.len() as i32),
            }),
            note: "Read.".to_owned(),
            detail: String::new(),
        };
        let ended = crate::readers(&self.store)
            .finish_text(claim, &finished)
            .await
            .unwrap()?;
        Some(ended.iter().map(|request| request.id).collect())
    }

    async fn state(&self, id: FetchId) -> String {
        self.one(&format!(
            "select state::text || ': ' || message from fetch_requests where id = {id}"
        ))
        .await
    }
}

fn page(number: i32, is_read: bool) -> StoredPage {
    StoredPage {
        page: number,
        text: if is_read {
            format!("page {number}")
        } else {
            String::new()
        },
        source: is_read.then(|| "ocr".to_owned()),
        reason: "only-pictures".to_owned(),
        confidence: is_read.then_some(90.0),
        sure_words: is_read.then_some(0.75),
        hidden_text: serde_json::json!([]),
        millis: 7,
        cut: false,
    }
}

fn text_of(pages: i32) -> String {
    (1..=pages)
        .map(|number| format!("page {number}"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Readers come and go in any order, save pages doubly, late and out of order, and die.
#[tokio::test]
async fn any_order_and_any_doubling_of_parts_gives_the_same_text() {
    const PAGES: i32 = 18;
    let Some(database) = database().await else {
        return;
    };
    let document = database.merge_motion().await;
    for seed in 0..5_u64 {
        let mut chance = StdRng::seed_from_u64(seed);
        let file = char::from_digit(seed as u32, 16).unwrap();
        database
            .store
            .library
            .save_pdf(document, &pdf(file))
            .await
            .unwrap();
        let request = database.waiting(document).await;
        database.plan_scan(PAGES).await;
        // Claims that somebody holds or only believes to hold.
        let mut held: Vec<ClaimedPart> = Vec::new();
        let mut last = 0;
        while last == 0 {
            match chance.random_range(0..12) {
                0 => database.run_out_of_time("text_parts").await,
                1..=3 => held.extend(database.claim_part().await),
                4 if !held.is_empty() => {
                    let claim = held.choose(&mut chance).unwrap();
                    let name = ReadingClaim::Part {
                        id: claim.id,
                        fence: claim.fence,
                    };
                    let given =
                        database
                            .store
                            .library
                            .give_back_reading(&name, Duration::ZERO, false);
                    given.await.unwrap();
                }
                5..=6 if !held.is_empty() => {
                    let claim = held.choose(&mut chance).unwrap();
                    let closed = database.store.library.close_part(claim).await.unwrap();
                    last += usize::from(closed == Some(true));
                }
                _ if !held.is_empty() => {
                    let claim = held.choose(&mut chance).unwrap();
                    let Some(number) = claim.pages.choose(&mut chance) else {
                        continue;
                    };
                    crate::readers(&database.store)
                        .save_page(claim, &page(*number, true))
                        .await
                        .unwrap();
                }
                _ => {}
            }
        }
        // Whatever still arrives is too late and changes nothing.
        for claim in &held {
            assert_eq!(
                database.store.library.close_part(claim).await.unwrap(),
                None
            );
            let late = StoredPage {
                text: "other".to_owned(),
                ..page(1, true)
            };
            assert_eq!(
                crate::readers(&database.store)
                    .save_page(claim, &late)
                    .await
                    .unwrap(),
                None
            );
        }
        assert_eq!(database.claim_part().await, None);
        let claim = database.claim_text().await;
        assert_eq!(claim.stage, Stage::Assemble);
        assert_eq!(database.finish(&claim).await, Some(vec![request]));
        let read: i32 = database
            .one(&format!(
                "select pages_read from texts where sha256 = '{}'",
                claim.sha256
            ))
            .await;
        assert_eq!(read, PAGES, "every page counts once (seed {seed})");
        let text: String = database
            .one(&format!(
                "select plain_text from recap_documents where id = {document}"
            ))
            .await;
        assert_eq!(text, text_of(PAGES), "seed {seed}");
    }
}

#[tokio::test]
async fn a_file_is_read_once_for_all_who_want_it() {
    let Some(database) = database().await else {
        return;
    };
    let document = database.merge_motion().await;
    let consolidated = DocketTarget {
        pacer_case_id: Some("990124".to_owned()),
        ..target()
    };
    let other = docket(vec![motion(1, "2024-12-30")], vec![]);
    database
        .store
        .library
        .merge_docket(&consolidated, &other)
        .await
        .unwrap();
    let saved = database
        .store
        .library
        .save_pdf(document, &pdf('a'))
        .await
        .unwrap();
    assert_eq!(
        saved.len(),
        2,
        "the document and its twin in the other case"
    );
    let first = database.waiting(document).await;
    database.plan_scan(3).await;
    let second = database.waiting(saved[1]).await;
    assert_eq!(
        database
            .store
            .library
            .claim_text("reader", LEASE)
            .await
            .unwrap(),
        None
    );
    let claim = database.claim_part().await.unwrap();
    for number in [1, 2, 3] {
        let progress = crate::readers(&database.store)
            .save_page(&claim, &page(number, true))
            .await;
        let progress = progress.unwrap().unwrap();
        assert_eq!(
            (progress.read, progress.pages, progress.waiting.len()),
            (number, 3, 2)
        );
    }
    assert_eq!(
        database.state(second).await,
        "reading: Reading the document: 3 of 3 pages."
    );
    assert_eq!(
        database.store.library.close_part(&claim).await.unwrap(),
        Some(true)
    );
    let claim = database.claim_text().await;
    assert_eq!(database.finish(&claim).await, Some(vec![first, second]));
    let state = database.state(first).await;
    let told = format!("done: {} Read.", Failure::SHARED);
    assert_eq!(state, told, "the test bought nothing");
    let texts = database
        .lines("select concat_ws('|', plain_text, ocr_status, page_count) from recap_documents")
        .await;
    assert_eq!(texts, vec![format!("{}|1|3", text_of(3)); 2]);

    // Whoever comes later gets the stored pages: nothing is recognised again.
    let third = database.waiting(document).await;
    let claim = database.claim_text().await;
    assert_eq!(claim.stage, Stage::Assemble);
    assert_eq!(database.claim_part().await, None);
    assert_eq!(database.finish(&claim).await, Some(vec![third]));
}

#[tokio::test]
async fn a_claim_that_was_lost_writes_nothing() {
    let Some(database) = database().await else {
        return;
    };
    let document = database.merge_motion().await;
    database
        .store
        .library
        .save_pdf(document, &pdf('a'))
        .await
        .unwrap();
    let request = database.waiting(document).await;
    let stale = database.claim_text().await;
    database.run_out_of_time("texts").await;
    database.plan_scan(2).await;
    let plan = crate::readers(&database.store)
        .save_plan(&stale, &[page(1, true)], &[], &json!([]))
        .await;
    assert_eq!(plan.unwrap(), None);
    assert!(
        !crate::readers(&database.store)
            .refuse_text(&stale, "nonsense")
            .await
            .unwrap()
    );
    assert_eq!(database.finish(&stale).await, None);

    let stale = database.claim_part().await.unwrap();
    database.run_out_of_time("text_parts").await;
    let claim = database.claim_part().await.unwrap();
    assert_eq!(claim.attempts, 2, "nobody read a page in between");
    assert_eq!(
        crate::readers(&database.store)
            .give_up_part(&stale, "given-up")
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        crate::readers(&database.store)
            .save_page(&stale, &page(1, true))
            .await
            .unwrap(),
        None
    );
    let name = ReadingClaim::Part {
        id: stale.id,
        fence: stale.fence,
    };
    assert!(
        !database
            .store
            .library
            .keep_reading(&name, LEASE)
            .await
            .unwrap()
    );

    // What was read counts, the rest is failed, and the request ends.
    crate::readers(&database.store)
        .save_page(&claim, &page(1, true))
        .await
        .unwrap();
    assert_eq!(
        database.store.library.close_part(&claim).await.unwrap(),
        None,
        "a page is open"
    );
    let progress = crate::readers(&database.store)
        .give_up_part(&claim, "given-up")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(progress.read, 2);
    assert_eq!(
        database.store.library.close_part(&claim).await.unwrap(),
        Some(true)
    );
    let claim = database.claim_text().await;
    assert_eq!(database.finish(&claim).await, Some(vec![request]));
    let pages = database
        .store
        .library
        .pages_of_text(&claim.sha256)
        .await
        .unwrap();
    assert_eq!(pages[1].source.as_deref(), Some("failed"));
    assert_eq!(pages[1].reason, "given-up");
}

#[tokio::test]
async fn a_short_scan_does_not_wait_for_a_long_one() {
    let Some(database) = database().await else {
        return;
    };
    let document = database.merge_motion().await;
    database
        .store
        .library
        .save_pdf(document, &pdf('a'))
        .await
        .unwrap();
    database.waiting(document).await;
    database.plan_scan(300).await;
    let begun = database.claim_part().await.unwrap();
    database
        .store
        .library
        .save_pdf(document, &pdf('b'))
        .await
        .unwrap();
    database.waiting(document).await;
    database.plan_scan(2).await;
    let next = database.claim_part().await.unwrap();
    assert_ne!(next.sha256, begun.sha256);
    assert_eq!(next.pages, [1, 2]);
}

/// Reads the next part as a reader does; how many pages it had, and whose they are.
async fn read_part(database: &Database) -> Option<String> {
    let claim = database.claim_part().await?;
    for number in &claim.pages {
        let saved = crate::readers(&database.store)
            .save_page(&claim, &page(*number, true))
            .await;
        saved.unwrap().expect("the claim holds");
    }
    database
        .store
        .library
        .close_part(&claim)
        .await
        .unwrap()
        .unwrap();
    Some(claim.sha256)
}

/// Readers that keep up with what comes, and no more: a short scan every minute, a part a minute.
#[tokio::test]
async fn the_last_part_of_a_long_scan_is_read_however_many_short_ones_keep_coming() {
    let Some(database) = database().await else {
        return;
    };
    let document = database.merge_motion().await;
    database
        .store
        .library
        .save_pdf(document, &pdf('a'))
        .await
        .unwrap();
    database.waiting(document).await;
    database.plan_scan(300).await;
    let open = "select count(*) from text_parts join texts using (sha256)
                where is_open and texts.pages = 300";
    let mut minutes = 0;
    let mut short_ones_first = 0;
    while database.one::<i64>(open).await > 0 {
        assert!(minutes < 60, "the long scan starves");
        let short = format!("short {minutes}");
        sqlx::query(
            "insert into texts (sha256, state, lane, pages) values ($1, 'recognising', 0, 1)",
        )
        .bind(&short)
        .execute(&database.pool)
        .await
        .unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "insert into text_pages (sha256, page, text, reason, millis, cut)
                 values ('{short}', 1, '', '', 0, false);
             insert into text_parts (sha256, part, pages, lane) values ('{short}', 1, '{{1}}', 0)"
        )))
        .execute(&database.pool)
        .await
        .unwrap();
        let read = read_part(&database).await.expect("a part is open");
        short_ones_first += i32::from(read.starts_with("short"));
        minutes += 1;
        // A minute passes.
        sqlx::query("update text_parts set due_at = due_at - interval '1 minute' where is_open")
            .execute(&database.pool)
            .await
            .unwrap();
    }
    assert!((5..=15).contains(&short_ones_first), "{short_ones_first}");
}

/// The same between the lanes.
#[tokio::test]
async fn a_bulk_scan_yields_for_an_hour_and_no_longer() {
    let Some(database) = database().await else {
        return;
    };
    let document = database.merge_motion().await;
    database
        .store
        .library
        .save_pdf(document, &pdf('a'))
        .await
        .unwrap();
    let bulk = database.captured(document).await;
    sqlx::query("update fetch_requests set lane = 1")
        .execute(&database.pool)
        .await
        .unwrap();
    let handed = crate::readers(&database.store)
        .hand_over(bulk, Fence(0))
        .await;
    assert!(handed.unwrap().is_some());
    database.plan_scan(8).await;
    database
        .store
        .library
        .save_pdf(document, &pdf('b'))
        .await
        .unwrap();
    database.waiting(document).await;
    database.plan_scan(8).await;
    let due = "select (due_at - now()) > interval '59 minutes' from text_parts where lane = ";
    assert!(database.one::<bool>(&format!("{due} 1")).await);
    assert!(!database.one::<bool>(&format!("{due} 0")).await);
    let first = database.claim_part().await.unwrap();
    assert_eq!(first.sha256, pdf('b').sha256, "somebody waits for this one");
    // Somebody wants the other one, too.
    database
        .store
        .library
        .save_pdf(document, &pdf('a'))
        .await
        .unwrap();
    database.waiting(document).await;
    assert!(
        !database
            .one::<bool>(&format!("{due} 0 and sha256 = '{}'", pdf('a').sha256))
            .await
    );
}

#[tokio::test]
async fn the_sweeper_adopts_who_waits_and_counts_what_is_open() {
    let Some(database) = database().await else {
        return;
    };
    let document = database.merge_motion().await;
    database
        .store
        .library
        .save_pdf(document, &pdf('a'))
        .await
        .unwrap();
    // Handed over by a version that knew nothing of texts.
    let request = database.captured(document).await;
    database.put(request, State::Reading).await;
    assert_eq!(
        crate::readers(&database.store)
            .requeue_unread()
            .await
            .unwrap(),
        []
    );
    assert_eq!(database.store.library.open_texts().await.unwrap().texts, 1);
    let claim = database.claim_text().await;
    assert_eq!(
        database.store.library.open_texts().await.unwrap().texts,
        0,
        "somebody has it"
    );
    let pages = [page(1, true)];
    let planned = crate::readers(&database.store)
        .save_plan(&claim, &pages, &[], &json!([]))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(planned.parts, 0);
    assert_eq!(database.finish(&claim).await, Some(vec![request]));
    assert_eq!(
        crate::readers(&database.store)
            .requeue_unread()
            .await
            .unwrap(),
        []
    );

    // A request whose document has no file can never be read.
    let lost = database.captured(document).await;
    database.put(lost, State::Reading).await;
    run(
        &database,
        &format!("update fetch_requests set recap_document_id = null where id = {lost}"),
    )
    .await;
    assert_eq!(
        crate::readers(&database.store)
            .requeue_unread()
            .await
            .unwrap(),
        [lost]
    );
    assert!(database.state(lost).await.starts_with("failed: "));
}

async fn run(database: &Database, sql: &str) {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    sqlx::query(sql).execute(&database.pool).await.unwrap();
}

#[tokio::test]
async fn without_any_reader_for_a_day_a_document_is_there_and_its_text_is_not() {
    let Some(database) = database().await else {
        return;
    };
    let document = database.merge_motion().await;
    database
        .store
        .library
        .save_pdf(document, &pdf('a'))
        .await
        .unwrap();
    let store = &database.store;
    let (late, fresh) = (
        database.waiting(document).await,
        database.waiting(document).await,
    );
    let at = |id: FetchId, hours: u32| {
        format!(
            "update fetch_requests set date_modified = now() - interval '{hours} h' where id = {id}"
        )
    };
    run(&database, &at(late, 25)).await;
    run(&database, &at(fresh, 23)).await;
    run(
        &database,
        "update workers set seen = now() - interval '23 h' where kind = 'ocr'",
    )
    .await;
    assert_eq!(crate::readers(store).give_up_reading().await.unwrap(), []);
    run(
        &database,
        "update workers set seen = now() - interval '25 h' where kind = 'ocr'",
    )
    .await;
    let ended = crate::readers(store).give_up_reading().await.unwrap();
    assert_eq!(ended.iter().map(|it| it.id).collect::<Vec<_>>(), [late]);
    let request = store.queue.request(late).await.unwrap().unwrap();
    assert!(request.date_completed.is_some());
    assert_eq!(
        database.state(late).await,
        format!("done: {} {}", Failure::SHARED, Failure::UNREAD)
    );
    assert!(database.state(fresh).await.starts_with("reading: "));
    // Once a reader comes it is read, and whoever waits still has it.
    let claim = database.claim_text().await;
    assert_eq!(claim.stage, Stage::Plan);
}
