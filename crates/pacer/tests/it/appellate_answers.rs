//! What to ask appellate courts, and what they answer.

use chrono::NaiveDate;
use pacer::court::Court;
use pacer::form::{
    AppellateDocketOptions, appellate_document_path, appellate_menu_path, appellate_price_path,
};
use pacer::ids::{DocketNumber, PacerCaseId, PacerDocId};
use pacer::page::answer::{
    Answer, CourtPage, appeal_page, document_page, is_confirmation, outside_link,
};

use crate::pages::{appeal, receipt};

fn court(id: &str) -> &'static Court {
    Court::by_pacer_id(id).unwrap()
}

fn number(text: &str) -> DocketNumber {
    DocketNumber::parse(text).unwrap()
}

#[test]
fn docket_is_asked_by_number_with_its_options() {
    let plain = AppellateDocketOptions::default().path(court("ca1"), &number("16-1432"));
    assert_eq!(
        plain,
        "/n/beam/servlet/TransportRoom?servlet=CaseSummary.jsp&caseNum=16-1432\
         &fullDocketReport=Y&actionType=Run+Docket+Report&incDktEntries=Y&incOrigDkt=Y&incPrior=Y\
         &incPanel=Y&incCaption=long"
    );
    let options = AppellateDocketOptions {
        date_from: NaiveDate::from_ymd_opt(2024, 3, 5),
        date_to: NaiveDate::from_ymd_opt(2024, 12, 31),
        parties_and_counsel: true,
        member_cases: true,
    };
    let asked = options.path(court("cavc"), &number("16-1432 & more"));
    assert!(
        asked.starts_with("/n/beam/servlet/TransportRoom?"),
        "{asked}"
    );
    assert!(asked.contains("&caseNum=16-1432+%26+more&"), "{asked}");
    assert!(
        asked.ends_with("&incPtyAty=Y&incAssoc=Y&dateFrom=03%2F05%2F2024&dateTo=12%2F31%2F2024"),
        "{asked}"
    );
    let case = PacerCaseId::parse("4711").unwrap();
    assert!(
        options
            .path_by_id(court("ca5"), &case)
            .contains("&caseId=4711&")
    );
}

#[test]
fn only_the_court_that_sells_by_link_is_asked_for_a_menu_otherwise() {
    let document = PacerDocId::parse("01117000001").unwrap();
    assert_eq!(
        appellate_menu_path(court("ca1"), &document),
        "/docs1/01107000001"
    );
    let price = appellate_price_path(court("ca11"), &document.canonical());
    assert_eq!(appellate_menu_path(court("ca11"), &document), price);
    assert!(price.ends_with("?servlet=ShowDoc&dls_id=01107000001&pacer=i"));
    let case = PacerCaseId::parse("4711").unwrap();
    assert!(
        appellate_document_path(court("ca1"), &document, Some(&case)).ends_with(
            "?servlet=ShowDoc&incPdfHeader=Y&incPdfHeaderDisp=Y&dls_id=01117000001&caseId=4711\
             &pacer=t"
        )
    );
}

#[test]
fn only_newer_cases_of_two_courts_may_be_in_acms() {
    let may_be = |id, text| court(id).may_be_in_acms(&number(text));
    assert!(may_be("ca9", "22-22") && may_be("ca2", "23-7222") && may_be("ca2", "unheard of"));
    assert!(!may_be("ca9", "21-55555") && !may_be("ca2", "98-1234"));
    assert!(!may_be("ca1", "26-1042") && !may_be("cavc", "23-1"));
}

const LINK: &str = "<html><title>Download Confirmation</title>\
    The link to this page may not have originated from within CM/ECF. There may be a charge.\
    <form method='post' action='TransportRoom'><input type='hidden' name='servlet' \
    value='CaseSummary.jsp'><input type='hidden' name='CSRF' value='csrf_-17'>\
    <input type='submit' value='Accept Charges and Retrieve'></form></html>";

#[test]
fn page_about_links_from_outside_is_answered_with_its_own_form() {
    let CourtPage::Form(Answer::OutsideLink, form) = appeal_page(LINK.as_bytes()) else {
        panic!("another page");
    };
    assert_eq!(form.action, "TransportRoom");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        form.fields,
        [pair("servlet", "CaseSummary.jsp"), pair("CSRF", "csrf_-17")]
    );
    assert_eq!(outside_link(LINK.as_bytes()).as_ref(), Some(&form));
    assert!(is_confirmation(LINK.as_bytes()));
    assert_eq!(
        document_page(None, LINK.as_bytes()),
        CourtPage::Form(Answer::OutsideLink, form)
    );
}

#[test]
fn price_of_a_docket_is_not_a_docket() {
    let page = format!(
        "<html><title>Download Confirmation</title>{}<form method=post action='TransportRoom'>\
         <input type=hidden name=confirmCharge value=y></form></html>",
        receipt()
    );
    assert!(matches!(
        appeal_page(page.as_bytes()),
        CourtPage::Form(Answer::DocketPrice, form) if form.fields[0].0 == "confirmCharge"
    ));
    let without_form = "<title>Download Confirmation</title>";
    assert_eq!(
        appeal_page(without_form.as_bytes()),
        CourtPage::Is(Answer::Unrecognised)
    );
}

#[test]
fn appellate_pages_are_told_apart() {
    let menu = "<a href='TransportRoom?servlet=InvalidUserLogin.jsp&logout=y'>Logout</a>";
    let answers = [
        (
            "<meta http-equiv=\"REFRESH\"\n content=\"0; url=TransportRoom?servlet=DocketReportFilter.jsp&amp;caseId=4711\">",
            CourtPage::Refresh(Some("4711".to_owned())),
        ),
        (
            "<meta http-equiv=REFRESH content='0; url=elsewhere'>",
            CourtPage::Refresh(None),
        ),
        (
            "<b>99-4321 Case Number Not Found</b>",
            CourtPage::Is(Answer::CaseNumberNotFound),
        ),
        ("Case Under Seal", CourtPage::Is(Answer::CaseSealed)),
        (
            "<title>404 Not Found</title>",
            CourtPage::Is(Answer::WrongPath),
        ),
        (
            "The requested document cannot be displayed",
            CourtPage::Is(Answer::CannotBeDisplayed),
        ),
        (
            "This user has no access privileges defined.",
            CourtPage::Is(Answer::NoPrivileges),
        ),
        (
            "A Client Code is required for PACER search",
            CourtPage::Is(Answer::ClientCodeRequired),
        ),
        (
            "<input type=checkbox name=\"incDktEntries\" value=Y>",
            CourtPage::Is(Answer::OptionForm),
        ),
        ("the court is closed", CourtPage::Is(Answer::Unrecognised)),
    ];
    for (text, answer) in answers {
        let page = format!("<html>{menu}{text}</html>");
        assert_eq!(appeal_page(page.as_bytes()), answer, "{text}");
    }
    // These have no menu: it is for those who are logged in.
    let alone = [
        (
            "<script>document.location = \"https://pacer.login.uscourts.gov/csologin/login.jsf?pscCourtId=01CA\";</script>",
            CourtPage::Is(Answer::LoginPage),
        ),
        (
            "The site is closed for maintenance.",
            CourtPage::Is(Answer::Maintenance),
        ),
        ("<?xml version='1.0'?><error/>", CourtPage::Is(Answer::Xml)),
        // The case is kept in ACMS.
        (
            "<form action='https://ca9-showdoc.example/Saml2/Acs' method=post>\
             <input type=\"hidden\" name=\"SAMLResponse\" value=\"x\"></form>",
            CourtPage::Is(Answer::CannotBeDisplayed),
        ),
    ];
    for (page, answer) in alone {
        assert_eq!(appeal_page(page.as_bytes()), answer, "{page}");
    }
}

#[test]
fn docket_that_quotes_a_refusal_is_a_docket() {
    let page = appeal(
        "<tr><td>02/03/2026</td><td>1</td><td>MOTION: Case Under Seal. The requested document cannot be displayed</td></tr>",
    );
    assert_eq!(appeal_page(page.as_bytes()), CourtPage::Is(Answer::Docket));
}
