//! The entries of a docket.

use super::docket::View;
use super::sections::day;
use super::{hidden, size};
use crate::page::{Place, escape};
use crate::world::case::{Entry, Fate, Sheet};

/// The section with the entries that were asked for; with boxes to select several if wanted.
pub(super) fn section(place: &Place, view: &View<'_>) -> String {
    let mut html = "<!-- ================= NEW SECTION - DOCKET ENTRIES =================== -->\n\
         \t<h1 style='page-break-before: always;'> </h1>\n"
        .to_owned();
    let selectable = view.sections.boxes;
    if selectable {
        html.push_str(
            "<FORM name=\"dktEntry\" action=\"TransportRoom\" method=\"GET\" target=\"_blank\">\n",
        );
    }
    html.push_str(
        "<table width=100% border=1 cellpadding=0>\n\t\t<TR><TD>\n\t\t<table border=0 cellpadding=4>\n",
    );
    if view.entries.is_empty() {
        html.push_str("<tr><td><b>No docket entries found.</b></td></tr>\n");
    }
    for entry in &view.entries {
        html.push_str(&row(place, view, entry));
    }
    html.push_str("</TABLE></TD></TR></TABLE>\n");
    if selectable && !view.entries.is_empty() {
        html.push_str(&selection(view));
    }
    if selectable {
        html.push_str("</FORM>\n");
    }
    html + SCRIPT
}

fn row(place: &Place, view: &View<'_>, entry: &Entry) -> String {
    format!(
        "\t\t<tr><td valign=top>{}</td><td valign=top NOWRAP>\n{}{}</td><td width=90% valign=top>{} \
         [Entered: {} {}]</td></tr>\n",
        day(entry.filed),
        checkbox(view, entry),
        number(place, view, entry),
        escape(&entry.text),
        day(entry.entered),
        time(entry.seq),
    )
}

/// Courts print the minute; ours follows from the entry.
pub(in crate::page) fn time(seq: u32) -> String {
    let minutes = 8 * 60 + seq / 10 * 37 % (9 * 60);
    let (hour, minute) = (minutes / 60, minutes % 60);
    let half = if hour < 12 { "AM" } else { "PM" };
    format!("{:02}:{minute:02} {half}", (hour + 11) % 12 + 1)
}

/// Pages and bytes of what the public may see.
fn sums(entry: &Entry) -> (u32, u64) {
    let open = entry.sheets.iter().filter(|sheet| !is_locked(sheet.fate));
    open.fold((0, 0), |(pages, bytes), sheet| {
        (pages + sheet.pages, bytes + sheet.stored_bytes())
    })
}

fn checkbox(view: &View<'_>, entry: &Entry) -> String {
    if !view.sections.boxes {
        return String::new();
    }
    let (pages, bytes) = sums(entry);
    format!(
        "<input type=checkbox name='d' value='{}' onclick='sumSelected(this,{pages},{bytes});'>\n",
        entry.seq
    )
}

/// The cell with the number, or with a picture where the court numbers nothing.
fn number(place: &Place, view: &View<'_>, entry: &Entry) -> String {
    let label = entry.number.map(|number| number.to_string());
    let Some(main) = entry.sheets.first() else {
        return format!("\n\t\t&nbsp;{}&nbsp;\n", label.unwrap_or_default());
    };
    let (id, case_id) = (main.id(&place.court.prefix, '0'), view.case.stub.id);
    let locked = is_locked(main.fate);
    let title = title(main);
    let picture = if locked { "doclock" } else { "document" };
    let picture = format!(
        "<img width=13 height=15 SRC='TransportRoom?servlet={picture}.gif' ALT=\"{title}\" BORDER=1>\n"
    );
    let shown = match (label, locked) {
        (None, _) => picture,
        (Some(label), true) => format!("{picture}&nbsp;{label}&nbsp;"),
        (Some(label), false) => format!("&nbsp;{label}&nbsp;"),
    };
    let sizes = match view.sections.boxes {
        false => String::new(),
        true => {
            let (pages, bytes) = sums(entry);
            format!("\n<BR><Font size=-2>{pages} pg, {}</FONT>", size(bytes))
        }
    };
    format!(
        "<a HREF=\"{}/docs1/{id}\" ONCLICK=\"return doDocPostURL('{id}','{case_id}');\" title=\"{title}\">{shown}</a>{sizes}",
        place.base
    )
}

/// True for a document that only some may open.
pub(super) fn is_locked(fate: Fate) -> bool {
    matches!(fate, Fate::Restricted | Fate::Refused(_))
}

/// What is said about the link to a document.
pub(super) fn title(sheet: &Sheet) -> &'static str {
    match is_locked(sheet.fate) {
        true => "Open Restricted Document",
        false => "Open Document",
    }
}

fn selection(view: &View<'_>) -> String {
    format!(
        "<B>\n{}{}<INPUT type='radio' name='outputType' value='doc' CHECKED> Documents Only\n\
         <BR><INPUT Value='y' TYPE='checkbox' name='incPdfFooter'> Include Page Numbers\n<BR>\
         Selected Pages: <INPUT name='totPageFld' TYPE='text' size=8>\n\
         &nbsp;Selected Size: <INPUT name='totByteFld' TYPE='text' size=8>\n\
         <INPUT Value='View Selected' NAME='submitbtn' TYPE='submit'>\n</B>\n",
        hidden("servlet", "ShowDocMulti"),
        hidden("caseId", &view.case.stub.id.to_string()),
    )
}

/// Opens a document by a form without token: it asks for the price, and buys nothing.
const SCRIPT: &str = "\n<FORM name='doDocPostURLForm' method='post' target='_blank' action='TransportRoom'>\n\
  <input name='servlet' type='hidden' value='ShowDoc'>\n  <input name='dls_id' type='hidden' value=''>\n\
  <input name='caseId' type='hidden' value=''>\n  <input name='dktType' type='hidden' value='dktPublic'>\n</FORM>\n\
<SCRIPT type='text/javascript'>\nfunction doDocPostURL(dls, caseIdStr){\n\
  document.doDocPostURLForm.dls_id.value = dls;\n  document.doDocPostURLForm.caseId.value = caseIdStr;\n\
  document.doDocPostURLForm.submit();\n  return false;\n}\n</SCRIPT>\n<BR>\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_an_entry_is_within_office_hours() {
        for seq in (1_000_000..1_010_000).step_by(10) {
            let time = time(seq);
            assert_eq!(time.len(), 8, "{time}");
            assert!(!time.starts_with("00") && !time.starts_with("06"), "{time}");
        }
    }
}
