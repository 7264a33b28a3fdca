//! What courts answer, and what that is called.

use pacer::page::login_check::is_logged_in;
use pacer::page::verdict::table::Asked;
use pacer::page::verdict::{
    CourtAnswer, DocketAnswer, DocumentAnswer, DocumentRefusal, FollowUp, MenuAnswer, SiteNotice,
    appellate_docket_answer, docket_answer, document_answer, lookup_page, menu_answer,
};

use crate::pages::{district_docket, docket_with, menu, price_page, receipt};

fn wrapped(text: &str) -> Vec<u8> {
    format!("<html><a href='/cgi-bin/login.pl?logout'>Log Out</a><div id='cmecfMainContent'>{text}</div></html>").into_bytes()
}

const LOGIN: &[u8] = b"<script>document.location = \"https://pacer.login.uscourts.gov/csologin/login.jsf?pscCourtId=CANDC\";</script>";

#[test]
fn docket_requests_have_known_answers() {
    let answers = [
        ("Case not found.", DocketAnswer::CaseNotFound),
        (
            "Error: There are no documents in this case.",
            DocketAnswer::NoDocuments,
        ),
        (
            "The page ID does not exist. Please enter a valid page ID number.",
            DocketAnswer::StalePageToken,
        ),
        (
            "Incomplete request. Please try your query again by choosing the Query or Reports option",
            DocketAnswer::IncompleteRequest,
        ),
        (
            "The start date must be less than or equal to the end date",
            DocketAnswer::BadDateRange,
        ),
        (
            "The starting document number must be less than or equal to the ending document number",
            DocketAnswer::BadNumberRange,
        ),
        (
            "The case type was bk but it must be cv or cr or cit",
            DocketAnswer::WrongCaseType,
        ),
        (
            "*** This case was administratively closed.***",
            DocketAnswer::AdministrativelyClosed,
        ),
        (
            "*** This case is in the process of being opened, please check back later for additional information.***",
            DocketAnswer::BeingOpened,
        ),
        (
            "Either you do not have permission to view the document, or the document does not exist in the case.",
            DocketAnswer::NotPermitted,
        ),
        ("Unable to create PDF file.", DocketAnswer::PdfFailed),
        (
            "Submission already made, please wait for response from server",
            DocketAnswer::DoubleSubmit,
        ),
        (
            "Server timeout waiting for the HTTP request from the client.",
            DocketAnswer::ServerTimeout,
        ),
        ("Format: text", DocketAnswer::TextFormat),
        (
            "<b>24-417 Case Number Not Found</b>",
            DocketAnswer::CaseNumberNotFound,
        ),
        (
            "This user has no access privileges defined.",
            DocketAnswer::NoPrivileges,
        ),
        (
            "A Client Code is required for PACER search",
            DocketAnswer::ClientCodeRequired,
        ),
        ("Case Under Seal", DocketAnswer::Sealed),
        (
            "<form action='DktRpt.pl?12-L_1_0-1'><input name='all_case_ids'><input name='documents_numbered_from_'></form>",
            DocketAnswer::OptionForm,
        ),
        ("The office cat is asleep.", DocketAnswer::Unrecognised),
    ];
    for (text, answer) in answers {
        assert_eq!(docket_answer(&wrapped(text)), answer, "{text}");
        assert_eq!(
            docket_answer(&wrapped(&text.replace(' ', " \n "))),
            answer,
            "{text}, wrapped"
        );
    }
    assert_eq!(
        docket_answer(district_docket().as_bytes()),
        DocketAnswer::Docket
    );
    assert_eq!(docket_answer(LOGIN), DocketAnswer::LoginPage);
    assert_eq!(
        docket_answer(b"<?xml version='1.0'?><error/>"),
        DocketAnswer::Blocked
    );
    assert_eq!(
        docket_answer(b"<response><status>blocked</status></response>"),
        DocketAnswer::Blocked
    );
    assert_eq!(docket_answer(b""), DocketAnswer::Unrecognised);
}

#[test]
fn docket_that_quotes_an_error_is_a_docket() {
    let page = district_docket().replace(
        "Minute Entry",
        "Notice of Sealed Document, Case Under Seal, Unable to create PDF file.",
    );
    assert_eq!(docket_answer(page.as_bytes()), DocketAnswer::Docket);
}

#[test]
fn steps_in_between_tell_how_to_go_on() {
    let accept = "To accept charges shown below, click on the 'View Report' button\
        <form method=post action='../cgi-bin/DktRpt.pl?77-L_9999_2-1'><input type=submit value='View Report'></form>";
    let form = |action: &str, fields: &[(&str, &str)]| FollowUp {
        action: action.to_owned(),
        fields: fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    };
    assert_eq!(
        docket_answer(&wrapped(accept)),
        DocketAnswer::AcceptCharges(form("../cgi-bin/DktRpt.pl?77-L_9999_2-1", &[]))
    );
    let large = "The report may take a long time to run because this case has many docket entries\
        <form action='/cgi-bin/DktRpt.pl?77-L_1_1-1'><input type=radio name=date_from value='1/1/2020'>\
        <input type=radio name=date_from value=''></form>";
    assert_eq!(
        docket_answer(&wrapped(large)),
        DocketAnswer::LargeDocket(form("/cgi-bin/DktRpt.pl?77-L_1_1-1", &[("date_from", "")]))
    );
}

#[test]
fn closed_sites_are_told_from_pages_that_speak_of_them() {
    let closed = b"<html><body><h1>The system is being maintained.</h1></body></html>";
    let suspended = b"<html><body>Your account was suspended: excessive usage.</body></html>";
    let notice = DocketAnswer::Notice;
    assert_eq!(docket_answer(closed), notice(SiteNotice::Maintenance));
    assert_eq!(docket_answer(suspended), notice(SiteNotice::ExcessiveUsage));
    assert_eq!(
        menu_answer(None, closed),
        MenuAnswer::Notice(SiteNotice::Maintenance)
    );
    assert_eq!(
        docket_answer(&wrapped("Motion for maintenance of a road")),
        DocketAnswer::Unrecognised
    );
    let none = "There are proceedings for case 1 but none satisfy the selection criteria.";
    let empty = docket_with("CIVIL DOCKET FOR CASE #: 1:24-cv-00417", "", "") + none;
    assert_eq!(docket_answer(empty.as_bytes()), DocketAnswer::EmptyDocket);
}

#[test]
fn the_table_has_every_row_once() {
    for (place, answer) in CourtAnswer::ALL.into_iter().enumerate() {
        assert_eq!(answer as usize, place, "{answer:?} is out of order");
        assert!(!answer.row().signal.is_empty());
    }
    assert_eq!(CourtAnswer::of_status(200), None);
    assert_eq!(CourtAnswer::of_status(418), Some(CourtAnswer::OtherStatus));
}

#[test]
fn documents_are_told_by_their_first_bytes() {
    assert_eq!(
        document_answer(Some("application/pdf; x"), b"anything"),
        DocumentAnswer::NotAPdf
    );
    assert_eq!(
        document_answer(
            Some("application/pdf"),
            b"\xef\xbb\xbf\r\n%PDF-1.7 Sealed Document"
        ),
        DocumentAnswer::Pdf
    );
    assert_eq!(
        document_answer(None, b"%PDF-1.4 Under Seal"),
        DocumentAnswer::Pdf
    );
    assert_eq!(
        document_answer(
            Some("text/html"),
            &wrapped("<script>window.location = \"/cgi-bin/show_temp.pl?file=1\";</script>")
        ),
        DocumentAnswer::Redirect("/cgi-bin/show_temp.pl?file=1".to_owned())
    );
    assert_eq!(
        document_answer(
            Some("text/html"),
            &wrapped("<iframe src='/cgi-bin/show_temp.pl?file=1'></iframe>")
        ),
        DocumentAnswer::Frame("/cgi-bin/show_temp.pl?file=1".to_owned())
    );
    assert_eq!(
        document_answer(None, &wrapped("<pdf:Producer>x")),
        DocumentAnswer::PdfInHtml
    );
    assert_eq!(document_answer(None, LOGIN), DocumentAnswer::LoginPage);
    assert_eq!(
        document_answer(None, menu().as_bytes()),
        DocumentAnswer::AttachmentMenu
    );
    assert_eq!(
        document_answer(None, b"<?xml version='1.0'?><e/>"),
        DocumentAnswer::Blocked
    );
    // The web server's own page, with a status that says that all is well.
    let nowhere = b"<html><head>\n<title>404 Not Found</title>\n</head><body></body></html>";
    assert_eq!(document_answer(None, nowhere), DocumentAnswer::NoSuchPath);
    assert_eq!(menu_answer(None, nowhere), MenuAnswer::NoSuchPath);
    assert_eq!(
        document_answer(None, b"%PDF-1.7 <title>404 Not Found</title>"),
        DocumentAnswer::Pdf
    );
    assert_eq!(
        document_answer(None, &wrapped("The office cat is asleep.")),
        DocumentAnswer::Unrecognised
    );
}

#[test]
fn refusals_have_reasons() {
    use DocumentRefusal::*;
    let refusals = [
        ("Cannot locate the case with caseid 12", WrongCase),
        ("could not retrieve dktentry for dlsid 12", EntryGone),
        ("document is not available", NotAvailable),
        (
            "You do not have permission to view\n  this document.",
            NoPermission,
        ),
        (
            "You do not have access to this transcript.",
            TranscriptRestricted,
        ),
        ("No matter of public record", NotPublic),
        ("Sealed Document", Sealed),
        ("Under Seal", Sealed),
        ("Document is Sealed", Sealed),
        ("This document is SEALED", Sealed),
        (
            "This image is not available for viewing by non-court users",
            CourtUsersOnly,
        ),
        (
            "Permission to view this document is denied based on Nature of Suit",
            NatureOfSuit,
        ),
        (
            "A Client Code is required for PACER search",
            ClientCodeRequired,
        ),
        (
            "The requested document cannot be displayed",
            CannotBeDisplayed,
        ),
    ];
    for (text, refusal) in refusals {
        assert_eq!(
            document_answer(Some("text/html"), &wrapped(text)),
            DocumentAnswer::Refused(refusal),
            "{text}"
        );
        assert_eq!(
            menu_answer(Some("text/html"), &wrapped(text)),
            MenuAnswer::Refused(refusal),
            "{text}"
        );
    }
    let warning =
        wrapped("<table><tr><td><b>Warning!</b> This document is restricted.</td></tr></table>");
    assert_eq!(
        document_answer(None, &warning),
        DocumentAnswer::RestrictedWarning
    );
}

#[test]
fn price_page_has_its_price_and_its_form() {
    let MenuAnswer::PricePage(price) = menu_answer(Some("text/html"), price_page().as_bytes())
    else {
        panic!("it is a price page");
    };
    assert_eq!(price.receipt.cost_cents, Some(120));
    assert!(price.is_capped);
    let accept = price.accept.expect("it has a form");
    assert_eq!(accept.action, "/doc1/035155500001");
    let fields: Vec<(&str, &str)> = accept
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        fields,
        [
            ("caseid", "998877"),
            ("de_seq_num", "31"),
            ("got_receipt", "1"),
            ("pdf_toggle_possible", "1")
        ]
    );
    assert_eq!(menu_answer(None, menu().as_bytes()), MenuAnswer::Menu);
}

#[test]
fn session_is_proved_by_evidence() {
    assert!(is_logged_in(&wrapped("")));
    assert!(is_logged_in(
        b"<request number='1'><message text='Cannot find case 1'/></request>"
    ));
    assert!(is_logged_in(b"<title>Download Confirmation</title>"));
    assert!(is_logged_in(
        receipt().replace("Cost:<", "Cost: 1.20<").as_bytes()
    ));
    assert!(!is_logged_in(
        b"<request number=1><message text='Not logged in.  Please refresh this page.'/>"
    ));
    assert!(!is_logged_in(LOGIN));
    assert!(!is_logged_in(b""));
}

#[test]
fn form_with_a_script_against_double_clicks_is_a_form() {
    let form = "<script>alert('Submission already made, please wait for response from server')</script>\
        <form action='../cgi-bin/DktRpt.pl?12-L_1_0-1'><input name='all_case_ids'></form>";
    assert_eq!(docket_answer(&wrapped(form)), DocketAnswer::OptionForm);
}

/// What may come in place of anything, and its row.
fn anywhere() -> Vec<(Vec<u8>, CourtAnswer)> {
    let pages = [
        (
            "This user has no access  privileges defined.",
            CourtAnswer::NoPrivileges,
        ),
        (
            "A Client Code is required for PACER search",
            CourtAnswer::ClientCodeRequired,
        ),
        (
            "Server timeout waiting for the HTTP request from the client.",
            CourtAnswer::RequestTimeout,
        ),
        ("The office cat is asleep.", CourtAnswer::Unrecognised),
    ];
    let mut all: Vec<_> = pages
        .map(|(words, row)| (wrapped(words), row))
        .into_iter()
        .collect();
    let alone: [(&[u8], CourtAnswer); 6] = [
        (LOGIN, CourtAnswer::LoginPage),
        (
            b"<form action='/cgi-bin/login.pl' method=post name=GetPass></form>",
            CourtAnswer::LoginPage,
        ),
        (b"<?xml version='1.0'?><error/>", CourtAnswer::Xml),
        (
            b"<response><status>no</status></response>",
            CourtAnswer::Xml,
        ),
        (
            b"<p>The site is closed for scheduled maintenance.</p>",
            CourtAnswer::Maintenance,
        ),
        (
            b"<p>Your account has been suspended for excessive use.</p>",
            CourtAnswer::ExcessiveUsage,
        ),
    ];
    all.extend(alone.map(|(page, row)| (page.to_vec(), row)));
    all
}

#[test]
fn pages_in_place_of_anything_are_told_whatever_was_asked() {
    for (page, row) in anywhere() {
        let told = [
            ("a lookup", lookup_page(&page)),
            ("a docket", docket_answer(&page).row()),
            ("an appeal", appellate_docket_answer(&page).row()),
            ("a document", document_answer(None, &page).row()),
            ("a menu", menu_answer(None, &page).row()),
        ];
        for (asked, told) in told {
            assert_eq!(told, row, "{asked}: {}", String::from_utf8_lossy(&page));
        }
    }
    // All rows are among them that a page alone can tell, and that come to anything.
    let told: Vec<CourtAnswer> = anywhere().into_iter().map(|(_, row)| row).collect();
    for row in CourtAnswer::ALL {
        let by_page = !matches!(
            row,
            CourtAnswer::NotReached
                | CourtAnswer::TimedOut
                | CourtAnswer::BrokenOff
                | CourtAnswer::TooLarge
                | CourtAnswer::Forbidden
                | CourtAnswer::NotFound
                | CourtAnswer::TooManyRequests
                | CourtAnswer::Unavailable
                | CourtAnswer::ServerFailed
                | CourtAnswer::GatewayFailed
                | CourtAnswer::OtherStatus
        );
        if row.row().asked == Asked::Anything && by_page {
            assert!(told.contains(&row), "{row:?} has no page here");
        }
    }
}
