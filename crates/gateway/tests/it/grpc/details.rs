//! What a program learns of an error without reading its text.

use fetch_bus::wire::{
    DocketOptions, ListRequest, SubmitRequest, fetch_client::FetchClient, submit_result::Outcome,
};
use futures_util::stream;
use prost::Message;
use tonic::{Code, Request, Status};
use tonic_types::{BadRequest, StatusExt};

use crate::walls::door::House;

pub fn signed<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    let token = "Token token-of-ann".parse().unwrap();
    request.metadata_mut().insert("authorization", token);
    request
}

fn docket() -> SubmitRequest {
    SubmitRequest {
        request_type: 1,
        pacer_username: "ann".into(),
        pacer_password: "canary".into(),
        court: Some("cand".into()),
        docket_number: Some("3:24-cv-09876".into()),
        ..SubmitRequest::default()
    }
}

pub fn violations(status: &Status) -> Vec<(String, String)> {
    let BadRequest { field_violations } = status.get_details_bad_request().unwrap();
    let told = field_violations.into_iter();
    told.map(|told| (told.field, told.description)).collect()
}

#[tokio::test]
async fn each_wrong_field_is_named_as_the_message_names_it() {
    let Some(house) = House::build().await else {
        return;
    };
    let mut client = FetchClient::new(house.channel().await);
    let wrong = SubmitRequest {
        court: Some("ala".into()),
        client_code: Some("two words".into()),
        options: Some(DocketOptions {
            de_date_start: Some("yesterday".into()),
            ..DocketOptions::default()
        }),
        ..docket()
    };
    let refused = client.submit(signed(wrong.clone())).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let told = violations(&refused);
    let fields: Vec<&str> = told.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["court", "client_code", "options.de_date_start"]);
    assert_eq!(told[0].1, "Invalid pk \"ala\" - object does not exist.");

    // What is wrong with several together is wrong with the message.
    let together = SubmitRequest {
        court: None,
        ..docket()
    };
    let refused = client.submit(signed(together)).await.unwrap_err();
    let told = violations(&refused);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, "");
    assert!(told[0].1.contains("without 'court'"), "{told:?}");

    let key = SubmitRequest {
        idempotency_key: Some("ä".into()),
        ..docket()
    };
    let refused = client.submit(signed(key)).await.unwrap_err();
    assert_eq!(violations(&refused)[0].0, "idempotency_key");

    let page = ListRequest {
        page_size: -1,
        ..ListRequest::default()
    };
    let refused = client.list(signed(page)).await.unwrap_err();
    assert_eq!(violations(&refused)[0].0, "page_size");

    // Of many, each has its own.
    let many = signed(stream::iter([wrong]));
    let mut results = client.submit_many(many).await.unwrap().into_inner();
    let result = results.message().await.unwrap().unwrap();
    let Some(Outcome::Error(error)) = result.outcome else {
        panic!("{result:?}");
    };
    let detail = &error.details[0];
    assert_eq!(detail.type_url, "type.googleapis.com/google.rpc.BadRequest");
    let told = tonic_types::pb::BadRequest::decode(&*detail.value).unwrap();
    assert_eq!(told.field_violations.len(), 3);
    house.untouched().await;
}

#[tokio::test]
async fn who_may_come_again_is_told_when() {
    let Some(house) = House::build().await else {
        return;
    };
    let mut client = FetchClient::new(house.channel().await);
    // No login service listens here.
    let refused = client.submit(signed(docket())).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused}");
    let again = refused.get_details_retry_info().unwrap();
    assert_eq!(again.retry_delay.unwrap().as_secs(), 60);
    assert_eq!(refused.metadata().get("retry-after").unwrap(), "60");
}
