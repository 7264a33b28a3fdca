//! How things are forgotten whose life is over: a few at a time, and never the ledger.
//!
//! What the ledger points to stays as a row that says nothing any more. Dockets, documents and their
//! files are what was bought, and are kept.

use fetch_db::{
    Error,
    retention::{ForgetScope, Kept},
};
use fetch_ledger::{counted, retention as pages};
use fetch_library::texts::retention as texts;
use fetch_queue::retention as requests;
use fetch_webhooks::retention as webhooks;

use crate::Control;

/// How long a kind of thing is kept, and how much of it is older.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionStatus {
    /// What.
    pub what: Kept,
    /// Days; `None`: for good.
    pub days: Option<i32>,
    /// Rows that are older and not forgotten yet; of events, which are no rows, 0.
    pub overdue: i64,
}

impl Control {
    /// How long each kind of thing is kept.
    pub async fn retention(&self) -> Result<Vec<RetentionStatus>, Error> {
        let mut lives = Vec::new();
        for what in Kept::ALL {
            let days = self.db.days_of(what).await?;
            let overdue = match days {
                Some(days) => self.overdue(what, days).await?,
                None => 0,
            };
            lives.push(RetentionStatus {
                what,
                days,
                overdue,
            });
        }
        Ok(lives)
    }

    /// Forgets some of what is older than its life, and says how many: fewer than
    /// [`fetch_db::retention::AT_ONCE`] when nothing more is due. Several may do so at a time.
    ///
    /// # Errors
    /// When the database or the store of blobs cannot answer; what was forgotten before stays so.
    pub async fn forget_overdue(&self, what: Kept) -> Result<i64, Error> {
        let Some(days) = self.db.days_of(what).await? else {
            return Ok(0);
        };
        if what == Kept::Captures {
            return self.ledger.forget_pages(ForgetScope::Old { days }).await;
        }
        let mut transaction = self.db.begin().await?;
        let forgotten = match what {
            Kept::Requests => {
                requests::forget_requests(&mut transaction, ForgetScope::Old { days }).await?
            }
            Kept::Steps => requests::forget_steps(&mut transaction, days).await?,
            Kept::Texts => {
                let awaited = counted::awaited(&mut transaction).await?;
                texts::forget(&mut transaction, days, &awaited).await?
            }
            Kept::Webhooks => webhooks::forget(&mut transaction, days).await?,
            // The message server forgets those by itself.
            Kept::Captures | Kept::Events => 0,
        };
        transaction.commit().await?;
        Ok(forgotten)
    }

    async fn overdue(&self, what: Kept, days: i32) -> Result<i64, Error> {
        let connection = &mut *self.db.acquire().await?;
        match what {
            Kept::Requests => requests::overdue_requests(connection, days).await,
            Kept::Steps => requests::overdue_steps(connection, days).await,
            Kept::Captures => pages::overdue_pages(connection, days).await,
            Kept::Texts => texts::overdue(connection, days).await,
            Kept::Webhooks => webhooks::overdue(connection, days).await,
            Kept::Events => Ok(0),
        }
    }
}
