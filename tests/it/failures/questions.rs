//! What may come in place of any answer, at every question that is put to a court.

use anyhow::{Context, ensure};
use futures_util::{StreamExt, stream};
use pacer::{
    court::{Court, System},
    page::answer::{
        Answer,
        table::{AnswerTo, Billed},
    },
};
use serde_json::{Value, json};

use super::{
    AT_ONCE, Row, all_are_well,
    case::{Case, DELIVERIES, FILINGS, ORDINARY, What, plain},
    courts, start,
};

/// A question that is put to a court.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// Which case has the number.
    Lookup,
    /// Whether something was filed since a docket was bought.
    Unchanged,
    /// The report.
    Report,
    /// The report again, after its price.
    Accepted,
    /// The docket of an appeal.
    Appeal,
    /// What a document costs.
    Price,
    /// The document, at its price.
    Order,
    /// The menu of an entry.
    Menu,
}

impl Question {
    const ALL: [Question; 8] = [
        Question::Lookup,
        Question::Unchanged,
        Question::Report,
        Question::Accepted,
        Question::Appeal,
        Question::Price,
        Question::Order,
        Question::Menu,
    ];

    /// What is submitted, so that the question is put.
    fn case(self) -> Case {
        match self {
            Question::Lookup | Question::Report => plain(What::Docket(ORDINARY)),
            Question::Accepted => plain(What::Docket(ORDINARY)).by("demo-receipts"),
            Question::Unchanged => plain(What::DocketAgain(ORDINARY)),
            Question::Appeal => plain(What::Docket(FILINGS)),
            Question::Price | Question::Order => plain(What::Document(DELIVERIES, 1)),
            Question::Menu => plain(What::Menu(DELIVERIES, 7)),
        }
    }

    /// The fault where the question is put, and again when it is asked once more.
    fn with(self, fault: Value, again: bool) -> Value {
        let (path, method) = match self {
            Question::Lookup => ("possible_case_numbers", "GET"),
            Question::Unchanged => ("iquery", "POST"),
            Question::Report | Question::Accepted => ("DktRpt", "POST"),
            // Nothing else is asked before.
            Question::Appeal => ("", "GET"),
            Question::Price | Question::Menu => ("doc1", "GET"),
            Question::Order => ("doc1", "POST"),
        };
        // The price of a report comes before it.
        let pass = json!({"kind": "pass"});
        let once = match self {
            Question::Accepted => vec![pass, fault],
            _ => vec![fault],
        };
        let steps = match again {
            true => [once.clone(), once].concat(),
            false => once,
        };
        json!({"kind": "script", "steps": steps, "path": path, "method": method})
    }

    /// An account whose session nobody else uses.
    fn loser(self) -> &'static str {
        match self {
            Question::Lookup => "loser-lookup",
            Question::Unchanged => "loser-unchanged",
            Question::Report => "loser",
            Question::Accepted => "loser-accepted",
            Question::Appeal => "loser-appeal",
            Question::Price => "loser-price",
            Question::Order => "loser-order",
            Question::Menu => "loser-menu",
        }
    }

    /// Whether what is asked may be charged by the answer that is lost.
    fn may_cost(self) -> bool {
        match self {
            Question::Lookup | Question::Unchanged => false,
            Question::Report
            | Question::Accepted
            | Question::Appeal
            | Question::Price
            | Question::Order
            | Question::Menu => true,
        }
    }
}

/// How an answer comes about that may come to any question.
fn fault(answer: Answer) -> Option<Value> {
    let status = |status: u16| json!({"kind": "status", "status": status});
    Some(match answer {
        Answer::TimedOut => json!({"kind": "hang"}),
        Answer::BrokenOff => json!({"kind": "reset"}),
        Answer::TooLarge => json!({"kind": "page", "body": "x".repeat(2_000_001)}),
        Answer::Forbidden => status(403),
        Answer::NotFound => status(404),
        Answer::RequestTimeout => status(408),
        Answer::TooManyRequests => {
            json!({"kind": "status", "status": 429, "retry_after": "1"})
        }
        Answer::Unavailable => status(503),
        Answer::ServerFailed => status(500),
        Answer::GatewayFailed => status(504),
        Answer::OtherStatus => status(418),
        Answer::Xml => json!({"kind": "xml"}),
        Answer::Maintenance => json!({"kind": "maintenance"}),
        Answer::ExcessiveUsage => json!({"kind": "excessive_usage"}),
        Answer::LoginPage => json!({"kind": "login_page"}),
        Answer::NoPrivileges => json!({"kind": "no_privileges"}),
        Answer::ClientCodeRequired => {
            json!({"kind": "notice", "notice": "client_code_required"})
        }
        Answer::Unrecognised => json!({"kind": "unknown_html"}),
        _ => return None,
    })
}

/// The rows that may come to any question. One without a fault has a test of its own.
fn rows() -> anyhow::Result<Vec<Answer>> {
    let mut rows = Vec::new();
    for row in Answer::ALL {
        if row.row().asked != AnswerTo::Anything || row == Answer::NotReached {
            continue;
        }
        ensure!(fault(row).is_some(), "{row:?} never comes about here");
        rows.push(row);
    }
    Ok(rows)
}

/// Whether an answer may come to a question. An appellate court's 404 is a row of its own.
fn may_come(answer: Answer, question: Question) -> bool {
    (answer, question) != (Answer::NotFound, Question::Appeal)
}

/// Appellate courts with a docket of their own, which have no ACMS.
fn appellate() -> Vec<&'static str> {
    Court::all()
        .iter()
        .filter(|court| court.system == System::Appellate && court.is_pacer_court() && !court.acms)
        .filter(|court| court.cl_id.as_deref() == Some(court.id.as_str()))
        .map(|court| court.id.as_str())
        .filter(|id| id.starts_with("ca"))
        .collect()
}

/// A court, and what is tried there.
type AtCourt<C> = (&'static str, Vec<C>);

/// The cells of the table that are tried at one court, one after the other.
fn cells() -> anyhow::Result<Vec<AtCourt<(Answer, Question)>>> {
    let rows = rows()?;
    let (mut unsure, mut sure): (Vec<_>, Vec<_>) = Question::ALL
        .into_iter()
        .flat_map(|question| rows.iter().map(move |row| (*row, question)))
        .filter(|(row, question)| may_come(*row, *question))
        .partition(|(row, _)| row.row().billed == Billed::Perhaps);
    // What is in doubt comes last at its court, and after another question.
    unsure.reverse();
    sure.append(&mut unsure);
    let (appeals, others): (Vec<_>, Vec<_>) = sure
        .into_iter()
        .partition(|(_, question)| *question == Question::Appeal);
    let courts = courts(System::District, 'd').chain(courts(System::Bankruptcy, 'b'));
    Ok([dealt(appeals, appellate()), dealt(others, courts.collect())].concat())
}

/// Deals cells out to courts.
fn dealt<C>(cells: Vec<C>, courts: Vec<&'static str>) -> Vec<AtCourt<C>> {
    let count = courts.len();
    let mut all: Vec<_> = courts
        .into_iter()
        .map(|court| (court, Vec::new()))
        .collect();
    for (place, cell) in cells.into_iter().enumerate() {
        all[place % count].1.push(cell);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_ends_as_it_says_at_every_question() -> anyhow::Result<()> {
    let Some(mut stack) = start().await? else {
        return Ok(());
    };
    let api = stack.user("reader").await?;
    let results: Vec<_> = stream::iter(cells()?)
        .map(|(court, cells)| {
            let (stack, api) = (&stack, &api);
            async move {
                for (answer, question) in cells {
                    let row = Row {
                        stack,
                        api,
                        answer,
                        court,
                    };
                    row.check_at(answer, question)
                        .await
                        .with_context(|| format!("{answer:?} at {question:?} of {court}"))?;
                }
                Ok(())
            }
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    all_are_well(results)?;
    stack.stop_with_errors(&["excessive usage"]).await
}

impl Row<'_> {
    async fn check_at(&self, answer: Answer, question: Question) -> anyhow::Result<()> {
        let fault = fault(answer).context("a fault")?;
        let fault = question.with(fault, self.is_asked_again());
        let billed = match self.answer.row().billed {
            Billed::Perhaps if !question.may_cost() => Billed::No,
            billed => billed,
        };
        let case = question.case();
        let case = match answer {
            // Its session is ended, and nobody else's.
            Answer::LoginPage => case.by(question.loser()),
            _ => case,
        };
        self.reopened().await?;
        self.check(&case.goes_wrong(fault), billed).await
    }
}
