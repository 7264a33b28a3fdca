//! What to ask appellate courts for. All of it goes to one servlet, as parameters of a GET.

use chrono::NaiveDate;

use super::form_date;
use crate::court::Court;
use crate::ids::{DocketNumber, PacerCaseId, PacerDocId};

/// What the docket of an appeal shall show beside its entries, caption, panel, prior cases and the
/// case below, which are always asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct AppellateDocketOptions {
    /// First day, in the court's zone.
    pub date_from: Option<NaiveDate>,
    /// Last day, in the court's zone.
    pub date_to: Option<NaiveDate>,
    /// Adds parties and counsel, and pages.
    pub parties_and_counsel: bool,
    /// Adds the associated cases.
    pub member_cases: bool,
}

impl AppellateDocketOptions {
    /// Path and query of the full docket of a case. The court finds it by its number: there is no
    /// lookup before, and a number that no case has costs a page.
    pub fn path(&self, court: &Court, number: &DocketNumber) -> String {
        self.path_for(court, ("caseNum", number.as_str()))
    }

    /// The same by the court's own id of the case, which some of its pages tell.
    pub fn path_by_id(&self, court: &Court, case: &PacerCaseId) -> String {
        self.path_for(court, ("caseId", case.as_str()))
    }

    fn path_for(&self, court: &Court, case: (&'static str, &str)) -> String {
        let mut query = Query::of("CaseSummary.jsp");
        query.push(case.0, case.1);
        // Without its button, the form is only shown.
        query.push("fullDocketReport", "Y");
        query.push("actionType", "Run Docket Report");
        for section in ["incDktEntries", "incOrigDkt", "incPrior", "incPanel"] {
            query.push(section, "Y");
        }
        query.push("incCaption", "long");
        if self.parties_and_counsel {
            query.push("incPtyAty", "Y");
        }
        if self.member_cases {
            query.push("incAssoc", "Y");
        }
        if let Some(day) = self.date_from {
            query.push("dateFrom", &form_date(day));
        }
        if let Some(day) = self.date_to {
            query.push("dateTo", &form_date(day));
        }
        query.below(court)
    }
}

/// Path and query of a document's price page. The fourth digit of the id counts: with 0, an entry
/// with several documents gives its menu instead.
pub fn appellate_price_path(court: &Court, document: &PacerDocId) -> String {
    let mut query = Query::of("ShowDoc");
    query.push("dls_id", document.as_str());
    query.push("pacer", "i");
    query.below(court)
}

/// Path and query that buys a document at once, past its price page. The same digit counts.
pub fn appellate_document_path(
    court: &Court,
    document: &PacerDocId,
    case: Option<&PacerCaseId>,
) -> String {
    let mut query = Query::of("ShowDoc");
    query.push("incPdfHeader", "Y");
    query.push("incPdfHeaderDisp", "Y");
    query.push("dls_id", document.as_str());
    if let Some(case) = case {
        query.push("caseId", case.as_str());
    }
    query.push("pacer", "t");
    query.below(court)
}

/// Path of the menu of the entry that a document belongs to. Where opening a link would buy the
/// document of an entry that has only one, the price is asked for instead, which shows the menu
/// just the same if there is one.
pub fn appellate_menu_path(court: &Court, document: &PacerDocId) -> String {
    let document = document.canonical();
    if court.sells_by_link() {
        return appellate_price_path(court, &document);
    }
    format!("/docs1/{document}")
}

/// Parameters of the servlet.
struct Query(String);

impl Query {
    fn of(servlet: &str) -> Query {
        Query(format!("servlet={servlet}"))
    }

    fn push(&mut self, name: &str, value: &str) {
        self.0.push('&');
        self.0.push_str(name);
        self.0.push('=');
        for byte in value.bytes() {
            match byte {
                b' ' => self.0.push('+'),
                byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                    self.0.push(char::from(byte));
                }
                byte => self.0.push_str(&format!("%{byte:02X}")),
            }
        }
    }

    fn below(self, court: &Court) -> String {
        format!("{}?{}", court.servlet(), self.0)
    }
}
