//! Parties and attorneys, and what hangs off them.

use super::part;
use crate::openapi::{Described, Shape::*, key};

/// A party of a case.
#[rustfmt::skip]
pub(crate) const PARTY: Described = Described {
    name: "Party",
    about: "A party of a case.",
    keys: &[
        part("resource_uri", Url),
        part("id", Integer),
        part("attorneys", List(&Object(&PARTY_ATTORNEY))),
        part("party_types", List(&Object(&PARTY_TYPE))),
        part("date_created", Instant),
        part("date_modified", Instant),
        part("name", Text),
        part("extra_info", Text),
    ],
};

/// Counsel in a case.
#[rustfmt::skip]
pub(crate) const ATTORNEY: Described = Described {
    name: "Attorney",
    about: "Counsel in a case.",
    keys: &[
        part("resource_uri", Url),
        part("id", Integer),
        part("parties_represented", List(&Object(&REPRESENTATION))),
        part("date_created", Instant),
        part("date_modified", Instant),
        part("name", Text),
        part("contact_raw", Text),
        part("phone", Text),
        part("fax", Text),
        part("email", Text),
    ],
};

const ROLES: &str = "1 attorney to be noticed, 2 lead attorney, 3 in a sealed group, 4 pro hac vice, 5 self-terminated, 6 \
    terminated, 7 suspended, 8 inactive, 9 disbarred, 10 unknown; null for a line that means none of these.";

#[rustfmt::skip]
const PARTY_ATTORNEY: Described = Described {
    name: "PartyAttorney",
    about: "Who represents a party.",
    keys: &[
        key("attorney", Url),
        key("attorney_id", Integer),
        key("date_action", Date).or_null(),
        key("docket", Url),
        key("docket_id", Integer),
        key("role", Integer).or_null().means(ROLES),
    ],
};

#[rustfmt::skip]
const PARTY_TYPE: Described = Described {
    name: "PartyType",
    about: "What a party is in a case.",
    keys: &[
        key("docket", Url),
        key("docket_id", Integer),
        key("name", Text),
        key("date_terminated", Date).or_null(),
        key("extra_info", Text),
        key("highest_offense_level_opening", Text),
        key("highest_offense_level_terminated", Text),
        key("criminal_counts", List(&Object(&CRIMINAL_COUNT))),
        key("criminal_complaints", List(&Object(&CRIMINAL_COMPLAINT))),
    ],
};

#[rustfmt::skip]
const CRIMINAL_COUNT: Described = Described {
    name: "CriminalCount",
    about: "A count against a party.",
    keys: &[
        key("id", Integer),
        key("name", Text),
        key("disposition", Text),
        key("status", Integer),
        key("party_type", Integer),
    ],
};

#[rustfmt::skip]
const CRIMINAL_COMPLAINT: Described = Described {
    name: "CriminalComplaint",
    about: "A complaint against a party.",
    keys: &[
        key("id", Integer),
        key("name", Text),
        key("disposition", Text),
        key("party_type", Integer),
    ],
};

#[rustfmt::skip]
const REPRESENTATION: Described = Described {
    name: "Representation",
    about: "Whom an attorney represents.",
    keys: &[
        key("role", Integer).or_null().means(ROLES),
        key("docket", Url),
        key("party", Url),
        key("date_action", Date).or_null(),
    ],
};
