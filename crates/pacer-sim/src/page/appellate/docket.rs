//! The docket, in full or as the summary of a case.

use super::sections;
use super::{END, Frame, entries, hidden, parties};
use crate::page::escape;
use crate::world::case::{Case, Entry};

/// Which parts of a docket were asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sections {
    /// The case below.
    pub origin: bool,
    /// Prior cases.
    pub prior: bool,
    /// Associated cases.
    pub associated: bool,
    /// The panel.
    pub panel: bool,
    /// Parties and attorneys.
    pub parties: bool,
    /// The long caption.
    pub caption: bool,
    /// Entries.
    pub entries: bool,
    /// Boxes to select several documents, and sizes.
    pub boxes: bool,
}

/// What is shown of a case.
pub struct View<'a> {
    /// The case.
    pub case: &'a Case,
    /// The parts.
    pub sections: Sections,
    /// The entries, in order.
    pub entries: Vec<&'a Entry>,
    /// What was asked, to be asked again in another format.
    pub asked: Vec<(String, String)>,
    /// In a summary: pages and price of the whole docket.
    pub full_price: Option<(u32, String)>,
}

/// The page up to its receipt.
pub fn page(frame: &Frame<'_>, view: &View<'_>) -> String {
    let place = frame.place;
    let case = view.case;
    let appeal = case
        .appeal
        .as_ref()
        .expect("cases of a court of appeals are appeals");
    let kind = if view.full_price.is_some() {
        "Summary"
    } else {
        "Docket"
    };
    let mut html = frame.start(&format!("{} {kind}", case.stub.docket_number()));
    html.push_str(&again(frame, &view.asked));
    if let Some((pages, price)) = &view.full_price {
        let number = case.stub.docket_number();
        html.push_str(&full_docket_button(
            frame,
            &number,
            &case.title,
            *pages,
            price,
        ));
    }
    html.push_str(&format!(
        "<table width=100% border=0>\n\t<tr><td align=right></td></tr>\n\t<tr><td align=center><b>General Docket<br>\n\
         \t{}</b></td>\n\t</tr>\n</table>\n<table width=100% border=1 cellpadding=4>\n",
        escape(&place.court.district)
    ));
    let wanted = view.sections;
    html.push_str(&sections::stub(place, view, appeal));
    if wanted.origin {
        html.push_str(&sections::originating_court(place, appeal));
    }
    html.push_str(&sections::related(view, appeal));
    if wanted.panel {
        html.push_str(&sections::panel(appeal));
    }
    html.push_str("</table>\n");
    if wanted.parties {
        html.push_str(&parties::section(&place.court.id, case));
    }
    if wanted.caption {
        html.push_str(&parties::caption(case));
    }
    if wanted.entries {
        html.push_str(&entries::section(place, view));
    }
    html
}

/// A page with its receipt.
pub fn with_receipt(html: String, receipt: &str) -> String {
    html + receipt + END
}

/// The form that asks for the same as data, which the simulator does not have.
pub(super) fn again(frame: &Frame<'_>, asked: &[(String, String)]) -> String {
    let fields: String = asked
        .iter()
        .map(|(name, value)| hidden(name, value))
        .collect();
    format!(
        "<FORM name='f1' action='TransportRoom?servlet=CaseSummary.jsp' method='post'>\n\
         <INPUT type='hidden' name='outputXML_TXT'>\n{fields}{}</FORM>\n",
        frame.csrf_field()
    )
}

/// The way from a summary to the options of the full docket, with its price.
pub(super) fn full_docket_button(
    frame: &Frame<'_>,
    number: &str,
    title: &str,
    pages: u32,
    price: &str,
) -> String {
    format!(
        "<form method=POST action='TransportRoom?servlet=DocketReportFilter.jsp'>\n{}<center>\nIf you view the {}{}\
         <input type=submit name=\"fullDocket\" value=\"Full Docket\">\n you will be charged for {pages} Pages   ${price}\
         </center>\n</form>\n",
        frame.csrf_field(),
        hidden("caseNum", number),
        hidden("shorttitle", title),
    )
}
