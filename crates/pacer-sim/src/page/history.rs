//! The list of a case's history or documents.

use std::fmt::Write;

use super::case_header::{header, slashed};
use super::{Place, escape};
use crate::world::case::{Case, Entry};

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Every entry.
    History,
    /// Those with a number.
    Documents,
}

/// The form in which the list is asked for.
pub fn form(place: &Place, token: &str) -> String {
    place.page(&format!(
        "<form enctype=\"multipart/form-data\" method=\"POST\" action=\"../cgi-bin/HistDocQry.pl?{token}\">\n\
         <p><input type=\"radio\" name=\"QueryType\" value=\"History\" checked> History \
         <input type=\"radio\" name=\"QueryType\" value=\"Documents\"> Documents</p>\n\
         <p>Sort by <select name=\"sort1\"><option value=\"asc\">Oldest date first</option>\
         <option value=\"desc\">Most recent date first</option></select></p>\n\
         <p><input type=\"checkbox\" name=\"DisplayDktText\" value=\"DisplayDktText\"> Display docket text</p>\n\
         <p><input type=\"submit\" name=\"button1\" value=\"Run Query\"></p></form>"
    ))
}

/// The list without its receipt.
pub fn content(place: &Place, case: &Case, list: List, entries: &[&Entry], texts: bool) -> String {
    let mut html = header(place, case);
    let (title, nothing) = match list {
        List::History => ("History", "There are no events docketed for this case."),
        List::Documents => ("Documents", "There are no documents for this case."),
    };
    let _ = writeln!(html, "<h2 align=\"center\">{title}</h2>");
    if entries.is_empty() {
        let _ = writeln!(html, "<h3 align=\"center\">{nothing}</h3>");
        return html;
    }
    html.push_str(
        "<center><table cellpadding=\"2\" cellspacing=\"0\" border=\"1\">\n\
         <tr><th>Doc.<br>No.</th><th>Dates</th><th>Description</th></tr>\n",
    );
    for entry in entries {
        row(&mut html, place, case, entry, texts);
    }
    html.push_str("</table></center>\n");
    html
}

fn row(html: &mut String, place: &Place, case: &Case, entry: &Entry, texts: bool) {
    let _ = writeln!(
        html,
        "<tr valign=\"top\"><td rowspan=\"{}\" valign=\"center\" align=\"center\">{}</td>\
         <td><table cellspacing=\"0\" cellpadding=\"0\" width=\"100%\" border=\"0\">{}</table></td><td>{}</td></tr>",
        1 + u8::from(texts),
        number(place, case, entry),
        dates(entry),
        escape(&entry.title)
    );
    if texts {
        let text = escape(&entry.text);
        let _ = writeln!(
            html,
            "<tr><td colspan=\"2\"><i>Docket Text: </i>{text}</td></tr>"
        );
    }
}

fn number(place: &Place, case: &Case, entry: &Entry) -> String {
    let Some(number) = entry.number else {
        return "&nbsp;".to_owned();
    };
    let Some(main) = entry.sheets.first() else {
        return number.to_string();
    };
    let id = main.id(&place.court.prefix, '0');
    format!(
        "<a href=\"{}/doc1/{id}\" onclick=\"goDLS('{}/doc1/{id}','{}','{}','','','1','','');return(false);\">{number}</a>",
        place.base, place.prefix, case.stub.id, entry.seq
    )
}

fn dates(entry: &Entry) -> String {
    let row = |label: &str, day| {
        format!(
            "<tr><td><i>{label}</i></td><td align=\"right\">{}</td></tr>",
            slashed(day)
        )
    };
    match entry.filed == entry.entered {
        true => row("Filed &amp; Entered: &nbsp;", entry.filed),
        false => row("Filed: ", entry.filed) + &row("Entered: ", entry.entered),
    }
}
