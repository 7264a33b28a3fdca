//! `pacer-fetch text` as its callers see it: what is printed where, and the status.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const SENTENCE: &str =
    "The motion of the plaintiff to compel the production of records is granted.";

/// A directory with two documents and, between them, a page of the web under a document's name.
struct Files {
    directory: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        let files = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        for name in ["first.pdf", "last.pdf"] {
            std::fs::write(files.path(name), document()).unwrap();
        }
        std::fs::write(files.path("login.pdf"), "<html><body>Log in</body></html>").unwrap();
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

/// A document of one typed page.
fn document() -> Vec<u8> {
    let content = format!("BT /F 12 Tf 72 700 Td ({SENTENCE}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R
            /Resources << /Font << /F 5 0 R >> >> >>"
            .to_owned(),
        format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (index, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let start = file.len();
    file += &format!(
        "xref\n0 6\n{table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    file.into_bytes()
}

fn text(arguments: &[&str], files: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pacer-fetch"))
        .arg("text")
        .args(arguments)
        .args(files)
        .output()
        .unwrap()
}

fn printed(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn one_document_is_its_text_and_nothing_else() {
    let files = Files::new();
    let output = text(&[], &[&files.path("first.pdf")]);
    assert_eq!(printed(&output.stderr), "");
    assert_eq!(printed(&output.stdout), format!("{SENTENCE}\n"));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn an_unreadable_file_among_others_is_named_and_the_others_are_read() {
    let files = Files::new();
    let [first, login, last] = ["first.pdf", "login.pdf", "last.pdf"].map(|name| files.path(name));
    let output = text(&[], &[&first, &login, &last]);
    let heading = |path: &Path| format!("==> {} <==\n{SENTENCE}\n", path.display());
    assert_eq!(printed(&output.stdout), heading(&first) + &heading(&last));
    let complaint = format!(
        "pacer-fetch text: {}: the file is a web page, not a PDF\n",
        login.display()
    );
    assert_eq!(printed(&output.stderr), complaint);
    assert_eq!(output.status.code(), Some(1));
}

/// What is named on the command line and is not there is no fault of a page.
#[test]
fn recogniser_that_is_not_there_is_named_and_nothing_is_read() {
    let files = Files::new();
    let nowhere = files.path("nowhere").display().to_string();
    for option in ["--ocr", "--tessdata"] {
        let output = text(&[option, &nowhere], &[&files.path("first.pdf")]);
        let said = printed(&output.stderr);
        assert!(
            said.contains(&format!("{option} {nowhere}: there is no such")),
            "{said}"
        );
        assert_eq!(printed(&output.stdout), "", "{option}");
        assert_eq!(output.status.code(), Some(1), "{option}");
    }
}

#[test]
fn json_is_a_line_for_each_file_in_the_order_they_were_named() {
    let files = Files::new();
    let [login, first] = ["login.pdf", "first.pdf"].map(|name| files.path(name));
    let output = text(&["--json"], &[&login, &first]);
    let lines: Vec<Value> = printed(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [refused, read] = &lines[..] else {
        panic!("two files give two lines: {lines:?}")
    };
    assert_eq!(refused["file"], login.to_str().unwrap());
    assert_eq!(refused["ok"], false);
    let why = "the file is a web page, not a PDF";
    assert_eq!(refused["error"], why);
    assert_eq!(read["file"], first.to_str().unwrap());
    assert_eq!(read["ok"], true);
    assert_eq!(read["page_count"], 1);
    assert_eq!(read["ocr_status"], 2);
    assert_eq!(read["pages"][0]["source"], "text-layer");
    assert_eq!(read["pages"][0]["text"], SENTENCE);
    assert_eq!(output.status.code(), Some(1));
}
