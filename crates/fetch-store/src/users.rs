//! Accounts of this service and their API tokens.

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

impl Store {
    /// Makes an account, or finds the one of that name.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn add_user(&self, name: &str) -> Result<UserId, Error> {
        let id = sqlx::query_scalar!(
            "insert into users (name) values ($1)
             on conflict (name) do update set name = excluded.name
             returning id",
            name
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(UserId(id))
    }

    /// Gives an account one more token, of which only the SHA-256 is kept.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn add_token(
        &self,
        user: UserId,
        token_sha256: &[u8; 32],
        label: &str,
    ) -> Result<(), Error> {
        sqlx::query!(
            "insert into api_tokens (user_id, token_hash, label) values ($1, $2, $3)",
            user.0,
            token_sha256.as_slice(),
            label
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The account that a token belongs to.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn user_by_token_hash(&self, token_sha256: &[u8; 32]) -> Result<Option<User>, Error> {
        let row = sqlx::query!(
            "select users.id, users.name, users.is_active
             from api_tokens join users on users.id = api_tokens.user_id
             where api_tokens.token_hash = $1",
            token_sha256.as_slice()
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| User {
            id: UserId(row.id),
            name: row.name,
            is_active: row.is_active,
        }))
    }
}
