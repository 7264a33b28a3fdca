//! One simulator: its world, its accounts and its books.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::watch;

use crate::config::Config;
use crate::document::{self, Printing};
use crate::fault::Faults;
use crate::free_look::{FreeLooks, OfEntry};
use crate::ledger::Ledger;
use crate::limits::Limiter;
use crate::replay::{Replay, ReplayError};
use crate::session::Sessions;
use crate::settings::Settings;
use crate::site::{Acms, Tokens};
use crate::traffic::Traffic;
use crate::world::acms::AcmsIds;
use crate::world::case::Fate;
use crate::world::{Found, Stub, World};

/// Printed documents kept for the next who asks.
const PRINTED_DOCUMENTS: usize = 128;

/// A PACER: everything that its pages are made from and that is written down about visitors.
pub struct Simulator {
    /// Settings it was made with.
    pub config: Config,
    /// Courts, cases, documents.
    pub world: World,
    /// Accounts and who is logged in.
    pub sessions: Sessions,
    /// What was sold.
    pub ledger: Ledger,
    /// Who asked what.
    pub traffic: Arc<Traffic>,
    /// What shall go wrong.
    pub faults: Faults,
    /// What courts put up with.
    pub limiter: Limiter,
    /// What is particular about single courts.
    pub settings: Settings,
    /// Free looks that were given out.
    pub free_looks: FreeLooks,
    /// Saved pages.
    pub replay: Replay,
    pub(crate) tokens: Tokens,
    pub(crate) acms: Acms,
    /// True when serving ends, so that nothing hangs any longer.
    pub(crate) ending: watch::Sender<bool>,
    printed: Mutex<HashMap<(u64, String), Bytes>>,
}

/// What is true about a document, for tests that want to mark what they read.
#[derive(Debug, Clone, Serialize)]
pub struct Truth {
    /// PACER id of the court.
    pub court: String,
    /// Id with the flag digit 0.
    pub pacer_doc_id: String,
    /// Id of the case.
    pub pacer_case_id: String,
    /// Docket number of the case.
    pub docket_number: String,
    /// Document number.
    pub document_number: Option<u32>,
    /// 0 for the main document; in a court of appeals the row of the menu, 0 without a menu.
    pub attachment_number: u32,
    /// The entry's sequence number.
    pub de_seq_num: u32,
    /// Description in menus.
    pub description: String,
    /// Number of pages.
    pub pages: u32,
    /// Pages are pictures.
    pub scanned: bool,
    /// False if the court refuses it, or sells it only after a warning.
    pub obtainable: bool,
    /// What ACMS calls it, if that is where it is.
    pub acms: Option<AcmsIds>,
    /// The words, page by page, without the stamp.
    pub page_texts: Vec<String>,
}

/// A free look that was given out.
#[derive(Debug, Clone, Serialize)]
pub struct FreeLook {
    /// The `magic_num`, or at a court of appeals the `uid`.
    pub token: String,
    /// Path and query of the link, without a court's prefix.
    pub path: String,
}

impl Simulator {
    /// Makes a simulator. Fails only if saved pages cannot be listed.
    pub fn new(config: Config) -> Result<Simulator, ReplayError> {
        let faults = Faults::new(config.seed);
        for fault in &config.faults {
            faults.order(fault.clone());
        }
        Ok(Simulator {
            world: World::new(config.seed, config.cases, config.entries)
                .with_long_scan(config.long_scan),
            sessions: Sessions::new(&config.accounts, config.session_lifetime),
            ledger: Ledger::default(),
            traffic: Traffic::new(config.traffic_rows),
            faults,
            free_looks: FreeLooks::default(),
            limiter: Limiter::new(config.limits.clone()),
            settings: Settings::new(config.courts.clone()),
            replay: Replay::read(&config.pages)?,
            tokens: Tokens::default(),
            acms: Acms::default(),
            ending: watch::Sender::new(false),
            printed: Mutex::default(),
            config,
        })
    }

    /// The truth about a document, by its id with either flag digit, or by its GUID in ACMS.
    pub fn truth(&self, court: &str, id: &str) -> Option<Truth> {
        let found = match self.serial_of(court, id) {
            Some(serial) => self.world.document(court, serial)?,
            None => self.world.acms_document(court, id)?,
        };
        Some(self.truth_of(&found))
    }

    /// The case with this id, or with this GUID in ACMS.
    pub(crate) fn stub(&self, court: &str, id: &str) -> Option<&Arc<Stub>> {
        match id.parse() {
            Ok(id) => self.world.stub(court, id),
            Err(_) => self.world.acms_stub(court, id),
        }
    }

    /// The obtainable documents of a case that are scanned, or are not; with their words.
    pub fn documents(&self, court: &str, case_id: u64, scanned: bool) -> Vec<Truth> {
        let Some(stub) = self.world.stub(court, case_id) else {
            return Vec::new();
        };
        let case = self.world.case(stub);
        let sheets = case.entries.iter().flat_map(|entry| &entry.sheets);
        let wanted = sheets.filter(|sheet| sheet.scanned == scanned && is_obtainable(sheet.fate));
        wanted
            .filter_map(|sheet| self.world.document(court, sheet.serial))
            .map(|found| self.truth_of(&found))
            .collect()
    }

    /// Gives out a free look at the documents of the entry that this one belongs to: the
    /// address in the notice, without scheme and host.
    pub fn give_free_look(&self, court: &str, pacer_doc_id: &str) -> Option<FreeLook> {
        let found = self
            .world
            .document(court, self.serial_of(court, pacer_doc_id)?)?;
        if found.case.stub.is_in_acms() {
            // Its notices lead to ACMS, whose free looks there are not here.
            return None;
        }
        let (case_id, seq) = (found.case.stub.id, found.entry().seq);
        let entry = OfEntry::of(&found);
        if self.world.court(court)?.is_appellate() {
            let token = self.free_looks.give_uid(entry);
            let path = format!("/docs1/{pacer_doc_id}?uid={token}");
            return Some(FreeLook { token, path });
        }
        let token = self.free_looks.give(entry);
        let path =
            format!("/doc1/{pacer_doc_id}?caseid={case_id}&de_seq_num={seq}&magic_num={token}");
        Some(FreeLook { token, path })
    }

    /// The serial in a document id of this court, flag digit aside.
    pub(crate) fn serial_of(&self, court: &str, pacer_doc_id: &str) -> Option<u64> {
        let rest = pacer_doc_id.strip_prefix(self.world.court(court)?.prefix.as_str())?;
        rest.strip_prefix(['0', '1'])?.parse().ok()
    }

    fn truth_of(&self, found: &Found) -> Truth {
        let (stub, entry, sheet) = (&found.case.stub, found.entry(), found.sheet());
        let prefix = &self
            .world
            .court(&stub.court)
            .expect("found in a court")
            .prefix;
        Truth {
            court: stub.court.clone(),
            pacer_doc_id: sheet.id(prefix, '0'),
            pacer_case_id: stub.id.to_string(),
            docket_number: stub.docket_number(),
            document_number: entry.number,
            attachment_number: sheet.attachment,
            de_seq_num: entry.seq,
            description: sheet.description.clone(),
            pages: sheet.pages,
            scanned: sheet.scanned,
            obtainable: is_obtainable(sheet.fate),
            acms: self.world.acms_ids(found),
            page_texts: self.world.pages_of(found),
        }
    }

    /// The document as a PDF. Takes a while for scans; call it where waiting is allowed.
    pub fn print(&self, found: &Found, stamped: bool) -> Bytes {
        let stamp = stamped.then(|| self.stamp(found));
        let serial = found.sheet().serial;
        let key = (
            serial,
            format!(
                "{} {}",
                found.case.stub.court,
                stamp.as_deref().unwrap_or_default()
            ),
        );
        if let Some(pdf) = self.printed().get(&key) {
            return pdf.clone();
        }
        let pages = self.world.pages_of(found);
        let printing = Printing {
            pages: &pages,
            stamp,
            scanned: found.sheet().scanned,
            noise: serial,
        };
        let pdf = Bytes::from(document::print(&[printing]));
        let mut printed = self.printed();
        if printed.len() >= PRINTED_DOCUMENTS {
            printed.clear();
        }
        printed.insert(key, pdf.clone());
        pdf
    }

    /// Several documents as one PDF.
    pub(crate) fn print_together(&self, documents: &[Found], stamped: bool) -> Bytes {
        let pages: Vec<Vec<String>> = documents
            .iter()
            .map(|found| self.world.pages_of(found))
            .collect();
        let printings: Vec<Printing<'_>> = documents
            .iter()
            .zip(&pages)
            .map(|(found, pages)| Printing {
                pages,
                stamp: stamped.then(|| self.stamp(found)),
                scanned: found.sheet().scanned,
                noise: found.sheet().serial,
            })
            .collect();
        Bytes::from(document::print(&printings))
    }

    /// The line at the top of each page.
    fn stamp(&self, found: &Found) -> String {
        let (case, entry) = (&found.case, found.entry());
        let docket_number = case.number_with_judges();
        let (filed, entered) = (
            entry.filed.format("%m/%d/%y"),
            entry.entered.format("%m/%d/%y"),
        );
        if case.appeal.is_some() {
            let number = self.appellate_number(found);
            return format!("Case: {docket_number}   Document: {number}   Date Filed: {filed}");
        }
        let number = number_on_paper(found);
        match case.stub.court.ends_with('b') {
            true => format!(
                "Case: {docket_number}   Doc# {number}   Filed: {filed}   Entered: {entered}"
            ),
            false => format!("Case {docket_number}   Document {number}   Filed {filed}"),
        }
    }

    /// What a court of appeals calls a document: its number, or its id if it numbers nothing.
    pub(crate) fn appellate_number(&self, found: &Found) -> String {
        let court = self.world.court(&found.case.stub.court);
        match (found.entry().number, court) {
            (None, Some(court)) => found.sheet().id(&court.prefix, '1'),
            _ => number_on_paper(found),
        }
    }

    fn printed(&self) -> std::sync::MutexGuard<'_, HashMap<(u64, String), Bytes>> {
        self.printed
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn is_obtainable(fate: Fate) -> bool {
    !matches!(fate, Fate::Refused(_) | Fate::Restricted)
}

fn number_on_paper(found: &Found) -> String {
    let mut number = found.entry().number.unwrap_or_default().to_string();
    if found.sheet().attachment > 0 {
        number.push_str(&format!("-{}", found.sheet().attachment));
    }
    number
}
