//! Notices of docket activity: each names a filing, and lets everybody who has the link see each of
//! its documents once.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use rand::RngExt;

use super::{Params, Reply};
use crate::Simulator;
use crate::page::Place;
use crate::page::appellate::Frame;
use crate::page::appellate::menu::{self, Links};
use crate::world::Found;
use crate::world::case::Fate;

/// The notices that were sent.
#[derive(Default)]
pub(crate) struct FreeLooks {
    sent: Mutex<HashMap<String, Notice>>,
}

struct Notice {
    court: String,
    /// Serial of the first document of the filing.
    filing: u64,
    seen: HashSet<u64>,
}

impl FreeLooks {
    /// Sends a notice of the filing that a document belongs to, and says by which token it can be
    /// seen.
    pub fn send(&self, court: &str, found: &Found) -> String {
        let uid = format!("{:016x}", rand::rng().random::<u64>());
        let notice = Notice {
            court: court.to_owned(),
            filing: filing(found),
            seen: HashSet::new(),
        };
        self.lock().insert(uid.clone(), notice);
        uid
    }

    /// True if the token is of a notice of this filing, whatever was seen.
    fn covers(&self, uid: &str, court: &str, found: &Found) -> bool {
        self.lock()
            .get(uid)
            .is_some_and(|notice| notice.fits(court, found))
    }

    /// True the first time that a document is seen by this token.
    fn look(&self, uid: &str, court: &str, found: &Found) -> bool {
        let mut sent = self.lock();
        let notice = sent.get_mut(uid).filter(|notice| notice.fits(court, found));
        notice.is_some_and(|notice| notice.seen.insert(found.sheet().serial))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Notice>> {
        self.sent
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Notice {
    fn fits(&self, court: &str, found: &Found) -> bool {
        self.court == court && self.filing == filing(found)
    }
}

fn filing(found: &Found) -> u64 {
    found.entry().sheets.first().map_or(0, |main| main.serial)
}

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
    let looks = &simulator.free_looks;
    let wants_menu = id[court.prefix.len()..].starts_with('0') && found.entry().sheets.len() > 1;
    if wants_menu && looks.covers(uid, &court.id, &found) {
        let frame = Frame { place, csrf: "" };
        return Some(Reply::html(menu::page(&frame, &found, &Links::Free(uid))));
    }
    let is_open = !matches!(found.sheet().fate, Fate::Refused(_) | Fate::Restricted);
    if wants_menu || !is_open || !looks.look(uid, &court.id, &found) {
        return None;
    }
    let simulator = simulator.clone();
    let pdf = tokio::task::spawn_blocking(move || simulator.print(&found, true))
        .await
        .expect("printing does not panic");
    Some(Reply::pdf(pdf))
}
