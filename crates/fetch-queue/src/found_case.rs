//! What the court has said about a request's case, so that it is not asked again.

use fetch_model::{Fence, FetchId};

use crate::{Error, Queue};

/// Which case a docket number is, by its court.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCase {
    /// The court's id of it.
    pub id: String,
    /// Its number there, in the court's own spelling.
    pub number: String,
}

impl Queue {
    /// The case that an earlier attempt at the request has found.
    pub async fn found_case(&self, id: FetchId) -> Result<Option<KnownCase>, Error> {
        Ok(sqlx::query_as!(
            KnownCase,
            r#"select found_case_id as "id!", found_case_number as "number!" from fetch_requests
               where id = $1 and found_case_id is not null and found_case_number is not null"#,
            id.0
        )
        .fetch_optional(self.db.pool())
        .await?)
    }

    /// Notes which case the request is about. An attempt that lost its claim notes nothing.
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
        .execute(self.db.pool())
        .await?;
        Ok(())
    }

    /// Notes which docket a request is about, as soon as that is known: the only one of the court that
    /// has the case id, or, where the court has no such ids for us, the number. A request that has a
    /// docket keeps it. A lost claim writes nothing.
    pub async fn note_docket(
        &self,
        id: FetchId,
        fence: Fence,
        court: &str,
        case: CaseOf<'_>,
    ) -> Result<(), Error> {
        let (case_id, number) = match case {
            CaseOf::Id(case_id) => (Some(case_id), None),
            CaseOf::Number(number) => (None, Some(number)),
        };
        sqlx::query!(
            "update fetch_requests set docket_id = found.id
             from (select min(id) as id from dockets
                   where court_id = $3 and (pacer_case_id = $4 or docket_number = $5)
                   having count(*) = 1) as found
             where fetch_requests.id = $1 and fence = $2 and docket_id is null",
            id.0,
            fence.0,
            court,
            case_id,
            number
        )
        .execute(self.db.pool())
        .await?;
        Ok(())
    }
}

/// What names a case in its court.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseOf<'a> {
    /// The court's own id of it.
    Id(&'a str),
    /// Its number, as dockets are stored with.
    Number(&'a str),
}
