//! Free looks, as notices of filings link to them: no session, no charge, each document once.

use super::sale::{Handing, delivery};
use super::{Asked, Window, objection};
use crate::court::Delivery;
use crate::free_look::{OfEntry, Worth};
use crate::page::{menu, notice};
use crate::site::reply::Reply;
use crate::world::Found;
use crate::world::case::Fate;

impl Window {
    /// The answer to a request with a magic number that belongs to the document. Transcripts
    /// are excluded from free looks, and so are asked for as if there was no number.
    pub(super) fn free_look(&self, id: &str, asked: &Asked) -> Option<Reply> {
        let magic = asked.magic.as_deref()?;
        let (found, flag) = self.find(id)?;
        let (entry, sheet) = (OfEntry::of(&found), found.sheet());
        let looks = &self.simulator.free_looks;
        if looks.worth(magic, entry, sheet.serial) == Worth::Nothing
            || sheet.fate == Fate::Transcript
        {
            return None;
        }
        if let Some(phrase) = objection(&found, asked) {
            return Some(self.refuse(&phrase));
        }
        if flag == '0' && found.entry().sheets.len() > 1 && !asked.past_menu {
            return Some(Reply::html(menu::page(&self.place, &found, Some(magic))));
        }
        if let Fate::Refused(refusal) = sheet.fate {
            return Some(self.refuse(refusal.phrase()));
        }
        if !asked.use_magic {
            return Some(Reply::html(menu::free_look_offer(
                &self.place,
                &found,
                magic,
            )));
        }
        Some(match looks.take(magic, entry, sheet.serial) {
            Worth::Fresh => self.hand_over(&found, asked),
            _ => Reply::html(notice::free_look_used_up()),
        })
    }

    fn hand_over(&self, found: &Found, asked: &Asked) -> Reply {
        let handing = Handing {
            simulator: &self.simulator,
            place: &self.place,
            stamped: asked.case_id.is_some() && !asked.unstamped,
            anonymous: true,
        };
        // A page without a frame means that the look is used up.
        let delivery = match delivery(&self.simulator, &self.place, found) {
            Delivery::Direct => Delivery::Direct,
            _ => Delivery::Iframe,
        };
        handing.over(found, found.sheet().serial, delivery)
    }
}
