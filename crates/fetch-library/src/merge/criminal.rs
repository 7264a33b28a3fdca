//! What defendants are accused of: counts and complaints, replaced as a whole.

use pacer::page::docket::{CountStatus, CriminalData};
use sqlx::PgConnection;

use crate::Error;

/// A defendant and what the report says of it.
pub(super) struct Defendant<'a> {
    pub party_type: i64,
    pub party: i64,
    pub criminal: &'a CriminalData,
}

/// A count or complaint; complaints have no status.
#[derive(Debug, PartialEq, Eq)]
struct Charge {
    party_type: i64,
    name: String,
    disposition: String,
    status: Option<i16>,
}

/// Replaces what is different, and gives the parties it concerned.
pub(super) async fn merge(
    connection: &mut PgConnection,
    docket: i64,
    accused: Vec<Defendant<'_>>,
) -> Result<Vec<i64>, Error> {
    if accused.is_empty() {
        return Ok(Vec::new());
    }
    let counts = stored_counts(connection, docket).await?;
    let complaints = stored_complaints(connection, docket).await?;
    let mut changed = Vec::new();
    for accused in accused {
        let of_this = |charge: &&Charge| charge.party_type == accused.party_type;
        let wanted_counts = accused.counts();
        let wanted_complaints = accused.complaints();
        let same = wanted_counts.iter().eq(counts.iter().filter(of_this))
            && wanted_complaints
                .iter()
                .eq(complaints.iter().filter(of_this));
        if !same {
            replace(
                connection,
                accused.party_type,
                &wanted_counts,
                &wanted_complaints,
            )
            .await?;
            changed.push(accused.party);
        }
    }
    Ok(changed)
}

impl Defendant<'_> {
    fn counts(&self) -> Vec<Charge> {
        let counts = self.criminal.counts.iter();
        counts
            .map(|count| {
                self.charge(
                    &count.name,
                    &count.disposition,
                    Some(number_of(count.status)),
                )
            })
            .collect()
    }

    fn complaints(&self) -> Vec<Charge> {
        let complaints = self.criminal.complaints.iter();
        complaints
            .map(|complaint| self.charge(&complaint.name, &complaint.disposition, None))
            .collect()
    }

    fn charge(&self, name: &str, disposition: &str, status: Option<i16>) -> Charge {
        Charge {
            party_type: self.party_type,
            name: name.to_owned(),
            disposition: disposition.to_owned(),
            status,
        }
    }
}

fn number_of(status: CountStatus) -> i16 {
    match status {
        CountStatus::Pending => 1,
        CountStatus::Terminated => 2,
    }
}

async fn stored_counts(connection: &mut PgConnection, docket: i64) -> Result<Vec<Charge>, Error> {
    Ok(sqlx::query_as!(
        Charge,
        r#"select party_type_id as party_type, criminal_counts.name, disposition, status as "status?"
           from criminal_counts join party_types on party_types.id = party_type_id
           where docket_id = $1 order by criminal_counts.id"#,
        docket
    )
    .fetch_all(connection)
    .await?)
}

async fn stored_complaints(
    connection: &mut PgConnection,
    docket: i64,
) -> Result<Vec<Charge>, Error> {
    Ok(sqlx::query_as!(
        Charge,
        r#"select party_type_id as party_type, criminal_complaints.name, disposition,
                  null::smallint as status
           from criminal_complaints join party_types on party_types.id = party_type_id
           where docket_id = $1 order by criminal_complaints.id"#,
        docket
    )
    .fetch_all(connection)
    .await?)
}

async fn replace(
    connection: &mut PgConnection,
    party_type: i64,
    counts: &[Charge],
    complaints: &[Charge],
) -> Result<(), Error> {
    sqlx::query!(
        "delete from criminal_counts where party_type_id = $1",
        party_type
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from criminal_complaints where party_type_id = $1",
        party_type
    )
    .execute(&mut *connection)
    .await?;
    let names: Vec<&str> = counts.iter().map(|count| count.name.as_str()).collect();
    let dispositions: Vec<&str> = counts
        .iter()
        .map(|count| count.disposition.as_str())
        .collect();
    let statuses: Vec<i16> = counts.iter().filter_map(|count| count.status).collect();
    sqlx::query!(
        "insert into criminal_counts (party_type_id, name, disposition, status)
         select $1, name, disposition, status
         from unnest($2::text[], $3::text[], $4::smallint[]) with ordinality
              as new (name, disposition, status, place)
         order by place",
        party_type,
        &names as &[&str],
        &dispositions as &[&str],
        &statuses
    )
    .execute(&mut *connection)
    .await?;
    let names: Vec<&str> = complaints
        .iter()
        .map(|complaint| complaint.name.as_str())
        .collect();
    let dispositions: Vec<&str> = complaints
        .iter()
        .map(|complaint| complaint.disposition.as_str())
        .collect();
    sqlx::query!(
        "insert into criminal_complaints (party_type_id, name, disposition)
         select $1, name, disposition
         from unnest($2::text[], $3::text[]) with ordinality as new (name, disposition, place)
         order by place",
        party_type,
        &names as &[&str],
        &dispositions as &[&str]
    )
    .execute(connection)
    .await?;
    Ok(())
}
