//! The bytes of an answer, as they come.

use std::{fmt, time::Instant};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream::BoxStream};
use reqwest::Response;

use crate::{SendError, send::unanswered};

/// The content of an answer, decompressed, while it arrives. The limits of time and size hold until
/// its end. It is read once; what is not read is left unread.
pub struct Body {
    pieces: BoxStream<'static, reqwest::Result<Bytes>>,
    started: Instant,
    /// How many bytes are taken at most.
    limit_bytes: u64,
    taken: u64,
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Body")
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}

impl Body {
    pub(crate) fn of(
        response: Response,
        limit_bytes: u64,
        started: Instant,
    ) -> Result<Body, SendError> {
        if response
            .content_length()
            .is_some_and(|bytes| bytes > limit_bytes)
        {
            return Err(SendError::TooLarge { limit_bytes });
        }
        Ok(Body {
            pieces: response.bytes_stream().fuse().boxed(),
            started,
            limit_bytes,
            taken: 0,
        })
    }

    /// The next bytes; none after the last.
    ///
    /// # Errors
    /// When the rest is lost, late, or more than is taken; see [`SendError`].
    pub async fn next(&mut self) -> Result<Option<Bytes>, SendError> {
        let Some(piece) = self.pieces.next().await else {
            return Ok(None);
        };
        let piece = piece.map_err(|error| unanswered(error, self.started))?;
        self.taken += piece.len() as u64;
        match self.taken > self.limit_bytes {
            true => Err(SendError::TooLarge {
                limit_bytes: self.limit_bytes,
            }),
            false => Ok(Some(piece)),
        }
    }

    /// The next bytes, until there are so many; fewer only if they are the last.
    ///
    /// # Errors
    /// See [`Body::next`].
    pub async fn next_of(&mut self, at_least: usize) -> Result<Bytes, SendError> {
        let mut bytes = BytesMut::new();
        while bytes.len() < at_least {
            match self.next().await? {
                Some(piece) => bytes.extend_from_slice(&piece),
                None => break,
            }
        }
        Ok(bytes.freeze())
    }

    /// All that is left, after what was read already, if that is not more than so many bytes.
    ///
    /// # Errors
    /// See [`Body::next`].
    pub async fn rest(mut self, read: Bytes, limit_bytes: u64) -> Result<Bytes, SendError> {
        self.limit_bytes = self.limit_bytes.min(limit_bytes);
        let mut bytes = BytesMut::from(read);
        while let Some(piece) = self.next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes.freeze())
    }
}
