use pacer_sim::Oddity;
use serde_json::{Value, json};

use crate::harness::{Court, Reader, between};

/// The link of a notice of filing, below the court's prefix.
async fn notice(court: &Court, at: &str, oddity: Oddity, entry: usize) -> String {
    let stub = court.odd(at, oddity);
    let prefix = &court.simulator.world.court(at).unwrap().prefix;
    let id = format!("{prefix}0{}", stub.document_serial(entry, 0));
    let request = court
        .client
        .post(format!("{}/admin/free-looks", court.base))
        .json(&json!({"court": at, "pacer_doc_id": id}));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 201);
    let look: Value = response.json().await.unwrap();
    format!("/{at}{}", look["path"].as_str().unwrap())
}

async fn stranger(court: &Court) -> Reader<'_> {
    let mut reader = court.reader("demo").await;
    reader.cookies.clear();
    reader
}

/// The link to the document itself, without questions.
fn at_once(link: &str) -> String {
    let (path, query) = link.split_once('?').unwrap();
    let mut path = path.to_owned();
    let flag = path.find("/doc1/").unwrap() + 6 + 3;
    path.replace_range(flag..=flag, "1");
    format!("{path}?{query}&use_magic=1")
}

#[tokio::test]
async fn a_magic_number_shows_a_document_once_to_anybody_for_nothing() {
    let court = Court::usual().await;
    let reader = stranger(&court).await;
    let link = at_once(&notice(&court, "okwd", Oddity::Rarities, 5).await);
    let first = reader.get(&link).await;
    assert_eq!(first.headers()["content-type"], "application/pdf");
    let again = reader.get(&link).await;
    assert_eq!(again.headers()["content-type"], "text/html");
    let page = again.text().await.unwrap();
    assert!(!page.contains("iframe") && page.contains("was used up"));
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn a_free_look_asks_first_unless_told_not_to() {
    let court = Court::usual().await;
    let reader = stranger(&court).await;
    let link = notice(&court, "okwd", Oddity::Rarities, 5).await;
    let offer = reader.page(&link).await;
    assert!(offer.contains("seen once") && !offer.contains("login.pl?logout"));
    // Asking does not use it up; the form does.
    let path = between(&offer, "action=\"", "\"");
    let fields = ["caseid", "de_seq_num", "magic_num"].map(|name| {
        (
            name,
            between(&offer, &format!("name=\"{name}\" value=\""), "\""),
        )
    });
    let bought = reader.post(path, &fields).await;
    assert_eq!(bought.headers()["content-type"], "application/pdf");
}

#[tokio::test]
async fn the_menu_of_a_free_look_has_the_magic_number_and_no_menu_bar() {
    let court = Court::usual().await;
    let reader = stranger(&court).await;
    let link = notice(&court, "okwd", Oddity::Rarities, 4).await;
    let menu = reader.page(&link).await;
    assert!(
        menu.contains(
            "To view the main document and its attachments without incurring a PACER fee"
        )
    );
    assert!(menu.contains("Document Selection Menu") && !menu.contains("login.pl?logout"));
    let magic = link.rsplit('=').next().unwrap();
    let calls: Vec<&str> = menu.split("goDLS('").skip(1).collect();
    assert_eq!(calls.len(), 4);
    for call in calls {
        let path = call.split('\'').next().unwrap();
        let fields = [("magic_num", magic)];
        let first = reader.post(path, &fields).await;
        assert_eq!(first.headers()["content-type"], "application/pdf", "{path}");
        let again = reader.post(path, &fields).await;
        assert_eq!(again.headers()["content-type"], "text/html", "{path}");
    }
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn where_documents_come_in_a_frame_the_frame_needs_no_session() {
    let court = Court::usual().await;
    court
        .put("courts/okwd/settings", json!({"delivery": "redirect"}))
        .await;
    let reader = stranger(&court).await;
    let link = at_once(&notice(&court, "okwd", Oddity::Rarities, 5).await);
    let page = reader.page(&link).await;
    let frame = between(&page, "<iframe src=\"", "\"");
    let pdf = reader.get(frame).await;
    assert_eq!(pdf.headers()["content-type"], "application/pdf");
}

#[tokio::test]
async fn a_number_of_another_entry_and_a_transcript_need_a_session() {
    let court = Court::usual().await;
    let reader = stranger(&court).await;
    let transcript = at_once(&notice(&court, "okwd", Oddity::Rarities, 1).await);
    let own = at_once(&notice(&court, "okwd", Oddity::Rarities, 5).await);
    let magic = own.split("magic_num=").nth(1).unwrap();
    let other = format!(
        "{}?magic_num={magic}",
        transcript.split('?').next().unwrap()
    );
    let invented = own.replace(magic, "1&use_magic=1");
    for link in [transcript, other, invented] {
        let page = reader.page(&link).await;
        assert!(
            page.contains("GetPass") || page.contains("csologin"),
            "{page}"
        );
    }
    assert_eq!(
        reader.get(&own).await.headers()["content-type"],
        "application/pdf",
        "what was tried in vain did not use the look up"
    );
}
