//! What the driver of a conversation holds to, whatever its flow says.

use std::sync::{Arc, Mutex};

use fetch_model::{AttemptError, Failure};

use crate::court::{Court, PDF, failed, frame, pdf, price, redirect};
use crate::house::{House, line, lines, release, until, within};

/// Each request finds its intent in the books, and none is written while that cannot be.
#[tokio::test]
async fn nothing_billable_is_written_before_its_intent() {
    let Some(house) = House::open().await else {
        return;
    };
    let request = house.accept(None).await;
    let pool = house.pool();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let court = Court::open({
        let (pool, seen) = (pool.clone(), seen.clone());
        move |nth, _| {
            let (pool, seen) = (pool.clone(), seen.clone());
            async move {
                let lines = lines(&pool, request).await;
                seen.lock().unwrap().push(lines);
                match nth {
                    0 => price(),
                    1 => frame(),
                    _ => pdf(),
                }
            }
        }
    })
    .await;
    let mut held = pool.begin().await.unwrap();
    sqlx::query("lock table purchases in exclusive mode")
        .execute(&mut *held)
        .await
        .unwrap();
    let buying = house.buy(&court, request);
    let waiting = async {
        until(
            &pool,
            "select exists (select from pg_locks
                 where relation = 'purchases'::regclass and not granted
                   and database = (select oid from pg_database where datname = current_database()))",
        )
        .await;
        assert!(court.asked().is_empty(), "{:?}", court.asked());
        held.commit().await.unwrap();
    };
    let (bought, ()) = tokio::join!(buying, waiting);
    assert!(bought.unwrap().paid_now);
    let seen = seen.lock().unwrap().clone();
    // Asked for at the most that it can be, ordered at its price, and fetched.
    let at = |cents| vec![line("intent", cents, None)];
    assert_eq!(seen, [at(300), at(120), at(120)], "{:?}", court.asked());
    assert_eq!(
        house.lines(request).await,
        [line("captured", 120, Some(120))]
    );
}

#[tokio::test]
async fn a_lost_claim_sends_nothing() {
    let Some(house) = House::open().await else {
        return;
    };
    // Before anything is sent.
    let request = house.accept(None).await;
    let court = Court::open(|_, _| async { price() }).await;
    let pool = house.pool();
    let taken = async || {
        release(&pool, request).await;
    };
    let lost = house.buy_after(&court, request, taken).await;
    assert_eq!(lost.unwrap_err(), AttemptError::Lost);
    assert_eq!(court.asked(), Vec::<String>::new());
    assert_eq!(house.lines(request).await, []);

    // Between the price and the order.
    let request = house.accept(None).await;
    let court = Court::open({
        let pool = house.pool();
        move |_, _| {
            let pool = pool.clone();
            async move {
                release(&pool, request).await;
                price()
            }
        }
    })
    .await;
    let lost = house.buy(&court, request).await;
    assert_eq!(lost.unwrap_err(), AttemptError::Lost);
    assert_eq!(court.asked(), ["GET /doc1/035155500001"]);
    assert_eq!(house.lines(request).await, [line("void", 120, None)]);
}

#[tokio::test]
async fn a_price_over_the_limit_voids_the_intent() {
    let Some(house) = House::open().await else {
        return;
    };
    let request = house.accept(Some(119)).await;
    let court = Court::open(|_, _| async { price() }).await;
    let refused = house.buy(&court, request).await.unwrap_err();
    assert!(
        matches!(refused, AttemptError::Refuse(Failure::OverBudget { .. })),
        "{refused:?}"
    );
    assert_eq!(court.asked(), ["GET /doc1/035155500001"]);
    let lines = house.lines(request).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((lines[0].0.as_str(), lines[0].2), ("void", None));
    // A cent more, and it is bought.
    let request = house.accept(Some(120)).await;
    let court = Court::open(|nth, _| async move { if nth == 0 { price() } else { pdf() } }).await;
    house.buy(&court, request).await.unwrap();
    assert_eq!(
        house.lines(request).await,
        [line("captured", 120, Some(120))]
    );
}

/// Whoever has paid brings it home, also when somebody else has the request by now.
#[tokio::test]
async fn paid_bytes_come_home_after_the_claim_is_lost() {
    let Some(house) = House::open().await else {
        return;
    };
    let request = house.accept(None).await;
    let court = Court::open({
        let pool = house.pool();
        move |nth, _| {
            let pool = pool.clone();
            async move {
                match nth {
                    0 => price(),
                    1 => {
                        release(&pool, request).await;
                        frame()
                    }
                    _ => pdf(),
                }
            }
        }
    })
    .await;
    let lost = house.buy(&court, request).await;
    assert_eq!(
        court.asked(),
        [
            "GET /doc1/035155500001",
            "POST /doc1/035155500001",
            "GET /cgi-bin/show_temp.pl?file=1"
        ]
    );
    assert_eq!(
        house.lines(request).await,
        [line("captured", 120, Some(120))],
        "{lost:?}"
    );
    assert_eq!(house.kept().await, [(PDF.to_owned(), false)]);
}

/// An order that was sent on is in doubt, whatever the place says that it was sent to.
#[tokio::test]
async fn an_order_that_led_on_to_a_failure_is_in_doubt() {
    let Some(house) = House::open().await else {
        return;
    };
    let request = house.accept(None).await;
    let court = Court::open(|nth, _| async move {
        match nth {
            0 => price(),
            1 => redirect("/doc1/035155500009", Vec::new()),
            _ => failed("Software error"),
        }
    })
    .await;
    let ended = house.buy(&court, request).await.unwrap_err();
    assert_eq!(ended, Failure::MONEY_IN_DOUBT.into());
    assert_eq!(court.asked().len(), 3, "{:?}", court.asked());
    assert_eq!(house.lines(request).await, [line("doubt", 120, None)]);
}

/// A large answer lies in a file of the store as long as anybody holds it.
#[tokio::test]
async fn no_answer_is_held_while_the_next_request_is_out() {
    let Some(house) = House::open().await else {
        return;
    };
    let request = house.accept(None).await;
    let folder = house.store.blobs.path().join("staging");
    let staged = Arc::new(Mutex::new(Vec::new()));
    let court = Court::open({
        let staged = staged.clone();
        move |nth, _| {
            let count = std::fs::read_dir(&folder).map_or(0, Iterator::count);
            staged.lock().unwrap().push(count);
            async move {
                let mut large = PDF.as_bytes().to_vec();
                large.resize(2 << 20, b' ');
                match nth {
                    0 => price(),
                    1 => redirect("/cgi-bin/show_temp.pl?file=1", large),
                    _ => pdf(),
                }
            }
        }
    })
    .await;
    within(house.buy(&court, request)).await.unwrap();
    assert_eq!(*staged.lock().unwrap(), [0, 0, 0], "{:?}", court.asked());
}
