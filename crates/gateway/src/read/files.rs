//! Stored documents, under the path that their rows name (contract §10.7).

use axum::{
    body::Body,
    extract::{Path, State},
    http::{
        Method,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};

use crate::{
    api::Api,
    dialect::{Caller, Refusal},
};

/// Gives a document to any account. Files are bought for everybody, like dockets.
pub(super) async fn download(
    _: Caller,
    State(api): State<Api>,
    method: Method,
    Path(path): Path<String>,
) -> Result<Response, Refusal> {
    // The database refuses to look for such a text.
    if path.contains('\0') {
        return Err(Refusal::not_found());
    }
    let file = api.store.file_at(&format!("recap/{path}")).await?;
    let file = file.ok_or_else(Refusal::not_found)?;
    let kind = (CONTENT_TYPE, "application/pdf".to_owned());
    if let (Method::HEAD, Some(size)) = (method, file.byte_count) {
        return Ok(([kind, (CONTENT_LENGTH, size.to_string())], Body::empty()).into_response());
    }
    let bytes = api.store.blobs.get(&file.sha256).await?;
    Ok(([kind, (CONTENT_LENGTH, bytes.len().to_string())], bytes).into_response())
}
