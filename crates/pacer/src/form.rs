//! What to send: paths and form fields. Base URLs, cookies and the wire belong to the client.
//!
//! Courts want every form post as `multipart/form-data`, each field a part without a file name.

mod appellate;

use chrono::NaiveDate;
use serde::Serialize;

pub use appellate::{
    AppellateDocketOptions, appellate_document_path, appellate_menu_path, appellate_price_path,
};

use crate::court::{Court, System};
use crate::ids::{DocketNumber, PacerCaseId, PacerDocId};

/// Fields of a form, in the order in which the court's own page has them.
pub type Fields = Vec<(&'static str, String)>;

/// The page token that courts accept in place of one from their own form.
pub const WILDCARD_PAGE_TOKEN: &str = "1-L_1_0-1";

/// Path of the service of the central sign-on that trades credentials for a token.
pub const LOGIN_PATH: &str = "/services/cso-auth";
/// Path of the service that ends a token's life.
pub const LOGOUT_PATH: &str = "/services/cso-logout";

/// The body of a login. It borrows, so that it keeps no secret, and has no `Debug`.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginBody<'a> {
    login_id: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    otp_code: Option<&'a str>,
    /// States that a filer has read the redaction notice. Harmless for everybody else.
    redact_flag: &'static str,
}

impl<'a> LoginBody<'a> {
    /// The credentials that every login has.
    pub fn new(username: &'a str, password: &'a str) -> Self {
        Self {
            login_id: username,
            password,
            client_code: None,
            otp_code: None,
            redact_flag: "1",
        }
    }

    /// Adds the label under which the account is billed; an empty one counts as none.
    pub fn client_code(mut self, code: &'a str) -> Self {
        self.client_code = Some(code).filter(|code| !code.is_empty());
        self
    }

    /// Adds the one-time code of an account with a second factor.
    pub fn otp_code(mut self, code: &'a str) -> Self {
        self.otp_code = Some(code).filter(|code| !code.is_empty());
        self
    }

    /// The JSON to send. It holds the password: the caller wipes it after sending.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a struct of strings is always JSON")
    }
}

/// Path and query of the free lookup of case ids by docket number (not in appellate courts).
pub fn lookup_path(number: &DocketNumber) -> String {
    format!(
        "/cgi-bin/possible_case_numbers.pl?{}",
        bare_query(&number.for_lookup())
    )
}

/// Path and query to which a docket report's form is posted.
pub fn docket_report_path() -> String {
    format!("/cgi-bin/DktRpt.pl?{WILDCARD_PAGE_TOKEN}")
}

/// Path and query to which the free query about one case is posted (district and bankruptcy).
pub fn case_query_path() -> String {
    format!("/cgi-bin/iquery.pl?{WILDCARD_PAGE_TOKEN}")
}

/// The fields of that query: the case, and empty ones for what could be searched by instead.
pub fn case_query_fields(case: &PacerCaseId) -> Fields {
    let mut fields: Fields = vec![
        ("UserType", String::new()),
        ("all_case_ids", case.to_string()),
        // The court only asks that it is not blank.
        ("case_num", " ".to_owned()),
    ];
    let others = [
        "Qry_filed_from",
        "Qry_filed_to",
        "lastentry_from",
        "lastentry_to",
        "last_name",
        "first_name",
        "middle_name",
        "person_type",
    ];
    fields.extend(others.map(|name| (name, String::new())));
    fields
}

/// Path of a document's menu, price page or, with a form, the document. The digit that tells them
/// apart is part of the id.
pub fn document_path(document: &PacerDocId) -> String {
    format!("/doc1/{document}")
}

/// Whether asking for this path, with its query, may be billed: dockets, documents and whatever the
/// servlet of an appellate court does. Where a court puts a document that was paid for, nothing is.
pub fn may_be_billed(path: &str) -> bool {
    const SOLD_AT: [&str; 10] = [
        "/doc1/",
        "/docs1/",
        "TransportRoom",
        "DktRpt.pl",
        "HistDocQry.pl",
        "show_doc.pl",
        "show_case_doc",
        "document_link.pl",
        "show_multidocs.pl",
        "SearchClaims.pl",
    ];
    SOLD_AT.iter().any(|place| path.contains(place))
}

/// Whether a path is where a court puts a document that was sold, for its buyer to fetch.
/// Source: CM/ECF leads there after an order, by a page or by a redirect (`docs/PACER.md`).
pub fn is_put_aside(path: &str) -> bool {
    let place = path.split(['?', '#']).next().unwrap_or_default();
    place.ends_with("/show_temp.pl")
}

/// Path and query that redirects from a document's number to its id (district software only).
/// Ask with GET: at least one court bans addresses that send HEAD.
pub fn show_case_doc_path(number: u32, case: &PacerCaseId, attachment: Option<u32>) -> String {
    let attachment = attachment
        .map(|number| number.to_string())
        .unwrap_or_default();
    format!("/cgi-bin/show_case_doc?{number},{case},{attachment},,")
}

/// Lookups take the number as the whole query, with `:` and `/` as they are.
fn bare_query(number: &str) -> String {
    let mut query = String::with_capacity(number.len());
    for byte in number.bytes() {
        if byte.is_ascii_alphanumeric() || b":-/~._".contains(&byte) {
            query.push(char::from(byte));
        } else {
            query.push_str(&format!("%{byte:02X}"));
        }
    }
    query
}

/// Which date of an entry a date range is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DateRangeType {
    /// When it was filed.
    #[default]
    Filed,
    /// When it was entered in the docket.
    Entered,
}

/// How the report orders its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// As they came.
    #[default]
    OldestFirst,
    /// Latest first.
    NewestFirst,
    /// By document number; unnumbered entries are left out by some courts.
    DocumentNumber,
}

/// What a docket report shall show. The default is the whole docket without parties.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct DocketReportOptions {
    /// Which date the range means.
    pub date_range_type: DateRangeType,
    /// First day, in the court's zone.
    pub date_from: Option<NaiveDate>,
    /// Last day, in the court's zone.
    pub date_to: Option<NaiveDate>,
    /// Lowest entry number. A number range leaves out unnumbered entries.
    pub number_from: Option<u32>,
    /// Highest entry number.
    pub number_to: Option<u32>,
    /// Adds parties and counsel, and pages.
    pub parties_and_counsel: bool,
    /// Adds terminated parties; has no effect without the others.
    pub terminated_parties: bool,
    /// Adds the member cases of a lead case; can be very costly.
    pub member_cases: bool,
    /// Order of entries.
    pub sort: Sort,
}

impl DocketReportOptions {
    /// The form's fields for a case in that court. Appellate courts have another form
    /// ([`AppellateDocketOptions`]), and would not understand this one: ask
    /// [`Court::is_appellate`].
    pub fn fields(&self, court: &Court, case: &PacerCaseId) -> Fields {
        let mut fields: Fields = vec![
            ("all_case_ids", case.to_string()),
            // The court only asks that it is not blank.
            ("case_num", " ".to_owned()),
        ];
        self.push_dates(&mut fields, court.system);
        self.push_numbers(&mut fields);
        self.push_parties(&mut fields);
        fields.push(("pdf_header", "1".to_owned()));
        fields.push(("output_format", "html".to_owned()));
        fields.push(("sort1", self.sort_value(court.system).to_owned()));
        fields
    }

    fn push_dates(&self, fields: &mut Fields, system: System) {
        let range = match self.date_range_type {
            DateRangeType::Filed => "Filed",
            DateRangeType::Entered => "Entered",
        };
        fields.push(("date_range_type", range.to_owned()));
        if system == System::Bankruptcy {
            // Their own name for the same field; production clients send the other one.
            fields.push(("date_type", range.to_lowercase()));
        }
        // Without a first day, courts answer a large docket with a page of choices.
        let from = self
            .date_from
            .map_or_else(|| "1/1/1960".to_owned(), form_date);
        fields.push(("date_from", from));
        if let Some(to) = self.date_to {
            fields.push(("date_to", form_date(to)));
        }
    }

    fn push_numbers(&self, fields: &mut Fields) {
        if let Some(number) = self.number_from {
            fields.push(("documents_numbered_from_", number.to_string()));
        }
        if let Some(number) = self.number_to {
            fields.push(("documents_numbered_to_", number.to_string()));
        }
    }

    fn push_parties(&self, fields: &mut Fields) {
        if self.parties_and_counsel {
            fields.push(("list_of_parties_and_counsel", "on".to_owned()));
            if self.terminated_parties {
                fields.push(("terminated_parties", "on".to_owned()));
            }
        }
        if self.member_cases {
            fields.push(("list_of_member_cases", "on".to_owned()));
        }
    }

    fn sort_value(&self, system: System) -> &'static str {
        match (self.sort, system) {
            (Sort::OldestFirst, _) => "oldest date first",
            (Sort::NewestFirst, _) => "most recent date first",
            (Sort::DocumentNumber, System::Bankruptcy) => "document number ascending",
            (Sort::DocumentNumber, _) => "document number",
        }
    }
}

fn form_date(date: NaiveDate) -> String {
    date.format("%m/%d/%Y").to_string()
}

/// What is known about a document besides its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DocumentOptions<'a> {
    /// The case, which goes into the header on each page. It must be the right one; courts
    /// refuse a document that is shared between cases under the wrong one.
    pub case: Option<&'a PacerCaseId>,
    /// The entry's sequence number.
    pub sequence_number: Option<&'a str>,
    /// The token of a free first look.
    pub magic_number: Option<&'a str>,
}

impl DocumentOptions<'_> {
    /// The fields that buy the document at once, past the price page. Post them to the
    /// [`document_path`] of [`PacerDocId::single_document`].
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        if let Some(case) = self.case {
            fields.push(("caseid", case.to_string()));
        }
        fields.push(("got_receipt", "1".to_owned()));
        fields.push(("pdf_header", "1".to_owned()));
        fields.push(("pdf_toggle_possible", "1".to_owned()));
        if let Some(number) = self.sequence_number {
            fields.push(("de_seq_num", number.to_owned()));
        }
        if let Some(number) = self.magic_number {
            fields.push(("magic_num", number.to_owned()));
        }
        fields
    }
}
