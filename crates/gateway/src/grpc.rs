//! The same service over gRPC: Submit, Get, Watch, with health and reflection. What has to do with
//! many requests and with the queue is in `grpc_queue.rs`.

use std::{pin::Pin, time::Duration};

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use fetch_bus::wire::{
    self, CancelRequest, DocketOptions, GetRequest, ListRequest, SubmitRequest, WatchRequest,
    fetch_server::{Fetch, FetchServer},
};
use fetch_model::{FetchId, FetchRequest, UserId};
use futures_util::{Stream, StreamExt};
use prost_types::Timestamp;
use serde_json::{Map, Value};
use tokio::{sync::mpsc, time};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{
    Request, Response, Status, Streaming,
    metadata::{MetadataMap, MetadataValue},
    transport::server::Router,
};

use crate::{
    dialect::{Fields, Item, Refusal, auth},
    grpc_queue, quote,
    repeat::REPLAYED,
    submit::{Door, LOGIN_WARNING, QUOTE_CENTS},
};

/// How long a watcher goes without looking at the row, should every announcement be lost.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The gRPC services, to be served.
///
/// # Errors
/// When the description of the services is damaged.
pub fn server(door: Door) -> anyhow::Result<Router> {
    let (health_reporter, health) = tonic_health::server::health_reporter();
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(wire::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()?;
    let service = FetchServer::new(FetchService { door });
    tokio::spawn(async move {
        health_reporter
            .set_serving::<FetchServer<FetchService>>()
            .await;
    });
    Ok(tonic::transport::Server::builder()
        .add_service(health)
        .add_service(reflection)
        .add_service(service))
}

struct FetchService {
    door: Door,
}

#[tonic::async_trait]
impl Fetch for FetchService {
    async fn submit(
        &self,
        request: Request<SubmitRequest>,
    ) -> Result<Response<wire::FetchRequest>, Status> {
        let user = self.caller(request.metadata()).await?;
        let accepted = grpc_queue::submit(&self.door, user, request.into_inner()).await?;
        let mut response = Response::new(message_of(&accepted.request));
        let warning = accepted.warning.and_then(|text| text.parse().ok());
        if let Some(warning) = warning {
            response.metadata_mut().insert(LOGIN_WARNING, warning);
        }
        if let Some(most) = accepted.at_most {
            response.metadata_mut().insert(QUOTE_CENTS, most.0.into());
        }
        if accepted.replayed {
            let yes = MetadataValue::from_static("true");
            response.metadata_mut().insert(REPLAYED, yes);
        }
        Ok(response)
    }

    async fn quote(
        &self,
        request: Request<SubmitRequest>,
    ) -> Result<Response<wire::QuoteReply>, Status> {
        let user = self.caller(request.metadata()).await?;
        let fields = fields_of(request.into_inner()).map_err(status_of)?;
        let told = self.door.quote(user, &fields).await.map_err(status_of)?;
        Ok(Response::new(quote::message(&told)))
    }

    async fn get(
        &self,
        request: Request<GetRequest>,
    ) -> Result<Response<wire::FetchRequest>, Status> {
        let user = self.caller(request.metadata()).await?;
        let found = find(&self.door, user, FetchId(request.get_ref().id)).await?;
        let told = grpc_queue::told(&self.door, user, &found, request.get_ref()).await?;
        Ok(Response::new(told))
    }

    type SubmitManyStream = grpc_queue::Results;

    async fn submit_many(
        &self,
        request: Request<Streaming<SubmitRequest>>,
    ) -> Result<Response<Self::SubmitManyStream>, Status> {
        let user = self.caller(request.metadata()).await?;
        let results = grpc_queue::submit_many(self.door.clone(), user, request.into_inner());
        Ok(Response::new(results))
    }

    async fn list(
        &self,
        request: Request<ListRequest>,
    ) -> Result<Response<wire::ListResponse>, Status> {
        let user = self.caller(request.metadata()).await?;
        grpc_queue::list(&self.door, user, request.get_ref())
            .await
            .map(Response::new)
    }

    async fn cancel(
        &self,
        request: Request<CancelRequest>,
    ) -> Result<Response<wire::FetchRequest>, Status> {
        let user = self.caller(request.metadata()).await?;
        let id = FetchId(request.get_ref().id);
        grpc_queue::cancel(&self.door, user, id)
            .await
            .map(Response::new)
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<wire::FetchRequest, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let user = self.caller(request.metadata()).await?;
        let id = FetchId(request.get_ref().id);
        // Listen first, look second: nothing is missed in between.
        let heard = self.door.bus.announcements().await;
        let heard = heard.map_err(|_| Status::unavailable("events cannot be listened to"))?;
        let first = find(&self.door, user, id).await?;
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(watch(self.door.clone(), user, first, heard, sender));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

impl FetchService {
    async fn caller(&self, metadata: &MetadataMap) -> Result<UserId, Status> {
        let headers = metadata.clone().into_headers();
        let caller = auth::authenticate(&headers, &self.door.api.store)
            .await
            .map_err(status_of)?;
        caller
            .map(|caller| caller.id())
            .ok_or_else(|| status_of(auth::nothing_sent()))
    }
}

async fn find(door: &Door, user: UserId, id: FetchId) -> Result<FetchRequest, Status> {
    let found = door.api.store.request_of(user, id).await;
    found
        .map_err(|error| status_of(error.into()))?
        .ok_or_else(|| Status::not_found("No PacerFetchQueue matches the given query."))
}

/// Sends the row whenever it changed, until it is final or nobody listens.
async fn watch(
    door: Door,
    user: UserId,
    first: FetchRequest,
    mut heard: impl Stream<Item = fetch_bus::Announcement> + Unpin,
    sender: mpsc::Sender<Result<wire::FetchRequest, Status>>,
) {
    let id = first.id;
    let mut last = first;
    if sender.send(Ok(message_of(&last))).await.is_err() {
        return;
    }
    while !last.state.is_final() {
        let announced = async {
            while let Some(announcement) = heard.next().await {
                if announcement.request == id {
                    return;
                }
            }
            std::future::pending().await
        };
        tokio::select! {
            () = announced => {}
            () = time::sleep(LOOK_EVERY) => {}
            () = sender.closed() => return,
        }
        let next = match find(&door, user, id).await {
            Ok(next) => next,
            Err(status) => {
                // Nobody listens any more, or learns why it ended.
                let _ = sender.send(Err(status)).await;
                return;
            }
        };
        let changed = next != last;
        last = next;
        if changed && sender.send(Ok(message_of(&last))).await.is_err() {
            return;
        }
    }
}

/// The fields of a submission, as if they had come as JSON: one set of checks for both doors.
pub(crate) fn fields_of(submit: SubmitRequest) -> Result<Fields, Refusal> {
    let mut values = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.insert(name.to_owned(), value);
        }
    };
    let required = |text: String| Some(text).filter(|text| !text.is_empty()).map(Value::from);
    set(
        "request_type",
        Some(submit.request_type)
            .filter(|kind| *kind != 0)
            .map(Value::from),
    );
    set("pacer_username", required(submit.pacer_username));
    set("pacer_password", required(submit.pacer_password));
    set("client_code", submit.client_code.map(Value::from));
    set("otp_code", submit.otp_code.map(Value::from));
    set(
        "skip_if_unchanged",
        submit.skip_if_unchanged.map(Value::from),
    );
    set("court", submit.court.map(Value::from));
    set("docket", submit.docket.map(Value::from));
    set("docket_number", submit.docket_number.map(Value::from));
    set("pacer_case_id", submit.pacer_case_id.map(Value::from));
    set("recap_document", submit.recap_document.map(Value::from));
    set("max_cost_cents", submit.max_cost_cents.map(Value::from));
    let options = submit.options.unwrap_or_default();
    set("de_date_start", options.de_date_start.map(Value::from));
    set("de_date_end", options.de_date_end.map(Value::from));
    set("de_number_start", options.de_number_start.map(Value::from));
    set("de_number_end", options.de_number_end.map(Value::from));
    set(
        "show_parties_and_counsel",
        options.show_parties_and_counsel.map(Value::from),
    );
    set(
        "show_terminated_parties",
        options.show_terminated_parties.map(Value::from),
    );
    set(
        "show_list_of_member_cases",
        options.show_list_of_member_cases.map(Value::from),
    );
    set("lane", grpc_queue::lane_field(submit.lane));
    set(
        "not_before",
        submit.not_before.map(grpc_queue::instant_field),
    );
    Fields::of_json(Value::Object(values).to_string().as_bytes())
}

pub(crate) fn message_of(request: &FetchRequest) -> wire::FetchRequest {
    let asked = &request.asked;
    let status = request.public_status();
    wire::FetchRequest {
        id: request.id.0,
        court: asked.court.clone(),
        docket: asked.docket.map(|id| id.0),
        recap_document: asked.document.map(|id| id.0),
        date_created: Some(timestamp(request.date_created)),
        date_modified: Some(timestamp(request.date_modified)),
        date_completed: request.date_completed.map(timestamp),
        status: i16::from(status).into(),
        request_type: asked.kind.number().into(),
        message: request.message.clone(),
        pacer_case_id: asked.pacer_case_id.clone(),
        docket_number: asked.docket_number.clone(),
        options: Some(DocketOptions {
            de_date_start: asked.options.date_start.map(|day| day.to_string()),
            de_date_end: asked.options.date_end.map(|day| day.to_string()),
            de_number_start: asked.options.number_start,
            de_number_end: asked.options.number_end,
            show_parties_and_counsel: Some(asked.options.show_parties_and_counsel),
            show_terminated_parties: Some(asked.options.show_terminated_parties),
            show_list_of_member_cases: Some(asked.options.show_list_of_member_cases),
        }),
        attempts: request.attempts,
        cost_cents: request.cost.0,
        ..wire::FetchRequest::default()
    }
}

pub(crate) fn timestamp(time: DateTime<Utc>) -> Timestamp {
    Timestamp {
        seconds: time.timestamp(),
        nanos: i32::try_from(time.timestamp_subsec_nanos()).unwrap_or_default(),
    }
}

/// An HTTP refusal as gRPC says it; the text is the same.
pub(crate) fn status_of(refusal: Refusal) -> Status {
    if let Refusal::OverBudget(shortfall) = refusal {
        return Status::resource_exhausted(shortfall.to_string());
    }
    let status = refusal.status();
    let body = refusal.into_object();
    let text = match body.get("detail") {
        Some(Item::Plain(Value::String(text))) => text.clone(),
        _ => serde_json::to_string(&body).unwrap_or_default(),
    };
    match status {
        StatusCode::UNAUTHORIZED => Status::unauthenticated(text),
        StatusCode::FORBIDDEN => Status::permission_denied(text),
        StatusCode::NOT_FOUND => Status::not_found(text),
        StatusCode::CONFLICT => Status::aborted(text),
        StatusCode::UNPROCESSABLE_ENTITY => Status::already_exists(text),
        StatusCode::SERVICE_UNAVAILABLE => Status::unavailable(text),
        status if status.is_client_error() => Status::invalid_argument(text),
        _ => Status::internal(text),
    }
}
