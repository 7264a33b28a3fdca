//! Dockets and menus of appellate courts: as far as they say what others say too, they are read
//! like those; the rest is kept here.

use chrono::NaiveDate;
use pacer::{
    court::Court,
    page::{
        appellate_attachment_page::{AppellateAttachment, AppellateAttachmentPage},
        appellate_docket::{AppellateDocket, AppellateEntry, AppellateParty, OriginatingCourt},
        attachment_page::{Attachment, AttachmentPage},
        docket::{Docket, DocketEntry, DocketNumberParts, Party},
    },
};
use sqlx::PgConnection;

use crate::Error;

/// What any docket says.
pub(crate) fn as_docket(page: &AppellateDocket) -> Docket {
    Docket {
        court_id: page.court_id.clone(),
        docket_number: Some(page.docket_number.clone()).filter(|number| !number.is_empty()),
        docket_number_parts: DocketNumberParts::default(),
        case_name: page.case_name.clone(),
        date_filed: page.date_filed,
        date_terminated: page.date_terminated,
        date_converted: None,
        date_discharged: None,
        assigned_to_str: String::new(),
        referred_to_str: String::new(),
        assigned_to_judges: None,
        referred_to_judges: None,
        cause: String::new(),
        nature_of_suit: page.nature_of_suit.clone(),
        jury_demand: String::new(),
        demand: String::new(),
        jurisdiction: String::new(),
        mdl_status: String::new(),
        ordered_by: None,
        parties: page.parties.iter().map(party).collect(),
        docket_entries: page.docket_entries.iter().map(entry).collect(),
    }
}

fn party(party: &AppellateParty) -> Party {
    let labelled = party
        .labelled
        .iter()
        .map(|(label, value)| format!("{label}: {value}").trim().to_owned());
    let lines: Vec<String> = party.unparsed.iter().cloned().chain(labelled).collect();
    Party {
        name: party.name.clone(),
        party_type: party.party_type.clone(),
        extra_info: lines.join("\n"),
        date_terminated: party.date_terminated,
        attorneys: Some(party.attorneys.clone()),
        criminal_data: None,
    }
}

fn entry(entry: &AppellateEntry) -> DocketEntry {
    DocketEntry {
        date_filed: entry.date_filed,
        date_entered: entry.date_entered,
        document_number: entry.document_number.clone(),
        description: entry.description.clone(),
        pacer_doc_id: entry.pacer_doc_id.clone(),
        pacer_seq_no: entry.pacer_seq_no.clone(),
        page_count: None,
        file_size_str: None,
        file_size_bytes: None,
        attachments: entry.attachments.clone(),
    }
}

/// A menu in the words of the others.
pub(super) fn as_menu(page: &AppellateAttachmentPage) -> AttachmentPage {
    AttachmentPage {
        document_number: None,
        pacer_doc_id: page.pacer_doc_id.clone(),
        pacer_case_id: page.pacer_case_id.clone(),
        pacer_seq_no: page.pacer_seq_no.clone(),
        page_count: None,
        file_size_str: String::new(),
        file_size_bytes: None,
        attachments: page.attachments.iter().map(attachment).collect(),
    }
}

fn attachment(line: &AppellateAttachment) -> Attachment {
    Attachment {
        attachment_number: line.attachment_number.map(i64::from),
        description: line.description.clone(),
        page_count: line.page_count,
        file_size_str: String::new(),
        pacer_doc_id: line.pacer_doc_id.clone(),
        pacer_seq_no: None,
        file_size_bytes: line.file_size_bytes,
    }
}

/// Takes over what only the docket of an appeal says, and tells whether that changed anything.
/// Empty values erase nothing.
pub(super) async fn update(
    connection: &mut PgConnection,
    docket: i64,
    page: &AppellateDocket,
) -> Result<bool, Error> {
    let below = page.originating_court_information.as_ref();
    // The page has PACER's id, as everything here goes by CourtListener's.
    let court = below.and_then(|below| Court::by_pacer_id(&below.court_id));
    let changed = sqlx::query!(
        "update dockets
         set appeal_from_str = new.appeal_from, appeal_from_id = new.court, panel_str = new.panel,
             appellate_fee_status = new.fee, appellate_case_type_information = new.case_type
         from (
             select coalesce(nullif($2, ''), appeal_from_str) as appeal_from,
                    coalesce($3, appeal_from_id) as court,
                    coalesce(nullif($4, ''), panel_str) as panel,
                    coalesce(nullif($5, ''), appellate_fee_status) as fee,
                    coalesce(nullif($6, ''), appellate_case_type_information) as case_type
             from dockets where id = $1
         ) as new
         where dockets.id = $1
           and (appeal_from_str, appeal_from_id, panel_str, appellate_fee_status,
                appellate_case_type_information)
               is distinct from (new.appeal_from, new.court, new.panel, new.fee, new.case_type)",
        docket,
        page.appeal_from,
        court.and_then(|court| court.cl_id.as_deref()),
        page.panel.join(" "),
        page.fee_status,
        page.case_type_information
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    let below_changed = match below {
        Some(below) => update_below(connection, docket, below).await?,
        None => false,
    };
    Ok(changed == 1 || below_changed)
}

/// The case below. The alien number that agencies print in place of a docket number is personal
/// data, and is not kept.
async fn update_below(
    connection: &mut PgConnection,
    docket: i64,
    below: &OriginatingCourt,
) -> Result<bool, Error> {
    let number = below.docket_number.as_deref().unwrap_or("");
    let dates: [Option<NaiveDate>; 6] = [
        below.date_disposed,
        below.date_filed,
        below.date_judgment,
        below.date_judgment_eod,
        below.date_filed_noa,
        below.date_received_coa,
    ];
    let says_nothing = [
        number,
        &below.assigned_to,
        &below.ordering_judge,
        &below.court_reporter,
    ]
    .iter()
    .all(|text| text.is_empty())
        && dates.iter().all(Option::is_none);
    if says_nothing {
        return Ok(false);
    }
    let changed = sqlx::query!(
        "insert into originating_court_information as old
             (docket_id, docket_number, docket_number_raw, assigned_to_str, ordering_judge_str,
              court_reporter, date_disposed, date_filed, date_judgment, date_judgment_eod,
              date_filed_noa, date_received_coa)
         values ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (docket_id) do update
         set docket_number = coalesce(nullif($2, ''), old.docket_number),
             docket_number_raw = coalesce(nullif($2, ''), old.docket_number_raw),
             assigned_to_str = coalesce(nullif($3, ''), old.assigned_to_str),
             ordering_judge_str = coalesce(nullif($4, ''), old.ordering_judge_str),
             court_reporter = coalesce(nullif($5, ''), old.court_reporter),
             date_disposed = coalesce($6, old.date_disposed),
             date_filed = coalesce($7, old.date_filed),
             date_judgment = coalesce($8, old.date_judgment),
             date_judgment_eod = coalesce($9, old.date_judgment_eod),
             date_filed_noa = coalesce($10, old.date_filed_noa),
             date_received_coa = coalesce($11, old.date_received_coa),
             date_modified = now()
         where (old.docket_number, old.assigned_to_str, old.ordering_judge_str, old.court_reporter,
                old.date_disposed, old.date_filed, old.date_judgment, old.date_judgment_eod,
                old.date_filed_noa, old.date_received_coa)
               is distinct from
               (coalesce(nullif($2, ''), old.docket_number),
                coalesce(nullif($3, ''), old.assigned_to_str),
                coalesce(nullif($4, ''), old.ordering_judge_str),
                coalesce(nullif($5, ''), old.court_reporter),
                coalesce($6, old.date_disposed), coalesce($7, old.date_filed),
                coalesce($8, old.date_judgment), coalesce($9, old.date_judgment_eod),
                coalesce($10, old.date_filed_noa), coalesce($11, old.date_received_coa))",
        docket,
        number,
        below.assigned_to,
        below.ordering_judge,
        below.court_reporter,
        dates[0],
        dates[1],
        dates[2],
        dates[3],
        dates[4],
        dates[5]
    )
    .execute(connection)
    .await?
    .rows_affected();
    Ok(changed == 1)
}
