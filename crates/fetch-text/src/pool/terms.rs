//! What a worker may answer.
//!
//! It reads strangers' files, and may have come under a stranger's command. What it says is believed
//! only as far as it was asked: it cannot fill the memory of its parent, and cannot speak about pages
//! that are not its own.

use std::collections::HashSet;
use std::io;

use crate::hidden::is_within_limits;
use crate::limits::Limits;
use crate::wire::{Answer, Request};

/// What may still be answered to one request.
#[derive(Debug)]
pub(super) struct Terms<'a> {
    request: &'a Request,
    limits: &'a Limits,
    is_open: bool,
    /// Pages that were asked for and not answered; `None` while that is all pages, and their
    /// number is not known.
    pages: Option<HashSet<u32>>,
}

impl<'a> Terms<'a> {
    pub(super) fn new(request: &'a Request, limits: &'a Limits) -> Self {
        let asked: &[u32] = match request {
            Request::Start { .. } => &[],
            Request::Plan { pages } | Request::Recognise { pages } | Request::Reread { pages } => {
                pages
            }
        };
        Self {
            request,
            limits,
            is_open: false,
            pages: (!asked.is_empty()).then(|| asked.iter().copied().collect()),
        }
    }

    /// Takes an answer into account.
    ///
    /// # Errors
    /// `InvalidData` when it is none to what was asked: then nothing is believed any more.
    pub(super) fn check(&mut self, answer: &Answer) -> io::Result<()> {
        let keeps = match (answer, self.request) {
            (Answer::Refused(_) | Answer::Finished, _) => true,
            (Answer::Opened { pages, .. }, _) => self.opens(*pages),
            (Answer::Planned(page), Request::Plan { .. }) => {
                self.answers(page.number, page.text.len()) && is_within_limits(&page.hidden)
            }
            (Answer::Read(page), Request::Recognise { .. } | Request::Reread { .. }) => {
                self.answers(page.number, page.text.len()) && is_within_limits(&page.hidden)
            }
            _ => false,
        };
        if keeps {
            return Ok(());
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the worker answers what it was not asked",
        ))
    }

    fn opens(&mut self, pages: u32) -> bool {
        let is_first = !std::mem::replace(&mut self.is_open, true);
        let keeps = is_first && pages <= self.limits.pages;
        if keeps && self.pages.is_none() {
            self.pages = Some((1..=pages).collect());
        }
        keeps
    }

    fn answers(&mut self, page: u32, text_bytes: usize) -> bool {
        let was_open = self.pages.as_mut().is_some_and(|open| open.remove(&page));
        was_open && text_bytes <= self.limits.page_text_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::Reason;
    use crate::document::PageText;
    use crate::open::Refusal;
    use crate::plan::PagePlan;

    fn opened(pages: u32) -> Answer {
        Answer::Opened {
            pages,
            truncated: false,
        }
    }

    fn planned(number: u32) -> Answer {
        Answer::Planned(PagePlan::failed(number, Reason::GivenUp))
    }

    fn read(number: u32, bytes: usize) -> Answer {
        let text = "a".repeat(bytes);
        Answer::Read(PageText::failed(number, Reason::GivenUp, text))
    }

    /// Which of the answers is the first that is not believed.
    fn first_lie(request: &Request, answers: &[Answer]) -> Option<usize> {
        let limits = Limits {
            pages: 3,
            page_text_bytes: 10,
            ..Limits::default()
        };
        let mut terms = Terms::new(request, &limits);
        answers
            .iter()
            .position(|answer| terms.check(answer).is_err())
    }

    #[test]
    fn what_was_asked_may_be_answered_once() {
        let all = Request::Plan { pages: vec![] };
        let some = Request::Plan { pages: vec![2, 7] };
        let recognise = Request::Recognise { pages: vec![2, 7] };
        let reread = Request::Reread { pages: vec![2] };
        let refused = || Answer::Refused(Refusal::TimeLimit);
        for (request, answers, lie) in [
            (
                &all,
                vec![opened(2), planned(1), planned(2), Answer::Finished],
                None,
            ),
            (&all, vec![refused(), Answer::Finished], None),
            (&some, vec![opened(3), planned(7), planned(2)], None),
            (&recognise, vec![opened(3), read(2, 10), read(7, 0)], None),
            (&reread, vec![read(2, 1)], None),
            // More pages than a document may have, or told twice.
            (&all, vec![opened(u32::MAX)], Some(0)),
            (&all, vec![opened(1), opened(1)], Some(1)),
            // A page before the number of pages, one that is not there, one a second time.
            (&all, vec![planned(1)], Some(0)),
            (&all, vec![opened(2), planned(3)], Some(1)),
            (&all, vec![opened(2), planned(1), planned(1)], Some(2)),
            // Pages that nobody asked for, answers to other questions, too much text.
            (&recognise, vec![opened(3), read(1, 1)], Some(1)),
            (&recognise, vec![opened(3), planned(2)], Some(1)),
            (&some, vec![opened(3), read(2, 1)], Some(1)),
            (&reread, vec![read(2, 11)], Some(0)),
        ] {
            assert_eq!(
                first_lie(request, &answers),
                lie,
                "{request:?}: {answers:?}"
            );
        }
    }
}
