//! How often users have called, day by day. It is no money, and counted by those who let callers in.

use chrono::NaiveDate;
use fetch_model::UserId;

use crate::{Error, Ledger};

/// Days that are kept and told, today included. As many as the reference has.
const DAYS: i32 = 15;

impl Ledger {
    /// Adds to how often users have called today, and forgets days that are told to nobody any more. Of
    /// users who are shut out nothing is kept.
    pub async fn add_calls(&self, calls: &[(UserId, u32)]) -> Result<(), Error> {
        let users: Vec<i64> = calls.iter().map(|(user, _)| user.0).collect();
        let calls: Vec<i64> = calls.iter().map(|(_, calls)| i64::from(*calls)).collect();
        // In one order, so that two gateways do not wait for each other.
        sqlx::query!(
            "with forgotten as (
                 delete from api_calls where day <= (now() at time zone $3::text)::date - $4::int)
             insert into api_calls (user_id, day, calls)
             select users.id, (now() at time zone $3::text)::date, new.calls
             from unnest($1::bigint[], $2::bigint[]) as new (user_id, calls)
             join users on users.id = new.user_id and users.is_active
             order by users.id
             on conflict (user_id, day) do update set calls = api_calls.calls + excluded.calls",
            &users,
            &calls,
            self.db.time_zone.name(),
            DAYS
        )
        .execute(self.db.pool())
        .await?;
        Ok(())
    }

    /// How often a user has called on each of the last days, today the last; days without calls are left
    /// out. What was counted within the last minute may be missing.
    pub async fn calls(&self, user: UserId) -> Result<Vec<(NaiveDate, i64)>, Error> {
        let rows = sqlx::query!(
            "select day, calls from api_calls
             where user_id = $1 and day > (now() at time zone $2::text)::date - $3::int
             order by day",
            user.0,
            self.db.time_zone.name(),
            DAYS
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(rows.into_iter().map(|row| (row.day, row.calls)).collect())
    }
}
