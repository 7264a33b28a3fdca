//! Rows as they are stored.

use std::collections::HashMap;

use serde_json::Value;
use sqlx::AssertSqlSafe;

use crate::{Error, Library, read::Resource};

/// A party with what hangs off it.
const PARTY: &str = "jsonb_build_object('row', to_jsonb(t),
    'party_types', array(select to_jsonb(k) from party_types k where k.party_id = t.id order by k.id),
    'criminal_counts', array(select to_jsonb(c) from criminal_counts c
        join party_types k on k.id = c.party_type_id where k.party_id = t.id order by c.id),
    'criminal_complaints', array(select to_jsonb(c) from criminal_complaints c
        join party_types k on k.id = c.party_type_id where k.party_id = t.id order by c.id),
    'roles', array(select to_jsonb(r) from roles r where r.party_id = t.id order by r.id))";

impl Library {
    /// These rows with all their columns, under `row`, and those of what hangs off them. Those that are not there are
    /// left out.
    pub async fn stored_rows(
        &self,
        resource: Resource,
        ids: &[i64],
    ) -> Result<HashMap<i64, Value>, Error> {
        let told = match resource {
            Resource::Parties => PARTY,
            _ => "jsonb_build_object('row', to_jsonb(t))",
        };
        let table = resource.table();
        let statement = format!("select t.id, {told} from {table} t where t.id = any($1)");
        let rows: Vec<(i64, Value)> = sqlx::query_as(AssertSqlSafe(statement))
            .bind(ids)
            .fetch_all(self.db.pool())
            .await?;
        Ok(rows.into_iter().collect())
    }
}
