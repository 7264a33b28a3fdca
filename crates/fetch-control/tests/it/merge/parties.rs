//! Parties, attorneys, roles and charges.

use pacer::page::docket::Docket;
use serde_json::{Value, json};

use crate::{
    database::{Database, database, target},
    merge::{
        MergeDocket,
        pages::{attorney, docket, party},
    },
};

fn page(parties: Vec<Value>) -> Docket {
    docket(vec![], parties)
}

impl Database {
    async fn types(&self) -> Vec<String> {
        self.lines(
            "select concat_ws('|', parties.name, party_types.name, date_terminated, nullif(party_types.extra_info, ''))
             from party_types join parties on parties.id = party_id order by 1",
        )
        .await
    }

    async fn roles(&self) -> Vec<String> {
        self.lines(
            "select concat_ws('|', parties.name, attorneys.name, coalesce(role::text, '-'), role_raw, date_action)
             from roles join parties on parties.id = party_id join attorneys on attorneys.id = attorney_id
             order by 1",
        )
        .await
    }

    async fn merge(&self, page: &Docket) {
        self.store
            .library
            .merge_docket(&target(), page)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn one_name_in_two_roles_is_one_party_with_two_types() {
    let Some(database) = database().await else {
        return;
    };
    let merged = database
        .store
        .library
        .merge_docket(
            &target(),
            &page(vec![
                party(
                    "Acme Widgets, Inc.",
                    "Plaintiff",
                    json!({ "extra_info": "a corporation" }),
                ),
                party("Acme Widgets, Inc.", "Counter Defendant", json!({})),
                party(
                    "Acme Widgets, Inc.",
                    "Plaintiff",
                    json!({ "extra_info": "of Delaware", "date_terminated": "2025-01-02" }),
                ),
            ]),
        )
        .await
        .unwrap();
    assert_eq!((merged.parties_new, merged.party_types_total), (1, 2));
    assert_eq!(
        database.types().await,
        [
            "Acme Widgets, Inc.|Counter Defendant",
            "Acme Widgets, Inc.|Plaintiff|a corporation\nof Delaware"
        ]
    );
}

#[tokio::test]
async fn attorneys_are_kept_once_with_their_roles_and_how_to_reach_them() {
    let Some(database) = database().await else {
        return;
    };
    let block = "Placeholder & Partners LLP\n1 Example Plaza\nSan Francisco, CA 94100\n(415) 555-0100\nFax: (415) 555-0101\nEmail: robin@placeholder.example\n";
    let robin = attorney(
        "Robin Placeholder",
        block,
        &["LEAD ATTORNEY", "TERMINATED: 06/21/2011"],
    );
    let counsel =
        json!({ "attorneys": [robin, attorney("Kim Example", "", &[]), attorney("", "", &[])] });
    database
        .merge(&page(vec![
            party("Acme Widgets, Inc.", "Plaintiff", counsel),
            party("Example Bolts LLC", "Defendant", json!({ "attorneys": [attorney("Robin Placeholder", "", &["Designation: Retained"])] })),
        ]))
        .await;
    assert_eq!(
        database.roles().await,
        [
            "Acme Widgets, Inc.|Kim Example|10|",
            "Acme Widgets, Inc.|Robin Placeholder|2|LEAD ATTORNEY",
            "Acme Widgets, Inc.|Robin Placeholder|6|TERMINATED: 06/21/2011|2011-06-21",
            "Example Bolts LLC|Robin Placeholder|-|Designation: Retained",
        ]
    );
    let attorneys = database
        .lines("select concat_ws('|', name, phone, fax, email) from attorneys order by name")
        .await;
    assert_eq!(
        attorneys,
        [
            "Kim Example|||",
            "Robin Placeholder|(415) 555-0100|(415) 555-0101|robin@placeholder.example"
        ]
    );
}

#[tokio::test]
async fn report_without_parties_leaves_them() {
    let Some(database) = database().await else {
        return;
    };
    let counsel =
        json!({ "attorneys": [attorney("Robin Placeholder", "PRO SE\n", &["LEAD ATTORNEY"])] });
    database
        .merge(&page(vec![party(
            "Acme Widgets, Inc.",
            "Plaintiff",
            counsel,
        )]))
        .await;
    let before = database.everything().await;
    database.merge(&page(vec![])).await;
    assert_eq!(database.everything().await, before);
}

#[tokio::test]
async fn what_ended_stays_if_the_report_shows_nothing_that_did() {
    let Some(database) = database().await else {
        return;
    };
    let former = attorney("Former Counsel", "", &["TERMINATED: 06/21/2011"]);
    let past = attorney("Past Counsel", "", &["LEAD ATTORNEY"]);
    let present = attorney("Robin Placeholder", "", &["LEAD ATTORNEY"]);
    let gone = json!({ "date_terminated": "2025-01-02", "attorneys": [past] });
    let full = page(vec![
        party(
            "Acme Widgets, Inc.",
            "Plaintiff",
            json!({ "attorneys": [present, former] }),
        ),
        party("Example Bolts LLC", "Defendant", gone),
        party(
            "Sample Nuts Corp.",
            "Intervenor",
            json!({ "attorneys": [present] }),
        ),
    ]);
    database.merge(&full).await;
    let without_ended = page(vec![party(
        "Acme Widgets, Inc.",
        "Plaintiff",
        json!({ "attorneys": [present] }),
    )]);
    database.merge(&without_ended).await;
    assert_eq!(
        database.types().await,
        [
            "Acme Widgets, Inc.|Plaintiff",
            "Example Bolts LLC|Defendant|2025-01-02"
        ]
    );
    let expected = [
        "Acme Widgets, Inc.|Former Counsel|6|TERMINATED: 06/21/2011|2011-06-21",
        "Acme Widgets, Inc.|Robin Placeholder|2|LEAD ATTORNEY",
        "Example Bolts LLC|Past Counsel|2|LEAD ATTORNEY",
    ];
    assert_eq!(database.roles().await, expected);
    assert_eq!(
        database.one::<i64>("select count(*) from parties").await,
        3,
        "parties stay"
    );
    let before = database.everything().await;
    database.merge(&without_ended).await;
    assert_eq!(database.everything().await, before);

    let ended = json!({ "date_terminated": "2025-02-03" });
    database
        .merge(&page(vec![party("Acme Widgets, Inc.", "Plaintiff", ended)]))
        .await;
    assert_eq!(
        database.types().await,
        ["Acme Widgets, Inc.|Plaintiff|2025-02-03"]
    );
    assert!(database.roles().await.is_empty());
}

#[tokio::test]
async fn charges_are_replaced_as_a_whole() {
    let Some(database) = database().await else {
        return;
    };
    let charged = |counts: Value, complaints: Value| {
        let criminal = json!({
            "highest_offense_level_opening": "Felony",
            "highest_offense_level_terminated": "None",
            "counts": counts,
            "complaints": complaints,
        });
        page(vec![party(
            "Pat Sample",
            "Defendant (1)",
            json!({ "criminal_data": criminal }),
        )])
    };
    let count =
        |name: &str, status: &str| json!({ "name": name, "disposition": "", "status": status });
    let complaint = json!([{ "name": "Unlawful bolts", "disposition": "Dismissed" }]);
    database
        .merge(&charged(
            json!([
                count("Nuts (1)", "pending"),
                count("Bolts (2)", "terminated")
            ]),
            complaint.clone(),
        ))
        .await;
    let charges = "select concat_ws('|', name, status) from criminal_counts order by id";
    assert_eq!(database.lines(charges).await, ["Nuts (1)|1", "Bolts (2)|2"]);
    let before = database.everything().await;
    database
        .merge(&charged(
            json!([
                count("Nuts (1)", "pending"),
                count("Bolts (2)", "terminated")
            ]),
            complaint.clone(),
        ))
        .await;
    assert_eq!(database.everything().await, before);
    database
        .merge(&page(vec![party("Pat Sample", "Defendant (1)", json!({}))]))
        .await;
    assert_eq!(
        database.everything().await,
        before,
        "a report without charges says nothing about them"
    );

    database
        .merge(&charged(
            json!([count("Nuts (1)", "terminated")]),
            json!([]),
        ))
        .await;
    assert_eq!(database.lines(charges).await, ["Nuts (1)|2"]);
    assert_eq!(
        database
            .one::<i64>("select count(*) from criminal_complaints")
            .await,
        0
    );
    let levels: String = database
        .one("select highest_offense_level_opening || '|' || highest_offense_level_terminated from party_types")
        .await;
    assert_eq!(levels, "Felony|None");
}
