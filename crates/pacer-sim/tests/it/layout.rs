//! Layouts that only some courts or cases have.

use pacer_sim::Oddity;

use crate::harness::{Court, between, on_receipt};

/// Id of a document of the well-known case, past its menu or not.
fn id_of(
    court: &Court,
    at: &str,
    oddity: Oddity,
    entry: usize,
    attachment: usize,
    flag: u8,
) -> String {
    let stub = court.odd(at, oddity);
    let prefix = &court.simulator.world.court(at).unwrap().prefix;
    format!("{prefix}{flag}{}", stub.document_serial(entry, attachment))
}

#[tokio::test]
async fn texas_northern_bankruptcy_has_no_column_for_numbers() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let stubs = court.simulator.world.stubs("txnb").iter();
    let petition = stubs
        .clone()
        .find(|stub| stub.oddity == Oddity::Twin)
        .unwrap();
    let page = reader.docket("txnb", petition.id, &[]).await;
    let header = between(&page, "Filing Date</th>", "</tr>");
    assert!(
        header.contains("Docket Text") && !header.contains('#'),
        "{header}"
    );
    let row = between(&page, "<tr><td width=\"94\"", "</tr>");
    assert_eq!(row.matches("<td").count(), 1);
    assert!(row.contains(">1</a> &nbsp;<nobr>("), "{row}");
}

#[tokio::test]
async fn page_counts_stand_beside_numbers_on_demand_or_by_custom() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = |at: &str| court.odd(at, Oddity::Twin).id;
    let counts = |page: &str| page.contains("&nbsp;pg");
    assert!(!counts(&reader.docket("canb", id("canb"), &[]).await));
    let asked = [("page_count", "on")];
    assert!(counts(&reader.docket("canb", id("canb"), &asked).await));
    assert!(counts(&reader.docket("flsb", id("flsb"), &[]).await));
}

#[tokio::test]
async fn bankruptcy_dockets_link_to_notices_on_demand() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.odd("canb", Oddity::Twin).id;
    assert!(
        !reader
            .docket("canb", id, &[])
            .await
            .contains("DisplayReceipt.pl")
    );
    let page = reader.docket("canb", id, &[("links_to_nef", "on")]).await;
    assert!(page.contains(&format!("/canb/cgi-bin/DisplayReceipt.pl?{id},4\"")));
}

#[tokio::test]
async fn member_cases_are_listed_on_demand_and_make_the_docket_dearer() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.odd("okwd", Oddity::Members).id;
    let without = reader.docket("okwd", id, &[]).await;
    assert!(!without.contains("Member cases:"));
    let listed = reader
        .docket("okwd", id, &[("list_of_member_cases", "on")])
        .await;
    assert!(listed.contains("Member cases:") && listed.len() > without.len());
    let member = court
        .simulator
        .world
        .members(&court.odd("okwd", Oddity::Members));
    assert!(listed.contains(&member[0].full_number()));
}

#[tokio::test]
async fn documents_opened_from_a_docket_without_stamps_are_not_stamped() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.simulator.world.stubs("okwd")[0].id;
    let stamped = reader.docket("okwd", id, &[("pdf_header", "1")]).await;
    let bare = reader.docket("okwd", id, &[("pdf_header", "2")]).await;
    assert!(stamped.contains("'','1','1','','','')") && !stamped.contains("'','2','1','','','')"));
    assert!(bare.contains("'','2','1','','','')"));
}

#[tokio::test]
async fn old_links_lead_to_the_document_by_its_sequence_number() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let stub = court.odd("canb", Oddity::OldLinks);
    let page = reader.docket("canb", stub.id, &[]).await;
    let href = between(&page, "href=\"/canb/cgi-bin/show_doc.pl", "\"");
    let id = id_of(&court, "canb", Oddity::OldLinks, 0, 0, 0);
    let answer = reader
        .get(&format!("/canb/cgi-bin/show_doc.pl{href}"))
        .await;
    assert_eq!(answer.status(), 302);
    let location = answer.headers()["location"].to_str().unwrap();
    assert!(
        location.ends_with(&format!("/canb/doc1/{id}")),
        "{location}"
    );
    let old = between(&page, "id=\"documentK", "\"");
    let url = reader
        .page(&format!("/canb/cgi-bin/document_link.pl?documentK{old}"))
        .await;
    assert_eq!(url, format!("{}/canb/doc1/{id}", court.base));
}

#[tokio::test]
async fn old_district_menus_count_the_main_document() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    // Below the last document that New York Southern counted so, and above it.
    let old = id_of(&court, "nysd", Oddity::Deliveries, 6, 0, 0);
    let new = id_of(&court, "nysd", Oddity::Rarities, 4, 0, 0);
    let menu = reader.page(&format!("/nysd/doc1/{old}")).await;
    assert!(menu.contains("document_7_0") && !menu.contains("document_7_1\""));
    assert!(menu.contains("document_7_4") && menu.contains(">4</a>"));
    let menu = reader.page(&format!("/nysd/doc1/{new}")).await;
    assert!(menu.contains("document_5_1") && menu.contains("document_5_3"));
    assert!(!menu.contains("document_5_4"));
}

#[tokio::test]
async fn a_withheld_attachment_has_no_link_in_the_menu() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    for at in ["okwd", "canb"] {
        let id = id_of(&court, at, Oddity::Rarities, 3, 0, 0);
        let withheld = id_of(&court, at, Oddity::Rarities, 3, 1, 1);
        let open = id_of(&court, at, Oddity::Rarities, 3, 3, 1);
        let menu = reader.page(&format!("/{at}/doc1/{id}")).await;
        assert!(menu.contains(&open) && !menu.contains(&withheld), "{menu}");
    }
    let restricted = id_of(&court, "okwd", Oddity::Rarities, 3, 2, 1);
    let price = reader.page(&format!("/okwd/doc1/{restricted}")).await;
    assert!(price.contains("<td>Warning!</td>"));
}

#[tokio::test]
async fn audio_has_a_price_of_its_own_and_an_opinion_none() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let case = court.odd("okwd", Oddity::Rarities).id;
    let page = |entry| {
        format!(
            "/okwd/doc1/{}",
            id_of(&court, "okwd", Oddity::Rarities, entry, 0, 1)
        )
    };
    let audio = reader.page(&page(0)).await;
    assert!(on_receipt(&audio, "Description:").starts_with("AUDIO"));
    assert_eq!(on_receipt(&audio, "Cost:"), "2.40");
    let id = id_of(&court, "okwd", Oddity::Rarities, 0, 0, 1);
    reader.buy("okwd", &id, case).await;
    assert_eq!(court.simulator.ledger.sales()[0].cents, 240);
    let transcript = reader.page(&page(1)).await;
    assert_eq!(on_receipt(&transcript, "Cost:"), "4.00");
    let opinion = reader.page(&page(2)).await;
    assert_eq!(on_receipt(&opinion, "Cost:"), "0.00");
    let id = id_of(&court, "okwd", Oddity::Rarities, 2, 0, 1);
    let bought = reader.buy("okwd", &id, case).await;
    assert_eq!(bought.headers()["content-type"], "application/pdf");
    assert_eq!(court.sales(), 1);
}
