//! How requests come to a worker: over a socket, each with the document that it is about, which the
//! parent has opened. The worker opens nothing.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use tokio::io::{AsyncWriteExt, Interest};

use crate::wire::{self, Request};

/// The parent's end.
#[derive(Debug)]
pub struct RequestSender(tokio::net::UnixStream);

/// The worker's end.
#[derive(Debug)]
pub struct RequestReceiver(UnixStream);

/// A request and the document that came with it.
pub type Received = (Request, Option<File>);

impl RequestSender {
    /// A sender, and what is to be the worker's standard input.
    ///
    /// # Errors
    /// When the system has no socket to give.
    pub fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        Ok((
            Self(tokio::net::UnixStream::from_std(ours)?),
            OwnedFd::from(theirs),
        ))
    }

    /// Sends a request, and the document that it is about.
    ///
    /// # Errors
    /// What the socket says; `InvalidData` for a request that is too long.
    pub async fn send(&mut self, request: &Request, document: Option<&File>) -> io::Result<()> {
        let frame = wire::frame(request)?;
        let document = document.map(AsFd::as_fd);
        let socket = &self.0;
        let sent = socket
            .async_io(Interest::WRITABLE, || send_begin(socket, &frame, document))
            .await?;
        self.0.write_all(&frame[sent..]).await
    }
}

/// A descriptor goes with the first byte.
fn send_begin(
    socket: impl AsFd,
    frame: &[u8],
    document: Option<BorrowedFd<'_>>,
) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let documents = document.as_slice();
    if !documents.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(documents));
    }
    let frame = [IoSlice::new(frame)];
    Ok(sendmsg(socket, &frame, &mut control, SendFlags::NOSIGNAL)?)
}

impl RequestReceiver {
    /// Receives what comes on standard input.
    ///
    /// # Errors
    /// When that is closed.
    pub(crate) fn on_standard_input() -> io::Result<Self> {
        let socket = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(Self(UnixStream::from(socket)))
    }

    /// The next request; `None` when the other end is closed.
    ///
    /// # Errors
    /// What the socket says; `InvalidData` for a request that is too long or not understood.
    pub(crate) fn receive(&mut self) -> io::Result<Option<Received>> {
        let mut length = [0; 4];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::WAITALL;
        let mut into = [IoSliceMut::new(&mut length)];
        let begin = recvmsg(&self.0, &mut into, &mut control, flags)?;
        let document = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        });
        match begin.bytes {
            0 => return Ok(None),
            4 => {}
            _ => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
        let mut body = vec![0; wire::checked_length(length)?];
        self.0.read_exact(&mut body)?;
        let request = serde_json::from_slice(&body)?;
        Ok(Some((request, document.map(File::from))))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn document(content: &str) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content.as_bytes()).unwrap();
        io::Seek::rewind(&mut file).unwrap();
        file
    }

    #[tokio::test]
    async fn each_request_brings_its_own_document() {
        let (mut sender, receiver) = RequestSender::pair().unwrap();
        let mut receiver = RequestReceiver(UnixStream::from(receiver));
        // Long, so that it comes in several pieces.
        let pages: Vec<u32> = (1..20_000).collect();
        let first = Request::Plan { pages };
        let second = Request::Recognise { pages: vec![7] };
        let reading = std::thread::spawn(move || {
            let mut received = Vec::new();
            while let Some(next) = receiver.receive().unwrap() {
                received.push(next);
            }
            received
        });
        sender.send(&first, Some(&document("one"))).await.unwrap();
        sender.send(&second, Some(&document("two"))).await.unwrap();
        sender.send(&second, None).await.unwrap();
        drop(sender);
        let mut received = reading.join().unwrap().into_iter();
        for (request, content) in [
            (&first, Some("one")),
            (&second, Some("two")),
            (&second, None),
        ] {
            let (came, document) = received.next().unwrap();
            assert_eq!(&came, request);
            let read = document.map(|file| io::read_to_string(file).unwrap());
            assert_eq!(read.as_deref(), content);
        }
    }

    #[tokio::test]
    async fn a_request_that_is_cut_off_is_an_error() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        (&ours).write_all(&[0, 0]).unwrap();
        drop(ours);
        let error = RequestReceiver(theirs).receive().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
