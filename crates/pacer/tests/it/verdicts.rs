//! What courts answer, and what that is called.

use pacer::page::answer::table::AnswerTo;
use pacer::page::answer::{
    Answer, CourtPage, FollowUp, Place, Sign, appeal_page, docket_page, document_page, lookup_page,
    menu_page,
};
use pacer::page::login_check::is_logged_in;

use crate::pages::{district_docket, docket_with, menu, price_page, receipt};

fn wrapped(text: &str) -> Vec<u8> {
    format!("<html><a href='/cgi-bin/login.pl?logout'>Log Out</a><div id='cmecfMainContent'>{text}</div></html>").into_bytes()
}

const LOGIN: &[u8] = b"<script>document.location = \"https://pacer.login.uscourts.gov/csologin/login.jsf?pscCourtId=CANDC\";</script>";

#[test]
fn docket_requests_have_known_answers() {
    let answers = [
        ("Case not found.", CourtPage::Is(Answer::CaseNotFound)),
        (
            "Error: There are no documents in this case.",
            CourtPage::Is(Answer::NoDocuments),
        ),
        (
            "The page ID does not exist. Please enter a valid page ID number.",
            CourtPage::Is(Answer::StalePageToken),
        ),
        (
            "Incomplete request. Please try your query again by choosing the Query or Reports option",
            CourtPage::Is(Answer::IncompleteRequest),
        ),
        (
            "The start date must be less than or equal to the end date",
            CourtPage::Is(Answer::BadDateRange),
        ),
        (
            "The starting document number must be less than or equal to the ending document number",
            CourtPage::Is(Answer::BadNumberRange),
        ),
        (
            "The case type was bk but it must be cv or cr or cit",
            CourtPage::Is(Answer::WrongCaseType),
        ),
        (
            "*** This case was administratively closed.***",
            CourtPage::Is(Answer::AdministrativelyClosed),
        ),
        (
            "*** This case is in the process of being opened, please check back later for additional information.***",
            CourtPage::Is(Answer::BeingOpened),
        ),
        (
            "Either you do not have permission to view the document, or the document does not exist in the case.",
            CourtPage::Is(Answer::NotPermitted),
        ),
        (
            "Unable to create PDF file.",
            CourtPage::Is(Answer::PdfFailed),
        ),
        (
            "Submission already made, please wait for response from server",
            CourtPage::Is(Answer::DoubleSubmit),
        ),
        (
            "Server timeout waiting for the HTTP request from the client.",
            CourtPage::Is(Answer::RequestTimeout),
        ),
        ("Format: text", CourtPage::Is(Answer::TextFormat)),
        (
            "<b>24-417 Case Number Not Found</b>",
            CourtPage::Is(Answer::CaseNumberNotFound),
        ),
        (
            "This user has no access privileges defined.",
            CourtPage::Is(Answer::NoPrivileges),
        ),
        (
            "A Client Code is required for PACER search",
            CourtPage::Is(Answer::ClientCodeRequired),
        ),
        ("Case Under Seal", CourtPage::Is(Answer::CaseSealed)),
        (
            "<form action='DktRpt.pl?12-L_1_0-1'><input name='all_case_ids'><input name='documents_numbered_from_'></form>",
            CourtPage::Is(Answer::OptionForm),
        ),
        (
            "The office cat is asleep.",
            CourtPage::Is(Answer::Unrecognised),
        ),
    ];
    for (text, answer) in answers {
        assert_eq!(docket_page(&wrapped(text)), answer, "{text}");
        assert_eq!(
            docket_page(&wrapped(&text.replace(' ', " \n "))),
            answer,
            "{text}, wrapped"
        );
    }
    assert_eq!(
        docket_page(district_docket().as_bytes()),
        CourtPage::Is(Answer::Docket)
    );
    assert_eq!(docket_page(LOGIN), CourtPage::Is(Answer::LoginPage));
    assert_eq!(
        docket_page(b"<?xml version='1.0'?><error/>"),
        CourtPage::Is(Answer::Xml)
    );
    assert_eq!(
        docket_page(b"<response><status>blocked</status></response>"),
        CourtPage::Is(Answer::Xml)
    );
    assert_eq!(docket_page(b""), CourtPage::Is(Answer::Unrecognised));
}

#[test]
fn docket_that_quotes_an_error_is_a_docket() {
    let page = district_docket().replace(
        "Minute Entry",
        "Notice of Sealed Document, Case Under Seal, Unable to create PDF file.",
    );
    assert_eq!(docket_page(page.as_bytes()), CourtPage::Is(Answer::Docket));
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
        docket_page(&wrapped(accept)),
        CourtPage::Form(
            Answer::DocketPrice,
            form("../cgi-bin/DktRpt.pl?77-L_9999_2-1", &[])
        )
    );
    let large = "The report may take a long time to run because this case has many docket entries\
        <form action='/cgi-bin/DktRpt.pl?77-L_1_1-1'><input type=radio name=date_from value='1/1/2020'>\
        <input type=radio name=date_from value=''></form>";
    assert_eq!(
        docket_page(&wrapped(large)),
        CourtPage::Form(
            Answer::LargeDocket,
            form("/cgi-bin/DktRpt.pl?77-L_1_1-1", &[("date_from", "")])
        )
    );
}

#[test]
fn closed_sites_are_told_from_pages_that_speak_of_them() {
    let closed = b"<html><body><h1>The system is being maintained.</h1></body></html>";
    let suspended = b"<html><body>Your account was suspended: excessive usage.</body></html>";
    let notice = CourtPage::Is;
    assert_eq!(docket_page(closed), notice(Answer::Maintenance));
    assert_eq!(docket_page(suspended), notice(Answer::ExcessiveUsage));
    assert_eq!(menu_page(None, closed), CourtPage::Is(Answer::Maintenance));
    assert_eq!(
        docket_page(&wrapped("Motion for maintenance of a road")),
        CourtPage::Is(Answer::Unrecognised)
    );
    let none = "There are proceedings for case 1 but none satisfy the selection criteria.";
    let empty = docket_with("CIVIL DOCKET FOR CASE #: 1:24-cv-00417", "", "") + none;
    assert_eq!(
        docket_page(empty.as_bytes()),
        CourtPage::Is(Answer::EmptyDocket)
    );
}

#[test]
fn the_table_has_every_row_once() {
    for (place, answer) in Answer::ALL.into_iter().enumerate() {
        assert_eq!(answer as usize, place, "{answer:?} is out of order");
        assert!(!answer.row().signal.is_empty());
    }
    assert_eq!(Answer::of_status(200), None);
    assert_eq!(Answer::of_status(418), Some(Answer::OtherStatus));
}

#[test]
fn documents_are_told_by_their_first_bytes() {
    assert_eq!(
        document_page(Some("application/pdf; x"), b"anything"),
        CourtPage::Is(Answer::NotAPdf)
    );
    assert_eq!(
        document_page(
            Some("application/pdf"),
            b"\xef\xbb\xbf\r\n%PDF-1.7 Sealed Document"
        ),
        CourtPage::Is(Answer::Pdf)
    );
    assert_eq!(
        document_page(None, b"%PDF-1.4 Under Seal"),
        CourtPage::Is(Answer::Pdf)
    );
    assert_eq!(
        document_page(
            Some("text/html"),
            &wrapped("<script>window.location = \"/cgi-bin/show_temp.pl?file=1\";</script>")
        ),
        CourtPage::Link(Answer::Redirect, "/cgi-bin/show_temp.pl?file=1".to_owned())
    );
    assert_eq!(
        document_page(
            Some("text/html"),
            &wrapped("<iframe src='/cgi-bin/show_temp.pl?file=1'></iframe>")
        ),
        CourtPage::Link(Answer::Frame, "/cgi-bin/show_temp.pl?file=1".to_owned())
    );
    assert_eq!(
        document_page(None, &wrapped("<pdf:Producer>x")),
        CourtPage::Is(Answer::PdfInHtml)
    );
    assert_eq!(document_page(None, LOGIN), CourtPage::Is(Answer::LoginPage));
    assert_eq!(
        document_page(None, menu().as_bytes()),
        CourtPage::Is(Answer::MenuInstead)
    );
    assert_eq!(
        document_page(None, b"<?xml version='1.0'?><e/>"),
        CourtPage::Is(Answer::Xml)
    );
    // The web server's own page, with a status that says that all is well.
    let nowhere = b"<html><head>\n<title>404 Not Found</title>\n</head><body></body></html>";
    assert_eq!(
        document_page(None, nowhere),
        CourtPage::Is(Answer::WrongPath)
    );
    assert_eq!(menu_page(None, nowhere), CourtPage::Is(Answer::WrongPath));
    assert_eq!(
        document_page(None, b"%PDF-1.7 <title>404 Not Found</title>"),
        CourtPage::Is(Answer::Pdf)
    );
    assert_eq!(
        document_page(None, &wrapped("The office cat is asleep.")),
        CourtPage::Is(Answer::Unrecognised)
    );
}

#[test]
fn refusals_have_reasons() {
    use Answer::*;
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
        ("Sealed Document", DocumentSealed),
        ("Under Seal", DocumentSealed),
        ("Document is Sealed", DocumentSealed),
        ("This document is SEALED", DocumentSealed),
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
            document_page(Some("text/html"), &wrapped(text)),
            CourtPage::Is(refusal),
            "{text}"
        );
        assert_eq!(
            menu_page(Some("text/html"), &wrapped(text)),
            CourtPage::Is(match refusal {
                ClientCodeRequired => ClientCodeRequired,
                _ => NoMenu,
            }),
            "{text}"
        );
    }
    let warning =
        wrapped("<table><tr><td><b>Warning!</b> This document is restricted.</td></tr></table>");
    assert_eq!(
        document_page(None, &warning),
        CourtPage::Is(Answer::RestrictedWarning)
    );
}

#[test]
fn price_page_has_its_price_and_its_form() {
    let page = price_page();
    assert_eq!(
        menu_page(Some("text/html"), page.as_bytes()),
        CourtPage::Is(Answer::NoMenu)
    );
    let CourtPage::Price(price) = document_page(Some("text/html"), page.as_bytes()) else {
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
    assert_eq!(
        menu_page(None, menu().as_bytes()),
        CourtPage::Is(Answer::Menu)
    );
}

/// A row that is told by what a page says needs no more than its line in the table.
#[test]
fn what_a_page_says_tells_its_row() {
    let mut told = 0;
    for row in Answer::ALL {
        for sign in row.row().told_by {
            let page = wrapped(&sign.phrase().replace("{any}", "cv"));
            for place in sign.places() {
                let answer = match place {
                    Place::InsteadOfDocket | Place::NoDocket => docket_page(&page).answer(),
                    Place::Appeal => appeal_page(&page).answer(),
                    Place::Document => document_page(None, &page).answer(),
                    Place::Anywhere => lookup_page(&page),
                };
                // A price and a choice have a form as well.
                let expected = match row {
                    Answer::DocketPrice | Answer::LargeDocket => Answer::Unrecognised,
                    row => row,
                };
                assert_eq!(answer, expected, "{place:?}: {}", sign.phrase());
                told += 1;
            }
        }
    }
    assert!(told > 45, "{told}");
}

/// What refuses a document says that its entry has no menu, whichever row it is.
#[test]
fn a_refusal_of_the_document_is_no_menu() {
    for row in Answer::ALL {
        for sign in row.row().told_by {
            if sign.places().contains(&Place::Document) {
                let page = menu_page(None, &wrapped(sign.phrase()));
                let expected = match row.row().asked {
                    AnswerTo::Document => Answer::NoMenu,
                    _ => row,
                };
                assert_eq!(page, CourtPage::Is(expected), "{}", sign.phrase());
            }
        }
    }
}

/// A sentence about something else may have the words by which these are told.
#[test]
fn what_other_answers_mention_counts_last() {
    let page = wrapped("The case is sealed, or Case Number Not Found");
    assert_eq!(
        docket_page(&page),
        CourtPage::Is(Answer::CaseNumberNotFound)
    );
    let page = wrapped("The requested document cannot be displayed, as the case is under seal");
    assert_eq!(appeal_page(&page), CourtPage::Is(Answer::CannotBeDisplayed));
    let page = wrapped("Sealed Document: A Client Code is required for PACER search");
    assert_eq!(
        document_page(None, &page),
        CourtPage::Is(Answer::ClientCodeRequired)
    );
    // What was asked for says more than what may come to anything.
    let timeout = "Server timeout waiting for the HTTP request from the client.";
    let page = wrapped(&format!("{timeout} Case not found."));
    assert_eq!(docket_page(&page), CourtPage::Is(Answer::CaseNotFound));
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
    assert_eq!(
        docket_page(&wrapped(form)),
        CourtPage::Is(Answer::OptionForm)
    );
}

/// What may come in place of anything, and its row.
fn anywhere() -> Vec<(Vec<u8>, Answer)> {
    let mut all = vec![(wrapped("The office cat is asleep."), Answer::Unrecognised)];
    for row in Answer::ALL {
        let words = row.row().told_by.iter().map(Sign::phrase);
        if row.row().asked == AnswerTo::Anything {
            all.extend(words.map(|words| (wrapped(words), row)));
        }
    }
    let alone: [(&[u8], Answer); 6] = [
        (LOGIN, Answer::LoginPage),
        (
            b"<form action='/cgi-bin/login.pl' method=post name=GetPass></form>",
            Answer::LoginPage,
        ),
        (b"<?xml version='1.0'?><error/>", Answer::Xml),
        (b"<response><status>no</status></response>", Answer::Xml),
        (
            b"<p>The site is closed for scheduled maintenance.</p>",
            Answer::Maintenance,
        ),
        (
            b"<p>Your account has been suspended for excessive use.</p>",
            Answer::ExcessiveUsage,
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
            ("a docket", docket_page(&page).answer()),
            ("an appeal", appeal_page(&page).answer()),
            ("a document", document_page(None, &page).answer()),
            ("a menu", menu_page(None, &page).answer()),
        ];
        for (asked, told) in told {
            assert_eq!(told, row, "{asked}: {}", String::from_utf8_lossy(&page));
        }
    }
    // All rows are among them that a page alone can tell, and that come to anything.
    let told: Vec<Answer> = anywhere().into_iter().map(|(_, row)| row).collect();
    for row in Answer::ALL {
        let by_page = !matches!(
            row,
            Answer::NotReached
                | Answer::TimedOut
                | Answer::BrokenOff
                | Answer::TooLarge
                | Answer::Forbidden
                | Answer::NotFound
                | Answer::TooManyRequests
                | Answer::Unavailable
                | Answer::ServerFailed
                | Answer::GatewayFailed
                | Answer::OtherStatus
        );
        if row.row().asked == AnswerTo::Anything && by_page {
            assert!(told.contains(&row), "{row:?} has no page here");
        }
    }
}
