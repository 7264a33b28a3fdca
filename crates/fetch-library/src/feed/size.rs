//! How much text rows have, before it is read.

use std::collections::HashMap;

use crate::{Error, Library, read::Resource};

impl Library {
    /// How many bytes the texts of these rows have: those of documents, and of entries those of their documents. Other
    /// rows are short, and left out.
    pub async fn text_bytes(
        &self,
        resource: Resource,
        ids: &[i64],
    ) -> Result<HashMap<i64, i64>, Error> {
        // Postgres knows the length of a text that it keeps elsewhere without reading it.
        let statement = match resource {
            Resource::RecapDocuments => {
                "select id, octet_length(plain_text)::bigint from recap_documents where id = any($1)"
            }
            Resource::DocketEntries => {
                "select docket_entry_id, sum(octet_length(plain_text))::bigint
                 from recap_documents where docket_entry_id = any($1) group by docket_entry_id"
            }
            _ => return Ok(HashMap::new()),
        };
        let rows: Vec<(i64, i64)> = sqlx::query_as(statement)
            .bind(ids)
            .fetch_all(self.db.pool())
            .await?;
        Ok(rows.into_iter().collect())
    }
}
