//! Free looks, as notices of docket activity link to them: no session, no charge, each document of
//! the filing once.

use std::sync::Arc;

use super::{Params, Reply};
use crate::Simulator;
use crate::free_look::{OfEntry, Worth};
use crate::page::Place;
use crate::page::appellate::Frame;
use crate::page::appellate::menu::{self, Links};
use crate::world::case::Fate;

/// The document for somebody with a free look, or the menu of a filing; nothing if the token is
/// not good, or no longer, and the request is to be treated like any other.
pub(super) async fn answer(
    simulator: &Arc<Simulator>,
    place: &Place,
    params: &Params,
    id: &str,
) -> Option<Reply> {
    let (uid, court) = (params.get("uid")?, &place.court);
    let serial = simulator.serial_of(&court.id, id)?;
    let found = simulator.world.document(&court.id, serial)?;
    let (looks, entry) = (&simulator.free_looks, OfEntry::of(&found));
    let wants_menu = id[court.prefix.len()..].starts_with('0') && found.entry().sheets.len() > 1;
    if wants_menu && looks.worth(uid, entry, serial) != Worth::Nothing {
        let frame = Frame { place, csrf: "" };
        return Some(Reply::html(menu::page(&frame, &found, &Links::Free(uid))));
    }
    let is_open = !matches!(found.sheet().fate, Fate::Refused(_) | Fate::Restricted);
    if wants_menu || !is_open || looks.take(uid, entry, serial) != Worth::Fresh {
        return None;
    }
    let simulator = simulator.clone();
    let pdf = tokio::task::spawn_blocking(move || simulator.print(&found, true))
        .await
        .expect("printing does not panic");
    Some(Reply::pdf(pdf))
}
