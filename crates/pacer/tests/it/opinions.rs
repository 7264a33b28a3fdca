//! Rules of reports of written opinions, on pages of our own.

use pacer::page::PageError;
use pacer::page::docket::DocketNumberParts;
use pacer::page::free_opinion_report::{FreeOpinion, FreeOpinionReport, parse};
use serde_json::json;

use crate::pages::opinions;

fn read(page: &str, court: &str) -> FreeOpinionReport {
    parse(page.as_bytes(), court).expect("the page can be read")
}

/// A report with these rows below the header.
fn report(rows: &str) -> String {
    format!("<table><tr><th>Header</th></tr>{rows}</table>")
}

const FOUR_COLUMNS: &str = "<tr><td><a href='/cgi-bin/DktRpt.pl?162935'>5:18-ap-07075 Wren v. Corr et al</a></td>\
    <td>12/14/2023</td><td><a href='/doc1/028114008409'>119</a></td><td>Opinion</td></tr>";

#[test]
fn report_lists_opinions() {
    let report = read(&opinions(), "cand");
    assert_eq!(
        serde_json::to_value(&report.opinions[0]).unwrap(),
        json!({
            "court_id": "cand",
            "docket_number": "1:24-cv-00417",
            "federal_dn_office_code": "1",
            "federal_dn_case_type": "cv",
            "federal_dn_judge_initials_assigned": "ABC",
            "federal_dn_judge_initials_referred": null,
            "federal_defendant_number": null,
            "case_name": "Penhallow v. Nimbus Kettle Works",
            "date_filed": "2024-03-05",
            "pacer_case_id": "998877",
            "pacer_seq_no": "101",
            "pacer_doc_id": "035012345001",
            "document_number": "1",
            "description": " ORDER  about a kettle",
            "nature_of_suit": "Contract: Other",
            "cause": "28:1332 Diversity",
        })
    );
}

#[test]
fn court_may_count_more_than_it_lists() {
    let report = read(&opinions(), "cand");
    assert_eq!((report.opinions.len(), report.reported), (2, Some(3)));
}

#[test]
fn row_without_a_case_is_of_the_case_before() {
    let second = read(&opinions(), "cand").opinions.remove(1);
    assert_eq!(second.docket_number.as_deref(), Some("1:24-cv-00417"));
    assert_eq!(
        second.docket_number_parts,
        DocketNumberParts {
            federal_dn_office_code: Some("1".to_owned()),
            federal_dn_case_type: Some("cv".to_owned()),
            ..DocketNumberParts::default()
        }
    );
    assert_eq!(second.case_name, "Penhallow v. Nimbus Kettle Works");
    assert_eq!(second.date_filed.to_string(), "2024-03-07");
    assert_eq!(second.pacer_seq_no.as_deref(), Some("102"));
}

#[test]
fn ids_of_a_row_without_script_and_case_are_those_before() {
    let row = |case: &str| {
        format!("<tr><td>{case}</td><td>12/14/2023</td><td>119</td><td>Opinion</td></tr>")
    };
    let first = row("<a href='/cgi-bin/DktRpt.pl?162935'>5:18-ap-07075 Wren</a>");
    let ids = |opinion: &FreeOpinion| (opinion.pacer_case_id.clone(), opinion.pacer_seq_no.clone());
    let found = read(&report(&(first + &row("&nbsp;"))), "arwb").opinions;
    assert_eq!(ids(&found[0]), (Some("162935".to_owned()), None));
    assert_eq!(ids(&found[1]), ids(&found[0]));
    assert_eq!(found[1].pacer_doc_id, None);
}

#[test]
fn four_columns_join_number_and_name() {
    let found = &read(&report(FOUR_COLUMNS), "njb").opinions[0];
    assert_eq!(found.docket_number.as_deref(), Some("5:18-ap-07075"));
    assert_eq!(found.case_name, "Wren v. Corr");
    assert_eq!(
        (found.cause.as_str(), found.nature_of_suit.as_str()),
        ("", "")
    );
}

#[test]
fn two_courts_of_arkansas_join_them_always() {
    let page = report(&FOUR_COLUMNS.replace("</tr>", "<td><i>Cause:</i> 11:727</td></tr>"));
    assert_eq!(read(&page, "areb").opinions[0].case_name, "Wren v. Corr");
    assert_eq!(
        read(&page, "areb").opinions[0].cause,
        "11:727",
        "the fifth column is read"
    );
    assert_eq!(
        read(&page, "njb").opinions[0].case_name,
        "Case name unknown"
    );
}

#[test]
fn report_sorted_by_date_leaves_out_dates() {
    let row = |date: &str, number: u32| {
        format!(
            "<tr><td>{date}</td><td><a href='/cgi-bin/iquery.pl?6253-L_9999_1-0-66{number}'>24-1041{number} Wren Mills</a></td>\
             <td><a href='/doc1/035112345001'>7</a></td><td>Opinion</td></tr>"
        )
    };
    let found = read(&report(&(row("03/05/2024", 1) + &row(" ", 2))), "nysb").opinions;
    assert_eq!(found[1].date_filed, found[0].date_filed);
    assert_eq!(found[1].docket_number.as_deref(), Some("24-10412"));
    assert_eq!(found[1].pacer_case_id.as_deref(), Some("662"));
    assert_eq!(found[1].case_name, "Wren Mills");
}

#[test]
fn report_of_nothing_is_empty() {
    let page = "<table><tr><td>No</td></tr><tr><td>rows</td></tr></table><b>Total number of opinions reported:</b> 0";
    let found = read(page, "cand");
    assert_eq!((found.opinions.len(), found.reported), (0, Some(0)));
}

#[test]
fn page_that_is_no_report_fails() {
    assert_eq!(
        parse(b"<p>Please log in", "cand"),
        Err(PageError::Missing("table of opinions"))
    );
    assert_eq!(
        parse(report("<tr><td>Login:</td></tr>").as_bytes(), "cand"),
        Err(PageError::Bad("row of opinions"))
    );
}

#[test]
fn bad_date_fails_the_report() {
    let page = report(&FOUR_COLUMNS.replace("12/14/2023", "14/14/2023"));
    assert_eq!(
        parse(page.as_bytes(), "njb"),
        Err(PageError::Bad("date of an opinion"))
    );
}
