//! The parties of an appeal, their attorneys, and the caption.

use std::collections::HashSet;

use crate::page::escape;
use crate::world::case::{Attorney, Case, Party};

/// Space in front of a role.
fn indent() -> String {
    "&nbsp;".repeat(21)
}

/// The section with parties and attorneys.
pub(super) fn section(court: &str, case: &Case) -> String {
    let mut introduced = HashSet::new();
    let mut rows = String::new();
    let mut last = "";
    for party in &case.parties {
        rows.push_str(&divider(last, &party.role));
        last = &party.role;
        rows.push_str(&row(court, party, &mut introduced));
    }
    format!(
        "\n<!-- ===================NEW SECTION - Party/Aty List ====================== -->\n<br>\n<!-- NEW SHEET -->\n\
         <table width=100% border=1 cellpadding=0>\n<tr><td>\n\
         \t<table width=100% border=0 cellpadding=4 cellspacing=0>\n{rows}</table>\n</td></tr>\n</table>\n"
    )
}

/// What stands between two parties: nothing, a line, or who is against whom.
fn divider(last: &str, role: &str) -> String {
    let text = match (last, role) {
        ("", _) => "",
        (last, role) if last == role => "",
        (_, "Interested Party") => "------------------------------<BR><BR>",
        _ => "v.<BR><BR>",
    };
    format!("<tr><td colspan=2>{text}</td></tr>\n")
}

fn row(court: &str, party: &Party, introduced: &mut HashSet<String>) -> String {
    let terminated = party
        .terminated
        .map(|day| format!("<B>Terminated: </B>{}<BR>\n", day.format("%m/%d/%Y")))
        .unwrap_or_default();
    let role = escape(&party.role).replace(' ', "&nbsp;");
    // Some courts write the role as in a caption, with its comma.
    let comma = if court == "ca9" { "," } else { "" };
    let attorneys: Vec<String> = party
        .attorneys
        .iter()
        .map(|attorney| self::attorney(attorney, introduced))
        .collect();
    format!(
        "\t<tr><td valign=top width=50%>{}<BR>\n{terminated}\n{}{role}{comma}\n\n</td>\n\
         \t\t<td valign=top width=50%>\n{}</td></tr>\n",
        escape(&party.name),
        indent(),
        attorneys.join("<BR><BR>\n")
    )
}

/// Ways to reach the attorney, the role in brackets, and then the firm, the first time.
fn attorney(attorney: &Attorney, introduced: &mut HashSet<String>) -> String {
    let is_way = |line: &&String| {
        ["Direct:", "Email:", "Fax:"]
            .iter()
            .any(|way| line.starts_with(way))
    };
    let (ways, place): (Vec<_>, Vec<_>) = attorney.contact.iter().partition(is_way);
    let mut lines = vec![escape(&attorney.name)];
    lines.extend(ways.into_iter().map(|line| escape(line)));
    lines.extend(attorney.roles.iter().map(|role| format!("[{role}]")));
    if introduced.insert(attorney.name.clone()) {
        lines.extend(place.into_iter().map(|line| escape(line)));
        lines.join("<br>")
    } else {
        lines.join("<br>") + "<br>(see above)\n"
    }
}

/// The long caption.
pub(super) fn caption(case: &Case) -> String {
    let mut text = String::new();
    let mut last = "";
    for party in &case.parties {
        if !last.is_empty() && last != party.role {
            text.push_str("v.<BR>\n<BR>\n");
        }
        last = &party.role;
        text.push_str(&format!(
            "{},<BR>\n<BR>\n{}{}<BR>\n<BR>\n",
            escape(&party.name),
            indent(),
            escape(&party.role)
        ));
    }
    format!(
        "<!-- ==================== NEW SECTION - Case Caption ================== -->\n\
         \t<h1 style='page-break-before: always;'> </h1>\n\t<table width=100% border=1 cellpadding=4>\n\t<tr><td>\n\
         \t{text}</td></tr>\n\t</table>\n"
    )
}
