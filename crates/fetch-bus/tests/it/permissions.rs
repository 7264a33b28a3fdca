//! Whoever has got hold of one kind of process, or of none, stays where it is.

use async_nats::{Client, ConnectOptions, Event, ServerError};
use dev_stack::Nats;
use fetch_bus::Role;
use tokio::sync::mpsc;

use crate::{connect, within};

/// A connection with the key of a role, in the hands of somebody who keeps to no table.
pub(crate) struct Intruder {
    role: Role,
    pub(crate) client: Client,
    refused: mpsc::UnboundedReceiver<String>,
}

impl Intruder {
    pub(crate) async fn with_key_of(server: &Nats, role: Role) -> Intruder {
        let (sender, refused) = mpsc::unbounded_channel();
        let options = ConnectOptions::with_nkey(server.users().seed(role).to_owned())
            .add_root_certificates(server.ca().to_owned())
            .custom_inbox_prefix(role.inbox())
            .event_callback(move |event| {
                let sender = sender.clone();
                async move {
                    if let Event::ServerError(ServerError::Other(text)) = event {
                        sender.send(text).unwrap();
                    }
                }
            });
        Intruder {
            role,
            client: options.connect(server.url()).await.unwrap(),
            refused,
        }
    }

    /// Insists that the server refuses what was just tried.
    async fn is_refused(&mut self, verb: &str, subject: &str) {
        self.client.flush().await.unwrap();
        let told = within(self.refused.recv()).await.unwrap();
        let expected = format!("Permissions Violation for {verb} to \"{subject}\"");
        assert!(told.starts_with(&expected), "{:?}: {told}", self.role);
    }

    async fn cannot_say(&mut self, subject: &str) {
        self.client
            .publish(subject.to_owned(), "x".into())
            .await
            .unwrap();
        self.is_refused("Publish", subject).await;
    }

    async fn cannot_hear(&mut self, subject: &str) {
        let _heard = self.client.subscribe(subject.to_owned()).await.unwrap();
        self.is_refused("Subscription", subject).await;
    }
}

const WORKERS: [Role; 3] = [Role::Ocr, Role::DocketFetcher, Role::PdfFetcher];

#[tokio::test]
async fn a_stranger_is_not_let_in() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let stranger = nkeys::KeyPair::new_user().seed().unwrap();
    let ca = || ConnectOptions::new().add_root_certificates(server.ca().to_owned());
    for (who, options) in [
        ("without a key", ca()),
        ("with a key of their own", ca().nkey(stranger)),
        (
            "by a name",
            ca().user_and_password("login".into(), "login".into()),
        ),
        // The server's certificate is from nobody that the system knows.
        ("without the roots", ConnectOptions::new()),
    ] {
        let entered = within(options.connect(server.url())).await;
        assert!(entered.is_err(), "{who}");
    }
}

#[tokio::test]
async fn no_worker_can_stand_in_for_login_or_for_a_gateway() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let _furnished = (
        connect(&server, Role::Gateway).await,
        connect(&server, Role::Login).await,
    );
    for role in WORKERS {
        let mut intruder = Intruder::with_key_of(&server, role).await;
        for subject in [
            "pacer.login",
            "pacer.login.key",
            "pacer.login.records",
            "pacer.login.opened",
            "pacer.>",
            "_INBOX.>",
            ">",
        ] {
            intruder.cannot_hear(subject).await;
        }
        for subject in [
            "pacer.login",
            "pacer.login.key",
            "pacer.login.records",
            "pacer.login.opened",
            "$KV.LOGIN_KEYS.current",
            "$KV.PACER_LOGINS.name",
            "$KV.PACER_SESSIONS.name",
            "_INBOX_gateway.guess",
            "$JS.API.STREAM.CREATE.WIDE",
            "$JS.API.STREAM.UPDATE.FETCH_JOBS",
            "$JS.API.STREAM.DELETE.KV_LOGIN_KEYS",
            "$JS.API.STREAM.PURGE.KV_PACER_LOGINS",
            "$JS.API.STREAM.MSG.GET.KV_PACER_LOGINS",
            "$JS.API.STREAM.SNAPSHOT.KV_PACER_SESSIONS",
            "$JS.API.CONSUMER.CREATE.KV_PACER_SESSIONS.x",
            "$JS.API.DIRECT.GET.KV_PACER_SESSIONS.$KV.PACER_SESSIONS.name",
        ] {
            intruder.cannot_say(subject).await;
        }
        for other in Role::ALL.into_iter().filter(|&other| other != role) {
            intruder.cannot_hear(&format!("{}.>", other.inbox())).await;
        }
    }
}

#[tokio::test]
async fn who_opens_strangers_files_sees_no_session() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let _login = connect(&server, Role::Login).await;
    let mut ocr = Intruder::with_key_of(&server, Role::Ocr).await;
    for subject in [
        "$JS.API.STREAM.MSG.GET.KV_PACER_SESSIONS",
        "pacer.session.lend",
        "pacer.session.forget",
        "fetch.job.pdf.all.nysd.1",
        "$JS.API.CONSUMER.MSG.NEXT.FETCH_JOBS.pdf-all",
    ] {
        ocr.cannot_say(subject).await;
    }
    for subject in ["$KV.PACER_SESSIONS.>", "pacer.session.lend", "fetch.job.>"] {
        ocr.cannot_hear(subject).await;
    }
}

#[tokio::test]
async fn a_gateway_reads_no_session_and_writes_no_key() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let mut gateway = Intruder::with_key_of(&server, Role::Gateway).await;
    for subject in [
        "$KV.LOGIN_KEYS.current",
        "$KV.PACER_LOGINS.name",
        "$JS.API.STREAM.MSG.GET.KV_PACER_SESSIONS",
        "pacer.session.lend",
        "pacer.login.records",
        "pacer.login.opened",
        "_INBOX_login.guess",
    ] {
        gateway.cannot_say(subject).await;
    }
    for subject in ["pacer.login", "pacer.login.opened", "_INBOX_login.>"] {
        gateway.cannot_hear(subject).await;
    }
}

#[tokio::test]
async fn login_does_not_stand_in_for_a_gateway_at_another_replica() {
    let Some(server) = testkit::nats().await else {
        return;
    };
    let mut login = Intruder::with_key_of(&server, Role::Login).await;
    for subject in ["pacer.login.records", "fetch.event.>"] {
        login.cannot_hear(subject).await;
    }
    for subject in [
        "$KV.LOGIN_NONCES.nonce",
        "fetch.job.pages.1",
        "_INBOX_gateway.guess",
    ] {
        login.cannot_say(subject).await;
    }
}
