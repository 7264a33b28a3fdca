//! Rows, under a first one with the names of fields.
//!
//! A cell may hold a password, so nothing is read into memory that is not wiped.

use axum::http::StatusCode;
use csv_core::{ReadRecordResult, Reader};
use zeroize::Zeroizing;

use super::{MOST, Place, too_many};
use crate::dialect::{ApiError, Json};

/// The most columns: more than there are fields.
const MOST_COLUMNS: usize = 100;

/// Reads rows, one after the other, from a body that is all there.
struct Rows<'a> {
    reader: Reader,
    bytes: &'a [u8],
    /// How far it has read.
    at: usize,
    /// The cells of the present row, without what separates them.
    cells: Zeroizing<Vec<u8>>,
    /// Where each of them ends.
    ends: Vec<usize>,
}

impl Rows<'_> {
    fn new(bytes: &[u8], longest: usize) -> Rows<'_> {
        Rows {
            reader: Reader::new(),
            bytes,
            at: 0,
            // One more, since a full one counts as too short.
            cells: Zeroizing::new(vec![0; longest + 1]),
            ends: vec![0; MOST_COLUMNS],
        }
    }

    /// The number of cells of the next row.
    fn next(&mut self) -> Result<Option<usize>, ApiError> {
        let (mut written, mut columns) = (0, 0);
        loop {
            let (result, read, wrote, ended) = self.reader.read_record(
                &self.bytes[self.at..],
                &mut self.cells[written..],
                &mut self.ends[columns..],
            );
            self.at += read;
            written += wrote;
            columns += ended;
            match result {
                // With nothing left it says what it has.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => return Ok(Some(columns)),
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::OutputFull => {
                    let text = format!("a row is longer than {} bytes", self.cells.len() - 1);
                    return Err(broken(&text));
                }
                ReadRecordResult::OutputEndsFull => {
                    let text = format!("a row has more than {MOST_COLUMNS} cells");
                    return Err(broken(&text));
                }
            }
        }
    }

    /// The texts of that many cells; none of what is no text.
    fn texts(&self, columns: usize) -> Option<Vec<&str>> {
        let mut begin = 0;
        let cells = self.ends[..columns].iter().map(|end| {
            let cell = &self.cells[begin..*end];
            begin = *end;
            std::str::from_utf8(cell).ok()
        });
        cells.collect()
    }
}

fn broken(what: &str) -> ApiError {
    ApiError::detail(
        StatusCode::BAD_REQUEST,
        format!("CSV parse error - {what}."),
    )
}

/// The columns, and where the rows below them stand.
pub(super) fn rows(bytes: &[u8], longest: usize) -> Result<(Vec<String>, Vec<Place>), ApiError> {
    let mut rows = Rows::new(bytes, longest);
    let head = rows.next()?.and_then(|columns| rows.texts(columns));
    let head = head.ok_or_else(|| broken("the first row has no names of fields"))?;
    let columns: Vec<String> = head.iter().map(|name| name.trim().to_owned()).collect();
    for (place, name) in columns.iter().enumerate() {
        if columns[..place].contains(name) {
            return Err(broken("the first row names a field twice"));
        }
    }
    let mut places = Vec::new();
    let (mut from, mut line, mut counted) = (rows.at, 1, 0);
    while rows.next()?.is_some() {
        let row = &bytes[from..rows.at];
        let skipped = row.len() - row.trim_ascii_start().len();
        line += newlines(&bytes[counted..from + skipped]);
        counted = from + skipped;
        places.push(Place {
            line,
            bytes: from..rows.at,
        });
        if places.len() > MOST {
            return Err(too_many());
        }
        from = rows.at;
    }
    Ok((columns, places))
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}

/// The fields of a row. An empty cell was not sent.
pub(super) fn fields(columns: &[String], row: &[u8]) -> Result<Json, ApiError> {
    let mut rows = Rows::new(row, row.len());
    let count = rows.next()?.unwrap_or_default();
    if count != columns.len() {
        let text = format!(
            "This row has {count} cells, and the first one {}.",
            columns.len()
        );
        return Err(ApiError::NonField(text));
    }
    let cells = rows.texts(count).ok_or_else(|| {
        let text = "This row is not in UTF-8.";
        ApiError::NonField(text.to_owned())
    })?;
    let cells = columns.iter().zip(cells);
    let sent = cells.filter(|(_, cell)| !cell.is_empty());
    Ok(Json::of_texts(
        sent.map(|(name, cell)| (name.clone(), cell.to_owned())),
    ))
}
