//! What is older than its life goes, a deleted user's things go, and the ledger stays as it is.

use bytes::Bytes;
use fetch_control::farewell::Farewell;
use fetch_db::retention::{AT_ONCE, Kept};
use fetch_ledger::{captures::NewCapture, purchases::NewPurchase, tokens::NewToken};
use fetch_model::{FetchId, FetchKind, State, UserId, expand::Groups};
use testkit::in_state;

use super::house::{COURT, House, capture, docket, document};

const LONG_AGO: &str = "clock_timestamp() - interval '400 days'";
const LATELY: &str = "clock_timestamp() - interval '3 days'";

impl House {
    async fn number(&self, sql: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    /// Every line of the ledger and of its story.
    async fn books(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select to_jsonb(purchases)::text from purchases
             union all select to_jsonb(purchase_events)::text from purchase_events order by 1",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap()
    }

    /// Ends a request at that time, and all that came with it.
    async fn ended(&self, id: FetchId, at: &str) {
        self.run(&format!(
            "update fetch_requests set {set} where id = {id};
             update fetch_requests set docket_number = '1:20-cv-1', date_completed = {at} where id = {id};
             update fetch_steps set at = {at} where request_id = {id};
             update captures set date_created = {at} where request_id = {id};",
            set = in_state(State::Done),
            id = id.0
        ))
        .await;
    }

    /// Keeps a page under a key, as bought by a request.
    async fn page(&self, new: &NewPurchase, text: &'static str) -> String {
        let blob = self
            .store
            .db
            .blobs
            .put(Bytes::from_static(text.as_bytes()), "text/html");
        let blob = blob.await.unwrap();
        let page = NewCapture {
            sha256: blob.sha256.clone(),
            ..capture(new)
        };
        self.keep_as(self.granted(new).await, new, &page).await;
        blob.sha256
    }

    async fn forget_all(&self) -> Vec<i64> {
        let mut forgotten = Vec::new();
        for what in Kept::rows() {
            forgotten.push(self.store.forget_overdue(what).await.unwrap());
        }
        forgotten
    }
}

#[tokio::test]
async fn a_page_is_kept_while_it_may_settle_a_doubt_or_spare_a_purchase() {
    let Some(house) = House::new().await else {
        return;
    };
    let (mut kept, mut pages) = (Vec::new(), Vec::new());
    let put = |state| format!("update fetch_requests set {} where id = $", in_state(state));
    for (what, number) in [
        (
            "update purchases set state = 'doubt' where request_id = $".to_owned(),
            1,
        ),
        (
            "update purchases set pages_awaited = 'x' where request_id = $".to_owned(),
            2,
        ),
        (put(State::Waiting), 3),
        (put(State::Failed), 4),
    ] {
        let bought = house.running(FetchKind::Docket).await;
        let text: &'static str = ["", "one", "two", "three", "four"][number];
        pages.push(house.page(&docket(&bought), text).await);
        house.ended(bought.id, LONG_AGO).await;
        house.run(&what.replace('$', &bought.id.to_string())).await;
        kept.push(bought.id);
    }
    assert_eq!(house.store.forget_overdue(Kept::Captures).await.unwrap(), 0);
    for page in &pages {
        assert!(house.store.db.blobs.get(page).await.is_ok());
    }
    house
        .run(&format!(
            "update purchases set settled_at = now(), pages_awaited = null;
             update fetch_requests set {}",
            in_state(State::Done)
        ))
        .await;
    assert_eq!(house.store.forget_overdue(Kept::Captures).await.unwrap(), 4);
}

#[tokio::test]
async fn what_is_older_than_its_life_goes_and_the_ledger_is_not_touched() {
    let Some(house) = House::new().await else {
        return;
    };
    let bought = house.running(FetchKind::Docket).await;
    let page = house
        .page(&docket(&bought), "<html>the login is here</html>")
        .await;
    let nothing = house.running(FetchKind::Docket).await;
    let young = house.running(FetchKind::Docket).await;
    let under_way = house.running(FetchKind::Docket).await;
    for (id, at) in [
        (bought.id, LONG_AGO),
        (nothing.id, LONG_AGO),
        (young.id, LATELY),
    ] {
        house.ended(id, at).await;
    }
    let old = format!("update fetch_requests set date_created = {LONG_AGO}");
    house.run(&old).await;
    let books = house.books().await;
    assert!(books.len() >= 2, "{books:?}");

    // Two requests, their steps go with them, one page, no text, no delivery.
    assert_eq!(house.forget_all().await, [2, 0, 1, 0, 0]);
    assert_eq!(house.forget_all().await, [0; 5]);

    assert_eq!(house.books().await, books);
    for (id, there) in [
        (bought.id, false),
        (nothing.id, false),
        (young.id, true),
        (under_way.id, true),
    ] {
        let request = house.store.queue.request_of(house.user, id).await.unwrap();
        assert_eq!(request.is_some(), there, "{id}");
        let listed = house
            .store
            .queue
            .requests_of(house.user, &[id.0])
            .await
            .unwrap();
        assert_eq!(listed.len() == 1, there, "{id}");
        assert_eq!(
            house.store.queue.history(id).await.unwrap().is_empty(),
            !there,
            "{id}"
        );
    }
    // The row that the ledger points to says nothing of what was asked for.
    let told = format!(
        "select count(*) from fetch_requests
         where id = {} and docket_number || pacer_case_id || message || session_key = ''",
        bought.id.0
    );
    assert_eq!(house.number(&told).await, 1);
    assert!(
        house.store.db.blobs.get(&page).await.is_err(),
        "the page is there"
    );
    assert_eq!(
        house
            .number("select count(*) from captures where sha256 <> ''")
            .await,
        0
    );
}

/// What the row of a forgotten request still says: that there was one, for whom, of which kind, where, and how it
/// was moved.
const KEPT_OF_A_REQUEST: [&str; 22] = [
    "id",
    "user_id",
    "request_type",
    "target_court",
    "state",
    "status",
    "lane",
    "virtual_time",
    "attempts",
    "snoozes",
    "put_off",
    "unclaimed",
    "fence",
    "reserved_cents",
    "court_ms",
    "published_at",
    "date_created",
    "date_modified",
    "date_started",
    "date_completed",
    "date_forgotten",
    // The careful one, whatever it was.
    "on_doubt",
];

/// Whichever column comes to a request later, it is one of those above, or empty.
#[tokio::test]
async fn a_forgotten_request_keeps_nothing_that_it_asked_for_or_found() {
    let Some(house) = House::new().await else {
        return;
    };
    let bought = house.running(FetchKind::Docket).await;
    house.page(&docket(&bought), "<html>its case</html>").await;
    house.ended(bought.id, LONG_AGO).await;
    let failed = format!("update fetch_requests set {}", in_state(State::Failed));
    house.run(&failed).await;
    house
        .run(
            "update fetch_requests
             set court = 'cand', pacer_case_id = '7', found_case_id = '7',
                 found_case_number = '1:20-cv-00001', de_date_start = now(), de_date_end = now(),
                 de_number_start = 1, de_number_end = 2, show_parties_and_counsel = true,
                 show_terminated_parties = true, show_list_of_member_cases = true,
                 skip_if_unchanged = true, max_cost_cents = 300, not_before = now(), begins_at = now(),
                 put_off_since = now(), login_until = now(), message = 'm',
                 client_code = 'c', worker = 'w', traceparent = 't', on_doubt = 'once_more'",
        )
        .await;
    assert_eq!(house.store.forget_overdue(Kept::Requests).await.unwrap(), 1);
    let row: serde_json::Value = sqlx::query_scalar("select to_jsonb(r) from fetch_requests r")
        .fetch_one(&house.pool)
        .await
        .unwrap();
    assert_eq!(row["on_doubt"], "stop");
    let columns = row.as_object().unwrap().iter();
    let told: Vec<_> = columns
        .filter(|(name, _)| !KEPT_OF_A_REQUEST.contains(&name.as_str()))
        .filter(|(_, value)| !(value.is_null() || **value == "" || **value == false))
        .collect();
    assert!(told.is_empty(), "{told:?}");
}

#[tokio::test]
async fn what_is_not_settled_is_kept() {
    let Some(house) = House::new().await else {
        return;
    };
    let doubtful = house.running(FetchKind::Docket).await;
    let intent = house.granted(&docket(&doubtful)).await;
    house
        .store
        .ledger
        .doubt_purchase(intent, "lost")
        .await
        .unwrap();
    house.ended(doubtful.id, LONG_AGO).await;
    assert_eq!(house.store.forget_overdue(Kept::Requests).await.unwrap(), 0);
    house
        .run("update purchases set settled_at = clock_timestamp()")
        .await;
    assert_eq!(house.store.forget_overdue(Kept::Requests).await.unwrap(), 1);
}

#[tokio::test]
async fn bytes_go_with_the_last_page_that_they_are_and_documents_stay() {
    let Some(house) = House::new().await else {
        return;
    };
    let text = "<html>the same for everybody</html>";
    let first = house.running(FetchKind::Docket).await;
    let page = house.page(&docket(&first), text).await;
    let second = house.running(FetchKind::Docket).await;
    let third = house.running(FetchKind::Pdf).await;
    assert_eq!(house.page(&docket(&second), text).await, page);
    let file = house.page(&document(&third), "%PDF-1.4").await;
    house.ended(first.id, LONG_AGO).await;
    house.ended(second.id, LATELY).await;
    house.ended(third.id, LONG_AGO).await;
    assert_eq!(house.store.forget_overdue(Kept::Captures).await.unwrap(), 1);
    assert!(house.store.db.blobs.get(&page).await.is_ok());
    house.ended(second.id, LONG_AGO).await;
    assert_eq!(house.store.forget_overdue(Kept::Captures).await.unwrap(), 1);
    assert!(house.store.db.blobs.get(&page).await.is_err());
    assert!(house.store.db.blobs.get(&file).await.is_ok());
    assert!(
        house
            .store
            .ledger
            .is_held(&document(&third).item_key)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn it_goes_in_small_steps_and_as_the_operator_says() {
    let Some(house) = House::new().await else {
        return;
    };
    let request = house.running(FetchKind::Docket).await;
    let fill = format!(
        "delete from fetch_steps;
         insert into fetch_steps (request_id, fence, step, at)
         select {}, 1, 'step', {LONG_AGO} from generate_series(1, {})",
        request.id.0,
        AT_ONCE + 7
    );
    house.run(&fill).await;
    house
        .store
        .db
        .set_retention(Kept::Steps, None)
        .await
        .unwrap();
    assert_eq!(house.store.forget_overdue(Kept::Steps).await.unwrap(), 0);
    house
        .store
        .db
        .set_retention(Kept::Steps, Some(399))
        .await
        .unwrap();
    let lives = house.store.retention().await.unwrap();
    let steps = lives.iter().find(|life| life.what == Kept::Steps).unwrap();
    assert_eq!((steps.days, steps.overdue), (Some(399), AT_ONCE + 7));
    assert_eq!(
        house.store.forget_overdue(Kept::Steps).await.unwrap(),
        AT_ONCE
    );
    assert_eq!(house.store.forget_overdue(Kept::Steps).await.unwrap(), 7);
    assert_eq!(house.store.forget_overdue(Kept::Steps).await.unwrap(), 0);
}

#[tokio::test]
async fn how_long_events_are_kept_is_known() {
    let Some(house) = House::new().await else {
        return;
    };
    let kept = async || house.store.db.days_of(Kept::Events).await.unwrap();
    assert_eq!(kept().await, Some(1));
    for days in [Some(30), None] {
        house
            .store
            .db
            .set_retention(Kept::Events, days)
            .await
            .unwrap();
        assert_eq!(kept().await, days);
    }
    assert_eq!(house.store.forget_overdue(Kept::Events).await.unwrap(), 0);
}

#[tokio::test]
async fn texts_go_unless_a_bill_or_a_request_waits_for_them() {
    let Some(house) = House::new().await else {
        return;
    };
    let request = house.running(FetchKind::Pdf).await;
    let file = house.page(&document(&request), "%PDF-1.4 a").await;
    house
        .run(&format!(
            "insert into texts (sha256, state, lane, date_completed)
             values ('{file}', 'done', 0, {LONG_AGO}), ('other', 'done', 0, {LONG_AGO}),
                    ('young', 'done', 0, {LATELY}), ('open', 'planning', 0, null);
             update purchases set pages_awaited = 'a rule'"
        ))
        .await;
    assert_eq!(house.store.forget_overdue(Kept::Texts).await.unwrap(), 1);
    house.run("update purchases set pages_awaited = null").await;
    assert_eq!(house.store.forget_overdue(Kept::Texts).await.unwrap(), 1);
    assert_eq!(house.number("select count(*) from texts").await, 2);
}

#[tokio::test]
async fn a_deleted_user_leaves_the_books_and_nothing_else() {
    let Some(house) = House::new().await else {
        return;
    };
    let token = NewToken {
        digest: &[7; 32],
        name: "laptop",
        expires: None,
        read_only: false,
        expand: Groups::NONE,
    };
    house
        .store
        .ledger
        .add_token(house.user, &token)
        .await
        .unwrap();
    let bought = house.running(FetchKind::Docket).await;
    let page = house
        .page(&docket(&bought), "<html>ann's login</html>")
        .await;
    let nothing = house.running(FetchKind::Docket).await;

    let unfinished = house.store.delete_user("ann").await.unwrap();
    let expected = Farewell::Unfinished {
        running: 2,
        unsettled: 0,
    };
    assert_eq!(unfinished, expected);
    let may_call = async || {
        let holder = house.store.ledger.holder_of_token(&[7; 32]).await.unwrap();
        holder.is_some_and(|holder| holder.user.is_active)
    };
    assert!(!may_call().await, "the token still opens");
    // It was not done, so it can be taken back, and the token with it.
    assert!(house.store.ledger.set_active("ann", true).await.unwrap());
    assert!(may_call().await, "the token is gone");

    house.ended(bought.id, LATELY).await;
    house.ended(nothing.id, LATELY).await;
    let other = house.store.ledger.add_user("bob").await.unwrap();
    let calls = [(house.user, 7), (other, 9)];
    house.store.ledger.add_calls(&calls).await.unwrap();
    house.run(&other_users_request(other)).await;
    let books = house.books().await;
    let gone = house.store.delete_user("ann").await.unwrap();
    let expected = Farewell::Gone {
        requests: 2,
        pages: 1,
        purchases: 1,
    };
    assert_eq!(gone, expected);
    let holder = house.store.ledger.holder_of_token(&[7; 32]).await.unwrap();
    assert!(holder.is_none(), "the token is there");
    assert_eq!(house.books().await, books);
    assert!(
        house.store.db.blobs.get(&page).await.is_err(),
        "the page is there"
    );
    let left = "select count(*) from fetch_requests where docket_number || session_key <> ''";
    assert_eq!(house.number(left).await, 1, "bob's alone");
    let named = "select count(*) from users where name = 'ann'";
    assert_eq!(house.number(named).await, 0);
    // How often they called is theirs too, and what a gateway writes down late is not kept.
    house.store.ledger.add_calls(&calls).await.unwrap();
    assert_eq!(house.store.ledger.calls(house.user).await.unwrap(), []);
    let bobs = house.store.ledger.calls(other).await.unwrap();
    assert_eq!(bobs.iter().map(|(_, calls)| calls).sum::<i64>(), 18);
    assert_eq!(
        house.store.delete_user("ann").await.unwrap(),
        Farewell::Unknown
    );
    // Somebody of the same name is somebody else.
    assert_ne!(
        house.store.ledger.add_user("ann").await.unwrap(),
        house.user
    );
}

#[tokio::test]
async fn who_never_sent_anything_is_gone_altogether() {
    let Some(house) = House::new().await else {
        return;
    };
    let gone = house.store.delete_user("ann").await.unwrap();
    let expected = Farewell::Gone {
        requests: 0,
        pages: 0,
        purchases: 0,
    };
    assert_eq!(gone, expected);
    assert_eq!(house.number("select count(*) from users").await, 0);
}

fn other_users_request(user: UserId) -> String {
    format!(
        "insert into fetch_requests
             (user_id, request_type, docket_number, show_parties_and_counsel,
              show_terminated_parties, show_list_of_member_cases, target_court, session_key,
              account_digest, on_doubt, lane, virtual_time, state, date_completed)
         values ({}, 1, '2:21-cv-2', false, false, false, '{COURT}', 'key', 'digest', 'stop', 0, 1,
                 'done', {LONG_AGO})",
        user.0
    )
}
