//! One user at one service.

use std::{path::Path, time::Duration};

use bytes::Bytes;
use reqwest::{Method, RequestBuilder, header::CONTENT_TYPE};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    Account, Docket, DocketEntry, Error, NewRequest, Party, Quote, RecapDocument, Request, Session,
    body,
    raw::{Answer, Api},
};

const REQUESTS: &str = "/api/rest/v4/recap-fetch/";

/// How soon a request is looked at again: at first, and at most.
const LOOK_EVERY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// PACER may take its time with a login, and so may the service before it answers: a minute for the turn
/// of the account, and then as long as a login may take.
const LOGIN_WITHIN: Duration = Duration::from_secs(240);

/// The API of a service, for one user. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    api: Api,
}

impl From<Api> for Client {
    fn from(api: Api) -> Client {
        Client { api }
    }
}

impl Client {
    /// The service at `url`, such as `https://fetch.example.org`, with an API token.
    #[must_use]
    pub fn new(url: &str, token: &str) -> Client {
        Api::new(url.trim_end_matches('/'), token).into()
    }

    /// The same, whose certificate comes from this authority (a PEM file) and from no other.
    ///
    /// # Errors
    /// When there is no such file, or nothing in it.
    pub fn trusting(url: &str, token: &str, ca: &Path) -> Result<Client, Error> {
        Ok(Api::trusting(url.trim_end_matches('/'), token, ca)?.into())
    }

    /// The untyped API, for what this crate has no types for.
    #[must_use]
    pub fn raw(&self) -> &Api {
        &self.api
    }

    /// Submits a request. The purchase happens afterwards, with this account: use [`Client::wait`].
    ///
    /// # Errors
    /// [`Error::Refused`] when it is not accepted: nothing is bought. [`Error::NoAnswer`] when nobody
    /// knows; with [`Client::submit_once`] it can be sent again.
    pub async fn submit(&self, account: &Account, wanted: &NewRequest) -> Result<Request, Error> {
        self.submit_as(None, account, wanted).await
    }

    /// The same with an idempotency key, such as a UUID: sent again within 24 hours, it is the same request.
    ///
    /// # Errors
    /// As for [`Client::submit`].
    pub async fn submit_once(
        &self,
        key: &str,
        account: &Account,
        wanted: &NewRequest,
    ) -> Result<Request, Error> {
        self.submit_as(Some(key), account, wanted).await
    }

    async fn submit_as(
        &self,
        key: Option<&str>,
        account: &Account,
        wanted: &NewRequest,
    ) -> Result<Request, Error> {
        let mut call = self.api.request(Method::POST, REQUESTS);
        if let Some(key) = key {
            call = call.header("Idempotency-Key", key);
        }
        let call = call.header(CONTENT_TYPE, "application/json");
        let call = call.timeout(LOGIN_WITHIN).body(wanted.body(Some(account)));
        read(self.api.send(call).await?, 201, "a request")
    }

    /// What a request would cost. Nothing is bought and nobody is logged in.
    ///
    /// # Errors
    /// [`Error::Refused`] when such a request would be refused for another reason than money.
    pub async fn quote(&self, wanted: &NewRequest) -> Result<Quote, Error> {
        let body = wanted.body(None);
        read(self.post_json("quote/", body).await?, 200, "a quote")
    }

    /// Logs an account in and buys nothing: requests that wait for its login continue.
    ///
    /// # Errors
    /// [`Error::Refused`] when PACER refuses the login.
    pub async fn log_in(&self, account: &Account) -> Result<Session, Error> {
        let login: Vec<(&str, &str)> = account.fields().collect();
        let body = body::json(&Map::new(), &login);
        read(self.post_json("login/", body).await?, 200, "a session")
    }

    async fn post_json(&self, place: &str, body: Bytes) -> Result<Answer, Error> {
        let call = self
            .api
            .request(Method::POST, &format!("{REQUESTS}{place}"))
            .header(CONTENT_TYPE, "application/json")
            .timeout(LOGIN_WITHIN)
            .body(body);
        self.api.send(call).await
    }

    /// A request as it is now.
    ///
    /// # Errors
    /// [`Error::Refused`] when this user has none of that number; so for everything that is read here.
    pub async fn request(&self, id: i64) -> Result<Request, Error> {
        self.get(&format!("recap-fetch/{id}/"), "a request").await
    }

    /// Polls until a request has succeeded or failed.
    ///
    /// # Errors
    /// [`Error::NotEnded`] when it has not within this time.
    pub async fn wait(&self, id: i64, within: Duration) -> Result<Request, Error> {
        let ended = self.api.wait_for(id, within, LOOK_EVERY).await?;
        typed(ended, "a request")
    }

    /// Cancels a request: it will buy nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] with the status 409 when it has bought something, or is about to.
    pub async fn cancel(&self, id: i64) -> Result<Request, Error> {
        let path = format!("{REQUESTS}{id}/cancel/");
        let answer = self.api.send(self.api.request(Method::POST, &path)).await?;
        read(answer, 200, "a request")
    }

    /// A stored docket.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is none of that number.
    pub async fn docket(&self, id: i64) -> Result<Docket, Error> {
        self.get(&format!("dockets/{id}/"), "a docket").await
    }

    /// The entries of a docket, in its order.
    ///
    /// # Errors
    /// When a page of them cannot be read.
    pub async fn entries(&self, docket: i64) -> Result<Vec<DocketEntry>, Error> {
        let order = "order_by=recap_sequence_number,entry_number";
        let path = format!("docket-entries/?docket={docket}&{order}");
        self.list(&path, "entries").await
    }

    /// An entry of a docket.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is none of that number.
    pub async fn entry(&self, id: i64) -> Result<DocketEntry, Error> {
        self.get(&format!("docket-entries/{id}/"), "an entry").await
    }

    /// The parties of a docket.
    ///
    /// # Errors
    /// When a page of them cannot be read.
    pub async fn parties(&self, docket: i64) -> Result<Vec<Party>, Error> {
        self.list(&format!("parties/?docket={docket}"), "parties")
            .await
    }

    /// A stored document.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is none of that number.
    pub async fn document(&self, id: i64) -> Result<RecapDocument, Error> {
        let path = format!("recap-documents/{id}/");
        self.get(&path, "a document").await
    }

    /// The file of a document, by its `filepath_local`.
    ///
    /// # Errors
    /// When it is not there, or breaks off.
    pub async fn file(&self, filepath_local: &str) -> Result<Bytes, Error> {
        self.api.download(filepath_local).await
    }

    /// What a call is answered, which must have this status.
    pub(crate) async fn answered<T: DeserializeOwned>(
        &self,
        call: RequestBuilder,
        status: u16,
        what: &'static str,
    ) -> Result<T, Error> {
        read(self.api.send(call).await?, status, what)
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        what: &'static str,
    ) -> Result<T, Error> {
        typed(self.api.get(path).await?, what)
    }

    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        what: &'static str,
    ) -> Result<Vec<T>, Error> {
        let all = self.api.all(path).await?;
        all.into_iter().map(|value| typed(value, what)).collect()
    }
}

fn read<T: DeserializeOwned>(answer: Answer, status: u16, what: &'static str) -> Result<T, Error> {
    typed(answer.expect(status)?, what)
}

fn typed<T: DeserializeOwned>(value: Value, what: &'static str) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|source| Error::Unexpected {
        what,
        source: Some(source),
    })
}
