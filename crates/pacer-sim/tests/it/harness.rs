//! A simulator on a free port, and somebody who asks it.

use std::sync::{Arc, Once};

use pacer_sim::{Config, DEMO_PASSWORD, Oddity, Simulator, Stub};
use reqwest::multipart::Form;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running simulator; ends when dropped.
pub struct Court {
    pub base: String,
    pub simulator: Arc<Simulator>,
    pub client: Client,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<std::io::Result<()>>>,
}

/// Somebody with a token.
pub struct Reader<'a> {
    court: &'a Court,
    pub cookies: String,
}

static CRYPTO: Once = Once::new();

impl Court {
    pub async fn open(config: Config) -> Court {
        // The client insists on a provider, although nothing here is encrypted.
        CRYPTO.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let simulator = Arc::new(Simulator::new(config).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let ended = async { drop(stopped.await) };
        let server = tokio::spawn(pacer_sim::serve(listener, simulator.clone(), ended));
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Court {
            base,
            simulator,
            client,
            stop: Some(stop),
            server: Some(server),
        }
    }

    pub async fn usual() -> Court {
        Court::open(Config {
            cases: 10,
            entries: 30,
            ..Config::default()
        })
        .await
    }

    pub async fn close(mut self) {
        drop(self.stop.take());
        self.server.take().unwrap().await.unwrap().unwrap();
    }

    pub async fn sign_on(&self, body: Value) -> Value {
        let request = self.client.post(format!("{}/services/cso-auth", self.base));
        let response = request
            .header("accept", "application/json")
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "failures answer with 200 as well");
        response.json().await.unwrap()
    }

    pub async fn reader(&self, login: &str) -> Reader<'_> {
        let answer = self
            .sign_on(json!({"loginId": login, "password": DEMO_PASSWORD, "redactFlag": "1"}))
            .await;
        assert_eq!(answer["loginResult"], "0");
        Reader {
            court: self,
            cookies: format!("NextGenCSO={}", answer["nextGenCSO"].as_str().unwrap()),
        }
    }

    pub async fn admin(&self, path: &str) -> Value {
        self.client
            .get(format!("{}/admin/{path}", self.base))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    pub async fn order_fault(&self, fault: Value) {
        let request = self
            .client
            .post(format!("{}/admin/faults", self.base))
            .json(&fault);
        assert_eq!(request.send().await.unwrap().status(), 201);
    }

    /// Changes something through the administration.
    pub async fn put(&self, path: &str, body: Value) {
        let request = self.client.put(format!("{}/admin/{path}", self.base));
        let response = request.json(&body).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }

    /// The well-known case of that kind.
    pub fn odd(&self, court: &str, oddity: Oddity) -> Arc<Stub> {
        self.simulator
            .world
            .stubs(court)
            .iter()
            .find(|stub| stub.oddity == oddity)
            .unwrap()
            .clone()
    }

    pub fn sales(&self) -> usize {
        self.simulator.ledger.sales().len()
    }
}

impl Reader<'_> {
    pub fn with(self, request: RequestBuilder) -> RequestBuilder {
        request.header("cookie", self.cookies)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.court.base)
    }

    pub async fn get(&self, path: &str) -> Response {
        let request = self.court.client.get(self.url(path));
        request
            .header("cookie", &self.cookies)
            .send()
            .await
            .unwrap()
    }

    pub async fn page(&self, path: &str) -> String {
        self.get(path).await.text().await.unwrap()
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let mut form = Form::new();
        for (name, value) in fields {
            form = form.text(name.to_string(), value.to_string());
        }
        let request = self.court.client.post(self.url(path)).multipart(form);
        request
            .header("cookie", &self.cookies)
            .send()
            .await
            .unwrap()
    }

    /// Asks the servlet of a court of appeals, as a program of another site would.
    pub async fn servlet(&self, court: &str, query: &str) -> String {
        let response = self.refer("https://external").servlet(court, query).await;
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    }

    /// The same reader, coming from that page.
    pub fn refer<'b>(&'b self, referer: &'b str) -> Referred<'b> {
        Referred {
            reader: self,
            referer,
        }
    }

    /// Sends a form the way browsers do unless told otherwise.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let request = self.court.client.post(self.url(path));
        let body: String = url_encoded(fields);
        request
            .header("cookie", &self.cookies)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap()
    }

    /// A docket by the wildcard token, with everything since long ago unless told otherwise.
    pub async fn docket(&self, court: &str, case_id: u64, fields: &[(&str, &str)]) -> String {
        let case_id = case_id.to_string();
        let mut all = vec![("all_case_ids", case_id.as_str()), ("case_num", " ")];
        if !fields.iter().any(|(name, _)| *name == "date_from") {
            all.push(("date_from", "1/1/1960"));
        }
        all.extend_from_slice(fields);
        let response = self
            .post(&format!("/{court}/cgi-bin/DktRpt.pl?1-L_1_0-1"), &all)
            .await;
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    }

    /// Buys a document, without following frames and scripts.
    pub async fn buy(&self, court: &str, id: &str, case_id: u64) -> Response {
        let case_id = case_id.to_string();
        let fields = [
            ("caseid", case_id.as_str()),
            ("got_receipt", "1"),
            ("pdf_header", "1"),
            ("pdf_toggle_possible", "1"),
        ];
        self.post(&format!("/{court}/doc1/{id}"), &fields).await
    }
}

/// A reader who comes from somewhere.
pub struct Referred<'a> {
    reader: &'a Reader<'a>,
    referer: &'a str,
}

impl Referred<'_> {
    pub async fn servlet(&self, court: &str, query: &str) -> Response {
        let url = format!("/{court}/n/beam/servlet/TransportRoom?{query}");
        let request = self.reader.court.client.get(self.reader.url(&url));
        request
            .header("cookie", &self.reader.cookies)
            .header("referer", self.referer)
            .send()
            .await
            .unwrap()
    }
}

/// Values that need no escapes besides that for spaces.
fn url_encoded(fields: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", value.replace(' ', "+"));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The hidden fields of the form that starts with this text.
pub fn hidden_fields<'a>(page: &'a str, form: &str) -> Vec<(&'a str, &'a str)> {
    let form = between(page, form, "</form>");
    let mut fields = Vec::new();
    for input in form.split("<").filter(|tag| tag.contains("hidden")) {
        let quote = if input.contains("name='") { "'" } else { "\"" };
        let name = between(input, &format!("name={quote}"), quote);
        let value = between(input, &format!("value={quote}"), quote);
        fields.push((name, value));
    }
    fields
}

/// What is between two texts.
pub fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let rest = text
        .split_once(start)
        .unwrap_or_else(|| panic!("no {start:?} in {text}"))
        .1;
    rest.split_once(end).unwrap().0
}

/// The value beside a label of a receipt.
pub fn on_receipt<'a>(page: &'a str, label: &str) -> &'a str {
    let rest = between(page, label, "</td>");
    rest.rsplit_once("DARKBLUE\">")
        .unwrap()
        .1
        .trim_end_matches("</font>")
        .trim()
}

/// The value beside a label of an appellate receipt.
pub fn on_bill<'a>(page: &'a str, label: &str) -> &'a str {
    let rest = between(page, label, "</FONT></TD>");
    rest.rsplit_once("DARKBLUE>").unwrap().1.trim()
}
