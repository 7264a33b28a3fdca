//! The documents of a filing, to choose one.

use super::entries::{is_locked, title};
use super::{Frame, size};
use crate::page::escape;
use crate::world::Found;
use crate::world::case::{Fate, Sheet};

/// What the links of a menu carry besides the document's id.
pub enum Links<'a> {
    /// Nothing: they lead to price pages.
    Priced,
    /// The token of a free look.
    Free(&'a str),
}

/// The menu of a filing. Newer ones have boxes and sizes.
pub fn page(frame: &Frame<'_>, found: &Found, links: &Links<'_>) -> String {
    let newer = is_newer(&frame.place.court.id);
    let mut sheets: Vec<&Sheet> = found.entry().sheets.iter().collect();
    sheets.sort_by_key(|sheet| sheet.attachment);
    let rows: String = sheets
        .iter()
        .map(|sheet| row(frame, sheet, links, newer))
        .collect();
    let (columns, sizes) = if newer {
        (3, "\n<th align=center>Size</th>")
    } else {
        (2, "")
    };
    format!(
        "<!DOCTYPE html>\n<HTML><HEAD><TITLE>Document</TITLE></HEAD>\n<BODY BGCOLOR=#FFFFDA>\n<table border=0 align=center>\n\
         <tr><th align=center><b>{} Documents are attached to this filing</b><br><br></th></tr>\n</table>\n\
         <table border=1 align=center cellpadding=5>\n<tr><td>\n\t<table border=0 cellpadding=5>\n\
         \t<tr><th align=center colspan={columns}>Document</th>\t<th align=center>Description</th>\
         <th align=center>Pages</th>{sizes}</tr>\n{rows}\t</table>\n</td></tr>\n</table>\n<BR>\n<CENTER>\n{}{}\
         </CENTER></BODY></HTML>\n",
        sheets.len(),
        buttons(newer, &sheets),
        script(frame, found)
    )
}

/// Courts whose menus have boxes and sizes.
fn is_newer(court: &str) -> bool {
    matches!(court, "ca4" | "ca5" | "ca8" | "ca11" | "cafc")
}

fn row(frame: &Frame<'_>, sheet: &Sheet, links: &Links<'_>, newer: bool) -> String {
    let (number, description) = (sheet.attachment, escape(&sheet.description));
    let id = sheet.id(&frame.place.court.prefix, '1');
    let query = match links {
        Links::Priced => String::new(),
        Links::Free(uid) => format!("?uid={uid}"),
    };
    let lock = if is_locked(sheet.fate) {
        "doclock"
    } else {
        "document"
    };
    let link = match sheet.fate {
        // Withheld documents are named, and cannot be opened.
        Fate::Refused(_) => "&nbsp;".to_owned(),
        _ => format!(
            "<a HREF='{}/docs1/{id}{query}' ONCLICK=\"return doDocPostURL('{id}')\"><img title='{}' width='13' \
             height='15' BORDER=2 SRC='TransportRoom?servlet={lock}.gif' ALT='Open document'></a>&nbsp;",
            frame.place.base,
            title(sheet)
        ),
    };
    let (pages, bytes) = (sheet.pages, sheet.stored_bytes());
    let (checkbox, size) = match newer {
        false => (String::new(), String::new()),
        true => (
            format!(
                "<td align=center><input class=\"selDocCl\" type=\"checkbox\" name=\"md\" value=\"{0}\" \
                 onclick=\"sumDocSelected(this,{pages},{bytes}, {0})\" checked></td>",
                sheet.serial
            ),
            format!("<td align=center>{}</td>", size(bytes)),
        ),
    };
    format!(
        "\t<tr>{checkbox}<td align=center>{number}</td><td align=center>{link}</td><td>{description}</td>\
         <td align=center>{pages}</td>{size}</tr>\n"
    )
}

fn buttons(newer: bool, sheets: &[&Sheet]) -> String {
    let pages: u32 = sheets.iter().map(|sheet| sheet.pages).sum();
    let button = if newer {
        "View Selected"
    } else {
        "Combine All Documents"
    };
    format!(
        "{pages} pages\n\n<FORM name='dktEntry' action=''><INPUT Value='y' TYPE='checkbox' name='incPdfFooter'>\
         <B>Include Page Numbers</B><BR><INPUT Value='{button}' TYPE='button' ONCLICK='ProcessForm(\"view\")'>\n</FORM>\n"
    )
}

/// Readers take the ids of case and entry from here, for want of another place.
fn script(frame: &Frame<'_>, found: &Found) -> String {
    let (servlet, case_id, seq) = (frame.servlet(), found.case.stub.id, found.entry().seq);
    format!(
        "<SCRIPT type='text/javascript'>\n<!--\nfunction doDocPostURL(dls) {{\n\
         \twindow.open('{servlet}?servlet=ShowDoc&caseId={case_id}&dktType=dktPublic&dls_id='+dls+'&caseId={case_id}',\
         '_blank');\n\treturn false;\n}}\n\
         function ProcessForm(uChoice) {{\n\
         \twindow.location='{servlet}?servlet=ShowDocMulti&caseId={case_id}&dktType=dktPublic&outputType=doc&d={seq}\
         &outputForm='+uChoice;\n\treturn false;\n}}\n//-->\n</SCRIPT>\n"
    )
}
