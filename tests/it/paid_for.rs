//! A court that has taken money and then answers with something else: what our books say of it is
//! what the court's books say, and nothing is ordered that was not meant to be.

use std::time::Duration;

use anyhow::{Context, ensure};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use testkit::{Account, Api, Stack};

const PATIENCE: Duration = Duration::from_secs(300);
const PASSWORD: &str = "not-a-real-password";
/// Document 1 comes at once, document 2 in a frame.
const DELIVERIES: &str = "1:20-cv-90009";
const ELSEWHERE: &str = "https://elsewhere.example/";

/// What is asked for, by whom, what the court does, and what the books say then.
struct Story {
    /// What happens, for whoever reads that it went wrong.
    name: &'static str,
    court: &'static str,
    account: &'static str,
    what: What,
    /// The most that it may cost, in cents; empty for no limit.
    max_cost: &'static str,
    /// The court's answers, given the document.
    fault: fn(&Sheet) -> Value,
    /// What the court sells.
    sales: usize,
    /// The states of our lines.
    lines: &'static [&'static str],
    status: i64,
}

#[derive(Clone, Copy)]
enum What {
    Document(i64),
    Menu(i64),
    Appeal,
}

/// A document as its court knows it.
#[derive(Debug, Default)]
struct Sheet {
    court: String,
    case: String,
    /// The id that asks for the document past its menu.
    doc: String,
    pages: u32,
}

impl Sheet {
    /// A receipt of the document, as courts show it before and after.
    fn receipt(&self) -> String {
        Sheet::receipt_for(self.pages.min(30))
    }

    fn receipt_for(pages: u32) -> String {
        format!(
            "<table><tr><th colspan='4'>Transaction Receipt</th></tr>\
             <tr><th>PACER Login:</th><td>demo</td><th>Client Code:</th><td></td></tr>\
             <tr><th>Description:</th><td>Image2-0</td><th>Case Number:</th><td>{DELIVERIES}</td></tr>\
             <tr><th>Billable Pages:</th><td>{pages}</td><th>Cost:</th><td>{}.{:02}</td></tr></table>",
            pages / 10,
            pages % 10 * 10
        )
    }

    /// The price page, whose form orders the document.
    fn price_page(&self) -> String {
        self.price_page_with(&self.receipt())
    }

    fn price_page_with(&self, receipt: &str) -> String {
        let action = format!("/{}/doc1/{}", self.court, self.doc);
        format!(
            "<html><p>To accept charges shown below, click on the 'View Document' button</p>\
             <form method='POST' action='{action}' onsubmit=\"goDLS('{action}','{}','','1','','1','','');\
             return(false)\">{}<input type='submit' value='View Document'></form></html>",
            self.case, receipt
        )
    }
}

const STORIES: [Story; 8] = [
    Story {
        name: "a price page in place of paid bytes orders nothing",
        court: "cand",
        account: "demo",
        what: What::Document(2),
        max_cost: "",
        fault: |sheet| json!({"path": "show_temp", "times": 1, "kind": "page", "body": sheet.price_page()}),
        sales: 1,
        lines: &["captured"],
        status: 2,
    },
    Story {
        name: "a link elsewhere in place of a menu does not ask for the menu again",
        court: "ilnd",
        account: "never",
        what: What::Menu(1),
        max_cost: "",
        fault: |_| {
            json!({"path": "doc1", "times": 4, "kind": "page", "billed": true,
                   "body": format!("<html><iframe src='{ELSEWHERE}'></iframe></html>")})
        },
        sales: 1,
        lines: &["doubt"],
        status: 3,
    },
    Story {
        name: "a redirect elsewhere after a sale in place of a menu is asked again for the bytes",
        court: "mad",
        account: "never",
        what: What::Menu(2),
        max_cost: "",
        fault: |_| json!({"path": "show_temp", "times": 1, "kind": "redirect", "location": ELSEWHERE}),
        sales: 1,
        lines: &["captured"],
        status: 6,
    },
    Story {
        name: "a sale in place of a menu that leads on and on is a doubt",
        court: "cacd",
        account: "never",
        what: What::Menu(2),
        max_cost: "",
        fault: |sheet| {
            json!({"path": "show_temp", "times": null, "kind": "redirect",
                   "location": format!("/{}/cgi-bin/show_temp.pl?file=none", sheet.court)})
        },
        sales: 1,
        lines: &["doubt"],
        status: 3,
    },
    Story {
        name: "a redirect elsewhere after the price of an appeal was accepted is a doubt",
        court: "ca4",
        account: "asked",
        what: What::Appeal,
        max_cost: "",
        fault: |_| json!({"method": "POST", "times": 1, "kind": "redirect", "location": ELSEWHERE}),
        sales: 1,
        lines: &["doubt"],
        status: 3,
    },
    Story {
        name: "a receipt that comes in place of paid bytes is the bill",
        court: "dcd",
        account: "demo",
        what: What::Document(2),
        max_cost: "",
        fault: |sheet| {
            let body = format!("<html><p>Something new.</p>{}</html>", sheet.receipt());
            json!({"path": "show_temp", "times": null, "kind": "page", "body": body})
        },
        sales: 1,
        lines: &["captured"],
        status: 3,
    },
    Story {
        name: "a redirect from paid bytes to where they are sold orders nothing",
        court: "gand",
        account: "never",
        what: What::Document(2),
        max_cost: "",
        fault: |sheet| {
            json!({"path": "show_temp", "times": 1, "kind": "redirect",
                   "location": format!("/{}/doc1/{}", sheet.court, sheet.doc)})
        },
        sales: 1,
        lines: &["captured"],
        status: 2,
    },
    Story {
        name: "a higher price after the order is held against the limits as well",
        court: "nyed",
        account: "demo",
        what: What::Document(2),
        max_cost: "200",
        fault: |sheet| {
            json!({"path": "doc1", "method": "POST", "times": 1, "kind": "page",
                   "body": sheet.price_page_with(&Sheet::receipt_for(300))})
        },
        sales: 0,
        lines: &["void"],
        status: 3,
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_court_answers_after_a_sale_the_books_agree() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let accounts = [
        format!("demo:{PASSWORD}"),
        format!("never:{PASSWORD}:no-receipts,fixed-receipts"),
        format!("asked:{PASSWORD}:confirm-charges"),
    ];
    let stack = accounts.iter().fold(stack, |stack, account| {
        stack.simulator_arg("--account").simulator_arg(account)
    });
    let stack = stack
        .with(|builder| {
            builder.setting("login", "LOGIN_MIN_GAP_MS", "0").setting(
                "login",
                "LOGIN_MAX_PER_HOUR",
                "3600",
            )
        })
        .start()
        .await?;
    let api = stack.user("reader").await?;
    let failed: Vec<String> = stream::iter(&STORIES)
        .map(|story| {
            let (stack, api) = (&stack, &api);
            async move { story.play(stack, api).await.context(story.name) }
        })
        .buffer_unordered(3)
        .filter_map(async |result| result.err().map(|error| format!("{error:#}")))
        .collect()
        .await;
    ensure!(failed.is_empty(), "{}", failed.join("\n\n"));
    stack.stop().await
}

impl Story {
    async fn play(&self, stack: &Stack, api: &Api) -> anyhow::Result<()> {
        let (form, sheet) = self.prepare(stack, api).await?;
        let before = self.sold(stack).await?.len();
        let mut fault = (self.fault)(&sheet);
        fault["court"] = self.court.into();
        stack.simulator().order_fault(&fault).await?;
        let mut form: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        if !self.max_cost.is_empty() {
            form.push(("max_cost_cents", self.max_cost));
        }
        let account = Account::new(self.account, PASSWORD);
        let request = api.submit(&account, &form).await?;
        let done = api.wait(&request, PATIENCE).await?;
        let id = request["id"].as_i64().context("an id")?;
        let bills = format!("request_id = {id}");
        stack.until_counted(&bills, PATIENCE).await?;
        let sold = self.sold(stack).await?;
        let lines: Vec<(String, Option<i32>)> = sqlx::query_as(
            "select state, billed_cents from purchases where request_id = $1 order by id",
        )
        .bind(id)
        .fetch_all(&mut stack.database().await?)
        .await?;
        let told = format!("sold {:?}, booked {lines:?}, told {done}", &sold[before..]);
        ensure!(sold.len() - before == self.sales, "{told}");
        let states: Vec<&str> = lines.iter().map(|(state, _)| state.as_str()).collect();
        ensure!(states == self.lines, "{told}");
        let booked: i64 = lines
            .iter()
            .filter_map(|(_, cents)| *cents)
            .map(i64::from)
            .sum();
        let charged: i64 = sold[before..].iter().sum();
        ensure!(states.contains(&"doubt") || booked == charged, "{told}");
        ensure!(done["status"] == self.status, "{told}");
        Ok(())
    }

    /// The fields of the request, and the document that it is about.
    async fn prepare(
        &self,
        stack: &Stack,
        api: &Api,
    ) -> anyhow::Result<(Vec<(&'static str, String)>, Sheet)> {
        let docket = |number: &str| {
            vec![
                ("request_type", "1".to_owned()),
                ("court", self.court.to_owned()),
                ("docket_number", number.to_owned()),
                ("on_doubt", "stop".to_owned()),
            ]
        };
        let (kind, entry) = match self.what {
            What::Appeal => return Ok((docket("20-90006"), Sheet::default())),
            What::Document(entry) => ("2", entry),
            What::Menu(entry) => ("3", entry),
        };
        let form = docket(DELIVERIES);
        let form: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let request = api.submit(&Account::new("demo", PASSWORD), &form).await?;
        let done = api.wait(&request, PATIENCE).await?;
        ensure!(done["status"] == 2, "{done}");
        let (id, doc, case): (i64, String, String) = sqlx::query_as(
            "select d.id, d.pacer_doc_id, k.pacer_case_id from recap_documents d
             join docket_entries e on e.id = d.docket_entry_id
             join dockets k on k.id = e.docket_id
             where k.id = $1 and e.entry_number = $2 and d.attachment_number is null",
        )
        .bind(done["docket"].as_i64().context("a docket")?)
        .bind(entry)
        .fetch_one(&mut stack.database().await?)
        .await?;
        let known = stack.simulator().document(self.court, &doc).await?;
        let form = vec![
            ("request_type", kind.to_owned()),
            ("recap_document", id.to_string()),
            ("on_doubt", "stop".to_owned()),
        ];
        let sheet = Sheet {
            court: self.court.to_owned(),
            case,
            doc: format!("{}1{}", &doc[..3], &doc[4..]),
            pages: known.pages,
        };
        Ok((form, sheet))
    }

    /// What the court has sold, in cents.
    async fn sold(&self, stack: &Stack) -> anyhow::Result<Vec<i64>> {
        let sales = stack.simulator().ledger().await?;
        let here = sales.into_iter().filter(|sale| sale.court == self.court);
        Ok(here.map(|sale| sale.cents).collect())
    }
}
