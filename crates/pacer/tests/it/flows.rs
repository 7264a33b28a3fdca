//! Conversations with courts, from the bytes of their answers.

use pacer::bill::Bill;
use pacer::court::Court;
use pacer::flow::{
    AppealFlow, CourtRequest, DocketFlow, DocumentFlow, DocumentToBuy, End, Event, Flow, FreeFlow,
    Goods, MenuFlow, Response, Step, Way,
};
use pacer::form::{AppellateDocketOptions, DocketReportOptions};
use pacer::ids::{DocketNumber, PacerCaseId, PacerDocId};
use pacer::page::answer::Answer;

use crate::pages::{appeal, district_docket, menu, price_page, receipt};

/// What becomes of a request.
enum Told {
    /// A page.
    Page(String),
    /// A status without a page.
    Status(u16),
    /// One with a page.
    StatusPage(u16, String),
    /// A redirect of HTTP.
    Location(&'static str),
    /// No answer.
    Lost(Answer),
    /// It was not sent.
    NotSent,
}
use Told::{Location, Lost, NotSent, Status, StatusPage};

fn page(text: &str) -> Told {
    Told::Page(text.to_owned())
}

/// The answer of a site that somebody is logged in to.
fn told(text: &str) -> Told {
    Told::Page(format!(
        "<html><a href='/cgi-bin/login.pl?logout'>Log Out</a>{text}</html>"
    ))
}

/// Links that name another site lead out of the court.
fn resolve(link: &str) -> Option<String> {
    match link.contains("://") {
        true => None,
        false if link.starts_with('/') => Some(link.to_owned()),
        false => Some(format!("/n/beam/servlet/{link}")),
    }
}

fn next<F: Flow>(flow: F, told: &Told) -> (F, Step) {
    let answered = |status, location, body| {
        Event::Response(Response {
            status,
            media_type: "text/html",
            location,
            body,
            resolve: &resolve,
        })
    };
    flow.next(&match told {
        Told::Page(text) => answered(200, None, text.as_bytes()),
        Told::Status(status) => answered(*status, None, b""),
        Told::StatusPage(status, text) => answered(*status, None, text.as_bytes()),
        Told::Location(to) => answered(302, Some(*to), b""),
        Told::Lost(answer) => Event::NoResponse(*answer),
        Told::NotSent => Event::NotSent,
    })
}

/// A step in a line.
fn line(step: &Step) -> String {
    match step {
        Step::Send { request, way } => format!("{} {}", word(*way), wire(request)),
        Step::Accept {
            request,
            cents,
            differs,
        } => {
            let about = differs
                .as_ref()
                .map(|_| ", which differs")
                .unwrap_or_default();
            format!("accept {cents}{about}: {}", wire(request))
        }
        Step::Retry { request, after } => format!("retry after {after:?}: {}", wire(request)),
        Step::End(end) => match end {
            End::Done(Goods::Billed(bill)) => format!("done: {}", cost(bill)),
            End::Done(goods) => format!("done: {goods:?}"),
            End::Refused { answer, bill: None } => format!("refused: {answer:?}"),
            End::Refused {
                answer,
                bill: Some(bill),
            } => format!("refused: {answer:?}, {}", cost(bill)),
            End::InDoubt(answer) => format!("in doubt: {answer:?}"),
            End::NotDelivered { after } => format!("not delivered after {after:?}"),
            other => format!("{other:?}"),
        },
    }
}

fn word(way: Way) -> &'static str {
    match way {
        Way::Free => "ask",
        Way::Buy => "buy",
        Way::Follow => "follow",
        Way::Fetch => "fetch",
    }
}

fn cost(bill: &Bill) -> String {
    format!("{} for {}", bill.cents, bill.pages)
}

fn wire(request: &CourtRequest) -> String {
    let form = |path: &str, fields: &[(String, String)]| {
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{path} {}", fields.join("&"))
    };
    let text = match request {
        CourtRequest::Get(path) => format!("GET {path}"),
        CourtRequest::GetPrice(path) => format!("GET+ {path}"),
        CourtRequest::Post(path, fields) => format!("POST {}", form(path, fields)),
        CourtRequest::PostUrlencoded(path, fields) => format!("FORM {}", form(path, fields)),
    };
    // The long queries of servlets and forms are told by what they begin with.
    text.chars()
        .take(72)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// Tells a conversation, line by line. Of a request the beginning is expected, of an end all of it.
fn check<F: Flow>(flow: F, first: &str, turns: &[(Told, &str)]) {
    let (mut flow, step) = flow.start();
    assert!(
        line(&step).starts_with(first),
        "{} is not {first}",
        line(&step)
    );
    for (at, (told, expected)) in turns.iter().enumerate() {
        let step;
        (flow, step) = next(flow, told);
        let line = line(&step);
        let fits = match step {
            Step::End(_) => line == *expected,
            _ => line.starts_with(expected),
        };
        assert!(fits, "turn {at}: {line} is not {expected}");
    }
}

fn court(id: &str) -> &'static Court {
    Court::by_pacer_id(id).unwrap()
}

fn docket() -> DocketFlow {
    let case = PacerCaseId::parse("4711").unwrap();
    DocketFlow::new(court("cand"), &case, &DocketReportOptions::default())
}

fn appeal_at(id: &str) -> AppealFlow {
    let number = DocketNumber::parse("26-1042").unwrap();
    AppealFlow::new(court(id), &number, AppellateDocketOptions::default())
}

fn document() -> DocumentToBuy {
    DocumentToBuy {
        doc_id: PacerDocId::parse("035055500001").unwrap(),
        case_id: PacerCaseId::parse("998877").ok(),
        sequence_number: Some("31".to_owned()),
        description: String::new(),
        docket_text: "COMPLAINT".to_owned(),
        is_attachment: false,
        docket_number: "1:24-cv-00417".to_owned(),
        document_number: "7".to_owned(),
    }
}

fn document_at(id: &str) -> DocumentFlow {
    DocumentFlow::new(court(id), document())
}

fn menu_at(id: &str, text: &str) -> MenuFlow {
    let document = PacerDocId::parse("035055500001").unwrap();
    MenuFlow::new(court(id), &document, text)
}

const PDF: &str = "%PDF-1.7";
const LOGGED_OUT: &str =
    "<script>document.location = 'https://pacer.login.uscourts.gov/csologin'</script>";
const FRAME: &str = "<iframe src='/cgi-bin/show_temp.pl?file=1'></iframe>";
const TO_SALE: &str = "<iframe src='/doc1/035155500001'></iframe>";
const OUT: &str = "<iframe src='https://elsewhere.example/1'></iframe>";
const LOST_PRIVILEGES: &str = "This user has no access privileges defined.";
const DOUBT: &str = "<title>Download Confirmation</title>The link to this page may not have originated \
    from within CM/ECF.<form method=post action='TransportRoom'><input type=hidden name=CSRF value=7></form>";

fn report_price(cost: &str) -> String {
    format!(
        "To accept charges shown below, click on the 'View Report' button\
         <form method=post action='/cgi-bin/DktRpt.pl?77-L_9999_2-1'></form>{}",
        receipt().replace("1.20", cost)
    )
}

fn appeal_price(cost: &str) -> String {
    format!(
        "<title>Download Confirmation</title>{}<form method=post action='TransportRoom'>\
         <input type=hidden name=confirmCharge value=y></form>",
        receipt().replace("1.20", cost)
    )
}

const CHOICE: &str = "The report may take a long time to run because this case has many docket entries\
    <form action='/cgi-bin/DktRpt.pl?77-L_1_1-1'><input type=radio name=date_from value='1/1/2020'></form>";
const REPORT: &str = "buy POST /cgi-bin/DktRpt.pl?1-L_1_0-1 all_case_ids=4711";

#[test]
fn a_docket_is_billed_by_its_receipt() {
    let empty = "<html>Date Filed: 03/05/2024. There are proceedings but none satisfy the selection criteria";
    check(
        docket(),
        REPORT,
        &[(page(&district_docket()), "done: 120 for 12")],
    );
    check(docket(), REPORT, &[(page(empty), "done: 10 for 1")]);
    let nothing = "There are no documents in this case.";
    check(docket(), REPORT, &[(told(nothing), "done: 0 for 0")]);
    let billed = format!("{nothing}{}", receipt());
    check(docket(), REPORT, &[(told(&billed), "done: 120 for 12")]);
}

#[test]
fn the_questions_before_a_docket_are_answered_once() {
    let choice = "buy POST /cgi-bin/DktRpt.pl?77-L_1_1-1 date_from=";
    let accept = "buy POST /cgi-bin/DktRpt.pl?77-L_9999_2-1";
    check(
        docket(),
        REPORT,
        &[
            (told(CHOICE), choice),
            (told(&report_price("1.20")), accept),
            (page(&district_docket()), "done: 120 for 12"),
        ],
    );
    check(
        docket(),
        REPORT,
        &[(told(CHOICE), choice), (told(CHOICE), "KeptAsking")],
    );
    let price = || told(&report_price("1.20"));
    check(
        docket(),
        REPORT,
        &[(price(), accept), (price(), "KeptAsking")],
    );
    // Above the limit of reports it is held against ours.
    let high = told(&report_price("9.90"));
    check(
        docket(),
        REPORT,
        &[(high, "accept 990: POST /cgi-bin/DktRpt.pl?77")],
    );
    let exact = told(&report_price("3.00"));
    check(docket(), REPORT, &[(exact, accept)]);
    let elsewhere = CHOICE.replace("action='", "action='https://elsewhere.example");
    check(docket(), REPORT, &[(told(&elsewhere), "LinkElsewhere")]);
}

#[test]
fn a_docket_is_begun_anew_once_unless_it_was_billed() {
    let stale = "The page ID does not exist. Please enter a valid page ID number.";
    check(
        docket(),
        REPORT,
        &[
            (told(CHOICE), "buy POST /cgi-bin/DktRpt.pl?77-L_1_1-1"),
            (
                told(&report_price("1.20")),
                "buy POST /cgi-bin/DktRpt.pl?77-L_9999",
            ),
            (told(stale), REPORT),
            (told(CHOICE), "buy POST /cgi-bin/DktRpt.pl?77-L_1_1-1"),
            (
                told(&report_price("1.20")),
                "buy POST /cgi-bin/DktRpt.pl?77-L_9999",
            ),
            (told(LOST_PRIVILEGES), "refused: NoPrivileges"),
        ],
    );
    let billed = format!("{stale}{}", receipt());
    check(
        docket(),
        REPORT,
        &[(told(&billed), "refused: StalePageToken, 120 for 12")],
    );
    // A receipt is believed before a row that says that such a page costs nothing.
    let billed = format!("{LOST_PRIVILEGES}{}", receipt());
    check(
        docket(),
        REPORT,
        &[(told(&billed), "refused: NoPrivileges, 120 for 12")],
    );
}

#[test]
fn a_docket_that_does_not_come_is_billed_as_its_answer_says() {
    let opened = "This case is in the process of being opened, please check back later for additional information.";
    check(docket(), REPORT, &[(told(opened), "refused: BeingOpened")]);
    let billed = format!("{opened}{}", receipt());
    check(
        docket(),
        REPORT,
        &[(told(&billed), "refused: BeingOpened, 120 for 12")],
    );
    check(
        docket(),
        REPORT,
        &[(told("The office cat is asleep."), "in doubt: Unrecognised")],
    );
    check(docket(), REPORT, &[(Status(404), "refused: NotFound")]);
    check(
        docket(),
        REPORT,
        &[(Status(502), "in doubt: GatewayFailed")],
    );
    check(
        docket(),
        REPORT,
        &[(Lost(Answer::TimedOut), "in doubt: TimedOut")],
    );
    check(
        docket(),
        REPORT,
        &[(Lost(Answer::NotReached), "refused: NotReached")],
    );
    check(docket(), REPORT, &[(NotSent, "NotSent")]);
}

const APPEAL: &str = "buy GET /n/beam/servlet/TransportRoom?servlet=CaseSummary.jsp&caseNum=26";
const FORMER: &str = "buy GET /cmecf/servlet/TransportRoom?servlet=CaseSummary.jsp&caseNum=26";

#[test]
fn an_appeal_comes_after_what_its_court_asks_before() {
    let docket = || page(&appeal(""));
    check(appeal_at("ca1"), APPEAL, &[(docket(), "done: 120 for 12")]);
    let accept = "buy FORM /n/beam/servlet/TransportRoom confirmCharge=y";
    check(
        appeal_at("ca1"),
        APPEAL,
        &[
            (page(DOUBT), "buy FORM /n/beam/servlet/TransportRoom CSRF=7"),
            (page(&appeal_price("1.20")), accept),
            (docket(), "done: 120 for 12"),
        ],
    );
    let confirm = "buy FORM /n/beam/servlet/TransportRoom CSRF=7";
    check(
        appeal_at("ca1"),
        APPEAL,
        &[(page(DOUBT), confirm), (page(DOUBT), "KeptAsking")],
    );
    let price = || page(&appeal_price("1.20"));
    check(
        appeal_at("ca1"),
        APPEAL,
        &[(price(), accept), (price(), "KeptAsking")],
    );
    let high = page(&appeal_price("9.90"));
    check(
        appeal_at("ca1"),
        APPEAL,
        &[(high, "accept 990: FORM /n/beam/servlet/")],
    );
}

#[test]
fn a_form_that_leads_out_of_the_court_is_not_sent() {
    let out = || page(&DOUBT.replace("action='", "action='https://elsewhere.example/"));
    let confirm = "buy FORM /n/beam/servlet/TransportRoom CSRF=7";
    check(appeal_at("ca1"), APPEAL, &[(out(), "LinkElsewhere")]);
    check(
        appeal_at("ca1"),
        APPEAL,
        &[(page(DOUBT), confirm), (out(), "LinkElsewhere")],
    );
    check(document_at("cand"), PRICE, &[(out(), "LinkElsewhere")]);
    check(menu_at("cand", ""), MENU, &[(out(), "LinkElsewhere")]);
    let price = appeal_price("1.20").replace("action='", "action='https://elsewhere.example/");
    check(appeal_at("ca1"), APPEAL, &[(page(&price), "KeptAsking")]);
}

#[test]
fn an_appeal_whose_price_was_accepted_is_followed_and_never_unbilled() {
    let accept = "buy FORM /n/beam/servlet/TransportRoom confirmCharge=y";
    let price = || page(&appeal_price("1.20"));
    let to = "/n/beam/servlet/TransportRoom?servlet=CaseSummary.jsp&x";
    let out = "https://elsewhere.example/";
    check(
        appeal_at("ca1"),
        APPEAL,
        &[
            (Location(to), "buy GET /n/beam"),
            (Location(out), "LinkElsewhere"),
        ],
    );
    check(
        appeal_at("ca1"),
        APPEAL,
        &[
            (price(), accept),
            (Location(out), "not delivered after None"),
        ],
    );
    check(
        appeal_at("ca1"),
        APPEAL,
        &[
            (price(), accept),
            (Location(to), "follow GET /n/beam"),
            (
                Lost(Answer::NotReached),
                "not delivered after Some(NotReached)",
            ),
        ],
    );
    // It is not asked for again, and whatever comes says nothing of the money.
    let ends = [
        (told(LOST_PRIVILEGES), "in doubt: NoPrivileges"),
        (page(LOGGED_OUT), "in doubt: LoginPage"),
        (Status(500), "in doubt: ServerFailed"),
        (Status(404), "in doubt: WrongPath"),
        (price(), "not delivered after None"),
    ];
    for end in ends {
        let led_on = [(price(), accept), (Location(to), "follow GET /n/beam"), end];
        check(appeal_at("ca1"), APPEAL, &led_on);
    }
    check(
        appeal_at("ca1"),
        APPEAL,
        &[
            (price(), accept),
            (Location(to), "follow"),
            (NotSent, "not delivered after None"),
        ],
    );
    // The sixth request is the last.
    let away = || (Location(to), "buy GET /n/beam");
    check(
        appeal_at("ca1"),
        APPEAL,
        &[
            away(),
            away(),
            away(),
            away(),
            away(),
            (Location(to), "KeptAsking"),
        ],
    );
    let on = || (Location(to), "follow GET /n/beam");
    check(
        appeal_at("ca1"),
        APPEAL,
        &[
            (price(), accept),
            on(),
            on(),
            on(),
            on(),
            (Location(to), "not delivered after None"),
        ],
    );
}

#[test]
fn an_appeal_is_asked_for_once_more_after_each_answer_that_may_be_helped_so() {
    let refresh = |to: &str| {
        page(&format!(
            "<meta http-equiv=REFRESH content='0; url=TransportRoom?servlet=x{to}'>"
        ))
    };
    let by_id = "buy GET /n/beam/servlet/TransportRoom?servlet=CaseSummary.jsp&caseId=815";
    check(
        appeal_at("ca1"),
        APPEAL,
        &[
            (refresh("&amp;caseId=815"), by_id),
            (told(LOST_PRIVILEGES), APPEAL),
            (refresh("&amp;caseId=815"), "refused: Refresh"),
        ],
    );
    check(appeal_at("ca1"), APPEAL, &[(refresh(""), APPEAL)]);
    check(
        appeal_at("ca1"),
        APPEAL,
        &[(Status(404), "refused: WrongPath")],
    );
    check(
        appeal_at("ca7"),
        APPEAL,
        &[
            (Status(404), FORMER),
            (told(LOST_PRIVILEGES), FORMER),
            (Status(404), "refused: WrongPath"),
        ],
    );
    let billed = format!("<b>99-4321 Case Number Not Found</b>{}", receipt());
    check(
        appeal_at("ca1"),
        APPEAL,
        &[(told(&billed), "refused: CaseNumberNotFound, 120 for 12")],
    );
    // A receipt before something is charged is a price, and no reason not to ask again.
    let price = StatusPage(404, appeal_price("1.20"));
    check(appeal_at("ca7"), APPEAL, &[(price, FORMER)]);
    let confirmation = format!("<title>Download Confirmation</title>{}", receipt());
    check(
        appeal_at("ca1"),
        APPEAL,
        &[(page(&confirmation), "refused: Unrecognised")],
    );
}

const PRICE: &str = "buy GET+ /doc1/035155500001";
const ORDER: &str = "accept 120: POST /doc1/035155500001 caseid=998877&got_receipt=1";

#[test]
fn a_document_is_ordered_at_the_price_that_is_shown() {
    let price = || page(&price_page());
    check(
        document_at("cand"),
        PRICE,
        &[(price(), ORDER), (page(PDF), "done: 120 for 12")],
    );
    // Told yes once more, with the form of the page, and not a third time.
    let confirm = "accept 120: POST /doc1/035155500001 caseid=998877&de_seq";
    check(
        document_at("cand"),
        PRICE,
        &[
            (price(), ORDER),
            (price(), confirm),
            (price(), "KeptAsking"),
        ],
    );
    let mute = price_page().replace("/doc1/", "/x/");
    check(
        document_at("cand"),
        PRICE,
        &[(price(), ORDER), (page(&mute), "KeptAsking")],
    );
    // A page about another document is noted.
    let about = |image: &str| page(&price_page().replace("Docket Report", image));
    check(
        document_at("cand"),
        PRICE,
        &[(about("Image7-0"), "accept 120: POST")],
    );
    check(
        document_at("cand"),
        PRICE,
        &[(about("Image8-0"), "accept 120, which differs: POST")],
    );
    let exempt = price_page().replace(
        "</table>",
        "<tr><th>Exempt flag:</th><td>Exempt</td></tr></table>",
    );
    check(
        document_at("cand"),
        PRICE,
        &[(page(&exempt), "accept 0: POST")],
    );
}

#[test]
fn a_document_that_comes_at_once_is_priced_by_the_rules() {
    check(
        document_at("cand"),
        PRICE,
        &[(page(PDF), "done: ByRules(Document)")],
    );
    let of = |text: &str, is_attachment| {
        let wanted = DocumentToBuy {
            docket_text: text.to_owned(),
            is_attachment,
            ..document()
        };
        DocumentFlow::new(court("cand"), wanted)
    };
    check(
        of("MEMORANDUM OPINION", false),
        PRICE,
        &[(page(PDF), "done: ByRules(Free)")],
    );
    check(
        of("MEMORANDUM OPINION", true),
        PRICE,
        &[(page(PDF), "done: ByRules(Document)")],
    );
    check(
        of("TRANSCRIPT of hearing", true),
        PRICE,
        &[(page(PDF), "done: ByRules(Transcript)")],
    );
    let recording = DocumentToBuy {
        description: "Audio of hearing".to_owned(),
        ..document()
    };
    assert_eq!(recording.item(), pacer::price::Item::Audio);
}

#[test]
fn a_document_that_was_put_aside_is_fetched_and_nothing_is_sent_that_sells() {
    let fetch = "fetch GET /cgi-bin/show_temp.pl?file=1";
    let price = || page(&price_page());
    check(
        document_at("cand"),
        PRICE,
        &[
            (price(), ORDER),
            (told(FRAME), fetch),
            (
                price(),
                "retry after None: GET /cgi-bin/show_temp.pl?file=1",
            ),
            (
                told(LOST_PRIVILEGES),
                "retry after Some(NoPrivileges): GET /cgi-bin",
            ),
            (told(TO_SALE), "retry after None: GET /cgi-bin"),
            (Status(503), "not delivered after Some(Unavailable)"),
        ],
    );
    check(
        document_at("cand"),
        PRICE,
        &[
            (told(FRAME), fetch),
            (Lost(Answer::BrokenOff), "retry after Some(BrokenOff)"),
            (page(PDF), "done: ByRules(Document)"),
        ],
    );
    check(
        document_at("cand"),
        PRICE,
        &[
            (price(), ORDER),
            (told(FRAME), fetch),
            (page(PDF), "done: 120 for 12"),
        ],
    );
    let billed = format!("The office cat is asleep.{}", receipt());
    check(
        document_at("cand"),
        PRICE,
        &[
            (told(FRAME), fetch),
            (told(&billed), "refused: Unrecognised, 120 for 12"),
        ],
    );
    let cat = || told("The office cat is asleep.");
    check(
        document_at("cand"),
        PRICE,
        &[
            (told(FRAME), fetch),
            (cat(), "retry"),
            (cat(), "retry"),
            (cat(), "retry"),
            (cat(), "in doubt: Unrecognised"),
        ],
    );
    check(
        document_at("cand"),
        PRICE,
        &[(told(FRAME), fetch), (NotSent, "not delivered after None")],
    );
    check(
        document_at("cand"),
        PRICE,
        &[(told(OUT), "not delivered after None")],
    );
}

/// Where the court says that the bytes are now is where they are asked for from then on.
#[test]
fn bytes_that_were_put_elsewhere_are_fetched_there() {
    let there = "fetch GET /cgi-bin/show_temp.pl?file=2";
    let again = "retry after Some(Unavailable): GET /cgi-bin/show_temp.pl?file=2";
    let to = "/cgi-bin/show_temp.pl?file=2";
    check(
        document_at("cand"),
        PRICE,
        &[
            (told(FRAME), "fetch GET /cgi-bin/show_temp.pl?file=1"),
            (Location(to), there),
            (Status(503), again),
            (told(&FRAME.replace("file=1", "file=2")), there),
            (page(PDF), "done: ByRules(Document)"),
        ],
    );
}

#[test]
fn a_redirect_is_followed_as_what_it_may_be() {
    let price = || page(&price_page());
    let aside = "/cgi-bin/show_temp.pl?file=2";
    let sale = "/doc1/035155500009";
    let out = "https://elsewhere.example/";
    check(
        document_at("cand"),
        PRICE,
        &[(Location("/cgi-bin/x.pl"), "buy GET+ /cgi-bin/x.pl")],
    );
    // An account that is shown no prices may have bought with the first request.
    let sold = "fetch GET /cgi-bin/show_temp.pl?file=2";
    let again = "retry after Some(ServerFailed): GET /cgi-bin/show_temp.pl?file=2";
    let failed = || (Status(500), again);
    let lost = (Status(500), "not delivered after Some(ServerFailed)");
    check(
        document_at("cand"),
        PRICE,
        &[(Location(aside), sold), failed(), failed(), failed(), lost],
    );
    check(
        document_at("cand"),
        PRICE,
        &[
            (Location(aside), sold),
            (page(PDF), "done: ByRules(Document)"),
        ],
    );
    let lost = (Status(500), "not delivered after Some(ServerFailed)");
    check(
        menu_at("cand", ""),
        MENU,
        &[(Location(aside), sold), failed(), failed(), failed(), lost],
    );
    check(
        document_at("cand"),
        PRICE,
        &[(told(TO_SALE), "buy GET+ /doc1/035155500001")],
    );
    check(
        document_at("cand"),
        PRICE,
        &[(Location(out), "LinkElsewhere")],
    );
    check(
        document_at("cand"),
        PRICE,
        &[(price(), ORDER), (Location(aside), "fetch GET /cgi-bin")],
    );
    check(
        document_at("cand"),
        PRICE,
        &[
            (price(), ORDER),
            (Location(out), "not delivered after None"),
        ],
    );
    check(
        document_at("cand"),
        PRICE,
        &[
            (price(), ORDER),
            (Location(sale), "follow GET+ /doc1/035155500009"),
            (NotSent, "not delivered after None"),
        ],
    );
    check(
        document_at("cand"),
        PRICE,
        &[(price(), ORDER), (told(TO_SALE), "follow GET+ /doc1/")],
    );
    check(
        document_at("cand"),
        PRICE,
        &[(price(), ORDER), (NotSent, "NotSent")],
    );
}

/// Whoever has ordered and was sent on may have bought, unless the court asks for a yes again.
#[test]
fn an_order_that_led_on_is_neither_unbilled_nor_sent_again() {
    let price = || page(&price_page());
    let sale = "/doc1/035155500009";
    let wrong = "Cannot locate the case with caseid 998877";
    let follow = "follow GET+ /doc1/0351555000";
    let ends = || {
        [
            (page(LOGGED_OUT), "in doubt: LoginPage"),
            (told(LOST_PRIVILEGES), "in doubt: NoPrivileges"),
            (told(wrong), "in doubt: WrongCase"),
            (Status(500), "in doubt: ServerFailed"),
            (Status(404), "in doubt: NotFound"),
            (page(DOUBT), "follow FORM /n/beam"),
        ]
    };
    for lead in [|| Location("/doc1/035155500009"), || told(TO_SALE)] {
        for end in ends() {
            let led_on = [(price(), ORDER), (lead(), follow), end];
            check(document_at("cand"), PRICE, &led_on);
        }
    }
    let mute = price_page().replace("/doc1/", "/x/");
    check(
        document_at("cand"),
        PRICE,
        &[
            (price(), ORDER),
            (Location(sale), follow),
            (page(&mute), "not delivered after None"),
        ],
    );
    // The answer to the order itself says what became of it.
    check(
        document_at("cand"),
        PRICE,
        &[
            (price(), ORDER),
            (page(LOGGED_OUT), "buy POST /doc1/035155500001"),
            (Status(500), "refused: ServerFailed"),
        ],
    );
    // The court asks once more: the first yes has bought nothing.
    check(
        document_at("cand"),
        PRICE,
        &[
            (price(), ORDER),
            (Location(sale), follow),
            (price(), "accept 120: POST"),
            (Status(500), "refused: ServerFailed"),
        ],
    );
}

#[test]
fn an_appellate_document_is_asked_for_where_the_servlet_is() {
    let ask = |servlet: &str, end: &str| {
        format!("buy GET+ /{servlet}/TransportRoom?servlet=ShowDoc&dls_id={end}")
    };
    let price = || page(&price_page());
    let now = ask("n/beam/servlet", "03505");
    let order = "accept 120: GET /n/beam/servlet/TransportRoom?servlet=ShowDoc&inc";
    check(
        document_at("ca1"),
        &now,
        &[(price(), order), (page(PDF), "done: 120 for 12")],
    );
    // An appellate court leads to where the order is to be made.
    let to = "/n/beam/servlet/TransportRoom?servlet=ShowDoc&x";
    check(
        document_at("ca1"),
        &now,
        &[
            (price(), order),
            (Location(to), "follow GET /n/beam/servlet/"),
        ],
    );
    let aside = "/cgi-bin/show_temp.pl?file=2";
    check(
        document_at("ca1"),
        &now,
        &[(price(), order), (Location(aside), "follow GET /cgi-bin")],
    );
    let former = ask("cmecf/servlet", "03505");
    let former_order = "accept 120: GET /cmecf/servlet/TransportRoom?servlet=ShowDoc";
    check(
        document_at("ca7"),
        &now,
        &[
            (Status(404), &former),
            (price(), former_order),
            (Status(404), "refused: WrongPath"),
        ],
    );
    let confirm = "accept 120: FORM /doc1/035155500001";
    check(
        document_at("ca1"),
        &now,
        &[(price(), order), (price(), confirm)],
    );
    check(
        document_at("ca1"),
        &now,
        &[
            (page(DOUBT), "buy FORM /n/beam/servlet/TransportRoom CSRF=7"),
            (page(DOUBT), "KeptAsking"),
        ],
    );
    let attachment = DocumentToBuy {
        is_attachment: true,
        ..document()
    };
    check(
        DocumentFlow::new(court("ca1"), attachment),
        &ask("n/beam/servlet", "03515"),
        &[],
    );
}

#[test]
fn a_document_is_ordered_once_more_without_its_case() {
    let wrong = "Cannot locate the case with caseid 998877";
    check(
        document_at("cand"),
        PRICE,
        &[
            (page(&price_page()), ORDER),
            (
                told(wrong),
                "buy POST /doc1/035155500001 got_receipt=1&pdf_header=1",
            ),
            (told(wrong), "refused: WrongCase"),
        ],
    );
    check(
        document_at("cand"),
        PRICE,
        &[
            (told(LOST_PRIVILEGES), PRICE),
            (page(&price_page()), ORDER),
            (told(wrong), "refused: WrongCase"),
        ],
    );
}

#[test]
fn a_restricted_document_is_neither_followed_nor_kept() {
    let warning = format!("<td><b>Warning!</b> This document is restricted.{FRAME}");
    check(
        document_at("cand"),
        PRICE,
        &[(told(&warning), "refused: RestrictedWarning")],
    );
    check(
        menu_at("cand", ""),
        "buy",
        &[(told(&warning), "refused: RestrictedWarning")],
    );
}

const MENU: &str = "buy GET+ /doc1/035055500001";

#[test]
fn a_menu_is_free_and_what_comes_in_its_place_is_not() {
    check(menu_at("cand", ""), MENU, &[(page(&menu()), "done: Free")]);
    check(
        menu_at("cand", "COMPLAINT"),
        MENU,
        &[(page(PDF), "done: ByRules(Document)")],
    );
    check(
        menu_at("cand", "MEMORANDUM OPINION"),
        MENU,
        &[(page(PDF), "done: ByRules(Free)")],
    );
    check(
        menu_at("cand", ""),
        MENU,
        &[(page(&price_page()), "refused: NoMenu")],
    );
    let fetch = "fetch GET /cgi-bin/show_temp.pl?file=1";
    check(
        menu_at("cand", ""),
        MENU,
        &[
            (told(FRAME), fetch),
            (
                page(&menu()),
                "retry after None: GET /cgi-bin/show_temp.pl?file=1",
            ),
            (page(PDF), "done: ByRules(Document)"),
        ],
    );
    check(
        menu_at("cand", ""),
        MENU,
        &[(told(OUT), "not delivered after None")],
    );
    check(
        menu_at("cand", ""),
        MENU,
        &[(told(TO_SALE), "buy GET+ /doc1/035155500001")],
    );
    check(
        menu_at("cand", ""),
        MENU,
        &[(Location("/x"), "buy GET+ /x"), (page(DOUBT), "buy FORM")],
    );
    check(
        menu_at("cand", ""),
        MENU,
        &[(page(DOUBT), "buy FORM"), (page(DOUBT), "KeptAsking")],
    );
    check(
        menu_at("cand", ""),
        MENU,
        &[(Location("https://x.example"), "LinkElsewhere")],
    );
    check(
        menu_at("cand", ""),
        MENU,
        &[
            (told(LOST_PRIVILEGES), MENU),
            (told(LOST_PRIVILEGES), "refused: NoPrivileges"),
        ],
    );
    check(
        menu_at("cand", ""),
        MENU,
        &[(Status(404), "refused: NotFound")],
    );
    check(
        menu_at("ca7", ""),
        "buy GET+ /docs1/035055500001",
        &[(Status(404), "buy GET+ /docs1/")],
    );
    let former = "buy GET+ /cmecf/servlet/TransportRoom?servlet=ShowDoc";
    check(
        menu_at("ca11", ""),
        "buy GET+ /n/beam/servlet",
        &[(Status(404), former)],
    );
    let on = || (Location("/x"), "buy GET+ /x");
    check(
        menu_at("cand", ""),
        MENU,
        &[
            on(),
            on(),
            on(),
            on(),
            on(),
            on(),
            on(),
            (Location("/x"), "KeptAsking"),
        ],
    );
}

/// The court's own bill is kept, whatever the page is, and whatever its status.
#[test]
fn a_receipt_on_a_page_that_costs_nothing_is_a_bill_that_is_kept() {
    let sealed = format!(
        "You do not have permission to view this document.{}",
        receipt()
    );
    check(
        document_at("cand"),
        PRICE,
        &[
            (page(&price_page()), ORDER),
            (told(&sealed), "refused: NoPermission, 120 for 12"),
        ],
    );
    let failed = StatusPage(500, format!("<b>Software error</b>{}", receipt()));
    check(
        document_at("cand"),
        PRICE,
        &[(failed, "refused: ServerFailed, 120 for 12")],
    );
    let missing = || StatusPage(404, receipt());
    check(
        appeal_at("ca7"),
        APPEAL,
        &[(missing(), "refused: WrongPath, 120 for 12")],
    );
    check(
        document_at("cand"),
        PRICE,
        &[
            (page(&price_page()), ORDER),
            (told(FRAME), "fetch GET /cgi-bin/show_temp.pl?file=1"),
            (missing(), "refused: NotFound, 120 for 12"),
        ],
    );
    let billed = format!("{}{}", menu(), receipt());
    check(
        menu_at("cand", ""),
        MENU,
        &[(page(&billed), "refused: Menu, 120 for 12")],
    );
    // A price is no bill.
    let price = || StatusPage(404, price_page());
    check(
        document_at("cand"),
        PRICE,
        &[(price(), "refused: NotFound")],
    );
    check(menu_at("cand", ""), MENU, &[(price(), "refused: NotFound")]);
}

#[test]
fn a_free_question_is_never_in_doubt() {
    let number = DocketNumber::parse("1:24-cv-00417").unwrap();
    let lookup = || FreeFlow::lookup(&number);
    let ask = "ask GET /cgi-bin/possible_case_numbers.pl?";
    let found = "<request number='1'><case number='1:24-cv-417' id='4711' title='1:24-cv-00417 x'/></request>";
    check(lookup(), ask, &[(page(found), "done: Free")]);
    let none = "<request number='1'><message text='Cannot find case 1'/></request>";
    check(lookup(), ask, &[(page(none), "refused: NumberUnknown")]);
    let lost =
        "<request number='1'><message text='Not logged in.  Please refresh this page.'/></request>";
    check(
        lookup(),
        ask,
        &[(page(lost), ask), (page(lost), "refused: LoginPage")],
    );
    check(
        lookup(),
        ask,
        &[(page(lost), ask), (page(found), "done: Free")],
    );
    check(
        lookup(),
        ask,
        &[
            (told(LOST_PRIVILEGES), ask),
            (Status(503), "refused: Unavailable"),
        ],
    );
    check(
        lookup(),
        ask,
        &[(told("The office cat is asleep."), "refused: Unrecognised")],
    );
    check(
        lookup(),
        ask,
        &[(Lost(Answer::TimedOut), "refused: TimedOut")],
    );
    check(lookup(), ask, &[(NotSent, "NotSent")]);

    let case = PacerCaseId::parse("4711").unwrap();
    let query = || FreeFlow::case_query(&case);
    let ask = "ask POST /cgi-bin/iquery.pl?1-L_1_0-1 UserType=&all_case_ids=4711";
    check(
        query(),
        ask,
        &[(
            told("<a href='DktRpt.pl?4711'>Docket Report</a>"),
            "done: Free",
        )],
    );
    check(
        query(),
        ask,
        &[(told("Case not found."), "refused: CaseNotFound")],
    );
    let lost =
        "Incomplete request. Please try your query again by choosing the Query or Reports option";
    check(
        query(),
        ask,
        &[
            (told(lost), ask),
            (told(lost), "refused: IncompleteRequest"),
        ],
    );
    check(
        query(),
        ask,
        &[(
            told("A Client Code is required for PACER search"),
            "refused: ClientCodeRequired",
        )],
    );
    check(
        query(),
        ask,
        &[(told("The office cat is asleep."), "refused: Unrecognised")],
    );
}
