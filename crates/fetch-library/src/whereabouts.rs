//! Where a document is that somebody names as people do, as far as it is stored.

use chrono::{DateTime, Utc};
use fetch_model::{
    DocketId, DocumentId,
    address::{DocumentAddress, DocumentName},
};
use pacer::ids::{DocketNumber, PacerDocId};

use crate::{
    Error, Library,
    merge::{MAIN, core},
};

/// What is stored of what somebody has named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// The docket of the case, if it is known which one that is.
    pub docket: Option<StoredDocket>,
    /// The document.
    pub place: Place,
}

/// A stored docket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocket {
    /// Its number.
    pub id: DocketId,
    /// The court's id of the case.
    pub pacer_case_id: Option<String>,
    /// The number of the case.
    pub docket_number: Option<String>,
    /// When it last changed.
    pub date_modified: DateTime<Utc>,
}

/// Where a document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Here.
    Stored(DocumentId),
    /// Its entry is stored, but the document is not: the menu of this one may tell of it.
    BehindMenu(DocumentId),
    /// The entry has several that fit.
    Several(Vec<DocumentId>),
    /// Nothing that is stored tells of it.
    Nowhere,
}

/// A document of an entry.
struct OfEntry {
    id: i64,
    document_type: i16,
    attachment_number: Option<i16>,
    pacer_doc_id: String,
}

impl Library {
    /// Where a document is, as far as it is stored.
    pub async fn whereabouts(&self, sought: &DocumentAddress) -> Result<Whereabouts, Error> {
        let docket = self.docket_of(sought).await?;
        let id = docket.as_ref().map(|docket| docket.id);
        let place = match &sought.name {
            DocumentName::Id {
                pacer_doc_id,
                sequence,
            } => {
                self.place_by_id(&sought.court, id, pacer_doc_id, *sequence)
                    .await?
            }
            DocumentName::Place { entry, attachment } => match id {
                Some(id) => self.place_on(id, *entry, *attachment).await?,
                None => Place::Nowhere,
            },
        };
        Ok(Whereabouts { docket, place })
    }

    /// The docket that is meant. A number that several have, or that says less than that of the one that
    /// has it, means none: which case it is only the court can say.
    async fn docket_of(&self, sought: &DocumentAddress) -> Result<Option<StoredDocket>, Error> {
        if !sought.has_case() {
            return Ok(None);
        }
        let rows = sqlx::query!(
            "select id, pacer_case_id, docket_number, date_modified from dockets
             where court_id = $1
               and case when $2::bigint is not null then id = $2
                        when $3 <> '' then pacer_case_id = $3
                        else docket_number_core = $4 and $4 <> '' or docket_number = $5 end
             order by id",
            sought.court,
            sought.docket.map(|id| id.0),
            sought.pacer_case_id,
            core(&sought.docket_number),
            sought.docket_number
        )
        .fetch_all(self.db.pool())
        .await?;
        let by_number = sought.docket.is_none() && sought.pacer_case_id.is_empty();
        let mut found = rows.into_iter().filter(|row| {
            let number = row.docket_number.as_deref().unwrap_or_default();
            !by_number || is_same_number(&sought.docket_number, number)
        });
        let (first, second) = (found.next(), found.next());
        let is_one = !by_number || second.is_none();
        Ok(first.filter(|_| is_one).map(|row| StoredDocket {
            id: DocketId(row.id),
            pacer_case_id: row.pacer_case_id,
            docket_number: row.docket_number,
            date_modified: row.date_modified,
        }))
    }

    /// The docket of the document with that id of its court, the oldest of several.
    pub async fn docket_of_document(
        &self,
        court: &str,
        id: &str,
    ) -> Result<Option<DocketId>, Error> {
        let Some(ids) = spellings(id) else {
            return Ok(None);
        };
        let docket = sqlx::query_scalar!(
            "select dockets.id from recap_documents
             join docket_entries on docket_entries.id = docket_entry_id
             join dockets on dockets.id = docket_entries.docket_id
             where pacer_doc_id = any($1) and court_id = $2
             order by recap_documents.id
             limit 1",
            &ids,
            court
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(docket.map(DocketId))
    }

    async fn place_by_id(
        &self,
        court: &str,
        docket: Option<DocketId>,
        id: &str,
        sequence: Option<i32>,
    ) -> Result<Place, Error> {
        let Some(ids) = spellings(id) else {
            return Ok(Place::Nowhere);
        };
        let stored = sqlx::query_scalar!(
            "select recap_documents.id from recap_documents
             join docket_entries on docket_entries.id = docket_entry_id
             join dockets on dockets.id = docket_entries.docket_id
             where pacer_doc_id = any($1) and court_id = $2
             order by dockets.id is not distinct from $3 desc, recap_documents.id
             limit 1",
            &ids,
            court,
            docket.map(|id| id.0)
        )
        .fetch_optional(self.db.pool())
        .await?;
        if let Some(id) = stored {
            return Ok(Place::Stored(DocumentId(id)));
        }
        let (Some(docket), Some(sequence)) = (docket, sequence) else {
            return Ok(Place::Nowhere);
        };
        let main = sqlx::query_scalar!(
            "select recap_documents.id from recap_documents
             join docket_entries on docket_entries.id = docket_entry_id
             where docket_id = $1 and pacer_sequence_number = $2
               and document_type = $3 and pacer_doc_id <> ''
             order by recap_documents.id
             limit 1",
            docket.0,
            sequence,
            MAIN
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(main.map_or(Place::Nowhere, |id| Place::BehindMenu(DocumentId(id))))
    }

    async fn place_on(
        &self,
        docket: DocketId,
        entry: i32,
        attachment: Option<i32>,
    ) -> Result<Place, Error> {
        let rows = sqlx::query_as!(
            OfEntry,
            "select recap_documents.id, document_type, attachment_number, pacer_doc_id
             from recap_documents
             join docket_entries on docket_entries.id = docket_entry_id
             where docket_id = $1 and entry_number = $2
             order by recap_documents.id",
            docket.0,
            i64::from(entry)
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(choose(&rows, attachment))
    }
}

/// How an id may be stored: appellate courts tell main documents and attachments apart by the digit that
/// others ignore.
fn spellings(id: &str) -> Option<[String; 2]> {
    let id = PacerDocId::parse(id).ok()?;
    Some([id.canonical(), id.single_document()].map(String::from))
}

/// Which of the documents of an entry is meant.
fn choose(rows: &[OfEntry], attachment: Option<i32>) -> Place {
    let is_wanted = |row: &&OfEntry| match attachment {
        None => row.document_type == MAIN,
        Some(number) => {
            row.document_type != MAIN && row.attachment_number.map(i32::from) == Some(number)
        }
    };
    let mut wanted: Vec<&OfEntry> = rows.iter().filter(is_wanted).collect();
    wanted.dedup_by(|one, other| one.pacer_doc_id == other.pacer_doc_id);
    match (wanted.as_slice(), attachment) {
        ([one], _) => Place::Stored(DocumentId(one.id)),
        ([], Some(_)) => {
            let main = rows.iter().find(|row| !row.pacer_doc_id.is_empty());
            main.map_or(Place::Nowhere, |row| Place::BehindMenu(DocumentId(row.id)))
        }
        // The documents of appeals are attachments, all of them, once their menu was read.
        ([], None) if rows.is_empty() => Place::Nowhere,
        ([], None) => several(rows),
        (several_wanted, _) => Place::Several(
            several_wanted
                .iter()
                .map(|row| DocumentId(row.id))
                .collect(),
        ),
    }
}

fn several(rows: &[OfEntry]) -> Place {
    Place::Several(rows.iter().map(|row| DocumentId(row.id)).collect())
}

/// Whether two numbers are the same case for sure: nothing that one of them says is left out by the other.
fn is_same_number(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (DocketNumber::parse(one), DocketNumber::parse(other)) else {
        return false;
    };
    match (one.components(), other.components()) {
        (Some(one), Some(other)) => {
            let lower = |text: Option<String>| text.map(|text| text.to_lowercase());
            let serial = |text: &str| text.trim_start_matches('0').to_owned();
            one.year == other.year
                && lower(one.office) == lower(other.office)
                && lower(one.case_type) == lower(other.case_type)
                && serial(&one.serial) == serial(&other.serial)
        }
        _ => one.for_lookup() == other.for_lookup(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, attachment: Option<i16>, doc_id: &str) -> OfEntry {
        OfEntry {
            id,
            document_type: if attachment.is_none() { MAIN } else { 2 },
            attachment_number: attachment,
            pacer_doc_id: doc_id.to_owned(),
        }
    }

    #[test]
    fn a_number_that_says_less_is_not_taken_for_one_that_says_more() {
        for (one, other, same) in [
            ("3:16-cv-00432", "3:16-cv-432", true),
            ("3:16-cv-00432", "3:16-cv-00432-ABC", true),
            ("3:16-CV-00432", "3:2016cv432", true),
            ("16-cv-00432", "3:16-cv-00432", false),
            ("3:16-cv-00432", "5:16-cv-00432", false),
            ("3:16-cv-00432", "3:16-cr-00432", false),
            ("16-1432", "16-1432", true),
            ("16-1432", "16-1433", false),
            ("", "", false),
        ] {
            assert_eq!(is_same_number(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn the_document_of_an_entry_is_chosen() {
        let one = |id| Place::Stored(DocumentId(id));
        let with_menu = [
            row(7, None, "01"),
            row(8, Some(1), "02"),
            row(9, Some(2), "03"),
        ];
        assert_eq!(choose(&with_menu, None), one(7));
        assert_eq!(choose(&with_menu, Some(2)), one(9));
        assert_eq!(
            choose(&with_menu, Some(3)),
            Place::BehindMenu(DocumentId(7))
        );
        assert_eq!(
            choose(&with_menu[..1], Some(1)),
            Place::BehindMenu(DocumentId(7))
        );
        assert_eq!(choose(&[], Some(1)), Place::Nowhere);
        assert_eq!(choose(&[], None), Place::Nowhere);
        // A sealed main document has no menu that could be asked for.
        assert_eq!(choose(&[row(7, None, "")], Some(1)), Place::Nowhere);
        let appeal = [row(8, Some(1), "02"), row(9, Some(2), "03")];
        let both = vec![DocumentId(8), DocumentId(9)];
        assert_eq!(choose(&appeal, None), Place::Several(both.clone()));
        let twice = [row(8, None, "02"), row(9, None, "03")];
        assert_eq!(choose(&twice, None), Place::Several(both));
        let same = [row(8, None, "02"), row(9, None, "02")];
        assert_eq!(choose(&same, None), one(8));
    }
}
