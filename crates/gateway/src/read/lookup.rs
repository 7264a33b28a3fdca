//! The fast lookup: which of some documents are here, in as few words as will do.
//!
//! It finds what the list of documents finds, as far as the file is stored, 300 at a time and four keys of each.

use axum::{
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use fetch_library::read::{Filter, Resource, Scope, Subject, Test, Value};

use super::endpoint::View;
use crate::{
    api::Api,
    dialect::{
        ApiError, Object, filter,
        list::{self, Answer, Paging},
        options,
    },
    openapi::{Answer as Told, Content, Described, Operation, Query, Shape, key, options_of, tag},
};

/// What its path ends with.
pub(super) const NAME: &str = "recap-query";

/// The keys of a row, and what they hold.
const ROW: Described = Described {
    name: "StoredDocument",
    about: "A document whose file is stored.",
    keys: &[
        key("pacer_doc_id", Shape::Text).optional(),
        key("filepath_local", Shape::Text).or_null().optional(),
        key("acms_document_guid", Shape::Text).optional(),
        key("id", Shape::Integer).optional(),
    ],
};

/// What the document says of it.
const TOLD: Operation = Operation::get("recap_query_list", tag::READ, "Which of some documents are stored")
    .about(
        "Lists those of the documents that you ask for whose file is here, 300 to a page, by number in both versions. \
         Without any parameter the answer is 400.",
    )
    .query(Query::List(Resource::RecapDocuments))
    .answers(&[
        Told::new(
            200,
            "A page of documents.",
            Content::Page { of: Shape::Object(&ROW), by_cursor: false },
        ),
        Told::new(400, "Nothing was asked for: a list with a sentence.", Content::Json(Shape::List(&Shape::Text))),
        Told::refusal(404, "There is no such page."),
    ]);

const DESCRIPTION: &str = "Which of these documents are stored?";

/// The contract's answer to who asks for nothing. It is a list, and no object.
const NOTHING_ASKED: &str = r#"["pacer_doc_id is a required filter."]"#;

pub(super) fn told() -> Vec<Operation> {
    vec![TOLD, options_of("recap_query_options", tag::READ)]
}

pub(super) fn list() -> MethodRouter<Api> {
    get(find).options(async || {
        let (resource, fields) = (Resource::RecapDocuments, options::shown(&ROW));
        let name = "Pacer Doc Id Lookup List";
        options::describe(resource, name, DESCRIPTION, Some(("POST", fields)))
    })
}

async fn find(view: View) -> Result<Response, ApiError> {
    let (api, here) = (&view.api, &view.here);
    if here.parameters.is_empty() {
        return Ok(nothing_asked());
    }
    let resource = Resource::RecapDocuments;
    let mut filters = filter::read(resource, &here.parameters, &[], api.time_zone)?;
    filters.filters.push(is_stored());
    let scope = Scope::Common(resource);
    let found = list::find(api, here, view.caller, scope, filters, Paging::LOOKUP);
    let object = match found.await? {
        Answer::Count(count) => Object::new().with("count", count),
        Answer::Page(page) => {
            let rows = rows(&view, &page.ids).await?;
            page.with_results(rows)
        }
    };
    Ok(object.into_response())
}

async fn rows(view: &View, ids: &[i64]) -> Result<Vec<Object>, ApiError> {
    let documents = view.api.control.library.documents(ids, false).await?;
    let rows = documents.into_iter().map(|document| {
        let row = Object::new()
            .with("pacer_doc_id", document.pacer_doc_id)
            .with("filepath_local", document.filepath_local)
            .with("acms_document_guid", "")
            .with("id", document.id);
        view.selection.apply(row)
    });
    Ok(rows.collect())
}

/// Whatever else is asked for.
fn is_stored() -> Filter {
    let columns = Resource::RecapDocuments.columns();
    let column = columns.iter().find(|column| column.name == "is_available");
    Filter {
        path: Vec::new(),
        subject: Subject::Column(
            column.expect("documents may be filtered by whether they are here"),
        ),
        test: Test::OneOf(vec![Value::Boolean(true)]),
        exclude: false,
    }
}

fn nothing_asked() -> Response {
    let json = HeaderValue::from_static("application/json");
    (
        StatusCode::BAD_REQUEST,
        [(CONTENT_TYPE, json)],
        NOTHING_ASKED,
    )
        .into_response()
}
