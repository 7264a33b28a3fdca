use std::path::Path;

use pacer_sim::Config;

use crate::harness::Court;

const PAGE: &[u8] =
    b"<html><body><a href='/cgi-bin/login.pl?logout'>x</a><p>Caf\xe9 docket</p></body></html>";

fn save(directory: &Path, name: &str, page: &[u8], docket_number: Option<&str>) {
    std::fs::create_dir_all(directory).unwrap();
    std::fs::write(directory.join(format!("{name}.html")), page).unwrap();
    let json =
        serde_json::json!({"docket_number": docket_number, "case_name": "In re Nobody's Teapot"});
    std::fs::write(directory.join(format!("{name}.json")), json.to_string()).unwrap();
}

async fn replaying(directory: &Path) -> Court {
    save(
        &directory.join("deep/down"),
        "okwd_1",
        PAGE,
        Some("5:09-cv-00077"),
    );
    save(directory, "okwd_2", PAGE, Some("5:09-cv-00078"));
    save(directory, "okwd_3", PAGE, Some("5:09-cv-00078"));
    save(directory, "okwd_4", &[b'x'; 9000], None);
    save(directory, "sdny", PAGE, Some("1:09-cv-00001"));
    Court::open(Config {
        pages: vec![directory.to_owned()],
        ..Config::default()
    })
    .await
}

#[tokio::test]
async fn a_saved_page_is_found_by_its_number_served_as_it_is_and_billed() {
    let directory = tempfile::tempdir().unwrap();
    let court = replaying(directory.path()).await;
    let reader = court.reader("demo").await;
    let xml = reader
        .page("/okwd/cgi-bin/possible_case_numbers.pl?5:09-cv-77")
        .await;
    let listed = court.admin("replay").await;
    let pages = listed.as_array().unwrap();
    let page = pages
        .iter()
        .find(|page| page["docket_number"] == "5:09-cv-00077")
        .unwrap();
    assert_eq!(page["addressable_by"], "docket_number");
    let id = page["pacer_case_id"].as_str().unwrap();
    assert!(
        xml.contains(id) && xml.contains("Nobody&apos;s Teapot"),
        "{xml}"
    );

    let fields = [
        ("all_case_ids", id),
        ("case_num", " "),
        ("date_from", "1/1/1960"),
    ];
    let response = reader
        .post("/okwd/cgi-bin/DktRpt.pl?1-L_1_0-1", &fields)
        .await;
    assert_eq!(response.headers()["content-type"], "text/html");
    assert_eq!(response.bytes().await.unwrap(), PAGE);
    let sales = court.simulator.ledger.sales();
    assert_eq!((sales.len(), sales[0].pages, sales[0].cents), (1, 1, 10));
}

#[tokio::test]
async fn pages_that_share_a_number_or_have_none_are_found_by_id() {
    let directory = tempfile::tempdir().unwrap();
    let court = replaying(directory.path()).await;
    let reader = court.reader("demo").await;
    assert!(
        reader
            .page("/okwd/cgi-bin/possible_case_numbers.pl?5:09-cv-00078")
            .await
            .contains("Cannot find case")
    );
    let pages = court.simulator.replay.pages();
    assert_eq!(
        pages
            .iter()
            .filter(|page| page.docket_number.as_deref() == Some("5:09-cv-00078"))
            .count(),
        2
    );
    let nameless = pages
        .iter()
        .find(|page| page.docket_number.is_none())
        .unwrap();
    let page = reader.docket("okwd", nameless.pacer_case_id, &[]).await;
    assert_eq!(page.len(), 9000);
    assert_eq!(court.simulator.ledger.sales()[0].pages, 3);
}

#[tokio::test]
async fn a_court_can_be_known_by_its_saved_pages_alone() {
    let directory = tempfile::tempdir().unwrap();
    let court = replaying(directory.path()).await;
    let reader = court.reader("demo").await;
    assert!(
        reader
            .page("/sdny/cgi-bin/possible_case_numbers.pl?1:09-cv-00001")
            .await
            .contains("<case ")
    );
    assert_eq!(
        reader
            .get("/nowhere/cgi-bin/possible_case_numbers.pl?1")
            .await
            .status(),
        404
    );
}
