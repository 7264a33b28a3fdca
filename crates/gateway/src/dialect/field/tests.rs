//! What each kind of field takes, and what is said of the rest.

use serde_json::{Value, json};

use super::*;
use crate::dialect::{Form, Json};

fn check<T: PartialEq + std::fmt::Debug>(
    field: FieldId,
    value: Value,
    decode: impl Fn(&mut Decoder<'_>, FieldId) -> Option<T>,
    expected: Result<Option<T>, &str>,
) {
    let body = json!({ field.name(): value }).to_string();
    let json = Json::parse(body.as_bytes()).unwrap();
    let mut decoder = Decoder::new(&json);
    let decoded = decode(&mut decoder, field);
    let errors = serde_json::to_string(&decoder.into_errors().into_object()).unwrap();
    match expected {
        Ok(expected) => {
            assert_eq!(errors, "{}", "{body}");
            assert_eq!(decoded, expected, "{body}");
        }
        Err(message) => {
            let expected = json!({ field.name(): [message] }).to_string();
            assert_eq!(errors, expected, "{body}");
            assert_eq!(decoded, None, "{body}");
        }
    }
}

#[test]
fn texts() {
    let check = |value, expected| {
        check(
            FieldId::ClientCode,
            value,
            |decoder, field| decoder.text(field),
            expected,
        )
    };
    check(json!("  ab "), Ok(Some("ab".into())));
    check(json!(17850), Ok(Some("17850".into())));
    check(json!(""), Err(BLANK));
    check(json!("   "), Err(BLANK));
    check(json!(null), Err(NULL));
    check(json!(true), Err(NO_TEXT));
    check(json!(["a"]), Err(NO_TEXT));
    let long = "Ensure this field has no more than 32 characters.";
    check(json!("a".repeat(33)), Err(long));
    check(json!("a\u{0}b"), Err(NUL));
}

#[test]
fn a_text_may_be_blank_where_its_row_says_so() {
    let blank = json!("");
    let number = FieldId::DocketNumber;
    check(
        number,
        blank,
        |decoder, field| decoder.text(field),
        Ok(Some(String::new())),
    );
}

#[test]
fn choices() {
    let check = |value, expected| {
        check(
            FieldId::RequestType,
            value,
            |decoder, field| decoder.choice(field),
            expected,
        )
    };
    check(json!(1), Ok(Some(1)));
    check(json!("3"), Ok(Some(3)));
    check(json!(9), Err("\"9\" is not a valid choice."));
    check(json!(1.0), Err("\"1.0\" is not a valid choice."));
    check(json!(true), Err("\"True\" is not a valid choice."));
    check(json!("PDF"), Err("\"PDF\" is not a valid choice."));
    check(json!([1]), Err("\"[1]\" is not a valid choice."));
    check(json!(null), Err(NULL));
}

#[test]
fn ids() {
    let check = |value, expected| {
        check(
            FieldId::Docket,
            value,
            |decoder, field| decoder.id(field),
            expected,
        )
    };
    check(json!(7), Ok(Some(SentId::Number(7))));
    check(json!(" 7 "), Ok(Some(SentId::Number(7))));
    check(json!(7.0), Ok(Some(SentId::Number(7))));
    let huge = "99999999999999999999";
    check(json!(huge), Ok(Some(SentId::Beyond(huge.into()))));
    check(json!(""), Err(NULL));
    check(json!(null), Err(NULL));
    for (value, received) in [
        (json!("abc"), "str"),
        (json!(true), "bool"),
        (json!([]), "list"),
        (json!({}), "dict"),
        (json!(1.5), "float"),
    ] {
        let text = format!("Incorrect type. Expected pk value, received {received}.");
        self::check(
            FieldId::Docket,
            value,
            |decoder, field| decoder.id(field),
            Err(&text),
        );
    }
}

#[test]
fn dates_may_be_null() {
    let check = |value, expected| {
        check(
            FieldId::DeDateStart,
            value,
            |decoder, field| decoder.date(field),
            expected,
        )
    };
    check(json!("2020-01-02"), Ok(NaiveDate::from_ymd_opt(2020, 1, 2)));
    check(json!(null), Ok(None));
    check(json!("2020-01-02T00:00:00Z"), Err(DATE));
    check(json!(""), Err(DATE));
    check(json!(20200102), Err(DATE));
}

#[test]
fn integers_may_be_null() {
    let check = |value, expected| {
        check(
            FieldId::DeNumberStart,
            value,
            |decoder, field| decoder.integer(field),
            expected,
        )
    };
    check(json!(0), Ok(Some(0)));
    check(json!(" -7 "), Ok(Some(-7)));
    check(json!("3.0"), Ok(Some(3)));
    check(json!(null), Ok(None));
    for bad in [json!(1.5), json!("abc"), json!(""), json!(true), json!([])] {
        check(bad, Err(INTEGER));
    }
    let high = "Ensure this value is less than or equal to 2147483647.";
    let low = "Ensure this value is greater than or equal to -2147483648.";
    check(json!(2147483648u64), Err(high));
    check(json!("99999999999999999999"), Err(high));
    check(json!(-2147483649i64), Err(low));
    check(json!("-99999999999999999999"), Err(low));
}

#[test]
fn money_is_not_negative() {
    let check = |value, expected| {
        check(
            FieldId::MaxCostCents,
            value,
            |decoder, field| decoder.integer(field),
            expected,
        )
    };
    check(json!(0), Ok(Some(0)));
    let least = "Ensure this value is greater than or equal to 0.";
    check(json!(-1), Err(least));
    let low = "Ensure this value is greater than or equal to -2147483648.";
    check(json!(-2147483649i64), Err(low));
}

#[test]
fn points_in_time_have_an_offset() {
    let now = "2026-11-01T18:00:00Z".parse().unwrap();
    let instant = |decoder: &mut Decoder<'_>, field| decoder.instant(field, now);
    let check = |value, expected| check(FieldId::NotBefore, value, instant, expected);
    let at = "2026-11-28T18:00:00Z".parse().ok();
    check(json!("2026-11-28T18:00:00Z"), Ok(at));
    check(json!(" 2026-11-28T12:00:00-06:00 "), Ok(at));
    check(json!(null), Ok(None));
    for bad in [
        json!("2026-11-28T18:00:00"),
        json!("2026-11-28"),
        json!("tomorrow"),
        json!("2026-13-28T18:00:00Z"),
        json!(""),
        json!(1764352800),
        json!(true),
    ] {
        check(bad, Err(INSTANT));
    }
    check(
        json!("2027-01-30T18:00:00Z"),
        Ok("2027-01-30T18:00:00Z".parse().ok()),
    );
    let late = "Ensure this time is at most 90 days ahead.";
    check(json!("2027-01-30T18:00:01Z"), Err(late));
}

#[test]
fn booleans_in_json() {
    let check = |value, expected| {
        check(
            FieldId::SkipIfUnchanged,
            value,
            |decoder, field| decoder.truth(field),
            expected,
        )
    };
    for yes in [
        json!(true),
        json!(1),
        json!("T"),
        json!("YES"),
        json!("on"),
        json!("y"),
    ] {
        check(yes, Ok(Some(true)));
    }
    for no in [
        json!(false),
        json!(0),
        json!("f"),
        json!("No"),
        json!("OFF"),
        json!("n"),
    ] {
        check(no, Ok(Some(false)));
    }
    for bad in [json!("maybe"), json!(2), json!(""), json!([])] {
        check(bad, Err(BOOLEAN));
    }
    check(json!(null), Err(NULL));
}

fn form(name: &str) -> Form {
    Form::new([(name.to_owned(), String::new())])
}

#[test]
fn an_absent_box_of_a_form_is_unticked() {
    let form = form("show_terminated_parties");
    let mut decoder = Decoder::new(&form);
    let absent = decoder.truth(FieldId::ShowPartiesAndCounsel);
    assert_eq!(absent, Some(false));
    let empty = decoder.truth(FieldId::ShowTerminatedParties);
    assert_eq!(empty, None, "present but empty is the default");
    let json = Json::parse(b"{}").unwrap();
    let absent = Decoder::new(&json).truth(FieldId::ShowPartiesAndCounsel);
    assert_eq!(absent, None);
}

#[test]
fn an_empty_field_of_a_form_is_not_given_unless_it_is_required() {
    let mut errors = Vec::new();
    for name in ["docket", "de_date_end", "de_number_end", "client_code"] {
        let form = form(name);
        let mut decoder = Decoder::new(&form);
        assert_eq!(decoder.id(FieldId::Docket), None);
        assert_eq!(decoder.date(FieldId::DeDateEnd), None);
        assert_eq!(decoder.integer(FieldId::DeNumberEnd), None);
        assert_eq!(decoder.text(FieldId::ClientCode), None);
        errors.push(decoder.into_errors().is_empty());
    }
    assert_eq!(errors, [true; 4]);
    let form = form("pacer_username");
    let mut decoder = Decoder::new(&form);
    assert_eq!(decoder.text(FieldId::PacerUsername), None);
    let errors = serde_json::to_string(&decoder.into_errors().into_object()).unwrap();
    assert_eq!(errors, json!({ "pacer_username": [BLANK] }).to_string());
    let mut unused = Decoder::without_login(&form);
    assert_eq!(unused.text(FieldId::PacerUsername), None);
    assert!(unused.into_errors().is_empty());
}
