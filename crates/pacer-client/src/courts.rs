//! Asking a court.

use std::time::Duration;

use pacer::court::Court;
use reqwest::{
    Client,
    header::{CONTENT_TYPE, HeaderValue},
    multipart::Form,
    redirect,
};
use url::{Url, form_urlencoded};

use crate::{
    Body, CourtSession, CourtsConfig, LinkError, SendError, SetupError, link, permit::AskPermit,
    send, session::Preference,
};

/// What a court answers, whatever it is; its content is still to be read.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// What was asked.
    pub url: Url,
    /// The content type as sent, with its parameters; empty if there was none.
    pub media_type: String,
    /// How long the court asks us to wait.
    pub retry_after: Option<Duration>,
    /// Where it redirects to, as sent. See [`Courts::resolve`].
    pub location: Option<String>,
    /// The content.
    pub body: Body,
}

/// All courts, and PACER's sign-on. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Courts {
    pub(crate) client: Client,
    pub(crate) config: CourtsConfig,
    pub(crate) cso: Url,
}

impl Courts {
    /// Sets the wire up. Nothing is sent.
    ///
    /// # Errors
    /// When a URL or a header in the settings cannot be used.
    pub fn new(config: &CourtsConfig) -> Result<Courts, SetupError> {
        let cso = base_url("cso_url", &config.cso_url)?;
        let example = config
            .court_url
            .replace("{court}", "xyz")
            .replace("{host}", "localhost");
        if example == config.court_url {
            return Err(setting("court_url", "must contain {court} or {host}"));
        }
        base_url("court_url", &example)?;
        if config.referer.is_empty() || HeaderValue::from_str(&config.referer).is_err() {
            return Err(setting("referer", "must be a valid header value"));
        }
        Ok(Courts {
            client: client(config)?,
            config: config.clone(),
            cso,
        })
    }

    /// Sends one GET. `court` is PACER's id; `path_and_query` begins with `/` and is taken below
    /// the court's base URL.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn get(
        &self,
        session: &CourtSession,
        court: &str,
        path_and_query: &str,
    ) -> Result<Answer, SendError> {
        let url = self.url(court, path_and_query)?;
        let request = self.client.get(url.clone());
        send::court(self, session, court, url, request, Preference::Accounts).await
    }

    /// The same, asking to be shown the price before anything is charged, whatever the account's
    /// owner prefers. Courts are known to read this wish from a cookie; whether each of them does
    /// is not, so the answer may be the thing itself, and charged.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn get_price(
        &self,
        session: &CourtSession,
        court: &str,
        path_and_query: &str,
    ) -> Result<Answer, SendError> {
        let url = self.url(court, path_and_query)?;
        let request = self.client.get(url.clone());
        send::court(self, session, court, url, request, Preference::PricesShown).await
    }

    /// Sends one POST of a form, as `multipart/form-data` with parts without file names: what the
    /// courts' own scripts send.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn post_form(
        &self,
        session: &CourtSession,
        court: &str,
        path: &str,
        fields: &[(&str, String)],
    ) -> Result<Answer, SendError> {
        let url = self.url(court, path)?;
        let mut form = Form::new();
        for (name, value) in fields {
            form = form.text((*name).to_owned(), value.clone());
        }
        let request = self.client.post(url.clone()).multipart(form);
        send::court(self, session, court, url, request, Preference::Accounts).await
    }

    /// Sends one POST of a form as `application/x-www-form-urlencoded`: what the forms of
    /// appellate courts send, whose servlet may not read another encoding.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn post_urlencoded(
        &self,
        session: &CourtSession,
        court: &str,
        path: &str,
        fields: &[(&str, String)],
    ) -> Result<Answer, SendError> {
        let url = self.url(court, path)?;
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self
            .client
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        send::court(self, session, court, url, request, Preference::Accounts).await
    }

    /// Follows `link`, found in the page at `page` or in its `Location`: the path and query to
    /// ask the same court for. A path from the root of the site counts from the court's base URL,
    /// wherever that lies.
    ///
    /// # Errors
    /// When the link leads to another site. A session must never be sent there.
    pub fn resolve(&self, court: &str, page: &Url, link: &str) -> Result<String, LinkError> {
        let base = self.base(court).map_err(|_| LinkError::Malformed)?;
        link::within(&base, page, link)
    }

    fn url(&self, court: &str, path_and_query: &str) -> Result<Url, SendError> {
        let base = self.base(court).map_err(|why| not_sent(why.into()))?;
        if !path_and_query.starts_with('/') {
            return Err(not_sent("the path does not begin with a slash".into()));
        }
        let text = format!("{}{path_and_query}", base.as_str().trim_end_matches('/'));
        Url::parse(&text).map_err(|error| not_sent(error.into()))
    }

    fn base(&self, court: &str) -> Result<Url, String> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if court.is_empty() || !court.bytes().all(fits) {
            return Err(format!("{court:?} is not a court"));
        }
        let mut text = self.config.court_url.replace("{court}", court);
        if text.contains("{host}") {
            let known =
                Court::by_pacer_id(court).ok_or(format!("{court:?} is not a known court"))?;
            text = text.replace("{host}", &known.host);
        }
        Url::parse(&text).map_err(|error| error.to_string())
    }
}

fn not_sent(source: Box<dyn std::error::Error + Send + Sync>) -> SendError {
    SendError::NotSent { source }
}

fn setting(name: &'static str, why: impl Into<String>) -> SetupError {
    SetupError::Setting {
        name,
        why: why.into(),
    }
}

fn base_url(name: &'static str, text: &str) -> Result<Url, SetupError> {
    let url = Url::parse(text).map_err(|error| setting(name, error.to_string()))?;
    match url.scheme() {
        "http" | "https" if url.query().is_none() => Ok(url),
        _ => Err(setting(
            name,
            "must be an http or https URL without a query",
        )),
    }
}

fn client(config: &CourtsConfig) -> Result<Client, SetupError> {
    // The process may have chosen a provider already; then that one is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(&config.user_agent)
        .connect_timeout(config.connect_timeout)
        .read_timeout(config.read_timeout)
        .timeout(config.total_timeout)
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        // A kept connection may be closed by the court just while a purchase is on its way, and
        // then nobody knows whether it was made.
        .pool_max_idle_per_host(0)
        .connector_layer(AskPermit)
        .http1_only()
        .no_proxy()
        .referer(false)
        .build()
        .map_err(SetupError::Client)
}
