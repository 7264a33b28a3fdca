//! The answer when it is not known whether a request was accepted.

use fetch_queue::repeats::Mark;
use tracing::warn;

use crate::dialect::ApiError;

/// Why nothing may have been accepted. Whether it was is not known when the database did not say so
/// in time.
pub(super) fn not_accepted(error: fetch_db::Error, mark: Option<&Mark>) -> ApiError {
    if !matches!(error, fetch_db::Error::Unconfirmed) {
        return error.into();
    }
    warn!(
        error = &error as &dyn std::error::Error,
        "the database did not confirm whether a request was accepted"
    );
    ApiError::store_is_away(match mark {
        Some(_) => {
            "The database did not confirm in time that the request was accepted. It may have been \
             accepted: send it again with the same Idempotency-Key, and it will not be accepted \
             twice."
        }
        None => {
            "The database did not confirm in time that the request was accepted. It may have been \
             accepted: check the list of your requests before you send it again. With an \
             Idempotency-Key you could send it again without checking."
        }
    })
}
