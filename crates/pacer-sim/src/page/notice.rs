//! Pages that say something instead of showing what was asked for.

use serde::{Deserialize, Serialize};

use super::{Place, escape};

/// Why the docket report is not shown. The texts are those of the courts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// No case has that id.
    CaseNotFound,
    /// The case is sealed. What a court writes here is not known; this is what its lookup says.
    CaseUnderSeal,
    /// Something was missing from the request.
    IncompleteRequest,
    /// The page token is not one of the court's.
    NoSuchPageId,
    /// The same charge was accepted twice.
    SubmittedTwice,
    /// From is after to.
    DatesReversed,
    /// The first number is greater than the last.
    NumbersReversed,
    /// Nothing is filed in the case.
    NoDocuments,
    /// The report was asked for as a PDF.
    NoPdf,
    /// The document number is not in the case, or not for this user.
    NoSuchDocument,
    /// The account has to give a client code.
    ClientCodeRequired,
}

impl Notice {
    /// What the page says.
    pub fn text(&self) -> &'static str {
        match self {
            Notice::CaseNotFound => "Case not found.",
            Notice::CaseUnderSeal => "Case Under Seal",
            Notice::IncompleteRequest => {
                "Incomplete request. Please try your query again by choosing the Query or Reports option \
                 from the main menu."
            }
            Notice::NoSuchPageId => {
                "Error: The page ID does not exist. Please enter a valid page ID number."
            }
            Notice::SubmittedTwice => {
                "Submission already made, please wait for response from server"
            }
            Notice::DatesReversed => "The start date must be less than or equal to the end date",
            Notice::NumbersReversed => {
                "The starting document number must be less than or equal to the ending document number"
            }
            Notice::NoDocuments => "Error: There are no documents in this case.",
            Notice::NoPdf => "Unable to create PDF file.",
            Notice::NoSuchDocument => {
                "Either you do not have permission to view the document, or the document does not exist in the case."
            }
            Notice::ClientCodeRequired => "A Client Code is required for PACER search",
        }
    }
}

/// The page with its text and the way back.
pub fn page(place: &Place, text: &str) -> String {
    place.page(&format!(
        "<h3>{}</h3>\n<p><input type=\"button\" value=\"Back\" onclick=\"history.back()\"></p>",
        escape(text)
    ))
}

/// What a used-up free look shows: no frame, and no menu, since nobody is logged in. The words
/// of the courts are not known.
pub fn free_look_used_up() -> String {
    "<html><body><p>The free look at this document was used up. Log in to PACER to view it.</p></body></html>\n"
        .to_owned()
}

/// The form a court shows to who is not logged in, older style: it carries no evidence of a
/// session, and its action is what was asked for.
pub fn login_form(place: &Place, asked: &str) -> String {
    format!(
        "<html><head><title>{}-ECF (simulated)</title></head><body>\n\
         <form action=\"{}\" enctype=\"multipart/form-data\" method=\"POST\" name=\"GetPass\">\n\
         <p>Login: <input name=\"login\" type=\"text\" size=\"20\"></p>\n\
         <p>Password: <input name=\"key\" type=\"password\" size=\"20\"></p>\n\
         <p>client code: <input name=\"clcode\" type=\"text\" maxlength=\"32\"></p>\n\
         <p><input name=\"redaction\" type=\"checkbox\"> I will redact what I file.</p>\n\
         <p><input name=\"button1\" type=\"submit\" value=\"Login\"></p></form></body></html>\n",
        place.court.id.to_uppercase(),
        escape(asked)
    )
}

/// The page that sends the browser to the central sign-on, newer style.
pub fn sign_on_redirect(place: &Place, asked: &str) -> String {
    let target: String = url::form_urlencoded::byte_serialize(asked.as_bytes()).collect();
    format!(
        "<html><head><script type=\"text/javascript\">document.location = \
         \"https://pacer.login.uscourts.gov/csologin/login.jsf?pscCourtId={}&appurl={target}\";</script></head>\
         <body></body></html>\n",
        place.court.sign_on_code
    )
}
