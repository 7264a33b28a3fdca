//! The roles that connect to the database.

/// A service, or the operator, as a database role. `login` uses no database, and migrations run as
/// the owner of the tables, which is none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DatabaseRole {
    /// The front door.
    Gateway,
    /// Buys dockets and menus.
    DocketFetcher,
    /// Buys documents.
    PdfFetcher,
    /// Opens untrusted files.
    Ocr,
    /// The verbs of the `pacer-fetch` command.
    Operator,
    /// `pacer-fetch follow`, which takes over what another archive has.
    Follower,
}

impl DatabaseRole {
    /// All of them.
    pub const ALL: [DatabaseRole; 6] = [
        DatabaseRole::Gateway,
        DatabaseRole::DocketFetcher,
        DatabaseRole::PdfFetcher,
        DatabaseRole::Ocr,
        DatabaseRole::Operator,
        DatabaseRole::Follower,
    ];

    /// The name of the service.
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            DatabaseRole::Gateway => "gateway",
            DatabaseRole::DocketFetcher => "docket-fetcher",
            DatabaseRole::PdfFetcher => "pdf-fetcher",
            DatabaseRole::Ocr => "ocr",
            DatabaseRole::Operator => "operator",
            DatabaseRole::Follower => "follower",
        }
    }

    /// The role of a service, if it has one.
    #[must_use]
    pub fn of(service: &str) -> Option<DatabaseRole> {
        DatabaseRole::ALL
            .into_iter()
            .find(|role| role.service() == service)
    }

    /// The name of the user of the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DatabaseRole::Gateway => "pacer_fetch_gateway",
            DatabaseRole::DocketFetcher => "pacer_fetch_docket_fetcher",
            DatabaseRole::PdfFetcher => "pacer_fetch_pdf_fetcher",
            DatabaseRole::Ocr => "pacer_fetch_ocr",
            DatabaseRole::Operator => "pacer_fetch_operator",
            DatabaseRole::Follower => "pacer_fetch_follower",
        }
    }
}
