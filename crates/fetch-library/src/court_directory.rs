//! Courts as the API shows them: facts that are part of the program, as rows.

use chrono::{DateTime, NaiveDate, Utc};
use pacer::court::{Court, Listing};

use crate::{Error, Library};

/// A court that a client may name.
#[derive(Debug, Clone, PartialEq)]
pub struct CourtRow {
    /// CourtListener's id.
    pub id: String,
    /// Where it stands in lists, in thousandths.
    pub position: i64,
    /// The number before all its document ids.
    pub pacer_court_id: Option<i64>,
    /// How it is cited, or empty.
    pub citation_string: String,
    /// Its name without the kind of court.
    pub short_name: String,
    /// Its name.
    pub full_name: String,
    /// Its own site, or a page about it.
    pub url: String,
    /// CourtListener's code of its class.
    pub jurisdiction: String,
    /// Whether CourtListener uses it.
    pub in_use: bool,
    /// The day on which it began, where that is known.
    pub start_date: Option<NaiveDate>,
    /// The day on which it ended.
    pub end_date: Option<NaiveDate>,
    /// The court that it is a part of.
    pub parent_court: Option<String>,
    /// When the register last changed its mind about it.
    pub date_modified: DateTime<Utc>,
}

impl Library {
    /// The courts at these places, in this order.
    pub async fn courts_at(&self, positions: &[i64]) -> Result<Vec<CourtRow>, Error> {
        Ok(sqlx::query_as!(
            CourtRow,
            "select court.* from court_directory court
             join unnest($1::bigint[]) with ordinality as wanted (position, place)
               on wanted.position = court.position
             order by wanted.place",
            positions
        )
        .fetch_all(self.db.pool())
        .await?)
    }

    /// The court of this id.
    pub async fn court_of_directory(&self, id: &str) -> Result<Option<CourtRow>, Error> {
        Ok(
            sqlx::query_as!(CourtRow, "select * from court_directory where id = $1", id)
                .fetch_optional(self.db.pool())
                .await?,
        )
    }

    /// Brings the directory in line with what this program knows of courts.
    pub async fn write_directory(&self) -> Result<(), Error> {
        let courts = Listing::all();
        let column = |text: fn(&Listing) -> &str| -> Vec<String> {
            courts.iter().map(|court| text(court).to_owned()).collect()
        };
        let date = |date: fn(&Listing) -> Option<NaiveDate>| -> Vec<Option<NaiveDate>> {
            courts.iter().map(date).collect()
        };
        let ids = column(|court| &court.id);
        let positions: Vec<i64> = courts.iter().map(|court| court.position).collect();
        let numbers: Vec<Option<i64>> = courts.iter().map(number_before_documents).collect();
        let in_use: Vec<bool> = courts.iter().map(|court| court.in_use).collect();
        let mut transaction = self.db.begin().await?;
        sqlx::query!("delete from court_directory where id <> all($1)", &ids)
            .execute(&mut *transaction)
            .await?;
        sqlx::query!(
            "insert into court_directory as known (id, position, pacer_court_id, citation_string, short_name,
                 full_name, url, jurisdiction, in_use, start_date, end_date)
             select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                 $7::text[], $8::text[], $9::boolean[], $10::date[], $11::date[])
             on conflict (id) do update
             set position = excluded.position, pacer_court_id = excluded.pacer_court_id,
                 citation_string = excluded.citation_string, short_name = excluded.short_name,
                 full_name = excluded.full_name, url = excluded.url, jurisdiction = excluded.jurisdiction,
                 in_use = excluded.in_use, start_date = excluded.start_date, end_date = excluded.end_date,
                 date_modified = now()
             where (known.position, known.pacer_court_id, known.citation_string, known.short_name,
                    known.full_name, known.url, known.jurisdiction, known.in_use, known.start_date,
                    known.end_date)
                   is distinct from
                   (excluded.position, excluded.pacer_court_id, excluded.citation_string, excluded.short_name,
                    excluded.full_name, excluded.url, excluded.jurisdiction, excluded.in_use,
                    excluded.start_date, excluded.end_date)",
            &ids,
            &positions,
            &numbers as &[Option<i64>],
            &column(|court| &court.citation_string),
            &column(|court| &court.short_name),
            &column(|court| &court.full_name),
            &column(|court| &court.url),
            &column(|court| &court.jurisdiction),
            &in_use,
            &date(|court| court.start_date) as &[Option<NaiveDate>],
            &date(|court| court.end_date) as &[Option<NaiveDate>],
        )
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }
}

/// The number before all document ids of a court.
fn number_before_documents(listing: &Listing) -> Option<i64> {
    let prefix = Court::by_cl_id(&listing.id)?.doc_id_prefix.as_deref()?;
    prefix.parse().ok()
}
