//! The conformance vectors (`docs/API.md#conformance-vectors`) that need neither a login nor a database.
//!
//! Docket 1 is in a district court, docket 2 in `ca9`; document 1 is not available, document 2 is.

use fetch_library::read::{DocketFacts, DocumentFacts};
use fetch_model::fields::{FIELDS, Kind, by_name};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    ApiError, Form, Json, Source, checks,
    submission::{ReferencedRows, Submission, decode, ids_named},
};

fn known(fields: &dyn Source) -> ReferencedRows {
    let (docket, document) = ids_named(fields);
    let docket = docket.and_then(|id| match id.0 {
        1 => Some("okwd"),
        2 => Some("ca9"),
        3 => Some("jpml"),
        _ => None,
    });
    let is_available = document.and_then(|id| match id.0 {
        1 => Some(false),
        2 => Some(true),
        _ => None,
    });
    ReferencedRows {
        first_id: None,
        now: "2026-11-28T12:00:00Z".parse().unwrap(),
        docket: docket.map(|court| DocketFacts {
            court: court.to_owned(),
            pacer_case_id: None,
            docket_number: None,
        }),
        document: is_available.map(|is_available| DocumentFacts {
            court: "okwd".to_owned(),
            is_available,
        }),
    }
}

fn submit(fields: &dyn Source) -> Result<(Submission, String), String> {
    let known = known(fields);
    let text = |refusal: ApiError| serde_json::to_string(&refusal.into_object()).unwrap();
    let submission = decode(fields, &known).map_err(|errors| text(errors.into()))?;
    let court = checks::check(&submission, &known)
        .map_err(|sentence| text(ApiError::NonField(sentence)))?;
    Ok((submission, court.0))
}

fn json_fields(mut body: Value) -> Json {
    let object = body.as_object_mut().unwrap();
    object.entry("pacer_username").or_insert("u".into());
    object.entry("pacer_password").or_insert("p".into());
    Json::parse(body.to_string().as_bytes()).unwrap()
}

fn form_fields(query: &str) -> Form {
    let query = format!("pacer_username=u&pacer_password=p&{query}");
    Form::new(url::form_urlencoded::parse(query.as_bytes()).into_owned())
}

fn accepted(fields: &dyn Source) -> Submission {
    submit(fields)
        .unwrap_or_else(|refusal| panic!("refused: {refusal}"))
        .0
}

fn refused(fields: &dyn Source, expected: Value) {
    assert_eq!(
        submit(fields).map(|_| ()).unwrap_err(),
        expected.to_string()
    );
}

fn refused_whole(fields: &dyn Source, start: &str) {
    let text = submit(fields).map(|_| ()).unwrap_err();
    let start = format!("{{\"non_field_errors\":[\"{start}");
    assert!(text.starts_with(&start), "{text}");
}

fn booleans(fields: &dyn Source) -> (bool, bool, bool) {
    let options = accepted(fields).options();
    (
        options.show_parties_and_counsel,
        options.show_terminated_parties,
        options.show_list_of_member_cases,
    )
}

#[test]
fn vector_2_names_the_required_fields_in_their_order() {
    let fields = Json::parse(b"{}").unwrap();
    assert_eq!(
        submit(&fields).map(|_| ()).unwrap_err(),
        r#"{"pacer_username":["This field is required."],"pacer_password":["This field is required."],"request_type":["This field is required."]}"#
    );
}

#[test]
fn vectors_3_to_8_booleans_depend_on_the_format() {
    let json_body = json!({"request_type": 1, "docket": 1});
    assert_eq!(booleans(&json_fields(json_body)), (true, true, false));
    let form = "request_type=1&docket=1";
    assert_eq!(booleans(&form_fields(form)), (false, false, false));
    let with_parties = format!("{form}&show_parties_and_counsel=true");
    assert_eq!(booleans(&form_fields(&with_parties)), (true, false, false));
    let empty = accepted(&form_fields(&format!("{form}&show_parties_and_counsel=")));
    assert!(empty.options().show_parties_and_counsel);
    let terminated = form_fields(&format!("{form}&show_terminated_parties=true"));
    refused_whole(
        &terminated,
        "You've requested to show_terminated_parties parties while",
    );
    let alone = json!({"request_type": 1, "docket": 1, "show_terminated_parties": true});
    refused_whole(
        &json_fields(alone),
        "You've requested to show_terminated_parties parties while",
    );
}

#[test]
fn no_parties_means_no_terminated_parties_either() {
    let body = json!({"request_type": 1, "docket": 1, "show_parties_and_counsel": false});
    assert_eq!(booleans(&json_fields(body)), (false, false, false));
}

#[test]
fn vectors_9_to_13_what_is_wanted_must_be_named() {
    let choice = json!({"request_type": ["\"9\" is not a valid choice."]});
    refused(&json_fields(json!({"request_type": 9})), choice);
    refused_whole(
        &json_fields(json!({"request_type": 1})),
        "For docket requests, please provide",
    );
    refused_whole(
        &json_fields(json!({"request_type": 2})),
        "recap_document is a required field",
    );
    refused_whole(
        &json_fields(json!({"request_type": 2, "recap_document": 2})),
        "Cannot fetch a PDF for recap_document 2. That document is already marked as available in \
         our database (is_available = True).",
    );
    let menu = accepted(&json_fields(
        json!({"request_type": 3, "recap_document": 2}),
    ));
    assert_eq!(menu.document, Some(fetch_model::DocumentId(2)));
}

#[test]
fn vectors_14_and_15_empty_and_null_differ() {
    let null = json!({"docket": ["This field may not be null."]});
    refused(
        &json_fields(json!({"request_type": 1, "docket": null})),
        null.clone(),
    );
    refused(&json_fields(json!({"request_type": 1, "docket": ""})), null);
    let form = accepted(&form_fields(
        "request_type=1&docket=&docket_number=1&court=okwd",
    ));
    assert_eq!((form.docket, form.docket_number.as_str()), (None, "1"));
}

#[test]
fn vectors_16_to_22_courts_and_numbers_belong_together() {
    let number = |extra: Value| {
        let mut body = json!({"request_type": 1, "docket_number": "1"});
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        json_fields(body)
    };
    refused_whole(
        &number(json!({})),
        "Cannot use 'docket_number' parameter without 'court'",
    );
    let unknown = json!({"court": ["Invalid pk \"ala\" - object does not exist."]});
    refused(&number(json!({"court": "ala"})), unknown);
    refused_whole(
        &number(json!({"court": "scotus"})),
        "Invalid court id: scotus\"",
    );

    let case = |id: &str, court: &str, extra: Value| {
        let mut body = json!({"request_type": 1, "pacer_case_id": id, "court": court});
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        json_fields(body)
    };
    let hyphen = "PACER case ID can not contain a single (-); that looks like a docket number.";
    refused_whole(&case("16-432", "okwd", json!({})), hyphen);
    accepted(&case("a-b-c", "okwd", json!({})));
    let appellate = "Purchases of appellate dockets using a PACER case ID";
    refused_whole(&case("16432", "ca9", json!({})), appellate);
    accepted(&case("16432", "ca9", json!({"docket_number": "16-1"})));
}

#[test]
fn vectors_23_and_24_entry_numbers() {
    let body = |number| json!({"request_type": 1, "docket": 2, "de_number_start": number});
    refused_whole(
        &json_fields(body(2)),
        "Docket entry filtering by number is not supported",
    );
    assert_eq!(accepted(&json_fields(body(0))).number_start, Some(0));
    let both = json!({"request_type": 1, "docket": 1, "de_date_start": "1/2/2020",
        "de_number_start": "abc"});
    refused(
        &json_fields(both),
        json!({
            "de_date_start":
                ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."],
            "de_number_start": ["A valid integer is required."],
        }),
    );
}

#[test]
fn vector_25_a_blank_client_code_is_none_in_a_form_only() {
    let blank = json!({"client_code": ["This field may not be blank."]});
    refused(
        &json_fields(json!({"request_type": 1, "docket": 1, "client_code": ""})),
        blank,
    );
    assert_eq!(
        accepted(&form_fields("request_type=1&docket=1&client_code=")).client_code,
        None
    );
}

#[test]
fn what_resembles_an_address_is_refused_only_where_an_address_is_looked_at() {
    for beside_a_row in [
        json!({"request_type": 3, "recap_document": 1, "uri": "x", "urls": "y", "entry_numbers": 1}),
        json!({"request_type": 1, "docket": 1, "uri": "x", "pacer_docid": "1"}),
        json!({"request_type": 1, "court": "okwd", "pacer_case_id": "1", "atachment_number": 1}),
    ] {
        accepted(&json_fields(beside_a_row));
    }
    let meant = |name: &str, known: &str| {
        let text = format!("There is no field with this name. Did you mean {known}?");
        json!({ name: [text] })
    };
    let alone = json_fields(json!({"request_type": 2, "uri": "x"}));
    refused(&alone, meant("uri", "url"));
    // What keeps money from being spent is never lost.
    let guard = json!({"request_type": 3, "recap_document": 1, "max_cost": 1});
    refused(&json_fields(guard), meant("max_cost", "max_cost_cents"));
}

#[test]
fn vectors_26_and_37_to_39_what_is_tolerated() {
    let extra = json!({"request_type": 1, "docket": 1, "status": 2, "message": "x", "foo": 1});
    accepted(&json_fields(extra));
    let texts = accepted(&json_fields(json!({"request_type": "1", "docket": " 1 "})));
    assert_eq!(texts.docket, Some(fetch_model::DocketId(1)));
    let boolean = json!({"request_type": 2, "recap_document": true});
    let message = "Incorrect type. Expected pk value, received bool.";
    refused(&json_fields(boolean), json!({"recap_document": [message]}));
    let spaces = json!({"request_type": 1, "docket": 1, "pacer_password": "  se cret\t"});
    assert_eq!(
        accepted(&json_fields(spaces))
            .pacer_password
            .expose_secret(),
        "se cret"
    );
}

#[test]
fn rows_that_are_not_there_are_named_with_the_other_errors_in_order() {
    let body = json!({"pacer_password": null, "recap_document": 99999, "docket": 77,
        "court": "nope", "de_date_start": "x"});
    let fields = json_fields(body);
    assert_eq!(
        submit(&fields).map(|_| ()).unwrap_err(),
        concat!(
            r#"{"court":["Invalid pk \"nope\" - object does not exist."],"#,
            r#""docket":["Invalid pk \"77\" - object does not exist."],"#,
            r#""recap_document":["Invalid pk \"99999\" - object does not exist."],"#,
            r#""pacer_password":["This field may not be null."],"#,
            r#""request_type":["This field is required."],"#,
            r#""de_date_start":["Date has wrong format. Use one of these formats instead: "#,
            r#"YYYY-MM-DD."]}"#
        )
    );
}

#[test]
fn the_court_that_is_asked_is_the_cases() {
    let court = |body: Value| submit(&json_fields(body)).map(|(_, court)| court);
    assert_eq!(
        court(json!({"request_type": 1, "docket": 2})).as_deref(),
        Ok("ca9")
    );
    assert_eq!(
        court(json!({"request_type": 3, "recap_document": 1})).as_deref(),
        Ok("okwd")
    );
    assert_eq!(
        court(json!({"request_type": 1, "docket": 3})).as_deref(),
        Ok("jpml")
    );
    let number = json!({"request_type": 1, "docket_number": "1", "court": "uscfc"});
    assert_eq!(court(number).as_deref(), Ok("uscfc"));
    // Field checks run for every type of request, but a stray court is not asked.
    let stray = json!({"request_type": 2, "recap_document": 1, "court": "ca9"});
    assert_eq!(court(stray).as_deref(), Ok("okwd"));
    let contradiction = json!({"request_type": 1, "docket": 1, "court": "cand"});
    assert!(
        court(contradiction)
            .unwrap_err()
            .contains("the docket is in okwd")
    );
}

/// Ours: a client code becomes a cookie.
#[test]
fn what_cannot_be_a_client_code_is_refused() {
    let body =
        |code: &str| json_fields(json!({"request_type": 1, "docket": 1, "client_code": code}));
    assert_eq!(
        accepted(&body("matter-7.(b)")).client_code.unwrap(),
        "matter-7.(b)"
    );
    let message = "A PACER client code has no spaces, commas, semicolons or accents.";
    for wrong in ["a b", "a,b", "a; NextGenCSO=x", "a\r\nb", "\u{e9}tude"] {
        refused(&body(wrong), json!({"client_code": [message]}));
    }
    let long = json!({"client_code": ["Ensure this field has no more than 32 characters."]});
    refused(&body(&"x".repeat(33)), long);
}

#[test]
fn extensions_are_checked_like_fields() {
    let body = |extra: Value| {
        let mut body = json!({"request_type": 1, "docket": 1});
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        json_fields(body)
    };
    let sent = accepted(&body(json!({"on_doubt": "stop", "lane": "bulk",
        "otp_code": "123456"})));
    assert_eq!(sent.on_doubt, Some(fetch_model::OnDoubt::Stop));
    assert_eq!(sent.lane, Some(fetch_model::Lane::Bulk));
    assert!(
        !format!("{sent:?}").contains("123456"),
        "a one-time code is never printed"
    );
    assert!(
        !sent.skip_if_unchanged,
        "it is bought unless told otherwise"
    );
    assert!(accepted(&body(json!({"skip_if_unchanged": "yes"}))).skip_if_unchanged);
    let truth = json!({"skip_if_unchanged": ["Must be a valid boolean."]});
    refused(&body(json!({"skip_if_unchanged": "perhaps"})), truth);
    let choice = json!({"on_doubt": ["\"twice\" is not a valid choice."]});
    refused(&body(json!({"on_doubt": "twice"})), choice);
    let long = json!({"otp_code": ["Ensure this field has no more than 64 characters."]});
    refused(&body(json!({"otp_code": "1".repeat(65)})), long);
    let blank = json!({"otp_code": ["This field may not be blank."]});
    refused(&body(json!({"otp_code": ""})), blank);
    // Whoever uses numbers for what looks like one is understood.
    let number = accepted(&body(json!({"otp_code": 123456})));
    assert_eq!(number.otp_code.unwrap().expose_secret(), "123456");
}

#[test]
fn what_cannot_be_a_docket_number_is_refused() {
    let body = |number: &str| json!({"request_type": 1, "docket_number": number, "court": "nced"});
    for number in [
        "5:31-cr-1043",
        "5:31-CR-01043",
        "5:31-cr-01043-AQ-BT-1",
        "5:31-cr-01043 ",
        "31-cr-1043",
        "16cv432",
        "CIV-16-0432",
        "Case No. 5:2016cv432",
        "MDL No. 2873",
        "1",
    ] {
        assert!(submit(&json_fields(body(number))).is_ok(), "{number}");
    }
    for number in [
        "Penhallow v. Nimbus",
        "sealed",
        "03/05/2024",
        "5:31",
        "16-1432, 16-1433",
    ] {
        let refusal = submit(&json_fields(body(number))).err().unwrap();
        assert!(
            refusal.contains("is not a docket number"),
            "{number}: {refusal}"
        );
    }
}

/// Whoever adds a field to the table decodes it in its place.
#[test]
fn errors_come_in_the_order_of_the_table() {
    let read = FIELDS.iter().filter(|field| field.is_read());
    let wrong: serde_json::Map<String, Value> = read
        .clone()
        .map(|field| (field.name.to_owned(), json!([])))
        .collect();
    let errors = decode(&json_fields(wrong.into()), &ReferencedRows::default()).unwrap_err();
    let errors = serde_json::to_string(&errors.into_object()).unwrap();
    let named = |name: &str| errors.find(&format!("\"{name}\":"));
    let places: Vec<Option<usize>> = read.map(|field| named(field.name)).collect();
    assert!(places.iter().all(Option::is_some), "{errors}");
    assert!(places.is_sorted(), "{errors}");
}

#[test]
fn every_word_of_the_table_means_something() {
    for (field, decoded) in [("lane", 0), ("on_doubt", 1)] {
        let Kind::Word(words) = by_name(field).unwrap().kind else {
            panic!("{field} is no word");
        };
        for word in words {
            let mut body = json!({"request_type": 1, "docket": 1});
            body[field] = json!(word);
            let sent = accepted(&json_fields(body));
            let meant = [
                sent.lane.map(fetch_model::Lane::as_str),
                sent.on_doubt.map(fetch_model::OnDoubt::as_str),
            ];
            assert_eq!(meant[decoded], Some(*word));
        }
    }
}
