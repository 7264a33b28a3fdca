//! Writing accepted requests down, any number of them with one statement.

mod draft;

use chrono::{DateTime, Utc};
use fetch_model::{Cents, Fence, FetchId, FetchRequest, RequestSpec, State};
use sqlx::PgConnection;

use crate::Error;
pub use draft::Draft;

/// Under which limits a request may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unless {
    /// It may not fit under the limits of its user: what it sets aside is more than a request may
    /// cost, or there is a limit for the quarter, against which it was not checked.
    Limited,
    /// Nothing stands against it.
    Nothing,
}

/// A request that was written down, and what was seen beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The row.
    pub request: FetchRequest,
    /// About how many turns of its user come before it at its court; of bulk work, by night.
    pub behind: f64,
    /// Whether others wait for a login with its session: see [`crate::Queue::take_up`].
    pub others_wait: bool,
}

/// Writes accepted requests with what is set aside for them, in one statement: without a
/// transaction around it there is one round trip and one commit for all. In the order of `drafts`;
/// `None` for each that may not be written, because of [`Unless`] or because its user may not call
/// any more.
///
/// The virtual time of each comes one after the last of the same user at that court, and never
/// before the court's own: so users take turns, however many requests one of them has.
pub(crate) async fn write(
    connection: &mut PgConnection,
    drafts: &[&Draft],
) -> Result<Vec<Option<Written>>, Error> {
    let columns: Vec<&str> = drafts.iter().map(|draft| draft.columns.as_str()).collect();
    let rows = sqlx::query_file_as!(
        Row,
        "src/sql/accept.sql",
        format!("[{}]", columns.join(","))
    )
    .fetch_all(connection)
    .await?;
    let mut written = vec![None; drafts.len()];
    for row in rows {
        let place = usize::try_from(row.place - 1).unwrap_or(usize::MAX);
        if let (Some(slot), Some(draft)) = (written.get_mut(place), drafts.get(place)) {
            *slot = Some(row.written(&draft.new));
        }
    }
    Ok(written)
}

/// The same for any number.
pub async fn write_all(
    connection: &mut PgConnection,
    drafts: &[Draft],
) -> Result<Vec<Option<Written>>, Error> {
    write(connection, &drafts.iter().collect::<Vec<_>>()).await
}

/// The same for one.
pub async fn write_one(
    connection: &mut PgConnection,
    draft: &Draft,
) -> Result<Option<Written>, Error> {
    Ok(write(connection, &[draft]).await?.pop().flatten())
}

/// What Postgres has made of a draft.
struct Row {
    place: i64,
    id: i64,
    not_before: Option<DateTime<Utc>>,
    date_created: DateTime<Utc>,
    date_modified: DateTime<Utc>,
    behind: f64,
    others_wait: bool,
}

impl Row {
    fn written(self, new: &RequestSpec) -> Written {
        let request = FetchRequest {
            id: FetchId(self.id),
            spec: RequestSpec {
                not_before: crate::plans::named_time(self.not_before),
                ..new.clone()
            },
            state: State::Accepted,
            message: String::new(),
            failure: None,
            attempts: 0,
            fence: Fence(0),
            cost: Cents(0),
            date_created: self.date_created,
            date_modified: self.date_modified,
            date_completed: None,
        };
        Written {
            request,
            behind: self.behind,
            others_wait: self.others_wait,
        }
    }
}
