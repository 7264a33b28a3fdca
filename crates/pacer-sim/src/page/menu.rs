//! The document selection menu, and what stands between a reader and a document.

use super::receipt::{Moment, Receipt};
use super::text_size::PAGE_CAP;
use super::{Place, escape};
use crate::world::Found;
use crate::world::case::{Fate, Sheet};
use chrono::{DateTime, Utc};

/// The menu of an entry with attachments.
pub fn page(place: &Place, found: &Found) -> String {
    let rows = if place.court.is_bankruptcy() {
        bankruptcy(place, found)
    } else {
        district(place, found)
    };
    place.page(&format!("<p>Document Selection Menu</p>\n{rows}"))
}

/// `goDLS` call of a document that is opened from a menu or a docket.
pub fn go_dls(place: &Place, found: &Found, id: &str) -> String {
    let (case_id, seq) = (found.case.stub.id, found.entry().seq);
    format!(
        "goDLS('{}/doc1/{id}','{case_id}','{seq}','','','1','','','');return(false);",
        place.prefix
    )
}

fn district(place: &Place, found: &Found) -> String {
    let number = found.entry().number.unwrap_or_default();
    let mut html = "<p>Select the document you wish to view.</p>\n<form>\n<table>\n".to_owned();
    for sheet in &found.entry().sheets {
        let cells = District {
            place,
            found,
            number,
            sheet,
        };
        html.push_str(&if sheet.attachment == 0 {
            cells.main()
        } else {
            cells.attachment()
        });
    }
    html.push_str("<tr><td colspan=\"6\"><hr></td></tr>\n<tr><td colspan=\"4\">");
    html.push_str(&buttons(place, found, "View Selected", "Download Selected"));
    html.push_str("</td></tr>\n</table>\n</form>\n");
    html
}

struct District<'a> {
    place: &'a Place,
    found: &'a Found,
    number: u32,
    sheet: &'a Sheet,
}

impl District<'_> {
    fn main(&self) -> String {
        format!(
            "<tr><td colspan=\"2\"><b>Document Number:</b></td><td>{}</td><td>{}</td>{}</tr>\n\
             <tr height=\"50px\"><td colspan=\"2\"><b>Attachment</b></td><td colspan=\"2\"><b>Description</b></td>\
             <td><b>Pages</b></td><td><b>Size</b></td></tr>\n",
            self.checkbox(),
            self.link(self.number),
            self.sizes()
        )
    }

    fn attachment(&self) -> String {
        if is_withheld(self.sheet) {
            return format!(
                "<tr><td></td><td>{}</td><td colspan=\"2\">{} (restricted)</td><td></td><td></td></tr>\n",
                self.sheet.attachment,
                escape(&self.sheet.description)
            );
        }
        format!(
            "<tr><td width=\"50px\">{}</td><td>{}</td><td colspan=\"2\">{} </td>{}</tr>\n",
            self.checkbox(),
            self.link(self.sheet.attachment),
            escape(&self.sheet.description),
            self.sizes()
        )
    }

    fn checkbox(&self) -> String {
        let sheet = self.sheet;
        format!(
            "<input type=\"checkbox\" name=\"document_{}_{}\" value=\"{}-{}-{}\" />",
            self.number,
            sheet.attachment,
            sheet.serial,
            sheet.stored_bytes(),
            sheet.pages
        )
    }

    fn link(&self, label: u32) -> String {
        let id = self.sheet.id(&self.place.court.prefix, '1');
        let call = go_dls(self.place, self.found, &id);
        format!(
            "<a href=\"{}/doc1/{id}\" onClick=\"{call}\">{label}</a>",
            self.place.base
        )
    }

    fn sizes(&self) -> String {
        format!(
            "<td>{}</td><td>{}</td>",
            page_count(self.sheet),
            size(self.sheet.stored_bytes())
        )
    }
}

fn bankruptcy(place: &Place, found: &Found) -> String {
    let mut html = "<p align=\"center\"><big>Multiple Documents</big></p>\n\
                    <p>Select the document you wish to view.</p>\n<table cellpadding=\"4\">\n\
                    <tr><th align=\"right\">Part</th><th>&nbsp;</th><th align=\"left\">Description</th></tr>\n"
        .to_owned();
    for sheet in &found.entry().sheets {
        html.push_str(&part(place, sheet));
    }
    html.push_str("<tr><td colspan=\"4\"><hr></td></tr>\n<tr><td colspan=\"3\">");
    html.push_str(&buttons(place, found, "View All", "Download All"));
    html.push_str("</td><td></td></tr>\n</table>\n");
    html
}

fn part(place: &Place, sheet: &Sheet) -> String {
    let number = sheet.attachment + 1;
    let description = match sheet.attachment {
        0 => "Main Document".to_owned(),
        _ => escape(&sheet.description),
    };
    if is_withheld(sheet) {
        return format!(
            "<tr><td align=\"right\">{number}</td><td></td><td>{description}</td><td></td></tr>\n"
        );
    }
    let id = sheet.id(&place.court.prefix, '1');
    format!(
        "<tr><td align=\"right\"><a href=\"{}/doc1/{id}\" oncontextmenu=\"this.href=&quot;{}/doc1/{id}&quot;\">\
         {number}</a></td><td></td><td>{description}</td><td>{}</td></tr>\n",
        place.prefix,
        place.base,
        page_count(sheet)
    )
}

fn buttons(place: &Place, found: &Found, view: &str, download: &str) -> String {
    let url = format!(
        "{}/cgi-bin/show_multidocs.pl?caseid={}&amp;arr_de_seq_nums={}&amp;magic_num=&amp;pdf_header=1",
        place.prefix,
        found.case.stub.id,
        found.entry().seq
    );
    format!(
        "<input type=\"button\" onclick=\"parent.location='{url}'\" value=\"{view}\">&nbsp;or&nbsp;\
         <input type=\"button\" onclick=\"parent.location='{url}&amp;zipit=1'\" value=\"{download}\">"
    )
}

fn is_withheld(sheet: &Sheet) -> bool {
    matches!(sheet.fate, Fate::Refused(_))
}

fn page_count(sheet: &Sheet) -> String {
    let unit = if sheet.pages == 1 { "page" } else { "pages" };
    format!("{} {unit}", sheet.pages)
}

fn size(bytes: u64) -> String {
    let kilobytes = bytes as f64 / 1024.0;
    match kilobytes < 1000.0 {
        true => format!("{kilobytes:.1} KB"),
        false => format!("{:.1} MB", kilobytes / 1024.0),
    }
}

/// The price page: what the document costs, and a button that buys it.
pub fn price_page(place: &Place, found: &Found, receipt: &Receipt, now: DateTime<Utc>) -> String {
    let sheet = found.sheet();
    let action = format!(
        "{}/doc1/{}",
        place.prefix,
        sheet.id(&place.court.prefix, '1')
    );
    let (case_id, seq) = (found.case.stub.id, found.entry().seq);
    let tail = if place.court.is_bankruptcy() {
        ",'',''"
    } else {
        ""
    };
    let warning = match sheet.fate {
        Fate::Restricted => {
            "<table><tr><td>Warning!</td></tr><tr><td><b>This document is restricted.</b></td></tr></table>"
        }
        _ => "",
    };
    let capped = match sheet.pages > PAGE_CAP && receipt.pages == PAGE_CAP {
        true => format!(
            "<p>The document has {} pages. You will only be billed for 30 pages.</p>",
            sheet.pages
        ),
        false => String::new(),
    };
    place.page(&format!(
        "{warning}<p>To accept charges shown below, click on the 'View Document' button, otherwise click the \
         'Back' button on your browser.</p>{capped}\
         <form method=\"POST\" action=\"{action}\" onsubmit=\"goDLS('{action}','{case_id}','{seq}','1','','1','',''{tail});\
         return(false)\"><hr>{}<input type=\"submit\" value=\"View Document\"></form>",
        receipt.table(Moment::Offered, now, place.court.zone)
    ))
}

/// A page whose frame shows what was bought.
pub fn iframe_page(place: &Place, path: &str) -> String {
    place.page(&format!(
        "<iframe src=\"{path}\" width=\"100%\" height=\"100%\"></iframe>"
    ))
}

/// A page whose script goes to what was bought.
pub fn redirect_page(place: &Place, path: &str) -> String {
    place.page(&format!(
        "<script type=\"text/javascript\">window.location = \"{path}\";</script>"
    ))
}
