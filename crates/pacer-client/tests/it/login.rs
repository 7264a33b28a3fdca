//! The sign-on: yes, no, and neither.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    routing::post,
};
use pacer::sign_on::{Refusal, Warning};
use pacer_client::{LoginAnswer, LoginError, LoginWarning};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::site;

type Asked = Arc<Mutex<Vec<Value>>>;

/// A sign-on that gives one answer to everything.
async fn sign_on(status: u16, answer: Value) -> (pacer_client::Courts, Asked) {
    let asked = Asked::default();
    let routes = Router::new()
        .route(
            "/services/cso-auth",
            post(
                move |State(asked): State<Asked>, Json(question): Json<Value>| async move {
                    asked.lock().unwrap().push(question);
                    (StatusCode::from_u16(status).unwrap(), answer.to_string())
                },
            ),
        )
        .with_state(asked.clone());
    (site::courts(site::serve(routes).await), asked)
}

fn password() -> SecretString {
    "canary-password".into()
}

#[tokio::test]
async fn a_login_sends_what_the_sign_on_wants_and_gets_a_token() {
    let answer = json!({"nextGenCSO": "token", "loginResult": "0", "errorDescription": ""});
    let (courts, asked) = sign_on(200, answer).await;
    let code = SecretString::from("123456");
    let answer = courts
        .log_in("jan", &password(), "matter-7", Some(&code))
        .await
        .unwrap();
    assert!(!format!("{answer:?}").contains("token\""), "{answer:?}");
    let LoginAnswer::LoggedIn { token, warning } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!((token.expose_secret(), warning), ("token", None));
    let expected = json!({
        "loginId": "jan", "password": "canary-password", "clientCode": "matter-7",
        "otpCode": "123456", "redactFlag": "1",
    });
    assert_eq!(*asked.lock().unwrap(), [expected]);
}

/// Whoever answers for the sign-on, or stands between, may point elsewhere.
#[tokio::test]
async fn a_password_is_not_sent_where_the_sign_on_points_to() {
    let there = Asked::default();
    let heard = there.clone();
    let routes = Router::new().fallback(async move |body: String| {
        heard.lock().unwrap().push(json!(body));
    });
    let elsewhere = site::serve(routes).await;
    for status in [301, 302, 303, 307, 308] {
        let code = StatusCode::from_u16(status).unwrap();
        let location = format!("http://{elsewhere}/services/cso-auth");
        let moved = async move || (code, [(header::LOCATION, location)]);
        let routes = Router::new().route("/services/cso-auth", post(moved));
        let courts = site::courts(site::serve(routes).await);
        let answer = courts.log_in("jan", &password(), "", None).await;
        assert!(
            matches!(answer, Err(LoginError::Status { status: said, .. }) if said == status),
            "{answer:?}"
        );
    }
    assert_eq!(*there.lock().unwrap(), Vec::<Value>::new());
}

#[tokio::test]
async fn what_there_is_not_is_not_sent() {
    let answer = json!({"nextGenCSO": "t", "loginResult": "0", "errorDescription": " Beware. "});
    let (courts, asked) = sign_on(200, answer).await;
    let answer = courts.log_in("jan", &password(), "", None).await.unwrap();
    let LoginAnswer::LoggedIn { warning, .. } = answer else {
        panic!("{answer:?}")
    };
    let expected = LoginWarning {
        meaning: Warning::Other,
        text: "Beware.".to_owned(),
    };
    assert_eq!(warning, Some(expected));
    let expected = json!({"loginId": "jan", "password": "canary-password", "redactFlag": "1"});
    assert_eq!(*asked.lock().unwrap(), [expected]);
}

#[tokio::test]
async fn a_no_has_a_code_and_a_text() {
    let cases = [
        (
            json!({"nextGenCSO": "", "loginResult": "13", "errorDescription": "No."}),
            Refusal::Credentials,
            "13",
            "No.",
        ),
        (
            json!({"nextGenCSO": "", "loginResult": "0"}),
            Refusal::NoToken,
            "0",
            "",
        ),
        (
            json!({"nextGenCSO": "t", "loginResult": "5", "errorDescription": null}),
            Refusal::UnknownCode,
            "5",
            "",
        ),
        (json!({}), Refusal::Credentials, "", ""),
    ];
    for (answer, expected, expected_code, expected_text) in cases {
        let (courts, _) = sign_on(200, answer).await;
        let answer = courts.log_in("jan", &password(), "", None).await.unwrap();
        let LoginAnswer::Refused {
            meaning,
            code,
            text,
        } = answer
        else {
            panic!("{answer:?}")
        };
        assert_eq!(
            (meaning, code.as_str(), text.as_str()),
            (expected, expected_code, expected_text)
        );
    }
}

#[tokio::test]
async fn neither_yes_nor_no_is_an_error_and_is_asked_once() {
    let (courts, asked) = sign_on(503, json!({})).await;
    let error = courts
        .log_in("jan", &password(), "", None)
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            LoginError::Status {
                status: 503,
                reason: "Service Unavailable"
            }
        ),
        "{error:?}"
    );
    assert_eq!(asked.lock().unwrap().len(), 1);
    let (courts, _) = sign_on(200, json!("not an answer")).await;
    let error = courts
        .log_in("jan", &password(), "", None)
        .await
        .unwrap_err();
    assert!(matches!(error, LoginError::Garbled), "{error:?}");
    let nobody = site::courts("127.0.0.1:1".parse().unwrap());
    let error = nobody
        .log_in("jan", &password(), "", None)
        .await
        .unwrap_err();
    assert!(matches!(error, LoginError::Unreachable { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("canary"));
}
