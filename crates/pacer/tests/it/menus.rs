//! Attachment menus, price pages and receipts.

use chrono::NaiveDate;
use pacer::page::{PageError, attachment_page, confirmation_page, receipt};

use crate::pages::{district_docket, menu, price_page};

#[test]
fn menu_lists_the_main_document_and_its_attachments() {
    let page = attachment_page::parse(menu().as_bytes(), "cand")
        .unwrap()
        .expect("it is a menu");
    assert_eq!(page.document_number, Some(7));
    assert_eq!(page.pacer_doc_id.as_deref(), Some("035055500001"));
    assert_eq!(
        (page.pacer_case_id.as_deref(), page.pacer_seq_no.as_deref()),
        (Some("998877"), Some("31"))
    );
    assert_eq!(
        (page.page_count, page.file_size_bytes),
        (Some(2), Some(90_555))
    );
    let [exhibit, restricted] = &page.attachments[..] else {
        panic!("there are two attachments")
    };
    assert_eq!(
        (exhibit.attachment_number, exhibit.description.as_str()),
        (Some(1), "Exhibit A: Kettle")
    );
    assert_eq!(
        (exhibit.page_count, exhibit.file_size_str.as_str()),
        (Some(3), "1.0 KB")
    );
    assert_eq!(restricted.attachment_number, Some(2));
    assert_eq!(
        (restricted.page_count, restricted.file_size_str.as_str()),
        (None, "")
    );
    assert_eq!(
        restricted.pacer_seq_no.as_deref(),
        Some("31"),
        "the buttons know the entry"
    );
}

#[test]
fn pages_and_numbers_are_texts_of_their_own_cells_and_links() {
    let row = |number: &str, pages: &str| {
        format!("<tr><td>{number}</td><td>Exhibit</td><td>{pages}</td><td>9 kb</td></tr>")
    };
    let page = format!(
        "<table>{}{}{}</table><input onclick=\"x('?ARR_DE_SEQ_NUMS=31')\">",
        row("<a href='/doc1/0351550001'>Main</a>", "2 <b>pages</b>"),
        row(
            "<a href='/doc1/0351550002'><img></a><a href='x'>4</a>",
            "<b>3 pages</b>"
        ),
        row(
            "<a href='/doc1/0351550003'>5<b>a</b></a>",
            "Two, or 3 pages"
        ),
    );
    let page = attachment_page::parse(page.as_bytes(), "cand")
        .unwrap()
        .unwrap();
    assert_eq!(page.page_count, Some(2));
    assert_eq!(page.pacer_seq_no.as_deref(), Some("31"));
    let found: Vec<_> = page
        .attachments
        .iter()
        .map(|attachment| (attachment.attachment_number, attachment.page_count))
        .collect();
    assert_eq!(found, [(Some(4), None), (Some(5), None)]);
}

#[test]
fn courts_that_count_the_main_document_are_corrected() {
    let row = |serial: u64| {
        format!(
            "<table><tr><td><a href='/doc1/0791{serial}'>1</a></td></tr><tr><td><a href='/doc1/0791{serial}'>2</a></td></tr></table>"
        )
    };
    let number = |page: &str, court: &str| {
        attachment_page::parse(page.as_bytes(), court)
            .unwrap()
            .unwrap()
            .attachments[0]
            .attachment_number
    };
    // The prefix 083 is Western Kentucky, which stopped with document 1738484.
    let kentucky = |serial: u64| row(serial).replace("0791", "0831");
    assert_eq!(number(&kentucky(1_738_484), "kywd"), Some(1));
    assert_eq!(number(&kentucky(1_738_485), "kywd"), Some(2));
    assert_eq!(
        number(&row(9_999_999), "kyeb"),
        Some(1),
        "all bankruptcy courts"
    );
}

#[test]
fn page_without_links_is_no_menu() {
    assert_eq!(
        attachment_page::parse(b"<table><tr><td>1</td></tr></table>", "cand"),
        Ok(None)
    );
}

#[test]
fn receipt_is_read_from_any_page() {
    let found = receipt::read(district_docket().as_bytes()).expect("the docket was billed");
    assert_eq!(
        found.time,
        NaiveDate::from_ymd_opt(2026, 11, 2)
            .unwrap()
            .and_hms_opt(9, 15, 42)
    );
    assert_eq!(found.pacer_login.as_deref(), Some("example-login"));
    assert_eq!(found.client_code.as_deref(), Some("kettle-7"));
    assert_eq!(found.description.as_deref(), Some("Docket Report"));
    assert_eq!(
        found.search_criteria.as_deref(),
        Some("1:24-cv-00417-ABC-DE")
    );
    assert_eq!(
        (found.billable_pages, found.cost_cents),
        (Some(12), Some(120))
    );
    assert_eq!(receipt::read(menu().as_bytes()), None);
}

#[test]
fn times_of_receipts_come_in_three_forms() {
    for printed in [
        "Mon Nov  2 09:15:42 2026",
        "Mon Nov 2 09:15:42 PST 2026",
        "Tenth Circuit - Appellate - 11/02/2026 09:15:42",
    ] {
        let page = district_docket().replace("11/02/2026 09:15:42", printed);
        let found = receipt::read(page.as_bytes()).unwrap();
        assert_eq!(
            found.time,
            NaiveDate::from_ymd_opt(2026, 11, 2)
                .unwrap()
                .and_hms_opt(9, 15, 42),
            "{printed}"
        );
    }
}

#[test]
fn price_page_tells_the_price() {
    let page = price_page().replace("Search Criteria:", "Case Number:");
    let found = confirmation_page::parse(page.as_bytes(), "cand")
        .unwrap()
        .expect("it has a receipt");
    assert_eq!(found.cost.as_deref(), Some("1.20"));
    assert_eq!(found.docket_number.as_deref(), Some("1:24-cv-00417-ABC-DE"));
    assert_eq!(found.billable_pages.as_deref(), Some("12"));
    assert_eq!(
        confirmation_page::parse(b"<p>You do not have permission", "cand"),
        Ok(None)
    );
}

#[test]
fn exempt_accounts_are_told() {
    assert!(
        !receipt::read(district_docket().as_bytes())
            .unwrap()
            .is_exempt
    );
    let flag = "<tr><th><font>Exempt flag:</font></th><td><font>Exempt</font></td></tr></table></center></div>";
    let page = district_docket().replace("</table></center></div>", flag);
    let found = receipt::read(page.as_bytes()).unwrap();
    assert_eq!((found.is_exempt, found.cost_cents), (true, Some(120)));
}

#[test]
fn links_that_lead_to_no_document_make_no_menu() {
    let other =
        "<table><tr><td><a href='https://pacer.uscourts.gov'>Register</a></td></tr></table>";
    for court in ["cand", "nysb", "flsd"] {
        let login = format!("<form name=GetPass action='/cgi-bin/login.pl'>{other}</form>");
        assert_eq!(attachment_page::parse(login.as_bytes(), court), Ok(None));
        // A menu with nothing to choose that can be read is kept, and not taken for an empty one.
        let menu = format!("<b>Document Selection Menu</b>{other}");
        assert_eq!(
            attachment_page::parse(menu.as_bytes(), court),
            Err(PageError::Unread("documents"))
        );
    }
}

#[test]
fn price_page_of_which_nothing_can_be_read_is_no_price_of_nothing() {
    let page = "<table><tr><th><font>Transaction Receipt</font></th></tr></table>";
    for court in ["cand", "nysb", "ca9"] {
        assert_eq!(
            confirmation_page::parse(page.as_bytes(), court),
            Err(PageError::Unread("lines of a receipt"))
        );
    }
}
