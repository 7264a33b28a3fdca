//! The transaction receipt, at the end of what was bought or in front of what may be.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::escape;

/// What a receipt says.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// User name.
    pub login: String,
    /// Client code, or nothing.
    pub client_code: String,
    /// `Docket Report`, `Image5-0`, …
    pub description: String,
    /// Docket number and filters.
    pub criteria: String,
    /// Pages charged.
    pub pages: u32,
    /// Cost in cents.
    pub cents: u32,
}

/// When the receipt is shown, which decides its labels and its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// On what was sold.
    Sold,
    /// On a page that asks first.
    Offered,
}

impl Receipt {
    /// The receipt as a table, with the time in the court's zone.
    pub fn table(&self, moment: Moment, now: DateTime<Utc>, zone: Tz) -> String {
        let local = now.with_timezone(&zone);
        let (time, login, criteria) = match moment {
            Moment::Sold => (
                local.format("%m/%d/%Y %H:%M:%S"),
                "PACER Login:",
                "Search Criteria:",
            ),
            Moment::Offered => (
                local.format("%a %b %e %H:%M:%S %Y"),
                "Pacer Login:",
                "Case Number:",
            ),
        };
        format!(
            "<center><table border=\"1\" bgcolor=\"white\" width=\"400\">\
             <tr><th colspan=\"4\"><font size=\"+1\" color=\"DARKRED\">PACER Service Center </font></th></tr>\
             <tr><th colspan=\"4\"><font color=\"DARKBLUE\">Transaction Receipt </font></th></tr>\
             <tr></tr><tr></tr>\
             <tr><td colspan=\"4\" align=\"CENTER\"><font size=\"-1\" color=\"DARKBLUE\">{time}</font></td></tr>\
             <tr>{}{}</tr><tr>{}{}</tr><tr>{}{}</tr><tr></tr><tr></tr></table></center>",
            pair(login, &self.login),
            pair("Client Code:", &self.client_code),
            pair("Description:", &self.description),
            pair(criteria, &self.criteria),
            pair("Billable Pages:", &self.pages.to_string()),
            pair("Cost:", &dollars(self.cents)),
        )
    }
}

fn pair(label: &str, value: &str) -> String {
    let font = "<font size=\"-1\" color=\"DARKBLUE\">";
    format!(
        "<th align=\"LEFT\">{font} {label} </font></th><td align=\"LEFT\">{font} {} </font></td>",
        escape(value)
    )
}

/// Cents as receipts print them: dollars with two decimals, no sign.
pub fn dollars(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
