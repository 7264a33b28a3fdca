//! Names of things that courts sell: the same thing has the same name, whoever asks for it.

use pacer::ids::PacerDocId;

use crate::DocketOptions;

/// What the names of all dockets of a court (CourtListener's id) begin with.
#[must_use]
pub fn dockets_of(court: &str) -> String {
    format!("docket/{court}/")
}

/// A report of a case with these options. A case is named by the court's id of it, or by its number
/// where courts are asked by that.
#[must_use]
pub fn docket(court: &str, case: &str, options: &DocketOptions) -> String {
    // A slash would end the part that names the case.
    let case = case.replace('/', "%2F");
    format!("{}{case}/{}", dockets_of(court), spelled(options))
}

/// The menu of the entry that a document belongs to.
#[must_use]
pub fn menu(court: &str, document: &PacerDocId) -> String {
    format!("menu/{court}/{}", document.canonical())
}

/// The options in words.
fn spelled(options: &DocketOptions) -> String {
    let date = |date: Option<chrono::NaiveDate>| date.map_or(String::new(), |day| day.to_string());
    let number = |number: Option<i32>| number.map_or(String::new(), |number| number.to_string());
    format!(
        "dates={}..{};numbers={}..{};parties={};terminated={};members={}",
        date(options.date_start),
        date(options.date_end),
        number(options.number_start),
        number(options.number_end),
        options.show_parties_and_counsel,
        options.show_parties_and_counsel && options.show_terminated_parties,
        options.show_list_of_member_cases
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_as_they_are_stored() {
        let options = DocketOptions {
            number_start: Some(3),
            show_terminated_parties: true,
            ..DocketOptions::default()
        };
        assert_eq!(
            docket("cand", "1/2", &options),
            "docket/cand/1%2F2/dates=..;numbers=3..;parties=false;terminated=false;members=false"
        );
        let document = PacerDocId::parse("03512345678").unwrap();
        assert_eq!(menu("cand", &document), "menu/cand/03502345678");
    }
}
