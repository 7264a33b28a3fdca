//! Cursors: where a page of a list ended, in a form that callers hand back unread.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use fetch_library::read::CursorRow;
use url::form_urlencoded;

use super::moment;

/// Where to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The row at the edge.
    pub edge: CursorRow,
    /// Whether to go on before it rather than after it.
    pub backwards: bool,
}

impl Cursor {
    /// The cursor as callers see it; it holds for lists ordered by `column`.
    #[must_use]
    pub fn write(self, column: &str) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        if self.backwards {
            text.append_pair("r", "1");
        }
        text.append_pair("f", column);
        if let Some(at) = self.edge.at {
            text.append_pair("p", &at.timestamp_micros().to_string());
        }
        text.append_pair("i", &self.edge.id.to_string());
        STANDARD.encode(text.finish())
    }

    /// Reads a cursor; none if it is not one of ours for lists ordered by `column`.
    #[must_use]
    pub fn read(text: &str, column: &str) -> Option<Cursor> {
        let bytes = STANDARD.decode(text).ok()?;
        let (mut id, mut at, mut backwards, mut made_for) = (None, None, false, None);
        for (key, value) in form_urlencoded::parse(&bytes) {
            match key.as_ref() {
                "i" => id = Some(value.parse().ok()?),
                "p" => at = Some(read_time(&value)?),
                "r" => backwards = true,
                "f" => made_for = Some(value.into_owned()),
                _ => return None,
            }
        }
        if made_for.as_deref() != Some(column) {
            return None;
        }
        Some(Cursor {
            edge: CursorRow { id: id?, at },
            backwards,
        })
    }
}

fn read_time(micros: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros.parse().ok()?).filter(moment::is_of_our_era)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_as_it_was_written() {
        let at = DateTime::from_timestamp_micros(1_790_812_800_123_456);
        for (at, column) in [(at, "date_created"), (None, "id"), (None, "date_completed")] {
            for backwards in [false, true] {
                let cursor = Cursor {
                    edge: CursorRow { id: 7, at },
                    backwards,
                };
                assert_eq!(Cursor::read(&cursor.write(column), column), Some(cursor));
                assert_eq!(Cursor::read(&cursor.write(column), "date_modified"), None);
            }
        }
        assert_eq!(Cursor::read("xxx", "id"), None);
        assert_eq!(Cursor::read("cD0yNg==", "id"), None);
    }
}
