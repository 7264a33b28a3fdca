//! Pages of the appellate software.
//!
//! [`docket`] is the report, [`menu`] the list of a filing's documents, [`confirm`] what asks
//! before a charge, [`search`] the ways to a case, [`notice`] everything else.

pub mod confirm;
pub mod docket;
pub(in crate::page) mod entries;
pub mod menu;
pub mod notice;
mod parties;
mod receipt;
pub mod search;
mod sections;

use super::Place;
pub use receipt::table as receipt;

/// Path of the servlet that does everything.
pub const SERVLET: &str = "/n/beam/servlet/TransportRoom";

/// What a page needs to know besides its content.
pub struct Frame<'a> {
    /// The court.
    pub place: &'a Place,
    /// The token that forms carry.
    pub csrf: &'a str,
}

impl Frame<'_> {
    /// The servlet, as a form on any page can name it.
    pub fn servlet(&self) -> String {
        format!("{}{SERVLET}", self.place.prefix)
    }

    /// The hidden field that forms carry.
    pub fn csrf_field(&self) -> String {
        hidden("CSRF", self.csrf)
    }

    /// A page up to its content, with the menu of somebody who is logged in.
    pub fn start(&self, title: &str) -> String {
        let servlet = self.servlet();
        let item = |query: &str, label: &str| {
            format!(
                "<TD><a style=\"color: #ffffff; font-weight:bold;\" href=\"{servlet}?servlet={query}\">{label}</a>\
                 &nbsp;&nbsp;&nbsp;</TD>\n"
            )
        };
        format!(
            "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\" \
             \"http://www.w3.org/TR/html4/loose.dtd\"><HTML><HEAD>\n<TITLE>{}</TITLE>\n\
             <STYLE type='text/css' media='print'>.noprint{{display:none;}}</STYLE></HEAD>\n<BODY>\n\
             <div class=\"noprint\"><TABLE BORDER=0 CELLSPACING=0 CELLPADDING=0 width='100%' bgcolor=\"#0000af\">\n\
             <TR VALIGN=middle ALIGN=left>\n{}{}{}{}</TR>\n</TABLE><BR></div>\n",
            super::escape(title),
            item("CaseSearch.jsp", "Case Search"),
            item("PACERCalendar.jsp", "Calendar"),
            item("PACEROpinion.jsp", "Opinions"),
            item("InvalidUserLogin.jsp&logout=y", "Logout"),
        )
    }

    /// A whole page.
    pub fn page(&self, title: &str, content: &str) -> String {
        self.start(title) + content + END
    }
}

/// What closes a page.
pub const END: &str = "\n</BODY>\n</HTML>\n";

/// A hidden field.
pub fn hidden(name: &str, value: &str) -> String {
    format!(
        "<INPUT type='hidden' name='{}' value='{}'>\n",
        attribute(name),
        attribute(value)
    )
}

/// A value between single quotes.
fn attribute(text: &str) -> String {
    super::escape(text).replace('\'', "&#39;")
}

/// A size as menus and dockets write it.
fn size(bytes: u64) -> String {
    let (number, unit) = match bytes {
        1_048_576.. => (bytes as f64 / 1_048_576.0, "MB"),
        _ => (bytes as f64 / 1_024.0, "KB"),
    };
    // The courts' script rounds to two digits and writes no zeros behind them.
    let rounded = (number * 100.0).round() / 100.0;
    format!("{rounded} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_as_the_courts_script_does() {
        assert_eq!(size(135_073), "131.91 KB");
        assert_eq!(size(66_661), "65.1 KB");
        assert_eq!(size(2_097_152), "2 MB");
    }
}
