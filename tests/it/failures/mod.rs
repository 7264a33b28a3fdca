//! The table of answers, row by row, through the whole stack: the simulated court answers so, the
//! request ends as the table says, and the court's books agree with ours.

mod case;
mod documents;
mod questions;

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Utc};
use fetch_model::{
    AttemptError, DocumentId, Failure, FetchId, FetchKind, UserId,
    decision::{About, Decision, Then, decide},
    failures_page::example,
};
use futures_util::{StreamExt, stream};
use pacer::{
    court::{Court, System},
    page::answer::{Answer, table::Billed},
};
use serde_json::Value;
use sqlx::PgConnection;
use testkit::{Account, Api, Stack};

use case::{Case, What, case};

const PATIENCE: Duration = Duration::from_secs(180);

/// Rows that are tried side by side, each at a court of its own.
const AT_ONCE: usize = 12;

/// Rows that may come about in another way in a bankruptcy court, whose forms and pages differ.
const BANKRUPTCY: [Answer; 14] = [
    Answer::SeveralCases,
    Answer::NumberSealed,
    Answer::EmptyDocket,
    Answer::DocketPrice,
    Answer::CaseNotFound,
    Answer::NoDocuments,
    Answer::AdministrativelyClosed,
    Answer::BeingOpened,
    Answer::Frame,
    Answer::Menu,
    Answer::SoleDocument,
    Answer::Audio,
    Answer::RestrictedWarning,
    Answer::WrongCase,
];

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_table_ends_as_it_says() -> anyhow::Result<()> {
    check_rows(&Answer::ALL, courts(System::District, 'd')).await
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_end_alike_in_bankruptcy_courts() -> anyhow::Result<()> {
    check_rows(&BANKRUPTCY, courts(System::Bankruptcy, 'b')).await
}

/// Each row at a court of its own.
async fn check_rows(
    rows: &[Answer],
    courts: impl Iterator<Item = &'static str>,
) -> anyhow::Result<()> {
    let Some(mut stack) = start().await? else {
        return Ok(());
    };
    let api = stack.user("reader").await?;
    let rows = rows.iter().copied().zip(courts);
    let results: Vec<_> = stream::iter(rows)
        .map(|(answer, court)| {
            let (stack, api) = (&stack, &api);
            async move {
                let court = case(answer).court.unwrap_or(court);
                let row = Row {
                    stack,
                    api,
                    answer,
                    court,
                };
                row.check(&case(answer), answer.row().billed)
                    .await
                    .with_context(|| format!("{answer:?} at {court}"))
            }
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    all_are_well(results)?;
    stack.stop_with_errors(&["excessive usage"]).await
}

fn all_are_well(results: Vec<anyhow::Result<()>>) -> anyhow::Result<()> {
    let failed: Vec<String> = results
        .into_iter()
        .filter_map(|result| result.err().map(|error| format!("{error:#}")))
        .collect();
    ensure!(failed.is_empty(), "{}", failed.join("\n\n"));
    Ok(())
}

/// A stack with an account for each way in which accounts differ.
async fn start() -> anyhow::Result<Option<Stack>> {
    let Some(stack) = testkit::stack() else {
        return Ok(None);
    };
    let accounts = [
        "demo:not-a-real-password",
        "demo-receipts:not-a-real-password:confirm-charges",
        "demo-refused:not-a-real-password:refused",
        "loser:not-a-real-password",
        "away:not-a-real-password",
        "never:not-a-real-password:no-receipts,fixed-receipts",
        "loser-lookup:not-a-real-password",
        "loser-unchanged:not-a-real-password",
        "loser-accepted:not-a-real-password:confirm-charges",
        "loser-appeal:not-a-real-password",
        "loser-price:not-a-real-password",
        "loser-order:not-a-real-password",
        "loser-menu:not-a-real-password",
    ];
    let stack = accounts.into_iter().fold(stack, |stack, account| {
        stack.simulator_arg("--account").simulator_arg(account)
    });
    let stack = stack
        .with(|builder| {
            builder
                .setting("login", "LOGIN_MIN_GAP_MS", "0")
                .setting("login", "LOGIN_MAX_PER_HOUR", "3600")
                .setting("docket-fetcher", "COURT_SILENCE_SECONDS", "10")
                .setting("docket-fetcher", "COURT_ANSWER_BYTES", "2000000")
                .setting("pdf-fetcher", "COURT_SILENCE_SECONDS", "10")
                .setting("pdf-fetcher", "COURT_ANSWER_BYTES", "2000000")
        })
        .start()
        .await?;
    Ok(Some(stack))
}

/// The row of courts that cannot be reached: three in a row open the breaker, the request waits
/// without losing attempts, and is done when the court is back.
#[tokio::test(flavor = "multi_thread")]
async fn a_court_out_of_reach_is_left_alone_and_asked_again() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let nowhere = "http://127.0.0.1:1/{court}";
    let mut stack = stack
        .with(|builder| builder.setting("docket-fetcher", "COURT_URL", nowhere))
        .start()
        .await?;
    let api = stack.user("patient").await?;
    let request = api.submit(&Account::demo(), testkit::DEMO_DOCKET).await?;
    let about = example(FetchKind::Docket);
    let row = Row {
        stack: &stack,
        api: &api,
        answer: Answer::NotReached,
        court: "okwd",
    };
    let id = request["id"].as_i64().context("an id")?;
    let about = About {
        court: "okwd",
        ..about
    };
    let Then::Stop(AttemptError::Retry { failure }) = decide(row.answer, &about).then else {
        bail!("it is retried")
    };
    row.waits(id, &failure.retrying()).await?;
    row.is_left_alone().await?;
    ensure!(row.counted(id).await?.0 == 2, "the third counts no attempt");

    let back = format!("{}/{{court}}", stack.inner().simulator_url);
    stack.inner().set("docket-fetcher", "COURT_URL", &back)?;
    stack.kill("docket-fetcher").await?;
    stack.restart("docket-fetcher").await?;
    let row = Row {
        stack: &stack,
        api: &api,
        answer: Answer::NotReached,
        court: "okwd",
    };
    row.let_time_pass(id).await?;
    row.succeeds(&request, Failure::SUCCESS).await?;
    let asked = stack.simulator().requests().await?;
    let first = asked.iter().find(|request| request["court"] == "okwd");
    let path = first.context("a request")?["path"].clone();
    ensure!(path == "/", "the front page is asked for first, not {path}");
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// Courts of a system with the manners of most; the ids of most end in this letter.
fn courts(system: System, end: char) -> impl Iterator<Item = &'static str> {
    // Their ids at the door are not PACER's, or they have slower manners or other layouts.
    let own_ways = ["nysd", "txwd", "okwd", "txnb", "insb"];
    Court::all()
        .iter()
        .filter(move |court| court.system == system && court.is_pacer_court())
        .filter(|court| court.cl_id.as_deref() == Some(court.id.as_str()))
        .map(|court| court.id.as_str())
        .filter(move |id| id.len() > 3 && !own_ways.contains(id) && id.ends_with(end))
}

struct Row<'a> {
    stack: &'a Stack,
    api: &'a Api,
    answer: Answer,
    court: &'static str,
}

/// Stands for what only the court knows, in expected sentences.
const ANY: &str = "§";

impl Row<'_> {
    /// The case comes about, ends as the table says, and the books agree; `billed` is what may be
    /// known of the money.
    async fn check(&self, case: &Case, billed: Billed) -> anyhow::Result<()> {
        let Some((form, kind)) = self.form(case).await? else {
            return self.is_not_accepted(case).await;
        };
        if let Some(fault) = &case.fault {
            let fault = self.at_this_court(fault).await?;
            self.stack.simulator().order_fault(&fault).await?;
        }
        let form: Vec<(&str, &str)> = form.iter().map(|(key, value)| (*key, &**value)).collect();
        let request = self.api.submit(&account(case), &form).await?;
        let id = request["id"].as_i64().context("an id")?;
        let mut about = example(kind);
        about.request = FetchId(id);
        about.court = self.court;
        (about.case, about.url) = (ANY, ANY);
        about.user = UserId(0);
        about.limit_bytes = 2_000_000;
        about.document = request["recap_document"].as_i64().map(DocumentId);
        let asked = case.fault.as_ref().and_then(|fault| {
            let steps = fault["steps"].as_array();
            let last = steps.and_then(|steps| steps.last()).unwrap_or(fault);
            last["retry_after"].as_str()
        });
        about.retry_after = asked.map(|_| Duration::from_secs(1));
        let candidates = [ANY.to_owned()];
        about.candidates = &candidates;
        self.ends(&request, &about, case, billed).await?;
        self.books_agree(id, billed).await
    }

    /// What to submit, after whatever has to be bought before; none where nothing is accepted.
    async fn form(
        &self,
        case: &Case,
    ) -> anyhow::Result<Option<(Vec<(&'static str, String)>, FetchKind)>> {
        let court = ("court", self.court.to_owned());
        let docket = |number: &str| {
            // Cases are those of district courts in all but the letters.
            let number = match self.court.ends_with('b') {
                true => number.replace("-cv-", "-bk-"),
                false => number.to_owned(),
            };
            let number = ("docket_number", number);
            vec![("request_type", "1".to_owned()), court.clone(), number]
        };
        let form = match case.what {
            What::Login | What::OutOfReach => return Ok(None),
            What::Docket(number) => (docket(number), FetchKind::Docket),
            What::DocketWith(number, field, value) => {
                let mut form = docket(number);
                form.push((field, value.to_owned()));
                (form, FetchKind::Docket)
            }
            What::DocketAgain(number) => {
                let mut form = docket(number);
                self.held(&form).await?;
                form.push(("skip_if_unchanged", "true".to_owned()));
                (form, FetchKind::Docket)
            }
            What::NoSuchCase => {
                let case = ("pacer_case_id", "99999999".to_owned());
                let form = vec![("request_type", "1".to_owned()), court, case];
                (form, FetchKind::Docket)
            }
            What::Document(number, entry) => {
                let id = self.document(&docket(number), entry).await?;
                let form = vec![("request_type", "2".to_owned()), ("recap_document", id)];
                (form, FetchKind::Pdf)
            }
            What::Menu(number, entry) => {
                let id = self.document(&docket(number), entry).await?;
                let form = vec![("request_type", "3".to_owned()), ("recap_document", id)];
                (form, FetchKind::Attachments)
            }
        };
        Ok(Some(form))
    }

    /// Buys a docket.
    async fn held(&self, form: &[(&str, String)]) -> anyhow::Result<i64> {
        let form: Vec<(&str, &str)> = form.iter().map(|(key, value)| (*key, &**value)).collect();
        let request = self.api.submit(&Account::demo(), &form).await?;
        let done = self.api.wait(&request, PATIENCE).await?;
        ensure!(done["status"] == 2, "the docket: {done}");
        done["docket"].as_i64().context("a docket")
    }

    /// Buys a docket and gives the id of one of its documents.
    async fn document(&self, form: &[(&str, String)], entry: i64) -> anyhow::Result<String> {
        let docket = self.held(form).await?;
        Ok(self.stack.main_document(docket, entry).await?.to_string())
    }

    /// The fault for this court; pages may name the court and its ordinary case.
    async fn at_this_court(&self, fault: &Value) -> anyhow::Result<Value> {
        let mut fault = fault.clone();
        if fault["court"].is_null() {
            fault["court"] = self.court.into();
        }
        if let Some(body) = fault["body"].as_str() {
            if !body.contains("{case}") {
                return Ok(fault);
            }
            let cases = self.stack.simulator().cases_of(self.court).await?;
            let case = cases
                .iter()
                .find(|case| case.docket_number == "1:20-cv-90014");
            let id = &case.context("the ordinary case")?.pacer_case_id;
            let body = body.replace("{court}", self.court).replace("{case}", id);
            fault["body"] = body.into();
        }
        Ok(fault)
    }

    async fn is_not_accepted(&self, case: &Case) -> anyhow::Result<()> {
        if matches!(case.what, What::OutOfReach) {
            return Ok(());
        }
        let then = decide(self.answer, &example(FetchKind::Docket)).then;
        ensure!(matches!(then, Then::NotAccepted(_)), "{then:?}");
        if let Some(fault) = &case.fault {
            self.stack.simulator().order_fault(fault).await?;
        }
        let form = [
            ("request_type", "1"),
            ("court", self.court),
            ("docket_number", "1:20-cv-90014"),
        ];
        let answer = self.api.post(&account(case), &form).await?;
        ensure!(answer.status >= 400, "accepted: {}", answer.body);
        let rows: i64 =
            sqlx::query_scalar("select count(*) from fetch_requests where target_court = $1")
                .bind(self.court)
                .fetch_one(&mut self.database().await?)
                .await?;
        ensure!(rows == 0, "there is a row");
        Ok(())
    }

    /// Waits for the end that the table says.
    async fn ends(
        &self,
        request: &Value,
        about: &About<'_>,
        case: &Case,
        billed: Billed,
    ) -> anyhow::Result<()> {
        let Decision { then, .. } = decide(self.answer, about);
        let id = about.request.0;
        match then {
            Then::GoOn => self.succeeds(request, Failure::SUCCESS).await,
            Then::Nothing => self.succeeds(request, Failure::NOTHING).await,
            Then::Stop(AttemptError::Refuse(failure)) => {
                // Nobody knows whether it was billed, and that is said first.
                let failure = match billed {
                    Billed::Perhaps => Failure::MoneyInDoubt {
                        after: Some(Box::new(failure)),
                    },
                    Billed::No | Billed::ByReceipt | Billed::Yes => failure,
                };
                let done = self.api.wait(request, PATIENCE).await?;
                let status = i16::from(failure.public());
                ensure!(done["status"] == status, "not {status}: {done}");
                says(
                    done["message"].as_str().unwrap_or_default(),
                    &failure.to_string(),
                )
            }
            Then::Stop(AttemptError::Retry { failure }) => {
                self.waits(id, &failure.retrying()).await?;
                ensure!(self.counted(id).await? == (1, 0), "a retry counts");
                self.succeeds(request, Failure::SUCCESS).await
            }
            Then::Stop(AttemptError::NeedsLogin { failure, .. }) => {
                let by: DateTime<Utc> = self.waits_for_login(id).await?;
                self.waits(id, &failure.until_login(by)).await?;
                ensure!(self.counted(id).await? == (1, 0), "it counts");
                let answer = self.api.log_in(&account(case), &[]).await?;
                ensure!(answer.body["taken_up"] == 1, "{answer:?}");
                self.succeeds(request, Failure::SUCCESS).await
            }
            Then::Stop(AttemptError::Snooze { reason, .. }) => {
                self.waits(id, &reason).await?;
                let (attempts, snoozes) = self.counted(id).await?;
                ensure!(attempts == 0 && snoozes > 0, "waiting counts no attempt");
                self.let_time_pass(id).await?;
                self.succeeds(request, Failure::SUCCESS).await
            }
            Then::Stop(AttemptError::PutOff { .. } | AttemptError::Lost) => {
                bail!("no answer says so")
            }
            Then::NotAccepted(_) => bail!("it was accepted"),
        }
    }

    async fn succeeds(&self, request: &Value, message: &str) -> anyhow::Result<()> {
        let done = self.api.wait(request, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
        says(done["message"].as_str().unwrap_or_default(), message)
    }

    /// Waits until the request has waited once, with this sentence.
    async fn waits(&self, id: i64, sentence: &str) -> anyhow::Result<()> {
        let mut database = self.database().await?;
        let said = testkit::until("a wait", PATIENCE, async || {
            let said: Option<String> = sqlx::query_scalar(
                "select detail from fetch_steps where request_id = $1 and step = 'waiting'
                 order by id limit 1",
            )
            .bind(id)
            .fetch_optional(&mut database)
            .await?;
            if let Some(said) = said {
                return Ok(Ok(said));
            }
            let question = "select state::text from fetch_requests where id = $1";
            let row = sqlx::query_scalar(question).bind(id);
            let state: String = row.fetch_one(&mut database).await?;
            ensure!(
                state != "failed" && state != "done",
                "it is {state} at once"
            );
            Ok(Err(state))
        });
        says(&said.await?, sentence)
    }

    /// Waits until the request waits for a login; until when.
    async fn waits_for_login(&self, id: i64) -> anyhow::Result<DateTime<Utc>> {
        self.stack.wait_for_state(id, "waiting", PATIENCE).await?;
        let by: Option<_> =
            sqlx::query_scalar("select login_until from fetch_requests where id = $1")
                .bind(id)
                .fetch_one(&mut self.database().await?)
                .await?;
        by.context("it waits for no login")
    }

    /// Waits until the breaker of the court is open.
    async fn is_left_alone(&self) -> anyhow::Result<()> {
        let question = "select coalesce(paused_until > now(), false) from courts where id = $1";
        let mut database = self.database().await?;
        testkit::until("an open breaker", PATIENCE, async || {
            let row = sqlx::query_scalar(question).bind(self.court);
            let is_open: bool = row.fetch_one(&mut database).await?;
            Ok(if is_open { Ok(()) } else { Err("a closed one") })
        })
        .await
    }

    async fn counted(&self, id: i64) -> anyhow::Result<(i32, i32)> {
        let question = "select attempts, snoozes from fetch_requests where id = $1";
        let row = sqlx::query_as(question).bind(id);
        Ok(row.fetch_one(&mut self.database().await?).await?)
    }

    /// Moves the court's and the request's clocks to where the wait is over.
    async fn let_time_pass(&self, id: i64) -> anyhow::Result<()> {
        let mut database = self.database().await?;
        sqlx::query("update courts set paused_until = clock_timestamp() where id = $1 and paused_until is not null")
            .bind(self.court)
            .execute(&mut database)
            .await?;
        sqlx::query(
            "update fetch_requests set not_before = null where id = $1 and state = 'waiting'",
        )
        .bind(id)
        .execute(&mut database)
        .await?;
        Ok(())
    }

    /// Whether the table wants the same asked once more before anything else.
    fn is_asked_again(&self) -> bool {
        self.answer.row().again
    }

    /// Whatever was held against the court before is forgotten.
    async fn reopened(&self) -> anyhow::Result<()> {
        sqlx::query("update courts set paused_until = null, consecutive_failures = 0, openings = 0 where id = $1")
            .bind(self.court)
            .execute(&mut self.database().await?)
            .await?;
        Ok(())
    }

    /// The court's books and ours say the same about this court; what nobody can know is a doubt.
    async fn books_agree(&self, id: i64, billed: Billed) -> anyhow::Result<()> {
        let here = format!("court_id = '{}'", self.court);
        self.stack.until_counted(&here, PATIENCE).await?;
        let sold = self.stack.simulator().ledger().await?;
        let mut sold: Vec<i64> = sold
            .into_iter()
            .filter(|sale| sale.court == self.court)
            .map(|sale| sale.cents)
            .collect();
        let lines: Vec<(i64, String, Option<i32>)> = sqlx::query_as(
            "select request_id, state, billed_cents from purchases where court_id = $1",
        )
        .bind(self.court)
        .fetch_all(&mut self.database().await?)
        .await?;
        for (_, state, cents) in &lines {
            let Some(cents) = cents.filter(|cents| *cents > 0 && state == "captured") else {
                continue;
            };
            let place = sold.iter().position(|sale| *sale == i64::from(cents));
            sold.remove(place.with_context(|| format!("not sold: {cents} in {lines:?}"))?);
        }
        let of_this = |wanted: &str| {
            let lines = lines.iter().filter(|(request, ..)| *request == id);
            lines.filter(|(_, state, _)| state == wanted).count()
        };
        ensure!(
            sold.len() <= of_this("doubt"),
            "sold beside our books: {sold:?}, {lines:?}"
        );
        ensure!(of_this("intent") == 0, "an open intent");
        let unsure = billed == Billed::Perhaps;
        ensure!(
            unsure == (of_this("doubt") > 0),
            "doubt is where the table has it: {lines:?}"
        );
        Ok(())
    }

    async fn database(&self) -> anyhow::Result<PgConnection> {
        self.stack.database().await
    }
}

fn account(case: &Case) -> Account {
    Account::new(case.account, "not-a-real-password")
}

/// Whether a sentence is the expected one, [`ANY`] standing for anything.
fn says(said: &str, expected: &str) -> anyhow::Result<()> {
    let parts: Vec<&str> = expected.split(ANY).collect();
    let mut rest = said;
    for (place, part) in parts.iter().enumerate() {
        let found = rest.find(part);
        let found = found.filter(|found| place > 0 || *found == 0);
        let start = found.with_context(|| format!("says {said:?}, not {expected:?}"))?;
        rest = &rest[start + part.len()..];
    }
    Ok(())
}
