//! What requests have added to the library and changed there.
//!
//! It is noted in the transaction that adds and changes it, and added to what was noted before. So a page that is merged
//! again after a crash counts as what it is: nothing new.

use std::collections::HashMap;

use fetch_model::FetchId;
use sqlx::PgConnection;

use crate::{Error, Library};

/// What was added and changed. Columns of an entry, a document or a party that are different now make one change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestChanges {
    /// Its docket was not there before.
    pub docket_new: bool,
    /// Entries that were not there before.
    pub entries_new: usize,
    /// Entries that were, and are different now.
    pub entries_changed: usize,
    /// Documents and attachments that were not there before.
    pub documents_new: usize,
    /// Documents and attachments that were, and are different now; those that got their file as well.
    pub documents_changed: usize,
    /// Parties that were not there before.
    pub parties_new: usize,
    /// Parties that were, and of which a role, a type or an attorney is different now.
    pub parties_changed: usize,
}

impl Library {
    /// What these requests have added and changed, in one statement. Those for which nothing was merged, or before
    /// this was noted, are left out.
    pub async fn changes_of(
        &self,
        requests: &[FetchId],
    ) -> Result<HashMap<FetchId, RequestChanges>, Error> {
        let ids: Vec<i64> = requests.iter().map(|request| request.0).collect();
        let rows = sqlx::query!(
            "select request_id, docket_new, entries_new, entries_changed, documents_new, documents_changed,
                 parties_new, parties_changed
             from request_changes where request_id = any($1)",
            &ids
        )
        .fetch_all(self.db.pool())
        .await?;
        let count = |count: i32| usize::try_from(count).unwrap_or(0);
        let changes = rows.into_iter().map(|row| {
            let changes = RequestChanges {
                docket_new: row.docket_new,
                entries_new: count(row.entries_new),
                entries_changed: count(row.entries_changed),
                documents_new: count(row.documents_new),
                documents_changed: count(row.documents_changed),
                parties_new: count(row.parties_new),
                parties_changed: count(row.parties_changed),
            };
            (FetchId(row.request_id), changes)
        });
        Ok(changes.collect())
    }

    /// Notes what was done for the request that this library works for, if it works for one.
    pub(crate) async fn note(
        &self,
        connection: &mut PgConnection,
        changes: RequestChanges,
    ) -> Result<(), Error> {
        let Some(request) = self.works_for else {
            return Ok(());
        };
        let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        sqlx::query!(
            "insert into request_changes as noted (request_id, docket_new, entries_new, entries_changed,
                 documents_new, documents_changed, parties_new, parties_changed)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (request_id) do update
             set docket_new = noted.docket_new or excluded.docket_new,
                 entries_new = noted.entries_new + excluded.entries_new,
                 entries_changed = noted.entries_changed + excluded.entries_changed,
                 documents_new = noted.documents_new + excluded.documents_new,
                 documents_changed = noted.documents_changed + excluded.documents_changed,
                 parties_new = noted.parties_new + excluded.parties_new,
                 parties_changed = noted.parties_changed + excluded.parties_changed",
            request.0,
            changes.docket_new,
            count(changes.entries_new),
            count(changes.entries_changed),
            count(changes.documents_new),
            count(changes.documents_changed),
            count(changes.parties_new),
            count(changes.parties_changed)
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}
