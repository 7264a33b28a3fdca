//! The end of a connection whose other end still sends.
//!
//! Who is refused half-way is still sending. A socket that is closed with bytes unread is reset,
//! and the sender never sees our answer. So we say that we are done, and take what still comes for
//! a while; the place counts as idle meanwhile, and is the first to be given to somebody else.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    runtime::Handle,
    time,
};

use super::crowd::Place;

/// How long we take what still comes, altogether and between two pieces.
const TAKE_FOR: Duration = Duration::from_secs(30);
const SILENT_FOR: Duration = Duration::from_secs(3);

/// The most that we take.
const TAKE_BYTES: u64 = 64 << 20;

/// A stream that takes its leave when it is dropped.
pub(super) struct Linger {
    stream: Option<TcpStream>,
    place: Arc<Place>,
    /// The other end has said that it is done.
    saw_end: bool,
}

impl Linger {
    pub fn new(stream: TcpStream, place: Arc<Place>) -> Linger {
        Linger {
            stream: Some(stream),
            place,
            saw_end: false,
        }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        let stream = self.stream.as_mut().map(Pin::new);
        stream.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Linger {
    fn drop(&mut self) {
        let Some(stream) = self.stream.take() else {
            return;
        };
        if self.saw_end || self.place.gone.is_cancelled() {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(take_leave(stream, self.place.clone()));
        }
    }
}

async fn take_leave(mut stream: TcpStream, place: Arc<Place>) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut rest = stream.take(TAKE_BYTES);
    let taking = async {
        let mut bytes = [0; 16 * 1024];
        while let Ok(Ok(1..)) = time::timeout(SILENT_FOR, rest.read(&mut bytes)).await {}
    };
    tokio::select! {
        () = place.gone.cancelled() => {}
        _ = time::timeout(TAKE_FOR, taking) => {}
    }
}

impl AsyncRead for Linger {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = self.stream()?.poll_read(context, buffer);
        if let Poll::Ready(read) = &polled {
            self.saw_end = read.is_err() || buffer.filled().len() == before;
        }
        polled
    }
}

impl AsyncWrite for Linger {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream
            .as_ref()
            .is_some_and(TcpStream::is_write_vectored)
    }
}
