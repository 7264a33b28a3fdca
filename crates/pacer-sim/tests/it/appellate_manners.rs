use pacer_sim::{Config, Oddity};

use crate::harness::{Court, between, hidden_fields, on_bill};

const SERVLET: &str = "/n/beam/servlet/TransportRoom";
const DOCKET: &str = "servlet=CaseSummary.jsp&fullDocketReport=Y&actionType=Run+Docket+Report&incDktEntries=Y&caseNum=20-90006";
const OUTSIDE: &str = "The link to this page may not have originated from within CM/ECF";

#[tokio::test]
async fn a_link_without_referrer_is_asked_about_and_its_form_works() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let page = reader.page(&format!("/ca4{SERVLET}?{DOCKET}")).await;
    assert!(page.contains(OUTSIDE) && page.contains("<TITLE>Download Confirmation</TITLE>"));
    assert_eq!(court.sales(), 0);
    let fields = hidden_fields(&page, "<form method='post'");
    assert!(
        fields.contains(&("caseNum", "20-90006")) && fields.iter().any(|(name, _)| *name == "CSRF")
    );
    let docket = reader.submit(&format!("/ca4{SERVLET}"), &fields).await;
    let docket = docket.text().await.unwrap();
    assert!(docket.contains("NEW SECTION - DOCKET ENTRIES"));
    assert_eq!(court.sales(), 1);
}

#[tokio::test]
async fn only_the_federal_circuit_minds_a_foreign_referrer() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    assert!(reader.servlet("cafc", DOCKET).await.contains(OUTSIDE));
    assert!(!reader.servlet("ca4", DOCKET).await.contains(OUTSIDE));
    for inside in [
        format!("{}/cafc/docs1/1", court.base),
        "https://ecf.cafc.uscourts.gov/".to_owned(),
    ] {
        let page = reader
            .refer(&inside)
            .servlet("cafc", DOCKET)
            .await
            .text()
            .await
            .unwrap();
        assert!(!page.contains(OUTSIDE), "{inside}");
    }
}

#[tokio::test]
async fn a_form_needs_the_token_of_its_own_session() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let stranger = court.reader("demo-filer").await;
    let token = |page: &str| between(page, "name='CSRF' value='", "'").to_owned();
    let own = token(&reader.servlet("ca4", "servlet=CaseSearch.jsp").await);
    let other = token(&stranger.servlet("ca4", "servlet=CaseSearch.jsp").await);
    assert!(own.strip_prefix("csrf_").unwrap().parse::<i64>().is_ok());
    assert_ne!(own, other);
    let post = async |token: &str| {
        let fields = [
            ("servlet", "CaseSummary.jsp"),
            ("fullDocketReport", "Y"),
            ("actionType", "Run Docket Report"),
            ("caseNum", "20-90006"),
            ("CSRF", token),
        ];
        let page = reader.submit(&format!("/ca4{SERVLET}"), &fields).await;
        page.text().await.unwrap()
    };
    assert!(post("").await.contains(OUTSIDE));
    assert!(post(&other).await.contains(OUTSIDE));
    assert_eq!(court.sales(), 0);
    assert_eq!(on_bill(&post(&own).await, "Search Criteria:"), "20-90006");
}

#[tokio::test]
async fn a_servlet_does_not_read_multipart() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let fields = [("servlet", "CaseSummary.jsp"), ("caseNum", "20-90006")];
    let page = reader.post(&format!("/ca4{SERVLET}"), &fields).await;
    let page = page.text().await.unwrap();
    assert!(page.contains(OUTSIDE) && !page.contains("20-90006"));
}

#[tokio::test]
async fn three_courts_still_know_the_former_path() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    for at in ["ca5", "ca7", "ca11"] {
        let response = reader
            .get(&format!("/{at}/cmecf/servlet/TransportRoom?{DOCKET}"))
            .await;
        assert_eq!(response.status(), 302);
        let target = format!("{}/{at}{SERVLET}?{DOCKET}", court.base);
        assert_eq!(response.headers()["location"], target.as_str());
    }
    for path in [
        "/ca1/cmecf/servlet/TransportRoom",
        "/ca1/cgi-bin/DktRpt.pl",
        "/ca1/doc1/1",
    ] {
        let response = reader.get(path).await;
        assert_eq!(response.status(), 404);
        let page = response.text().await.unwrap();
        assert!(page.contains("<title>404 Not Found</title>"));
    }
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn a_court_of_appeals_is_known_by_its_host() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    for (host, name) in [
        (
            "ecf.ca1.uscourts.gov",
            "Court of Appeals for the First Circuit",
        ),
        (
            "ecf.cavc.uscourts.gov",
            "Court of Appeals for Veterans Claims",
        ),
        (
            "efiling.uscourts.cavc.gov",
            "Court of Appeals for Veterans Claims",
        ),
    ] {
        let url = format!("{}{SERVLET}?{DOCKET}", court.base);
        let request = court
            .client
            .get(url)
            .header("host", host)
            .header("referer", "https://x");
        let request = request.header("cookie", &reader.cookies);
        let page = request.send().await.unwrap().text().await.unwrap();
        assert!(page.contains(&format!("United States {name}</b>")));
        assert!(page.contains(&format!("http://{host}/docs1/")), "{host}");
    }
}

#[tokio::test]
async fn the_wrong_entry_leads_to_the_options() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.odd("ca5", Oddity::Consolidated).id;
    let without_button = DOCKET.replace("actionType", "x");
    for (at, query) in [
        ("ca5", "servlet=CaseSummary.jsp&caseNum=20-90006"),
        ("ca5", &without_button),
    ] {
        let page = reader.servlet(at, query).await;
        assert!(page.contains("http-equiv=\"REFRESH\""), "{query}");
        assert!(page.contains(&format!("servlet=DocketReportFilter.jsp&amp;caseId={id}\"")));
    }
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn who_is_not_logged_in_is_sent_to_the_sign_on() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    for path in [
        format!("{SERVLET}?{DOCKET}"),
        "/docs1/00101000000".to_owned(),
    ] {
        let url = format!("{}/ca1{path}", court.base);
        let page = court.client.get(url).send().await.unwrap();
        let page = page.text().await.unwrap();
        let target = between(
            &page,
            "document.location = \"https://pacer.login.uscourts.gov/csologin/login.jsf?",
            "\"",
        );
        assert!(target.starts_with("pscCourtId=01CA&appurl=http%3A%2F%2F"));
        assert!(!page.contains("InvalidUserLogin.jsp"));
    }
    reader
        .servlet("ca1", "servlet=InvalidUserLogin.jsp&logout=y")
        .await;
    assert!(
        reader
            .servlet("ca1", DOCKET)
            .await
            .contains("document.location")
    );
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn accounts_have_their_peculiarities_here_too() {
    let court = Court::usual().await;
    let refused = [
        ("demo-firm", "A Client Code is required for PACER search"),
        ("demo-disabled", "has been disabled"),
    ];
    for (login, text) in refused {
        let reader = court.reader(login).await;
        assert!(reader.servlet("ca4", DOCKET).await.contains(text));
    }
    let reader = court.reader("demo-receipts").await;
    let page = reader.servlet("ca4", DOCKET).await;
    let offered = on_bill(&page, "Cost:").to_owned();
    assert_eq!(court.sales(), 0);
    let fields = hidden_fields(&page, "<form method='post'");
    let docket = reader.submit(&format!("/ca4{SERVLET}"), &fields).await;
    let docket = docket.text().await.unwrap();
    assert_eq!(on_bill(&docket, "Cost:"), offered);
    assert_eq!(court.sales(), 1);
}

#[tokio::test]
async fn a_saved_page_of_a_court_of_appeals_is_served_as_it_is_and_billed() {
    let directory = tempfile::tempdir().unwrap();
    let page = b"<html><body>Caf\xe9 docket</body></html>";
    std::fs::write(directory.path().join("ca1_1.html"), page).unwrap();
    let json = r#"{"docket_number": "10-1095", "case_name": "In re Nobody's Teapot"}"#;
    std::fs::write(directory.path().join("ca1_1.json"), json).unwrap();
    let court = Court::open(Config {
        pages: vec![directory.path().to_owned()],
        ..Config::default()
    })
    .await;
    let reader = court.reader("demo").await;
    let query = DOCKET.replace("20-90006", "10-1095");
    let from = reader.refer("https://external");
    let served = from.servlet("ca1", &query).await.bytes().await.unwrap();
    assert_eq!(served, page.as_slice());
    let ledger = court.admin("ledger").await;
    assert_eq!(ledger["sales"][0]["item"]["docket_number"], "10-1095");
}
