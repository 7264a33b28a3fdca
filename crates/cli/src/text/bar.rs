//! How far it is, on a terminal only, beside what is printed.

use std::io;

use fetch_text::Step;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What it looks like.
const TEMPLATE: &str = "{bar:30} {pos}/{len} pages, {msg} left, {eta} to go";

/// A bar over pages, with the number of files that are left.
pub(super) struct Bar {
    bar: ProgressBar,
    files: std::sync::atomic::AtomicUsize,
}

impl Bar {
    /// A bar over the pages of that many files, on standard error when that is a terminal.
    pub(super) fn over(files: usize) -> Self {
        let style =
            ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        bar.set_style(style);
        let bar = Self {
            bar,
            files: files.into(),
        };
        bar.say_files(files);
        bar
    }

    /// A document came one step further.
    pub(super) fn step(&self, step: Step) {
        match step {
            Step::Planned {
                pages,
                to_recognise,
            } => {
                self.bar.inc_length(pages as u64);
                self.bar.inc((pages - to_recognise) as u64);
            }
            Step::Recognised => self.bar.inc(1),
        }
    }

    /// A file is done, one way or the other.
    pub(super) fn file_done(&self) {
        let before = self
            .files
            .fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
        self.say_files(before.saturating_sub(1));
    }

    /// Does something that prints, with the bar out of the way.
    pub(super) fn aside<T>(&self, print: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.bar.suspend(print)
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn say_files(&self, files: usize) {
        self.bar.set_message(match files {
            1 => "1 file".to_owned(),
            files => format!("{files} files"),
        });
    }
}
