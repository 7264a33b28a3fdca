//! Finding the docket of a report, or making it.

use fetch_model::DocketId;
use pacer::ids::DocketNumber;
use pacer::page::docket::Docket;
use sqlx::PgConnection;

use super::DocketTarget;
use fetch_db::locks;

use crate::Error;

/// The docket of a report.
pub(crate) struct Found {
    pub(crate) docket: i64,
    pub(crate) is_new: bool,
}

/// A stored docket that may be the one.
struct Candidate {
    id: i64,
    pacer_case_id: String,
    docket_number: String,
    docket_number_core: String,
    judge_assigned: String,
    judge_referred: String,
    defendant: Option<i32>,
}

/// What a report says about which docket it is.
struct Identity<'a> {
    case_id: &'a str,
    number: &'a str,
    core: String,
    judge_assigned: &'a str,
    judge_referred: &'a str,
    defendant: Option<i32>,
}

/// Finds the docket and locks it until the transaction ends. A docket that was asked for by its id
/// and is not there, or not in this court, is looked for like any other: the page was paid for.
pub(super) async fn find_or_make(
    connection: &mut PgConnection,
    target: &DocketTarget,
    page: &Docket,
) -> Result<Found, Error> {
    let identity = Identity::of(target, page);
    // Whoever may be merging a report of the same case.
    locks::lock_dockets(connection, &identity.locks(&target.court)).await?;
    if let Some(docket) = named(connection, target).await? {
        return Ok(Found {
            docket,
            is_new: false,
        });
    }
    let candidates = candidates(connection, &target.court, &identity).await?;
    if let Some(docket) = choose(&candidates, &identity) {
        lock(connection, docket).await?;
        return Ok(Found {
            docket,
            is_new: false,
        });
    }
    let docket = sqlx::query_scalar!(
        "insert into dockets (court_id, pacer_case_id, docket_number, docket_number_raw, docket_number_core)
         values ($1, nullif($2, ''), nullif($3, ''), $3, $4) returning id",
        target.court,
        identity.case_id,
        identity.number,
        identity.core
    )
    .fetch_one(connection)
    .await?;
    Ok(Found {
        docket,
        is_new: true,
    })
}

/// The locks that are taken for a report.
pub(super) fn locks_of(target: &DocketTarget, page: &Docket) -> Vec<String> {
    Identity::of(target, page).locks(&target.court)
}

/// The docket that was asked for by its id.
async fn named(connection: &mut PgConnection, target: &DocketTarget) -> Result<Option<i64>, Error> {
    let Some(DocketId(docket)) = target.docket else {
        return Ok(None);
    };
    Ok(sqlx::query_scalar!(
        "select id from dockets where id = $1 and court_id = $2 for no key update",
        docket,
        target.court
    )
    .fetch_optional(connection)
    .await?)
}

async fn lock(connection: &mut PgConnection, docket: i64) -> Result<(), Error> {
    sqlx::query!(
        "select id from dockets where id = $1 for no key update",
        docket
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

async fn candidates(
    connection: &mut PgConnection,
    court: &str,
    identity: &Identity<'_>,
) -> Result<Vec<Candidate>, Error> {
    Ok(sqlx::query_as!(
        Candidate,
        r#"select id, coalesce(pacer_case_id, '') as "pacer_case_id!",
                  coalesce(docket_number, '') as "docket_number!", docket_number_core,
                  federal_dn_judge_initials_assigned as judge_assigned,
                  federal_dn_judge_initials_referred as judge_referred,
                  federal_defendant_number as defendant
           from dockets
           where court_id = $1
             and ((pacer_case_id = $2 and $2 <> '')
                  or (docket_number_core = $3 and docket_number_core <> '')
                  or (docket_number = $4 and $4 <> ''))
           order by id"#,
        court,
        identity.case_id,
        identity.core,
        identity.number
    )
    .fetch_all(connection)
    .await?)
}

/// The candidate that fits best: of the first rule that any of them satisfies, the oldest one
/// whose defendant and judges agree with the report, or else the oldest.
fn choose(candidates: &[Candidate], identity: &Identity<'_>) -> Option<i64> {
    let rules: &[fn(&Candidate, &Identity<'_>) -> bool] = if identity.case_id.is_empty() {
        &[
            |candidate, identity| {
                candidate.pacer_case_id.is_empty() && candidate.has_number_of(identity)
            },
            |candidate, identity| candidate.has_number_of(identity),
        ]
    } else {
        &[
            |candidate, identity| {
                candidate.pacer_case_id == identity.case_id
                    && !identity.core.is_empty()
                    && candidate.docket_number_core == identity.core
            },
            |candidate, identity| {
                candidate.pacer_case_id.is_empty() && candidate.has_number_of(identity)
            },
            |candidate, identity| candidate.pacer_case_id == identity.case_id,
        ]
    };
    rules.iter().find_map(|rule| {
        let fitting = || {
            candidates
                .iter()
                .filter(|candidate| rule(candidate, identity))
        };
        let agreeing = fitting().find(|candidate| !candidate.contradicts(identity));
        agreeing
            .or_else(|| fitting().next())
            .map(|candidate| candidate.id)
    })
}

impl Candidate {
    /// Whether it is the same number written out (cores alone are shared by the divisions and
    /// kinds of case of a court), of the same defendant and before the same judges.
    fn has_number_of(&self, identity: &Identity<'_>) -> bool {
        !identity.number.is_empty()
            && cleaned(&self.docket_number) == cleaned(identity.number)
            && !self.contradicts(identity)
    }

    fn contradicts(&self, identity: &Identity<'_>) -> bool {
        let differ =
            |stored: &str, new: &str| !stored.is_empty() && !new.is_empty() && stored != new;
        differ(&self.judge_assigned, identity.judge_assigned)
            || differ(&self.judge_referred, identity.judge_referred)
            || (self.defendant.is_some()
                && identity.defendant.is_some()
                && self.defendant != identity.defendant)
    }
}

impl<'a> Identity<'a> {
    /// Locks of reports that may be of the same case: those with the same case id, and those with the
    /// same number.
    fn locks(&self, court: &str) -> Vec<String> {
        let number = if self.core.is_empty() {
            self.number
        } else {
            &self.core
        };
        let mut keys = Vec::new();
        if !self.case_id.is_empty() {
            keys.push(format!("docket of {court} by case id {}", self.case_id));
        }
        if !number.is_empty() {
            keys.push(format!("docket of {court} by number {number}"));
        }
        keys
    }

    fn of(target: &'a DocketTarget, page: &'a Docket) -> Identity<'a> {
        let number = page.docket_number.as_deref().unwrap_or("");
        let parts = &page.docket_number_parts;
        Identity {
            case_id: target.pacer_case_id.as_deref().unwrap_or(""),
            number,
            core: core(number),
            judge_assigned: parts
                .federal_dn_judge_initials_assigned
                .as_deref()
                .unwrap_or(""),
            judge_referred: parts
                .federal_dn_judge_initials_referred
                .as_deref()
                .unwrap_or(""),
            defendant: parts
                .federal_defendant_number
                .as_deref()
                .and_then(|text| text.parse().ok()),
        }
    }
}

/// The core of a number, or nothing if it has none.
pub(crate) fn core(number: &str) -> String {
    DocketNumber::parse(number)
        .ok()
        .and_then(|number| number.core())
        .unwrap_or_default()
}

fn cleaned(number: &str) -> String {
    DocketNumber::parse(number)
        .map(|number| number.for_lookup())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(id: i64, case_id: &str, number: &str, judge: &str) -> Candidate {
        Candidate {
            id,
            pacer_case_id: case_id.to_owned(),
            docket_number: number.to_owned(),
            docket_number_core: core(number),
            judge_assigned: judge.to_owned(),
            judge_referred: String::new(),
            defendant: None,
        }
    }

    fn identity<'a>(case_id: &'a str, number: &'a str, judge: &'a str) -> Identity<'a> {
        Identity {
            case_id,
            number,
            core: core(number),
            judge_assigned: judge,
            judge_referred: "",
            defendant: None,
        }
    }

    #[test]
    fn case_id_and_core_go_before_case_id_alone() {
        let stored = [
            candidate(1, "7", "3:20-cv-00001", ""),
            candidate(2, "7", "3:24-cv-09876", ""),
        ];
        assert_eq!(
            choose(&stored, &identity("7", "3:24-cv-09876", "")),
            Some(2)
        );
        assert_eq!(
            choose(&stored, &identity("7", "3:24-cv-00005", "")),
            Some(1)
        );
    }

    #[test]
    fn docket_without_case_id_is_found_by_its_whole_number_only() {
        let stored = [
            candidate(1, "", "3:24-cr-09876", ""),
            candidate(2, "", "3:24-cv-09876", ""),
        ];
        assert_eq!(
            choose(&stored, &identity("7", "3:24-cv-09876", "")),
            Some(2)
        );
        assert_eq!(choose(&stored, &identity("7", "4:24-cv-09876", "")), None);
    }

    #[test]
    fn judge_who_disagrees_is_only_decisive_without_a_case_id() {
        let stored = [
            candidate(1, "7", "3:24-cv-09876", "AB"),
            candidate(2, "7", "3:24-cv-09876", "CD"),
        ];
        assert_eq!(
            choose(&stored, &identity("7", "3:24-cv-09876", "CD")),
            Some(2)
        );
        assert_eq!(
            choose(&stored, &identity("7", "3:24-cv-09876", "XY")),
            Some(1)
        );
        let unknown = [candidate(1, "", "3:24-cv-09876", "AB")];
        assert_eq!(
            choose(&unknown, &identity("7", "3:24-cv-09876", "XY")),
            None
        );
    }

    #[test]
    fn other_case_of_another_id_is_not_taken() {
        let stored = [candidate(1, "8", "3:24-cv-09876", "")];
        assert_eq!(choose(&stored, &identity("7", "3:24-cv-09876", "")), None);
        assert_eq!(choose(&stored, &identity("", "3:24-cv-09876", "")), Some(1));
    }
}
