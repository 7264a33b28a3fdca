//! Endpoints: whose they are, and what becomes of deliveries while one is given up, switched off or removed.

use std::time::Duration;

use fetch_model::State;
use fetch_webhooks::{
    Change, Claimed, Finished, NewEndpoint, Replayed, SigningSecret, Warning,
    schedule::{MOST_RETRIES, Next},
};
use sqlx::AssertSqlSafe;
use testkit::in_state;

use super::{ANN, BEN, House};

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
