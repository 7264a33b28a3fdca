//! A page to read the document and to try its calls. All of it is in this program, and it loads nothing else.

use axum::{
    http::{HeaderName, Uri, header},
    response::{Html, IntoResponse, Response},
    routing::{MethodRouter, get},
};

use super::{Answer, Content, Operation, Place, tag};
use crate::{api::Api, dialect::gate};

/// The page runs its own script and style, calls this service, and is shown in no other page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("assets/index.html");
const SCRIPT: &str = include_str!("assets/docs.js");
const STYLE: &str = include_str!("assets/docs.css");

/// For who reads it first: as it is written, since every browser shows text.
const GUIDE: &str = include_str!("../../../../docs/GUIDE.md");

const GUIDE_TOLD: Operation = Operation::get(
    "docs_guide",
    tag::SERVICE,
    "From a token to a docket in five minutes",
)
.answers(&[Answer::new(
    200,
    "The guide, as text.",
    Content::Text("text/plain"),
)]);

const PAGE_TOLD: Operation = Operation::get("docs", tag::SERVICE, "A page to read and to try this")
    .about("No account is needed to read it.")
    .answers(&[Answer::new(200, "The page.", Content::Text("text/html"))]);

const SCRIPT_TOLD: Operation =
    Operation::get("docs_script", tag::SERVICE, "The script of the page").answers(&[Answer::new(
        200,
        "The script.",
        Content::Text("text/javascript"),
    )]);

const STYLE_TOLD: Operation = Operation::get("docs_style", tag::SERVICE, "The style of the page")
    .answers(&[Answer::new(200, "The style.", Content::Text("text/css"))]);

/// `/docs`, and what the page loads.
pub(crate) fn places() -> [Place; 4] {
    let place = |path: &str, methods: MethodRouter<Api>, told: Operation| Place {
        path: path.to_owned(),
        methods,
        access: gate::DOCUMENT,
        told: vec![told],
    };
    let asset = |of_type: &'static str, text: &'static str| {
        get(async move || guarded([(header::CONTENT_TYPE, of_type)], text))
    };
    [
        place("/docs/", get(page), PAGE_TOLD),
        place(
            "/docs/docs.js",
            asset("text/javascript; charset=utf-8", SCRIPT),
            SCRIPT_TOLD,
        ),
        place(
            "/docs/guide.txt",
            asset("text/plain; charset=utf-8", GUIDE),
            GUIDE_TOLD,
        ),
        place(
            "/docs/docs.css",
            asset("text/css; charset=utf-8", STYLE),
            STYLE_TOLD,
        ),
    ]
}

/// Its links lead from where it was called, whatever a proxy has put in front of that.
async fn page(here: Uri) -> Response {
    let root = match here.path().ends_with('/') {
        true => "..",
        false => ".",
    };
    guarded(
        [(header::CONTENT_SECURITY_POLICY, POLICY)],
        Html(PAGE.replace("BASE", root)),
    )
}

fn guarded(headers: [(HeaderName, &'static str); 1], body: impl IntoResponse) -> Response {
    let guards = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // Another version of the service may have another page.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    let mut response = (guards, body).into_response();
    for (name, value) in headers {
        let value = axum::http::HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A policy without `unsafe-inline` lets none of this run, and whoever has no way out reads the page as well.
    #[test]
    fn the_page_has_nothing_inline_and_loads_nothing_from_elsewhere() {
        assert!(!POLICY.contains("unsafe"), "{POLICY}");
        for text in [PAGE, SCRIPT, STYLE] {
            for foreign in ["http:", "https:", "//cdn", "@import", " url(", "data:"] {
                assert!(!text.contains(foreign), "{foreign}");
            }
        }
        for inline in ["<style", "style=", " on", "javascript:"] {
            assert!(!PAGE.contains(inline), "{inline}");
        }
        assert_eq!(
            PAGE.matches("<script").count(),
            PAGE.matches("<script src=").count()
        );
        for evil in [
            "innerHTML",
            "insertAdjacentHTML",
            "eval(",
            "document.write",
            "localStorage",
        ] {
            assert!(!SCRIPT.contains(evil), "{evil}");
        }
    }

    #[test]
    fn every_input_has_a_label_and_both_schemes_have_their_colours() {
        assert_eq!(
            PAGE.matches("<input").count(),
            PAGE.matches("<label").count()
        );
        let (light, dark) = STYLE.split_once("prefers-color-scheme: dark").unwrap();
        let colours = |text: &str| -> Vec<String> {
            let lines = text
                .lines()
                .map(str::trim)
                .filter(|line| line.starts_with("--"));
            lines
                .filter_map(|line| Some(line.split_once(": #")?.0.to_owned()))
                .collect()
        };
        assert_eq!(colours(light), colours(dark));
        assert!(colours(light).len() > 5);
    }
}
