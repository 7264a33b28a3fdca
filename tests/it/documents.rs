//! What documents and code refer to is there: every link, every anchor, and nothing outside of this
//! repository.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context, ensure};

/// Documents that this project was written from and that a clone does not have, as they may be called.
const ELSEWHERE: [&str; 7] = [
    "pacer-protocol.md",
    "parsed-json.md",
    "recap-fetch-api.md",
    "pcl.md",
    "queue.md",
    "documents.md",
    "protocol notes",
];

/// Sections of such documents are called so.
const SECTION: char = '§';

/// This file, which has to name them.
const OWN: &str = "tests/it/documents.rs";

#[test]
fn every_link_and_anchor_leads_somewhere() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let complaints = complaints(&root)?;
    ensure!(
        complaints.is_empty(),
        "{} references lead nowhere:\n{}",
        complaints.len(),
        complaints.join("\n")
    );
    Ok(())
}

#[test]
fn every_kind_of_page_is_described() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let book = fs::read_to_string(root.join("docs/PAGES.md"))?;
    for kind in pacer::page::kind::Kind::ALL {
        // The table of kinds leads to the section, which the links' own test follows.
        let row = format!("| [`{}`](#", kind.name());
        ensure!(book.contains(&row), "docs/PAGES.md has no {}", kind.name());
    }
    Ok(())
}

#[test]
fn a_docket_is_told_in_as_many_lines_as_is_said() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let book = fs::read_to_string(root.join("ARCHITECTURE.md"))?;
    let told = book.split_once("Twelve files tell it, in this order and in at most ");
    let (said, told) = told
        .and_then(|(_, told)| told.split_once(" lines together:"))
        .context("ARCHITECTURE.md does not say where a docket is told")?;
    let said: usize = said.replace(',', "").parse()?;
    let told = told.split("\n\n").next().unwrap_or_default();
    let files = links(told);
    ensure!(files.len() == 12, "{files:?}");
    let mut lines = 0;
    for file in &files {
        let code = fs::read_to_string(root.join(file)).with_context(|| file.clone())?;
        lines += code.lines().count();
    }
    ensure!(lines <= said, "{lines} lines in {files:?}, not {said}");
    Ok(())
}

/// Cases of docs/FIELD.md, in their order; the numbers that are missing were no cases of their own.
const CASES: [&str; 39] = [
    "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16",
    "17", "18", "21", "23", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "39", "40",
    "41", "42", "43", "35", "36", "37", "38",
];

#[test]
fn every_case_from_the_field_has_tests_and_they_are_there() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let book = fs::read_to_string(root.join("docs/FIELD.md"))?;
    let rows: Vec<(&str, Vec<(&str, &str)>)> = prose(&book).filter_map(tests_of).collect();
    let cases: Vec<&str> = rows.iter().map(|(case, _)| *case).collect();
    ensure!(cases == CASES, "docs/FIELD.md has {cases:?}");
    for (case, tests) in rows {
        ensure!(!tests.is_empty(), "case {case} names no test");
        for (file, test) in tests {
            let code = fs::read_to_string(root.join(file)).with_context(|| file.to_owned())?;
            ensure!(
                has_test(&code, test),
                "case {case}: {file} has no test {test}"
            );
        }
    }
    Ok(())
}

/// The case of a row of docs/FIELD.md, and its tests with the files that they are in.
fn tests_of(row: &str) -> Option<(&str, Vec<(&str, &str)>)> {
    let mut cells = row.split('|').map(str::trim);
    let case = cells.nth(1)?;
    if case.is_empty() || !case.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut file = "";
    let mut tests = Vec::new();
    for name in cells.nth(1)?.split('`').skip(1).step_by(2) {
        match name.ends_with(".rs") {
            true => file = name,
            false => tests.push((file, name)),
        }
    }
    Some((case, tests))
}

/// Whether code has a test of that name: a function below the attribute of one.
fn has_test(code: &str, name: &str) -> bool {
    let (head, is_async) = (format!("fn {name}("), format!("async fn {name}("));
    let mut lines = code.lines().map(str::trim_start);
    let mut is_test = false;
    lines.any(|line| {
        let is_here = line.starts_with(&head) || line.starts_with(&is_async);
        let found = is_test && is_here;
        is_test = line.starts_with("#[test]")
            || line.starts_with("#[tokio::test")
            || (is_test && line.starts_with("#["));
        found
    })
}

#[test]
fn a_row_that_names_a_test_that_is_gone_is_found() {
    let row = "| 07 | what it `is` | `a.rs`: `one`, `two`; `b.rs`: `three` |";
    let tests = vec![("a.rs", "one"), ("a.rs", "two"), ("b.rs", "three")];
    assert_eq!(tests_of(row), Some(("07", tests)));
    assert_eq!(tests_of("| Case | What | Tests |"), None);
    let code = "fn helper() {}\n#[test]\nfn one() {}\n    #[tokio::test(x)]\n    #[ignore]\n    async fn two() {}";
    assert!(has_test(code, "one") && has_test(code, "two"));
    assert!(!has_test(code, "helper") && !has_test(code, "on"));
}

#[test]
fn what_leads_nowhere_is_named() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text);
    fs::create_dir_all(folder.path().join("docs/adr"))?;
    fs::create_dir_all(folder.path().join("target"))?;
    write(
        "README.md",
        "# A\n[good](docs/B.md#what-is-it), [there](docs/adr/), [bad](docs/C.md) and\n[worse\n\
         still](docs/B.md#what), `[no](link)`.\n```\n[nor](this)\n```\n[far](https://example.org/)\n",
    )?;
    write(
        "docs/B.md",
        "## What is *it*?\n## What is it\n[second](#what-is-it-1) [third](#what-is-it-2)\n\
         See recap-fetch-api.md.\n",
    )?;
    write(
        "docs/adr/0001-queue.md",
        "[up](../B.md) [out](../../../x.md)\n",
    )?;
    write(
        "code.rs",
        "//! As `docs/B.md#what-is-it` says, and docs/B.md#it; §2 and spec/style.md.\nlet a = \"§\";\n",
    )?;
    write("target/ignored.md", "[bad](nowhere.md)\n")?;

    let found: BTreeSet<String> = complaints(folder.path())?.into_iter().collect();
    let expected = [
        "README.md: docs/B.md has no section #what",
        "README.md: there is no docs/C.md",
        "code.rs: docs/B.md has no section #it",
        "code.rs:1: refers to what is not in this repository: spec/",
        "code.rs:1: refers to what is not in this repository: §",
        "docs/B.md: docs/B.md has no section #what-is-it-2",
        "docs/B.md:4: refers to what is not in this repository: recap-fetch-api.md",
        "docs/adr/0001-queue.md: ../../../x.md leads out of this repository",
    ];
    let expected: BTreeSet<String> = expected.into_iter().map(str::to_owned).collect();
    ensure!(found == expected, "found {found:#?}");
    Ok(())
}

/// Everything below a folder that refers to something that is not there.
fn complaints(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut files = Vec::new();
    gather(root, Path::new(""), &mut files)?;
    let anchors = files
        .iter()
        .filter(|file| is_markdown(&file.path))
        .map(|file| (file.path.clone(), anchors(&file.text)))
        .collect();
    let tree = Tree { root, anchors };
    let mut complaints = Vec::new();
    for file in &files {
        let references = match is_markdown(&file.path) {
            true => links(&file.text),
            false => Vec::new(),
        };
        let folder = file.path.parent().unwrap_or(Path::new(""));
        let from_here = references
            .iter()
            .map(|link| tree.check(folder, &file.path, link));
        let named = mentions(&file.text);
        let from_root = named
            .iter()
            .map(|name| tree.check(Path::new(""), &file.path, name));
        let wrong = from_here.chain(from_root).filter_map(Result::err);
        complaints.extend(wrong.map(|wrong| format!("{}: {wrong}", file.path.display())));
        complaints.extend(elsewhere(file));
    }
    complaints.sort();
    complaints.dedup();
    Ok(complaints)
}

/// A text of this repository.
struct File {
    /// Below the root.
    path: PathBuf,
    text: String,
}

/// Reads all texts below a folder. What a build or a test leaves behind is none of them.
fn gather(root: &Path, below: &Path, files: &mut Vec<File>) -> anyhow::Result<()> {
    let folder = root.join(below);
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name();
        let (kind, path) = (entry.file_type()?, below.join(&name));
        let hidden = name.to_string_lossy().starts_with('.') && name != ".ci";
        if hidden || name == "target" {
            continue;
        }
        if kind.is_dir() {
            gather(root, &path, files)?;
        } else if kind.is_file()
            && path != Path::new(OWN)
            && let Ok(text) = String::from_utf8(fs::read(entry.path())?)
        {
            files.push(File { path, text });
        }
    }
    Ok(())
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// What can be referred to.
struct Tree<'a> {
    root: &'a Path,
    anchors: HashMap<PathBuf, BTreeSet<String>>,
}

impl Tree<'_> {
    /// Checks a reference that counts from a folder. An empty path means the file itself.
    fn check(&self, folder: &Path, file: &Path, reference: &str) -> Result<(), String> {
        let (target, anchor) = match reference.split_once('#') {
            Some((target, anchor)) => (target, Some(anchor)),
            None => (reference, None),
        };
        let path = match target {
            "" => file.to_owned(),
            _ => plain(&folder.join(target))
                .ok_or_else(|| format!("{target} leads out of this repository"))?,
        };
        if !self.root.join(&path).exists() {
            return Err(format!("there is no {}", path.display()));
        }
        let Some(anchor) = anchor else {
            return Ok(());
        };
        match self.anchors.get(&path) {
            Some(anchors) if anchors.contains(anchor) => Ok(()),
            _ => Err(format!("{} has no section #{anchor}", path.display())),
        }
    }
}

/// A path without `..`; none if it leads above the root.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => plain.push(name),
            Component::ParentDir => plain.pop().then_some(())?,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(plain)
}

/// The lines of a Markdown text that are no code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// The anchors of a text's headings, as forges make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let headings = prose(text).filter_map(|line| {
        let title = line.trim_start_matches('#');
        (title.len() < line.len()).then(|| title.strip_prefix(' '))?
    });
    let anchors = headings.map(|title| {
        let letters = title.trim().chars().filter_map(|letter| match letter {
            ' ' => Some('-'),
            '-' | '_' => Some(letter),
            letter if letter.is_alphanumeric() => Some(letter),
            _ => None,
        });
        let anchor = letters.collect::<String>().to_lowercase();
        let count = counts.entry(anchor.clone()).or_default();
        *count += 1;
        match *count {
            1 => anchor,
            count => format!("{anchor}-{}", count - 1),
        }
    });
    anchors.collect()
}

/// The targets of a Markdown text's links, but for those to other sites.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    for paragraph in prose(text).collect::<Vec<_>>().join("\n").split("\n\n") {
        // What stands between two backticks is no link.
        let text: String = paragraph.split('`').step_by(2).collect();
        let targets = text.split("](").skip(1);
        links.extend(targets.filter_map(|rest| {
            let target = rest.split([')', ' ', '\n']).next()?;
            let is_here = !target.contains(':');
            is_here.then(|| target.to_owned())
        }));
    }
    links
}

/// Documents that any text names by their path from the root, `docs/X.md` or `docs/X.md#anchor`.
fn mentions(text: &str) -> Vec<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "/_-.#".contains(letter);
    let found = text.match_indices("docs/").filter_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|letter| letter.is_alphanumeric() || "/-_.".contains(letter)) {
            return None;
        }
        let rest = &text[at..];
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let name = rest[..end].trim_end_matches(['.', '#', '-']);
        let path = name.split('#').next()?;
        path.ends_with(".md").then(|| name.to_owned())
    });
    found.collect()
}

/// References to documents that a clone does not have.
fn elsewhere(file: &File) -> Vec<String> {
    let is_rust = file.path.extension().is_some_and(|it| it == "rs");
    let mut found = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        // Courts, and texts about law, have sections too.
        let said = match line.split_once("//") {
            Some((_, comment)) if is_rust => comment,
            _ if is_rust => "",
            _ => line,
        };
        let mut names = Vec::new();
        names.extend(said.contains(SECTION).then(|| SECTION.to_string()));
        names.extend(is_named(said, "spec/", ".md").then(|| "spec/".to_owned()));
        let elsewhere = ELSEWHERE.iter().filter(|name| has_word(said, name));
        names.extend(elsewhere.map(|name| (*name).to_owned()));
        found.extend(names.into_iter().map(|name| {
            let (path, number) = (file.path.display(), number + 1);
            format!("{path}:{number}: refers to what is not in this repository: {name}")
        }));
    }
    found
}

/// Whether a line names a file in a folder.
fn is_named(line: &str, folder: &str, extension: &str) -> bool {
    line.split(|letter: char| letter.is_whitespace() || "`()<>\"',;".contains(letter))
        .any(|word| {
            word.find(folder)
                .is_some_and(|at| word[at..].contains(extension))
        })
}

/// Whether a line has a name that is not the end of a longer one.
fn has_word(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|letter| !letter.is_alphanumeric() && !"-_/".contains(letter))
    })
}
