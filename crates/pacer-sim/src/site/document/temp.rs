//! Documents that were paid for and wait at a temporary address.

use super::status_reply;
use crate::site::reply::Reply;
use crate::site::visit::Call;

/// `show_temp.pl?file=<name>`: a document that was paid for.
pub(in crate::site) async fn show_temp(call: Call) -> Reply {
    let visitor = call.searcher();
    let pairs: Vec<_> = url::form_urlencoded::parse(call.query.as_bytes()).collect();
    let name = pairs
        .iter()
        .find(|(key, _)| key == "file")
        .map(|(_, name)| name.to_string());
    let aside = name.and_then(|name| call.simulator.tokens.fetch(&name));
    let Some(aside) = aside.filter(|aside| aside.court == call.place.court.id) else {
        return status_reply(404);
    };
    if let (false, Err(reply)) = (aside.anonymous, visitor) {
        return reply;
    }
    let simulator = call.simulator.clone();
    let print = move || {
        let found = simulator.world.document(&aside.court, aside.serial)?;
        Some(simulator.print(&found, aside.stamped))
    };
    match tokio::task::spawn_blocking(print)
        .await
        .expect("printing does not panic")
    {
        Some(pdf) => Reply::pdf(pdf),
        None => status_reply(404),
    }
}
