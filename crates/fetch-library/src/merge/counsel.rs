//! Attorneys and whom they represent.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use pacer::page::docket::{Attorney, Party};
use sqlx::PgConnection;

use super::{
    contact::Contact,
    names::stored_name,
    role::{self, Role},
};
use crate::Error;

/// What merging the attorneys of a report did.
pub(super) struct Outcome {
    /// Whether any attorney is new or different.
    pub changed: bool,
    /// Parties whose counsel changed.
    pub parties: BTreeSet<i64>,
}

/// The roles of each attorney for each party, sorted: (party, attorney) to roles.
type Roles = BTreeMap<(i64, i64), Vec<Role>>;

/// A stored role.
struct Stored {
    id: i64,
    party: i64,
    attorney: i64,
    role: Option<i16>,
    role_raw: String,
    date_action: Option<NaiveDate>,
}

/// Whether an attorney of the party has ended it.
pub(super) fn has_ended(party: &Party) -> bool {
    named(party).any(|attorney| {
        roles_of(attorney)
            .iter()
            .any(|role| role::is_terminated(role.number))
    })
}

/// Attorneys that can be told apart: the page has empty lines in their place for some parties.
fn named(party: &Party) -> impl Iterator<Item = &Attorney> {
    party
        .attorneys
        .iter()
        .flatten()
        .filter(|attorney| !attorney.name.is_empty())
}

fn roles_of(attorney: &Attorney) -> Vec<Role> {
    if attorney.roles.is_empty() {
        return vec![Role::unknown()];
    }
    attorney.roles.iter().map(|raw| Role::read(raw)).collect()
}

/// Merges the attorneys of a report. `parties` are the ids of all parties by name; `kept` are
/// those that stay although the report does not mention them, and so do their roles.
pub(super) async fn merge(
    connection: &mut PgConnection,
    docket: i64,
    page: &[Party],
    parties: &HashMap<String, i64>,
    kept: &[i64],
    report_has_ended: bool,
) -> Result<Outcome, Error> {
    let (attorneys, changed) = save_attorneys(connection, docket, page).await?;
    let wanted = wanted(page, parties, &attorneys);
    let stored = load(connection, docket).await?;
    let parties = rewrite(connection, docket, stored, wanted, |pair, roles| {
        let has_ended = roles.iter().any(|role| role::is_terminated(role.number));
        !report_has_ended && (has_ended || kept.contains(&pair.0))
    })
    .await?;
    Ok(Outcome { changed, parties })
}

fn wanted(
    page: &[Party],
    parties: &HashMap<String, i64>,
    attorneys: &HashMap<String, i64>,
) -> Roles {
    let mut wanted: BTreeMap<(i64, i64), BTreeSet<Role>> = BTreeMap::new();
    for party in page {
        for attorney in named(party) {
            let pair = (
                parties[stored_name(&party.name)],
                attorneys[stored_name(&attorney.name)],
            );
            wanted.entry(pair).or_default().extend(roles_of(attorney));
        }
    }
    // A party that is listed twice may have the attorney once with roles and once without.
    for roles in wanted.values_mut().filter(|roles| roles.len() > 1) {
        roles.remove(&Role::unknown());
    }
    wanted
        .into_iter()
        .map(|(pair, roles)| (pair, roles.into_iter().collect()))
        .collect()
}

/// Makes the attorneys of the report, or completes them; gives the ids of all attorneys of the
/// docket by name, and whether any changed. An empty address erases none.
async fn save_attorneys(
    connection: &mut PgConnection,
    docket: i64,
    page: &[Party],
) -> Result<(HashMap<String, i64>, bool), Error> {
    let mut blocks: BTreeMap<&str, &str> = BTreeMap::new();
    for attorney in page.iter().flat_map(named) {
        let block = blocks.entry(stored_name(&attorney.name)).or_default();
        if block.is_empty() {
            *block = &attorney.contact;
        }
    }
    let names: Vec<&str> = blocks.keys().copied().collect();
    let raw: Vec<&str> = blocks.values().copied().collect();
    let contacts: Vec<Contact> = raw.iter().map(|block| Contact::read(block)).collect();
    let phones: Vec<&str> = contacts
        .iter()
        .map(|contact| contact.phone.as_str())
        .collect();
    let faxes: Vec<&str> = contacts
        .iter()
        .map(|contact| contact.fax.as_str())
        .collect();
    let emails: Vec<&str> = contacts
        .iter()
        .map(|contact| contact.email.as_str())
        .collect();
    let changed = sqlx::query!(
        "insert into attorneys as old (docket_id, name, contact_raw, phone, fax, email)
         select $1, new.* from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) as new
         on conflict (docket_id, name) do update
         set contact_raw = excluded.contact_raw, phone = excluded.phone, fax = excluded.fax,
             email = excluded.email, date_modified = now()
         where excluded.contact_raw <> '' and excluded.contact_raw <> old.contact_raw",
        docket,
        &names as &[&str],
        &raw as &[&str],
        &phones as &[&str],
        &faxes as &[&str],
        &emails as &[&str]
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    let rows = sqlx::query!(
        "select id, name from attorneys where docket_id = $1",
        docket
    )
    .fetch_all(connection)
    .await?;
    Ok((
        rows.into_iter().map(|row| (row.name, row.id)).collect(),
        changed > 0,
    ))
}

async fn load(connection: &mut PgConnection, docket: i64) -> Result<Vec<Stored>, Error> {
    Ok(sqlx::query_as!(
        Stored,
        "select id, party_id as party, attorney_id as attorney, role, role_raw, date_action
         from roles where docket_id = $1",
        docket
    )
    .fetch_all(connection)
    .await?)
}

/// Makes the stored roles those wanted, pair by pair, and gives the parties that changed by it.
async fn rewrite(
    connection: &mut PgConnection,
    docket: i64,
    stored: Vec<Stored>,
    mut wanted: Roles,
    stays: impl Fn(&(i64, i64), &[Role]) -> bool,
) -> Result<BTreeSet<i64>, Error> {
    let mut pairs: BTreeMap<(i64, i64), (Vec<i64>, Vec<Role>)> = BTreeMap::new();
    for row in stored {
        let (ids, roles) = pairs.entry((row.party, row.attorney)).or_default();
        ids.push(row.id);
        roles.push(Role {
            number: row.role,
            raw: row.role_raw,
            date_action: row.date_action,
        });
    }
    let mut gone = Vec::new();
    let mut parties = BTreeSet::new();
    for (pair, (ids, mut roles)) in pairs {
        roles.sort();
        let is_settled = match wanted.get(&pair) {
            Some(wanted) => *wanted == roles,
            None => stays(&pair, &roles),
        };
        if is_settled {
            wanted.remove(&pair);
        } else {
            gone.extend(ids);
            parties.insert(pair.0);
        }
    }
    parties.extend(wanted.keys().map(|pair| pair.0));
    delete(connection, &gone).await?;
    insert(connection, docket, &wanted).await?;
    Ok(parties)
}

async fn delete(connection: &mut PgConnection, gone: &[i64]) -> Result<(), Error> {
    if !gone.is_empty() {
        sqlx::query!("delete from roles where id = any($1)", gone)
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn insert(connection: &mut PgConnection, docket: i64, new: &Roles) -> Result<(), Error> {
    let mut parties = Vec::new();
    let mut attorneys = Vec::new();
    let mut numbers = Vec::new();
    let mut raw = Vec::new();
    let mut dates = Vec::new();
    for ((party, attorney), roles) in new {
        for role in roles {
            parties.push(*party);
            attorneys.push(*attorney);
            numbers.push(role.number);
            raw.push(role.raw.as_str());
            dates.push(role.date_action);
        }
    }
    if parties.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into roles (docket_id, party_id, attorney_id, role, role_raw, date_action)
         select $1, new.* from unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::text[], $6::date[]) as new",
        docket,
        &parties,
        &attorneys,
        &numbers as &[Option<i16>],
        &raw as &[&str],
        &dates as &[Option<NaiveDate>]
    )
    .execute(connection)
    .await?;
    Ok(())
}
