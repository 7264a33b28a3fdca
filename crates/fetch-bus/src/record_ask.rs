//! The login service's side of what it remembers in the database: a gateway is asked, whichever has time.
//!
//! Keys and values with the rules of a [bucket](crate::bucket), and without its leader. Each write is
//! conditional on what was read, and one whose answer was lost counts as made if it is found to be.

use std::time::Duration;

use async_nats::{Request, RequestErrorKind};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use prost::Message;

use crate::{
    Bus, Error, KeptRecord, NewRecord, Read, Writing,
    connect::BUCKET_LIMIT,
    error::OrUnavailable,
    subject,
    wire::{self, record_reply::Outcome, record_request::Create},
};

/// How long an answer is waited for at first. Longer than a busy database takes, as a question that is
/// lost with a message server costs that.
const FIRST_LIMIT: Duration = Duration::from_millis(200);

impl Bus {
    /// What lies under a key. Asked again for half a minute if nobody answers.
    pub(crate) async fn record(&self, key: &str) -> Result<Read, Error> {
        let question = wire::RecordRequest {
            key: key.to_owned(),
            ..wire::RecordRequest::default()
        };
        self.patiently_within(limit, |limit| self.read_record(&question, limit))
            .await
    }

    /// Writes `value` over the revision that was read, 0 if there was nothing. `None` if somebody else
    /// has written meanwhile. No two writers may have the same value to write: what is found there is taken
    /// for one's own.
    pub(crate) async fn write_record(
        &self,
        key: &str,
        value: Vec<u8>,
        over: u64,
        life: Duration,
    ) -> Result<Option<Writing>, Error> {
        let write = wire::record_request::Write {
            value,
            over,
            life_seconds: seconds(life),
        };
        let question = wire::RecordRequest {
            key: key.to_owned(),
            write: Some(write),
            ..wire::RecordRequest::default()
        };
        self.patiently_within(limit, |limit| self.write_record_once(&question, limit))
            .await
    }

    /// Makes each of these records where there is none, at most [`MOST_TOGETHER`](crate::record_serve::MOST_TOGETHER)
    /// of them. Says of each whether it is there: as with [`Bus::write_record`], what is found is taken for one's
    /// own.
    pub(crate) async fn create_records(
        &self,
        records: &[NewRecord],
        life: Duration,
    ) -> Result<Vec<bool>, Error> {
        let question = wire::RecordRequest {
            create: Some(to_wire(records, life)),
            ..wire::RecordRequest::default()
        };
        let asked = self.patiently_within(limit, |limit| self.ask_for_record(&question, limit));
        match asked.await?.1 {
            Outcome::Created(created) if created.is_there.len() == records.len() => {
                Ok(created.is_there)
            }
            _ => Err(malformed()),
        }
    }

    async fn read_record(
        &self,
        question: &wire::RecordRequest,
        limit: Duration,
    ) -> Result<Read, Error> {
        let (at, outcome) = self.ask_for_record(question, limit).await?;
        let record = match outcome {
            Outcome::Kept(wire::record_reply::Kept { value, revision }) => {
                Some(KeptRecord { value, revision })
            }
            Outcome::Nothing(_) => None,
            _ => return Err(malformed()),
        };
        let at = at.ok_or_else(malformed)?;
        Ok(Read { record, at })
    }

    async fn write_record_once(
        &self,
        question: &wire::RecordRequest,
        limit: Duration,
    ) -> Result<Option<Writing>, Error> {
        let (at, outcome) = self.ask_for_record(question, limit).await?;
        match outcome {
            Outcome::Written(revision) => {
                let at = at.ok_or_else(malformed)?;
                Ok(Some(Writing { revision, at }))
            }
            Outcome::Conflict(_) => self.found_written(question, limit).await,
            _ => Err(malformed()),
        }
    }

    /// A gateway may have written it before, without being able to say so.
    async fn found_written(
        &self,
        question: &wire::RecordRequest,
        limit: Duration,
    ) -> Result<Option<Writing>, Error> {
        let wire::RecordRequest { key, write, .. } = question;
        let read = wire::RecordRequest {
            key: key.clone(),
            ..wire::RecordRequest::default()
        };
        let Read { record, at } = self.read_record(&read, limit).await?;
        let is_mine = |found: &KeptRecord| {
            let mine = write.as_ref();
            mine.is_some_and(|mine| mine.value == found.value && mine.over != found.revision)
        };
        let mine = record.filter(is_mine);
        Ok(mine.map(|KeptRecord { revision, .. }| Writing { revision, at }))
    }

    async fn ask_for_record(
        &self,
        question: &wire::RecordRequest,
        limit: Duration,
    ) -> Result<(Option<DateTime<Utc>>, Outcome), Error> {
        // Here, waiting costs nothing: the time of a question begins when it is sent.
        let _place = self.questions.acquire().await;
        self.connected()?;
        let question = wire::RecordRequest {
            wait_ms: u32::try_from(limit.as_millis()).unwrap_or(u32::MAX),
            ..question.clone()
        };
        let asked = Request::new()
            .payload(Bytes::from(question.encode_to_vec()))
            .timeout(Some(limit));
        let answer = match self
            .client
            .send_request(subject::LOGIN_RECORDS, asked)
            .await
        {
            Ok(answer) => answer,
            Err(error) if error.kind() == RequestErrorKind::NoResponders => {
                return Err(Error::NoKeeper("there is no gateway"));
            }
            Err(error) => return Err(error).or_unavailable("carry a question to a gateway"),
        };
        let reply = wire::RecordReply::decode(answer.payload).map_err(|_| malformed())?;
        match reply.outcome.ok_or_else(malformed)? {
            Outcome::Unavailable(_) => Err(Error::NoKeeper("its database is away")),
            Outcome::Refused(_) => Err(Error::RecordRefused),
            outcome => {
                let at = Some(reply.at_ms).filter(|ms| *ms > 0);
                Ok((at.and_then(DateTime::from_timestamp_millis), outcome))
            }
        }
    }
}

/// Of the time that has passed, half is not lost: there is no election to wait for, and gateways that are
/// slow are not asked ever more.
fn limit(waited: Duration) -> Duration {
    (waited / 2).clamp(FIRST_LIMIT, BUCKET_LIMIT)
}

fn to_wire(records: &[NewRecord], life: Duration) -> Create {
    let records = records.iter().cloned().map(|record| {
        let NewRecord { key, value } = record;
        wire::record_request::NewRecord { key, value }
    });
    Create {
        records: records.collect(),
        life_seconds: seconds(life),
    }
}

fn seconds(life: Duration) -> u32 {
    u32::try_from(life.as_secs()).unwrap_or(u32::MAX)
}

fn malformed() -> Error {
    Error::Malformed {
        what: "a gateway's answer about a record",
    }
}
