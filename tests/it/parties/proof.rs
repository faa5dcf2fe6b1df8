//! Money and bank details ask for a proof that was shown lately.

use serde_json::json;

use crate::support::{Client, PASSWORD, World, payment};

/// Everybody's proof is an hour old.
async fn time_passes(world: &World) {
    world.as_owner("UPDATE refresh_tokens SET proven_at = proven_at - interval '1 hour'").await;
}

/// Tokens of a session whose proof is old: what a refresh brings.
async fn with_old_proof(world: &World, email: &str) -> (Client, String) {
    let log_in = json!({ "email": email, "password": PASSWORD });
    let session = world.stranger().post("/api/v1/sessions", &log_in).await.expect(201);
    time_passes(world).await;
    let refresh = json!({ "refresh_token": session["refresh_token"] });
    let next = world.stranger().post("/api/v1/sessions/refreshment", &refresh).await.expect(201);
    (world.stranger().with_token(next["access_token"].as_str().unwrap()), next["refresh_token"].as_str().unwrap().to_owned())
}

#[actix_web::test]
async fn a_bank_account_is_changed_by_whoever_has_just_shown_who_they_are() {
    let world = World::new().await;
    world.creditor(1).await;
    let (old, refresh) = with_old_proof(&world, &crate::support::parties::email("creditor", 1)).await;
    let account = json!({ "iban": "ES7921000813610123456789" });
    old.post("/api/v1/account-change", &account).await.problem(403, "proof-needed");
    old.post("/api/v1/sessions/proof", &json!({ "password": "wrong-horses-cross-the-bridge" })).await.problem(422, "invalid");
    world.stranger().post("/api/v1/sessions/proof", &json!({ "password": PASSWORD })).await.problem(401, "unauthenticated");
    old.post("/api/v1/account-change", &account).await.problem(403, "proof-needed");
    let proven = old.post("/api/v1/sessions/proof", &json!({ "password": PASSWORD })).await.expect(201);
    let fresh = world.stranger().with_token(proven["access_token"].as_str().unwrap());
    fresh.post("/api/v1/account-change", &account).await.expect(201);
    // The tokens to come say so too.
    let next = world.stranger().post("/api/v1/sessions/refreshment", &json!({ "refresh_token": refresh })).await.expect(201);
    let next = world.stranger().with_token(next["access_token"].as_str().unwrap());
    next.post("/api/v1/account-change/confirmation", &json!({ "code": "00000000" })).await.problem(422, "invalid");
    let key = next.post("/api/v1/api-keys", &json!({ "name": "ERP", "scopes": ["money"] })).await.expect(201);
    let machine = world.stranger().with_token(key["secret"].as_str().unwrap());
    machine.post("/api/v1/sessions/proof", &json!({ "password": PASSWORD })).await.problem(403, "forbidden");
    world.work().await;
    world.finish().await;
}

#[actix_web::test]
async fn a_large_payment_is_confirmed_with_a_fresh_proof_and_a_small_one_without() {
    let world = World::with(|settings| settings.platform.large_payment_minor = 50_000).await;
    let engaged = world.engaged(1_200).await;
    let path = |declared: &serde_json::Value| format!("/api/v1/payments/{}/confirmation", declared["id"].as_str().unwrap());
    let small =
        engaged.agency.post(&format!("{}/payments", engaged.path), &payment(20_000, "2026-11-06", "T-1")).await.expect(201);
    let large =
        engaged.agency.post(&format!("{}/payments", engaged.path), &payment(50_000, "2026-11-06", "T-2")).await.expect(201);
    let (old, _) = with_old_proof(&world, &crate::support::parties::email("creditor", 1)).await;
    old.post(&path(&small), &json!({})).await.expect(200);
    old.post(&path(&large), &json!({})).await.problem(403, "proof-needed");
    let proven = old.post("/api/v1/sessions/proof", &json!({ "password": PASSWORD })).await.expect(201);
    world.stranger().with_token(proven["access_token"].as_str().unwrap()).post(&path(&large), &json!({})).await.expect(200);
    world.work().await;
    world.finish().await;
}
