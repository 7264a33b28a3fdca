//! Which pages of a request are still open, and which of them is to blame when a worker dies.

use std::collections::VecDeque;
use std::time::Duration;

use super::process::Death;
use crate::choice::Reason;
use crate::limits::Limits;
use crate::open::Refusal;

/// The state of one document's pages while workers come and go.
#[derive(Debug)]
pub(super) struct Progress {
    /// Unanswered pages, in the order in which they are asked; `None` until the number of pages
    /// is known.
    open: Option<VecDeque<u32>>,
    /// The page that is being tried alone.
    alone: Option<u32>,
    /// The first page of the request that runs.
    asked_first: Option<u32>,
    /// Deaths since a page was last answered.
    deaths: u32,
    /// Wall time that all deaths cost.
    lost: Duration,
    /// Pages that were failed, and why.
    pub(super) failed: Vec<(u32, Reason)>,
    /// Whether the file's end is missing.
    pub(super) truncated: bool,
}

impl Progress {
    /// Those pages are wanted; all of the document's when none are named.
    pub(super) fn new(pages: Option<&[u32]>) -> Self {
        Self {
            open: pages.map(|pages| pages.iter().copied().collect()),
            alone: None,
            asked_first: None,
            deaths: 0,
            lost: Duration::ZERO,
            failed: Vec::new(),
            truncated: false,
        }
    }

    /// The pages to ask for next, none meaning all; `None` when nothing is left to ask.
    pub(super) fn next_request(&mut self) -> Option<Vec<u32>> {
        let Some(open) = &self.open else {
            self.asked_first = Some(1);
            return Some(Vec::new());
        };
        let first = *open.front()?;
        self.asked_first = Some(first);
        Some(match self.alone {
            Some(page) => vec![page],
            None => open.iter().copied().collect(),
        })
    }

    /// The file is open and has that many pages.
    pub(super) fn opened(&mut self, pages: u32, truncated: bool) {
        self.truncated = truncated;
        self.open.get_or_insert_with(|| (1..=pages).collect());
    }

    /// That page is answered.
    pub(super) fn settle(&mut self, page: u32) {
        self.deaths = 0;
        self.close(page);
    }

    fn close(&mut self, page: u32) {
        if let Some(open) = &mut self.open {
            match open.front() {
                Some(first) if *first == page => drop(open.pop_front()),
                _ => open.retain(|open| *open != page),
            }
        }
    }

    /// The request ended well. A page that it did not answer will not be answered by asking
    /// again.
    pub(super) fn finished(&mut self) {
        match self.alone.take() {
            Some(page) => self.fail_if_open(page, Reason::ReaderFailed),
            None => self.fail_rest(Reason::ReaderFailed),
        }
    }

    /// The worker died after so long. Blames a page, or the file when it was not even open.
    ///
    /// # Errors
    /// The refusal when the file itself kills workers.
    pub(super) fn died(
        &mut self,
        death: Death,
        worker_was_used: bool,
        after: Duration,
        limits: &Limits,
    ) -> Result<(), Refusal> {
        self.deaths += 1;
        self.lost += after;
        let Some(suspect) = self.suspect() else {
            // A used worker may have died of its age, a fresh one died of the file.
            if worker_was_used && self.deaths == 1 && death != Death::TooSlow {
                return Ok(());
            }
            return Err(death.refusal());
        };
        // A used worker may have died of what it read before, if it was not out of time.
        let excused = worker_was_used && death != Death::TooSlow && self.alone != Some(suspect);
        if self.asked_first == Some(suspect) && !excused {
            self.alone = None;
            self.fail_if_open(suspect, death.reason());
        } else {
            self.alone = Some(suspect);
        }
        if self.deaths >= limits.worker_deaths || self.lost >= limits.lost_time {
            self.alone = None;
            self.fail_rest(Reason::GivenUp);
        }
        Ok(())
    }

    fn suspect(&self) -> Option<u32> {
        self.open.as_ref()?.front().copied()
    }

    fn fail_if_open(&mut self, page: u32, reason: Reason) {
        let open = self.open.iter().flatten().any(|open| *open == page);
        if open {
            self.close(page);
            self.failed.push((page, reason));
        }
    }

    fn fail_rest(&mut self, reason: Reason) {
        for page in self.open.get_or_insert_default().drain(..) {
            self.failed.push((page, reason));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn died(progress: &mut Progress, death: Death, was_used: bool) -> Result<(), Refusal> {
        progress.died(death, was_used, Duration::from_secs(1), &Limits::default())
    }

    #[test]
    fn the_poisonous_page_alone_fails() {
        let mut progress = Progress::new(None);
        assert_eq!(progress.next_request(), Some(vec![]));
        progress.opened(5, false);
        progress.settle(1);
        died(&mut progress, Death::Broke, false).unwrap();
        // Page 2 is suspected, and proved guilty alone.
        assert_eq!(progress.next_request(), Some(vec![2]));
        died(&mut progress, Death::Broke, false).unwrap();
        assert_eq!(progress.failed, [(2, Reason::ResourceLimit)]);
        assert_eq!(progress.next_request(), Some(vec![3, 4, 5]));
        for page in [3, 4, 5] {
            progress.settle(page);
        }
        progress.finished();
        assert_eq!(progress.next_request(), None);
        assert_eq!(progress.failed.len(), 1);
    }

    #[test]
    fn a_suspect_that_passes_alone_is_cleared() {
        let mut progress = Progress::new(Some(&[4, 7]));
        assert_eq!(progress.next_request(), Some(vec![4, 7]));
        progress.settle(4);
        died(&mut progress, Death::TooSlow, true).unwrap();
        assert_eq!(progress.next_request(), Some(vec![7]));
        progress.settle(7);
        progress.finished();
        assert_eq!(progress.next_request(), None);
        assert!(progress.failed.is_empty());
    }

    #[test]
    fn a_first_page_that_is_too_slow_is_not_waited_for_twice() {
        let mut progress = Progress::new(Some(&[4, 7]));
        progress.next_request();
        died(&mut progress, Death::TooSlow, false).unwrap();
        assert_eq!(progress.failed, [(4, Reason::TimeLimit)]);
        assert_eq!(progress.next_request(), Some(vec![7]));
    }

    #[test]
    fn a_file_that_kills_on_opening_is_refused() {
        let mut progress = Progress::new(None);
        progress.next_request();
        assert_eq!(
            died(&mut progress, Death::Broke, false),
            Err(Refusal::ResourceLimit)
        );
    }

    #[test]
    fn an_old_worker_is_not_held_against_the_file() {
        let mut progress = Progress::new(None);
        progress.next_request();
        died(&mut progress, Death::Broke, true).unwrap();
        assert_eq!(progress.next_request(), Some(vec![]));
        assert_eq!(
            died(&mut progress, Death::Broke, true),
            Err(Refusal::ResourceLimit)
        );
    }

    #[test]
    fn an_old_worker_is_not_held_against_its_first_page_either() {
        let mut progress = Progress::new(Some(&[4, 7]));
        progress.next_request();
        died(&mut progress, Death::Broke, true).unwrap();
        assert_eq!(progress.next_request(), Some(vec![4]));
        died(&mut progress, Death::Broke, true).unwrap();
        assert_eq!(progress.failed, [(4, Reason::ResourceLimit)]);
        assert_eq!(progress.next_request(), Some(vec![7]));
    }

    #[test]
    fn a_document_of_poison_is_given_up() {
        let mut progress = Progress::new(None);
        progress.next_request();
        progress.opened(1000, false);
        let mut requests = 0;
        while progress.next_request().is_some() {
            requests += 1;
            died(&mut progress, Death::Broke, false).unwrap();
        }
        assert_eq!(requests, 8);
        assert_eq!(progress.failed.len(), 1000);
        assert_eq!(progress.failed[999], (1000, Reason::GivenUp));
    }

    #[test]
    fn many_poisonous_pages_do_not_cost_the_others() {
        let mut progress = Progress::new(None);
        progress.next_request();
        progress.opened(100, false);
        // Every odd page kills, alone too.
        while let Some(asked) = progress.next_request() {
            let pages = if asked.is_empty() {
                1..=100
            } else {
                asked[0]..=100
            };
            if asked.len() == 1 && asked[0] % 2 == 1 {
                died(&mut progress, Death::Broke, false).unwrap();
                continue;
            }
            let healthy = pages.take_while(|page| page % 2 == 0);
            healthy.for_each(|page| progress.settle(page));
            match progress.next_request() {
                Some(_) => died(&mut progress, Death::Broke, false).unwrap(),
                None => break,
            }
        }
        assert_eq!(progress.failed.len(), 50);
        assert!(progress.failed.iter().all(|(page, _)| page % 2 == 1));
    }

    #[test]
    fn a_document_that_loses_too_much_time_is_given_up() {
        let mut progress = Progress::new(None);
        progress.next_request();
        progress.opened(1000, false);
        let mut answered = 0;
        while let Some(asked) = progress.next_request() {
            if let [page] = asked[..] {
                progress.settle(page);
                answered += 1;
            }
            let long = Duration::from_secs(20);
            progress
                .died(Death::TooSlow, false, long, &Limits::default())
                .unwrap();
        }
        assert!(answered < 15);
        assert_eq!(progress.failed.last(), Some(&(1000, Reason::GivenUp)));
    }

    #[test]
    fn pages_that_no_one_answers_are_not_asked_for_ever() {
        let mut progress = Progress::new(Some(&[1, 2]));
        progress.next_request();
        progress.settle(1);
        progress.finished();
        assert_eq!(progress.next_request(), None);
        assert_eq!(progress.failed, [(2, Reason::ReaderFailed)]);
    }
}
