//! The login service's buckets: keys and values in the servers' memory, read at their leader.
//!
//! A read that any replica of a bucket answers may lack what was just written: whoever then finds
//! "nothing" where their own record lies believes to have lost it. So there is no direct read here,
//! and each write is conditional on what was read. A write whose answer was lost counts as made if
//! it is found to be.

use std::{error::Error as _, time::Duration};

use crate::{Bus, Error, connect::BUCKET_LIMIT, error::OrUnavailable, streams};
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

/// A bucket, by its name.
#[derive(Clone, Copy)]
pub(crate) struct Bucket<'a> {
    bus: &'a Bus,
    name: &'static str,
    /// How long each answer may take.
    limit: Duration,
}

/// What lies under a key.
pub(crate) struct Entry {
    pub value: Bytes,
    /// Which writing of all in this bucket; never 0.
    pub revision: u64,
}

/// Why a write was not made, or may not have been.
enum Unwritten {
    /// Somebody else has written meanwhile, or is about to.
    Conflict,
    /// Nobody listens: there is no such bucket, or no leader of it. It was not made.
    Unheard(PublishError),
    /// It may have been made.
    Unknown(PublishError),
}

impl Bus {
    pub(crate) fn bucket(&self, name: &'static str) -> Bucket<'_> {
        Bucket {
            bus: self,
            name,
            limit: BUCKET_LIMIT,
        }
    }
}

impl Bucket<'_> {
    /// The same with so long for each answer.
    pub fn within(self, limit: Duration) -> Self {
        Bucket { limit, ..self }
    }

    /// The last value under `key`, if it was not removed.
    pub async fn last(self, key: &str) -> Result<Option<Entry>, Error> {
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

    /// Writes `value` over the revision that was read, 0 if there was nothing, and gives the new one.
    /// `None` if somebody else has written meanwhile. No two writers may have the same value to write:
    /// what is found there is taken for one's own.
    pub async fn write(self, key: &str, value: Bytes, over: u64) -> Result<Option<u64>, Error> {
        let headers = expecting(over);
        let lost = match self.send(key, headers, value.clone()).await {
            Ok(revision) => return Ok(Some(revision)),
            Err(Unwritten::Unheard(error)) => return self.unheard(error),
            Err(Unwritten::Conflict) => None,
            Err(Unwritten::Unknown(error)) => Some(error),
        };
        // The server may have taken it before, without being able to say so.
        match (self.last(key).await?, lost) {
            (Some(found), _) if found.revision > over && found.value == value => {
                Ok(Some(found.revision))
            }
            (Some(found), _) if found.revision > over => Ok(None),
            (_, None) => Ok(None),
            (_, Some(error)) => Err(error).or_unavailable("write to a bucket"),
        }
    }

    /// Writes `value`, whatever was there.
    pub async fn put(self, key: &str, value: Bytes) -> Result<(), Error> {
        match self.send(key, HeaderMap::new(), value).await {
            Ok(_) => Ok(()),
            Err(Unwritten::Unheard(error)) => self.unheard(error),
            Err(Unwritten::Unknown(error)) => Err(error).or_unavailable("write to a bucket"),
            // Nothing was expected, so nothing can be in conflict but another write on its way,
            // which is as good as this one.
            Err(Unwritten::Conflict) => Ok(()),
        }
    }

    /// Removes what lies under `key` if it is still this revision.
    pub async fn remove(self, key: &str, revision: u64) -> Result<(), Error> {
        self.bus.connected()?;
        let mut headers = expecting(revision);
        headers.insert("KV-Operation", "PURGE");
        headers.insert(NATS_ROLLUP, "sub");
        match self.send(key, headers, Bytes::new()).await {
            Ok(_) | Err(Unwritten::Conflict) => Ok(()),
            Err(Unwritten::Unheard(error)) => self.unheard(error),
            Err(Unwritten::Unknown(error)) => Err(error).or_unavailable("write to a bucket"),
        }
    }

    /// A server that lost its memory has no bucket, and is given one.
    fn unheard<T>(self, error: PublishError) -> Result<T, Error> {
        self.bus.missing.notify_one();
        Err(error).or_unavailable("write to a bucket")
    }

    async fn send(self, key: &str, headers: HeaderMap, value: Bytes) -> Result<u64, Unwritten> {
        let sent = self
            .context()
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

    async fn stream(self) -> Result<Stream<()>, Error> {
        self.context()
            .get_stream_no_info(streams::bucket_stream(self.name))
            .await
            .or_unavailable("read a bucket")
    }

    fn context(self) -> jetstream::Context {
        let mut context = self.bus.buckets.clone();
        context.set_timeout(self.limit);
        context
    }

    fn subject(self, key: &str) -> String {
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
        // What the client makes of the server's word that nobody listens.
        (PublishErrorKind::StreamNotFound, _) => Unwritten::Unheard(error),
        _ => Unwritten::Unknown(error),
    }
}

/// A key that was removed keeps a message that says so.
fn entry(message: StreamMessage) -> Option<Entry> {
    if message.headers.get("KV-Operation").is_some() {
        return None;
    }
    Some(Entry {
        value: message.payload,
        revision: message.sequence,
    })
}
