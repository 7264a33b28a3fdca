//! Who may publish and receive what on the message server: one table, from which the servers' configuration is
//! generated (`accounts.rs`).
//!
//! Each kind of process is a user of its own, in an account of its own. It may do what its work needs
//! and nothing else: a process that is taken over by the file or the page of a stranger is kept from
//! the logins by the server, whatever it sends.
//!
//! Why accounts: a server checks what is said and heard, but not where an answer is wanted, and
//! answers with its own rights. In one account, whoever may ask anything can have the answer
//! delivered to any subject, and so delete streams and write buckets that they may not touch. An
//! answer never leaves the account of whoever asked. There is nothing in it but what that kind may
//! do anyway: what belongs to others is imported, subject by subject.

use fetch_model::{FetchKind, State};

use crate::{JobKind, streams, subject};

/// A kind of process, and so a user of the message server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The API. Creates the streams of jobs and events, and keeps records for login.
    Gateway,
    /// The only service that sees a password. Creates the buckets of logins.
    Login,
    /// Buys dockets and menus.
    DocketFetcher,
    /// Buys documents.
    PdfFetcher,
    /// Opens untrusted files.
    Ocr,
}

/// How long the login service may take for its answer, and a little more.
pub(crate) const LOGIN_WITHIN: &str = "3m";

/// How long a gateway may take for a record: nobody waits for it longer.
const RECORD_WITHIN: &str = "10s";

/// What the subjects begin with by which a kind asks about its own streams.
const OWN_API: &str = "$JS.API";

/// Which way something goes that one kind has from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Traffic {
    /// Said to the owner, who may answer once.
    Question,
    /// Said to the owner, who may answer more than once.
    Questions,
    /// Said by the owner.
    News,
}

/// A subject of another kind's account.
#[derive(Debug, Clone)]
pub(crate) struct Import {
    pub owner: Role,
    pub traffic: Traffic,
    /// What it is in the owner's account.
    pub subject: String,
    /// What it is in the account of whoever imports it.
    pub name: String,
}

impl Import {
    /// A question that has the same name everywhere.
    fn same(owner: Role, subject: &str) -> Import {
        Import {
            owner,
            traffic: Traffic::Question,
            subject: subject.to_owned(),
            name: subject.to_owned(),
        }
    }
}

impl Role {
    /// All kinds.
    pub const ALL: [Role; 5] = [
        Role::Gateway,
        Role::Login,
        Role::DocketFetcher,
        Role::PdfFetcher,
        Role::Ocr,
    ];

    /// The name of the process.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Gateway => "gateway",
            Role::Login => "login",
            Role::DocketFetcher => "docket-fetcher",
            Role::PdfFetcher => "pdf-fetcher",
            Role::Ocr => "ocr",
        }
    }

    /// The kind of the process with this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The variable of the servers' environment that names its public NKey.
    #[must_use]
    pub fn variable(self) -> String {
        format!("NATS_{}", self.account())
    }

    /// What the inboxes of its processes begin with.
    #[must_use]
    pub fn inbox(self) -> String {
        format!("_INBOX_{}", self.name())
    }

    /// The kinds of work that it takes.
    pub(crate) fn works_on(self) -> &'static [JobKind] {
        match self {
            Role::Gateway | Role::Login => &[],
            Role::DocketFetcher => &[JobKind::Docket, JobKind::Attachments],
            Role::PdfFetcher => &[JobKind::Pdf],
            Role::Ocr => &[JobKind::Ocr, JobKind::Pages],
        }
    }

    /// The name of its account.
    #[must_use]
    pub fn account(self) -> String {
        self.name().to_ascii_uppercase().replace('-', "_")
    }

    /// Whether it owns streams.
    pub(crate) fn keeps_streams(self) -> bool {
        matches!(self, Role::Gateway | Role::Login)
    }

    /// What the subjects begin with by which it asks about the streams of `owner`. Under the name that
    /// they have at home, servers would take the question for one about its own streams.
    pub(crate) fn api_of(self, owner: Role) -> &'static str {
        match owner {
            _ if owner == self => OWN_API,
            Role::Login => "logins.api",
            _ => "jobs.api",
        }
    }

    /// The subjects it may publish to.
    #[must_use]
    pub fn publishes(self) -> Vec<String> {
        let imports = self.imports().into_iter();
        let questions = imports.filter(|import| import.traffic != Traffic::News);
        let questions = questions.map(|import| import.name);
        self.says_at_home().into_iter().chain(questions).collect()
    }

    /// The subjects it may subscribe to.
    #[must_use]
    pub fn subscribes(self) -> Vec<String> {
        let imports = self.imports().into_iter();
        let news = imports.filter(|import| import.traffic == Traffic::News);
        let inbox = [format!("{}.>", self.inbox())].into_iter();
        let heard = inbox.chain(
            self.hears_at_home()
                .iter()
                .map(|&subject| subject.to_owned()),
        );
        heard.chain(news.map(|import| import.name)).collect()
    }

    /// What it says in its own account.
    fn says_at_home(self) -> Vec<String> {
        let about = ["INFO", "STREAM.NAMES"].map(|question| format!("{OWN_API}.{question}"));
        let own = match self {
            Role::Gateway => {
                let jobs = streams::JOBS;
                let consumers = [
                    format!("{OWN_API}.STREAM.PURGE.{jobs}"),
                    format!("{OWN_API}.CONSUMER.CREATE.{jobs}.>"),
                    format!("{OWN_API}.CONSUMER.DURABLE.CREATE.{jobs}.>"),
                    format!("{OWN_API}.CONSUMER.INFO.{jobs}.*"),
                ];
                let said = [subject::ALL_JOBS, subject::ALL_EVENTS].map(str::to_owned);
                let furnished = [streams::JOBS, streams::EVENTS].map(furnishing).concat();
                [&said[..], &furnished, &consumers].concat()
            }
            Role::Login => streams::BUCKETS
                .into_iter()
                .flat_map(|bucket| {
                    let keys = format!("{}>", streams::bucket_prefix(bucket));
                    let read = format!("{OWN_API}.{}", reading(bucket));
                    let furnished = furnishing(&streams::bucket_stream(bucket));
                    [keys, read].into_iter().chain(furnished)
                })
                .chain([subject::LOGIN_AGAIN, subject::LOGIN_OPENED].map(str::to_owned))
                .collect(),
            Role::DocketFetcher | Role::PdfFetcher | Role::Ocr => return Vec::new(),
        };
        about.into_iter().chain(own).collect()
    }

    /// What it hears in its own account, beside its inboxes.
    fn hears_at_home(self) -> &'static [&'static str] {
        match self {
            Role::Gateway => &[subject::ALL_EVENTS, subject::LOGIN_RECORDS],
            Role::Login => &[
                subject::LOGIN,
                subject::LOGIN_KEY,
                subject::LOGIN_OPENED,
                subject::SESSION_LEND,
                subject::SESSION_FORGET,
            ],
            Role::DocketFetcher | Role::PdfFetcher | Role::Ocr => &[],
        }
    }

    /// What of other kinds' accounts there is in its own.
    pub(crate) fn imports(self) -> Vec<Import> {
        if self == Role::Login {
            return vec![Import::same(Role::Gateway, subject::LOGIN_RECORDS)];
        }
        if self == Role::Gateway {
            let asked = [subject::LOGIN, subject::LOGIN_KEY];
            let mut imports = asked.map(|asked| Import::same(Role::Login, asked)).to_vec();
            imports.push(self.asking(Role::Login, &reading(streams::LOGIN_KEYS)));
            imports.push(Import {
                traffic: Traffic::News,
                ..Import::same(Role::Login, subject::LOGIN_AGAIN)
            });
            return imports;
        }
        let mut imports = vec![self.asking(Role::Gateway, "INFO")];
        for &kind in self.works_on() {
            imports.extend(self.working(kind));
        }
        for kind in self.wakes() {
            imports.push(Import::same(Role::Gateway, &subject::jobs_of(*kind)));
        }
        let (kinds, states) = self.announces();
        for kind in kinds {
            for state in states {
                let event = subject::events_of(*kind, *state);
                imports.push(Import::same(Role::Gateway, &event));
            }
        }
        if self != Role::Ocr {
            let told = [subject::SESSION_LEND, subject::SESSION_FORGET];
            imports.extend(told.map(|told| Import::same(Role::Login, told)));
            imports.push(self.asking(Role::Login, &reading(streams::SESSIONS)));
            imports.push(Import {
                traffic: Traffic::News,
                ..Import::same(Role::Gateway, &subject::all_events_of(State::Cancelled))
            });
        }
        imports
    }

    /// The readers that it wakes. A menu may turn out to be a document, which has to be read.
    fn wakes(self) -> &'static [JobKind] {
        match self {
            Role::Gateway | Role::Login => &[],
            Role::DocketFetcher | Role::PdfFetcher => &[JobKind::Ocr],
            Role::Ocr => &[JobKind::Ocr, JobKind::Pages],
        }
    }

    /// Of which requests a worker announces which states. Whoever waits for the text of a file may
    /// have asked for anything.
    fn announces(self) -> (&'static [FetchKind], &'static [State]) {
        const FETCHED: &[State] = &[
            State::Running,
            State::Captured,
            State::Reading,
            State::Waiting,
            State::Done,
            State::Failed,
        ];
        match self {
            Role::Gateway | Role::Login => (&[], &[]),
            Role::DocketFetcher => (&[FetchKind::Docket, FetchKind::Attachments], FETCHED),
            Role::PdfFetcher => (&[FetchKind::Pdf], FETCHED),
            Role::Ocr => (&FetchKind::ALL, &[State::Reading, State::Done]),
        }
    }

    /// What it takes to be given work of a kind, and to answer for it. Servers may put their domain
    /// and account into the subject of an answer.
    fn working(self, kind: JobKind) -> [Import; 4] {
        let (jobs, consumer) = (streams::JOBS, subject::consumer_of(kind));
        let next = self.asking(
            Role::Gateway,
            &format!("CONSUMER.MSG.NEXT.{jobs}.{consumer}"),
        );
        [
            self.asking(Role::Gateway, &format!("CONSUMER.INFO.{jobs}.{consumer}")),
            // Signs of life come the same way before the job.
            Import {
                traffic: Traffic::Questions,
                ..next
            },
            Import::same(Role::Gateway, &format!("$JS.ACK.{jobs}.{consumer}.>")),
            Import::same(Role::Gateway, &format!("$JS.ACK.*.*.{jobs}.{consumer}.>")),
        ]
    }

    /// A question about the streams of another kind.
    fn asking(self, owner: Role, question: &str) -> Import {
        Import {
            owner,
            traffic: Traffic::Question,
            subject: format!("{OWN_API}.{question}"),
            name: format!("{}.{question}", self.api_of(owner)),
        }
    }

    /// Within what time it may answer a question of others, in their inboxes; `None` if it answers none.
    /// In the words of the servers' configuration.
    pub(crate) fn answers_within(self) -> Option<&'static str> {
        match self {
            Role::Gateway => Some(RECORD_WITHIN),
            Role::Login => Some(LOGIN_WITHIN),
            Role::DocketFetcher | Role::PdfFetcher | Role::Ocr => None,
        }
    }
}

/// What it takes to create a stream, and to mend it.
fn furnishing(stream: &str) -> [String; 3] {
    ["INFO", "CREATE", "UPDATE"].map(|verb| format!("{OWN_API}.STREAM.{verb}.{stream}"))
}

/// The question by which a bucket is read.
fn reading(bucket: &str) -> String {
    format!("STREAM.MSG.GET.{}", streams::bucket_stream(bucket))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a subject of the table covers this one.
    fn covers(pattern: &str, subject: &str) -> bool {
        let (mut pattern, mut subject) = (pattern.split('.'), subject.split('.'));
        loop {
            match (pattern.next(), subject.next()) {
                (Some(">"), Some(_)) | (None, None) => return true,
                (Some(ours), Some(theirs)) if ours == "*" || ours == theirs => {}
                _ => return false,
            }
        }
    }

    fn who(may: impl Fn(Role) -> Vec<String>, subject: &str) -> Vec<&'static str> {
        let roles = Role::ALL.into_iter();
        let roles = roles.filter(|&role| may(role).iter().any(|own| covers(own, subject)));
        roles.map(Role::name).collect()
    }

    /// Who may ask this about the streams of `owner`.
    fn who_asks(owner: Role, question: &str) -> Vec<&'static str> {
        let roles = Role::ALL.into_iter().filter(|role| {
            let asked = format!("{}.{question}", role.api_of(owner));
            role.publishes().iter().any(|own| covers(own, &asked))
        });
        roles.map(Role::name).collect()
    }

    #[test]
    fn only_the_gateway_asks_for_logins_and_only_login_hears_it() {
        for subject in [subject::LOGIN, subject::LOGIN_KEY] {
            assert_eq!(who(Role::publishes, subject), ["gateway"]);
            assert_eq!(who(Role::subscribes, subject), ["login"]);
        }
        let opened = subject::LOGIN_OPENED;
        assert_eq!(who(Role::publishes, opened), ["login"]);
        assert_eq!(who(Role::subscribes, opened), ["login"]);
        for subject in [subject::SESSION_LEND, subject::SESSION_FORGET] {
            assert_eq!(
                who(Role::publishes, subject),
                ["docket-fetcher", "pdf-fetcher"]
            );
            assert_eq!(who(Role::subscribes, subject), ["login"]);
        }
    }

    #[test]
    fn only_login_asks_for_its_records_and_only_gateways_answer() {
        let records = subject::LOGIN_RECORDS;
        assert_eq!(who(Role::publishes, records), ["login"]);
        assert_eq!(who(Role::subscribes, records), ["gateway"]);
        let answer = |role: &Role| role.answers_within().is_some();
        let answering: Vec<Role> = Role::ALL.into_iter().filter(answer).collect();
        assert_eq!(answering, [Role::Gateway, Role::Login]);
    }

    #[test]
    fn only_login_writes_its_buckets_and_ocr_reads_none() {
        for bucket in streams::BUCKETS {
            let key = format!("$KV.{bucket}.key");
            assert_eq!(who(Role::publishes, &key), ["login"]);
            for verb in ["CREATE", "UPDATE", "INFO"] {
                let question = format!("STREAM.{verb}.KV_{bucket}");
                assert_eq!(who_asks(Role::Login, &question), ["login"]);
            }
            for verb in ["DELETE", "PURGE", "MSG.DELETE", "SNAPSHOT"] {
                let question = format!("STREAM.{verb}.KV_{bucket}");
                assert!(who_asks(Role::Login, &question).is_empty());
            }
            let consumer = format!("CONSUMER.CREATE.KV_{bucket}.x");
            assert!(who_asks(Role::Login, &consumer).is_empty());
        }
        let read = |bucket: &str| who_asks(Role::Login, &reading(bucket));
        assert_eq!(
            read(streams::SESSIONS),
            ["login", "docket-fetcher", "pdf-fetcher"]
        );
        assert_eq!(read(streams::LOGIN_KEYS), ["gateway", "login"]);
        assert_eq!(read(streams::LOGINS), ["login"]);
    }

    #[test]
    fn none_but_the_gateway_says_that_a_request_was_cancelled_and_ocr_hears_no_event() {
        let event = |state| subject::event(FetchKind::Pdf, state, "nysd").unwrap();
        let says = |state| who(Role::publishes, &event(state));
        assert_eq!(says(State::Cancelled), ["gateway"]);
        assert_eq!(says(State::Failed), ["gateway", "pdf-fetcher"]);
        assert_eq!(says(State::Reading), ["gateway", "pdf-fetcher", "ocr"]);
        assert_eq!(
            who(Role::subscribes, &event(State::Cancelled)),
            ["gateway", "docket-fetcher", "pdf-fetcher"]
        );
        assert_eq!(who(Role::subscribes, &event(State::Done)), ["gateway"]);
    }

    #[test]
    fn what_is_imported_is_what_its_owner_hears_says_or_keeps() {
        for role in Role::ALL {
            for import in role.imports() {
                let owns = match import.traffic {
                    Traffic::News => import.owner.publishes(),
                    Traffic::Question | Traffic::Questions => import.owner.subscribes(),
                };
                let is_its_own = owns.iter().any(|own| covers(own, &import.subject));
                let kept = ["$JS.", "fetch."]
                    .iter()
                    .any(|start| import.subject.starts_with(start));
                assert!(
                    is_its_own || (kept && import.owner.keeps_streams()),
                    "{import:?}"
                );
                assert!(import.owner.keeps_streams() && import.owner != role);
            }
        }
    }

    #[test]
    fn nobody_hears_another_kinds_inbox_or_answers_in_it() {
        for role in Role::ALL {
            let inbox = format!("{}.abc", role.inbox());
            assert_eq!(who(Role::subscribes, &inbox), [role.name()]);
            assert!(who(Role::publishes, &inbox).is_empty());
        }
        assert!(who(Role::subscribes, "_INBOX.abc").is_empty());
        assert!(who(Role::subscribes, ">").is_empty());
    }

    #[test]
    fn names_lead_back_to_roles() {
        for role in Role::ALL {
            assert_eq!(Role::of(role.name()), Some(role));
        }
        assert_eq!(Role::of("pacer-fetch"), None);
        assert_eq!(Role::PdfFetcher.variable(), "NATS_PDF_FETCHER");
    }
}
