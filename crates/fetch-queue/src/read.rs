//! Requests as they are, and what became of them.

use chrono::{DateTime, Utc};
use fetch_db::in_order;
use fetch_model::{FetchId, FetchRequest, UserId};

use crate::{Error, Queue, row::RequestRow};

impl Queue {
    /// A request, whoever's it is. For services; the API asks with [`Queue::request_of`].
    pub async fn request(&self, id: FetchId) -> Result<Option<FetchRequest>, Error> {
        Ok(self.rows(&[id.0], None).await?.pop())
    }

    /// A request of this user; somebody else's is not there.
    pub async fn request_of(
        &self,
        user: UserId,
        id: FetchId,
    ) -> Result<Option<FetchRequest>, Error> {
        Ok(self.rows(&[id.0], Some(user)).await?.pop())
    }

    /// Those of the requests that are this user's, in the order of the numbers.
    pub async fn requests_of(&self, user: UserId, ids: &[i64]) -> Result<Vec<FetchRequest>, Error> {
        let requests = self.rows(ids, Some(user)).await?;
        Ok(in_order(requests, ids, |request| request.id.0))
    }

    async fn rows(&self, ids: &[i64], user: Option<UserId>) -> Result<Vec<FetchRequest>, Error> {
        sqlx::query_as!(
            RequestRow,
            r#"select id, user_id, request_type, court, docket_id, recap_document_id,
                   pacer_case_id, docket_number, de_date_start, de_date_end, de_number_start,
                   de_number_end, show_parties_and_counsel, show_terminated_parties,
                   show_list_of_member_cases, skip_if_unchanged, message, state as "state: _", failure,
                   target_court, session_key, account_digest, client_code, on_doubt, lane,
                   attempts, fence, traceparent, not_before, date_created, date_modified, date_completed,
                   least(coalesce((select sum(billed_cents) from purchases
                                   where request_id = fetch_requests.id), 0),
                         2147483647)::int as "cost_cents!"
               from fetch_requests
               where id = any($1) and date_forgotten is null and ($2::bigint is null or user_id = $2)"#,
            ids,
            user.map(|user| user.0)
        )
        .fetch_all(self.db.pool())
        .await?
        .into_iter()
        .map(FetchRequest::try_from)
        .collect()
    }

    /// The life of a request: each step, when, and a word about it.
    pub async fn history(
        &self,
        id: FetchId,
    ) -> Result<Vec<(DateTime<Utc>, String, String)>, Error> {
        let rows = sqlx::query!(
            "select at, step, detail from fetch_steps where request_id = $1 order by id",
            id.0
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.at, row.step, row.detail))
            .collect())
    }
}
