//! Scans are read by all readers together, page by page; what dies costs seconds.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, ensure};
use fetch_bus::{
    Role,
    wire::{WatchRequest, fetch_client::FetchClient},
};
use fetch_control::Control;
use fetch_db::DbConfig;
use fetch_model::Durations;
use futures_util::{StreamExt, stream};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref};
use serde_json::{Value, json};
use testkit::{Account, Api, DEMO_DOCKET, Stack};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A reader that fell silent is noticed after its lease, 8 seconds, on an idle machine.
const NOTICED_WITHIN: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread")]
async fn two_readers_share_a_scan_and_one_may_die() -> anyhow::Result<()> {
    share_a_scan(24, Duration::from_secs(180)).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make bench-spread"]
async fn a_scan_of_300_pages_is_shared_too() -> anyhow::Result<()> {
    share_a_scan(300, Duration::from_secs(1800)).await
}

/// Two users want the same long scan at the same time; two readers share it; one is killed.
async fn share_a_scan(pages: i32, patience: Duration) -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack
        .simulator_arg("--long-scan")
        .simulator_arg(pages)
        .replicas("ocr", 2)
        .with(|builder| builder.setting("ocr", "SLOTS", "1"))
        .start()
        .await?;
    let [one, other] = [stack.user("one").await?, stack.user("other").await?];
    let document = long_scan(&stack, &one).await?;
    let id = document.to_string();
    let form = [("request_type", "2"), ("recap_document", &*id)];
    let announced = listen(&stack).await?;

    let started = Instant::now();
    let first = one.submit(&Account::demo(), &form).await?;
    let watched = watch(&stack, &one, &first).await?;
    // The second comes to what the first has begun to buy, and hears of what is still to be read.
    let begun = "select exists (select from purchases where request_id = $1)";
    until(&stack, begun, &first).await?;
    let second = other.submit(&Account::demo(), &form).await?;
    let held = both_at_work(&stack, patience).await?;
    let begun = started.elapsed();
    stack.kill("ocr").await?;
    let killed = Instant::now();
    taken_over(&stack, &held).await?;
    let lost = killed.elapsed();

    for (api, request) in [(&one, &first), (&other, &second)] {
        let done = api.wait(request, patience).await?;
        ensure!(done["status"] == 2, "{done}");
        ensure!(
            done["message"]
                .as_str()
                .is_some_and(|said| said.starts_with("Successfully completed fetch and save.")),
            "{done}"
        );
    }
    println!(
        "{pages} pages read in {:.1} s by two readers; both at work after {:.1} s; the pages of the \
         one that was killed went on after {:.1} s",
        started.elapsed().as_secs_f64(),
        begun.as_secs_f64(),
        lost.as_secs_f64(),
    );
    for request in [&first, &second] {
        print_figures(&stack, request["id"].as_i64().context("an id")?).await?;
    }

    text_is_whole(&one, document, pages).await?;
    pages_are_told(&one, document, pages).await?;
    read_once(&stack, pages).await?;
    let heard = announced.lock().expect("nobody panics with it").clone();
    let id = first["id"].as_i64().context("an id")?;
    let seen = heard.iter().filter(|(whose, ..)| *whose == id);
    let seen: BTreeSet<i32> = seen.map(|(_, read, _)| *read).collect();
    ensure!(
        seen.len() > 10,
        "of request {id} only {seen:?} was announced"
    );
    let messages = watched.await??;
    let telling = format!(" of {pages} pages.");
    let told = messages
        .iter()
        .filter(|text| text.ends_with(&telling))
        .count();
    ensure!(told > 3, "a watcher saw {messages:?}");
    ensure!(
        stack.simulator().ledger().await?.len() == 2,
        "a docket and one document were bought"
    );
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}

/// Buys the demo docket; gives its long scan.
async fn long_scan(stack: &Stack, api: &Api) -> anyhow::Result<i64> {
    let docket = api.submit(&Account::demo(), DEMO_DOCKET).await?;
    let docket = api.wait(&docket, Duration::from_secs(120)).await?;
    ensure!(docket["status"] == 2, "{docket}");
    let simulator = stack.simulator();
    let number = simulator
        .document_number("okwd", "5:16-cv-00432", true)
        .await?;
    let find = "select id from recap_documents where pacer_doc_id = $1";
    let id = sqlx::query_scalar(find).bind(number);
    Ok(id.fetch_one(&mut stack.database().await?).await?)
}

/// Request, pages read and all pages of every announcement that tells them.
type Heard = Arc<Mutex<Vec<(i64, i32, i32)>>>;

async fn listen(stack: &Stack) -> anyhow::Result<Heard> {
    let config = stack.nats().config(Role::Gateway);
    let bus = fetch_bus::connect(Role::Gateway, &config).await?;
    let mut announcements = bus.announcements().await?;
    let heard = Heard::default();
    let sink = heard.clone();
    tokio::spawn(async move {
        // The connection lives as long as somebody listens to it.
        let _bus = bus;
        while let Some(announcement) = announcements.next().await {
            if let Some(pages) = announcement.pages {
                let line = (announcement.request.0, pages.read, pages.all);
                sink.lock().expect("nobody panics with it").push(line);
            }
        }
    });
    Ok(heard)
}

/// The messages that a watcher of the gRPC door sees.
async fn watch(
    stack: &Stack,
    api: &Api,
    request: &Value,
) -> anyhow::Result<JoinHandle<anyhow::Result<Vec<String>>>> {
    let mut client = FetchClient::new(stack.grpc().await?);
    let id = request["id"].as_i64().context("an id")?;
    let mut asked = tonic::Request::new(WatchRequest { id, expand: None });
    let token = format!("Token {}", api.token).parse()?;
    asked.metadata_mut().insert("authorization", token);
    let mut changes = client.watch(asked).await?.into_inner();
    Ok(tokio::spawn(async move {
        let mut messages = Vec::new();
        while let Some(change) = changes.next().await {
            messages.push(change?.message);
        }
        Ok(messages)
    }))
}

/// The parts that are held, and the tokens of their claims, once two readers have one each and
/// pages are coming.
async fn both_at_work(stack: &Stack, within: Duration) -> anyhow::Result<Vec<(i64, i64)>> {
    let deadline = Instant::now() + within;
    let mut database = stack.database().await?;
    loop {
        let held: Vec<(i64, i64, String)> = sqlx::query_as(
            "select id, fence, worker from text_parts
             where is_open and worker is not null
               and exists (select from text_pages
                           where text_pages.sha256 = text_parts.sha256 and source like '%ocr')",
        )
        .fetch_all(&mut database)
        .await?;
        let readers: BTreeSet<&String> = held.iter().map(|(.., worker)| worker).collect();
        if readers.len() == 2 {
            return Ok(held.into_iter().map(|(id, fence, _)| (id, fence)).collect());
        }
        ensure!(Instant::now() < deadline, "only {readers:?} read");
        sleep(LOOK_EVERY).await;
    }
}

/// Waits until the answer to a question about a request is yes.
async fn until(stack: &Stack, question: &'static str, request: &Value) -> anyhow::Result<()> {
    let id = request["id"].as_i64().context("an id")?;
    let deadline = Instant::now() + NOTICED_WITHIN;
    let mut database = stack.database().await?;
    loop {
        let yes: bool = sqlx::query_scalar(question)
            .bind(id)
            .fetch_one(&mut database)
            .await?;
        if yes {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "not of request {id}: {question}");
        sleep(LOOK_EVERY).await;
    }
}

/// Waits until one of the parts was claimed anew.
async fn taken_over(stack: &Stack, held: &[(i64, i64)]) -> anyhow::Result<()> {
    let deadline = Instant::now() + NOTICED_WITHIN;
    let mut database = stack.database().await?;
    loop {
        for (id, fence) in held {
            let now: i64 = sqlx::query_scalar("select fence from text_parts where id = $1")
                .bind(id)
                .fetch_one(&mut database)
                .await?;
            if now > *fence {
                return Ok(());
            }
        }
        ensure!(Instant::now() < deadline, "nobody went on with {held:?}");
        sleep(LOOK_EVERY).await;
    }
}

async fn text_is_whole(api: &Api, document: i64, pages: i32) -> anyhow::Result<()> {
    let read = api.get(&format!("recap-documents/{document}/")).await?;
    ensure!(read["ocr_status"] == 1, "ocr_status {}", read["ocr_status"]);
    ensure!(
        read["page_count"] == pages,
        "page_count {}",
        read["page_count"]
    );
    let text = read["plain_text"].as_str().context("plain_text")?;
    let sheets: Vec<&str> = text.split('\u{c}').collect();
    ensure!(
        sheets.len() == usize::try_from(pages)?,
        "{} pages of text",
        sheets.len()
    );
    let right = sheets
        .iter()
        .zip(1..)
        .filter(|(sheet, number)| says_its_number(sheet, *number));
    let right = right.count();
    // A digit may be misread; a page in another's place would be many.
    ensure!(
        right * 20 >= sheets.len() * 19,
        "{right} pages say what they are: {text}"
    );
    Ok(())
}

/// Whether a page says that it has this number. The zero of the simulator's scans has a dot in it,
/// and may be read as anything.
fn says_its_number(sheet: &str, number: usize) -> bool {
    let number = number.to_string();
    sheet
        .split_once("Sheet number ")
        .and_then(|(_, after)| after.split_once(" of the inventory"))
        .is_some_and(|(read, _)| {
            let alike = |(read, digit)| digit == '0' || read == digit;
            read.len() == number.len() && read.chars().zip(number.chars()).all(alike)
        })
}

/// What the extension says page by page.
async fn pages_are_told(api: &Api, document: i64, pages: i32) -> anyhow::Result<()> {
    let path = format!("recap-documents/{document}/pages/");
    let whole = api.get(&path).await?;
    ensure!(
        whole["state"] == "done" && whole["pages_read"] == pages,
        "{whole}"
    );
    let first = api.get(&format!("{path}?count=10&text=1")).await?;
    let rows = first["results"].as_array().context("results")?;
    ensure!(rows.len() == 10, "{first}");
    for row in rows {
        ensure!(row["reason"] == "only-pictures", "{row}");
        ensure!(
            row["source"]
                .as_str()
                .is_some_and(|word| word.contains("ocr")),
            "{row}"
        );
        ensure!(
            row["confidence"].as_f64().is_some_and(|mean| mean > 60.0),
            "{row}"
        );
        ensure!(
            row["text"]
                .as_str()
                .is_some_and(|text| text.contains("inventory")),
            "{row}"
        );
    }
    let next = first["next"].as_str().context("a link to the next pages")?;
    ensure!(next.contains("first=11"), "{next}");
    let wrong = api
        .send(api.request(
            "GET".parse()?,
            &format!("/api/rest/v4/{path}?first=0&count=soon"),
        ))
        .await?;
    ensure!(wrong.status == 400, "{}", wrong.body);
    ensure!(
        wrong.body["first"].is_array() && wrong.body["count"].is_array(),
        "{}",
        wrong.body
    );
    Ok(())
}

/// One text, and each page counted once.
async fn read_once(stack: &Stack, pages: i32) -> anyhow::Result<()> {
    let mut database = stack.database().await?;
    let texts: Vec<(String, i32)> = sqlx::query_as("select state, pages_read from texts")
        .fetch_all(&mut database)
        .await?;
    ensure!(texts == [("done".to_owned(), pages)], "{texts:?}");
    let open: i64 = sqlx::query_scalar("select count(*) from text_parts where is_open")
        .fetch_one(&mut database)
        .await?;
    ensure!(open == 0, "{open} parts are open");
    Ok(())
}

async fn figures(stack: &Stack, request: i64) -> anyhow::Result<Durations> {
    let steps: Vec<(chrono::DateTime<chrono::Utc>, String)> =
        sqlx::query_as("select at, step from fetch_steps where request_id = $1 order by id")
            .bind(request)
            .fetch_all(&mut stack.database().await?)
            .await?;
    Ok(Durations::of(
        steps.iter().map(|(at, step)| (*at, step.as_str())),
    ))
}

async fn print_figures(stack: &Stack, request: i64) -> anyhow::Result<()> {
    let figures = figures(stack, request).await?;
    let all = [
        ("queue", figures.queue()),
        ("buy", figures.buy()),
        ("read", figures.read()),
    ];
    let told: Vec<String> = all
        .into_iter()
        .map(|(name, stretch)| match stretch {
            Some(stretch) => format!("{name} {:.2} s", stretch.as_secs_f64()),
            None => format!("{name} ?"),
        })
        .collect();
    println!("request {request}: {}", told.join(", "));
    ensure!(
        figures.read().is_some(),
        "the life of request {request} tells all of it"
    );
    Ok(())
}

/// A file that is no document, one whose second page is a broken picture, and one without its end:
/// the requests end well, and say what is missing.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_said() -> anyhow::Result<()> {
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let mut stack = stack.start().await?;
    let api = stack.user("reader").await?;
    long_scan(&stack, &api).await?;
    let store = Control::connect(&DbConfig {
        database_url: stack.database_url().to_owned().into(),
        blob_url: stack.inner().blob_url.clone(),
        max_connections: 2,
        allow_plain: false,
        time_zone: fetch_db::DEFAULT_TIME_ZONE,
    })
    .await?;
    let whole = pdf_with_a_broken_picture();
    let cut = whole[..whole.len() - 8].to_vec();
    let page = b"<html><title>Login</title></html>".to_vec();
    let mut wanted = Vec::new();
    for file in [page, whole, cut] {
        let blob = store.db.blobs.put(file.into(), "application/pdf").await?;
        wanted.push(wait_for_text(&stack, &blob.sha256).await?);
    }
    let mut said = Vec::new();
    for (request, document) in &wanted {
        let done = api
            .wait(&json!({ "id": request }), Duration::from_secs(120))
            .await?;
        ensure!(done["status"] == 2, "{done}");
        let read = api.get(&format!("recap-documents/{document}/")).await?;
        said.push((
            done["message"].as_str().unwrap_or_default().to_owned(),
            read,
        ));
    }
    let [(page, no_text), (broken, text), (cut, _)] = &said[..] else {
        anyhow::bail!("{said:?}");
    };
    ensure!(
        page.ends_with("text could not be extracted: the file is a web page, not a PDF."),
        "{page}"
    );
    ensure!(
        no_text["ocr_status"].is_null() && no_text["plain_text"] == "",
        "{no_text}"
    );
    let missing = "1 of 2 pages could not be read: 2 (picture unreadable).";
    ensure!(broken.contains(missing), "{broken}");
    ensure!(text["ocr_status"] == 4 && text["page_count"] == 2, "{text}");
    let first = text["plain_text"].as_str().context("plain_text")?;
    ensure!(
        first.starts_with("It is so ordered"),
        "the first page is there: {first}"
    );
    ensure!(
        cut.contains("The file is truncated; pages may be missing."),
        "{cut}"
    );
    stack.stop().await
}

/// A request for a document with that file, as a fetcher of another version left it: handed to the
/// readers, but no text was asked for. Gives both numbers.
async fn wait_for_text(stack: &Stack, sha256: &str) -> anyhow::Result<(i64, i64)> {
    let row = sqlx::query_as(
        "with document as (
             update recap_documents
             set sha256 = $1, is_available = true, filepath_local = 'recap/' || $1
             where id = (select min(id) from recap_documents where sha256 is null)
             returning id)
         insert into fetch_requests (user_id, request_type, recap_document_id,
             show_parties_and_counsel, show_terminated_parties, show_list_of_member_cases,
             target_court, session_key, account_digest, on_doubt, lane, virtual_time, state, status)
         select user_id, 2, document.id, false, false, false, target_court, session_key,
             account_digest, 'stop', 0, 0, 'reading', 4
         from fetch_requests, document where fetch_requests.request_type = 1
         returning id, recap_document_id",
    );
    Ok(row
        .bind(sha256)
        .fetch_one(&mut stack.database().await?)
        .await?)
}

/// A page of text, and one that shows a picture that nobody can decode.
fn pdf_with_a_broken_picture() -> Vec<u8> {
    let [catalog, tree, font, text, words, scan, drawing, picture] =
        [1, 2, 3, 4, 5, 6, 7, 8].map(Ref::new);
    let sheet = Rect::new(0.0, 0.0, 612.0, 792.0);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids([text, scan]).count(2);
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    let mut page = pdf.page(text);
    page.parent(tree).media_box(sheet).contents(words);
    page.resources().fonts().pair(Name(b"F"), font);
    page.finish();
    pdf.stream(
        words,
        b"BT /F 12 Tf 72 700 Td (It is so ordered by the court of fiction, in the matter of the teapot.) Tj ET",
    );
    let mut page = pdf.page(scan);
    page.parent(tree).media_box(sheet).contents(drawing);
    page.resources().x_objects().pair(Name(b"P"), picture);
    page.finish();
    pdf.stream(drawing, b"q 612 0 0 792 0 0 cm /P Do Q");
    let mut image = pdf.image_xobject(picture, b"this is no JPEG");
    image.filter(Filter::DctDecode);
    image.width(1700).height(2200);
    image.color_space().device_gray();
    image.bits_per_component(8);
    image.finish();
    pdf.finish()
}

/// Documents of several cases, about a third of them scans, all wanted at the same moment.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make bench-stack"]
async fn two_hundred_documents_at_once_all_end() -> anyhow::Result<()> {
    const DOCUMENTS: usize = 200;
    let patience = Duration::from_secs(1800);
    let Some(stack) = testkit::stack() else {
        return Ok(());
    };
    let stack = stack
        .simulator_arg("--cases")
        .simulator_arg(40)
        .start()
        .await?;
    let api = stack.user("collector").await?;
    for (court, number) in stack.simulator().cases(9).await? {
        let form = [
            ("request_type", "1"),
            ("court", &*court),
            ("docket_number", &*number),
        ];
        let docket = api.submit(&Account::demo(), &form).await?;
        let docket = api.wait(&docket, patience).await?;
        ensure!(docket["status"] == 2, "{docket}");
    }
    let documents: Vec<i64> = sqlx::query_scalar(
        "select id from recap_documents where pacer_doc_id <> '' and document_type = 1
         order by id limit $1",
    )
    .bind(i64::try_from(DOCUMENTS)?)
    .fetch_all(&mut stack.database().await?)
    .await?;
    ensure!(
        documents.len() == DOCUMENTS,
        "only {} documents",
        documents.len()
    );

    let started = Instant::now();
    let submitted: Vec<anyhow::Result<Value>> = stream::iter(&documents)
        .map(|document| {
            let api = &api;
            async move {
                let id = document.to_string();
                let form = [("request_type", "2"), ("recap_document", &*id)];
                Ok(api.submit(&Account::demo(), &form).await?)
            }
        })
        .buffer_unordered(32)
        .collect()
        .await;
    let requests: Vec<Value> = submitted.into_iter().collect::<Result<_, _>>()?;
    let mut stretches: [Vec<f64>; 3] = Default::default();
    for request in &requests {
        let done = api.wait(request, patience).await?;
        ensure!(done["status"] == 2, "{done}");
        let figures = figures(&stack, done["id"].as_i64().context("an id")?).await?;
        let all = [figures.queue(), figures.buy(), figures.read()];
        for (stretch, seconds) in all.into_iter().zip(&mut stretches) {
            seconds.push(
                stretch
                    .context("a life that is told to its end")?
                    .as_secs_f64(),
            );
        }
    }
    let wall = started.elapsed().as_secs_f64();
    let (pages, recognised): (i64, i64) = sqlx::query_as(
        "select count(*), count(*) filter (where source like '%ocr') from text_pages",
    )
    .fetch_one(&mut stack.database().await?)
    .await?;
    println!("{DOCUMENTS} documents, {pages} pages, {recognised} of them recognised: {wall:.1} s");
    for (name, mut seconds) in ["queue", "buy", "read"].into_iter().zip(stretches) {
        seconds.sort_by(f64::total_cmp);
        let at = |share: usize| seconds[(seconds.len() - 1) * share / 100];
        let (half, most, longest) = (at(50), at(95), at(100));
        println!("{name:>6}: median {half:.2} s, 95 % within {most:.2} s, longest {longest:.2} s");
    }
    stack.assert_bill_equals_ledger().await?;
    stack.stop().await
}
