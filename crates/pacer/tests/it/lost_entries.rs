//! Links to notices beside the numbers of entries, which whoever files with an account sees; and that
//! nothing that was paid for is ever called empty.

use pacer::page::{
    PageError, appellate_attachment_page, attachment_page, claims_activity, claims_register,
    docket, docket_history,
};

use crate::pages::{appeal_menu, claims_register as register, docket_with, history, menu};

const HEADING: &str = "CIVIL DOCKET FOR CASE #: 1:24-cv-00417-ABC";

/// The link of a filing user to the notice of an entry, as courts draw it.
fn notice(sequence: u32, drawn: &str) -> String {
    format!("<a href=\"/cgi-bin/DisplayReceipt.pl?998877,{sequence}\">{drawn}</a>")
}

const DRAWN: [&str; 3] = [
    "<span class='receiptLink'>view</span>",
    "<img src='/graphics/silverball.gif' width=14 height=14>",
    "View <b>NEF</b>",
];

fn document(number: u32, sequence: u32) -> String {
    format!(
        "<a href='https://ecf.mnd.uscourts.gov/doc1/10111000000{number}' \
         onClick=\"goDLS('/doc1/10111000000{number}','998877','{sequence}','','1','1','','','');\">{number}</a>"
    )
}

fn row(cell: &str) -> String {
    format!(
        "<tr><td>03/05/2024</td><td align=right><span>{cell}</span>&nbsp;</td><td>MOTION about a kettle.</td></tr>"
    )
}

fn entries(rows: &str, court: &str) -> Result<Vec<docket::DocketEntry>, PageError> {
    let page = docket_with(HEADING, "", rows);
    docket::parse(page.as_bytes(), court).map(|docket| docket.expect("it is one").docket_entries)
}

#[test]
fn number_and_ids_of_an_entry_are_those_of_its_document() {
    for drawn in DRAWN {
        let rows = [
            row(&(notice(8, drawn) + &document(1, 8))),
            row(&notice(11, drawn)),
            row(&(document(4, 14) + &notice(14, drawn))),
        ];
        for court in ["mnd", "cand", "flsb"] {
            let found = entries(&rows.concat(), court).expect("it can be read");
            let read: Vec<_> = found
                .iter()
                .map(|entry| {
                    (
                        entry.document_number.as_deref(),
                        entry.pacer_doc_id.as_deref(),
                        entry.pacer_seq_no.as_deref(),
                    )
                })
                .collect();
            let expected = [
                (Some("1"), Some("101010000001"), Some("8")),
                (None, None, None),
                (Some("4"), Some("101010000004"), Some("14")),
            ];
            assert_eq!(read, expected, "{drawn} at {court}");
        }
    }
}

#[test]
fn notices_do_not_spoil_a_column_of_numbers_and_texts() {
    let link = notice(8, DRAWN[0]);
    let rows = format!("<tr><td>03/05/2024</td><td>{link}&nbsp;7 (3 pgs) Motion.</td></tr>");
    let page = docket_with("", "", &rows);
    let docket = docket::parse(page.as_bytes(), "txnb").unwrap().unwrap();
    assert_eq!(docket.docket_entries[0].description, "Motion.");
}

#[test]
fn notices_do_not_spoil_histories_menus_and_registers() {
    for drawn in DRAWN {
        let link = notice(100, drawn);
        let page = history().replace("<td><a href='/doc1", &format!("<td>{link}<a href='/doc1"));
        assert_ne!(page, history());
        let found = docket_history::parse(page.as_bytes(), "cand");
        let plain = docket_history::parse(history().as_bytes(), "cand");
        assert_eq!(found, plain, "{drawn}");

        let page = menu().replace("<td><a href", &format!("<td>{link}<a href"));
        assert_ne!(page, menu());
        let found = attachment_page::parse(page.as_bytes(), "cand");
        assert_eq!(
            found,
            attachment_page::parse(menu().as_bytes(), "cand"),
            "{drawn}"
        );

        let page = register().replace(
            "<td><a href='/cgi-bin",
            &format!("<td>{link}<a href='/cgi-bin"),
        );
        assert_ne!(page, register());
        let found = claims_register::parse(page.as_bytes(), "nysb");
        let plain = claims_register::parse(register().as_bytes(), "nysb");
        assert_eq!(found, plain, "{drawn}");
    }
    let row = format!("<tr><td>{}</td></tr>", notice(1, DRAWN[0]));
    let page = appeal_menu().replacen("<tr>", &format!("{row}<tr>"), 1);
    let plain = appellate_attachment_page::parse(appeal_menu().as_bytes(), "ca9");
    assert_eq!(
        appellate_attachment_page::parse(page.as_bytes(), "ca9"),
        plain
    );
}

#[test]
fn entries_that_cannot_be_read_are_no_empty_docket() {
    let unread = Err(PageError::Unread("entries"));
    // Numbers that are none, in every row.
    assert_eq!(entries(&row("see below"), "cand"), unread);
    assert_eq!(entries(&row("doc").repeat(2), "nysb"), unread);
    // A heading that nobody knows.
    let page =
        docket_with(HEADING, "", &row(&document(1, 8))).replace("Docket Text", "What was filed");
    assert_eq!(
        docket::parse(page.as_bytes(), "cit"),
        Err(PageError::Unread("entries"))
    );
    // One that can be read is enough: courts number sealed entries with words.
    let found = entries(&(row("doc") + &row(&document(1, 8))), "cand").unwrap();
    assert_eq!(found.len(), 1);
}

#[test]
fn docket_without_entries_is_a_docket() {
    for rows in [
        "",
        "<tr></tr>",
        "<tr><td colspan=3>There are proceedings, but none satisfy the selection criteria.</td></tr>",
    ] {
        let page = docket_with(HEADING, "", rows);
        assert!(
            docket::parse(page.as_bytes(), "cand").unwrap().is_some(),
            "{rows}"
        );
    }
}

#[test]
fn parties_and_claims_that_cannot_be_read_are_not_none() {
    let parties = "<table><tr><td><b><u>Plaintiff</u></b></td></tr><tr><td><em>Orla Penhallow</em></td></tr></table>";
    let page = docket_with(HEADING, parties, "");
    assert_eq!(
        docket::parse(page.as_bytes(), "cand"),
        Err(PageError::Unread("parties"))
    );
    let headings = "<table><tr><td><b><u>Plaintiff</u></b></td></tr></table>";
    let page = docket_with(HEADING, headings, "");
    assert!(
        docket::parse(page.as_bytes(), "cand").unwrap().is_some(),
        "there is nobody"
    );

    let page = register().replace("complexReport", "claim");
    assert_eq!(
        claims_register::parse(page.as_bytes(), "nysb"),
        Err(PageError::Unread("claims"))
    );
    let page = crate::pages::claims_activity().replace("complexReport", "claim");
    assert_eq!(
        claims_activity::parse(page.as_bytes(), "nysb"),
        Err(PageError::Unread("claims"))
    );
    let page = history().replace("<th>Description</th>", "<th>Kind</th>");
    assert_eq!(
        docket_history::parse(page.as_bytes(), "cand"),
        Err(PageError::Unread("entries"))
    );
}

#[test]
fn number_is_read_whatever_is_written_around_it() {
    for (drawn, court) in [
        ("(1)", "cand"),
        ("#1", "mnd"),
        ("1.", "nysb"),
        ("[1]", "cit"),
        ("<b>1</b>", "flsb"),
    ] {
        let linked = document(1, 8).replace(">1</a>", &format!(">{drawn}</a>"));
        for cell in [linked.clone(), notice(8, DRAWN[0]) + &linked] {
            let found = entries(&row(&cell), court).expect("it can be read");
            assert_eq!(found[0].document_number.as_deref(), Some("1"), "{drawn}");
            let id = found[0].pacer_doc_id.as_deref();
            assert_eq!(id, Some("101010000001"), "{drawn} at {court}");
        }
    }
}

#[test]
fn number_that_is_none_is_not_told_and_its_document_is() {
    for (drawn, court) in [("3-1", "cand"), ("12A", "mnd"), ("1/2", "nysb")] {
        let rows = row(&document(1, 8).replace(">1</a>", &format!(">{drawn}</a>")));
        let found = entries(&(rows + &row(&document(2, 9))), court).expect("it can be read");
        assert_eq!(found.len(), 2, "{drawn}: an entry is lost");
        assert_eq!(found[0].document_number, None, "{drawn}");
        assert_eq!(found[0].pacer_doc_id.as_deref(), Some("101010000001"));
        assert_eq!(found[0].pacer_seq_no.as_deref(), Some("8"), "{drawn}");
    }
}

#[test]
fn remark_across_the_columns_is_no_entry() {
    for (words, court) in [
        (
            "There are proceedings for case 1:24-cv-00417 but none satisfy the selection criteria.",
            "cand",
        ),
        ("No docket entries found.", "nysb"),
        ("None.", "cit"),
    ] {
        for rows in [
            format!("<tr><td colspan=3>{words}</td></tr>"),
            format!("<tr><td>{words}</td><td></td><td></td></tr>"),
        ] {
            assert_eq!(entries(&rows, court), Ok(Vec::new()), "{words} at {court}");
            let both = rows + &row(&document(1, 8));
            assert_eq!(entries(&both, court).map(|found| found.len()), Ok(1));
        }
    }
}
