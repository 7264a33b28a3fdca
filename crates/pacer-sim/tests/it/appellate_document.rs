use pacer_sim::{Oddity, Truth};

use crate::harness::{Court, Reader, between, hidden_fields, on_bill};

const SERVLET: &str = "/n/beam/servlet/TransportRoom";
const CANNOT: &str = "The requested document cannot be displayed";

/// Id of a document of the case whose filings are all different.
fn id(court: &Court, at: &str, flag: char, entry: usize, place: usize) -> String {
    let case = court.odd(at, Oddity::Filings);
    let prefix = &court.simulator.world.court(at).unwrap().prefix;
    format!("{prefix}{flag}{}", case.document_serial(entry, place))
}

fn truth(court: &Court, at: &str, entry: usize, place: usize) -> Truth {
    let id = id(court, at, '0', entry, place);
    court.simulator.truth(at, &id).unwrap()
}

async fn is_pdf(response: reqwest::Response) -> bool {
    response.headers()["content-type"] == "application/pdf"
        && response.bytes().await.unwrap().starts_with(b"%PDF-")
}

async fn buy(reader: &Reader<'_>, at: &str, id: &str) -> reqwest::Response {
    let query = format!("servlet=ShowDoc&incPdfHeader=Y&incPdfHeaderDisp=Y&dls_id={id}&pacer=t");
    reader.refer("https://external").servlet(at, &query).await
}

#[tokio::test]
async fn a_document_is_bought_by_a_link_and_written_down() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let truth = truth(&court, "ca9", 0, 0);
    assert!(is_pdf(buy(&reader, "ca9", &truth.pacer_doc_id).await).await);
    let ledger = court.admin("ledger").await;
    let sale = &ledger["sales"][0];
    assert_eq!(sale["description"], "PDF Document");
    assert_eq!(sale["criteria"], "Case: 20-90003, Document: 1");
    assert_eq!(sale["cents"], truth.pages * 10);
    assert_eq!(sale["item"]["kind"], "document");
    assert_eq!(sale["item"]["pacer_doc_id"], truth.pacer_doc_id.as_str());
    assert_eq!(sale["item"]["pacer_case_id"], truth.pacer_case_id.as_str());
    assert_eq!(sale["item"]["document_number"], 1);
    assert_eq!(sale["item"]["attachment_number"], 0);
}

#[tokio::test]
async fn a_price_page_says_what_the_document_costs_and_its_form_buys_it() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let link = id(&court, "ca9", '1', 0, 0);
    let page = reader.page(&format!("/ca9/docs1/{link}")).await;
    assert!(page.contains("<title>Download Confirmation</title>"));
    assert!(page.contains("Click on the \"Accept Charges and Retrieve\" button ONCE"));
    let truth = truth(&court, "ca9", 0, 0);
    assert_eq!(on_bill(&page, "Billable Pages:"), truth.pages.to_string());
    let other = reader
        .servlet("ca9", &format!("servlet=ShowDoc&pacer=i&dls_id={link}"))
        .await;
    assert!(other.contains("name=\"AccCharge\""));
    assert_eq!(court.sales(), 0);

    let mut fields = hidden_fields(&page, "<form name=\"AccCharge\"");
    fields.retain(|(_, value)| !value.is_empty());
    let path = format!("/ca9{SERVLET}");
    let without: Vec<(&str, &str)> = fields
        .iter()
        .copied()
        .filter(|(name, _)| *name != "CSRF")
        .collect();
    let refused = reader.submit(&path, &without).await.text().await.unwrap();
    assert!(refused.contains("may not have originated from within CM/ECF"));
    assert_eq!(court.sales(), 0);
    assert!(is_pdf(reader.submit(&path, &fields).await).await);
    assert_eq!(court.sales(), 1);
}

#[tokio::test]
async fn the_form_behind_a_docket_link_needs_no_token_and_buys_nothing() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let truth = truth(&court, "ca9", 0, 0);
    let fields = [
        ("servlet", "ShowDoc"),
        ("dls_id", truth.pacer_doc_id.as_str()),
        ("caseId", truth.pacer_case_id.as_str()),
        ("dktType", "dktPublic"),
    ];
    let page = reader.submit(&format!("/ca9{SERVLET}"), &fields).await;
    assert!(
        page.text()
            .await
            .unwrap()
            .contains("Accept Charges and Retrieve")
    );
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn a_filing_of_several_documents_shows_its_menu_instead() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    for at in ["ca3", "ca5"] {
        let main = truth(&court, at, 5, 0);
        let menu = buy(&reader, at, &main.pacer_doc_id).await;
        let menu = menu.text().await.unwrap();
        assert!(menu.contains("<b>3 Documents are attached to this filing</b>"));
        assert_eq!(
            menu,
            reader
                .page(&format!("/{at}/docs1/{}", main.pacer_doc_id))
                .await
        );
        assert!(menu.contains(&format!("&caseId={}", main.pacer_case_id)));
        assert!(menu.contains(&format!("&d={}&outputForm", main.de_seq_num)));
        let rows: Vec<&str> = menu.split("/docs1/").skip(1).collect();
        // The main document has the lowest id, wherever it stands.
        let order = [1, 0, 2].map(|place| id(&court, at, '1', 5, place));
        for (row, id) in rows.iter().zip(&order) {
            assert!(row.starts_with(id.as_str()), "{row}");
        }
        assert_eq!(rows.len(), 3);
        assert_eq!(court.sales(), 0);
    }
    let second = buy(&reader, "ca3", &id(&court, "ca3", '1', 5, 1)).await;
    assert!(is_pdf(second).await);
    let ledger = court.admin("ledger").await;
    assert_eq!(
        ledger["sales"][0]["criteria"],
        "Case: 20-90003, Document: 6-1"
    );
    assert_eq!(ledger["sales"][0]["item"]["attachment_number"], 1);
}

#[tokio::test]
async fn a_withheld_document_is_named_without_a_link_and_not_shown() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let menu = reader
        .page(&format!("/ca1/docs1/{}", id(&court, "ca1", '0', 6, 0)))
        .await;
    assert!(menu.contains("<b>3 Documents") && menu.matches("/docs1/").count() == 2);
    for withheld in [
        id(&court, "ca1", '1', 6, 2),
        id(&court, "ca1", '0', 1, 0),
        "00109999999".to_owned(),
        "nonsense".to_owned(),
    ] {
        let page = buy(&reader, "ca1", &withheld).await.text().await.unwrap();
        assert!(page.contains(CANNOT), "{withheld}");
    }
    let other_case = format!(
        "servlet=ShowDoc&pacer=t&caseId=1&dls_id={}",
        id(&court, "ca1", '0', 0, 0)
    );
    assert!(reader.servlet("ca1", &other_case).await.contains(CANNOT));
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn a_restricted_document_is_sold_only_after_its_warning() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let restricted = id(&court, "ca9", '0', 2, 0);
    let page = buy(&reader, "ca9", &restricted).await.text().await.unwrap();
    assert!(
        page.contains("confirm('Access to the document you are about to view has been restricted.")
    );
    assert_eq!(court.sales(), 0);
    let target = between(
        &page,
        "window.location = '/ca9/n/beam/servlet/TransportRoom?",
        "'",
    );
    assert!(target.starts_with("servlet=ShowDoc&isWarn=yes&"));
    let bought = reader
        .refer("https://external")
        .servlet("ca9", target)
        .await;
    assert!(is_pdf(bought).await);
    assert_eq!(court.sales(), 1);
}

#[tokio::test]
async fn opinions_are_free_and_long_documents_are_capped() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let opinion = reader
        .get(&format!("/ca9/docs1/{}", id(&court, "ca9", '0', 3, 0)))
        .await;
    assert!(is_pdf(opinion).await);
    assert_eq!(court.sales(), 0);
    let page = reader
        .page(&format!("/ca9/docs1/{}", id(&court, "ca9", '0', 4, 0)))
        .await;
    assert!(page.contains("You will only be billed for 30 pages"));
    assert_eq!(on_bill(&page, "Cost:"), "3.00");
}

#[tokio::test]
async fn courts_without_numbers_go_by_the_id() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let link = id(&court, "ca5", '1', 0, 0);
    let page = reader.page(&format!("/ca5/docs1/{link}")).await;
    assert_eq!(
        on_bill(&page, "Search Criteria:"),
        format!("Case: 20-90003, Document: {link}")
    );
}

#[tokio::test]
async fn the_eleventh_circuit_delivers_by_link_and_the_others_to_who_wants_no_receipts() {
    let court = Court::usual().await;
    let path = |at: &str| format!("/{at}/docs1/{}", id(&court, at, '0', 0, 0));
    let reader = court.reader("demo").await;
    assert!(is_pdf(reader.get(&path("ca11")).await).await);
    let asked = format!(
        "servlet=ShowDoc&pacer=i&dls_id={}",
        id(&court, "ca11", '0', 0, 0)
    );
    assert!(reader.servlet("ca11", &asked).await.contains("AccCharge"));
    assert_eq!(court.sales(), 1);
    let hasty = court.reader("demo-noreceipts").await;
    assert!(is_pdf(hasty.get(&path("ca2")).await).await);
    assert_eq!(court.sales(), 2);
}

#[tokio::test]
async fn a_notice_lets_everybody_see_each_document_once() {
    let court = Court::usual().await;
    let main = id(&court, "ca9", '0', 5, 0);
    let order = court
        .client
        .post(format!("{}/admin/free-looks", court.base));
    let order = order.json(&serde_json::json!({"court": "ca9", "pacer_doc_id": main}));
    let sent = order.send().await.unwrap();
    assert_eq!(sent.status(), 201);
    let sent: serde_json::Value = sent.json().await.unwrap();
    let path = sent["path"].as_str().unwrap();
    let anonymous = async |path: &str| {
        let url = format!("{}/ca9{path}", court.base);
        court.client.get(url).send().await.unwrap()
    };
    let menu = anonymous(path).await.text().await.unwrap();
    assert!(menu.contains("3 Documents are attached to this filing"));
    for place in 0..3 {
        let uid = path.rsplit('=').next().unwrap();
        let link = format!("/docs1/{}?uid={uid}", id(&court, "ca9", '1', 5, place));
        assert!(menu.contains(&link));
        assert!(is_pdf(anonymous(&link).await).await);
        let again = anonymous(&link).await.text().await.unwrap();
        assert!(again.contains("document.location = \"https://pacer.login.uscourts.gov"));
    }
    let other = path.replace(&main, &id(&court, "ca9", '0', 0, 0));
    let other = anonymous(&other).await.text().await.unwrap();
    assert!(
        other.contains("document.location"),
        "a notice is of one filing"
    );
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn several_documents_come_as_one_file_and_are_sold_one_by_one() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let seqs = [4, 6].map(|entry| truth(&court, "ca1", entry, 0).de_seq_num.to_string());
    let query = format!(
        "servlet=ShowDocMulti&outputType=doc&d={}&d={}",
        seqs[0], seqs[1]
    );
    let page = reader.servlet("ca1", &query).await;
    let pages: u32 = [(6, 0), (6, 1)]
        .map(|(entry, place)| truth(&court, "ca1", entry, place).pages)
        .iter()
        .sum();
    let billed = 30 + pages;
    assert_eq!(on_bill(&page, "Billable Pages:"), billed.to_string());
    assert_eq!(court.sales(), 0);
    let fields = hidden_fields(&page, "<form name=\"AccCharge\"");
    let pdf = reader.submit(&format!("/ca1{SERVLET}"), &fields).await;
    let pdf = pdf.bytes().await.unwrap();
    let count = format!("/Count {}", 45 + pages);
    assert!(
        pdf.windows(count.len())
            .any(|window| window == count.as_bytes())
    );
    let cents: u32 = court
        .simulator
        .ledger
        .sales()
        .iter()
        .map(|sale| sale.cents)
        .sum();
    assert_eq!((court.sales(), cents), (3, billed * 10));
}

#[tokio::test]
async fn the_stamp_is_printed_if_wanted() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let document = id(&court, "ca1", '0', 0, 0);
    let stamped = buy(&reader, "ca1", &document).await.bytes().await.unwrap();
    let query = format!("servlet=ShowDoc&incPdfHeader=N&dls_id={document}&pacer=t");
    let from = reader.refer("https://external");
    let plain = from.servlet("ca1", &query).await.bytes().await.unwrap();
    assert!(stamped.len() > plain.len() && plain.starts_with(b"%PDF-"));
}
