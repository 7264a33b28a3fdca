//! What a request refers to: whether it is there, and what must be known about it.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use fetch_model::{DocketId, DocumentId};

use super::{Resource, condition::Sql};
use crate::{Error, Library};

/// What must be known about a docket that a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocketFacts {
    /// Its court (CourtListener's id).
    pub court: String,
    /// PACER's number of the case, if known.
    pub pacer_case_id: Option<String>,
    /// The docket number, if known.
    pub docket_number: Option<String>,
}

/// What must be known about a document that a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFacts {
    /// The court of its docket (CourtListener's id).
    pub court: String,
    /// Whether its file is held already.
    pub is_available: bool,
}

impl Library {
    /// What must be known about a docket, or `None` if there is no such docket.
    pub async fn docket_facts(&self, id: DocketId) -> Result<Option<DocketFacts>, Error> {
        Ok(sqlx::query_as!(
            DocketFacts,
            "select court_id as court, pacer_case_id, docket_number from dockets where id = $1",
            id.0
        )
        .fetch_optional(self.db.pool())
        .await?)
    }

    /// The day of the last entry of a docket that is stored, of those whose day has come; none without such an entry.
    pub async fn last_entry_day(
        &self,
        id: DocketId,
        now: DateTime<Utc>,
    ) -> Result<Option<NaiveDate>, Error> {
        Ok(sqlx::query_scalar!(
            "select max(date_filed) from docket_entries where docket_id = $1 and date_filed <= $2",
            id.0,
            now.date_naive()
        )
        .fetch_one(self.db.pool())
        .await?)
    }

    /// What must be known about a document, or `None` if there is no such document.
    pub async fn document_facts(&self, id: DocumentId) -> Result<Option<DocumentFacts>, Error> {
        Ok(sqlx::query_as!(
            DocumentFacts,
            "select dockets.court_id as court, recap_documents.is_available
             from recap_documents
             join docket_entries on docket_entries.id = recap_documents.docket_entry_id
             join dockets on dockets.id = docket_entries.docket_id
             where recap_documents.id = $1",
            id.0
        )
        .fetch_optional(self.db.pool())
        .await?)
    }

    /// Whether all these rows are there. Of what belongs to one account, which is nobody else's business, none is; nor of
    /// courts, whose ids are words.
    pub async fn all_exist(&self, resource: Resource, ids: &[i64]) -> Result<bool, Error> {
        let wanted: HashSet<i64> = ids.iter().copied().collect();
        if wanted.is_empty() || resource.is_owned() || resource == Resource::Courts {
            return Ok(wanted.is_empty());
        }
        let mut sql = Sql::new("select count(*) from ");
        sql.push(resource.table()).push(" t where id = any(");
        sql.push_bind(wanted.iter().copied().collect::<Vec<_>>())
            .push(")");
        let found: i64 = sql.build_query_scalar().fetch_one(self.db.pool()).await?;
        Ok(usize::try_from(found).is_ok_and(|found| found == wanted.len()))
    }
}
