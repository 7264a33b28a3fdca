//! The gateway's side of what login remembers: answers from the database, by core messaging, which has no
//! leader to wait for.

use std::{sync::Arc, time::Duration};

use async_nats::{Message, Subject};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use prost::Message as _;
use tokio::{sync::Semaphore, time};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, info, warn};

use crate::{
    Bus, Error,
    connect::BUCKET_LIMIT,
    error::OrUnavailable,
    login_serve::{LAST_WORD, is_inbox, log_lost},
    subject,
    wire::{self, record_reply::Outcome},
};

/// Gateways share the questions under this name.
const QUEUE: &str = "records";

/// Questions that one gateway works on at a time. They must leave most of its connections to the database, of
/// which it has 16, to the rest of its work.
const AT_ONCE: usize = 6;

/// Records that one question may ask to be made.
pub(crate) const MOST_TOGETHER: usize = 64;

/// A record that is to be made where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// What it is to lie under.
    pub key: String,
    /// What it is. Nobody else may have the same to write there: it tells who has made the record.
    pub value: Vec<u8>,
}

/// A record of login's, as it lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRecord {
    /// What was written.
    pub value: Vec<u8>,
    /// Which writing; never 0.
    pub revision: u64,
}

/// What there is at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The record, if there is one and its life is not over.
    pub record: Option<KeptRecord>,
    /// By the database's clock.
    pub at: DateTime<Utc>,
}

/// That something was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writing {
    /// What it is called; never 0.
    pub revision: u64,
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
}

/// Keeps records for the login service, exactly.
pub trait RecordKeeper: Send + Sync + 'static {
    /// Why it could not.
    type Error: std::error::Error + 'static;

    /// Whether the same may succeed in a while.
    fn may_pass(error: &Self::Error) -> bool;

    /// What lies under a key. It is given up after a while.
    fn read(&self, key: &str) -> impl Future<Output = Result<Read, Self::Error>> + Send;

    /// Writes a value over the revision that was read, 0 if there was nothing; `None` if there is
    /// something else. After its life it counts as never written.
    ///
    /// It has to end by itself, and soon: nobody gives it up, as what it writes to may have to know when it
    /// hangs.
    fn write(
        &self,
        key: &str,
        value: &[u8],
        over: u64,
        life: Duration,
    ) -> impl Future<Output = Result<Option<Writing>, Self::Error>> + Send;

    /// Makes each of these records where there is none; after their life they count as never written. Says of
    /// each, in their order, whether it is there: made now, or when the same was asked for before.
    ///
    /// All of them are made, or the error says that it is not known of any. It has to end as
    /// [`RecordKeeper::write`] does.
    fn create(
        &self,
        records: &[NewRecord],
        life: Duration,
    ) -> impl Future<Output = Result<Vec<bool>, Self::Error>> + Send;
}

impl Bus {
    /// Answers what login asks for, until `shutdown`, then finishes what is under way. Gateways share the
    /// work.
    ///
    /// # Errors
    /// When the message server cannot be used.
    pub async fn serve_login_records<K: RecordKeeper>(
        &self,
        keeper: Arc<K>,
        shutdown: CancellationToken,
    ) -> Result<(), Error> {
        let asked = self
            .client
            .queue_subscribe(subject::LOGIN_RECORDS, QUEUE.to_owned())
            .await;
        let mut asked = asked.or_unavailable("listen")?;
        info!("keeping records for the login service");
        let room = Arc::new(Semaphore::new(AT_ONCE));
        let under_way = TaskTracker::new();
        let answer = |question| {
            let (bus, keeper, room) = (self.clone(), keeper.clone(), room.clone());
            async move {
                let Some((inbox, request)) = understood(question) else {
                    return;
                };
                // Whoever has gone by then has asked again: who is served must be there to hear it, so half of
                // the time is for the answer.
                let wait = Duration::from_millis(request.wait_ms.into()).min(BUCKET_LIMIT);
                let Ok(_place) = time::timeout(wait / 2, room.acquire()).await else {
                    return debug!("there was no time for a question of the login service");
                };
                bus.answer(&*keeper, inbox, &request).await;
            }
        };
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                question = asked.next() => match question {
                    Some(question) => under_way.spawn(answer(question)),
                    None => return Err(Error::Disconnected),
                },
            };
        }
        // The rest is for the other gateways; what is on its way here is not.
        log_lost(asked.drain().await);
        while let Ok(Some(question)) = time::timeout(LAST_WORD, asked.next()).await {
            under_way.spawn(answer(question));
        }
        under_way.close();
        under_way.wait().await;
        Ok(())
    }

    async fn answer<K: RecordKeeper>(
        &self,
        keeper: &K,
        inbox: Subject,
        request: &wire::RecordRequest,
    ) {
        let reply = reply(keeper, request).await.unwrap_or_else(|error| {
            let outcome = match K::may_pass(&error) {
                true => Outcome::Unavailable(NOTHING),
                false => Outcome::Refused(NOTHING),
            };
            let error = &error as &dyn std::error::Error;
            warn!(error, "could not ask the database what login wants to know");
            without_time(outcome)
        });
        let reply = Bytes::from(reply.encode_to_vec());
        log_lost(self.client.publish(inbox, reply).await);
    }
}

const NOTHING: wire::record_reply::Nothing = wire::record_reply::Nothing {};

fn without_time(outcome: Outcome) -> wire::RecordReply {
    wire::RecordReply {
        at_ms: 0,
        outcome: Some(outcome),
    }
}

fn at_time(at: DateTime<Utc>, outcome: Outcome) -> wire::RecordReply {
    wire::RecordReply {
        at_ms: at.timestamp_millis(),
        outcome: Some(outcome),
    }
}

/// What is asked, and where the answer goes.
fn understood(question: Message) -> Option<(Subject, wire::RecordRequest)> {
    let Some(inbox) = question.reply.filter(|inbox| is_inbox(inbox)) else {
        warn!("ignored a question for a record with a reply subject that is not allowed");
        return None;
    };
    let Ok(request) = wire::RecordRequest::decode(question.payload) else {
        warn!("ignored a question for a record that cannot be read");
        return None;
    };
    Some((inbox, request))
}

async fn reply<K: RecordKeeper>(
    keeper: &K,
    request: &wire::RecordRequest,
) -> Result<wire::RecordReply, K::Error> {
    match (&request.create, &request.write) {
        (Some(create), _) => created(keeper, create).await.map(without_time),
        (None, Some(write)) => written(keeper, &request.key, write).await,
        (None, None) => read(keeper, &request.key).await,
    }
}

async fn read<K: RecordKeeper>(keeper: &K, key: &str) -> Result<wire::RecordReply, K::Error> {
    let Ok(read) = time::timeout(BUCKET_LIMIT, keeper.read(key)).await else {
        debug!("the database did not answer a question of the login service in time");
        return Ok(without_time(Outcome::Unavailable(NOTHING)));
    };
    let Read { record, at } = read?;
    let kept = record.map(|record| {
        let KeptRecord { value, revision } = record;
        Outcome::Kept(wire::record_reply::Kept { value, revision })
    });
    Ok(at_time(at, kept.unwrap_or(Outcome::Nothing(NOTHING))))
}

async fn written<K: RecordKeeper>(
    keeper: &K,
    key: &str,
    write: &wire::record_request::Write,
) -> Result<wire::RecordReply, K::Error> {
    let life = Duration::from_secs(write.life_seconds.into());
    let written = keeper.write(key, &write.value, write.over, life).await?;
    Ok(match written {
        Some(Writing { revision, at }) => at_time(at, Outcome::Written(revision)),
        None => without_time(Outcome::Conflict(NOTHING)),
    })
}

async fn created<K: RecordKeeper>(
    keeper: &K,
    create: &wire::record_request::Create,
) -> Result<Outcome, K::Error> {
    if create.records.len() > MOST_TOGETHER {
        warn!("the login service asked for more records at once than it may");
        return Ok(Outcome::Refused(NOTHING));
    }
    let records = create.records.iter().cloned().map(|record| {
        let wire::record_request::NewRecord { key, value } = record;
        NewRecord { key, value }
    });
    let records: Vec<NewRecord> = records.collect();
    let life = Duration::from_secs(create.life_seconds.into());
    let is_there = keeper.create(&records, life).await?;
    Ok(Outcome::Created(wire::record_reply::Created { is_there }))
}
