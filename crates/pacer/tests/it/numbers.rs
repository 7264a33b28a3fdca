//! Docket numbers, and which of several cases one means.

use pacer::ids::{DocketNumber, InvalidId, PacerCaseId, PacerDocId};
use pacer::page::PageError;
use pacer::page::possible_case_numbers::{Choice, Hints, Lookup, choose_for, lookup, parse};

fn number(text: &str) -> DocketNumber {
    DocketNumber::parse(text).unwrap()
}

#[test]
fn lookups_get_a_plain_number() {
    let cases = [
        ("5:16-cv-00432-R", "5:16-cv-00432"),
        (" Case No. 1:24\u{2013}CV\u{2013}417 ", "1:24-cv-417"),
        ("3:20-cr-00070-TKW-MAL-1", "3:20-cr-00070"),
        ("15-32065-bjh11", "15-32065"),
        ("10-01083-8-RDD", "10-01083"),
        ("8-09-78584-ast", "09-78584"),
        ("NYS/1:22-cv-10283", "nys/1:22-cv-10283"),
        ("MDL No. 2168", "mdl no. 2168"),
        ("1203879", "1203879"),
    ];
    for (typed, sent) in cases {
        assert_eq!(number(typed).for_lookup(), sent, "{typed}");
    }
    assert_eq!(DocketNumber::parse(" No. "), Err(InvalidId::Empty));
}

/// What people write, how it is read, and what the court is asked.
const WRITTEN: &[(&str, &str, &str)] = &[
    // As courts print them.
    ("5:16-cv-00432", "5:16-cv-00432", "5:16-cv-00432"),
    ("5:16-cv-00432-R", "5:16-cv-00432", "5:16-cv-00432"),
    ("5:31-cr-01043-AQ-BT-1", "5:31-cr-01043-1", "5:31-cr-01043"),
    ("2:31-a2-27244-CMR", "2:31-a2-27244", "2:31-a2-27244"),
    ("1:21-2255-00001", "1:21-2255-00001", "1:21-2255-00001"),
    ("3:21-~gr-00001", "3:21-~gr-00001", "3:21-~gr-00001"),
    ("1:21-crcor-00001", "1:21-crcor-00001", "1:21-crcor-00001"),
    ("15-32065-bjh11", "15-32065", "15-32065"),
    ("10-01083-8-RDD", "8:10-01083", "10-01083"),
    ("16-1432", "16-1432", "16-1432"),
    ("MCP No. 290", "MCP No. 290", "mcp no. 290"),
    // Missing zeros, capitals, no office.
    ("5:31-cr-1043", "5:31-cr-01043", "5:31-cr-1043"),
    ("5:31-CR-01043", "5:31-cr-01043", "5:31-cr-01043"),
    ("31-cr-1043", "31-cr-01043", "31-cr-1043"),
    ("16-CV-00432", "16-cv-00432", "16-cv-00432"),
    // Without hyphens, and with years of four digits.
    ("16cv432", "16-cv-00432", "16-cv-432"),
    ("16CV00432", "16-cv-00432", "16-cv-00432"),
    ("5:16cv432", "5:16-cv-00432", "5:16-cv-432"),
    ("5:2016cv432", "5:16-cv-00432", "5:16-cv-432"),
    ("5:2016-cv-00432", "5:16-cv-00432", "5:16-cv-00432"),
    ("2016-432", "16-432", "16-432"),
    ("1998cv12", "98-cv-00012", "98-cv-12"),
    ("5-16-cv-00432", "5:16-cv-00432", "5:16-cv-00432"),
    ("5 16 cv 432", "5:16-cv-00432", "5:16-cv-432"),
    // The type in front, or in words.
    ("CIV-16-0432", "16-cv-00432", "16-cv-0432"),
    ("CIV-16-432-R", "16-cv-00432", "16-cv-432"),
    ("CV 16-432-DMG", "16-cv-00432", "16-cv-432"),
    ("CR16-432", "16-cr-00432", "16-cr-432"),
    ("C 07-5634", "07-cv-05634", "07-cv-5634"),
    ("C 07-CV-5634 CRB", "07-cv-05634", "07-cv-5634"),
    ("4:CV-16-432", "4:16-cv-00432", "4:16-cv-432"),
    ("SACV 16-00432", "16-cv-00432", "16-cv-00432"),
    ("A-16-CV-432-LY", "16-cv-00432", "16-cv-432"),
    ("16 Civ. 432 (ABC)", "16-cv-00432", "16-cv-432"),
    ("16 Cr. 432 (ABC) (DE)", "16-cr-00432", "16-cr-432"),
    // With words around.
    ("Case No. 5:16-cv-00432", "5:16-cv-00432", "5:16-cv-00432"),
    ("Case No. 16cv432", "16-cv-00432", "16-cv-432"),
    ("No. 16-1432", "16-1432", "16-1432"),
    ("Civil Action No. 16-cv-432", "16-cv-00432", "16-cv-432"),
    ("Civ. No. 16-432", "16-cv-00432", "16-cv-432"),
    ("Criminal No. 16-432", "16-cr-00432", "16-cr-432"),
    ("Docket No. 16-cv-432-2", "16-cv-00432-2", "16-cv-432"),
    (
        "Case Number: 1:24\u{2013}cv\u{2013}417",
        "1:24-cv-00417",
        "1:24-cv-417",
    ),
    // Not understood, and asked for as it is.
    ("21-2255-00001", "21-2255-00001", "21-2255-00001"),
    ("1203879", "1203879", "1203879"),
];

#[test]
fn numbers_are_understood_as_people_write_them() {
    for (text, reading, asked) in WRITTEN {
        let number = number(text);
        assert!(number.may_be_one(), "{text}");
        assert_eq!(
            (number.reading().as_str(), number.for_lookup().as_str()),
            (*reading, *asked),
            "{text}"
        );
    }
}

#[test]
fn what_is_no_number_is_told() {
    for text in [
        "Penhallow v. Nimbus",
        "sealed",
        "N/A",
        "03/05/2024",
        "2024-03-05",
        "03-05-2024",
        "10:30",
        "16-1432, 16-1433",
        "1:24-cv-00417 and 1:24-cv-00418",
        "https://ecf.example.gov/1",
    ] {
        let number = number(text);
        assert!(!number.may_be_one(), "{text}: {:?}", number.components());
        assert_eq!(number.components(), None, "{text}");
    }
}

#[test]
fn judges_and_defendants_are_told_apart() {
    let parts = |text: &str| number(text).components().expect("it is understood");
    let found = parts("16 Cr. 432 (ABC) (DE)");
    assert_eq!(found.judge_assigned.as_deref(), Some("ABC"));
    assert_eq!(found.judge_referred.as_deref(), Some("DE"));
    let found = parts("5-16-CR-432-AQ-BT-2");
    assert_eq!(
        (found.judge_referred.as_deref(), found.defendant.as_deref()),
        (Some("BT"), Some("2"))
    );
    // A digit behind a short serial is no office.
    let found = parts("21-2255-2");
    assert_eq!((found.office, found.serial.as_str()), (None, "2255"));
}

#[test]
fn cores_match_dockets_across_spellings() {
    let cases = [
        ("5:16-cv-00432-R", Some("1600432")),
        ("1:19-bk-12345", Some("1912345")),
        ("12-332", Some("12000332")),
        ("16-cv-432", Some("1600432")),
        ("16cv432", Some("1600432")),
        ("CIV-16-432-R", Some("1600432")),
        ("1:21-2255-00001", Some("2100001")),
        ("3:21-~gr-00001", Some("2100001")),
        ("MDL No. 2168", None),
        ("1:24-cv-00417, 1:24-cv-00418", None),
    ];
    for (text, core) in cases {
        assert_eq!(number(text).core().as_deref(), core, "{text}");
    }
}

#[test]
fn document_ids_have_two_faces() {
    let document = PacerDocId::parse("01712427473").unwrap();
    assert_eq!(document.canonical().as_str(), "01702427473");
    assert_eq!(document.canonical().single_document(), document);
    assert_eq!(document.prefix(), Some("017"));
    let guid = PacerDocId::parse("a0b1c2d3-0000-4000-8000-000000000001").unwrap();
    assert_eq!((guid.canonical(), guid.prefix()), (guid.clone(), None));
    assert_eq!(PacerDocId::parse("017/../x"), Err(InvalidId::BadCharacter));
    assert_eq!(PacerCaseId::parse("  "), Err(InvalidId::Empty));
    assert!(PacerCaseId::looks_like_docket_number("24-417"));
}

fn answer(cases: &[(&str, &str, &str, &str)]) -> String {
    let cases: String = cases
        .iter()
        .map(|(number, id, title, rest)| {
            format!("<case number='{number}' id=\"{id}\" title='{title}' {rest}/>")
        })
        .collect();
    format!("<request number='24-00009'>{cases}</request>")
}

fn chosen(page: &str, hints: Hints<'_>) -> Result<String, PageError> {
    parse(page.as_bytes(), "any", hints).map(|found| found.expect("a case was found").pacer_case_id)
}

fn mixed() -> String {
    answer(&[
        (
            "1:24-cv-9",
            "100",
            "1:24-cv-00009-ABC Penhallow v. Nimbus Kettle Works (closed 01/01/2025)",
            "",
        ),
        ("1:24-cr-9", "300", "1:24-cr-00009 USA v. Blackwood", ""),
        (
            "2:24-cv-9",
            "500",
            "2:24-cv-00009 Corr v. Finch &amp; Sons",
            "",
        ),
    ])
}

#[test]
fn messages_are_told_apart() {
    let message = |text: &str| {
        lookup(format!("<request number='1'><message text='{text}'/></request>").as_bytes())
    };
    assert_eq!(message("Cannot find case 1"), Ok(Lookup::NotFound));
    assert_eq!(message("Case Under Seal"), Ok(Lookup::Sealed));
    assert_eq!(
        message("Not logged in.  Please refresh this page."),
        Ok(Lookup::NotLoggedIn)
    );
    assert!(message("The moon is full").is_err());
    assert!(lookup(b"<html>no</html>").is_err());
    let sealed = b"<request><message text=\"Case Under Seal\"/></request>";
    assert_eq!(parse(sealed, "any", Hints::default()), Ok(None));
}

#[test]
fn hints_choose_among_several_cases() {
    let page = mixed();
    let hints = Hints::default();
    assert_eq!(chosen(&page, hints), Err(PageError::Ambiguous));
    assert_eq!(
        chosen(
            &page,
            Hints {
                office_number: Some("2"),
                ..hints
            }
        )
        .as_deref(),
        Ok("500")
    );
    assert_eq!(
        chosen(
            &page,
            Hints {
                docket_number_letters: Some("cr"),
                ..hints
            }
        )
        .as_deref(),
        Ok("300")
    );
    assert_eq!(
        chosen(
            &page,
            Hints {
                case_name: Some("corr v finch and sons"),
                ..hints
            }
        )
        .as_deref(),
        Ok("500")
    );
    assert_eq!(
        chosen(
            &page,
            Hints {
                case_name: Some("99"),
                ..hints
            }
        ),
        Err(PageError::NoMatch)
    );
}

#[test]
fn defendants_of_a_series_mean_their_case() {
    let page = answer(&[
        (
            "1:24-cr-9-1",
            "301",
            "1:24-cr-00009-1 USA v. Blackwood",
            "defendant='1'",
        ),
        (
            "1:24-cr-9",
            "300",
            "1:24-cr-00009 USA v. Blackwood et al",
            "defendant='0'",
        ),
    ]);
    assert_eq!(chosen(&page, Hints::default()).as_deref(), Ok("300"));
}

#[test]
fn number_itself_narrows_the_cases() {
    let Ok(Lookup::Cases(cases)) = lookup(mixed().as_bytes()) else {
        panic!("there are cases")
    };
    assert_eq!(cases[2].title, "2:24-cv-00009 Corr v. Finch & Sons");
    let id = |text: &str| match choose_for(cases.clone(), &number(text)) {
        Choice::One(case) => case.id,
        Choice::Several(left) => format!("{} left", left.len()),
    };
    assert_eq!(id("1:24-cr-00009"), "300");
    assert_eq!(id("2:24-cv-9-XYZ"), "500");
    assert_eq!(id("24-cv-00009"), "2 left");
    assert_eq!(id("24-00009"), "3 left");
}

#[test]
fn judges_initials_tell_cases_of_two_offices_apart() {
    let page = answer(&[
        (
            "1:24-cv-9",
            "300",
            "1:24-cv-00009-ABC Penhallow v. Nimbus",
            "",
        ),
        ("3:24-cv-9", "500", "3:24-cv-00009-DEF-GH Corr v. Finch", ""),
    ]);
    let Ok(Lookup::Cases(cases)) = lookup(page.as_bytes()) else {
        panic!("there are cases")
    };
    let left = |text: &str| match choose_for(cases.clone(), &number(text)) {
        Choice::One(case) => case.id,
        Choice::Several(left) => format!("{} left", left.len()),
    };
    assert_eq!(left("24-cv-00009-def"), "500");
    assert_eq!(left("24-cv-00009-XYZ"), "2 left");
    assert_eq!(
        left("1:24-cv-00009-DEF"),
        "300",
        "the office is the court's own word"
    );
}

#[test]
fn offices_may_be_letters() {
    assert_eq!(number("A:24-cv-00009").for_lookup(), "a:24-cv-00009");
    let parts = number("a:24-00009").components().expect("a known form");
    assert_eq!(parts.office.as_deref(), Some("a"));
    let page = answer(&[
        ("1:24-cv-9", "300", "1:24-cv-00009 Penhallow v. Nimbus", ""),
        ("A:24-cv-9", "500", "A:24-cv-00009 Corr v. Finch", ""),
    ]);
    let Ok(Lookup::Cases(cases)) = lookup(page.as_bytes()) else {
        panic!("there are cases")
    };
    for text in ["A:24-cv-00009", "a:24-00009"] {
        match choose_for(cases.clone(), &number(text)) {
            Choice::One(case) => assert_eq!(case.id, "500", "{text}"),
            Choice::Several(left) => panic!("{text} leaves {left:?}"),
        }
    }
}

#[test]
fn neighbouring_ids_of_different_cases_are_not_guessed_at() {
    let page = answer(&[
        ("1:24-cv-9", "300", "1:24-cv-00009 Penhallow v. Nimbus", ""),
        ("1:24-cr-9", "301", "1:24-cr-00009 USA v. Blackwood", ""),
    ]);
    let Ok(Lookup::Cases(cases)) = lookup(page.as_bytes()) else {
        panic!("there are cases")
    };
    assert!(
        matches!(choose_for(cases, &number("24-00009")), Choice::Several(left) if left.len() == 2)
    );
}
