//! The transaction receipt of the appellate software.

use chrono::{DateTime, Utc};

use crate::page::receipt::{Receipt, dollars};
use crate::page::{Place, escape};

/// The receipt as a table, with the time in the court's zone. It looks the same before and after
/// a charge.
pub fn table(place: &Place, receipt: &Receipt, now: DateTime<Utc>) -> String {
    let local = now.with_timezone(&place.court.zone);
    let label = label(&place.court.id);
    format!(
        "<HR><CENTER><TABLE BORDER=1 BGCOLOR=WHITE WIDTH=500>\n\
         <TR><TH COLSPAN=4><FONT SIZE=+1 COLOR=DARKRED>PACER Service Center</FONT></TH></TR>\n\
         <TR><TH COLSPAN=4><FONT COLOR=DARKBLUE>Transaction Receipt</FONT></TH></TR>\n<TR></TR>\n<TR></TR>\n\
         <TR><TD COLSPAN=4 ALIGN=CENTER>\n<FONT SIZE=-1 COLOR=DARKBLUE>{label}{}</FONT></TD></TR>\n\
         <TR>{}{}</TR><TR>{}{}</TR><TR>{}{}</TR>\n</TABLE>\n</CENTER>\n",
        local.format("%m/%d/%Y %H:%M:%S"),
        pair("PACER Login:", &receipt.login),
        pair("Client Code:", &receipt.client_code),
        pair("Description:", &receipt.description),
        pair("Search Criteria:", &receipt.criteria),
        pair("Billable Pages:", &receipt.pages.to_string()),
        pair("Cost:", &dollars(receipt.cents)),
    )
}

fn pair(label: &str, value: &str) -> String {
    let value = match value {
        "" => "&nbsp;".to_owned(),
        value => escape(value),
    };
    format!(
        "<TH ALIGN=LEFT><FONT SIZE=-1 COLOR=DARKBLUE>\n{label}</FONT></TH><TD ALIGN=LEFT>\n\
         <FONT SIZE=-1 COLOR=DARKBLUE>{value}</FONT></TD>"
    )
}

/// Some courts put their name in front of the time.
fn label(court: &str) -> String {
    let circuit = court.trim_start_matches(char::is_alphabetic);
    match (court, circuit) {
        ("ca5", _) => "5th Circuit - Appellate - ".to_owned(),
        ("ca1" | "ca11", _) | (_, "") => String::new(),
        (_, "2") => "U.S. Court of Appeals for the 2nd Circuit - ".to_owned(),
        (_, "3") => "U.S. Court of Appeals for the 3rd Circuit - ".to_owned(),
        (_, number) => format!("U.S. Court of Appeals for the {number}th Circuit - "),
    }
}
