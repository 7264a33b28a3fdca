//! The table itself. Errors come in its order, and so do the fields of `OPTIONS`: those of the contract
//! in the order in which the contract declares them, then ours.

use super::{
    Access::{self, Login, Optional, ReadOnly, Required},
    Field,
    FieldId::{self, *},
    Kind,
};
use crate::FetchKind;

/// The numbers of `request_type`, and what the contract calls them.
pub const REQUEST_TYPES: &[(i64, &str)] = &[
    (FetchKind::Docket as i64, "HTML Docket"),
    (FetchKind::Pdf as i64, "PDF"),
    (FetchKind::Attachments as i64, "Attachment Page"),
];

const INTEGER: Kind = Kind::Integer { min: i32::MIN };

/// All fields, each in the place of its id.
#[rustfmt::skip]
pub const FIELDS: &[Field] = &[
    shown(Id, "id", "integer", ""),
    field(Court, "court", Kind::Court, Optional, "The court of the case.")
        .means("1", "needed with `docket_number` and `pacer_case_id`"),
    field(Docket, "docket", Kind::Row, Optional, "A stored docket to update.")
        .means("1", "a stored docket to update"),
    field(RecapDocument, "recap_document", Kind::Row, Optional, "A stored document.")
        .means("2, 3", "the stored document to fetch, or whose attachments to list; required"),
    field(PacerUsername, "pacer_username", text(None), Login, "")
        .means("all", "the PACER login that pays").of_login(),
    field(PacerPassword, "pacer_password", Kind::Secret { max: None }, Login, "Used immediately and never stored.")
        .means("all", "its password; used once, in memory").of_login(),
    // PACER takes client codes of 32 characters.
    field(ClientCode, "client_code", Kind::CookieText { max: 32 }, Optional, "PACER's billing label for the charge.")
        .means("all", "PACER's billing label; printable ASCII without spaces, commas or semicolons").of_login()
        .or_else("A PACER client code has no spaces, commas, semicolons or accents."),
    shown(DateCreated, "date_created", "datetime", "When it was accepted."),
    shown(DateModified, "date_modified", "datetime", "When it last changed."),
    shown(DateCompleted, "date_completed", "datetime", "When it succeeded."),
    shown(Status, "status", "choice", "Where the request stands."),
    field(RequestType, "request_type", Kind::Choice(REQUEST_TYPES), Required, "What to fetch.")
        .means("all", "1 docket, 2 document, 3 attachment menu"),
    shown(Message, "message", "string", "Details about the status."),
    field(PacerCaseId, "pacer_case_id", blank_text(100), Optional, "Requires court.")
        .means("1, not appellate", "the court's own id of the case, with `court`"),
    field(DocketNumber, "docket_number", blank_text(50), Optional, "Requires court.")
        .means("1", "[as people write it](PAGES.md#numbers-as-people-write-them), with `court`"),
    field(DeDateStart, "de_date_start", Kind::Date, Optional, "Earliest filing date wanted.")
        .means("1", "only entries filed on or after this day"),
    field(DeDateEnd, "de_date_end", Kind::Date, Optional, "Latest filing date wanted.")
        .means("1", "only entries filed on or before this day"),
    field(DeNumberStart, "de_number_start", INTEGER, Optional, "Lowest number wanted.")
        .means("1, not appellate", "only entries with this number or a higher one; unnumbered entries are left out"),
    field(DeNumberEnd, "de_number_end", INTEGER, Optional, "Highest number wanted.")
        .means("1, not appellate", "only entries with this number or a lower one; unnumbered entries are left out"),
    field(ShowPartiesAndCounsel, "show_parties_and_counsel", boolean(true), Optional, "Buy the party list.")
        .means("1", "buy parties and counsel"),
    field(ShowTerminatedParties, "show_terminated_parties", boolean(true), Optional,
          "Include parties who have left the case.")
        .means("1", "also buy parties who have left the case"),
    field(ShowListOfMemberCases, "show_list_of_member_cases", boolean(false), Optional,
          "Include member cases, which can be expensive.")
        .means("1", "also buy the list of member cases, which can be expensive"),
    // Six digits, or a backup code, which nobody has described.
    field(OtpCode, "otp_code", Kind::Secret { max: Some(64) }, Optional, "The current one-time code of the login.")
        .means("all", "the current one-time code, for an account with two-factor authentication").of_login().ours(),
    field(SkipIfUnchanged, "skip_if_unchanged", boolean(false), Optional,
          "Do not buy the docket again if nothing was filed since.")
        .means("1, not appellate", "do not buy a stored docket again if the court reports, free of charge, that \
                                    nothing was filed since").guard(),
    field(OnDoubt, "on_doubt", Kind::Word(&["stop", "once_more"]), Optional,
          "What to do when the answer to a purchase was lost.")
        .means("all", "what to do when the answer to a purchase was lost: fail, or buy once more and flag it")
        .guard(),
    field(Lane, "lane", Kind::Word(&["interactive", "bulk"]), Optional, "Whether somebody is waiting for it.")
        .means("all", "`bulk` may wait for the night; the default is `interactive`").guard(),
    field(NotBefore, "not_before", Kind::Instant { max_days: 90 }, Optional, "Do not start before this time.")
        .means("all", "do not start before this time; at most 90 days ahead").guard(),
    field(MaxCostCents, "max_cost_cents", Kind::Integer { min: 0 }, Optional, "The most the request may cost, in \
        cents.")
        .means("all", "the most the request may cost, in cents").guard(),
    field(Url, "url", blank_text(2_000), Optional, "The address of a docket or a document, as a browser shows it.")
        .means("all", "[the address](#ask-by-address) of a docket or a document, as a browser shows it").ours(),
    field(PacerDocId, "pacer_doc_id", blank_text(100), Optional, "The court's own id of the document.")
        .means("2, 3", "the court's own id of the document, with `court`").ours(),
    field(EntryNumber, "entry_number", Kind::Numbers, Optional, "The number of the entry on the docket, or several.")
        .means("2, 3", "the number of the entry, with its case; for type 2 also [several](#several-documents): `1-20`, \
                        `1,5,9-12`").ours(),
    field(AttachmentNumber, "attachment_number", Kind::Integer { min: 1 }, Optional,
          "The number of the attachment; the main document without it.")
        .means("2", "the number of the attachment, with `entry_number`; without it the main document").ours(),
    field(Attachments, "attachments", Kind::Word(&["all"]), Optional, "Also all attachments of the entries.")
        .means("2", "`all`: the main documents of `entry_number` and [all their attachments](#several-documents); needs \
                     `max_cost_cents`").ours(),
];

const fn field(
    id: FieldId,
    name: &'static str,
    kind: Kind,
    access: Access,
    help: &'static str,
) -> Field {
    Field {
        id,
        name,
        kind,
        access,
        ours: false,
        is_guard: false,
        is_of_login: false,
        help,
        types: "",
        meaning: "",
        wrong: None,
    }
}

const fn shown(
    id: FieldId,
    name: &'static str,
    of_type: &'static str,
    help: &'static str,
) -> Field {
    field(id, name, Kind::Shown(of_type), ReadOnly, help)
}

const fn text(max: Option<usize>) -> Kind {
    Kind::Text {
        max,
        may_be_blank: false,
    }
}

const fn blank_text(max: usize) -> Kind {
    Kind::Text {
        max: Some(max),
        may_be_blank: true,
    }
}

const fn boolean(default: bool) -> Kind {
    Kind::Boolean { default }
}

impl Field {
    const fn means(mut self, types: &'static str, meaning: &'static str) -> Field {
        self.types = types;
        self.meaning = meaning;
        self
    }

    const fn or_else(mut self, wrong: &'static str) -> Field {
        self.wrong = Some(wrong);
        self
    }

    const fn of_login(mut self) -> Field {
        self.is_of_login = true;
        self
    }

    const fn ours(mut self) -> Field {
        self.ours = true;
        self
    }

    /// Every guard is ours.
    const fn guard(mut self) -> Field {
        self.is_guard = true;
        self.ours()
    }
}
