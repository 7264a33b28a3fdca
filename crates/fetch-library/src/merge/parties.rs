//! Parties and the roles they have in a case.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use pacer::page::docket::{CriminalData, Party};
use sqlx::PgConnection;

use super::{counsel, criminal, names::stored_name};
use crate::Error;

/// What merging the parties of a report did.
pub(super) struct Outcome {
    /// Whether any party, attorney, role or count is new or different.
    pub changed: bool,
    /// Parties that were not there before.
    pub new: usize,
    /// Parties that were, and are different now.
    pub different: usize,
    /// Party types that are there now.
    pub types: usize,
}

/// A party in one of its roles: rows of a report with the same name and type are one.
struct Wanted<'a> {
    name: &'a str,
    party_type: &'a str,
    date_terminated: Option<NaiveDate>,
    extra_info: String,
    criminal: Option<CriminalData>,
}

/// A stored party type.
#[derive(Clone, PartialEq, Eq)]
struct PartyType {
    id: i64,
    party: i64,
    name: String,
    date_terminated: Option<NaiveDate>,
    extra_info: String,
    opening: String,
    terminated: String,
}

/// Merges the parties of a report into a docket that the transaction has locked. A report
/// without parties leaves what is stored. Types and roles that the report does not mention go,
/// except that those which have ended stay if it mentions none that has.
pub(super) async fn merge(
    connection: &mut PgConnection,
    docket: i64,
    page: &[Party],
) -> Result<Outcome, Error> {
    let stored = load_types(connection, docket).await?;
    if page.is_empty() {
        return Ok(Outcome {
            changed: false,
            new: 0,
            different: 0,
            types: stored.len(),
        });
    }
    let wanted = combined(page);
    let has_ended = page.iter().any(has_ended);
    let (parties, new) = ensure_parties(connection, docket, &wanted).await?;

    let mentioned: HashSet<(i64, &str)> = wanted
        .iter()
        .map(|wanted| (parties[wanted.name], wanted.party_type))
        .collect();
    let stays = |stored: &&PartyType| {
        let is_mentioned = mentioned.contains(&(stored.party, stored.name.as_str()));
        !is_mentioned && !has_ended && stored.date_terminated.is_some()
    };
    let kept: Vec<&PartyType> = stored.iter().filter(stays).collect();
    let kept_parties: Vec<i64> = kept.iter().map(|kept| kept.party).collect();
    let mut touched = save_types(connection, docket, &stored, &kept, &wanted, &parties).await?;
    let counsel =
        counsel::merge(connection, docket, page, &parties, &kept_parties, has_ended).await?;
    touched.extend(&counsel.parties);
    touch(connection, &touched).await?;
    let distinct: HashSet<i64> = touched.iter().copied().collect();
    Ok(Outcome {
        changed: new > 0 || !touched.is_empty() || counsel.changed,
        new,
        // Each new one has a type that is new, so it was touched.
        different: distinct.len().saturating_sub(new),
        types: wanted.len() + kept.len(),
    })
}

fn has_ended(party: &Party) -> bool {
    party.date_terminated.is_some() || counsel::has_ended(party)
}

/// The rows of the report by name and type. Where rows are combined, one that still stands
/// outweighs one that has ended, and what they say about the party is put together.
fn combined(page: &[Party]) -> Vec<Wanted<'_>> {
    let mut wanted: Vec<Wanted<'_>> = Vec::new();
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    for party in page {
        let key = (stored_name(&party.name), stored_name(&party.party_type));
        let Some(place) = places.get(&key) else {
            places.insert(key, wanted.len());
            wanted.push(Wanted {
                name: key.0,
                party_type: key.1,
                date_terminated: party.date_terminated,
                extra_info: party.extra_info.clone(),
                criminal: party.criminal_data.clone(),
            });
            continue;
        };
        wanted[*place].add(party);
    }
    wanted
}

impl Wanted<'_> {
    fn add(&mut self, party: &Party) {
        self.date_terminated = match (self.date_terminated, party.date_terminated) {
            (Some(one), Some(other)) => Some(one.max(other)),
            _ => None,
        };
        if !party.extra_info.is_empty() && self.extra_info != party.extra_info {
            if !self.extra_info.is_empty() {
                self.extra_info.push('\n');
            }
            self.extra_info.push_str(&party.extra_info);
        }
        match (&mut self.criminal, &party.criminal_data) {
            (Some(criminal), Some(more)) => {
                criminal.counts.extend(more.counts.iter().cloned());
                criminal.complaints.extend(more.complaints.iter().cloned());
            }
            (criminal @ None, more) => criminal.clone_from(more),
            (Some(_), None) => {}
        }
    }

    /// The stored type as this row makes it.
    fn applied_to(&self, stored: &PartyType) -> PartyType {
        let mut updated = stored.clone();
        updated.date_terminated = self.date_terminated;
        updated.extra_info.clone_from(&self.extra_info);
        if let Some(criminal) = &self.criminal {
            updated
                .opening
                .clone_from(&criminal.highest_offense_level_opening);
            updated
                .terminated
                .clone_from(&criminal.highest_offense_level_terminated);
        }
        updated
    }
}

async fn load_types(connection: &mut PgConnection, docket: i64) -> Result<Vec<PartyType>, Error> {
    Ok(sqlx::query_as!(
        PartyType,
        "select id, party_id as party, name, date_terminated, extra_info,
                highest_offense_level_opening as opening,
                highest_offense_level_terminated as terminated
         from party_types where docket_id = $1 order by id",
        docket
    )
    .fetch_all(connection)
    .await?)
}

/// The ids of all parties of the docket by name, after those of the report were made, and how
/// many were.
async fn ensure_parties(
    connection: &mut PgConnection,
    docket: i64,
    wanted: &[Wanted<'_>],
) -> Result<(HashMap<String, i64>, usize), Error> {
    let names: Vec<&str> = wanted.iter().map(|wanted| wanted.name).collect();
    let new = sqlx::query!(
        "insert into parties (docket_id, name)
         select $1, name from unnest($2::text[]) with ordinality as new (name, place)
         group by name order by min(place)
         on conflict (docket_id, name) do nothing",
        docket,
        &names as &[&str]
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    let rows = sqlx::query!("select id, name from parties where docket_id = $1", docket)
        .fetch_all(connection)
        .await?;
    Ok((
        rows.into_iter().map(|row| (row.name, row.id)).collect(),
        new as usize,
    ))
}

/// Makes the stored types those of the report, and gives the parties that changed by it.
async fn save_types(
    connection: &mut PgConnection,
    docket: i64,
    stored: &[PartyType],
    kept: &[&PartyType],
    wanted: &[Wanted<'_>],
    parties: &HashMap<String, i64>,
) -> Result<Vec<i64>, Error> {
    let mut left: HashMap<(i64, &str), &PartyType> = stored
        .iter()
        .map(|stored| ((stored.party, stored.name.as_str()), stored))
        .collect();
    for kept in kept {
        left.remove(&(kept.party, kept.name.as_str()));
    }
    let mut touched = Vec::new();
    let mut changed = Vec::new();
    let mut new = Vec::new();
    let mut ids: HashMap<(i64, &str), i64> = HashMap::new();
    for wanted in wanted {
        let key = (parties[wanted.name], wanted.party_type);
        let Some(stored) = left.remove(&key) else {
            new.push(wanted);
            touched.push(key.0);
            continue;
        };
        ids.insert(key, stored.id);
        let updated = wanted.applied_to(stored);
        if updated != *stored {
            touched.push(key.0);
            changed.push(updated);
        }
    }
    touched.extend(left.values().map(|gone| gone.party));
    let gone: Vec<i64> = left.values().map(|gone| gone.id).collect();
    delete_types(connection, &gone).await?;
    update_types(connection, &changed).await?;
    ids.extend(insert_types(connection, docket, &new, parties).await?);
    let accused = wanted.iter().filter_map(|wanted| {
        let party = parties[wanted.name];
        let criminal = wanted.criminal.as_ref()?;
        Some(criminal::Defendant {
            party_type: ids[&(party, wanted.party_type)],
            party,
            criminal,
        })
    });
    touched.extend(criminal::merge(connection, docket, accused.collect()).await?);
    Ok(touched)
}

/// Makes the party types that are new, and gives their ids by party and type.
async fn insert_types<'a>(
    connection: &mut PgConnection,
    docket: i64,
    new: &[&Wanted<'a>],
    parties: &HashMap<String, i64>,
) -> Result<HashMap<(i64, &'a str), i64>, Error> {
    let offence = |pick: fn(&CriminalData) -> &str| -> Vec<&str> {
        new.iter()
            .map(|new| new.criminal.as_ref().map_or("", pick))
            .collect()
    };
    let ids: Vec<i64> = new.iter().map(|new| parties[new.name]).collect();
    let names: Vec<&str> = new.iter().map(|new| new.party_type).collect();
    let dates: Vec<Option<NaiveDate>> = new.iter().map(|new| new.date_terminated).collect();
    let infos: Vec<&str> = new.iter().map(|new| new.extra_info.as_str()).collect();
    let rows = sqlx::query!(
        "insert into party_types (docket_id, party_id, name, date_terminated, extra_info,
                                  highest_offense_level_opening, highest_offense_level_terminated)
         select $1, new.* from unnest($2::bigint[], $3::text[], $4::date[], $5::text[], $6::text[], $7::text[]) as new
         returning id, party_id, name",
        docket,
        &ids,
        &names as &[&str],
        &dates as &[Option<NaiveDate>],
        &infos as &[&str],
        &offence(|data| &data.highest_offense_level_opening) as &[&str],
        &offence(|data| &data.highest_offense_level_terminated) as &[&str]
    )
    .fetch_all(connection)
    .await?;
    let stored: HashMap<(i64, String), i64> = rows
        .into_iter()
        .map(|row| ((row.party_id, row.name), row.id))
        .collect();
    let by_key = |(party, name): (&i64, &&'a str)| {
        let id = stored.get(&(*party, (*name).to_owned()));
        (
            (*party, *name),
            *id.expect("every row that was inserted came back"),
        )
    };
    Ok(ids.iter().zip(&names).map(by_key).collect())
}

async fn update_types(connection: &mut PgConnection, changed: &[PartyType]) -> Result<(), Error> {
    for changed in changed {
        sqlx::query!(
            "update party_types
             set date_terminated = $2, extra_info = $3, highest_offense_level_opening = $4,
                 highest_offense_level_terminated = $5
             where id = $1",
            changed.id,
            changed.date_terminated,
            changed.extra_info,
            changed.opening,
            changed.terminated
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn delete_types(connection: &mut PgConnection, gone: &[i64]) -> Result<(), Error> {
    if !gone.is_empty() {
        sqlx::query!("delete from party_types where id = any($1)", gone)
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn touch(connection: &mut PgConnection, parties: &[i64]) -> Result<(), Error> {
    if !parties.is_empty() {
        sqlx::query!(
            "update parties set date_modified = now() where id = any($1)",
            parties
        )
        .execute(connection)
        .await?;
    }
    Ok(())
}
