//! The same over gRPC.

use fetch_bus::wire::{
    self, CancelRequest, DeleteWebhookRequest, GetRequest, GetWebhookEventRequest,
    GetWebhookRequest, ListRequest, ListWebhookEventsRequest, ListWebhooksRequest,
    ReplayWebhookEventRequest, RotateWebhookSecretRequest, TestWebhookRequest,
    UpdateWebhookRequest, WatchRequest, fetch_client::FetchClient, webhooks_client::WebhooksClient,
};
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::{Code, Request, Status, transport::Channel};

use super::{NOBODYS, door::House};

/// The methods of a service as it describes itself.
fn methods(service: &str) -> Vec<String> {
    let described = FileDescriptorSet::decode(wire::FILE_DESCRIPTOR_SET).unwrap();
    let services = described.file.iter().flat_map(|file| &file.service);
    let services = services.filter(|described| described.name() == service);
    let methods = services.flat_map(|service| &service.method);
    methods.map(|method| method.name().to_owned()).collect()
}

fn signed<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    let token = "Token token-of-ann".parse().unwrap();
    request.metadata_mut().insert("authorization", token);
    request
}

/// What becomes of one method with somebody else's id, and with one's own.
async fn call(client: &mut FetchClient<Channel>, method: &str, id: i64) -> Option<Status> {
    match method {
        "Get" => {
            let get = GetRequest {
                id,
                queue: true,
                steps: true,
                expand: None,
            };
            client.get(signed(get)).await.err()
        }
        "Watch" => client
            .watch(signed(WatchRequest { id, expand: None }))
            .await
            .err(),
        "Cancel" => client.cancel(signed(CancelRequest { id })).await.err(),
        // They take no id of a request; dockets and documents belong to all accounts.
        "Submit" | "SubmitMany" | "LogIn" | "Quote" => Some(Status::not_found("")),
        // Checked below, and in `tests/it/events.rs`.
        "List" | "WatchAll" => Some(Status::not_found("")),
        other => panic!("{other} is new: say in this file what it shows to strangers"),
    }
}

#[tokio::test]
async fn no_method_of_the_service_shows_a_stranger_anything() {
    let Some(house) = House::build().await else {
        return;
    };
    let mut client = FetchClient::new(house.channel().await);

    let methods = methods("Fetch");
    assert!(methods.len() >= 6, "{methods:?}");
    for method in methods {
        for id in [house.bens, NOBODYS] {
            let refused = call(&mut client, &method, id).await;
            let code = refused.map(|status| status.code());
            assert_eq!(code, Some(Code::NotFound), "{method} {id}");
        }
    }
    for method in ["Get", "Watch", "Cancel"] {
        let own = call(&mut client, method, house.anns).await;
        assert!(own.is_none(), "{method}: {own:?}");
    }

    for list in [
        ListRequest::default(),
        ListRequest {
            court: Some("cand".to_owned()),
            request_type: 1,
            ..ListRequest::default()
        },
        ListRequest {
            status: (1..=7).collect(),
            page_size: 100,
            page_token: NOBODYS.to_string(),
            ..ListRequest::default()
        },
    ] {
        let page = client.list(signed(list)).await.unwrap().into_inner();
        let ids: Vec<i64> = page.requests.iter().map(|request| request.id).collect();
        assert_eq!(ids, [house.anns]);
    }
    house.untouched().await;
}

/// What becomes of one method of webhooks with somebody else's ids: of an endpoint, and of a delivery.
async fn call_webhooks(
    client: &mut WebhooksClient<Channel>,
    method: &str,
    id: i64,
    event: i64,
) -> Option<Status> {
    let url = Some("https://other.example.com/".to_owned());
    match method {
        "GetWebhook" => client
            .get_webhook(signed(GetWebhookRequest { id }))
            .await
            .err(),
        "UpdateWebhook" => {
            let change = UpdateWebhookRequest {
                id,
                url,
                enabled: None,
            };
            client.update_webhook(signed(change)).await.err()
        }
        "DeleteWebhook" => {
            let delete = DeleteWebhookRequest { id };
            client.delete_webhook(signed(delete)).await.err()
        }
        "TestWebhook" => client
            .test_webhook(signed(TestWebhookRequest { id }))
            .await
            .err(),
        "RotateWebhookSecret" => {
            let rotate = RotateWebhookSecretRequest { id };
            client.rotate_webhook_secret(signed(rotate)).await.err()
        }
        "GetWebhookEvent" => {
            let get = GetWebhookEventRequest { id: event };
            client.get_webhook_event(signed(get)).await.err()
        }
        "ReplayWebhookEvent" => {
            let replay = ReplayWebhookEventRequest { id: event };
            client.replay_webhook_event(signed(replay)).await.err()
        }
        // It takes no id.
        "CreateWebhook" => Some(Status::not_found("")),
        // Checked below.
        "ListWebhooks" | "ListWebhookEvents" => Some(Status::not_found("")),
        other => panic!("{other} is new: say in this file what it shows to strangers"),
    }
}

#[tokio::test]
async fn no_method_about_webhooks_shows_a_stranger_anything() {
    let Some(house) = House::build().await else {
        return;
    };
    let mut client = WebhooksClient::new(house.channel().await);
    let (endpoints, events) = (house.webhooks, house.webhook_events);
    let methods = methods("Webhooks");
    assert_eq!(methods.len(), 10, "{methods:?}");
    for method in &methods {
        for (id, event) in [(endpoints.bens, events.bens), (NOBODYS, NOBODYS)] {
            let refused = call_webhooks(&mut client, method, id, event).await;
            let code = refused.map(|status| status.code());
            assert_eq!(code, Some(Code::NotFound), "{method} {id}");
        }
    }
    let list = client
        .list_webhooks(signed(ListWebhooksRequest::default()))
        .await;
    let page = list.unwrap().into_inner();
    let ids: Vec<i64> = page.webhooks.iter().map(|webhook| webhook.id).collect();
    assert_eq!(ids, [endpoints.anns]);
    for list in [
        ListWebhookEventsRequest::default(),
        ListWebhookEventsRequest {
            event_status: (1..=5).collect(),
            page_token: NOBODYS.to_string(),
            ..ListWebhookEventsRequest::default()
        },
    ] {
        let page = client
            .list_webhook_events(signed(list))
            .await
            .unwrap()
            .into_inner();
        let ids: Vec<i64> = page.webhook_events.iter().map(|event| event.id).collect();
        assert_eq!(ids, [events.anns]);
    }
    for (webhook, recap_fetch) in [
        (Some(endpoints.bens), None),
        (None, Some(house.requests.bens)),
    ] {
        let list = ListWebhookEventsRequest {
            webhook,
            recap_fetch,
            ..ListWebhookEventsRequest::default()
        };
        let page = client
            .list_webhook_events(signed(list))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(page.webhook_events, [], "{webhook:?} {recap_fetch:?}");
    }
    house.untouched().await;
    // One's own are shown. What removes them comes last.
    for method in methods.iter().filter(|method| *method != "DeleteWebhook") {
        let own = call_webhooks(&mut client, method, endpoints.anns, events.anns).await;
        let code = own.map_or(Code::Ok, |status| status.code());
        let is_of_ids =
            !["CreateWebhook", "ListWebhooks", "ListWebhookEvents"].contains(&&**method);
        assert_eq!(
            code,
            if is_of_ids { Code::Ok } else { Code::NotFound },
            "{method}"
        );
    }
    let own = call_webhooks(&mut client, "DeleteWebhook", endpoints.anns, events.anns).await;
    assert!(own.is_none(), "{own:?}");
}
