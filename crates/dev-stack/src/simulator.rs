//! What a test may ask the simulated PACER that no visitor of a court may.

use anyhow::Context;
use pacer_fetch_client::raw::http_client;
use serde::Deserialize;
use serde_json::Value;

/// The administration of a running `pacer-sim`.
#[derive(Debug, Clone)]
pub struct Simulator {
    url: String,
    http: reqwest::Client,
}

/// A charge in the simulator's books.
#[derive(Debug, Clone, Deserialize)]
pub struct Sale {
    /// PACER's id of the court.
    pub court: String,
    /// Who pays.
    pub account: String,
    /// The billing label; empty without one.
    pub client_code: String,
    /// As on the receipt.
    pub description: String,
    /// What was sold: `kind`, `pacer_case_id` and, for a document, `pacer_doc_id`.
    pub item: Value,
    /// Pages charged.
    pub pages: i64,
    /// Charge in cents.
    pub cents: i64,
}

/// A document that the simulator could sell.
#[derive(Debug, Clone, Deserialize)]
pub struct SimulatedDocument {
    /// Its id at the court, with the flag digit 0.
    pub pacer_doc_id: String,
    /// Its number on the docket, if it has one.
    pub document_number: Option<u32>,
    /// Which attachment; 0 for the main document.
    pub attachment_number: u32,
    /// Its pages.
    pub pages: u32,
    /// Whether its pages are pictures.
    pub scanned: bool,
    /// The words that it shows, page by page; only when a single document was asked for.
    #[serde(default)]
    pub page_texts: Vec<String>,
}

/// A case that the simulator has.
#[derive(Debug, Clone, Deserialize)]
pub struct SimulatedCase {
    /// Its id at the court.
    pub pacer_case_id: String,
    /// Its docket number, with office and without judges.
    pub docket_number: String,
    /// `civil`, `criminal`, `petition`, …
    pub kind: String,
    /// `none` for an ordinary case.
    pub peculiarity: String,
}

/// How hard a court was pressed.
#[derive(Debug, Clone, Deserialize)]
pub struct CourtTraffic {
    /// Requests that arrived.
    pub requests: u64,
    /// The most at the same time.
    pub peak_in_flight: u64,
    /// The smallest time between two arrivals.
    pub smallest_gap_ms: Option<u64>,
}

impl Simulator {
    /// The simulator that listens at `url`.
    #[must_use]
    pub fn new(url: &str) -> Simulator {
        Simulator {
            url: url.to_owned(),
            http: http_client(),
        }
    }

    /// Every charge, oldest first.
    ///
    /// # Errors
    /// When the simulator does not answer as expected; so for all calls here.
    pub async fn ledger(&self) -> anyhow::Result<Vec<Sale>> {
        let books = self.get("ledger").await?;
        serde_json::from_value(books["sales"].clone()).context("the simulator's ledger")
    }

    /// Traffic at one court, by PACER's id of it.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`].
    pub async fn traffic(&self, court: &str) -> anyhow::Result<Option<CourtTraffic>> {
        let report = self.get("traffic?requests=false").await?;
        let figures = report["courts"].get(court).cloned();
        Ok(figures.map(serde_json::from_value).transpose()?)
    }

    /// Every request at every court, oldest first: `court`, `method`, `path`, `at_ms`.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`].
    pub async fn requests(&self) -> anyhow::Result<Vec<Value>> {
        let report = self.get("traffic").await?;
        serde_json::from_value(report["requests"].clone()).context("the simulator's traffic")
    }

    /// Every court with what kind it is, by PACER's id.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`].
    pub async fn courts(&self) -> anyhow::Result<Vec<(String, String)>> {
        let courts = self.get("courts").await?;
        let text = |court: &Value, name: &str| court[name].as_str().map(str::to_owned);
        let courts = courts.as_array().context("a list of courts")?;
        let pairs = courts
            .iter()
            .map(|court| text(court, "id").zip(text(court, "kind")));
        pairs
            .collect::<Option<_>>()
            .context("a court with id and kind")
    }

    /// Forgets the traffic so far.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`].
    pub async fn forget_traffic(&self) -> anyhow::Result<()> {
        let request = self.http.delete(self.admin("traffic"));
        request.send().await?.error_for_status()?;
        Ok(())
    }

    /// The obtainable documents of a case that are scanned, or are not.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`].
    pub async fn documents(
        &self,
        court: &str,
        case_id: &str,
        scanned: bool,
    ) -> anyhow::Result<Vec<SimulatedDocument>> {
        let path = format!("courts/{court}/cases/{case_id}/documents?scanned={scanned}");
        Ok(serde_json::from_value(self.get(&path).await?)?)
    }

    /// One document, with the words that it shows.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`].
    pub async fn document(&self, court: &str, doc_id: &str) -> anyhow::Result<SimulatedDocument> {
        let path = format!("courts/{court}/documents/{doc_id}");
        Ok(serde_json::from_value(self.get(&path).await?)?)
    }

    /// The id of an obtainable main document of a case that is scanned, or is not.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`], and when there is none.
    pub async fn document_number(
        &self,
        court: &str,
        docket_number: &str,
        scanned: bool,
    ) -> anyhow::Result<String> {
        let cases = self.cases_of(court).await?;
        let case = cases
            .into_iter()
            .find(|case| case.docket_number == docket_number);
        let case = case.with_context(|| format!("{court} has no case {docket_number}"))?;
        let documents = self.documents(court, &case.pacer_case_id, scanned).await?;
        let main = documents
            .into_iter()
            .find(|document| document.attachment_number == 0);
        Ok(main.context("no such document")?.pacer_doc_id)
    }

    /// The cases of a court, by PACER's id of it.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`].
    pub async fn cases_of(&self, court: &str) -> anyhow::Result<Vec<SimulatedCase>> {
        Ok(serde_json::from_value(
            self.get(&format!("courts/{court}/cases")).await?,
        )?)
    }

    /// Court and docket number of `count` civil cases of okwd with nothing peculiar about them.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`], and when there are not so many.
    pub async fn cases(&self, count: usize) -> anyhow::Result<Vec<(String, String)>> {
        let cases = self.cases_of("okwd").await?;
        let ordinary = cases
            .into_iter()
            .filter(|case| case.kind == "civil" && case.peculiarity == "none");
        let cases: Vec<_> = ordinary
            .map(|case| ("okwd".to_owned(), case.docket_number))
            .take(count)
            .collect();
        anyhow::ensure!(
            cases.len() == count,
            "there are only {} such cases",
            cases.len()
        );
        Ok(cases)
    }

    /// The saved pages that are replayed.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`].
    pub async fn replay(&self) -> anyhow::Result<Value> {
        self.get("replay").await
    }

    /// Orders something to go wrong, as `docs/SIMULATOR.md` describes it.
    ///
    /// # Errors
    /// When the simulator refuses the order.
    pub async fn order_fault(&self, fault: &Value) -> anyhow::Result<()> {
        let request = self.http.post(self.admin("faults")).json(fault);
        request
            .send()
            .await?
            .error_for_status()
            .context("the fault was refused")?;
        Ok(())
    }

    /// Cancels what was ordered to go wrong and has not happened yet.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`].
    pub async fn cancel_faults(&self) -> anyhow::Result<()> {
        self.http
            .delete(self.admin("faults"))
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    /// Ends every session, as a court may at any time.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`].
    pub async fn expire_sessions(&self) -> anyhow::Result<()> {
        self.http
            .post(self.admin("sessions/expire"))
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    /// Has a court show what was entered up to a day alone, as on the evening of that day; without one, all of it.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`].
    pub async fn show_until(&self, court: &str, day: Option<&str>) -> anyhow::Result<()> {
        let request = self.http.put(self.admin(&format!("courts/{court}/day")));
        let request = request.json(&serde_json::json!({"day": day}));
        request.send().await?.error_for_status()?;
        Ok(())
    }

    /// How often an account was logged in, and how often that was refused.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`], and when there is no such account.
    pub async fn logins(&self, account: &str) -> anyhow::Result<(u64, u64)> {
        let answer = self.get("accounts").await?;
        let found = answer["accounts"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|one| one["login"] == account)
            .with_context(|| format!("the simulator has no account {account}"))?;
        let count = |name: &str| found[name].as_u64().context("a count of logins");
        Ok((count("succeeded")?, count("failed")?))
    }

    /// The one-time code that an account's authenticator shows now.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`], and when the account has none.
    pub async fn one_time_code(&self, account: &str) -> anyhow::Result<String> {
        let answer = self.get(&format!("accounts/{account}/code")).await?;
        let code = answer["code"].as_str().context("a one-time code")?;
        Ok(code.to_owned())
    }

    /// Where the simulated sites are.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// All that is true about a case, by its id, as `docs/SIMULATOR.md` describes it.
    ///
    /// # Errors
    /// As for [`Simulator::ledger`].
    pub async fn case(&self, court: &str, case_id: &str) -> anyhow::Result<Value> {
        self.get(&format!("courts/{court}/cases/{case_id}")).await
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self
            .http
            .get(self.admin(path))
            .send()
            .await?
            .error_for_status()?;
        answer
            .json()
            .await
            .with_context(|| format!("the simulator's answer to {path}"))
    }

    fn admin(&self, path: &str) -> String {
        format!("{}/admin/{path}", self.url)
    }
}
