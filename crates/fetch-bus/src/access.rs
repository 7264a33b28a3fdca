//! Who may say and hear what on the message server: one table, from which the servers' configuration
//! is made.
//!
//! Each kind of process is a user of its own. It may do what its work needs and nothing else: a
//! process that is taken over by the file or the page of a stranger is kept from the logins by the
//! server, whatever it sends. What a process hears in answer to its own questions comes to an inbox
//! that is named after its kind, and nobody else's kind may listen there.

use fetch_model::{FetchKind, State};

use crate::{JobKind, streams, subject};

/// A kind of process, and so a user of the message server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The front door. Furnishes the server with the streams of jobs and events.
    Gateway,
    /// The only room that sees a password. Furnishes the server with the buckets of logins.
    Login,
    /// Buys dockets and menus.
    DocketFetcher,
    /// Buys documents.
    PdfFetcher,
    /// Opens strangers' files.
    Ocr,
}

/// How long the login service may take for its answer, and a little more.
const ANSWER_WITHIN: &str = "3m";

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
        format!(
            "NATS_{}",
            self.name().to_ascii_uppercase().replace('-', "_")
        )
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

    /// What it may say.
    #[must_use]
    pub fn publishes(self) -> Vec<String> {
        let mut subjects = vec!["$JS.API.INFO".to_owned()];
        match self {
            Role::Gateway => {
                subjects.extend([subject::ALL_JOBS, subject::ALL_EVENTS].map(str::to_owned));
                subjects.extend([subject::LOGIN, subject::LOGIN_KEY].map(str::to_owned));
                subjects.push(reading(streams::LOGIN_KEYS));
                subjects.push("$JS.API.STREAM.NAMES".to_owned());
                for stream in [streams::JOBS, streams::EVENTS] {
                    subjects.extend(furnishing(stream));
                }
                let jobs = streams::JOBS;
                subjects.extend([
                    format!("$JS.API.STREAM.PURGE.{jobs}"),
                    format!("$JS.API.CONSUMER.CREATE.{jobs}.>"),
                    format!("$JS.API.CONSUMER.DURABLE.CREATE.{jobs}.>"),
                    format!("$JS.API.CONSUMER.INFO.{jobs}.*"),
                ]);
            }
            Role::Login => {
                subjects.push("$JS.API.STREAM.NAMES".to_owned());
                for bucket in streams::BUCKETS {
                    subjects.push(format!("{}>", streams::bucket_prefix(bucket)));
                    subjects.push(reading(bucket));
                    subjects.extend(furnishing(&streams::bucket_stream(bucket)));
                }
            }
            Role::DocketFetcher | Role::PdfFetcher | Role::Ocr => {
                for &kind in self.works_on() {
                    subjects.extend(working(kind));
                }
                subjects.extend(self.says());
            }
        }
        subjects
    }

    /// What a worker says beside its answers to jobs.
    fn says(self) -> Vec<String> {
        let events = |kind: FetchKind| format!("fetch.event.{}.>", kind.token());
        let wakes = |kind| subject::jobs_of(kind);
        let sessions = [
            subject::SESSION_LEND.to_owned(),
            subject::SESSION_FORGET.to_owned(),
            reading(streams::SESSIONS),
        ];
        match self {
            Role::Gateway | Role::Login => Vec::new(),
            // A menu may turn out to be a document, which has to be read.
            Role::DocketFetcher => [events(FetchKind::Docket), events(FetchKind::Attachments)]
                .into_iter()
                .chain([wakes(JobKind::Ocr)])
                .chain(sessions)
                .collect(),
            Role::PdfFetcher => [events(FetchKind::Pdf), wakes(JobKind::Ocr)]
                .into_iter()
                .chain(sessions)
                .collect(),
            // Whoever waits for the text of a file may have asked for anything.
            Role::Ocr => vec![
                subject::ALL_EVENTS.to_owned(),
                wakes(JobKind::Ocr),
                wakes(JobKind::Pages),
            ],
        }
    }

    /// What it may hear.
    #[must_use]
    pub fn subscribes(self) -> Vec<String> {
        let mut subjects = vec![format!("{}.>", self.inbox())];
        match self {
            Role::Gateway => subjects.push(subject::ALL_EVENTS.to_owned()),
            Role::Login => subjects.extend(
                [
                    subject::LOGIN,
                    subject::LOGIN_KEY,
                    subject::SESSION_LEND,
                    subject::SESSION_FORGET,
                ]
                .map(str::to_owned),
            ),
            Role::DocketFetcher | Role::PdfFetcher | Role::Ocr => {
                subjects.push(subject::events_of(State::Cancelled));
            }
        }
        subjects
    }

    /// Whether it answers questions of others, in their inboxes.
    #[must_use]
    pub fn answers(self) -> bool {
        self == Role::Login
    }
}

/// The part of a server's configuration that names the users and what each may do. `key` gives the
/// public NKey of a user, or the variable that holds it.
#[must_use]
pub fn authorization(key: impl Fn(Role) -> String, more_users: &str) -> String {
    let users: String = Role::ALL
        .into_iter()
        .map(|role| user(role, &key(role)))
        .collect();
    format!("authorization {{\n  timeout: 5\n  users: [\n{users}{more_users}  ]\n}}\n")
}

fn user(role: Role, key: &str) -> String {
    let list = |subjects: Vec<String>| -> String {
        let lines = subjects.into_iter();
        lines
            .map(|subject| format!("          \"{subject}\"\n"))
            .collect()
    };
    let answers = match role.answers() {
        true => format!("        allow_responses: {{ max: 1, expires: \"{ANSWER_WITHIN}\" }}\n"),
        false => String::new(),
    };
    format!(
        "    # {name}\n    {{\n      nkey: {key}\n      permissions: {{\n        publish: {{ allow: [\n\
         {publishes}        ] }}\n        subscribe: {{ allow: [\n{subscribes}        ] }}\n\
         {answers}      }}\n    }}\n",
        name = role.name(),
        publishes = list(role.publishes()),
        subscribes = list(role.subscribes()),
    )
}

/// What it takes to create a stream, and to mend it.
fn furnishing(stream: &str) -> [String; 3] {
    ["INFO", "CREATE", "UPDATE"].map(|verb| format!("$JS.API.STREAM.{verb}.{stream}"))
}

/// What it takes to read a bucket.
fn reading(bucket: &str) -> String {
    format!("$JS.API.STREAM.MSG.GET.{}", streams::bucket_stream(bucket))
}

/// What it takes to be given work of a kind, and to answer for it. Servers may put their domain and
/// account into the subject of an answer.
fn working(kind: JobKind) -> [String; 4] {
    let (jobs, consumer) = (streams::JOBS, subject::consumer_of(kind));
    [
        format!("$JS.API.CONSUMER.INFO.{jobs}.{consumer}"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{jobs}.{consumer}"),
        format!("$JS.ACK.{jobs}.{consumer}.>"),
        format!("$JS.ACK.*.*.{jobs}.{consumer}.>"),
    ]
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

    #[test]
    fn only_the_gateway_asks_for_logins_and_only_login_hears_it() {
        for subject in [subject::LOGIN, subject::LOGIN_KEY] {
            assert_eq!(who(Role::publishes, subject), ["gateway"]);
            assert_eq!(who(Role::subscribes, subject), ["login"]);
        }
        for subject in [subject::SESSION_LEND, subject::SESSION_FORGET] {
            assert_eq!(
                who(Role::publishes, subject),
                ["docket-fetcher", "pdf-fetcher"]
            );
            assert_eq!(who(Role::subscribes, subject), ["login"]);
        }
    }

    #[test]
    fn only_login_writes_its_buckets_and_ocr_reads_none() {
        for bucket in streams::BUCKETS {
            let key = format!("$KV.{bucket}.key");
            assert_eq!(who(Role::publishes, &key), ["login"]);
            for verb in ["CREATE", "UPDATE", "INFO"] {
                let api = format!("$JS.API.STREAM.{verb}.KV_{bucket}");
                assert_eq!(who(Role::publishes, &api), ["login"]);
            }
            for verb in ["DELETE", "PURGE", "MSG.DELETE", "SNAPSHOT"] {
                let api = format!("$JS.API.STREAM.{verb}.KV_{bucket}");
                assert!(who(Role::publishes, &api).is_empty());
            }
            let consumer = format!("$JS.API.CONSUMER.CREATE.KV_{bucket}.x");
            assert!(who(Role::publishes, &consumer).is_empty());
        }
        let read = |bucket: &str| who(Role::publishes, &reading(bucket));
        assert_eq!(
            read(streams::SESSIONS),
            ["login", "docket-fetcher", "pdf-fetcher"]
        );
        assert_eq!(read(streams::LOGIN_KEYS), ["gateway", "login"]);
        assert_eq!(read(streams::LOGINS), ["login"]);
        assert_eq!(read(streams::LOGIN_NONCES), ["login"]);
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
