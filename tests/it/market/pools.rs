//! Pools: small claims of several creditors on one debtor, one offer, one agency.

use serde_json::{Value, json};

use super::{offer, text};
use crate::support::{Client, World};

/// Three creditors, two of them with a small claim on the same customer, and two agencies.
struct Pool {
    world: World,
    creditors: [Client; 2],
    stranger: Client,
    agency: Client,
    rival: Client,
    cases: [String; 2],
}

/// A case of `minor` cents against Bodegas Ruiz.
async fn claim_on_ruiz(creditor: &Client, minor: i64) -> String {
    let receivable = json!({
        "debtor": { "legal_name": "Bodegas Ruiz SA", "tax_number": "A46353538", "kind": "business", "country": "ES", "email": "pagos@ruiz.example" },
        "number": "F-1", "issued_on": "2026-08-31", "due_on": "2026-09-30", "principal": { "minor": minor, "currency": "EUR" },
    });
    text(&creditor.post("/api/v1/cases", &json!({ "receivables": [receivable], "start": false })).await.expect(201)["id"])
}

fn pooling(case: &str) -> String {
    format!("/api/v1/cases/{case}/pooling")
}

impl Pool {
    async fn new() -> Self {
        let world = World::new().await;
        let creditors = [world.creditor(1).await, world.creditor(3).await];
        let (operator, stranger) = (world.operator().await, world.creditor(5).await);
        let (agency, rival) = (world.agency(11, &operator).await, world.agency(12, &operator).await);
        let cases = [claim_on_ruiz(&creditors[0], 30_000).await, claim_on_ruiz(&creditors[1], 20_000).await];
        Self { world, creditors, stranger, agency, rival, cases }
    }

    async fn join(&self, which: usize) -> Value {
        self.creditors[which].post(&pooling(&self.cases[which]), &json!({})).await.expect(201)
    }

    async fn reach(&self, instant: &Value) {
        let instant: chrono::DateTime<chrono::Utc> = instant.as_str().unwrap().parse().unwrap();
        self.world.pass(instant - self.world.now()).await;
    }

    async fn on_market(&self) -> Vec<Value> {
        self.agency.get("/api/v1/listings").await.expect(200)["data"].as_array().unwrap().clone()
    }

    async fn case(&self, which: usize) -> Value {
        self.creditors[which].get(&format!("/api/v1/cases/{}", self.cases[which])).await.expect(200)
    }
}

#[actix_web::test]
async fn small_claims_of_two_creditors_on_one_debtor_are_offered_on_and_awarded_together() {
    let pool = Pool::new().await;
    let (first, second) = (pool.join(0).await, pool.join(1).await);
    assert_eq!(first["opens_at"], "2026-11-09T07:00:00Z");
    assert_eq!(first["opens_at"], second["opens_at"], "nobody reads in the day whether there are others");
    assert_eq!(pool.join(0).await, first, "done before");
    assert!(pool.on_market().await.is_empty());

    pool.reach(&first["opens_at"]).await;
    let cards = pool.on_market().await;
    assert_eq!(cards.len(), 2);
    assert!(
        cards
            .iter()
            .all(|card| card["pooled"] == true && card["lot_id"] == cards[0]["lot_id"] && card["award_rule"] == "best_ranked")
    );
    let lot = format!("/api/v1/lots/{}", text(&cards[0]["lot_id"]));
    assert_eq!(pool.agency.get(&lot).await.expect(200)["data"].as_array().unwrap().len(), 2);
    let own = pool.creditors[1].get(&lot).await.expect(200);
    assert_eq!(own["data"].as_array().unwrap().len(), 1, "a creditor reads its own card alone");
    assert_eq!(own["data"][0]["case_id"], pool.cases[1]);
    let consent = pool.creditors[0].get(&pooling(&pool.cases[0])).await.expect(200);
    assert_eq!((&consent["opens_at"], &consent["consented_at"]), (&Value::Null, &Value::Null), "it has had its effect");

    offer(&pool.agency, &format!("/api/v1/listings/{}", text(&cards[0]["id"])), 1_200).await;
    offer(&pool.rival, &format!("/api/v1/listings/{}", text(&cards[1]["id"])), 1_500).await;
    pool.reach(&cards[0]["offers_until"]).await;
    for which in [0, 1] {
        assert_eq!(pool.case(which).await["phase"], "awarded");
        let opened = pool.creditors[which].get(&format!("/api/v1/cases/{}/offers", pool.cases[which])).await.expect(200);
        assert_eq!(opened["data"].as_array().unwrap().len(), 2, "each creditor reads all offers");
        let mandates = pool.creditors[which].get("/api/v1/mandates").await.expect(200);
        let own: Vec<&Value> = mandates["data"].as_array().unwrap().iter().map(|mandate| &mandate["case_id"]).collect();
        assert_eq!(own, [&json!(pool.cases[which])]);
    }
    assert_eq!(pool.agency.get("/api/v1/mandates").await.expect(200)["data"].as_array().unwrap().len(), 2);
    pool.world.finish().await;
}

#[actix_web::test]
async fn a_claim_that_is_alone_on_the_day_goes_on_the_market_alone() {
    let pool = Pool::new().await;
    let opens_at = pool.join(0).await["opens_at"].clone();
    pool.join(1).await;
    pool.creditors[1].delete(&pooling(&pool.cases[1]), None).await.expect(204);
    pool.creditors[1].delete(&pooling(&pool.cases[1]), None).await.expect(204);
    pool.reach(&opens_at).await;
    let cards = pool.on_market().await;
    assert_eq!((cards.len(), &cards[0]["pooled"], &cards[0]["lot_id"]), (1, &json!(false), &Value::Null));
    assert_eq!(pool.case(1).await["phase"], "draft");
    let timeline = pool.creditors[1].get(&format!("/api/v1/cases/{}/events", pool.cases[1])).await.expect(200);
    let kinds: Vec<&str> = timeline["data"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| kind.starts_with("pool_")).collect::<Vec<_>>(), [&"pool_joined", &"pool_left"]);
    pool.world.finish().await;
}

#[actix_web::test]
async fn what_is_closed_meanwhile_stays_out() {
    let pool = Pool::new().await;
    let opens_at = pool.join(0).await["opens_at"].clone();
    pool.join(1).await;
    let closing = json!({ "outcome": "withdrawn", "reason": "peace" });
    pool.creditors[0].post(&format!("/api/v1/cases/{}/closure", pool.cases[0]), &closing).await.expect(200);
    pool.reach(&opens_at).await;
    assert_eq!(pool.on_market().await.len(), 1);
    assert_eq!(pool.case(0).await["phase"], "closed");
    pool.world.finish().await;
}

#[actix_web::test]
async fn only_the_creditor_consents_and_only_to_small_claims() {
    let pool = Pool::new().await;
    let path = pooling(&pool.cases[0]);
    for method in ["post", "get", "delete"] {
        let ask = async |client: &Client| match method {
            "post" => client.post(&path, &json!({})).await,
            "get" => client.get(&path).await,
            _ => client.delete(&path, None).await,
        };
        ask(&pool.world.stranger()).await.problem(401, "unauthenticated");
        ask(&pool.agency).await.problem(403, "forbidden");
        ask(&pool.creditors[1]).await.problem(404, "not-found");
    }
    let large = claim_on_ruiz(&pool.stranger, 50_001).await;
    let refused = pool.stranger.post(&pooling(&large), &json!({})).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/case_id");
    assert!(text(&refused["detail"]).contains("500"), "{refused}");
    pool.stranger.post(&format!("/api/v1/cases/{large}/listing"), &json!({ "award_rule": "by_hand" })).await.expect(201);
    pool.stranger.post(&pooling(&large), &json!({})).await.problem(409, "wrong-state");
    pool.world.finish().await;
}
