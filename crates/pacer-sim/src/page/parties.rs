//! The parties on a docket.

use std::collections::HashSet;
use std::fmt::Write;

use super::escape;
use crate::world::CaseKind;
use crate::world::case::{Attorney, Case, Charges, Party};

/// The table of parties; those that left the case only if `terminated`, and of several
/// defendants in a criminal case only the one with this number, if there is a number.
pub fn table(case: &Case, terminated: bool, defendant: Option<u64>) -> String {
    let wanted = |party: &&Party| {
        let number = party.charges.as_ref().map(|charges| charges.number);
        let other = defendant.is_some() && number.is_some() && number != defendant;
        !other && (terminated || party.terminated.is_none())
    };
    let shown = case.parties.iter().filter(wanted);
    let mut rows = Rows {
        html: String::new(),
        introduced: HashSet::new(),
    };
    match case.stub.kind {
        CaseKind::Petition => shown.for_each(|party| rows.bankruptcy(party, &heading(&party.role))),
        CaseKind::Adversary => rows.adversary(shown),
        _ => rows.district(shown),
    }
    format!(
        "<table width=\"100%\" border=\"0\" cellspacing=\"5\">\n{}</table>\n",
        rows.html
    )
}

fn heading(role: &str) -> String {
    format!("<i><b>{}</b></i><br>", escape(role))
}

struct Rows {
    html: String,
    introduced: HashSet<String>,
}

impl Rows {
    fn district<'a>(&mut self, parties: impl Iterator<Item = &'a Party>) {
        let mut sides = 0;
        let mut last = "";
        for party in parties {
            let criminal = party.charges.is_some() || party.name == "USA";
            if party.role != last && sides > 0 && !criminal {
                self.html
                    .push_str("<tr><td valign=top><br>V.<br></td></tr>\n");
            }
            sides += usize::from(party.role != last);
            last = &party.role;
            self.put(format_args!(
                "<tr><td valign=top><br><b><u>{}</u></b></td></tr>\n",
                escape(&party.role)
            ));
            self.district_party(party);
            if let Some(charges) = &party.charges {
                self.charges(charges);
            }
        }
    }

    fn district_party(&mut self, party: &Party) {
        self.put(format_args!(
            "<tr><td valign=top width=\"40%\"><b>{}</b>\n",
            escape(&party.name)
        ));
        if let Some(day) = party.terminated {
            self.put(format_args!(
                "<br><i>TERMINATED: {}</i>\n",
                day.format("%m/%d/%Y")
            ));
        }
        self.html.push_str("</td>");
        if !party.attorneys.is_empty() {
            self.html.push_str("<td valign=top width=\"20%\" align=right>represented&nbsp;by</td><td valign=top width=\"40%\">");
            self.attorneys(&party.attorneys);
            self.html.push_str("</td>");
        }
        self.html.push_str("</tr>\n<tr><td></td></tr>\n");
    }

    fn charges(&mut self, charges: &Charges) {
        self.counts("Pending Counts", &charges.pending);
        self.level("Highest Offense Level (Opening)", "Felony");
        self.counts("Terminated Counts", &charges.dropped);
        self.level("Highest Offense Level (Terminated)", "Misdemeanor");
        self.counts("Complaints", &[]);
    }

    fn level(&mut self, title: &str, level: &str) {
        self.put(format_args!(
            "<tr><td valign=top width=\"40%\"><br><b><u>{title}</u></b></td></tr>\n\
             <tr><td valign=top width=\"40%\">{level}</td></tr>\n"
        ));
    }

    fn counts(&mut self, title: &str, counts: &[(String, String)]) {
        self.put(format_args!(
            "<tr><td valign=top width=\"40%\"><br><b><u>{title}</u></b></td><td></td>\
             <td valign=top width=\"40%\"><br><b><u>Disposition</u></b></td></tr>\n"
        ));
        for (count, outcome) in counts {
            let (count, outcome) = (escape(count), escape(outcome));
            self.put(format_args!("<tr><td width=\"40%\"> {count}</td><td></td><td width=\"60%\">{outcome}</td></tr>\n"));
        }
        if counts.is_empty() {
            self.html
                .push_str("<tr><td valign=top width=\"40%\">None</td></tr>\n");
        }
    }

    fn adversary<'a>(&mut self, parties: impl Iterator<Item = &'a Party>) {
        for (index, party) in parties.enumerate() {
            if index > 0 {
                self.html
                    .push_str("<tr><td valign=top><font size=\"+0\"><br>V.<br></font></td></tr>\n");
            }
            let heading = format!(
                "<i><b><br><b>{}<br>-----------------------</b></b></i><br>",
                escape(&party.role)
            );
            self.bankruptcy(party, &heading);
        }
    }

    fn bankruptcy(&mut self, party: &Party, heading: &str) {
        self.put(format_args!(
            "<tr><td valign=top width=\"50%\"><font size=\"+0\">{heading}<b>{}</b>\n",
            escape(&party.name)
        ));
        for line in &party.lines {
            self.put(format_args!("<br>{}\n", escape(line)));
        }
        if let Some(day) = party.terminated {
            self.put(format_args!(
                "<br><i>TERMINATED: {}</i>\n",
                day.format("%m/%d/%Y")
            ));
        }
        self.html.push_str(
            "<br></font></td><td valign=top width=\"20%\" align=right><font size=\"+0\">",
        );
        self.html.push_str(if party.attorneys.is_empty() {
            "&nbsp;"
        } else {
            "represented by"
        });
        self.html
            .push_str("</font></td><td valign=top width=\"40%\"><font size=\"+0\">");
        self.attorneys(&party.attorneys);
        self.html.push_str("</font></td></tr>\n");
    }

    fn attorneys(&mut self, attorneys: &[Attorney]) {
        for attorney in attorneys {
            self.put(format_args!("<b>{}</b>\n", escape(&attorney.name)));
            if self.introduced.insert(attorney.name.clone()) {
                for line in &attorney.contact {
                    self.put(format_args!("<br>{}\n", escape(line)));
                }
            } else {
                self.html.push_str("<br>(See above for address)\n");
            }
            for role in &attorney.roles {
                self.put(format_args!("<br><i>{role}</i>\n"));
            }
            self.html.push_str("<br><br>");
        }
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        self.html
            .write_fmt(text)
            .expect("writing to memory cannot fail");
    }
}
