//! Queries about one case: the form, what it finds, and the same for small screens.

use std::fmt::Write;

use super::case_header::{header, slashed};
use super::{Place, escape};
use crate::world::case::Case;

/// The form in which a case is asked for.
pub fn form(place: &Place, token: &str) -> String {
    place.page(&format!(
        "<form enctype=\"multipart/form-data\" method=\"POST\" action=\"../cgi-bin/iquery.pl?{token}\">\n\
         <input type=\"hidden\" name=\"UserType\" value=\"\"><input type=\"hidden\" name=\"all_case_ids\" value=\"\">\n\
         <p>Case number <input type=\"text\" name=\"case_num\"></p>\n\
         <p><input type=\"submit\" name=\"button1\" value=\"Run Query\"></p></form>"
    ))
}

/// What is known about a case, and where there is more. Of a sealed case only the latter.
pub fn summary(place: &Place, case: &Case, sealed: bool) -> String {
    let mut html = match sealed {
        true => String::new(),
        false => header(place, case),
    };
    let (prefix, id) = (&place.prefix, case.stub.id);
    let _ = writeln!(
        html,
        "<table><tr><td><a href=\"{prefix}/cgi-bin/mobile_query.pl?search=caseInfo&amp;caseid={id}\">Mobile Query</a>\
         <br><strong>Query</strong><br>"
    );
    for (script, label) in [
        ("DktRpt.pl", "Docket Report ..."),
        ("HistDocQry.pl", "History/Documents..."),
        ("qryDocument.pl", "View a Document"),
    ] {
        let _ = writeln!(
            html,
            "&nbsp;&nbsp;&nbsp;<a href=\"{prefix}/cgi-bin/{script}?{id}\">{label}</a><br>"
        );
    }
    html.push_str("</td></tr></table>");
    place.page(&html)
}

/// The same for small screens, with the number of entries.
pub fn mobile(place: &Place, case: &Case) -> String {
    let (id, prefix, number) = (case.stub.id, &place.prefix, case.number_with_judges());
    let link = format!(
        "{prefix}/cgi-bin/mobile_query.pl?search=dktEntry&amp;caseid={id}&amp;caseNum={number}"
    );
    format!(
        "<!DOCTYPE html><html><head><title>Mobile Query</title></head><body><div data-role=\"page\">\n\
         <div class=\"ui-title\">CM/ECF Mobile - {}</div><a href=\"?logout\" data-icon=\"logout\">Logout</a>\n\
         <ul data-role=\"listview\"><li data-role=\"list-divider\">\
         <div class=\"ui-block-a\">{number}</div><div class=\"ui-block-b\">Filed: {}</div>\n<div>{}</div></li>\n\
         <li><form name=\"entrySearch\"><input id=\"caseid\" type=\"hidden\" name=\"caseid\" value=\"{id}\"></form>\n\
         <a id=\"entriesLink\" href=\"{link}\">Docket Entries <span class=\"ui-li-count\">{}</span></a></li></ul>\n\
         </div></body></html>\n",
        place.court.id.to_uppercase(),
        slashed(case.filed),
        escape(&case.title),
        case.entries.len()
    )
}
