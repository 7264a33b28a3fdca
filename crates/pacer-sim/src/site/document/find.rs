//! From the number of a document to its id.

use super::status_reply;
use crate::page::notice::Notice;
use crate::site::reply::Reply;
use crate::site::visit::Call;

/// `show_case_doc?<number>,<case id>,<attachment>,,`: where a document is. District only.
pub(in crate::site) fn show_case_doc(call: &Call) -> Reply {
    if call.place.court.is_bankruptcy() {
        return status_reply(404);
    }
    if let Err(reply) = call.searcher() {
        return reply;
    }
    match location(call) {
        Some(location) => Reply::found(location),
        None => call.notice(&Notice::NoSuchDocument),
    }
}

fn location(call: &Call) -> Option<String> {
    let query = call.query.replace("%2C", ",").replace("%2c", ",");
    let parts: Vec<&str> = query.split(',').collect();
    let number: u32 = parts.first()?.parse().ok()?;
    let case_id: u64 = parts.get(1)?.parse().ok()?;
    let attachment = match parts.get(2) {
        None | Some(&"") => None,
        Some(text) => Some(text.parse::<usize>().ok()?),
    };
    let case = call
        .simulator
        .world
        .case(call.simulator.world.stub(&call.place.court.id, case_id)?);
    let entry = case
        .entries
        .iter()
        .find(|entry| entry.number == Some(number))?;
    let sheet = entry.sheets.get(attachment.unwrap_or(0))?;
    let flag = if attachment.is_some() { '1' } else { '0' };
    let id = sheet.id(&call.place.court.prefix, flag);
    Some(format!(
        "{}/doc1/{id}?caseid={case_id}&de_seq_num={}",
        call.place.base, entry.seq
    ))
}

/// `show_doc.pl?caseid=…&de_seq_num=…`: where a document is, as older bankruptcy pages link it.
pub(in crate::site) fn show_doc(call: &Call) -> Reply {
    if let Err(reply) = call.searcher() {
        return reply;
    }
    match old_link(call, &call.query) {
        Some(path) => Reply::found(format!("{}{path}", call.place.base)),
        None => call.notice(&Notice::NoSuchDocument),
    }
}

/// `document_link.pl?documentKcaseidV…Kde_seq_numV…`: the same for scripts, `K` standing for
/// `&` and `V` for `=`. The answer is nothing but the address.
pub(in crate::site) fn document_link(call: &Call) -> Reply {
    if let Err(reply) = call.searcher() {
        return reply;
    }
    let query = call.query.replace('K', "&").replace('V', "=");
    match old_link(call, &query) {
        Some(path) => Reply::plain(format!("{}{path}", call.place.base)),
        None => call.notice(&Notice::NoSuchDocument),
    }
}

fn old_link(call: &Call, query: &str) -> Option<String> {
    let value = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let found = pairs.find(|(key, _)| key == name)?;
        found.1.parse::<u64>().ok()
    };
    let court = &call.place.court;
    let stub = call.simulator.world.stub(&court.id, value("caseid")?)?;
    let case = call.simulator.world.case(stub);
    let seq = value("de_seq_num")?;
    let entry = case
        .entries
        .iter()
        .find(|entry| u64::from(entry.seq) == seq)?;
    let sheet = entry.sheets.first()?;
    Some(format!("/doc1/{}", sheet.id(&court.prefix, '0')))
}
