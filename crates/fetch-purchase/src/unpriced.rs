//! A document that came although its price was asked for: what it cost follows from the rules.
//!
//! Courts send opinions at once, since they are free, and everything to an account that has prices
//! switched off. An account that was shown a price lately belongs to the first kind, and an entry
//! that says that it is an opinion is one. Of anything else the pages are counted, after the file is
//! kept: what reads a file must not come before that.

use std::{thread, time::Duration};

use bytes::Bytes;
use fetch_model::{Cents, JobError};
use fetch_store::{ledger::Bill, rules::PricesShown};
use hayro_syntax::Pdf;
use pacer::{court::Court, price};
use pacer_client::Answer;
use tokio::{sync::oneshot, time};
use tracing::warn;

use crate::{
    Conversation,
    bill::{self, to_signed},
    purchase::{Bought, Purchase},
};

/// How long it is believed that an account is shown prices.
const LATELY: Duration = Duration::from_secs(24 * 3600);

/// How long the pages of one file are counted; most take milliseconds.
const COUNT_WITHIN: Duration = Duration::from_secs(20);

/// Bytes of stack for a file whose parts are nested deeply.
const STACK: usize = 64 << 20;

impl Purchase<'_> {
    /// Keeps the document with the bill that the rules give.
    pub(crate) async fn keep_unpriced(
        &self,
        answer: Answer,
        item: price::Item,
    ) -> Result<Bought, JobError> {
        if item == price::Item::Free || self.is_shown_prices().await? {
            return self.keep(answer, &bill::nothing(), false).await;
        }
        // Should the count go wrong, this figure stays.
        let bought = self.keep(answer, &bill::at_most(item), false).await?;
        let Some(pages) = pages(bought.body.clone()).await else {
            warn!("the pages of a document without a price cannot be counted");
            return Ok(bought);
        };
        let bill = by_pages(item, pages);
        let store = &self.conversation.purchases.store;
        store.revise_bill(self.intent()?, &bill).await?;
        let detail = format!("{} by {pages} pages, for want of a price", bill.cents);
        self.conversation.attempt.step("priced", &detail).await?;
        Ok(bought)
    }

    /// Whether courts of this kind have shown prices to the account lately.
    async fn is_shown_prices(&self) -> Result<bool, JobError> {
        let conversation = self.conversation;
        let courts = conversation.courts_of_the_kind();
        let asked = &conversation.attempt.request.asked;
        let question = PricesShown {
            account_digest: &asked.account_digest,
            courts,
            within: LATELY,
        };
        Ok(conversation.purchases.store.shows_prices(&question).await?)
    }
}

impl Conversation<'_> {
    /// Whether courts of this kind are known to sell documents to the account without showing
    /// their price.
    pub(crate) async fn is_sold_to_unpriced(&self) -> Result<bool, JobError> {
        let account = &self.attempt.request.asked.account_digest;
        let courts = self.courts_of_the_kind();
        Ok(self
            .purchases
            .store
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

/// What a document of that many pages costs.
fn by_pages(item: price::Item, pages: u32) -> Bill {
    let billed = match item {
        price::Item::Transcript => pages,
        _ => pages.min(price::CAP_CENTS / price::PAGE_CENTS),
    };
    Bill {
        cents: Cents(to_signed(price::cents(item, pages))),
        pages: to_signed(billed),
        receipt: None,
    }
}

/// The number of pages of a PDF; none if it cannot be told.
async fn pages(file: Bytes) -> Option<u32> {
    let (sender, receiver) = oneshot::channel();
    let count = move || {
        let pdf = Pdf::new(file.to_vec()).ok();
        let pages = pdf.map(|pdf| pdf.pages().len()).filter(|pages| *pages > 0);
        // Nobody waits any more if it took too long.
        let _ = sender.send(pages.and_then(|pages| u32::try_from(pages).ok()));
    };
    thread::Builder::new()
        .name("page-count".to_owned())
        .stack_size(STACK)
        .spawn(count)
        .ok()?;
    time::timeout(COUNT_WITHIN, receiver).await.ok()?.ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_pages_are_paid_unless_it_is_a_transcript() {
        let check = |item, pages, cents, billed| {
            let bill = by_pages(item, pages);
            assert_eq!((bill.cents, bill.pages), (Cents(cents), billed));
        };
        check(price::Item::Document, 4, 40, 4);
        check(price::Item::Document, 45, 300, 30);
        check(price::Item::Transcript, 45, 450, 45);
        check(price::Item::Audio, 1, 240, 1);
    }

    #[tokio::test]
    async fn what_is_no_pdf_has_no_pages() {
        assert_eq!(
            pages(Bytes::from_static(b"%PDF-1.4 and then nothing")).await,
            None
        );
    }
}
