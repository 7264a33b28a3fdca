//! Requests of one account.

use fetch_db::in_order;
use fetch_model::{FetchRequest, UserId};

use crate::{Error, Queue, row::RequestRow};

impl Queue {
    /// Those of the requests that are this account's, in the order of the numbers.
    pub async fn requests_of(
        &self,
        for_user: UserId,
        ids: &[i64],
    ) -> Result<Vec<FetchRequest>, Error> {
        let rows = sqlx::query_as!(
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
               where user_id = $1 and id = any($2) and date_forgotten is null"#,
            for_user.0,
            ids
        )
        .fetch_all(self.db.pool())
        .await?;
        let requests = rows
            .into_iter()
            .map(FetchRequest::try_from)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(in_order(requests, ids, |request| request.id.0))
    }
}
