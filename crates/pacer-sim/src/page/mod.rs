//! Pages of CM/ECF, in the layouts that their readers know.
//!
//! Recognition strings are those of the courts, word for word; everything else on a page is
//! ours. Pages are built as text, since the originals are no well-formed trees either.

pub mod acms;
pub mod appellate;
pub mod case_header;
pub mod docket;
pub mod history;
pub mod menu;
pub mod notice;
pub mod numbering;
pub mod option_form;
mod parties;
pub mod query;
pub mod receipt;
pub mod text_size;

use crate::court::Court;

/// Where a court's pages are, as the request had it.
#[derive(Debug, Clone)]
pub struct Place {
    /// The court.
    pub court: Court,
    /// Path in front of `/cgi-bin/` and `/doc1/`: `/okwd`, or nothing if the court has its own
    /// host name.
    pub prefix: String,
    /// Scheme, host and prefix.
    pub base: String,
}

impl Place {
    /// A page with the menu of somebody who is logged in, as the software of the court has it.
    pub fn page(&self, content: &str) -> String {
        if self.court.is_appellate() {
            let (place, csrf) = (self, "");
            return appellate::Frame { place, csrf }.page("CM/ECF", content);
        }
        let mut page = self.page_start();
        page.push_str(content);
        page.push_str(PAGE_END);
        page
    }

    /// A page of a district or bankruptcy court up to its content.
    pub fn page_start(&self) -> String {
        let (id, prefix) = (&self.court.id, &self.prefix);
        let item = |path: &str, label: &str| {
            format!(
                "<li class=\"yuimenubaritem\"><a class=\"yuimenubaritemlabel\" \
                 href=\"{prefix}/cgi-bin/{path}\">{label}</a></li>\n"
            )
        };
        format!(
            "<html><head><title>CM/ECF - {id} (simulated)</title></head>\n\
             <body bgcolor=\"FFFFFF\" text=\"000000\"><div class=\"noprint\">\
             <div id=\"topmenu\" class=\"yuimenubar\"><div class=\"bd\"><ul class=\"first-of-type\">\n\
             {}{}{}{}</ul></div></div></div>\n\
             <div id=\"cmecfMainContent\"><input type=\"hidden\" id=\"cmecfMainContentScroll\" value=\"0\">\n",
            item("iquery.pl", "<u>Q</u>uery"),
            item("DisplayMenu.pl?Reports", "<u>R</u>eports"),
            item("DisplayMenu.pl?Utilities", "<u>U</u>tilities"),
            item("login.pl?logout", "Log Out"),
        )
    }
}

/// What closes a page.
pub const PAGE_END: &str = "\n</div></body></html>\n";

/// Text as HTML.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}
