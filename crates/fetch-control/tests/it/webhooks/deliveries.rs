//! Deliveries: one for each end of a request and each endpoint, taken by one process at a time and tried by the
//! contract's schedule.

use std::collections::HashMap;

use fetch_control::farewell::Farewell;
use fetch_db::retention::Kept;
use fetch_model::State;
use fetch_webhooks::{
    Bounds, EventStatus, Finished, Replayed, Warning, WebhookId, events::MOST_TESTS, schedule::Next,
};
use sqlx::AssertSqlSafe;
use testkit::in_state;

use super::{ANN, BEN, BOUNDS, House};

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
