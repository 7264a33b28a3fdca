//! Trackers: what they ask and when, what they may spend, and what they tell. Nobody's clock is read: each test says what
//! time it is.

use chrono::{DateTime, TimeDelta, Utc};
use fetch_ledger::{
    booking::Bill,
    captures::{Enough, NewCapture},
    purchases::{Intent, NewPurchase},
};
use fetch_model::{
    Cents, DocketId, DocketOptions, Failure, FetchId, Lane, State, TokenId, TrackerId, UserId,
    budget::Limits, item_key,
};
use fetch_queue::trackers::{
    NewTracker, Removed, Tracker, TrackerChange, TrackerState, runs::next_due,
};
use fetch_webhooks::{NewEndpoint, SigningSecret, TRACKER};
use futures_util::future::join_all;
use serde_json::Value;
use testkit::in_state;

use super::fixture::{COURT, Queue};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// In the far future, so that nobody's real clock is in between.
fn start() -> DateTime<Utc> {
    at("2040-03-01T15:00:00Z")
}

struct House {
    queue: Queue,
    user: UserId,
    token: TokenId,
    docket: DocketId,
    tracker: TrackerId,
}

impl House {
    /// A docket with an entry of 20 February, bought whole a day later, tracked every day for so many cents a quarter.
    async fn new(cents: i32, until: Option<DateTime<Utc>>) -> Option<House> {
        let queue = Queue::new().await?;
        let user = queue.user("ann").await;
        let token = "insert into api_tokens (user_id, token_hash, label) values ($1, '\\x01', 'first') returning id";
        let token: i64 = sqlx::query_scalar(token)
            .bind(user.0)
            .fetch_one(&queue.pool)
            .await
            .unwrap();
        let docket: i64 = sqlx::query_scalar(
            "with docket as (
                 insert into dockets (court_id, docket_number, pacer_case_id)
                 values ($1, '3:24-cv-09876', '71') returning id),
             entry as (
                 insert into docket_entries (docket_id, entry_number, date_filed)
                 select id, 1, '2040-02-20' from docket)
             select id from docket",
        )
        .bind(COURT)
        .fetch_one(&queue.pool)
        .await
        .unwrap();
        let new = NewTracker {
            user,
            token: TokenId(token),
            docket: DocketId(docket),
            court: COURT,
            session_key: "session",
            account_digest: "account",
            client_code: "",
            lane: Lane::Bulk,
            every_hours: 24,
            until,
            max_cost: Cents(cents),
        };
        let tracker = queue.store.queue.track(&new, start()).await.unwrap();
        let twice = queue.store.queue.track(&new, start()).await.unwrap();
        assert_eq!(twice, None, "one tracker of a docket");
        let house = House {
            user,
            token: TokenId(token),
            docket: DocketId(docket),
            tracker: tracker.unwrap(),
            queue,
        };
        let whole = DocketOptions::default();
        house.report(&whole, at("2040-02-21T15:00:00Z")).await;
        Some(house)
    }

    /// Somebody buys a report of the case.
    async fn report(&self, options: &DocketOptions, now: DateTime<Utc>) {
        let key = item_key::docket(COURT, "71", options);
        self.queue
            .run(&format!(
                "insert into captures (court_id, item_key, url, media_type, sha256, byte_count, date_created)
                 values ('{COURT}', '{key}', '', 'text/html', '', 0, '{now}')"
            ))
            .await;
    }

    async fn tracker(&self, now: DateTime<Utc>) -> Tracker {
        let (user, ids) = (self.user, [self.tracker.0]);
        let found = self.queue.store.queue.trackers_of(user, &ids, now).await;
        found.unwrap().remove(0)
    }

    /// As any sweep does at this time; the requests that were made.
    async fn sweep(&self, now: DateTime<Utc>) -> Vec<FetchId> {
        let store = &self.queue.store;
        for run in store.queue.tracker_runs_ended().await.unwrap() {
            store.close_tracker_run(run).await.unwrap();
        }
        let mut made = Vec::new();
        for id in store.queue.trackers_due(now).await.unwrap() {
            let started = store.start_tracker(id, now).await.unwrap();
            made.extend(started.and_then(|started| started.request));
        }
        made
    }

    async fn sweep_one(&self, now: DateTime<Utc>) -> FetchId {
        let made = self.sweep(now).await;
        assert_eq!(made.len(), 1, "at {now}: {:?}", self.tracker(now).await);
        made[0]
    }

    /// Begins to buy, for at most so much.
    async fn intend(&self, id: FetchId) -> Intent {
        let fence = format!(
            "update fetch_requests set {}, fence = fence + 1 where id = $1 returning fence",
            in_state(State::Running)
        );
        let fence: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(fence))
            .bind(id.0)
            .fetch_one(&self.queue.pool)
            .await
            .unwrap();
        let new = NewPurchase {
            request: id,
            fence: fetch_model::Fence(fence),
            item_key: format!("docket/{COURT}/71/{id}"),
            quoted: Cents(300),
            flagged: false,
            enough: Enough::Fresh,
        };
        self.queue.store.ledger.begin_purchase(&new).await.unwrap()
    }

    /// Buys something on this day for so many cents, that adds so many entries.
    async fn buy(&self, id: FetchId, now: DateTime<Utc>, cents: i32, entries: i32) {
        let Intent::Granted(purchase) = self.intend(id).await else {
            panic!("{id} may not buy");
        };
        let fence: i64 = sqlx::query_scalar("select fence from fetch_requests where id = $1")
            .bind(id.0)
            .fetch_one(&self.queue.pool)
            .await
            .unwrap();
        let new = NewCapture {
            request: id,
            court: COURT.into(),
            item_key: format!("docket/{COURT}/71/{id}"),
            url: "http://court.example.org/".into(),
            media_type: "text/html".into(),
            sha256: "0".repeat(64),
            byte_count: 1,
            in_vain: false,
        };
        let bill = Bill {
            cents: Cents(cents),
            pages: cents / 10,
            receipt: None,
            awaited: None,
        };
        let buyers = crate::buyers(&self.queue.store);
        let fence = fetch_model::Fence(fence);
        let kept = buyers.keep_bought(purchase, fence, &new, &bill, &str::to_owned);
        kept.await.unwrap();
        self.queue
            .run(&format!(
                "update purchases set date_created = '{now}' where request_id = {id};
                 update captures set date_created = '{now}' where request_id = {id};
                 insert into docket_entries (docket_id, entry_number, date_filed)
                 select {}, 100 + {id} + place, '{}' from generate_series(1, {entries}) as place;
                 insert into request_changes (request_id, entries_new) values ({id}, {entries})",
                self.docket,
                now.date_naive()
            ))
            .await;
        self.end(id).await;
    }

    /// It is done.
    async fn end(&self, id: FetchId) {
        self.queue.finish(id).await;
    }

    async fn fail(&self, id: FetchId, failure: &Failure) {
        self.queue.put(id, State::Failed).await;
        sqlx::query("update fetch_requests set failure = $1, message = $2 where id = $3")
            .bind(serde_json::to_value(failure).unwrap())
            .bind(failure.to_string())
            .bind(id.0)
            .execute(&self.queue.pool)
            .await
            .unwrap();
    }

    /// What its owner's endpoint is told, oldest first.
    async fn told(&self) -> Vec<Value> {
        let told: Vec<String> = sqlx::query_scalar(
            "select content from webhook_events where content is not null order by id",
        )
        .fetch_all(&self.queue.pool)
        .await
        .unwrap();
        told.iter()
            .map(|content| serde_json::from_str(content).unwrap())
            .collect()
    }

    async fn endpoint(&self) {
        let new = NewEndpoint {
            user: self.user,
            event_type: TRACKER,
            version: 2,
            url: "https://hooks.example.com/3f1c9a52e7",
            enabled: true,
            secret: &SigningSecret::generate(),
        };
        let webhooks = &self.queue.store.webhooks;
        webhooks.register(&new).await.unwrap().unwrap();
    }

    async fn change(&self, change: TrackerChange, now: DateTime<Utc>) {
        let queue = &self.queue.store.queue;
        let changed = queue.change_tracker(self.user, self.token, self.tracker, change, now);
        assert!(changed.await.unwrap());
    }
}

const DAY: TimeDelta = TimeDelta::days(1);

#[test]
fn times_that_have_passed_are_not_made_up_for() {
    let due = start();
    let hour = TimeDelta::hours(1);
    for (passed, expected) in [
        (TimeDelta::zero(), 6),
        (hour * 5, 6),
        (hour * 6, 12),
        (hour * 25, 30),
    ] {
        assert_eq!(
            next_due(due, 6, due + passed),
            due + hour * expected,
            "{passed}"
        );
    }
}

#[tokio::test]
async fn a_tracker_asks_once_for_each_time_that_is_due_whoever_looks() {
    let Some(house) = House::new(900, None).await else {
        return;
    };
    let store = &house.queue.store;
    let looks = (0..8).map(|_| store.start_tracker(house.tracker, start()));
    let made = join_all(looks).await.into_iter();
    let made: Vec<_> = made.filter_map(|it| it.unwrap()?.request).collect();
    assert_eq!(made.len(), 1, "{made:?}");
    let request = house.queue.request(made[0]).await;
    let spec = &request.spec;
    assert!(
        spec.skip_if_unchanged && spec.lane == Lane::Bulk,
        "{spec:?}"
    );
    assert_eq!(spec.docket, Some(house.docket));
    assert_eq!(spec.options.date_start, "2040-02-20".parse().ok());
    assert!(!spec.options.show_parties_and_counsel);
    // It does not ask again while it is asking, however late it is; then it asks once.
    let late = start() + DAY * 3;
    assert_eq!(house.sweep(late).await, []);
    assert!(house.tracker(late).await.is_asking);
    house.end(request.id).await;
    let second = house.sweep_one(late).await;
    let shown = house.tracker(late).await;
    assert_eq!(shown.next_due, Some(start() + DAY * 4));
    assert_eq!((shown.last_request, shown.is_asking), (Some(second), true));
    let expected = format!(
        "Nothing was filed, as far as request {} has found.",
        request.id
    );
    assert_eq!(shown.message, expected);
}

#[tokio::test]
async fn no_request_of_a_tracker_buys_beyond_its_limit_for_the_quarter() {
    let Some(house) = House::new(340, None).await else {
        return;
    };
    let first = house.sweep_one(start()).await;
    house.buy(first, start(), 20, 1).await;
    let now = start() + DAY;
    let second = house.sweep_one(now).await;
    let left =
        sqlx::query_scalar::<_, i32>("select max_cost_cents from fetch_requests where id = $1");
    let left = left.bind(second.0).fetch_one(&house.queue.pool).await;
    assert_eq!(left.unwrap(), 320, "the request has what is left");
    // The operator has an older one tried again. Both begin to buy at the same time, and only one of them may.
    house
        .queue
        .run("update fetch_requests set max_cost_cents = null")
        .await;
    let third = house
        .queue
        .accept(super::fixture::Ask::of(house.user))
        .await;
    house
        .queue
        .run(&format!(
            "insert into fetch_tracker_runs (tracker_id, due, request_id, quarter, is_open)
             values ({}, '2040-02-01', {third}, '2040-01-01', false)",
            house.tracker
        ))
        .await;
    let intents = [house.intend(second), house.intend(third)];
    let intents = join_all(intents).await;
    let granted = intents
        .iter()
        .filter(|intent| matches!(intent, Intent::Granted(_)));
    assert_eq!(granted.count(), 1, "{intents:?}");
    let refused = intents.iter().find_map(|intent| match intent {
        Intent::OverBudget(shortfall) => Some(shortfall.to_string()),
        _ => None,
    });
    let expected = "This may cost $3.00, but max_cost_cents allows only $0.20.";
    assert_eq!(refused.as_deref(), Some(expected));
}

#[tokio::test]
async fn what_a_tracker_has_spent_counts_once_in_the_quarter_that_is_both() {
    let Some(house) = House::new(900, None).await else {
        return;
    };
    let first = house.sweep_one(start()).await;
    house.buy(first, start(), 310, 1).await;
    let second = house.sweep_one(start() + DAY).await;
    house
        .queue
        .run(
            "update fetch_tracker_runs set quarter = quarter_of(clock_timestamp());
             update purchases set date_created = clock_timestamp();
             update fetch_requests set max_cost_cents = null",
        )
        .await;
    let intent = house.intend(second).await;
    assert!(matches!(intent, Intent::Granted(_)), "{intent:?}");
}

#[tokio::test]
async fn a_tracker_asks_from_the_day_up_to_which_all_was_bought() {
    let Some(house) = House::new(900, None).await else {
        return;
    };
    let day = |text: &str| text.parse::<chrono::NaiveDate>().ok();
    let since = |text: &str| DocketOptions {
        date_start: day(text),
        ..DocketOptions::default()
    };
    let asked = async |now: DateTime<Utc>| {
        let request = house.sweep_one(now).await;
        house.end(request).await;
        house.queue.request(request).await.spec.options.date_start
    };
    // A later entry is bought by its number, and what lies between is not known.
    house
        .queue
        .run(&format!(
            "insert into docket_entries (docket_id, entry_number, date_filed) values ({}, 9, '2040-02-28')",
            house.docket
        ))
        .await;
    let numbers = DocketOptions {
        number_start: Some(9),
        ..DocketOptions::default()
    };
    house.report(&numbers, start()).await;
    assert_eq!(asked(start()).await, day("2040-02-21"));
    // Nor by a part that begins later.
    house.report(&since("2040-02-22"), start()).await;
    assert_eq!(asked(start() + DAY).await, day("2040-02-21"));
    house.report(&since("2040-02-21"), start()).await;
    assert_eq!(asked(start() + DAY * 2).await, day("2040-02-28"));
    house.queue.run("delete from captures").await;
    assert_eq!(asked(start() + DAY * 3).await, None);
}

#[tokio::test]
async fn a_tracker_buys_once_a_day_however_often_it_asks() {
    let Some(house) = House::new(900, None).await else {
        return;
    };
    let hour = TimeDelta::hours(1);
    let hourly = TrackerChange {
        every_hours: Some(1),
        ..TrackerChange::default()
    };
    house.change(hourly, start()).await;
    let request = house.sweep_one(start()).await;
    house.end(request).await;
    let request = house.sweep_one(start() + hour).await;
    house.buy(request, start() + hour, 20, 1).await;
    let now = start() + hour * 2;
    assert_eq!(house.sweep(now).await, []);
    // The day begins in Texas.
    let next = at("2040-03-02T06:00:00Z");
    assert_eq!(house.tracker(now).await.next_due, Some(next));
    assert_eq!(house.sweep(next - TimeDelta::seconds(1)).await, []);
    let request = house.sweep_one(next).await;
    house.end(request).await;
    house.sweep_one(next + hour).await;
}

#[tokio::test]
async fn nothing_is_told_of_a_request_that_has_failed() {
    let Some(house) = House::new(900, None).await else {
        return;
    };
    house.endpoint().await;
    let request = house.sweep_one(start()).await;
    house
        .queue
        .run(&format!(
            "insert into request_changes (request_id, entries_new) values ({request}, 1)"
        ))
        .await;
    let refused = Failure::DocketNetwork { request };
    house.fail(request, &refused).await;
    assert_eq!(house.sweep(start()).await, []);
    let shown = house.tracker(start()).await;
    assert_eq!((shown.is_asking, shown.found), (false, None));
    assert_eq!(house.told().await.len(), 0);
}

#[tokio::test]
async fn a_tracker_that_is_removed_says_what_it_was_asking() {
    let Some(house) = House::new(900, None).await else {
        return;
    };
    let (queue, docket) = (&house.queue.store.queue, house.docket);
    assert!(queue.is_tracked(house.user, docket).await.unwrap());
    let request = house.sweep_one(start()).await;
    let removed = queue.remove_tracker(house.user, house.tracker).await;
    let asking = Some(request);
    assert_eq!(removed.unwrap(), Some(Removed { asking }));
    assert!(!queue.is_tracked(house.user, docket).await.unwrap());
    let again = queue.remove_tracker(house.user, house.tracker).await;
    assert_eq!(again.unwrap(), None);
    assert_eq!(house.sweep(start() + DAY).await, []);
}

#[tokio::test]
async fn a_tracker_that_has_used_up_its_money_goes_on_in_the_next_quarter_or_with_more() {
    let Some(house) = House::new(310, None).await else {
        return;
    };
    let request = house.sweep_one(start()).await;
    house.buy(request, start(), 20, 1).await;
    let now = start() + DAY;
    assert_eq!(house.sweep(now).await, []);
    let shown = house.tracker(now).await;
    assert_eq!(
        (shown.state, shown.spent),
        (TrackerState::OutOfMoney, Cents(20))
    );
    assert_eq!(
        shown.message,
        "A docket may cost $3.00, and of $3.10 for this quarter $0.20 is spent. It asks again when the next quarter \
         begins, or with a higher max_cost_cents."
    );
    // The quarter begins in Texas, where PACER is.
    let next = at("2040-04-01T05:00:00Z");
    assert_eq!(shown.next_due, Some(next));
    assert_eq!(house.sweep(next - TimeDelta::seconds(1)).await, []);
    let request = house.sweep_one(next).await;
    house.buy(request, next, 20, 0).await;
    let now = next + DAY;
    assert_eq!(house.sweep(now).await, []);
    let more = TrackerChange {
        max_cost: Some(Cents(320)),
        ..TrackerChange::default()
    };
    house.change(more, now).await;
    house.sweep_one(now).await;
    assert_eq!(house.tracker(now).await.state, TrackerState::Active);
}

#[tokio::test]
async fn a_budget_of_the_operator_stops_a_tracker_as_well() {
    let Some(house) = House::new(900, None).await else {
        return;
    };
    let ledger = &house.queue.store.ledger;
    let limits = Limits {
        per_request: Some(Cents(250)),
        per_quarter: None,
    };
    ledger.set_budget(Some(house.user), limits).await.unwrap();
    assert_eq!(house.sweep(start()).await, []);
    let shown = house.tracker(start()).await;
    assert_eq!(shown.state, TrackerState::Paused);
    assert_eq!(
        shown.message,
        "This may cost $3.00, but your budget allows only $2.50 per request. It asks again when you set paused to false."
    );
    let limits = Limits {
        per_request: None,
        per_quarter: Some(Cents(250)),
    };
    ledger.set_budget(Some(house.user), limits).await.unwrap();
    let go_on = TrackerChange {
        paused: Some(false),
        ..TrackerChange::default()
    };
    house.change(go_on, start()).await;
    assert_eq!(house.sweep(start()).await, []);
    assert_eq!(house.tracker(start()).await.state, TrackerState::OutOfMoney);
}

#[tokio::test]
async fn a_tracker_ends_when_its_time_is_over_and_pauses_where_asking_is_no_use() {
    let Some(house) = House::new(900, Some(start() + DAY * 2)).await else {
        return;
    };
    let request = house.sweep_one(start()).await;
    house.fail(request, &Failure::CaseSealed).await;
    let now = start() + DAY;
    assert_eq!(house.sweep(now).await, []);
    let shown = house.tracker(now).await;
    assert_eq!((shown.state, shown.next_due), (TrackerState::Paused, None));
    assert!(
        shown.message.starts_with("Paused, because request"),
        "{}",
        shown.message
    );
    assert!(shown.message.contains("it is sealed"), "{}", shown.message);
    assert_eq!(shown.asked, None);
    let go_on = TrackerChange {
        paused: Some(false),
        ..TrackerChange::default()
    };
    house.change(go_on, now).await;
    let request = house.sweep_one(now).await;
    let refused = Failure::DocketNetwork { request };
    house.fail(request, &refused).await;
    let now = start() + DAY * 2;
    assert_eq!(house.sweep(now).await, []);
    let shown = house.tracker(now).await;
    assert_eq!((shown.state, shown.next_due), (TrackerState::Ended, None));
    assert_eq!(
        shown.message,
        "Its time is over: nothing is asked any more."
    );
    let longer = TrackerChange {
        until: Some(None),
        ..TrackerChange::default()
    };
    house.change(longer, now).await;
    house.sweep_one(now).await;
}

#[tokio::test]
async fn a_tracker_asks_for_nobody_whose_token_was_revoked_and_goes_with_its_owner() {
    let Some(house) = House::new(900, None).await else {
        return;
    };
    house
        .queue
        .run("update api_tokens set revoked = now()")
        .await;
    assert_eq!(house.sweep(start()).await, []);
    let shown = house.tracker(start()).await;
    assert_eq!(shown.state, TrackerState::Paused);
    assert!(
        shown.message.starts_with("Paused: the token"),
        "{}",
        shown.message
    );
    house.queue.store.delete_user("ann").await.unwrap();
    let left = sqlx::query_scalar::<_, i64>("select count(*) from fetch_trackers");
    assert_eq!(left.fetch_one(&house.queue.pool).await.unwrap(), 0);
}

#[tokio::test]
async fn what_was_spent_is_known_when_the_request_is_forgotten() {
    let Some(house) = House::new(310, None).await else {
        return;
    };
    let request = house.sweep_one(start()).await;
    house.buy(request, start(), 20, 1).await;
    house.sweep(start()).await;
    house
        .queue
        .run("update fetch_requests set date_completed = '2001-01-01'; update retention set days = 1 where what = 'requests'")
        .await;
    let forget = house
        .queue
        .store
        .forget_overdue(fetch_db::retention::Kept::Requests);
    assert_eq!(forget.await.unwrap(), 1);
    assert_eq!(house.tracker(start()).await.spent, Cents(20));
    assert_eq!(house.sweep(start() + DAY).await, []);
    assert_eq!(house.tracker(start()).await.state, TrackerState::OutOfMoney);
}

/// A month in which something is filed on some days. Whoever buys is played by this test, as the court says: nothing, or
/// for so many cents so many entries.
#[tokio::test]
#[expect(
    clippy::print_stdout,
    reason = "the month is for whoever reads the output"
)]
async fn a_month_of_a_tracker() {
    let Some(house) = House::new(350, None).await else {
        return;
    };
    house.endpoint().await;
    // Day of the month, cents, entries.
    let filed = [
        (3, 10, 2),
        (4, 10, 1),
        (11, 20, 5),
        (12, 10, 0),
        (20, 10, 1),
        (28, 10, 1),
    ];
    println!(
        "{:<12} {:<22} {:>6} {:>6}  told",
        "day", "asked", "cost", "spent"
    );
    let (mut asked, mut cost) = (0, 0);
    for day in 1..=31 {
        let now = start() + DAY * (day - 1);
        let made = house.sweep(now).await;
        let bought = filed.iter().find(|(on, ..)| i32::from(day as i16) == *on);
        let mut spent_today = 0;
        for request in &made {
            asked += 1;
            match bought {
                Some((_, cents, entries)) => {
                    spent_today += cents;
                    house.buy(*request, now, *cents, *entries).await;
                }
                None => house.end(*request).await,
            }
        }
        cost += spent_today;
        let told_before = house.told().await.len();
        // Twice: what is noted is noted once.
        house.sweep(now).await;
        house.sweep(now).await;
        let told = house.told().await;
        let news: Vec<_> = told[told_before..]
            .iter()
            .map(|content| content["payload"]["entries_new"].to_string() + " new entries")
            .collect();
        let shown = house.tracker(now).await;
        let what = match (made.len(), spent_today) {
            (0, _) => shown.state.as_str().to_owned(),
            (_, 0) => "asked, nothing filed".to_owned(),
            _ => "asked and bought".to_owned(),
        };
        let spent = shown.spent.to_string();
        println!(
            "{:<12} {what:<22} {spent_today:>6} {spent:>6}  {}",
            now.date_naive(),
            news.join(", ")
        );
        assert_eq!(shown.spent, Cents(cost), "{now}");
    }
    // From the 21st on less is left than a docket may cost, so nothing is asked until April.
    let told = house.told().await;
    println!(
        "asked {asked} times, spent {cost} cents, told {} times",
        told.len()
    );
    let counts: Vec<_> = told
        .iter()
        .map(|it| &it["payload"]["entries_new"])
        .collect();
    assert_eq!(counts, [2, 1, 5, 1]);
    assert_eq!((asked, cost), (20, 60));
    let first = &told[0];
    assert_eq!(first["webhook"]["event_type"], 100);
    let keys: Vec<_> = first["payload"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let mut expected = [
        "tracker",
        "docket",
        "recap_fetch",
        "entries_new",
        "entries_changed",
        "documents_new",
        "documents_changed",
        "cost_cents",
    ];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(first["payload"]["cost_cents"], 10);
    let shown = house.tracker(start() + DAY * 30).await;
    assert_eq!(shown.state, TrackerState::OutOfMoney);
    assert_eq!(shown.next_due, Some(at("2040-04-01T05:00:00Z")));
}
