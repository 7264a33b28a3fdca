//! A court that answers as a test says, and remembers what it was asked.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use pacer_client::{Courts, CourtsConfig};
use tokio::net::TcpListener;

/// One court on loopback, until the test's runtime ends.
pub struct Court {
    /// The way to it.
    pub courts: Courts,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Court {
    /// Answers the first request with what `answer` makes of 0 and of its method and path in the court, and
    /// so on.
    pub async fn open<F, A>(answer: F) -> Court
    where
        F: Fn(usize, String) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Response> + Send + 'static,
    {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        let routes = Router::new().fallback(move |request: Request| {
            let path = request.uri().to_string();
            let path = path.strip_prefix("/cand").unwrap_or(&path);
            let line = format!("{} {path}", request.method());
            let mut heard = heard.lock().unwrap();
            heard.push(line.clone());
            answer(heard.len() - 1, line)
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let courts = Courts::new(&CourtsConfig {
            court_url: format!("http://{address}/{{court}}"),
            cso_url: format!("http://{address}"),
            ..CourtsConfig::default()
        });
        Court {
            courts: courts.unwrap(),
            asked,
        }
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

pub fn page(text: impl Into<String>) -> Response {
    ([(header::CONTENT_TYPE, "text/html")], text.into()).into_response()
}

pub fn failed(text: impl Into<String>) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, page(text)).into_response()
}

pub fn redirect(to: &str, body: Vec<u8>) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, to)], body).into_response()
}

/// A document, with bytes of nobody.
pub fn pdf() -> Response {
    ([(header::CONTENT_TYPE, "application/pdf")], PDF).into_response()
}

/// What the document is.
pub const PDF: &str = "%PDF-1.7 a motion about kettles";

/// The price of the document, and the form that accepts it.
pub fn price() -> Response {
    page(format!(
        "<p>To accept charges shown below, click on the 'View Document' button.</p>{}\
         <form method=post action='/doc1/035155500001'></form>",
        receipt()
    ))
}

/// 12 pages at $1.20.
pub fn receipt() -> &'static str {
    "<table><tr><th>PACER Service Center</th></tr><tr><th>Transaction Receipt</th></tr>\
     <tr><th>Billable Pages:</th><td>12</td><th>Cost:</th><td>1.20</td></tr></table>"
}

/// Where the court has put the document.
pub fn frame() -> Response {
    page("<iframe src='/cgi-bin/show_temp.pl?file=1'></iframe>")
}
