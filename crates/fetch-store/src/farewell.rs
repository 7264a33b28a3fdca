//! Deleting a user: what is theirs goes, and the books stay.

use fetch_model::UserId;

use crate::{
    Error, Store,
    retention::{AT_ONCE, Whose, forget_requests},
};

/// What became of the wish to delete a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// There is nobody of that name.
    Unknown,
    /// Some of their requests have not ended, or it is not settled what they cost: nothing was done
    /// but that the user can send nothing more.
    Unfinished {
        /// Requests that have not ended.
        running: i64,
        /// Requests whose money is in doubt, or whose pages are still being counted.
        unsettled: i64,
    },
    /// They are gone.
    Gone {
        /// Requests that were deleted or emptied.
        requests: i64,
        /// Pages that were brought home for them, which show their PACER login.
        pages: i64,
        /// Lines of the ledger, which stay, under the user's number alone.
        purchases: i64,
    },
}

impl Store {
    /// Deletes the user of that name: tokens, budget and keys go, requests go or are emptied where the
    /// ledger points to them, pages that show the login go. What stays is the ledger, and a row without
    /// the name that it points to. Documents and dockets that were bought are nobody's own, and stay.
    ///
    /// It may be said again when it was interrupted, under the same name.
    ///
    /// # Errors
    /// When the database or the store of blobs cannot answer.
    pub async fn delete_user(&self, name: &str) -> Result<Farewell, Error> {
        let Some(user) = self.shut_out(name).await? else {
            return Ok(Farewell::Unknown);
        };
        let open = sqlx::query!(
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
        .fetch_one(&self.pool)
        .await?;
        if open.running + open.unsettled > 0 {
            return Ok(Farewell::Unfinished {
                running: open.running,
                unsettled: open.unsettled,
            });
        }
        let mut pages = 0;
        loop {
            let forgotten = self.forget_pages(Whose::User(user)).await?;
            pages += forgotten;
            if forgotten < AT_ONCE {
                break;
            }
        }
        let mut requests = 0;
        loop {
            let mut transaction = self.pool.begin().await?;
            let forgotten = forget_requests(&mut transaction, Whose::User(user)).await?;
            transaction.commit().await?;
            requests += forgotten;
            if forgotten < AT_ONCE {
                break;
            }
        }
        let purchases = self.remove_name(user).await?;
        Ok(Farewell::Gone {
            requests,
            pages,
            purchases,
        })
    }

    /// Whoever is to be deleted sends nothing more. The tokens stay until it is done, since it may be taken back.
    async fn shut_out(&self, name: &str) -> Result<Option<UserId>, Error> {
        let user = sqlx::query_scalar!(
            "update users set is_active = false where name = $1 returning id",
            name
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(user.map(UserId))
    }

    /// Takes away what is left, the name last. Without purchases and requests the row goes as well.
    /// Says how many lines of the ledger stay.
    async fn remove_name(&self, user: UserId) -> Result<i64, Error> {
        let mut transaction = self.pool.begin().await?;
        for statement in [
            sqlx::query!("delete from api_tokens where user_id = $1", user.0),
            sqlx::query!("delete from budgets where user_id = $1", user.0),
            sqlx::query!("delete from idempotency_keys where user_id = $1", user.0),
        ] {
            statement.execute(&mut *transaction).await?;
        }
        let purchases = sqlx::query_scalar!(
            r#"select count(*) as "count!" from purchases where user_id = $1"#,
            user.0
        )
        .fetch_one(&mut *transaction)
        .await?;
        let deleted = sqlx::query!(
            "delete from users where id = $1
                 and not exists (select from purchases where user_id = $1)
                 and not exists (select from fetch_requests where user_id = $1)",
            user.0
        )
        .execute(&mut *transaction)
        .await?;
        if deleted.rows_affected() == 0 {
            sqlx::query!(
                "update users set name = '(deleted user ' || id || ')' where id = $1",
                user.0
            )
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(purchases)
    }
}
