//! Messages around notices: which part counts, and how it is written.

use std::{fmt::Write, time::Duration};

use pacer::page::{PageError, email};

use crate::worked::worked;

const NOTICE: &str = "<p>filed on 3/5/2024</p><table><tr><td>Case Name:</td><td>Orla v. Caf\u{e9}</td></tr></table>\
     <p><strong>Docket Text:</strong> ORDER</p>";

/// The name of the case, to see which part was read and how.
fn name(message: impl AsRef<[u8]>) -> String {
    let notice = email::parse(message.as_ref(), "cand")
        .unwrap()
        .expect("it is a notice");
    notice.dockets[0].case_name.clone()
}

fn text_of(message: &str) -> Result<bool, PageError> {
    email::parse(message.as_bytes(), "cand").map(|notice| notice.is_some())
}

fn part(kind: &str, content: &str) -> String {
    format!("Content-Type: {kind}\n\n{content}")
}

fn named(name: &str) -> String {
    part("text/html", &NOTICE.replace("Caf\u{e9}", name))
}

/// Parts inside of a part, then one after it.
fn nested(kinds: [&str; 3], close: &str) -> String {
    let [first, second, third] =
        ["First", "Second", "Third"].map(|name| NOTICE.replace("Caf\u{e9}", name));
    format!(
        "Content-Type: multipart/mixed; x=\"a;b\";\n\tboundary=in\n\nno --in\n--in\n\
         content-type: MULTIPART/alternative; boundary = \"in_1\"\n\npreamble\n--in_1\n{}\n--in_1\n{}\n{close}\
         --in\n{}\n--in--\n",
        part(kinds[0], &first),
        part(kinds[1], &second),
        part(kinds[2], &third),
    )
}

#[test]
fn first_text_counts_however_deep() {
    let message = nested(["text/html"; 3], "--in_1--\nepilogue\n");
    assert_eq!(name(&message), "Orla v. First");
    assert_eq!(name(message.replace('\n', "\r\n")), "Orla v. First");
    let inner = ["application/pdf", "text/html; charset=x", "text/html"];
    assert_eq!(name(nested(inner, "--in_1-- \n")), "Orla v. Second");
    let outer = ["application/pdf", "text/calendar", "text/html"];
    assert_eq!(name(nested(outer, "--in_1--\nepilogue\n")), "Orla v. Third");
    assert_eq!(
        name(nested(outer, "")),
        "Orla v. Third",
        "an outer delimiter closes what is inside"
    );
}

#[test]
fn forwarded_message_is_read() {
    let message = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: x\n{}\n--b--\n",
        named("Nimbus")
    );
    assert_eq!(name(message), "Orla v. Nimbus");
}

#[test]
fn transfer_encodings_are_undone() {
    let message = |encoding: &str, body: &str| {
        format!(
            "content-transfer-encoding: {encoding}\ncontent-type: text/html; charset=utf-16\n\n{body}"
        )
    };
    let quoted = NOTICE
        .replace("Caf\u{e9}", "Ca=\r\nf=C3=A9")
        .replace("<table>", "<table x==3D=>");
    assert_eq!(
        name(message("Quoted-Printable ", &quoted)),
        "Orla v. Caf\u{e9}"
    );
    let base64 = "PHA+ZmlsZWQgb24gMy81LzIwMjQ8L3A+PHRhYmxlPjx0cj48dGQ+Q2FzZSBOYW1lOjwvdGQ+PHRk\n\
         Pk9ybGEgdi4gQ2Fmw6k8L3RkPjwvdHI+PC90YWJsZT48cD48c3Ryb25nPkRvY2tldCBUZXh0Ojwv\n\
         c3Ryb25nPiBPUkRFUjwvcD4=\n";
    assert_eq!(name(message("BASE64", base64)), "Orla v. Caf\u{e9}");
    let latin: Vec<u8> = message("8bit", NOTICE)
        .chars()
        .map(|letter| letter as u8)
        .collect();
    assert_eq!(
        name(latin),
        "Orla v. Caf\u{e9}",
        "whatever the message says"
    );
}

#[test]
fn html_that_is_encoded_twice_still_joins() {
    let message = part(
        "text/html",
        &NOTICE.replace("Caf\u{e9}", "Ket=\ntle\nWorks"),
    );
    assert_eq!(name(message), "Orla v. Kettle Works");
}

#[test]
fn message_with_a_picture_is_no_notice() {
    let message = |kind: &str| {
        format!(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n{}\n--b\n{}\n--b--\n",
            named("Nimbus"),
            part(kind, "")
        )
    };
    assert_eq!(text_of(&message("application/pdf")), Ok(true));
    assert_eq!(text_of(&message("image/png")), Ok(false));
}

#[test]
fn message_without_text_is_refused() {
    for message in [
        part("application/pdf", NOTICE),
        part("multipart/mixed", NOTICE),
        part("multipart/mixed; boundary=b", NOTICE),
    ] {
        assert_eq!(
            text_of(&message),
            Err(PageError::Missing("text")),
            "{message}"
        );
    }
}

#[test]
fn header_of_a_mail_box_and_odd_headers_are_passed_over() {
    let subject = |header: &str| {
        let message = format!("{header}Content-Type: text/html\n\n{NOTICE}");
        let notice = email::parse(message.as_bytes(), "cand").unwrap().unwrap();
        notice.dockets[0].docket_entries[0]
            .short_description
            .clone()
    };
    assert_eq!(
        subject(
            "From orla@example.com Fri Mar 15 09:54:26 2024\nX-A:\n b\nSUBJECT:Orla v. Caf\u{e9}\n\tOrder\nSubject: no\n"
        ),
        "Order"
    );
    assert_eq!(subject("Subject: =?utf-8?Q?Order?=\n"), "=?utf-8?Q?Order?=");
    assert_eq!(subject(""), "");
}

#[test]
fn endless_subject_is_refused() {
    let message = format!("Subject: {}\n{}", "a b ".repeat(3_000), named("Nimbus"));
    assert_eq!(text_of(&message), Err(PageError::Bad("subject")));
}

#[test]
fn nested_parts_cost_neither_stack_nor_time() {
    let mut message = String::new();
    for level in 0..50_000 {
        write!(
            message,
            "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
        )
        .expect("strings can be written to");
    }
    let start = worked();
    assert_eq!(text_of(&message), Err(PageError::TooDeep));
    let inside = "Content-Type: message/rfc822\n\n".repeat(50_000) + &named("Nimbus");
    assert_eq!(text_of(&inside), Ok(true));
    let many = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n{}\n{}",
        named("Nimbus"),
        "--b\n\nx\n".repeat(50_000)
    );
    assert_eq!(text_of(&many), Ok(true));
    let took = worked() - start;
    assert!(took < Duration::from_secs(10), "took {took:?}");
}

/// The best of five, so that a busy machine does not decide.
fn time_of(message: &str) -> Duration {
    let best = (0..5).map(|_| {
        let start = worked();
        let _ = email::parse(message.as_bytes(), "nysb");
        worked() - start
    });
    best.min().expect("five times were measured")
}

#[test]
fn time_grows_with_the_recipients_and_not_faster() {
    let page = |headings: usize| {
        let list = "<b>Notice has been electronically mailed to:</b> Orla o@example.com";
        named("Nimbus") + &list.repeat(headings)
    };
    let (small, large) = (time_of(&page(4_000)), time_of(&page(32_000)));
    // Eight times the work; a quadratic step would take sixty-four times as long.
    assert!(
        large < small * 24,
        "4,000 headings take {small:?}, 32,000 take {large:?}"
    );
}

#[test]
fn notice_that_multiplies_its_size_is_refused() {
    let name = "Orla ".repeat(20_000);
    let tables = "<table><tr><td>".repeat(300);
    let message = part(
        "text/html",
        &format!(
            "filed on 3/5/2024{tables}<table><tr><td>Case Name:</td><td>{name}</td></tr></table></table>"
        ),
    ) + &"</table>".repeat(300)
        + "<p><strong>Docket Text:</strong>ORDER</p>";
    assert_eq!(text_of(&message), Err(PageError::Bad("number of cases")));
    let tables = "<table><tr><td>Case Name:</td><td>O</td></tr></table>".repeat(2_001);
    let message = part("text/html", &format!("{tables}{NOTICE}"));
    assert_eq!(text_of(&message), Err(PageError::Bad("number of cases")));
}

#[test]
fn cell_of_many_tables_is_read_once() {
    let page = |tables: usize| {
        let cell = "<i></i>".repeat(50_000);
        let page = format!(
            "filed on 3/5/2024{}<td>Case Name: Case Number: Document Number:</td><td>{cell}</td>{}\
             <p><strong>Docket Text:</strong>ORDER</p>",
            "<table><tr><td>".repeat(tables),
            "</td></tr></table>".repeat(tables)
        );
        part("text/html", &page)
    };
    assert_eq!(text_of(&page(2)), Ok(true));
    let (few, many) = (time_of(&page(2)), time_of(&page(400)));
    assert!(
        many < few * 4,
        "a cell takes {few:?} in two tables, {many:?} in many"
    );
}
