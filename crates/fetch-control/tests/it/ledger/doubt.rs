//! A doubt about money is said, whatever ends the request after it.

use fetch_model::{Failure, FetchId, FetchKind, PublicStatus, State};
use fetch_queue::{Ending, Replay};

use super::house::House;

fn blocked() -> Failure {
    Failure::BlockedByCourt {
        court: "cand".to_owned(),
    }
}

fn after(failure: Failure) -> Failure {
    Failure::MoneyInDoubt {
        after: Some(Box::new(failure)),
    }
}

async fn says(house: &House, id: FetchId, failure: &Failure) {
    let request = house.request(id).await;
    assert_eq!(request.state, State::Failed);
    assert_eq!(request.failure.as_ref(), Some(failure));
    // The sentence of the database is that of the failure.
    assert_eq!(request.message, failure.to_string());
    assert_eq!(request.public_status(), PublicStatus::Failed);
    let status: i16 = sqlx::query_scalar("select status from fetch_requests where id = $1")
        .bind(id.0)
        .fetch_one(&house.pool)
        .await
        .unwrap();
    assert_eq!(status, i16::from(PublicStatus::Failed));
}

#[tokio::test]
async fn a_doubt_is_not_hidden_by_how_a_worker_ends_the_request() {
    let Some(house) = House::new().await else {
        return;
    };
    let unread = Failure::DocketNotRecognised {
        reason: "The court's page is not one that we know; it was kept.".to_owned(),
    };
    let endings = [
        (blocked(), after(blocked())),
        (unread.clone(), after(unread)),
        // Of another public status by itself.
        (Failure::NoMenu, after(Failure::NoMenu)),
        (Failure::Internal, Failure::MONEY_IN_DOUBT),
        (Failure::MONEY_IN_DOUBT, Failure::MONEY_IN_DOUBT),
    ];
    for (failure, said) in endings {
        let (request, _) = house.in_doubt(FetchKind::Docket).await;
        house.end(&request, Ending::Failed(failure)).await;
        says(&house, request.id, &said).await;
        let life = house.store.queue.history(request.id).await.unwrap();
        assert_eq!(life.last().unwrap().2, said.to_string());
        let replay = house.store.replay(request.id).await.unwrap();
        assert_eq!(replay, Replay::InDoubt, "whatever the failure");
        let dead = house.store.queue.dead(None, 1).await.unwrap();
        assert!(dead[0].id == request.id && !dead[0].may_be_replayed());
    }
    // Without a doubt it is said as it is.
    let request = house.running(FetchKind::Docket).await;
    house.end(&request, Ending::Failed(blocked())).await;
    says(&house, request.id, &blocked()).await;
}

#[tokio::test]
async fn a_doubt_is_not_hidden_by_how_the_sweeper_ends_the_request() {
    let Some(house) = House::new().await else {
        return;
    };
    let silent = "attempts = 5, lease_until = now() - interval '1 minute'";
    let waiting = "state = 'waiting', snoozes = 500";
    for (kind, becomes, said) in [
        (
            FetchKind::Docket,
            silent.to_owned(),
            Failure::MONEY_IN_DOUBT,
        ),
        // It has its bytes, bought once more after the doubt.
        (
            FetchKind::Docket,
            format!("state = 'captured', {silent}"),
            Failure::MONEY_IN_DOUBT,
        ),
        (FetchKind::Docket, waiting.to_owned(), after(blocked())),
        // Its document has no file any more.
        (
            FetchKind::Pdf,
            "state = 'reading'".to_owned(),
            Failure::MONEY_IN_DOUBT,
        ),
    ] {
        let (request, _) = house.in_doubt(kind).await;
        let id = request.id;
        house
            .run(&format!(
                "update fetch_requests set {becomes} where id = {id}"
            ))
            .await;
        house.sweep().await;
        crate::readers(&house.store).requeue_unread().await.unwrap();
        says(&house, id, &said).await;
    }
}

#[tokio::test]
async fn a_success_after_a_doubt_says_so_whatever_was_fetched() {
    let Some(house) = House::new().await else {
        return;
    };
    let done = |message: &str| Ending::Done {
        docket: None,
        message: message.to_owned(),
    };
    for said in [
        Failure::SUCCESS,
        Failure::NOTHING,
        Failure::ALREADY_AVAILABLE,
    ] {
        let (request, _) = house.in_doubt(FetchKind::Attachments).await;
        house.end(&request, done(said)).await;
        let message = house.request(request.id).await.message;
        assert_eq!(
            message,
            format!(
                "{said} The answer to an earlier purchase was lost or not understood, so PACER may \
                 have charged for it."
            )
        );
    }
    let (request, _) = house.in_doubt(FetchKind::Docket).await;
    house.end(&request, done(Failure::DOUBTFUL)).await;
    assert_eq!(house.request(request.id).await.message, Failure::DOUBTFUL);
}

/// The purchase is lost in a transaction that is not committed when the request is being ended.
#[tokio::test]
async fn an_ending_cannot_overtake_a_doubt() {
    let Some(house) = House::new().await else {
        return;
    };
    let request = house.running(FetchKind::Docket).await;
    let mut hold = house.pool.begin().await.unwrap();
    // As an intent is written: the row of the request is held.
    sqlx::query(
        "insert into purchases (request_id, user_id, account_digest, court_id, item_key, fence,
                                state, quoted_cents)
         select id, user_id, account_digest, target_court, 'docket/cand/1/', fence, 'intent', 300
         from fetch_requests where id = $1 for share",
    )
    .bind(request.id.0)
    .execute(&mut *hold)
    .await
    .unwrap();
    let ((), ()) = tokio::join!(house.end(&request, Ending::Failed(blocked())), async {
        house.wait_for_blocked(1).await;
        hold.commit().await.unwrap();
    });
    says(&house, request.id, &after(blocked())).await;
}
