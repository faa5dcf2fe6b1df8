//! What roles and API keys may do, and what nobody may.

use serde_json::{Value, json};

use super::people::{Party, agency, colleague, creditor, fresh_email};
use crate::support::{PASSWORD, World};

async fn key(party: &Party, scopes: Value) -> Value {
    party.client.post("/api/v1/api-keys", &json!({ "name": "ERP", "scopes": scopes })).await.expect(201)
}

#[actix_web::test]
async fn without_a_token_of_ours_everything_is_401() {
    let world = World::new().await;
    world.operator().await;
    let paths =
        ["/api/v1/me", "/api/v1/members", "/api/v1/api-keys", "/api/v1/agency/credentials", "/api/v1/operator/credentials"];
    for token in [None, Some("nonsense"), Some("ent_nonsense"), Some("eyJhbGciOiJub25lIn0.e30."), Some("")] {
        let client = token.map_or_else(|| world.stranger(), |token| world.stranger().with_token(token));
        for path in paths {
            let answer = client.get(path).await;
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{path} {token:?}");
            answer.problem(401, "unauthenticated");
        }
        client.delete("/api/v1/sessions", None).await.problem(401, "unauthenticated");
    }
    world.finish().await;
}

#[actix_web::test]
async fn each_audience_has_its_own_doors() {
    let world = World::new().await;
    let (creditor, agency, operator) = (creditor(&world, 1).await, agency(&world, 2).await, world.operator().await);
    creditor.client.get("/api/v1/agency/credentials").await.problem(403, "forbidden");
    operator.get("/api/v1/agency/credentials").await.problem(403, "forbidden");
    creditor.client.get("/api/v1/operator/credentials").await.problem(403, "forbidden");
    agency.client.get("/api/v1/operator/credentials").await.problem(403, "forbidden");
    agency.client.get("/api/v1/agency/credentials").await.expect(200);
    operator.get("/api/v1/operator/credentials").await.expect(200);
    world.finish().await;
}

#[actix_web::test]
async fn only_administrators_administer() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    for role in ["credit_manager", "accountant", "sales"] {
        let client = colleague(&world, &creditor, role).await;
        for path in ["/api/v1/members", "/api/v1/api-keys"] {
            let problem = client.get(path).await.problem(403, "forbidden");
            assert!(problem["detail"].as_str().unwrap().contains("`administer`"), "{problem}");
            client.post(path, &json!({})).await.problem(422, "invalid");
        }
        let body = json!({ "name": "mine", "scopes": ["read"] });
        client.post("/api/v1/api-keys", &body).await.problem(403, "forbidden");
        assert_eq!(client.get("/api/v1/me").await.expect(200)["member"]["role"], role);
    }
    let agency = agency(&world, 2).await;
    let agent = colleague(&world, &agency, "agent").await;
    agent.get("/api/v1/agency/credentials").await.expect(200);
    let paper = json!({ "kind": "licence", "country": "ES", "issuer": "R", "reference": "1", "valid_from": "2026-01-01", "valid_until": "2027-01-01" });
    agent.post("/api/v1/agency/credentials", &paper).await.problem(403, "forbidden");
    world.finish().await;
}

#[actix_web::test]
async fn members_are_taken_in_once_with_a_role_that_exists_there() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let body = json!({ "full_name": "Bea Soler", "email": fresh_email(), "role": "agent", "password": PASSWORD });
    let problem = creditor.client.post("/api/v1/members", &body).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/role");
    let weak = json!({ "full_name": "Bea Soler", "email": fresh_email(), "role": "sales", "password": "beasoler" });
    let problem = creditor.client.post("/api/v1/members", &weak).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/password");
    let other = agency(&world, 2).await;
    let taken = json!({ "full_name": "Bea Soler", "email": other.email, "role": "sales", "password": PASSWORD });
    let problem = creditor.client.post("/api/v1/members", &taken).await.problem(409, "conflict");
    assert_eq!(problem["errors"][0]["pointer"], "/email");
    world.finish().await;
}

#[actix_web::test]
async fn a_repeated_request_takes_one_person_in_and_answers_the_same() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let mut body = json!({ "full_name": "Bea Soler", "email": fresh_email(), "role": "sales", "password": PASSWORD });
    let first = creditor.client.post_once("/api/v1/members", "m-1", &body).await.expect(201);
    let again = creditor.client.post_once("/api/v1/members", "m-1", &body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(201), first);
    body["full_name"] = json!("Eva Soler");
    creditor.client.post_once("/api/v1/members", "m-1", &body).await.problem(422, "idempotency-key-reused");
    let members = creditor.client.get("/api/v1/members").await.expect(200);
    assert_eq!(members["data"].as_array().unwrap().len(), 2);
    world.finish().await;
}

#[actix_web::test]
async fn members_are_listed_page_by_page_and_those_of_others_never() {
    let world = World::new().await;
    let (creditor, rival) = (creditor(&world, 1).await, creditor(&world, 2).await);
    for _ in 0..2 {
        colleague(&world, &creditor, "sales").await;
    }
    let first = creditor.client.get("/api/v1/members?limit=2").await.expect(200);
    let rest = creditor
        .client
        .get(&format!("/api/v1/members?limit=2&cursor={}", first["next_cursor"].as_str().unwrap()))
        .await
        .expect(200);
    assert_eq!((first["data"].as_array().unwrap().len(), rest["data"].as_array().unwrap().len()), (2, 1));
    assert_eq!(rest["next_cursor"], Value::Null);
    assert_eq!(rest["data"][0]["email"], creditor.email.as_str());
    assert_eq!(rival.client.get("/api/v1/members").await.expect(200)["data"].as_array().unwrap().len(), 1);
    for query in ["limit=0", "limit=x", "cursor=nonsense"] {
        creditor.client.get(&format!("/api/v1/members?{query}")).await.problem(400, "malformed-request");
    }
    world.finish().await;
}

#[actix_web::test]
async fn an_api_key_acts_within_its_scopes_until_it_is_revoked() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let issued = key(&creditor, json!(["read", "money"])).await;
    let secret = issued["secret"].as_str().unwrap();
    assert!(secret.starts_with("ent_") && secret.ends_with(issued["hint"].as_str().unwrap()));
    let machine = world.stranger().with_token(secret);
    let me = machine.get("/api/v1/me").await.expect(200);
    assert_eq!((&me["name"], &me["member"], &me["permissions"]), (&json!("ERP"), &Value::Null, &json!(["read", "money"])));
    machine.get("/api/v1/members").await.problem(403, "forbidden");
    machine.delete("/api/v1/sessions", None).await.problem(403, "forbidden");
    let path = format!("/api/v1/api-keys/{}", issued["id"].as_str().unwrap());
    creditor.client.delete(&path, None).await.expect(204);
    machine.get("/api/v1/me").await.problem(401, "unauthenticated");
    creditor.client.delete(&path, None).await.expect(204);
    let listed = creditor.client.get("/api/v1/api-keys").await.expect(200);
    assert!(listed["data"][0]["revoked_at"].is_string() && listed["data"][0].get("secret").is_none(), "{listed}");
    world.finish().await;
}

#[actix_web::test]
async fn an_api_key_of_a_suspended_organisation_opens_nothing() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let issued = key(&creditor, json!(["read"])).await;
    world.as_owner("UPDATE organisations SET suspended_at = now()").await;
    world.stranger().with_token(issued["secret"].as_str().unwrap()).get("/api/v1/me").await.problem(401, "unauthenticated");
    world.finish().await;
}

#[actix_web::test]
async fn a_key_cannot_carry_what_takes_a_person() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    for (scopes, pointer) in [
        (json!(["read", "administer"]), "/scopes/1"),
        (json!(["offer"]), "/scopes/0"),
        (json!([]), "/scopes"),
        (json!(["fly"]), "/scopes/0"),
    ] {
        let problem =
            creditor.client.post("/api/v1/api-keys", &json!({ "name": "ERP", "scopes": scopes })).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    world.finish().await;
}

#[actix_web::test]
async fn the_secret_of_a_key_is_told_once_and_kept_nowhere() {
    let world = World::new().await;
    let creditor = creditor(&world, 1).await;
    let body = json!({ "name": "ERP", "scopes": ["read"] });
    let first = creditor.client.post_once("/api/v1/api-keys", "k-1", &body).await.expect(201);
    let again = creditor.client.post_once("/api/v1/api-keys", "k-1", &body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    let again = again.expect(201);
    assert_eq!((&again["id"], &again["secret"]), (&first["id"], &Value::Null));
    assert_eq!(creditor.client.get("/api/v1/api-keys").await.expect(200)["data"].as_array().unwrap().len(), 1);
    let kept =
        "SELECT (SELECT string_agg(body::text, ' ') FROM idempotency_keys) || (SELECT string_agg(k::text, ' ') FROM api_keys k)";
    let secret = first["secret"].as_str().unwrap();
    world.as_owner(&format!("DO $$ BEGIN ASSERT position('{secret}' IN ({kept})) = 0; END $$")).await;
    world.finish().await;
}

#[actix_web::test]
async fn keys_of_others_are_not_there() {
    let world = World::new().await;
    let (creditor, rival) = (creditor(&world, 1).await, creditor(&world, 2).await);
    let issued = key(&creditor, json!(["read"])).await;
    let path = format!("/api/v1/api-keys/{}", issued["id"].as_str().unwrap());
    rival.client.delete(&path, None).await.problem(404, "not-found");
    rival.client.delete("/api/v1/api-keys/key_00000000000000000000000000000000", None).await.problem(404, "not-found");
    rival.client.delete(&format!("/api/v1/api-keys/{}", rival.id), None).await.problem(404, "not-found");
    assert_eq!(rival.client.get("/api/v1/api-keys").await.expect(200)["data"], json!([]));
    world.stranger().with_token(issued["secret"].as_str().unwrap()).get("/api/v1/me").await.expect(200);
    world.finish().await;
}
