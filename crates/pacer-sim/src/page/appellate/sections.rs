//! The first sections of a docket: the case itself, the case below, related cases, the panel.
//!
//! Readers find their way by the comments, so their words are the courts'.

use chrono::NaiveDate;

use super::docket::View;
use crate::page::{Place, escape};
use crate::world::appellate::{Appeal, Origin};

/// Space in front of a value.
pub(super) const INDENT: &str = "&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;";

const INNER_TABLE: &str = "\t<table width=100% border=0 cellpadding=0 cellspacing=0>\n";

pub(super) fn day(day: NaiveDate) -> String {
    day.format("%m/%d/%Y").to_string()
}

/// Number, dates, name, and what kind of case it is.
pub(super) fn stub(place: &Place, view: &View<'_>, appeal: &Appeal) -> String {
    let case = view.case;
    let label = match place.court.id.as_str() {
        "cavc" => "Case Number:",
        _ => "Court of Appeals Docket #: ",
    };
    let termed = case
        .terminated
        .map(|end| format!("<BR><b>Termed:</b> {}", day(end)))
        .unwrap_or_default();
    let suit = appeal
        .nature_of_suit
        .map(|suit| format!("<tr><td><b>Nature of Suit: </b>\n\t{suit}</td></tr>\n"))
        .unwrap_or_default();
    format!(
        "<!-- ===================== NEW SECTION - Case Stub ======================== -->\n<tr><td>\n{INNER_TABLE}\
         \t<tr><td><b>{label}</b>{}</td>\n\t\t<td valign=top align=right rowspan=2>\n\
         \t\t<b>Docketed:</b> {}{termed}</td></tr>\n{suit}<tr><td>{}</td></tr>\n\
         \t<tr><td><b>Appeal From:</b>\n\t{}</td>\n</tr>\n\t<tr><td><b>Fee Status:</b>  {}</td>\n</tr>\n\
         \t</table>\n</td></tr>\n{}",
        case.stub.docket_number(),
        day(case.filed),
        escape(&case.title),
        escape(&appeal.appeal_from),
        appeal.fee_status,
        case_type(appeal),
    )
}

fn case_type(appeal: &Appeal) -> String {
    let line = |(index, kind): (usize, &&str)| {
        format!("\t<tr><td><b>{INDENT}{})</b> {kind}</td></tr>\n", index + 1)
    };
    let lines: String = appeal.case_types.iter().enumerate().map(line).collect();
    format!(
        "<!-- ==================== NEW SECTION - Case Type ========================= -->\n<tr><td>\n{INNER_TABLE}\
         \t<tr><td><b>Case Type Information:</b></td></tr>\n{lines}\t<tr><td></td></tr>\n\t</table>\n</td></tr>\n"
    )
}

/// The case below, or that there is none.
pub(super) fn originating_court(place: &Place, appeal: &Appeal) -> String {
    let rows = match &appeal.origin {
        Some(origin) => origin_rows(place, origin),
        None => format!("<tr><td colspan=4><b>{INDENT}None</b></td></tr>\n"),
    };
    format!(
        "<!-- =================== NEW SECTION - Orig Court ========================= -->\n<tr><td>\n{INNER_TABLE}\
         \t<tr><td colspan=4><b>Originating Court Information:</b></td></tr>\n{rows}</table>\n</td></tr>\n"
    )
}

fn origin_rows(place: &Place, origin: &Origin) -> String {
    let judge_label = match place.court.id.as_str() {
        "ca5" => "Originating Judge",
        _ => "Trial Judge",
    };
    let person = |label: &str, name: &Option<String>| {
        let name = name.as_ref()?;
        let name = escape(name);
        // Without an end, as the courts write it.
        Some(format!("<tr><td colspan=4>{INDENT}<B>{label}: </B>{name}"))
    };
    let people: String = [
        person("Court Reporter", &origin.reporter),
        person(judge_label, &origin.judge),
        person("Ordering Judge", &origin.ordering_judge),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!(
        "<tr><td colspan=4>{INDENT}<B>District: </B>{} : {}</td></tr>\n{people}\
         <tr><td colspan=2><B>{INDENT}Date Filed: </B>{}</td></tr>\n{}",
        origin.office,
        number_below(origin),
        day(origin.filed),
        dates(origin)
    )
}

/// Courts link to the docket of a district court, which is elsewhere whatever host we have.
fn number_below(origin: &Origin) -> String {
    let number = &origin.number;
    match origin.court {
        None => number.clone(),
        Some(court) => format!(
            "<A href=\"https://ecf.{court}.uscourts.gov/cgi-bin/DktRpt.pl?caseNumber={number}&caseId=0\" \
             TARGET=\"_BLANK\">{number}</A>"
        ),
    }
}

fn dates(origin: &Origin) -> String {
    let columns = [
        ("Date Order/Judgment:", origin.judgment),
        ("Date Order/Judgment EOD:", origin.judgment_entered),
        ("Date NOA Filed:", origin.notice),
        ("Date Rec'd COA:", origin.received),
    ];
    let label = |(label, _): &(&str, _)| format!("<TD><B>{INDENT}{label}</B></TD>\n");
    let date = |(_, date): &(_, NaiveDate)| format!("<TD>{INDENT}{}</TD>\n", day(*date));
    let labels: String = columns.iter().map(label).collect();
    let dates: String = columns.iter().map(date).collect();
    format!("<TR>\n{labels}</TR>\n<TR>\n{dates}</TR>\n")
}

/// Prior and associated cases, each if asked for.
pub(super) fn related(view: &View<'_>, appeal: &Appeal) -> String {
    let (prior, associated) = (view.sections.prior, view.sections.associated);
    if !prior && !associated {
        return String::new();
    }
    let mut html = "<!-- =============== NEW SECTION - Prior and/or Assoc Cases =============== -->\n<tr><td>\n"
        .to_owned();
    if prior {
        html.push_str(&prior_cases(appeal));
    }
    if associated {
        html.push_str(&associated_cases(view, appeal));
    }
    html + "</td></tr>\n"
}

fn link(number: &str) -> String {
    format!(
        "<a href='TransportRoom?servlet=DocketReportFilter.jsp&amp;caseNum={number}' target='_blank'>{number}</a>"
    )
}

fn prior_cases(appeal: &Appeal) -> String {
    let row = |case: &crate::world::appellate::PriorCase| {
        format!(
            "<tr><td colspan=9>{INDENT}{}{INDENT}<b>Date Filed:</b> {}{INDENT}<b>Date Disposed:</b> {}{INDENT}\
             <b>Disposition:</b> {}</td></tr>\n",
            link(&case.number),
            day(case.filed),
            day(case.disposed),
            case.disposition
        )
    };
    let mut rows: String = appeal.prior.iter().map(row).collect();
    if rows.is_empty() {
        rows = format!("<tr><td colspan=9>{INDENT}None</td></tr>\n");
    }
    format!(
        "<!-- NEW SUBSECTION - Prior Cases -->\n{INNER_TABLE}\t<tr><td colspan=2><B>Prior Cases:</B></td></tr>\n\
         {rows}</TABLE>\n<BR>\n"
    )
}

fn associated_cases(view: &View<'_>, appeal: &Appeal) -> String {
    let lead = view.case.stub.docket_number();
    let row = |case: &crate::world::appellate::AssociatedCase| {
        format!(
            "<tr><td>&nbsp;</td><TD>{lead}&nbsp;</TD><TD>{}&nbsp;</TD><TD>{}&nbsp;</TD><TD>&nbsp;</TD></TR>\n",
            link(&case.number),
            day(case.since)
        )
    };
    let mut rows: String = appeal.associated.iter().map(row).collect();
    rows = match rows.is_empty() {
        true => format!("<TR><TD colspan=5>{INDENT}None</TD></TR>\n"),
        false => format!(
            "<TR><TH>&nbsp;</TH><TH align=left>Lead</TH><TH align=left>Member</TH><TH align=left>Start</TH>\
             <TH align=left>End</TH></TR>\n<tr><td colspan=5>{INDENT}Consolidated</td></tr>\n{rows}"
        ),
    };
    format!(
        "<!-- NEW SUBSECTION - Assoc Cases -->\n{INNER_TABLE}\t<tr><td colspan=2><B>Current Cases:</B></td></tr>\n\
         {rows}</table>\n"
    )
}

/// The panel, if one is known.
pub(super) fn panel(appeal: &Appeal) -> String {
    let panel = match &appeal.panel {
        None => format!("\n\t{INDENT}Not available\n"),
        Some(panel) => format!(
            "\n<BR>{INDENT}<b>Panel:</b> {}<BR>{INDENT}<b>Date of Hearing:</b> {}\n\
             \t{INDENT}<b>Date of Decision:</b> ",
            panel.judges.join(INDENT),
            day(panel.heard)
        ),
    };
    format!(
        "<!-- ================= NEW SECTION - Panel Assignment ===================== -->\n\
         <tr><td><b>Panel Assignment:</b>\n{panel}</td></tr>\n"
    )
}
