//! Pages of ACMS. How the real ones look is known in pieces only: the names of fields and of some
//! elements are the courts', everything between them is ours.

pub mod model;

use chrono::Utc;
use serde_json::Value;

use super::receipt::{Moment, Receipt};
use super::{appellate, escape};
use crate::court::Court;
use model::View;

/// A page with a title.
fn page(title: &str, content: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html><head><title>{}</title></head>\n<body>\n{content}\n</body></html>\n",
        escape(title)
    )
}

/// What the identity provider shows to who is logged in to PACER: a form that sends itself.
pub fn saml_form(consumer: &str, relay: &str, response: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html><head><title>Signing in</title></head>\n\
         <body onload=\"document.forms[0].submit()\">\n<form action=\"{}\" method=\"post\"><div>\n{}{}</div>\n\
         <noscript><input type=\"submit\" value=\"Continue\"></noscript></form>\n</body></html>\n",
        escape(consumer),
        hidden("RelayState", relay),
        hidden("SAMLResponse", response),
    )
}

fn hidden(name: &str, value: &str) -> String {
    format!(
        "<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n",
        escape(value)
    )
}

/// What it shows to everybody else. No program should take it for an answer.
pub fn login_form() -> String {
    page(
        "PACER Login",
        "<form action=\"https://pacer.login.uscourts.gov/csologin/login.jsf\" method=\"post\">\n\
         <p>Username: <input name=\"loginForm:loginName\" type=\"text\"></p>\n\
         <p>Password: <input name=\"loginForm:password\" type=\"password\"></p>\n\
         <p><input type=\"submit\" value=\"Login\"></p></form>",
    )
}

/// What a court shows after it heard from the identity provider.
pub fn after_login(believed: bool) -> String {
    match believed {
        true => front(),
        false => page("ACMS", "<p>You could not be signed in.</p>"),
    }
}

/// The front page of a court.
pub fn front() -> String {
    page(
        "ACMS",
        "<p>Put the docket number of a case behind the address of this page.</p>",
    )
}

/// No such case, and nothing is charged for that.
pub fn not_found() -> String {
    page("ACMS", "<p>There is no such case.</p>")
}

/// The page of a case, which asks for its docket when it is looked at.
pub fn frame(site: &str, number: &str) -> String {
    page(
        number,
        &format!(
            "<div id=\"indexContent\" hx-get=\"{}/Home/IndexContent?caseIdentifier={number}\" hx-trigger=\"load\"></div>",
            escape(site)
        ),
    )
}

/// The receipt as a page shows it.
pub fn receipt(court: &Court, receipt: &Receipt) -> String {
    receipt.table(Moment::Sold, Utc::now(), court.zone)
}

/// The docket, with what scripts read and what they hold on to.
pub fn index(view: &View<'_>, model: &Value, receipt: Option<&str>) -> String {
    let entries: String = match view.is_sealed() {
        true => String::new(),
        false => view
            .case
            .entries
            .iter()
            .map(|entry| row(view, entry))
            .collect(),
    };
    format!(
        "<div id=\"indexContent\">\n<script>\nwindow.showDocViewModel = {};\n</script>\n\
         <div id=\"fullDocketContent\"><table>\n{entries}</table></div>\n\
         <div class=\"transaction-receipt\">{}</div>\n\
         <div id=\"document-viewer-modal\"><input type=\"checkbox\" id=\"showPdfHeader\" checked>\n\
         <button type=\"button\">Accept Charges and Retrieve</button></div>\n</div>\n",
        script(model),
        receipt.unwrap_or_default(),
    )
}

/// JSON that no text in it can end too early.
fn script(model: &Value) -> String {
    model.to_string().replace('<', "\\u003c")
}

fn row(view: &View<'_>, entry: &crate::world::case::Entry) -> String {
    let (world, stub) = (view.world, &view.case.stub);
    let id = world.acms_entry_id(stub, entry).unwrap_or_default();
    let number = entry.number.unwrap_or_default();
    let link = match entry.sheets.first() {
        None => number.to_string(),
        Some(sheet) => format!(
            "<a href=\"#\" class=\"entry-link\" data-docket-entry-id=\"{id}\" data-doc-id=\"{}\">{number}</a>",
            world.acms_document_id(stub, sheet).unwrap_or_default()
        ),
    };
    format!(
        "<tr><td>{}</td><td>{link}</td><td>{}</td></tr>\n",
        entry.filed.format("%m/%d/%Y"),
        model::entry_html(entry)
    )
}

/// When an entry was entered, as its text says it.
fn entered(entry: &crate::world::case::Entry) -> String {
    format!(
        "{} {}",
        entry.entered.format("%m/%d/%Y"),
        appellate::entries::time(entry.seq)
    )
}
