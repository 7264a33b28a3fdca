//! What asks before something is charged, or before something is shown.

use chrono::{DateTime, Utc};

use super::{Frame, hidden, receipt};
use crate::page::escape;
use crate::page::receipt::Receipt;
use crate::page::text_size::PAGE_CAP;

const TITLE: &str = "Download Confirmation";
const HEADING: &str =
    "<center><strong><font size=\"5\">Download Confirmation</font></strong><br><br>\n";

fn fields(fields: &[(String, String)]) -> String {
    fields
        .iter()
        .map(|(name, value)| hidden(name, value))
        .collect()
}

/// A link from outside, or a form without its token: what was asked, to be sent from here.
pub fn outside_link(frame: &Frame<'_>, asked: &[(String, String)]) -> String {
    frame.page(
        TITLE,
        &format!(
            "{HEADING}<p>The link to this page may not have originated from within CM/ECF. There may be a charge.</p>\n\
             <form method='post' action='{}'>\n{}{}<input type='submit' value='Accept Charges and Retrieve'>\n\
             </form></center>",
            frame.servlet(),
            fields(asked),
            frame.csrf_field()
        ),
    )
}

/// The price of a docket, for those who want to be asked.
pub fn docket_price(
    frame: &Frame<'_>,
    asked: &[(String, String)],
    bill: &Receipt,
    now: DateTime<Utc>,
) -> String {
    frame.page(
        TITLE,
        &format!(
            "{HEADING}<p>Your PACER account will be billed according to the table below.</p>\n{}<HR>\n\
             <form method='post' action='{}'>\n{}{}{}<input type='submit' value='Accept Charges and Retrieve'>\n\
             </form></center>",
            receipt(frame.place, bill, now),
            frame.servlet(),
            fields(asked),
            hidden("confirmCharge", "y"),
            frame.csrf_field()
        ),
    )
}

/// The price of one or more documents, and the form that buys them.
pub fn document_price(
    frame: &Frame<'_>,
    asked: &[(&str, String)],
    bill: &Receipt,
    real_pages: u32,
    now: DateTime<Utc>,
) -> String {
    let asked: String = asked
        .iter()
        .map(|(name, value)| hidden(name, value))
        .collect();
    let capped = match real_pages > PAGE_CAP && bill.pages == PAGE_CAP {
        true => format!(
            "The document has {real_pages} pages. You will only be billed for 30 pages.<br>\n"
        ),
        false => String::new(),
    };
    format!(
        "<html><head><title>{TITLE}</title></head>\n<body>\n<script type=\"text/javascript\">\nvar today = new Date();\n\
         function doSubmit() {{\n  document.AccCharge.recp.value = today.getTime() + \"\";\n\
         \x20 document.AccCharge.incPdfHeader.value = document.AccCharge.incPdfHeaderDisp.checked ? 'Y' : 'N';\n\
         \x20 document.AccCharge.submit();\n}}\n</script>\n{HEADING}\
         <strong>Document: PDF Document ({}) </strong><br><br>\n\
         Click on the \"Accept Charges and Retrieve\" button ONCE at the bottom of this page to download the document image.\
         <br>\nIf you download this document, your PACER account will be billed according to the table below:<br>\n\
         {capped}{}<HR>\n<center>\n<form name=\"AccCharge\" action=\"{}\" method=\"post\">\n{}\
         <input type=\"hidden\" name=\"incPdfHeader\" value=\"N\">\n\
         <input type=\"checkbox\" name=\"incPdfHeaderDisp\" value=\"Y\" checked> Show PDF Header\n{asked}\
         <input type=\"hidden\" name=\"pacer\" value=\"t\">\n<input type=\"hidden\" name=\"recp\" value=\"\">\n<br><br>\
         <input type=\"button\" value=\"Accept Charges and Retrieve\" onclick=\"doSubmit()\">\n</form>\n</center>\n\
         </center>\n</body></html>\n",
        escape(&bill.criteria),
        receipt(frame.place, bill, now),
        frame.servlet(),
        frame.csrf_field(),
    )
}

/// Asks whether somebody is authorized to see a document.
pub fn restricted(frame: &Frame<'_>, query: &str) -> String {
    frame.page(
        "Restricted Document",
        &format!(
            "<script type=\"text/javascript\">\n\
             if (confirm('Access to the document you are about to view has been restricted. \
             Do not allow it to be seen by unauthorized persons.')) {{\n\
             \x20 window.location = '{}?servlet=ShowDoc&isWarn=yes&{query}';\n}} else {{\n  window.close();\n}}\n</script>",
            frame.servlet()
        ),
    )
}
