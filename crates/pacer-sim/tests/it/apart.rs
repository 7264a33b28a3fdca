//! The simulator cannot share mistakes with the programs that it tests: it shares no code with them, and of
//! data only the register of courts (docs/SIMULATOR.md, "What it shares").

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources can be listed") {
        let path = entry.expect("the sources can be listed").path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn only_the_register_of_courts_comes_from_outside() {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    let mut outside = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).expect("sources are text");
        let lines = text.lines();
        // Pages have such addresses in their forms.
        let lines = lines.filter(|line| line.contains("\"../") && !line.contains("action="));
        outside.extend(lines.map(|line| line.trim().to_owned()));
    }
    let register = r#"const TABLE: &str = include_str!("../../pacer/data/courts.json");"#;
    assert_eq!(outside, [register]);
}

#[test]
fn no_crate_of_ours_is_linked() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let manifest = fs::read_to_string(manifest).expect("the manifest is there");
    let named = |line: &str| line.split(['.', ' ', '=']).next().map(str::to_owned);
    let dependencies: Vec<String> = manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .filter_map(named)
        .collect();
    assert!(
        dependencies.iter().any(|name| name == "axum"),
        "they are found"
    );
    for entry in fs::read_dir(crates).expect("the crates can be listed") {
        let name = entry.expect("the crates can be listed").file_name();
        let name = name.to_string_lossy();
        assert!(!dependencies.iter().any(|found| *found == name), "{name}");
    }
}
