//! Pages that say something instead of showing what was asked for.

use super::docket::{again, full_docket_button};
use super::{Frame, SERVLET};
use crate::page::{Place, escape};

/// What is said when a document cannot be had, whatever the reason. There is no menu: readers
/// who look for one to see whether they are logged in have to know these words.
pub fn cannot_be_displayed() -> String {
    "<HTML><HEAD><TITLE>CM/ECF</TITLE></HEAD>\n<BODY>\n\
     <center><b>The requested document cannot be displayed</b></center>\n</BODY>\n</HTML>\n"
        .to_owned()
}

/// A page with one sentence.
pub fn message(frame: &Frame<'_>, text: &str) -> String {
    frame.page(
        "CM/ECF",
        &format!("<center><b>{}</b></center>", escape(text)),
    )
}

/// The page for a number that no case has, up to its receipt. It looks like a summary.
pub fn not_found(frame: &Frame<'_>, number: &str, asked: &[(String, String)]) -> String {
    frame.start(&format!("{number} Summary"))
        + &again(frame, asked)
        + &full_docket_button(frame, number, "Case Number Not Found", 1, "0.10")
        + &format!(
            "<table width=100% border=1 cellpadding=5>\n<tr><td>\n<b>{} Case Number Not Found</b>\n</td></tr>\n</table>\n<br>\n",
            escape(number)
        )
}

/// Sends the browser to the options of the docket report.
pub fn refresh(place: &Place, query: &str) -> String {
    format!(
        "<html><head>\n<meta http-equiv=\"REFRESH\" content=\"0; url={}{SERVLET}?servlet=DocketReportFilter.jsp&amp;{}\">\n\
         </head>\n<body></body></html>\n",
        place.base,
        escape(query)
    )
}

/// The web server's own page for a path that it does not serve.
pub fn no_such_path(place: &Place, path: &str) -> String {
    format!(
        "<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n\
         <p>The requested URL {} was not found on this server.</p>\n<hr>\n<address>Simulated Server at ecf.{}.uscourts.gov</address>\n\
         </body></html>\n",
        escape(path),
        place.court.id
    )
}
