//! The report of a docket: what it costs at most, and what is asked for in it.

use fetch_ledger::captures::Enough;
use fetch_model::{DocketOptions, RequestSpec, item_key};
use pacer::{
    form::{AppellateDocketOptions, DocketReportOptions},
    price,
};

use crate::{booked, purchase::Item};

/// The report of a case as something to buy.
pub(crate) fn item(asked: &RequestSpec, case: &str) -> Item {
    Item {
        key: item_key::docket(&asked.target_court, case, &asked.options),
        quoted: booked::cents(price::CAP_CENTS),
        priced_first: false,
        // A docket grows: only one that came since this request was allowed to begin will do.
        enough: Enough::Fresh,
        case: String::new(),
    }
}

/// What a district or bankruptcy court is asked for.
pub(crate) fn options(options: &DocketOptions) -> DocketReportOptions {
    let number = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
    DocketReportOptions {
        date_from: options.date_start,
        date_to: options.date_end,
        number_from: number(options.number_start),
        number_to: number(options.number_end),
        parties_and_counsel: options.show_parties_and_counsel,
        terminated_parties: options.show_terminated_parties,
        member_cases: options.show_list_of_member_cases,
        ..DocketReportOptions::default()
    }
}

/// What an appellate court is asked for.
pub(crate) fn appellate_options(options: &DocketOptions) -> AppellateDocketOptions {
    AppellateDocketOptions {
        date_from: options.date_start,
        date_to: options.date_end,
        parties_and_counsel: options.show_parties_and_counsel,
        member_cases: options.show_list_of_member_cases,
    }
}
