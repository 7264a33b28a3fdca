//! The form in which a docket report is asked for.

use std::fmt::Write;

use super::Place;

/// The form, posting to the page token.
pub fn page(place: &Place, token: &str, case_id: Option<u64>) -> String {
    let case_id = case_id.map(|id| id.to_string()).unwrap_or_default();
    let fields = if place.court.is_bankruptcy() {
        bankruptcy()
    } else {
        district()
    };
    place.page(&format!(
        "<form enctype=\"multipart/form-data\" method=\"POST\" action=\"../cgi-bin/DktRpt.pl?{token}\">\n\
         <font face=\"arial,helvetica\" color=\"#0000cc\" size=\"4\"><b>Docket Sheet</b></font>\n\
         <input type=\"hidden\" name=\"all_case_ids\" value=\"{case_id}\" id=\"all_case_ids\">\n\
         <p>Case number <input type=\"text\" name=\"case_num\" id=\"case_number_text_area_0\"></p>\n{fields}\
         <p><input type=\"submit\" name=\"button1\" value=\"Run Report\">\
         <input type=\"reset\" name=\"reset\" value=\"Clear\"></p></form>"
    ))
}

fn district() -> String {
    let mut html = select("date_range_type", &["Filed", "Entered"]);
    html += &inputs(&[
        "date_from",
        "date_to",
        "documents_numbered_from_",
        "documents_numbered_to_",
    ]);
    html += &boxes(&[
        "list_of_parties_and_counsel",
        "terminated_parties",
        "list_of_member_cases",
        "view_multi_docs",
    ]);
    html += &select("pdf_header", &["1", "2"]);
    html += &select("output_format", &["html", "pdf"]);
    html + &select(
        "sort1",
        &[
            "oldest date first",
            "most recent date first",
            "document number",
        ],
    )
}

fn bankruptcy() -> String {
    let mut html = select("date_type", &["filed", "entered"]);
    html += &inputs(&[
        "date_from",
        "date_to",
        "documents_numbered_from_",
        "documents_numbered_to_",
    ]);
    html += &boxes(&[
        "terminated_parties",
        "links_to_nef",
        "page_count",
        "include_claim_supplements",
        "view_multi_docs",
    ]);
    html += &select("output_format", &["html", "text"]);
    let orders = [
        "oldest date first",
        "most recent date first",
        "document number ascending",
        "document number descending",
    ];
    html + &select("sort1", &orders)
}

fn select(name: &str, values: &[&str]) -> String {
    let mut html = format!("<p>{name} <select name=\"{name}\">");
    for value in values {
        let _ = write!(html, "<option value=\"{value}\">{value}</option>");
    }
    html + "</select></p>\n"
}

fn inputs(names: &[&str]) -> String {
    let input = |name: &&str| format!("<p>{name} <input type=\"text\" name=\"{name}\"></p>\n");
    names.iter().map(input).collect()
}

fn boxes(names: &[&str]) -> String {
    let input = |name: &&str| format!("<p><input type=\"checkbox\" name=\"{name}\"> {name}</p>\n");
    names.iter().map(input).collect()
}
