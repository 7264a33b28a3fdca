//! Many logins at once, and a gateway whose database is slow.

use std::{collections::HashSet, time::Duration};

use fetch_bus::{NewRecord, Read, RecordKeeper, Role, Writing};
use futures_util::{StreamExt, future::try_join_all};
use testkit::DatabaseKeeper;
use tokio::time;

use crate::{connect, within};

/// Enough that a gateway needs far longer for all of them than the fifth of a second that the first
/// question waits for its answer.
const READS: usize = 300;

/// A keeper that takes its time.
struct Slow(DatabaseKeeper);

impl RecordKeeper for Slow {
    type Error = <DatabaseKeeper as RecordKeeper>::Error;

    fn may_pass(error: &Self::Error) -> bool {
        DatabaseKeeper::may_pass(error)
    }

    async fn read(&self, key: &str) -> Result<Read, Self::Error> {
        time::sleep(Duration::from_millis(30)).await;
        self.0.read(key).await
    }

    async fn write(
        &self,
        key: &str,
        value: &[u8],
        over: u64,
        life: Duration,
    ) -> Result<Option<Writing>, Self::Error> {
        self.0.write(key, value, over, life).await
    }

    async fn create(
        &self,
        records: &[NewRecord],
        life: Duration,
    ) -> Result<Vec<bool>, Self::Error> {
        self.0.create(records, life).await
    }
}

/// What waits for its place until its time is over is answered for nobody and asked again: then ever more
/// is done, and ever less of it heard.
#[tokio::test]
async fn what_is_asked_all_at_once_is_hardly_asked_twice() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let gateway = server.config(Role::Gateway);
    let Some(_records) = within(testkit::login_records_by(&gateway, Slow)).await else {
        return;
    };
    let mut asked = testkit::asked_for_records(&server).await;
    let records = connect(&server, Role::Login).await.login_records();
    let reads = (0..READS).map(|number| {
        let (records, account) = (records.clone(), format!("many-{number}"));
        async move { records.read(&account).await }
    });
    within(try_join_all(reads)).await.unwrap();
    // After all others, so that they were heard of when this is.
    within(records.read("last")).await.unwrap();
    let (mut keys, mut questions) = (HashSet::new(), 0);
    while keys.len() <= READS {
        let question = within(asked.next()).await.unwrap();
        keys.insert(question.key);
        questions += 1;
    }
    assert!(questions < READS * 5 / 4, "{questions} questions");
}
