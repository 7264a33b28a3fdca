//! Texts whose life is over: what was read of each page. The text of the document stays.

use fetch_db::retention::AT_ONCE;
use sqlx::PgConnection;

use crate::Error;

/// How many texts are older than so many days.
pub async fn overdue(connection: &mut PgConnection, days: i32) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from texts
           where state = 'done'
             and date_completed < clock_timestamp() - make_interval(days => $1)"#,
        days
    )
    .fetch_one(connection)
    .await?)
}

/// Forgets texts that are older than so many days. One that a request waits for is not old, nor one of
/// these files, whose pages are to be counted.
pub async fn forget(
    connection: &mut PgConnection,
    days: i32,
    awaited: &[String],
) -> Result<i64, Error> {
    let forgotten = sqlx::query!(
        "delete from texts where sha256 in (
             select sha256 from texts
             where state = 'done'
               and date_completed < clock_timestamp() - make_interval(days => $1)
               and sha256 <> all($3)
               and not exists (
                   select from recap_documents
                   join fetch_requests on recap_document_id = recap_documents.id
                   where recap_documents.sha256 = texts.sha256
                     and fetch_requests.state = 'reading')
             order by date_completed limit $2 for update skip locked)",
        days,
        AT_ONCE,
        awaited
    )
    .execute(connection)
    .await?;
    Ok(i64::try_from(forgotten.rows_affected()).unwrap_or(i64::MAX))
}
