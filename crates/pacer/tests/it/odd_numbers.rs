//! Numbers of cases as courts really write them, and matters that only a row names.

use pacer::page::possible_case_numbers::{Choice, Hints, Lookup, choose_for, lookup, parse};
use pacer::page::{PageError, docket, docket_history, nef, rss_feed};

use crate::notices::{case_417, district};
use crate::pages::{docket_with, entry, feed, feed_item, history};

#[track_caller]
fn check(printed: &str, court: &str, expected: [Option<&str>; 6]) {
    let row = entry("03/05/2024", "1", "2", "ORDER.");
    let heading = format!("CIVIL DOCKET FOR CASE #: {printed}");
    let page = match court.ends_with('b') {
        true => {
            format!("<center><font>{heading}</font></center>")
                + &docket_with("", "", &row).replace("1:24-cv-00417-ABC-DE", "")
        }
        false => docket_with(&heading, "", &row),
    };
    let docket = docket::parse(page.as_bytes(), court).unwrap().unwrap();
    let parts = docket.docket_number_parts;
    let found = [
        docket.docket_number.as_deref(),
        parts.federal_dn_office_code.as_deref(),
        parts.federal_dn_case_type.as_deref(),
        parts.federal_dn_judge_initials_assigned.as_deref(),
        parts.federal_dn_judge_initials_referred.as_deref(),
        parts.federal_defendant_number.as_deref(),
    ];
    assert_eq!(found, expected, "{printed} at {court}");
}

#[test]
fn types_of_cases_have_digits_and_signs_too() {
    let none = None;
    check(
        "2:31-a2-27244-CQR",
        "paed",
        [
            Some("2:31-a2-27244"),
            Some("2"),
            Some("a2"),
            Some("CQR"),
            none,
            none,
        ],
    );
    check(
        "1:31-2255-00001",
        "txnd",
        [
            Some("1:31-2255-00001"),
            Some("1"),
            Some("2255"),
            none,
            none,
            none,
        ],
    );
    check(
        "3:31-~gr-00001",
        "ctd",
        [
            Some("3:31-~gr-00001"),
            Some("3"),
            Some("~gr"),
            none,
            none,
            none,
        ],
    );
    check(
        "1:31-crcor-00001",
        "gasd",
        [
            Some("1:31-crcor-00001"),
            Some("1"),
            Some("crcor"),
            none,
            none,
            none,
        ],
    );
    check(
        "1:31-2255-00001-AQ-BT-2",
        "flsd",
        [
            Some("1:31-2255-00001"),
            Some("1"),
            Some("2255"),
            Some("AQ"),
            Some("BT"),
            Some("2"),
        ],
    );
    // At a bankruptcy court they are not read as the year and serial of another case.
    check(
        "1:31-2255-00001",
        "nysb",
        [
            Some("1:31-2255-00001"),
            Some("1"),
            Some("2255"),
            none,
            none,
            none,
        ],
    );
    check(
        "10:31-cv-00001",
        "cand",
        [
            Some("10:31-cv-00001"),
            Some("10"),
            Some("cv"),
            none,
            none,
            none,
        ],
    );
}

#[test]
fn usual_numbers_are_read_as_before() {
    let none = None;
    check(
        "3:20-cr-00070-TKW-MAL-1",
        "flnd",
        [
            Some("3:20-cr-00070"),
            Some("3"),
            Some("cr"),
            Some("TKW"),
            Some("MAL"),
            Some("1"),
        ],
    );
    check(
        "10-01083-8-RDD",
        "nceb",
        [Some("10-01083"), Some("8"), none, Some("RDD"), none, none],
    );
    check(
        "15-32065-bjh11",
        "txnb",
        [Some("15-32065"), none, none, Some("bjh"), none, none],
    );
    check(
        "95-00236",
        "akb",
        [Some("95-00236"), none, none, none, none, none],
    );
    check("of the year 31-2255", "cand", [none; 6]);
    check("12:30 to 14:15", "cand", [none; 6]);
}

#[test]
fn panel_numbers_litigations_and_petitions() {
    let number = |number| [Some(number), None, None, None, None, None];
    check("MCP No. 290", "jpml", number("MCP No. 290"));
    check("MDL No. 2873", "jpml", number("MDL No. 2873"));
    check("MCP 290", "jpml", number("MCP 290"));
    check("MCP No. 290", "dcd", number("MCP No. 290"));

    let page = history().replace("1:24-cv-00417-ABC-DE", "MCP No. 290");
    let found = docket_history::parse(page.as_bytes(), "jpml")
        .unwrap()
        .unwrap();
    assert_eq!(found.docket_number.as_deref(), Some("MCP No. 290"));

    let item = feed_item("MCP No. 290 IN RE: Tideland Leasing", "998877", "[Order]");
    let found = rss_feed::parse(feed(&item).as_bytes(), "jpml").unwrap();
    assert_eq!(found[0].docket_number, "MCP No. 290");
    assert_eq!(found[0].case_name, "IN RE: Tideland Leasing");
    assert_eq!(
        rss_feed::parse(feed(&item).as_bytes(), "cand"),
        Ok(Vec::new())
    );
}

#[test]
fn odd_numbers_in_feeds_and_notices() {
    let item = feed_item("2:31-a2-27244 Granite v. Valve", "998877", "[Order]");
    let found = rss_feed::parse(feed(&item).as_bytes(), "paed").unwrap();
    assert_eq!(found[0].docket_number, "2:31-a2-27244");
    let page = district(&case_417(), "").replace("1:24-cv-00417-ABC-DE", "3:31-~gr-00001");
    let notice = nef::parse(page.as_bytes(), "ctd").unwrap().unwrap();
    assert_eq!(
        notice.dockets[0].docket_number.as_deref(),
        Some("3:31-~gr-00001")
    );
}

/// An answer to a lookup: id and title of each case, all with one number.
fn answer(number: &str, cases: &[(&str, &str)]) -> String {
    let cases: String = cases
        .iter()
        .map(|(id, title)| format!("<case number='{number}' id='{id}' title='{title}'/>"))
        .collect();
    format!("<request number='{number}'>{cases}</request>")
}

#[track_caller]
fn main_case(page: &str, expected: Result<&str, PageError>) {
    let found = parse(page.as_bytes(), "tned", Hints::default());
    let id = found.map(|case| case.expect("there are cases").pacer_case_id);
    assert_eq!(id.as_deref().map_err(Clone::clone), expected);
}

#[test]
fn main_case_is_the_one_without_a_defendant() {
    let hallam = answer(
        "3:31-cr-56",
        &[
            (
                "91056",
                "3:31-cr-00056-TQV-JRM USA v. Hallam, et al. (closed 02/22/2034)",
            ),
            ("91057", "3:31-cr-00056-TQV-HBG-1 Darien Hallam"),
            ("91061", "3:31-cr-00056-TQV-JRM-3 Ruben Thornbury"),
        ],
    );
    main_case(&hallam, Ok("91056"));
    // Not the first, not the lowest, three judges, no judges.
    main_case(
        &answer(
            "1:24-cr-9",
            &[
                ("300", "1:24-cr-00009-ABC-DE-FG-2 Ines Corr"),
                ("310", "1:24-cr-00009-1 Jory Blackwood"),
                ("305", "1:24-cr-00009 USA v. Blackwood et al"),
            ],
        ),
        Ok("305"),
    );
    // Numbered by attributes, with a gap.
    let page = answer(
        "1:24-cr-9",
        &[
            ("300", "1:24-cr-00009 Blackwood' defendant='1"),
            ("301", "1:24-cr-00009 USA v. Blackwood' defendant='0"),
            ("302", "1:24-cr-00009 Corr' defendant='4"),
        ],
    );
    main_case(&page, Ok("301"));
    // Whoever asked for a defendant gets that one.
    let Ok(Lookup::Cases(cases)) = lookup(hallam.as_bytes()) else {
        panic!("there are cases")
    };
    let id = |text: &str| {
        let number = pacer::ids::DocketNumber::parse(text).unwrap();
        match choose_for(cases.clone(), &number) {
            Choice::One(case) => case.id,
            Choice::Several(left) => format!("{} left", left.len()),
        }
    };
    assert_eq!(id("3:31-cr-00056"), "91056");
    assert_eq!(id("3:31-cr-00056-TQV-JRM-3"), "91061");
}

#[test]
fn several_cases_are_not_guessed_at() {
    let ambiguous = Err(PageError::Ambiguous);
    // Two of them have no number of a defendant.
    main_case(
        &answer(
            "3:31-cr-56",
            &[
                ("1", "3:31-cr-00056 USA v. Corr"),
                ("5", "3:31-cr-00056 USA v. Finch"),
                ("9", "3:31-cr-00056-1 Finch"),
            ],
        ),
        ambiguous.clone(),
    );
    // They are different cases.
    let mixed = answer(
        "3:31-cr-56",
        &[
            ("1", "3:31-cr-00056 USA v. Corr"),
            ("9", "3:31-mj-00056-1 Finch"),
        ],
    )
    .replacen("3:31-cr-56' id='9'", "3:31-mj-56' id='9'", 1);
    main_case(&mixed, ambiguous);
}

/// A docket without a caption, whose matter a row names.
fn matter(heading: &str, name: &str) -> String {
    let parties = format!(
        "<table><tr><td><b><u>{heading}     </u></b></td></tr><tr><td>\n<B>{name}</B>\n</td></tr>\
         <tr><td><b><u>Movant</u></b></td></tr><tr><td><b>Odile Brandt</b></td></tr></table>"
    );
    docket_with("CIVIL DOCKET FOR CASE #: 2:31-mc-00058-QRS", &parties, "")
        .replace("Penhallow et al vs. Nimbus Kettle Works<br>", "")
}

#[test]
fn case_is_named_after_the_matter_that_a_row_names() {
    let name = |page: &str, court: &str| {
        docket::parse(page.as_bytes(), court)
            .unwrap()
            .unwrap()
            .case_name
    };
    for heading in ["IN RE:", "In Re", "In the Matter of:", "In re :"] {
        for court in ["wied", "dcd"] {
            let page = matter(heading, "Application to Inspect the Survey Papers");
            assert_eq!(
                name(&page, court),
                "In re Application to Inspect the Survey Papers",
                "{heading}"
            );
        }
    }
    let page = matter("IN RE:", "In re Search of a Kettle");
    assert_eq!(name(&page, "wied"), "In re Search of a Kettle");
    let page = matter("In Re:", "Survey Papers")
        + "<center><font>Miscellaneous Proceeding #: 31-00058</font></center>";
    assert_eq!(name(&page, "nysb"), "In re Survey Papers");
}

#[test]
fn a_caption_or_sides_name_a_case_before_any_matter() {
    let page =
        matter("IN RE:", "Survey Papers").replace("Assigned to", "Corr v. Finch<br>Assigned to");
    let docket = docket::parse(page.as_bytes(), "wied").unwrap().unwrap();
    assert_eq!(docket.case_name, "Corr v. Finch");
    let page = matter("Interested Party", "Inre Kettle Works");
    let docket = docket::parse(page.as_bytes(), "wied").unwrap().unwrap();
    assert_eq!(docket.case_name, "Unknown Case Title");
}

#[test]
fn all_judges_are_kept_where_there_are_several() {
    let judges = |lines: &str| {
        let page = docket_with("CIVIL DOCKET FOR CASE #: 3:31-cv-00939", "", "")
            .replace("Cause: 28", &format!("{lines}<br>Cause: 28"));
        docket::parse(page.as_bytes(), "cand").unwrap().unwrap()
    };
    let docket = judges(
        "Referred to: Magistrate Judge Bo R. Tanager<br>\n&nbsp;&nbsp;&nbsp;Magistrate Judge Cleo Marsh (Settlement)",
    );
    assert_eq!(docket.referred_to_str, "Bo R. Tanager");
    let expected = vec!["Bo R. Tanager".to_owned(), "Cleo Marsh".to_owned()];
    assert_eq!(docket.referred_to_judges, Some(expected));
    assert_eq!(docket.cause, "28:1332 Diversity");

    let docket =
        judges("Referred to: Magistrate Judge Bo R. Tanager<br>&nbsp;Related Case: 5:31-cv-1");
    assert_eq!(docket.referred_to_judges, None);
    let json = serde_json::to_value(&docket).unwrap();
    assert_eq!(json.get("referred_to_judges"), None, "one judge is no list");

    let page = history().replace(
        "Rosalind M Ferrant, referral",
        "Rosalind M Ferrant, referral<br>Cleo Marsh, referral",
    );
    let found = docket_history::parse(page.as_bytes(), "cand")
        .unwrap()
        .unwrap();
    assert_eq!(found.referred_to_str, "Rosalind M. Ferrant");
    let expected = vec!["Rosalind M. Ferrant".to_owned(), "Cleo Marsh".to_owned()];
    assert_eq!(found.referred_to_judges, Some(expected));
}

#[test]
fn heading_that_begins_a_name_is_the_beginning_of_it() {
    for (heading, expected, court) in [
        (
            "In the Matter of the Application of",
            "In the Matter of the Application of Odile Brandt",
            "nysd",
        ),
        (
            "IN RE APPLICATION OF:",
            "In re Application of Odile Brandt",
            "flsd",
        ),
        (
            "In re the Search of",
            "In re the Search of Odile Brandt",
            "dcd",
        ),
        (
            "Matter of the Extradition of",
            "Matter of the Extradition of Odile Brandt",
            "cacd",
        ),
    ] {
        let page = matter(heading, "Odile Brandt");
        let docket = docket::parse(page.as_bytes(), court).unwrap().unwrap();
        assert!(
            docket.case_name.eq_ignore_ascii_case(expected),
            "{heading}: {}",
            docket.case_name
        );
    }
    // These are roles of parties.
    for heading in ["In Re Debtor", "Interested Party", "Counsel for Matter"] {
        let page = matter(heading, "Odile Brandt");
        let docket = docket::parse(page.as_bytes(), "dcd").unwrap().unwrap();
        assert_eq!(docket.case_name, "Unknown Case Title", "{heading}");
    }
}
