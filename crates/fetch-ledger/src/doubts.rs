//! Purchases whose answer was lost or not understood, and what the operator settles from the court's own statement.

use chrono::{DateTime, Utc};
use fetch_db::RequestState;
use fetch_model::{Cents, Failure, FetchId, PurchaseId, State};
use sqlx::PgConnection;

use crate::{Error, Ledger, events};

/// A purchase of which nobody knows whether it was billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The purchase.
    pub purchase: PurchaseId,
    /// The request it was made for.
    pub request: FetchId,
    /// Where that request is.
    pub state: State,
    /// The name of the user whose request it was.
    pub user: String,
    /// The client code it was to be booked on; empty without one.
    pub client_code: String,
    /// The court (CourtListener's id).
    pub court: String,
    /// What was to be bought.
    pub item_key: String,
    /// The most that it may have cost.
    pub at_most: Cents,
    /// When it began: the statement has it at about that time.
    pub at: DateTime<Utc>,
    /// Why nobody knows.
    pub why: String,
}

/// What the court's statement says of a purchase in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// It was billed.
    Billed {
        /// The amount.
        cents: Cents,
        /// The pages, if the statement has them.
        pages: Option<i32>,
    },
    /// It was not.
    NotBilled,
}

/// What came of settling a doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It is settled now.
    Now,
    /// It was settled so before.
    Before,
    /// It was settled otherwise before, and stays so.
    Otherwise,
    /// There is no purchase of that number.
    NotFound,
    /// It is not in doubt: it is in this state of the ledger.
    NotInDoubt(String),
    /// Its request is not over, and may yet bring the answer: it is in this state.
    UnderWay(State),
}

/// A purchase as it is looked at for settling.
struct Row {
    state: String,
    billed_cents: Option<i32>,
    is_settled: bool,
    request: i64,
    request_state: RequestState,
}

impl Ledger {
    /// Every doubt that is not settled, oldest first.
    pub async fn open_doubts(&self) -> Result<Vec<Doubt>, Error> {
        let rows = sqlx::query!(
            r#"select purchases.id, request_id, fetch_requests.state as "state: RequestState", users.name,
                   purchases.client_code, court_id, item_key, quoted_cents, purchases.date_created,
                   coalesce((select detail from purchase_events
                             where purchase_id = purchases.id and purchase_events.state = 'doubt'
                             order by purchase_events.id desc limit 1), '') as "why!"
               from purchases
               join fetch_requests on fetch_requests.id = request_id
               join users on users.id = purchases.user_id
               where purchases.state = 'doubt' and settled_at is null
               order by purchases.id"#
        )
        .fetch_all(self.db.pool())
        .await?;
        let doubts = rows.into_iter().map(|row| {
            Ok(Doubt {
                purchase: PurchaseId(row.id),
                request: FetchId(row.request_id),
                state: row.state.into(),
                user: row.name,
                client_code: row.client_code,
                court: row.court_id,
                item_key: row.item_key,
                at_most: Cents(row.quoted_cents),
                at: row.date_created,
                why: row.why,
            })
        });
        doubts.collect()
    }
}

/// Puts into the books what the court's statement says of a purchase in doubt. The same again changes
/// nothing. When it is settled now, gives the request whose owner is to be told.
pub async fn settle(
    connection: &mut PgConnection,
    purchase: PurchaseId,
    settlement: Settlement,
    note: &str,
) -> Result<(Settled, Option<FetchId>), Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select purchases.state, billed_cents, settled_at is not null as "is_settled!",
               request_id as request, fetch_requests.state as "request_state: _"
           from purchases join fetch_requests on fetch_requests.id = request_id
           where purchases.id = $1
           for update of purchases"#,
        purchase.0
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok((Settled::NotFound, None));
    };
    if let Some(refused) = row.refuses(settlement)? {
        return Ok((refused, None));
    }
    book(connection, purchase, settlement, note).await?;
    Ok((Settled::Now, Some(FetchId(row.request))))
}

impl Row {
    fn refuses(&self, settlement: Settlement) -> Result<Option<Settled>, Error> {
        if self.is_settled {
            let same = match settlement {
                Settlement::Billed { cents, .. } => {
                    self.state == "doubt" && self.billed_cents == Some(cents.0)
                }
                Settlement::NotBilled => self.state == "void",
            };
            return Ok(Some(match same {
                true => Settled::Before,
                false => Settled::Otherwise,
            }));
        }
        if self.state != "doubt" {
            return Ok(Some(Settled::NotInDoubt(self.state.clone())));
        }
        let state = State::from(self.request_state);
        Ok(match state.is_final() {
            true => None,
            false => Some(Settled::UnderWay(state)),
        })
    }
}

impl Settlement {
    /// What the owner of the request is told, after what was said before.
    #[must_use]
    pub fn told(self) -> String {
        match self {
            Settlement::Billed { cents, .. } => {
                format!(" {}{cents} were charged.", Failure::SETTLED)
            }
            Settlement::NotBilled => {
                format!(" {}nothing was charged.", Failure::SETTLED)
            }
        }
    }
}

async fn book(
    connection: &mut PgConnection,
    purchase: PurchaseId,
    settlement: Settlement,
    note: &str,
) -> Result<(), Error> {
    let (state, cents, pages, detail) = match settlement {
        Settlement::Billed { cents, pages } => {
            ("doubt", Some(cents.0), pages, format!("billed {cents}"))
        }
        Settlement::NotBilled => ("void", None, None, "not billed".to_owned()),
    };
    sqlx::query!(
        "update purchases
         set state = $2, billed_cents = $3, billed_pages = $4, settled_at = clock_timestamp(),
             settled_note = $5, date_modified = clock_timestamp()
         where id = $1",
        purchase.0,
        state,
        cents,
        pages,
        note
    )
    .execute(&mut *connection)
    .await?;
    let detail = format!("{detail}, by the court's statement: {note}");
    events::note(connection, purchase, "settled", &detail).await
}
