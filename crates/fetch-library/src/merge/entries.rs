//! Docket entries and, through them, their documents.

use std::collections::HashMap;

use chrono::NaiveDate;
use pacer::page::docket::DocketEntry;
use sqlx::PgConnection;

use super::{
    attachments, documents,
    documents::{EntryLayout, MAIN, Wanted},
    matching::{EntryKey, match_entries},
    numbering::{self, OrderedEntry},
};
use crate::Error;

/// What merging the entries of a report did.
pub(super) struct Outcome {
    /// Entries that were not there before.
    pub new: usize,
    /// Entries that were, and are different now.
    pub changed: usize,
    /// What became of their documents.
    pub documents: documents::Outcome,
    /// Entries that are there now.
    pub total: usize,
    /// The latest date among the new ones.
    pub newest: Option<NaiveDate>,
    /// Those that the report lists.
    pub listed: Vec<i64>,
}

impl Outcome {
    /// Whether any entry or document is new or different.
    pub fn any(&self) -> bool {
        self.new + self.changed > 0 || self.documents.any()
    }
}

/// A stored entry, or one about to be: the same values, and an id in the database.
#[derive(Clone, PartialEq, Eq)]
struct Entry {
    id: i64,
    number: Option<i64>,
    sequence: Option<i32>,
    date: Option<NaiveDate>,
    description: String,
    order: String,
}

/// A row of the report.
struct Row<'a> {
    date: Option<NaiveDate>,
    /// The day that it is placed in: its own, or of a row that has no date that can be read the day of
    /// the row before it on the docket.
    day: Option<NaiveDate>,
    number: Option<i64>,
    sequence: Option<i32>,
    page: &'a DocketEntry,
}

/// Merges the entries of a report into a docket that the transaction has locked.
pub(super) async fn merge(
    connection: &mut PgConnection,
    docket: i64,
    page: &[DocketEntry],
    layout: EntryLayout,
) -> Result<Outcome, Error> {
    let stored = load(connection, docket).await?;
    let stored_documents = documents::of_docket(connection, docket).await?;
    let rows = ascending(page);

    let main_ids = documents::main_ids(&stored_documents);
    let page_marks: Vec<EntryKey> = rows.iter().map(Row::mark).collect();
    let stored_marks: Vec<EntryKey> = stored.iter().map(|entry| entry.mark(&main_ids)).collect();
    let found = match_entries(&page_marks, &stored_marks);
    let places = places(&rows, &stored, &found);

    let changed = changed_entries(&rows, &stored, &found, &places);
    let (new, entry_ids) = new_entries(connection, &rows, &stored, &found, &places).await?;
    insert(connection, docket, &new).await?;
    update(connection, &changed).await?;
    let wanted = layout.of_entries(wanted(&rows, &entry_ids));
    let documents = documents::merge(connection, stored_documents, wanted, layout).await?;
    Ok(Outcome {
        new: new.len(),
        changed: changed.len(),
        documents,
        total: stored.len() + new.len(),
        newest: new.iter().filter_map(|entry| entry.date).max(),
        listed: entry_ids,
    })
}

/// The entries in the order in which they were made: of those that look alike the same one is
/// found first every time, wherever it stands in the docket by then.
async fn load(connection: &mut PgConnection, docket: i64) -> Result<Vec<Entry>, Error> {
    Ok(sqlx::query_as!(
        Entry,
        r#"select id, entry_number as number, pacer_sequence_number as sequence,
                  date_filed as date, description, recap_sequence_number as "order"
           from docket_entries where docket_id = $1 order by id"#,
        docket
    )
    .fetch_all(connection)
    .await?)
}

/// The rows of a report, oldest first. One whose date cannot be read was paid for as well.
fn ascending(page: &[DocketEntry]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = page.iter().map(Row::read).collect();
    let steps: Vec<_> = rows
        .iter()
        .filter_map(|row| Some((row.date?, row.number)))
        .collect();
    if numbering::is_descending(&steps) {
        rows.reverse();
    }
    let mut day = rows.iter().find_map(|row| row.date);
    for row in &mut rows {
        day = row.date.or(day);
        row.day = day;
    }
    rows
}

impl Row<'_> {
    fn read(page: &DocketEntry) -> Row<'_> {
        Row {
            date: page.date_filed,
            day: None,
            number: page
                .document_number
                .as_deref()
                .and_then(|text| text.parse().ok()),
            sequence: page
                .pacer_seq_no
                .as_deref()
                .and_then(|text| text.parse().ok()),
            page,
        }
    }

    /// The number as text. Courts without numbers have the document's name in its place, whose
    /// leading zeros belong to it.
    fn document_number(&self) -> String {
        let page = self.page;
        match &page.document_number {
            Some(name) if page.pacer_doc_id.as_ref() == Some(name) => name.clone(),
            _ => self
                .number
                .map(|number| number.to_string())
                .unwrap_or_default(),
        }
    }

    fn mark(&self) -> EntryKey {
        EntryKey {
            number: self.number,
            sequence: self.sequence,
            date: self.date,
            description: self.page.description.clone(),
            pacer_doc_id: self.page.pacer_doc_id.clone().unwrap_or_default(),
        }
    }

    fn entry(&self, id: i64, order: String) -> Entry {
        Entry {
            id,
            number: self.number,
            sequence: self.sequence,
            date: self.date,
            description: self.page.description.clone(),
            order,
        }
    }
}

impl Entry {
    fn mark(&self, main_ids: &HashMap<i64, String>) -> EntryKey {
        EntryKey {
            number: self.number,
            sequence: self.sequence,
            date: self.date,
            description: self.description.clone(),
            pacer_doc_id: main_ids.get(&self.id).cloned().unwrap_or_default(),
        }
    }

    /// The day that it is placed in: its own, or without one that of its place.
    fn day(&self) -> Option<NaiveDate> {
        let of_place = || self.order.split('.').next()?.parse().ok();
        self.date.or_else(of_place)
    }

    /// What the entry is after a row of a report was read over it.
    fn updated(&self, row: &Row<'_>) -> Entry {
        let mut entry = self.clone();
        entry.number = self.number.or(row.number);
        entry.sequence = row.sequence.or(self.sequence);
        entry.date = row.date.or(self.date);
        if !row.page.description.is_empty() {
            entry.description.clone_from(&row.page.description);
        }
        entry
    }
}

/// New places, by index into `stored`, or beyond it by row of the report.
fn places(rows: &[Row<'_>], stored: &[Entry], found: &[Option<usize>]) -> HashMap<usize, String> {
    let mut is_shown = vec![false; stored.len()];
    let shown: Vec<OrderedEntry> = rows
        .iter()
        .zip(found)
        .enumerate()
        .filter_map(|(index, (row, found))| {
            if let Some(found) = found {
                is_shown[*found] = true;
            }
            Some(OrderedEntry {
                key: found.unwrap_or(stored.len() + index),
                date: row
                    .date
                    .or_else(|| found.and_then(|found| stored[found].day()))
                    .or(row.day)?,
                number: row.number,
                order: found
                    .map(|found| stored[found].order.clone())
                    .unwrap_or_default(),
            })
        })
        .collect();
    let absent: Vec<OrderedEntry> = stored
        .iter()
        .enumerate()
        .filter(|(index, _)| !is_shown[*index])
        .filter_map(|(key, entry)| {
            let order = entry.order.clone();
            entry.day().map(|date| OrderedEntry {
                key,
                date,
                number: entry.number,
                order,
            })
        })
        .collect();
    numbering::number(&shown, &absent)
}

fn changed_entries(
    rows: &[Row<'_>],
    stored: &[Entry],
    found: &[Option<usize>],
    places: &HashMap<usize, String>,
) -> Vec<Entry> {
    let mut row_of: HashMap<usize, &Row<'_>> = HashMap::new();
    for (row, found) in rows.iter().zip(found) {
        if let Some(found) = found {
            row_of.insert(*found, row);
        }
    }
    let mut changed = Vec::new();
    for (index, entry) in stored.iter().enumerate() {
        let mut updated = row_of
            .get(&index)
            .map_or_else(|| entry.clone(), |row| entry.updated(row));
        if let Some(order) = places.get(&index) {
            updated.order.clone_from(order);
        }
        if updated != *entry {
            changed.push(updated);
        }
    }
    changed
}

/// The entries to be made, with ids that ascend with the docket, and the entry of every row.
async fn new_entries(
    connection: &mut PgConnection,
    rows: &[Row<'_>],
    stored: &[Entry],
    found: &[Option<usize>],
    places: &HashMap<usize, String>,
) -> Result<(Vec<Entry>, Vec<i64>), Error> {
    let count = found.iter().filter(|found| found.is_none()).count();
    let mut ids = reserve_ids(connection, count).await?.into_iter();
    let mut new = Vec::with_capacity(count);
    let mut entry_ids = Vec::with_capacity(rows.len());
    for (index, (row, found)) in rows.iter().zip(found).enumerate() {
        if let Some(found) = found {
            entry_ids.push(stored[*found].id);
            continue;
        }
        let id = ids
            .next()
            .expect("an id was reserved for every row that is new");
        let order = places
            .get(&(stored.len() + index))
            .cloned()
            .unwrap_or_default();
        new.push(row.entry(id, order));
        entry_ids.push(id);
    }
    Ok((new, entry_ids))
}

async fn reserve_ids(connection: &mut PgConnection, count: usize) -> Result<Vec<i64>, Error> {
    let mut ids = sqlx::query_scalar!(
        r#"select nextval(pg_get_serial_sequence('docket_entries', 'id')) as "id!"
           from generate_series(1, $1::bigint)"#,
        count as i64
    )
    .fetch_all(connection)
    .await?;
    ids.sort_unstable();
    Ok(ids)
}

/// The columns of entries, one list for each.
#[derive(Default)]
struct Columns {
    ids: Vec<i64>,
    numbers: Vec<Option<i64>>,
    sequences: Vec<Option<i32>>,
    dates: Vec<Option<NaiveDate>>,
    descriptions: Vec<String>,
    orders: Vec<String>,
}

impl Columns {
    fn of(entries: &[Entry]) -> Columns {
        let mut columns = Columns::default();
        for entry in entries {
            columns.ids.push(entry.id);
            columns.numbers.push(entry.number);
            columns.sequences.push(entry.sequence);
            columns.dates.push(entry.date);
            columns.descriptions.push(entry.description.clone());
            columns.orders.push(entry.order.clone());
        }
        columns
    }
}

async fn insert(connection: &mut PgConnection, docket: i64, new: &[Entry]) -> Result<(), Error> {
    if new.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(new);
    sqlx::query!(
        "insert into docket_entries (id, docket_id, entry_number, pacer_sequence_number, date_filed,
                                     description, recap_sequence_number)
         overriding system value
         select id, $1, number, sequence, date, description, place
         from unnest($2::bigint[], $3::bigint[], $4::int[], $5::date[], $6::text[], $7::text[])
              as new (id, number, sequence, date, description, place)",
        docket,
        &columns.ids,
        &columns.numbers as &[Option<i64>],
        &columns.sequences as &[Option<i32>],
        &columns.dates as &[Option<NaiveDate>],
        &columns.descriptions,
        &columns.orders
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn update(connection: &mut PgConnection, changed: &[Entry]) -> Result<(), Error> {
    if changed.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(changed);
    sqlx::query!(
        "update docket_entries
         set entry_number = new.number, pacer_sequence_number = new.sequence,
             date_filed = new.date, description = new.description,
             recap_sequence_number = new.place, date_modified = now()
         from unnest($1::bigint[], $2::bigint[], $3::int[], $4::date[], $5::text[], $6::text[])
              as new (id, number, sequence, date, description, place)
         where docket_entries.id = new.id",
        &columns.ids,
        &columns.numbers as &[Option<i64>],
        &columns.sequences as &[Option<i32>],
        &columns.dates as &[Option<NaiveDate>],
        &columns.descriptions,
        &columns.orders
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The documents that a report knows of: one for each entry, and the attachments it lists.
fn wanted(rows: &[Row<'_>], entry_ids: &[i64]) -> Vec<Wanted> {
    let mut wanted = Vec::with_capacity(rows.len());
    for (row, entry) in rows.iter().zip(entry_ids) {
        let document_number = row.document_number();
        let main = Wanted {
            entry: *entry,
            document_type: MAIN,
            document_number,
            attachment_number: None,
            pacer_doc_id: row.page.pacer_doc_id.clone().unwrap_or_default(),
            description: String::new(),
            page_count: row
                .page
                .page_count
                .flatten()
                .and_then(|pages| pages.try_into().ok()),
            file_size: row
                .page
                .file_size_bytes
                .and_then(|bytes| bytes.try_into().ok()),
        };
        let listed = row
            .page
            .attachments
            .iter()
            .flatten()
            .map(attachments::Listed::from);
        wanted.extend(attachments::wanted(main, listed));
    }
    wanted
}
