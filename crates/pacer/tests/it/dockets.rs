//! Rules of docket reports, on pages of our own.

use chrono::NaiveDate;
use pacer::page::docket::{CountStatus, Docket, OrderedBy, parse};

use crate::pages::{district_docket, docket_with, entry};

fn read(page: &str, court: &str) -> Docket {
    parse(page.as_bytes(), court)
        .expect("the page can be read")
        .expect("the page is a docket")
}

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

#[test]
fn header_tells_about_the_case() {
    let docket = read(&district_docket(), "cand");
    assert_eq!(docket.docket_number.as_deref(), Some("1:24-cv-00417"));
    let parts = &docket.docket_number_parts;
    assert_eq!(parts.federal_dn_office_code.as_deref(), Some("1"));
    assert_eq!(
        parts.federal_dn_judge_initials_assigned.as_deref(),
        Some("ABC")
    );
    assert_eq!(
        parts.federal_dn_judge_initials_referred.as_deref(),
        Some("DE")
    );
    assert_eq!(docket.case_name, "Penhallow v. Nimbus Kettle Works");
    assert_eq!(docket.assigned_to_str, "Rosalind M. Ferrant");
    assert_eq!(docket.date_filed, day(2024, 3, 5));
    assert_eq!(docket.cause, "28:1332 Diversity");
    assert_eq!(docket.nature_of_suit, "190 Contract: Other");
    assert_eq!(docket.ordered_by, Some(OrderedBy::DateFiled));
}

#[test]
fn parties_come_with_their_attorneys() {
    let docket = read(&district_docket(), "cand");
    let [plaintiff, defendant] = &docket.parties[..] else {
        panic!("there are two parties")
    };
    assert_eq!(
        (plaintiff.party_type.as_str(), defendant.party_type.as_str()),
        ("Plaintiff", "Defendant")
    );
    assert_eq!(plaintiff.extra_info, "individually");
    assert_eq!(defendant.date_terminated, day(2024, 4, 1));
    let address = "Quill & Vane LLP\n1 Harbour Row\n";
    let attorney = &plaintiff.attorneys.as_ref().unwrap()[0];
    assert_eq!(
        (attorney.name.as_str(), attorney.contact.as_str()),
        ("Tamsin Quill", address)
    );
    assert_eq!(attorney.roles, ["LEAD ATTORNEY"], "a bar status is no role");
    assert_eq!(
        defendant.attorneys.as_ref().unwrap()[0].contact,
        address,
        "seen above"
    );
}

#[test]
fn entries_come_with_canonical_documents() {
    let docket = read(&district_docket(), "cand");
    let [complaint, summons, minutes] = &docket.docket_entries[..] else {
        panic!("there are three")
    };
    assert_eq!(complaint.document_number.as_deref(), Some("1"));
    assert_eq!(complaint.pacer_doc_id.as_deref(), Some("0350123451"));
    assert_eq!(complaint.pacer_seq_no.as_deref(), Some("100"));
    assert_eq!(complaint.date_entered, day(2024, 3, 6));
    assert_eq!(summons.description, "SUMMONS Issued, returned.");
    assert_eq!(summons.date_entered, None);
    assert_eq!(
        (
            &minutes.document_number,
            &minutes.pacer_doc_id,
            &minutes.pacer_seq_no
        ),
        (&None, &None, &None)
    );
}

#[test]
fn entries_numbered_with_words_are_dropped() {
    let entries =
        entry("03/05/2024", "doc", "1", "Sealed.") + &entry("03/06/2024", "2", "2", "Kept.");
    let docket = read(
        &docket_with("CIVIL DOCKET FOR CASE #: 1:24-cv-00417", "", &entries),
        "cand",
    );
    assert_eq!(docket.docket_entries.len(), 1);
    assert_eq!(docket.docket_entries[0].description, "Kept.");
}

#[test]
fn digits_that_begin_a_merged_text_stay_in_it() {
    let texts = [
        ("7 (3 pgs; 2 docs) Motion.", "Motion."),
        ("7 (3 pgs) Motion.", "Motion."),
        ("7 Motion.", "Motion."),
        ("Motion.", "Motion."),
        ("1st Motion.", "1st Motion."),
        ("7", "7"),
        ("7 (3 pgs)", "(3 pgs)"),
        ("7 (1 pg) Motion.", "(1 pg) Motion."),
    ];
    for (text, expected) in texts {
        let row = format!("<tr><td>03/05/2024</td><td>&nbsp;{text}</td></tr>");
        let page = docket_with("", "", &row);
        let docket = read(&page, "txnb");
        assert_eq!(docket.docket_entries[0].description, expected, "{text}");
    }
}

#[test]
fn elements_without_meaning_do_not_interrupt_text() {
    let page = district_docket()
        .replace(
            "Jury Demand: Plaintiff",
            "Jury <nobr>Demand</nobr>: <label>Plain</label>tiff",
        )
        .replace(
            "<td>03/05/2024",
            "<td><label><input type=checkbox></label></td><td>03/05/2024",
        );
    let docket = read(&page, "cand");
    assert_eq!(docket.jury_demand, "Plaintiff");
    assert_eq!(docket.docket_entries.len(), 3);
}

#[test]
fn white_space_of_attachments_is_squeezed() {
    let menu = "<tr><td></td><td></td><td><table><tr><td>1</td><td> Kettle\n  plan , old</td><td>\
                <input name='x_y_9' value='77-500-2'></td><td>0.5\n KB</td></tr></table></td></tr>";
    let entries = entry("03/05/2024", "1", "9", "MOTION.") + menu;
    let page = docket_with("CIVIL DOCKET FOR CASE #: 1:24-cv-00417", "", &entries)
        + "<form name='view_multi_docs'></form>";
    let docket = read(&page, "cand");
    let attachments = docket.docket_entries[0].attachments.as_ref().unwrap();
    assert_eq!(attachments[0].description, "Kettle plan, old");
    assert_eq!(attachments[0].file_size_str, "0.5 KB");
}

#[test]
fn long_docket_goes_on_in_tables_without_header() {
    let entries = format!(
        "{}</table><table>{}",
        entry("03/05/2024", "1", "1", "One."),
        entry("03/06/2024", "2", "2", "Two.")
    );
    let docket = read(
        &docket_with("CIVIL DOCKET FOR CASE #: 1:24-cv-00417", "", &entries),
        "cand",
    );
    assert_eq!(docket.docket_entries.len(), 2);
}

#[test]
fn counts_follow_their_defendant() {
    let parties = "<table>\
        <tr><td><b><u>Defendant (1)</u></b></td></tr>\
        <tr><td><b>Jory Blackwood</b></td><td>represented by</td><td><b>Ines Corr</b><br>Pier 9</td></tr>\
        <tr><td><b><u>Pending Counts</u></b></td><td></td><td><b><u>Disposition</u></b></td></tr>\
        <tr><td>18:1343 WIRE FRAUD<br>(1)</td><td></td><td>Twelve months</td></tr>\
        <tr><td><b><u>Highest Offense Level (Opening)</u></b></td></tr><tr><td>Felony</td></tr>\
        <tr><td><b><u>Terminated Counts</u></b></td><td></td><td><b><u>Disposition</u></b></td></tr>\
        <tr><td>None</td></tr>\
        <tr><td><b><u>Plaintiff</u></b></td></tr>\
        <tr><td><b>USA</b></td><td>represented by</td><td><b>Ada Finch</b><br>Room 3</td></tr></table>";
    let docket = read(
        &docket_with("CRIMINAL DOCKET FOR CASE #: 1:24-cr-00009", parties, ""),
        "cand",
    );
    let data = docket.parties[0]
        .criminal_data
        .as_ref()
        .expect("the defendant has counts");
    assert_eq!(data.highest_offense_level_opening, "Felony");
    assert_eq!(data.counts.len(), 1);
    assert_eq!(data.counts[0].name, "18:1343 WIRE FRAUD(1)");
    assert_eq!(
        (data.counts[0].disposition.as_str(), data.counts[0].status),
        ("Twelve months", CountStatus::Pending)
    );
    assert!(
        docket
            .parties
            .iter()
            .all(|party| party.name != "USA" || party.criminal_data.is_none())
    );
}

#[test]
fn bankruptcy_is_named_after_its_debtor() {
    let page = "<center><font>U.S. Bankruptcy Court<br>Bankruptcy Petition #: 24-10417-abc</font></center>\
        <table><tr><td>Date filed: 03/05/24<br>Debtor discharged: 07/01/24</td></tr></table>\
        <table><tr><td><i><b>Debtor 1</b></i><br><b>Wren Hollow Mills, et al.</b><br>PO Box 4</td>\
        <td>represented by</td><td><b>Ines Corr</b><br>Pier 9</td></tr></table>";
    let docket = read(page, "nysb");
    assert_eq!(docket.case_name, "Wren Hollow Mills, et al.");
    assert_eq!(docket.docket_number.as_deref(), Some("24-10417"));
    assert_eq!(
        docket
            .docket_number_parts
            .federal_dn_judge_initials_assigned
            .as_deref(),
        Some("abc")
    );
    assert_eq!(docket.date_discharged, day(2024, 7, 1));
    assert_eq!(docket.parties[0].party_type, "Debtor");
}

#[test]
fn error_page_is_no_docket() {
    for text in [
        "Case   not\nfound.",
        "There are no documents in this case.",
        "The case type was bk but it must be cv",
    ] {
        let page = format!("<table><tr><td>Date Filed: 03/05/2024</td></tr></table>{text}");
        assert_eq!(parse(page.as_bytes(), "cand"), Ok(None), "{text}");
    }
    assert_eq!(parse(b"<p>nothing", "cand"), Ok(None));
}

#[test]
fn page_in_latin_1_reads_the_same() {
    let page = district_docket().replace("Orla", "Zo\u{eb}");
    let latin: Vec<u8> = page.chars().map(|letter| letter as u8).collect();
    assert_eq!(parse(&latin, "cand"), parse(page.as_bytes(), "cand"));
    assert_eq!(read(&page, "cand").parties[0].name, "Zo\u{eb} Penhallow");
    let dos = district_docket().replace("</tr>", "</tr>\r\n");
    assert_eq!(
        parse(dos.as_bytes(), "cand"),
        parse(district_docket().as_bytes(), "cand")
    );
}
