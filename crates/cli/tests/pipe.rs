//! A command whose output nobody reads any more ends as others of the shell do, without a word.

use std::process::{Command, Stdio};

/// What a shell says of a command that died of SIGPIPE.
const KILLED_BY_PIPE: i32 = 141;

#[test]
fn command_whose_reader_has_gone_says_nothing() {
    let home = tempfile::tempdir().unwrap();
    // Printed with the macros of the language, and by the parser of the command line.
    for (arguments, status) in [
        (&["keys", "keys"][..], KILLED_BY_PIPE),
        (&["--help"][..], 0),
        (&["--version"][..], 0),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Command::new(env!("CARGO_BIN_EXE_pacer-fetch"))
            .args(arguments)
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(writer)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), said.as_str()),
            (Some(status), ""),
            "{arguments:?}"
        );
    }
    // It had come as far as to print.
    assert!(home.path().join("keys/session.key").exists());
}
