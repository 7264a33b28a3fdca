//! A document that came although its price was asked for: what it cost follows from the rules.
//!
//! Courts send opinions at once, since they are free, and everything to an account that has prices
//! switched off. An account that was shown a price lately belongs to the first kind, and an entry
//! that says that it is an opinion is one. Of anything else the pages are counted, by the
//! readers of documents: a stranger's file is not opened in a process that holds sessions and
//! purchases. Until then the line says the most that it can cost.

use std::time::Duration;

use fetch_ledger::history::PricesShown;
use fetch_model::AttemptError;
use pacer::{bill::Bill, court::Court, price};
use tokio::time;
use tracing::warn;

use crate::{
    Conversation,
    purchase::{Purchase, PurchaseResult},
    response::CourtResponse,
};

/// How long it is believed that an account is shown prices.
const LATELY: Duration = Duration::from_secs(24 * 3600);

/// How long the books may take to say so.
const TOLD_WITHIN: Duration = Duration::from_secs(5);

impl Purchase<'_> {
    /// Keeps the document with the bill that the rules give.
    pub(crate) async fn keep_unpriced(
        &self,
        response: CourtResponse,
        item: price::Item,
    ) -> Result<PurchaseResult, AttemptError> {
        if item == price::Item::Free || self.is_shown_prices().await {
            return self.keep(response, Bill::nothing(), false).await;
        }
        // Only the readers of documents open it. The line is completed once they have counted.
        self.keep(response, Bill::until_counted(item), false).await
    }

    /// Whether courts of this kind have shown prices to the account lately. What was paid for does not
    /// wait for that to be told: where it cannot be, nothing is taken for free.
    async fn is_shown_prices(&self) -> bool {
        let conversation = self.conversation;
        let courts = conversation.courts_of_the_kind();
        let asked = &conversation.attempt.request.spec;
        let question = PricesShown {
            account_digest: &asked.account_digest,
            courts,
            within: LATELY,
        };
        let asked = conversation.purchases.stores.ledger.shows_prices(&question);
        match time::timeout(TOLD_WITHIN, asked).await {
            Ok(Ok(is_shown)) => is_shown,
            Ok(Err(error)) => {
                let error = &error as &dyn std::error::Error;
                warn!(
                    error,
                    "it cannot be told whether prices are shown to an account"
                );
                false
            }
            Err(_) => {
                warn!("it was not told in time whether prices are shown to an account");
                false
            }
        }
    }
}

impl Conversation<'_> {
    /// Whether courts of this kind sell documents to the account without showing their price; none
    /// while that is not known.
    pub(crate) async fn is_sold_to_unpriced(&self) -> Result<Option<bool>, AttemptError> {
        let account = &self.attempt.request.spec.account_digest;
        let courts = self.courts_of_the_kind();
        Ok(self
            .purchases
            .stores
            .ledger
            .sells_unpriced(account, &courts)
            .await?)
    }

    /// Courts that do alike.
    fn courts_of_the_kind(&self) -> Vec<String> {
        let is_appellate = self.court.is_appellate();
        Court::all()
            .iter()
            .filter(|court| court.is_appellate() == is_appellate)
            .filter_map(|court| court.cl_id.clone())
            .collect()
    }
}
