//! API tokens. Only their SHA-256 is kept: tokens are random, so nobody finds one by trying.

use chrono::{DateTime, Utc};
use fetch_model::{TokenId, UserId, expand::Groups};

use crate::{Error, Ledger, users::User};

/// A token to be.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// Its SHA-256.
    pub digest: &'a [u8; 32],
    /// What its user calls it.
    pub name: &'a str,
    /// When it ends, if ever.
    pub expires: Option<DateTime<Utc>>,
    /// Whether it opens only what changes nothing and costs nothing.
    pub read_only: bool,
    /// What its calls are told of requests if they ask for nothing in particular.
    pub expand: Groups,
}

/// Whom a token belongs to, and what it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The token.
    pub token: TokenId,
    /// Its SHA-256.
    pub digest: [u8; 32],
    /// The account.
    pub user: User,
    /// When the token ends, if ever.
    pub expires: Option<DateTime<Utc>>,
    /// Whether it opens only what changes nothing and costs nothing.
    pub read_only: bool,
    /// What its calls are told of requests if they ask for nothing in particular.
    pub expand: Groups,
}

/// A token, as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedToken {
    /// Its number.
    pub id: TokenId,
    /// The name of its account.
    pub user: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it ends, if ever.
    pub expires: Option<DateTime<Utc>>,
    /// When it was used last, to the minute or two.
    pub last_used: Option<DateTime<Utc>>,
    /// When it was revoked, if it was.
    pub revoked: Option<DateTime<Utc>>,
    /// Whether it opens only what changes nothing and costs nothing.
    pub read_only: bool,
    /// What its calls are told of requests if they ask for nothing in particular.
    pub expand: Groups,
}

impl Ledger {
    /// Gives an account one more token.
    ///
    /// # Errors
    /// [`Error::Taken`] when the account has one of that name that is not revoked, and when the
    /// database cannot answer.
    pub async fn add_token(&self, user: UserId, token: &NewToken<'_>) -> Result<TokenId, Error> {
        let mut transaction = self.db.begin().await?;
        // One after the other for each account, so that no name is given twice.
        sqlx::query!("select id from users where id = $1 for update", user.0)
            .fetch_one(&mut *transaction)
            .await?;
        let id = sqlx::query_scalar!(
            "insert into api_tokens (user_id, token_hash, label, expires, read_only, expand)
             select $1, $2, $3, $4, $5, $6
             where not exists (
                 select from api_tokens where user_id = $1 and label = $3 and revoked is null)
             returning id",
            user.0,
            token.digest.as_slice(),
            token.name,
            token.expires,
            token.read_only,
            token.expand.to_string()
        )
        .fetch_optional(&mut *transaction)
        .await?;
        transaction.commit().await?;
        id.map(TokenId).ok_or_else(|| Error::Taken {
            what: "a token",
            name: token.name.to_owned(),
        })
    }

    /// Whom a token belongs to that was not revoked. Whether it has ended, and whether the account
    /// may call, is for the caller to look at.
    pub async fn holder_of_token(&self, digest: &[u8; 32]) -> Result<Option<Holder>, Error> {
        let row = sqlx::query!(
            r#"select tokens.id as token, tokens.token_hash, tokens.expires, tokens.read_only,
                 tokens.expand, users.id, users.name, users.is_active
               from api_tokens tokens join users on users.id = tokens.user_id
               where tokens.token_hash = $1 and tokens.revoked is null"#,
            digest.as_slice()
        )
        .fetch_optional(self.db.pool())
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let malformed = |_| Error::Malformed {
            what: "token",
            why: "its digest has not 32 bytes".to_owned(),
        };
        Ok(Some(Holder {
            token: TokenId(row.token),
            digest: row.token_hash.as_slice().try_into().map_err(malformed)?,
            user: User {
                id: UserId(row.id),
                name: row.name,
                is_active: row.is_active,
            },
            expires: row.expires,
            read_only: row.read_only,
            expand: Groups::known(&row.expand),
        }))
    }

    /// All tokens, or those of one account, oldest first.
    pub async fn tokens(&self, user: Option<UserId>) -> Result<Vec<ListedToken>, Error> {
        let rows = sqlx::query!(
            r#"select tokens.id, users.name as user_name, tokens.label, tokens.date_created,
                 tokens.expires, tokens.last_used, tokens.revoked, tokens.read_only, tokens.expand
               from api_tokens tokens join users on users.id = tokens.user_id
               where $1::bigint is null or users.id = $1
               order by users.name, tokens.id"#,
            user.map(|user| user.0)
        )
        .fetch_all(self.db.pool())
        .await?;
        let listed = rows.into_iter().map(|row| ListedToken {
            id: TokenId(row.id),
            user: row.user_name,
            name: row.label,
            created: row.date_created,
            expires: row.expires,
            last_used: row.last_used,
            revoked: row.revoked,
            read_only: row.read_only,
            expand: Groups::known(&row.expand),
        });
        Ok(listed.collect())
    }

    /// Changes what the calls of a token are told of requests if they ask for nothing in particular. Whether
    /// there is one of this number that was not revoked.
    pub async fn set_expand(&self, token: TokenId, expand: Groups) -> Result<bool, Error> {
        let done = sqlx::query!(
            "update api_tokens set expand = $2 where id = $1 and revoked is null",
            token.0,
            expand.to_string()
        )
        .execute(self.db.pool())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Revokes a token. It opens nothing any more, in whatever version of the service. Whether
    /// there is one of this number that was not revoked before.
    pub async fn revoke_token(&self, token: TokenId) -> Result<bool, Error> {
        let done = sqlx::query!(
            "update api_tokens
             set revoked = now(), token_hash = sha256(token_hash || uuid_send(gen_random_uuid()))
             where id = $1 and revoked is null",
            token.0
        )
        .execute(self.db.pool())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that these were used just now. One that was used within the last minute stays as it is.
    pub async fn note_tokens_used(&self, tokens: &[TokenId]) -> Result<(), Error> {
        let ids: Vec<i64> = tokens.iter().map(|token| token.0).collect();
        sqlx::query!(
            "update api_tokens set last_used = now()
             where id = any($1)
               and (last_used is null or last_used < now() - interval '1 minute')",
            &ids
        )
        .execute(self.db.pool())
        .await?;
        Ok(())
    }
}
