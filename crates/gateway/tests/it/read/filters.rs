//! What filters mean, as the filters of the reference were seen to answer.

use axum::http::StatusCode;
use serde_json::json;

use crate::house::{House, numbers};

/// The rows of a list, lowest id first.
async fn rows(house: &House, query: &str) -> Vec<i64> {
    let path = format!("/api/rest/v4/{query}&order_by=id");
    let answer = house.ann("GET", &path).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
    numbers(&answer.json())
}

async fn refusal(house: &House, query: &str) -> serde_json::Value {
    let answer = house.ann("GET", &format!("/api/rest/v4/{query}")).await;
    assert_eq!(
        answer.status,
        StatusCode::BAD_REQUEST,
        "{query}: {}",
        answer.text()
    );
    answer.json()
}

#[tokio::test]
async fn of_a_parameter_sent_again_a_choice_takes_all_and_the_rest_the_last() {
    let house = house!();
    for (query, expected) in [
        (
            "dockets/?court__jurisdiction=FD&court__jurisdiction=FB",
            vec![1, 2],
        ),
        (
            "dockets/?court__jurisdiction!=FD&court__jurisdiction!=F",
            vec![2],
        ),
        (
            "dockets/?court__jurisdiction!=FD&court__jurisdiction=FD&court__jurisdiction=FB",
            vec![2],
        ),
        // What was sent empty last was not sent at all.
        (
            "dockets/?court__jurisdiction=FB&court__jurisdiction=",
            vec![1, 2],
        ),
        ("dockets/?id=1&id=2", vec![2]),
        ("dockets/?id=1&id=", vec![1, 2]),
        ("dockets/?id!=1&id!=2", vec![1]),
        ("dockets/?court=cand&court=cob", vec![2]),
        ("dockets/?source__in=0&source__in=1", vec![1, 2]),
        (
            "dockets/?date_created__gte=2026-01-01&date_created__gte=2026-11-20T18:00:00Z",
            vec![2],
        ),
        (
            "dockets/?date_created__gte=2026-11-20T18:00:00Z&date_created__gte=2026-01-01",
            vec![1, 2],
        ),
        (
            "dockets/?date_filed__range=2024-01-01,2024-12-31&date_filed__range=2023-01-01,2023-12-31",
            vec![2],
        ),
        (
            "recap-documents/?is_available=true&is_available=false",
            vec![2, 3, 4],
        ),
        (
            "recap-documents/?pacer_doc_id__in=035099000001&pacer_doc_id__in=035099000002",
            vec![2],
        ),
    ] {
        assert_eq!(rows(&house, query).await, expected, "{query}");
    }
    // The two ends of a range belong into one parameter.
    let halves = "dockets/?date_filed__range=2024-01-01&date_filed__range=2024-12-31";
    let text = "Range query expects two values.";
    assert_eq!(
        refusal(&house, halves).await,
        json!({"date_filed__range": [text]})
    );
    let empty = "dockets/?court__jurisdiction=&court__jurisdiction=FD";
    let text = "Select a valid choice.  is not one of the available choices.";
    assert_eq!(
        refusal(&house, empty).await,
        json!({"court__jurisdiction": [text]})
    );
}

#[tokio::test]
async fn a_jurisdiction_is_one_of_those_that_there_are() {
    let house = house!();
    let text = "Select a valid choice. ZZ is not one of the available choices.";
    let both = "courts/?jurisdiction=FD&jurisdiction=ZZ";
    assert_eq!(refusal(&house, both).await, json!({"jurisdiction": [text]}));
    let related = "dockets/?court__jurisdiction=ZZ";
    assert_eq!(
        refusal(&house, related).await,
        json!({"court__jurisdiction": [text]})
    );
    // A class that no court here is of.
    assert_eq!(
        rows(&house, "dockets/?court__jurisdiction=ST").await,
        Vec::<i64>::new()
    );
    // A list of numbers is not held to the choices.
    house.request("ann", 2).await;
    let listed = house
        .ann("GET", "/api/rest/v4/recap-fetch/?status__in=2,9")
        .await;
    assert_eq!(numbers(&listed.json()), [1]);
}

#[tokio::test]
async fn what_nothing_is_known_of_may_be_filtered_by() {
    let house = house!();
    let (all, none): (Vec<i64>, Vec<i64>) = (vec![1, 2], Vec::new());
    for (query, expected) in [
        ("dockets/?blocked=false", &all),
        ("dockets/?blocked=true", &none),
        ("dockets/?blocked!=true", &all),
        ("dockets/?date_blocked=2024-01-01", &none),
        ("dockets/?date_blocked__gte=2024-01-01", &none),
        ("dockets/?date_blocked__range!=2024-01-01,2025-01-01", &all),
        ("dockets/?date_blocked__year=2024", &none),
        ("dockets/?assigned_to__name_last=Example", &none),
        ("dockets/?assigned_to__id=4", &none),
        ("dockets/?referred_to__name_first__istartswith=a", &none),
        ("dockets/?referred_to__date_dob__year=1950", &none),
        ("dockets/?tags__name=mine", &none),
        ("docket-entries/?tags__id=1", &none),
        ("docket-entries/?docket__tags__name=mine", &none),
        ("recap-documents/?tags__name=mine", &none),
        ("recap-documents/?docket_entry__docket__blocked=1", &none),
    ] {
        assert_eq!(&rows(&house, query).await, expected, "{query}");
    }
    let text = "Select a valid choice. That choice is not one of the available choices.";
    for (list, name) in [
        ("dockets", "assigned_to"),
        ("dockets", "referred_to"),
        ("dockets", "tags"),
        ("docket-entries", "tags"),
        ("recap-documents", "tags"),
    ] {
        let refused = refusal(&house, &format!("{list}/?{name}=4")).await;
        assert_eq!(refused, json!({ name: [text] }), "{list}");
    }
}

#[tokio::test]
async fn dates_are_filtered_by_their_parts_and_written_in_several_ways() {
    let house = house!();
    let cob: Vec<i64> = vec![2];
    for query in [
        "dockets/?date_filed=2023-02-01",
        "dockets/?date_filed=02/01/2023",
        "dockets/?date_filed=2/1/2023",
        "dockets/?date_filed=02/01/23",
        "dockets/?date_filed=Feb%201%202023",
        "dockets/?date_filed=feb%201,%202023",
        "dockets/?date_filed=1%20Feb%202023",
        "dockets/?date_filed=February%201,%202023",
        "dockets/?date_filed=1%20February,%202023",
        "dockets/?date_filed__lt=08/08/2023",
        "dockets/?date_filed__range=01/31/2023,02/01/2023",
        "dockets/?date_filed__month=2",
        "dockets/?date_filed__day=1",
        "dockets/?court__end_date__month!=3&date_filed__month=2",
        "dockets/?date_created__hour=10&date_created__minute=20&date_created__second=30",
    ] {
        assert_eq!(rows(&house, query).await, cob, "{query}");
    }
    for (list, name) in [
        ("courts", "start_date__month"),
        ("courts", "end_date__day"),
        ("courts", "date_modified__hour"),
        ("courts", "date_modified__second"),
    ] {
        let answer = house
            .ann("GET", &format!("/api/rest/v4/{list}/?{name}=3"))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.text());
    }
    for bad in [
        "2023/02/01",
        "13/01/2023",
        "Feb.%201,%202023",
        "01.02.2023",
        "Feb%2030%202023",
    ] {
        let refused = refusal(&house, &format!("dockets/?date_filed={bad}")).await;
        assert_eq!(
            refused,
            json!({"date_filed": ["Enter a valid date."]}),
            "{bad}"
        );
    }
    let moment = refusal(&house, "dockets/?date_created__gte=08/08/2016").await;
    assert_eq!(
        moment,
        json!({"date_created__gte": ["Enter a valid date/time."]})
    );
}

#[tokio::test]
async fn a_row_is_there_only_for_who_asks_for_such_a_one() {
    let house = house!();
    house.request("ann", 2).await;
    for (path, status) in [
        ("dockets/1/?court=cand", 200),
        ("dockets/1/?court=cand&fields=id&omit=slug&format=json", 200),
        ("dockets/1/?court=cob", 404),
        ("dockets/1/?court__jurisdiction=FB", 404),
        ("dockets/1/?court=nope", 400),
        ("dockets/1/?colour=red", 400),
        ("docket-entries/1/?docket=1&entry_number=1", 200),
        ("docket-entries/1/?docket=2", 404),
        ("recap-documents/1/?is_available=true", 200),
        ("recap-documents/1/?is_available=false", 404),
        ("parties/1/?docket=1&filter_nested_results=True", 200),
        ("attorneys/1/?docket=2", 404),
        ("courts/cand/?jurisdiction=FD", 200),
        ("courts/cand/?jurisdiction=FB", 404),
        ("courts/cand/?jurisdiction=ZZ", 400),
        ("courts/cand/?colour=red", 400),
        ("recap-fetch/1/?status=2", 200),
        ("recap-fetch/1/?status=2&queue=1", 200),
        ("recap-fetch/1/?status=3", 404),
        ("recap-fetch/1/?status=9", 400),
    ] {
        let answer = house.ann("GET", &format!("/api/rest/v4/{path}")).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text());
    }
    let missing = house.ann("GET", "/api/rest/v4/dockets/1/?court=cob").await;
    assert_eq!(
        missing.json(),
        json!({"detail": "No Docket matches the given query."})
    );
}
