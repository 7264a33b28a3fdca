//! The document selection menu, and what stands between a reader and a document.

use super::receipt::{Moment, Receipt};
use super::text_size::PAGE_CAP;
use super::{Place, escape, numbering};
use crate::world::Found;
use crate::world::case::{Fate, Sheet};
use chrono::{DateTime, Utc};

/// The menu of an entry with attachments; that of a free look if there is a magic number.
pub fn page(place: &Place, found: &Found, magic: Option<&str>) -> String {
    let rows = if place.court.is_bankruptcy() {
        bankruptcy(place, found, magic)
    } else {
        district(place, found, magic)
    };
    match magic {
        None => place.page(&format!("<p>Document Selection Menu</p>\n{rows}")),
        // Nobody is logged in, so that there is no menu bar.
        Some(_) => format!(
            "<html><head><title>{} (simulated)</title></head><body>\n<p>Document Selection Menu</p>\n\
             <p align=\"center\"><big>Multiple Documents</big></p>\n\
             <p>To view the main document and its attachments without incurring a PACER fee, click on the \
             hyperlinks displayed on this menu.</p>\n{rows}</body></html>\n",
            place.court.id
        ),
    }
}

/// `goDLS` call of a document that is opened from a menu.
fn go_dls(place: &Place, found: &Found, id: &str, magic: Option<&str>) -> String {
    let (case_id, seq) = (found.case.stub.id, found.entry().seq);
    let (toggle, magic) = match magic {
        None => ("1", ""),
        Some(magic) => ("", magic),
    };
    format!(
        "goDLS('{}/doc1/{id}','{case_id}','{seq}','','','{toggle}','{magic}','','');return(false);",
        place.prefix
    )
}

/// The page that asks whether a free look shall be used.
pub fn free_look_offer(place: &Place, found: &Found, magic: &str) -> String {
    let path = format!(
        "{}/doc1/{}",
        place.prefix,
        found.sheet().id(&place.court.prefix, '1')
    );
    let (case_id, seq) = (found.case.stub.id, found.entry().seq);
    let hidden = |name: &str, value: &str| {
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
    };
    format!(
        "<html><head><title>{} (simulated)</title></head><body>\n<p>This document can be seen once without a \
         charge.</p>\n<form enctype=\"multipart/form-data\" method=\"POST\" action=\"{path}\">{}{}{}\
         <input type=\"submit\" value=\"View Document\"></form></body></html>\n",
        place.court.id,
        hidden("caseid", &case_id.to_string()),
        hidden("de_seq_num", &seq.to_string()),
        hidden("magic_num", magic),
    )
}

fn district(place: &Place, found: &Found, magic: Option<&str>) -> String {
    let number = found.entry().number.unwrap_or_default();
    let mut html = "<p>Select the document you wish to view.</p>\n<form>\n<table>\n".to_owned();
    for sheet in &found.entry().sheets {
        let cells = District {
            place,
            found,
            number,
            sheet,
            magic,
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
    magic: Option<&'a str>,
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
                self.shown(),
                escape(&self.sheet.description)
            );
        }
        format!(
            "<tr><td width=\"50px\">{}</td><td>{}</td><td colspan=\"2\">{} </td>{}</tr>\n",
            self.checkbox(),
            self.link(self.shown()),
            escape(&self.sheet.description),
            self.sizes()
        )
    }

    /// The number in the menu; the main document has 0 whatever the court counts.
    fn shown(&self) -> u32 {
        match self.sheet.attachment {
            0 => 0,
            number => numbering::shown(&self.place.court.id, self.sheet.serial, number),
        }
    }

    fn checkbox(&self) -> String {
        let sheet = self.sheet;
        format!(
            "<input type=\"checkbox\" name=\"document_{}_{}\" value=\"{}-{}-{}\" />",
            self.number,
            self.shown(),
            sheet.serial,
            sheet.stored_bytes(),
            sheet.pages
        )
    }

    fn link(&self, label: u32) -> String {
        let id = self.sheet.id(&self.place.court.prefix, '1');
        let call = go_dls(self.place, self.found, &id, self.magic);
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

fn bankruptcy(place: &Place, found: &Found, magic: Option<&str>) -> String {
    let mut html = "<p align=\"center\"><big>Multiple Documents</big></p>\n\
                    <p>Select the document you wish to view.</p>\n<table cellpadding=\"4\">\n\
                    <tr><th align=\"right\">Part</th><th>&nbsp;</th><th align=\"left\">Description</th></tr>\n"
        .to_owned();
    for sheet in &found.entry().sheets {
        html.push_str(&part(place, found, sheet, magic));
    }
    html.push_str("<tr><td colspan=\"4\"><hr></td></tr>\n<tr><td colspan=\"3\">");
    html.push_str(&buttons(place, found, "View All", "Download All"));
    html.push_str("</td><td></td></tr>\n</table>\n");
    html
}

fn part(place: &Place, found: &Found, sheet: &Sheet, magic: Option<&str>) -> String {
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
    // Only free looks need the script, for the magic number.
    let script = match magic {
        Some(_) => format!(" onClick=\"{}\"", go_dls(place, found, &id, magic)),
        None => String::new(),
    };
    format!(
        "<tr><td align=\"right\"><a href=\"{}/doc1/{id}\"{script} oncontextmenu=\"this.href=&quot;{}/doc1/{id}&quot;\">\
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
