//! What a request says beyond the contract, over gRPC: by itself, in lists, watched and with events.

use fetch_bus::wire::{
    GetRequest, ListRequest, RequestGroups, WatchAllRequest, WatchRequest,
    fetch_client::FetchClient,
};
use gateway::dialect::auth;
use tonic::{Code, transport::Channel};

use super::details::{signed, violations};
use crate::walls::door::House;

const ALL: &str = "money,life,queue,changes,plan";

/// What is told of ann's request by every method that tells of one, if this is sent.
async fn told(
    client: &mut FetchClient<Channel>,
    id: i64,
    expand: Option<&str>,
) -> [Option<RequestGroups>; 4] {
    let expand = expand.map(str::to_owned);
    let get = GetRequest {
        id,
        expand: expand.clone(),
        ..GetRequest::default()
    };
    let got = client.get(signed(get)).await.unwrap().into_inner();
    let list = ListRequest {
        expand: expand.clone(),
        ..ListRequest::default()
    };
    let list = client.list(signed(list)).await.unwrap().into_inner();
    let watch = WatchRequest {
        id,
        expand: expand.clone(),
    };
    let mut rows = client.watch(signed(watch)).await.unwrap().into_inner();
    let row = rows.message().await.unwrap().unwrap();
    let watch = WatchAllRequest {
        after: Some(0),
        expand,
    };
    let mut events = client.watch_all(signed(watch)).await.unwrap().into_inner();
    let event = events.message().await.unwrap().unwrap();
    assert_eq!(event.id, id);
    let [listed] = &list.requests[..] else {
        panic!("{list:?}");
    };
    [got.groups, listed.groups.clone(), row.groups, event.groups]
}

#[tokio::test]
async fn groups_are_told_by_whatever_tells_of_a_request() {
    let Some(house) = House::build().await else {
        return;
    };
    let id = house.requests.anns;
    house
        .execute(&format!(
            "update fetch_requests set message = 'It goes on.', reserved_cents = 600, max_cost_cents = 900
             where id = {id};
             insert into request_changes (request_id, entries_new) values ({id}, 7);
             insert into fetch_steps (request_id, fence, step, detail) values ({id}, 1, 'claimed', 'a machine of ours')"
        ))
        .await;
    let mut client = FetchClient::new(house.channel().await);
    for groups in told(&mut client, id, Some(ALL)).await {
        let groups = groups.expect("they are told");
        let money = groups.money.unwrap();
        assert_eq!(
            (money.reserved_cents, money.max_cost_cents),
            (600, Some(900))
        );
        let life = groups.life.unwrap();
        assert_eq!(life.state, "running");
        let step = life.steps.last().unwrap();
        assert_eq!(
            (&*step.step, &*step.detail),
            ("claimed", ""),
            "which machine is nobody's business"
        );
        assert_eq!(groups.changes.unwrap().entries_new, 7);
        assert_eq!((groups.queue, groups.plan), (None, None));
    }
    for groups in told(&mut client, id, Some("life")).await {
        let groups = groups.expect("they are told");
        assert!(groups.life.is_some() && groups.money.is_none());
    }
    for groups in told(&mut client, id, None).await {
        assert_eq!(groups, None, "nobody asks");
    }
    // A token may ask by itself, and a call has the last word.
    house
        .execute(
            "update api_tokens set expand = 'money' where user_id = (select id from users where name = 'ann')",
        )
        .await;
    let token = auth::hash("token-of-ann");
    house.api.guard.tokens.forget(&token).await;
    for groups in told(&mut client, id, None).await {
        assert!(groups.expect("the token asks").money.is_some());
    }
    for groups in told(&mut client, id, Some("")).await {
        assert_eq!(groups, None);
    }
    let unknown = WatchAllRequest {
        expand: Some("monney".to_owned()),
        after: None,
    };
    let refused = client.watch_all(signed(unknown)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(violations(&refused)[0].0, "expand");
    // What was here before groups is told as before.
    let get = GetRequest {
        id,
        steps: true,
        queue: true,
        expand: Some(String::new()),
    };
    let got = client.get(signed(get)).await.unwrap().into_inner();
    assert!(!got.steps.is_empty());
    assert_eq!((got.queue, got.groups), (None, None));
}
