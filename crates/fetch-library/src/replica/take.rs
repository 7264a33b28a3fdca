//! Rows of another archive are taken over.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    Batch, FollowError,
    check::{around, refuse_clashes, refuse_foreign, refuse_removal, refuse_strangers},
};
use crate::{Error, Library, feed::FOLLOWED, read::Resource};

/// A table that is taken over, and the rows without which its own cannot be there.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Columns, and the tables whose ids they hold.
    pub(super) belongs_to: &'static [(&'static str, &'static str)],
}

const fn table(name: &'static str, belongs_to: &'static [(&'static str, &'static str)]) -> Table {
    Table { name, belongs_to }
}

impl Table {
    /// Whether its rows hang off a party's types, and not off the party itself.
    pub(super) fn is_of_types(&self) -> bool {
        self.belongs_to[0].0 == "party_type_id"
    }
}

/// In the order in which they refer to each other.
pub(super) const TABLES: [(Resource, Table); 7] = [
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
pub(super) const OF_PARTIES: [Table; 4] = [
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
    /// When a row is told with the number of another one, it or what it belongs to was written here, or what would be
    /// removed with it, somebody else follows the same archive, or the database refuses.
    /// Nothing is taken over then.
    pub async fn take_over(&self, batch: Batch<'_>) -> Result<(), FollowError> {
        refuse_strangers(batch.rows)?;
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
                None => {
                    refuse_removal(connection, row.resource, row.id, batch.archive).await?;
                    remove(connection, &TABLES[place].1, row.id).await?;
                }
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

/// As the API names a kind of rows that is told of.
pub(super) fn name_of(resource: Resource) -> &'static str {
    let known = FOLLOWED.iter().find(|(_, of)| *of == resource);
    known.map_or("", |(name, _)| *name)
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
        let listed = parties.values();
        let rows: Vec<&Value> = listed.flat_map(|party| around(party, table.name)).collect();
        let ids: Vec<i64> = rows.iter().filter_map(|row| row["id"].as_i64()).collect();
        let keys = if table.is_of_types() { &types } else { &above };
        refuse_foreign(connection, table, &ids, keys).await?;
        delete_others(connection, table, &ids, keys).await?;
        put(connection, table, &rows).await?;
        if table.name == "party_types" {
            types = ids;
        }
    }
    Ok(())
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
