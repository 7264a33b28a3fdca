//! Stored documents, under the path that their rows name (`docs/API.md#files`).
//!
//! A file goes from the store to the caller piece by piece, as fast as the caller reads. Its digest
//! is its name: it makes the `ETag`, and is compared while the bytes pass by. A file that has
//! changed on the disk never arrives whole.

use std::ops::RangeInclusive;

use axum::{
    body::Body,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{CONTENT_TYPE, RANGE},
    },
    response::{IntoResponse, Response},
};
use fetch_db::blobs::FoundBlob;
use headers::{
    AcceptRanges, ContentLength, ContentRange, ETag, HeaderMapExt, IfNoneMatch, IfRange,
    LastModified,
};
use http_range_header::{RangeUnsatisfiableError, parse_range_header};

use crate::{
    api::Api,
    dialect::{ApiError, Caller},
};

/// Gives a document to any account. Files are bought for everybody, like dockets.
pub(super) async fn download(
    _: Caller,
    State(api): State<Api>,
    method: Method,
    Path(path): Path<String>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    // The database refuses to look for such a text.
    if path.contains('\0') {
        return Err(ApiError::not_found());
    }
    let file = api
        .control
        .library
        .file_at(&format!("recap/{path}"))
        .await?;
    let file = file.ok_or_else(ApiError::not_found)?;
    let blob = api.control.db.blobs.look_up(&file.sha256).await?;
    let known_bytes = file.byte_count.and_then(|count| u64::try_from(count).ok());
    let marks = Marks {
        etag: format!("\"{}\"", file.sha256).parse().ok(),
        modified: LastModified::from(blob.modified),
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
        .is_some_and(|known| known.is_modified(marks.etag.as_ref(), Some(&marks.modified)));
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
    modified: LastModified,
    /// Its length; none if nobody knows before it was read.
    byte_count: Option<u64>,
}

impl Marks {
    /// Whether the caller has the file already, by its digest. Times are not asked about: a digest
    /// is exact, and a caller that knows when it has read knows the digest too.
    fn is_known_to(&self, asked: &HeaderMap) -> bool {
        let (named, etag) = (asked.typed_get::<IfNoneMatch>(), self.etag.as_ref());
        named
            .zip(etag)
            .is_some_and(|(named, etag)| !named.precondition_passes(etag))
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
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
        headers.typed_insert(self.modified);
        headers.typed_insert(AcceptRanges::bytes());
        if let Some(etag) = self.etag.clone() {
            headers.typed_insert(etag);
        }
        response
    }
}
