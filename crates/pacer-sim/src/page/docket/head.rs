//! The top of a docket: which case it is.

use chrono::NaiveDate;

use super::{View, put, shown_number, slashed};
use crate::page::{Place, escape};
use crate::world::case::Case;
use crate::world::{CaseKind, Stub};

/// Court, number, name, judges, dates.
pub(super) fn district(html: &mut String, place: &Place, case: &Case, view: &View<'_>) {
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
        members(html, place, view.members);
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

/// The cases that go along with this one; many of them make a docket dear.
fn members(html: &mut String, place: &Place, members: &[Stub]) {
    if members.is_empty() {
        return;
    }
    html.push_str("Member cases:<br>\n");
    for member in members {
        put(
            html,
            format_args!(
                "&nbsp;&nbsp;<a href=\"{}/cgi-bin/DktRpt.pl?{}\">{}</a><br>\n",
                place.prefix,
                member.id,
                member.full_number()
            ),
        );
    }
}

/// The same, as bankruptcy courts have it.
pub(super) fn bankruptcy(html: &mut String, place: &Place, case: &Case) {
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
