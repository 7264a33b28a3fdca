//! What happens to children.

use std::time::Duration;

use dev_stack::child::{CommandSpec, Signal};

const SOON: Duration = Duration::from_secs(10);

fn sleeper() -> CommandSpec {
    CommandSpec::new("sleep", "sleep", None).arguments(["1000"])
}

#[tokio::test]
async fn a_child_ends_when_it_is_asked_to() {
    let mut child = sleeper().start().unwrap();
    assert!(child.ended().is_none());
    child.signal(Signal::Terminate).unwrap();
    assert!(!child.wait(SOON).await.unwrap().success());
    assert!(
        child.signal(Signal::Terminate).is_err(),
        "nobody is there to be signalled"
    );
}

#[tokio::test]
async fn a_dropped_child_is_gone_at_once() {
    let child = sleeper().start().unwrap();
    let directory = format!("/proc/{}", child.id());
    assert!(std::fs::exists(&directory).unwrap());
    drop(child);
    assert!(!std::fs::exists(&directory).unwrap());
}

#[tokio::test]
async fn a_child_sees_only_the_environment_it_was_given() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("env.log");
    let mut recipe = CommandSpec::new("env", "env", Some(log.clone()));
    recipe
        .environment
        .insert("ONLY".to_owned(), "this".to_owned());
    recipe.start().unwrap().wait(SOON).await.unwrap();
    let output = std::fs::read_to_string(log).unwrap();
    let mut names: Vec<&str> = output
        .lines()
        .filter_map(|line| line.split('=').next())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["LANG", "ONLY", "PATH"]);
}

#[tokio::test]
async fn a_child_that_does_not_stop_is_killed() {
    let script = "trap '' TERM; while :; do sleep 1; done";
    let mut child = CommandSpec::new("stubborn", "sh", None)
        .arguments(["-c", script])
        .start()
        .unwrap();
    child.stop(Duration::from_millis(200)).await;
    assert!(child.ended().is_some());
}
