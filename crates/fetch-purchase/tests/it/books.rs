//! What was paid for is written down first, whatever else there is to write.

use sqlx::{PgPool, Postgres, Transaction};

use crate::court::{Court, PDF, page, pdf, price, receipt};
use crate::house::{House, PATIENCE, line, lines, until, within};

/// Somebody holds the row of the court, with something in it for whoever finds that the court works.
async fn hold_the_court(pool: &PgPool) -> Transaction<'static, Postgres> {
    sqlx::query("update courts set consecutive_failures = 1 where id = 'cand'")
        .execute(pool)
        .await
        .unwrap();
    let mut held = pool.begin().await.unwrap();
    sqlx::query("select from courts where id = 'cand' for no key update")
        .execute(&mut *held)
        .await
        .unwrap();
    held
}

/// The answer to the order comes while the books of the court cannot be written.
async fn ordered(answer: fn() -> axum::response::Response, kept: &str, in_vain: bool) {
    let Some(house) = House::open().await else {
        return;
    };
    let request = house.accept(None).await;
    let (holding, held) = tokio::sync::oneshot::channel();
    let holding = std::sync::Arc::new(std::sync::Mutex::new(Some(holding)));
    let court = Court::open({
        let pool = house.pool();
        move |nth, _| {
            let (pool, holding) = (pool.clone(), holding.clone());
            async move {
                if nth == 0 {
                    return price();
                }
                let held = hold_the_court(&pool).await;
                let holding = holding.lock().unwrap().take().unwrap();
                assert!(holding.send(held).is_ok());
                answer()
            }
        }
    })
    .await;
    let pool = house.pool();
    let booking = async {
        let held = within(held).await.unwrap();
        until(
            &pool,
            &format!("select exists (select from purchases where request_id = {request} and state = 'captured')"),
        )
        .await;
        held.rollback().await.unwrap();
    };
    let (bought, ()) = tokio::join!(house.buy(&court, request), booking);
    assert_eq!(bought.is_err(), in_vain, "{bought:?}");
    assert_eq!(
        house.lines(request).await,
        [line("captured", 120, Some(120))]
    );
    let found = house.kept().await;
    assert!(
        found
            .iter()
            .any(|(bytes, vain)| bytes.contains(kept) && *vain == in_vain),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_purchase_is_booked_before_its_court_regains_trust() {
    ordered(pdf, PDF, false).await;
}

#[tokio::test]
async fn what_was_billed_in_vain_is_booked_before_its_court_loses_trust() {
    let cat = || page(format!("The office cat is asleep.{}", receipt()));
    ordered(cat, "The office cat", true).await;
}

/// A document that came at once costs nothing or its pages, and the books say which. Where they cannot
/// be asked, its bytes are kept all the same, and the most is booked.
#[tokio::test]
async fn bytes_without_a_price_are_kept_while_nobody_can_say_what_they_cost() {
    let Some(house) = House::open().await else {
        return;
    };
    let request = house.accept(None).await;
    let (holding, held) = tokio::sync::oneshot::channel();
    let holding = std::sync::Arc::new(std::sync::Mutex::new(Some(holding)));
    let court = Court::open({
        let pool = house.pool();
        move |_, _| {
            let (pool, holding) = (pool.clone(), holding.clone());
            async move {
                let mut held = pool.begin().await.unwrap();
                sqlx::query("lock table purchases in access exclusive mode")
                    .execute(&mut *held)
                    .await
                    .unwrap();
                let holding = holding.lock().unwrap().take().unwrap();
                assert!(holding.send(held).is_ok());
                pdf()
            }
        }
    })
    .await;
    let blobs = house.store.blobs.path().to_owned();
    let keeping = async {
        let held = within(held).await.unwrap();
        testkit::until("kept bytes", PATIENCE, async || {
            Ok(if holds(&blobs, PDF) {
                Ok(())
            } else {
                Err("none")
            })
        })
        .await
        .unwrap();
        held.rollback().await.unwrap();
    };
    let (bought, ()) = tokio::join!(house.buy(&court, request), keeping);
    assert!(bought.unwrap().paid_now);
    assert_eq!(
        lines(&house.pool(), request).await,
        [line("captured", 300, Some(300))]
    );
}

/// Whether a file below the folder has these bytes.
fn holds(folder: &std::path::Path, bytes: &str) -> bool {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .map(|file| file.path())
        .any(|path| match path.is_dir() {
            true => holds(&path, bytes),
            false => std::fs::read(&path).is_ok_and(|found| found == bytes.as_bytes()),
        })
}
