//! Pages made by chance, as confused as courts can be: shared and missing numbers and documents,
//! in any combination. Only a sequence number is never on two rows of one page: it is the court's
//! own key.

use std::collections::HashSet;

use fetch_library::merge::DocketTarget;
use serde_json::{Value, json};

use crate::{
    database::{database, target},
    merge::{
        MergeDocket,
        pages::{attorney, docket, entry, party},
    },
};

/// A small generator (Knuth's multiplier), so that a failure can be had again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    fn entry(&mut self) -> Value {
        let number = self.of(&[None, Some(1), Some(1), Some(2)]);
        let date = self.of(&["2024-12-30", "2024-12-31"]);
        let text = self.of(&["", "ORDER", "Receipt"]);
        let ids = json!({
            "pacer_seq_no": self.of(&[None, None, Some("1"), Some("2")]),
            "pacer_doc_id": self.of(&[None, None, Some("03500000001"), Some("03500000002")]),
        });
        entry(number, date, text, ids)
    }

    fn party(&mut self) -> Value {
        let lines = [
            vec![],
            vec!["LEAD ATTORNEY"],
            vec!["LEAD ATTORNEY", "TERMINATED: 06/21/2011"],
        ];
        let roles = self.of(&lines);
        let contact = self.of(&["", "(415) 555-0100\n", "(415) 555-0102\n"]);
        let counsel = attorney(
            self.of(&["Robin Placeholder", "Kim Example", ""]),
            contact,
            &roles,
        );
        let name = self.of(&["Acme Widgets, Inc.", "Example Bolts LLC"]);
        let details = json!({
            "extra_info": self.of(&["", "a corporation"]),
            "date_terminated": self.of(&[None, None, Some("2025-01-02")]),
            "attorneys": self.of(&[vec![], vec![counsel.clone()], vec![counsel]]),
        });
        party(name, self.of(&["Plaintiff", "Counter Defendant"]), details)
    }
}

/// More can be asked for by those who have the time.
fn cases() -> u64 {
    let asked = std::env::var("PACER_FETCH_TEST_CASES").ok();
    asked.map_or(60, |count| count.parse().unwrap())
}

#[tokio::test]
async fn whatever_the_page_merging_it_twice_changes_nothing() {
    let Some(database) = database().await else {
        return;
    };
    for case in 0..cases() {
        let mut chance = Chance(case);
        let target = DocketTarget {
            pacer_case_id: Some(case.to_string()),
            ..target()
        };
        for page in 0..3 {
            let mut entries: Vec<Value> = (0..chance.below(6)).map(|_| chance.entry()).collect();
            let mut seen = HashSet::new();
            for entry in &mut entries {
                if !seen.insert(entry["pacer_seq_no"].clone()) {
                    entry["pacer_seq_no"] = Value::Null;
                }
            }
            let parties: Vec<Value> = (0..chance.below(4)).map(|_| chance.party()).collect();
            let shown = docket(entries, parties);
            let merged = database
                .store
                .library
                .merge_docket(&target, &shown)
                .await
                .unwrap();
            assert!(
                merged.entries_total >= shown.docket_entries.len(),
                "case {case}, page {page}: {shown:#?}"
            );
            let before = database.of_case(merged.docket.0).await;
            database
                .store
                .library
                .merge_docket(&target, &shown)
                .await
                .unwrap();
            let after = database.of_case(merged.docket.0).await;
            assert_eq!(before, after, "case {case}, page {page}: {shown:#?}");
            let places = before.iter().filter(|row| row.starts_with("entry")).count();
            assert_eq!(
                places, merged.entries_total,
                "case {case}, page {page}: {shown:#?}"
            );
        }
    }
}

impl crate::database::Database {
    /// Every row of a docket, with ids and dates.
    async fn of_case(&self, docket: i64) -> Vec<String> {
        self.lines(&format!(
            "select 'docket ' || to_jsonb(t)::text from dockets t where id = {docket}
             union all (select distinct on (recap_sequence_number) 'entry ' || to_jsonb(t)::text
                        from docket_entries t where docket_id = {docket} order by recap_sequence_number, id)
             union all (select 'document ' || to_jsonb(t)::text from recap_documents t
                        where docket_entry_id in (select id from docket_entries where docket_id = {docket}) order by id)
             union all (select 'party ' || to_jsonb(t)::text from parties t where docket_id = {docket} order by id)
             union all (select 'type ' || to_jsonb(t)::text from party_types t where docket_id = {docket} order by id)
             union all (select 'attorney ' || to_jsonb(t)::text from attorneys t where docket_id = {docket} order by id)
             union all (select 'role ' || to_jsonb(t)::text from roles t where docket_id = {docket} order by id)"
        ))
        .await
    }
}
