//! Courts as the API shows them: the register, which is part of the program, as rows.

use chrono::{DateTime, NaiveDate, Utc};
use pacer::court::Court;

use crate::{Error, Library};

/// A court that a client may name.
#[derive(Debug, Clone, PartialEq)]
pub struct CourtRow {
    /// CourtListener's id.
    pub id: String,
    /// Where it stands in lists.
    pub position: i64,
    /// The number before all its document ids.
    pub pacer_court_id: Option<i64>,
    /// The citation form, or empty.
    pub citation_string: String,
    /// Its name without the kind of court.
    pub short_name: String,
    /// Its name.
    pub full_name: String,
    /// Its own site.
    pub url: String,
    /// CourtListener's code of its class.
    pub jurisdiction: String,
    /// Whether it sits.
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

    /// Brings the directory in line with the register of this program.
    pub async fn write_directory(&self) -> Result<(), Error> {
        let courts = listed();
        let column = |text: fn(&Listed) -> &str| -> Vec<String> {
            courts.iter().map(|court| text(court).to_owned()).collect()
        };
        let ids = column(|court| court.id);
        let numbers: Vec<Option<i64>> = courts.iter().map(|court| court.pacer_court_id).collect();
        let urls: Vec<String> = courts.iter().map(|court| court.url.clone()).collect();
        let mut transaction = self.db.begin().await?;
        sqlx::query!("delete from court_directory where id <> all($1)", &ids)
            .execute(&mut *transaction)
            .await?;
        sqlx::query!(
            "insert into court_directory as known (id, position, pacer_court_id, citation_string, short_name,
                 full_name, url, jurisdiction)
             select id, place - 1, number, citation, short, name, url, class
             from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
                 with ordinality as listed (id, number, citation, short, name, url, class, place)
             on conflict (id) do update
             set position = excluded.position, pacer_court_id = excluded.pacer_court_id,
                 citation_string = excluded.citation_string, short_name = excluded.short_name,
                 full_name = excluded.full_name, url = excluded.url, jurisdiction = excluded.jurisdiction,
                 date_modified = now()
             where (known.position, known.pacer_court_id, known.citation_string, known.short_name,
                    known.full_name, known.url, known.jurisdiction)
                   is distinct from
                   (excluded.position, excluded.pacer_court_id, excluded.citation_string, excluded.short_name,
                    excluded.full_name, excluded.url, excluded.jurisdiction)",
            &ids,
            &numbers as &[Option<i64>],
            &column(|court| court.citation_string),
            &column(|court| court.short_name),
            &column(|court| court.full_name),
            &urls,
            &column(|court| court.jurisdiction),
        )
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }
}

/// A court of the register, as the directory has it.
struct Listed {
    id: &'static str,
    pacer_court_id: Option<i64>,
    citation_string: &'static str,
    short_name: &'static str,
    full_name: &'static str,
    url: String,
    jurisdiction: &'static str,
}

/// All courts that the directory has, by position.
fn listed() -> Vec<Listed> {
    let known = Court::all().iter().filter(|court| {
        let id = court.cl_id.as_deref();
        // Of courts that share an id, the one that the id leads to.
        id.and_then(Court::by_cl_id)
            .is_some_and(|found| found.id == court.id)
    });
    known.map(describe).collect()
}

fn describe(court: &'static Court) -> Listed {
    let prefix = court.doc_id_prefix.as_deref();
    Listed {
        id: court.cl_id.as_deref().unwrap_or_default(),
        pacer_court_id: prefix.and_then(|prefix| prefix.parse().ok()),
        citation_string: court.abbrev.as_deref().unwrap_or_default(),
        short_name: short_name(&court.name),
        full_name: &court.name,
        url: format!("https://www.{}.uscourts.gov/", court.id),
        jurisdiction: court.jurisdiction(),
    }
}

fn short_name(name: &'static str) -> &'static str {
    [
        "District Court, ",
        "United States Bankruptcy Court, ",
        "Court of Appeals for the ",
    ]
    .iter()
    .find_map(|kind| name.strip_prefix(kind))
    .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_court_has_one_place_in_the_directory() {
        let listed = listed();
        let mut ids: Vec<_> = listed.iter().map(|court| court.id).collect();
        assert_eq!(ids.iter().filter(|id| **id == "nysb").count(), 1);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), listed.len());
        let cand = listed.iter().find(|court| court.id == "cand").unwrap();
        assert_eq!(
            (cand.pacer_court_id, cand.short_name),
            (Some(35), "N.D. California")
        );
    }
}
