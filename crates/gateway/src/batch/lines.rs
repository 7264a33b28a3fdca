//! The requests of a batch, as they stand in its body: JSON lines, a JSON array or CSV.
//!
//! Where each stands is found first; each is read when it is its turn, and forgotten before the next ones. So a batch
//! takes hardly more memory than its body.

mod csv;
mod json;

use std::ops::Range;

use axum::http::StatusCode;
use bytes::Bytes;

use super::MOST;
use crate::dialect::{ApiError, Json, Source};

/// The requests of a batch.
#[derive(Debug)]
pub(crate) struct Lines {
    bytes: Bytes,
    places: Vec<Place>,
    format: Format,
    /// No request is longer.
    longest: usize,
}

/// How requests are written.
#[derive(Debug)]
enum Format {
    /// As objects, which have these fields if they do not say otherwise.
    Json(Json),
    /// As rows, with these columns.
    Csv(Vec<String>),
}

/// Where a request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// For people.
    line: usize,
    bytes: Range<usize>,
}

/// A request of a batch.
#[derive(Debug)]
pub(crate) struct Line {
    /// Where it stands, for people.
    pub number: usize,
    /// Its fields, or why it cannot be read.
    pub fields: Result<Box<dyn Source>, ApiError>,
}

impl Lines {
    /// What came as this type. No request of it may be longer than `longest` bytes.
    ///
    /// # Errors
    /// 400 for a body that is none, or has too many requests or none; 415 for another type.
    pub fn of(media_type: &str, bytes: Bytes, longest: usize) -> Result<Lines, ApiError> {
        let (mut places, format) = match media_type {
            "application/json" => (json::elements(&bytes)?, Format::Json(Json::of_texts([]))),
            "application/x-ndjson" | "application/jsonl" | "application/x-jsonlines" => {
                (json::lines(&bytes)?, Format::Json(Json::of_texts([])))
            }
            "text/csv" => {
                let (columns, rows) = csv::rows(&bytes, longest)?;
                (rows, Format::Csv(columns))
            }
            _ => return Err(unsupported(media_type)),
        };
        let format = match (format, places.first()) {
            (Format::Json(none), Some(first)) => {
                match json::defaults(&bytes[first.bytes.clone()], longest) {
                    None => Format::Json(none),
                    Some(defaults) => {
                        places.remove(0);
                        Format::Json(defaults)
                    }
                }
            }
            (format, _) => format,
        };
        check_number(places.len())?;
        Ok(Lines {
            bytes,
            places,
            format,
            longest,
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Reads one after the other.
    pub fn iter(&self) -> impl Iterator<Item = Line> {
        self.places.iter().map(|place| Line {
            number: place.line,
            fields: self.read(place),
        })
    }

    fn read(&self, place: &Place) -> Result<Box<dyn Source>, ApiError> {
        let bytes = &self.bytes[place.bytes.clone()];
        if bytes.len() > self.longest {
            let text = format!("This is longer than {} bytes.", self.longest);
            return Err(ApiError::NonField(text));
        }
        Ok(match &self.format {
            Format::Json(defaults) => Box::new(Json::parse(bytes)?.with_defaults(defaults)),
            Format::Csv(columns) => Box::new(csv::fields(columns, bytes)?),
        })
    }
}

fn unsupported(media_type: &str) -> ApiError {
    let text = format!(
        "Unsupported media type \"{media_type}\" in request. Send application/x-ndjson, application/json or text/csv."
    );
    ApiError::detail(StatusCode::UNSUPPORTED_MEDIA_TYPE, text)
}

fn check_number(requests: usize) -> Result<(), ApiError> {
    match requests {
        0 => Err(ApiError::NonField(
            "There is no request in this batch.".to_owned(),
        )),
        1..=MOST => Ok(()),
        _ => Err(too_many()),
    }
}

/// No more is looked for then.
fn too_many() -> ApiError {
    let text = format!("A batch has at most {MOST} requests. Send several.");
    ApiError::NonField(text)
}

#[cfg(test)]
mod tests;
