//! The HTML of a Notice of Electronic Filing, without the message around it.

use super::notice::{self, Notice};
use super::{PageError, clean};

/// Reads the HTML of a notice. `Ok(None)` for one that is about something else than a filing.
///
/// Without a message there is no subject, so that short descriptions are empty.
///
/// # Examples
///
/// ```
/// let page = "<p>It was filed on 3/5/2024</p>\
///     <table><tr><td>Case Name:</td><td>Orla v. Nimbus</td></tr></table>\
///     <p><strong>Docket Text:</strong> ORDER about the kettle</p>";
/// let notice = pacer::page::nef::parse(page.as_bytes(), "cand")?.expect("it is a notice");
/// assert_eq!(notice.dockets[0].case_name, "Orla v. Nimbus");
/// assert_eq!(notice.dockets[0].docket_entries[0].description, "ORDER about the kettle");
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<Option<Notice>, PageError> {
    notice::of_html(&clean::html(page), None, court)
}
