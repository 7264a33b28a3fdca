//! The service describes itself, in the version that most tools speak as well.

use futures_util::stream;
use tonic_reflection::pb::{v1, v1alpha};

use crate::walls::door::House;

#[tokio::test]
async fn both_versions_of_reflection_tell_all_services() {
    let Some(house) = House::build().await else {
        return;
    };
    let channel = house.channel().await;
    let mut old = v1alpha::server_reflection_client::ServerReflectionClient::new(channel.clone());
    let ask = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(
            v1alpha::server_reflection_request::MessageRequest::ListServices(String::new()),
        ),
    };
    let told = old.server_reflection_info(stream::iter([ask])).await;
    let told = told.unwrap().into_inner().message().await.unwrap().unwrap();
    let Some(v1alpha::server_reflection_response::MessageResponse::ListServicesResponse(list)) =
        told.message_response
    else {
        panic!("{told:?}");
    };
    let of_old: Vec<String> = list.service.into_iter().map(|told| told.name).collect();

    let mut new = v1::server_reflection_client::ServerReflectionClient::new(channel);
    let ask = v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(v1::server_reflection_request::MessageRequest::ListServices(
            String::new(),
        )),
    };
    let told = new.server_reflection_info(stream::iter([ask])).await;
    let told = told.unwrap().into_inner().message().await.unwrap().unwrap();
    let Some(v1::server_reflection_response::MessageResponse::ListServicesResponse(list)) =
        told.message_response
    else {
        panic!("{told:?}");
    };
    let of_new: Vec<String> = list.service.into_iter().map(|told| told.name).collect();
    for services in [of_old, of_new] {
        for wanted in [
            "pacer_fetch.v1.Fetch",
            "pacer_fetch.v1.Webhooks",
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
        ] {
            let is_told = services.iter().any(|service| service == wanted);
            assert!(is_told, "{wanted} is not in {services:?}");
        }
    }
}
