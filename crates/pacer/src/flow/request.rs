//! One HTTP request to a court.

use crate::court::Court;
use crate::form::Fields;

/// What to ask a court for, below its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CourtRequest {
    /// GET of a path with its query.
    Get(String),
    /// The same, with the wish to be shown the price before anything is charged.
    GetPrice(String),
    /// POST of a form, as multipart.
    Post(String, Vec<(String, String)>),
    /// POST of a form of an appellate court, url-encoded.
    PostUrlencoded(String, Vec<(String, String)>),
}

impl CourtRequest {
    /// POST of a form that we fill in.
    pub fn post(path: String, fields: Fields) -> CourtRequest {
        let owned = |(name, value): (&str, String)| (name.to_owned(), value);
        CourtRequest::Post(path, fields.into_iter().map(owned).collect())
    }

    /// The same question at the path where the servlet of the court was before it moved; none if it is asked
    /// elsewhere, or never moved, and of a form.
    pub(super) fn at_legacy_path(&self, court: &Court) -> Option<CourtRequest> {
        let legacy = court.legacy_servlet_path.as_deref()?;
        let moved = |path: &str| {
            let rest = path.strip_prefix(court.servlet())?;
            Some(format!("{legacy}{rest}"))
        };
        Some(match self {
            CourtRequest::Get(path) => CourtRequest::Get(moved(path)?),
            CourtRequest::GetPrice(path) => CourtRequest::GetPrice(moved(path)?),
            CourtRequest::Post(..) | CourtRequest::PostUrlencoded(..) => return None,
        })
    }
}
