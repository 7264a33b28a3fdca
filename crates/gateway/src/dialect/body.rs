//! A body, whatever its format, as named fields.

use std::{collections::HashMap, fmt, time::Duration};

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request},
    http::{StatusCode, header::CONTENT_TYPE},
};
use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::Value;
use tokio::time;
use url::form_urlencoded;
use zeroize::{Zeroize, Zeroizing};

use super::Refusal;

/// How the fields were sent, which decides what an absent or empty one means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A form, URL-encoded or multipart: everything is text, and an unticked box is absent.
    Form,
    /// JSON: values have types.
    Json,
}

/// The fields of a body. May hold a password: never printed.
#[derive(Clone, PartialEq)]
pub struct Fields {
    origin: Origin,
    values: HashMap<String, Value>,
}

impl fmt::Debug for Fields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Fields({:?}, {} fields)",
            self.origin,
            self.values.len()
        )
    }
}

/// What a body may be.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// The most bytes.
    pub bytes: usize,
    /// The longest that it may take to come.
    pub within: Duration,
}

impl Drop for Fields {
    fn drop(&mut self) {
        self.values.values_mut().for_each(wipe);
    }
}

/// Any field may hold what was meant for the one with the password.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(values) => values.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Fields {
    /// Fields that came with their types.
    #[must_use]
    pub fn of_values(values: impl IntoIterator<Item = (String, Value)>) -> Fields {
        Fields {
            origin: Origin::Json,
            values: values.into_iter().collect(),
        }
    }

    /// The fields of a form; of a field sent twice the last value.
    pub fn of_form(pairs: impl IntoIterator<Item = (String, String)>) -> Fields {
        let values = pairs
            .into_iter()
            .map(|(key, value)| (key, Value::String(value)))
            .collect();
        Fields {
            origin: Origin::Form,
            values,
        }
    }

    /// The fields of a JSON body.
    ///
    /// # Errors
    /// 400 when it is malformed, or not an object.
    pub fn of_json(body: &[u8]) -> Result<Fields, Refusal> {
        let value: Value = serde_json::from_slice(body).map_err(|error| {
            Refusal::detail(
                StatusCode::BAD_REQUEST,
                format!("JSON parse error - {error}"),
            )
        })?;
        let received = python_type(&value);
        let Value::Object(values) = value else {
            let text = format!("Invalid data. Expected a dictionary, but got {received}.");
            return Err(Refusal::Together(text));
        };
        Ok(Fields::of_values(values))
    }

    /// How the fields were sent.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The names of the fields that were sent.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// The value of a field, if it was sent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }
}

/// The name of a value's type in the language of the original, which its messages give away.
pub(super) fn python_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// Reads the body of a call as fields.
///
/// # Errors
/// 400 for a malformed body, 408 for one that takes too long, 413 for one that is too large, 415
/// for a format that we do not read.
pub async fn read(request: Request, limits: BodyLimits) -> Result<Fields, Refusal> {
    let (parts, body) = request.into_parts();
    let content_type = parts.headers.get(CONTENT_TYPE);
    let content_type =
        content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let content_type = content_type.unwrap_or_default();
    let bytes = time::timeout(limits.within, read_bytes(body, limits.bytes)).await;
    let Ok(bytes) = bytes else {
        let text = "The request body did not come in time.";
        return Err(Refusal::detail(StatusCode::REQUEST_TIMEOUT, text));
    };
    // Whoever drops it last wipes it.
    let bytes = Bytes::from_owner(bytes?);
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    match media_type.to_ascii_lowercase().as_str() {
        "application/json" => Fields::of_json(&bytes),
        "application/x-www-form-urlencoded" => {
            Ok(Fields::of_form(form_urlencoded::parse(&bytes).into_owned()))
        }
        "multipart/form-data" => {
            read_multipart(Request::from_parts(parts, Body::from(bytes))).await
        }
        "" if bytes.is_empty() => Ok(Fields::of_form([])),
        _ => {
            let text = format!("Unsupported media type \"{content_type}\" in request.");
            Err(Refusal::detail(StatusCode::UNSUPPORTED_MEDIA_TYPE, text))
        }
    }
}

async fn read_bytes(body: Body, limit_bytes: usize) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Zeroizing::new(Vec::new());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| {
            Refusal::detail(
                StatusCode::BAD_REQUEST,
                "The request body could not be read.",
            )
        })?;
        if bytes.len() + chunk.len() > limit_bytes {
            return Err(Refusal::too_large(limit_bytes));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn read_multipart(request: Request) -> Result<Fields, Refusal> {
    let broken = |error: axum::extract::multipart::MultipartError| {
        let text = format!("Multipart form parse error - {}", error.body_text());
        Refusal::detail(StatusCode::BAD_REQUEST, text)
    };
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| {
            let text = format!("Multipart form parse error - {}", rejection.body_text());
            Refusal::detail(StatusCode::BAD_REQUEST, text)
        })?;
    let mut pairs = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let Some(name) = part.name().map(str::to_owned) else {
            continue;
        };
        let bytes = part.bytes().await.map_err(broken)?;
        pairs.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(Fields::of_form(pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sent(content_type: &str, body: &str) -> Result<Fields, (u16, String)> {
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
        let form = sent("application/x-www-form-urlencoded", "a=1&b=x+y&a=2")
            .await
            .unwrap();
        assert_eq!(form.origin(), Origin::Form);
        assert_eq!(form.get("a"), Some(&Value::from("2")));
        assert_eq!(form.get("b"), Some(&Value::from("x y")));
        let body = "--X\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\nx y\r\n--X--\r\n";
        let multipart = sent("multipart/form-data; boundary=X", body).await.unwrap();
        assert_eq!(multipart.origin(), Origin::Form);
        assert_eq!(multipart.get("b"), Some(&Value::from("x y")));
        let json = sent("application/json; charset=utf-8", r#"{"b":"x y","a":2}"#)
            .await
            .unwrap();
        assert_eq!(json.origin(), Origin::Json);
        assert_eq!(json.get("a"), Some(&Value::from(2)));
        assert!(sent("", "").await.unwrap().get("a").is_none());
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

    #[test]
    fn fields_are_never_printed() {
        let fields = Fields::of_form([("pacer_password".to_owned(), "hunter2".to_owned())]);
        assert!(!format!("{fields:?}").contains("hunter2"));
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
