//! The contact for reporting a weakness (RFC 9116).

use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{Duration, SecondsFormat, Utc};
use url::Url;

use crate::{
    dialect::ApiError,
    openapi::{Answer, Content, Operation, tag},
};

/// For how long what is told may be relied on. The standard recommends less than a year.
const HOLDS_FOR: Duration = Duration::days(180);

/// Where it is served.
pub(crate) const PATH: &str = "/.well-known/security.txt";

pub(crate) const TOLD: Operation =
    Operation::get("security_txt", tag::SERVICE, "Where to report a weakness")
        .about("RFC 9116. No account is needed.")
        .answers(&[
            Answer::new(200, "The contact.", Content::Text("text/plain")),
            Answer::refusal(404, "The operator has not published one."),
        ]);

/// Serves `/.well-known/security.txt`, to anybody.
///
/// The contact is the operator's: whoever runs a deployment is told of its weaknesses. Without one
/// the answer is 404 and says which setting is missing, since the standard knows no file without a
/// contact.
pub(crate) fn router(contact: Option<Url>) -> Router {
    Router::new().route(PATH, get(async move || answer(contact.as_ref())))
}

fn answer(contact: Option<&Url>) -> Response {
    let Some(contact) = contact else {
        let text = "The operator of this service has not published a security contact \
                    (PACER_FETCH_SECURITY_CONTACT).";
        return ApiError::detail(StatusCode::NOT_FOUND, text).into_response();
    };
    let expires = (Utc::now() + HOLDS_FOR).to_rfc3339_opts(SecondsFormat::Secs, true);
    let text = format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\n");
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    async fn text_of(contact: Option<&str>) -> (StatusCode, String) {
        let contact = contact.map(|text| text.parse().unwrap());
        let answer = answer(contact.as_ref());
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await;
        (status, String::from_utf8(body.unwrap().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_contact_of_the_operator_is_told_with_a_date_within_a_year() {
        let (status, text) = text_of(Some("mailto:security@example.org")).await;
        assert_eq!(status, StatusCode::OK);
        let field = |name: &str| {
            let mut lines = text.lines();
            lines.find_map(|line| {
                line.strip_prefix(name)?
                    .strip_prefix(": ")
                    .map(str::to_owned)
            })
        };
        assert_eq!(field("Contact").unwrap(), "mailto:security@example.org");
        let expires = DateTime::parse_from_rfc3339(&field("Expires").unwrap()).unwrap();
        assert!(expires > Utc::now() && expires < Utc::now() + Duration::days(365));
    }

    #[tokio::test]
    async fn without_a_contact_the_setting_is_named() {
        let (status, text) = text_of(None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(text.contains("PACER_FETCH_SECURITY_CONTACT"), "{text}");
    }
}
