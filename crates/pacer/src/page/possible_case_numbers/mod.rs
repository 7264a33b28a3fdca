//! The answer to "which case has this number?" (`possible_case_numbers.pl`), an XML document.
//!
//! A short number can belong to several cases. [`lookup`] gives all of them, and
//! [`choose_for`] the one that a full number means; [`parse`] chooses as juriscraper does.

mod answer;
mod similarity;

use serde::{Deserialize, Serialize};

pub use answer::{Lookup, PossibleCase, lookup};

use super::PageError;
use crate::ids::DocketNumber;
use similarity::most_similar;

/// What is known about the case besides its number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints<'a> {
    /// The division's digit.
    pub office_number: Option<&'a str>,
    /// Letters of the kind of case.
    pub docket_number_letters: Option<&'a str>,
    /// The name of the case.
    pub case_name: Option<&'a str>,
}

/// The chosen case, as `pacer-fetch parse` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenCase {
    /// The number, without padding.
    pub docket_number: String,
    /// The case.
    pub pacer_case_id: String,
    /// Number and name, and when it was closed.
    pub title: String,
}

/// What a full docket number leaves of the cases that a lookup found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// This one is meant.
    One(PossibleCase),
    /// Any of these may be meant: nothing may be bought on a guess.
    Several(Vec<PossibleCase>),
}

/// Reads an answer and chooses. `Ok(None)` if there is no such case or it is sealed.
pub fn parse(page: &[u8], _court: &str, hints: Hints<'_>) -> Result<Option<ChosenCase>, PageError> {
    let cases = match lookup(page)? {
        Lookup::Cases(cases) => cases,
        Lookup::NotFound | Lookup::Sealed => return Ok(None),
        Lookup::NotLoggedIn => return Err(PageError::Bad("answer: not logged in")),
    };
    let case = choose(&cases, hints)?;
    Ok(Some(ChosenCase {
        docket_number: case.number.clone(),
        pacer_case_id: case.id.clone(),
        title: case.title.clone(),
    }))
}

/// Chooses among several cases as juriscraper does, step by step, until one is left.
pub fn choose<'a>(
    cases: &'a [PossibleCase],
    hints: Hints<'_>,
) -> Result<&'a PossibleCase, PageError> {
    let mut left: Vec<&PossibleCase> = cases.iter().collect();
    if let Some(office) = hints.office_number.filter(|_| left.len() > 1) {
        left.retain(|case| case.office().is_none_or(|own| own == office));
    }
    if let Some(letters) = hints.docket_number_letters.filter(|_| left.len() > 1) {
        left.retain(|case| case.number.contains(letters));
    }
    if let Some(main) = main_case(&left) {
        return Ok(main);
    }
    if left.len() > 1 {
        left = lowest_of_series(cases, left);
    }
    if let Some(name) = hints.case_name.filter(|_| left.len() > 1) {
        left = most_similar(&left, name).into_iter().collect();
    }
    match left[..] {
        [case] => Ok(case),
        [] => Err(PageError::NoMatch),
        _ => Err(PageError::Ambiguous),
    }
}

/// Of a case and its defendants, the case: all have its number, and only it has no number of a
/// defendant. None for what is not such a list.
fn main_case<'a>(left: &[&'a PossibleCase]) -> Option<&'a PossibleCase> {
    let first = left.first()?;
    let is_one_case = left.len() > 1
        && left
            .iter()
            .all(|case| case.main_number() == first.main_number());
    let mut without_number = left.iter().filter(|case| case.defendant_number().is_none());
    let main = without_number.next().filter(|_| is_one_case)?;
    without_number.next().is_none().then_some(main)
}

/// The defendants of a criminal case are numbered without gaps, the case itself being the lowest;
/// where defendants are not numbered, ids serve as well.
fn lowest_of_series<'a>(
    all: &'a [PossibleCase],
    left: Vec<&'a PossibleCase>,
) -> Vec<&'a PossibleCase> {
    let by_defendant = left.iter().all(|case| case.defendant.is_some());
    let number = |case: &PossibleCase| {
        let text = if by_defendant {
            case.defendant.as_deref()
        } else {
            Some(case.id.as_str())
        };
        text.and_then(|text| text.trim().parse::<i64>().ok())
    };
    let Some(mut numbers) = left
        .iter()
        .map(|case| number(case))
        .collect::<Option<Vec<i64>>>()
    else {
        return left;
    };
    numbers.sort_unstable();
    if !numbers
        .windows(2)
        .all(|pair| pair[0].checked_add(1) == Some(pair[1]))
    {
        return left;
    }
    all.iter()
        .filter(|case| number(case) == numbers.first().copied())
        .collect()
}

/// Narrows the cases by what the number itself says: office, letters, judge, defendant. Unlike
/// [`choose`], it takes neighbouring ids for one case only if the numbers agree in everything.
pub fn choose_for(cases: Vec<PossibleCase>, number: &DocketNumber) -> Choice {
    let mut left = cases;
    let wanted = number.components().unwrap_or_default();
    let office = wanted.office.map(|office| office.to_lowercase());
    narrow(&mut left, |case| {
        let own = case.office().map(str::to_lowercase);
        office.is_none() || own == office
    });
    narrow(&mut left, |case| {
        wanted.case_type.is_none() || case.letters() == wanted.case_type
    });
    let judge = wanted
        .judge_assigned
        .map(|initials| initials.to_lowercase());
    narrow(&mut left, |case| judge.is_some() && case.judge() == judge);
    if left.len() > 1
        && left
            .iter()
            .all(|case| case.main_number() == left[0].main_number())
    {
        let defendant = wanted.defendant.unwrap_or_else(|| "0".to_owned());
        narrow(&mut left, |case| {
            case.defendant_number().unwrap_or("0") == defendant
                && (defendant != "0" || case.defendant.is_some())
        });
        if left.len() > 1 {
            let all: Vec<&PossibleCase> = left.iter().collect();
            left = match main_case(&all) {
                Some(main) => vec![main.clone()],
                None => lowest_of_series(&left, all).into_iter().cloned().collect(),
            };
        }
    }
    match left.len() {
        1 => Choice::One(left.remove(0)),
        _ => Choice::Several(left),
    }
}

/// Keeps those that fit, or all if none does: a hint that excludes everything is no help.
fn narrow(cases: &mut Vec<PossibleCase>, fits: impl Fn(&PossibleCase) -> bool) {
    if cases.len() > 1 && cases.iter().any(&fits) {
        cases.retain(fits);
    }
}
