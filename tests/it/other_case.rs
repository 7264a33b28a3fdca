//! A court that answers with something else than what was asked for: the docket of another case, the
//! price of another document, a document with the stamp of another one.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use testkit::{Account, Api, Stack};

const PATIENCE: Duration = Duration::from_secs(300);
const WANTED: &str = "1:20-cv-90014";
const OTHER: &str = "1:20-cv-90009";
/// Appeals.
const WANTED_APPEAL: &str = "20-90006";
const OTHER_APPEAL: &str = "20-90003";

async fn fetch(api: &Api, form: &[(&str, &str)]) -> anyhow::Result<Value> {
    let request = api.submit(&Account::demo(), form).await?;
    Ok(api.wait(&request, PATIENCE).await?)
}

async fn docket(api: &Api, court: &str, number: &str) -> anyhow::Result<Value> {
    let form = [
        ("request_type", "1"),
        ("court", court),
        ("docket_number", number),
        ("show_parties_and_counsel", "true"),
    ];
    fetch(api, &form).await
}

/// Makes the next docket of a court one of this case.
async fn mistake(stack: &Stack, court: &str, method: &str, number: &str) -> anyhow::Result<()> {
    let cases = stack.simulator().cases_of(court).await?;
    let case = cases
        .iter()
        .find(|case| case.docket_number == number)
        .with_context(|| format!("{number} at {court}"))?;
    let id: u64 = case.pacer_case_id.parse()?;
    let path = if method == "POST" {
        "DktRpt"
    } else {
        "CaseSummary"
    };
    let fault = json!({"court": court, "path": path, "method": method, "kind": "other_case",
                       "pacer_case_id": id});
    stack.simulator().order_fault(&fault).await
}

/// Entries, parties and documents of a docket, as numbers.
async fn content(stack: &Stack, docket: i64) -> anyhow::Result<(String, i64, i64)> {
    Ok(sqlx::query_as(
        "select case_name || docket_number_raw,
                (select count(*) from docket_entries where docket_id = $1),
                (select count(*) from recap_documents d join docket_entries e
                    on e.id = d.docket_entry_id where e.docket_id = $1)
         from dockets where id = $1",
    )
    .bind(docket)
    .fetch_one(&mut stack.database().await?)
    .await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_docket_of_another_case_is_paid_and_kept_and_not_stored() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("clerk").await?;
    let at = [
        ("cand", "POST", WANTED, OTHER),
        ("ca4", "GET", WANTED_APPEAL, OTHER_APPEAL),
    ];
    for (court, method, wanted, other) in at {
        let right = docket(&api, court, wanted).await?;
        ensure!(right["status"] == 2, "{right}");
        let id = right["docket"].as_i64().context("a docket")?;
        let before = content(&stack, id).await?;
        let dockets: i64 = sqlx::query_scalar("select count(*) from dockets")
            .fetch_one(&mut stack.database().await?)
            .await?;

        mistake(&stack, court, method, other).await?;
        let wrong = docket(&api, court, wanted).await?;
        let said = wrong["message"].as_str().unwrap_or_default();
        ensure!(
            wrong["status"] == 3 && said.contains(wanted) && said.contains(other),
            "{wrong}"
        );
        ensure!(
            content(&stack, id).await? == before,
            "{court}: it is stored"
        );
        let now: i64 = sqlx::query_scalar("select count(*) from dockets")
            .fetch_one(&mut stack.database().await?)
            .await?;
        ensure!(now == dockets, "{court}: a docket came into being");
        let request = wrong["id"].as_i64().context("an id")?;
        let kept: Vec<(String, String)> = sqlx::query_as(
            "select purchases.state, captures.item_key from purchases
             join captures on captures.id = capture_id where purchases.request_id = $1",
        )
        .bind(request)
        .fetch_all(&mut stack.database().await?)
        .await?;
        ensure!(
            matches!(&kept[..], [(state, key)]
                if state == "captured" && key.starts_with("other-case/docket/")),
            "{kept:?}"
        );

        // Nobody takes that page for the docket that was asked for.
        let again = docket(&api, court, wanted).await?;
        ensure!(again["status"] == 2, "{again}");
        ensure!(content(&stack, id).await? == before, "{court}: another one");
        stack.assert_bill_equals_ledger().await?;
    }
    stack.stop().await
}

/// A PDF of one page with this line on it.
fn stamped(line: &str) -> String {
    let content = format!(
        "BT /F1 10 Tf 60 770 Td ({line}) Tj ET\nBT /F1 12 Tf 72 600 Td (The motion of the Kettle Works is denied for want of prosecution.) Tj ET"
    );
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(pdf.len());
        pdf.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let start = pdf.len();
    pdf.push_str("xref\n0 6\n0000000000 65535 f \n");
    for offset in offsets {
        pdf.push_str(&format!("{offset:010} 00000 n \n"));
    }
    pdf.push_str(&format!(
        "trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ));
    pdf
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_page_or_a_stamp_of_another_document_is_noted() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let api = stack.user("clerk").await?;
    let done = docket(&api, "cand", OTHER).await?;
    let docket = done["docket"].as_i64().context("a docket")?;
    let (id, doc): (i64, String) = sqlx::query_as(
        "select d.id, d.pacer_doc_id from recap_documents d
         join docket_entries e on e.id = d.docket_entry_id
         where e.docket_id = $1 and e.entry_number = 1 and d.attachment_number is null",
    )
    .bind(docket)
    .fetch_one(&mut stack.database().await?)
    .await?;
    let action = format!("/cand/doc1/{}1{}", &doc[..3], &doc[4..]);
    let price = format!(
        "<html><p>To accept charges shown below, click</p><form method='POST' action='{action}'>\
         <table><tr><th colspan='4'>Transaction Receipt</th></tr>\
         <tr><th>Description:</th><td>Image7-0</td><th>Case Number:</th><td>1:19-cv-00777</td></tr>\
         <tr><th>Billable Pages:</th><td>1</td><th>Cost:</th><td>0.10</td></tr></table></form></html>"
    );
    let first =
        json!({"court": "cand", "path": "doc1", "method": "GET", "kind": "page", "body": price});
    stack.simulator().order_fault(&first).await?;
    let file = stamped("Case 1:19-cv-00777-ABC Document 7 Filed 01/02/20 Page 1 of 1");
    let second = json!({"court": "cand", "path": "doc1", "method": "POST", "kind": "page",
                        "billed": true, "as_pdf": true, "body": file});
    stack.simulator().order_fault(&second).await?;
    let done = fetch(
        &api,
        &[("request_type", "2"), ("recap_document", &id.to_string())],
    )
    .await?;
    let said = done["message"].as_str().unwrap_or_default();
    ensure!(done["status"] == 2, "{done}");
    ensure!(
        said.contains("document 7 of 1:19-cv-00777")
            && said.contains("document 1 of 1:20-cv-90009"),
        "{said}"
    );
    let noted: String = sqlx::query_scalar(
        "select detail from fetch_steps where request_id = $1 and step = 'differs'",
    )
    .bind(done["id"].as_i64().context("an id")?)
    .fetch_one(&mut stack.database().await?)
    .await?;
    ensure!(noted.contains("1:19-cv-00777"), "{noted}");
    stack.stop().await
}
