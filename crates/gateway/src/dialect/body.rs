//! The body of a call: how much of it is read, how long that may take, and which formats it may have.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request},
    http::{StatusCode, header::CONTENT_TYPE, request::Parts},
};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::time;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::{ApiError, Form, Json, Source};

/// What a body may be.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// The most bytes.
    pub bytes: usize,
    /// The longest that it may take to come.
    pub within: Duration,
}

/// Reads the body of a call as fields.
///
/// # Errors
/// 400 for a malformed body, 408 for one that takes too long, 413 for one that is too large, 415
/// for a format that we do not read.
pub async fn read(request: Request, limits: BodyLimits) -> Result<Box<dyn Source>, ApiError> {
    let (parts, body) = request.into_parts();
    let content_type = content_type_of(&parts);
    let bytes = whole(body, limits).await?;
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    match media_type.to_ascii_lowercase().as_str() {
        "application/json" => Ok(Box::new(Json::parse(&bytes)?)),
        "application/x-www-form-urlencoded" => {
            let pairs = form_urlencoded::parse(&bytes).into_owned();
            Ok(Box::new(Form::new(pairs)))
        }
        "multipart/form-data" => {
            let request = Request::from_parts(parts, Body::from(bytes));
            Ok(Box::new(read_multipart(request).await?))
        }
        "" if bytes.is_empty() => Ok(Box::new(Form::new([]))),
        _ => {
            let text = format!("Unsupported media type \"{content_type}\" in request.");
            Err(ApiError::detail(StatusCode::UNSUPPORTED_MEDIA_TYPE, text))
        }
    }
}

/// Reads the body of a call as it is, and says of which type it is: in small letters, without parameters. It is
/// wiped when it is dropped.
///
/// # Errors
/// 400, 408 and 413 as [`read`].
pub async fn read_whole(request: Request, limits: BodyLimits) -> Result<(String, Bytes), ApiError> {
    let (parts, body) = request.into_parts();
    let content_type = content_type_of(&parts);
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    Ok((media_type.to_ascii_lowercase(), whole(body, limits).await?))
}

fn content_type_of(parts: &Parts) -> String {
    let content_type = parts.headers.get(CONTENT_TYPE);
    let content_type =
        content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    content_type.unwrap_or_default()
}

async fn whole(body: Body, limits: BodyLimits) -> Result<Bytes, ApiError> {
    let bytes = time::timeout(limits.within, read_bytes(body, limits.bytes)).await;
    let Ok(bytes) = bytes else {
        let text = "The request body did not arrive in time.";
        return Err(ApiError::detail(StatusCode::REQUEST_TIMEOUT, text));
    };
    // Whoever drops it last wipes it.
    Ok(Bytes::from_owner(bytes?))
}

async fn read_bytes(body: Body, limit_bytes: usize) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Zeroizing::new(Vec::new());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| {
            ApiError::detail(
                StatusCode::BAD_REQUEST,
                "The request body could not be read.",
            )
        })?;
        if bytes.len() + chunk.len() > limit_bytes {
            return Err(ApiError::too_large(limit_bytes));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn read_multipart(request: Request) -> Result<Form, ApiError> {
    let broken = |error: axum::extract::multipart::MultipartError| {
        let text = format!("Multipart form parse error - {}", error.body_text());
        ApiError::detail(StatusCode::BAD_REQUEST, text)
    };
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| {
            let text = format!("Multipart form parse error - {}", rejection.body_text());
            ApiError::detail(StatusCode::BAD_REQUEST, text)
        })?;
    let mut pairs = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let Some(name) = part.name().map(str::to_owned) else {
            continue;
        };
        let bytes = part.bytes().await.map_err(broken)?;
        pairs.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(Form::new(pairs))
}

#[cfg(test)]
mod tests {
    use fetch_model::fields::FieldId;

    use super::*;
    use crate::dialect::Sent;

    async fn sent(content_type: &str, body: &str) -> Result<Box<dyn Source>, (u16, String)> {
        let mut request = Request::builder().method("POST");
        if !content_type.is_empty() {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let limits = BodyLimits {
            bytes: 200,
            within: Duration::from_secs(5),
        };
        read(request, limits).await.map_err(|refusal| {
            let status = refusal.status().as_u16();
            (
                status,
                serde_json::to_string(&refusal.into_object()).unwrap(),
            )
        })
    }

    #[tokio::test]
    async fn the_three_formats_give_the_same_fields() {
        let text = |text: &'static str| Sent::Text(text.into());
        let body = "docket=1&court=x+y&docket=2";
        let form = sent("application/x-www-form-urlencoded", body).await;
        let form = form.unwrap();
        assert_eq!(form.get(FieldId::Docket), text("2"));
        assert_eq!(form.get(FieldId::Court), text("x y"));
        assert_eq!(form.absent_truth(), Some(false));
        let body = "--X\r\nContent-Disposition: form-data; name=\"court\"\r\n\r\nx y\r\n--X--\r\n";
        let multipart = sent("multipart/form-data; boundary=X", body).await.unwrap();
        assert_eq!(multipart.get(FieldId::Court), text("x y"));
        assert_eq!(multipart.absent_truth(), Some(false));
        let body = r#"{"court":"x y","docket":2}"#;
        let json = sent("application/json; charset=utf-8", body).await.unwrap();
        assert_eq!(json.get(FieldId::Court), text("x y"));
        assert_eq!(json.get(FieldId::Docket), Sent::Number(2.into()));
        assert_eq!(json.absent_truth(), None);
        assert!(sent("", "").await.unwrap().names().is_empty());
    }

    #[tokio::test]
    async fn other_bodies_are_refused_in_the_contracts_words() {
        let unsupported = r#"{"detail":"Unsupported media type \"text/plain\" in request."}"#;
        assert_eq!(
            sent("text/plain", "a").await.unwrap_err(),
            (415, unsupported.to_owned())
        );
        let (status, text) = sent("application/json", "{\"a\":").await.unwrap_err();
        assert_eq!(status, 400);
        assert!(
            text.starts_with(r#"{"detail":"JSON parse error - "#),
            "{text}"
        );
        let list = r#"{"non_field_errors":["Invalid data. Expected a dictionary, but got list."]}"#;
        assert_eq!(
            sent("application/json", "[]").await.unwrap_err(),
            (400, list.to_owned())
        );
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(300));
        let (status, text) = sent("application/json", &large).await.unwrap_err();
        assert_eq!(status, 413);
        assert_eq!(
            text,
            r#"{"detail":"The request body is larger than 200 bytes."}"#
        );
        let (status, _) = sent("multipart/form-data", "x").await.unwrap_err();
        assert_eq!(status, 400, "a multipart body without a boundary");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let endless = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        let request = Request::builder().method("POST");
        let request = request.body(Body::from_stream(endless)).unwrap();
        let limits = BodyLimits {
            bytes: 200,
            within: Duration::from_secs(5),
        };
        let refused = read(request, limits).await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::REQUEST_TIMEOUT);
    }
}
