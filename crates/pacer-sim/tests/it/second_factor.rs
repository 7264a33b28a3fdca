use pacer_sim::{DEMO_BACKUP_CODES, DEMO_PASSWORD};
use serde_json::json;

use crate::harness::Court;

async fn result(court: &Court, code: Option<&str>) -> String {
    let mut login = json!({"loginId": "demo-totp", "password": DEMO_PASSWORD});
    if let Some(code) = code {
        login["otpCode"] = code.into();
    }
    let answer = court.sign_on(login).await;
    answer["loginResult"].as_str().unwrap().to_owned()
}

async fn code(court: &Court, ahead: u64) -> String {
    let answer = court
        .admin(&format!("accounts/demo-totp/code?ahead={ahead}"))
        .await;
    assert!(answer["seconds_left"].as_u64().unwrap() <= 30 * (ahead + 1));
    answer["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_one_time_code_opens_the_account_once() {
    let court = Court::usual().await;
    let now = code(&court, 0).await;
    assert_eq!(result(&court, Some(&now)).await, "0");
    assert_eq!(result(&court, Some(&now)).await, "13");
    let next = code(&court, 1).await;
    assert_eq!(result(&court, Some(&next)).await, "0");
}

#[tokio::test]
async fn a_code_that_is_missing_or_wrong_is_as_good_as_a_wrong_password() {
    let court = Court::usual().await;
    assert_eq!(result(&court, None).await, "13");
    assert_eq!(result(&court, Some("")).await, "13");
    // Of ten thousand seconds later.
    let later = code(&court, 333).await;
    assert_eq!(result(&court, Some(&later)).await, "13");
}

#[tokio::test]
async fn a_wrong_password_does_not_use_the_code_up() {
    let court = Court::usual().await;
    let code = code(&court, 0).await;
    let login = json!({"loginId": "demo-totp", "password": "wrong", "otpCode": code});
    assert_eq!(court.sign_on(login).await["loginResult"], "13");
    assert_eq!(result(&court, Some(&code)).await, "0");
}

#[tokio::test]
async fn a_backup_code_does_in_its_place_once() {
    let court = Court::usual().await;
    for code in DEMO_BACKUP_CODES {
        assert_eq!(result(&court, Some(code)).await, "0");
        assert_eq!(result(&court, Some(code)).await, "13");
    }
}

#[tokio::test]
async fn accounts_without_a_secret_have_no_code() {
    let court = Court::usual().await;
    let url = format!("{}/admin/accounts/demo/code", court.base);
    assert_eq!(court.client.get(url).send().await.unwrap().status(), 404);
    court.reader("demo").await;
}
