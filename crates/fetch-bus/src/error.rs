//! What can go wrong on the bus.

/// The bus could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server is away or did not answer. It may work later.
    #[error("message server: could not {what}")]
    Unavailable {
        /// What it was asked to do.
        what: &'static str,
        /// Why it did not.
        #[source]
        source: async_nats::Error,
    },
    /// The server is not connected at the moment. It may work later.
    #[error("the message server is not connected")]
    Disconnected,
    /// No gateway keeps what login has to know. It may work later.
    #[error("no gateway answers for the records of logins: {0}")]
    NoKeeper(&'static str),
    /// The database of a gateway does not take a record of logins, and will not later.
    #[error("a gateway's database refuses a record of logins; the gateway's log says why")]
    RecordRefused,
    /// The server is older than what this design can rely on.
    #[error("the message server has version {found}, older than 2.10.23")]
    OldServer {
        /// The version it claims.
        found: String,
    },
    /// The server is set up in a way that would lose or expose messages.
    #[error("the message server is not configured as required: {what}")]
    Misconfigured {
        /// What is wrong.
        what: String,
    },
    /// A server address cannot be used.
    #[error("invalid address of the message server")]
    Address,
    /// A word that may not stand in a subject.
    #[error("{0:?} cannot be part of a subject")]
    Token(String),
    /// A message that cannot be understood.
    #[error("cannot decode a message: {what}")]
    Malformed {
        /// What it should have been.
        what: &'static str,
    },
    /// Something sealed could not be opened: another key, or it was tampered with.
    #[error("cannot open sealed data: {what}")]
    Sealed {
        /// What it is.
        what: &'static str,
    },
}

impl Error {
    /// Whether the same may succeed in a while.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(
            self,
            Error::Unavailable { .. } | Error::Disconnected | Error::NoKeeper(_)
        )
    }
}

/// Boxes a source and says what the server was asked to do.
pub(crate) trait OrUnavailable<T> {
    fn or_unavailable(self, what: &'static str) -> Result<T, Error>;
}

impl<T, E: Into<async_nats::Error>> OrUnavailable<T> for Result<T, E> {
    fn or_unavailable(self, what: &'static str) -> Result<T, Error> {
        self.map_err(|source| Error::Unavailable {
            what,
            source: source.into(),
        })
    }
}
