//! Deliveries: one for each end of a request and each endpoint, taken by one process at a time, tried by the
//! contract's schedule, and parked when an endpoint is given up.

use std::{collections::HashMap, time::Duration};

use fetch_control::farewell::Farewell;
use fetch_db::retention::Kept;
use fetch_model::{State, UserId};
use fetch_webhooks::{
    Bounds, Change, Claimed, EventStatus, Finished, NewEndpoint, Outcome, Replayed, SigningSecret,
    Warning, WebhookId, Webhooks,
    events::MOST_TESTS,
    schedule::{MOST_RETRIES, Next},
};
use sqlx::{AssertSqlSafe, PgPool};
use testkit::{TestStore, in_state};

const ANN: UserId = UserId(71);
const BEN: UserId = UserId(72);

const BOUNDS: Bounds = Bounds {
    free: 100,
    per_endpoint: 100,
    lease: Duration::from_secs(30),
};

/// Two users, and requests of theirs: 0 to 4 are ann's, 5 to 9 ben's.
struct House {
    built: TestStore,
    requests: Vec<i64>,
}

impl House {
    async fn build() -> Option<House> {
        let built = testkit::store(6).await?;
        run(
            &built.pool,
            "insert into users (id, name) overriding system value values (71, 'ann'), (72, 'ben')",
        )
        .await;
        let made = "insert into fetch_requests (user_id, request_type, show_parties_and_counsel,
                 show_terminated_parties, show_list_of_member_cases, on_doubt, target_court, session_key,
                 account_digest, lane, virtual_time)
             select 71 + number / 5, 1, true, false, false, 'stop', 'cand', 'k', 'd', 0, 0
             from generate_series(0, 9) as number returning id";
        let requests = sqlx::query_scalar(made).fetch_all(&built.pool).await;
        Some(House {
            requests: requests.unwrap(),
            built,
        })
    }

    fn webhooks(&self) -> &Webhooks {
        &self.built.store.webhooks
    }

    async fn endpoint(&self, user: UserId, version: i16, enabled: bool) -> WebhookId {
        let new = NewEndpoint {
            user,
            event_type: 3,
            version,
            url: "https://hooks.example.com/3f1c9a52e7",
            enabled,
            secret: &SigningSecret::generate(),
        };
        self.webhooks().register(&new).await.unwrap().unwrap()
    }

    /// Puts a request into a state, as its attempt would.
    async fn put(&self, place: usize, state: State) {
        let id = self.requests[place];
        let set = in_state(state);
        run(
            &self.built.pool,
            &format!("update fetch_requests set {set} where id = {id}"),
        )
        .await;
    }

    async fn run(&self, sql: &str) {
        run(&self.built.pool, sql).await;
    }

    async fn claim(&self) -> Vec<Claimed> {
        self.webhooks()
            .claim(&HashMap::new(), BOUNDS)
            .await
            .unwrap()
    }

    async fn claim_one(&self) -> Claimed {
        let mut claimed = self.claim().await;
        assert_eq!(claimed.len(), 1, "{claimed:?}");
        claimed.remove(0)
    }

    async fn answered(&self, claimed: &Claimed, status_code: u16) -> Finished {
        let outcome = Outcome {
            status_code: Some(status_code),
            response: "said\0".to_owned(),
            error: "why".to_owned(),
        };
        self.webhooks().finish(claimed, &outcome).await.unwrap()
    }

    /// Makes due what waits.
    async fn hurry(&self) {
        self.run(
            "update webhook_events set next_try = clock_timestamp() where next_try is not null",
        )
        .await;
    }

    /// Of each delivery: which request, where it stands, its retries, and whether it will be tried.
    async fn rows(&self) -> Vec<(Option<i64>, i16, i16, bool)> {
        let rows = "select request_id, event_status, retry_counter, next_try is not null
                    from webhook_events order by id";
        sqlx::query_as(rows)
            .fetch_all(&self.built.pool)
            .await
            .unwrap()
    }

    async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        sqlx::query_scalar(sql)
            .fetch_one(&self.built.pool)
            .await
            .unwrap()
    }
}

async fn run(pool: &PgPool, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(pool).await.unwrap();
}

#[tokio::test]
async fn each_end_of_a_request_is_told_to_each_endpoint_of_its_user_that_is_on() {
    let Some(house) = House::build().await else {
        return;
    };
    let (one, two) = (
        house.endpoint(ANN, 1, true).await,
        house.endpoint(ANN, 2, true).await,
    );
    house.endpoint(BEN, 2, false).await;
    for state in [
        State::Running,
        State::Captured,
        State::Waiting,
        State::Running,
    ] {
        house.put(0, state).await;
    }
    assert_eq!(house.claim().await.len(), 0, "nothing has ended");
    house.put(0, State::Done).await;
    // Somebody else's, whose endpoint is off.
    house.put(5, State::Done).await;
    let claimed = house.claim().await;
    let mut told: Vec<_> = claimed
        .iter()
        .map(|it| (it.webhook, it.version, it.request.map(|id| id.0)))
        .collect();
    told.sort_unstable();
    let request = Some(house.requests[0]);
    assert_eq!(told, [(one, 1, request), (two, 2, request)]);
    assert_ne!(claimed[0].key, claimed[1].key);
    for claimed in &claimed {
        house.answered(claimed, 200).await;
    }
    // A word that is said later is no end, and an end after a replay is another one.
    house
        .run("update fetch_requests set message = 'later'")
        .await;
    assert_eq!(house.claim().await.len(), 0);
    house.put(1, State::Failed).await;
    assert_eq!(house.claim().await.len(), 2);
    house.put(1, State::Accepted).await;
    house.put(1, State::Done).await;
    assert_eq!(house.claim().await.len(), 2);
    house.put(2, State::Cancelled).await;
    assert_eq!(house.claim().await.len(), 2);
}

#[tokio::test]
async fn what_was_not_committed_is_told_to_nobody() {
    let Some(house) = House::build().await else {
        return;
    };
    house.endpoint(ANN, 2, true).await;
    let mut transaction = house.built.pool.begin().await.unwrap();
    let set = format!(
        "update fetch_requests set {} where id = {}",
        in_state(State::Done),
        house.requests[0]
    );
    sqlx::raw_sql(AssertSqlSafe(set))
        .execute(&mut *transaction)
        .await
        .unwrap();
    assert_eq!(house.claim().await.len(), 0);
    transaction.rollback().await.unwrap();
    assert_eq!(house.rows().await, []);
}

#[tokio::test]
async fn a_delivery_is_taken_by_one_and_by_another_when_that_one_has_died() {
    let Some(house) = House::build().await else {
        return;
    };
    house.endpoint(ANN, 2, true).await;
    house.put(0, State::Done).await;
    let taken = house.claim_one().await;
    assert!(
        house
            .webhooks()
            .write_content(&taken, "content")
            .await
            .unwrap()
    );
    assert_eq!(house.claim().await.len(), 0, "somebody has it");
    house.hurry().await;
    let again = house.claim_one().await;
    assert_eq!(
        (&again.key, again.content.as_deref()),
        (&taken.key, Some("content"))
    );
    // Whoever was thought dead changes nothing any more.
    assert_eq!(house.answered(&taken, 500).await, Finished::Stale);
    assert!(
        !house
            .webhooks()
            .write_content(&taken, "other")
            .await
            .unwrap()
    );
    let arrived = Finished::Written(Next::Delivered, None);
    assert_eq!(house.answered(&again, 204).await, arrived);
    house.hurry().await;
    assert_eq!(house.claim().await.len(), 0);
    let row = house
        .webhooks()
        .event(Some(ANN), again.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.status, EventStatus::Delivered);
    assert_eq!(
        (row.status_code, row.response.as_str()),
        (Some(204), "said\u{fffd}")
    );
    assert_eq!(
        house.webhooks().event(Some(BEN), again.id).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn two_processes_that_look_at_once_take_each_delivery_once() {
    let Some(house) = House::build().await else {
        return;
    };
    house.endpoint(ANN, 2, true).await;
    house.endpoint(BEN, 2, true).await;
    for place in 0..10 {
        house.put(place, State::Done).await;
    }
    let busy = HashMap::new();
    let bounds = Bounds { free: 3, ..BOUNDS };
    let look = || house.webhooks().claim(&busy, bounds);
    let mut taken = Vec::new();
    loop {
        let (one, two, three) = tokio::join!(look(), look(), look());
        let claimed = [one, two, three].map(Result::unwrap).concat();
        if claimed.is_empty() {
            break;
        }
        taken.extend(claimed.into_iter().map(|it| it.id));
    }
    taken.sort_unstable();
    let all = taken.len();
    taken.dedup();
    assert_eq!((all, taken.len()), (10, 10));
}

#[tokio::test]
async fn an_endpoint_has_no_more_under_way_than_it_may_and_hides_no_other() {
    let Some(house) = House::build().await else {
        return;
    };
    let anns = house.endpoint(ANN, 2, true).await;
    let bens = house.endpoint(BEN, 2, true).await;
    for place in 0..6 {
        house.put(place, State::Done).await;
    }
    let bounds = Bounds {
        free: 3,
        per_endpoint: 2,
        ..BOUNDS
    };
    let claim = async |busy: &HashMap<WebhookId, usize>| {
        let claimed = house.webhooks().claim(busy, bounds).await.unwrap();
        claimed.into_iter().map(|it| it.webhook).collect::<Vec<_>>()
    };
    // Ben's came last, and is not behind all of ann's.
    assert_eq!(claim(&HashMap::new()).await, [anns, anns, bens]);
    assert_eq!(claim(&HashMap::from([(anns, 2)])).await, []);
    assert_eq!(claim(&HashMap::from([(anns, 1)])).await, [anns]);
}

#[tokio::test]
async fn a_delivery_is_tried_eight_times_and_then_its_endpoint_is_off() {
    let Some(house) = House::build().await else {
        return;
    };
    let id = house.endpoint(ANN, 2, true).await;
    house.put(0, State::Done).await;
    for retries in 0..MOST_RETRIES {
        let claimed = house.claim_one().await;
        let Finished::Written(Next::Retry(next, wait), warning) =
            house.answered(&claimed, 500).await
        else {
            panic!("retry {retries} was the last");
        };
        assert_eq!(next, retries + 1);
        let expected = match retries {
            1 => Some(Warning::First),
            5 => Some(Warning::Second),
            _ => None,
        };
        assert_eq!(warning, expected, "{retries}");
        let due = house
            .number("select round(extract(epoch from next_try - clock_timestamp()))::bigint from webhook_events")
            .await;
        let wait = i64::try_from(wait.as_secs()).unwrap();
        assert!((wait - 30..=wait).contains(&due), "{due} s for {wait} s");
        house.hurry().await;
    }
    // Two more: one that waits, and one that is being sent.
    house.put(1, State::Done).await;
    let mut claimed = house.claim().await;
    claimed.sort_by_key(|it| it.id);
    let (last, other) = (claimed.remove(0), claimed.remove(0));
    house.put(2, State::Done).await;
    let off = Finished::Written(Next::GiveUp, Some(Warning::Disabled));
    assert_eq!(house.answered(&last, 500).await, off);
    let endpoint = house
        .webhooks()
        .endpoint(Some(ANN), id)
        .await
        .unwrap()
        .unwrap();
    assert!(!endpoint.enabled && endpoint.date_disabled.is_some());
    assert_eq!(endpoint.failure_count, 8);
    // What comes while it is off is kept with them, as soon as somebody looks.
    house.put(3, State::Done).await;
    assert_eq!(house.claim().await.len(), 0);
    let request = |place: usize| Some(house.requests[place]);
    assert_eq!(
        house.rows().await,
        [
            (request(0), 3, 7, false),
            (request(1), 4, 0, false),
            (request(2), 4, 0, false),
            (request(3), 4, 0, false),
        ]
    );
    house.hurry().await;
    assert_eq!(house.claim().await.len(), 0);
    // What was being sent has arrived, if it has.
    let arrived = Finished::Written(Next::Delivered, None);
    assert_eq!(house.answered(&other, 200).await, arrived);
    let on = Change {
        enabled: Some(true),
        ..Change::default()
    };
    house
        .run(&format!(
            "update webhook_events set date_created = date_created - interval '61 hours'
             where request_id = {}",
            house.requests[2]
        ))
        .await;
    assert!(house.webhooks().change(Some(ANN), id, on).await.unwrap());
    assert_eq!(
        house.rows().await,
        [
            (request(0), 3, 7, false),
            (request(1), 2, 0, false),
            (request(2), 3, 0, false),
            (request(3), 0, 0, true),
        ]
    );
    let resumed = house.claim_one().await;
    assert_eq!(resumed.request.map(|id| id.0), request(3));
}

#[tokio::test]
async fn only_the_oldest_delivery_that_waits_warns() {
    let Some(house) = House::build().await else {
        return;
    };
    house.endpoint(ANN, 2, true).await;
    house.put(0, State::Done).await;
    house.put(1, State::Done).await;
    for _ in 0..2 {
        let mut claimed = house.claim().await;
        claimed.sort_by_key(|it| it.id);
        let mut warnings = Vec::new();
        for claimed in &claimed {
            match house.answered(claimed, 500).await {
                Finished::Written(Next::Retry(retry, _), warning) => {
                    warnings.push((retry, warning))
                }
                other => panic!("{other:?}"),
            }
        }
        match warnings.as_slice() {
            [(1, None), (1, None)] | [(2, Some(Warning::First)), (2, None)] => {}
            other => panic!("{other:?}"),
        }
        house.hurry().await;
    }
}

#[tokio::test]
async fn what_its_owner_switches_off_is_told_nothing_and_goes_on_when_it_is_switched_on() {
    let Some(house) = House::build().await else {
        return;
    };
    let id = house.endpoint(ANN, 2, true).await;
    house.put(0, State::Done).await;
    let sent = house.claim_one().await;
    let switch = async |enabled| {
        let change = Change {
            enabled: Some(enabled),
            ..Change::default()
        };
        assert!(
            !house
                .webhooks()
                .change(Some(BEN), id, change)
                .await
                .unwrap()
        );
        assert!(
            house
                .webhooks()
                .change(Some(ANN), id, change)
                .await
                .unwrap()
        );
    };
    switch(false).await;
    assert_eq!(house.answered(&sent, 500).await, Finished::Stale);
    house.put(1, State::Done).await;
    let request = Some(house.requests[0]);
    assert_eq!(house.rows().await, [(request, 4, 0, false)]);
    assert_eq!(
        house.webhooks().replay(Some(ANN), sent.id).await.unwrap(),
        Replayed::EndpointDisabled
    );
    switch(true).await;
    assert_eq!(house.rows().await, [(request, 0, 0, true)]);
    // Switching on what is on begins nothing anew.
    let sent = house.claim_one().await;
    house.answered(&sent, 500).await;
    switch(true).await;
    assert_eq!(house.rows().await, [(request, 1, 1, true)]);
}

#[tokio::test]
async fn a_request_that_ends_while_its_endpoint_is_switched_off_holds_nothing_up() {
    let Some(house) = House::build().await else {
        return;
    };
    let id = house.endpoint(ANN, 2, true).await;
    house.endpoint(BEN, 2, true).await;
    house.put(0, State::Done).await;
    house.put(5, State::Done).await;
    // As if the row had come after it was switched off.
    house
        .run(&format!(
            "update webhook_endpoints set enabled = false where id = {}",
            id.0
        ))
        .await;
    let taken = house.claim_one().await;
    assert_eq!(taken.request.map(|id| id.0), Some(house.requests[5]));
    assert_eq!(
        house.rows().await[0],
        (Some(house.requests[0]), 4, 0, false)
    );
}

#[tokio::test]
async fn who_is_shut_out_is_told_nothing_until_they_may_call_again() {
    let Some(house) = House::build().await else {
        return;
    };
    house.endpoint(ANN, 2, true).await;
    house.put(0, State::Done).await;
    house
        .run("update users set is_active = false where id = 71")
        .await;
    house.put(1, State::Done).await;
    assert_eq!(house.claim().await.len(), 0);
    assert_eq!(
        house
            .number("select count(*) from webhook_events where next_try <= clock_timestamp()")
            .await,
        0,
        "nobody looks at it all the time"
    );
    house
        .run("update users set is_active = true where id = 71")
        .await;
    house.hurry().await;
    assert_eq!(
        house.claim_one().await.request.map(|id| id.0),
        Some(house.requests[0])
    );
}

#[tokio::test]
async fn a_test_is_tried_once_whether_its_endpoint_is_on_or_not_and_counts_for_nothing() {
    let Some(house) = House::build().await else {
        return;
    };
    let id = house.endpoint(ANN, 2, false).await;
    assert_eq!(house.webhooks().test(Some(BEN), id).await.unwrap(), None);
    let event = house.webhooks().test(Some(ANN), id).await.unwrap().unwrap();
    let claimed = house.claim_one().await;
    assert_eq!(
        (claimed.id, claimed.is_test, claimed.request),
        (event, true, None)
    );
    let failed = Finished::Written(Next::Failed, None);
    assert_eq!(house.answered(&claimed, 500).await, failed);
    house.hurry().await;
    assert_eq!(house.claim().await.len(), 0);
    let endpoint = house.webhooks().endpoint(None, id).await.unwrap().unwrap();
    assert_eq!((endpoint.failure_count, endpoint.waiting), (0, None));
    // It can be sent again, and has one try again.
    assert_eq!(
        house.webhooks().replay(Some(ANN), event).await.unwrap(),
        Replayed::Due
    );
    let again = house.claim_one().await;
    assert_eq!(again.key, claimed.key);
    assert_eq!(house.answered(&again, 500).await, failed);
}

#[tokio::test]
async fn what_has_arrived_or_failed_is_sent_again_with_the_same_key_and_body() {
    let Some(house) = House::build().await else {
        return;
    };
    house.endpoint(ANN, 2, true).await;
    house.put(0, State::Done).await;
    let first = house.claim_one().await;
    house
        .webhooks()
        .write_content(&first, "content")
        .await
        .unwrap();
    house.answered(&first, 200).await;
    assert_eq!(
        house.webhooks().replay(Some(BEN), first.id).await.unwrap(),
        Replayed::NotFound
    );
    assert_eq!(
        house.webhooks().replay(Some(ANN), first.id).await.unwrap(),
        Replayed::Due
    );
    let again = house.claim_one().await;
    assert_eq!(
        (&again.key, again.content.as_deref()),
        (&first.key, Some("content"))
    );
}

#[tokio::test]
async fn the_secret_before_the_last_one_signs_as_well_for_a_day() {
    let Some(house) = House::build().await else {
        return;
    };
    let id = house.endpoint(ANN, 2, true).await;
    let secret = SigningSecret::generate();
    assert!(
        !house
            .webhooks()
            .rotate_secret(Some(BEN), id, &secret)
            .await
            .unwrap()
    );
    assert!(
        house
            .webhooks()
            .rotate_secret(Some(ANN), id, &secret)
            .await
            .unwrap()
    );
    house.put(0, State::Done).await;
    let claimed = house.claim_one().await;
    let known = |claimed: &Claimed| {
        claimed
            .secrets
            .iter()
            .map(|it| it.expose() == secret.expose())
            .collect::<Vec<_>>()
    };
    assert_eq!(known(&claimed), [true, false]);
    house
        .run("update webhook_endpoints set previous_secret_until = clock_timestamp()")
        .await;
    house.hurry().await;
    assert_eq!(known(&house.claim_one().await), [true]);
}

#[tokio::test]
async fn a_request_that_has_not_ended_any_more_is_withdrawn_and_a_forgotten_one_is_told_to_nobody()
{
    let Some(house) = House::build().await else {
        return;
    };
    house.endpoint(ANN, 2, true).await;
    house.put(0, State::Failed).await;
    let claimed = house.claim_one().await;
    house.webhooks().withdraw(&claimed).await.unwrap();
    assert_eq!(house.rows().await, []);
    house.put(1, State::Done).await;
    let id = house.requests[1];
    house
        .run(&format!(
            "update fetch_requests set date_forgotten = now() where id = {id}"
        ))
        .await;
    assert_eq!(house.rows().await, []);
}

#[tokio::test]
async fn deliveries_are_kept_for_ninety_days_and_go_with_their_user() {
    let Some(house) = House::build().await else {
        return;
    };
    house.endpoint(ANN, 2, true).await;
    house.endpoint(BEN, 2, true).await;
    house.put(0, State::Done).await;
    house.put(5, State::Done).await;
    let store = &house.built.store;
    let webhooks = store.retention().await.unwrap();
    let kept = webhooks
        .iter()
        .find(|it| it.what == Kept::Webhooks)
        .unwrap();
    assert_eq!((kept.days, kept.overdue), (Some(90), 0));
    let long_ago = format!(
        "update webhook_events set date_created = clock_timestamp() - interval '91 days'
         where request_id = {}",
        house.requests[5]
    );
    house.run(&long_ago).await;
    assert_eq!(store.forget_overdue(Kept::Webhooks).await.unwrap(), 1);
    assert_eq!(house.rows().await.len(), 1);
    for place in 1..5 {
        house.put(place, State::Done).await;
    }
    let gone = store.delete_user("ann").await.unwrap();
    assert!(matches!(gone, Farewell::Gone { .. }), "{gone:?}");
    assert_eq!(house.rows().await, []);
    assert_eq!(
        house.number("select count(*) from webhook_endpoints").await,
        1
    );
}

#[tokio::test]
async fn an_endpoint_is_one_of_its_kind_and_its_owners_alone() {
    let Some(house) = House::build().await else {
        return;
    };
    let id = house.endpoint(ANN, 2, true).await;
    let twice = NewEndpoint {
        user: ANN,
        event_type: 3,
        version: 2,
        url: "https://other.example.com/",
        enabled: true,
        secret: &SigningSecret::generate(),
    };
    let webhooks = house.webhooks();
    assert_eq!(webhooks.register(&twice).await.unwrap(), None);
    assert_eq!(webhooks.endpoint(Some(BEN), id).await.unwrap(), None);
    assert_eq!(webhooks.endpoints_of(BEN, &[id.0]).await.unwrap(), []);
    assert_eq!(webhooks.endpoints(None).await.unwrap().len(), 1);
    assert!(!webhooks.remove(Some(BEN), id).await.unwrap());
    assert!(webhooks.remove(Some(ANN), id).await.unwrap());
    assert_eq!(webhooks.endpoints(None).await.unwrap(), []);
}

/// Whoever removes an endpoint may take their time: nobody's request ends later for that, or with an error.
#[tokio::test]
async fn a_request_ends_while_an_endpoint_is_being_removed() {
    let Some(house) = House::build().await else {
        return;
    };
    let endpoint = house.endpoint(ANN, 2, true).await;
    let mut removing = house.built.pool.begin().await.unwrap();
    sqlx::query("delete from webhook_endpoints where id = $1")
        .bind(endpoint.0)
        .execute(&mut *removing)
        .await
        .unwrap();
    let ending = house.put(0, State::Done);
    let ended = tokio::time::timeout(Duration::from_secs(10), ending).await;
    ended.expect("it does not wait for the removal");
    removing.commit().await.unwrap();
    assert_eq!(house.rows().await, []);
}

#[tokio::test]
async fn what_ends_while_an_endpoint_is_switched_on_again_is_told() {
    let Some(house) = House::build().await else {
        return;
    };
    let endpoint = house.endpoint(ANN, 2, true).await;
    house
        .run("update webhook_endpoints set enabled = false, date_disabled = clock_timestamp()")
        .await;
    let mut ending = house.built.pool.begin().await.unwrap();
    let (id, set) = (house.requests[0], in_state(State::Done));
    let end = format!("update fetch_requests set {set} where id = {id}");
    sqlx::query(AssertSqlSafe(end))
        .execute(&mut *ending)
        .await
        .unwrap();
    let on = Change {
        url: None,
        enabled: Some(true),
    };
    let switching = house.webhooks().change(Some(ANN), endpoint, on);
    let switched = tokio::time::timeout(Duration::from_secs(10), switching).await;
    assert!(switched.expect("it waits for no request").unwrap());
    ending.commit().await.unwrap();
    assert_eq!(house.claim_one().await.request.map(|it| it.0), Some(id));
}

#[tokio::test]
async fn only_so_many_tests_wait_to_be_sent() {
    let Some(house) = House::build().await else {
        return;
    };
    let endpoint = house.endpoint(ANN, 2, false).await;
    for _ in 0..MOST_TESTS {
        assert!(
            house
                .webhooks()
                .test(Some(ANN), endpoint)
                .await
                .unwrap()
                .is_some()
        );
    }
    assert!(
        house
            .webhooks()
            .test(Some(ANN), endpoint)
            .await
            .unwrap()
            .is_none()
    );
    house.answered(&house.claim().await[0], 200).await;
    assert!(
        house
            .webhooks()
            .test(Some(ANN), endpoint)
            .await
            .unwrap()
            .is_some()
    );
}
