//! The register of courts, and prices.

use pacer::court::{Court, CourtKind, Listing};
use pacer::ids::PacerDocId;
use pacer::price::{
    Item, cents, html_pages, is_opinion, item_of_description, item_of_unpriced, parse_cents,
    quarter_due_cents, upper_bound_cents,
};

#[test]
fn register_has_all_pacer_courts() {
    let count = |kind: CourtKind| {
        Court::all()
            .iter()
            .filter(|court| court.kind == kind && court.is_pacer_court())
            .count()
    };
    assert_eq!(count(CourtKind::District), 94);
    assert_eq!(count(CourtKind::Bankruptcy), 94);
    assert_eq!(count(CourtKind::Appellate), 13);
    assert_eq!(count(CourtKind::Special), 4);
}

#[test]
fn every_court_that_can_be_fetched_is_found_by_both_ids() {
    for court in Court::all().iter().filter(|court| court.is_pacer_court()) {
        let cl_id = court.cl_id.as_deref().expect("such courts have one");
        assert_eq!(
            Court::by_cl_id(cl_id).map(|found| &found.id),
            Some(&court.id)
        );
        assert_eq!(
            Court::by_pacer_id(court.id.as_str()).and_then(|found| found.cl_id.as_deref()),
            Some(cl_id)
        );
        assert!(court.timezone.is_some(), "{} has a clock", court.id);
        assert!(
            court
                .doc_id_prefix
                .as_ref()
                .is_some_and(|prefix| prefix.len() == 3),
            "{}",
            court.id
        );
    }
}

#[test]
fn names_differ_for_four_courts() {
    let pacer_id = |cl_id: &str| Court::by_cl_id(cl_id).map(|court| court.id.as_str());
    assert_eq!(pacer_id("arb"), Some("azb"), "Arizona, not Arkansas");
    assert_eq!(pacer_id("uscfc"), Some("cofc"));
    assert_eq!(pacer_id("nebraskab"), Some("neb"));
    assert_eq!(pacer_id("nysb"), Some("nysb"), "never the mega-case server");
    assert_eq!(pacer_id("scotus"), None);
}

#[test]
fn jurisdictions_decide_what_the_api_accepts() {
    let court = |id: &str| Court::by_pacer_id(id).unwrap();
    assert_eq!(court("ca9").jurisdiction(), "F");
    assert_eq!(court("cand").jurisdiction(), "FD");
    assert_eq!(court("canb").jurisdiction(), "FB");
    assert_eq!(court("cavc").jurisdiction(), "FS");
    assert!(court("cavc").is_appellate() && !court("cit").is_appellate());
    let listing = |id: &str| Listing::by_id(id).unwrap();
    assert!(court("jpml").is_pacer_court() && !listing("jpml").is_accepted_by_court_field());
    assert!(listing("cavc").is_accepted_by_court_field());
    assert!(listing("scotus").is_accepted_by_court_field());
    assert!(!court("bap9").is_pacer_court() && !court("bap9").is_bankruptcy());
}

#[test]
fn every_court_is_listed_once_in_its_class_and_place() {
    let listed = Listing::all();
    assert_eq!(listed.len(), 265);
    assert!(listed.is_sorted_by(|one, next| one.position < next.position));
    let count = |class: &str| {
        let courts = listed.iter();
        courts.filter(|court| court.jurisdiction == class).count()
    };
    let classes = ["F", "FD", "FB", "FBP", "FS", "C"].map(count);
    assert_eq!(classes, [14, 125, 95, 8, 22, 1]);
    for court in Court::all() {
        let Some(cl_id) = court.cl_id.as_deref() else {
            continue;
        };
        let listing = Listing::by_id(cl_id).unwrap_or_else(|| panic!("{cl_id} is not listed"));
        assert_eq!(listing.jurisdiction, court.jurisdiction(), "{cl_id}");
    }
    let cand = Listing::by_id("cand").unwrap();
    assert_eq!(
        (&*cand.citation_string, &*cand.fjc_court_id, cand.position),
        ("N.D. Cal.", "71", 205_100)
    );
}

#[test]
fn documents_belong_to_the_court_of_their_prefix() {
    let document = |id: &str| PacerDocId::parse(id).unwrap();
    let court = |id: &str| Court::by_pacer_id(id).unwrap();
    assert!(court("cand").owns_document(&document("035112345")));
    assert!(!court("canb").owns_document(&document("035112345")));
    assert!(court("cavc").owns_document(&document("012012345")));
    assert!(court("ca9").owns_document(&document("a0b1c2d3-0000-4000-8000-000000000001")));
}

#[test]
fn prices_follow_the_schedule() {
    assert_eq!(cents(Item::Document, 1), 10);
    assert_eq!(cents(Item::Document, 31), 300);
    assert_eq!(cents(Item::CaseReport, 4_000), 300);
    assert_eq!(cents(Item::Transcript, 31), 310);
    assert_eq!(cents(Item::Search, 0), 10);
    assert_eq!(cents(Item::Audio, 1), 240);
    assert_eq!(cents(Item::Free, 7), 0);
    assert_eq!(upper_bound_cents(Item::CaseReport), Some(300));
    assert_eq!(upper_bound_cents(Item::Transcript), None);
    assert_eq!(
        (html_pages(0), html_pages(4_320), html_pages(4_321)),
        (1, 1, 2)
    );
    assert_eq!(
        (quarter_due_cents(3_000), quarter_due_cents(3_100)),
        (0, 3_100)
    );
    assert_eq!(item_of_description("TRANSCRIPT:12-0"), Item::Transcript);
}

#[test]
fn amounts_are_read_to_the_cent_or_not_at_all() {
    let amounts = [
        ("3.00", Some(300)),
        ("$0.10", Some(10)),
        ("1,203.5", Some(120_350)),
        (".08", Some(8)),
        ("2", Some(200)),
        ("1.234", None),
        ("free", None),
        ("", None),
    ];
    for (text, amount) in amounts {
        assert_eq!(parse_cents(text), amount, "{text}");
    }
}

#[test]
fn an_opinion_is_told_by_the_first_words_of_its_entry() {
    for text in [
        "OPINION issued. The teapot is to be returned.",
        "Opinion and Order: the kettle stays.",
        "MEMORANDUM OPINION by Judge Nobody",
        "PER CURIAM OPINION filed [0912]",
        "*UNPUBLISHED OPINION* FILED.",
        "opinion",
    ] {
        assert!(is_opinion(text), "{text}");
        assert_eq!(item_of_unpriced(text), Item::Free, "{text}");
    }
    for text in [
        "MOTION to publish opinion filed by Kettle.",
        "ORDER amending the opinion.",
        "OPINION LETTER of counsel.",
        "Opinions of several experts",
        "MEMORANDUM in support",
        "per",
        "",
    ] {
        assert!(!is_opinion(text), "{text}");
        assert_eq!(item_of_unpriced(text), Item::Document, "{text}");
    }
    assert_eq!(
        item_of_unpriced("TRANSCRIPT of the opinion"),
        Item::Transcript
    );
}
