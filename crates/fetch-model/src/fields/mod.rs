//! The fields of a request: what each is called, what it may hold, and what is said about it.
//!
//! One table, [`FIELDS`]. The gateway decodes by it, whatever the request came as, and describes itself
//! with it (`OPTIONS`); the command checks names by it; the table in `docs/API.md` is written from it.

mod page;
mod table;

pub use page::{fields_table, type_of};
pub use table::{FIELDS, REQUEST_TYPES};

/// Identifies a field, in the order of [`FIELDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // They are described where they stand: in the table.
pub enum FieldId {
    Id,
    Court,
    Docket,
    RecapDocument,
    PacerUsername,
    PacerPassword,
    ClientCode,
    DateCreated,
    DateModified,
    DateCompleted,
    Status,
    RequestType,
    Message,
    PacerCaseId,
    DocketNumber,
    DeDateStart,
    DeDateEnd,
    DeNumberStart,
    DeNumberEnd,
    ShowPartiesAndCounsel,
    ShowTerminatedParties,
    ShowListOfMemberCases,
    OtpCode,
    SkipIfUnchanged,
    OnDoubt,
    Lane,
    NotBefore,
    MaxCostCents,
    Url,
    PacerDocId,
    EntryNumber,
    AttachmentNumber,
    Attachments,
}

impl FieldId {
    /// Its row in the table.
    #[must_use]
    pub const fn field(self) -> &'static Field {
        &FIELDS[self as usize]
    }

    /// The name under which it is sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.field().name
    }
}

// A field without a row, or in another place than its id, does not compile.
const _: () = {
    assert!(FIELDS.len() == FieldId::Attachments as usize + 1);
    let mut place = 0;
    while place < FIELDS.len() {
        assert!(FIELDS[place].id as usize == place);
        place += 1;
    }
};

/// What a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Shown in answers, and not looked at in requests: a type of the contract.
    Shown(&'static str),
    /// The id of a court.
    Court,
    /// The id of a row of ours.
    Row,
    /// A text.
    Text {
        /// The most characters; none for any number.
        max: Option<usize>,
        /// Whether it may be sent empty.
        may_be_blank: bool,
    },
    /// A text that becomes part of a cookie: printable ASCII without space, comma and semicolon.
    CookieText {
        /// The most characters.
        max: usize,
    },
    /// A text that is never stored or printed.
    Secret {
        /// The most characters; none for any number.
        max: Option<usize>,
    },
    /// One of these numbers, each with its label.
    Choice(&'static [(i64, &'static str)]),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A day, or null.
    Date,
    /// A time with its offset, or null.
    Instant {
        /// The furthest ahead, in days.
        max_days: u64,
    },
    /// A whole number of 32 bits, or null.
    Integer {
        /// The least.
        min: i32,
    },
    /// Whole numbers from 1 up, or null: one, a range or a list of both, as text.
    Numbers,
    /// A truth value.
    Boolean {
        /// What it is when nothing was said.
        default: bool,
    },
}

impl Kind {
    /// Whether null means that nothing was sent, instead of being refused.
    #[must_use]
    pub const fn may_be_null(self) -> bool {
        matches!(
            self,
            Kind::Date | Kind::Instant { .. } | Kind::Integer { .. } | Kind::Numbers
        )
    }
}

/// Whether callers send a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It is only shown.
    ReadOnly,
    /// Callers may send it.
    Optional,
    /// Callers must send it.
    Required,
    /// Callers must send it for a login; a quote does without.
    Login,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Which one.
    pub id: FieldId,
    /// Its name in the API, in messages of gRPC and on the command line.
    pub name: &'static str,
    /// What it may hold.
    pub kind: Kind,
    /// Who sends it.
    pub access: Access,
    /// RECAP Fetch does not have it.
    pub ours: bool,
    /// It keeps money from being spent.
    pub is_guard: bool,
    /// It is part of a login that buys nothing, too.
    pub is_of_login: bool,
    /// What it is, in a sentence of `OPTIONS`; empty where its name says it.
    pub help: &'static str,
    /// For which types of request it means something.
    pub types: &'static str,
    /// What it does, in the documents and on the command line.
    pub meaning: &'static str,
    /// What is said when it holds what its kind allows and cannot be used, where the kind does not say it.
    pub wrong: Option<&'static str>,
}

/// A name for people, as the contract makes it: `de_date_start` is `De date start`.
#[must_use]
pub fn label(name: &str) -> String {
    if name == "id" {
        return "ID".to_owned();
    }
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

impl Field {
    /// Its name for people.
    #[must_use]
    pub fn label(&self) -> String {
        label(self.name)
    }

    /// Whether requests may contain it.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        !matches!(self.access, Access::ReadOnly)
    }

    /// What a truth value is when nothing was said; false for what is none.
    #[must_use]
    pub const fn default_truth(&self) -> bool {
        matches!(self.kind, Kind::Boolean { default: true })
    }
}

/// A part of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Fields that requests may contain.
    Read,
    /// Fields that are only shown.
    Shown,
    /// Fields of a login that buys nothing.
    Login,
    /// Fields that keep money from being spent.
    Guards,
}

const fn is_in(field: &Field, group: Group) -> bool {
    match group {
        Group::Read => field.is_read(),
        Group::Shown => !field.is_read(),
        Group::Login => field.is_of_login,
        Group::Guards => field.is_guard,
    }
}

/// How many fields a part has.
#[must_use]
pub const fn count(group: Group) -> usize {
    let (mut place, mut found) = (0, 0);
    while place < FIELDS.len() {
        if is_in(&FIELDS[place], group) {
            found += 1;
        }
        place += 1;
    }
    found
}

/// The names of a part, in the order of the table. `N` is [`count`] of it; another number does not
/// compile.
#[must_use]
pub const fn names<const N: usize>(group: Group) -> [&'static str; N] {
    let mut names = [""; N];
    let (mut place, mut found) = (0, 0);
    while place < FIELDS.len() {
        if is_in(&FIELDS[place], group) {
            names[found] = FIELDS[place].name;
            found += 1;
        }
        place += 1;
    }
    assert!(found == N);
    names
}

/// The field with this name, if requests may contain it.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Field> {
    FIELDS
        .iter()
        .find(|field| field.is_read() && field.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_made_as_the_contract_makes_them() {
        assert_eq!(FieldId::Id.field().label(), "ID");
        assert_eq!(FieldId::DeDateStart.field().label(), "De date start");
        assert_eq!(FieldId::PacerCaseId.field().label(), "Pacer case id");
    }

    #[test]
    fn only_what_is_looked_at_is_found_by_its_name() {
        assert_eq!(by_name("court").map(|field| field.id), Some(FieldId::Court));
        assert_eq!(by_name("status"), None);
        assert_eq!(by_name("cuort"), None);
    }

    #[test]
    fn every_field_that_is_read_says_what_it_does() {
        for field in FIELDS.iter().filter(|field| field.is_read()) {
            assert!(!field.meaning.is_empty(), "{}", field.name);
            assert!(!field.types.is_empty(), "{}", field.name);
        }
        assert_eq!(
            names::<{ count(Group::Login) }>(Group::Login),
            [
                "pacer_username",
                "pacer_password",
                "client_code",
                "otp_code"
            ]
        );
    }
}
