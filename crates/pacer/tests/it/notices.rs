//! Notices of filings: what they say, in each of their forms.

use chrono::NaiveDate;
use pacer::page::notice::{Notice, NoticeEntry, Recipient};
use pacer::page::{PageError, email, nef};
use serde_json::json;

/// A message of HTML.
pub fn message(subject: &str, html: &str) -> String {
    format!("Subject: {subject}\nContent-Type: text/html\n\n{html}")
}

/// The table of a case, with a link to its document.
fn table(name: &str, number: &str, case: u32, document: &str) -> String {
    format!(
        "<table><tr><td><strong>Case Name:</strong>\n</td><td>{name}</td></tr>\
         <tr><td><strong>Case Number:</strong></td>\
         <td><a href=https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?{case}>{number}</a></td></tr>\
         <tr><td><strong>Document Number:</strong></td><td>{document}</td></tr></table>"
    )
}

fn document(case: u32) -> String {
    format!(
        "<a href='https://ecf.cand.uscourts.gov/doc1/035155500001?caseid={case}&amp;de_seq_num=31&amp;magic_num=424242'>7</a>"
    )
}

/// A notice of a district court: tables, docket text, and what follows it.
pub fn district(tables: &str, after: &str) -> String {
    format!(
        "<p><strong>***NOTE***</strong></p><div>The following transaction was entered by Quill, Tamsin \
         on 3/6/2024 at 9:15 AM PST and filed\non 3/5/2024 <br>{tables}\
         <p><strong>Docket Text:</strong><br><font face='arial,helvetica' size=3><b>\
         MOTION for <i>more</i> kettles # (1) by Orla Penhallow (Quill, Tamsin)</b></font></p>{after}</div>"
    )
}

pub fn case_417() -> String {
    table(
        "Penhallow et al v. Nimbus Kettle Works",
        "1:24-cv-00417-ABC-DE",
        998_877,
        &document(998_877),
    )
}

fn read(message: &str, court: &str) -> Notice {
    email::parse(message.as_bytes(), court)
        .unwrap()
        .expect("it is a notice")
}

fn read_html(html: &str) -> Notice {
    nef::parse(html.as_bytes(), "cand")
        .unwrap()
        .expect("it is a notice")
}

fn first_entry(notice: &Notice) -> &NoticeEntry {
    let [entry] = &notice.dockets[0].docket_entries;
    entry
}

fn described(subject: &str, court: &str, html: &str) -> String {
    first_entry(&read(&message(subject, html), court))
        .short_description
        .clone()
}

#[test]
fn district_notice_is_read_whole() {
    let after = "<br><b>\n1:24-cv-00417-ABC-DE Notice has been electronically mailed to:\n</b><br>\
         <br>Tamsin    Quill , Jr &nbsp; &nbsp; tamsin@example.com, desk@example.com <br>\
         <b>1:24-cv-00417-ABC-DE Notice has been delivered by other means to:</b><br>\
         Nimbus Kettle Works<br><div><strong>Document description:</strong>Main Document \
         <strong>Document description:</strong>Exhibit</div>";
    let subject = "Activity in Case 1:24-cv-00417-ABC-DE Penhallow et al v. Nimbus\n Kettle Works Motion for Kettles";
    let notice = read(&message(subject, &district(&case_417(), after)), "cand");
    let expected = json!({
        "court_id": "cand",
        "appellate": false,
        "acms": false,
        "contains_attachments": true,
        "dockets": [{
            "case_name": "Penhallow v. Nimbus Kettle Works",
            "docket_number": "1:24-cv-00417",
            "federal_dn_office_code": "1",
            "federal_dn_case_type": "cv",
            "federal_dn_judge_initials_assigned": "ABC",
            "federal_dn_judge_initials_referred": "DE",
            "federal_defendant_number": null,
            "date_filed": null,
            "docket_entries": [{
                "date_filed": "2024-03-05",
                "description": "MOTION for more kettles (1) by Orla Penhallow (Quill, Tamsin)",
                "short_description": "Motion for Kettles",
                "document_number": "7",
                "document_url": "https://ecf.cand.uscourts.gov/doc1/035155500001?caseid=998877&de_seq_num=31&magic_num=424242",
                "pacer_doc_id": "035055500001",
                "pacer_case_id": "998877",
                "pacer_seq_no": "31",
                "pacer_magic_num": "424242",
            }],
        }],
        "email_recipients": [
            {"name": "Tamsin Quill Jr", "email_addresses": ["tamsin@example.com", "desk@example.com"]},
        ],
    });
    assert_eq!(serde_json::to_value(&notice).unwrap(), expected);
    assert_eq!(serde_json::from_value::<Notice>(expected).unwrap(), notice);
}

#[test]
fn notice_without_message_has_no_short_description() {
    let notice = read_html(&district(&case_417(), ""));
    assert_eq!(first_entry(&notice).short_description, "");
    assert_eq!(first_entry(&notice).pacer_seq_no.as_deref(), Some("31"));
    assert!(!notice.contains_attachments);
}

#[test]
fn every_case_of_a_notice_is_read() {
    let second = table("Orla Penhallow", "24-30774", 112_233, &document(112_233));
    let tables = table("Penhallow v. Vane", "24-03015-xyz", 445_566, "") + &second;
    let subject = "24-03015-xyz 24-30774 Orla Penhallow Complaint";
    let notice = read(&message(subject, &district(&tables, "")), "ctb");
    let numbers: Vec<_> = notice
        .dockets
        .iter()
        .map(|docket| {
            let [entry] = &docket.docket_entries;
            (
                docket.docket_number.as_deref(),
                entry.pacer_case_id.as_deref(),
                entry.document_number.as_deref(),
                entry.short_description.as_str(),
            )
        })
        .collect();
    assert_eq!(
        numbers,
        [
            (Some("24-03015"), Some("445566"), None, "Complaint"),
            (Some("24-30774"), Some("112233"), Some("7"), "Complaint"),
        ]
    );
}

#[test]
fn each_case_has_the_docket_text_after_its_table() {
    let first = district(&case_417(), "");
    let second = table("Quill v. Vane", "1:24-cv-00418", 1, "")
        + "<p><strong>Docket Text:</strong> ORDER about the other kettle</p>";
    let notice = read_html(&(first + &second));
    let texts: Vec<_> = notice
        .dockets
        .iter()
        .map(|docket| docket.docket_entries[0].description.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "MOTION for more kettles (1) by Orla Penhallow (Quill, Tamsin)",
            "ORDER about the other kettle"
        ]
    );
}

#[test]
fn docket_text_is_found_where_courts_and_programs_put_it() {
    let label = "<strong>Docket Text:</strong>";
    for (paragraph, expected) in [
        (
            format!("<p>{label}<font size=3><b>bold</b> not</font> own</p>"),
            "bold",
        ),
        (
            format!("<p>{label}<b><span>wrapped</span></b> own</p>"),
            "wrapped",
        ),
        (format!("<p>{label} its <i>not</i>own</p>"), "its own"),
        (
            format!(
                "<p>{label}<font>no</font><font face='arial,helvetica'>in <i>face</i></font></p>"
            ),
            "in face",
        ),
        (
            format!(
                "<p>{label}</p><font face='arial,helvetica'>in <font face='arial,helvetica'>a div</font></font>"
            ),
            "in a div",
        ),
    ] {
        let page = format!("filed on 3/5/2024 {}{paragraph}", case_417());
        assert_eq!(
            first_entry(&read_html(&page)).description,
            expected,
            "{paragraph}"
        );
    }
}

#[test]
fn notice_without_docket_text_or_date_is_refused() {
    let with = |end: &str| nef::parse(format!("{}{end}", case_417()).as_bytes(), "cand");
    let text = "<p><strong>Docket Text:</strong> ORDER</p>";
    assert!(with(&format!("filed on 3/5/2024{text}")).is_ok());
    assert_eq!(
        with("filed on 3/5/2024"),
        Err(PageError::Missing("docket text"))
    );
    assert_eq!(
        with("filed on 3/5/2024<p><strong>Docket Text:</strong> </p>"),
        Err(PageError::Missing("docket text"))
    );
    assert_eq!(
        with("filed on 3/5/2024<div><strong>Docket Text:</strong> ORDER</div>"),
        Err(PageError::Missing("docket text")),
        "the text must be in a paragraph"
    );
    assert_eq!(with(text), Err(PageError::Missing("date of filing")));
    assert_eq!(
        with(&format!("filed on 13/32/2024{text}")),
        Err(PageError::Bad("date of filing"))
    );
}

#[test]
fn document_number_is_told_from_remarks() {
    for (printed, expected) in [
        ("460(No document attached)", Some("460")),
        ("12 (sealed)", Some("12")),
        ("No document attached", None),
        ("(No document attached)", None),
        ("<a href='/doc1/0351'>doc</a>", None),
        (" ", None),
    ] {
        let page = district(&table("Orla v. Nimbus", "1:24-cv-00417", 5, printed), "");
        let notice = read_html(&page);
        assert_eq!(
            first_entry(&notice).document_number.as_deref(),
            expected,
            "{printed}"
        );
    }
}

#[test]
fn case_is_known_from_its_own_link_without_a_document() {
    for (case_link, expected) in [
        ("/cgi-bin/DktRpt.pl?998877", Some("998877")),
        (
            "/cgi-bin/iquery.pl?625371-L_9999_1-0-998877",
            Some("998877"),
        ),
        ("/cgi-bin/show_case_doc?caseid=998877&x", Some("998877")),
        ("/cgi-bin/DktRpt.pl", None),
        ("javascript:open(998877)", None),
    ] {
        let tables = case_417().replace(&document(998_877), "7").replace(
            "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?998877",
            case_link,
        );
        let notice = read_html(&district(&tables, ""));
        assert_eq!(
            first_entry(&notice).pacer_case_id.as_deref(),
            expected,
            "{case_link}"
        );
        assert_eq!(first_entry(&notice).document_url, None);
    }
}

#[test]
fn address_of_a_document_is_absolute() {
    for (href, expected) in [
        (
            "/doc1/0351?caseid=5#page",
            "https://ecf.cand.uscourts.gov/doc1/0351?caseid=5",
        ),
        ("doc1/0351", "https://ecf.cand.uscourts.gov/doc1/0351"),
        (
            "https://ecf.example.gov/../../doc1/0351",
            "https://ecf.example.gov/doc1/0351",
        ),
        (
            "https://ecf.example.gov?x=http://y/",
            "https://ecf.example.gov?x=http://y/",
        ),
        (
            "/doc1/0351?from=https://x/",
            "https://ecf.cand.uscourts.gov/doc1/0351?from=https://x/",
        ),
    ] {
        let link = format!("<a href='{href}'>7</a>");
        let page = district(&table("Orla v. Nimbus", "1:24-cv-00417", 5, &link), "");
        let notice = read_html(&page);
        assert_eq!(
            first_entry(&notice).document_url.as_deref(),
            Some(expected),
            "{href}"
        );
    }
}

#[test]
fn forwarded_notices_have_paragraphs_in_cells_and_tables_around() {
    let inner = table(
        "<p>Orla v. Nimbus</p>",
        "</a><p><a href='/cgi-bin/DktRpt.pl?5'>1:24-cv-00417</a></p><a>",
        5,
        "<p><a href='/doc1/0351'>9</a></p>",
    );
    let notice = read_html(&district(
        &format!("<table><tr><td>{inner}</td><td>a signature</td></tr></table>"),
        "",
    ));
    // The table around has the label as well, and the same cells are the first beside it.
    assert_eq!(notice.dockets.len(), 2);
    for docket in &notice.dockets {
        assert_eq!(docket.case_name, "Orla v. Nimbus");
        assert_eq!(docket.docket_number.as_deref(), Some("1:24-cv-00417"));
        assert_eq!(
            docket.docket_entries[0].document_number.as_deref(),
            Some("9")
        );
    }
}

#[test]
fn case_without_name_is_called_unknown() {
    let page = district(&table("", "1:24-cv-00417", 5, ""), "");
    assert_eq!(read_html(&page).dockets[0].case_name, "Unknown Case Title");
}

fn recipient(name: &str, addresses: &[&str]) -> Recipient {
    Recipient {
        name: name.to_owned(),
        email_addresses: addresses
            .iter()
            .map(|address| (*address).to_owned())
            .collect(),
    }
}

fn recipients(after: &str) -> Vec<Recipient> {
    read_html(&district(&case_417(), after)).email_recipients
}

#[test]
fn recipients_end_where_they_have_no_address() {
    assert_eq!(
        recipients(
            "<b>Notice has been electronically mailed to:</b> orla@example.com<br>Tamsin Quill\t&nbsp; \
             tamsin@example.com, b@example.com;c@example.com<br>Nobody At All"
        ),
        [
            recipient("", &["orla@example.com"]),
            recipient(
                "Tamsin Quill",
                &["tamsin@example.com", "b@example.com;c@example.com"]
            ),
        ]
    );
}

#[test]
fn addresses_may_be_links() {
    assert_eq!(
        recipients(
            "<p><b>1:24-cv-00417 Notice has been electronically mailed to:</b> Orla <a href='mailto:o@example.com'>o@example.com</a>, \
             <a href='mailto:p@example.com'>p@example.com</a> <b>1:24-cv-00417 Notice has NOT been mailed to</b> q@example.com</p>"
        ),
        [recipient("Orla", &["o@example.com", "p@example.com"])]
    );
}

#[test]
fn recipients_of_several_headings_are_read_once() {
    assert_eq!(
        recipients(
            "<b>Notice has been electronically mailed to:</b> Orla o@example.com \
             <b>Notice has been electronically mailed to:</b> Ines i@example.com"
        ),
        [
            recipient("Orla", &["o@example.com"]),
            recipient("Ines", &["i@example.com"])
        ]
    );
}

#[test]
fn bankruptcy_notices_announce_their_recipients() {
    assert_eq!(
        recipients("<b>24-3 Notice will be electronically mailed to:</b> Orla o@example.com"),
        [recipient("Orla", &["o@example.com"])]
    );
    assert_eq!(
        recipients("<b>Notice will not be electronically mailed to:</b> Orla o@example.com"),
        []
    );
}

#[test]
fn messages_about_something_else_are_told() {
    for words in [
        "Notice of Electronic\nClaims Filing",
        "join zoomgov meeting",
        "Modified Dkt text from",
        "This is an announcement e-mail message generated by Court action through the CM/ECF system.",
    ] {
        let page = format!("<p>{words}</p>{}", district(&case_417(), ""));
        assert_eq!(nef::parse(page.as_bytes(), "cand"), Ok(None), "{words}");
        assert_eq!(
            email::parse(message("x", &page).as_bytes(), "cand"),
            Ok(None),
            "{words}"
        );
    }
}

#[test]
fn district_subject_describes_after_the_name() {
    let page = district(&case_417(), "");
    let name = "Penhallow et al v. Nimbus Kettle Works";
    assert_eq!(
        described(&format!("Fwd: {name} Order on {name} Reply"), "cand", &page),
        "Reply"
    );
    assert_eq!(described("Something else", "cand", &page), "Something else");
}

#[test]
fn bankruptcy_subject_loses_names_numbers_and_chapters() {
    let page = district(
        &table("Orla Penhallow and Ines Corr", "24-30774-xyz", 5, ""),
        "",
    );
    for (subject, expected) in [
        (
            "Ch-7 24-30774-xyz Motion to Reopen - Orla Penhallow and",
            "Motion to Reopen",
        ),
        (
            "NEF: 24-30774 CH13 Affidavit Re: Orla Penhallow and Ines Corr",
            "Affidavit",
        ),
        ("24-30774 Re: Orla Penhallow Order ; ", "Order"),
        ("24-30774-xyz Hearing - CH - ", "Hearing"),
        ("24-30774-xyz Chapter 13 Plan", "Chapter 13 Plan"),
        (
            "Multiple Cases \"Close Adversary CASE\"",
            "Close Adversary CASE",
        ),
    ] {
        assert_eq!(described(subject, "ctb", &page), expected, "{subject}");
    }
    let hampshire = "24-30774-xyz Chapter 13 Orla Penhallow Chapter 13 Plan";
    assert_eq!(described(hampshire, "nhb", &page), "Chapter 13 Plan");
}

/// A notice of an appellate court.
pub fn appellate(tables: &str, label: &str) -> String {
    format!(
        "<p><strong>Notice of Docket Activity</strong><br>The following transaction was filed on 03/05/2024 {tables}\
         <p><strong>Docket Text:</strong><br>LETTER, [16], on behalf of Orla Penhallow, <i>FILED</i>. [24-417]<br>\
         <strong>Notice will be electronically mailed to:</strong><br>Ines Corr, -: ines@example.com, desk@example.com<br>\
         <a name=R1>Orla</a>: orla@example.com<br>\
         <strong>Document Description: </strong>{label}<br>"
    )
}

pub fn appellate_table() -> String {
    "<table><tr><td>Case Name:</td><td>Penhallow v. Nimbus Kettle Works<br></td></tr>\
     <tr><td>Case Number:&nbsp;</td><td><a href='https://ecf.ca9.uscourts.gov/n/beam/servlet/TransportRoom?servlet=Docket.jsp&caseId=5512'>24-417</a></td></tr>\
     <tr><td>Document(s):</td><td><a href='https://ecf.ca9.uscourts.gov/docs1/00918721516?uid=b775e9'>Document(s)</a></td></tr></table>"
        .to_owned()
}

#[test]
fn appellate_notice_is_read_whole() {
    let page = appellate(&appellate_table(), "A_letter_of_some_length");
    let subject = "24-417 Penhallow v. Nimbus Kettle Works \"Letter FILED\"";
    let notice = read(&message(subject, &page), "ca9");
    let expected = json!({
        "court_id": "ca9",
        "appellate": true,
        "acms": false,
        "contains_attachments": false,
        "dockets": [{
            "case_name": "Penhallow v. Nimbus Kettle Works",
            "docket_number": "24-417",
            "federal_dn_office_code": null,
            "federal_dn_case_type": null,
            "federal_dn_judge_initials_assigned": null,
            "federal_dn_judge_initials_referred": null,
            "federal_defendant_number": null,
            "date_filed": null,
            "docket_entries": [{
                "date_filed": "2024-03-05",
                "description": "LETTER, [16], on behalf of Orla Penhallow, FILED. [24-417]",
                "short_description": "A letter of some length",
                "document_number": null,
                "document_url": "https://ecf.ca9.uscourts.gov/docs1/00918721516?uid=b775e9",
                "pacer_doc_id": "00908721516",
                "pacer_case_id": "5512",
                "pacer_seq_no": null,
                "pacer_magic_num": "b775e9",
            }],
        }],
        "email_recipients": [
            {"name": "Ines Corr, -:", "email_addresses": ["ines@example.com", "desk@example.com"]},
            {"name": ":", "email_addresses": ["orla@example.com"]},
        ],
    });
    assert_eq!(serde_json::to_value(&notice).unwrap(), expected);
}

#[test]
fn appellate_filing_is_described_by_what_says_more() {
    let quoted = "24-417 Penhallow v. Nimbus Kettle Works \"Letter FILED\" and \"more\"";
    for (subject, label, expected) in [
        (quoted, "Letter", "Letter FILED"),
        (quoted, "Letter SENT_", "Letter FILED"),
        (quoted, "Letter SENT_now", "Letter SENT now"),
        (
            "24-417 Penhallow v. Nimbus Kettle Works \"Order",
            "Main document",
            "",
        ),
        (
            "\"before\" Penhallow v. Nimbus Kettle Works Order",
            "Main_document",
            "",
        ),
    ] {
        let page = appellate(&appellate_table(), label);
        assert_eq!(
            described(subject, "ca9", &page),
            expected,
            "{subject} {label}"
        );
    }
}

#[test]
fn appellate_notice_of_several_cases_is_refused() {
    let page = appellate(&(appellate_table() + &appellate_table()), "");
    assert_eq!(
        nef::parse(page.as_bytes(), "ca9"),
        Err(PageError::Bad("number of cases for its form"))
    );
}

/// A notice of ACMS, with its document's place and docket text.
pub fn acms(document: &str, text: &str) -> String {
    format!(
        "<div><strong>Notice of Docket Activity</strong></div><div>It was filed on 07/25/2024</div>\
         <div><span><strong><span>Case Name:&nbsp;</span></strong><span>Orla Penhallow, et al. v. Vane&nbsp;</span></span></div>\
         <div><span><strong>Case Number: </strong><span><a href='https://ca9-showdoc.example/24-2883'>24-2883</a></span></span></div>\
         <div><span><strong>Docket Text:</strong></span></div><div>&nbsp;</div><div><span>{text}</span></div>\
         <div>{document}</div>"
    )
}

#[test]
fn acms_notice_is_read_from_its_blocks_and_subject() {
    let link =
        "<div><b>Document:</b> <a href='https://ca9-showdoc.example/NDA/e663-b724'>Brief</a></div>";
    let page = acms(link, "<div><strong>BRIEF</strong> by Orla Penhallow.</div>");
    let subject = "Orla Penhallow, et al. v. Vane 24-2883 - 030 - Reply Brief - 490133";
    let notice = read(&message(subject, &page), "ca9");
    assert!(notice.appellate && notice.acms);
    assert_eq!(notice.dockets[0].case_name, "Orla Penhallow v. Vane");
    assert_eq!(notice.dockets[0].docket_number.as_deref(), Some("24-2883"));
    assert_eq!(
        first_entry(&notice),
        &NoticeEntry {
            date_filed: NaiveDate::from_ymd_opt(2024, 7, 25).unwrap(),
            description: "BRIEF by Orla Penhallow.".to_owned(),
            short_description: "Reply Brief".to_owned(),
            document_number: Some("30".to_owned()),
            document_url: Some("https://ca9-showdoc.example/NDA/e663-b724".to_owned()),
            pacer_doc_id: None,
            pacer_case_id: None,
            pacer_seq_no: None,
            pacer_magic_num: Some("e663-b724".to_owned()),
        }
    );
}

#[test]
fn key_of_an_acms_document_ends_with_its_part_of_the_address() {
    let link =
        "<div><b>Document:</b> <a href='https://ca9.example/NDA/e663-b724/30'>Brief</a></div>";
    let notice = read(
        &message("Orla 24-2883 - Brief", &acms(link, "BRIEF")),
        "ca9",
    );
    let key = first_entry(&notice).pacer_magic_num.as_deref();
    assert_eq!(key, Some("e663-b724"));
}

#[test]
fn acms_subject_may_lack_the_document_number() {
    for (subject, description, number) in [
        (
            "Orla Penhallow, et al. v. Vane 24-2883 - Order",
            "Order",
            None,
        ),
        (
            "Orla Penhallow, et al. v. Vane 24-2883-7-Order",
            "Order",
            Some("7"),
        ),
        (
            "Orla Penhallow, et al. v. Vane 24-2883 - 2 Orders",
            "2 Orders",
            None,
        ),
        ("Order", "", None),
    ] {
        let notice = read(&message(subject, &acms("", "ORDER")), "ca9");
        let entry = first_entry(&notice);
        assert_eq!(entry.short_description, description, "{subject}");
        assert_eq!(entry.document_number.as_deref(), number, "{subject}");
    }
}

pub fn plain(case: &str, end: &str) -> String {
    format!(
        "Subject: Activity in Case 1:24-cv-00417-ABC Penhallow v. Nimbus Order\nContent-Type: text/plain\n\n\
         Notice of Electronic Filing\nThe following transaction was entered on 3/6/2024 9:15 AM and filed\non 3/5/2024\n\n\
         {case}Copy the URL address from the line below into the location bar\nof your Web browser to view the document:\n\
         https://ecf.cand.uscourts.gov/doc1/035155500001?caseid=998877&de_seq_num=31&magic_num=424242\n\n\
         Docket Text:\n<b>ORDER about\nthe kettle</b> (Quill, Tamsin)\n\n{end}"
    )
}

pub const PLAIN_CASE: &str = "Case Name: Penhallow v. Nimbus\nCase Number: 1:24-cv-00417-ABC https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?445566\n\
     Document Number: 7\n";

#[test]
fn plain_notice_is_read_by_its_lines() {
    let end = "1:24-cv-00417 Notice has been electronically mailed to:\nOrla Penhallow\n  orla@example.com, desk@example.com\n\n\
         Ines Corr\nines@example.com\n\n1:24-cv-00417 Notice will be delivered by other means to:\nNobody\nno@example.com\n";
    let notice = read(&plain(PLAIN_CASE, end), "cand");
    let docket = &notice.dockets[0];
    assert_eq!(docket.case_name, "Penhallow v. Nimbus");
    assert_eq!(docket.docket_number.as_deref(), Some("1:24-cv-00417"));
    assert_eq!(
        docket
            .docket_number_parts
            .federal_dn_judge_initials_assigned
            .as_deref(),
        Some("ABC")
    );
    let entry = first_entry(&notice);
    assert_eq!(entry.description, "ORDER about the kettle (Quill, Tamsin)");
    assert_eq!(entry.short_description, "Order");
    assert_eq!(entry.document_number.as_deref(), Some("7"));
    assert_eq!(entry.pacer_doc_id.as_deref(), Some("035055500001"));
    assert_eq!(entry.pacer_case_id.as_deref(), Some("998877"));
    assert_eq!(
        notice.email_recipients,
        [
            recipient("Orla Penhallow", &["orla@example.com", "desk@example.com"]),
            recipient("Ines Corr", &["ines@example.com"]),
        ]
    );
}

#[test]
fn plain_text_entry_has_no_document() {
    let url = "https://ecf.cand.uscourts.gov/doc1/035155500001?caseid=998877&de_seq_num=31&magic_num=424242";
    let message =
        plain(&PLAIN_CASE.replace(": 7", ": doc"), "").replace(url, "7(No document attached)");
    let notice = read(&message, "cand");
    let entry = first_entry(&notice);
    assert_eq!(
        (&entry.document_url, &entry.document_number),
        (&None, &None)
    );
    assert_eq!(
        entry.pacer_case_id.as_deref(),
        Some("445566"),
        "of the case's line"
    );
}

#[test]
fn plain_notice_lists_its_documents_before_its_recipients() {
    let documents = "The following document(s) are associated with this transaction:\nDocument description: Main Document\n\
         Document description: Exhibit\n\nNotice will be electronically mailed to:\n";
    let notice = read(&plain(PLAIN_CASE, documents), "cand");
    assert!(notice.contains_attachments);
    assert_eq!(
        first_entry(&notice).description,
        "ORDER about the kettle (Quill, Tamsin)"
    );
    let one = documents.replace("Document description: Exhibit", "Exhibit");
    assert!(!read(&plain(PLAIN_CASE, &one), "cand").contains_attachments);
}
