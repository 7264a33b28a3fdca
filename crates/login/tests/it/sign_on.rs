//! A sign-on that knows one password and counts its calls.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
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
use tokio::net::TcpListener;

pub struct SignOn {
    address: SocketAddr,
    desk: Desk,
}

#[derive(Clone)]
struct Desk {
    password: &'static str,
    calls: Arc<AtomicUsize>,
}

impl SignOn {
    pub async fn start(password: &'static str) -> SignOn {
        let desk = Desk {
            password,
            calls: Arc::default(),
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

    pub fn calls(&self) -> usize {
        self.desk.calls.load(Ordering::SeqCst)
    }
}

async fn answer(State(desk): State<Desk>, Json(asked): Json<Value>) -> Response {
    let call = desk.calls.fetch_add(1, Ordering::SeqCst) + 1;
    let token = format!("canary-token-{call}");
    let verdict = |token: &str, result: &str, text: &str| {
        Json(json!({"nextGenCSO": token, "loginResult": result, "errorDescription": text}))
    };
    if asked["password"] != desk.password {
        return verdict("", "1", "Invalid username or password").into_response();
    }
    match asked["loginId"].as_str() {
        Some("down") => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some("tokenless") => verdict("", "0", "").into_response(),
        Some("warned") => {
            verdict(&token, "0", "A required Client Code was not entered").into_response()
        }
        _ => verdict(&token, "0", "").into_response(),
    }
}
