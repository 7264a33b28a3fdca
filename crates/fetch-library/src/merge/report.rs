//! The pages of dockets of either kind of court as one kind of report.

use std::borrow::Cow;

use chrono_tz::Tz;
use fetch_model::kept_page::DocketPage;
use pacer::page::{appellate_docket::AppellateDocket, docket::Docket};

use super::{DocketTarget, appeal, find};

/// A page of a docket, and what only that of an appellate court tells.
pub(crate) struct Report<'a> {
    pub(super) page: Cow<'a, Docket>,
    pub(super) appeal: Option<&'a AppellateDocket>,
    /// Where days begin.
    pub(super) time_zone: Tz,
}

impl<'a> Report<'a> {
    /// Of the page of either kind of court; days begin in that zone.
    pub(crate) fn of(page: &'a DocketPage, time_zone: Tz) -> Report<'a> {
        Report {
            page: as_docket(page),
            appeal: match page {
                DocketPage::District(_) => None,
                DocketPage::Appellate(page) => Some(page),
            },
            time_zone,
        }
    }
}

/// The locks that are taken for a page, so that who merges several can take those of all of them first.
#[must_use]
pub fn locks_of(target: &DocketTarget, page: &DocketPage) -> Vec<String> {
    find::locks_of(target, &as_docket(page))
}

/// What dockets of all courts tell.
fn as_docket(page: &DocketPage) -> Cow<'_, Docket> {
    match page {
        DocketPage::District(page) => Cow::Borrowed(page),
        DocketPage::Appellate(page) => Cow::Owned(appeal::as_docket(page)),
    }
}
