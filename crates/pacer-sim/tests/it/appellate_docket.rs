use std::sync::Arc;

use pacer_sim::{Case, Oddity, Stub};

use crate::harness::{Court, between, on_bill};

const COURTS: [&str; 14] = [
    "ca1", "ca2", "ca3", "ca4", "ca5", "ca6", "ca7", "ca8", "ca9", "ca10", "ca11", "cadc", "cafc",
    "cavc",
];

/// Everything that a docket can show.
const FULL: &str = "servlet=CaseSummary.jsp&fullDocketReport=Y&actionType=Run%2BDocket%2BReport&incDktEntries=Y\
                    &incOrigDkt=Y&incPrior=Y&incPanel=Y&incCaption=long&incPtyAty=Y&incAssoc=Y";

/// A docket that consists of what always is there.
const BARE: &str =
    "servlet=CaseSummary.jsp&fullDocketReport=Y&actionType=Run+Docket+Report&caseNum=20-90006";

fn case(court: &Court, at: &str, oddity: Oddity) -> Arc<Case> {
    court.simulator.world.case(&court.odd(at, oddity))
}

fn ordinary<'a>(court: &'a Court, at: &str) -> &'a Stub {
    let stubs = court.simulator.world.stubs(at);
    stubs
        .iter()
        .find(|stub| stub.oddity == Oddity::None)
        .unwrap()
}

/// Cells of the entries: date, number cell, text.
fn rows(page: &str) -> Vec<(&str, &str, &str)> {
    let section = page
        .split("NEW SECTION - DOCKET ENTRIES")
        .nth(1)
        .unwrap_or_default();
    section
        .split("<tr><td valign=top>")
        .skip(1)
        .map(|row| {
            let date = row.split("</td>").next().unwrap();
            let number = between(row, "NOWRAP>", "</td>");
            (date, number, between(row, "width=90% valign=top>", "</td>"))
        })
        .collect()
}

/// The digits that a number cell shows.
fn shown_number(cell: &str) -> Option<u32> {
    cell.split("&nbsp;").nth(1)?.trim().parse().ok()
}

#[tokio::test]
async fn every_court_of_appeals_sells_the_true_docket_by_its_number() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    for at in COURTS {
        let inside = format!("{}/{at}/", court.base);
        let case = court.simulator.world.case(ordinary(&court, at));
        let number = case.stub.docket_number();
        let query = format!("{FULL}&caseNum={number}");
        let page = reader
            .refer(&inside)
            .servlet(at, &query)
            .await
            .text()
            .await
            .unwrap();
        let text = page.replace("&amp;", "&");
        assert!(text.contains(&format!("</b>{number}</td>")), "{at}");
        assert!(text.contains(&format!("<tr><td>{}</td></tr>", case.title)));
        for party in &case.parties {
            assert!(text.contains(&format!("<td valign=top width=50%>{}<BR>", party.name)));
            assert!(text.contains(&party.role.replace(' ', "&nbsp;")));
            for line in party.attorneys.iter().flat_map(|one| &one.contact) {
                assert!(text.contains(&format!("<br>{line}")), "{at}: {line}");
            }
        }
        let origin = case.appeal.as_ref().unwrap().origin.as_ref().unwrap();
        assert!(
            text.contains(&format!("<B>District: </B>{} : ", origin.office))
                && text.contains(&origin.number)
        );
        let rows = rows(&page);
        assert_eq!(rows.len(), case.entries.len());
        for ((date, cell, text), entry) in rows.into_iter().zip(&case.entries) {
            assert_eq!(date, entry.filed.format("%m/%d/%Y").to_string());
            assert_eq!(shown_number(cell), entry.number);
            let prefix = &court.simulator.world.court(at).unwrap().prefix;
            match entry.sheets.first() {
                None => assert!(!cell.contains("docs1")),
                Some(sheet) => {
                    assert!(cell.contains(&format!("/docs1/{}\"", sheet.id(prefix, '0'))))
                }
            }
            let entered = entry.entered.format("[Entered: %m/%d/%Y ").to_string();
            assert!(text.starts_with(&entry.text) && text.contains(&entered));
        }
    }
    assert_eq!(court.sales(), COURTS.len());
}

#[tokio::test]
async fn five_courts_number_no_entries() {
    let court = Court::usual().await;
    let numbers = |at: &str| {
        let case = court.simulator.world.case(ordinary(&court, at));
        case.entries.iter().any(|entry| entry.number.is_some())
    };
    let without: Vec<&str> = COURTS.into_iter().filter(|at| !numbers(at)).collect();
    assert_eq!(without, ["ca5", "ca8", "ca10", "cadc", "cavc"]);
}

#[tokio::test]
async fn each_parameter_adds_its_section_and_no_other() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let sections = [
        ("incOrigDkt=Y", "NEW SECTION - Orig Court"),
        ("incPrior=Y", "NEW SUBSECTION - Prior Cases"),
        ("incAssoc=Y", "NEW SUBSECTION - Assoc Cases"),
        ("incPanel=Y", "NEW SECTION - Panel Assignment"),
        ("incPtyAty=Y", "NEW SECTION - Party/Aty List"),
        ("incCaption=long", "NEW SECTION - Case Caption"),
        ("incDktEntries=Y", "NEW SECTION - DOCKET ENTRIES"),
    ];
    let bare = reader.servlet("ca9", BARE).await;
    assert!(bare.contains("NEW SECTION - Case Stub"));
    for (asked, _) in sections {
        let page = reader.servlet("ca9", &format!("{BARE}&{asked}")).await;
        for (parameter, section) in sections {
            assert_eq!(
                page.contains(section),
                parameter == asked,
                "{asked}: {section}"
            );
        }
    }
    let no = reader.servlet("ca9", &format!("{BARE}&incPtyAty=N")).await;
    assert!(!no.contains("Party/Aty List"), "only Y is yes");
}

#[tokio::test]
async fn the_panel_and_the_related_cases_are_those_of_the_case() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let page = reader
        .servlet("ca1", &format!("{FULL}&caseNum=20-90006"))
        .await;
    let case = case(&court, "ca1", Oddity::Consolidated);
    let appeal = case.appeal.as_ref().unwrap();
    for judge in &appeal.panel.as_ref().unwrap().judges {
        assert!(between(&page, "Panel:</b>", "<BR>").contains(judge.as_str()));
    }
    for number in [&appeal.prior[0].number, &appeal.associated[1].number] {
        assert!(page.contains(&format!(">{number}</a>")));
    }
    let without = reader
        .servlet("ca1", &format!("{FULL}&caseNum=20-90005"))
        .await;
    let origin = between(&without, "Originating Court Information:", "</table>");
    assert!(origin.contains("None") && !origin.contains("District"));
}

#[tokio::test]
async fn dates_filter_by_the_day_of_filing_and_show_on_the_receipt() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let case = court.simulator.world.case(ordinary(&court, "ca7"));
    let number = case.stub.docket_number();
    let (from, to) = (case.entries[3].filed, case.entries[9].filed);
    let day = |day: chrono::NaiveDate| day.format("%m/%d/%Y").to_string();
    let query = format!(
        "{FULL}&caseNum={number}&dateFrom={}&dateTo={}",
        day(from),
        day(to)
    );
    let page = reader.servlet("ca7", &query).await;
    let expected = case
        .entries
        .iter()
        .filter(|entry| (from..=to).contains(&entry.filed));
    assert_eq!(rows(&page).len(), expected.count());
    assert_eq!(on_bill(&page, "Description:"), "Docket Report (filtered)");
    assert!(on_bill(&page, "Search Criteria:").starts_with(&format!("{number} Filed from ")));

    let nothing = format!("{FULL}&caseNum={number}&dateFrom=3/3/1999&dateTo=3/3/1999");
    let page = reader.servlet("ca7", &nothing).await;
    assert!(page.contains("<tr><td><b>No docket entries found.</b></td></tr>"));
    assert_eq!(
        on_bill(&page, "Search Criteria:"),
        format!("{number} Filed on 3/3/1999")
    );
    assert_eq!(court.sales(), 2);

    let reversed = format!("{FULL}&caseNum={number}&dateFrom=3/3/2020&dateTo=3/3/1999");
    let page = reader.servlet("ca7", &reversed).await;
    assert!(page.contains("name='DocketReportFilter'") && !page.contains("Billable Pages"));
    assert_eq!(court.sales(), 2);
}

#[tokio::test]
async fn a_docket_is_billed_by_its_text_and_written_down() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let stub = ordinary(&court, "ca9").clone();
    let number = stub.docket_number();
    let page = reader
        .servlet("ca9", &format!("{FULL}&caseNum={number}"))
        .await;
    let pages: u64 = on_bill(&page, "Billable Pages:").parse().unwrap();
    let body = page.split("<HR><CENTER>").next().unwrap();
    assert!(pages > 1 && body.len() as u64 > pages * 4320);
    assert_eq!(on_bill(&page, "Cost:"), format!("0.{pages}0"));
    assert!(page.contains("COLOR=DARKBLUE>U.S. Court of Appeals for the 9th Circuit - "));
    let ledger = court.admin("ledger").await;
    let sale = &ledger["sales"][0];
    assert_eq!(sale["court"], "ca9");
    assert_eq!(sale["description"], "Docket Report (full)");
    assert_eq!(sale["criteria"], number.as_str());
    assert_eq!(sale["cents"], pages * 10);
    assert_eq!(sale["item"]["kind"], "docket");
    assert_eq!(sale["item"]["pacer_case_id"], stub.id.to_string());
    assert_eq!(sale["item"]["docket_number"], number.as_str());
    assert_eq!(sale["item"]["filters"]["incPtyAty"], "Y");
    assert!(sale["item"]["filters"]["servlet"].is_null());

    let vast = reader
        .servlet("ca9", &format!("{FULL}&caseNum=20-90010"))
        .await;
    assert_eq!(rows(&vast).len(), 2000);
    assert_eq!(on_bill(&vast, "Cost:"), "3.00");
}

#[tokio::test]
async fn a_summary_shows_the_last_ten_entries_and_the_true_price_of_the_rest() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let number = ordinary(&court, "ca2").docket_number();
    let query = format!("servlet=CaseSummary.jsp&caseNum={number}&incOrigDkt=Y&incDktEntries=Y");
    let summary = reader.servlet("ca2", &query).await;
    let whole = reader
        .servlet("ca2", &format!("{FULL}&caseNum={number}"))
        .await;
    assert_eq!(on_bill(&summary, "Description:"), "Case Summary");
    assert_eq!(rows(&summary).len(), 10);
    assert_eq!(rows(&summary)[9].2, rows(&whole)[29].2);
    let offered = between(&summary, "you will be charged for ", " Pages");
    assert_eq!(offered, on_bill(&whole, "Billable Pages:"));
}

#[tokio::test]
async fn a_number_that_no_case_has_costs_a_page() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    for number in ["20-99999", "20-090006", "No.+20-90006"] {
        let page = reader
            .servlet("ca3", &format!("{FULL}&caseNum={number}"))
            .await;
        let shown = number.replace('+', " ");
        assert!(page.contains(&format!("<b>{shown} Case Number Not Found</b>")));
        assert_eq!(on_bill(&page, "Description:"), "Case Summary");
        assert_eq!(on_bill(&page, "Cost:"), "0.10");
    }
    assert_eq!(court.sales(), 3);
}

#[tokio::test]
async fn what_is_not_shown_is_not_billed() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let sealed = reader
        .servlet("ca3", &format!("{FULL}&caseNum=20-90001"))
        .await;
    assert!(sealed.contains("Case Under Seal") && sealed.contains("InvalidUserLogin.jsp"));
    let xml = format!("{FULL}&caseNum=20-90006&outputXML_TXT=XML&confirmCharge=y");
    assert!(
        reader
            .servlet("ca3", &xml)
            .await
            .contains("not available as XML")
    );
    assert_eq!(court.sales(), 0);
    let empty = reader
        .servlet("ca3", &format!("{FULL}&caseNum=20-90002"))
        .await;
    assert!(empty.contains("No docket entries found."));
    assert_eq!(court.sales(), 1, "an empty docket is a docket");
}

#[tokio::test]
async fn a_search_finds_cases_and_is_billed_even_if_it_does_not() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let form = reader.servlet("ca6", "servlet=CaseSearch.jsp").await;
    let token = between(&form, "name='CSRF' value='", "'");
    let case = case(&court, "ca6", Oddity::Consolidated);
    let search = async |number: &str| {
        let fields = [
            ("servlet", "CaseSelectionTable.jsp"),
            ("CSRF", token),
            ("csnum1", number),
        ];
        let response = reader
            .submit("/ca6/n/beam/servlet/TransportRoom", &fields)
            .await;
        response.text().await.unwrap()
    };
    let found = search("20-90006").await;
    let link = format!("servlet=CaseQuery.jsp&caseid={}", case.stub.id);
    assert!(found.contains(&link) && found.contains("servlet=CaseSummary.jsp&caseNum=20-90006"));
    assert!(search("20-99999").await.contains("No cases were found."));
    assert!(search("20-90001").await.contains("No cases were found."));
    assert_eq!(court.sales(), 3);

    let one = reader.servlet("ca6", &link).await;
    assert!(one.contains("servlet=DocketReportFilter.jsp&caseId="));
    let options = reader
        .servlet("ca6", "servlet=DocketReportFilter.jsp&caseNum=20-90006")
        .await;
    assert!(options.contains("value='Run Docket Report'") && options.contains("name='dateFrom'"));
    assert_eq!(court.sales(), 3, "a case's page and its options are free");
}
