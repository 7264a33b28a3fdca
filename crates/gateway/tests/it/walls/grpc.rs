//! The same over gRPC.

use fetch_bus::wire::{
    self, CancelRequest, GetRequest, ListRequest, WatchRequest, fetch_client::FetchClient,
};
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::{Code, Request, Status, transport::Channel};

use super::{NOBODYS, door::House};

/// The methods of the service as it describes itself.
fn methods() -> Vec<String> {
    let described = FileDescriptorSet::decode(wire::FILE_DESCRIPTOR_SET).unwrap();
    let services = described.file.iter().flat_map(|file| &file.service);
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
            };
            client.get(signed(get)).await.err()
        }
        "Watch" => client.watch(signed(WatchRequest { id })).await.err(),
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

    let methods = methods();
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
