//! One purchase of a thing, whoever asks for it and whatever lies between looking and buying. What
//! comes between is held there by open transactions.

use std::time::Duration;

use fetch_ledger::{
    captures::NewCapture,
    history::PricesShown,
    purchases::{Affirmed, Intent, NewPurchase},
};
use fetch_model::{FetchKind, FetchRequest, PurchaseId};
use futures_util::future;

use super::house::{House, MENU, capture, docket, document, menu};

/// Neither sees anything when it looks; the turn of the second comes when the first is done.
#[tokio::test]
async fn who_looked_before_the_other_bought_does_not_buy_again() {
    let Some(house) = House::new().await else {
        return;
    };
    for kind in [FetchKind::Docket, FetchKind::Pdf] {
        let purchase = |request: &FetchRequest| match kind {
            FetchKind::Docket => docket(request),
            _ => document(request),
        };
        let first = purchase(&house.running(kind).await);
        let second = purchase(&house.running(kind).await);
        let kept = house
            .store
            .ledger
            .kept(second.request, &second.item_key, &second.enough);
        assert_eq!(kept.await.unwrap(), None, "the second looks");
        assert!(!is_under_way(&house, &second).await);

        let intent = house.granted(&first).await;
        assert_eq!(house.begin(&second).await, Intent::UnderWay);
        let home = house.keep(intent, &first).await;
        assert_eq!(house.begin(&second).await, Intent::Held);
        let kept = house
            .store
            .ledger
            .kept(second.request, &second.item_key, &second.enough);
        assert_eq!(kept.await.unwrap(), Some(home), "and takes what is there");
        let lines = house.store.ledger.ledger().await.unwrap();
        let of_item = lines.iter().filter(|line| line.item_key == first.item_key);
        assert_eq!(of_item.count(), 1, "no trace of a second purchase");
    }
}

async fn is_under_way(house: &House, new: &NewPurchase) -> bool {
    let store = &house.store;
    let under_way = store.ledger.under_way_for(new.request, &new.item_key).await;
    under_way.unwrap().is_some()
}

/// The second statement is what sees the capture: the first began before it was committed.
#[tokio::test]
async fn who_waits_for_the_capture_to_be_committed_sees_it() {
    let Some(house) = House::new().await else {
        return;
    };
    let first = docket(&house.running(FetchKind::Docket).await);
    let second = docket(&house.running(FetchKind::Docket).await);
    let intent = house.granted(&first).await;
    // The capture is written, the intent is none any more, and neither is committed: the row of
    // the request is what it waits for.
    let mut hold = house.pool.begin().await.unwrap();
    sqlx::query("select 1 from fetch_requests where id = $1 for no key update")
        .bind(first.request.0)
        .execute(&mut *hold)
        .await
        .unwrap();
    let (_, begun, ()) = tokio::join!(
        house.keep(intent, &first),
        async {
            house.wait_for_a_blocked_one().await;
            house.begin(&second).await
        },
        async {
            house.wait_for_blocked(2).await;
            hold.rollback().await.unwrap();
        }
    );
    assert_eq!(begun, Intent::Held);
}

/// The same with an end that brought nothing: then it is the other one's turn.
#[tokio::test]
async fn who_waits_for_a_purchase_that_comes_to_nothing_buys() {
    let Some(house) = House::new().await else {
        return;
    };
    let first = docket(&house.running(FetchKind::Docket).await);
    let second = docket(&house.running(FetchKind::Docket).await);
    let intent = house.granted(&first).await;
    let mut hold = house.pool.begin().await.unwrap();
    sqlx::query("update purchases set state = 'void' where id = $1")
        .bind(intent.0)
        .execute(&mut *hold)
        .await
        .unwrap();
    let (begun, ()) = tokio::join!(house.begin(&second), async {
        house.wait_for_a_blocked_one().await;
        hold.commit().await.unwrap();
    });
    assert!(matches!(begun, Intent::Granted(_)), "{begun:?}");
}

#[tokio::test]
async fn of_many_who_want_a_thing_at_once_one_buys_it() {
    let Some(house) = House::new().await else {
        return;
    };
    for round in 0..20 {
        let mut purchases = Vec::new();
        for _ in 0..8 {
            let request = house.running(FetchKind::Docket).await;
            let mut new = docket(&request);
            new.item_key = format!("docket/cand/{round}/");
            purchases.push(new);
        }
        let bought = future::join_all(purchases.iter().map(|new| buy(&house, new))).await;
        let bought = bought.into_iter().filter(|bought| *bought).count();
        assert_eq!(bought, 1, "round {round}");
    }
}

/// Buys, or takes what is there; whether it bought.
async fn buy(house: &House, new: &NewPurchase) -> bool {
    loop {
        match house.begin(new).await {
            Intent::Granted(intent) => {
                house.keep(intent, new).await;
                return true;
            }
            Intent::Held => return false,
            Intent::UnderWay => tokio::task::yield_now().await,
            other => panic!("{other:?}"),
        }
    }
}

/// A worker that was given up for dead comes home while another, with an intent of its own, goes
/// from one request to the next.
#[tokio::test]
async fn who_comes_home_late_is_seen_before_the_next_request_is_sent() {
    let Some(house) = House::new().await else {
        return;
    };
    let first = docket(&house.running(FetchKind::Docket).await);
    let lost = house.granted(&first).await;
    house
        .store
        .ledger
        .doubt_purchase(lost, "silent")
        .await
        .unwrap();
    let second = docket(&house.running(FetchKind::Docket).await);
    let intent = house.granted(&second).await;
    let affirm = async || {
        house
            .store
            .ledger
            .affirm_purchase(intent, &second)
            .await
            .unwrap()
    };
    assert_eq!(affirm().await, Affirmed::Stands);
    house.keep(lost, &first).await;
    assert_eq!(affirm().await, Affirmed::Held);
    // And the request's own worker too, in a later attempt.
    let again = docket(&house.claim(first.request).await);
    assert_eq!(house.begin(&again).await, Intent::UnderWay);
    house
        .store
        .ledger
        .void_purchase(intent, "needless")
        .await
        .unwrap();
    assert_eq!(house.begin(&again).await, Intent::Held);
}

async fn sell_in_place_of_a_menu(house: &House) -> PurchaseId {
    let asked = menu(&house.running(FetchKind::Attachments).await, false);
    let intent = house.granted(&asked).await;
    let pdf = NewCapture {
        media_type: "application/pdf".to_owned(),
        ..capture(&asked)
    };
    let kept = house.keep_as(intent, &asked, &pdf).await;
    assert!(house.store.ledger.came_for_a_menu(kept.id).await.unwrap());
    intent
}

#[tokio::test]
async fn an_entry_whose_document_was_sold_in_place_of_its_menu_is_not_asked_again() {
    let Some(house) = House::new().await else {
        return;
    };
    // Both have looked before anything was sold.
    let waiting = menu(&house.running(FetchKind::Attachments).await, false);
    let wants_the_document = document(&house.running(FetchKind::Pdf).await);
    sell_in_place_of_a_menu(&house).await;
    assert_eq!(house.begin(&waiting).await, Intent::Held);
    assert_eq!(house.begin(&wants_the_document).await, Intent::Held);
    house
        .run("update captures set date_created = now() - interval '9 years'")
        .await;
    let later = menu(&house.running(FetchKind::Attachments).await, false);
    assert_eq!(house.begin(&later).await, Intent::Held, "for good");
}

#[tokio::test]
async fn a_menu_that_came_for_another_request_is_not_asked_for_again() {
    let Some(house) = House::new().await else {
        return;
    };
    let first = menu(&house.running(FetchKind::Attachments).await, false);
    let second = menu(&house.running(FetchKind::Attachments).await, false);
    let intent = house.granted(&first).await;
    assert_eq!(house.begin(&second).await, Intent::UnderWay);
    let free = NewCapture {
        item_key: MENU.to_owned(),
        ..capture(&first)
    };
    let kept = crate::buyers(&house.store)
        .keep_free(intent, first.fence, &free)
        .await;
    kept.unwrap();
    assert_eq!(house.store.ledger.ledger().await.unwrap()[0].state, "void");
    assert_eq!(house.begin(&second).await, Intent::Held);
    // One that is asked for later is asked for anew; the document is another thing.
    let later = menu(&house.running(FetchKind::Attachments).await, false);
    house
        .store
        .ledger
        .void_purchase(house.granted(&later).await, "free")
        .await
        .unwrap();
    let wants_the_document = document(&house.running(FetchKind::Pdf).await);
    house.granted(&wants_the_document).await;
}

#[tokio::test]
async fn a_document_that_was_asked_for_is_no_menu_unless_it_would_be_sold_again() {
    let Some(house) = House::new().await else {
        return;
    };
    let bought = document(&house.running(FetchKind::Pdf).await);
    let home = house.keep(house.granted(&bought).await, &bought).await;
    assert!(!house.store.ledger.came_for_a_menu(home.id).await.unwrap());
    let never_shown_prices = menu(&house.running(FetchKind::Attachments).await, true);
    assert_eq!(house.begin(&never_shown_prices).await, Intent::Held);
    let shown_prices = menu(&house.running(FetchKind::Attachments).await, false);
    house.granted(&shown_prices).await;
}

#[tokio::test]
async fn an_account_is_sold_to_without_prices_if_the_last_document_was() {
    let Some(house) = House::new().await else {
        return;
    };
    let courts = ["cand".to_owned()];
    let unpriced = async || {
        let unpriced = house.store.ledger.sells_unpriced("digest", &courts).await;
        unpriced.unwrap()
    };
    assert_eq!(unpriced().await, None, "nothing is known");
    sell_in_place_of_a_menu(&house).await;
    assert_eq!(unpriced().await, Some(true));
    let of_another = house.store.ledger.sells_unpriced("other", &courts).await;
    assert_eq!(of_another.unwrap(), None);
    let nysd = ["nysd".to_owned()];
    let elsewhere = house.store.ledger.sells_unpriced("digest", &nysd).await;
    assert_eq!(elsewhere.unwrap(), None);
    house
        .run("update purchases set billed_by = 'receipt'")
        .await;
    assert_eq!(unpriced().await, Some(false));

    // What was billed in place of a document has a receipt, and shows nobody a price.
    let shown = async || {
        let question = PricesShown {
            account_digest: "digest",
            courts: courts.to_vec(),
            within: Duration::from_secs(3600),
        };
        house.store.ledger.shows_prices(&question).await.unwrap()
    };
    assert!(shown().await);
    house.run("update captures set in_vain = true").await;
    assert!(!shown().await);
    assert_eq!(unpriced().await, None);
}

/// A commit that was not confirmed may have been made: whoever tries again finds it.
#[tokio::test]
async fn what_is_booked_is_not_booked_again() {
    let Some(house) = House::new().await else {
        return;
    };
    let request = house.running(FetchKind::Docket).await;
    let new = docket(&request);
    let purchase = house.granted(&new).await;
    let first = house.keep(purchase, &new).await;
    let second = house.keep(purchase, &new).await;
    assert_eq!(first, second);
    let counts: (i64, i64) = sqlx::query_as(
        "select (select count(*) from captures),
                (select count(*) from purchase_events where state = 'captured')",
    )
    .fetch_one(&house.pool)
    .await
    .unwrap();
    assert_eq!(counts, (1, 1));
}
