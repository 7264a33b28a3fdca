//! Which store may write and read which tables: every statement in its sources is looked at.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use regex_lite::Regex;

/// A store and the tables that are its own.
const STORES: [(&str, &[&str]); 4] = [
    ("fetch-db", &["retention"]),
    (
        "fetch-queue",
        &[
            "fetch_requests",
            "fetch_steps",
            "courts",
            "queue_settings",
            "workers",
            "idempotency_keys",
            "login_records",
            "fetch_plans",
            "fetch_plan_steps",
            "fetch_trackers",
            "fetch_tracker_runs",
        ],
    ),
    (
        "fetch-ledger",
        &[
            "users",
            "api_tokens",
            "api_calls",
            "budgets",
            "purchases",
            "purchase_events",
            "captures",
        ],
    ),
    (
        "fetch-library",
        &[
            "dockets",
            "docket_entries",
            "recap_documents",
            "parties",
            "party_types",
            "attorneys",
            "roles",
            "criminal_counts",
            "criminal_complaints",
            "bankruptcy_information",
            "originating_court_information",
            "texts",
            "text_pages",
            "text_parts",
            "court_directory",
            "request_changes",
            "library_follows",
        ],
    ),
];

/// What only the owner of the schema writes: locks and what was granted.
const OF_THE_SCHEMA: [&str; 3] = ["gateway_locks", "merge_locks", "granted"];

/// Reads that the library may not make: accounts and money.
const NOT_FOR_THE_LIBRARY: &str = "fetch-ledger";

fn files_below(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, into);
        } else {
            into.push(path);
        }
    }
}

/// All text of a store that may be SQL: its `.sql` files, and the strings of its sources.
fn sql_of(store: &str) -> Vec<(PathBuf, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../{store}/src"));
    let mut files = Vec::new();
    files_below(&source, &mut files);
    let comment = Regex::new(r"(?m)^\s*//.*$").unwrap();
    let string = Regex::new(r##"(?s)r#".*?"#|"(?:[^"\\]|\\.)*""##).unwrap();
    let sql = files.into_iter().map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let sql = match path.extension().is_some_and(|it| it == "sql") {
            true => text,
            false => {
                let code = comment.replace_all(&text, "");
                let strings = string.find_iter(&code).map(|it| it.as_str());
                strings.collect::<Vec<_>>().join("\n;\n")
            }
        };
        (path, sql.to_lowercase())
    });
    sql.collect()
}

fn tables_named(sql: &str, pattern: &str) -> BTreeSet<String> {
    let all: BTreeSet<&str> = STORES
        .iter()
        .flat_map(|(_, tables)| tables.iter().copied())
        .chain(OF_THE_SCHEMA)
        .collect();
    let pattern = Regex::new(pattern).unwrap();
    let named = pattern.captures_iter(sql).map(|found| found[1].to_owned());
    named.filter(|name| all.contains(name.as_str())).collect()
}

fn written(sql: &str) -> BTreeSet<String> {
    tables_named(
        sql,
        r"(?:insert\s+into|delete\s+from|truncate|update(?:\s+only)?)\s+(\w+)",
    )
}

fn read(sql: &str) -> BTreeSet<String> {
    tables_named(sql, r"(?:from|join|using)\s+(?:only\s+)?(\w+)")
}

#[test]
fn each_store_writes_its_own_tables() {
    let mut seen = BTreeSet::new();
    for (store, own) in STORES {
        for (path, sql) in sql_of(store) {
            for table in written(&sql) {
                assert!(
                    own.contains(&table.as_str()),
                    "{} writes {table}, which is not a table of {store}: a write of two stores is \
                     composed in policy",
                    path.display()
                );
                seen.insert(table);
            }
        }
    }
    // Every table is written by somebody, or this test is blind.
    for (store, own) in STORES {
        for table in own {
            assert!(seen.contains(*table), "nobody writes {table} of {store}");
        }
    }
}

#[test]
fn the_library_reads_neither_accounts_nor_money() {
    let (_, money) = STORES
        .into_iter()
        .find(|(store, _)| *store == NOT_FOR_THE_LIBRARY)
        .unwrap();
    let mut reads = BTreeSet::new();
    for (path, sql) in sql_of("fetch-library") {
        for table in read(&sql) {
            assert!(
                !money.contains(&table.as_str()),
                "{} reads {table}",
                path.display()
            );
            reads.insert(table);
        }
    }
    assert!(reads.contains("dockets") && reads.contains("texts"));
}

#[test]
fn a_write_and_a_read_are_told_apart() {
    let sql = "with x as (update courts set a = 1 from users for update of captures)
               insert into texts select from dockets join parties on true";
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(written(sql), names(&["courts", "texts"]));
    assert_eq!(read(sql), names(&["users", "dockets", "parties"]));
}
