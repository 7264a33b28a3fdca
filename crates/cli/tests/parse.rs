//! `pacer-fetch parse` as a program: what it says about files that are not of the kind.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn program() -> Command {
    Command::new(Path::new(env!("CARGO_BIN_EXE_pacer-fetch")))
}

fn parse(kind: &str, court: &str, file: &str) -> Output {
    program()
        .args(["parse", kind, "--court", court, file])
        .output()
        .unwrap()
}

const MENU: &str = "<b>Document Selection Menu</b><table><tr><td>Document Number:</td><td>\
    <a href='/doc1/035155500001'>7</a></td><td>2 pages</td></tr></table>";

fn docket(entries: usize) -> String {
    let row =
        "<tr><td>03/05/2024</td><td><a href='/doc1/035112345'>1</a></td><td>COMPLAINT.</td></tr>";
    format!(
        "<h3>CIVIL DOCKET FOR CASE #: 1:24-cv-00417-ABC</h3>\
         <table><tr><td>Penhallow v. Nimbus</td><td>Date Filed: 03/05/2024</td></tr></table>\
         <table><tr><td>Date Filed</td><th>#</th><td>Docket Text</td></tr>{}</table>",
        row.repeat(entries)
    )
}

#[test]
fn file_that_is_not_of_the_kind_is_named_for_what_it_seems_to_be() {
    let folder = Folder::new();
    let files = [
        ("empty", "".as_bytes(), "an empty file"),
        ("blank", b" \n\t", "an empty file"),
        ("pdf", b"%PDF-1.7\n", "a PDF document"),
        ("text", b"A docket, in words.", "plain text"),
        ("picture", b"\x89PNG\r\n", "a picture"),
        (
            "menu",
            MENU.as_bytes(),
            "a menu of attachments (attachment-page)",
        ),
        ("json", b"{\"a\": 1}", "JSON that is not of a court"),
        (
            "mail",
            b"From: a@example.com\nSubject: x\n\nHello",
            "a message (email)",
        ),
        (
            "web",
            b"<html><p>Kettles for sale</p></html>",
            "a page that is not of a court",
        ),
    ];
    for (name, content, seems) in files {
        let file = folder.file(name, content);
        for (kind, court) in [
            ("docket", "cand"),
            ("docket-history", "nysd"),
            ("appellate-docket", "ca9"),
        ] {
            let output = parse(kind, court, &file);
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{name} as {kind}: {said}");
            assert!(output.stdout.is_empty(), "{name} as {kind}");
            assert!(
                said.contains(seems) && said.contains(&file),
                "{name} as {kind}: {said}"
            );
        }
    }
}

#[test]
fn page_that_a_court_shows_in_place_of_another_is_empty() {
    let folder = Folder::new();
    let login = "<script>document.location = \"https://pacer.login.uscourts.gov/csologin/login.jsf\";</script>";
    let saml = "<form method=post action='https://ca9-showdoc.example/Saml2/Acs'>\
        <input type=hidden name='SAMLResponse' value='x'></form>";
    let form = "<form action='/cgi-bin/login.pl' method=post name='GetPass'>\
        <table><tr><td><a href='https://pacer.example/'>CM/ECF</a></td></tr></table></form>";
    let refusal = "<div id='cmecfMainContent'><h3>Case not found.</h3></div>";
    for (kind, page) in [
        ("docket", login),
        ("docket", saml),
        ("docket", refusal),
        ("appellate-docket", saml),
        ("appellate-docket", login),
        ("docket-history", saml),
        ("docket-history", refusal),
        ("confirmation-page", MENU),
    ] {
        let output = parse(kind, "cand", &folder.file("page", page.as_bytes()));
        assert_eq!(output.status.code(), Some(0), "{page} as {kind}");
        assert_eq!(output.stdout, b"{}\n", "{page} as {kind}");
    }
    for kind in [
        "mobile-query",
        "free-opinion-report",
        "claims-register",
        "nef",
        "case-query-advanced",
        "attachment-page",
        "docket",
    ] {
        for page in [login, saml, form] {
            let output = parse(kind, "nysb", &folder.file("page", page.as_bytes()));
            assert_eq!(output.status.code(), Some(0), "{page} as {kind}");
            assert_eq!(output.stdout, b"{}\n", "{page} as {kind}");
        }
    }
    let output = parse("login-check", "cand", &folder.file("page", b""));
    assert_eq!(output.stdout, b"false\n");
}

#[test]
fn batch_marks_what_is_not_of_the_kind_and_goes_on() {
    let folder = Folder::new();
    let files = [
        folder.file("empty", b""),
        folder.file("docket", docket(1).as_bytes()),
        folder.file("menu", MENU.as_bytes()),
    ];
    let list: Vec<String> = files
        .iter()
        .map(|file| serde_json::json!({"file": file, "court": "nowhere"}).to_string())
        .collect();
    let list = folder.file("list", list.join("\n").as_bytes());
    let output = program()
        .args(["parse", "docket", "--batch", &list])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<Value> = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    let ok: Vec<bool> = lines
        .iter()
        .map(|line| line["ok"].as_bool().unwrap())
        .collect();
    assert_eq!(ok, [false, true, false]);
    assert!(
        lines[2]["error"]
            .as_str()
            .unwrap()
            .contains("a menu of attachments")
    );
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said.matches("no court has the id 'nowhere'").count(),
        1,
        "{said}"
    );
}

#[test]
fn unknown_court_is_read_with_a_warning() {
    let folder = Folder::new();
    let file = folder.file("docket", docket(1).as_bytes());
    let output = parse("docket", "zzzz", &file);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("warning: no court has the id 'zzzz'")
    );
    assert!(parse("docket", "cand", &file).stderr.is_empty());
}

/// A page of another court than was named is read, as pages of unknown courts are; whoever named the
/// wrong one hears of it.
#[test]
fn page_of_another_court_is_read_with_a_warning_that_names_both() {
    let folder = Folder::new();
    let file = folder.file("docket", docket(2).as_bytes());
    let menu = folder.file("menu", MENU.as_bytes());
    for (kind, named, file) in [
        ("docket", "nysd", &file),
        ("docket", "nysb", &file),
        ("attachment-page", "ca9", &menu),
    ] {
        let output = parse(kind, named, file);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(!output.stdout.is_empty());
        for word in [file, "'cand'", &format!("'{named}'"), "warning"] {
            assert!(said.contains(word), "{word}: {said}");
        }
        assert!(parse(kind, "cand", file).stderr.is_empty());
    }
    let line = format!("{{\"file\": {file:?}, \"court\": \"nysd\"}}\n");
    let list = folder.file("list", line.repeat(5).as_bytes());
    let output = program()
        .args(["parse", "docket", "--batch", &list])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.matches("warning").count(), 1, "{said}");
}

#[test]
fn reader_that_has_had_enough_ends_the_command_quietly() {
    let folder = Folder::new();
    // More than a pipe holds.
    let file = folder.file("docket", docket(20_000).as_bytes());
    let list = folder.file(
        "list",
        format!("{{\"file\": {file:?}, \"court\": \"cand\"}}\n")
            .repeat(3)
            .as_bytes(),
    );
    for arguments in [
        vec!["parse", "docket", "--court", "cand", &file],
        vec!["parse", "docket", "--batch", &list],
    ] {
        let mut child = program()
            .args(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::with_capacity(16, child.stdout.take().unwrap());
        output.fill_buf().unwrap();
        drop(output);
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        let status = child.wait().unwrap();
        assert_eq!(
            (status.code(), said.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}
