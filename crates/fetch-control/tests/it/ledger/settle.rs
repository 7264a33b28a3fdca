//! A doubt is settled by the operator, from the court's own statement.

use fetch_ledger::{
    doubts::{Settled, Settlement},
    spend::{SpendFilter, SpendScope},
};
use fetch_model::{Cents, Failure, FetchKind, PurchaseId, spend::Money};
use fetch_queue::{Ending, Replay};

use super::house::{House, docket};

const BILLED: Settlement = Settlement::Billed {
    cents: Cents(240),
    pages: Some(24),
};

async fn settle(house: &House, purchase: PurchaseId, settlement: Settlement) -> Settled {
    let settled = house
        .store
        .settle_doubt(purchase, settlement, "statement, p. 4");
    settled.await.unwrap()
}

/// Cents, pages and money of every line of the statement, and what is spent in this quarter.
async fn books(house: &House) -> (Vec<(i32, Option<i32>, Money)>, i32) {
    let filter = SpendFilter {
        whose: SpendScope::User(house.user),
        quarter: None,
        client_code: None,
    };
    let lines = house.store.ledger.spend(&filter).await.unwrap();
    let lines = lines.into_iter();
    let lines = lines.map(|line| (line.cents.0, line.pages, line.money));
    let usage = house.store.ledger.usage(house.user).await.unwrap();
    (lines.collect(), usage.spent.0)
}

async fn events(house: &House, purchase: PurchaseId) -> Vec<(String, String)> {
    let events = "select state, detail from purchase_events where purchase_id = $1 order by id";
    sqlx::query_as(events)
        .bind(purchase.0)
        .fetch_all(&house.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_was_billed_is_booked_and_told_and_not_tried_again() {
    let Some(house) = House::new().await else {
        return;
    };
    let (request, purchase) = house.in_doubt(FetchKind::Docket).await;
    let id = request.id;
    assert_eq!(
        settle(&house, purchase, BILLED).await,
        Settled::UnderWay(fetch_model::State::Running),
        "the answer may still come"
    );
    house
        .end(&request, Ending::Failed(Failure::MONEY_IN_DOUBT))
        .await;
    let doubts = house.store.ledger.open_doubts().await.unwrap();
    assert_eq!((doubts.len(), doubts[0].purchase), (1, purchase));
    assert_eq!((doubts[0].request, doubts[0].at_most), (id, Cents(300)));
    assert_eq!(doubts[0].why, "lost");
    assert_eq!(books(&house).await, (vec![(300, None, Money::Doubt)], 300));

    assert_eq!(settle(&house, purchase, BILLED).await, Settled::Now);
    assert_eq!(
        books(&house).await,
        (vec![(240, Some(24), Money::Billed)], 240)
    );
    assert!(house.store.ledger.open_doubts().await.unwrap().is_empty());
    let told = house.request(id).await;
    assert_eq!(told.cost, Cents(240));
    let said = " It was settled from PACER's statement: $2.40 were charged.";
    assert_eq!(told.message, format!("{}{said}", Failure::MONEY_IN_DOUBT));
    assert_eq!(house.store.replay(id).await.unwrap(), Replay::Billed);
    let dead = house.store.queue.dead(None, 10).await.unwrap();
    assert!(!dead[0].may_be_replayed());

    assert_eq!(settle(&house, purchase, BILLED).await, Settled::Before);
    let otherwise = settle(&house, purchase, Settlement::NotBilled).await;
    assert_eq!(otherwise, Settled::Otherwise);
    assert_eq!(house.request(id).await.message, told.message, "told once");
    let events = events(&house, purchase).await;
    let last = events.last().unwrap();
    assert_eq!((events.len(), last.0.as_str()), (3, "settled"));
    assert!(
        last.1.contains("$2.40") && last.1.contains("p. 4"),
        "{}",
        last.1
    );
}

#[tokio::test]
async fn what_was_not_billed_is_void_and_may_be_tried_again() {
    let Some(house) = House::new().await else {
        return;
    };
    let (request, purchase) = house.in_doubt(FetchKind::Docket).await;
    let unread = Failure::DocketNotRecognised {
        reason: "The court's page is not one that we know; it was kept.".to_owned(),
    };
    house.end(&request, Ending::Failed(unread)).await;
    let settled = settle(&house, purchase, Settlement::NotBilled).await;
    assert_eq!(settled, Settled::Now);
    assert_eq!(books(&house).await, (vec![], 0));
    let message = house.request(request.id).await.message;
    assert!(
        message.ends_with("statement: nothing was charged."),
        "{message}"
    );
    let again = settle(&house, purchase, Settlement::NotBilled).await;
    assert_eq!(again, Settled::Before);
    assert!(house.store.queue.dead(None, 10).await.unwrap()[0].may_be_replayed());
    assert_eq!(
        house.store.replay(request.id).await.unwrap(),
        Replay::Queued
    );
    // It buys like any other, and is not flagged: nothing was bought before.
    let again = house.claim(request.id).await;
    assert_eq!(house.store.ledger.doubts(again.id).await.unwrap(), 0);
    house.granted(&docket(&again)).await;
}

#[tokio::test]
async fn how_the_last_try_ended_says_whether_it_may_be_tried_again() {
    let Some(house) = House::new().await else {
        return;
    };
    let (request, purchase) = house.in_doubt(FetchKind::Docket).await;
    house
        .end(&request, Ending::Failed(Failure::CaseNotFound))
        .await;
    settle(&house, purchase, Settlement::NotBilled).await;
    let replay = house.store.replay(request.id).await.unwrap();
    assert!(matches!(replay, Replay::Final(Some(_))), "{replay:?}");
}

#[tokio::test]
async fn only_what_is_in_doubt_is_settled() {
    let Some(house) = House::new().await else {
        return;
    };
    let nobody = settle(&house, PurchaseId(999), BILLED).await;
    assert_eq!(nobody, Settled::NotFound);
    let new = docket(&house.running(FetchKind::Docket).await);
    let purchase = house.granted(&new).await;
    let in_doubt = |state: &str| Settled::NotInDoubt(state.to_owned());
    assert_eq!(settle(&house, purchase, BILLED).await, in_doubt("intent"));
    house.keep(purchase, &new).await;
    assert_eq!(settle(&house, purchase, BILLED).await, in_doubt("captured"));
    assert_eq!(books(&house).await.1, 300);
}

/// The bytes are there after all: they say more than a statement that did not have them.
#[tokio::test]
async fn bytes_that_come_home_after_a_doubt_was_settled_are_kept_with_their_bill() {
    let Some(house) = House::new().await else {
        return;
    };
    for settlement in [BILLED, Settlement::NotBilled] {
        let (request, purchase) = house.in_doubt(FetchKind::Docket).await;
        house
            .end(&request, Ending::Failed(Failure::MONEY_IN_DOUBT))
            .await;
        settle(&house, purchase, settlement).await;
        let mut new = docket(&request);
        new.item_key = format!("docket/cand/{}/", request.id);
        house.keep(purchase, &new).await;
        assert_eq!(house.request(request.id).await.cost, Cents(300));
        // Now there is something to read, and nothing is bought for it.
        assert_eq!(
            house.store.replay(request.id).await.unwrap(),
            Replay::Queued
        );
    }
}
