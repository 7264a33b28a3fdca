//! Accounts of this service.

use chrono::{DateTime, Utc};
use fetch_model::UserId;

use crate::{Error, Store};

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

impl Store {
    /// Makes an account.
    ///
    /// # Errors
    /// [`Error::Taken`] when there is one of that name, and when the database cannot answer.
    pub async fn add_user(&self, name: &str) -> Result<UserId, Error> {
        let id = sqlx::query_scalar!(
            "insert into users (name) values ($1) on conflict (name) do nothing returning id",
            name
        )
        .fetch_optional(&self.pool)
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
        .fetch_all(&self.pool)
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
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
