use chrono::Utc;
use fetch_model::fields::FieldId;
use serde_json::Value;

use super::*;
use crate::{
    batch::LineAnswer,
    dialect::{
        Sent,
        submission::{self, ReferencedRows},
    },
};

const LONGEST: usize = 200;

fn lines(media_type: &str, body: &str) -> Result<Lines, Value> {
    let lines = Lines::of(media_type, Bytes::copy_from_slice(body.as_bytes()), LONGEST);
    lines.map_err(written)
}

fn written(refusal: ApiError) -> Value {
    serde_json::to_value(refusal.into_object()).unwrap()
}

/// Where each stands, and what it says for `court` and `docket_number`, or what is wrong with it.
fn read(media_type: &str, body: &str) -> Vec<(usize, String)> {
    let lines = lines(media_type, body).unwrap();
    let told = lines.iter().map(|line| {
        let said = match line.fields {
            Err(refusal) => written(refusal).to_string(),
            Ok(fields) => {
                let said = |field| match fields.get(field) {
                    Sent::Absent => "-".to_owned(),
                    sent => sent.display(),
                };
                format!("{} {}", said(FieldId::Court), said(FieldId::DocketNumber))
            }
        };
        (line.number, said)
    });
    told.collect()
}

fn expected(lines: &[(usize, &str)]) -> Vec<(usize, String)> {
    let lines = lines.iter();
    lines
        .map(|(line, said)| (*line, (*said).to_owned()))
        .collect()
}

#[test]
fn the_three_formats_say_the_same() {
    let ndjson = "{\"court\":\"cand\",\"docket_number\":\"1\"}\n\n{\"docket_number\":\"2\"}\r\n";
    let said = expected(&[(1, "cand 1"), (3, "- 2")]);
    assert_eq!(read("application/x-ndjson", ndjson), said);
    let csv = "\u{feff}court, docket_number\ncand,1\n\n,\"2\"";
    let said = expected(&[(2, "cand 1"), (4, "- 2")]);
    assert_eq!(read("text/csv", csv), said);
    let array = "[{\"court\":\"cand\",\"docket_number\":\"1\"},\n {\"docket_number\":\"2\"}]";
    let said = expected(&[(1, "cand 1"), (2, "- 2")]);
    assert_eq!(read("application/json", array), said);
}

#[test]
fn what_all_have_in_common_is_said_once_and_each_may_differ() {
    let ndjson = "{\"defaults\":{\"court\":\"cand\"}}\n{\"docket_number\":\"1\"}\n\
                  {\"docket_number\":\"2\",\"court\":\"nysd\"}";
    let said = expected(&[(2, "cand 1"), (3, "nysd 2")]);
    assert_eq!(read("application/x-ndjson", ndjson), said);
    let array = "[{\"defaults\":{\"court\":\"cand\"}},{\"docket_number\":\"1\"}]";
    let said = expected(&[(2, "cand 1")]);
    assert_eq!(read("application/json", array), said);
}

#[test]
fn what_is_wrong_with_a_line_is_told_of_it_alone() {
    let ndjson = "{\"court\":\"cand\"}\nnonsense\n[1]\n{\"court\":\"nysd\"}";
    let said = read("application/x-ndjson", ndjson);
    assert_eq!(said.len(), 4);
    assert_eq!(said[0].1, "cand -");
    assert!(said[1].1.contains("JSON parse error"), "{said:?}");
    assert!(said[2].1.contains("Expected a dictionary"), "{said:?}");
    assert_eq!(said[3], (4, "nysd -".to_owned()));
    let csv = "court,docket_number\ncand\n\"ny\nsd\",2,3\nnysd,\"a \"\"b\"\"\"";
    let said = read("text/csv", csv);
    assert!(said[0].1.contains("1 cells"), "{said:?}");
    assert!(said[1].1.contains("3 cells"), "{said:?}");
    assert_eq!(said[2], (5, "nysd a \"b\"".to_owned()));
    let long = format!("{{\"court\":\"{}\"}}\n{{}}", "x".repeat(LONGEST));
    let said = read("application/x-ndjson", &long);
    assert!(said[0].1.contains("longer than 200 bytes"), "{said:?}");
    assert_eq!(said[1], (2, "- -".to_owned()));
}

#[test]
fn what_is_no_batch_is_refused_as_a_whole() {
    for (media_type, body, said) in [
        ("application/x-ndjson", "\n \n", "There is no request"),
        ("application/json", "[]", "There is no request"),
        ("text/csv", "court\n", "There is no request"),
        ("text/csv", "", "no names of fields"),
        ("text/csv", "court,court\na,b\n", "names a field twice"),
        (
            "application/json",
            "{}",
            "Expected a list of items but got type \\\"dict\\\".",
        ),
        ("application/json", "[{]", "JSON parse error"),
        ("text/plain", "x", "Unsupported media type"),
    ] {
        let refused = lines(media_type, body).unwrap_err().to_string();
        assert!(refused.contains(said), "{media_type} {body:?}: {refused}");
    }
    let csv = format!("{}\n", "x,".repeat(200));
    let refused = lines("text/csv", &csv).unwrap_err().to_string();
    assert!(refused.contains("more than 100 cells"), "{refused}");
}

#[test]
fn there_are_no_more_than_ten_thousand() {
    let most = "{}\n".repeat(MOST);
    assert_eq!(lines("application/x-ndjson", &most).unwrap().len(), MOST);
    let common = format!("{{\"defaults\":{{}}}}\n{most}");
    assert_eq!(lines("application/x-ndjson", &common).unwrap().len(), MOST);
    let array = |count: usize| format!("[{}]", vec!["{}"; count].join(","));
    assert_eq!(lines("application/json", &array(MOST)).unwrap().len(), MOST);
    let csv = |count: usize| format!("court\n{}", "x\n".repeat(count));
    assert_eq!(lines("text/csv", &csv(MOST)).unwrap().len(), MOST);
    for (media_type, body) in [
        ("application/x-ndjson", "{}\n".repeat(MOST + 1)),
        ("application/json", array(MOST + 1)),
        ("application/json", array(MOST + 2)),
        ("text/csv", csv(MOST + 1)),
    ] {
        let refused = lines(media_type, &body).unwrap_err().to_string();
        assert!(refused.contains("at most 10000"), "{refused}");
    }
}

#[test]
fn a_password_in_the_wrong_cell_is_not_repeated() {
    let columns = [
        "request_type",
        "court",
        "docket",
        "recap_document",
        "lane",
        "on_doubt",
        "entry_number",
        "attachments",
        "not_before",
        "pacer_password",
    ];
    let known = ReferencedRows {
        docket: None,
        document: None,
        first_id: None,
        now: Utc::now(),
    };
    for secret in ["hunter2", "hun'ter2 x", "20261130"] {
        for place in 0..columns.len() {
            let mut cells = vec![""; columns.len()];
            cells[place] = secret;
            let csv = format!("{}\n{}\n", columns.join(","), cells.join(","));
            let lines = lines("text/csv", &csv).unwrap();
            let fields = lines.iter().next().unwrap().fields.unwrap();
            let Err(errors) = submission::decode(&*fields, &known) else {
                panic!("{} may be left out", columns[place]);
            };
            let answer = LineAnswer::refused(2, errors.into());
            let answer = serde_json::to_string(&answer).unwrap();
            let repeated = secret.split(['\'', ' ']).any(|part| {
                // A single letter may stand anywhere.
                part.len() > 1 && answer.contains(part)
            });
            assert!(!repeated, "{}: {answer}", columns[place]);
        }
    }
}

#[test]
fn messages_of_lines_do_without_what_was_sent() {
    for (said, told) in [
        (
            "\"a\"b\" is not a valid choice.",
            "This is not a valid choice.",
        ),
        (
            "Invalid pk \"a\" - object does not exist.",
            "Invalid pk (what was sent) - object does not exist.",
        ),
        (
            "'a' \"b\" c' is not a docket number. It is the court's own.",
            "This is not a docket number. It is the court's own.",
        ),
        (
            "Send 'court' with 'entry_number'.",
            "Send 'court' with 'entry_number'.",
        ),
        ("This field is required.", "This field is required."),
    ] {
        let detail = ApiError::detail(StatusCode::BAD_REQUEST, said);
        for refusal in [
            ApiError::field("court", said),
            ApiError::NonField(said.to_owned()),
            detail,
        ] {
            let answer = LineAnswer::refused(1, refusal).errors.unwrap();
            let answer = serde_json::to_value(answer).unwrap().to_string();
            let told = Value::from(told).to_string();
            assert!(answer.contains(&told), "{answer}");
        }
    }
}
