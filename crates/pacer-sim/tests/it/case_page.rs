use pacer_sim::Oddity;

use crate::harness::{Court, Reader, between, on_receipt};

/// The form for the list of a case, as its path.
async fn history_form(reader: &Reader<'_>, at: &str, id: u64) -> String {
    let form = reader
        .page(&format!("/{at}/cgi-bin/HistDocQry.pl?{id}"))
        .await;
    format!("/{at}{}", between(&form, "action=\"..", "\""))
}

async fn history(reader: &Reader<'_>, at: &str, id: u64, fields: &[(&str, &str)]) -> String {
    let path = history_form(reader, at, id).await;
    reader.post(&path, fields).await.text().await.unwrap()
}

#[tokio::test]
async fn the_history_lists_every_entry_and_is_billed() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let stub = court.simulator.world.stubs("okwd")[0].clone();
    let page = history(&reader, "okwd", stub.id, &[("QueryType", "History")]).await;
    assert_eq!(page.matches("<tr valign=\"top\">").count(), 24);
    assert!(page.contains(">Doc.<br>No.</th>") && page.contains(", presiding<br>"));
    assert!(page.contains("Filed &amp; Entered:") && page.contains("<i>Entered: </i>"));
    assert_eq!(on_receipt(&page, "Description:"), "History/Documents");
    let sale = &court.admin("ledger").await["sales"][0];
    assert_eq!(sale["item"]["kind"], "history");
    assert_eq!(sale["item"]["filters"]["QueryType"], "History");
}

#[tokio::test]
async fn documents_can_be_listed_alone_backwards_and_with_their_text() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let stub = court.simulator.world.stubs("okwd")[0].clone();
    let fields = [
        ("QueryType", "Documents"),
        ("sort1", "desc"),
        ("DisplayDktText", "DisplayDktText"),
    ];
    let page = history(&reader, "okwd", stub.id, &fields).await;
    let numbered = page.matches("<tr valign=\"top\">").count();
    assert!(numbered < 24 && page.matches("Docket Text: ").count() == numbered);
    assert!(page.find("COMPLAINT against").unwrap() > page.find("Docket Text").unwrap());
    let first = page.split("return(false);\">").nth(1).unwrap();
    assert!(!first.starts_with("1</a>"), "{first}");
}

#[tokio::test]
async fn the_history_needs_a_token_of_the_court() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.simulator.world.stubs("okwd")[0].id;
    let wildcard = "/okwd/cgi-bin/HistDocQry.pl?1-L_1_0-1";
    let answer = reader.post(wildcard, &[("QueryType", "History")]).await;
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("The page ID does not exist")
    );
    let path = history_form(&reader, "okwd", id).await;
    // The token is good for this list and no other page.
    let docket = path.replace("HistDocQry", "DktRpt");
    let answer = reader.post(&docket, &[("all_case_ids", "1")]).await;
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("The page ID does not exist")
    );
    let answer = reader.post(&path, &[("QueryType", "Rumours")]).await;
    assert!(answer.text().await.unwrap().contains("Incomplete request."));
    let missing = reader.page("/okwd/cgi-bin/HistDocQry.pl?1").await;
    assert!(missing.contains("Case not found."));
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn a_case_without_entries_has_a_history_of_nothing_for_money() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let empty = court.odd("nysd", Oddity::Empty);
    let page = history(&reader, "nysd", empty.id, &[("QueryType", "History")]).await;
    assert!(page.contains("There are no events docketed for this case."));
    assert_eq!(court.sales(), 1);
}

async fn query(reader: &Reader<'_>, at: &str, id: &str, number: &str) -> String {
    let fields = [("UserType", ""), ("all_case_ids", id), ("case_num", number)];
    let path = format!("/{at}/cgi-bin/iquery.pl?1-L_1_0-1");
    reader.post(&path, &fields).await.text().await.unwrap()
}

#[tokio::test]
async fn a_query_tells_what_a_case_is_for_nothing() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let stub = court.simulator.world.stubs("okwd")[0].clone();
    let page = query(&reader, "okwd", &stub.id.to_string(), " ").await;
    assert!(page.contains("<b><font size=\"+1\">5:16-cv-00432-") && page.contains(", presiding"));
    assert!(page.contains("<b>Date filed:</b>") && page.contains("<b>Date of last filing:</b>"));
    assert!(page.contains(&format!("/okwd/cgi-bin/HistDocQry.pl?{}", stub.id)));
    let petition = court.simulator.world.stubs("canb")[0].id.to_string();
    let page = query(&reader, "canb", &petition, " ").await;
    assert!(page.contains("<b>Case type:</b> bk") && page.contains("20-30242"));
    assert!(
        query(&reader, "okwd", "1", " ")
            .await
            .contains("Case not found.")
    );
    assert!(
        query(&reader, "okwd", &stub.id.to_string(), "")
            .await
            .contains("Incomplete")
    );
    let form = reader.page("/okwd/cgi-bin/iquery.pl").await;
    assert!(form.contains("iquery.pl?") && form.contains("-L_1_0-1"));
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn a_query_about_a_sealed_case_has_links_and_no_header() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let sealed = court.odd("okwd", Oddity::Sealed).id.to_string();
    let page = query(&reader, "okwd", &sealed, " ").await;
    assert!(page.contains(&format!("DktRpt.pl?{sealed}")) && !page.contains("<center>"));
}

#[tokio::test]
async fn the_mobile_query_counts_entries() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.simulator.world.stubs("okwd")[0].id;
    for equals in ["=", "=="] {
        let path = format!("/okwd/cgi-bin/mobile_query.pl?search=caseInfo&caseid{equals}{id}");
        let page = reader.page(&path).await;
        assert_eq!(between(&page, "ui-li-count\">", "<"), "24");
        assert!(page.contains("id=\"caseid\"") && page.contains("id=\"entriesLink\""));
    }
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn nobody_claims_anything_and_pays_for_hearing_so() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let ask = async |at: &str, script: &str| {
        let id = court.simulator.world.stubs(at)[0].id.to_string();
        let fields = [("all_case_ids", id.as_str()), ("case_num", " ")];
        let path = format!("/{at}/cgi-bin/{script}?1-L_1_0-1");
        reader.post(&path, &fields).await
    };
    let page = ask("canb", "SearchClaims.pl").await.text().await.unwrap();
    assert!(page.contains("No claims found for this case using selection criteria entered"));
    assert_eq!(on_receipt(&page, "Description:"), "Claims Register");
    assert_eq!(court.sales(), 1);
    // Indiana Southern does not take the wildcard for the activity report.
    assert_eq!(ask("canb", "ClaimsActRpt.pl").await.status(), 200);
    assert_eq!(ask("insb", "ClaimsActRpt.pl").await.status(), 500);
    assert_eq!(ask("insb", "SearchClaims.pl").await.status(), 200);
    assert_eq!(ask("okwd", "SearchClaims.pl").await.status(), 404);
    assert_eq!(court.sales(), 3);
}

#[tokio::test]
async fn who_is_not_logged_in_sees_none_of_these() {
    let court = Court::usual().await;
    let mut stranger = court.reader("demo").await;
    stranger.cookies.clear();
    for path in [
        "HistDocQry.pl?42100",
        "iquery.pl",
        "mobile_query.pl?search=caseInfo&caseid=42100",
        "show_doc.pl?caseid=1&de_seq_num=4",
    ] {
        let page = stranger.page(&format!("/okwd/cgi-bin/{path}")).await;
        assert!(
            !page.contains("login.pl?logout") && !page.contains("-L_1"),
            "{page}"
        );
    }
}
