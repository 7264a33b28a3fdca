//! A caller of the API, as any other: plain HTTP, a token, forms or JSON in, JSON out.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tokio::time::{Instant, sleep};

/// The demo account of the simulated PACER. It opens nothing else.
pub const DEMO_USERNAME: &str = "demo";
/// Its password.
pub const DEMO_PASSWORD: &str = "not-a-real-password";

const ASK_EVERY: Duration = Duration::from_millis(50);

/// An HTTP client without a pool of surprises: no proxies from the environment, a time limit.
#[must_use]
pub fn http_client() -> reqwest::Client {
    // The first to install a provider wins; any later call finds it there, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(60))
        .build()
        .expect("a client without files or roots of its own can always be built")
}

/// Talks to a gateway on behalf of one user.
#[derive(Clone)]
pub struct Client {
    url: String,
    token: String,
    http: reqwest::Client,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Client")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body, or null if it is not JSON.
    pub json: Value,
    /// The body as text.
    pub text: String,
}

impl Client {
    /// A client of the gateway at `url`, with an API token.
    #[must_use]
    pub fn new(url: &str, token: &str) -> Client {
        Client {
            url: url.to_owned(),
            token: token.to_owned(),
            http: http_client(),
        }
    }

    /// The API token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Where the gateway is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A request with the token, for whatever is not covered here. `path` begins with a slash.
    #[must_use]
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let authorization = format!("Token {}", self.token);
        self.http
            .request(method, format!("{}{path}", self.url))
            .header("Authorization", authorization)
    }

    /// Sends a request and takes whatever comes back.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn send(&self, request: RequestBuilder) -> anyhow::Result<Answer> {
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { status, json, text })
    }

    /// `GET`, which must succeed.
    ///
    /// # Errors
    /// When it does not.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.send(self.request(Method::GET, path)).await?;
        if answer.status != StatusCode::OK {
            bail!("GET {path} answered {}: {}", answer.status, answer.text);
        }
        Ok(answer.json)
    }

    /// Submits a form as it is, without adding credentials.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn post_form(&self, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let mut form = reqwest::Url::parse("http://form/")?;
        form.query_pairs_mut().extend_pairs(fields);
        let request = self
            .request(Method::POST, "/api/rest/v4/recap-fetch/")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form.query().unwrap_or_default().to_owned());
        self.send(request).await
    }

    /// Submits JSON as it is, without adding credentials.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn post_json(&self, body: &Value) -> anyhow::Result<Answer> {
        self.send(
            self.request(Method::POST, "/api/rest/v4/recap-fetch/")
                .json(body),
        )
        .await
    }

    /// Submits a form with the demo account; gives the id of the accepted request.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn submit(&self, fields: &[(&str, &str)]) -> anyhow::Result<i64> {
        let account = [
            ("pacer_username", DEMO_USERNAME),
            ("pacer_password", DEMO_PASSWORD),
        ];
        let answer = self.post_form(&[fields, &account].concat()).await?;
        if answer.status != StatusCode::CREATED {
            bail!(
                "the request was answered {}: {}",
                answer.status,
                answer.text
            );
        }
        answer.json["id"]
            .as_i64()
            .context("an accepted request has an id")
    }

    /// Asks until the request is in a final state; gives its last representation.
    ///
    /// # Errors
    /// When it is not final within this time.
    pub async fn until_final(&self, id: i64, within: Duration) -> anyhow::Result<Value> {
        let deadline = Instant::now() + within;
        loop {
            let request = self.get(&format!("/api/rest/v4/recap-fetch/{id}/")).await?;
            if !request["date_completed"].is_null() {
                return Ok(request);
            }
            if Instant::now() > deadline {
                bail!(
                    "request {id} is not final after {} s: {request}",
                    within.as_secs()
                );
            }
            sleep(ASK_EVERY).await;
        }
    }

    /// Submits with the demo account, waits, and insists on success.
    ///
    /// # Errors
    /// When it is refused, fails, or takes too long.
    pub async fn fetch(&self, fields: &[(&str, &str)], within: Duration) -> anyhow::Result<Value> {
        let id = self.submit(fields).await?;
        let request = self.until_final(id, within).await?;
        if request["status"] != 2 {
            bail!(
                "request {id} ended with status {}: {}",
                request["status"],
                request["message"]
            );
        }
        Ok(request)
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
