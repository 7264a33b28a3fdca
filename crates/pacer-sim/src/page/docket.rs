//! The docket report: heading, case table, parties, entries.

use std::fmt::Write;

use chrono::NaiveDate;

use super::{Place, escape, parties};
use crate::world::CaseKind;
use crate::world::case::{Case, Entry, Fate, Sheet};

/// Entries in one table; longer dockets go on in another, without a header.
const TABLE_ROWS: usize = 500;

/// What of a case is shown.
#[derive(Debug)]
pub struct View<'a> {
    /// The entries, in order.
    pub entries: Vec<&'a Entry>,
    /// Dates are those of entering.
    pub by_entered: bool,
    /// Parties and their attorneys are listed.
    pub parties: bool,
    /// Parties that left the case are among them.
    pub terminated: bool,
    /// Page counts are written beside document numbers.
    pub page_counts: bool,
    /// Id by which the case was asked for; that of a defendant shows the defendant's number.
    pub case_id: u64,
}

/// The report's content, without the receipt.
pub fn content(place: &Place, case: &Case, view: &View<'_>) -> String {
    let mut html = String::with_capacity(4096 + view.entries.len() * 600);
    if case.terminated.is_some() {
        html.push_str("<table width=\"100%\" border=\"0\"><tr><td align=\"right\"><span>CLOSED</span></td></tr></table>\n");
    }
    if place.court.is_bankruptcy() {
        bankruptcy_head(&mut html, place, case);
    } else {
        district_head(&mut html, place, case, view);
    }
    if view.parties {
        html.push_str(&parties::table(
            case,
            view.terminated,
            defendant(case, view),
        ));
    }
    if view.entries.is_empty() {
        put(
            &mut html,
            format_args!(
                "<h2 align=\"center\">There are proceedings for case {} but none satisfy the selection criteria.</h2>\n",
                shown_number(case, view)
            ),
        );
    } else {
        Table { place, case, view }.write(&mut html);
    }
    html
}

/// The docket number in headings: a defendant's own has the number of the defendant.
pub fn shown_number(case: &Case, view: &View<'_>) -> String {
    match defendant(case, view) {
        None => case.number_with_judges(),
        Some(number) => format!("{}-{number}", case.number_with_judges()),
    }
}

/// The defendant whose docket this is; none for that of the whole case.
fn defendant(case: &Case, view: &View<'_>) -> Option<u64> {
    Some(view.case_id - case.stub.id).filter(|number| *number > 0)
}

fn district_head(html: &mut String, place: &Place, case: &Case, view: &View<'_>) {
    let kind = if case.stub.kind == CaseKind::Criminal {
        "CRIMINAL"
    } else {
        "CIVIL"
    };
    put(
        html,
        format_args!(
            "<h3 align=\"center\">U.S. District Court<br>\n{} (Office {})<br>\n{kind} DOCKET FOR CASE #: {}</h3>\n\
         <table width=\"100%\" border=\"0\" cellspacing=\"5\"><tr>\n<td valign=\"top\" width=\"60%\"><br>",
            place.court.district,
            case.stub.office,
            shown_number(case, view)
        ),
    );
    let title = escape(&case.title);
    if case.stub.kind == CaseKind::Criminal {
        put(html, format_args!("Case title: {title}<br>\n</td>\n"));
    } else {
        put(
            html,
            format_args!("{title}<br>\nAssigned to: Judge {}<br>\n", case.judge),
        );
        if let Some(referred) = &case.referred {
            put(
                html,
                format_args!("Referred to: Magistrate Judge {referred}<br>\n"),
            );
        }
        html.push_str("Cause: 28:9999 Petition for Imaginary Relief</td>\n");
    }
    put(
        html,
        format_args!(
            "<td valign=\"top\" width=\"40%\"><br>Date Filed: {}",
            slashed(case.filed)
        ),
    );
    if let Some(day) = case.terminated {
        put(
            html,
            format_args!("<br>\nDate Terminated: {}", slashed(day)),
        );
    }
    if case.stub.kind == CaseKind::Civil {
        html.push_str("<br>\nJury Demand: Plaintiff<br>\nNature of Suit: 190 Contract: Other<br>\nJurisdiction: Diversity");
    }
    html.push_str("</td>\n</tr></table>\n");
    if case.stub.kind == CaseKind::Criminal {
        put(
            html,
            format_args!(
                "<table width=\"100%\" border=\"0\"><tr><td valign=\"top\" width=\"40%\">Assigned to: Judge {}</td></tr></table>\n",
                case.judge
            ),
        );
    }
}

fn bankruptcy_head(html: &mut String, place: &Place, case: &Case) {
    let adversary = case.stub.kind == CaseKind::Adversary;
    let label = if adversary {
        "Adversary Proceeding"
    } else {
        "Bankruptcy Petition"
    };
    put(
        html,
        format_args!(
            "<center><b><font size=\"+1\">U.S. Bankruptcy Court<br>{} (Office {})<br>{label} #: {}</font></b></center>\n\
         <table width=\"100%\" border=\"0\" cellspacing=\"1\"><tr><td valign=\"top\" width=\"50%\"><font size=\"+0\">\
         <br><i>Assigned to:</i> {}",
            place.court.district,
            case.stub.office,
            case.number_with_judges(),
            case.judge
        ),
    );
    if adversary {
        let debtor = case.parties.first().map_or("", |party| &party.name);
        put(
            html,
            format_args!(
                "<br><i>Lead BK Title:</i> {}<br><i>Lead BK Chapter:</i> 11<br><i>Demand:</i> $12000</font></td>\n",
                escape(debtor)
            ),
        );
    } else {
        html.push_str("<br>Chapter 11<br>Voluntary<br>Asset</font></td>\n");
    }
    html.push_str("<td valign=\"top\" width=\"50%\" align=\"right\"><font size=\"+0\"><table border=\"0\" align=\"center\">");
    date_row(
        html,
        if adversary {
            "Date Filed:"
        } else {
            "Date filed:"
        },
        case.filed,
    );
    if let Some(day) = case.terminated {
        date_row(
            html,
            if adversary {
                "Date Terminated:"
            } else {
                "Date terminated:"
            },
            day,
        );
    }
    html.push_str("</table></font></td></tr></table>\n");
    if adversary {
        html.push_str(
            "<table cellpadding=0 cellspacing=0>\n<tr><td width=12></td><td valign=top nowrap><i>Nature[s] of Suit:</i> \
             &nbsp; </td><td valign=top align=left width=7>91</td><td>&nbsp;</td>\
             <td valign=top>Declaratory judgment</td></tr>\n</table>\n",
        );
    }
}

fn date_row(html: &mut String, label: &str, day: NaiveDate) {
    put(
        html,
        format_args!(
            "<tr><td align=\"right\" valign=\"top\"><i>{label}</i></td><td align=\"left\" valign=\"top\">&nbsp;&nbsp;{}</td></tr>",
            slashed(day)
        ),
    );
}

struct Table<'a> {
    place: &'a Place,
    case: &'a Case,
    view: &'a View<'a>,
}

impl Table<'_> {
    fn write(&self, html: &mut String) {
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
        if self.place.court.is_bankruptcy() {
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
        let bankruptcy = self.place.court.is_bankruptcy();
        if bankruptcy {
            put(
                html,
                format_args!(
                    "<tr><td width=\"94\" nowrap valign=\"bottom\">{date}</td>\
                 <td width=\"74\" valign=\"top\" align=\"right\"><nobr> &nbsp;</nobr></td><td width=\"30\" valign=\"top\">"
                ),
            );
        } else {
            put(
                html,
                format_args!(
                    "<tr><td width=\"94\" valign=\"top\" nowrap>{date}</td>\
                 <td style=\"white-space:nowrap\" valign=\"top\" align=\"right\">"
                ),
            );
        }
        self.number(html, entry);
        html.push_str(if bankruptcy {
            "</td><td valign=\"bottom\">"
        } else {
            "&nbsp;</td><td valign=\"top\">"
        });
        html.push_str(&escape(&entry.text));
        self.attachments(html, entry);
        put(
            html,
            format_args!(" (Entered: {})</td></tr>\n", slashed(entry.entered)),
        );
    }

    fn number(&self, html: &mut String, entry: &Entry) {
        let Some(number) = entry.number else { return };
        let Some(main) = entry.sheets.first() else {
            put(html, format_args!("{number}"));
            return;
        };
        let id = main.id(&self.place.court.prefix, '0');
        let base = &self.place.base;
        if self.place.court.is_bankruptcy() {
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
                    "<a href=\"{base}/doc1/{id}\" onClick=\"goDLS('{}/doc1/{id}','{}','{}','','1','1','','','');\
                 return(false);\">{number}</a>",
                    self.place.prefix, self.case.stub.id, entry.seq
                ),
            );
        }
        if self.view.page_counts {
            page_counts(html, &entry.sheets);
        }
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

fn page_counts(html: &mut String, sheets: &[Sheet]) {
    let pages: u32 = sheets.iter().map(|sheet| sheet.pages).sum();
    let unit = if pages == 1 { "pg" } else { "pgs" };
    match sheets.len() {
        1 => put(html, format_args!("<br><nobr>({pages}&nbsp;{unit})</nobr>")),
        documents => put(
            html,
            format_args!("<br><nobr>({pages}&nbsp;{unit}; {documents}&nbsp;docs)</nobr>"),
        ),
    }
}

fn slashed(day: NaiveDate) -> String {
    day.format("%m/%d/%Y").to_string()
}

fn put(html: &mut String, text: std::fmt::Arguments<'_>) {
    html.write_fmt(text).expect("writing to memory cannot fail");
}
