//! Objects: one a line, or all in an array.

use std::fmt;

use axum::http::StatusCode;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{MOST, Place, too_many};
use crate::dialect::{ApiError, Json};

/// The key of what all requests have in common.
const DEFAULTS: &str = "defaults";

/// The fields of all requests, if that is what a first object has.
pub(super) fn defaults(first: &[u8], longest: usize) -> Option<Json> {
    let first = Some(first).filter(|first| first.len() <= longest)?;
    Json::parse(first).ok()?.only_object(DEFAULTS)
}

/// Lines that are not empty.
pub(super) fn lines(bytes: &[u8]) -> Result<Vec<Place>, ApiError> {
    let mut places = Vec::new();
    let mut begin = 0;
    for (number, text) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let end = begin + text.len();
        if !text.trim_ascii().is_empty() {
            places.push(Place {
                line: number + 1,
                bytes: begin..end,
            });
        }
        // One more than requests: the first may be no request.
        if places.len() > MOST + 1 {
            return Err(too_many());
        }
        begin = end + 1;
    }
    Ok(places)
}

/// The elements of an array.
pub(super) fn elements(bytes: &[u8]) -> Result<Vec<Place>, ApiError> {
    let elements: Elements<'_> =
        serde_json::from_slice(bytes).map_err(|error| malformed(bytes, &error))?;
    let Elements(Some(elements)) = elements else {
        return Err(too_many());
    };
    let begin = bytes.as_ptr() as usize;
    let places = elements.into_iter().enumerate().map(|(place, element)| {
        let element = element.get();
        let from = element.as_ptr() as usize - begin;
        Place {
            line: place + 1,
            bytes: from..from + element.len(),
        }
    });
    Ok(places.collect())
}

fn malformed(bytes: &[u8], error: &serde_json::Error) -> ApiError {
    let is_object = bytes.trim_ascii_start().starts_with(b"{");
    if is_object && serde_json::from_slice::<IgnoredAny>(bytes).is_ok() {
        let text = "Expected a list of items but got type \"dict\".";
        return ApiError::NonField(text.to_owned());
    }
    let text = format!("JSON parse error - {error}");
    ApiError::detail(StatusCode::BAD_REQUEST, text)
}

/// As many as a batch may have, or none if there are more.
struct Elements<'a>(Option<Vec<&'a RawValue>>);

impl<'de> Deserialize<'de> for Elements<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Collector)
    }
}

struct Collector;

impl<'de> Visitor<'de> for Collector {
    type Value = Elements<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of requests")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sent: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sent.next_element::<&RawValue>()? {
            elements.push(element);
            if elements.len() > MOST + 1 {
                while sent.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Elements(None));
            }
        }
        Ok(Elements(Some(elements)))
    }
}
