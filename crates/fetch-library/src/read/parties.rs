//! Parties, counsel, and who stands for whom.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{Error, Library};
use fetch_db::in_order;

/// A party of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "columns are documented in the migration and in docs/API.md"
)]
pub struct PartyRow {
    pub id: i64,
    pub name: String,
    pub extra_info: String,
    pub date_created: DateTime<Utc>,
    pub date_modified: DateTime<Utc>,
}

/// What a party is in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "columns are documented in the migration and in docs/API.md"
)]
pub struct PartyTypeRow {
    pub id: i64,
    pub party_id: i64,
    pub docket_id: i64,
    pub name: String,
    pub date_terminated: Option<NaiveDate>,
    pub extra_info: String,
    pub highest_offense_level_opening: String,
    pub highest_offense_level_terminated: String,
}

/// A count that a defendant is charged with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "columns are documented in the migration and in docs/API.md"
)]
pub struct CountRow {
    pub id: i64,
    pub party_type_id: i64,
    pub name: String,
    pub disposition: String,
    pub status: i16,
}

/// A complaint against a defendant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "columns are documented in the migration and in docs/API.md"
)]
pub struct ComplaintRow {
    pub id: i64,
    pub party_type_id: i64,
    pub name: String,
    pub disposition: String,
}

/// Counsel in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "columns are documented in the migration and in docs/API.md"
)]
pub struct AttorneyRow {
    pub id: i64,
    pub name: String,
    pub contact_raw: String,
    pub phone: String,
    pub fax: String,
    pub email: String,
    pub date_created: DateTime<Utc>,
    pub date_modified: DateTime<Utc>,
}

/// That an attorney stands for a party, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "columns are documented in the migration and in docs/API.md"
)]
pub struct RepresentationRow {
    pub docket_id: i64,
    pub party_id: i64,
    pub attorney_id: i64,
    pub role: Option<i16>,
    pub date_action: Option<NaiveDate>,
}

impl Library {
    /// Parties, in the order of the numbers; unknown numbers are left out.
    pub async fn parties(&self, ids: &[i64]) -> Result<Vec<PartyRow>, Error> {
        let rows = sqlx::query_as!(
            PartyRow,
            "select id, name, extra_info, date_created, date_modified
             from parties where id = any($1)",
            ids
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(in_order(rows, ids, |row| row.id))
    }

    /// Attorneys, in the order of the numbers; unknown numbers are left out.
    pub async fn attorneys(&self, ids: &[i64]) -> Result<Vec<AttorneyRow>, Error> {
        let rows = sqlx::query_as!(
            AttorneyRow,
            "select id, name, contact_raw, phone, fax, email, date_created, date_modified
             from attorneys where id = any($1)",
            ids
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(in_order(rows, ids, |row| row.id))
    }

    /// What these parties are, oldest first.
    pub async fn party_types(&self, parties: &[i64]) -> Result<Vec<PartyTypeRow>, Error> {
        Ok(sqlx::query_as!(
            PartyTypeRow,
            "select id, party_id, docket_id, name, date_terminated, extra_info,
                 highest_offense_level_opening, highest_offense_level_terminated
             from party_types where party_id = any($1) order by id",
            parties
        )
        .fetch_all(self.db.pool())
        .await?)
    }

    /// The counts of these party types, oldest first.
    pub async fn criminal_counts(&self, party_types: &[i64]) -> Result<Vec<CountRow>, Error> {
        Ok(sqlx::query_as!(
            CountRow,
            "select id, party_type_id, name, disposition, status
             from criminal_counts where party_type_id = any($1) order by id",
            party_types
        )
        .fetch_all(self.db.pool())
        .await?)
    }

    /// The complaints of these party types, oldest first.
    pub async fn criminal_complaints(
        &self,
        party_types: &[i64],
    ) -> Result<Vec<ComplaintRow>, Error> {
        Ok(sqlx::query_as!(
            ComplaintRow,
            "select id, party_type_id, name, disposition
             from criminal_complaints where party_type_id = any($1) order by id",
            party_types
        )
        .fetch_all(self.db.pool())
        .await?)
    }

    /// Who stands for these parties, oldest first.
    pub async fn counsel_of_parties(
        &self,
        parties: &[i64],
    ) -> Result<Vec<RepresentationRow>, Error> {
        Ok(sqlx::query_as!(
            RepresentationRow,
            "select docket_id, party_id, attorney_id, role, date_action
             from roles where party_id = any($1) order by id",
            parties
        )
        .fetch_all(self.db.pool())
        .await?)
    }

    /// For whom these attorneys stand, oldest first.
    pub async fn clients_of_attorneys(
        &self,
        attorneys: &[i64],
    ) -> Result<Vec<RepresentationRow>, Error> {
        Ok(sqlx::query_as!(
            RepresentationRow,
            "select docket_id, party_id, attorney_id, role, date_action
             from roles where attorney_id = any($1) order by id",
            attorneys
        )
        .fetch_all(self.db.pool())
        .await?)
    }
}
