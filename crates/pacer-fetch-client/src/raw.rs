//! The untyped API: sends forms or bytes and returns whatever comes back.

use std::{fs, path::Path, time::Duration};

use bytes::Bytes;
use fetch_model::PublicStatus;
pub use reqwest::Method;
use reqwest::{
    ClientBuilder, RequestBuilder,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
    redirect::Policy,
};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::{Account, Error, body};

/// Where requests are, below the address of the service.
const REQUESTS: &str = "/api/rest/v4/recap-fetch/";
const FORM: &str = "application/x-www-form-urlencoded";

/// How long an answer may take. PACER may take its time with a login, and the service waits for it.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// How long a large file may take.
const FILE_WITHIN: Duration = Duration::from_secs(1800);

/// How soon a request is looked at again by who is in a hurry.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// An HTTP client without surprises: no proxies from the environment, and a time limit.
#[must_use]
pub fn http_client() -> reqwest::Client {
    built(client())
}

fn client() -> ClientBuilder {
    // The first to install a provider wins; any later call finds it there, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(ANSWER_WITHIN)
}

fn built(client: ClientBuilder) -> reqwest::Client {
    client
        .build()
        .expect("a client without files or roots of its own can always be built")
}

/// The API of a service, as one user calls it.
///
/// Paths are below `/api/rest/v4/`, for example `dockets/1/`, unless said otherwise.
#[derive(Clone)]
pub struct Api {
    /// Where the service is.
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

impl Answer {
    async fn read(answer: reqwest::Response) -> Result<Answer, Error> {
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, body })
    }

    /// The body, if the status is this one.
    ///
    /// # Errors
    /// [`Error::Refused`] for any other.
    pub fn expect(self, status: u16) -> Result<Value, Error> {
        match self.status == status {
            true => Ok(self.body),
            false => Err(Error::Refused(self)),
        }
    }
}

impl Api {
    /// The service at `url`, with an API token. Passwords and tokens go there and nowhere else: an answer
    /// that points to another place is an answer.
    #[must_use]
    pub fn new(url: &str, token: &str) -> Api {
        Api {
            url: url.to_owned(),
            token: token.to_owned(),
            http: built(client().redirect(Policy::none())),
        }
    }

    /// The same, whose certificate comes from this authority (a PEM file) and from no other.
    ///
    /// # Errors
    /// When there is no such file, or nothing in it.
    pub fn trusting(url: &str, token: &str, ca: &Path) -> Result<Api, Error> {
        let pem = fs::read(ca).map_err(|source| Error::Authority {
            path: ca.to_owned(),
            source,
        })?;
        let client = client().redirect(Policy::none());
        let client = client.tls_certs_only([reqwest::Certificate::from_pem(&pem)?]);
        Ok(Api {
            url: url.to_owned(),
            token: token.to_owned(),
            http: client.build()?,
        })
    }

    /// Another address of the same service.
    #[must_use]
    pub fn at(&self, url: &str) -> Api {
        Api {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    /// The same service, with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Api {
        Api {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// The same service, without a token.
    #[must_use]
    pub fn anonymous(&self) -> Api {
        self.with_token("")
    }

    /// A call with the token, for whatever is not covered here. `path` is the whole path.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match self.token.is_empty() {
            true => request,
            false => request.header(AUTHORIZATION, self.authorization()),
        }
    }

    /// What names the caller; not shown where requests are printed. A token that is no header value is
    /// none that the service gave, and is refused by it.
    fn authorization(&self) -> HeaderValue {
        let value = HeaderValue::from_str(&format!("Token {}", self.token));
        let mut value = value.unwrap_or_else(|_| HeaderValue::from_static("Token"));
        value.set_sensitive(true);
        value
    }

    /// Sends a call and takes whatever comes back.
    ///
    /// # Errors
    /// When there is no answer at all; so for all calls that give an [`Answer`].
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, Error> {
        Answer::read(request.send().await?).await
    }

    /// Submits a form with an account.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn post(&self, account: &Account, form: &[(&str, &str)]) -> Result<Answer, Error> {
        self.send(self.submission(account, form)).await
    }

    /// The same with an `Idempotency-Key`: a caller that got no answer may send it again.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn post_once(
        &self,
        key: &str,
        account: &Account,
        form: &[(&str, &str)],
    ) -> Result<Answer, Error> {
        let request = self.submission(account, form);
        self.send(request.header("Idempotency-Key", key)).await
    }

    /// Logs an account in without a request, with these additional form fields.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn log_in(&self, account: &Account, form: &[(&str, &str)]) -> Result<Answer, Error> {
        let fields = form.iter().copied().chain(account.fields());
        self.send(self.form("login/", fields)).await
    }

    /// Asks what a form would cost.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn quote(&self, form: &[(&str, &str)]) -> Result<Answer, Error> {
        self.send(self.form("quote/", form.iter().copied())).await
    }

    /// A login that is not sent yet, for callers that need the headers of the answer.
    pub fn login(&self, account: &Account) -> RequestBuilder {
        self.form("login/", account.fields())
    }

    /// A form with an account that is not sent yet, for callers that need the headers of the
    /// answer.
    pub fn submission(&self, account: &Account, form: &[(&str, &str)]) -> RequestBuilder {
        let fields = form.iter().copied().chain(account.fields());
        self.form("", fields)
    }

    /// A form, to a place below that of requests.
    fn form<'f>(
        &self,
        place: &str,
        fields: impl IntoIterator<Item = (&'f str, &'f str)>,
    ) -> RequestBuilder {
        let request = self.request(Method::POST, &format!("{REQUESTS}{place}"));
        let request = request.header(CONTENT_TYPE, FORM);
        request.body(body::form(fields))
    }

    /// Posts these bytes where requests are submitted.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn post_bytes(&self, media_type: &str, body: &[u8]) -> Result<Answer, Error> {
        let request = self.request(Method::POST, REQUESTS);
        let request = request.header(CONTENT_TYPE, media_type);
        self.send(request.body(body.to_owned())).await
    }

    /// Submits a form with an account; gives the accepted request.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn submit(&self, account: &Account, form: &[(&str, &str)]) -> Result<Value, Error> {
        self.post(account, form).await?.expect(201)
    }

    /// Polls until this request is in a final state; returns its last representation.
    ///
    /// # Errors
    /// When it is not final within this time, or cannot be read.
    pub async fn wait(&self, request: &Value, within: Duration) -> Result<Value, Error> {
        let id = request["id"].as_i64();
        let id = id.ok_or(Error::unexpected("a request"))?;
        self.wait_for(id, within, (LOOK_EVERY, LOOK_EVERY)).await
    }

    /// The same by its number, with pauses that grow from the first of these to the second.
    pub(crate) async fn wait_for(
        &self,
        id: i64,
        within: Duration,
        (mut pause, longest): (Duration, Duration),
    ) -> Result<Value, Error> {
        let deadline = Instant::now() + within;
        let path = format!("recap-fetch/{id}/");
        loop {
            let now = self.get(&path).await?;
            let number = now["status"].as_i64();
            let number = number.and_then(|number| i16::try_from(number).ok());
            let status = number.and_then(PublicStatus::from_number);
            if status.is_some_and(PublicStatus::is_final) {
                return Ok(now);
            }
            if Instant::now() >= deadline {
                return Err(Error::NotEnded {
                    id,
                    seconds: within.as_secs(),
                    now: now.to_string(),
                });
            }
            sleep(pause).await;
            pause = pause.mul_f64(1.5).min(longest);
        }
    }

    /// Reads something, which must be there.
    ///
    /// # Errors
    /// When it is not.
    pub async fn get(&self, path: &str) -> Result<Value, Error> {
        self.get_at("v4", path).await
    }

    /// The same in another version of the API: `v3` or `v4`.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn get_at(&self, version: &str, path: &str) -> Result<Value, Error> {
        self.get_whole(&format!("/api/rest/{version}/{path}")).await
    }

    async fn get_whole(&self, path: &str) -> Result<Value, Error> {
        let answer = self.send(self.request(Method::GET, path)).await?;
        answer.expect(200)
    }

    /// Every result of a list, page after page.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub async fn all(&self, path: &str) -> Result<Vec<Value>, Error> {
        let mut next = Some(format!("/api/rest/v4/{path}"));
        let mut all = Vec::new();
        while let Some(path) = next {
            let mut page = self.get_whole(&path).await?;
            let Value::Array(results) = page["results"].take() else {
                return Err(Error::unexpected("a page of a list"));
            };
            all.extend(results);
            next = page["next"].as_str().map(path_of);
        }
        Ok(all)
    }

    /// Reads a stored file as it comes and keeps none of it; gives its length.
    ///
    /// # Errors
    /// When it is not there, or breaks off.
    pub async fn download_and_forget(&self, filepath_local: &str) -> Result<u64, Error> {
        let mut answer = self.file(filepath_local).await?;
        let mut length = 0;
        while let Some(piece) = answer.chunk().await? {
            length += piece.len() as u64;
        }
        Ok(length)
    }

    /// The bytes of a stored file, by its `filepath_local`.
    ///
    /// # Errors
    /// When it is not there, or breaks off.
    pub async fn download(&self, filepath_local: &str) -> Result<Bytes, Error> {
        Ok(self.file(filepath_local).await?.bytes().await?)
    }

    /// Begins to read a stored file, piece by piece.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn begin_download(&self, filepath_local: &str) -> Result<Download, Error> {
        Ok(Download(self.file(filepath_local).await?))
    }

    async fn file(&self, filepath_local: &str) -> Result<reqwest::Response, Error> {
        let path = format!("/{}", filepath_local.trim_start_matches('/'));
        let request = self.request(Method::GET, &path).timeout(FILE_WITHIN);
        let answer = request.send().await?;
        match answer.status().is_success() {
            true => Ok(answer),
            false => Err(Error::Refused(Answer::read(answer).await?)),
        }
    }
}

/// A stored file on its way.
#[derive(Debug)]
pub struct Download(reqwest::Response);

impl Download {
    /// The next piece; none after the last.
    ///
    /// # Errors
    /// When it breaks off.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        Ok(self.0.chunk().await?)
    }
}

/// The path and the query of a link: the service may be known by another name than it gives itself.
fn path_of(link: &str) -> String {
    let after_scheme = link.split_once("://").map_or(link, |(_, rest)| rest);
    let path = after_scheme.find('/').map(|at| &after_scheme[at..]);
    path.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_walked_at_the_address_that_was_given() {
        let link = "https://other.example.org/api/rest/v4/dockets/?cursor=a%3D";
        assert_eq!(path_of(link), "/api/rest/v4/dockets/?cursor=a%3D");
        assert_eq!(path_of("/api/"), "/api/");
    }

    #[test]
    fn secrets_are_never_printed() {
        let printed = format!(
            "{:?} {:?}",
            Api::new("http://127.0.0.1", "canary-token"),
            Account::new("ann", "canary-password")
        );
        assert!(!printed.contains("canary"), "{printed}");
    }
}
