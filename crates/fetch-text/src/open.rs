//! Opening a file: which bytes are a document at all, and why others are not.

mod catalog;
mod numbers;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use memchr::memmem;
use serde::{Deserialize, Serialize};

use crate::limits::Limits;

/// A PDF's first mark must come within this many bytes.
const HEADER_WITHIN_BYTES: usize = 1024;
/// Its last one.
const END: &[u8] = b"%%EOF";

/// Why a file gives no text at all. The bytes are kept whatever this says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "refusal")]
pub enum Refusal {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The file is a web page: an error page or a lost session, not a document.
    #[error("the file is a web page, not a PDF")]
    WebPage,
    /// The file does not begin like a PDF.
    #[error("the file is not a PDF")]
    NotAPdf,
    /// The file begins like a PDF and holds no pages that can be found.
    #[error("the PDF is too damaged to read")]
    Damaged,
    /// The file opens only with a password.
    #[error("the PDF needs a password")]
    PasswordNeeded,
    /// The file is encrypted in a way that is not understood.
    #[error("the PDF's encryption is not supported")]
    UnknownEncryption,
    /// The file is larger than the limit.
    #[error("the file has {bytes} bytes; the limit is {limit}")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The file has more pages than the limit.
    #[error("the PDF has {pages} pages; the limit is {limit}")]
    TooManyPages {
        /// Its pages.
        pages: u32,
        /// The limit.
        limit: u32,
    },
    /// The file cannot be opened on disk.
    #[error("the file cannot be opened: {reason}")]
    Unreachable {
        /// What the system said.
        reason: String,
    },
    /// Opening the file took more memory or stack than a worker has.
    #[error("opening the PDF took more memory than a worker may use")]
    ResourceLimit,
    /// Opening the file took longer than allowed.
    #[error("opening the PDF took too long")]
    TimeLimit,
    /// Opening the file had its reader ask the system for something that workers may not do.
    #[error("opening the PDF made the worker attempt a forbidden system call")]
    ForbiddenCall,
}

/// Reads an open file that is not too large.
///
/// # Errors
/// [`Refusal::TooLarge`] and [`Refusal::Unreachable`].
pub fn load(mut file: File, limits: &Limits) -> Result<Vec<u8>, Refusal> {
    // The one way to ask for a length that a worker has.
    let bytes = file.seek(SeekFrom::End(0)).unwrap_or(0);
    let limit = limits.file_bytes;
    if bytes > limit {
        return Err(Refusal::TooLarge { bytes, limit });
    }
    if bytes > 0 {
        file.rewind().map_err(unreachable)?;
    }
    let mut content = Vec::with_capacity(bytes as usize);
    file.take(limit)
        .read_to_end(&mut content)
        .map_err(unreachable)?;
    Ok(content)
}

/// What is said of a file that the system does not give.
pub(crate) fn unreachable(error: io::Error) -> Refusal {
    Refusal::Unreachable {
        reason: error.to_string(),
    }
}

/// Opens a PDF's bytes.
///
/// # Errors
/// The [`Refusal`] that says why there is nothing to read.
pub fn open(mut bytes: Vec<u8>, limits: &Limits) -> Result<Pdf, Refusal> {
    let start = header_position(&bytes)?;
    numbers::without_exponents(&mut bytes);
    let bytes = Arc::new(bytes);
    let pdf = match Pdf::new(Arc::clone(&bytes)) {
        Err(LoadPdfError::Invalid) if start > 0 => Pdf::new(bytes[start..].to_vec()),
        result => result,
    };
    let pdf = match pdf {
        Err(LoadPdfError::Invalid) => match catalog::trailer(&bytes) {
            Some(trailer) => Pdf::new([&bytes[..], &trailer].concat()),
            None => Err(LoadPdfError::Invalid),
        },
        result => result,
    };
    let pdf = pdf.map_err(refusal)?;
    let pages = u32::try_from(pdf.pages().len()).unwrap_or(u32::MAX);
    if pages > limits.pages {
        let limit = limits.pages;
        return Err(Refusal::TooManyPages { pages, limit });
    }
    if pages == 0 {
        return Err(Refusal::Damaged);
    }
    Ok(pdf)
}

/// Whether a PDF was cut off: it has no end mark, or goes on with objects after its last one, as a file
/// does that is written for the web or was changed later. What systems write behind the end is no part
/// of it.
pub fn is_truncated(bytes: &[u8]) -> bool {
    let Some(end) = memmem::rfind(bytes, END) else {
        return true;
    };
    let rest = &bytes[end..];
    let begins_object = |place: usize| {
        let next = rest.get(place + b" obj".len());
        let is_mark = |byte: &u8| byte.is_ascii_whitespace() || b"<[(/".contains(byte);
        rest[place - 1].is_ascii_digit() && next.is_none_or(is_mark)
    };
    memmem::find(rest, b"endobj").is_some() || memmem::find_iter(rest, b" obj").any(begins_object)
}

fn header_position(bytes: &[u8]) -> Result<usize, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    let head = &bytes[..bytes.len().min(HEADER_WITHIN_BYTES)];
    match find(head, b"%PDF-") {
        Some(position) => Ok(position),
        None if looks_like_a_web_page(head) => Err(Refusal::WebPage),
        None => Err(Refusal::NotAPdf),
    }
}

fn looks_like_a_web_page(head: &[u8]) -> bool {
    let head = head.to_ascii_lowercase();
    [&b"<!doctype"[..], b"<html", b"<head", b"<body"]
        .iter()
        .any(|mark| find(&head, mark).is_some())
}

fn find(within: &[u8], mark: &[u8]) -> Option<usize> {
    within.windows(mark.len()).position(|window| window == mark)
}

fn refusal(error: LoadPdfError) -> Refusal {
    match error {
        LoadPdfError::Invalid => Refusal::Damaged,
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Refusal::PasswordNeeded,
        LoadPdfError::Decryption(_) => Refusal::UnknownEncryption,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> Refusal {
        match open(bytes.to_vec(), &Limits::default()) {
            Ok(_) => panic!("opened {} bytes that are no document", bytes.len()),
            Err(refusal) => refusal,
        }
    }

    #[test]
    fn what_is_no_pdf_is_named() {
        assert_eq!(refused(b""), Refusal::Empty);
        assert_eq!(refused(b"x"), Refusal::NotAPdf);
        assert_eq!(refused(b"\n<HTML><title>Login</title>"), Refusal::WebPage);
        assert_eq!(refused(b"%PDF-1.4\n"), Refusal::Damaged);
        let mut late = vec![b' '; 2000];
        late.extend_from_slice(b"%PDF-1.4");
        assert_eq!(refused(&late), Refusal::NotAPdf);
    }

    #[test]
    fn a_missing_end_mark_is_seen() {
        assert!(is_truncated(b"%PDF-1.4 1 0 obj"));
        assert!(!is_truncated(b"%PDF-1.4 startxref 0 %%EOF\n"));
        let whole = &b"%PDF-1.4 1 0 obj <<>> endobj %%EOF\n"[..];
        for behind in [&[0; 5000][..], &b"<p>5 objects, 1 obj.</p>".repeat(200)] {
            assert!(!is_truncated(&[whole, behind].concat()));
        }
        // Written for the web, and changed later.
        for behind in ["9 0 obj\n<</Typ", "x\nendstream\nendobj\n1"] {
            assert!(is_truncated(&[whole, behind.as_bytes()].concat()));
        }
    }

    #[test]
    fn a_large_file_is_refused_unread() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(200_000_001).unwrap();
        let refusal = load(file, &Limits::default()).unwrap_err();
        assert!(matches!(
            refusal,
            Refusal::TooLarge {
                bytes: 200_000_001,
                ..
            }
        ));
    }
}
