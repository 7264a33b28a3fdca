//! Stored documents, under the path that their rows name (`docs/API.md#files`).
//!
//! A file goes from the store to the caller piece by piece, as fast as the caller reads. Its digest
//! is its name: it makes the `ETag`, and is compared while the bytes pass by. A file that has
//! changed on the disk never arrives whole.
//!
//! Files are bought for everybody, like dockets: any account may read them, and
//! [`crate::file_access`] says who else.

use std::{ops::RangeInclusive, time::SystemTime};

use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, IF_NONE_MATCH, RANGE,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
};
use chrono::Utc;
use fetch_db::blobs::FoundBlob;
use headers::{
    AcceptRanges, ContentLength, ContentRange, ETag, HeaderMapExt, IfModifiedSince, IfNoneMatch,
    IfRange, LastModified,
};
use http_range_header::{RangeUnsatisfiableError, parse_range_header};

use crate::{
    api::Api,
    dialect::{ApiError, Caller, RequestUrl, percent},
    openapi::{
        Answer, Content, Header, Operation, Parameter, Shape, header, in_header, in_query, tag,
    },
};

/// A file that changes does so under its path, so whoever keeps it asks again each time.
const KEPT_BY_ALL: &str = "public, no-cache";
/// No cache gives it to whoever comes later, without a token or a link that holds.
const KEPT_BY_CALLER: &str = "private, no-cache";

const PDF: Content = Content::Bytes("application/pdf");

const HEADERS: [Header; 6] = [
    header("ETag", Shape::Text, "The digest of the bytes."),
    header(
        "Last-Modified",
        Shape::Text,
        "When the file or its document last changed.",
    ),
    header("Accept-Ranges", Shape::Text, "`bytes`."),
    header(
        "Content-Disposition",
        Shape::Text,
        "`inline`, with the last part of the path as the name.",
    ),
    header("Cache-Control", Shape::Text, "Whether others may keep it."),
    header(
        "Content-Range",
        Shape::Text,
        "Which bytes these are, of a part.",
    ),
];

const PARAMETERS: [Parameter; 6] = [
    in_header(
        "Range",
        Shape::Text,
        "One range of bytes: `bytes=0-1023`. Several are answered with the whole file.",
    ),
    in_header(
        "If-Range",
        Shape::Text,
        "The range is wanted only of the file with this `ETag` or date.",
    ),
    in_header(
        "If-None-Match",
        Shape::Text,
        "The `ETag` of a file that you have.",
    ),
    in_header(
        "If-Modified-Since",
        Shape::Text,
        "When you got the file that you have.",
    ),
    in_query("expires", Shape::Text, "Of a link."),
    in_query("signature", Shape::Text, "Of a link."),
];

pub(super) const TOLD: Operation = Operation::get("file_download", tag::READ, "A stored file")
    .about(
        "`path` is what `filepath_local` of a document has after `recap/`, slashes included. A token opens every file, \
         and a link (`download_url` of a document) this one, without a token, for an hour.",
    )
    .parameters(&PARAMETERS)
    .answers(&[
        Answer::new(200, "The file.", PDF).headers(&HEADERS),
        Answer::new(206, "A part of the file.", PDF).headers(&HEADERS),
        Answer::new(304, "You have the file.", Content::Nothing).headers(&HEADERS),
        Answer::refusal(403, "The link has expired, or is none of ours."),
        Answer::refusal(404, "There is no such file."),
        Answer::new(416, "The range is beyond the end.", Content::Nothing).headers(&HEADERS),
    ]);

pub(super) async fn download(
    caller: Option<Extension<Caller>>,
    State(api): State<Api>,
    here: RequestUrl,
    method: Method,
    Path(path): Path<String>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let path = format!("recap/{path}");
    if caller.is_none() {
        api.files.admit(&here, &path, Utc::now())?;
    }
    // The database refuses to look for such a text.
    if path.contains('\0') {
        return Err(ApiError::not_found());
    }
    let file = api.control.library.file_at(&path).await?;
    let file = file.ok_or_else(ApiError::not_found)?;
    let blob = api.control.db.blobs.look_up(&file.sha256).await?;
    let known_bytes = file.byte_count.and_then(|count| u64::try_from(count).ok());
    let marks = Marks {
        etag: format!("\"{}\"", file.sha256).parse().ok(),
        // A path that is given another file may be given one that was stored before.
        modified: blob.modified.max(file.changed.into()),
        disposition: disposition(&path),
        cache_control: match api.files.is_open() {
            true => KEPT_BY_ALL,
            false => KEPT_BY_CALLER,
        },
        byte_count: blob.byte_count().or(known_bytes),
    };
    let part = match blob.byte_count() {
        Some(byte_count) if method == Method::GET => wanted(&asked, &marks, byte_count),
        _ => Part::Whole,
    };
    Ok(match part {
        _ if marks.is_known_to(&asked) => marks.without_bytes(StatusCode::NOT_MODIFIED),
        Part::None(byte_count) => {
            let mut response = marks.without_bytes(StatusCode::RANGE_NOT_SATISFIABLE);
            let range = ContentRange::unsatisfied_bytes(byte_count);
            response.headers_mut().typed_insert(range);
            response
        }
        Part::One(range) => marks.with_part(&blob, range).await?,
        Part::Whole if method == Method::HEAD => marks.with_bytes(Body::empty()),
        Part::Whole => marks.with_bytes(Body::from_stream(blob.whole().await?)),
    })
}

/// Which bytes are wanted.
enum Part {
    Whole,
    One(RangeInclusive<u64>),
    /// Some that a file of this length does not have.
    None(u64),
}

/// What a caller who has asked for a range gets. Several ranges at once are answered with the whole,
/// and so is what is no range.
fn wanted(asked: &HeaderMap, marks: &Marks, byte_count: u64) -> Part {
    let Some(range) = asked.get(RANGE).and_then(|range| range.to_str().ok()) else {
        return Part::Whole;
    };
    let another = asked
        .typed_get::<IfRange>()
        .is_some_and(|known| known.is_modified(marks.etag.as_ref(), Some(&marks.modified.into())));
    if another {
        return Part::Whole;
    }
    let ranges = parse_range_header(range).and_then(|ranges| ranges.validate(byte_count));
    match ranges.as_deref() {
        Ok([range]) => Part::One(range.clone()),
        Err(RangeUnsatisfiableError::Unsatisfiable) => Part::None(byte_count),
        _ => Part::Whole,
    }
}

/// What tells one file from another.
struct Marks {
    /// The digest of its bytes.
    etag: Option<ETag>,
    modified: SystemTime,
    /// What it is saved as.
    disposition: HeaderValue,
    /// Who may keep it.
    cache_control: &'static str,
    /// Its length; none if nobody knows before it was read.
    byte_count: Option<u64>,
}

impl Marks {
    /// Whether the caller has the file already: by its digest, and by the time only if it names none.
    fn is_known_to(&self, asked: &HeaderMap) -> bool {
        if asked.contains_key(IF_NONE_MATCH) {
            let (named, etag) = (asked.typed_get::<IfNoneMatch>(), self.etag.as_ref());
            return named
                .zip(etag)
                .is_some_and(|(named, etag)| !named.precondition_passes(etag));
        }
        let since = asked.typed_get::<IfModifiedSince>();
        since.is_some_and(|since| !since.is_modified(self.modified))
    }

    fn with_bytes(&self, body: Body) -> Response {
        let mut response = self.answer(StatusCode::OK, body);
        if let Some(byte_count) = self.byte_count {
            response
                .headers_mut()
                .typed_insert(ContentLength(byte_count));
        }
        response
    }

    async fn with_part(
        &self,
        blob: &FoundBlob,
        range: RangeInclusive<u64>,
    ) -> Result<Response, ApiError> {
        let (first, end) = (*range.start(), range.end() + 1);
        let pieces = blob.part(first..end).await?;
        let mut response = self.answer(StatusCode::PARTIAL_CONTENT, Body::from_stream(pieces));
        let headers = response.headers_mut();
        headers.typed_insert(ContentLength(end - first));
        if let Ok(range) = ContentRange::bytes(range, self.byte_count) {
            headers.typed_insert(range);
        }
        Ok(response)
    }

    fn without_bytes(&self, status: StatusCode) -> Response {
        self.answer(status, Body::empty())
    }

    fn answer(&self, status: StatusCode, body: Body) -> Response {
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        let fixed = [
            (CONTENT_TYPE, "application/pdf"),
            (CACHE_CONTROL, self.cache_control),
            // It is a court's, or a stranger's who filed it there.
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(CONTENT_DISPOSITION, self.disposition.clone());
        headers.typed_insert(LastModified::from(self.modified));
        headers.typed_insert(AcceptRanges::bytes());
        if let Some(etag) = self.etag.clone() {
            headers.typed_insert(etag);
        }
        response
    }
}

/// Shown in the browser, and saved under the last part of its path (RFC 6266). A name that is not plain is
/// written twice: roughly, and exactly for those who read that.
fn disposition(path: &str) -> HeaderValue {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_plain = |letter: char| {
        letter == ' ' || (letter.is_ascii_graphic() && !matches!(letter, '"' | '\\' | '%'))
    };
    let plain: String = name
        .chars()
        .map(|letter| if is_plain(letter) { letter } else { '_' })
        .collect();
    let mut value = format!("inline; filename=\"{plain}\"");
    if plain != name {
        value.push_str("; filename*=UTF-8''");
        value.push_str(&percent::header_value(name));
    }
    HeaderValue::from_str(&value).unwrap_or_else(|_| HeaderValue::from_static("inline"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_saved_under_its_name_and_nothing_else_gets_into_the_header() {
        for (path, expected) in [
            (
                "recap/gov.uscourts.cand.1/gov.uscourts.cand.1.7.0.pdf",
                r#"inline; filename="gov.uscourts.cand.1.7.0.pdf""#,
            ),
            ("a b;c.pdf", r#"inline; filename="a b;c.pdf""#),
            (
                "recap/a\"; filename=\"b.exe",
                r#"inline; filename="a_; filename=_b.exe"; filename*=UTF-8''a%22%3B%20filename%3D%22b.exe"#,
            ),
            (
                "recap/a\r\nSet-Cookie: b=c\\",
                r#"inline; filename="a__Set-Cookie: b=c_"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b%3Dc%5C"#,
            ),
            (
                "recap/é%41.pdf",
                r#"inline; filename="__41.pdf"; filename*=UTF-8''%C3%A9%2541.pdf"#,
            ),
        ] {
            assert_eq!(disposition(path), expected, "{path}");
        }
    }
}
