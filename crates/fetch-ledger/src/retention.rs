//! Pages whose life is over. The ledger stays.

use fetch_db::{
    locks::{self, Shared},
    retention::{AT_ONCE, ForgetScope},
};
use sqlx::PgConnection;

use crate::{Error, Ledger};

/// How many pages are older than so many days and not forgotten.
pub async fn overdue_pages(connection: &mut PgConnection, days: i32) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from captures
           where date_created < clock_timestamp() - make_interval(days => $1)
             and date_forgotten is null and not starts_with(item_key, 'doc/')
             and not is_evidence(captures)"#,
        days
    )
    .fetch_one(connection)
    .await?)
}

impl Ledger {
    /// Forgets pages, but no evidence: what a doubt is settled by, and what a request that is tried
    /// again would have to buy a second time. Their bytes go first: should we be stopped in between, the row still says what is
    /// to be done.
    pub async fn forget_pages(&self, whose: ForgetScope) -> Result<i64, Error> {
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
        .fetch_all(self.db.pool())
        .await?;
        let forgotten = pages.len() as i64;
        for page in pages {
            self.forget_page(page.id, &page.sha256).await?;
        }
        Ok(forgotten)
    }

    async fn forget_page(&self, id: i64, sha256: &str) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
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
            self.db.blobs.delete(sha256).await?;
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
