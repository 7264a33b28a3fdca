//! The same trees as html5ever builds with its own tokenizer, and the same elements as the selectors of
//! scraper find.

use html5ever::ParseOpts;
use html5ever::driver::{Parser, parse_fragment};
use html5ever::tendril::TendrilSink;
use proptest::prelude::*;

use super::*;

mod selectors;

/// What html5ever makes of a page all by itself, for that sink.
fn parser<S: TreeSink>(sink: S) -> Parser<S> {
    let parse_options = ParseOpts {
        tree_builder: options(),
        ..ParseOpts::default()
    };
    let context = QualName::new(None, ns!(html), local_name!("div"));
    parse_fragment(sink, parse_options, context, Vec::new(), false)
}

/// The tree that html5ever makes of a page all by itself.
fn reference(html: &str) -> Page {
    let mut raw = parser(Sink::new(0)).one(html);
    flatten::flatten(&mut raw, Scripts::Keep)
}

#[track_caller]
fn check(html: &str) {
    assert_eq!(
        Page::build(html, Scripts::Keep),
        Ok(reference(html)),
        "{html:?}"
    );
}

#[test]
fn tags_and_attributes_are_told_apart() {
    for html in [
        "<p>a<br>b</p >c<BR/>d",
        "<a href=x?a=1&copy=2&amp;b HREF=y onClick='go(\"1\")' id = \"z\">t</a x=y>",
        "<input type=hidden value='a&quot;b'/><input/value=1>",
        "<font color=red><font color=blue><font color=red><font color=red><p>x",
        "<a =href=1 name='x'id=y>t",
        "<td><tr>no table<table><td>x<b>y</table>z",
        "< b>a<b",
        "a</",
        "a</>b</ x>c</1>",
        "<",
        "<a href='open",
        "<a href=x/>y",
        "<a href=>y",
        "<svg><td><title>&lt;</title><![CDATA[a]]b]]>c</svg>",
        "<math><annotation-xml encoding=text/html><p>x",
        "<template><td>x</template>y",
    ] {
        check(html);
    }
}

#[test]
fn comments_end_where_they_should() {
    for html in [
        "a<!-- b -->c",
        "a<!-->b-->c",
        "a<!--->b",
        "a<!---->b",
        "a<!---!>b-->c",
        "a<!--b--!>c",
        "a<!--b--!-->c",
        "a<!--b--->c",
        "a<!--b",
        "a<!--b-",
        "a<!--b--",
        "a<!--b--!",
        "a<!-",
        "a<!--",
        "a<!---",
        "a<!b>c",
        "a<?xml x?>b",
        "a<!DOCTYPE html>b",
        "a<!doctype 'x>y'>b",
        "a<![CDATA[b]]>c",
        "a<!b",
    ] {
        check(html);
    }
}

#[test]
fn raw_text_ends_where_it_should() {
    for html in [
        "<script>a<b>c</script>d",
        "<script>a</scriptx></SCRIPT >d",
        "<script><!-- <script> </script> --></script>x",
        "<script><!-- <script> </script> </script>x",
        "<script><!--></script>x",
        "<script><!---></script>x",
        "<script><!--<script/</script>--></script>x",
        "<script>never",
        "<style><b></style><b>x",
        "<title>a&amp;b<b></title>c",
        "<textarea>\n\na</textarea>b",
        "<textarea>a</textarea",
        "<xmp><b></xmp><iframe><b></iframe><noscript><b>x</noscript><plaintext>a<b>c</plaintext>",
        "<pre>\r\n\r\na</pre>",
    ] {
        check(html);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Pieces that tokenizers stumble over, in any order.
    #[test]
    fn soups_give_the_same_tree(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40),
    ) {
        let html = pieces.concat();
        prop_assert_eq!(Page::build(&html, Scripts::Keep), Ok(reference(&html)));
        // No court sends formulas or drawings, in which the two disagree on what an element is.
        if !["<math", "<svg", "<template"].iter().any(|foreign| html.contains(foreign)) {
            prop_assert_eq!(selectors::difference(&html), None);
        }
    }
}

const PIECES: &[&str] = &[
    "<",
    ">",
    "/",
    "=",
    "'",
    "\"",
    "&",
    ";",
    "-",
    "--",
    "!",
    "?",
    " ",
    "\n",
    "\r\n",
    "\r",
    "a",
    "b=c",
    "é",
    "<b>",
    "</b>",
    "<p>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<font size=1>",
    "<font size=2 x=y>",
    "<a href=x&amp;y>",
    "</a>",
    "<script>",
    "</script>",
    "<!--",
    "-->",
    "<style>",
    "</style>",
    "<title>",
    "</title>",
    "<textarea>",
    "</textarea>",
    "&nbsp;",
    "&nbsp",
    "&#160",
    "&#x41;",
    "&not",
    "in;",
    "<input type=hidden>",
    "<form>",
    "</form>",
    "<select>",
    "<option>",
    "<svg>",
    "</svg>",
    "<math>",
    "<![CDATA[",
    "]]>",
    "<template>",
    "</template>",
    "<br/>",
    "<i",
    " id=x",
    " CLASS='y'",
    "<li>",
    "<center>",
    "</center>",
    "<h3>",
    "</h2>",
    "<pre>",
    "<nobr>",
    "<iframe>",
    "</iframe>",
];
