//! Forms and paths.

use chrono::NaiveDate;
use pacer::court::Court;
use pacer::form::{
    DateRangeType, DocketReportOptions, DocumentOptions, LoginBody, document_path, lookup_path,
    show_case_doc_path,
};
use pacer::ids::{DocketNumber, PacerCaseId, PacerDocId};

fn fields(options: &DocketReportOptions, court: &str) -> Vec<(&'static str, String)> {
    let case = PacerCaseId::parse("998877").unwrap();
    options.fields(Court::by_pacer_id(court).unwrap(), &case)
}

fn value<'a>(fields: &'a [(&'static str, String)], name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.as_str())
}

#[test]
fn plain_docket_asks_for_everything_since_1960() {
    let fields = fields(&DocketReportOptions::default(), "cand");
    assert_eq!(value(&fields, "all_case_ids"), Some("998877"));
    assert_eq!(value(&fields, "case_num"), Some(" "));
    assert_eq!(value(&fields, "date_from"), Some("1/1/1960"));
    assert_eq!(value(&fields, "date_range_type"), Some("Filed"));
    assert_eq!(value(&fields, "sort1"), Some("oldest date first"));
    for absent in [
        "date_type",
        "date_to",
        "list_of_parties_and_counsel",
        "terminated_parties",
        "list_of_member_cases",
    ] {
        assert_eq!(value(&fields, absent), None, "{absent}");
    }
}

#[test]
fn bankruptcy_gets_both_names_of_the_date_field() {
    let options = DocketReportOptions {
        date_range_type: DateRangeType::Entered,
        ..DocketReportOptions::default()
    };
    let fields = fields(&options, "canb");
    assert_eq!(value(&fields, "date_range_type"), Some("Entered"));
    assert_eq!(value(&fields, "date_type"), Some("entered"));
}

#[test]
fn ranges_and_parties_are_sent_as_asked() {
    let mut options = DocketReportOptions {
        date_from: NaiveDate::from_ymd_opt(2024, 3, 5),
        date_to: NaiveDate::from_ymd_opt(2024, 12, 31),
        number_from: Some(7),
        terminated_parties: true,
        ..DocketReportOptions::default()
    };
    let sent = fields(&options, "cand");
    assert_eq!(value(&sent, "date_from"), Some("03/05/2024"));
    assert_eq!(value(&sent, "date_to"), Some("12/31/2024"));
    assert_eq!(value(&sent, "documents_numbered_from_"), Some("7"));
    assert_eq!(
        value(&sent, "terminated_parties"),
        None,
        "courts refuse it without the others"
    );
    options.parties_and_counsel = true;
    assert_eq!(
        value(&fields(&options, "cand"), "terminated_parties"),
        Some("on")
    );
}

#[test]
fn document_is_bought_past_the_price_page() {
    let case = PacerCaseId::parse("998877").unwrap();
    let options = DocumentOptions {
        case: Some(&case),
        sequence_number: Some("31"),
        magic_number: None,
    };
    let fields = options.fields();
    assert_eq!(value(&fields, "got_receipt"), Some("1"));
    assert_eq!(value(&fields, "caseid"), Some("998877"));
    assert_eq!(value(&fields, "magic_num"), None);
    assert_eq!(
        value(&DocumentOptions::default().fields(), "caseid"),
        None,
        "shared documents need none"
    );
}

#[test]
fn paths_carry_ids_safely() {
    let number = DocketNumber::parse("1:24-CV-00417").unwrap();
    assert_eq!(
        lookup_path(&number),
        "/cgi-bin/possible_case_numbers.pl?1:24-cv-00417"
    );
    let odd = DocketNumber::parse("MDL No. 2168&x#y").unwrap();
    assert_eq!(
        lookup_path(&odd),
        "/cgi-bin/possible_case_numbers.pl?mdl%20no.%202168%26x%23y"
    );
    let document = PacerDocId::parse("035012345").unwrap();
    assert_eq!(
        document_path(&document.single_document()),
        "/doc1/035112345"
    );
    let case = PacerCaseId::parse("998877").unwrap();
    assert_eq!(
        show_case_doc_path(7, &case, Some(2)),
        "/cgi-bin/show_case_doc?7,998877,2,,"
    );
}

#[test]
fn login_has_only_what_was_given() {
    let body: serde_json::Value = serde_json::from_slice(
        &LoginBody::new("someone", "a \"secret\"")
            .client_code("")
            .to_json(),
    )
    .unwrap();
    assert_eq!(
        body,
        serde_json::json!({"loginId": "someone", "password": "a \"secret\"", "redactFlag": "1"})
    );
    let body: serde_json::Value = serde_json::from_slice(
        &LoginBody::new("a", "b")
            .client_code("kettle")
            .otp_code("123456")
            .to_json(),
    )
    .unwrap();
    assert_eq!(
        (&body["clientCode"], &body["otpCode"]),
        (&"kettle".into(), &"123456".into())
    );
}
