use crate::harness::{Court, between};

async fn look_up(court: &Court, at: &str, number: &str) -> String {
    let reader = court.reader("demo").await;
    let response = reader
        .get(&format!("/{at}/cgi-bin/possible_case_numbers.pl?{number}"))
        .await;
    assert_eq!(response.headers()["content-type"], "text/xml");
    response.text().await.unwrap()
}

#[tokio::test]
async fn a_case_is_found_by_every_form_of_its_number() {
    let court = Court::usual().await;
    for number in [
        "5:16-cv-00432",
        "5:16-cv-432",
        "16-cv-00432",
        "16-00432",
        "1600432",
        "5:16-cv-00432;number=0.17",
    ] {
        let xml = look_up(&court, "okwd", number).await;
        assert_eq!(xml.matches("<case ").count(), 1, "{number}: {xml}");
        assert!(xml.contains(&court.simulator.world.stubs("okwd")[0].id.to_string()));
    }
    let xml = look_up(&court, "canb", "20-30242").await;
    assert!(xml.contains("3:20-bk-30242"), "{xml}");
}

#[tokio::test]
async fn what_cannot_be_found_has_its_own_messages() {
    let court = Court::usual().await;
    assert!(
        look_up(&court, "okwd", "5:99-cv-00001")
            .await
            .contains("Cannot find case 5:99-cv-00001")
    );
    assert!(
        look_up(&court, "okwd", "nonsense")
            .await
            .contains("Cannot find case nonsense")
    );
    assert!(
        look_up(&court, "okwd", "1:20-cv-90001")
            .await
            .contains("Case Under Seal")
    );
}

#[tokio::test]
async fn a_bare_number_can_mean_cases_of_several_offices() {
    let court = Court::usual().await;
    let xml = look_up(&court, "okwd", "20-90002").await;
    assert_eq!(xml.matches("<case ").count(), 2, "{xml}");
    assert_eq!(
        look_up(&court, "okwd", "3:20-cv-90002")
            .await
            .matches("<case ")
            .count(),
        1
    );
}

#[tokio::test]
async fn defendants_have_ids_of_their_own() {
    let court = Court::usual().await;
    let numbers = |xml: &str| -> Vec<String> {
        let quote = if xml.contains("number='") { "'" } else { "\"" };
        let elements = xml.split("<case ").skip(1);
        elements
            .map(|case| between(case, &format!("defendant={quote}"), quote).to_owned())
            .collect()
    };
    assert_eq!(
        numbers(&look_up(&court, "nysd", "20-90006").await),
        ["0", "1", "2", "3"]
    );
    assert_eq!(
        numbers(&look_up(&court, "nysd", "20-90007").await),
        ["0", "1", "3"]
    );
}

#[tokio::test]
async fn courts_differ_in_their_quotation_marks() {
    let court = Court::usual().await;
    let mut marks = Vec::new();
    for at in ["okwd", "nysd", "cand", "txsd", "ilnd", "mad"] {
        marks.push(look_up(&court, at, "20-90002").await.contains("number='"));
    }
    assert!(marks.contains(&true) && marks.contains(&false));
}

#[tokio::test]
async fn a_court_answers_under_its_own_host_name_too() {
    let court = Court::usual().await;
    let reader = court.reader("demo").await;
    let request = court.client.get(format!(
        "{}/cgi-bin/possible_case_numbers.pl?16-00432",
        court.base
    ));
    let request = reader.with(request.header("host", "ecf.okwd.uscourts.gov"));
    assert!(
        request
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .contains("<case ")
    );
}
