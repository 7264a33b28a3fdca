//! A whole message with a notice: of a filing (district and bankruptcy courts), or of activity in
//! a docket (appellate courts).

use super::notice::message::{Body, Message};
use super::notice::{self, Notice};
use super::{PageError, clean};

/// Reads a message as it came in. `Ok(None)` for one that has a picture, as people's own messages
/// do, or is about something else than a filing.
///
/// # Examples
///
/// ```
/// let message = "Subject: Activity in Case 1:24-cv-00417 Orla v. Nimbus Order\r\n\
///     Content-Type: text/html\r\n\
///     \r\n\
///     <p>It was filed on 3/5/2024</p>\
///     <table><tr><td>Case Name:</td><td>Orla v. Nimbus</td></tr></table>\
///     <p><strong>Docket Text:</strong> ORDER about the kettle</p>";
/// let notice = pacer::page::email::parse(message.as_bytes(), "cand")?.expect("it is a notice");
/// assert_eq!(notice.dockets[0].docket_entries[0].short_description, "Order");
/// # Ok::<(), pacer::page::PageError>(())
/// ```
pub fn parse(page: &[u8], court: &str) -> Result<Option<Notice>, PageError> {
    let message = Message::read(page)?;
    let subject = Some(message.subject.as_ref());
    match message.body {
        Body::Html(body) => notice::of_html(&clean::html(&body), subject, court),
        Body::Plain(body) => notice::of_plain_text(&clean::html(&body), subject, court),
        Body::Picture => Ok(None),
    }
}
