//! Deleting a user: what is theirs goes, and the books stay.

use fetch_db::{
    Error,
    retention::{AT_ONCE, ForgetScope},
};
use fetch_ledger::users;
use fetch_queue::{repeats, retention as requests, trackers};
use fetch_webhooks::retention as webhooks;

use crate::Control;

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

impl Control {
    /// Deletes the user of that name: tokens, budget, keys, trackers and webhooks go, requests go or are emptied where the
    /// ledger points to them, pages that show the login go. What stays is the ledger, and a row without
    /// the name that it points to. Documents and dockets that were bought are nobody's own, and stay.
    ///
    /// It may be said again when it was interrupted, under the same name.
    ///
    /// # Errors
    /// When the database or the store of blobs cannot answer.
    pub async fn delete_user(&self, name: &str) -> Result<Farewell, Error> {
        let Some(user) = self.ledger.shut_out(name).await? else {
            return Ok(Farewell::Unknown);
        };
        let open = requests::open_of(&mut *self.db.acquire().await?, user).await?;
        if open.running + open.unsettled > 0 {
            return Ok(Farewell::Unfinished {
                running: open.running,
                unsettled: open.unsettled,
            });
        }
        let mut pages = 0;
        loop {
            let forgotten = self.ledger.forget_pages(ForgetScope::User(user)).await?;
            pages += forgotten;
            if forgotten < AT_ONCE {
                break;
            }
        }
        let mut requests = 0;
        loop {
            let mut transaction = self.db.begin().await?;
            let forgotten =
                requests::forget_requests(&mut transaction, ForgetScope::User(user)).await?;
            transaction.commit().await?;
            requests += forgotten;
            if forgotten < AT_ONCE {
                break;
            }
        }
        let mut transaction = self.db.begin().await?;
        repeats::forget_keys_of(&mut transaction, user).await?;
        trackers::remove_trackers_of(&mut transaction, user).await?;
        webhooks::remove_endpoints_of(&mut transaction, user).await?;
        let purchases = users::remove_name(&mut transaction, user).await?;
        transaction.commit().await?;
        Ok(Farewell::Gone {
            requests,
            pages,
            purchases,
        })
    }
}
