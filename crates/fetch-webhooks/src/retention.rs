//! Deliveries whose life is over, and those of a user who is deleted.

use fetch_db::{Connection, retention::AT_ONCE};
use fetch_model::UserId;

use crate::Error;

/// How many deliveries are older than so many days.
pub async fn overdue(connection: &mut Connection, days: i32) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from webhook_events
           where date_created < now() - make_interval(days => $1)"#,
        days
    )
    .fetch_one(connection)
    .await?)
}

/// Forgets deliveries that are older than so many days, whether they have arrived or not.
pub async fn forget(connection: &mut Connection, days: i32) -> Result<i64, Error> {
    let forgotten = sqlx::query!(
        "delete from webhook_events where id in (
             select id from webhook_events
             where date_created < now() - make_interval(days => $1)
             order by date_created, id limit $2 for update skip locked)",
        days,
        AT_ONCE
    )
    .execute(connection)
    .await?;
    Ok(i64::try_from(forgotten.rows_affected()).unwrap_or(i64::MAX))
}

/// Removes the endpoints of a user, with their deliveries.
pub async fn remove_endpoints_of(connection: &mut Connection, user: UserId) -> Result<(), Error> {
    sqlx::query!("delete from webhook_endpoints where user_id = $1", user.0)
        .execute(connection)
        .await?;
    Ok(())
}
