use std::io::Read;

use flate2::read::ZlibDecoder;
use pacer_sim::{Config, Delivery, Oddity, REFUSALS, Truth};

use crate::harness::{Court, Reader, between, on_receipt};

/// Id for the document itself, past the menu.
fn direct(truth: &Truth) -> String {
    let mut id = truth.pacer_doc_id.clone();
    id.replace_range(3..4, "1");
    id
}

fn id_of(court: &Court, at: &str, oddity: Oddity, entry: usize) -> (String, u64) {
    let stub = court.odd(at, oddity);
    let prefix = &court.simulator.world.court(at).unwrap().prefix;
    (
        format!("{prefix}1{}", stub.document_serial(entry, 0)),
        stub.id,
    )
}

/// The words that a PDF writes, with its pages one after the other.
fn shown_text(pdf: &[u8]) -> String {
    let mut text = String::new();
    let starts = pdf
        .windows(7)
        .enumerate()
        .filter(|(_, window)| window == b"stream\n")
        .map(|(at, _)| at + 7);
    for start in starts {
        let mut content = Vec::new();
        // Streams that are not deflated, and ends of streams, give nothing.
        let _ = ZlibDecoder::new(&pdf[start..]).read_to_end(&mut content);
        text.push_str(
            &String::from_utf8_lossy(&content)
                .replace(") Tj", "\n")
                .replace('\\', ""),
        );
    }
    text
}

#[tokio::test]
async fn a_document_with_text_has_its_words_and_the_stamp() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let case = court.simulator.world.stubs("okwd")[0].clone();
    let truth = court.simulator.documents("okwd", case.id, false).remove(0);
    let response = reader.buy("okwd", &direct(&truth), case.id).await;
    assert_eq!(response.headers()["content-type"], "application/pdf");
    let pdf = response.bytes().await.unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    let text = shown_text(&pdf);
    assert!(
        text.contains("Case 5:16-cv-00432-") && text.contains("Page 1 of 1"),
        "{text}"
    );
    for line in truth.page_texts[0].lines().filter(|line| !line.is_empty()) {
        assert!(text.contains(line), "{line}");
    }
}

#[tokio::test]
async fn a_scanned_document_has_pictures_and_no_words_but_the_stamp() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let case = court.simulator.world.stubs("okwd")[0].clone();
    for truth in court
        .simulator
        .documents("okwd", case.id, true)
        .iter()
        .take(3)
    {
        let pdf = reader
            .buy("okwd", &direct(truth), case.id)
            .await
            .bytes()
            .await
            .unwrap();
        let pictures = pdf
            .windows(14)
            .filter(|window| *window == b"/Subtype /Imag")
            .count();
        assert_eq!(pictures as u32, truth.pages);
        let text = shown_text(&pdf);
        assert!(
            text.contains("Page 1 of ") && !text.contains("IN THE UNITED STATES"),
            "{}",
            truth.pacer_doc_id
        );
    }
}

#[tokio::test]
async fn about_one_document_in_three_is_scanned() {
    let court = Court::usual().await;
    let count = |scanned| -> usize {
        let stubs = court
            .simulator
            .world
            .stubs("ilnd")
            .iter()
            .filter(|stub| stub.oddity == Oddity::None);
        stubs
            .map(|stub| court.simulator.documents("ilnd", stub.id, scanned).len())
            .sum()
    };
    let (scans, texts) = (count(true), count(false));
    assert!(
        scans * 3 > texts && scans < texts,
        "{scans} scans, {texts} others"
    );
}

#[tokio::test]
async fn the_menu_and_the_price_page_are_free_and_tell_the_price() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let truth = court
        .simulator
        .documents("okwd", court.simulator.world.stubs("okwd")[0].id, false)
        .remove(0);
    let menu = reader
        .page(&format!("/okwd/doc1/{}", truth.pacer_doc_id))
        .await;
    assert!(menu.contains("Document Selection Menu") && menu.contains("name=\"document_1_3\""));
    assert_eq!(menu.matches("goDLS(").count(), 4);
    let price = reader.page(&format!("/okwd/doc1/{}", direct(&truth))).await;
    assert!(price.contains("click on the 'View Document' button"));
    assert_eq!(on_receipt(&price, "Description:"), "Image1-0");
    assert_eq!(on_receipt(&price, "Cost:"), format!("0.{}0", truth.pages));
    assert_eq!(court.sales(), 0);
    // A menu answers even a purchase, unless the link said that it was seen.
    let id = court.simulator.world.stubs("okwd")[0].id;
    let bought = reader
        .buy("okwd", &truth.pacer_doc_id, id)
        .await
        .text()
        .await
        .unwrap();
    assert!(bought.contains("Document Selection Menu"));
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn a_bankruptcy_menu_counts_parts() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let truth = court
        .simulator
        .documents("canb", court.simulator.world.stubs("canb")[0].id, false)
        .remove(0);
    let menu = reader
        .page(&format!("/canb/doc1/{}", truth.pacer_doc_id))
        .await;
    assert!(
        menu.contains("Multiple Documents")
            && menu.contains(">Part</th>")
            && menu.contains("Main Document")
    );
    assert!(!menu.contains("goDLS("));
    let price = reader.page(&format!("/canb/doc1/{}", direct(&truth))).await;
    assert_eq!(on_receipt(&price, "Description:"), "Image:1-0");
}

/// Buys and follows what the page says, to the PDF.
async fn fetch(court: &Court, reader: &Reader<'_>, at: &str, entry: usize) -> (String, bool) {
    let (id, case) = id_of(court, at, Oddity::Deliveries, entry);
    let response = reader.buy(at, &id, case).await;
    if response.headers()["content-type"] == "application/pdf" {
        return ("direct".to_owned(), true);
    }
    let page = response.text().await.unwrap();
    assert!(
        page.contains("/cgi-bin/login.pl?logout"),
        "every page shows that somebody is logged in"
    );
    let (way, path) = match page.contains("<iframe") {
        true => ("iframe", between(&page, "<iframe src=\"", "\"")),
        false => ("redirect", between(&page, "window.location = \"", "\"")),
    };
    let pdf = reader.get(path).await;
    (
        way.to_owned(),
        pdf.headers()["content-type"] == "application/pdf",
    )
}

#[tokio::test]
async fn documents_are_delivered_in_three_ways_and_charged_once() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    for (entry, way) in ["direct", "iframe", "redirect"].into_iter().enumerate() {
        assert_eq!(
            fetch(&court, &reader, "nysd", entry).await,
            (way.to_owned(), true)
        );
        assert_eq!(court.sales(), entry + 1);
    }
}

#[tokio::test]
async fn one_way_can_be_chosen_for_all_courts() {
    let court = Court::open(Config {
        delivery: Some(Delivery::Redirect),
        ..Config::default()
    })
    .await;
    let reader = court.reader("demo").await;
    let truth = court
        .simulator
        .documents("okwd", court.simulator.world.stubs("okwd")[0].id, false)
        .remove(0);
    let case_id = truth.pacer_case_id.parse().unwrap();
    let page = reader
        .buy("okwd", &direct(&truth), case_id)
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains("window.location = \"/okwd/cgi-bin/show_temp.pl?"));
}

#[tokio::test]
async fn long_documents_are_capped_transcripts_are_not_and_opinions_are_free() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let price = |entry| {
        let (id, _) = id_of(&court, "nysd", Oddity::Deliveries, entry);
        format!("/nysd/doc1/{id}")
    };
    let long = reader.page(&price(4)).await;
    assert!(long.contains("You will only be billed for 30 pages"));
    assert_eq!(on_receipt(&long, "Cost:"), "3.00");
    let transcript = reader.page(&price(5)).await;
    assert!(on_receipt(&transcript, "Description:").starts_with("TRANSCRIPT"));
    assert_eq!(on_receipt(&transcript, "Cost:"), "4.00");
    let opinion = reader.get(&price(3)).await;
    assert_eq!(opinion.headers()["content-type"], "application/pdf");
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn refused_documents_say_why_and_cost_nothing() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    for at in ["nysd", "canb"] {
        for (entry, refusal) in REFUSALS.iter().enumerate() {
            let (id, case) = id_of(&court, at, Oddity::Refusals, entry);
            let asked = reader.page(&format!("/{at}/doc1/{id}")).await;
            let bought = reader.buy(at, &id, case).await.text().await.unwrap();
            for page in [asked, bought] {
                assert!(
                    page.contains(refusal.phrase()) && !page.contains("Transaction Receipt"),
                    "{page}"
                );
            }
        }
    }
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn the_case_id_must_be_right_or_absent() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let truth = court
        .simulator
        .documents("okwd", court.simulator.world.stubs("okwd")[0].id, false)
        .remove(0);
    let wrong = reader
        .buy("okwd", &direct(&truth), 99)
        .await
        .text()
        .await
        .unwrap();
    assert!(wrong.contains("Cannot locate the case with caseid 99"));

    let (id, case) = id_of(&court, "nysd", Oddity::Refusals, 11);
    let shared = reader.buy("nysd", &id, case).await.text().await.unwrap();
    assert!(shared.contains("Cannot locate the case with caseid"));
    assert_eq!(court.sales(), 0);
    let nameless = reader
        .post(&format!("/nysd/doc1/{id}"), &[("got_receipt", "1")])
        .await;
    assert_eq!(nameless.status(), 200);
    assert_eq!(court.sales(), 1);
}

#[tokio::test]
async fn without_a_case_there_is_no_stamp() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let truth = court
        .simulator
        .documents("okwd", court.simulator.world.stubs("okwd")[0].id, false)
        .remove(0);
    let path = format!("/okwd/doc1/{}", direct(&truth));
    let bare = reader
        .post(&path, &[("got_receipt", "1")])
        .await
        .bytes()
        .await
        .unwrap();
    assert!(!shown_text(&bare).contains("Page 1 of"));
    let unwanted = [
        ("caseid", truth.pacer_case_id.as_str()),
        ("got_receipt", "1"),
        ("pdf_header", "2"),
    ];
    let unstamped = reader.post(&path, &unwanted).await.bytes().await.unwrap();
    assert!(!shown_text(&unstamped).contains("Page 1 of"));
}

#[tokio::test]
async fn an_account_without_receipts_buys_by_asking() {
    let court = Court::usual().await;
    let reader = court.reader("demo-noreceipts").await;
    let truth = court
        .simulator
        .documents("okwd", court.simulator.world.stubs("okwd")[0].id, false)
        .remove(0);
    let answer = reader.get(&format!("/okwd/doc1/{}", direct(&truth))).await;
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert_eq!(court.sales(), 1);
}

#[tokio::test]
async fn a_document_is_found_by_its_number_in_district_courts() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let case = court.simulator.world.stubs("okwd")[0].id;
    let location = |response: reqwest::Response| {
        assert_eq!(response.status(), 302);
        response.headers()["location"].to_str().unwrap().to_owned()
    };
    let main = location(
        reader
            .get(&format!("/okwd/cgi-bin/show_case_doc?1,{case},,,"))
            .await,
    );
    let exhibit = location(
        reader
            .get(&format!("/okwd/cgi-bin/show_case_doc?1,{case},2,,"))
            .await,
    );
    assert!(
        main.contains("/okwd/doc1/1490") && exhibit.contains("/okwd/doc1/1491"),
        "{main} {exhibit}"
    );
    let nothing = reader
        .page(&format!("/okwd/cgi-bin/show_case_doc?999,{case},,,"))
        .await;
    assert!(nothing.contains("Either you do not have permission to view the document"));
    assert_eq!(
        reader
            .get("/canb/cgi-bin/show_case_doc?1,1,,,")
            .await
            .status(),
        404
    );
}

#[tokio::test]
async fn administrators_know_what_a_document_says() {
    let court = Court::usual().await;
    let case = court.simulator.world.stubs("okwd")[0].id;
    let scans = court
        .admin(&format!("courts/okwd/cases/{case}/documents?scanned=true"))
        .await;
    let scan = &scans[0];
    assert_eq!(scan["scanned"], true);
    let truth = court
        .admin(&format!(
            "courts/okwd/documents/{}",
            scan["pacer_doc_id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(
        truth["page_texts"].as_array().unwrap().len() as u64,
        truth["pages"].as_u64().unwrap()
    );
    let cases = court.admin("courts/okwd/cases").await;
    assert_eq!(
        (&cases[0]["docket_number"], &cases[0]["peculiarity"]),
        (&"5:16-cv-00432".into(), &"demo".into())
    );
}
