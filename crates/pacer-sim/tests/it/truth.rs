//! What the administration tells about courts and cases, for tests that mark what they read.

use pacer_sim::Oddity;

use crate::harness::Court;

#[tokio::test]
async fn all_courts_are_listed_with_their_kind() {
    let court = Court::usual().await;
    let courts = court.admin("courts").await;
    let kind = |id: &str| {
        let courts = courts.as_array().unwrap();
        let row = courts.iter().find(|row| row["id"] == id).unwrap();
        row["kind"].as_str().unwrap().to_owned()
    };
    assert!(courts.as_array().unwrap().len() > 200);
    assert_eq!(kind("okwd"), "district");
    assert_eq!(kind("canb"), "bankruptcy");
    assert_eq!(kind("cavc"), "appellate");
}

#[tokio::test]
async fn a_case_is_told_with_its_people_and_papers() {
    let court = Court::usual().await;
    let stub = court.odd("okwd", Oddity::Demo);
    let case = court.simulator.world.case(&stub);
    let told = court.admin(&format!("courts/okwd/cases/{}", stub.id)).await;
    assert_eq!(told["docket_number"], "5:16-cv-00432");
    assert_eq!(told["title"], case.title.as_str());
    assert_eq!(told["date_filed"], case.filed.to_string());
    assert_eq!(told["parties"][0]["name"], case.parties[0].name.as_str());
    let entry = &told["entries"][0];
    assert_eq!(entry["text"], case.entries[0].text.as_str());
    assert_eq!(entry["documents"][0]["pacer_doc_id"], "14901000000");
    assert_eq!(entry["documents"].as_array().unwrap().len(), 4);
    assert!(told["appeal"].is_null());
}

#[tokio::test]
async fn an_appeal_is_told_with_where_it_comes_from() {
    let court = Court::usual().await;
    let id = court.odd("ca4", Oddity::Agency).id;
    let told = court.admin(&format!("courts/ca4/cases/{id}")).await;
    assert_eq!(told["appeal"]["appeal_from"], "Bureau of Imaginary Affairs");
    let number = told["appeal"]["origin"]["docket_number"].as_str().unwrap();
    assert!(number.starts_with("A000-000-"));
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let court = Court::usual().await;
    for path in ["courts/okwd/cases/9", "courts/nowhere/cases/42100"] {
        let url = format!("{}/admin/{path}", court.base);
        assert_eq!(court.client.get(url).send().await.unwrap().status(), 404);
    }
}
