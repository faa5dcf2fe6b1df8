//! Who asks too often is told to wait, and everybody is told how much is left.

use crate::support::World;

const BURST: u32 = 5;

#[actix_web::test]
async fn who_proves_nothing_is_counted_by_address_and_told_to_wait() {
    let world = World::with(|settings| settings.limits.address_per_minute = BURST).await;
    let stranger = world.stranger();
    for asked in 1..=BURST {
        let answer = stranger.get("/api/v1/clock").await;
        assert_eq!(answer.header("ratelimit-policy"), "\"address\";q=5;w=60");
        assert!(answer.header("ratelimit").starts_with(&format!("\"address\";r={};t=", BURST - asked)), "{answer:?}");
        answer.expect(200);
    }
    let refused = stranger.get("/api/v1/clock").await;
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|wait| (1..=13).contains(&wait)), "{refused:?}");
    assert!(refused.header("ratelimit").starts_with("\"address\";r=0;t="));
    refused.problem(429, "too-many-requests");
    world.stranger().with_token("ent_made-up").get("/api/v1/me").await.problem(429, "too-many-requests");
    assert_eq!(stranger.get("/health/live").await.status, 200, "probes are not counted");
    world.finish().await;
}

#[actix_web::test]
async fn each_credential_is_counted_by_itself() {
    let world = World::with(|settings| settings.limits.credential_per_minute = BURST).await;
    let (one, other) = (world.creditor(1).await, world.creditor(2).await);
    for _ in 0..BURST {
        one.get("/api/v1/me").await.expect(200);
    }
    one.get("/api/v1/me").await.problem(429, "too-many-requests");
    assert!(other.get("/api/v1/me").await.header("ratelimit").starts_with("\"credential\";r=4;t="));
    world.finish().await;
}

#[actix_web::test]
async fn behind_a_proxy_the_address_is_what_the_proxy_says() {
    let world = World::with(|settings| {
        settings.limits.address_per_minute = 1;
        settings.limits.behind_proxy = true;
    })
    .await;
    for (said, status) in [("10.0.0.1", 200), ("10.0.0.2, 10.0.0.1", 429), ("10.0.0.1, 10.0.0.2", 200)] {
        assert_eq!(world.stranger().get_with("/api/v1/clock", &[("X-Forwarded-For", said)]).await.status, status, "{said}");
    }
    world.finish().await;
}
