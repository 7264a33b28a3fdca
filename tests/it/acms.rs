//! Our readers of ACMS, on what the simulator's ACMS says. Nothing buys there, so this is the only
//! life that the two have together.

use anyhow::{Context, ensure};
use chrono::Utc;
use pacer::page::{acms_attachment_page, acms_docket, acms_index};
use pacer_fetch_client::raw::http_client;
use serde_json::{Value, json};
use testkit::Simulator;

const CASES: [&str; 3] = ["23-90021", "24-90023", "25-90024"];

#[tokio::test(flavor = "multi_thread")]
async fn our_readers_find_in_acms_what_is_true() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack.start().await?;
    let simulator = stack.simulator();
    for court in ["ca2", "ca9"] {
        let cookies = come_in(&simulator, court).await?;
        for number in CASES {
            let url = format!("{}/{court}-showdoc/Home/IndexContent", simulator.url());
            let asked = http_client().get(format!("{url}?caseIdentifier={number}"));
            let page = asked.header("cookie", &cookies).send().await?;
            let page = page.text().await?;
            let model = model(&page)?;
            let case = model["caseDetails"][0]["caseId"].as_str();
            let index = acms_index::parse(page.as_bytes(), court)?.context("a case")?;
            same(index.docket_number.as_deref(), Some(number))?;
            same(index.pacer_case_id.as_deref(), case)?;
            same(
                index.docket_entries.len(),
                list(&model["docketEntries"]).len(),
            )?;
            let ends = index.token_expires.context("the end of the token")?;
            ensure!(ends > Utc::now(), "{ends} is over");
            let truth = simulator.case(court, case.context("an id")?).await?;
            docket_is_true(court, &model, &truth)?;
            menus_are_true(court, &model, &truth)?;
        }
    }
    stack.stop().await
}

/// Logs in and walks to the court; gives its cookies.
async fn come_in(simulator: &Simulator, court: &str) -> anyhow::Result<String> {
    let (http, url) = (http_client(), simulator.url());
    let login = json!({"loginId": "demo", "password": "not-a-real-password"});
    let login = http.post(format!("{url}/services/cso-auth")).json(&login);
    let answer = login.header("accept", "application/json").send().await?;
    let answer: Value = answer.json().await?;
    let token = answer["nextGenCSO"].as_str().context("a token")?;
    // The way to the identity provider is one redirect, which is followed.
    let front = http.get(format!("{url}/{court}-showdoc/"));
    let form = front.header("cookie", format!("NextGenCSO={token}"));
    let form = form.send().await?.text().await?;
    let value = |name: &str| {
        let field = between(&form, &format!("name=\"{name}\" value=\""), "\"")?;
        Ok::<_, anyhow::Error>(format!("{name}={}", encoded(field)))
    };
    let body = format!("{}&{}", value("RelayState")?, value("SAMLResponse")?);
    let consumer = http
        .post(between(&form, "<form action=\"", "\"")?)
        .body(body);
    let kind = "application/x-www-form-urlencoded";
    let answer = consumer.header("content-type", kind).send().await?;
    let cookies = answer.headers().get_all("set-cookie").iter();
    let cookies: Vec<&str> = cookies
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .collect();
    Ok(cookies.join("; "))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> anyhow::Result<&'a str> {
    let found = text
        .split_once(start)
        .and_then(|(_, rest)| rest.split_once(end));
    let (found, _) = found.with_context(|| format!("{start} in {text}"))?;
    Ok(found)
}

fn encoded(text: &str) -> String {
    let letter = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(letter).collect()
}

fn model(page: &str) -> anyhow::Result<Value> {
    let object = between(page, "window.showDocViewModel = ", ";\n</script>")?;
    Ok(serde_json::from_str(object)?)
}

fn same<A: PartialEq<B> + std::fmt::Debug, B: std::fmt::Debug>(
    read: A,
    truth: B,
) -> anyhow::Result<()> {
    ensure!(read == truth, "{read:?} was read, and {truth:?} is true");
    Ok(())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn docket_is_true(court: &str, model: &Value, truth: &Value) -> anyhow::Result<()> {
    let mut info = model["docketInfo"].clone();
    info["docketEntries"] = model["docketEntries"].clone();
    let answers = json!({"caseDetails": model["caseDetails"][0], "docketInfo": info});
    let read = acms_docket::parse(answers.to_string().as_bytes(), court)?.context("a docket")?;
    same(json!(read.pacer_case_id), truth["acms_case_id"].clone())?;
    same(json!(read.docket_number), truth["docket_number"].clone())?;
    same(json!(read.case_name), truth["title"].clone())?;
    same(json!(read.date_filed), truth["date_filed"].clone())?;
    same(
        json!(read.fee_status),
        truth["appeal"]["fee_status"].clone(),
    )?;
    same(
        json!(read.appeal_from),
        truth["appeal"]["appeal_from"].clone(),
    )?;
    let below = &truth["appeal"]["origin"];
    let alien = read
        .originating_court_information
        .and_then(|below| below.restricted_alien_number);
    let is_agency = below["court"].is_null();
    same(
        alien.as_deref(),
        below["docket_number"].as_str().filter(|_| is_agency),
    )?;

    same(read.parties.len(), list(&truth["parties"]).len())?;
    for (party, truth) in read.parties.iter().zip(list(&truth["parties"])) {
        same(json!(party.name), truth["name"].clone())?;
        same(json!(party.party_type), truth["role"].clone())?;
        same(
            json!(party.date_terminated),
            truth["date_terminated"].clone(),
        )?;
        same(party.attorneys.len(), list(&truth["attorneys"]).len())?;
        for (attorney, truth) in party.attorneys.iter().zip(list(&truth["attorneys"])) {
            same(json!(attorney.name), truth["name"].clone())?;
            same(json!(attorney.roles), truth["roles"].clone())?;
            let contact: Vec<&str> = attorney.contact.lines().collect();
            same(json!(contact), truth["contact"].clone())?;
        }
    }

    let entries = list(&truth["entries"]);
    ensure!(
        !entries.is_empty() && read.docket_entries.len() == entries.len(),
        "entries"
    );
    for (entry, truth) in read.docket_entries.iter().zip(entries) {
        same(
            json!(entry.document_number),
            truth["document_number"].clone(),
        )?;
        same(json!(entry.pacer_doc_id), truth["acms_entry_id"].clone())?;
        same(
            json!(entry.date_filed.map(|time| time.date())),
            truth["date_filed"].clone(),
        )?;
        same(
            json!(entry.date_entered.map(|time| time.date())),
            truth["date_entered"].clone(),
        )?;
        let (text, _) = entry
            .description
            .split_once(" [Entered:")
            .context("a time")?;
        same(json!(text), truth["text"].clone())?;
        let pages = list(&truth["documents"]).iter();
        let pages: u64 = pages
            .filter_map(|document| document["pages"].as_u64())
            .sum();
        same(entry.page_count, Some(pages))?;
    }
    Ok(())
}

fn menus_are_true(court: &str, model: &Value, truth: &Value) -> anyhow::Result<()> {
    for (entry, truth) in list(&model["docketEntries"])
        .iter()
        .zip(list(&truth["entries"]))
    {
        let answers = json!({
            "caseDetails": model["caseDetails"][0],
            "docketEntry": entry,
            "docketEntryDocuments": entry["docketEntryDocuments"],
        });
        let answers = answers.to_string();
        let read = acms_attachment_page::parse(answers.as_bytes(), court)?.context("a menu")?;
        same(json!(read.pacer_doc_id), truth["acms_entry_id"].clone())?;
        same(json!(read.entry_number), truth["document_number"].clone())?;
        same(json!(read.date_end), truth["date_filed"].clone())?;
        same(json!(read.date_filed), truth["date_entered"].clone())?;
        let documents = list(&truth["documents"]);
        same(read.attachments.len(), documents.len())?;
        for (document, truth) in read.attachments.iter().zip(documents) {
            same(
                json!(document.acms_document_guid),
                truth["acms_document_id"].clone(),
            )?;
            same(json!(document.description), truth["description"].clone())?;
            // Here a document that stands alone is the first of one.
            let row = truth["attachment_number"].as_u64().context("a number")?;
            same(document.attachment_number, Some(row.max(1)))?;
            let pages = document.page_count.context("pages")?;
            let all = truth["pages"].as_u64().context("pages")?;
            ensure!(
                pages == all.min(30) || pages == 0,
                "{pages} of {all} pages are billed"
            );
            let cost = document.cost.as_ref().and_then(serde_json::Number::as_f64);
            same(
                cost.map(|dollars| (dollars * 10.0).round()),
                Some(pages as f64),
            )?;
        }
    }
    Ok(())
}
