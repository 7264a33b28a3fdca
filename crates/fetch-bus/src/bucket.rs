//! The login service's buckets: keys and values in the servers' memory, read at their leader.
//!
//! A read that any replica of a bucket answers may lack what was just written: whoever then finds
//! "nothing" where their own record lies believes to have lost it. So there is no direct read here,
//! and each write is conditional on what was read. A write whose answer was lost counts as made if
//! it is found to be.

use std::error::Error as _;

use crate::{Bus, Error, error::OrUnavailable, streams};
use async_nats::{
    HeaderMap, HeaderValue,
    header::{NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_ROLLUP},
    jetstream::{
        self, ErrorCode,
        context::{PublishError, PublishErrorKind},
        message::StreamMessage,
        stream::{LastRawMessageErrorKind, Stream},
    },
};
use bytes::Bytes;
use chrono::{DateTime, Utc};

/// A bucket, by its name.
pub(crate) struct Bucket<'a> {
    bus: &'a Bus,
    name: &'static str,
}

/// What lies under a key.
pub(crate) struct Entry {
    pub value: Bytes,
    /// Which writing of all in this bucket; never 0.
    pub revision: u64,
    /// When it was written, by the server's clock.
    pub at: DateTime<Utc>,
}

/// Why a write was not made, or may not have been.
enum Unwritten {
    /// Somebody else has written meanwhile, or is about to.
    Conflict,
    /// It may have been made.
    Unknown(PublishError),
}

impl Bus {
    pub(crate) fn bucket(&self, name: &'static str) -> Bucket<'_> {
        Bucket { bus: self, name }
    }
}

impl Bucket<'_> {
    /// The last value under `key`, if it was not removed.
    pub async fn last(&self, key: &str) -> Result<Option<Entry>, Error> {
        self.bus.connected()?;
        let stream = self.stream().await?;
        let found = stream
            .get_last_raw_message_by_subject(&self.subject(key))
            .await;
        match found {
            Ok(message) => Ok(entry(message)),
            Err(error) => match error.kind() {
                LastRawMessageErrorKind::NoMessageFound => Ok(None),
                // A server that lost its memory has nothing under any key.
                LastRawMessageErrorKind::JetStream(error)
                    if error.error_code() == ErrorCode::STREAM_NOT_FOUND =>
                {
                    Ok(None)
                }
                _ => Err(error).or_unavailable("read a bucket"),
            },
        }
    }

    /// Writes `value` over the revision that was read, 0 if there was nothing. `None` if somebody
    /// else has written meanwhile. No two writers may have the same value to write: what is found
    /// there is taken for one's own.
    pub async fn write(&self, key: &str, value: Bytes, over: u64) -> Result<Option<Entry>, Error> {
        let lost = match self.publish(key, value.clone(), Some(over)).await {
            Ok(revision) => return self.written(key, &value, revision).await.map(Some),
            Err(Unwritten::Conflict) => None,
            Err(Unwritten::Unknown(error)) => Some(error),
        };
        // The server may have taken it before, without being able to say so.
        match (self.last(key).await?, lost) {
            (Some(found), _) if found.revision > over && found.value == value => Ok(Some(found)),
            (Some(found), _) if found.revision > over => Ok(None),
            (_, None) => Ok(None),
            (_, Some(error)) => Err(error).or_unavailable("write to a bucket"),
        }
    }

    /// Writes `value`, whatever was there.
    pub async fn put(&self, key: &str, value: Bytes) -> Result<(), Error> {
        match self.publish(key, value, None).await {
            Ok(_) => Ok(()),
            Err(Unwritten::Unknown(error)) => Err(error).or_unavailable("write to a bucket"),
            // Nothing was expected, so nothing can be in conflict but another write on its way,
            // which is as good as this one.
            Err(Unwritten::Conflict) => Ok(()),
        }
    }

    /// Removes what lies under `key` if it is still this revision.
    pub async fn remove(&self, key: &str, revision: u64) -> Result<(), Error> {
        self.bus.connected()?;
        let mut headers = expecting(revision);
        headers.insert("KV-Operation", "PURGE");
        headers.insert(NATS_ROLLUP, "sub");
        match self.send(key, headers, Bytes::new()).await {
            Ok(_) | Err(Unwritten::Conflict) => Ok(()),
            Err(Unwritten::Unknown(error)) => Err(error).or_unavailable("write to a bucket"),
        }
    }

    /// What was just written, with the server's time of it.
    async fn written(&self, key: &str, value: &Bytes, revision: u64) -> Result<Entry, Error> {
        match self.last(key).await? {
            Some(found) if found.revision == revision => Ok(found),
            // Written over already. It was written all the same, and not later than that.
            Some(found) if found.revision > revision => Ok(Entry {
                value: value.clone(),
                revision,
                at: found.at,
            }),
            // A new leader that has not come so far yet.
            _ => Err(Error::Unavailable {
                what: "read what it has just written",
                source: "it is not there yet".into(),
            }),
        }
    }

    async fn publish(&self, key: &str, value: Bytes, over: Option<u64>) -> Result<u64, Unwritten> {
        let headers = over.map_or_else(HeaderMap::new, expecting);
        self.send(key, headers, value).await
    }

    async fn send(&self, key: &str, headers: HeaderMap, value: Bytes) -> Result<u64, Unwritten> {
        let sent = self
            .bus
            .buckets
            .publish_with_headers(self.subject(key), headers, value)
            .await;
        let acknowledged = match sent {
            Ok(sent) => sent.await,
            Err(error) => Err(error),
        };
        acknowledged
            .map(|acknowledged| acknowledged.sequence)
            .map_err(unwritten)
    }

    async fn stream(&self) -> Result<Stream<()>, Error> {
        self.bus
            .buckets
            .get_stream_no_info(streams::bucket_stream(self.name))
            .await
            .or_unavailable("read a bucket")
    }

    fn subject(&self, key: &str) -> String {
        format!("{}{key}", streams::bucket_prefix(self.name))
    }
}

fn expecting(revision: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        NATS_EXPECTED_LAST_SUBJECT_SEQUENCE,
        HeaderValue::from(revision),
    );
    headers
}

/// A server alone calls a lost race by one code; servers in a cluster by another, when the write
/// that won is not confirmed yet.
fn unwritten(error: PublishError) -> Unwritten {
    let code = error
        .source()
        .and_then(|source| source.downcast_ref::<jetstream::Error>())
        .map(jetstream::Error::error_code);
    match (error.kind(), code) {
        (PublishErrorKind::WrongLastSequence, _)
        | (_, Some(ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT)) => Unwritten::Conflict,
        _ => Unwritten::Unknown(error),
    }
}

/// A key that was removed keeps a message that says so.
fn entry(message: StreamMessage) -> Option<Entry> {
    if message.headers.get("KV-Operation").is_some() {
        return None;
    }
    let (seconds, nanoseconds) = (message.time.unix_timestamp(), message.time.nanosecond());
    Some(Entry {
        value: message.payload,
        revision: message.sequence,
        at: DateTime::from_timestamp(seconds, nanoseconds)?,
    })
}
