//! Whether rows of another archive may be taken over. It is somebody else's, and may tell anything.

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    Batch, FollowError, SourceRow,
    take::{OF_PARTIES, TABLES, Table, name_of},
};
use crate::read::Resource;

/// Refuses what is told as one row and holds another, which would then be overwritten.
pub(super) fn refuse_strangers(rows: &[SourceRow]) -> Result<(), FollowError> {
    match rows.iter().find(|row| !is_itself(row)) {
        None => Ok(()),
        Some(row) => Err(FollowError::Stranger {
            kind: name_of(row.resource).to_owned(),
            id: row.id,
        }),
    }
}

/// Whether a row has the number that it is told with, and what hangs off it is its own. Numbers are numbers: Postgres
/// would also read `"1"`.
fn is_itself(row: &SourceRow) -> bool {
    let Some(stored) = &row.stored else {
        return true;
    };
    let (own, table) = (
        &stored["row"],
        TABLES.iter().find(|(of, _)| *of == row.resource),
    );
    let belongs = |table: &Table, row: &Value| {
        let mut columns = table.belongs_to.iter();
        columns.all(|(column, _)| row[*column].is_i64())
    };
    own["id"].as_i64() == Some(row.id)
        && table.is_none_or(|(_, table)| belongs(table, own))
        && (row.resource != Resource::Parties
            || OF_PARTIES.iter().all(|table| {
                let mut around = around(stored, table.name);
                around.all(|row| row["id"].is_i64() && belongs(table, row))
                    && hangs_off(stored, table)
            }))
}

/// What hangs off a party, of one table.
pub(super) fn around<'v>(party: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    party[name].as_array().into_iter().flatten()
}

fn hangs_off(party: &Value, table: &Table) -> bool {
    let (id, docket) = (&party["row"]["id"], &party["row"]["docket_id"]);
    let types: Vec<&Value> = around(party, "party_types").map(|row| &row["id"]).collect();
    around(party, table.name).all(|row| match table.is_of_types() {
        true => types.contains(&&row["party_type_id"]),
        false => row["party_id"] == *id && row["docket_id"] == *docket,
    })
}

/// Refuses to write over what was written here, or below it.
pub(super) async fn refuse_clashes(
    connection: &mut PgConnection,
    batch: Batch<'_>,
) -> Result<(), FollowError> {
    let rows = batch.rows.iter();
    let named: Vec<(&str, i64)> = rows
        .flat_map(|row| {
            above(row)
                .into_iter()
                .chain([(name_of(row.resource), row.id)])
        })
        .collect();
    let (kinds, ids): (Vec<&str>, Vec<i64>) = named.into_iter().unzip();
    let clash = sqlx::query!(
        r#"select kind::text as "kind!", row_id from library_changes
           join unnest($1::text[], $2::bigint[]) as taken (name, id)
             on kind = name::library_kind and row_id = id
           where source is distinct from $3::text::uuid
           order by place limit 1"#,
        &kinds as &[&str],
        &ids,
        batch.archive
    );
    match clash.fetch_optional(connection).await? {
        None => Ok(()),
        Some(row) => Err(FollowError::Clash {
            kind: row.kind,
            id: row.row_id,
        }),
    }
}

/// The rows that a row belongs to, as far as changes of them are told.
fn above(row: &SourceRow) -> Vec<(&'static str, i64)> {
    let Some(stored) = &row.stored else {
        return Vec::new();
    };
    let mut above = Vec::new();
    if let Some((_, table)) = TABLES.iter().find(|(of, _)| *of == row.resource) {
        above.extend(named(table, &stored["row"]));
    }
    for table in &OF_PARTIES {
        above.extend(around(stored, table.name).flat_map(|row| named(table, row)));
    }
    above
}

fn named(table: &Table, row: &Value) -> Vec<(&'static str, i64)> {
    let columns = table.belongs_to.iter();
    let named = columns.filter_map(|(column, of)| {
        let (resource, _) = TABLES.iter().find(|(_, table)| table.name == *of)?;
        Some((name_of(*resource), row[*column].as_i64()?))
    });
    named.collect()
}

/// Refuses to remove a row of the source if something below it was written here, which would be removed as well.
pub(super) async fn refuse_removal(
    connection: &mut PgConnection,
    resource: Resource,
    id: i64,
    archive: &str,
) -> Result<(), FollowError> {
    let below = match resource {
        Resource::Dockets => "docket_id = $1",
        Resource::DocketEntries => {
            "kind = 'recap-documents' and row_id in (select id from recap_documents where docket_entry_id = $1)"
        }
        Resource::Attorneys => {
            "kind = 'parties' and row_id in (select party_id from roles where attorney_id = $1)"
        }
        // What hangs off parties changes them.
        _ => return Ok(()),
    };
    let statement = format!(
        "select kind::text, row_id from library_changes
         where {below} and change <> 'removed' and source is distinct from $2::text::uuid
         order by place limit 1"
    );
    let clash: Option<(String, i64)> = sqlx::query_as(AssertSqlSafe(statement))
        .bind(id)
        .bind(archive)
        .fetch_optional(connection)
        .await?;
    match clash {
        None => Ok(()),
        Some((kind, id)) => Err(FollowError::Clash { kind, id }),
    }
}

/// Rows of these ids that hang off something else were written here.
pub(super) async fn refuse_foreign(
    connection: &mut PgConnection,
    table: &Table,
    ids: &[i64],
    keys: &[i64],
) -> Result<(), FollowError> {
    let (name, key) = (table.name, table.belongs_to[0].0);
    let statement = format!(
        "select id from {name} where id = any($1) and {key} <> all($2) order by id limit 1"
    );
    let foreign: Option<i64> = sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(ids)
        .bind(keys)
        .fetch_optional(connection)
        .await?;
    match foreign {
        None => Ok(()),
        Some(id) => Err(FollowError::Clash {
            kind: name.to_owned(),
            id,
        }),
    }
}
