//! The ways to a case: search form, list of what was found, one case, options of its docket.

use super::{Frame, hidden};
use crate::page::escape;
use crate::world::case::Case;

/// The search form.
pub fn form(frame: &Frame<'_>) -> String {
    frame.page(
        "Case Search",
        &format!(
            "<form action='TransportRoom' method='post' name='CaseSearch'>\n{}{}\
             <p>Case Number or Range: <input type='text' name='csnum1'> to <input type='text' name='csnum2'></p>\n\
             <p>Last or Entity Name: <input type='text' name='aName'></p>\n\
             <input type='submit' value='Search'>\n</form>",
            hidden("servlet", "CaseSelectionTable.jsp"),
            frame.csrf_field()
        ),
    )
}

/// The list of cases that were found, up to its receipt. The only page that tells a case's own id
/// to somebody who knows its number.
pub fn table(frame: &Frame<'_>, cases: &[&Case]) -> String {
    let mut rows: String = cases.iter().map(|case| row(frame, case)).collect();
    if rows.is_empty() {
        rows = "<tr><td colspan=4>No cases were found.</td></tr>\n".to_owned();
    }
    frame.start("Case Selection Table")
        + "<center><b>Case Selection Table</b></center>\n<table width=100% border=1 cellpadding=4>\n\
           <tr><th>Case Number</th><th>Title</th><th>Opening Date</th><th>Originating Case Number</th></tr>\n"
        + &rows
        + "</table>\n<br>\n"
}

fn row(frame: &Frame<'_>, case: &Case) -> String {
    let number = case.stub.docket_number();
    let below = case
        .appeal
        .as_ref()
        .and_then(|appeal| appeal.origin.as_ref());
    format!(
        "<tr><td><a href='{0}?servlet=CaseSummary.jsp&caseNum={number}&incOrigDkt=Y&incDktEntries=Y'>{number}</a></td>\
         <td><a href='{0}?servlet=CaseQuery.jsp&caseid={1}&csnum1={number}&shorttitle={2}'>{3}</a></td><td>{4}</td>\
         <td>{5}</td></tr>\n",
        frame.servlet(),
        case.stub.id,
        plus(&case.title),
        escape(&case.title),
        case.filed.format("%m/%d/%Y"),
        below
            .map(|origin| origin.number.as_str())
            .unwrap_or("&nbsp;"),
    )
}

fn plus(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What can be asked about one case.
pub fn case(frame: &Frame<'_>, case: &Case) -> String {
    let number = case.stub.docket_number();
    let link = |query: &str, label: &str| {
        format!(
            "<tr><td><a href='{}?servlet={query}'>{label}</a></td></tr>\n",
            frame.servlet()
        )
    };
    frame.page(
        "Case Query",
        &format!(
            "<center><b>{number} {}</b></center>\n<table>\n{}{}</table>",
            escape(&case.title),
            link(
                &format!("CaseSummary.jsp&caseNum={number}&incOrigDkt=Y&incDktEntries=Y"),
                "Case Summary"
            ),
            link(
                &format!("DocketReportFilter.jsp&caseId={}", case.stub.id),
                "Docket Report"
            ),
        ),
    )
}

/// The options of the docket report, with what is wrong about those that were sent.
pub fn options(frame: &Frame<'_>, number: &str, wrong: &str) -> String {
    let ticked = [
        "incOrigDkt",
        "incPrior",
        "incAssoc",
        "incPanel",
        "incPtyAty",
        "incDktEntries",
    ];
    let boxes: String = ticked
        .iter()
        .map(|name| {
            format!("<p><input type='checkbox' name='{name}' value='Y' checked> {name}</p>\n")
        })
        .collect();
    let wrong = match wrong {
        "" => String::new(),
        text => format!("<p><b>{}</b></p>\n", escape(text)),
    };
    frame.page(
        "Docket Report Filter",
        &format!(
            "{wrong}<form action='TransportRoom' method='post' name='DocketReportFilter'>\n{}{}{}{}{boxes}\
             <p><input type='checkbox' name='incCaption' value='long' checked> incCaption</p>\n\
             <p>Docket entries filed from <input type='text' name='dateFrom'> to <input type='text' name='dateTo'></p>\n\
             <p><input type='checkbox' name='incPdfMulti' value='Y'> incPdfMulti</p>\n\
             <input type='submit' name='actionType' value='Run Docket Report'>\n</form>",
            hidden("servlet", "CaseSummary.jsp"),
            frame.csrf_field(),
            hidden("caseNum", number),
            hidden("fullDocketReport", "Y"),
        ),
    )
}
