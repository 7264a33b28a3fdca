//! What the simulated PACER has for demonstrations.

/// Docket number and court of the case that it has for this purpose.
pub const DEMO_CASE: (&str, &str) = ("5:16-cv-00432", "okwd");

/// A docket request for that case, parties included, without an account.
pub const DEMO_DOCKET: &[(&str, &str)] = &[
    ("request_type", "1"),
    ("docket_number", DEMO_CASE.0),
    ("court", DEMO_CASE.1),
    ("show_parties_and_counsel", "true"),
];
