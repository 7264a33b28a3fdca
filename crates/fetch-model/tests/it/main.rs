//! The table of answers, seen from outside.

use fetch_model::{
    AttemptError, FetchKind,
    decision::{Then, WhoCanHelp, billed_in_vain, decide},
    failures_page::{example, failures_page},
    fields::fields_table,
};
use pacer::page::answer::{Answer, table::Billed};

#[test]
fn the_page_of_failures_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/FAILURES.md");
    let page = std::fs::read_to_string(path).unwrap();
    assert!(
        page == failures_page(),
        "docs/FAILURES.md is stale: run `make failures` and commit it"
    );
}

/// `make api-fields` writes it.
#[test]
fn the_table_of_fields_in_the_documents_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/API.md");
    let page = std::fs::read_to_string(path).unwrap();
    let begin = page.find("| Field | Type | For types | Meaning |").unwrap();
    let end = begin + page[begin..].find("\n\n").unwrap() + 1;
    if std::env::var_os("PACER_FETCH_WRITE").is_some() {
        let fresh = format!("{}{}{}", &page[..begin], fields_table(), &page[end..]);
        std::fs::write(path, fresh).unwrap();
    } else {
        assert!(
            page[begin..end] == fields_table(),
            "the table of fields in docs/API.md is stale: run `make api-fields` and commit it"
        );
    }
}

/// What was paid for and cannot be used is never asked for again on our own account.
#[test]
fn billed_answers_are_not_repeated() {
    for answer in Answer::ALL {
        for kind in FetchKind::ALL {
            let decision = decide(answer, &example(kind));
            let harmless = matches!(answer.row().billed, Billed::No);
            let tried_again = answer.row().again
                || matches!(decision.then, Then::Stop(AttemptError::Retry { .. }));
            let unsure = matches!(answer.row().billed, Billed::Perhaps);
            let told = matches!(answer, Answer::StalePageToken | Answer::IncompleteRequest);
            // In doubt, the policy of the request decides; it is asked before the repetition.
            assert!(
                harmless || !tried_again || (unsure && !answer.row().again) || told,
                "{answer:?}"
            );
        }
    }
}

/// A replay reads what is kept, or asks the court again. Where the court has given its answer
/// neither helps: what it said is kept and would be read again.
#[test]
fn a_refusal_is_replayed_only_where_that_can_succeed() {
    for answer in Answer::ALL {
        for kind in FetchKind::ALL {
            for (court, attempts) in [("cand", 0), ("cand", 5), ("ca1", 0), ("ca1", 5)] {
                let mut about = example(kind);
                (about.court, about.attempts) = (court, attempts);
                let decision = decide(answer, &about);
                assert!(!billed_in_vain(&about).may_be_replayed(), "{kind:?}");
                let Then::Stop(AttemptError::Refuse(failure)) = decision.then else {
                    continue;
                };
                let mended =
                    decision.who_can_help == WhoCanHelp::Makers && failure.is_about_reading();
                let logged_in = failure.is_about_the_session();
                // The court was asked twice and broke down twice; it may be back.
                let back = decision.who_can_help == WhoCanHelp::Court && attempts > 0;
                assert!(
                    !failure.may_be_replayed() || mended || logged_in || back,
                    "{answer:?} of {kind:?}: {failure:?}"
                );
                let is_read_again = failure.is_about_reading();
                assert!(!is_read_again || failure.may_be_replayed(), "{answer:?}");
            }
        }
    }
}

/// Whatever a court answers, there is a sentence for whoever asked.
#[test]
fn every_end_has_a_sentence() {
    for answer in Answer::ALL {
        for kind in FetchKind::ALL {
            match decide(answer, &example(kind)).then {
                Then::GoOn | Then::Nothing | Then::NotAccepted(_) => {}
                Then::Stop(AttemptError::Snooze { reason, .. }) => {
                    assert!(reason.ends_with('.'), "{answer:?}");
                }
                Then::Stop(stop) => {
                    let said = stop.failure().map(ToString::to_string);
                    assert!(said.is_some_and(|said| said.len() > 10), "{answer:?}");
                }
            }
        }
    }
}
