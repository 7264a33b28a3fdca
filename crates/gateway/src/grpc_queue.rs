//! Many requests at once over gRPC, the list of them, their places in the queue, and cancelling.

use std::{pin::Pin, time::Duration};

use fetch_bus::wire::{self, GetRequest, ListRequest, SubmitRequest, submit_result::Outcome};
use fetch_library::read::{Filter, Resource, Scope, Subject, Test, Value};
use fetch_model::{
    FetchId, FetchRequest, UserId,
    expand::{Group, Groups},
};
use futures_util::{Stream, stream};
use tokio::time;
use tonic::{Status, Streaming};

use crate::{
    dialect::{Caller, auth, court},
    expand::{self, Known},
    grpc::message_of,
    grpc_page::{self, one_of},
    grpc_source::Message,
    grpc_status::{self, invalid, status_of},
    queue::NotCancelled,
    repeat::IdempotencyKey,
    submit::{Accepted, Intake},
};

/// The answers to many requests.
pub(crate) type Results = Pin<Box<dyn Stream<Item = Result<wire::SubmitResult, Status>> + Send>>;

/// Between two looks whether a caller whose stream is silent may still call.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Submits one after the other what a caller sends, until the caller has no more, or is shut out.
///
/// Each counts as a call. One that comes too soon waits: whoever sends a stream is told so by the
/// stream itself.
pub(crate) fn submit_many(
    intake: Intake,
    caller: Caller,
    sent: Streaming<SubmitRequest>,
) -> Results {
    let many = Many {
        intake,
        caller,
        sent,
        index: 0,
    };
    Box::pin(stream::unfold(Some(many), |many| async move {
        let mut many = many?;
        let result = many.next().await.transpose()?;
        // A stream that cannot be read says so each time it is asked.
        let rest = result.is_ok().then_some(many);
        Some((result, rest))
    }))
}

/// The requests of one caller, one after the other.
struct Many {
    intake: Intake,
    caller: Caller,
    sent: Streaming<SubmitRequest>,
    index: i64,
}

impl Many {
    async fn next(&mut self) -> Result<Option<wire::SubmitResult>, Status> {
        let Some(submit) = self.next_sent().await? else {
            return Ok(None);
        };
        let guard = &self.intake.api.guard;
        guard.wait_for_turn(self.caller.id()).await;
        self.look_again().await?;
        let (outcome, replayed) = match self::submit(&self.intake, &self.caller, submit).await {
            Ok(accepted) => {
                let request = message_of(&accepted.request);
                (Outcome::Request(request), accepted.replayed)
            }
            Err(status) => {
                let error = grpc_status::submit_error(&status);
                (Outcome::Error(error), false)
            }
        };
        let index = self.index;
        self.index += 1;
        Ok(Some(wire::SubmitResult {
            index,
            replayed,
            outcome: Some(outcome),
        }))
    }

    async fn next_sent(&mut self) -> Result<Option<SubmitRequest>, Status> {
        loop {
            match time::timeout(LOOK_EVERY, self.sent.message()).await {
                Ok(sent) => return sent.map_err(grpc_status::sent_wrongly),
                // The stream is a place that others want, too.
                Err(_) => self.look_again().await?,
            }
        }
    }

    /// Ends the stream of who is shut out.
    async fn look_again(&self) -> Result<(), Status> {
        let looked = auth::look_again(&self.intake.api, &self.caller).await;
        looked.map_err(status_of)
    }
}

/// Submits one request.
pub(crate) async fn submit(
    intake: &Intake,
    caller: &Caller,
    sent: SubmitRequest,
) -> Result<Accepted, Status> {
    // Wiped whatever comes of it.
    let message = Message::from(sent);
    let key = message
        .idempotency_key()
        .map(|key| IdempotencyKey::new(key.as_bytes()));
    let key = key.transpose().map_err(|refusal| {
        let refused = status_of(refusal);
        grpc_status::wrong_field("idempotency_key", refused.message())
    })?;
    let accepted = intake.submit(caller, &message, key.as_ref()).await;
    accepted.map_err(status_of)
}

/// The requests of a user, newest first.
pub(crate) async fn list(
    intake: &Intake,
    caller: &Caller,
    request: &ListRequest,
) -> Result<wire::ListResponse, Status> {
    let user = caller.id();
    let groups = groups_of(caller, request.expand.as_deref())?;
    let failed = |error: fetch_db::Error| status_of(error.into());
    let asked = grpc_page::Asked {
        scope: Scope::RequestsOf(user),
        filters: filters(request)?,
        page_size: request.page_size,
        page_token: &request.page_token,
    };
    let page = grpc_page::newest(&intake.api, user, asked).await?;
    let queue = &intake.api.control.queue;
    let requests = queue.requests_of(user, &page.ids).await.map_err(failed)?;
    let known = Known::of(&intake.api, user, &requests, groups).await;
    let known = known.map_err(failed)?;
    let told = requests.iter().map(|request| wire::FetchRequest {
        groups: known.message(request, groups),
        ..message_of(request)
    });
    Ok(wire::ListResponse {
        requests: told.collect(),
        next_page_token: page.next_page_token,
    })
}

fn filters(request: &ListRequest) -> Result<Vec<Filter>, Status> {
    let mut filters = Vec::new();
    if !request.status.is_empty() {
        let known = |status: &i32| {
            wire::Status::try_from(*status)
                .ok()
                .filter(|status| *status != wire::Status::Unspecified)
                .map(|status| Value::Integer(i64::from(i32::from(status))))
                .ok_or_else(|| invalid("status", "must be one of 1 to 7"))
        };
        let wanted: Result<Vec<Value>, Status> = request.status.iter().map(known).collect();
        filters.push(one_of(Resource::FetchRequests, "status", wanted?));
    }
    if request.request_type != 0 {
        wire::RequestType::try_from(request.request_type)
            .map_err(|_| invalid("request_type", "must be 1, 2 or 3"))?;
        let wanted = Value::Integer(request.request_type.into());
        filters.push(one_of(
            Resource::FetchRequests,
            "request_type",
            vec![wanted],
        ));
    }
    if let Some(id) = &request.court {
        if !court::may_be_named(id) {
            return Err(invalid(
                "court",
                "is not a court that requests can be sent to",
            ));
        }
        filters.push(court_filter(id));
    }
    Ok(filters)
}

fn court_filter(id: &str) -> Filter {
    let relations = Resource::FetchRequests.relations();
    let court = relations.iter().find(|relation| relation.name == "court");
    Filter {
        path: Vec::new(),
        subject: Subject::Relation(court.expect("requests may be filtered by their court")),
        test: Test::OneOf(vec![Value::Text(id.to_owned())]),
        exclude: false,
    }
}

/// Cancels a request of a user.
pub(crate) async fn cancel(
    intake: &Intake,
    user: UserId,
    id: FetchId,
) -> Result<wire::FetchRequest, Status> {
    let cancelled = intake.cancel(user, id).await;
    match cancelled.map_err(|error| status_of(error.into()))? {
        Ok(request) => Ok(message_of(&request)),
        Err(NotCancelled::NotFound) => Err(Status::not_found(
            "No PacerFetchQueue matches the given query.",
        )),
        Err(NotCancelled::Refused(text)) => Err(Status::failed_precondition(text)),
    }
}

/// A request, with what was asked for beside it.
pub(crate) async fn told(
    intake: &Intake,
    caller: &Caller,
    request: &FetchRequest,
    asked: &GetRequest,
) -> Result<wire::FetchRequest, Status> {
    let api = &intake.api;
    let groups = groups_of(caller, asked.expand.as_deref())?;
    // They were here before there were groups.
    let mut needed = groups;
    for (is_asked, group) in [(asked.queue, Group::Queue), (asked.steps, Group::Life)] {
        if is_asked {
            needed = needed.with(group);
        }
    }
    let one = std::slice::from_ref(request);
    let known = Known::of(api, caller.id(), one, needed).await;
    let known = known.map_err(|error| status_of(error.into()))?;
    let mut message = message_of(request);
    message.groups = known.message(request, groups);
    let told = known.message(request, needed).unwrap_or_default();
    if asked.queue {
        message.queue = told.queue;
    }
    if asked.steps {
        message.steps = told.life.map(|life| life.steps).unwrap_or_default();
    }
    Ok(message)
}

/// The groups that a message asks for; those of the token if it does not say.
pub(crate) fn groups_of(caller: &Caller, sent: Option<&str>) -> Result<Groups, Status> {
    expand::groups_named(caller, sent).map_err(status_of)
}
