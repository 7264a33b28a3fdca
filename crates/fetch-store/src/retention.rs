//! How long things are kept, and how they are forgotten: a few at a time, and never the ledger.
//!
//! What the ledger points to stays as a row that says nothing any more. Dockets, documents and their
//! files are what was bought, and are kept.

use std::fmt;

use sqlx::PgConnection;

use crate::{
    Error, Store,
    locks::{self, Shared},
};

/// Rows that one step forgets.
pub const AT_ONCE: i64 = 500;

/// Kinds of things that have a life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kept {
    /// Requests that have ended, from their end on.
    Requests,
    /// The steps of requests, for people.
    Steps,
    /// Pages as a court sent them; not the files of documents.
    Captures,
    /// What was read of each page of a file; not the text of the document.
    Texts,
    /// What was announced. The message server keeps it, and forgets it by itself.
    Events,
}

impl Kept {
    /// All of them.
    pub const ALL: [Kept; 5] = [
        Kept::Requests,
        Kept::Steps,
        Kept::Captures,
        Kept::Texts,
        Kept::Events,
    ];

    /// Those that are rows of ours, and forgotten by us.
    pub fn rows() -> impl Iterator<Item = Kept> {
        Kept::ALL.into_iter().filter(|what| *what != Kept::Events)
    }

    /// How it is called in settings and commands.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kept::Requests => "requests",
            Kept::Steps => "steps",
            Kept::Captures => "captures",
            Kept::Texts => "texts",
            Kept::Events => "events",
        }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How long a kind of thing is kept, and how much of it is older.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// What.
    pub what: Kept,
    /// Days; `None`: for good.
    pub days: Option<i32>,
    /// Rows that are older and not forgotten yet; of events, which are no rows, 0.
    pub overdue: i64,
}

impl Store {
    /// How long each kind of thing is kept.
    pub async fn retention(&self) -> Result<Vec<Life>, Error> {
        let mut lives = Vec::new();
        for what in Kept::ALL {
            let days = self.days_of(what).await?;
            let overdue = match days {
                Some(days) => self.overdue(what, days).await?,
                None => 0,
            };
            lives.push(Life {
                what,
                days,
                overdue,
            });
        }
        Ok(lives)
    }

    /// Keeps a kind of thing for so many days from now on; `None`: for good.
    pub async fn set_retention(&self, what: Kept, days: Option<i32>) -> Result<(), Error> {
        if what == Kept::Events {
            sqlx::query("update retention_of_events set days = $1")
                .bind(days)
                .execute(&self.pool)
                .await?;
            return Ok(());
        }
        sqlx::query!(
            "insert into retention (what, days) values ($1, $2)
             on conflict (what) do update set days = excluded.days",
            what.as_str(),
            days
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets some of what is older than its life, and says how many: fewer than [`AT_ONCE`] when
    /// nothing more is due. Several may do so at a time.
    ///
    /// # Errors
    /// When the database or the store of blobs cannot answer; what was forgotten before stays so.
    pub async fn forget_overdue(&self, what: Kept) -> Result<i64, Error> {
        let Some(days) = self.days_of(what).await? else {
            return Ok(0);
        };
        match what {
            Kept::Requests => {
                let mut transaction = self.pool.begin().await?;
                let forgotten = forget_requests(&mut transaction, Whose::Old { days }).await?;
                transaction.commit().await?;
                Ok(forgotten)
            }
            Kept::Steps => self.forget_steps(days).await,
            Kept::Captures => self.forget_pages(Whose::Old { days }).await,
            Kept::Texts => self.forget_texts(days).await,
            Kept::Events => Ok(0),
        }
    }

    /// For how many days a kind of thing is kept; `None`: for good.
    pub async fn days_of(&self, what: Kept) -> Result<Option<i32>, Error> {
        if what == Kept::Events {
            let days = sqlx::query_scalar("select days from retention_of_events");
            return Ok(days.fetch_one(&self.pool).await?);
        }
        let days = sqlx::query_scalar!("select days from retention where what = $1", what.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(days.flatten())
    }

    async fn overdue(&self, what: Kept, days: i32) -> Result<i64, Error> {
        let counted = match what {
            Kept::Events => return Ok(0),
            Kept::Requests => sqlx::query_scalar!(
                r#"select count(*) as "count!" from fetch_requests
                   where date_completed < clock_timestamp() - make_interval(days => $1)
                     and date_forgotten is null"#,
                days
            )
            .fetch_one(&self.pool),
            Kept::Steps => sqlx::query_scalar!(
                r#"select count(*) as "count!" from fetch_steps
                   where at < clock_timestamp() - make_interval(days => $1)"#,
                days
            )
            .fetch_one(&self.pool),
            Kept::Captures => sqlx::query_scalar!(
                r#"select count(*) as "count!" from captures
                   where date_created < clock_timestamp() - make_interval(days => $1)
                     and date_forgotten is null and not starts_with(item_key, 'doc/')
                     and not is_evidence(captures)"#,
                days
            )
            .fetch_one(&self.pool),
            Kept::Texts => sqlx::query_scalar!(
                r#"select count(*) as "count!" from texts
                   where state = 'done'
                     and date_completed < clock_timestamp() - make_interval(days => $1)"#,
                days
            )
            .fetch_one(&self.pool),
        };
        Ok(counted.await?)
    }

    async fn forget_steps(&self, days: i32) -> Result<i64, Error> {
        let forgotten = sqlx::query!(
            "delete from fetch_steps where id in (
                 select id from fetch_steps
                 where at < clock_timestamp() - make_interval(days => $1)
                 order by at, id limit $2 for update skip locked)",
            days,
            AT_ONCE
        )
        .execute(&self.pool)
        .await?;
        Ok(count(forgotten.rows_affected()))
    }

    /// A text that a bill waits for, or a request, is not old.
    async fn forget_texts(&self, days: i32) -> Result<i64, Error> {
        let forgotten = sqlx::query!(
            "delete from texts where sha256 in (
                 select sha256 from texts
                 where state = 'done'
                   and date_completed < clock_timestamp() - make_interval(days => $1)
                   and not exists (
                       select from captures join purchases on capture_id = captures.id
                       where captures.sha256 = texts.sha256 and pages_awaited is not null)
                   and not exists (
                       select from recap_documents
                       join fetch_requests on recap_document_id = recap_documents.id
                       where recap_documents.sha256 = texts.sha256
                         and fetch_requests.state = 'reading')
                 order by date_completed limit $2 for update skip locked)",
            days,
            AT_ONCE
        )
        .execute(&self.pool)
        .await?;
        Ok(count(forgotten.rows_affected()))
    }

    /// Forgets pages, but no evidence: what a doubt is settled by, and what a request that is tried
    /// again would have to buy a second time. Their bytes go first: should we be stopped in between, the row still says what is
    /// to be done.
    pub(crate) async fn forget_pages(&self, whose: Whose) -> Result<i64, Error> {
        let pages = sqlx::query!(
            "select captures.id, captures.sha256 from captures
             left join fetch_requests on fetch_requests.id = captures.request_id
             where captures.date_forgotten is null
               and not starts_with(captures.item_key, 'doc/')
               and (captures.date_created < clock_timestamp() - make_interval(days => $1)
                        and not is_evidence(captures)
                    or fetch_requests.user_id = $2)
             order by captures.date_created, captures.id limit $3",
            whose.days(),
            whose.user(),
            AT_ONCE
        )
        .fetch_all(&self.pool)
        .await?;
        let forgotten = pages.len() as i64;
        for page in pages {
            self.forget_page(page.id, &page.sha256).await?;
        }
        Ok(forgotten)
    }

    async fn forget_page(&self, id: i64, sha256: &str) -> Result<(), Error> {
        let mut transaction = self.pool.begin().await?;
        // Two that forget captures of the same bytes would each leave them to the other.
        locks::lock_shared(&mut transaction, Shared::Blob, &[sha256.to_owned()]).await?;
        let is_wanted = sqlx::query_scalar!(
            r#"select exists (select from captures where sha256 = $2 and id <> $1)
                   or exists (select from recap_documents where sha256 = $2)
                   or exists (select from texts where sha256 = $2) as "wanted!""#,
            id,
            sha256
        )
        .fetch_one(&mut *transaction)
        .await?;
        if !is_wanted && !sha256.is_empty() {
            self.blobs.delete(sha256).await?;
        }
        let is_booked = sqlx::query_scalar!(
            r#"select exists (select from purchases where capture_id = $1) as "booked!""#,
            id
        )
        .fetch_one(&mut *transaction)
        .await?;
        if is_booked {
            // Under no key: nobody finds it.
            sqlx::query!(
                "update captures set item_key = '', url = '', media_type = '', sha256 = '',
                     date_forgotten = clock_timestamp()
                 where id = $1",
                id
            )
            .execute(&mut *transaction)
            .await?;
        } else {
            sqlx::query!("delete from captures where id = $1", id)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Whose things are forgotten.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose {
    /// What is older than so many days.
    Old { days: i32 },
    /// What that user has.
    User(fetch_model::UserId),
}

impl Whose {
    fn days(self) -> Option<i32> {
        match self {
            Whose::Old { days } => Some(days),
            Whose::User(_) => None,
        }
    }

    fn user(self) -> Option<i64> {
        match self {
            Whose::Old { .. } => None,
            Whose::User(user) => Some(user.0),
        }
    }
}

/// Forgets requests that have ended. One that the ledger or a kept page points to keeps its row and its
/// kind, and nothing that it asked for or found; one whose money is in doubt is kept until that is settled.
pub(crate) async fn forget_requests(
    connection: &mut PgConnection,
    whose: Whose,
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

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
