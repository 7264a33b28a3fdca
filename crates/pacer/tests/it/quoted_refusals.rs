//! Pages that quote the words by which refusals are told. What has the parts of its kind is of it,
//! whatever its words; what has not, is refused as before.

use pacer::page::answer::{Answer, CourtPage, appeal_page, docket_page, menu_page};
use pacer::page::{
    appellate_docket, attachment_page, case_query, claims_activity, claims_register,
    confirmation_page, docket, docket_history, list_of_creditors, nef,
};

use crate::notices::{case_417, district};
use crate::pages::{self, appeal, district_docket, docket_with, entry, history};

/// What refuses a docket, in a sentence that a clerk may write into one.
const DOCKET_WORDS: [&str; 18] = [
    "The report may take a long time to run because this case has many docket entries",
    "The page ID does not exist. Please enter a valid page ID number.",
    "There are no documents in this case.",
    "Incomplete request. Please try your query again by choosing the Query or Reports option",
    "To accept charges shown below, click on the 'View Report' button",
    "*** This case was administratively closed.***",
    "The start date must be less than or equal to the end date",
    "The starting document number must be less than or equal to the ending document number",
    "Case not found.",
    "Either you do not have permission to view the document, or the document does not exist in the case.",
    "Format: text",
    "Server timeout waiting for the HTTP request from the client.",
    "The case type was mj but it must be cr",
    "This case is in the process of being opened, please check back later for additional information.",
    "Submission already made, please wait for response from server",
    "There are proceedings for case 1 but none satisfy the selection criteria",
    "No docket entries found.",
    "MetaMask and web3, by console.log(\"CloudMask\"), and Drumpf",
];

#[test]
fn docket_that_quotes_a_refusal_is_a_docket() {
    for words in DOCKET_WORDS {
        for (court, heading) in [
            ("txsd", "CRIMINAL DOCKET FOR CASE #: 2:24-cr-00606-1"),
            ("cand", "CIVIL DOCKET FOR CASE #: 3:24-cv-00606"),
        ] {
            let rows = entry("03/05/2024", "1", "2", "COMPLAINT.")
                + &entry(
                    "03/06/2024",
                    "2",
                    "5",
                    &format!("RETURN. They answered: {words}"),
                );
            let page = docket_with(heading, "", &rows);
            let found = docket::parse(page.as_bytes(), court).unwrap();
            assert_eq!(
                found.map(|docket| docket.docket_entries.len()),
                Some(2),
                "{words}"
            );
            assert_eq!(
                docket_page(page.as_bytes()),
                CourtPage::Is(Answer::Docket),
                "{words}"
            );
        }
        let bankruptcy = "<center><font>Bankruptcy Petition #: 24-10417-abc</font></center>\
            <table><tr><td>Date filed: 03/05/24</td></tr></table>\
            <table><tr><th>Filing Date</th><th>#</th><th>Docket Text</th></tr>";
        let page = format!(
            "{bankruptcy}{}</table>",
            entry("03/05/2024", "1", "2", words)
        );
        assert!(
            docket::parse(page.as_bytes(), "nysb").unwrap().is_some(),
            "{words}"
        );
    }
}

#[test]
fn page_of_a_case_without_entries_is_refused_by_them() {
    for words in &DOCKET_WORDS[..15] {
        let page = docket_with("CIVIL DOCKET FOR CASE #: 1:24-cv-00417", "", "") + words;
        assert_eq!(docket::parse(page.as_bytes(), "cand"), Ok(None), "{words}");
        assert_ne!(
            docket_page(page.as_bytes()),
            CourtPage::Is(Answer::Docket),
            "{words}"
        );
    }
}

#[test]
fn page_that_a_script_was_written_into_is_refused() {
    for script in [
        "<script>var a = 'MetaMask'; var b = 'web3';</script>",
        "<SCRIPT type='text/javascript'>console.log(\"the CloudMask\");",
    ] {
        let page = district_docket() + script;
        assert_eq!(docket::parse(page.as_bytes(), "cand"), Ok(None), "{script}");
        assert_eq!(
            docket_page(page.as_bytes()),
            CourtPage::Is(Answer::Unrecognised)
        );
        let page = pages::menu() + script;
        assert_eq!(
            attachment_page::parse(page.as_bytes(), "cand"),
            Ok(None),
            "{script}"
        );
    }
}

#[test]
fn history_that_quotes_a_refusal_is_a_history() {
    for words in &DOCKET_WORDS[..15] {
        let page = history().replace("COMPLAINT about", &format!("COMPLAINT ({words}) about"));
        let found = docket_history::parse(page.as_bytes(), "cand").unwrap();
        assert_eq!(
            found.map(|history| history.docket_entries.len()),
            Some(2),
            "{words}"
        );
    }
}

#[test]
fn appeal_that_quotes_a_refusal_is_an_appeal() {
    for words in [
        "The link to this page may not have originated from within CM/ECF.",
        "Access to the document you are about to view has been restricted. Do not allow it to be seen by unauthorized persons.",
        "Click on the \"Accept Charges and Retrieve\" button ONCE at the bottom of this page to download the document image.",
        "<b>2 Documents are attached to this filing</b>",
        "<b>24-417 Case Number Not Found</b>",
        "Drumpf",
    ] {
        for court in ["ca1", "ca9", "cadc"] {
            let row = format!("<tr><td>02/05/2026</td><td>1</td><td>LETTER: {words}</td></tr>");
            let page = appeal(&row);
            let found = appellate_docket::parse(page.as_bytes(), court).unwrap();
            assert_eq!(
                found.map(|docket| docket.docket_entries.len()),
                Some(1),
                "{words}"
            );
            let answer = appeal_page(page.as_bytes());
            assert_eq!(answer, CourtPage::Is(Answer::Docket), "{words}");
        }
    }
}

#[test]
fn summary_of_a_case_that_is_named_like_a_refusal_is_one() {
    let summary = |line: &str| {
        format!(
            "<div id='cmecfMainContent'><center><b><font size=+1>1:24-cv-00417-ABC</font></b> {line}\
             Ines Corr, presiding<br><b>Date filed:</b> 03/05/2024<br>\n</center></div>"
        )
    };
    let read = |page: &str| case_query::parse(page.as_bytes(), "txsd").unwrap();
    for name in [
        "Control Fan Works v. Corr",
        "Penhallow v. Case not found. LLC",
    ] {
        let found = read(&summary(&format!("{name}<br>"))).expect("it is a case");
        assert_eq!(found.case_name_raw, name);
    }
    // Courts write so what a case that is none is for.
    for line in [
        "Applications<br><font color=red>Only applications for admission to practice<br>belong here.</font><br>",
        "In re Kettles<b><br><font color=red>DO NOT POST IN THIS CASE.</font></b><br>",
        "<b>Requests<br><font>Only requests for a Certificate of Good Standing</font></b><br>",
    ] {
        assert_eq!(read(&summary(line)), None, "{line}");
    }
}

#[test]
fn claims_that_quote_a_refusal_are_claims() {
    let words = "No claims found for this case using selection criteria entered";
    let page = pages::claims_register().replace("Kettles  sold", words);
    assert!(
        claims_register::parse(page.as_bytes(), "nysb")
            .unwrap()
            .is_some()
    );
    assert_eq!(claims_register::parse(words.as_bytes(), "nysb"), Ok(None));

    for words in [
        "No claims entries found",
        "Security violation: You do not have access rights to this program",
    ] {
        let page = pages::claims_activity().replace("**LATE**", words);
        let found = claims_activity::parse(page.as_bytes(), "nysb").unwrap();
        assert_eq!(found.map(|claims| claims.len()), Some(1), "{words}");
    }

    let words = "You entered a non-bankruptcy type case: LLC";
    let page = format!("<form name=bnc><input name=data value='1|{words}|Pier 9|'></form>");
    assert!(
        list_of_creditors::parse(page.as_bytes(), "nysb")
            .unwrap()
            .is_some()
    );
    assert_eq!(list_of_creditors::parse(words.as_bytes(), "nysb"), Ok(None));
}

#[test]
fn menus_and_prices_may_name_anybody() {
    let page = pages::menu().replace("Exhibit A: Kettle", "Drumpf, MetaMask and web3");
    let found = attachment_page::parse(page.as_bytes(), "cand")
        .unwrap()
        .unwrap();
    assert_eq!(
        found.attachments[0].description,
        "Drumpf, MetaMask and web3"
    );
    let page = pages::price_page().replace("</center>", "Drumpf</center>");
    assert!(
        confirmation_page::parse(page.as_bytes(), "cand")
            .unwrap()
            .is_some()
    );
}

/// What refuses a notice, as a docket text may have it.
const NOTICE_WORDS: [&str; 4] = [
    "Join ZoomGov Meeting https://video.example.gov/j/0",
    "Modified Dkt text from \"MOTION\"",
    "Modified Date Filed from 3/4/2024",
    "Added Correct PDF to document 3",
];

#[test]
fn notice_that_quotes_a_refusal_is_a_notice() {
    for words in NOTICE_WORDS {
        for court in ["vaed", "cand", "nysb"] {
            let page =
                district(&case_417(), "").replace("MOTION for", &format!("ORDER. {words} for"));
            let notice = nef::parse(page.as_bytes(), court).unwrap();
            let entry = &notice.expect("it is one").dockets[0].docket_entries[0];
            assert!(entry.description.starts_with("ORDER. "), "{words}");
            assert!(entry.pacer_magic_num.is_some());
        }
    }
}

#[test]
fn text_entry_that_invites_to_a_video_conference_is_not_lost() {
    let link = case_417().replace(
        "<a href='https://ecf.cand.uscourts.gov/doc1",
        "<i title='/doc1",
    );
    let head = "<font><b>Notice of Electronic Filing</b></font>";
    let order = |words: &str| {
        format!("{head}{}", district(&link, "")).replace("MOTION for", &format!("ORDER. {words}"))
    };
    let found = nef::parse(order(NOTICE_WORDS[0]).as_bytes(), "vaed").unwrap();
    assert!(found.is_some());
    // Corrections of what was filed before have no document to look at.
    for words in &NOTICE_WORDS[1..] {
        assert_eq!(
            nef::parse(order(words).as_bytes(), "vaed"),
            Ok(None),
            "{words}"
        );
    }
}

#[test]
fn invitation_without_a_case_is_no_notice() {
    let page =
        "<p>The judge invites you.<br>Join ZoomGov Meeting<br>https://video.example.gov/j/0</p>";
    assert_eq!(nef::parse(page.as_bytes(), "vaed"), Ok(None));
}

/// What a court says in place of a document, as an attachment may be called.
const DOCUMENT_WORDS: [&str; 9] = [
    "Warning! This document is restricted",
    "do not allow it to be seen by unauthorized persons",
    "The link to this page may not have originated from within CM/ECF",
    "Cannot locate the case with caseid 3",
    "document is not available",
    "You do not have permission to view this document.",
    "No matter of public record",
    "This document is SEALED",
    "This user has no access privileges defined.",
];

#[test]
fn menu_that_quotes_a_refusal_is_a_menu() {
    let old = "<b>Document Selection Menu</b><form action='TransportRoom'><table>\
        <tr><td><a href='https://ecf.txwb.uscourts.gov/doc1/181012345001'>7</a></td><td>Exhibit A: Kettle</td></tr>\
        </table></form>";
    let appellate = "<title>Documents</title><b>2 Documents are attached to this filing</b>\
        <form action='TransportRoom'><table>\
        <tr><td><a href='https://ecf.ca9.uscourts.gov/docs1/009012345001'>1</a></td><td>Exhibit A: Kettle</td></tr>\
        </table></form>";
    for menu in [pages::menu().as_str(), old, appellate] {
        for words in DOCUMENT_WORDS {
            for cell in [words.to_owned(), format!("<b>{words}</b>")] {
                let page = menu.replace("Exhibit A: Kettle", &cell);
                assert_eq!(
                    menu_page(Some("text/html"), page.as_bytes()),
                    CourtPage::Is(Answer::Menu),
                    "{words}"
                );
            }
        }
    }
}

#[test]
fn warning_without_anything_to_choose_is_a_warning() {
    let page = "<b>Document Selection Menu</b><table><tr><td><b>Warning!</b> This document is restricted</td></tr></table>";
    assert_eq!(
        menu_page(Some("text/html"), page.as_bytes()),
        CourtPage::Is(Answer::RestrictedWarning)
    );
}
