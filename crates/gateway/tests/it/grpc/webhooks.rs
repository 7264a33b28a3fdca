//! Webhook endpoints and deliveries over gRPC: the rows and rules of HTTP.

use fetch_bus::wire::{
    CreateWebhookRequest, DeleteWebhookRequest, GetWebhookEventRequest, GetWebhookRequest,
    ListWebhookEventsRequest, ListWebhooksRequest, ReplayWebhookEventRequest,
    RotateWebhookSecretRequest, TestWebhookRequest, UpdateWebhookRequest, WebhookEventStatus,
    webhooks_client::WebhooksClient,
};
use tonic::{Code, Request};

use super::details::{signed, violations};
use crate::walls::door::House;

const URL: &str = "https://hooks.example.com/3f1c9a52e7";

fn endpoint(version: i32) -> CreateWebhookRequest {
    CreateWebhookRequest {
        url: URL.to_owned(),
        version: Some(version),
        ..CreateWebhookRequest::default()
    }
}

#[tokio::test]
async fn an_endpoint_of_one_door_is_that_of_the_other() {
    let Some(house) = House::build().await else {
        return;
    };
    let mut client = WebhooksClient::new(house.channel().await);
    let made = client.create_webhook(signed(endpoint(1))).await;
    let made = made.unwrap().into_inner();
    assert!(made.secret.starts_with("whsec_"), "{}", made.secret);
    assert_eq!((made.event_type, made.version, made.enabled), (3, 1, false));
    let path = format!("/api/rest/v4/webhooks/{}/", made.id);
    let told: serde_json::Value =
        serde_json::from_str(&house.ann("GET", &path).await.text).unwrap();
    assert_eq!((&told["url"], &told["version"]), (&URL.into(), &1.into()));

    let id = made.id;
    let read = client.get_webhook(signed(GetWebhookRequest { id })).await;
    let read = read.unwrap().into_inner();
    assert_eq!(read.secret, "", "it is shown once");
    let change = UpdateWebhookRequest {
        id,
        enabled: Some(true),
        url: None,
    };
    let changed = client
        .update_webhook(signed(change))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((changed.enabled, changed.url.as_str()), (true, URL));
    let rotate = RotateWebhookSecretRequest { id };
    let rotated = client.rotate_webhook_secret(signed(rotate)).await;
    let rotated = rotated.unwrap().into_inner();
    assert!(rotated.secret.starts_with("whsec_") && rotated.secret != made.secret);
    assert!(rotated.previous_secret_until.is_some());

    // Newest first, and page after page.
    let mut asked = ListWebhooksRequest {
        page_size: 1,
        ..ListWebhooksRequest::default()
    };
    let first = client
        .list_webhooks(signed(asked.clone()))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first.webhooks[0].id, id);
    assert_eq!(first.webhooks[0].secret, "");
    asked.page_token = first.next_page_token;
    let last = client
        .list_webhooks(signed(asked))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(last.webhooks[0].id, house.webhooks.anns);
    assert_eq!(
        (last.webhooks.len(), last.next_page_token.as_str()),
        (1, "")
    );

    let delete = client
        .delete_webhook(signed(DeleteWebhookRequest { id }))
        .await;
    delete.unwrap();
    let gone = client
        .get_webhook(signed(GetWebhookRequest { id }))
        .await
        .unwrap_err();
    assert_eq!(gone.code(), Code::NotFound);
    assert_eq!(gone.message(), "No Webhook matches the given query.");
}

#[tokio::test]
async fn what_is_wrong_with_an_endpoint_is_in_the_details() {
    let Some(house) = House::build().await else {
        return;
    };
    let mut client = WebhooksClient::new(house.channel().await);
    let wrong = CreateWebhookRequest {
        version: Some(3),
        event_type: Some(1),
        ..CreateWebhookRequest::default()
    };
    let refused = client.create_webhook(signed(wrong)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let told = violations(&refused);
    let fields: Vec<&str> = told.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["event_type", "version", "url"]);
    assert_eq!(told[2].1, "This field is required.");

    let inside = CreateWebhookRequest {
        url: "https://169.254.169.254/latest/".to_owned(),
        ..endpoint(1)
    };
    let refused = client.create_webhook(signed(inside)).await.unwrap_err();
    let text = "169.254.169.254 is not a public address, and this server sends to no others.";
    assert_eq!(violations(&refused), [("url".to_owned(), text.to_owned())]);

    let id = house.webhooks.anns;
    let blank = UpdateWebhookRequest {
        id,
        url: Some(String::new()),
        enabled: None,
    };
    let refused = client.update_webhook(signed(blank)).await.unwrap_err();
    let text = "This field may not be blank.";
    assert_eq!(violations(&refused), [("url".to_owned(), text.to_owned())]);

    // There is one of version 2.
    let refused = client
        .create_webhook(signed(endpoint(2)))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let told = violations(&refused);
    assert_eq!(told[0].0, "", "the message as a whole");
    assert!(told[0].1.contains("must make a unique set"), "{told:?}");

    let unknown = ListWebhookEventsRequest {
        event_status: vec![0],
        ..ListWebhookEventsRequest::default()
    };
    let refused = client
        .list_webhook_events(signed(unknown))
        .await
        .unwrap_err();
    assert_eq!(violations(&refused)[0].0, "event_status");
}

#[tokio::test]
async fn deliveries_are_tested_listed_and_sent_again() {
    let Some(house) = House::build().await else {
        return;
    };
    let mut client = WebhooksClient::new(house.channel().await);
    let (id, delivery) = (house.webhooks.anns, house.webhook_events.anns);
    let test = client.test_webhook(signed(TestWebhookRequest { id })).await;
    let test = test.unwrap().into_inner();
    assert_eq!(
        (test.webhook, test.debug, test.recap_fetch),
        (id, true, None)
    );
    assert_eq!(test.event_status(), WebhookEventStatus::InProgress);
    house
        .execute(&format!(
            r#"update webhook_events set event_status = 1, retry_counter = 2, status_code = 500, response = 'no',
                   content = '{{"payload": {{}}}}', error_message = 'The answer was 500.' where id = {delivery}"#
        ))
        .await;
    let get = GetWebhookEventRequest { id: delivery };
    let failed = client
        .get_webhook_event(signed(get))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(failed.event_status(), WebhookEventStatus::WaitingForRetry);
    assert_eq!(failed.recap_fetch, Some(house.requests.anns));
    assert_eq!(failed.content, r#"{"payload": {}}"#, "to the byte");
    assert_eq!((failed.retry_counter, failed.status_code), (2, Some(500)));
    assert!(failed.next_retry_date.is_some() && test.next_retry_date.is_none());
    assert_eq!(failed.error_message, "The answer was 500.");

    let all = || ListWebhookEventsRequest::default();
    let of = |status: WebhookEventStatus| vec![status.into()];
    for (asked, expected) in [
        (all(), vec![test.id, delivery]),
        (
            ListWebhookEventsRequest {
                debug: Some(false),
                ..all()
            },
            vec![delivery],
        ),
        (
            ListWebhookEventsRequest {
                webhook: Some(id),
                event_status: of(WebhookEventStatus::InProgress),
                ..all()
            },
            vec![test.id],
        ),
        (
            ListWebhookEventsRequest {
                recap_fetch: failed.recap_fetch,
                ..all()
            },
            vec![delivery],
        ),
        (
            ListWebhookEventsRequest {
                event_status: of(WebhookEventStatus::Delivered),
                ..all()
            },
            vec![],
        ),
    ] {
        let page = client.list_webhook_events(signed(asked.clone())).await;
        let page = page.unwrap().into_inner();
        let ids: Vec<i64> = page.webhook_events.iter().map(|event| event.id).collect();
        assert_eq!(ids, expected, "{asked:?}");
    }

    let replay = ReplayWebhookEventRequest { id: delivery };
    let again = client
        .replay_webhook_event(signed(replay))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(again.event_status(), WebhookEventStatus::InProgress);
    assert_eq!(again.event_id, failed.event_id);
    house
        .execute("update webhook_endpoints set enabled = false")
        .await;
    let refused = client
        .replay_webhook_event(signed(replay))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert!(
        refused
            .message()
            .starts_with("The endpoint is switched off.")
    );
    for _ in 1..10 {
        client
            .test_webhook(signed(TestWebhookRequest { id }))
            .await
            .unwrap();
    }
    let refused = client
        .test_webhook(signed(TestWebhookRequest { id }))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn a_token_for_reading_changes_nothing() {
    let Some(house) = House::build().await else {
        return;
    };
    house
        .execute(
            "insert into api_tokens (user_id, token_hash, label, read_only)
             select id, sha256('reading'), 'reading', true from users where name = 'ann'",
        )
        .await;
    fn reading<T>(message: T) -> Request<T> {
        let mut request = Request::new(message);
        let token = "Token reading".parse().unwrap();
        request.metadata_mut().insert("authorization", token);
        request
    }
    let mut client = WebhooksClient::new(house.channel().await);
    let (id, delivery) = (house.webhooks.anns, house.webhook_events.anns);
    let change = UpdateWebhookRequest {
        id,
        url: None,
        enabled: Some(false),
    };
    let refused = [
        client.create_webhook(reading(endpoint(1))).await.err(),
        client.update_webhook(reading(change)).await.err(),
        client
            .delete_webhook(reading(DeleteWebhookRequest { id }))
            .await
            .err(),
        client
            .test_webhook(reading(TestWebhookRequest { id }))
            .await
            .err(),
        client
            .rotate_webhook_secret(reading(RotateWebhookSecretRequest { id }))
            .await
            .err(),
        client
            .replay_webhook_event(reading(ReplayWebhookEventRequest { id: delivery }))
            .await
            .err(),
    ];
    for (number, refused) in refused.into_iter().enumerate() {
        let code = refused.map(|status| status.code());
        assert_eq!(code, Some(Code::PermissionDenied), "{number}");
    }
    client
        .get_webhook(reading(GetWebhookRequest { id }))
        .await
        .unwrap();
    client
        .list_webhooks(reading(ListWebhooksRequest::default()))
        .await
        .unwrap();
    let get = GetWebhookEventRequest { id: delivery };
    client.get_webhook_event(reading(get)).await.unwrap();
    let list = ListWebhookEventsRequest::default();
    client.list_webhook_events(reading(list)).await.unwrap();
}
