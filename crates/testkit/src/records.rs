//! A gateway that does nothing but keep records for the login service, in a database of a test's own.

use std::{sync::Arc, time::Duration};

use dev_stack::Nats;
use fetch_bus::{
    BusConfig, KeptRecord, NewRecord, Read, RecordKeeper, Role, Writing, wire::RecordRequest,
};
use fetch_db::Error;
use fetch_model::DatabaseRole;
use fetch_queue::Queue;
use futures_util::{Stream, StreamExt};
use prost::Message;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{TestStore, observe, store};

/// Connections to the database, as many as a gateway has.
const CONNECTIONS: u32 = 16;

/// Keeps records until it is dropped.
#[derive(Debug)]
pub struct TestRecords {
    /// Where they lie.
    pub store: TestStore,
    gateways: Vec<DropGuard>,
}

/// Keeps what the login service asks for at this message server, with the rights that a gateway has.
///
/// `None` when there is no database to keep it in: the test is to return at once.
///
/// # Panics
/// When one of them refuses, and in CI when there is no database.
pub async fn login_records(gateway: &BusConfig) -> Option<TestRecords> {
    login_records_by(gateway, |keeper| keeper).await
}

/// The same by a gateway that does something else with what it is asked for.
///
/// # Panics
/// As [`login_records`] does.
pub async fn login_records_by<K: RecordKeeper>(
    gateway: &BusConfig,
    made: impl FnOnce(DatabaseKeeper) -> K,
) -> Option<TestRecords> {
    let mut records = TestRecords {
        store: store(CONNECTIONS).await?,
        gateways: Vec::new(),
    };
    records.also_by(gateway, made).await;
    Some(records)
}

impl TestRecords {
    /// Has one more gateway keep them.
    ///
    /// # Panics
    /// When the message server or the database refuses.
    pub async fn also_by<K: RecordKeeper>(
        &mut self,
        gateway: &BusConfig,
        made: impl FnOnce(DatabaseKeeper) -> K,
    ) {
        let queue = self.store.of(DatabaseRole::Gateway).await.queue;
        let keeper = Arc::new(made(DatabaseKeeper(queue)));
        let bus = fetch_bus::connect(Role::Gateway, gateway).await;
        let bus = bus.expect("the message server lets a gateway in");
        let stop = CancellationToken::new();
        let until = stop.clone();
        tokio::spawn(async move { bus.serve_login_records(keeper, until).await });
        self.gateways.push(stop.drop_guard());
    }

    /// Has the database forget them, as one that another took over from before it knew of them.
    ///
    /// # Panics
    /// When the database is gone.
    pub async fn lose(&self) {
        self.run("delete from login_records").await;
    }

    /// Has the database refuse everything that is asked of it, as one does that nobody has migrated.
    ///
    /// # Panics
    /// When the database is gone.
    pub async fn take_away(&self) {
        self.run("alter table login_records rename to taken_away")
            .await;
    }

    /// Has the database answer as one that is being shut down, until it is back.
    ///
    /// # Panics
    /// When the database is gone.
    pub async fn go_away(&self) {
        self.run(
            "alter table login_records rename to kept;
             create function away() returns setof kept language plpgsql as
                 $$ begin raise sqlstate '57P01'; end $$;
             create view login_records as select * from away();
             grant execute on function away() to public;
             grant select on login_records to public",
        )
        .await;
    }

    /// See [`TestRecords::go_away`].
    ///
    /// # Panics
    /// When the database is gone, or was not away.
    pub async fn come_back(&self) {
        self.run("drop view login_records; drop function away(); alter table kept rename to login_records")
            .await;
    }

    /// Has the database refuse a fourth of all nonces, by their first digit.
    ///
    /// # Panics
    /// When the database is gone.
    pub async fn refuse_a_fourth_of_the_nonces(&self) {
        self.run("alter table login_records add check (key !~ '^nonce[.][0-3]') not valid")
            .await;
    }

    /// How many there are.
    ///
    /// # Panics
    /// When the database is gone.
    pub async fn count(&self) -> usize {
        let count = sqlx::query_scalar("select count(*) from login_records");
        let count: i64 = count
            .fetch_one(&self.store.pool)
            .await
            .expect("the test's database counts");
        usize::try_from(count).expect("a count is not negative")
    }

    async fn run(&self, statement: &'static str) {
        let done = sqlx::raw_sql(statement).execute(&self.store.pool).await;
        done.expect("the test's database does what it is told");
    }
}

/// Everything that the login service asks gateways for, from now on.
///
/// # Panics
/// When the message server cannot be reached.
pub async fn asked_for_records(nats: &Nats) -> impl Stream<Item = RecordRequest> + Unpin {
    let observer = observe(nats, Role::Gateway).await;
    let observer = observer.expect("the message server lets an observer in");
    let asked = observer.subscribe("pacer.login.records").await;
    let asked = asked.expect("an observer hears everything");
    // The server has answered this when it knows of the subscription.
    let _ = observer.request("nobody.answers", "".into()).await;
    asked.map(|question| {
        RecordRequest::decode(question.payload).expect("login asks what can be understood")
    })
}

/// As a gateway's.
#[derive(Debug, Clone)]
pub struct DatabaseKeeper(Queue);

impl RecordKeeper for DatabaseKeeper {
    type Error = Error;

    fn may_pass(error: &Error) -> bool {
        !error.is_lasting()
    }

    async fn read(&self, key: &str) -> Result<Read, Error> {
        let (record, at) = self.0.login_record(key).await?;
        let record = record.map(|record| KeptRecord {
            value: record.value,
            revision: record.revision.unsigned_abs(),
        });
        Ok(Read { record, at })
    }

    async fn write(
        &self,
        key: &str,
        value: &[u8],
        over: u64,
        life: Duration,
    ) -> Result<Option<Writing>, Error> {
        let over = i64::try_from(over).unwrap_or(i64::MAX);
        let written = self.0.write_login_record(key, value, over, life).await?;
        Ok(written.map(|written| Writing {
            revision: written.revision.unsigned_abs(),
            at: written.at,
        }))
    }

    async fn create(&self, records: &[NewRecord], life: Duration) -> Result<Vec<bool>, Error> {
        let records = records.iter();
        let records = records.map(|record| (record.key.as_str(), record.value.as_slice()));
        let records: Vec<(&str, &[u8])> = records.collect();
        self.0.create_login_records(&records, life).await
    }
}
