//! Which kinds of work have a worker: a hint for whoever releases it, never the truth. The truth is
//! a claim.
//!
//! Workers say every few seconds that they take work, and once that they have left. A kind without
//! a worker holds no places at courts, and its requests say what they wait for.

use std::time::Duration;

use chrono::{DateTime, Utc};
use fetch_model::FetchKind;
use sqlx::PgConnection;

use crate::{Error, Queue, notify::WORK_CHANNEL};

/// Whoever was not heard of for so long is not there.
pub const HEARD_WITHIN: Duration = Duration::from_secs(20);

/// What is known about those who do one kind of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindOfWork {
    /// The token of the kind.
    pub kind: String,
    /// Workers that are there.
    pub workers: i64,
    /// Jobs that they do at a time, together.
    pub slots: i64,
    /// When one of them was seen last.
    pub seen: DateTime<Utc>,
    /// Requests that could be worked on and wait for a worker of this kind; none while there is
    /// one.
    pub waiting: i64,
}

impl KindOfWork {
    /// The service that does it, as it is called where it runs.
    #[must_use]
    pub fn service(&self) -> &'static str {
        let fetched = FetchKind::ALL
            .into_iter()
            .find(|it| it.token() == self.kind);
        fetched.map_or("ocr", FetchKind::service)
    }
}

impl Queue {
    /// Says that a worker takes work of a kind, so many jobs at a time. When it is the first of its
    /// kind, what waits for it is released at once.
    pub async fn announce_worker(&self, kind: &str, name: &str, slots: i32) -> Result<(), Error> {
        sqlx::query!(
            "with missed as (
                 select not exists (
                     select from workers
                     where kind = $1 and not has_left
                       and seen > clock_timestamp() - make_interval(secs => $4)) as missed),
             announced as (
                 insert into workers (kind, name, slots) values ($1, $2, $3)
                 on conflict (kind, name) do update
                 set slots = excluded.slots, seen = clock_timestamp(), has_left = false
                 returning kind)
             select pg_notify($5, '') from announced, missed where missed",
            kind,
            name,
            slots,
            HEARD_WITHIN.as_secs_f64(),
            WORK_CHANNEL
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(())
    }

    /// Says that a worker takes no more work of a kind.
    ///
    /// # Errors
    /// When the database cannot answer; then it counts as there for [`HEARD_WITHIN`].
    pub async fn worker_leaves(&self, kind: &str, name: &str) -> Result<(), Error> {
        sqlx::query!(
            "update workers set has_left = true, seen = clock_timestamp()
             where kind = $1 and name = $2",
            kind,
            name
        )
        .execute(self.db.pool())
        .await?;
        Ok(())
    }

    /// Every kind of work, with those who do it and what waits for them.
    pub async fn kinds_of_work(&self) -> Result<Vec<KindOfWork>, Error> {
        let kinds = sqlx::query!(
            r#"select kind, max(seen) as "seen!",
                   count(*) filter (where not has_left
                       and seen > clock_timestamp() - make_interval(secs => $1)) as "workers!",
                   coalesce(sum(slots) filter (where not has_left
                       and seen > clock_timestamp() - make_interval(secs => $1)), 0) as "slots!"
               from workers group by kind order by kind"#,
            HEARD_WITHIN.as_secs_f64()
        )
        .fetch_all(self.db.pool())
        .await?;
        let mut found = Vec::new();
        for kind in kinds {
            let waiting = match kind.workers {
                0 => self.waiting_for(&kind.kind).await?,
                _ => 0,
            };
            found.push(KindOfWork {
                kind: kind.kind,
                workers: kind.workers,
                slots: kind.slots,
                seen: kind.seen,
                waiting,
            });
        }
        Ok(found)
    }

    async fn waiting_for(&self, kind: &str) -> Result<i64, Error> {
        let Some(kind) = FetchKind::ALL.into_iter().find(|it| it.token() == kind) else {
            let reading = sqlx::query_scalar!(
                r#"select count(*) as "count!" from fetch_requests where state = 'reading'"#
            );
            return Ok(reading.fetch_one(self.db.pool()).await?);
        };
        let waiting = sqlx::query_scalar!(
            r#"select (select count(*) from fetch_requests
                       where request_type = $1 and state in ('accepted', 'waiting')
                         and not_before is null)
                    + (select count(*) from fetch_requests
                       where request_type = $1 and state = 'released') as "count!""#,
            kind.number()
        );
        Ok(waiting.fetch_one(self.db.pool()).await?)
    }
}

/// The kinds of requests that no worker takes at the moment, by their numbers.
pub(crate) async fn kinds_without_worker(connection: &mut PgConnection) -> Result<Vec<i16>, Error> {
    kinds_unseen(connection, HEARD_WITHIN).await
}

/// The kinds of requests of which no worker was seen for so long, by their numbers.
pub(crate) async fn kinds_unseen(
    connection: &mut PgConnection,
    within: Duration,
) -> Result<Vec<i16>, Error> {
    let lately = within > HEARD_WITHIN;
    let seen = sqlx::query_scalar!(
        "select distinct kind from workers
         where ($2 or not has_left) and seen > clock_timestamp() - make_interval(secs => $1)",
        within.as_secs_f64(),
        lately
    )
    .fetch_all(connection)
    .await?;
    let unseen = FetchKind::ALL
        .into_iter()
        .filter(|kind| !seen.iter().any(|seen| seen == kind.token()));
    Ok(unseen.map(FetchKind::number).collect())
}

/// Whether a worker of this kind was seen within so long.
pub(crate) async fn is_seen(
    connection: &mut PgConnection,
    kind: &str,
    within: Duration,
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from workers
               where kind = $1 and seen > clock_timestamp() - make_interval(secs => $2)) as "seen!""#,
        kind,
        within.as_secs_f64()
    )
    .fetch_one(connection)
    .await?)
}

/// Forgets workers that were not seen for a week. The last of each kind is remembered.
pub(crate) async fn forget_old(connection: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!(
        "delete from workers
         where seen < clock_timestamp() - interval '7 days'
           and exists (select from workers later
                       where later.kind = workers.kind and later.seen > workers.seen)"
    )
    .execute(connection)
    .await?;
    Ok(())
}
