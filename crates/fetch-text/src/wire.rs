//! What a worker and its parent say to each other: length-prefixed JSON over the worker's
//! standard input and output.
//!
//! The length is four bytes, most significant first. A document's bytes never travel: its open file
//! comes along with the request, see [`crate::channel`].

use std::io::{self, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::confine::Confinement;
use crate::document::PageText;
use crate::limits::Limits;
use crate::open::Refusal;
use crate::plan::PagePlan;

/// No message is longer; a page's text at its limit, escaped, is shorter.
const MESSAGE_BYTES: usize = 64 << 20;

/// What the parent asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// The first message: keep these limits. Answered by [`Answer::Ready`].
    Start {
        /// The limits.
        limits: Limits,
        /// Whether pages will have to be recognised. A worker starts its recogniser before it is
        /// confined, or never.
        recognises: bool,
        /// Where the recogniser's data is, when it is not where Tesseract looks.
        recogniser_data: Option<PathBuf>,
    },
    /// Pass over pages; all of them when none is named.
    Plan {
        /// Page numbers, from 1.
        pages: Vec<u32>,
    },
    /// Recognise pages.
    Recognise {
        /// Page numbers, from 1.
        pages: Vec<u32>,
    },
    /// Read garbled pages with the second reader.
    Reread {
        /// Page numbers, from 1.
        pages: Vec<u32>,
    },
}

/// What the worker answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// These limits are in force.
    Ready(Confinement),
    /// The file has no pages to give.
    Refused(Refusal),
    /// The file is open.
    Opened {
        /// Number of its pages.
        pages: u32,
        /// Whether its end is missing.
        truncated: bool,
    },
    /// One page was passed over.
    Planned(PagePlan),
    /// One page was read.
    Read(PageText),
    /// The request is done.
    Finished,
}

/// Writes one message.
///
/// # Errors
/// What the pipe says; `InvalidData` for a message that is too long.
pub fn send(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    to.write_all(&frame(message)?)?;
    to.flush()
}

/// Reads one message, not blocking.
///
/// # Errors
/// What the pipe says, `UnexpectedEof` when it is closed; `InvalidData` for a message that is too
/// long or not understood.
pub async fn receive_async<Message: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
) -> io::Result<Message> {
    let mut length = [0; 4];
    from.read_exact(&mut length).await?;
    let mut body = vec![0; checked_length(length)?];
    from.read_exact(&mut body).await?;
    Ok(serde_json::from_slice(&body)?)
}

pub(crate) fn frame(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let length = frame.len() - 4;
    if length > MESSAGE_BYTES {
        return Err(too_long());
    }
    frame[..4].copy_from_slice(&(length as u32).to_be_bytes());
    Ok(frame)
}

pub(crate) fn checked_length(length: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_be_bytes(length) as usize;
    if length > MESSAGE_BYTES {
        return Err(too_long());
    }
    Ok(length)
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the message is too long")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_survive_the_pipe_one_after_the_other() {
        let mut pipe = Vec::new();
        let opened = Answer::Opened {
            pages: 3,
            truncated: true,
        };
        let refused = Answer::Refused(Refusal::PasswordNeeded);
        send(&mut pipe, &opened).unwrap();
        send(&mut pipe, &refused).unwrap();
        let mut pipe = pipe.as_slice();
        assert_eq!(receive_async::<Answer>(&mut pipe).await.unwrap(), opened);
        assert_eq!(receive_async::<Answer>(&mut pipe).await.unwrap(), refused);
        let closed = receive_async::<Answer>(&mut pipe).await.unwrap_err();
        assert_eq!(closed.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn a_length_beyond_the_limit_is_refused_before_it_is_allocated() {
        let mut pipe = &[0xff, 0xff, 0xff, 0xff, b'{'][..];
        let error = receive_async::<Answer>(&mut pipe).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
