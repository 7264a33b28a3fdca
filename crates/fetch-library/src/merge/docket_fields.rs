//! The fields of the docket itself.

use chrono::NaiveDate;
use chrono_tz::Tz;
use pacer::page::docket::Docket;
use sqlx::PgConnection;

use super::{DocketTarget, find};
use crate::Error;

/// What a parser calls a case without a name.
const UNKNOWN_CASE_NAME: &str = "Unknown Case Title";
/// The longest slug, in characters.
const SLUG_LENGTH: usize = 75;

/// Takes over what the report says, and tells whether that changed anything. Empty values erase
/// nothing; identifiers and the nature of suit stay once they are known. An identifier that
/// would make the docket the same case as another stored one is left alone.
pub(super) async fn update(
    connection: &mut PgConnection,
    docket: i64,
    target: &DocketTarget,
    page: &Docket,
    time_zone: Tz,
) -> Result<bool, Error> {
    let parts = &page.docket_number_parts;
    let number = page.docket_number.as_deref().unwrap_or("");
    let defendant: Option<i32> = parts
        .federal_defendant_number
        .as_deref()
        .and_then(|text| text.parse().ok());
    let changed = sqlx::query!(
        "update dockets
         set pacer_case_id = new.pacer_case_id, docket_number = new.docket_number,
             docket_number_raw = new.docket_number_raw, docket_number_core = new.docket_number_core,
             federal_dn_office_code = new.office, federal_dn_case_type = new.case_type,
             federal_dn_judge_initials_assigned = new.initials_assigned,
             federal_dn_judge_initials_referred = new.initials_referred,
             federal_defendant_number = new.defendant, case_name = new.case_name, slug = new.slug,
             source = new.source, assigned_to_str = new.assigned_to, referred_to_str = new.referred_to,
             cause = new.cause, nature_of_suit = new.nature_of_suit, jury_demand = new.jury_demand,
             jurisdiction_type = new.jurisdiction_type, mdl_status = new.mdl_status,
             date_filed = new.date_filed, date_terminated = new.date_terminated
         from (
             select case when taken then old.pacer_case_id else wanted_case_id end as pacer_case_id,
                    case when taken then old.docket_number else wanted_number end as docket_number,
                    coalesce(nullif($3, ''), old.docket_number_raw) as docket_number_raw,
                    case when taken then old.docket_number_core
                         else coalesce(nullif(old.docket_number_core, ''), $4) end as docket_number_core,
                    coalesce(nullif($5, ''), old.federal_dn_office_code) as office,
                    coalesce(nullif($6, ''), old.federal_dn_case_type) as case_type,
                    coalesce(nullif($7, ''), old.federal_dn_judge_initials_assigned) as initials_assigned,
                    coalesce(nullif($8, ''), old.federal_dn_judge_initials_referred) as initials_referred,
                    coalesce($9, old.federal_defendant_number) as defendant,
                    case when keep_name then old.case_name else $10 end as case_name,
                    case when keep_name then old.slug else $11 end as slug,
                    (old.source | 1)::smallint as source,
                    coalesce(nullif($12, ''), old.assigned_to_str) as assigned_to,
                    coalesce(nullif($13, ''), old.referred_to_str) as referred_to,
                    coalesce(nullif($14, ''), old.cause) as cause,
                    coalesce(nullif(old.nature_of_suit, ''), $15) as nature_of_suit,
                    coalesce(nullif($16, ''), old.jury_demand) as jury_demand,
                    coalesce(nullif($17, ''), old.jurisdiction_type) as jurisdiction_type,
                    coalesce(nullif($18, ''), old.mdl_status) as mdl_status,
                    coalesce($19, old.date_filed) as date_filed,
                    coalesce($20, old.date_terminated) as date_terminated
             from dockets as old
             cross join lateral (
                 select coalesce(nullif(old.pacer_case_id, ''), nullif($2, '')) as wanted_case_id,
                        coalesce(nullif(old.docket_number, ''), nullif($3, '')) as wanted_number,
                        old.case_name <> '' and $10 in ('', $21) as keep_name
             ) as wanted
             cross join lateral (
                 select exists (
                     select from dockets as other
                     where other.court_id = old.court_id and other.id <> old.id
                       and other.pacer_case_id = wanted_case_id
                       and other.docket_number = wanted_number
                 ) as taken
             ) as clash
             where old.id = $1
         ) as new
         where dockets.id = $1
           and (dockets.pacer_case_id, dockets.docket_number, dockets.docket_number_raw,
                dockets.docket_number_core, federal_dn_office_code, federal_dn_case_type,
                federal_dn_judge_initials_assigned, federal_dn_judge_initials_referred,
                federal_defendant_number, dockets.case_name, dockets.slug, dockets.source,
                assigned_to_str, referred_to_str, dockets.cause, dockets.nature_of_suit,
                dockets.jury_demand, dockets.jurisdiction_type, dockets.mdl_status,
                dockets.date_filed, dockets.date_terminated)
               is distinct from
               (new.pacer_case_id, new.docket_number, new.docket_number_raw,
                new.docket_number_core, new.office, new.case_type,
                new.initials_assigned, new.initials_referred,
                new.defendant, new.case_name, new.slug, new.source,
                new.assigned_to, new.referred_to, new.cause, new.nature_of_suit,
                new.jury_demand, new.jurisdiction_type, new.mdl_status,
                new.date_filed, new.date_terminated)",
        docket,
        target.pacer_case_id.as_deref().unwrap_or(""),
        number,
        find::core(number),
        parts.federal_dn_office_code.as_deref().unwrap_or(""),
        parts.federal_dn_case_type.as_deref().unwrap_or(""),
        parts.federal_dn_judge_initials_assigned.as_deref().unwrap_or(""),
        parts.federal_dn_judge_initials_referred.as_deref().unwrap_or(""),
        defendant,
        page.case_name,
        slug(&page.case_name),
        page.assigned_to_str,
        page.referred_to_str,
        page.cause,
        page.nature_of_suit,
        page.jury_demand,
        page.jurisdiction,
        page.mdl_status,
        page.date_filed,
        page.date_terminated,
        UNKNOWN_CASE_NAME
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    let converted = update_bankruptcy(connection, docket, page.date_converted, time_zone).await?;
    Ok(changed == 1 || converted)
}

/// Midnight is that of the zone in which the API shows times, so that the date stays the date.
async fn update_bankruptcy(
    connection: &mut PgConnection,
    docket: i64,
    date_converted: Option<NaiveDate>,
    time_zone: Tz,
) -> Result<bool, Error> {
    let Some(date_converted) = date_converted else {
        return Ok(false);
    };
    let changed = sqlx::query!(
        "insert into bankruptcy_information as old (docket_id, date_converted)
         values ($1, $2::date::timestamp at time zone $3::text)
         on conflict (docket_id) do update
         set date_converted = excluded.date_converted, date_modified = now()
         where old.date_converted is distinct from excluded.date_converted",
        docket,
        date_converted,
        time_zone.name()
    )
    .execute(connection)
    .await?
    .rows_affected();
    Ok(changed == 1)
}

/// Marks a docket of which something changed, perhaps by entries up to `newest`.
pub(super) async fn touch(
    connection: &mut PgConnection,
    docket: i64,
    newest: Option<NaiveDate>,
) -> Result<(), Error> {
    sqlx::query!(
        "update dockets set date_modified = now(), date_last_filing = greatest(date_last_filing, $2)
         where id = $1",
        docket,
        newest
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The case name as a part of a path: lower-case ASCII words joined with hyphens.
fn slug(case_name: &str) -> String {
    let mut slug = String::new();
    for word in case_name
        .to_lowercase()
        .split(|letter: char| letter.is_whitespace() || letter == '-')
    {
        let word: String = word
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
            .collect();
        if word.is_empty() {
            continue;
        }
        if slug.len() + 1 + word.len() > SLUG_LENGTH {
            if slug.is_empty() {
                slug.push_str(&word[..SLUG_LENGTH]);
            }
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word);
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn slug_is_made_of_whole_words() {
        assert_eq!(
            slug("Acme Widgets, Inc. v. Example Bolts LLC"),
            "acme-widgets-inc-v-example-bolts-llc"
        );
        assert_eq!(slug("In re -- Ünlü & Söhne"), "in-re-nl-shne");
        let long = slug(&"lengthy ".repeat(30));
        assert!(long.len() <= 75 && long.ends_with("lengthy"), "{long}");
        assert_eq!(slug(&"x".repeat(200)).len(), 75);
        assert_eq!(slug("x".repeat(75).as_str()).len(), 75);
    }
}
