//! Messages of e-mail: the subject, and the part that people read.
//!
//! We read them ourselves because the notice is decoded as UTF-8 or ISO-8859-1 whatever a part
//! says of itself, the subject is taken as it came, and a message must cost neither stack nor
//! more than linear time however its parts nest.

mod header;
mod transfer;

use std::borrow::Cow;

use crate::page::{PageError, clean};
use header::{Header, Kind};
use transfer::Encoding;
pub(super) use transfer::base64;

/// Deeper than any program nests parts.
const MAX_OPEN: usize = 50;

/// What matters of a message.
pub(crate) struct Message<'a> {
    /// The subject as in the header, with its line ends. Empty without one.
    pub(crate) subject: Cow<'a, str>,
    /// What people read.
    pub(crate) body: Body<'a>,
}

/// What people read in a message.
pub(crate) enum Body<'a> {
    /// HTML, on one line.
    Html(Cow<'a, [u8]>),
    /// Plain text.
    Plain(Cow<'a, [u8]>),
    /// The message has a picture, so that a person wrote it.
    Picture,
}

/// A part that has no parts.
struct Part<'a> {
    kind: Kind,
    encoding: Encoding,
    content: &'a [u8],
}

impl<'a> Message<'a> {
    /// Reads a message. Fails if it has neither HTML nor plain text.
    pub(crate) fn read(message: &'a [u8]) -> Result<Self, PageError> {
        let header = Header::read(message);
        let subject = clean::decode(header.subject.unwrap_or_default());
        Ok(Self {
            subject,
            body: body(&parts(message)?)?,
        })
    }
}

fn body<'a>(parts: &[Part<'a>]) -> Result<Body<'a>, PageError> {
    if parts.iter().any(|part| part.kind == Kind::Picture) {
        return Ok(Body::Picture);
    }
    let part = parts
        .iter()
        .find(|part| matches!(part.kind, Kind::Html | Kind::Plain))
        .ok_or(PageError::Missing("text"))?;
    let content = part.encoding.decode(part.content);
    Ok(match part.kind {
        Kind::Html => Body::Html(on_one_line(&content).into()),
        _ => Body::Plain(content),
    })
}

/// Line feeds become spaces. One right after `=` goes together with it: some messages are encoded
/// twice.
fn on_one_line(html: &[u8]) -> Vec<u8> {
    let mut line = Vec::with_capacity(html.len());
    let mut before = b' ';
    for byte in html {
        match (before, byte) {
            (b'=', b'\n') => {
                line.pop();
            }
            (_, b'\n') => line.push(b' '),
            _ => line.push(*byte),
        }
        before = *byte;
    }
    line
}

/// All parts without parts, in order.
fn parts(message: &[u8]) -> Result<Vec<Part<'_>>, PageError> {
    let mut parts = Vec::new();
    let mut open: Vec<Vec<u8>> = Vec::new();
    let mut rest = message;
    loop {
        let header = Header::read(rest);
        rest = &rest[header.length..];
        match header.kind {
            Kind::Message => continue,
            Kind::Multipart(boundary) if open.len() < MAX_OPEN => open.push(boundary),
            Kind::Multipart(_) => return Err(PageError::TooDeep),
            kind => {
                let end = Delimiter::next(rest, &open).map_or(rest.len(), |found| found.start);
                parts.push(Part {
                    kind,
                    encoding: header.encoding,
                    content: without_line_end(&rest[..end]),
                });
                rest = &rest[end..];
            }
        }
        match next_part(rest, &mut open) {
            Some(start) => rest = &rest[start..],
            None => return Ok(parts),
        }
    }
}

/// Where the next part begins. Closes what ends before it.
fn next_part(message: &[u8], open: &mut Vec<Vec<u8>>) -> Option<usize> {
    let mut at = 0;
    loop {
        let delimiter = Delimiter::next(&message[at..], open)?;
        at += delimiter.end;
        if !delimiter.closes {
            open.truncate(delimiter.index + 1);
            return Some(at);
        }
        open.truncate(delimiter.index);
    }
}

/// A line between parts.
struct Delimiter {
    start: usize,
    end: usize,
    /// Whose parts it is between.
    index: usize,
    /// Whether no part follows.
    closes: bool,
}

impl Delimiter {
    fn next(text: &[u8], open: &[Vec<u8>]) -> Option<Self> {
        if open.is_empty() {
            return None;
        }
        let mut start = 0;
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let end = start + line.len();
            if let Some((index, closes)) = delimiter(line, open) {
                return Some(Self {
                    start,
                    end,
                    index,
                    closes,
                });
            }
            start = end;
        }
        None
    }
}

fn delimiter(line: &[u8], open: &[Vec<u8>]) -> Option<(usize, bool)> {
    let rest = line.strip_prefix(b"--")?.trim_ascii_end();
    open.iter().enumerate().rev().find_map(|(index, boundary)| {
        match rest.strip_prefix(&boundary[..])? {
            b"" => Some((index, false)),
            b"--" => Some((index, true)),
            _ => None,
        }
    })
}

/// The line end before a delimiter belongs to that.
fn without_line_end(content: &[u8]) -> &[u8] {
    let content = content.strip_suffix(b"\n").unwrap_or(content);
    content.strip_suffix(b"\r").unwrap_or(content)
}
