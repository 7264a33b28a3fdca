//! An answer on its way out.

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;

use crate::Simulator;
use crate::server::Cut;
use crate::traffic::InFlight;

/// Bytes handed to the connection at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// Pieces in which a dripping body comes.
const DRIPS: u32 = 20;

/// Time between the last byte of a truncated answer and its end.
const BREAK_AFTER: Duration = Duration::from_millis(50);

/// An answer.
pub(crate) struct Reply {
    status: StatusCode,
    content_type: &'static str,
    headers: Vec<(HeaderName, String)>,
    body: Bytes,
    /// So many bytes more are sent, which mean nothing.
    filler: usize,
    /// Only half of the body is sent.
    truncated: bool,
    /// The body takes so long.
    drip: Duration,
    /// Dropped when the answer is on its way.
    _held: Option<Box<dyn Send>>,
}

impl Reply {
    fn new(content_type: &'static str, body: Bytes) -> Reply {
        Reply {
            status: StatusCode::OK,
            content_type,
            headers: Vec::new(),
            body,
            filler: 0,
            truncated: false,
            drip: Duration::ZERO,
            _held: None,
        }
    }

    /// A page.
    pub fn html(page: String) -> Reply {
        Reply::new("text/html", page.into())
    }

    /// A page as it was saved, byte for byte.
    pub fn saved(page: Bytes) -> Reply {
        Reply::new("text/html", page)
    }

    /// XML.
    pub fn xml(text: String) -> Reply {
        Reply::new("text/xml", text.into())
    }

    /// A document.
    pub fn pdf(document: Bytes) -> Reply {
        Reply::new("application/pdf", document)
    }

    /// XML of the sign-on.
    pub fn application_xml(text: String) -> Reply {
        Reply::new("application/xml", text.into())
    }

    /// JSON.
    pub fn json(value: &impl serde::Serialize) -> Reply {
        let body = serde_json::to_vec(value).expect("our own answers can be written as JSON");
        Reply::new("application/json", body.into())
    }

    /// Plain text.
    pub fn text(status: StatusCode, text: &'static str) -> Reply {
        Reply::new("text/plain", Bytes::from_static(text.as_bytes())).with_status(status)
    }

    /// Text that is made for the occasion.
    pub fn plain(text: String) -> Reply {
        Reply::new("text/plain", text.into())
    }

    /// Goes on elsewhere.
    pub fn found(location: String) -> Reply {
        let mut reply = Reply::html(String::new()).with_status(StatusCode::FOUND);
        reply.headers.push((LOCATION, location));
        reply
    }

    /// With another status.
    pub fn with_status(mut self, status: StatusCode) -> Reply {
        self.status = status;
        self
    }

    /// With one more cookie, attributes included.
    pub fn with_cookie(mut self, cookie: String) -> Reply {
        self.headers.push((SET_COOKIE, cookie));
        self
    }

    /// With the wish to be asked again later.
    pub fn with_retry_after(mut self, value: Option<String>) -> Reply {
        self.headers.extend(value.map(|value| (RETRY_AFTER, value)));
        self
    }

    /// Breaking off in the middle, so that fewer bytes come than were announced.
    pub fn truncated(mut self) -> Reply {
        self.truncated = true;
        self
    }

    /// Dripping in over so long a time.
    pub fn dripping(mut self, time: Duration) -> Reply {
        self.drip = time;
        self
    }

    /// Holding something until it is sent.
    pub fn holding(mut self, held: impl Send + 'static) -> Reply {
        self._held = Some(Box::new(held));
        self
    }

    /// With a document of at least so many bytes, if it is one.
    pub fn of_document_bytes(mut self, bytes: usize) -> Reply {
        if self.content_type == "application/pdf" && self.status == StatusCode::OK {
            self.filler = bytes.saturating_sub(self.body.len());
        }
        self
    }

    /// The body in pieces. What makes a document larger is one comment again and again, which readers
    /// of PDFs pass over; what they look for at the end of a file comes after it once more.
    fn pieces(&self) -> VecDeque<Bytes> {
        let mut pieces = VecDeque::from([self.body.clone()]);
        if self.filler > 0 {
            let comment = Bytes::from([&[b'%'; CHUNK_BYTES - 1][..], b"\n"].concat());
            pieces.push_back(Bytes::from_static(b"\n"));
            let count = self.filler.div_ceil(CHUNK_BYTES);
            pieces.extend(std::iter::repeat_n(comment, count));
            pieces.push_back(self.body.slice(end_of_pdf(&self.body)..));
        }
        pieces
    }

    /// Sends it. The request counts as being answered until the last chunk is handed over.
    pub fn send(self, in_flight: Option<InFlight>) -> Response {
        let pieces = self.pieces();
        let announced: usize = pieces.iter().map(Bytes::len).sum();
        let sent = if self.truncated {
            announced / 2
        } else {
            announced
        };
        let state = Sending {
            pieces,
            left: sent,
            in_flight,
            broken: self.truncated,
            pause: self.drip / DRIPS,
            chunk: match self.drip.is_zero() {
                true => CHUNK_BYTES,
                false => sent.div_ceil(DRIPS as usize).max(1),
            },
        };
        let body = Body::from_stream(stream::unfold(state, Sending::next));
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(announced));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.append(name, value);
            }
        }
        response
    }
}

/// Where the last lines of a PDF begin, which say where its table of objects is.
fn end_of_pdf(pdf: &[u8]) -> usize {
    let last_lines = b"startxref";
    pdf.windows(last_lines.len())
        .rposition(|bytes| bytes == last_lines)
        .unwrap_or(pdf.len())
}

struct Sending {
    pieces: VecDeque<Bytes>,
    /// What is to be sent of them.
    left: usize,
    in_flight: Option<InFlight>,
    broken: bool,
    /// Wait before each chunk.
    pause: Duration,
    chunk: usize,
}

type Chunk = Result<Bytes, std::io::Error>;

impl Sending {
    async fn next(mut self) -> Option<(Chunk, Sending)> {
        if self.left == 0 {
            return self.end().await;
        }
        if !self.pause.is_zero() {
            tokio::time::sleep(self.pause).await;
        }
        let chunk = self.chunk();
        self.left -= chunk.len();
        if self.left == 0 {
            // Before the bytes leave, so that a client who goes on at once is not counted twice.
            self.in_flight = None;
        }
        Some((Ok(chunk), self))
    }

    fn chunk(&mut self) -> Bytes {
        while self.pieces.front().is_some_and(Bytes::is_empty) {
            self.pieces.pop_front();
        }
        let Some(piece) = self.pieces.front_mut() else {
            return Bytes::new();
        };
        piece.split_to(self.chunk.min(self.left).min(piece.len()))
    }

    async fn end(mut self) -> Option<(Chunk, Sending)> {
        let broken = std::mem::take(&mut self.broken);
        if broken {
            // The half that is sent leaves only while the rest is waited for.
            tokio::time::sleep(BREAK_AFTER).await;
        }
        broken.then(|| (Err(std::io::ErrorKind::ConnectionAborted.into()), self))
    }
}

/// Never answers: waits until the caller goes away or serving ends, and cuts the connection then.
pub(super) async fn hang(simulator: &Simulator, cut: &Cut) -> Reply {
    // An error would mean that the simulator is gone, which ends the waiting just as well.
    let _ = simulator
        .ending
        .subscribe()
        .wait_for(|ending| *ending)
        .await;
    cut.now();
    Reply::html(String::new())
}
