//! How long things are kept, as the operator has set it.

use std::fmt;

use fetch_model::UserId;

use crate::{Db, Error};

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
    /// What was told to endpoints, or should have been.
    Webhooks,
}

impl Kept {
    /// All of them.
    pub const ALL: [Kept; 6] = [
        Kept::Requests,
        Kept::Steps,
        Kept::Captures,
        Kept::Texts,
        Kept::Events,
        Kept::Webhooks,
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
            Kept::Webhooks => "webhooks",
        }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Db {
    /// Keeps a kind of thing for so many days from now on; `None`: for good.
    pub async fn set_retention(&self, what: Kept, days: Option<i32>) -> Result<(), Error> {
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

    /// For how many days a kind of thing is kept; `None`: for good.
    pub async fn days_of(&self, what: Kept) -> Result<Option<i32>, Error> {
        let days = sqlx::query_scalar!("select days from retention where what = $1", what.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(days.flatten())
    }
}

/// Whose things are forgotten.
#[derive(Debug, Clone, Copy)]
pub enum ForgetScope {
    /// What is older than so many days.
    Old {
        /// How many.
        days: i32,
    },
    /// What that user has.
    User(UserId),
}

impl ForgetScope {
    /// How old they are at least, in days.
    #[must_use]
    pub fn days(self) -> Option<i32> {
        match self {
            ForgetScope::Old { days } => Some(days),
            ForgetScope::User(_) => None,
        }
    }

    /// The number of the user.
    #[must_use]
    pub fn user(self) -> Option<i64> {
        match self {
            ForgetScope::Old { .. } => None,
            ForgetScope::User(user) => Some(user.0),
        }
    }
}
