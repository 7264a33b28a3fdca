//! `DktRpt.pl`: the form, the report, and the pages that come instead.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::Method;
use bytes::Bytes;
use chrono::{Days, Utc};

use super::fields::Fields;
use super::reply::Reply;
use super::report::{Declined, ReportRequest};
use super::sale::charge;
use super::token::PageToken;
use super::visit::Call;
use crate::Simulator;
use crate::account::Receipts;
use crate::ledger::{Item, PAGE_CENTS};
use crate::page::notice::{self, Notice};
use crate::page::receipt::{Moment, Receipt};
use crate::page::text_size::{PAGE_CAP, report_pages};
use crate::page::{self, PAGE_END, Place, option_form};
use crate::replay::ReplayPage;
use crate::session::Visitor;
use crate::world::case::Case;
use crate::world::{Oddity, Stub};

/// Answers a request to the script.
pub(super) async fn answer(call: Call) -> Reply {
    let visitor = match call.searcher() {
        Ok(visitor) => visitor,
        Err(reply) => return reply,
    };
    if call.request.method() != Method::POST {
        return form(&call);
    }
    let Some(busy) = call.simulator.tokens.begin(&call.query) else {
        return call.notice(&Notice::SubmittedTwice);
    };
    submit(call, visitor).await.holding(busy)
}

/// Answers to a form that was posted.
async fn submit(call: Call, visitor: Visitor) -> Reply {
    let token = call.simulator.tokens.read(&call.query);
    let Call {
        simulator,
        place,
        request,
        other_case,
        ..
    } = call;
    let sale = |agreed, size_accepted| Desk {
        simulator,
        place,
        visitor,
        agreed,
        size_accepted,
    };
    let (desk, fields) = match token {
        PageToken::Unknown => return sale(false, false).notice(&Notice::NoSuchPageId),
        PageToken::AcceptedAgain => return sale(false, false).notice(&Notice::SubmittedTwice),
        PageToken::Accepted(fields) => (sale(true, true), fields),
        PageToken::First => (
            sale(false, false),
            Fields::read(request).await.unwrap_or_default(),
        ),
        PageToken::Second(first) => {
            let from = Fields::read(request)
                .await
                .and_then(|fields| fields.raw("date_from").map(str::to_owned));
            match from {
                Some(from) => (sale(false, true), first.with("date_from", &from)),
                None => return sale(false, false).notice(&Notice::IncompleteRequest),
            }
        }
    };
    let fields = match other_case {
        Some(case) => fields.with("all_case_ids", &case.to_string()),
        None => fields,
    };
    // Long dockets take a moment, and nobody else should wait for them.
    tokio::task::spawn_blocking(move || desk.serve(&fields))
        .await
        .expect("making a report does not panic")
}

/// The option form, for a case id, a link with a token, or a docket number.
fn form(call: &Call) -> Reply {
    let form = |case_id| {
        Reply::html(option_form::page(
            &call.place,
            &call.simulator.tokens.form(),
            case_id,
        ))
    };
    if let Some(number) = call.query.strip_prefix("caseNumber=") {
        let number = number.split('&').next().unwrap_or_default();
        let stubs = call.simulator.world.stubs(&call.place.court.id);
        let stub = stubs
            .iter()
            .find(|stub| stub.full_number() == number || stub.docket_number() == number);
        return stub.map_or_else(
            || call.notice(&Notice::CaseNotFound),
            |stub| form(Some(stub.id)),
        );
    }
    let id = match call.query.contains("-L_") {
        true => call.query.rsplit('-').next().unwrap_or_default(),
        false => &call.query,
    };
    let Ok(id) = id.parse::<u64>() else {
        return call.notice(&Notice::IncompleteRequest);
    };
    let (world, replay) = (&call.simulator.world, &call.simulator.replay);
    let court = &call.place.court.id;
    match world.stub(court, id).is_some() || replay.by_id(court, id).is_some() {
        true => form(Some(id)),
        false => call.notice(&Notice::CaseNotFound),
    }
}

/// Where one report is asked for and paid.
struct Desk {
    simulator: Arc<Simulator>,
    place: Place,
    visitor: Visitor,
    /// The charge was shown and accepted.
    agreed: bool,
    /// The size of the docket was shown and accepted.
    size_accepted: bool,
}

impl Desk {
    fn serve(&self, fields: &Fields) -> Reply {
        // A blank is enough for the number, but it must not be missing.
        let number_given = fields
            .raw("case_num")
            .is_some_and(|number| !number.is_empty());
        let Some(case_id) = fields.get("all_case_ids").filter(|_| number_given) else {
            return self.notice(&Notice::IncompleteRequest);
        };
        let Ok(case_id) = case_id.parse::<u64>() else {
            return self.notice(&Notice::CaseNotFound);
        };
        let court = &self.place.court.id;
        if let Some(page) = self.simulator.replay.by_id(court, case_id) {
            return self.replay(page, fields);
        }
        match self.simulator.world.stub(court, case_id) {
            Some(stub) => self.case(stub, case_id, fields),
            None => self.notice(&Notice::CaseNotFound),
        }
    }

    fn case(&self, stub: &Stub, case_id: u64, fields: &Fields) -> Reply {
        let request = match ReportRequest::read(fields, self.place.court.is_bankruptcy()) {
            Ok(request) => request,
            Err(Declined::Notice(notice)) => return self.notice(&notice),
            Err(Declined::Form) => {
                let token = self.simulator.tokens.form();
                return Reply::html(option_form::page(&self.place, &token, Some(case_id)));
            }
        };
        if stub.oddity == Oddity::Sealed {
            return self.notice(&Notice::CaseUnderSeal);
        }
        let case = self.simulator.world.case(stub);
        match instead_of_report(stub) {
            Some(Instead::Free(notice)) => self.notice(&notice),
            Some(Instead::Billed(text)) => self.sell(&case, case_id, fields, &request, Some(text)),
            None if self.is_too_large(&case, &request) => self.large_docket(fields),
            None => self.sell(&case, case_id, fields, &request, None),
        }
    }

    fn is_too_large(&self, case: &Case, request: &ReportRequest) -> bool {
        let settings = self.simulator.settings.of(&self.place.court.id);
        let most = settings
            .large_docket
            .unwrap_or(self.simulator.config.large_docket);
        !self.size_accepted && request.from.is_none() && case.entries.len() > most
    }

    fn large_docket(&self, fields: &Fields) -> Reply {
        let token = self.simulator.tokens.large(fields.clone());
        let today = Utc::now()
            .with_timezone(&self.place.court.zone)
            .date_naive();
        let choice = |days: u64, label: &str| {
            let day = (today - Days::new(days)).format("%m/%d/%Y");
            format!("<input name=\"date_from\" type=\"radio\" value=\"{day}\"> {label}<br>\n")
        };
        Reply::html(self.place.page(&format!(
            "<form enctype=\"multipart/form-data\" method=\"POST\" action=\"../cgi-bin/DktRpt.pl?{token}\">\n\
             <p>The report may take a long time to run because this case has many docket entries. Choose one:</p>\n\
             <p>{}{}{}<input name=\"date_from\" type=\"radio\" value=\"\"> as initially requested<br></p>\n\
             <input type=\"submit\" name=\"button1\" value=\"Run Report\"></form>",
            choice(7, "for the past week"),
            choice(90, "for the past 90 days"),
            choice(365, "for the past year"),
        )))
    }

    /// Makes the page, and charges for it unless the account is to be asked first.
    fn sell(
        &self,
        case: &Case,
        case_id: u64,
        fields: &Fields,
        request: &ReportRequest,
        stub_text: Option<&str>,
    ) -> Reply {
        let bankruptcy = self.place.court.is_bankruptcy();
        let members = match request.members {
            true => self.simulator.world.members(&case.stub),
            false => Vec::new(),
        };
        let view = page::docket::View {
            entries: request.select(case),
            by_entered: request.by_entered,
            parties: request.parties,
            terminated: request.terminated,
            page_counts: request.page_counts,
            nef_links: request.nef_links,
            members: &members,
            unstamped: request.unstamped,
            case_id,
        };
        let mut html = self.place.page_start();
        match stub_text {
            Some(text) => html.push_str(&format!("<h3>{text}</h3>\n")),
            None => html.push_str(&page::docket::content(&self.place, case, &view)),
        }
        let number = page::docket::shown_number(case, &view);
        let pages = report_pages(html.as_bytes()).min(PAGE_CAP);
        let mut receipt = self.receipt(request.criteria(&number, bankruptcy), pages);
        if self.visitor.receipts == Receipts::Always && !self.agreed {
            receipt.criteria = number;
            return self.offer(fields, &receipt);
        }
        let filters = fields.filters();
        self.charge(&receipt, case_id, Some(case.stub.docket_number()), filters);
        html.push_str("<hr>");
        html.push_str(&receipt.table(Moment::Sold, Utc::now(), self.place.court.zone));
        html.push_str(PAGE_END);
        Reply::html(html)
    }

    fn receipt(&self, criteria: String, pages: u32) -> Receipt {
        Receipt {
            login: self.visitor.login.clone(),
            client_code: self.visitor.client_code.clone(),
            description: "Docket Report".to_owned(),
            criteria,
            pages,
            cents: pages * PAGE_CENTS,
        }
    }

    fn offer(&self, fields: &Fields, receipt: &Receipt) -> Reply {
        let token = self.simulator.tokens.charges(fields.clone());
        let prefix = &self.place.prefix;
        Reply::html(self.place.page(&format!(
            "<p>To accept charges shown below, click on the 'View Report' button, otherwise click the 'Back' button \
             on your browser.</p>\n<form enctype=\"multipart/form-data\" method=\"post\" \
             action=\"{prefix}/cgi-bin/DktRpt.pl?{token}\"><hr>{}<input type=\"submit\" value=\"View Report\"></form>",
            receipt.table(Moment::Offered, Utc::now(), self.place.court.zone)
        )))
    }

    fn charge(
        &self,
        receipt: &Receipt,
        case_id: u64,
        docket_number: Option<String>,
        filters: BTreeMap<String, String>,
    ) {
        let item = Item::Docket {
            pacer_case_id: case_id.to_string(),
            docket_number,
            filters,
        };
        charge(&self.simulator, &self.place.court.id, receipt, item);
    }

    /// A saved page, byte for byte. It is charged by its text, whatever its own receipt says.
    fn replay(&self, page: &ReplayPage, fields: &Fields) -> Reply {
        let Ok(bytes) = std::fs::read(&page.file) else {
            return self.notice(&Notice::CaseNotFound);
        };
        let pages = report_pages(&bytes).min(PAGE_CAP);
        let criteria = page.docket_number.clone().unwrap_or_default();
        let receipt = self.receipt(criteria.clone(), pages);
        if self.visitor.receipts == Receipts::Always && !self.agreed {
            return self.offer(fields, &receipt);
        }
        self.charge(
            &receipt,
            page.pacer_case_id,
            page.docket_number.clone(),
            fields.filters(),
        );
        Reply::saved(Bytes::from(bytes))
    }

    fn notice(&self, notice: &Notice) -> Reply {
        Reply::html(notice::page(&self.place, notice.text()))
    }
}

/// What well-known cases answer with.
enum Instead {
    Free(Notice),
    Billed(&'static str),
}

fn instead_of_report(stub: &Stub) -> Option<Instead> {
    Some(match stub.oddity {
        Oddity::Empty => Instead::Free(Notice::NoDocuments),
        Oddity::WrongType => Instead::Billed("The case type was mc but it must be cv or cr or cit"),
        Oddity::AdministrativelyClosed => {
            Instead::Billed("*** This case was administratively closed.***")
        }
        Oddity::BeingOpened => Instead::Billed(
            "*** This case is in the process of being opened, please check back later for additional information.***",
        ),
        _ => return None,
    })
}
