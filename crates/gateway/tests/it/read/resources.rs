//! What was bought.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::house::numbers;

#[tokio::test]
async fn a_docket_has_all_keys_in_order_and_absolute_links() {
    let house = house!();
    let answer = house.ann("GET", "/api/rest/v4/dockets/1/").await;
    let keys = [
        "resource_uri",
        "id",
        "court",
        "court_id",
        "original_court_info",
        "idb_data",
        "clusters",
        "audio_files",
        "assigned_to",
        "referred_to",
        "bankruptcy_information",
        "absolute_url",
        "date_created",
        "date_modified",
        "source",
        "appeal_from_str",
        "assigned_to_str",
        "referred_to_str",
        "panel_str",
        "date_last_index",
        "date_cert_granted",
        "date_cert_denied",
        "date_argued",
        "date_reargued",
        "date_reargument_denied",
        "date_filed",
        "date_terminated",
        "date_last_filing",
        "case_name_short",
        "case_name",
        "case_name_full",
        "slug",
        "docket_number",
        "docket_number_core",
        "docket_number_raw",
        "docket_number_source",
        "federal_dn_office_code",
        "federal_dn_case_type",
        "federal_dn_judge_initials_assigned",
        "federal_dn_judge_initials_referred",
        "federal_defendant_number",
        "pacer_case_id",
        "cause",
        "nature_of_suit",
        "jury_demand",
        "jurisdiction_type",
        "appellate_fee_status",
        "appellate_case_type_information",
        "mdl_status",
        "filepath_ia",
        "filepath_ia_json",
        "ia_upload_failure_count",
        "ia_needs_upload",
        "ia_date_first_change",
        "date_blocked",
        "blocked",
        "appeal_from",
        "parent_docket",
        "tags",
        "panel",
    ];
    assert_eq!(answer.keys(), keys);
    let docket = answer.json();
    let base = "http://api.example.org/api/rest/v4";
    assert_eq!(docket["resource_uri"], format!("{base}/dockets/1/"));
    assert_eq!(docket["court"], format!("{base}/courts/cand/"));
    assert_eq!(docket["bankruptcy_information"], Value::Null);
    assert_eq!(
        docket["absolute_url"],
        "/docket/1/acme-widgets-inc-v-example-bolts-llc/"
    );
    assert_eq!(docket["date_filed"], "2024-12-30");
    let some = house
        .ann("GET", "/api/rest/v4/dockets/1/?fields=id,case_name")
        .await;
    assert_eq!(
        some.text(),
        r#"{"id":1,"case_name":"Acme Widgets, Inc. v. Example Bolts LLC"}"#
    );
    let missing = house.ann("GET", "/api/rest/v4/dockets/77/").await;
    assert_eq!(
        missing.json(),
        json!({"detail": "No Docket matches the given query."})
    );
    let side = house
        .ann("GET", "/api/rest/v4/bankruptcy-information/")
        .await;
    assert_eq!(
        side.json()["results"][0]["docket"],
        format!("{base}/dockets/2/")
    );
    let empty = house
        .ann("GET", "/api/rest/v4/originating-court-information/")
        .await;
    assert_eq!(empty.json()["results"], json!([]));
}

#[tokio::test]
async fn entries_have_their_documents_nested() {
    let house = house!();
    let path = "/api/rest/v4/docket-entries/?docket=1&order_by=recap_sequence_number,entry_number";
    let page = house.ann("GET", path).await.json();
    assert_eq!((&page["count"], numbers(&page)), (&json!(2), vec![1, 2]));
    let documents = &page["results"][0]["recap_documents"];
    assert_eq!(numbers(&json!({ "results": documents })), [1, 2]);
    assert_eq!(documents[0]["plain_text"], "the text");
    let slug = "acme-widgets-inc-v-example-bolts-llc";
    assert_eq!(documents[0]["absolute_url"], format!("/docket/1/1/{slug}/"));
    assert_eq!(
        documents[1]["absolute_url"],
        format!("/docket/1/1/1/{slug}/")
    );
    assert_eq!(page["results"][1]["recap_documents"][0]["absolute_url"], "");
    assert_eq!(page["results"][1]["entry_number"], Value::Null);
    let omitted = house
        .ann("GET", &format!("{path}&omit=recap_documents__plain_text"))
        .await
        .json();
    let keys = omitted["results"][0]["recap_documents"][0]
        .as_object()
        .unwrap();
    assert!(!keys.contains_key("plain_text") && keys.contains_key("description"));
    let chosen = "/api/rest/v4/docket-entries/1/?fields=id,recap_documents__id";
    let chosen = house.ann("GET", chosen).await;
    assert_eq!(
        chosen.text(),
        r#"{"id":1,"recap_documents":[{"id":1},{"id":2}]}"#
    );
}

#[tokio::test]
async fn filters_lead_through_related_rows() {
    let house = house!();
    let none: Vec<i64> = Vec::new();
    let one = vec![1];
    for (query, expected) in [
        (
            "recap-documents/?docket_entry__docket__court=cand",
            vec![1, 2, 3],
        ),
        (
            "recap-documents/?docket_entry__docket__court!=cand",
            vec![4],
        ),
        (
            "recap-documents/?docket_entry__docket=1&is_available=TRUE",
            one.clone(),
        ),
        (
            "recap-documents/?docket_entry__docket__docket_number=3:24-cv-09876",
            vec![1, 2, 3],
        ),
        (
            "recap-documents/?docket_entry__docket__pacer_case_id=990123&document_type=2",
            vec![2],
        ),
        (
            "recap-documents/?docket_entry__docket__court__jurisdiction=FB",
            vec![4],
        ),
        (
            "recap-documents/?pacer_doc_id__in=035099000001,035099000002",
            vec![1, 2],
        ),
        (
            "recap-documents/?document_number__gte=1&docket_entry=1",
            vec![1, 2],
        ),
        ("recap-documents/?ocr_status=2", one.clone()),
        ("docket-entries/?recap_documents=2", one.clone()),
        ("docket-entries/?recap_documents__id=2", one.clone()),
        // Both conditions are about the same document, of which there is none.
        (
            "docket-entries/?recap_documents__document_type=2&recap_documents__is_available=1",
            none.clone(),
        ),
        (
            "docket-entries/?docket__id=1&entry_number__isnull=True",
            vec![2],
        ),
        ("docket-entries/?docket=1&entry_number!=1", vec![2]),
        (
            "docket-entries/?date_filed__range=2024-01-01,2024-12-31&docket=1",
            one.clone(),
        ),
        ("docket-entries/?date_filed__year=2025", vec![2]),
        (
            "dockets/?court=cand&docket_number_core__startswith=24",
            one.clone(),
        ),
        ("dockets/?court__jurisdiction=FB", vec![2]),
        ("dockets/?court__jurisdiction!=FB", one.clone()),
        (
            "dockets/?court__jurisdiction=FB&court__jurisdiction=FD",
            vec![1, 2],
        ),
        ("dockets/?court__short_name=N.D.%20California", one.clone()),
        ("dockets/?court__start_date__gte=1800-01-01", none.clone()),
        ("dockets/?court__id__in=cand,cob", vec![1, 2]),
        (
            "dockets/?source__in=1,3&nature_of_suit__istartswith=contract",
            one.clone(),
        ),
        ("dockets/?id__gt=1", vec![2]),
        (
            "dockets/?docket_entries__entry_number=1&parties__name__iexact=ACME%20WIDGETS,%20INC.",
            one.clone(),
        ),
        (
            "dockets/?date_created__hour=9&date_created__second=6",
            one.clone(),
        ),
        (
            "dockets/?date_created__gte=2026-11-20T17:15:07%2B00:00",
            vec![2],
        ),
        (
            "parties/?docket=1&attorney=1&filter_nested_results=True",
            one.clone(),
        ),
        ("parties/?docket__court=cob", none.clone()),
        (
            "attorneys/?parties_represented=1&name__startswith=Robin",
            one.clone(),
        ),
        ("attorneys/?docket=2", none.clone()),
        ("bankruptcy-information/?docket=2", one.clone()),
    ] {
        let mark = if query.ends_with('/') { '?' } else { '&' };
        let answer = house
            .ann("GET", &format!("/api/rest/v4/{query}{mark}order_by=id"))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        assert_eq!(numbers(&answer.json()), expected, "{query}");
    }
    for (query, field, message) in [
        ("dockets/?id=x", "id", "Enter a number."),
        ("dockets/?date_filed=x", "date_filed", "Enter a valid date."),
        (
            "dockets/?date_created__lt=x",
            "date_created__lt",
            "Enter a valid date/time.",
        ),
        (
            "dockets/?id__range=1",
            "id__range",
            "Range query expects two values.",
        ),
        (
            "dockets/?docket_number=%00",
            "docket_number",
            "Null characters are not allowed.",
        ),
        (
            "docket-entries/?docket=99",
            "docket",
            "Select a valid choice. That choice is not one of the available choices.",
        ),
    ] {
        let answer = house.ann("GET", &format!("/api/rest/v4/{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json(), json!({ field: [message] }), "{query}");
    }
}

#[tokio::test]
async fn parties_and_attorneys_name_each_other() {
    let house = house!();
    let base = "http://api.example.org/api/rest/v4";
    let party = house.ann("GET", "/api/rest/v4/parties/1/").await;
    let keys = [
        "resource_uri",
        "id",
        "attorneys",
        "party_types",
        "date_created",
        "date_modified",
        "name",
        "extra_info",
    ];
    assert_eq!(party.keys(), keys);
    let party = party.json();
    assert_eq!(
        party["attorneys"],
        json!([{
            "attorney": format!("{base}/attorneys/1/"), "attorney_id": 1, "date_action": null,
            "docket": format!("{base}/dockets/1/"), "docket_id": 1, "role": 2,
        }])
    );
    assert_eq!(party["party_types"][0]["name"], "Defendant");
    assert_eq!(
        party["party_types"][0]["criminal_counts"],
        json!([{"id": 1, "name": "FRAUD", "disposition": "", "status": 1, "party_type": 1}])
    );
    let attorney = house.ann("GET", "/api/rest/v4/attorneys/1/").await;
    let keys = [
        "resource_uri",
        "id",
        "parties_represented",
        "date_created",
        "date_modified",
        "name",
        "contact_raw",
        "phone",
        "fax",
        "email",
    ];
    assert_eq!(attorney.keys(), keys);
    assert_eq!(
        attorney.json()["parties_represented"],
        json!([{
            "role": 2, "docket": format!("{base}/dockets/1/"),
            "party": format!("{base}/parties/1/"), "date_action": null,
        }])
    );
}

#[tokio::test]
async fn courts_are_read_by_everybody() {
    let house = house!();
    let court = house.call("GET", "/api/rest/v4/courts/cand/", "").await;
    assert_eq!(court.status, StatusCode::OK);
    let court = court.json();
    assert_eq!(
        (&court["id"], &court["pacer_court_id"]),
        (&json!("cand"), &json!(35))
    );
    assert_eq!(
        (&court["jurisdiction"], &court["in_use"]),
        (&json!("FD"), &json!(true))
    );
    let list = "/api/rest/v4/courts/?jurisdiction=FD&jurisdiction=F";
    let page = house.call("GET", list, "").await.json();
    assert_eq!(page["count"], 125 + 14);
    let filtered = "/api/rest/v3/courts/?id__in=arb,okwd&short_name__istartswith=w.d.&fields=id";
    let filtered = house.call("GET", filtered, "").await.json();
    assert_eq!(filtered["results"], json!([{"id": "okwd"}]));
    let ids = async |query: &str| {
        let path = format!("/api/rest/v4/courts/?fields=id&{query}");
        let page = house.call("GET", &path, "").await.json();
        let courts = page["results"].as_array().unwrap().iter();
        courts
            .map(|court| court["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (first, last) = (ids("").await, ids("order_by=-position&count=on").await);
    assert_eq!((first.len(), last.len()), (20, 20));
    assert!(!last.contains(&first[0]), "{first:?} {last:?}");
    assert_eq!(ids("order_by=id&page=last").await.last().unwrap(), "wyd");
    assert_eq!(ids("position__lt=103&position__lt=101").await, first[..1]);
    assert_eq!(
        house.call("PUT", list, "").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        house.call("GET", "/api/rest/v4/dockets/", "").await.status,
        StatusCode::UNAUTHORIZED
    );
    let index = house.call("GET", "/api/rest/v4/", "").await.json();
    assert_eq!(
        index["dockets"],
        "http://api.example.org/api/rest/v4/dockets/"
    );
}
