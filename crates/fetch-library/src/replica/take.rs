//! Rows of another archive are taken over.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{Batch, FollowError, SourceRow};
use crate::{Error, Library, feed::FOLLOWED, read::Resource};

/// A table that is taken over, and the rows without which its own cannot be there.
struct Table {
    name: &'static str,
    /// Columns, and the tables whose ids they hold.
    belongs_to: &'static [(&'static str, &'static str)],
}

const fn table(name: &'static str, belongs_to: &'static [(&'static str, &'static str)]) -> Table {
    Table { name, belongs_to }
}

/// In the order in which they refer to each other.
const TABLES: [(Resource, Table); 7] = [
    (Resource::Dockets, table("dockets", &[])),
    (
        Resource::BankruptcyInformation,
        table("bankruptcy_information", &[("docket_id", "dockets")]),
    ),
    (
        Resource::OriginatingCourtInformation,
        table("originating_court_information", &[("docket_id", "dockets")]),
    ),
    (
        Resource::DocketEntries,
        table("docket_entries", &[("docket_id", "dockets")]),
    ),
    (
        Resource::RecapDocuments,
        table("recap_documents", &[("docket_entry_id", "docket_entries")]),
    ),
    (
        Resource::Attorneys,
        table("attorneys", &[("docket_id", "dockets")]),
    ),
    (
        Resource::Parties,
        table("parties", &[("docket_id", "dockets")]),
    ),
];

/// What hangs off parties, in the same order: the tables, and by which column.
const OF_PARTIES: [Table; 4] = [
    table("party_types", &[("party_id", "parties")]),
    table("criminal_counts", &[("party_type_id", "party_types")]),
    table("criminal_complaints", &[("party_type_id", "party_types")]),
    table(
        "roles",
        &[("party_id", "parties"), ("attorney_id", "attorneys")],
    ),
];

impl Library {
    /// Takes rows of another archive over, with how far it is followed then.
    ///
    /// A row whose docket, entry or attorney is not here yet is left out: the feed has it again, after that one.
    ///
    /// # Errors
    /// When a row of that id was written here, somebody else follows the same archive, or the database refuses.
    /// Nothing is taken over then.
    pub async fn take_over(&self, batch: Batch<'_>) -> Result<(), FollowError> {
        let mut transaction = self.db.begin().await?;
        let connection = &mut *transaction;
        // Triggers note with each row whose it is.
        sqlx::query_scalar!(
            "select set_config('pacer_fetch.follows', $1, true)",
            batch.archive
        )
        .fetch_one(&mut *connection)
        .await?;
        move_on(connection, batch).await?;
        refuse_clashes(connection, batch).await?;
        let mut there: BTreeMap<usize, BTreeMap<i64, &Value>> = BTreeMap::new();
        for row in batch.rows {
            let place = TABLES.iter().position(|(of, _)| *of == row.resource);
            let Some(place) = place else { continue };
            match &row.stored {
                Some(stored) => drop(there.entry(place).or_default().insert(row.id, stored)),
                None => remove(connection, &TABLES[place].1, row.id).await?,
            }
        }
        for (place, rows) in &there {
            let (resource, table) = &TABLES[*place];
            let own: Vec<&Value> = rows.values().map(|stored| &stored["row"]).collect();
            put(connection, table, &own).await?;
            if *resource == Resource::Parties {
                put_around(connection, rows).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Of two that take over the same, one waits here for the other, and finds that it has moved on.
async fn move_on(connection: &mut PgConnection, batch: Batch<'_>) -> Result<(), FollowError> {
    let moved = sqlx::query!(
        "update library_follows set cursor = $3, date_modified = clock_timestamp()
         where archive = $1::text::uuid and cursor = $2",
        batch.archive,
        batch.from,
        batch.to
    )
    .execute(connection)
    .await?;
    match moved.rows_affected() {
        1 => Ok(()),
        _ => Err(FollowError::MovedOn),
    }
}

async fn refuse_clashes(
    connection: &mut PgConnection,
    batch: Batch<'_>,
) -> Result<(), FollowError> {
    let name = |row: &SourceRow| {
        let known = FOLLOWED.iter().find(|(_, of)| *of == row.resource);
        known.map_or("", |(name, _)| *name)
    };
    let kinds: Vec<&str> = batch.rows.iter().map(name).collect();
    let ids: Vec<i64> = batch.rows.iter().map(|row| row.id).collect();
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

async fn remove(connection: &mut PgConnection, table: &Table, id: i64) -> Result<(), Error> {
    let statement = format!("delete from {} where id = $1", table.name);
    sqlx::query(AssertSqlSafe(statement))
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Adds rows and changes those that are different, with all columns that this version knows.
async fn put(connection: &mut PgConnection, table: &Table, rows: &[&Value]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let statement = statement(table, &columns(connection, table.name).await?);
    let rows = serde_json::to_value(rows).expect("values are values");
    sqlx::query(AssertSqlSafe(statement))
        .bind(rows)
        .execute(connection)
        .await?;
    Ok(())
}

fn statement(Table { name, belongs_to }: &Table, columns: &[String]) -> String {
    let each = |prefix: &str| {
        let each = columns.iter().map(|column| format!("{prefix}{column}"));
        each.collect::<Vec<_>>().join(", ")
    };
    let has = belongs_to.iter().map(|(column, of)| {
        format!(" and exists (select from {of} above where above.id = new.{column})")
    });
    let sets = columns
        .iter()
        .filter(|column| *column != "id")
        .map(|column| format!("{column} = excluded.{column}"));
    format!(
        "insert into {name} as old ({}) overriding system value
         select {} from jsonb_populate_recordset(null::{name}, $1) as new where true{}
         on conflict (id) do update set {} where ({}) is distinct from ({})",
        each(""),
        each("new."),
        has.collect::<String>(),
        sets.collect::<Vec<_>>().join(", "),
        each("old."),
        each("excluded."),
    )
}

async fn columns(connection: &mut PgConnection, table: &str) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar!(
        r#"select quote_ident(attname::text) as "name!" from pg_attribute
           where attrelid = $1::text::regclass and attnum > 0 and not attisdropped order by attnum"#,
        table
    )
    .fetch_all(connection)
    .await?)
}

/// What hangs off these parties: no more than what the source has.
async fn put_around(
    connection: &mut PgConnection,
    parties: &BTreeMap<i64, &Value>,
) -> Result<(), FollowError> {
    let above: Vec<i64> = parties.keys().copied().collect();
    let mut types = Vec::new();
    for table in &OF_PARTIES {
        let of_types = table.name.starts_with("criminal");
        let listed = parties
            .values()
            .filter_map(|party| party[table.name].as_array());
        let rows: Vec<&Value> = listed.flatten().collect();
        let ids: Vec<i64> = rows.iter().filter_map(|row| row["id"].as_i64()).collect();
        let keys = if of_types { &types } else { &above };
        refuse_foreign(connection, table, &ids, keys).await?;
        delete_others(connection, table, &ids, keys).await?;
        put(connection, table, &rows).await?;
        if table.name == "party_types" {
            types = ids;
        }
    }
    Ok(())
}

/// Rows of these ids that hang off something else were written here.
async fn refuse_foreign(
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

async fn delete_others(
    connection: &mut PgConnection,
    table: &Table,
    ids: &[i64],
    keys: &[i64],
) -> Result<(), Error> {
    let (name, key) = (table.name, table.belongs_to[0].0);
    let statement = format!("delete from {name} where {key} = any($1) and id <> all($2)");
    sqlx::query(AssertSqlSafe(statement))
        .bind(keys)
        .bind(ids)
        .execute(connection)
        .await?;
    Ok(())
}
