//! Real dockets, as a correct parser gives them: every row of a page is an entry of its own, and
//! every party has each of its roles.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use fetch_library::merge::DocketTarget;
use pacer::page::docket::Docket;

use crate::{database::database, merge::MergeDocket};

const FOLDERS: [&str; 4] = ["bankruptcy", "district", "fake-rss", "special"];

/// The expected results of the extra corpus, empty ones left out.
fn expected(corpus: &Path) -> Vec<(PathBuf, Docket)> {
    let mut dockets = Vec::new();
    for folder in FOLDERS {
        for file in std::fs::read_dir(corpus.join("dockets").join(folder)).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            if text.trim() != "{}" {
                dockets.push((path, serde_json::from_str(&text).unwrap()));
            }
        }
    }
    dockets.sort_by(|one, other| one.0.cmp(&other.0));
    dockets
}

#[tokio::test]
async fn every_row_of_the_corpus_is_stored_once() {
    let Some(corpus) = testkit::extra("corpus") else {
        return;
    };
    let Some(database) = database().await else {
        return;
    };
    let dockets = expected(&corpus);
    assert!(
        dockets.len() > 200,
        "{corpus:?} has only {} dockets",
        dockets.len()
    );
    for (case, (path, page)) in dockets.iter().enumerate() {
        database.add_court(&page.court_id).await;
        let target = DocketTarget {
            court: page.court_id.clone(),
            docket: None,
            pacer_case_id: Some(case.to_string()),
        };
        let merged = database
            .store
            .library
            .merge_docket(&target, page)
            .await
            .unwrap();
        let docket = merged.docket.0;
        let roles: HashSet<_> = page
            .parties
            .iter()
            .map(|party| (&party.name, &party.party_type))
            .collect();
        let entries: i64 = database
            .one(&format!(
                "select count(*) from docket_entries where docket_id = {docket}"
            ))
            .await;
        let types: i64 = database
            .one(&format!(
                "select count(*) from party_types where docket_id = {docket}"
            ))
            .await;
        let places: i64 = database
            .one(&format!("select count(distinct recap_sequence_number) from docket_entries where docket_id = {docket}"))
            .await;
        assert!(merged.is_new, "{path:?}");
        assert_eq!(entries as usize, page.docket_entries.len(), "{path:?}");
        assert_eq!(places, entries, "{path:?}");
        assert_eq!(types as usize, roles.len(), "{path:?}");
        assert_eq!(
            (merged.entries_total, merged.party_types_total),
            (entries as usize, types as usize)
        );
    }
    let before = database.everything().await;
    for (case, (path, page)) in dockets.iter().enumerate() {
        let target = DocketTarget {
            court: page.court_id.clone(),
            docket: None,
            pacer_case_id: Some(case.to_string()),
        };
        let merged = database
            .store
            .library
            .merge_docket(&target, page)
            .await
            .unwrap();
        assert!(!merged.is_new && merged.entries_new == 0, "{path:?}");
    }
    assert!(
        database.everything().await == before,
        "merging the same pages again changed a row"
    );
}
