use pacer_sim::{Config, Oddity};
use serde_json::json;

use crate::harness::{Court, between, on_receipt};

/// Document numbers of the entries, in the order of the page; unnumbered entries are left out.
fn numbers(page: &str) -> Vec<u32> {
    let rows = page.split("<tr><td width=\"94\"").skip(1);
    let number = |row: &str| {
        let link = row.split("</a>").next()?;
        link.rsplit('>').next()?.parse().ok()
    };
    rows.filter_map(number).collect()
}

fn rows(page: &str) -> usize {
    page.matches("(Entered: ").count()
}

#[tokio::test]
async fn every_field_filters() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.simulator.world.stubs("okwd")[0].id;
    let all = reader.docket("okwd", id, &[]).await;
    assert_eq!(rows(&all), 24);
    assert!(all.contains("href=\"/okwd/cgi-bin/login.pl?logout\""));

    let some = [
        ("documents_numbered_from_", "3"),
        ("documents_numbered_to_", "5"),
    ];
    assert_eq!(numbers(&reader.docket("okwd", id, &some).await), [3, 4, 5]);
    let newest = reader
        .docket("okwd", id, &[("sort1", "most recent date first")])
        .await;
    assert!(newest.find("(Entered: 12/").unwrap() < newest.find("(Entered: 08/").unwrap());
    let by_number = numbers(
        &reader
            .docket("okwd", id, &[("sort1", "document number")])
            .await,
    );
    assert!(by_number.is_sorted() && by_number[0] == 1);

    let month = [
        ("date_from", "09/01/2016"),
        ("date_to", "9/30/2016"),
        ("date_range_type", "Entered"),
    ];
    let september = reader.docket("okwd", id, &month).await;
    assert!(september.contains("Date Entered") && rows(&september) > 0);
    assert_eq!(september.matches("(Entered: 09/").count(), rows(&september));
}

#[tokio::test]
async fn parties_are_listed_on_demand_and_terminated_ones_on_further_demand() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.simulator.world.stubs("okwd")[0].id;
    let without = reader
        .docket("okwd", id, &[("terminated_parties", "on")])
        .await;
    assert!(!without.contains("represented&nbsp;by"));
    let listed = reader
        .docket("okwd", id, &[("list_of_parties_and_counsel", "on")])
        .await;
    assert!(listed.contains("represented&nbsp;by") && !listed.contains("TERMINATED"));
    let both = [
        ("list_of_parties_and_counsel", "on"),
        ("terminated_parties", "on"),
    ];
    assert!(
        reader
            .docket("okwd", id, &both)
            .await
            .contains("TERMINATED")
    );
    // Bankruptcy courts list them always.
    let petition = reader
        .docket("canb", court.simulator.world.stubs("canb")[0].id, &[])
        .await;
    assert!(
        petition.contains("represented by") && petition.contains("Bankruptcy Petition #: 20-30242")
    );
}

#[tokio::test]
async fn a_docket_is_billed_by_its_text_and_written_down() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.simulator.world.stubs("okwd")[0].id;
    let page = reader
        .docket("okwd", id, &[("list_of_parties_and_counsel", "on")])
        .await;
    let pages: u32 = on_receipt(&page, "Billable Pages:").parse().unwrap();
    assert_eq!(on_receipt(&page, "Cost:"), format!("0.{pages}0"));
    assert_eq!(on_receipt(&page, "PACER Login:"), "demo");
    let body = page.split("<hr><center>").next().unwrap();
    let tags = regex_free_text(body);
    assert_eq!(
        tags.div_ceil(4320).max(1) as u32,
        pages,
        "{tags} bytes of text"
    );

    let ledger = court.admin("ledger").await;
    let sale = &ledger["sales"][0];
    assert_eq!(sale["cents"], pages * 10);
    assert_eq!(sale["item"]["kind"], "docket");
    assert_eq!(sale["item"]["docket_number"], "5:16-cv-00432");
    assert_eq!(sale["item"]["filters"]["list_of_parties_and_counsel"], "on");
    assert!(
        sale["criteria"]
            .as_str()
            .unwrap()
            .ends_with("Start date: 1/1/1960")
    );
    assert_eq!(ledger["quarters"][0]["due_cents"], 0);
}

/// Bytes outside tags, white space runs as one: computed here in another way than there.
fn regex_free_text(html: &str) -> usize {
    let pieces: String = html
        .split('<')
        .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text))
        .collect();
    let plain = pieces.replace("&nbsp;", "x").replace("&amp;", "x");
    plain.split_whitespace().collect::<Vec<_>>().join(" ").len()
}

#[tokio::test]
async fn thirty_pages_are_the_most_that_is_charged() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let vast = court.odd("okwd", Oddity::Vast);
    let page = reader.docket("okwd", vast.id, &[]).await;
    assert_eq!(rows(&page), 20_000);
    assert!(
        page.matches("<table align=\"center\"").count() > 30,
        "long dockets are split into tables"
    );
    assert_eq!(page.matches("Docket Text").count(), 1);
    assert_eq!(on_receipt(&page, "Cost:"), "3.00");
}

#[tokio::test]
async fn a_large_docket_without_a_start_date_is_asked_about() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let vast = court.odd("okwd", Oddity::Vast);
    let range = [
        ("date_from", ""),
        ("documents_numbered_from_", "7"),
        ("documents_numbered_to_", "7"),
    ];
    let choice = reader.docket("okwd", vast.id, &range).await;
    assert!(choice.contains(
        "The report may take a long time to run because this case has many docket entries"
    ));
    assert_eq!(court.sales(), 0);
    let action = between(&choice, "action=\"..", "\"");
    assert!(action.ends_with("-L_1_1-1"));
    let page = reader
        .post(&format!("/okwd{action}"), &[("date_from", "")])
        .await
        .text()
        .await
        .unwrap();
    assert_eq!(rows(&page), 1);
    assert_eq!(court.sales(), 1);
}

async fn check(oddity: Oddity, text: &str, sales: usize) {
    let court = Court::usual().await;
    let page = court
        .reader("demo")
        .await
        .docket("nysd", court.odd("nysd", oddity).id, &[])
        .await;
    assert!(
        page.contains(text) && page.contains("login.pl?logout"),
        "{page}"
    );
    assert_eq!(court.sales(), sales, "{oddity:?}");
    assert_eq!(page.contains("Cost: "), sales > 0);
}

#[tokio::test]
async fn pages_that_are_no_docket_are_billed_or_not_as_courts_do() {
    check(
        Oddity::Empty,
        "Error: There are no documents in this case.",
        0,
    )
    .await;
    check(Oddity::Sealed, "Case Under Seal", 0).await;
    check(
        Oddity::AdministrativelyClosed,
        "*** This case was administratively closed.***",
        1,
    )
    .await;
    check(Oddity::BeingOpened, "in the process of being opened", 1).await;
    check(Oddity::WrongType, "but it must be cv or cr or cit", 1).await;
}

#[tokio::test]
async fn requests_that_make_no_sense_are_not_billed() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.simulator.world.stubs("okwd")[0].id;
    type Field = (&'static str, &'static str);
    let answers: [(u64, &[Field], &str); 6] = [
        (1, &[], "Case not found."),
        (id, &[("case_num", "")], "Incomplete request."),
        (
            id,
            &[("date_from", "2/2/2020"), ("date_to", "1/1/2020")],
            "The start date must be less than or equal",
        ),
        (
            id,
            &[
                ("documents_numbered_from_", "5"),
                ("documents_numbered_to_", "2"),
            ],
            "The starting document number must be",
        ),
        (
            id,
            &[("output_format", "pdf")],
            "Unable to create PDF file.",
        ),
        (id, &[("sort1", "sideways")], "<select name=\"sort1\">"),
    ];
    for (case, fields, text) in answers {
        let page = reader.docket("okwd", case, fields).await;
        assert!(page.contains(text), "{fields:?}: {page}");
    }
    let stale = reader
        .post(
            "/okwd/cgi-bin/DktRpt.pl?123456789012345-L_1_0-1",
            &[("case_num", "x")],
        )
        .await;
    assert!(
        stale
            .text()
            .await
            .unwrap()
            .contains("The page ID does not exist.")
    );
    assert_eq!(court.sales(), 0);
}

#[tokio::test]
async fn an_empty_result_is_billed() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.simulator.world.stubs("okwd")[0].id;
    let page = reader
        .docket("okwd", id, &[("date_from", "1/1/2026")])
        .await;
    assert!(page.contains("There are proceedings for case 5:16-cv-00432-"));
    assert!(page.contains("but none satisfy the selection criteria."));
    assert_eq!(court.sales(), 1);
}

#[tokio::test]
async fn who_wants_receipts_is_asked_and_pays_once() {
    let court = Court::usual().await;
    let reader = court.reader("demo-receipts").await;
    let id = court.simulator.world.stubs("okwd")[0].id;
    let offer = reader
        .docket("okwd", id, &[("documents_numbered_to_", "2")])
        .await;
    assert!(
        offer.contains("click on the 'View Report' button")
            && offer.contains("value=\"View Report\"")
    );
    assert_eq!(court.sales(), 0);
    let action = between(&offer, "action=\"", "\"");
    assert!(action.ends_with("-L_9999_2-1"));
    let page = reader.post(action, &[]).await.text().await.unwrap();
    assert_eq!(numbers(&page), [1, 2]);
    let again = reader.post(action, &[]).await.text().await.unwrap();
    assert!(again.contains("Submission already made, please wait for response from server"));
    assert_eq!(court.sales(), 1);
}

#[tokio::test]
async fn the_option_form_posts_to_a_token_that_is_good() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.simulator.world.stubs("okwd")[0].id.to_string();
    let form = reader.page(&format!("/okwd/cgi-bin/DktRpt.pl?{id}")).await;
    let action = between(&form, "action=\"..", "\"");
    assert!(action.ends_with("-L_1_0-1"));
    let fields = [
        ("all_case_ids", id.as_str()),
        ("case_num", "5:16-cv-00432"),
        ("date_from", "1/1/1960"),
    ];
    let page = reader
        .post(&format!("/okwd{action}"), &fields)
        .await
        .text()
        .await
        .unwrap();
    assert_eq!(rows(&page), 24);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_posted_twice_at_a_time_is_answered_once() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let id = court.simulator.world.stubs("okwd")[0].id.to_string();
    let form = reader.page(&format!("/okwd/cgi-bin/DktRpt.pl?{id}")).await;
    let path = format!("/okwd{}", between(&form, "action=\"..", "\""));
    let slow = json!({"path": "DktRpt", "method": "POST", "kind": "delay", "ms": 500, "times": 2});
    court.order_fault(slow).await;
    let fields = [("all_case_ids", id.as_str()), ("case_num", " ")];
    let post = async || reader.post(&path, &fields).await.text().await.unwrap();
    let (one, two) = tokio::join!(post(), post());
    let refused = |page: &str| page.contains("Submission already made, please wait");
    assert!(refused(&one) != refused(&two), "{one}\n{two}");
    assert_eq!(court.sales(), 1);
    // Later the form is good again.
    assert!(!refused(&post().await));
}

#[tokio::test]
async fn the_same_seed_makes_the_same_docket_and_another_seed_another() {
    let mut pages = Vec::new();
    for seed in [3, 3, 4] {
        let court = Court::open(Config {
            seed,
            ..Config::default()
        })
        .await;
        let mut stubs = court.simulator.world.stubs("mad").iter();
        let ordinary = stubs.rfind(|stub| stub.oddity == Oddity::None);
        let id = ordinary.unwrap().id;
        let page = court.reader("demo").await.docket("mad", id, &[]).await;
        pages.push(
            page.replace(&court.base, "")
                .split("<hr>")
                .next()
                .unwrap()
                .to_owned(),
        );
    }
    assert_eq!(pages[0], pages[1]);
    assert_ne!(pages[0], pages[2]);
}

#[tokio::test]
async fn a_defendants_own_id_shows_the_defendants_docket() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let case = court.odd("nysd", Oddity::Defendants);
    let fields = [("list_of_parties_and_counsel", "on")];
    let whole = reader.docket("nysd", case.id, &fields).await;
    assert!(whole.contains("Defendant (1)") && whole.contains("Defendant (3)"));
    let own = reader.docket("nysd", case.id + 2, &fields).await;
    assert!(own.contains("Defendant (2)") && !own.contains("Defendant (1)"));
    assert!(own.contains("CRIMINAL DOCKET FOR CASE #: 1:20-cr-90006-") && own.contains("-2</h3>"));
}
