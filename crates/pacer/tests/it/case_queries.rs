//! Summaries of cases and lists of search results.

use chrono::NaiveDate;
use pacer::page::case_query::{CaseQuery, LabelValue, parse};
use pacer::page::{PageError, case_query_advanced};
use serde_json::json;

/// A summary with these lines after the one that names the case.
fn summary(title: &str, lines: &str) -> String {
    format!(
        "<center>Menu</center><div id='cmecfMainContent'><center>{title}<br>{lines}<br>\n</center>\
         <center><b>Chapter:</b> 99</center></div>"
    )
}

fn read(page: &str, court: &str) -> CaseQuery {
    parse(page.as_bytes(), court)
        .expect("the page can be read")
        .expect("the page is about a case")
}

const DISTRICT: &str =
    "<b><font size=+1>1:24-cr-00417-ABC-DE-2</font></b> USA vs. Orla Penhallow et al";
const BANKRUPTCY: &str = "\n<b><font>24-10417-RF-13</font></b>\n<b></b>Wren Hollow Mills\n";

#[test]
fn summary_of_a_district_case_has_its_judges() {
    let lines = "Rosalind Ferrant, presiding<br>Ines Corr, referral<br>Related case: 23cv12-RF<br>\
                 <b>Date filed:</b> 03/05/2024<br><b>Date terminated:</b><br><b>Date of last filing:</b> 4/1/24";
    let page = summary(DISTRICT, lines);
    let json = serde_json::to_value(read(&page, "cand")).unwrap();
    assert_eq!(
        json,
        json!({
            "court_id": "cand", "docket_number": "1:24-cr-00417",
            "federal_dn_office_code": "1", "federal_dn_case_type": "cr",
            "federal_dn_judge_initials_assigned": "ABC",
            "federal_dn_judge_initials_referred": "DE", "federal_defendant_number": "2",
            "case_name": "United States v. Orla Penhallow",
            "case_name_raw": "USA vs. Orla Penhallow et al",
            "assigned_to_str": "Rosalind Ferrant", "referred_to_str": "Ines Corr",
            "related_cases_str": "23cv12-RF",
            "date_filed": "2024-03-05", "date_terminated": null, "date_last_filing": "2024-04-01",
        })
    );
}

#[test]
fn summary_of_a_bankruptcy_has_what_its_labels_say() {
    let lines = "\n<b>Case type:</b> bk\n<b>Chapter:</b> 13 <b>Asset:</b> Yes <b>Vol: </b> v\
                 <b>Chief Judge:</b> Ines Corr<br><b>Plan confirmed:</b> 04/01/2024\
                 <br><b>Debtor&nbsp;discharged:</b>&nbsp;N/A <b>Joint&nbsp;debtor&nbsp;discharged:</b>&nbsp;12/12/2024\
                 <br><b>Date\n of  Harvest:</b> 05/06/2024 <b>Mill (Old):</b> :: the\n third";
    let case = read(&summary(BANKRUPTCY, lines), "nysb");
    let day = |year, month, day| Some(NaiveDate::from_ymd_opt(year, month, day));
    assert_eq!(case.case_name, "Wren Hollow Mills");
    assert_eq!(case.docket_number.as_deref(), Some("24-10417"));
    assert_eq!(case.case_type.as_deref(), Some("bk"));
    assert_eq!(case.vol.as_deref(), Some("v"));
    assert_eq!(case.assigned_to_str.as_deref(), Some("Ines Corr"));
    assert_eq!(case.date_plan_confirmed, day(2024, 4, 1));
    assert_eq!(case.date_debtor_dismissed, Some(None), "said to be none");
    assert_eq!(case.date_joint_debtor_dismissed, day(2024, 12, 12));
    assert_eq!(case.date_terminated, None, "not said");
    let other: Vec<_> = case.other.0.into_iter().collect();
    assert_eq!(
        other,
        [
            (
                "date_of_harvest".to_owned(),
                LabelValue::Date(NaiveDate::from_ymd_opt(2024, 5, 6))
            ),
            (
                "mill_old".to_owned(),
                LabelValue::Text("the third".to_owned())
            ),
        ]
    );
}

#[test]
fn date_may_have_a_time_after_it() {
    let day = NaiveDate::from_ymd_opt(2024, 3, 5);
    for time in ["", " 10:11", " 10:11:12", "\u{a0}1:02 PM"] {
        let lines = format!("<b>Date filed:</b> 03/05/2024{time}");
        assert_eq!(
            read(&summary(DISTRICT, &lines), "cand").date_filed,
            Some(day)
        );
    }
    for no_time in [" 10", " 25:00", " 10:11 XM", " 10:11 AM x"] {
        let lines = format!("<b>Date filed:</b> 03/05/2024{no_time}");
        assert_eq!(
            read(&summary(DISTRICT, &lines), "cand").date_filed,
            Some(None)
        );
    }
}

#[test]
fn name_may_be_in_a_font_of_its_own() {
    let title = "<b><font>24-10417-RF-13</font></b><font>\nJory Blackwood\n<i>x</i></font>";
    let case = read(&summary(title, "<b>Chapter:</b> 7"), "nysb");
    assert_eq!(case.case_name_raw, "Jory Blackwood");
    let nameless = read(&summary("<b><font>24-10417</font></b>", ""), "nysb");
    assert_eq!(
        (nameless.case_name.as_str(), nameless.case_name_raw.as_str()),
        ("", "")
    );
}

#[test]
fn lines_that_say_nothing_are_passed_over() {
    let lines = "<font color=red><b> </b>DO NOT DOCKET.</font><br><br>Probation, presiding<br>\
                 Ada Finch, panel 1<br>Tamsin Quill, panel 2<br>Ines Corr, panel 3";
    let case = read(&summary(DISTRICT, lines), "cand");
    assert_eq!(case.assigned_to_str.as_deref(), Some("Ada Finch"));
    assert!(case.other.0.is_empty());
}

#[test]
fn line_that_is_not_understood_is_refused() {
    let page = summary(
        DISTRICT,
        "The kettle is on.<br><b>Date filed:</b> 03/05/2024",
    );
    assert_eq!(
        parse(page.as_bytes(), "cand"),
        Err(PageError::Bad("line about the case"))
    );
}

#[test]
fn what_follows_the_last_line_end_is_no_line() {
    let page = summary(DISTRICT, "Rosalind Ferrant, presiding<br><b>Chapter:</b> 7")
        .replace("<br>\n</center>", "</center>");
    assert_eq!(read(&page, "cand").chapter, None);
}

#[test]
fn label_never_hides_what_the_title_says() {
    let lines =
        "<b>Docket number:</b> 9 <b>Case name:</b> Nobody <b>Federal defendant number:</b> 8";
    let json = serde_json::to_string(&read(&summary(DISTRICT, lines), "cand")).unwrap();
    for field in ["docket_number", "case_name", "federal_defendant_number"] {
        assert_eq!(json.matches(&format!("\"{field}\":")).count(), 1, "{field}");
    }
}

#[test]
fn summary_comes_back_from_its_own_json() {
    let lines = "<b>Plan confirmed:</b> <b>Date seen:</b> 05/06/2024 <b>Date lost:</b> never <b>Mill:</b> 2024-05-06";
    let case = read(&summary(BANKRUPTCY, lines), "nysb");
    assert_eq!(case.other.0.len(), 3);
    let json = serde_json::to_string(&case).unwrap();
    assert_eq!(serde_json::from_str::<CaseQuery>(&json).unwrap(), case);
}

#[test]
fn page_without_a_case_is_no_summary() {
    let sealed = "<center>x</center><div id='cmecfMainContent'><p>This case is SEALED.</div><center>y</center>";
    let not_found = summary(DISTRICT, "Case  not\nfound.");
    let shared = summary(
        DISTRICT,
        "<b>only requests for a certificate of good standing</b>",
    );
    for page in [sealed.to_owned(), not_found, shared] {
        assert_eq!(parse(page.as_bytes(), "cand"), Ok(None), "{page}");
    }
}

fn results(rows: &str) -> String {
    format!("<table><tr><td>Case No.</td></tr>{rows}</table>")
}

#[test]
fn search_finds_cases_by_person_or_by_number() {
    let page = results(
        "<tr class='rowBackground1'><td>Jory Blackwood (pty)</td>\
         <td><a href='iquery.pl?91-L_1_0-0-998877'>2:24-ap-00417-RF</a></td>\
         <td>Nimbus Kettle Works et al v. Jory Blackwood et al  </td>\
         <td><i>Lead BK: </i> 2:24-bk-00009-RF  Wren</td><td> 03/05/24</td><td>Defendant</td><td> 04/01/24</td></tr>\
         <tr class='rowbackground2'><td><a href='/cgi-bin/iquery.pl?12345'>24-10417</a></td><td>Wren Hollow Mills</td>\
         <td> 7</td><td>N / A</td><td>N / A</td></tr>\
         <tr class='rowbackground1'><td>not a result</td></tr>",
    );
    let found = case_query_advanced::parse(page.as_bytes(), "nysb").unwrap();
    assert_eq!(
        serde_json::to_value(found).unwrap(),
        json!([
            {
                "docket_number": "2:24-ap-00417",
                "federal_dn_office_code": "2", "federal_dn_case_type": "ap",
                "federal_dn_judge_initials_assigned": "RF",
                "federal_dn_judge_initials_referred": null, "federal_defendant_number": null,
                "pacer_case_id": "998877", "case_name": "Nimbus Kettle Works v. Jory Blackwood",
                "chapter": "Lead BK: 2:24-bk-00009-RF Wren",
                "date_filed": "2024-03-05", "date_closed": "2024-04-01",
            },
            {
                "docket_number": "24-10417",
                "federal_dn_office_code": null, "federal_dn_case_type": null,
                "federal_dn_judge_initials_assigned": null,
                "federal_dn_judge_initials_referred": null, "federal_defendant_number": null,
                "pacer_case_id": "12345", "case_name": "Wren Hollow Mills", "chapter": "7",
                "date_filed": null, "date_closed": null,
            },
        ])
    );
}

#[test]
fn case_id_may_be_named_in_a_link() {
    let row = |href: &str| {
        let page = results(&format!(
            "<tr class=rowBackground1><td><a href='{href}'>24-10417</a></td><td></td><td></td><td></td><td></td></tr>"
        ));
        let found = case_query_advanced::parse(page.as_bytes(), "nysb")
            .unwrap()
            .unwrap();
        found[0].pacer_case_id.clone()
    };
    assert_eq!(
        row("mobile_query.pl?search=caseInfo&caseid=77").as_deref(),
        Some("77")
    );
    assert_eq!(row("DktRpt.pl?56120#top").as_deref(), Some("56120"));
    assert_eq!(
        row("iquery.pl?625371-L_9999_1-0-56120").as_deref(),
        Some("56120")
    );
    assert_eq!(row("DktRpt.pl?56-120"), None, "that is no number of a case");
    assert_eq!(row("DktRpt.pl"), None);
}

#[test]
fn search_without_results_is_an_empty_list() {
    let found = |page: &str| case_query_advanced::parse(page.as_bytes(), "nysb");
    assert_eq!(found(&results("")), Ok(Some(Vec::new())));
    assert_eq!(found("<script>MetaMask and web3</script>"), Ok(None));
    let odd = results("<tr class=rowBackground1><td>24-10417</td><td>Wren</td></tr>");
    assert_eq!(found(&odd), Err(PageError::Bad("row of a case")));
}
