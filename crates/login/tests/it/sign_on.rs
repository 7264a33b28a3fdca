//! A sign-on that knows one password and counts its calls.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};

const WRONG_CODE: &str = "Invalid username, password, or one-time passcode";

pub struct SignOn {
    address: SocketAddr,
    desk: Desk,
}

#[derive(Clone)]
struct Desk {
    password: &'static str,
    calls: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<Value>>>,
    /// While it is set nobody is answered.
    held: Arc<watch::Sender<bool>>,
}

impl SignOn {
    pub async fn start(password: &'static str) -> SignOn {
        let desk = Desk {
            password,
            calls: Arc::default(),
            asked: Arc::default(),
            held: Arc::default(),
        };
        let routes = Router::new()
            .route("/services/cso-auth", post(answer))
            .with_state(desk.clone());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        SignOn { address, desk }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The one-time code of the last call, if it had one.
    pub fn last_code(&self) -> Option<String> {
        let asked = self.desk.asked.lock().unwrap();
        Some(asked.last()?["otpCode"].as_str()?.to_owned())
    }

    /// Answers nobody, or everybody again.
    pub fn hold(&self, held: bool) {
        self.desk.held.send_replace(held);
    }

    pub fn calls(&self) -> usize {
        self.desk.calls.load(Ordering::SeqCst)
    }
}

async fn answer(State(desk): State<Desk>, Json(asked): Json<Value>) -> Response {
    let call = desk.calls.fetch_add(1, Ordering::SeqCst) + 1;
    desk.asked.lock().unwrap().push(asked.clone());
    let mut held = desk.held.subscribe();
    held.wait_for(|held| !held).await.unwrap();
    let token = format!("canary-token-{call}");
    let verdict = |token: &str, result: &str, text: &str| {
        Json(json!({"nextGenCSO": token, "loginResult": result, "errorDescription": text}))
    };
    if asked["password"] != desk.password {
        return verdict("", "1", "Invalid username or password").into_response();
    }
    let no_code = asked["otpCode"].is_null();
    match asked["loginId"].as_str() {
        Some("down") => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some("coded") if no_code => verdict("", "13", WRONG_CODE).into_response(),
        Some("filer") => verdict("", "1", "All filers must redact: names").into_response(),
        Some("strange") => verdict("", "77", "Out of order").into_response(),
        Some("disabled") => {
            verdict(&token, "0", "your current account has been disabled").into_response()
        }
        Some("tokenless") => verdict("", "0", "").into_response(),
        Some("warned") => {
            verdict(&token, "0", "A required Client Code was not entered").into_response()
        }
        _ => verdict(&token, "0", "").into_response(),
    }
}
