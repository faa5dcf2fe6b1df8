//! Log-in, renewal, theft and the end of a session.

use serde_json::{Value, json};

use super::people::{creditor, fresh_email, tokens};
use crate::support::{PASSWORD, World};

async fn renew(world: &World, tokens: &Value) -> crate::support::Answer {
    world.stranger().post("/api/v1/sessions/refreshment", &json!({ "refresh_token": tokens["refresh_token"] })).await
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_address_are_told_the_same() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let wrong = json!({ "email": creditor.email, "password": "something else" });
    let unknown = json!({ "email": fresh_email(), "password": PASSWORD });
    let mut told = Vec::new();
    for body in [wrong, unknown] {
        let answer = world.stranger().post("/api/v1/sessions", &body).await;
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        told.push(answer.problem(401, "unauthenticated")["detail"].clone());
    }
    assert_eq!(told[0], told[1]);
    world.finish().await;
}

#[actix_web::test]
async fn an_address_logs_in_in_whatever_case() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let body = json!({ "email": creditor.email.to_uppercase(), "password": PASSWORD });
    world.stranger().post("/api/v1/sessions", &body).await.expect(201);
    world.finish().await;
}

#[actix_web::test]
async fn the_eleventh_failure_has_to_wait() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let wrong = json!({ "email": creditor.email, "password": "something else" });
    for _ in 0..10 {
        world.stranger().post("/api/v1/sessions", &wrong).await.problem(401, "unauthenticated");
    }
    let right = json!({ "email": creditor.email, "password": PASSWORD });
    let answer = world.stranger().post("/api/v1/sessions", &right).await;
    let seconds: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&seconds), "{seconds}");
    answer.problem(429, "too-many-requests");
    world.finish().await;
}

#[actix_web::test]
async fn a_refresh_token_brings_the_next_pair() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let first = tokens(&world, &creditor).await;
    assert_eq!((&first["token_type"], &first["expires_in"]), (&json!("Bearer"), &json!(900)));
    let second = renew(&world, &first).await.expect(201);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let third = renew(&world, &second).await.expect(201);
    let client = world.stranger().with_token(third["access_token"].as_str().unwrap());
    client.get("/api/v1/me").await.expect(200);
    world.finish().await;
}

#[actix_web::test]
async fn a_refresh_token_used_twice_ends_its_session_and_no_other() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let (stolen, elsewhere) = (tokens(&world, &creditor).await, tokens(&world, &creditor).await);
    let thief = renew(&world, &stolen).await.expect(201);
    renew(&world, &stolen).await.problem(401, "unauthenticated");
    renew(&world, &thief).await.problem(401, "unauthenticated");
    renew(&world, &elsewhere).await.expect(201);
    world.finish().await;
}

#[actix_web::test]
async fn of_two_who_use_a_refresh_token_at_once_at_most_one_is_served() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let first = tokens(&world, &creditor).await;
    let (one, other) = futures_util::join!(renew(&world, &first), renew(&world, &first));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 401]);
    world.finish().await;
}

#[actix_web::test]
async fn a_made_up_refresh_token_is_refused() {
    let world = World::new().await;
    for token in ["", "nonsense", "nul\u{0}"] {
        renew(&world, &json!({ "refresh_token": token })).await.problem(401, "unauthenticated");
    }
    world.stranger().post("/api/v1/sessions/refreshment", &json!({})).await.problem(422, "invalid");
    world.finish().await;
}

#[actix_web::test]
async fn logging_out_ends_the_session_of_the_bearer() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let (here, elsewhere) = (tokens(&world, &creditor).await, tokens(&world, &creditor).await);
    let client = world.stranger().with_token(here["access_token"].as_str().unwrap());
    client.delete("/api/v1/sessions", None).await.expect(204);
    renew(&world, &here).await.problem(401, "unauthenticated");
    renew(&world, &elsewhere).await.expect(201);
    world.finish().await;
}

#[actix_web::test]
async fn a_session_survives_a_clock_that_is_moved_by_months() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let first = tokens(&world, &creditor).await;
    world.pass(chrono::TimeDelta::days(90)).await;
    creditor.client.get("/api/v1/me").await.expect(200);
    renew(&world, &first).await.expect(201);
    world.finish().await;
}

#[actix_web::test]
async fn a_lapsed_refresh_token_is_refused() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let first = tokens(&world, &creditor).await;
    world.as_owner("UPDATE refresh_tokens SET expires_at = now() - interval '1 second'").await;
    renew(&world, &first).await.problem(401, "unauthenticated");
    world.finish().await;
}

#[actix_web::test]
async fn the_suspended_and_the_disabled_are_let_in_no_more() {
    for change in ["UPDATE organisations SET suspended_at = now()", "UPDATE members SET disabled_at = now()"] {
        let world = World::new().await;
        let creditor = creditor(&world, 1).await;
        let first = tokens(&world, &creditor).await;
        world.as_owner(change).await;
        renew(&world, &first).await.problem(403, "forbidden");
        let right = json!({ "email": creditor.email, "password": PASSWORD });
        world.stranger().post("/api/v1/sessions", &right).await.problem(403, "forbidden");
        let wrong = json!({ "email": creditor.email, "password": "something else" });
        world.stranger().post("/api/v1/sessions", &wrong).await.problem(401, "unauthenticated");
        world.finish().await;
    }
}
