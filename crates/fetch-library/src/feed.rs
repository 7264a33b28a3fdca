//! What was added to the library and changed there, in an order that nobody who follows it misses anything of.
//!
//! Triggers write it, in the transaction of what it tells of (`docs/adr/0058-changes-of-the-library.md`). Of each row
//! it is told that it was added, at the place where it was, and that it was changed, at the place of its last change;
//! what the row holds is read when it is told. Readers go no further than [`Library::changes_known`].

mod size;

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time;

use crate::{Error, Library, read::Resource};

/// Changes have their places from here.
const PLACES: &str = "library_changes_place_seq";

/// How often it is looked whether transactions have ended that may have changes, and between two looks.
const LOOKS: u32 = 10;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It was there before, and is different now.
    Changed,
    /// It is there no more.
    Removed,
}

impl ChangeKind {
    /// Its word, here and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Added => "added",
            ChangeKind::Changed => "changed",
            ChangeKind::Removed => "removed",
        }
    }

    fn of(word: &str) -> Option<ChangeKind> {
        let all = [ChangeKind::Added, ChangeKind::Changed, ChangeKind::Removed];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The kinds of rows that are told of, and their names in the database and in the API.
pub const FOLLOWED: [(&str, Resource); 7] = [
    ("dockets", Resource::Dockets),
    ("bankruptcy-information", Resource::BankruptcyInformation),
    (
        "originating-court-information",
        Resource::OriginatingCourtInformation,
    ),
    ("docket-entries", Resource::DocketEntries),
    ("recap-documents", Resource::RecapDocuments),
    ("parties", Resource::Parties),
    ("attorneys", Resource::Attorneys),
];

/// That a row was added, changed or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    /// Its place in the order.
    pub place: i64,
    /// What kind of row; none of a kind that a later version knows.
    pub resource: Option<Resource>,
    /// Which one.
    pub id: i64,
    /// The docket that it belongs to.
    pub docket: i64,
    /// What became of it.
    pub change: Option<ChangeKind>,
    /// When it was written, just before it was committed.
    pub at: DateTime<Utc>,
    /// Of a change of a docket, in which columns, as far as that was noted. The feed does not tell.
    pub columns: Vec<String>,
}

/// Which archive this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Its UUID.
    pub id: String,
    /// The number of its schema.
    pub schema: i64,
    /// The last place that was given.
    pub last_place: i64,
}

/// Since when a docket's changes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// After a place; after 0, all.
    Place(i64),
    /// Written at this time or later.
    Time(DateTime<Utc>),
}

struct Row {
    place: i64,
    kind: String,
    row_id: i64,
    docket_id: i64,
    change: String,
    at: DateTime<Utc>,
    columns: Vec<String>,
}

impl From<Row> for RowChange {
    fn from(row: Row) -> RowChange {
        let known = FOLLOWED.iter().find(|(name, _)| *name == row.kind);
        RowChange {
            place: row.place,
            resource: known.map(|(_, resource)| *resource),
            id: row.row_id,
            docket: row.docket_id,
            change: ChangeKind::of(&row.change),
            at: row.at,
            columns: row.columns,
        }
    }
}

impl Library {
    /// Which archive this is, and how far it is.
    pub async fn archive(&self) -> Result<Archive, Error> {
        let id = sqlx::query_scalar!(r#"select id::text as "id!" from library_archive"#);
        Ok(Archive {
            id: id.fetch_one(self.db.pool()).await?,
            schema: self.db.schema_version().await?,
            last_place: self.db.last_given(PLACES).await?,
        })
    }

    /// The place up to which nothing more comes, whatever transactions are open; none if that is not known yet. It waits
    /// a moment for those that are.
    pub async fn changes_known(&self) -> Result<Option<i64>, Error> {
        for _ in 0..LOOKS {
            let mut watermark = self.watermark.lock().await;
            self.db.advance(&mut watermark, PLACES).await?;
            if !watermark.has_pending() {
                return Ok(watermark.up_to());
            }
            drop(watermark);
            time::sleep(LOOK_AGAIN).await;
        }
        Ok(self.watermark.lock().await.up_to())
    }

    /// Changes after a place and up to another one, so many at most, in order.
    pub async fn changes_after(
        &self,
        after: i64,
        up_to: i64,
        limit: i64,
    ) -> Result<Vec<RowChange>, Error> {
        let rows = sqlx::query_as!(
            Row,
            r#"select place, kind::text as "kind!", row_id, docket_id, change::text as "change!", at,
                   array[]::text[] as "columns!"
               from library_changes where place > $1 and place <= $2 order by place limit $3"#,
            after,
            up_to,
            limit
        );
        let rows = rows.fetch_all(self.db.pool()).await?;
        Ok(rows.into_iter().map(RowChange::from).collect())
    }

    /// The last place up to this one at which a change is; 0 if there is none.
    pub async fn last_change_up_to(&self, place: i64) -> Result<i64, Error> {
        let last = sqlx::query_scalar!(
            r#"select coalesce(max(place), 0) as "last!" from library_changes where place <= $1"#,
            place
        );
        Ok(last.fetch_one(self.db.pool()).await?)
    }

    /// The same of rows that are told once: without the changes of what was added after `begin`, since what is told of
    /// an added row is read when it is told.
    pub async fn rows_after(
        &self,
        begin: i64,
        after: i64,
        up_to: i64,
        limit: i64,
    ) -> Result<Vec<RowChange>, Error> {
        let rows = sqlx::query_as!(
            Row,
            r#"select place, kind::text as "kind!", row_id, docket_id, change::text as "change!", at,
                   array[]::text[] as "columns!"
               from library_changes c where place > $1 and place <= $2
                 and (change <> 'changed' or not exists (
                     select from library_changes a
                     where a.kind = c.kind and a.row_id = c.row_id and a.change = 'added' and a.place > $4))
               order by place limit $3"#,
            after,
            up_to,
            limit,
            begin
        );
        let rows = rows.fetch_all(self.db.pool()).await?;
        Ok(rows.into_iter().map(RowChange::from).collect())
    }

    /// What was added to a docket and changed there since, after a place and up to another one, so many rows at most. A
    /// row that is new since then is not told as changed, and of a changed one only the columns that changed since.
    ///
    /// A row that has a column changed up to that place, and is on its way to a later one, comes as well, with that later
    /// place: whoever goes on after its column would not hear of it.
    pub async fn changes_of_docket(
        &self,
        docket: i64,
        since: Since,
        after: i64,
        up_to: i64,
        limit: i64,
    ) -> Result<Vec<RowChange>, Error> {
        let (place, time) = match since {
            Since::Place(place) => (place, None),
            Since::Time(time) => (0, Some(time)),
        };
        let rows = sqlx::query_as!(
            Row,
            r#"select place, kind::text as "kind!", row_id, docket_id, change::text as "change!", at,
                   array(select key from jsonb_each(columns)
                         where (value -> 0)::bigint > $2
                           and ($3::timestamptz is null
                                or (value -> 1)::bigint >= extract(epoch from $3) * 1000000)
                         order by key) as "columns!"
               from library_changes c
               where docket_id = $1 and place > greatest($2, $4)
                 and (place <= $5 or exists (
                     select from jsonb_each(columns)
                     where (value -> 0)::bigint > $2 and (value -> 0)::bigint <= $5))
                 and ($3::timestamptz is null or at >= $3)
                 and (change <> 'changed' or not exists (
                     select from library_changes a
                     where a.kind = c.kind and a.row_id = c.row_id and a.change = 'added'
                       and a.place > $2 and ($3::timestamptz is null or a.at >= $3)))
               order by place limit $6"#,
            docket,
            place,
            time,
            after,
            up_to,
            limit
        );
        let rows = rows.fetch_all(self.db.pool()).await?;
        Ok(rows.into_iter().map(RowChange::from).collect())
    }
}
