//! Which kept bytes are fresh enough: those that came since a request was allowed to begin.

use chrono::{TimeDelta, Utc};
use fetch_ledger::{captures::NewCapture, purchases::Intent};
use fetch_model::{FetchKind, FetchRequest};

use super::house::{House, MENU, capture, docket, document, menu};

/// The page is of tomorrow, and the docket was asked for in thirty days.
#[tokio::test]
async fn a_docket_that_is_scheduled_is_not_answered_with_a_page_from_before_its_time() {
    let Some(house) = House::new().await else {
        return;
    };
    let in_thirty_days = Utc::now() + TimeDelta::days(30);
    let scheduled = house.accept(FetchKind::Docket, Some(in_thirty_days)).await;
    // The next thirty days pass: what was to come lies as far back.
    let tomorrow = docket(&house.running(FetchKind::Docket).await);
    house.keep(house.granted(&tomorrow).await, &tomorrow).await;
    house
        .run("update captures set date_created = now() - interval '29 days'")
        .await;
    house
        .run(
            "update fetch_requests
              set date_created = date_created - interval '30 days',
                  not_before = not_before - interval '30 days',
                  begins_at = begins_at - interval '30 days'",
        )
        .await;
    house.store.queue.enqueue_due().await.unwrap();
    let request = house.store.queue.request(scheduled).await.unwrap().unwrap();
    assert_eq!(request.spec.not_before, None, "its time has come");

    let new = docket(&house.claim(scheduled).await);
    let kept = house
        .store
        .ledger
        .kept(new.request, &new.item_key, &new.enough)
        .await;
    assert_eq!(
        kept.unwrap(),
        None,
        "a page of the day after it was asked for"
    );
    // Between attempts it waits for other times, and they do not count.
    house
        .run("update fetch_requests set not_before = now() + interval '1 hour'")
        .await;
    let new = docket(&house.claim(scheduled).await);
    let intent = house.granted(&new).await;

    // What comes from then on will do, for the next attempt too.
    house.keep(intent, &new).await;
    let again = docket(&house.claim(scheduled).await);
    assert_eq!(house.begin(&again).await, Intent::Held);
}

#[tokio::test]
async fn a_docket_has_to_come_after_it_was_asked_for_and_a_document_does_not() {
    let Some(house) = House::new().await else {
        return;
    };
    for kind in [FetchKind::Docket, FetchKind::Pdf] {
        let purchase = |request: &FetchRequest| match kind {
            FetchKind::Docket => docket(request),
            _ => document(request),
        };
        let waiting = purchase(&house.running(kind).await);
        let bought = purchase(&house.running(kind).await);
        house.keep(house.granted(&bought).await, &bought).await;
        let later = purchase(&house.running(kind).await);
        assert_eq!(house.begin(&waiting).await, Intent::Held);
        let begun = house.begin(&later).await;
        match kind {
            FetchKind::Docket => assert!(matches!(begun, Intent::Granted(_)), "{begun:?}"),
            _ => assert_eq!(begun, Intent::Held),
        }
    }
}

/// A page that was billed and is not the thing serves who waits at that moment: it would be billed
/// to them too. Who asks later asks the court.
#[tokio::test]
async fn what_was_billed_in_vain_keeps_nobody_from_buying_for_ever() {
    let Some(house) = House::new().await else {
        return;
    };
    let bought = document(&house.running(FetchKind::Pdf).await);
    let waiting = document(&house.running(FetchKind::Pdf).await);
    let in_vain = NewCapture {
        in_vain: true,
        ..capture(&bought)
    };
    let intent = house.granted(&bought).await;
    house.keep_as(intent, &bought, &in_vain).await;
    assert_eq!(house.begin(&waiting).await, Intent::Held);
    assert!(!house.store.ledger.is_held(&bought.item_key).await.unwrap());
    let later = document(&house.running(FetchKind::Pdf).await);
    let intent = house.granted(&later).await;
    house.keep(intent, &later).await;
    assert!(house.store.ledger.is_held(&bought.item_key).await.unwrap());
    let last = document(&house.running(FetchKind::Pdf).await);
    assert_eq!(house.begin(&last).await, Intent::Held);
}

#[tokio::test]
async fn a_menu_that_is_scheduled_is_not_an_old_one() {
    let Some(house) = House::new().await else {
        return;
    };
    let soon = Utc::now() + TimeDelta::days(1);
    let scheduled = house.accept(FetchKind::Attachments, Some(soon)).await;
    let first = menu(&house.running(FetchKind::Attachments).await, false);
    let free = NewCapture {
        item_key: MENU.to_owned(),
        ..capture(&first)
    };
    let intent = house.granted(&first).await;
    let kept = crate::buyers(&house.store)
        .keep_free(intent, first.fence, &free)
        .await;
    kept.unwrap();
    house
        .granted(&menu(&house.claim(scheduled).await, false))
        .await;
}

/// A court that has been closed for a day before its time came has not kept it waiting.
#[tokio::test]
async fn what_is_scheduled_waits_for_a_closed_court_from_its_own_time_on() {
    let Some(house) = House::new().await else {
        return;
    };
    let soon = Utc::now() + TimeDelta::days(1);
    let scheduled = house.accept(FetchKind::Docket, Some(soon)).await;
    let waiting = house.accept(FetchKind::Docket, None).await;
    house
        .run(
            "update fetch_requests
              set date_created = date_created - interval '2 days',
                  begins_at = begins_at - interval '2 days'
              where not_before is null;
              update fetch_requests set date_created = date_created - interval '2 days';
              update courts set open_since = now() - interval '2 days' where id = 'cand'",
        )
        .await;
    let swept = house.store.sweep().await.unwrap().unwrap();
    assert_eq!(swept.court_closed_too_long, [waiting]);
    let request = house.store.queue.request(scheduled).await.unwrap().unwrap();
    assert!(!request.state.is_final());
}
