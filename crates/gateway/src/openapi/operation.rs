//! What a place says of each of its methods, beside its handlers.

use axum::routing::MethodRouter;
use fetch_library::read::Resource;

use super::shape::Shape;
use crate::{api::Api, dialect::gate::Access};

/// A path with what answers there, who may call, and what is told of it. No route is added without that.
pub struct Place {
    /// Below the root of a version; of what has no version, below the root of the service.
    pub path: String,
    /// What answers.
    pub methods: MethodRouter<Api>,
    /// Who may call.
    pub access: Access,
    /// What is told of each method.
    pub told: Vec<Operation>,
}

impl Place {
    /// A place with all that it needs.
    pub fn new(
        path: &str,
        methods: MethodRouter<Api>,
        access: Access,
        told: impl Into<Vec<Operation>>,
    ) -> Place {
        Place {
            path: path.to_owned(),
            methods,
            access,
            told: told.into(),
        }
    }
}

/// What is told of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// In small letters, as the document has it.
    pub method: &'static str,
    /// Its name for programs, which is told apart by version.
    pub id: &'static str,
    /// Under which heading it is shown.
    pub tag: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// More about it, in Markdown.
    pub about: &'static str,
    /// What its query may have beside its own parameters.
    pub query: Query,
    /// Parameters of its own.
    pub parameters: &'static [Parameter],
    /// What it takes.
    pub body: Option<Body>,
    /// Whether it ignores parameters and fields that it does not know, and names them in its answer. Others refuse
    /// them, or look at no query.
    pub names_ignored: bool,
    /// What it answers when all is well, and what it refuses for reasons of its own.
    pub answers: &'static [Answer],
}

/// The parameters that lists and their rows share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query {
    /// Those of no list.
    None,
    /// Of a list: filters, order, pages, perhaps a selection of keys.
    List(Resource),
    /// Of a row: filters, perhaps a selection of keys.
    Row(Resource),
}

/// A parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// `query` or `header`.
    pub place: &'static str,
    /// What it may be.
    pub shape: Shape,
    /// What it does.
    pub about: &'static str,
}

/// What a method takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// The same fields as JSON and as a form.
    Fields {
        /// The fields.
        fields: Shape,
        /// Whether nothing will do.
        required: bool,
    },
    /// Many requests, as JSON lines, a JSON array or CSV.
    Many,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// What it means.
    pub about: &'static str,
    /// What it holds.
    pub content: Content,
    /// Headers of its own.
    pub headers: &'static [Header],
}

/// What an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Nothing,
    /// A refusal with `detail`.
    Detail,
    /// JSON.
    Json(Shape),
    /// A page of a list. One without cursors has numbers in every version.
    Page {
        /// Its rows.
        of: Shape,
        /// Whether version 4 has cursors.
        by_cursor: bool,
    },
    /// Text of this type.
    Text(&'static str),
    /// Bytes of this type.
    Bytes(&'static str),
    /// JSON of this shape or, for who asks for it, a page for people.
    JsonOrPage(Shape),
}

/// A header of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// What it says.
    pub about: &'static str,
}

impl Operation {
    /// A method without parameters, body and answers.
    pub const fn new(
        method: &'static str,
        id: &'static str,
        tag: &'static str,
        summary: &'static str,
    ) -> Operation {
        Operation {
            method,
            id,
            tag,
            summary,
            about: "",
            query: Query::None,
            parameters: &[],
            body: None,
            names_ignored: false,
            answers: &[],
        }
    }

    /// One that reads.
    pub const fn get(id: &'static str, tag: &'static str, summary: &'static str) -> Operation {
        Operation::new("get", id, tag, summary)
    }

    /// One that does something.
    pub const fn post(id: &'static str, tag: &'static str, summary: &'static str) -> Operation {
        Operation::new("post", id, tag, summary)
    }

    /// The same with more about it.
    pub const fn about(mut self, about: &'static str) -> Operation {
        self.about = about;
        self
    }

    /// The same with the parameters of lists or rows.
    pub const fn query(mut self, query: Query) -> Operation {
        self.query = query;
        self
    }

    /// The same with parameters of its own.
    pub const fn parameters(mut self, parameters: &'static [Parameter]) -> Operation {
        self.parameters = parameters;
        self
    }

    /// The same with fields to send.
    pub const fn takes(mut self, fields: Shape) -> Operation {
        self.body = Some(Body::Fields {
            fields,
            required: true,
        });
        self
    }

    /// The same with fields that may be sent, and need not.
    pub const fn may_take(mut self, fields: Shape) -> Operation {
        self.body = Some(Body::Fields {
            fields,
            required: false,
        });
        self
    }

    /// The same with many requests to send.
    pub const fn takes_many(mut self) -> Operation {
        self.body = Some(Body::Many);
        self
    }

    /// The same, of a handler that checks its query with `Names::check_query`.
    pub const fn names_ignored(mut self) -> Operation {
        self.names_ignored = true;
        self
    }

    /// The same with these answers.
    pub const fn answers(mut self, answers: &'static [Answer]) -> Operation {
        self.answers = answers;
        self
    }
}

/// What lists answer to the number of a page that is not there, and to a cursor that is none.
pub const NO_PAGE: Answer = Answer::refusal(404, "There is no such page.");

impl Answer {
    /// An answer without headers of its own.
    pub const fn new(status: u16, about: &'static str, content: Content) -> Answer {
        Answer {
            status,
            about,
            content,
            headers: &[],
        }
    }

    /// 200 with JSON.
    pub const fn ok(about: &'static str, shape: Shape) -> Answer {
        Answer::new(200, about, Content::Json(shape))
    }

    /// A refusal with `detail`.
    pub const fn refusal(status: u16, about: &'static str) -> Answer {
        Answer::new(status, about, Content::Detail)
    }

    /// The same with headers.
    pub const fn headers(mut self, headers: &'static [Header]) -> Answer {
        self.headers = headers;
        self
    }
}

/// A parameter of a query.
pub const fn in_query(name: &'static str, shape: Shape, about: &'static str) -> Parameter {
    Parameter {
        name,
        place: "query",
        shape,
        about,
    }
}

/// A header of a call.
pub const fn in_header(name: &'static str, shape: Shape, about: &'static str) -> Parameter {
    Parameter {
        name,
        place: "header",
        shape,
        about,
    }
}

/// A header of an answer.
pub const fn header(name: &'static str, shape: Shape, about: &'static str) -> Header {
    Header { name, shape, about }
}

/// The names of parameters, for the check of a query. `N` is their number.
pub const fn names_of<const N: usize>(parameters: &[Parameter; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut place = 0;
    while place < N {
        names[place] = parameters[place].name;
        place += 1;
    }
    names
}
