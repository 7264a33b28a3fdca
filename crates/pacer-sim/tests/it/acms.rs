//! ACMS as a program without a cookie jar goes through it: in, to a docket, to its documents.

use pacer_sim::Stub;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Court, between, hidden_fields};

/// A case of both courts that has nothing peculiar.
pub const ORDINARY: &str = "23-90021";

/// Somebody who is logged in to PACER, at the sites of one court.
pub struct Guest<'a> {
    pub court: &'a Court,
    pub at: &'static str,
    pub cookies: String,
    pub token: String,
}

pub async fn get(court: &Court, url: &str, cookies: &str) -> Response {
    let request = court.client.get(url).header("cookie", cookies);
    request.send().await.unwrap()
}

pub async fn text(response: Response) -> String {
    response.text().await.unwrap()
}

/// Where the front page of a court sends somebody without a session.
pub async fn sent_to(court: &Court, at: &str) -> String {
    let response = get(court, &format!("{}/{at}-showdoc/", court.base), "").await;
    assert_eq!(response.status(), 302);
    response.headers()["location"].to_str().unwrap().to_owned()
}

/// The form of the identity provider: where it goes, and its fields.
pub async fn vouched(court: &Court, at: &str, sign_on: &str) -> (String, Vec<(String, String)>) {
    let page = text(get(court, &sent_to(court, at).await, sign_on).await).await;
    let action = between(&page, "<form action=\"", "\"").to_owned();
    let fields = hidden_fields(&page, "<form");
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    (action, fields.into_iter().map(owned).collect())
}

/// Sends the form; gives the cookies that came back.
pub async fn consumed(court: &Court, action: &str, fields: &[(String, String)]) -> String {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = court.client.post(action).body(body);
    let form = request.header("content-type", "application/x-www-form-urlencoded");
    let response = form.send().await.unwrap();
    assert_eq!(response.status(), 200, "whether it is believed or not");
    let cookies = response.headers().get_all("set-cookie").iter();
    let pair = |cookie: &str| cookie.split(';').next().unwrap().to_owned();
    let cookies: Vec<String> = cookies
        .map(|cookie| pair(cookie.to_str().unwrap()))
        .collect();
    cookies.join("; ")
}

/// The cookies of somebody who came in.
pub async fn come_in(court: &Court, at: &str, sign_on: &str) -> String {
    let (action, fields) = vouched(court, at, sign_on).await;
    let cookies = consumed(court, &action, &fields).await;
    for name in [
        ".AspNetCore.saml2C1=",
        ".AspNetCore.saml2C2=",
        "ARRAffinity=",
    ] {
        assert!(cookies.contains(name), "no {name} in {cookies}");
    }
    cookies
}

pub fn model(page: &str) -> Value {
    let json = between(page, "window.showDocViewModel = ", ";\n</script>");
    serde_json::from_str(json).unwrap()
}

impl<'a> Guest<'a> {
    /// Comes in and looks at the ordinary case, which tells the token.
    pub async fn at(court: &'a Court, at: &'static str, sign_on: &str) -> Guest<'a> {
        let mut guest = Guest {
            court,
            at,
            cookies: come_in(court, at, sign_on).await,
            token: String::new(),
        };
        let model = guest.docket(ORDINARY).await;
        guest.token = model["authTokenResult"]["token"]
            .as_str()
            .unwrap()
            .to_owned();
        guest
    }

    pub async fn index(&self, identifier: &str) -> Response {
        let (base, at) = (&self.court.base, self.at);
        let url = format!("{base}/{at}-showdoc/Home/IndexContent?caseIdentifier={identifier}");
        get(self.court, &url, &self.cookies).await
    }

    pub async fn docket(&self, identifier: &str) -> Value {
        let response = self.index(identifier).await;
        assert_eq!(response.status(), 200);
        model(&text(response).await)
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{}-showdocservices/api/{path}", self.court.base, self.at)
    }

    pub async fn api_get(&self, path: &str) -> Response {
        let request = self.court.client.get(self.url(path));
        request.bearer_auth(&self.token).send().await.unwrap()
    }

    pub async fn api_post(&self, path: &str, body: &Value) -> Response {
        let request = self.court.client.post(self.url(path)).json(body);
        request.bearer_auth(&self.token).send().await.unwrap()
    }

    /// Orders these documents of a docket's model.
    pub async fn order(&self, documents: &[&Value]) -> Response {
        self.api_post("MergePDFFiles", &order_of(documents)).await
    }

    /// Asks about an order until it is done; the states on the way, and the file.
    pub async fn wait(&self, order: Response) -> (Vec<String>, String) {
        assert_eq!(order.status(), 202);
        let order: Value = order.json().await.unwrap();
        let address = order["statusQueryGetUri"].as_str().unwrap();
        let mut states = Vec::new();
        loop {
            let answer = get(self.court, address, "").await;
            let answer: Value = answer.json().await.unwrap();
            states.push(answer["runtimeStatus"].as_str().unwrap().to_owned());
            if let Some(file) = answer["output"].as_str() {
                return (states, file.to_owned());
            }
            assert!(states.len() < 90, "it never comes");
        }
    }
}

pub fn order_of(documents: &[&Value]) -> Value {
    let one = |document: &&Value| {
        json!({
            "acms_docketdocumentdetailsid": document["docketDocumentDetailsId"],
            "acms_documenturl": document["documentUrl"],
            "acms_pagecount": document["pageCount"],
        })
    };
    let documents: Vec<Value> = documents.iter().map(one).collect();
    json!({
        "mergeScope": "External", "pagination": false, "header": true,
        "docketEntryDocuments": documents,
    })
}

pub fn numbered<'a>(court: &'a Court, at: &str, number: &str) -> &'a Stub {
    let stubs = court.simulator.world.stubs(at).iter();
    let mut found = stubs.filter(|stub| stub.docket_number() == number);
    found.next().unwrap()
}

#[tokio::test]
async fn the_way_in_leads_to_a_docket_and_to_a_document_that_are_billed_once_each() {
    let court = Court::usual().await;
    let sign_on = court.reader("demo").await.cookies;
    for at in ["ca2", "ca9"] {
        court.simulator.ledger.reset();
        let guest = Guest::at(&court, at, &sign_on).await;
        let stub = numbered(&court, at, ORDINARY);
        let case_id = court.simulator.world.acms_case_id(stub).unwrap();

        // By the GUID it is the same docket.
        court.simulator.ledger.reset();
        let docket = guest.docket(&case_id).await;
        assert_eq!(docket["caseNumber"], ORDINARY);
        assert_eq!(docket["caseDetails"][0]["caseId"], case_id.as_str());
        assert_eq!(
            docket["caseSummaryHeadingViewModel"]["caseId"],
            case_id.as_str()
        );
        let services = format!("{}/{at}-showdocservices/api/", court.base);
        assert_eq!(docket["baseApiUrl"], services.as_str());
        let bytes = |part: &Value| part["byteCount"].as_u64().unwrap();
        let bytes = bytes(&docket["caseDetails"][0]) + bytes(&docket["docketInfo"]);
        let sale = &court.simulator.ledger.sales()[0];
        assert_eq!(u64::from(sale.pages), bytes.div_ceil(4320));
        assert!(sale.pages > 1 && sale.court == at && sale.description == "Docket Report");
        let item = serde_json::to_value(&sale.item).unwrap();
        assert_eq!(item["pacer_case_id"], case_id.as_str());

        let document = &docket["docketEntries"][0]["docketEntryDocuments"][0];
        let (states, file) = guest.wait(guest.order(&[document]).await).await;
        assert_eq!(states, ["Pending", "Running", "Completed"]);
        let pdf = guest
            .api_get(&format!("GetMergedFile?fileGuid={file}"))
            .await;
        assert_eq!(pdf.headers()["content-type"], "application/pdf");
        assert!(pdf.bytes().await.unwrap().starts_with(b"%PDF"));
        let sales = court.simulator.ledger.sales();
        assert_eq!(sales.len(), 2);
        assert_eq!(
            u64::from(sales[1].pages),
            document["billablePages"].as_u64().unwrap()
        );
        let item = serde_json::to_value(&sales[1].item).unwrap();
        assert_eq!(item["pacer_doc_id"], document["docketDocumentDetailsId"]);
    }
}

#[tokio::test]
async fn links_keep_host_names_if_those_were_asked() {
    let court = Court::usual().await;
    let sign_on = court.reader("demo").await.cookies;
    let ask = |host: &str, path: &str, cookies: &str| {
        let request = court.client.get(format!("{}{path}", court.base));
        request
            .header("host", host)
            .header("cookie", cookies)
            .send()
    };
    let front = ask("ca2-showdoc.azurewebsites.us", "/", "").await.unwrap();
    let location = front.headers()["location"].to_str().unwrap();
    let query = location
        .strip_prefix("http://idp.ca9.uscourts.gov/idp/profile/SAML2/Redirect/SSO?")
        .unwrap();
    let path = format!("/idp/profile/SAML2/Redirect/SSO?{query}");
    let page = text(ask("idp.ca9.uscourts.gov", &path, &sign_on).await.unwrap()).await;
    let action = between(&page, "<form action=\"", "\"");
    assert_eq!(action, "http://ca2-showdoc.azurewebsites.us/Saml2/Acs");
    let traffic = court.admin("traffic").await;
    assert_eq!(traffic["courts"]["ca2-showdoc"]["requests"], 1);
    assert_eq!(
        traffic["courts"]["idp.ca9"]["accounts"]["demo"]["requests"],
        1
    );
}

#[tokio::test]
async fn the_page_of_a_case_is_free_and_asks_for_its_docket() {
    let court = Court::usual().await;
    let sign_on = court.reader("demo").await.cookies;
    let cookies = come_in(&court, "ca9", &sign_on).await;
    let url = format!("{}/ca9-showdoc/{ORDINARY}", court.base);
    let page = text(get(&court, &url, &cookies).await).await;
    let target = between(&page, "id=\"indexContent\" hx-get=\"", "\"");
    assert_eq!(court.sales(), 0);
    let docket = text(get(&court, target, &cookies).await).await;
    assert_eq!(model(&docket)["caseNumber"], ORDINARY);
    for hook in [
        "id=\"fullDocketContent\"",
        "class=\"entry-link\" data-docket-entry-id=\"",
        "id=\"document-viewer-modal\"",
        "class=\"transaction-receipt\"",
        "Accept Charges and Retrieve",
        "id=\"showPdfHeader\"",
    ] {
        assert!(docket.contains(hook), "no {hook}");
    }
    assert_eq!(court.sales(), 1);
}

#[tokio::test]
async fn the_older_json_tells_the_same_by_other_names() {
    let court = Court::usual().await;
    let sign_on = court.reader("demo").await.cookies;
    let guest = Guest::at(&court, "ca9", &sign_on).await;
    let docket = guest.docket(ORDINARY).await;
    court.simulator.ledger.reset();
    let id = docket["caseDetails"][0]["caseId"].as_str().unwrap();

    let case: Value = guest
        .api_get(&format!("CaseDetailsByCaseId/{id}"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(case["pcx_casenumber"], ORDINARY);
    assert_eq!(case["pcx_name"], docket["caseDetails"][0]["name"]);
    assert_eq!(court.sales(), 0);

    let path = format!("DocketEntriesByCaseId/{id}");
    let refused = guest.api_post(&path, &json!({})).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let who = json!({"csoId": "1", "contactType": "External"});
    let entries: Value = guest.api_post(&path, &who).await.json().await.unwrap();
    let listed = entries["matchingDocketEntries"].as_array().unwrap();
    assert_eq!(listed.len(), 60);
    let (old, new) = (&listed[3], &docket["docketEntries"][3]);
    assert_eq!(old["pcx_eventid"], new["docketEntryId"]);
    assert_eq!(old["pcx_eventdescription"], new["docketEntryText"]);
    assert_eq!(court.sales(), 1, "a docket is charged with its entries");

    let entry = old["pcx_eventid"].as_str().unwrap();
    let path = format!("DocketEntryDocumentsByDocketId/{entry}");
    let body = json!({"isUserCaseParticipant": false, "restrictedPartyFilingDocketEntry": false});
    let documents: Value = guest.api_post(&path, &body).await.json().await.unwrap();
    let (old, new) = (&documents[0], &new["docketEntryDocuments"][0]);
    assert_eq!(
        old["acms_docketdocumentdetailsid"],
        new["docketDocumentDetailsId"]
    );
    assert_eq!(
        (&old["cost"], &old["acms_documentnumber"]),
        (&new["cost"], &json!("1"))
    );
}

#[tokio::test]
async fn several_documents_are_one_file_and_each_is_billed_by_its_own_pages() {
    let court = Court::usual().await;
    let sign_on = court.reader("demo").await.cookies;
    let guest = Guest::at(&court, "ca2", &sign_on).await;
    let docket = guest.docket("24-90023").await;
    court.simulator.ledger.reset();
    let document =
        |entry: usize, place: usize| &docket["docketEntries"][entry]["docketEntryDocuments"][place];
    // A free opinion, one beyond the cap, and the second of several.
    let order = guest
        .order(&[document(3, 0), document(4, 0), document(5, 1)])
        .await;
    let (_, file) = guest.wait(order).await;
    let pdf = guest
        .api_get(&format!("GetMergedFile?fileGuid={file}"))
        .await;
    let pages = between(
        &String::from_utf8_lossy(&pdf.bytes().await.unwrap()),
        "/Count ",
        "\n",
    )
    .parse::<u64>()
    .unwrap();
    let count = |entry, place| document(entry, place)["pageCount"].as_u64().unwrap();
    assert_eq!(pages, count(3, 0) + count(4, 0) + count(5, 1));
    let sold: Vec<u32> = court
        .simulator
        .ledger
        .sales()
        .iter()
        .map(|sale| sale.pages)
        .collect();
    assert_eq!(sold, [30, count(5, 1) as u32], "an opinion is free");
}
