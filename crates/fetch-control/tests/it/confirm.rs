//! Whether the database confirms writes, as a process knows whose connections are all in use.

use std::time::Duration;

use fetch_db::Error;
use tokio::time::timeout;

/// How long a probe may take that does not wait for a connection of the others.
const SOON: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_busy_process_does_not_take_the_database_for_one_that_confirms_nothing() {
    let Some(store) = testkit::store(2).await else {
        return;
    };
    let db = store.store.db.clone();
    let db = db.confirming_within(Duration::from_millis(100));
    let in_use = [db.acquire().await.unwrap(), db.acquire().await.unwrap()];
    timeout(SOON, db.probe()).await.unwrap().unwrap();
    // A write that waited for a connection until its time was over.
    let write = db.confirmed(std::future::pending::<Result<(), Error>>());
    assert!(matches!(write.await, Err(Error::Unconfirmed)));
    let turn = timeout(SOON, db.turn_to_write()).await.unwrap();
    assert!(turn.is_ok(), "{turn:?}");
    // Whoever waits for another process goes on waiting.
    assert!(timeout(2 * SOON, db.until_stalled()).await.is_err());
    drop(in_use);
    db.probe().await.unwrap();
}
