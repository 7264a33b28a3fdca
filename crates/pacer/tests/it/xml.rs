//! XML that is broken, hostile or unusual, read as a docket of the archive.

use std::time::Duration;

use pacer::page::PageError;
use pacer::page::ia_docket::{IaDocket, parse};

use crate::{pages::archived_docket, worked::worked};

fn read(page: &str) -> IaDocket {
    parse(page.as_bytes(), "cand").expect("the docket can be read")
}

fn name(text: &str) -> String {
    read(&format!("<docket><case_name>{text}</case_name></docket>")).case_name
}

#[test]
fn references_are_decoded_once_and_unknown_ones_stay() {
    assert_eq!(
        read("<d><case_name/><nature_of_suit>A &lt; B &#65;&#x42; &amp;lt; &eacute; &#0; &bad & c</nature_of_suit></d>")
            .nature_of_suit,
        "A < B AB &lt; &eacute; &#0; &bad & c"
    );
}

#[test]
fn marked_data_is_text_as_it_is() {
    assert_eq!(
        name("Orla <![CDATA[v. <Nimbus &amp; Co>]]>"),
        "Orla v. <Nimbus & Co>"
    );
    assert_eq!(
        read("<d><case_name/><case_cause><![CDATA[a &amp; b]]></case_cause></d>").cause,
        "a &amp; b"
    );
}

#[test]
fn text_ends_where_markup_begins() {
    assert_eq!(name("Orla<!-- or Wren --> v. Nimbus"), "Orla");
    assert_eq!(name("<?x?>Orla<b>bold</b> v. Nimbus"), "Orla");
}

#[test]
fn missing_end_tags_end_with_the_element_around() {
    let page = archived_docket()
        .replace("</short_desc>", "")
        .replace("</long_desc>", "");
    let docket = read(&page);
    assert_eq!(docket.docket_entries.len(), 2);
    assert_eq!(
        docket.docket_entries[0].pacer_seq_no.as_deref(),
        Some("100")
    );
}

#[test]
fn end_tags_of_nothing_are_passed_over() {
    let page = archived_docket().replace("<type>", "</font></b><type>");
    assert_eq!(read(&page), read(&archived_docket()));
}

#[test]
fn sign_that_starts_no_tag_is_text() {
    assert_eq!(name("Orla <3 v. Nimbus < Co"), "Orla <3 v. Nimbus < Co");
}

#[test]
fn quote_that_never_ends_does_not_swallow_the_page() {
    let page = archived_docket().replace("doc_num='2'", "doc_num='2");
    assert_eq!(read(&page).docket_entries.len(), 1);
    let page = archived_docket().replace("<party_list>", "<party_list x=\"y>");
    assert_eq!(read(&page).docket_entries.len(), 2);
}

#[test]
fn torn_document_keeps_what_came() {
    let page = archived_docket();
    let end = page.find("<document doc_num='2'").unwrap();
    for torn in [&page[..end], &page[..end + 12]] {
        assert_eq!(read(torn).docket_entries.len(), 1);
    }
}

#[test]
fn latin_1_and_controls_are_no_obstacle() {
    let page = archived_docket().replace("Orla", "Zo\u{eb}\u{1}");
    let latin: Vec<u8> = page.chars().map(|letter| letter as u8).collect();
    assert_eq!(
        parse(&latin, "cand").unwrap().parties[0].name,
        "Zo\u{eb} Penhallow"
    );
}

#[test]
fn entities_of_the_document_are_never_expanded() {
    let mut bomb = String::from("<!DOCTYPE d [<!ENTITY a0 'ha<case_name>evil</case_name>'>");
    for level in 1..30 {
        let below = format!("&a{};", level - 1).repeat(10);
        bomb.push_str(&format!("<!ENTITY a{level} '{below}'>"));
    }
    let start = worked();
    let docket = read(&(bomb + "] ><d><case_name>x &a29; y</case_name></d>"));
    assert_eq!(docket.case_name, "x &a29; y");
    assert!(worked() - start < Duration::from_secs(1));
}

#[test]
fn hostile_documents_take_linear_time() {
    let start = worked();
    for part in [
        "<a>",
        "</a>",
        "<a b='",
        "<",
        "&",
        "&amp",
        "<![CDATA[",
        "<!--",
        "<!D [",
        "]",
        "<a><document_list>",
        "<party_list><party><name>x",
        "<document doc_num='1' attachment_num='0'>",
        "x=y ",
    ] {
        for before in ["", "<a><document_list>", "<a "] {
            let page = before.to_owned() + &part.repeat(200_000);
            let _ = parse(page.as_bytes(), "cand");
        }
    }
    assert!(
        worked() - start < Duration::from_secs(60),
        "took {:?}",
        worked() - start
    );
}

#[test]
fn document_of_another_kind_fails() {
    for page in ["", "<html><p>Not here", "{}"] {
        assert_eq!(
            parse(page.as_bytes(), "cand"),
            Err(PageError::Missing("docket")),
            "{page}"
        );
    }
}
