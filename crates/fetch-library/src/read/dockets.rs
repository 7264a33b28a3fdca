//! Dockets and what hangs off them one to one.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{Error, Library};
use fetch_db::in_order;

/// A case. Names and meanings are the API's (`docs/API.md#dockets`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "columns are documented in the migration and in docs/API.md"
)]
pub struct DocketRow {
    pub id: i64,
    pub court_id: String,
    pub pacer_case_id: Option<String>,
    pub docket_number: Option<String>,
    pub docket_number_raw: String,
    pub docket_number_core: String,
    pub federal_dn_office_code: String,
    pub federal_dn_case_type: String,
    pub federal_dn_judge_initials_assigned: String,
    pub federal_dn_judge_initials_referred: String,
    pub federal_defendant_number: Option<i32>,
    pub case_name: String,
    pub slug: String,
    pub source: i16,
    pub assigned_to_str: String,
    pub referred_to_str: String,
    pub cause: String,
    pub nature_of_suit: String,
    pub jury_demand: String,
    pub jurisdiction_type: String,
    pub mdl_status: String,
    pub date_filed: Option<NaiveDate>,
    pub date_terminated: Option<NaiveDate>,
    pub date_last_filing: Option<NaiveDate>,
    pub date_created: DateTime<Utc>,
    pub date_modified: DateTime<Utc>,
    /// The row of `bankruptcy_information`, if there is one.
    pub bankruptcy_information_id: Option<i64>,
    pub appeal_from_str: String,
    /// CourtListener's id of the court below.
    pub appeal_from_id: Option<String>,
    pub panel_str: String,
    pub appellate_fee_status: String,
    pub appellate_case_type_information: String,
    /// The row of `originating_court_information`, if there is one.
    pub originating_court_information_id: Option<i64>,
}

/// The case that an appeal is from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "columns are documented in the migration and in docs/API.md"
)]
pub struct OriginatingCourtRow {
    pub id: i64,
    pub docket_id: i64,
    pub docket_number: String,
    pub docket_number_raw: String,
    pub assigned_to_str: String,
    pub ordering_judge_str: String,
    pub court_reporter: String,
    pub date_disposed: Option<NaiveDate>,
    pub date_filed: Option<NaiveDate>,
    pub date_judgment: Option<NaiveDate>,
    pub date_judgment_eod: Option<NaiveDate>,
    pub date_filed_noa: Option<NaiveDate>,
    pub date_received_coa: Option<NaiveDate>,
    pub date_created: DateTime<Utc>,
    pub date_modified: DateTime<Utc>,
}

/// What only a bankruptcy case has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "columns are documented in the migration and in docs/API.md"
)]
pub struct BankruptcyRow {
    pub id: i64,
    pub docket_id: i64,
    pub date_converted: Option<DateTime<Utc>>,
    pub date_last_to_file_claims: Option<DateTime<Utc>>,
    pub date_last_to_file_govt: Option<DateTime<Utc>>,
    pub date_debtor_dismissed: Option<DateTime<Utc>>,
    pub chapter: String,
    pub trustee_str: String,
    pub date_created: DateTime<Utc>,
    pub date_modified: DateTime<Utc>,
}

impl Library {
    /// Dockets, in the order of the numbers; unknown numbers are left out.
    pub async fn dockets(&self, ids: &[i64]) -> Result<Vec<DocketRow>, Error> {
        let rows = sqlx::query_as!(
            DocketRow,
            r#"select id, court_id, pacer_case_id, docket_number, docket_number_raw,
                   docket_number_core, federal_dn_office_code, federal_dn_case_type,
                   federal_dn_judge_initials_assigned, federal_dn_judge_initials_referred,
                   federal_defendant_number, case_name, slug, source, assigned_to_str,
                   referred_to_str, cause, nature_of_suit, jury_demand, jurisdiction_type,
                   mdl_status, date_filed, date_terminated, date_last_filing, date_created,
                   date_modified,
                   (select id from bankruptcy_information where docket_id = dockets.id)
                       as bankruptcy_information_id,
                   appeal_from_str, appeal_from_id, panel_str, appellate_fee_status,
                   appellate_case_type_information,
                   (select id from originating_court_information where docket_id = dockets.id)
                       as originating_court_information_id
               from dockets where id = any($1)"#,
            ids
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(in_order(rows, ids, |row| row.id))
    }

    /// Bankruptcy information, in the order of the numbers; unknown numbers are left out.
    pub async fn bankruptcy_information(&self, ids: &[i64]) -> Result<Vec<BankruptcyRow>, Error> {
        let rows = sqlx::query_as!(
            BankruptcyRow,
            "select id, docket_id, date_converted, date_last_to_file_claims,
                 date_last_to_file_govt, date_debtor_dismissed, chapter, trustee_str,
                 date_created, date_modified
             from bankruptcy_information where id = any($1)",
            ids
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(in_order(rows, ids, |row| row.id))
    }

    /// The cases that appeals are from, in the order of the numbers; unknown numbers are left out.
    pub async fn originating_courts(&self, ids: &[i64]) -> Result<Vec<OriginatingCourtRow>, Error> {
        let rows = sqlx::query_as!(
            OriginatingCourtRow,
            "select id, docket_id, docket_number, docket_number_raw, assigned_to_str,
                 ordering_judge_str, court_reporter, date_disposed, date_filed, date_judgment,
                 date_judgment_eod, date_filed_noa, date_received_coa, date_created, date_modified
             from originating_court_information where id = any($1)",
            ids
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(in_order(rows, ids, |row| row.id))
    }
}
