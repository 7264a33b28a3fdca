//! Requests and their steps whose life is over.

use fetch_db::retention::{AT_ONCE, ForgetScope};
use fetch_model::UserId;
use sqlx::PgConnection;

use crate::Error;

/// How many requests ended more than so many days ago and are not forgotten.
pub async fn overdue_requests(connection: &mut PgConnection, days: i32) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from fetch_requests
           where date_completed < clock_timestamp() - make_interval(days => $1)
             and date_forgotten is null"#,
        days
    )
    .fetch_one(connection)
    .await?)
}

/// How many steps are older than so many days.
pub async fn overdue_steps(connection: &mut PgConnection, days: i32) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from fetch_steps
           where at < clock_timestamp() - make_interval(days => $1)"#,
        days
    )
    .fetch_one(connection)
    .await?)
}

/// Forgets steps of requests, for people, that are older than so many days.
pub async fn forget_steps(connection: &mut PgConnection, days: i32) -> Result<i64, Error> {
    let forgotten = sqlx::query!(
        "delete from fetch_steps where id in (
             select id from fetch_steps
             where at < clock_timestamp() - make_interval(days => $1)
             order by at, id limit $2 for update skip locked)",
        days,
        AT_ONCE
    )
    .execute(connection)
    .await?;
    Ok(i64::try_from(forgotten.rows_affected()).unwrap_or(i64::MAX))
}

/// Forgets requests that have ended. One that the ledger or a kept page points to keeps its row and its
/// kind, and nothing that it asked for or found; one whose money is in doubt is kept until that is settled.
pub async fn forget_requests(
    connection: &mut PgConnection,
    whose: ForgetScope,
) -> Result<i64, Error> {
    let forgotten = sqlx::query!(
        r#"with due as (
               select id,
                      exists (select from purchases where request_id = fetch_requests.id)
                      or exists (select from captures where request_id = fetch_requests.id) as is_kept
               from fetch_requests
               where (date_completed < clock_timestamp() - make_interval(days => $1)
                      or date_completed is not null and user_id = $2)
                 and date_forgotten is null and lease_until is null
                 and not exists (
                     select from purchases
                     where request_id = fetch_requests.id
                       and (state = 'intent' or state = 'doubt' and settled_at is null
                            or pages_awaited is not null))
               order by date_completed, id limit $3
               for update skip locked),
           gone as (
               delete from fetch_requests where id in (select id from due where not is_kept)),
           without_steps as (
               delete from fetch_steps where request_id in (select id from due where is_kept)),
           without_keys as (
               delete from idempotency_keys
               where request_id in (select id from due where is_kept)),
           blinded as (
               update fetch_requests
               set court = null, docket_id = null, recap_document_id = null, pacer_case_id = '',
                   docket_number = '', de_date_start = null, de_date_end = null,
                   de_number_start = null, de_number_end = null,
                   show_parties_and_counsel = false, show_terminated_parties = false,
                   show_list_of_member_cases = false, skip_if_unchanged = false,
                   on_doubt = 'stop', max_cost_cents = null, not_before = null, begins_at = null,
                   put_off_since = null, login_until = null, found_case_id = null,
                   found_case_number = null, message = '', failure = null,
                   session_key = '', account_digest = '', client_code = '', worker = null,
                   traceparent = null, date_forgotten = clock_timestamp()
               where id in (select id from due where is_kept))
           select count(*) as "count!" from due"#,
        whose.days(),
        whose.user(),
        AT_ONCE
    )
    .fetch_one(connection)
    .await?;
    Ok(forgotten.count)
}

/// What keeps the requests of a user from being forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// Requests that have not ended.
    pub running: i64,
    /// Requests whose money is in doubt, or whose pages are still being counted.
    pub unsettled: i64,
}

/// What keeps the requests of a user from being forgotten.
pub async fn open_of(connection: &mut PgConnection, user: UserId) -> Result<Open, Error> {
    Ok(sqlx::query_as!(
        Open,
        r#"select count(*) filter (where date_completed is null or lease_until is not null)
                  as "running!",
                  count(*) filter (where date_completed is not null and exists (
                      select from purchases
                      where request_id = fetch_requests.id
                        and (state = 'intent' or state = 'doubt' and settled_at is null
                             or pages_awaited is not null))) as "unsettled!"
           from fetch_requests where user_id = $1 and date_forgotten is null"#,
        user.0
    )
    .fetch_one(connection)
    .await?)
}
