//! The entries of a docket.

use super::{View, put, slashed};
use crate::page::{Place, escape};
use crate::world::Oddity;
use crate::world::case::{Case, Entry, Fate, Sheet};

/// Entries in one table; longer dockets go on in another, without a header.
const TABLE_ROWS: usize = 500;

/// Courts that write page counts beside numbers without being asked.
const COUNTS_PAGES: [&str; 3] = ["flsb", "txnb", "wawb"];

/// All entries that are shown.
pub(super) struct Table<'a> {
    pub place: &'a Place,
    pub case: &'a Case,
    pub view: &'a View<'a>,
}

impl Table<'_> {
    /// Texas Northern Bankruptcy has no column for numbers.
    fn merges_number(&self) -> bool {
        self.place.court.id == "txnb"
    }

    /// Writes the tables; there are several if there are many entries.
    pub fn write(&self, html: &mut String) {
        for (index, entries) in self.view.entries.chunks(TABLE_ROWS).enumerate() {
            html.push_str(if self.place.court.is_bankruptcy() {
                "<br><table border=\"1\" cellpadding=\"10\" cellspacing=\"0\">\n"
            } else {
                "<br><table align=\"center\" width=\"99%\" border=\"1\" rules=\"all\" cellpadding=\"5\" cellspacing=\"0\">\n"
            });
            if index == 0 {
                self.header(html);
            }
            for entry in entries {
                self.row(html, entry);
            }
            html.push_str("</table>");
        }
        html.push_str("<br>\n");
    }

    fn header(&self, html: &mut String) {
        let date = match (self.view.by_entered, self.place.court.is_bankruptcy()) {
            (true, true) => "Docket Date",
            (true, false) => "Date Entered",
            (false, true) => "Filing Date",
            (false, false) => "Date Filed",
        };
        if self.merges_number() {
            put(
                html,
                format_args!(
                    "<tr><th width=\"94\" nowrap>{date}</th><th align=\"center\">Docket Text</th></tr>\n"
                ),
            );
        } else if self.place.court.is_bankruptcy() {
            put(
                html,
                format_args!(
                    "<tr><th width=\"94\" nowrap>{date}</th><th colspan=\"2\" align=\"center\">#</th>\
                 <th align=\"center\">Docket Text</th></tr>\n"
                ),
            );
        } else {
            put(
                html,
                format_args!(
                    "<tr><td style=\"font-weight:bold; width=94; white-space:nowrap\">{date}</td>\
                 <th>#</th><td style=\"font-weight:bold\">Docket Text</td></tr>\n"
                ),
            );
        }
    }

    fn row(&self, html: &mut String, entry: &Entry) {
        let date = slashed(if self.view.by_entered {
            entry.entered
        } else {
            entry.filed
        });
        if self.merges_number() {
            self.merged_number(html, entry, &date);
        } else if self.place.court.is_bankruptcy() {
            put(
                html,
                format_args!(
                    "<tr><td width=\"94\" nowrap valign=\"bottom\">{date}</td>\
                 <td width=\"74\" valign=\"top\" align=\"right\"><nobr> &nbsp;{}</nobr></td><td width=\"30\" valign=\"top\">",
                    self.nef_link(entry)
                ),
            );
            self.number(html, entry, "<br>");
            html.push_str("</td><td valign=\"bottom\">");
        } else {
            put(
                html,
                format_args!(
                    "<tr><td width=\"94\" valign=\"top\" nowrap>{date}</td>\
                 <td style=\"white-space:nowrap\" valign=\"top\" align=\"right\">"
                ),
            );
            self.number(html, entry, "<br>");
            html.push_str("&nbsp;</td><td valign=\"top\">");
        }
        html.push_str(&escape(&entry.text));
        self.attachments(html, entry);
        put(
            html,
            format_args!(" (Entered: {})</td></tr>\n", slashed(entry.entered)),
        );
    }

    /// The number in front of the text.
    fn merged_number(&self, html: &mut String, entry: &Entry, date: &str) {
        put(
            html,
            format_args!(
                "<tr><td width=\"94\" nowrap valign=\"bottom\">{date}</td><td valign=\"bottom\">  &nbsp; "
            ),
        );
        self.number(html, entry, " &nbsp;");
        html.push(' ');
    }

    fn nef_link(&self, entry: &Entry) -> String {
        if !self.view.nef_links {
            return String::new();
        }
        let (prefix, case) = (&self.place.prefix, self.case.stub.id);
        let seq = entry.seq;
        format!("<a href=\"{prefix}/cgi-bin/DisplayReceipt.pl?{case},{seq}\">NEF</a>")
    }

    /// The linked number, and `between` it and its page count.
    fn number(&self, html: &mut String, entry: &Entry, between: &str) {
        let Some(number) = entry.number else { return };
        let Some(main) = entry.sheets.first() else {
            put(html, format_args!("{number}"));
            return;
        };
        let id = main.id(&self.place.court.prefix, '0');
        let base = &self.place.base;
        if self.case.stub.oddity == Oddity::OldLinks {
            self.old_link(html, entry, main);
        } else if self.place.court.is_bankruptcy() {
            put(
                html,
                format_args!(
                    "<a href=\"{}/doc1/{id}\" oncontextmenu=\"this.href=&quot;{base}/doc1/{id}&quot;\">{number}</a>",
                    self.place.prefix
                ),
            );
        } else {
            put(
                html,
                format_args!(
                    "<a href=\"{base}/doc1/{id}\" onClick=\"goDLS('{}/doc1/{id}','{}','{}','','{}','1','','','');\
                 return(false);\">{number}</a>",
                    self.place.prefix,
                    self.case.stub.id,
                    entry.seq,
                    if self.view.unstamped { 2 } else { 1 }
                ),
            );
        }
        if self.view.page_counts || COUNTS_PAGES.contains(&self.place.court.id.as_str()) {
            page_counts(html, &entry.sheets, between);
        }
    }

    /// As older bankruptcy pages link: by sequence number, for a script to replace.
    fn old_link(&self, html: &mut String, entry: &Entry, main: &Sheet) {
        let (case, seq, number) = (self.case.stub.id, entry.seq, entry.number.unwrap_or(0));
        let dm_id = main.serial;
        put(
            html,
            format_args!(
                "<a href=\"{}/cgi-bin/show_doc.pl?caseid={case}&de_seq_num={seq}&dm_id={dm_id}&doc_num={number}\" \
                 id=\"documentKcaseidV{case}Kde_seq_numV{seq}Kdm_idV{dm_id}Kdoc_numV{number}\">{number}</a>",
                self.place.prefix
            ),
        );
    }

    fn attachments(&self, html: &mut String, entry: &Entry) {
        let Some(attachments) = entry.sheets.get(1..).filter(|sheets| !sheets.is_empty()) else {
            return;
        };
        html.push_str(" (Attachments: ");
        for (index, sheet) in attachments.iter().enumerate() {
            html.push_str(if index == 0 { "# " } else { ", # " });
            self.attachment(html, sheet);
        }
        html.push(')');
    }

    fn attachment(&self, html: &mut String, sheet: &Sheet) {
        let (number, description) = (sheet.attachment, escape(&sheet.description));
        if matches!(sheet.fate, Fate::Refused(_)) {
            put(html, format_args!("{number} {description}"));
            return;
        }
        let id = sheet.id(&self.place.court.prefix, '1');
        put(
            html,
            format_args!(
                "<a href=\"{}/doc1/{id}\">{number}</a> {description}",
                self.place.base
            ),
        );
    }
}

fn page_counts(html: &mut String, sheets: &[Sheet], between: &str) {
    let pages: u32 = sheets.iter().map(|sheet| sheet.pages).sum();
    let unit = if pages == 1 { "pg" } else { "pgs" };
    match sheets.len() {
        1 => put(
            html,
            format_args!("{between}<nobr>({pages}&nbsp;{unit})</nobr>"),
        ),
        documents => put(
            html,
            format_args!("{between}<nobr>({pages}&nbsp;{unit}; {documents}&nbsp;docs)</nobr>"),
        ),
    }
}
