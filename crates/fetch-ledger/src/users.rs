//! Accounts of this service.

use chrono::{DateTime, Utc};
use fetch_model::UserId;
use sqlx::PgConnection;

use crate::{Error, Ledger};

/// An account, as far as a call needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its number.
    pub id: UserId,
    /// Its name.
    pub name: String,
    /// Whether it may call at all.
    pub is_active: bool,
}

/// An account, as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedUser {
    /// The account.
    pub user: User,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// How many tokens it has that are neither revoked nor over.
    pub tokens: i64,
    /// When one of its tokens was used last.
    pub last_used: Option<DateTime<Utc>>,
}

impl Ledger {
    /// Makes an account.
    ///
    /// # Errors
    /// [`Error::Taken`] when there is one of that name, and when the database cannot answer.
    pub async fn add_user(&self, name: &str) -> Result<UserId, Error> {
        let id = sqlx::query_scalar!(
            "insert into users (name) values ($1) on conflict (name) do nothing returning id",
            name
        )
        .fetch_optional(self.db.pool())
        .await?;
        id.map(UserId).ok_or_else(|| Error::Taken {
            what: "a user",
            name: name.to_owned(),
        })
    }

    /// All accounts, by name.
    pub async fn users(&self) -> Result<Vec<ListedUser>, Error> {
        let rows = sqlx::query!(
            r#"select users.id, users.name, users.is_active, users.date_created,
                 count(*) filter (where tokens.id is not null and tokens.revoked is null
                                  and (tokens.expires is null or tokens.expires > now()))
                     as "tokens!",
                 max(tokens.last_used) as last_used
               from users left join api_tokens tokens on tokens.user_id = users.id
               group by users.id order by users.name"#
        )
        .fetch_all(self.db.pool())
        .await?;
        let listed = rows.into_iter().map(|row| ListedUser {
            user: User {
                id: UserId(row.id),
                name: row.name,
                is_active: row.is_active,
            },
            created: row.date_created,
            tokens: row.tokens,
            last_used: row.last_used,
        });
        Ok(listed.collect())
    }

    /// Lets an account call, or not. Its requests that are under way are brought to their end.
    /// Whether there is such an account.
    pub async fn set_active(&self, name: &str, is_active: bool) -> Result<bool, Error> {
        let done = sqlx::query!(
            "update users set is_active = $2 where name = $1",
            name,
            is_active
        )
        .execute(self.db.pool())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whoever is to be deleted sends nothing more. The tokens stay until it is done, since it may be taken back.
    pub async fn shut_out(&self, name: &str) -> Result<Option<UserId>, Error> {
        let user = sqlx::query_scalar!(
            "update users set is_active = false where name = $1 returning id",
            name
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(user.map(UserId))
    }
}

/// Takes away what is left of a user, the name last. Without purchases and requests the row goes as
/// well. Says how many lines of the ledger stay.
pub async fn remove_name(connection: &mut PgConnection, user: UserId) -> Result<i64, Error> {
    for statement in [
        sqlx::query!("delete from api_tokens where user_id = $1", user.0),
        sqlx::query!("delete from budgets where user_id = $1", user.0),
        sqlx::query!("delete from api_calls where user_id = $1", user.0),
    ] {
        statement.execute(&mut *connection).await?;
    }
    let purchases = sqlx::query_scalar!(
        r#"select count(*) as "count!" from purchases where user_id = $1"#,
        user.0
    )
    .fetch_one(&mut *connection)
    .await?;
    let deleted = sqlx::query!(
        "delete from users where id = $1
             and not exists (select from purchases where user_id = $1)
             and not exists (select from fetch_requests where user_id = $1)",
        user.0
    )
    .execute(&mut *connection)
    .await?;
    if deleted.rows_affected() == 0 {
        sqlx::query!(
            "update users set name = '(deleted user ' || id || ')' where id = $1",
            user.0
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(purchases)
}
