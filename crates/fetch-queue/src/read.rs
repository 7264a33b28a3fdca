//! Requests as they are, and what became of them.

use std::collections::HashMap;

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
                   attempts, fence, traceparent,
                   coalesce((select plans.not_before from fetch_plans plans
                             where plans.request_id = fetch_requests.id and plans.waits_for is not null),
                            fetch_requests.not_before) as not_before,
                   date_created, date_modified, date_completed,
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
    pub async fn history(&self, id: FetchId) -> Result<Vec<Step>, Error> {
        let mut histories = self.histories(&[id]).await?;
        Ok(histories.remove(&id).unwrap_or_default())
    }

    /// The lives of several requests, in one statement. Those without steps are left out.
    pub async fn histories(&self, ids: &[FetchId]) -> Result<HashMap<FetchId, Vec<Step>>, Error> {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query!(
            "select request_id, at, step, detail from fetch_steps
             where request_id = any($1) order by request_id, id",
            &ids
        )
        .fetch_all(self.db.pool())
        .await?;
        let mut histories: HashMap<FetchId, Vec<Step>> = HashMap::new();
        for row in rows {
            let history = histories.entry(FetchId(row.request_id)).or_default();
            history.push((row.at, row.step, row.detail));
        }
        Ok(histories)
    }

    /// Until when these courts are asked nothing, of those that are not asked at present; none for a pause
    /// without an end.
    pub async fn courts_left_alone(
        &self,
        courts: &[&str],
    ) -> Result<HashMap<String, Option<DateTime<Utc>>>, Error> {
        let rows = sqlx::query!(
            r#"select id,
                 case when held_since is null or held_until is not null
                      then greatest(paused_until, asked_until, held_until) end as until
               from courts
               where id = any($1)
                 and (greatest(paused_until, asked_until, held_until) > now()
                      or held_since is not null and held_until is null)"#,
            courts as &[&str]
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.until)).collect())
    }
}

/// Something that happened to a request: when, what, and a word about it.
pub type Step = (DateTime<Utc>, String, String);
