//! An answer to a purchase as a flow sees it, with what goes on from it.

use fetch_model::{Failure, JobError};
use pacer::{
    form,
    page::verdict::{CourtAnswer, FollowUp},
};

use crate::{
    Conversation,
    answer::Answer,
    conversation::Ask,
    flow::{Came, Leads, Way},
    judge::Seen,
    purchase::{Deal, Purchase},
};

/// An answer, read as far as a flow needs it.
pub(crate) struct Reading {
    /// What it is.
    pub came: Came,
    /// Its bytes; none if there was no answer.
    pub answer: Option<Answer>,
    /// What it comes to, if it was judged.
    pub deal: Option<Deal>,
    /// Where its link or form leads, below the court; empty if it has none.
    path: String,
    /// The fields of its form.
    fields: Vec<(String, String)>,
}

impl Reading {
    /// An answer that leads nowhere.
    pub(crate) fn new(came: Came, answer: Answer) -> Reading {
        Reading {
            answer: Some(answer),
            ..Reading::of(came)
        }
    }

    fn of(came: Came) -> Reading {
        Reading {
            came,
            answer: None,
            deal: None,
            path: String::new(),
            fields: Vec::new(),
        }
    }

    /// An answer that was judged.
    pub(crate) fn judged(deal: Deal) -> Reading {
        let came = Came::judged(&deal);
        Reading {
            deal: Some(deal),
            ..Reading::of(came)
        }
    }

    fn unanswered(deal: Deal) -> Reading {
        Reading {
            came: Came::unanswered(&deal),
            ..Reading::judged(deal)
        }
    }

    /// The link that it has.
    pub(crate) fn link(self) -> Ask {
        Ask::Get(self.path)
    }

    /// The link that it has, with the wish to be shown a price.
    pub(crate) fn link_by_price(self) -> Ask {
        Ask::GetPrice(self.path)
    }

    /// The form that it has, as the software of a district court sends it.
    pub(crate) fn form(self) -> Ask {
        Ask::Post(self.path, self.fields)
    }

    /// The form that it has, as the software of an appellate court sends it.
    pub(crate) fn form_urlencoded(self) -> Ask {
        Ask::PostUrlencoded(self.path, self.fields)
    }

    /// The end of a purchase that was not billed. A judged answer says why; otherwise the court
    /// `kept_asking`, or led out of its site.
    pub(crate) fn unbilled(self, kept_asking: JobError) -> Deal {
        match (self.deal, self.came) {
            (Some(deal @ Deal::NotBilled(_)), _) => deal,
            (
                _,
                Came::Link(Leads::Elsewhere)
                | Came::Location(Leads::Elsewhere)
                | Came::LinkCheck(Leads::Elsewhere),
            ) => Deal::NotBilled(Failure::Internal.into()),
            _ => Deal::NotBilled(kept_asking),
        }
    }

    /// The end of a purchase of which nobody knows whether it was billed, and for which `why` is
    /// said unless the answer itself is in doubt.
    pub(crate) fn in_doubt(self, why: &str, failure: Failure) -> Deal {
        match self.deal {
            Some(deal @ Deal::Doubt { .. }) => deal,
            // Whoever lost the request has no say in what becomes of it.
            Some(Deal::NotBilled(JobError::Lost)) => doubt(why, JobError::Lost),
            _ => doubt(why, JobError::retry(failure)),
        }
    }
}

fn doubt(why: &str, then: JobError) -> Deal {
    Deal::Doubt {
        why: why.to_owned(),
        then,
    }
}

impl Purchase<'_> {
    /// Asks in this way.
    pub(crate) async fn ask(&mut self, ask: &Ask, way: Way) -> Result<Answer, Reading> {
        self.send_as(ask, way).await.map_err(Reading::unanswered)
    }
}

impl Conversation<'_> {
    /// An answer that leads on to `link`.
    pub(crate) fn leads_on(&self, answer: Answer, link: &str, came: fn(Leads) -> Came) -> Reading {
        let (leads, path) = self.leads(&answer, link);
        Reading {
            path,
            ..Reading::new(came(leads), answer)
        }
    }

    /// An answer with a form to send.
    pub(crate) fn asks_to_send(
        &self,
        answer: Answer,
        form: FollowUp,
        came: fn(Leads) -> Came,
    ) -> Reading {
        Reading {
            fields: form.fields,
            ..self.leads_on(answer, &form.action, came)
        }
    }

    fn leads(&self, answer: &Answer, link: &str) -> (Leads, String) {
        match self.path_of(answer, link) {
            Ok(path) if form::may_be_billed(&path) => (Leads::ToSale, path),
            Ok(path) => (Leads::ToBytes, path),
            // It is said in the log where the link leads.
            Err(_) => (Leads::Elsewhere, String::new()),
        }
    }

    /// Judges an answer, unless the table of answers and the flow want the same asked once more.
    pub(crate) async fn judged(
        &self,
        row: CourtAnswer,
        seen: &Seen<'_>,
        may_repeat: bool,
    ) -> Reading {
        if may_repeat && self.is_repeated(row) {
            return Reading::of(Came::Again(row));
        }
        Reading::judged(self.deal(row, seen).await)
    }
}
