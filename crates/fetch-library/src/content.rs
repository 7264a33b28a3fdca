//! What is stored of a docket, row by row, so that it can be compared.

use fetch_model::DocketId;
use serde_json::{Map, Value};
use sqlx::PgConnection;

use crate::Error;

/// A table of what hangs off a docket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The docket itself, with what only bankruptcies and appeals have.
    Docket,
    /// Its entries.
    Entry,
    /// Their documents, without files and text.
    Document,
    /// Parties in their roles.
    Party,
    /// Counts and complaints against parties.
    Count,
    /// Attorneys.
    Attorney,
    /// Whom they represent, and as what.
    Role,
}

/// A row, without its number and the times at which it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Of which table.
    pub part: Part,
    /// Tells it from others of its table, now and later.
    pub key: String,
    /// How people call it.
    pub name: String,
    /// Its columns.
    pub fields: Map<String, Value>,
}

/// All rows of a docket: those of a table together, in their order on the docket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content(pub Vec<Row>);

/// The rows of a docket.
pub async fn of_docket(connection: &mut PgConnection, docket: DocketId) -> Result<Content, Error> {
    let rows = sqlx::query_file!("src/sql/content.sql", docket.0)
        .fetch_all(connection)
        .await?;
    let rows = rows.into_iter().map(|row| {
        Ok(Row {
            part: part_of(&row.part)?,
            key: row.key,
            name: row.name,
            fields: match row.fields {
                Value::Object(fields) => fields,
                _ => Map::new(),
            },
        })
    });
    rows.collect::<Result<_, Error>>().map(Content)
}

fn part_of(word: &str) -> Result<Part, Error> {
    Ok(match word {
        "docket" => Part::Docket,
        "entry" => Part::Entry,
        "document" => Part::Document,
        "party" => Part::Party,
        "count" => Part::Count,
        "attorney" => Part::Attorney,
        "role" => Part::Role,
        _ => {
            return Err(Error::Malformed {
                what: "docket",
                why: format!("it has a part {word:?}"),
            });
        }
    })
}
