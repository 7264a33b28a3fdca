//! What the court has said about a request's case, so that it is not asked again.

use fetch_model::{Fence, FetchId};

use crate::{Error, Store};

/// Which case a docket number is, by its court.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCase {
    /// The court's id of it.
    pub id: String,
    /// Its number there, in the court's own spelling.
    pub number: String,
}

impl Store {
    /// The case that an earlier attempt at the request has found.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn found_case(&self, id: FetchId) -> Result<Option<KnownCase>, Error> {
        Ok(sqlx::query_as!(
            KnownCase,
            r#"select found_case_id as "id!", found_case_number as "number!" from fetch_requests
               where id = $1 and found_case_id is not null and found_case_number is not null"#,
            id.0
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Notes which case the request is about. An attempt that lost its claim notes nothing.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn note_found_case(
        &self,
        id: FetchId,
        fence: Fence,
        case: &KnownCase,
    ) -> Result<(), Error> {
        sqlx::query!(
            "update fetch_requests set found_case_id = $3, found_case_number = $4
             where id = $1 and fence = $2",
            id.0,
            fence.0,
            case.id,
            case.number
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
