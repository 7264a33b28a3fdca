//! A caller of the API, as any other: HTTPS, a token, forms or JSON in, JSON out.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
pub use reqwest::Method;
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, RequestBuilder};
use serde_json::Value;
use tokio::time::{Instant, sleep};

/// A docket request for the demo case of the simulator, parties included, without an account.
pub const DEMO_DOCKET: &[(&str, &str)] = &[
    ("request_type", "1"),
    ("docket_number", "5:16-cv-00432"),
    ("court", "okwd"),
    ("show_parties_and_counsel", "true"),
];

const ASK_EVERY: Duration = Duration::from_millis(50);

/// A PACER account, as a caller sends it.
#[derive(Clone)]
pub struct Account {
    /// The login.
    pub username: String,
    /// Its password.
    pub password: String,
}

impl Account {
    /// An account.
    #[must_use]
    pub fn new(username: &str, password: &str) -> Account {
        Account {
            username: username.to_owned(),
            password: password.to_owned(),
        }
    }

    /// The demo account of the simulated PACER. It opens nothing else.
    #[must_use]
    pub fn demo() -> Account {
        Account::new("demo", "not-a-real-password")
    }

    fn fields(&self) -> [(&str, &str); 2] {
        [
            ("pacer_username", &self.username),
            ("pacer_password", &self.password),
        ]
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Account")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// An HTTP client without surprises: no proxies from the environment, and a time limit.
#[must_use]
pub fn http_client() -> reqwest::Client {
    built(client())
}

/// The same, believing this authority (a PEM file) and no other, and going nowhere else.
///
/// # Errors
/// When there is no such file, or nothing in it.
pub fn http_client_trusting(ca: &Path) -> anyhow::Result<reqwest::Client> {
    let pem = fs::read(ca).with_context(|| format!("cannot read {}", ca.display()))?;
    let client = client().redirect(Policy::none());
    Ok(client
        .tls_certs_only([reqwest::Certificate::from_pem(&pem)?])
        .build()?)
}

fn client() -> ClientBuilder {
    // The first to install a provider wins; any later call finds it there, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(60))
}

fn built(client: ClientBuilder) -> reqwest::Client {
    client
        .build()
        .expect("a client without files or roots of its own can always be built")
}

/// The API of a gateway, as one user calls it.
///
/// Paths are below `/api/rest/v4/`, for example `dockets/1/`, unless said otherwise.
#[derive(Clone)]
pub struct Api {
    /// Where the gateway is.
    pub url: String,
    /// The API token; empty for a caller without one.
    pub token: String,
    http: reqwest::Client,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Api")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; a JSON string if it is no JSON.
    pub body: Value,
}

impl Api {
    /// The gateway at `url`, with an API token. Passwords and tokens go there and nowhere else: an answer
    /// that points to another place is an answer.
    #[must_use]
    pub fn new(url: &str, token: &str) -> Api {
        Api {
            url: url.to_owned(),
            token: token.to_owned(),
            http: built(client().redirect(Policy::none())),
        }
    }

    /// The same, whose certificate comes from this authority (a PEM file).
    ///
    /// # Errors
    /// When there is no such file, or nothing in it.
    pub fn trusting(url: &str, token: &str, ca: &Path) -> anyhow::Result<Api> {
        Ok(Api {
            url: url.to_owned(),
            token: token.to_owned(),
            http: http_client_trusting(ca)?,
        })
    }

    /// Another gateway of the same stack.
    #[must_use]
    pub fn at(&self, url: &str) -> Api {
        Api {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    /// The same gateway, with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Api {
        Api {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// The same gateway, without a token.
    #[must_use]
    pub fn anonymous(&self) -> Api {
        self.with_token("")
    }

    /// A request with the token, for whatever is not covered here. `path` is the whole path.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match self.token.is_empty() {
            true => request,
            false => request.header("Authorization", format!("Token {}", self.token)),
        }
    }

    /// Sends a request and takes whatever comes back.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn send(&self, request: RequestBuilder) -> anyhow::Result<Answer> {
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, body })
    }

    /// Submits a form with an account, and takes whatever comes back.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn post(&self, account: &Account, form: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let request = self.submission(account, form)?;
        self.send(request).await
    }

    /// The same under an `Idempotency-Key`: whoever got no answer may send it again.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn post_once(
        &self,
        key: &str,
        account: &Account,
        form: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        let request = self.submission(account, form)?;
        self.send(request.header("Idempotency-Key", key)).await
    }

    /// Logs an account in and asks for nothing, with what else the form says, and takes whatever comes
    /// back.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn log_in(&self, account: &Account, form: &[(&str, &str)]) -> anyhow::Result<Answer> {
        self.send(self.form("login/", account, form)?).await
    }

    /// A form with an account that is not sent yet, for who wants to see the headers of the answer.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn submission(
        &self,
        account: &Account,
        form: &[(&str, &str)],
    ) -> anyhow::Result<RequestBuilder> {
        self.form("", account, form)
    }

    /// A form with an account, to a place below that of requests.
    fn form(
        &self,
        place: &str,
        account: &Account,
        form: &[(&str, &str)],
    ) -> anyhow::Result<RequestBuilder> {
        let mut fields = reqwest::Url::parse("http://form/")?;
        fields
            .query_pairs_mut()
            .extend_pairs(form)
            .extend_pairs(account.fields());
        let body = fields.query().unwrap_or_default().to_owned();
        let path = format!("/api/rest/v4/recap-fetch/{place}");
        let request = self.request(Method::POST, &path);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        Ok(request.body(body))
    }

    /// Asks what a form would cost, and takes whatever comes back.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn quote(&self, form: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let mut fields = reqwest::Url::parse("http://form/")?;
        fields.query_pairs_mut().extend_pairs(form);
        let body = fields.query().unwrap_or_default().to_owned();
        let request = self
            .request(Method::POST, "/api/rest/v4/recap-fetch/quote/")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        self.send(request).await
    }

    /// Posts these bytes where requests are submitted.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn post_bytes(&self, media_type: &str, body: &[u8]) -> anyhow::Result<Answer> {
        let request = self
            .request(Method::POST, "/api/rest/v4/recap-fetch/")
            .header("Content-Type", media_type)
            .body(body.to_owned());
        self.send(request).await
    }

    /// Submits a form with an account; gives the accepted request.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn submit(&self, account: &Account, form: &[(&str, &str)]) -> anyhow::Result<Value> {
        let answer = self.post(account, form).await?;
        ensure!(
            answer.status == 201,
            "not accepted: {} {}",
            answer.status,
            answer.body
        );
        Ok(answer.body)
    }

    /// Asks until this request is in a final state; gives its last representation.
    ///
    /// # Errors
    /// When it is not final within this time.
    pub async fn wait(&self, request: &Value, within: Duration) -> anyhow::Result<Value> {
        let deadline = Instant::now() + within;
        let path = format!(
            "recap-fetch/{}/",
            request["id"].as_i64().context("a request has an id")?
        );
        loop {
            let now = self.get(&path).await?;
            if matches!(now["status"].as_i64(), Some(2 | 3 | 6 | 7)) {
                return Ok(now);
            }
            ensure!(
                Instant::now() < deadline,
                "not final after {} s: {now}",
                within.as_secs()
            );
            sleep(ASK_EVERY).await;
        }
    }

    /// Reads something, which must be there.
    ///
    /// # Errors
    /// When it is not.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.get_at("v4", path).await
    }

    /// The same in another version of the API: `v3` or `v4`.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn get_at(&self, version: &str, path: &str) -> anyhow::Result<Value> {
        self.get_whole(&format!("/api/rest/{version}/{path}")).await
    }

    async fn get_whole(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.send(self.request(Method::GET, path)).await?;
        ensure!(
            answer.status == 200,
            "GET {path}: {} {}",
            answer.status,
            answer.body
        );
        Ok(answer.body)
    }

    /// Every result of a list, page after page.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub async fn all(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let mut next = Some(format!("/api/rest/v4/{path}"));
        let mut results = Vec::new();
        while let Some(path) = next {
            let page = self.get_whole(&path).await?;
            results.extend(
                page["results"]
                    .as_array()
                    .context("a list has results")?
                    .clone(),
            );
            next = page["next"]
                .as_str()
                .map(|url| url.replacen(&self.url, "", 1));
        }
        Ok(results)
    }

    /// Reads a stored file as it comes and keeps none of it; gives its length.
    ///
    /// # Errors
    /// When it is not there, or breaks off.
    pub async fn download_and_forget(&self, filepath_local: &str) -> anyhow::Result<u64> {
        let path = format!("/{}", filepath_local.trim_start_matches('/'));
        let mut answer = self
            .request(Method::GET, &path)
            .timeout(Duration::from_secs(1800))
            .send()
            .await?
            .error_for_status()?;
        let mut length = 0;
        while let Some(piece) = answer.chunk().await? {
            length += piece.len() as u64;
        }
        Ok(length)
    }

    /// The bytes of a stored file, by its `filepath_local`.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn download(&self, filepath_local: &str) -> anyhow::Result<Vec<u8>> {
        let path = format!("/{}", filepath_local.trim_start_matches('/'));
        let answer = self
            .request(Method::GET, &path)
            .send()
            .await?
            .error_for_status()?;
        Ok(answer.bytes().await?.to_vec())
    }
}
