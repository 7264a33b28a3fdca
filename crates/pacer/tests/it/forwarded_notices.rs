//! Notices as they arrive after people and programs handled them.

use pacer::page::notice::{Notice, NoticeEntry};
use pacer::page::{PageError, email, nef};

use crate::notices::{PLAIN_CASE, appellate, appellate_table, case_417, district, message, plain};

fn read(message: &str, court: &str) -> Notice {
    email::parse(message.as_bytes(), court)
        .unwrap()
        .expect("it is a notice")
}

fn first(notice: &Notice) -> &NoticeEntry {
    &notice.dockets[0].docket_entries[0]
}

const CASE: &str = "https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?998877";
const DOCUMENT: &str = "https://ecf.cand.uscourts.gov/doc1/035155500001?caseid=998877&amp;de_seq_num=31&amp;magic_num=424242";

/// The notice with both links written anew.
fn wrapped(wrap: impl Fn(&str) -> String) -> Notice {
    let escape = |link: &str| wrap(&link.replace("&amp;", "&")).replace('&', "&amp;");
    let page = district(&case_417(), "")
        .replace(
            &format!("<a href={CASE}>"),
            &format!("<a href='{}'>", escape(CASE)),
        )
        .replace(DOCUMENT, &escape(DOCUMENT));
    read(
        &message("FW: Activity in Case 1:24-cv-00417 Order", &page),
        "cand",
    )
}

fn percent(text: &str) -> String {
    let encoded: Vec<String> = text
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'.' | b'_' | b'-' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    encoded.concat()
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut written = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three
            .iter()
            .fold(0, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            let letter = bits >> (18 - 6 * place) & 63;
            written.push(char::from(LETTERS[letter as usize]));
        }
    }
    written
}

#[track_caller]
fn is_unwrapped(notice: &Notice, filter: &str) {
    let entry = first(notice);
    let ids = [
        &entry.pacer_doc_id,
        &entry.pacer_case_id,
        &entry.pacer_seq_no,
        &entry.pacer_magic_num,
    ];
    let ids = ids.map(|id| id.as_deref().unwrap_or("none"));
    assert_eq!(ids, ["035055500001", "998877", "31", "424242"], "{filter}");
    let plain = DOCUMENT.replace("&amp;", "&");
    assert_eq!(
        entry.document_url.as_deref(),
        Some(plain.as_str()),
        "{filter}"
    );
}

#[test]
fn links_that_filters_wrapped_are_unwrapped() {
    let safe = |link: &str| {
        format!(
            "https://nam01.safelinks.protection.outlook.com/?url={}&data=05%7C02%7Cclerk%40quill.example&reserved=0",
            percent(link)
        )
    };
    let proofpoint_2 = |link: &str| {
        format!(
            "https://urldefense.proofpoint.com/v2/url?u={}&d=DwMF&c=x",
            percent(link)
                .replace('_', "%5F")
                .replace('-', "%2D")
                .replace("%2F", "_")
                .replace('%', "-")
        )
    };
    let proofpoint_3 = |link: &str| {
        format!(
            "https://urldefense.com/v3/__{}__;Jg!!token$",
            link.replacen('&', "*", 1)
        )
    };
    is_unwrapped(&wrapped(safe), "Safe Links");
    is_unwrapped(
        &wrapped(|link| {
            format!(
                "https://urldefense.proofpoint.com/v1/url?u={}&k=x",
                percent(link)
            )
        }),
        "Proofpoint 1",
    );
    is_unwrapped(&wrapped(proofpoint_2), "Proofpoint 2");
    is_unwrapped(&wrapped(proofpoint_3), "Proofpoint 3");
    is_unwrapped(
        &wrapped(|link| {
            format!(
                "https://linkprotect.cudasvc.com/url?a={}&c=E,1,x&typo=1",
                percent(link)
            )
        }),
        "Barracuda",
    );
    is_unwrapped(
        &wrapped(|link| {
            format!(
                "https://us-west-2.protection.sophos.com?d=uscourts.gov&u={}&i=x",
                base64(link)
            )
        }),
        "Sophos",
    );
    is_unwrapped(
        &wrapped(|link| format!("https://secure-web.cisco.com/1AbC/{}", percent(link))),
        "Cisco",
    );
    is_unwrapped(
        &wrapped(|link| format!("https://url.avanan.click/v2/___{link}___.YXAzOnQ6aDpl")),
        "Avanan",
    );
    is_unwrapped(&wrapped(|link| safe(&proofpoint_2(link))), "one in another");
    is_unwrapped(
        &wrapped(|link| format!("https://filter.example/?u={}", percent(&percent(link)))),
        "encoded twice",
    );
    is_unwrapped(&wrapped(str::to_owned), "none");
}

#[test]
fn token_of_a_filter_is_no_id() {
    for link in [
        "https://protect-us.mimecast.com/s/AbCdCVO1?domain=ecf.cand.uscourts.gov",
        "https://url.us.m.mimecastprotect.com/s/123456789?domain=ecf.cand.uscourts.gov",
        "https://filter.example/?url=https%3A%2F%2Felsewhere.example%2Fdoc1%2F035155500001",
        // Paths and names like those of courts, at places that are none.
        "https://click.example.com/1234567890/doc1/99912345678",
        "https://elsewhere.example/cgi-bin/DktRpt.pl?998877",
        "https://ecf.cand.uscourts.gov.elsewhere.example/doc1/035155500001?caseid=998877",
    ] {
        let notice = wrapped(|_| link.to_owned());
        let entry = first(&notice);
        assert_eq!(entry.document_number.as_deref(), Some("7"), "{link}");
        assert_eq!(
            notice.dockets[0].docket_number.as_deref(),
            Some("1:24-cv-00417")
        );
        let ids = [
            &entry.document_url,
            &entry.pacer_doc_id,
            &entry.pacer_case_id,
            &entry.pacer_magic_num,
        ];
        assert_eq!(ids, [&None, &None, &None, &None], "{link}");
    }
}

#[test]
fn wrapped_links_of_plain_and_appellate_notices() {
    let url = DOCUMENT.replace("&amp;", "&");
    let safe = format!(
        "https://eur02.safelinks.protection.outlook.com/?url={}&data=x",
        percent(&url)
    );
    let page = plain(PLAIN_CASE, "").replace(&url, &safe);
    is_unwrapped(&read(&page, "cand"), "plain text");
    let bracketed = plain(PLAIN_CASE, "").replace(&url, &format!("<{safe}>"));
    is_unwrapped(&read(&bracketed, "cand"), "between angle brackets");

    let link = "https://ecf.ca9.uscourts.gov/docs1/00918721516?uid=b775e9";
    let page = appellate(&appellate_table(), "x").replace(
        link,
        &format!("https://linkprotect.cudasvc.com/url?a={}", percent(link)),
    );
    let notice = read(&message("24-417 Penhallow v. Nimbus", &page), "ca9");
    assert_eq!(first(&notice).pacer_doc_id.as_deref(), Some("00908721516"));
    assert_eq!(first(&notice).pacer_magic_num.as_deref(), Some("b775e9"));
}

#[test]
fn docket_text_goes_on_after_paragraphs_and_lists() {
    let text = |text: &str, court: &str| {
        let after = "<br><b>1:24-cv-00417 Notice has been electronically mailed to:</b><br>Orla o@example.com<br>";
        let page =
            district(&case_417(), after).replace("MOTION for <i>more</i> kettles # (1)", text);
        let notice = nef::parse(page.as_bytes(), court).unwrap().unwrap();
        first(&notice).description.clone()
    };
    let end = "by Orla Penhallow (Quill, Tamsin)";
    for court in ["cand", "nysb", "vaed"] {
        assert_eq!(
            text(
                "<b>Minutes: schedule set. <p>Duration: 38 minutes. <p>\nReporter: Cleo Marsh.</b>",
                court
            ),
            format!("Minutes: schedule set. Duration: 38 minutes. Reporter: Cleo Marsh. {end}")
        );
        assert_eq!(
            text("ORDER: <ul><li>one<li>two</ul> and", court),
            format!("ORDER: one two and {end}")
        );
        assert_eq!(
            text(
                "ORDER<div>first</div><table><tr><td>a</td><td>b</td></tr></table>",
                court
            ),
            format!("ORDER first a b {end}")
        );
        assert_eq!(text("ORDER", court), format!("ORDER {end}"));
    }
}

#[test]
fn each_case_keeps_its_own_docket_text() {
    let one = district(&case_417(), "").replace("kettles", "kettles <p>and lids");
    let two = district(&case_417(), "").replace("MOTION", "ORDER");
    let notice = nef::parse((one + &two).as_bytes(), "cand")
        .unwrap()
        .unwrap();
    let texts: Vec<&str> = notice
        .dockets
        .iter()
        .map(|docket| docket.docket_entries[0].description.as_str())
        .collect();
    assert_eq!(texts.len(), 2);
    assert!(
        texts[0].starts_with("MOTION")
            && texts[0].ends_with("(Quill, Tamsin)")
            && !texts[0].contains("ORDER"),
        "{texts:?}"
    );
    assert!(texts[1].starts_with("ORDER"), "{texts:?}");
}

#[test]
fn notice_that_names_another_kind_of_notice_is_what_it_calls_itself() {
    let head = "<b>Notice of Electronic Filing</b>";
    let page = head.to_owned()
        + &district(&case_417(), "").replace("MOTION", "LETTER with a Notice of Docket Activity");
    for court in ["cand", "nysb"] {
        let notice = nef::parse(page.as_bytes(), court).unwrap().unwrap();
        assert!(!notice.appellate);
        assert_eq!(first(&notice).pacer_seq_no.as_deref(), Some("31"));
    }
    let page = appellate(&appellate_table(), "x")
        .replace("LETTER", "LETTER about a Notice of Electronic Filing");
    assert!(read(&message("24-417", &page), "ca9").appellate);
    let page = plain(PLAIN_CASE, "").replace(
        "ORDER about",
        "ORDER about the Notice of Docket Activity of",
    );
    assert!(!read(&page, "cand").appellate);
}

#[test]
fn plain_docket_text_may_speak_of_documents_and_notices() {
    let end = "1:24-cv-00417-ABC Notice has been electronically mailed to:\nOrla Penhallow\n  orla@example.com\n\n\
        The following document(s) are associated with this transaction:\nDocument description: Main Document\n";
    let text = "ORDER. The following documents are stricken: 3 and\n4. Notice has been given to all, and was electronically mailed to: nobody.\nThe following document is kept: 5.";
    let page = plain(PLAIN_CASE, end).replace("<b>ORDER about\nthe kettle</b>", text);
    for court in ["cand", "nysb", "flmd"] {
        let expected = format!("{} (Quill, Tamsin)", text.replace('\n', " "));
        assert_eq!(first(&read(&page, court)).description, expected);
    }
}

/// A second case of a plain notice, with its own numbers.
const SECOND: &str = "Case Name: Corr v. Nimbus\n\nCase Number: 1:24-cv-00588-XYZ https://ecf.cand.uscourts.gov/cgi-bin/DktRpt.pl?430810\n\
    Document Number: 88\n\nCopy the URL address from the line below into the location bar\nof your Web browser to view the document:\n\
    https://ecf.cand.uscourts.gov/doc1/035155500001?caseid=430810&de_seq_num=301&magic_num=\n\n";

#[test]
fn plain_notice_of_several_cases_has_a_docket_for_each() {
    let page = plain(PLAIN_CASE, "").replace("Docket Text:", &format!("{SECOND}Docket Text:"));
    for court in ["cand", "nysd", "nysb"] {
        let notice = read(&page, court);
        let found: Vec<_> = notice
            .dockets
            .iter()
            .map(|docket| {
                let entry = &docket.docket_entries[0];
                (
                    docket.case_name.as_str(),
                    docket.docket_number.as_deref().unwrap(),
                    entry.document_number.as_deref().unwrap(),
                    entry.pacer_case_id.as_deref().unwrap(),
                    entry.pacer_seq_no.as_deref().unwrap(),
                    entry.pacer_magic_num.as_deref(),
                )
            })
            .collect();
        let expected = [
            (
                "Penhallow v. Nimbus",
                "1:24-cv-00417",
                "7",
                "998877",
                "31",
                Some("424242"),
            ),
            (
                "Corr v. Nimbus",
                "1:24-cv-00588",
                "88",
                "430810",
                "301",
                None,
            ),
        ];
        assert_eq!(found, expected, "{court}");
        for docket in &notice.dockets {
            let entry = &docket.docket_entries[0];
            assert_eq!(entry.description, "ORDER about the kettle (Quill, Tamsin)");
        }
    }
}

#[test]
fn plain_appellate_notice_of_several_cases_is_refused() {
    let page = plain(PLAIN_CASE, "")
        .replace("Notice of Electronic Filing", "Notice of Docket Activity")
        .replace("Docket Text:", &format!("{SECOND}Docket Text:"));
    assert_eq!(
        email::parse(page.as_bytes(), "ca9"),
        Err(PageError::Bad("number of cases for its form"))
    );
}

/// What tells the entry of the plain notice: text, number, document and ids.
fn told(notice: &Notice) -> [String; 5] {
    let entry = first(notice);
    let text = |id: &Option<String>| id.clone().unwrap_or_default();
    [
        entry.description.clone(),
        text(&entry.document_number),
        text(&entry.pacer_doc_id),
        text(&entry.pacer_case_id),
        text(&entry.pacer_magic_num),
    ]
}

#[test]
fn address_that_a_program_has_cut_is_put_together() {
    let url = DOCUMENT.replace("&amp;", "&");
    let whole = plain(PLAIN_CASE, "");
    for court in ["cand", "nysb", "flmd"] {
        let expected = told(&read(&whole, court));
        for cut in [
            url.find("998877").unwrap() + 3,
            url.find("&de_seq").unwrap(),
            url.find("424242").unwrap() + 4,
        ] {
            for end in ["\n", "\r\n", "=\n"] {
                let folded = format!("{}{end}{}", &url[..cut], &url[cut..]);
                let page = whole.replace(&url, &folded);
                assert_eq!(told(&read(&page, court)), expected, "{folded:?} at {court}");
            }
        }
        // What is below the address is no part of it.
        let page = whole.replace(&url, &format!("{url}\nFiler: 7"));
        assert_eq!(told(&read(&page, court)), expected);
    }
}

#[test]
fn plain_notice_that_is_quoted_reads_the_same() {
    let page = plain(PLAIN_CASE, "").replace("Docket Text:", &format!("{SECOND}Docket Text:"));
    let (header, body) = page.split_once("\n\n").unwrap();
    for court in ["cand", "nysd", "nysb"] {
        let expected = read(&page, court);
        for sign in ["> ", ">", ">> ", "> > "] {
            let quoted: String = body.lines().map(|line| format!("{sign}{line}\n")).collect();
            let forwarded = format!("{header}\n\nSee below.\n\n{quoted}");
            let found = read(&forwarded, court);
            assert_eq!(found.dockets, expected.dockets, "{sign:?} at {court}");
        }
    }
}

#[test]
fn cases_of_a_plain_notice_may_have_texts_of_their_own() {
    let own =
        format!("Docket Text:\nMINUTES of the kettle. (Quill, Tamsin)\n\n{SECOND}Docket Text:");
    let page = plain(PLAIN_CASE, "").replace("Docket Text:", &own);
    for court in ["cand", "nysd", "nysb"] {
        let notice = read(&page, court);
        let texts: Vec<&str> = notice
            .dockets
            .iter()
            .map(|docket| &*docket.docket_entries[0].description)
            .collect();
        let expected = [
            "MINUTES of the kettle. (Quill, Tamsin)",
            "ORDER about the kettle (Quill, Tamsin)",
        ];
        assert_eq!(texts, expected, "{court}");
    }
    // A text that quotes the lines of another case is one text.
    let quoting = plain(PLAIN_CASE, "").replace(
        "the kettle</b>",
        "the kettle</b>\nCase Name: Corr v. Finch\nCase Number: 1:23-cv-00001\nis related",
    );
    let notice = read(&quoting, "cand");
    assert_eq!(notice.dockets.len(), 1);
    assert!(
        first(&notice)
            .description
            .contains("1:23-cv-00001 is related")
    );
}

#[test]
fn words_in_place_of_a_number_are_no_number() {
    for (words, court) in [
        ("No document attached", "cand"),
        ("doc", "nysb"),
        ("(No document attached)", "flmd"),
    ] {
        let page = plain(&PLAIN_CASE.replace(": 7", &format!(": {words}")), "");
        assert_eq!(first(&read(&page, court)).document_number, None, "{words}");
    }
}
